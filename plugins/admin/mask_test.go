package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/auth/secret"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/session"
	"gatehouse/handlers/servertest"
)

const (
	tokenCookie    = "better-auth.session_token"
	rememberCookie = "better-auth.dont_remember"
	adminCookie    = "better-auth.admin_session"
)

// set lists the cookies of an answer in order, as name=kind.
func set(a *servertest.Answer) []string {
	var list []string
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		kind := "browser"
		switch {
		case c.MaxAge < 0:
			kind = "gone"
		case c.MaxAge > 0:
			kind = (time.Duration(c.MaxAge) * time.Second).String()
		}
		list = append(list, strings.TrimPrefix(c.Name, "better-auth.")+"="+kind)
	}
	return list
}

func (h *house) impersonate(id string) *servertest.Answer {
	h.t.Helper()
	return h.root.Post(api+"/admin/impersonate-user", body{"userId": id}).Want(200, "")
}

func TestImpersonateAndStop(t *testing.T) {
	h := open(t, nil, nil)
	root := h.User(rootEmail)
	u, own := h.person("ann", "user")
	before := h.root.Cookie(tokenCookie)

	a := h.impersonate(u.ID)
	if got, want := strings.Join(set(a), " "), "session_data=gone admin_session=168h0m0s session_token=browser dont_remember=browser"; got != want {
		t.Errorf("cookies %s, want %s", got, want)
	}
	if a.Text("user.id") != u.ID || a.Text("session.impersonatedBy") != root.ID || a.Text("session.userId") != u.ID {
		t.Errorf("answer %s", a.Body)
	}
	if !strings.HasPrefix(h.root.Cookie(tokenCookie), a.Text("session.token")+".") {
		t.Error("the answer shows another token than the cookie")
	}
	at, _ := time.Parse(time.RFC3339, a.Text("session.expiresAt"))
	if life := at.Sub(h.Host.Clock()); life > time.Hour || life < time.Hour-time.Minute {
		t.Errorf("lives %v", life)
	}
	if got := h.root.Get(api + "/get-session").Text("user.id"); got != u.ID {
		t.Errorf("the session is that of %q", got)
	}
	h.root.Get(api+"/admin/list-users").Want(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS")
	h.root.Post(api+"/admin/impersonate-user", body{"userId": root.ID}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS")
	h.root.Post(api+"/change-password", body{"currentPassword": servertest.Password, "newPassword": "another-Good-1-password"}).Want(403, "")
	if n := len(own.Get(api + "/list-sessions").Value("").([]any)); n != 1 {
		t.Errorf("the person sees %d sessions", n)
	}

	stop := h.root.Post(api+"/admin/stop-impersonating", nil).Want(200, "")
	if got, want := strings.Join(set(stop), " "), "session_token=168h0m0s dont_remember=gone admin_session=gone"; got != want {
		t.Errorf("cookies %s, want %s", got, want)
	}
	if stop.Text("user.id") != root.ID || stop.Value("session.impersonatedBy") != nil {
		t.Errorf("answer %s", stop.Body)
	}
	h.root.Get(api+"/admin/list-users").Want(200, "")
	if h.root.Cookie(tokenCookie) == before {
		t.Error("the administrator has the former token")
	}
	late := h.Browser()
	late.Header.Set("Cookie", tokenCookie+"="+before)
	if got := late.Get(api + "/get-session"); string(got.Body) != "null" {
		t.Error("the former token still works")
	}
	if n, _ := h.Host.DB.Access(t.Context()).Session().Query().Where(session.ImpersonatedByNotNil()).Count(t.Context()); n != 0 {
		t.Errorf("%d impersonated sessions are left", n)
	}
	if h.count("impersonation.started", u.ID) != 1 || h.count("impersonation.stopped", u.ID) != 1 {
		t.Error("events are missing")
	}
	// The session counts as the administrator's: their address does not become one that
	// the person is known by.
	of := func(actor string) int {
		return h.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind("session.created"), event.SubjectID(u.ID), event.ActorID(actor)).CountX(t.Context())
	}
	if of(root.ID) != 1 || of(u.ID) != 1 {
		t.Errorf("sessions opened: %d by the administrator, %d by the person", of(root.ID), of(u.ID))
	}
	h.root.Post(api+"/admin/stop-impersonating", nil).Want(400, "")
}

func TestAdminSessionCookieIsThatOfTheWire(t *testing.T) {
	keys, err := secret.NewRing(nil, "0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	want := "zhlIXx2Zx9tBliKaVlSlzl4s87g5chuq:./if8I3Qz+KMoAYjv//6bZGeT7O5tefq0rMdbKgG8rn4="
	if got := keys.Sign("zhlIXx2Zx9tBliKaVlSlzl4s87g5chuq:"); got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

func TestBrowserSessionsStayBrowserSessions(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	h.root = h.Browser()
	h.root.Post(api+"/sign-in/email", body{"email": rootEmail, "password": servertest.Password, "rememberMe": false}).Want(200, "")
	h.impersonate(u.ID)
	saved := h.root.Cookie(adminCookie)
	if !strings.Contains(saved, "%3Atrue.") {
		t.Errorf("admin_session is %s", saved)
	}
	stop := h.root.Post(api+"/admin/stop-impersonating", nil).Want(200, "")
	if got, want := strings.Join(set(stop), " "), "session_token=browser dont_remember=browser admin_session=gone"; got != want {
		t.Errorf("cookies %s, want %s", got, want)
	}
}

func TestTheFormerTokenCanBeKept(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.new_token_after_impersonation": "false"})
	u := h.somebody("ann", "user")
	before := h.root.Cookie(tokenCookie)
	h.impersonate(u.ID)
	h.root.Post(api+"/admin/stop-impersonating", nil).Want(200, "")
	if h.root.Cookie(tokenCookie) != before {
		t.Error("the token changed")
	}
}

func TestWhoIsNotImpersonated(t *testing.T) {
	h := open(t, nil, nil)
	try := func(id string, status int, code string) {
		t.Helper()
		h.root.Post(api+"/admin/impersonate-user", body{"userId": id}).Want(status, code)
	}
	try(h.somebody("second", "admin").ID, 403, "YOU_CANNOT_IMPERSONATE_ADMINS")
	try(h.somebody("owner", "owner").ID, 403, "YOU_CANNOT_IMPERSONATE_ADMINS")
	try(h.User(rootEmail).ID, 403, "YOU_CANNOT_IMPERSONATE_ADMINS")
	banned := h.somebody("banned", "user")
	h.root.Post(api+"/admin/ban-user", body{"userId": banned.ID}).Want(200, "")
	try(banned.ID, 403, "BANNED_USER")
	try(h.somebody("helper", "support").ID, 200, "")
}

func TestAllowImpersonatingAdmins(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.allow_impersonating_admins": "true", "admin.impersonation_writes": "true"})
	second, owner := h.somebody("second", "admin"), h.somebody("owner", "owner")
	h.root.Post(api+"/admin/impersonate-user", body{"userId": owner.ID}).Want(403, "YOU_CANNOT_IMPERSONATE_ADMINS")
	h.impersonate(second.ID)
	// Acting as an administrator does not open what changes how people get in.
	u := h.somebody("ann", "user")
	for path, in := range map[string]body{
		"/admin/set-user-password": {"userId": u.ID, "newPassword": "another-Good-1-password"},
		"/admin/update-user":       {"userId": u.ID, "data": body{"email": "x@example.test"}},
		"/admin/impersonate-user":  {"userId": u.ID},
		"/admin/remove-user":       {"userId": u.ID},
	} {
		h.root.Post(api+path, in).Want(403, "NOT_ALLOWED_WHILE_IMPERSONATING")
	}
	h.root.Post(api+"/admin/ban-user", body{"userId": u.ID}).Want(200, "")
}

func TestStopWithADeadAdministratorSession(t *testing.T) {
	for _, c := range []struct {
		name string
		kill func(h *house, rootID string)
	}{
		{"signed out elsewhere", func(h *house, id string) {
			if _, err := h.Host.Sessions.End(h.t.Context(), "sign-out", session.UserID(id)); err != nil {
				h.t.Fatal(err)
			}
		}},
		{"no cookie", func(h *house, _ string) {
			h.root.Header.Set("Cookie", tokenCookie+"="+h.root.Cookie(tokenCookie)+"; "+rememberCookie+"="+h.root.Cookie(rememberCookie))
		}},
		{"another person's session", func(h *house, _ string) {
			other := h.SignIn(h.resident("mallory", "user").Email)
			token, _, _ := strings.Cut(other.Cookie(tokenCookie), ".")
			h.root.Header.Set("Cookie", tokenCookie+"="+h.root.Cookie(tokenCookie)+"; "+adminCookie+"="+strings.ReplaceAll(h.Host.Keys.Sign(token+":"), "+", "%2B"))
		}},
		{"badly signed", func(h *house, _ string) {
			h.root.Header.Set("Cookie", tokenCookie+"="+h.root.Cookie(tokenCookie)+"; "+adminCookie+"=x%3A.AAAA")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t, nil, nil)
			u := h.somebody("ann", "user")
			a := h.impersonate(u.ID)
			c.kill(h, h.User(rootEmail).ID)
			stop := h.root.Post(api+"/admin/stop-impersonating", nil).Want(401, "")
			if stop.Text("message") != "Failed to find admin session" {
				t.Errorf("answer %s", stop.Body)
			}
			got := strings.Join(set(stop), " ")
			for _, name := range []string{"session_token=gone", "dont_remember=gone", "admin_session=gone"} {
				if !strings.Contains(got, name) {
					t.Errorf("cookies %s lack %s", got, name)
				}
			}
			if row, _ := h.Host.Sessions.Read(t.Context(), a.Text("session.token")); row != nil {
				t.Error("the impersonated session is alive")
			}
		})
	}
}

func TestImpersonationEndsWithTheImpersonatorsRight(t *testing.T) {
	for name, end := range map[string]func(h *house, id string) error{
		"demoted": func(h *house, id string) error {
			_, err := h.s.SetRole(h.commandLine(), id, []string{"user"})
			return err
		},
		"banned": func(h *house, id string) error {
			write(h.t, h, id, func(u *ent.UserUpdateOne) { u.SetBanned(true) })
			return nil
		},
		"removed": func(h *house, id string) error { return h.s.Remove(h.commandLine(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil, nil)
			h.somebody("other", "admin")
			h.impersonate(h.somebody("ann", "user").ID)
			if err := end(h, h.User(rootEmail).ID); err != nil {
				t.Fatal(err)
			}
			if got := h.root.Get(api + "/get-session"); string(got.Body) != "null" {
				t.Errorf("session %s", got.Body)
			}
			stop := h.root.Post(api+"/admin/stop-impersonating", nil).Want(401, "")
			if h.root.Cookie(adminCookie) != "" {
				t.Errorf("cookies %v", set(stop))
			}
		})
	}
}
