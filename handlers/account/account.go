// Package account holds the account area: what every signed-in person may see and
// change about themselves. Every form works without scripts. The decisions are made by
// the services of package core.
package account

import (
	"gatehouse/auth/words"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/picture"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// Addresses of the area that package page does not name.
const (
	verifyPath       = page.EmailPath + "/verify"
	resendPath       = page.EmailPath + "/resend"
	cancelPath       = page.EmailPath + "/cancel"
	forgetPath       = page.SessionsPath + "/forget"
	revokePath       = page.SessionsPath + "/revoke"
	revokeOthersPath = page.SessionsPath + "/revoke-others"
	unlinkPath       = page.LinkedPath + "/unlink"

	removePicturePath = page.PicturePath + "/remove"
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
			{ID: "account", Order: 5, Icon: "user", Label: "Overview", Path: page.AccountPath},
			{ID: "profile", Order: 10, Icon: "id-card", Label: "Profile", Path: page.ProfilePath},
			{ID: "preferences", Order: 15, Icon: "globe", Label: "Language and time", Path: page.PreferencesPath},
			{ID: "email", Order: 20, Icon: "mail", Label: "Email", Path: page.EmailPath},
			{ID: "password", Order: 30, Icon: "key-round", Label: "Password", Path: page.PasswordPath},
			{ID: "sessions", Order: 60, Icon: "laptop", Label: "Sessions and devices", Path: page.SessionsPath},
			{ID: "linked", Order: 70, Icon: "link", Label: "Linked accounts", Path: page.LinkedPath},
			{ID: "activity", Order: 80, Icon: "history", Label: "Recent activity", Path: page.ActivityPath},
			{ID: "data", Order: 90, Icon: "download", Label: "Your data", Path: page.DataPath},
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
		route(get, page.AccountPath, "The person's account", own, p.showAccount),
		route(get, page.ProfilePath, "The person's profile", own, p.showProfile),
		route(post, page.ProfilePath, "Changes name and further fields", own, p.changeProfile),
		p.upload(route(post, page.PicturePath, "Changes the picture", own, p.changePicture)),
		route(post, removePicturePath, "Removes the picture", own, p.removePicture),
		route(get, page.PreferencesPath, "Language, theme and time zone", own, p.showPreferences),
		route(post, page.PreferencesPath, "Changes language, theme and time zone", own, p.changePreferences),
		route(get, page.ActivityPath, "What happened to the account", own, p.showActivity),
		route(get, page.DataPath, "Asks before personal data is downloaded", credentials, p.showData),
		route(post, page.DataPath, "Personal data as a file", dangerous, p.downloadData),
		route(get, page.EmailPath, "The e-mail address", credentials, p.showEmail),
		route(post, page.EmailPath, "Asks for another address", dangerous, p.changeEmail),
		route(post, resendPath, "Mails the link of a waiting change of address again", credentials, p.resendEmail),
		route(post, cancelPath, "Gives a waiting change of address up", credentials, p.cancelEmail),
		route(post, verifyPath, "Mails a link to verify the address", credentials, p.sendVerification),
		route(get, page.PasswordPath, "The password", credentials, p.showPassword),
		route(post, page.PasswordPath, "Changes or sets the password", credentials, p.changePassword),
		route(get, page.SessionsPath, "The person's sessions", credentials, p.showSessions),
		route(post, revokePath, "Ends one of the person's sessions", credentials, p.revoke),
		route(get, revokeOthersPath, "Asks before all other sessions end", credentials, p.askRevokeOthers),
		route(post, revokeOthersPath, "Ends all other sessions", credentials, p.revokeOthers),
		route(post, forgetPath, "Forgets a known device", credentials, p.forget),
		route(get, page.LinkedPath, "The linked accounts", credentials, p.showLinked),
		route(post, unlinkPath, "Unlinks an account", credentials, p.unlink),
		route(get, page.DeleteAccountPath, "Asks before the account is deleted", credentials, p.showDelete),
		route(post, page.DeleteAccountPath, "Deletes the account", credentials, p.remove),
	}
}

// upload lets a route take a picture: the file, and what a form adds.
func (p *Part) upload(r plugins.Route) plugins.Route {
	r.Upload = picture.MaxBytes + 64<<10
	return r
}

// limits are the rules of posts that cost a mail or guess at the password.
func limits() []plugins.Limit {
	mail := ratelimit.Rule{Window: time.Minute, Max: 5}
	guess := ratelimit.Rule{Window: time.Minute, Max: 10}
	return []plugins.Limit{
		{Path: page.EmailPath, Rule: mail}, {Path: verifyPath, Rule: mail}, {Path: resendPath, Rule: mail},
		{Path: page.PicturePath, Rule: guess}, {Path: page.DataPath, Rule: mail},
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
