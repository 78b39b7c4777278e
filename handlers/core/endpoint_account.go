package core

import (
	"context"
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

type accountBody struct {
	AccountID string `json:"accountId"`
}

// byID and byCookie are the two ways to name an account (better-auth core 4.6).
type byID struct {
	_         struct{} `schema:"strict"`
	AccountID string   `json:"accountId"`
	UserID    *string  `json:"userId"`
}

type byCookie struct {
	_                struct{} `schema:"strict"`
	UseAccountCookie bool     `json:"useAccountCookie" schema:"literal=true"`
	UserID           *string  `json:"userId"`
}

type selector struct {
	schema.Union
	ByID     *byID
	ByCookie *byCookie
}

// byCookieQuery is byCookie in a query, where everything is text.
type byCookieQuery struct {
	_                struct{} `schema:"strict"`
	UseAccountCookie string   `json:"useAccountCookie" schema:"literal=true"`
	UserID           *string  `json:"userId"`
}

type querySelector struct {
	schema.Union
	ByID     *byID
	ByCookie *byCookieQuery
}

var errAccessToken = auth.E(http.StatusBadRequest, "FAILED_TO_GET_ACCESS_TOKEN", "Failed to get a valid access token")

func (w wire) accountEndpoints() []plugins.Endpoint {
	inside := plugins.Access{Who: plugins.Inside, FromStore: true}
	return []plugins.Endpoint{
		{Method: http.MethodGet, Path: "/list-accounts", Name: "listUserAccounts", Summary: "The person's password and linked accounts",
			Access: plugins.Access{Who: plugins.SignedIn}, Handle: w.listAccounts},
		{Method: http.MethodPost, Path: "/unlink-account", Summary: "Remove a linked account", Access: managingFresh,
			Body: schema.Of[accountBody](), Handle: w.unlink, Errors: []*auth.Error{auth.ErrUnlinkLastAccount, auth.ErrAccountNotFound, auth.ErrSessionNotFresh}},
		{Method: http.MethodPost, Path: "/get-access-token", Summary: "A provider's access token", Access: inside,
			Body: schema.Of[selector](), Handle: w.accessToken, Errors: []*auth.Error{auth.ErrAccountNotFound, errAccessToken}},
		{Method: http.MethodPost, Path: "/refresh-token", Summary: "Refresh a provider's tokens", Access: inside,
			Body: schema.Of[selector](), Handle: w.refreshToken, Errors: []*auth.Error{auth.ErrAccountNotFound}},
		{Method: http.MethodGet, Path: "/account-info", Summary: "The person as a provider describes them", Access: inside,
			Query: schema.Of[querySelector](), Handle: w.accountInfo, Errors: []*auth.Error{auth.ErrAccountNotFound, errAccessToken}},
	}
}

func (w wire) listAccounts(c *plugins.Call) (any, error) {
	if err := maySee(c); err != nil {
		return nil, err
	}
	rows, err := w.svc.ListAccounts(c.Context(), c.Current.User.ID)
	if err != nil {
		return nil, err
	}
	list := make([]ent.WireObject, len(rows))
	for i, row := range rows {
		list[i] = w.h.Fields.Wire("account", row.Wire(w.h.On), nil).Add("scopes", scopesOf(row.Scope))
	}
	return list, nil
}

// scopesOf splits the stored list of a provider's scopes; none is an empty list.
func scopesOf(stored *string) []string {
	list := []string{}
	for part := range strings.SplitSeq(or(stored, ""), ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (w wire) unlink(c *plugins.Call) (any, error) {
	return did(w.svc.Unlink(c.Context(), c.Current, plugins.BodyOf[accountBody](c).AccountID))
}

// ownAccount finds the account that a selector names and the plugin that knows its
// provider; unknown is the answer when there is none. The account cookie is not kept,
// so no account can be named by it.
func (w wire) ownAccount(c *plugins.Call, id *byID, unknown func(provider string) error) (*ent.Account, plugins.Providers, error) {
	if c.Current == nil {
		return nil, nil, auth.Empty(http.StatusUnauthorized)
	}
	if err := mayManage(c); err != nil {
		return nil, nil, err
	}
	if id == nil {
		return nil, nil, auth.ErrAccountNotFound
	}
	row, err := w.svc.owned(c.Context(), c.Current.User.ID, id.AccountID)
	if err != nil {
		return nil, nil, err
	}
	providers, ok := plugins.Offer[plugins.Providers](w.h)
	if !ok || !providers.Has(c.Context(), row.ProviderID) {
		return nil, nil, unknown(row.ProviderID)
	}
	return row, providers, nil
}

func unsupported(provider string) error {
	return auth.E(http.StatusBadRequest, "PROVIDER_NOT_SUPPORTED", "").Saying("Provider %s is not supported.", provider)
}

func unconfigured(string) error {
	return auth.E(http.StatusBadRequest, "PROVIDER_NOT_CONFIGURED", "Account is not associated with a configured social provider.")
}

func (w wire) tokens(c *plugins.Call, get func(plugins.Providers) func(context.Context, *ent.Account) (plugins.ProviderTokens, error)) (*ent.Account, plugins.ProviderTokens, error) {
	row, providers, err := w.ownAccount(c, plugins.BodyOf[selector](c).ByID, unsupported)
	if err != nil {
		return nil, plugins.ProviderTokens{}, err
	}
	t, err := get(providers)(c.Context(), row)
	return row, t, err
}

func (w wire) accessToken(c *plugins.Call) (any, error) {
	_, t, err := w.tokens(c, func(p plugins.Providers) func(context.Context, *ent.Account) (plugins.ProviderTokens, error) {
		return p.AccessToken
	})
	if err != nil {
		return nil, err
	}
	o := ent.WireObject{{Key: "accessToken", Value: t.AccessToken}}
	if !t.AccessTokenExpiresAt.IsZero() {
		o = append(o, ent.WireField{Key: "accessTokenExpiresAt", Value: t.AccessTokenExpiresAt})
	}
	o = append(o, ent.WireField{Key: "scopes", Value: scopesOf(&t.Scope)})
	if t.IDToken != "" {
		o = append(o, ent.WireField{Key: "idToken", Value: t.IDToken})
	}
	return o, nil
}

func (w wire) refreshToken(c *plugins.Call) (any, error) {
	row, t, err := w.tokens(c, func(p plugins.Providers) func(context.Context, *ent.Account) (plugins.ProviderTokens, error) {
		return p.Refresh
	})
	if err != nil {
		return nil, err
	}
	o := ent.WireObject{{Key: "accessToken", Value: t.AccessToken}, {Key: "refreshToken", Value: t.RefreshToken}}
	if !t.AccessTokenExpiresAt.IsZero() {
		o = append(o, ent.WireField{Key: "accessTokenExpiresAt", Value: t.AccessTokenExpiresAt})
	}
	if !t.RefreshTokenExpiresAt.IsZero() {
		o = append(o, ent.WireField{Key: "refreshTokenExpiresAt", Value: t.RefreshTokenExpiresAt})
	}
	o = append(o, ent.WireField{Key: "scope", Value: row.Scope})
	if t.IDToken != "" {
		o = append(o, ent.WireField{Key: "idToken", Value: t.IDToken})
	}
	return append(o, ent.WireField{Key: "providerId", Value: row.ProviderID}, ent.WireField{Key: "accountId", Value: row.ID}), nil
}

func (w wire) accountInfo(c *plugins.Call) (any, error) {
	row, providers, err := w.ownAccount(c, plugins.QueryOf[querySelector](c).ByID, unconfigured)
	if err != nil {
		return nil, err
	}
	user, data, err := providers.Info(c.Context(), row)
	if err != nil {
		return nil, err
	}
	account := ent.WireObject{{Key: "id", Value: row.ID}, {Key: "providerId", Value: row.ProviderID}, {Key: "accountId", Value: row.AccountID}}
	return ent.WireObject{{Key: "user", Value: user}, {Key: "data", Value: data}, {Key: "account", Value: account}}, nil
}
