package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	entkey "gatehouse/ent/apikey"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
)

// TestUpdate: KEY-71 to 74, 77, 79, 80, 94 and D-4.
func TestUpdate(t *testing.T) {
	h := open(t, setup{settings: plain(`metadata = true`)})
	u, b := h.person("ann")
	_, other := h.person("bob")
	m := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(100))})
	update := func(in body) *servertest.Answer {
		in["keyId"] = m.Row.ID
		return b.Post(api+"/api-key/update", in)
	}
	if a := update(body{"name": "new"}).Want(200, ""); a.Text("name") != "new" || a.Value("lastRequest") != nil || a.Value("key") != nil {
		t.Errorf("KEY-71, 79: %s", a.Body)
	}
	if !h.row(m.Row.ID).UpdatedAt.After(m.Row.UpdatedAt) {
		t.Error("D-4: updatedAt stays")
	}
	update(body{"name": strings.Repeat("n", 33)}).Want(400, "INVALID_NAME_LENGTH") // KEY-72
	update(body{"name": ""}).Want(400, "INVALID_NAME_LENGTH")
	update(body{}).Want(400, "NO_VALUES_TO_UPDATE") // KEY-73
	update(body{"expiresIn": 3600}).Want(400, "EXPIRES_IN_IS_TOO_SMALL")
	update(body{"expiresIn": 366 * 86400}).Want(400, "EXPIRES_IN_IS_TOO_LARGE")
	if a := update(body{"expiresIn": 7 * 86400}).Want(200, ""); a.Value("expiresAt") == nil { // KEY-74
		t.Errorf("%s", a.Body)
	}
	if a := update(body{"expiresIn": nil}).Want(200, ""); a.Value("expiresAt") != nil {
		t.Errorf("%s", a.Body)
	}
	if a := update(body{"enabled": false}).Want(200, ""); a.Value("enabled") != false { // KEY-77
		t.Errorf("%s", a.Body)
	}
	if a := update(body{"metadata": body{"x": 1}}).Want(200, ""); a.Value("remaining") != 100.0 || a.Value("lastRequest") != nil { // KEY-80
		t.Errorf("%s", a.Body)
	}
	for _, field := range []string{"remaining", "refillAmount", "refillInterval", "rateLimitMax", "rateLimitTimeWindow"} {
		update(body{field: 5}).Want(400, "SERVER_ONLY_PROPERTY")
	}
	update(body{"rateLimitEnabled": false}).Want(400, "SERVER_ONLY_PROPERTY")
	update(body{"permissions": nil}).Want(400, "SERVER_ONLY_PROPERTY")
	update(body{"userId": "somebody", "name": "x"}).Want(401, "UNAUTHORIZED_SESSION")
	update(body{"userId": u.ID, "name": "own"}).Want(200, "")
	h.Browser().Post(api+"/api-key/update", body{"keyId": m.Row.ID, "name": "x"}).Want(401, "UNAUTHORIZED_SESSION")
	h.Browser().Post(api+"/api-key/update", body{"name": "x"}).Want(400, "VALIDATION_ERROR")
	b.Post(api+"/api-key/update", body{"keyId": "unknown", "name": "x"}).Want(404, "KEY_NOT_FOUND")

	other.Get(api+"/api-key/get?id="+m.Row.ID).Want(404, "KEY_NOT_FOUND") // KEY-94
	other.Post(api+"/api-key/update", body{"keyId": m.Row.ID, "name": "mine"}).Want(404, "KEY_NOT_FOUND")
	other.Post(api+"/api-key/delete", body{"keyId": m.Row.ID}).Want(404, "KEY_NOT_FOUND")
	if h.count("api-key.updated", m.Row.ID) == 0 {
		t.Error("no event")
	}
}

// TestUpdateAsTheProgram: KEY-70, 76, 80, 81.
func TestUpdateAsTheProgram(t *testing.T) {
	h := open(t, setup{})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	update := func(ch apikey.Change) error {
		_, err := h.s.Update(t.Context(), "", m.Row.ID, u.ID, ch)
		return err
	}
	if _, err := h.s.Update(t.Context(), "", m.Row.ID, "", apikey.Change{Name: ptr("x")}); !errors.Is(err, apikey.ErrNoSession) {
		t.Errorf("KEY-70: %v", err)
	}
	if err := update(apikey.Change{RefillAmount: ptr(int64(1))}); !errors.Is(err, apikey.ErrRefillNeedsInterval) {
		t.Errorf("KEY-76: %v", err)
	}
	if err := update(apikey.Change{RefillInterval: ptr(int64(1))}); !errors.Is(err, apikey.ErrRefillNeedsAmount) {
		t.Errorf("KEY-76: %v", err)
	}
	err := update(apikey.Change{Remaining: ptr(int64(50)), RefillAmount: ptr(int64(9)), RefillInterval: ptr(int64(1000)), RateLimitEnabled: ptr(false),
		RateLimitMax: ptr(int64(3)), RateLimitTimeWindow: ptr(int64(60)), Permissions: apikey.Permissions{"files": {"read"}}})
	row := h.row(m.Row.ID)
	if err != nil || *row.Remaining != 50 || *row.RefillAmount != 9 || *row.RefillInterval != 1000 || row.RateLimitEnabled || *row.RateLimitMax != 3 ||
		*row.RateLimitTimeWindow != 60 || *row.Permissions != `{"files":["read"]}` || row.LastRequest != nil {
		t.Errorf("KEY-76, 80, 81: %v %+v", err, row)
	}
	if err := update(apikey.Change{NoPermissions: true}); err != nil || h.row(m.Row.ID).Permissions != nil {
		t.Errorf("%v", err)
	}
}

// TestListAndDelete: KEY-82, 84 to 91, 96.
func TestListAndDelete(t *testing.T) { dbtest.Each(t, listAndDeleteOn) }

func listAndDeleteOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	u, b := h.person("ann")
	h.Browser().Get(api+"/api-key/list").Want(401, "UNAUTHORIZED") // KEY-84
	h.Browser().Get(api+"/api-key/get?id=x").Want(401, "UNAUTHORIZED")
	h.Browser().Post(api+"/api-key/delete", body{"keyId": "x"}).Want(401, "UNAUTHORIZED") // KEY-89
	var ids []string
	for i := range 5 {
		ids = append(ids, h.key(b, body{"name": fmt.Sprintf("key %d", 5-i)}).Text("id"))
	}
	list := func(query string) ([]string, *servertest.Answer) {
		t.Helper()
		a := b.Get(api+"/api-key/list"+query).Want(200, "")
		var got []string
		for i := range a.Value("apiKeys").([]any) {
			got = append(got, a.Text(fmt.Sprintf("apiKeys.%d.id", i)))
		}
		return got, a
	}
	same := func(name string, got, want []string) {
		t.Helper()
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	backwards := []string{ids[4], ids[3], ids[2], ids[1], ids[0]}
	got, a := list("")
	same("KEY-85", got, ids)
	if a.Value("total") != 5.0 || keysOf(t, a.Body) != "apiKeys total" || a.Value("apiKeys.0.key") != nil {
		t.Errorf("%s", a.Body)
	}
	got, a = list("?limit=2&offset=0")
	same("first page", got, ids[:2])
	if a.Value("limit") != 2.0 || a.Value("offset") != 0.0 || a.Value("total") != 5.0 { // KEY-88
		t.Errorf("%s", a.Body)
	}
	got, _ = list("?limit=2&offset=2")
	same("second page", got, ids[2:4])
	got, _ = list("?offset=1")
	same("offset", got, ids[1:])
	got, a = list("?offset=9") // KEY-87
	same("beyond", got, nil)
	if a.Value("total") != 5.0 {
		t.Errorf("%s", a.Body)
	}
	got, a = list("?limit=0")
	same("no limit", got, nil)
	if a.Value("limit") != 0.0 {
		t.Errorf("%s", a.Body)
	}
	got, _ = list("?sortBy=createdAt&sortDirection=desc") // KEY-86
	same("newest", got, backwards)
	got, _ = list("?sortBy=name")
	same("by name", got, backwards)
	got, _ = list("?sortBy=name&sortDirection=desc")
	same("by name, descending", got, ids)
	if _, err := h.s.Update(t.Context(), "", ids[2], u.ID, apikey.Change{ExpiresIn: ptr(86400.0)}); err != nil {
		t.Fatal(err)
	}
	got, _ = list("?sortBy=expiresAt&sortDirection=desc")
	if got[0] != ids[2] {
		t.Errorf("what has no value comes last: %v", got)
	}
	b.Get(api+"/api-key/list?sortBy=password").Want(400, "VALIDATION_ERROR") // D-9
	b.Get(api+"/api-key/list?sortBy=key").Want(400, "VALIDATION_ERROR")
	b.Get(api+"/api-key/list?limit=-1").Want(400, "VALIDATION_ERROR")
	b.Get(api+"/api-key/list?sortDirection=up").Want(400, "VALIDATION_ERROR")
	b.Get(api+"/api-key/get").Want(400, "VALIDATION_ERROR")
	b.Get(api+"/api-key/get?id=unknown").Want(404, "KEY_NOT_FOUND") // KEY-82

	if a := b.Post(api+"/api-key/delete", body{"keyId": ids[0]}).Want(200, ""); string(a.Body) != `{"success":true}` { // KEY-90
		t.Errorf("%s", a.Body)
	}
	b.Post(api+"/api-key/delete", body{"keyId": ids[0]}).Want(404, "KEY_NOT_FOUND")
	if h.count("api-key.deleted", ids[0]) != 1 {
		t.Error("no event")
	}

	h.Clock.Advance(25 * time.Hour) // KEY-96
	if err := h.s.DeleteExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.row(ids[2]) != nil || h.row(ids[1]) == nil {
		t.Error("the clean-up removed the wrong keys")
	}
}

// TestSeveralKinds: KEY-110 to 116, 119 to 121.
func TestSeveralKinds(t *testing.T) {
	h := open(t, setup{settings: kinds(`{public-api = {default_prefix = "pub_", rate_limit = {max = 100}}, internal-api = {default_prefix = "int_", rate_limit = {max = 1000}},
		default = {default_prefix = "def_", rate_limit = {enabled = false}}, limited = {rate_limit = {max = 1}}}`)})
	_, b := h.person("ann")
	made := map[string]string{}
	ids := map[string]string{}
	for kind, max := range map[string]float64{"public-api": 100, "internal-api": 1000, "default": 10, "limited": 1} {
		in := body{"configId": kind}
		if kind == "default" {
			in = body{}
		}
		a := h.key(b, in) // KEY-110, 111
		if a.Text("configId") != kind || a.Value("rateLimitMax") != max || !strings.HasPrefix(a.Text("key"), strings.TrimSuffix(a.Text("prefix"), "")) {
			t.Errorf("%s: %s", kind, a.Body)
		}
		made[kind], ids[kind] = a.Text("key"), a.Text("id")
	}
	if n := b.Get(api + "/api-key/list").Value("total"); n != 4.0 { // KEY-112
		t.Errorf("%v keys", n)
	}
	for kind, want := range map[string]float64{"public-api": 1, "default": 1, "unknown": 0} {
		if n := b.Get(api + "/api-key/list?configId=" + kind).Value("total"); n != want {
			t.Errorf("%v keys of %s", n, kind)
		}
	}
	if row, code := h.verify(made["public-api"], scoped("public-api")); code != "" || *row.RateLimitMax != 100 { // KEY-113
		t.Error(code)
	}
	for _, kind := range []string{"public-api", "default"} { // KEY-114
		if row, code := h.verify(made[kind]); code != "" || row.ConfigID != kind {
			t.Error(kind, code)
		}
	}
	for _, scope := range []string{"internal-api", "default", "unknown"} { // KEY-115
		if _, code := h.verify(made["public-api"], scoped(scope)); code != "INVALID_API_KEY" {
			t.Error(scope, code)
		}
	}
	h.want(made["limited"], "", "RATE_LIMITED") // KEY-116
	q := "?configId=internal-api&id=" + ids["internal-api"]
	if a := b.Get(api+"/api-key/get"+q).Want(200, ""); a.Text("configId") != "internal-api" || a.Text("prefix") != "int_" { // KEY-119
		t.Errorf("%s", a.Body)
	}
	b.Get(api+"/api-key/get?id="+ids["internal-api"]).Want(404, "KEY_NOT_FOUND")
	if a := b.Post(api+"/api-key/update", body{"keyId": ids["public-api"], "configId": "public-api", "name": "n"}).Want(200, ""); a.Text("configId") != "public-api" { // KEY-120
		t.Errorf("%s", a.Body)
	}
	b.Post(api+"/api-key/delete", body{"keyId": ids["internal-api"], "configId": "internal-api"}).Want(200, "") // KEY-121
	b.Get(api+"/api-key/get"+q).Want(404, "KEY_NOT_FOUND")
}

// TestOwnersEnd: keys, their search texts and their counts go with the person.
func TestOwnersEnd(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	id := h.key(b, body{"name": "findme"}).Text("id")
	h.want(h.made(apikey.NewKey{UserID: u.ID}).Secret, "")
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Host.Users.Delete(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	access := h.Host.DB.Access(context.Background()).Platform()
	keys, err := access.APIKey().Query().Count(t.Context())
	usage, err2 := access.KeyUsage().Query().Count(t.Context())
	if err != nil || err2 != nil || keys != 0 || usage != 0 || h.row(id) != nil {
		t.Errorf("%d keys and %d counts are left: %v %v", keys, usage, err, err2)
	}
}

// TestCachedSessions: SEC-033, SEC-036, SEC-115, SEC-124: whoever lost what let them see keys
// sees none, although their cookies still say so.
func TestCachedSessions(t *testing.T) {
	h := open(t, setup{settings: map[string]string{"session.cookie_cache.enabled": "true"}})
	ann, b := h.person("ann")
	h.administrator("top", "owner")
	root, r := h.administrator("root", "admin")
	org := h.organization(b, "acme")
	id := h.key(b, body{"configId": "org", "organizationId": org}).Text("id")
	own := h.key(b, nil).Text("id")
	inside := []string{"/api-key/list?organizationId=" + org, "/api-key/get?configId=org&id=" + id}
	for _, c := range []struct {
		who    string
		b      *servertest.Browser
		lose   func()
		paths  []string
		status int
	}{
		{"demoted administrator", r, func() { h.role(root, "user") }, inside, 403},
		{"signed out", b, func() { b.Post(api+"/sign-out", nil).Want(200, "") }, []string{"/api-key/list", "/api-key/get?id=" + own}, 401},
		{"banned owner", h.SignIn(ann.Email), func() { h.ban(ann, true) }, inside, 401},
		{"deleted administrator", h.SignIn(root.Email), func() {
			h.role(root, "admin")
			if err := h.Host.Users.Delete(t.Context(), root.ID, "test"); err != nil {
				t.Fatal(err)
			}
		}, inside, 401},
	} {
		c.b.Get(api+"/get-session").Want(200, "")
		replayed := h.Browser()
		replayed.Header.Set("Cookie", h.cookies(c.b))
		c.lose()
		if a := replayed.Get(api+"/get-session").Want(200, ""); a.Text("user.id") == "" {
			t.Fatalf("%s: nothing is cached: %s", c.who, a.Body)
		}
		for _, path := range c.paths {
			if a := replayed.Get(api + path); a.Status != c.status {
				t.Errorf("%s: %s: %d %s", c.who, path, a.Status, a.Body)
			}
		}
	}
}

// TestUnreadableEnd: SEC-230: a key whose end cannot be read keeps no other from being removed.
func TestUnreadableEnd(t *testing.T) {
	h := openWith(t, setup{db: dbtest.SQLite(t)}) // which takes any text for a time
	u, _ := h.person("ann")
	bad := h.made(apikey.NewKey{UserID: u.ID})
	var over []string
	for range 3 {
		over = append(over, h.made(apikey.NewKey{UserID: u.ID, ExpiresIn: ptr(86400.0)}).Row.ID)
	}
	if _, err := h.Host.DB.Store().SQL.ExecContext(t.Context(), "UPDATE apikey SET expiresAt = '1999-nonsense' WHERE id = ?", bad.Row.ID); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(25 * time.Hour)
	h.job("expired-keys")
	for _, id := range over {
		if h.row(id) != nil {
			t.Error("a key that is over is left")
		}
	}
	// Nor do those who make keys notice.
	id := h.key(h.SignIn(u.Email), body{"expiresIn": 86400}).Text("id")
	h.Clock.Advance(25 * time.Hour)
	h.key(h.SignIn(u.Email), nil)
	if h.row(id) != nil {
		t.Error("a request left a key that is over")
	}
	if n, err := h.Host.DB.Access(t.Context()).Platform().APIKey().Query().Where(entkey.ID(bad.Row.ID)).Count(t.Context()); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
}
