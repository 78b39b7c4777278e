package cli

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"gatehouse/plugins/apikey/apikeyapi"
)

// keyCommands administer API keys through the service of their plugin.
type keyCommands struct {
	List    keyList    `cmd:"" help:"List API keys, the newest first."`
	Create  keyCreate  `cmd:"" help:"Make an API key and print it, once."`
	Disable keyDisable `cmd:"" help:"Stop an API key at once."`
	Enable  keyEnable  `cmd:"" help:"Let an API key work again."`
	Delete  keyDelete  `cmd:"" help:"Delete an API key."`
}

// owner are the flags that name the owner of keys.
type owner struct {
	User           string `xor:"owner" help:"Address or id of a person."`
	Organization   string `xor:"owner" help:"Short name or id of an organization."`
	ServiceAccount string `xor:"owner" help:"Id of a service account."`
}

func (o owner) is() apikeyapi.Owner { return apikeyapi.Owner(o) }

// called is the owner as it was typed.
func (o owner) called() string { return cmp.Or(o.User, o.Organization, o.ServiceAccount) }

// key is the argument that names a key.
type key struct {
	Key string `arg:"" help:"Id of the key."`
}

// shownKey is a key as commands print them.
type shownKey struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Start        string     `json:"start"`
	Kind         string     `json:"kind"`
	OwnerKind    string     `json:"ownerKind"`
	OwnerID      string     `json:"ownerId"`
	OwnerName    string     `json:"ownerName"`
	Organization string     `json:"organizationId,omitempty"`
	State        string     `json:"state"`
	Permissions  []string   `json:"permissions"`
	CreatedAt    time.Time  `json:"createdAt"`
	ExpiresAt    *time.Time `json:"expiresAt"`
	LastUsedAt   *time.Time `json:"lastUsedAt"`
	Secret       string     `json:"key,omitempty"` // of a new one
}

func shownKeyOf(k apikeyapi.Key) shownKey {
	return shownKey{k.ID, k.Name, k.Start, k.Kind, k.OwnerKind, k.OwnerID, k.OwnerName, k.OrganizationID, k.State, append([]string{}, k.Permissions...), k.CreatedAt, k.ExpiresAt, k.LastUsedAt, ""}
}

type keyList struct {
	list   `embed:""`
	much   `embed:""`
	owner  `embed:""`
	Search string `arg:"" optional:"" help:"Part of a name, or the beginning of a key."`
}

// Run lists keys.
func (k *keyList) Run(ctx context.Context, a *app) error {
	if err := k.check(); err != nil {
		return err
	}
	return offered(ctx, a, pluginKeys, k.called(), func(ctx context.Context, s apikeyapi.Administration) error {
		found, err := s.ListKeys(ctx, k.Search, k.is(), k.Limit)
		if err != nil {
			return err
		}
		shown := make([]shownKey, len(found))
		for i, one := range found {
			shown[i] = shownKeyOf(one)
		}
		if k.JSON {
			return a.printJSON(shown)
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tSTART\tOWNER\tSTATE\tLAST USED\tENDS")
		for _, one := range shown {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s %s\t%s\t%s\t%s\n", one.ID, oneLine(one.Name), oneLine(one.Start), one.OwnerKind, oneLine(cmp.Or(one.OwnerName, one.OwnerID)), one.State,
				moment(one.LastUsedAt, "never"), moment(one.ExpiresAt, "never"))
		}
		return w.Flush()
	})
}

type keyCreate struct {
	list       `embed:""`
	owner      `embed:""`
	Name       string   `arg:"" optional:"" help:"Name of the key."`
	Kind       string   `help:"Kind of key, an entry of api_key.configurations; the first one for such owners when not given."`
	Permission []string `help:"What it may do, as resource:action, joined by commas. Not given: what its kind says, for a service account all that it may."`
	For        string   `help:"How long it works, such as 90d; as its kind says when not given."`
}

// Run makes a key. The secret stands alone on standard output, what belongs to it on
// standard error.
func (k *keyCreate) Run(ctx context.Context, a *app) error {
	if k.called() == "" {
		return wrongUse("say whose key it is: --user, --organization or --service-account")
	}
	life, err := lifetime("--for", k.For)
	if err != nil {
		return err
	}
	return offered(ctx, a, pluginKeys, k.called(), func(ctx context.Context, s apikeyapi.Administration) error {
		secret, made, err := s.CreateKey(ctx, apikeyapi.NewKey{Owner: k.is(), Kind: k.Kind, Name: k.Name, Permissions: k.Permission, Life: life})
		if err != nil {
			return err
		}
		if k.JSON {
			shown := shownKeyOf(made)
			shown.Secret = secret
			return a.printJSON(shown)
		}
		fmt.Fprintf(a.Stderr, "%s for %s, ends: %s. The key is shown only now:\n", made.ID, oneLine(made.OwnerName), moment(made.ExpiresAt, "never"))
		fmt.Fprintln(a.Stdout, secret)
		return nil
	})
}

type keyDisable struct {
	key `embed:""`
}

// Run stops a key.
func (k *keyDisable) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginKeys, k.Key, func(ctx context.Context, s apikeyapi.Administration) error { return s.SetKeyEnabled(ctx, k.Key, false) })
}

type keyEnable struct {
	key `embed:""`
}

// Run lets a key work again.
func (k *keyEnable) Run(ctx context.Context, a *app) error {
	return offered(ctx, a, pluginKeys, k.Key, func(ctx context.Context, s apikeyapi.Administration) error { return s.SetKeyEnabled(ctx, k.Key, true) })
}

type keyDelete struct {
	consent `embed:""`
	key     `embed:""`
}

// Run deletes a key.
func (k *keyDelete) Run(ctx context.Context, a *app) error {
	if err := k.given(a, fmt.Sprintf("Delete the key %s? Whatever uses it stops working at once.", k.Key)); err != nil {
		return err
	}
	return offered(ctx, a, pluginKeys, k.Key, func(ctx context.Context, s apikeyapi.Administration) error { return s.DeleteKey(ctx, k.Key) })
}
