// Package account holds the account area: what every signed-in person may see and
// change about themselves. Every form works without scripts. The decisions are made by
// the services of package core.
package account

import (
	"gatehouse/auth/words"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// Addresses of the area that package page does not name.
const (
	verifyPath       = page.EmailPath + "/verify"
	revokePath       = page.SessionsPath + "/revoke"
	revokeOthersPath = page.SessionsPath + "/revoke-others"
	unlinkPath       = page.LinkedPath + "/unlink"
)

// Part is the built-in part.
type Part struct{ h *plugins.Host }

// New returns the part.
func New() *Part { return &Part{} }

// Manifest implements plugins.Plugin.
func (*Part) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "account", Name: "Account area", BuiltIn: true,
		Sentence: "Pages on which people manage their own account, devices and ways to sign in."}
}

// Contribute implements plugins.Plugin.
func (p *Part) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.h = h
	return plugins.Contribution{
		Panels: []plugins.Panel{
			{ID: "profile", Order: 10, Icon: "id-card", Label: "Profile", Path: page.AccountPath},
			{ID: "email", Order: 20, Icon: "mail", Label: "Email", Path: page.EmailPath},
			{ID: "password", Order: 30, Icon: "key-round", Label: "Password", Path: page.PasswordPath},
			{ID: "sessions", Order: 60, Icon: "laptop", Label: "Sessions and devices", Path: page.SessionsPath},
			{ID: "linked", Order: 70, Icon: "link", Label: "Linked accounts", Path: page.LinkedPath},
		},
		Routes: p.routes(),
		Limits: limits(),
	}, nil
}

func (p *Part) routes() []plugins.Route {
	own := plugins.Access{Who: plugins.SignedIn, FromStore: true}
	credentials := plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	dangerous := plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true, Dangerous: true}
	route := func(method, path string, summary words.Text, access plugins.Access, do func(*plugins.Call) error) plugins.Route {
		r := plugins.Route{Method: method, Path: path, Summary: summary, Access: access, Handle: signedIn(do)}
		if method == http.MethodPost {
			r.Origin = plugins.OriginForm
		}
		r.TokenInURL = path == page.DeleteAccountPath // the link of the deletion mail ends there
		return r
	}
	const get, post = http.MethodGet, http.MethodPost
	return []plugins.Route{
		route(get, page.AccountPath, "The own profile", own, p.showProfile),
		route(post, page.AccountPath, "Changes the own name", own, p.changeProfile),
		route(get, page.EmailPath, "The own address", credentials, p.showEmail),
		route(post, page.EmailPath, "Asks for another address", dangerous, p.changeEmail),
		route(post, verifyPath, "Mails a link to verify the own address", credentials, p.sendVerification),
		route(get, page.PasswordPath, "The own password", credentials, p.showPassword),
		route(post, page.PasswordPath, "Changes or sets the own password", credentials, p.changePassword),
		route(get, page.SessionsPath, "The own sessions", credentials, p.showSessions),
		route(post, revokePath, "Ends one of the own sessions", credentials, p.revoke),
		route(get, revokeOthersPath, "Asks before all other sessions end", credentials, p.askRevokeOthers),
		route(post, revokeOthersPath, "Ends all other sessions", credentials, p.revokeOthers),
		route(get, page.LinkedPath, "The linked accounts", credentials, p.showLinked),
		route(post, unlinkPath, "Unlinks an account", credentials, p.unlink),
		route(get, page.DeleteAccountPath, "Asks before the own account is deleted", credentials, p.showDelete),
		route(post, page.DeleteAccountPath, "Deletes the own account", credentials, p.remove),
	}
}

// limits are the rules of posts that cost a mail or guess at the password.
func limits() []plugins.Limit {
	mail := ratelimit.Rule{Window: time.Minute, Max: 5}
	guess := ratelimit.Rule{Window: time.Minute, Max: 10}
	return []plugins.Limit{
		{Path: page.EmailPath, Rule: mail}, {Path: verifyPath, Rule: mail},
		{Path: page.PasswordPath, Rule: guess}, {Path: page.DeleteAccountPath, Rule: guess},
	}
}

// signedIn keeps credentials without a session out of the area.
func signedIn(do func(*plugins.Call) error) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		if c.Current == nil {
			return auth.ErrCredentialScheme
		}
		return do(c)
	}
}

func (p *Part) core() *core.Service { return plugins.MustOffer[*core.Service](p.h) }

// shortest is the least length of a password.
func (p *Part) shortest() int { return p.h.Core.Settings.Password.Get().Min }

// recent reports whether the person of a session proved lately who they are: by signing
// in, or again since (SEC-041).
func (p *Part) recent(s *ent.Session) bool {
	return p.h.Sessions.Fresh(s) || p.h.Clock().Sub(s.AuthenticatedAt) < p.h.Core.Settings.Session.Get().FreshAge
}

// password is the account row that holds the password of the signed-in person; nil when
// they have none.
func (p *Part) password(c *plugins.Call) (*ent.Account, error) {
	row, err := p.h.Users.Credential(c.Context(), c.Current.User.ID)
	if err != nil || row == nil || row.Password == nil {
		return nil, err
	}
	return row, nil
}
