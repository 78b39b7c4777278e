package core_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

// ctxT shortens the signatures of transactions in tests.
type ctxT = context.Context

// providers is a stub of the plugin that knows outside providers.
type providers struct{}

func (providers) Has(_ context.Context, id string) bool { return id == "fake" }
func (providers) SignIn(_ *plugins.Call, r plugins.SocialRequest) (any, error) {
	return body{"provider": r.Provider, "callback": r.CallbackURL, "new": r.NewUserCallbackURL}, nil
}
func (providers) Link(_ *plugins.Call, r plugins.SocialRequest) (any, error) {
	return body{"linked": r.Provider, "first": r.IDToken.FirstName}, nil
}
func (providers) Callback(_ *plugins.Call, in plugins.SocialCallback) (any, error) {
	return plugins.Redirect{URL: "/back?" + in.Provider + in.Code}, nil
}
func (providers) AccessToken(context.Context, *ent.Account) (plugins.ProviderTokens, error) {
	return plugins.ProviderTokens{AccessToken: "at", Scope: "a, b", AccessTokenExpiresAt: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
}
func (providers) Refresh(context.Context, *ent.Account) (plugins.ProviderTokens, error) {
	return plugins.ProviderTokens{AccessToken: "new", RefreshToken: "rt", IDToken: "it"}, nil
}
func (providers) Info(_ context.Context, a *ent.Account) (user, data any, err error) {
	return body{"name": "N"}, body{"sub": a.AccountID}, nil
}
func (providers) Logout(context.Context, *ent.Account, string, string) (string, error) {
	return "https://issuer.example/logout", nil
}

func withProviders() servertest.Options {
	return servertest.Options{Plugins: []plugins.Plugin{stub{Offers: []any{providers{}}}}}
}

func link(t *testing.T, rig *servertest.Rig, provider string) string {
	t.Helper()
	id, now := random.ID(), rig.Clock.Now()
	err := rig.Host.DB.InTx(t.Context(), func(ctx ctxT, tx *auth.Tx) error {
		return tx.Account().Create().SetID(id).SetUserID(rig.User(alice).ID).SetProviderID(provider).SetAccountID("sub-" + provider).
			SetScope("openid, email,,").SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestListAccounts(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	link(t, rig, "fake")
	a := b.Get("/api/auth/list-accounts").Want(200, "")
	if a.Text("0.providerId") != "credential" || a.Text("0.accountId") != a.Text("0.userId") || a.Value("0.password") != nil {
		t.Errorf("%s", a.Body)
	}
	if !strings.Contains(string(a.Body), `"scopes":[]},{"accountId":"sub-fake"`) || !strings.HasSuffix(string(a.Body), `"scopes":["openid","email"]}]`) {
		t.Errorf("%s", a.Body)
	}
	rig.Browser().Get("/api/auth/list-accounts").Want(401, "UNAUTHORIZED")
}

func TestUnlink(t *testing.T) {
	rig := servertest.New(t, withProviders())
	b := rig.SignUp("Alice", alice)
	password := b.Get("/api/auth/list-accounts").Text("0.id")
	refuse(t, b, []row{
		{"nothing", "/unlink-account", body{"providerId": "credential"}, 400, "VALIDATION_ERROR", "[body.accountId] Invalid input: expected string, received undefined"},
		{"the last", "/unlink-account", body{"accountId": password}, 400, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account"},
		{"unknown, while there is one", "/unlink-account", body{"accountId": "no-such-account"}, 400, "FAILED_TO_UNLINK_LAST_ACCOUNT", ""},
	})
	dead := link(t, rig, "gone")
	b.Post("/api/auth/unlink-account", body{"accountId": "no-such-account"}).Want(400, "ACCOUNT_NOT_FOUND")
	b.Post("/api/auth/unlink-account", body{"accountId": password}).Want(400, "FAILED_TO_UNLINK_LAST_ACCOUNT")
	link(t, rig, "fake")
	b.Post("/api/auth/unlink-account", body{"accountId": dead}).Want(200, "")
	b.Post("/api/auth/unlink-account", body{"accountId": password}).Want(200, "")
	rig.Link(alice, "account-unlinked")
	rig.Clock.Advance(25 * time.Hour)
	b.Post("/api/auth/unlink-account", body{"accountId": "x"}).Want(403, "SESSION_NOT_FRESH")
	rig.Browser().Post("/api/auth/unlink-account", body{"accountId": "x"}).Want(401, "UNAUTHORIZED")
}

func TestSelectors(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	id := b.Get("/api/auth/list-accounts").Text("0.id")
	for _, path := range []string{"/get-access-token", "/refresh-token"} {
		refuse(t, b, []row{
			{path + " nothing", path, body{}, 400, "VALIDATION_ERROR", "[body] Invalid input"},
			{path + " too much", path, body{"accountId": id, "providerId": "x"}, 400, "VALIDATION_ERROR", "[body] Invalid input"},
			{path + " cookie off", path, body{"useAccountCookie": false}, 400, "VALIDATION_ERROR", "[body] Invalid input"},
			{path + " cookie", path, body{"useAccountCookie": true}, 400, "ACCOUNT_NOT_FOUND", "Account not found"},
			{path + " unknown", path, body{"accountId": "x"}, 400, "ACCOUNT_NOT_FOUND", ""},
			{path + " password", path, body{"accountId": id}, 400, "PROVIDER_NOT_SUPPORTED", "Provider credential is not supported."},
		})
		if a := rig.Browser().Post("/api/auth"+path, body{"accountId": id}).Want(401, ""); len(a.Body) != 0 {
			t.Errorf("%s", a.Body)
		}
	}
	b.Get("/api/auth/account-info").Want(400, "VALIDATION_ERROR")
	b.Get("/api/auth/account-info?useAccountCookie=true").Want(400, "ACCOUNT_NOT_FOUND")
	b.Get("/api/auth/account-info?accountId="+id).Want(400, "PROVIDER_NOT_CONFIGURED")
	if a := rig.Browser().Get("/api/auth/account-info?accountId=x").Want(401, ""); len(a.Body) != 0 {
		t.Errorf("%s", a.Body)
	}
}

func TestProviderTokens(t *testing.T) {
	rig := servertest.New(t, withProviders())
	b := rig.SignUp("Alice", alice)
	id := link(t, rig, "fake")
	for path, want := range map[string]string{
		"/get-access-token": `{"accessToken":"at","accessTokenExpiresAt":"2031-01-01T00:00:00.000Z","scopes":["a","b"]}`,
		"/refresh-token":    `{"accessToken":"new","refreshToken":"rt","scope":"openid, email,,","idToken":"it","providerId":"fake","accountId":"` + id + `"}`,
	} {
		if a := b.Post("/api/auth"+path, body{"accountId": id}).Want(200, ""); string(a.Body) != want {
			t.Errorf("%s: %s, want %s", path, a.Body, want)
		}
	}
	want := `{"user":{"name":"N"},"data":{"sub":"sub-fake"},"account":{"id":"` + id + `","providerId":"fake","accountId":"sub-fake"}}`
	if a := b.Get("/api/auth/account-info?accountId="+id).Want(200, ""); string(a.Body) != want {
		t.Errorf("%s", a.Body)
	}
	rig.SignUp("Bob", bob).Post("/api/auth/get-access-token", body{"accountId": id}).Want(400, "ACCOUNT_NOT_FOUND")
	quiet := b.Post("/api/auth/sign-out", body{"disableRedirect": true}).Want(200, "")
	if string(quiet.Body) != `{"success":true,"url":"https://issuer.example/logout","redirect":false}` || quiet.Location() != "" {
		t.Errorf("%s", quiet.Body)
	}
	if a := rig.SignIn(alice).Post("/api/auth/sign-out", nil).Want(200, ""); a.Value("redirect") != true || a.Location() != "https://issuer.example/logout" {
		t.Errorf("%s %v", a.Body, a.Header)
	}
}

func TestSocial(t *testing.T) {
	rig := servertest.New(t, withProviders())
	b := rig.SignUp("Alice", alice)
	refuse(t, b, []row{
		{"no provider", "/sign-in/social", body{}, 400, "VALIDATION_ERROR", "[body.provider] Invalid input"},
		{"unknown", "/sign-in/social", body{"provider": "x"}, 404, "PROVIDER_NOT_FOUND", "Provider not found"},
		{"reserved", "/sign-in/social", body{"provider": "fake", "additionalParams": body{"state": "x"}}, 400, "VALIDATION_ERROR",
			"[body.additionalParams] additionalParams cannot include reserved OAuth parameters: state, client_id, redirect_uri, response_type, code_challenge, code_challenge_method, nonce, scope"},
		{"untrusted", "/sign-in/social", body{"provider": "fake", "newUserCallbackURL": "https://evil.example"}, 403, "INVALID_NEW_USER_CALLBACK_URL", ""},
		{"unknown link", "/link-social", body{"provider": "x"}, 404, "PROVIDER_NOT_FOUND", ""},
	})
	rig.Browser().Post("/api/auth/link-social", body{"provider": "fake"}).Want(401, "UNAUTHORIZED")
	if a := b.Post("/api/auth/sign-in/social", body{"provider": "fake", "callbackURL": "/c", "newUserCallbackURL": "/n"}).Want(200, ""); a.Text("callback") != "/c" || a.Text("new") != "/n" {
		t.Errorf("%s", a.Body)
	}
	token := body{"token": "x", "user": body{"name": body{"firstName": "F"}}}
	if a := b.Post("/api/auth/link-social", body{"provider": "fake", "idToken": token}).Want(200, ""); a.Text("first") != "F" {
		t.Errorf("%s", a.Body)
	}
	if a := b.Get("/api/auth/callback/fake?code=c&state=s").Want(302, ""); a.Location() != "/back?fakec" {
		t.Errorf("%v", a.Header)
	}
}

func TestCallbackWithoutProviders(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.Browser()
	at := rig.Origin + "/api/auth/error?error="
	for query, code := range map[string]string{"": "state_not_found", "?code=c": "state_not_found", "?state=s": "state_mismatch", "?state=s&state=t": "invalid_callback_request"} {
		if a := b.Get("/api/auth/callback/github"+query).Want(302, ""); a.Location() != at+code {
			t.Errorf("%q: %v", query, a.Header)
		}
	}
	a := b.Do("POST", "/api/auth/callback/apple?iss=query", "application/x-www-form-urlencoded", []byte("state=a+b&iss=body&other=x&code=%2F")).Want(302, "")
	if a.Location() != rig.Origin+"/api/auth/callback/apple?code=%2F&state=a+b&iss=query" {
		t.Errorf("%v", a.Header)
	}
	b.Post("/api/auth/sign-in/social", body{"provider": "github"}).Want(404, "PROVIDER_NOT_FOUND")
}

func TestServiceRoutes(t *testing.T) {
	b := servertest.New(t, servertest.Options{}).Browser()
	if a := b.Get("/api/auth/ok").Want(200, ""); string(a.Body) != `{"ok":true}` {
		t.Errorf("%s", a.Body)
	}
	for query, want := range map[string]string{"": "UNKNOWN", "?error=INVALID_TOKEN&error_description=Call+phish": "INVALID_TOKEN", "?error=%3Cscript%3E": "UNKNOWN"} {
		a := b.Get("/api/auth/error"+query).Want(200, "")
		page := string(a.Body)
		if !strings.Contains(page, want) || strings.Contains(page, "Call phish") || strings.Contains(page, "<script>&") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%q: %s", query, page)
		}
		if a.Header.Get("Content-Security-Policy") == "" {
			t.Error("no content security policy")
		}
	}
}
