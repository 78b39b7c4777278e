package page_test

import (
	"gatehouse/auth/words"
	"net/url"
	"time"

	"gatehouse/web"
	"gatehouse/web/page"

	"github.com/a-h/templ"
)

var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

const day = 24 * time.Hour

func refused(values url.Values, errors ...web.FieldError) web.Form {
	return web.Form{Values: values, Errors: errors}
}

func methods() []page.Method {
	return []page.Method{
		{ID: "passkey", Label: "Sign in with a passkey", Icon: "fingerprint-pattern", Kind: page.MethodPost, URL: "/passkey", First: true},
		{ID: "passkey-autofill", Kind: page.MethodDecoration, Attributes: templ.Attributes{"autocomplete": "webauthn"}, Form: web.Text("")},
		{ID: "google", Label: "Continue with Google", Icon: "brand-google", Kind: page.MethodPost, URL: "/sign-in/google"},
		{ID: "github", Label: "Continue with GitHub", Icon: "brand-github", Kind: page.MethodPost, URL: "/sign-in/github"},
		{ID: "link", Label: "Email me a link", Icon: "mail", Kind: page.MethodLink, URL: "/sign-in/link"},
	}
}

// hostile tries to leave every context that text is put into.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`

func ada() web.Person {
	return web.Person{ID: "Jq7xT0pVn2LrYb4dWm8sKc5hZg1fUeAo", Name: "Ada Lovelace", Email: "ada@example.com"}
}

type sample struct {
	name      string
	component templ.Component
	path      string
}

func samples() []sample {
	return append(append(gateSamples(), accountSamples()...), consoleSamples()...)
}

func wording(editable bool, form web.Form) page.Wording {
	return page.Wording{Kind: "verify-email", Language: "en", Title: "Verify an address", Subject: "Verify your address – {{app}}", Body: "# Verify\n\nHello {{name}},\n\nOpen: {{link}}\n\n-- " + hostile,
		Changed: true, ChangedAt: ago(day), ChangedBy: hostile, Version: "1", Editable: editable, Form: form, Places: []page.Place{{Name: "name", Words: "The name of the recipient"}, {Name: "link", Words: "The address to open"}},
		Languages:     []web.NavItem{{Label: "English", Icon: "globe", Href: "/admin/messages/verify-email/en", Exact: true}, {Label: "Deutsch", Icon: "globe", Href: "/admin/messages/verify-email/de", Exact: true}},
		SampleSubject: "Verify your address – Gatehouse", SampleText: "Verify\n\nHello Ada Lovelace,\n" + hostile}
}

func appearance(form web.Form) page.Appearance {
	return page.Appearance{Sections: []web.NavItem{{Label: "General", Icon: "settings", Href: "/admin/settings", Exact: true}, {Label: "Appearance", Icon: "palette", Href: "/admin/settings/appearance", Exact: true}},
		Form: form, Name: "Gatehouse", Accent: "#ffee00", Adjusted: "For contrast it is drawn as #6c6400 in the light theme.", Editable: true, Reader: "de", Locked: map[string]words.Text{"app.name": "Set by file", "appearance.logo_dark": "Set by file"},
		Tongues: []page.Tongue{{Tag: "en", Name: "English", Title: hostile}, {Tag: "de", Name: "Deutsch", Text: "Text"}},
		Logos:   []page.Logo{{Purpose: "logo", Title: "Logo", URL: "/picture/x", Error: "This is not a picture."}, {Purpose: "logo-dark", Title: "Logo on dark ground", Dark: true}}}
}

func gateSamples() []sample {
	wrong := web.Form{Values: url.Values{"email": {"ada@example.com"}}, Message: "Email or password is wrong."}
	short := refused(url.Values{"name": {"Ada"}, "email": {"ada@"}, "signUp": {"anyone"}},
		web.FieldError{Field: "email", Text: "This is not an email address."}, web.FieldError{Field: "password", Text: "Too short. Use at least 8 characters."})
	return []sample{
		{"claim", page.Claim{URL: "/claim/t0k3n", MinPassword: 8}, "/claim/t0k3n"},
		{"claim-refused", page.Claim{URL: "/claim/t0k3n", MinPassword: 8, Form: short}, "/claim/t0k3n"},
		{"claim-dead", page.Claim{Dead: true}, "/claim/x"},
		{"signin", page.SignIn{Password: true, Forgot: true, SignUp: true, Remember: true, Methods: methods(), ReturnTo: "https://app.example.com/?a=1&b=2"}, "/sign-in"},
		{"signin-plain", page.SignIn{Password: true, Notice: &web.Alert{Tone: web.Good, Text: "You are signed out."}}, "/sign-in"},
		{"signin-refused", page.SignIn{Password: true, Forgot: true, Form: wrong}, "/sign-in"},
		{"signin-none", page.SignIn{}, "/sign-in"},
		{"signup", page.SignUp{Password: true, MinPassword: 8, Methods: methods()[2:4]}, "/sign-up"},
		{"signup-refused", page.SignUp{Password: true, MinPassword: 8, Form: short}, "/sign-up"},
		{"signup-closed", page.SignUp{Closed: true}, "/sign-up"},
		{"verify-sent", page.VerifyEmail{State: page.VerifySent, Email: "ada@example.com", ResendURL: "/verify-email/resend"}, "/verify-email"},
		{"verify-ask", page.VerifyEmail{State: page.VerifyAsk, Email: "ada@example.com", Token: "t"}, "/verify-email"},
		{"verify-done", page.VerifyEmail{State: page.VerifyDone}, "/verify-email"},
		{"verify-failed", page.VerifyEmail{State: page.VerifyFailed, ResendURL: "/verify-email/resend"}, "/verify-email"},
		{"forgot", page.ForgotPassword{}, "/forgot-password"},
		{"forgot-sent", page.ForgotPassword{Sent: "ada@example.com"}, "/forgot-password"},
		{"reset", page.ResetPassword{Token: "t", Email: "ada@example.com", MinPassword: 8, EndsOthers: true}, "/reset-password"},
		{"reset-dead", page.ResetPassword{Dead: true}, "/reset-password"},
		{"invitation", page.AcceptInvitation{State: page.InvitationNew, URL: "/accept-invitation/i", Inviter: "Grace Hopper", To: "Acme Inc.", Email: "ada@example.com", Role: "member", Expires: noon.Add(6 * day), MinPassword: 8, Methods: methods()[2:4]}, "/accept-invitation/i"},
		{"invitation-signin", page.AcceptInvitation{State: page.InvitationSignIn, URL: "/accept-invitation/i", Email: "ada@example.com"}, "/accept-invitation/i"},
		{"invitation-accept", page.AcceptInvitation{State: page.InvitationSignedIn, URL: "/accept-invitation/i", DeclineURL: "/decline", Email: "ada@example.com"}, "/accept-invitation/i"},
		{"invitation-other", page.AcceptInvitation{State: page.InvitationOther, Email: "ada@example.com", SignOutURL: "/accept-invitation/i/sign-out"}, "/accept-invitation/i"},
		{"invitation-used", page.AcceptInvitation{State: page.InvitationUsed, URL: "/admin/o/acme", To: "Acme Inc."}, "/accept-invitation/i"},
		{"outside", page.Outside("member:read", "req_4k2m9"), "/admin/o/nowhere"},
		{"invitation-dead", page.AcceptInvitation{State: page.InvitationDead}, "/accept-invitation/i"},
		{"failure", page.Broken("req_4k2m9"), "/error"},
		{"notfound", page.NotFound("req_4k2m9"), "/nothing"},
		{"forbidden", page.Missing{Scope: "user:list", What: "see the list of users", Organization: "Acme", Roles: "Owner, Admin", Reference: "req_4k2m9"}.Failure(), "/admin/users"},
		{"continue", page.Continue{URL: "https://app.example.com/welcome?x=1;y=2"}, "/sign-in"},
		{"continue-hostile", page.Continue{URL: "javascript:alert(1)"}, "/sign-in"},
		{"delete-confirm", page.ConfirmDeletion{Token: "t", Email: "ada@example.com"}, "/account/delete/confirm"},
		{"delete-confirm-dead", page.ConfirmDeletion{Dead: true}, "/account/delete/confirm"},
	}
}

func accountSamples() []sample {
	sessions := []page.Session{
		{ID: "1", Device: "Chrome on macOS", Address: "203.0.113.7", Place: "Lisbon", Created: ago(3 * day), LastSeen: ago(10 * time.Second), Current: true},
		{ID: "2", Device: "Safari on iPhone", Mobile: true, Address: "2001:db8::1", Created: ago(20 * day), LastSeen: ago(5 * time.Hour)},
		{ID: "3", Created: ago(40 * day), Actor: "Grace Hopper"},
	}
	wrong := refused(url.Values{"newEmail": {"ada@"}}, web.FieldError{Field: "newEmail", Text: "This is not an email address."})
	return []sample{
		{"account", page.Account{Person: ada(), Verified: true, Created: ago(400 * day), Role: "owner", HasPassword: true, PasswordSet: ago(90 * day), ChangeEmail: true, DeleteAllowed: true}, "/account"},
		{"account-fresh", page.Account{Person: web.Person{ID: "x", Email: "new@example.com"}, Created: ago(time.Minute), VerifyURL: "/account/email/verify", Pending: "other@example.com", ChangeEmail: true}, "/account"},
		{"account-hostile", page.Account{Person: web.Person{ID: hostile, Name: hostile, Email: hostile, Image: hostile}, Role: hostile, Pending: hostile}, "/account"},
		{"profile", page.Profile{Person: ada(), Further: []templ.Component{web.Field{Name: "further.city", Label: words.Raw("City"), Value: "London", Optional: true}}}, "/account/profile"},
		{"profile-none", page.Profile{Person: web.Person{ID: "x", Email: "new@example.com", Image: "https://other.example/a.png"}, Remote: true}, "/account/profile"},
		{"profile-hostile", page.Profile{Person: web.Person{ID: hostile, Name: hostile, Email: hostile, Image: hostile}, Form: web.Form{Message: hostile, Values: url.Values{"name": {hostile}}, Errors: []web.FieldError{{Field: "name", Text: hostile}}}, Picture: web.Form{Errors: []web.FieldError{{Field: "picture", Text: hostile}}}}, "/account/profile"},
		{"preferences", page.Preferences{Languages: []web.Option{{Value: "de", Label: words.Raw("Deutsch")}}, Language: "de", Zone: "Europe/Berlin", Zones: []page.ZoneGroup{{Name: words.Raw("Europe"), Zones: []web.Option{{Value: "Europe/Berlin", Label: words.Raw("Berlin")}}}}, Now: web.Time{At: noon, Exact: true}}, "/account/preferences"},
		{"preferences-refused", page.Preferences{Form: refused(url.Values{"zone": {"Moon/Base"}}, web.FieldError{Field: "zone", Text: "There is no such time zone."}), Now: web.Time{At: noon, Exact: true}}, "/account/preferences"},
		{"activity", page.Activity{Older: "/account/activity?after=x", List: []page.Happened{{What: "Signed in", At: ago(time.Minute), Device: words.Raw("Firefox on Linux"), Address: "203.0.113.7"}, {What: "Sign-in failed", Failure: true, At: ago(day), Address: "2001:db8::1"}, {What: "Role changed", By: "An administrator", At: ago(2 * day)}, {What: words.Raw(hostile), At: ago(3 * day), Device: words.Raw(hostile), Address: hostile}}}, "/account/activity"},
		{"activity-none", page.Activity{}, "/account/activity"},
		{"data", page.Data{Holds: []words.Text{"Your profile and your picture"}}, "/account/data"},
		{"email", page.ChangeEmail{Email: "ada@example.com", Text: "We send a link to the new address."}, "/account/email"},
		{"email-refused", page.ChangeEmail{Email: "ada@example.com", Form: wrong}, "/account/email"},
		{"email-old", page.ChangeEmail{Email: "ada@example.com", Pending: &page.PendingEmail{NewEmail: "new@example.com", AtOld: true, Both: true, Expires: noon}}, "/account/email"},
		{"email-new", page.ChangeEmail{Email: "ada@example.com", Pending: &page.PendingEmail{NewEmail: hostile, Expires: noon}}, "/account/email"},
		{"email-closed", page.ChangeEmail{Email: "ada@example.com", Closed: "This server sends no mail. Ask an administrator."}, "/account/email"},
		{"password", page.ChangePassword{Email: "ada@example.com", HasPassword: true, MinPassword: 8, Revoke: true}, "/account/password"},
		{"password-set", page.ChangePassword{Email: "ada@example.com", MinPassword: 8}, "/account/password"},
		{"sessions", page.Sessions{List: sessions, Devices: []page.Device{{ID: "d", Name: words.Raw("Safari on iPhone"), Mobile: true, Address: "203.0.113.7", First: ago(90 * day), LastSeen: ago(day)}, {ID: "e", First: ago(2 * day), LastSeen: ago(2 * day)}}}, "/account/sessions"},
		{"sessions-one", page.Sessions{List: sessions[:1]}, "/account/sessions"},
		{"sessions-ask", page.RevokeOthers(2), "/account/sessions/revoke-others"},
		{"linked", page.LinkedAccounts{List: []page.Linked{{ID: "1", Provider: "GitHub", Icon: "brand-github", Account: "adal", Created: ago(9 * day)}, {ID: "2", Provider: "Google", Icon: "brand-google", Account: "ada@example.com", Created: ago(day), Last: true}}, Add: []page.Method{{Label: "Link GitLab", Icon: "brand-gitlab", Kind: page.MethodPost, URL: "/account/linked/gitlab"}}}, "/account/linked"},
		{"linked-none", page.LinkedAccounts{}, "/account/linked"},
		{"delete", page.DeleteAccount{Email: "ada@example.com", AskPassword: true, Loses: []words.Text{"2 passkeys", "your membership in Acme Inc."}}, "/account/delete"},
		{"delete-blocked", page.DeleteAccount{Email: "ada@example.com", Blocked: "You are the only owner of Acme Inc. Make somebody else an owner first."}, "/account/delete"},
		{"delete-sent", page.DeleteAccount{Email: "ada@example.com", Sent: true}, "/account/delete"},
	}
}

func consoleSamples() []sample {
	days, first, second := []words.Text{}, []float64{}, []float64{}
	for i := range 30 {
		days = append(days, words.ShortDay(ago(time.Duration(29-i)*day)))
		first = append(first, float64(90+(i*37)%41+i))
		second = append(second, float64((i*13)%9))
	}
	chart := web.Chart{Title: "Sign-ins per day", Labels: days, Bars: true, Series: []web.Series{{Name: "Signed in", Values: first}, {Name: "Failed", Values: second, Tone: web.Bad}}}
	lines := web.Chart{Title: "Sign-ups per day", Labels: days, Series: []web.Series{{Name: "Sign-ups", Values: second}}}
	mailLack := page.Readiness{Tone: web.Warn, Title: "No mail server is set", Text: "Verification links and invitations reach nobody.", Fix: "Set a mail server", Href: "/admin/settings/mail"}
	plugins := []page.Plugin{
		{ID: "admin", Name: "Administration", Text: "Users, roles, bans and this console.", Icon: "shield", Enabled: true},
		{ID: "magic-link", Name: "Magic link", Text: "Sign in with a link by mail.", Icon: "mail", Enabled: true, Checks: []page.Readiness{mailLack}},
		{ID: "github", Name: "GitHub", Text: "Sign in with GitHub.", Icon: "brand-github", Enabled: true, Checks: []page.Readiness{{Tone: web.Bad, Title: "No client secret", Text: "Without it nobody can sign in this way.", Fix: "github.client_secret"}}, Needs: []words.Text{"admin"},
			Endpoints: []page.Endpoint{{"POST", "/api/auth/sign-in/social", "Begins a sign-in", "everybody"}, {"GET", "/api/auth/callback/:id", "Comes back", "everybody"}},
			Entities:  []page.Entity{{Name: "Account", Table: "account", Fields: []string{"accessToken", "refreshToken"}}},
			Scopes:    []page.Scope{{Name: "provider:update", Text: "Change providers", Roles: []words.Text{"owner"}}}, Events: []words.Text{"account.linked"}, SettingsURL: "/admin/settings/github"},
		{ID: "sms", Name: "Phone", Text: "Codes by SMS."},
	}
	settings := page.Settings{Section: "session", Title: "Sessions", Text: "How long people stay signed in.",
		Sections: []web.NavItem{{Label: "General", Href: "/admin/settings/general"}, {Label: "Sessions", Href: "/admin/settings/session"}, {Label: "Mail", Href: "/admin/settings/mail"}},
		List: []page.Setting{
			{Key: "session.expires_in", Label: "Life of a session", Help: "Without activity.", Kind: page.SettingDuration, Value: "7d", Default: "7d", Source: "default"},
			{Key: "session.cookie_cache.enabled", Label: "Cookie cache", Help: "Answers without asking the database.", Kind: page.SettingBool, Value: "true", Source: "console", Changed: true},
			{Key: "session.cookie_cache.strategy", Label: "Form of the cache", Kind: page.SettingChoice, Value: "jwt", Options: []web.Option{{Value: "compact", Label: "Compact"}, {Value: "jwt", Label: "JWT"}}, Source: "environment", Locked: "Set by GATEHOUSE_SESSION_COOKIE_CACHE_STRATEGY"},
			{Key: "sign_up.enabled", Label: "Open sign-up", Kind: page.SettingBool, Value: "false", Source: "flag", Locked: "Set by --sign_up.enabled"},
			{Key: "smtp", Label: "Mail server", Kind: page.SettingSecret, Set: true, Source: "console", Changed: true},
			{Key: "trusted_origins", Label: "Trusted origins", Help: "Apps that may call this server.", Kind: page.SettingList, Value: "https://app.example.com\nhttps://*.example.org", Source: "default"},
			{Key: "password.min", Label: "Shortest password", Kind: page.SettingNumber, Value: "8", Default: "8", Source: "default"},
		}}
	wrong := settings
	wrong.Form = refused(url.Values{"session.expires_in": {"soon"}}, web.FieldError{Field: "session.expires_in", Text: "Not a duration. Write 7d, 12h or 30m."})
	mails := []page.Mail{
		{ID: "m1", Kind: "reset-password", To: "ada@example.com", Subject: "Choose a new password", State: "held", Created: ago(4 * time.Minute)},
		{ID: "m2", Kind: "invitation", To: "grace@example.com", Subject: "Join Acme Inc.", State: "failed", Created: ago(2 * time.Hour), Attempts: 3},
		{ID: "m3", Kind: "notice", To: "alan@example.com", Subject: "New sign-in", State: "sent", Created: ago(3 * day)},
	}
	full := mails[0]
	full.From, full.Link, full.Code, full.Expires = "Gatehouse <no-reply@example.com>", "http://localhost:3000/reset-password?token=abcdef0123456789abcdef0123456789", "482913", noon.Add(time.Hour)
	full.Body = "Hello Ada,\n\nsomebody asked for a new password.\n\nhttp://localhost:3000/reset-password?token=abc\n"
	failed := mails[1]
	failed.Error = "550 5.1.1 mailbox unavailable"
	return []sample{
		{"overview", page.Overview{HideURL: "/admin/checklist", Warnings: []page.Readiness{mailLack}, Steps: []page.Step{{Title: "Create the owner", Done: true}, {Title: "Set a mail server", Text: "So that links reach people.", Href: "/admin/settings/mail"}, {Title: "Invite somebody", Href: "/admin/invitations"}},
			Stats:  web.Stats{{Label: "Users", Icon: "users", Figure: "12,480", Trend: "+4.2% this month", Tone: web.Good, Course: first}, {Label: "Active sessions", Icon: "monitor", Figure: "3,219", Course: second}, {Label: "Failed sign-ins", Icon: "shield-alert", Figure: "87", Trend: "+12% today", Tone: web.Bad, Course: second}},
			Charts: []page.Panel{{Title: "Sign-ins", Text: "Per day, last 30 days", Body: chart}, {Title: "Sign-ups", Text: "Per day, last 30 days", Body: lines}}}, "/admin"},
		{"overview-empty", page.Overview{Stats: web.Stats{{Label: "Users", Figure: "1"}}, Charts: []page.Panel{{Title: "Sign-ins", Body: web.Chart{Title: "No sign-ins yet"}}}}, "/admin"},
		{"plugins", page.Plugins{List: plugins}, "/admin/plugins"},
		{"plugins-none", page.Plugins{}, "/admin/plugins"},
		{"plugin", page.PluginDetail{Plugin: plugins[2]}, "/admin/plugins/github"},
		{"plugin-ready", page.PluginDetail{Plugin: plugins[0]}, "/admin/plugins/admin"},
		{"settings", settings, "/admin/settings/session"},
		{"settings-refused", wrong, "/admin/settings/session"},
		{"outbox", page.Outbox{List: cells(mails), MailURL: "/admin/settings/mail"}, "/admin/outbox"},
		{"outbox-held", page.Outbox{Connected: true, Held: true, List: cells(mails[:1])}, "/admin/outbox"},
		{"messages", page.Messages{List: []page.MessageKind{{Kind: "verify-email", Words: "Verify an address", Plugin: "Core", Changed: []string{"English", "Deutsch"}}, {Kind: "platform-invitation", Words: hostile, Plugin: "Administration"}}}, "/admin/messages"},
		{"wording", wording(true, web.Form{}), "/admin/messages/verify-email/en"},
		{"wording-looking", wording(false, web.Form{}), "/admin/messages/verify-email/en"},
		{"wording-refused", wording(true, refused(url.Values{"subject": {"{{who}}"}, "body": {hostile}}, web.FieldError{Field: "subject", Text: "There is no {{who}}."}, web.FieldError{Field: "body", Text: "No link."})), "/admin/messages/verify-email/en"},
		{"appearance", appearance(web.Form{}), "/admin/settings/appearance"},
		{"appearance-refused", appearance(refused(url.Values{"accent_choice": {"custom"}, "accent_custom": {"#ff0000"}}, web.FieldError{Field: "appearance.accent", Text: "No colour."}, web.FieldError{Field: "appearance.sign_in_title.de", Text: "Too long."})), "/admin/settings/appearance"},
		{"mail-test", page.Settings{Section: "mail", Title: "Mail", Panels: []page.Panel{{Title: "Test message", Body: page.MailTest{URL: "/admin/settings/test-message", To: "ada@example.com",
			Problem: page.MailProblem{Stage: "The recipient was refused", Code: 550, Text: "naming the recipient to mail.example:25: the server said 550 " + hostile}}}}}, "/admin/settings/mail"},
		{"message", page.Message{Mail: full}, "/admin/outbox/m1"},
		{"message-failed", page.Message{Mail: failed, RetryURL: "/admin/outbox/m2/retry", Gone: true}, "/admin/outbox/m2"},
		{"gallery", page.Gallery{}, "/admin/gallery"},
	}
}

// cells are what a list draws of messages.
func cells(mails []page.Mail) templ.Component {
	var all web.Group
	for _, m := range mails {
		all = append(all, m.Cell(), m.StateCell())
	}
	return all
}

func navigation() []web.NavGroup {
	return []web.NavGroup{
		{Items: []web.NavItem{{Label: "Overview", Icon: "house", Href: "/admin", Exact: true}}},
		{Title: "People", Items: []web.NavItem{{Label: "Users", Icon: "users", Href: "/admin/users"}, {Label: "Invitations", Icon: "mail-plus", Href: "/admin/invitations", Count: "2"}, {Label: "Sessions", Icon: "monitor", Href: "/admin/sessions"}}},
		{Title: "Organizations", Items: []web.NavItem{{Label: "Organizations", Icon: "building-2", Href: "/admin/organizations"}, {Label: "API keys", Icon: "key-round", Href: "/admin/keys"}}},
		{Title: "Security", Items: []web.NavItem{{Label: "Activity", Icon: "scroll-text", Href: "/admin/activity"}, {Label: "Access explorer", Icon: "waypoints", Href: "/admin/access"}}},
		{Title: "System", Items: []web.NavItem{{Label: "Plugins", Icon: "plug", Href: "/admin/plugins"}, {Label: "Settings", Icon: "settings", Href: "/admin/settings"}, {Label: "Outbox", Icon: "inbox", Href: "/admin/outbox"}, {Label: "Gallery", Icon: "palette", Href: "/admin/gallery"}}},
		{Title: "You", Items: []web.NavItem{{Label: "Your account", Icon: "id-card", Href: "/account", Exact: true}, {Label: "Sessions and devices", Icon: "laptop", Href: "/account/sessions"}, {Label: "Linked accounts", Icon: "link", Href: "/account/linked"}}},
	}
}

func accountNavigation() []web.NavGroup { return navigation()[5:] }
