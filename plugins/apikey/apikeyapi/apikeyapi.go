// Package apikeyapi is what the plugin of API keys offers to other parts of the server,
// found with plugins.Offer.
package apikeyapi

import "context"

// AccountsPage is where the service accounts of an organization are, below its page.
const AccountsPage = "/service-accounts"

// Accounts tells of the service accounts that belong to an organization beside people.
type Accounts interface {
	// AccountsIn counts the service accounts of an organization; ok is false when the
	// principal of the context may not see them.
	AccountsIn(ctx context.Context, org string) (n int, ok bool, err error)
	// AccountsWith counts those that have a role there; ok as above.
	AccountsWith(ctx context.Context, org, role string) (n int, ok bool, err error)
}
