package console_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
)

// guess tries a wrong password for an address a number of times, from an address of its
// own.
func (h *house) guess(address string, times int) {
	h.T.Helper()
	b := h.Browser()
	b.Address = "203.0.113.9:1"
	for range times {
		b.Post("/api/auth/sign-in/email", map[string]any{"email": address, "password": "wrong-Horse-7-battery"})
	}
}

// row is the entry of a list that holds a text.
func row(markup, text string) string {
	_, markup, _ = strings.Cut(markup, "<tbody")
	for _, part := range strings.Split(markup, "<tr")[1:] {
		if strings.Contains(part, text) {
			return part
		}
	}
	return ""
}

// hidden is the value of a hidden field.
func hidden(markup, name string) string {
	_, rest, _ := strings.Cut(markup, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// TestLockoutsOfAccounts: an account appears with the failures that lock it, and whoever
// ranks as high as the person releases it, once.
func TestLockoutsOfAccounts(t *testing.T) {
	h := open(t, map[string]string{"rate_limit.enabled": "true", "rate_limit.rules": `[{path = "/**", off = true}]`})
	support := h.as("support")
	expect(t, look(t, support.Get("/admin/lockouts")), []string{"No account is locked"})
	expect(t, look(t, support.Get("/admin/lockouts/addresses")), []string{"No address has to wait"})
	h.guess("user@example.test", 6)
	h.guess("owner@example.test", 6)
	h.guess("nobody@example.test", 6)
	body := look(t, support.Get("/admin/lockouts"))
	of := row(body, "user@example.test")
	expect(t, of, []string{"Slowed", ">6<", "203.0.113.9", "/admin/users/" + h.User("user@example.test").ID, "Release"})
	expect(t, row(body, "nobody@example.test"), []string{"No account has it", "Release"})
	expect(t, row(body, "owner@example.test"), []string{"Slowed"}, "Release")
	h.as("viewer").Get("/admin/lockouts").Want(http.StatusForbidden, "")
	expect(t, look(t, support.Get("/admin/users/"+h.User("user@example.test").ID)), []string{"Sign-in is slowed", "wrong passwords in a row", `action="/admin/lockouts/release"`, `value="` + hidden(of, "id") + `"`})
	expect(t, look(t, support.Get("/admin/users/"+h.User("owner@example.test").ID)), []string{"Sign-in is slowed"}, "/admin/lockouts/release")
	expect(t, look(t, h.as("viewer").Get("/admin/users/"+h.User("user@example.test").ID)), nil, "Sign-in is slowed")

	above := row(look(t, h.as("owner").Get("/admin/lockouts")), "owner@example.test")
	support.Form("/admin/lockouts/release", url.Values{"id": {hidden(above, "id")}}).Want(http.StatusForbidden, "")
	back := "/admin/users/" + h.User("user@example.test").ID
	for _, said := range []string{"Released", "nothing to release"} {
		a := support.Form("/admin/lockouts/release", url.Values{"id": {hidden(of, "id")}, "back": {back}}).Want(http.StatusSeeOther, "")
		if a.Location() != back {
			t.Errorf("leads to %s", a.Location())
		}
		expect(t, look(t, support.Get("/admin/lockouts")), []string{said})
	}
	if list := h.events("lockout.released"); len(list) != 1 || list[0].SubjectID != h.User("user@example.test").ID || list[0].ActorID != h.User("support@example.test").ID {
		t.Errorf("events %v", list)
	}
	if a := h.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": "user@example.test", "password": servertest.Password}); a.Status != http.StatusOK {
		t.Errorf("still locked: %d %s", a.Status, a.Body)
	}
	a := support.Form("/admin/lockouts/release", url.Values{"id": {hidden(row(body, "nobody@example.test"), "id")}, "back": {"https://evil.example.test"}}).Want(http.StatusSeeOther, "")
	if a.Location() != "/admin/lockouts" {
		t.Errorf("leads to %s", a.Location())
	}
}

// TestReleaseMany: selected accounts and addresses, or all that a search matches, are
// released together, and those above the reader are left out.
func TestReleaseMany(t *testing.T) {
	h := open(t, map[string]string{"rate_limit.enabled": "true", "rate_limit.rules": `[{path = "/sign-in/email", window = 60, max = 6}]`})
	support := h.as("support")
	for _, account := range []string{"user@example.test", "owner@example.test", "nobody@example.test", "somebody@example.test"} {
		b := h.Browser()
		b.Address = "203.0.113." + strconv.Itoa(len(account)) + ":1"
		for range 6 {
			b.Post("/api/auth/sign-in/email", map[string]any{"email": account, "password": "wrong-Horse-7-battery"})
		}
	}
	release := func(of string, send url.Values, says string) string {
		t.Helper()
		a := support.Form("/admin/lockouts"+of+"/bulk/release", send).Want(http.StatusSeeOther, "")
		body := look(t, support.Get(a.Location()))
		expect(t, body, []string{says})
		return body
	}
	release("", nil, "Nothing was selected")
	release("", url.Values{"all": {"on"}, "filter": {"q=nobody@example.test"}}, "One was released.")
	above := hidden(row(look(t, h.as("owner").Get("/admin/lockouts")), "owner@example.test"), "id")
	body := release("", url.Values{"all": {"on"}}, "2 were released. One was left out: it was free already, or ranks higher than you do.")
	expect(t, body, []string{"owner@example.test"}, "user@example.test")
	release("", url.Values{"id": {above}}, "One was left out")
	h.as("viewer").Form("/admin/lockouts/bulk/release", url.Values{"id": {above}}).Want(http.StatusForbidden, "")

	expect(t, look(t, support.Get("/admin/lockouts/addresses?q=203.0.113.17")), []string{"203.0.113.17"}, "203.0.113.18")
	expect(t, look(t, support.Get("/admin/lockouts/addresses?q=SIGN-in")), []string{"203.0.113.17"})
	release("/addresses", url.Values{"id": {"203.0.113.17 /sign-in/email", "192.0.2.1 /nowhere"}}, "One was released. One was left out")
	release("/addresses", url.Values{"all": {"on"}}, "3 were released.")
}

// TestLockoutsOfAddresses: an address over its limit appears where it has to wait and can
// be released, with either store.
func TestLockoutsOfAddresses(t *testing.T) {
	for _, store := range []string{"memory", "database"} {
		t.Run(store, func(t *testing.T) {
			h := open(t, map[string]string{"rate_limit.store": store, "rate_limit.account.enabled": "false", "rate_limit.enabled": "true",
				"rate_limit.rules": `[{path = "/sign-in/email", window = 60, max = 7}]`})
			b := h.Browser()
			b.Address = "203.0.113.9:1"
			try := func() int {
				return b.Post("/api/auth/sign-in/email", map[string]any{"email": "user@example.test", "password": servertest.Password}).Status
			}
			for range 7 {
				try()
			}
			if got := try(); got != http.StatusTooManyRequests {
				t.Fatalf("status %d", got)
			}
			body := look(t, h.as("support").Get("/admin/lockouts/addresses"))
			of := row(body, "203.0.113.9")
			expect(t, of, []string{"/sign-in/email", ">7<", "Release"})
			if row(body, "192.0.2.10") != "" {
				t.Error("an address below its limit is shown")
			}
			send := url.Values{"address": {hidden(of, "address")}, "path": {hidden(of, "path")}}
			for _, said := range []string{"Released", "nothing to release"} {
				h.as("support").Form("/admin/lockouts/release", send).Want(http.StatusSeeOther, "")
				expect(t, look(t, h.as("support").Get("/admin/lockouts/addresses")), []string{said, "No address has to wait"})
			}
			if got := try(); got != http.StatusOK {
				t.Errorf("after the release: %d", got)
			}
			if n := len(h.events("limit.released")); n != 1 {
				t.Errorf("%d events", n)
			}
		})
	}
}

// TestProofOfSettings: settings that guard the server want a recent proof of identity;
// others do not.
func TestProofOfSettings(t *testing.T) {
	h := open(t, map[string]string{"sign_up.enabled": servertest.Unset})
	h.Clock.Advance(11 * time.Minute)
	owner := h.as("owner")
	owner.Form("/admin/settings/sign-up", url.Values{"present": {"sign_up.enabled"}, "sign_up.enabled": {"on"}}).Want(http.StatusSeeOther, "")
	owner.Form("/admin/settings/sessions", url.Values{"session.step_up_age": {"0s"}}).Want(http.StatusForbidden, "")
	owner.Form("/admin/settings/sessions", url.Values{"reset": {"session.step_up_age"}}).Want(http.StatusForbidden, "")
	if age := h.Core.Session.Get().StepUpAge; age.Minutes() != 10 {
		t.Fatalf("changed without proof to %v", age)
	}
	h.SignIn("owner@example.test").Form("/admin/settings/sessions", url.Values{"session.step_up_age": {"30m"}}).Want(http.StatusSeeOther, "")
	if age := h.Core.Session.Get().StepUpAge; age.Minutes() != 30 {
		t.Errorf("not changed: %v", age)
	}
}

// TestProofCarriesOn: a form of the console that wants a proof is carried out after it,
// with every value it had, and ends where it would have ended.
func TestProofCarriesOn(t *testing.T) {
	list := []plugins.Plugin{admin.New(admin.Options{})}
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New(), console.New(list...)}, Plugins: list})
	if err := plugins.MustOffer[*admin.Service](rig.Host).EnsureAdministrator(t.Context(), "owner@example.test", servertest.Password, "owner"); err != nil {
		t.Fatal(err)
	}
	rig.SignUp("Ada", "ada@example.test")
	ada := rig.User("ada@example.test")
	owner := rig.SignIn("owner@example.test")
	rig.Clock.Advance(11 * time.Minute)
	path := "/admin/users/" + ada.ID + "/role"
	owner.Header.Set("Referer", rig.Origin+"/admin/users/"+ada.ID)
	asked := look(t, owner.Form(path, url.Values{"roles": {"support", "viewer"}}).Want(http.StatusForbidden, ""))
	expect(t, asked, []string{"Confirm it is you", `value="/admin/users/` + ada.ID + `"`}, "support")
	if rig.User("ada@example.test").Role != nil && *rig.User("ada@example.test").Role != "user" {
		t.Fatal("done without proof")
	}
	sent := url.Values{"waiting": {hidden(asked, "waiting")}, "returnTo": {hidden(asked, "returnTo")}, "password": {servertest.Password}}

	// The form is good for the session that sent it, only there and only for a while.
	other := rig.SignIn("owner@example.test")
	if a := other.Form("/step-up", sent); a.Status != http.StatusSeeOther || a.Location() != "/admin/users/"+ada.ID {
		t.Errorf("another session: %d %s", a.Status, a.Location())
	}
	expect(t, look(t, other.Get("/admin/users/"+ada.ID)), []string{"waited too long"})
	forged := url.Values{"waiting": {"$gh$x$y"}, "returnTo": {"/step-up"}, "password": {servertest.Password}}
	if a := other.Form("/step-up", forged); a.Status != http.StatusSeeOther {
		t.Errorf("forged: %d", a.Status)
	}
	if role := rig.User("ada@example.test").Role; role != nil && *role != "user" {
		t.Fatal("carried out for another session")
	}

	a := owner.Form("/step-up", sent)
	if a.Status != http.StatusSeeOther || a.Location() != "/admin/users/"+ada.ID {
		t.Fatalf("%d to %s: %s", a.Status, a.Location(), a.Body)
	}
	if role := rig.User("ada@example.test").Role; role == nil || *role != "support,viewer" {
		t.Errorf("role %v", role)
	}
	expect(t, look(t, owner.Get("/admin/users/"+ada.ID)), []string{"now has the role Support, Viewer"})
	// For ten minutes nothing is asked again, and then it is.
	owner.Form(path, url.Values{"roles": {"viewer"}}).Want(http.StatusSeeOther, "")
	rig.Clock.Advance(11 * time.Minute)
	late := look(t, owner.Form(path, url.Values{"roles": {"support"}}).Want(http.StatusForbidden, ""))
	rig.Clock.Advance(11 * time.Minute)
	if a := owner.Form("/step-up", url.Values{"waiting": {hidden(late, "waiting")}, "returnTo": {hidden(late, "returnTo")}, "password": {servertest.Password}}); a.Status != http.StatusSeeOther {
		t.Errorf("late: %d", a.Status)
	}
	if role := rig.User("ada@example.test").Role; role == nil || *role != "viewer" {
		t.Errorf("a form that waited too long was carried out: %v", *role)
	}
}

// TestVisitLeavesNoKeys: whoever acts in another's name gives nobody a part in the console,
// even where such sessions may change things (SEC-046).
func TestVisitLeavesNoKeys(t *testing.T) {
	h := open(t, map[string]string{"admin.impersonation_writes": "true", "admin.allow_impersonating_admins": "true"})
	owner := h.as("owner")
	owner.Post("/api/auth/admin/impersonate-user", map[string]any{"userId": h.User("admin@example.test").ID}).Want(http.StatusOK, "")
	for _, role := range []any{"admin", "user,support", []string{"viewer"}} {
		owner.Post("/api/auth/admin/create-user", map[string]any{"email": "key@example.test", "name": "Key", "password": servertest.Password, "role": role}).Want(http.StatusForbidden, "NOT_ALLOWED_WHILE_IMPERSONATING")
		owner.Post("/api/auth/admin/set-role", map[string]any{"userId": h.User("user@example.test").ID, "role": role}).Want(http.StatusForbidden, "NOT_ALLOWED_WHILE_IMPERSONATING")
	}
	owner.Post("/api/auth/admin/create-user", map[string]any{"email": "plain@example.test", "name": "Plain", "password": servertest.Password}).Want(http.StatusOK, "")
}

// TestProofOnAPI: dangerous calls of the API ask a session for a recent proof as well,
// unless the setting gives way.
func TestProofOnAPI(t *testing.T) {
	for _, on := range []string{"true", "false"} {
		t.Run(on, func(t *testing.T) {
			h := open(t, map[string]string{"session.step_up_api": on})
			owner, user := h.as("owner"), h.User("user@example.test").ID
			calls := []struct {
				path string
				body map[string]any
				asks bool
			}{
				{"set-role", map[string]any{"userId": user, "role": "viewer"}, true},
				{"set-user-password", map[string]any{"userId": user, "newPassword": "another-Horse-8-battery"}, true},
				{"update-user", map[string]any{"userId": user, "data": map[string]any{"name": "Other"}}, false},
				{"update-user", map[string]any{"userId": user, "data": map[string]any{"email": "other@example.test"}}, true},
				{"create-user", map[string]any{"email": "plain@example.test", "name": "Plain", "password": servertest.Password}, false},
				{"create-user", map[string]any{"email": "power@example.test", "name": "Power", "password": servertest.Password, "role": "admin"}, true},
				{"create-user", map[string]any{"email": "more@example.test", "name": "More", "password": servertest.Password, "role": "user,admin"}, true},
				{"update-user", map[string]any{"userId": user, "data": map[string]any{"role": "user"}}, true},
				{"ban-user", map[string]any{"userId": user}, false},
				{"remove-user", map[string]any{"userId": user}, true},
			}
			h.Clock.Advance(11 * time.Minute)
			for _, c := range calls {
				a := owner.Post("/api/auth/admin/"+c.path, c.body)
				if asked := a.Status == http.StatusForbidden && a.Text("code") == "STEP_UP_REQUIRED"; asked != (c.asks && on == "true") || !asked && a.Status != http.StatusOK {
					t.Errorf("%s %v: %d %s", c.path, c.body, a.Status, a.Body)
				}
			}
			if on == "true" {
				h.SignIn("owner@example.test").Post("/api/auth/admin/remove-user", map[string]any{"userId": user}).Want(http.StatusOK, "")
			}
		})
	}
}

// TestProofIsThrottled: guessing at the password of an open session meets the same
// throttle as signing in (SEC-069), and shows in the list.
func TestProofIsThrottled(t *testing.T) {
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New()}})
	b := rig.SignUp("Ada", "ada@example.test")
	b.Address = "203.0.113.9:1" // not where she signed in
	for range 6 {
		b.Form("/step-up", url.Values{"password": {"wrong"}}).Want(http.StatusBadRequest, "")
	}
	a := b.Form("/step-up", url.Values{"password": {servertest.Password}, "waiting": {"kept"}}).Want(http.StatusTooManyRequests, "")
	expect(t, look(t, a), []string{"Too many tries", `value="kept"`})
	l, err := rig.Host.Attempts.OfUser(t.Context(), rig.User("ada@example.test"))
	if err != nil || l == nil || l.Failures != 6 {
		t.Errorf("%+v %v", l, err)
	}
}

// TestProofOfPower: what gives power, or opens an account to somebody, wants a recent
// proof; the rest does not.
func TestProofOfPower(t *testing.T) {
	h := open(t, nil)
	h.Clock.Advance(11 * time.Minute)
	owner, ada := h.as("owner"), h.User("user@example.test")
	one := "/admin/users/" + ada.ID
	for _, tt := range []struct {
		path   string
		form   url.Values
		status int
	}{
		{one, url.Values{"name": {"Ada"}}, 303},
		{one, url.Values{"name": {"Ada"}, "email": {"evil@example.test"}}, 403},
		{one + "/role", url.Values{"roles": {"owner"}}, 403},
		{one + "/password", url.Values{"password": {"another-Horse-8-battery"}}, 403},
		{one + "/temporary", nil, 403},
		{one + "/sign-in-link", nil, 403},
		{one + "/reset", nil, 403}, // no mail server: the link would be handed over
		{one + "/impersonate", url.Values{"reason": {"because"}}, 403},
		{one + "/delete", url.Values{"confirm": {ada.Email}}, 403},
		{one + "/end-sessions", nil, 303},
		{one + "/ban", url.Values{"life": {"1h"}}, 303},
		{one + "/unban", nil, 303},
		{"/admin/users/bulk/role", url.Values{"id": {ada.ID}}, 200}, // asks
		{"/admin/users/bulk/role", url.Values{"id": {ada.ID}, "confirmed": {"on"}, "roles": {"owner"}}, 403},
		{"/admin/users/bulk/delete", url.Values{"id": {ada.ID}, "confirmed": {"on"}, "confirm": {"1"}}, 403},
		{"/admin/users", url.Values{"name": {"New"}, "email": {"new@example.test"}, "way": {"nothing"}, "role": {"owner"}}, 403},
		{"/admin/users", url.Values{"name": {"New"}, "email": {"new@example.test"}, "way": {"nothing"}}, 303},
		{"/admin/invitations", url.Values{"email": {"i@example.test"}, "role": {"admin"}, "by": {"hand"}}, 403},
		{"/admin/invitations", url.Values{"email": {"i@example.test"}, "role": {"user"}, "by": {"hand"}}, 200},
	} {
		a := owner.Form(tt.path, tt.form)
		if a.Status != tt.status || tt.status == 403 && !strings.Contains(string(a.Body), "Please confirm that it is you") {
			t.Errorf("%s %v: %d, want %d", tt.path, tt.form, a.Status, tt.status)
		}
	}
	if u := h.User("user@example.test"); u.Role != nil && *u.Role == "owner" {
		t.Error("done without a proof")
	}
}
