package apikey_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/session"
	"gatehouse/plugins/apikey"
)

// TestHash: the vectors of better-auth api-key 1.
func TestHash(t *testing.T) {
	for key, want := range map[string]string{
		"abc":                           "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
		"pk_" + strings.Repeat("a", 64): "1Ab6CBL03VkGWPt6Cy6ITmbEejYDo8cTAN-lWt2p6mA",
		"hello_AbCdEfGhIjKlMnOpQrStUvWxYzabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN": "o8llTZZ838dXJIBBRmIy8vsrNl7F8HXhFgbQ3kacvbA",
		"ключ_ü": "a6Smz_vaQsplEfqRinwa8jG-ceboKaBecmJVla4MRMc",
		"":       "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
	} {
		if got := apikey.Hash(key); got != want {
			t.Errorf("hash of %q is %s, want %s", key, got, want)
		}
	}
}

// TestCreateOverTheWire: KEY-01, 02, 04, 09 to 13, 16, 17, 24, 30 to 33.
func TestCreateOverTheWire(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	other, _ := h.person("bob")

	h.Browser().Post(api+"/api-key/create", nil).Want(401, "UNAUTHORIZED_SESSION")                  // KEY-01
	h.Browser().Post(api+"/api-key/create", body{"userId": u.ID}).Want(401, "UNAUTHORIZED_SESSION") // KEY-04
	for _, id := range []string{u.ID, other.ID} {
		b.Post(api+"/api-key/create", body{"userId": id}).Want(401, "UNAUTHORIZED_SESSION")
	}
	a := h.key(b, nil) // KEY-02
	for path, want := range map[string]any{"referenceId": u.ID, "configId": "default", "name": nil, "prefix": nil, "refillInterval": nil, "refillAmount": nil,
		"lastRefillAt": nil, "remaining": nil, "lastRequest": nil, "expiresAt": nil, "metadata": nil, "permissions": nil, "enabled": true, "rateLimitEnabled": true,
		"rateLimitTimeWindow": 86400000.0, "rateLimitMax": 10.0, "requestCount": 0.0} {
		if got := a.Value(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	order := "configId name start referenceId prefix key refillInterval refillAmount lastRefillAt enabled rateLimitEnabled rateLimitTimeWindow rateLimitMax " +
		"requestCount remaining lastRequest expiresAt createdAt updatedAt permissions metadata id"
	if got := keysOf(t, a.Body); got != order {
		t.Errorf("keys %s", got)
	}
	key := a.Text("key")
	if len(key) != 64 || a.Text("start") != key[:6] { // KEY-24
		t.Errorf("key %q begins %q", key, a.Text("start"))
	}
	row := h.row(a.Text("id"))
	if row.Key != apikey.Hash(key) || row.CreatedBy != u.ID || row.OwnerKind != apikey.OwnerUser { // KEY-33
		t.Errorf("stored %+v", row)
	}
	if h.count("api-key.created", row.ID) != 1 {
		t.Error("no event")
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be stored")
	}
	if got := h.key(b, body{"name": "deploy"}).Text("name"); got != "deploy" { // KEY-09
		t.Errorf("name %q", got)
	}
	prefixed := h.key(b, body{"prefix": "test-api-key_"}) // KEY-11
	if !strings.HasPrefix(prefixed.Text("key"), "test-api-key_") || prefixed.Text("prefix") != "test-api-key_" || prefixed.Text("start") != "test-a" {
		t.Errorf("prefixed %s", prefixed.Body)
	}
	week := h.key(b, body{"expiresIn": 7 * 86400}) // KEY-13
	end, err := time.Parse(time.RFC3339, week.Text("expiresAt"))
	if left := end.Sub(h.Clock.Now()); err != nil || left < 7*day-time.Minute || left > 7*day {
		t.Errorf("ends in %v, %v", left, err)
	}
	if got := h.key(b, body{"configId": "nobody-knows"}).Text("configId"); got != "default" { // KEY-32
		t.Errorf("configId %q", got)
	}
	h.key(b, body{"remaining": nil, "expiresIn": nil}) // KEY-31
	for _, c := range []struct {
		name   string
		in     any
		status int
		code   string
	}{
		{"KEY-10", body{"name": strings.Repeat("n", 33)}, 400, "INVALID_NAME_LENGTH"},
		{"KEY-12", body{"prefix": strings.Repeat("p", 33)}, 400, "INVALID_PREFIX_LENGTH"},
		{"KEY-16 soon", body{"expiresIn": 43200}, 400, "EXPIRES_IN_IS_TOO_SMALL"},
		{"KEY-16 late", body{"expiresIn": 10 * 365 * 86400}, 400, "EXPIRES_IN_IS_TOO_LARGE"},
		{"KEY-17 amount", body{"refillAmount": 1}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-17 interval", body{"refillInterval": 1}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-17 max", body{"rateLimitMax": 1}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-17 window", body{"rateLimitTimeWindow": 1}, 400, "SERVER_ONLY_PROPERTY"},
		{"limit switch", body{"rateLimitEnabled": false}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-31 permissions", body{"permissions": body{}}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-31 remaining", body{"remaining": 1}, 400, "SERVER_ONLY_PROPERTY"},
		{"KEY-23", body{"metadata": body{"a": 1}}, 400, "METADATA_DISABLED"},
		{"KEY-30 blank", body{"prefix": "a b"}, 400, "VALIDATION_ERROR"},
		{"KEY-30 empty", body{"prefix": ""}, 400, "VALIDATION_ERROR"},
		{"KEY-30 zero", body{"expiresIn": 0}, 400, "VALIDATION_ERROR"},
		{"KEY-30 text", body{"expiresIn": "week"}, 400, "VALIDATION_ERROR"},
		{"no object", `[]`, 400, "VALIDATION_ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) { b.In(t).Post(api+"/api-key/create", c.in).Want(c.status, c.code) })
	}
	b.Do("POST", api+"/api-key/create", "", nil).Want(400, "VALIDATION_ERROR")
	long := h.Browser()
	long.Post(api+"/api-key/create", body{"remaining": 1}).Want(400, "SERVER_ONLY_PROPERTY") // before the session
}

// TestStaleSessions: keys are made by fresh sessions alone (SEC-041), and by sessions that
// are still there (KEY-29).
func TestStaleSessions(t *testing.T) {
	h := open(t, setup{settings: map[string]string{"session.cookie_cache.enabled": "true"}})
	u, b := h.person("ann")
	h.key(b, nil)
	_, err := h.Host.Sessions.End(t.Context(), "revoked", session.UserID(u.ID))
	if err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/api-key/create", nil).Want(401, "UNAUTHORIZED_SESSION")
	b = h.SignIn(u.Email)
	h.Clock.Advance(25 * time.Hour)
	b.Post(api+"/api-key/create", nil).Want(403, "SESSION_NOT_FRESH")
}

// TestCreateAsTheProgram: KEY-03, 05, 06, 18 to 20, 26 to 28.
func TestCreateAsTheProgram(t *testing.T) {
	h := open(t, setup{settings: plain(`default_permissions = {files = ["read"]}`)})
	u, _ := h.person("ann")
	if _, err := h.s.Create(t.Context(), apikey.NewKey{}); !errors.Is(err, apikey.ErrNoSession) {
		t.Errorf("KEY-03: %v", err)
	}
	if m := h.made(apikey.NewKey{UserID: u.ID}); m.Row.ReferenceID != u.ID || !m.Row.RateLimitEnabled || *m.Row.Permissions != `{"files":["read"]}` {
		t.Errorf("KEY-05, 28: %+v", m.Row)
	}
	if m := h.made(apikey.NewKey{UserID: u.ID, RateLimitEnabled: ptr(false)}); m.Row.RateLimitEnabled {
		t.Error("KEY-06")
	}
	for name, c := range map[string]struct {
		n    apikey.NewKey
		want error
	}{
		"KEY-18 interval": {apikey.NewKey{UserID: u.ID, RefillInterval: ptr(int64(1000))}, apikey.ErrRefillNeedsAmount},
		"KEY-18 amount":   {apikey.NewKey{UserID: u.ID, RefillAmount: ptr(int64(10))}, apikey.ErrRefillNeedsInterval},
		"gone":            {apikey.NewKey{UserID: "nobody"}, apikey.ErrInvalidReference},
	} {
		if _, err := h.s.Create(t.Context(), c.n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if apikey.ErrRefillNeedsAmount.Code != "REFILL_INTERVAL_AND_AMOUNT_REQUIRED" || apikey.ErrRefillNeedsInterval.Code != "REFILL_AMOUNT_AND_INTERVAL_REQUIRED" {
		t.Error("KEY-18: codes are the wrong way round")
	}
	m := h.made(apikey.NewKey{UserID: u.ID, RefillAmount: ptr(int64(10)), RefillInterval: ptr(int64(1000)), RateLimitMax: ptr(int64(15)), RateLimitTimeWindow: ptr(int64(1000)),
		Permissions: apikey.Permissions{"files": {"read", "write"}}})
	row := h.row(m.Row.ID)
	if *row.RefillAmount != 10 || *row.RefillInterval != 1000 || row.Remaining != nil || *row.RateLimitMax != 15 || *row.RateLimitTimeWindow != 1000 ||
		*row.Permissions != `{"files":["read","write"]}` {
		t.Errorf("KEY-19, 20, 26, 27: %+v", row)
	}
	for _, n := range []int64{10, 0} {
		if row := h.row(h.made(apikey.NewKey{UserID: u.ID, Remaining: &n}).Row.ID); *row.Remaining != n {
			t.Errorf("KEY-20: %d", *row.Remaining)
		}
	}
}

// TestKinds: KEY-07, 08, 14, 15, 21 to 23, 25.
func TestKinds(t *testing.T) {
	t.Run("KEY-07", func(t *testing.T) {
		h := open(t, setup{settings: plain(`require_name = true`)})
		_, b := h.person("ann")
		b.Post(api+"/api-key/create", nil).Want(400, "NAME_REQUIRED")
		b.Post(api+"/api-key/create", body{"name": ""}).Want(400, "NAME_REQUIRED")
		h.key(b, body{"name": "x"})
	})
	t.Run("KEY-08", func(t *testing.T) {
		h := open(t, setup{settings: plain(`rate_limit = {enabled = false, window = "1s", max = 10}`)})
		_, b := h.person("ann")
		a := h.key(b, nil)
		if a.Value("rateLimitEnabled") != false || a.Value("rateLimitTimeWindow") != 1000.0 || a.Value("rateLimitMax") != 10.0 {
			t.Errorf("%s", a.Body)
		}
	})
	t.Run("KEY-14", func(t *testing.T) {
		h := open(t, setup{settings: plain(`disable_key_hashing = true`)})
		_, b := h.person("ann")
		a := h.key(b, nil)
		if h.row(a.Text("id")).Key != a.Text("key") {
			t.Error("the key is not stored as it is")
		}
		h.want(a.Text("key"), "")
	})
	t.Run("KEY-15, 75", func(t *testing.T) {
		h := open(t, setup{settings: plain(`expiration = {disable_custom = true, default = "30d"}`)})
		_, b := h.person("ann")
		b.Post(api+"/api-key/create", body{"expiresIn": 86400}).Want(400, "KEY_DISABLED_EXPIRATION")
		a := h.key(b, nil)
		if a.Value("expiresAt") == nil {
			t.Error("the default life does not count")
		}
		b.Post(api+"/api-key/update", body{"keyId": a.Text("id"), "expiresIn": nil}).Want(400, "KEY_DISABLED_EXPIRATION")
	})
	t.Run("KEY-21, 22, 78, 83, 93", func(t *testing.T) {
		h := open(t, setup{settings: plain(`metadata = true`)})
		_, b := h.person("ann")
		b.Post(api+"/api-key/create", body{"metadata": "invalid"}).Want(400, "INVALID_METADATA_TYPE")
		a := h.key(b, `{"metadata":{"z":1,"a":[true,null,"<&>"]}}`)
		text := `"metadata":{"z":1,"a":[true,null,"<&>"]}`
		got := b.Get(api+"/api-key/get?id="+a.Text("id")).Want(200, "")
		for _, answer := range []string{string(a.Body), string(got.Body), string(b.Get(api+"/api-key/list").Want(200, "").Body)} {
			if !strings.Contains(answer, text) {
				t.Errorf("answer %s", answer)
			}
		}
		if got := h.key(b, `{"metadata":""}`); got.Value("metadata") != "" || h.row(got.Text("id")).Metadata != nil {
			t.Errorf("a falsy text: %s", got.Body)
		}
		b.Post(api+"/api-key/update", body{"keyId": a.Text("id"), "metadata": "invalid"}).Want(400, "INVALID_METADATA_TYPE")
		if got := b.Post(api+"/api-key/update", body{"keyId": a.Text("id"), "metadata": body{"b": 2}}).Want(200, "").Value("metadata.b"); got != 2.0 {
			t.Errorf("metadata.b is %v", got)
		}
		if got := b.Post(api+"/api-key/update", body{"keyId": a.Text("id"), "metadata": nil}).Want(200, ""); got.Value("metadata") != nil {
			t.Errorf("cleared: %s", got.Body)
		}
	})
	t.Run("KEY-25", func(t *testing.T) {
		h := open(t, setup{settings: kinds(`{default = {store_start = false}, three = {start_length = 3}}`)})
		_, b := h.person("ann")
		if a := h.key(b, nil); a.Value("start") != nil {
			t.Errorf("start %v", a.Value("start"))
		}
		if a := h.key(b, body{"configId": "three"}); a.Text("start") != a.Text("key")[:3] {
			t.Errorf("start %v", a.Value("start"))
		}
	})
	t.Run("KEY-123", func(t *testing.T) {
		h := open(t, setup{settings: kinds(`{other = {}}`)})
		_, b := h.person("ann")
		b.Post(api+"/api-key/create", nil).Want(400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND")
		b.Post(api+"/api-key/create", body{"configId": "unknown"}).Want(400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND")
		b.Get(api+"/api-key/get?id=x").Want(400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND")
		if _, code := h.verify("x"); code != "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND" {
			t.Errorf("verify: %s", code)
		}
		h.key(b, body{"configId": "other"})
	})
	t.Run("functions", func(t *testing.T) {
		h := open(t, setup{options: apikey.Options{Custom: map[string]apikey.Custom{"default": {
			Generate: func(_ context.Context, n int, prefix string) (string, error) {
				return prefix + "own-" + strings.Repeat("x", n), nil
			},
			DefaultPermissions: func(_ context.Context, reference string) (apikey.Permissions, error) {
				return apikey.Permissions{"of": {reference}}, nil
			},
		}}}})
		u, b := h.person("ann")
		a := h.key(b, body{"prefix": "p_"})
		if !strings.HasPrefix(a.Text("key"), "p_own-") || a.Text("permissions.of.0") != u.ID {
			t.Errorf("%s", a.Body)
		}
	})
}

// TestLegacyMetadata: KEY-92.
func TestLegacyMetadata(t *testing.T) {
	h := open(t, setup{settings: plain(`metadata = true`)})
	u, b := h.person("ann")
	spoil := func(m *apikey.Made) {
		t.Helper()
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.Platform().APIKey().UpdateOneID(m.Row.ID).SetMetadata(`"{\"a\":1}"`).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	m := h.made(apikey.NewKey{UserID: u.ID})
	repaired := func(how string, shown any) {
		t.Helper()
		if shown != 1.0 || *h.row(m.Row.ID).Metadata != `{"a":1}` {
			t.Errorf("%s shows %v, stored %s", how, shown, *h.row(m.Row.ID).Metadata)
		}
		spoil(m)
	}
	spoil(m)
	repaired("get", b.Get(api+"/api-key/get?id="+m.Row.ID).Want(200, "").Value("metadata.a"))
	repaired("list", b.Get(api+"/api-key/list").Want(200, "").Value("apiKeys.0.metadata.a"))
	repaired("update", b.Post(api+"/api-key/update", body{"keyId": m.Row.ID, "name": "n"}).Want(200, "").Value("metadata.a"))
	_, root := h.administrator("root", "admin")
	repaired("verify", root.Post(api+"/api-key/verify", body{"key": m.Secret}).Want(200, "").Value("key.metadata.a"))
}
