// Package organizationapi is what the organization plugin offers to other parts of the
// server.
package organizationapi

// Hooks take part in what happens to organizations.
type Hooks struct{}
