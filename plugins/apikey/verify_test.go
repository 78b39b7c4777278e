package apikey_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
)

// TestVerify: KEY-40, 41, 47 to 52, 60 to 62.
func TestVerify(t *testing.T) {
	h := open(t, setup{settings: plain(`metadata = true`)})
	u, b := h.person("ann")
	a := h.key(b, body{"metadata": body{"a": 1}, "expiresIn": 86400})
	row, code := h.verify(a.Text("key")) // KEY-40, 48, 52
	if code != "" || row.ID != a.Text("id") || row.LastRequest == nil || row.RequestCount != 1 || *row.Metadata != `{"a":1}` {
		t.Errorf("%q %+v", code, row)
	}
	if got := b.Get(api + "/api-key/get?id=" + row.ID).Value("lastRequest"); got == nil {
		t.Error("KEY-48: lastRequest is not shown")
	}
	h.want("invalid", "INVALID_API_KEY") // KEY-41
	h.Clock.Advance(25 * time.Hour)
	h.want(a.Text("key"), "KEY_EXPIRED", "INVALID_API_KEY") // KEY-47, 107

	files := h.made(apikey.NewKey{UserID: u.ID, Permissions: apikey.Permissions{"files": {"read", "write"}, "users": {"read"}}})
	none := h.made(apikey.NewKey{UserID: u.ID})
	for name, c := range map[string]struct {
		key  string
		ask  apikey.Permissions
		want string
	}{
		"KEY-49":      {files.Secret, apikey.Permissions{"files": {"read"}}, ""},
		"both":        {files.Secret, apikey.Permissions{"files": {"read", "write"}, "users": {"read"}}, ""},
		"KEY-50":      {files.Secret, apikey.Permissions{"users": {"write"}}, "KEY_NOT_FOUND"},
		"half":        {files.Secret, apikey.Permissions{"files": {"read"}, "users": {"write"}}, "KEY_NOT_FOUND"},
		"KEY-51":      {none.Secret, apikey.Permissions{"files": {"write"}}, "KEY_NOT_FOUND"},
		"KEY-62":      {files.Secret, apikey.Permissions{}, "KEY_NOT_FOUND"},
		"KEY-62 none": {none.Secret, apikey.Permissions{}, "KEY_NOT_FOUND"},
		"no actions":  {files.Secret, apikey.Permissions{"files": {}}, "KEY_NOT_FOUND"},
	} {
		if _, code := h.verify(c.key, asking(c.ask)); code != c.want {
			t.Errorf("%s: %q, want %q", name, code, c.want)
		}
	}
	b = h.SignIn(u.Email)
	b.Post(api+"/api-key/update", body{"keyId": none.Row.ID, "enabled": false}).Want(200, "")
	h.want(none.Secret, "KEY_DISABLED") // KEY-61
	one := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(1))})
	h.want(one.Secret, "", "USAGE_EXCEEDED", "INVALID_API_KEY") // KEY-46, 60
	if h.row(one.Row.ID) != nil {
		t.Error("KEY-60: the key is still there")
	}
	ten := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(10))})
	for _, left := range []int64{9, 8} { // KEY-45
		if row, _ := h.verify(ten.Secret); *row.Remaining != left || *h.row(ten.Row.ID).Remaining != left {
			t.Errorf("%d are left, want %d", *row.Remaining, left)
		}
	}
}

// TestRateLimit: KEY-42, 43, 64 and D-6.
func TestRateLimit(t *testing.T) {
	h := open(t, setup{settings: plain(`rate_limit = {window = "1s", max = 10}`)})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(100))})
	for i := range 20 {
		want := ""
		if i >= 10 {
			want = "RATE_LIMITED"
		}
		h.want(m.Secret, want)
	}
	if row := h.row(m.Row.ID); *row.Remaining != 90 || row.RequestCount != 10 {
		t.Errorf("%d remaining, %d counted", *row.Remaining, row.RequestCount)
	}
	_, err := h.s.Verify(t.Context(), apikey.Ask{Key: m.Secret})
	if e := auth.AsError(err); e.Details == nil || e.RetryAfter <= 0 || e.RetryAfter > time.Second {
		t.Errorf("KEY-64: %+v", e)
	}
	h.Clock.Advance(1001 * time.Millisecond)
	h.want(m.Secret, "")
	off := h.made(apikey.NewKey{UserID: u.ID, RateLimitEnabled: ptr(false)})
	for range 12 {
		h.want(off.Secret, "")
	}
}

// TestRefill: KEY-53 to 55.
func TestRefill(t *testing.T) { dbtest.Each(t, refillOn) }

func refillOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db, settings: plain(`rate_limit = {enabled = false}`)})
	u, _ := h.person("ann")
	key := func(remaining, amount int64, every time.Duration) string {
		return h.made(apikey.NewKey{UserID: u.ID, Remaining: &remaining, RefillAmount: &amount, RefillInterval: ptr(every.Milliseconds())}).Secret
	}
	left := func(key string, want int64) {
		t.Helper()
		if row, code := h.verify(key); code != "" || *row.Remaining != want {
			t.Fatalf("%q, want %d left", code, want)
		}
	}
	k := key(2, 5, time.Hour) // KEY-53
	left(k, 1)
	left(k, 0)
	h.want(k, "USAGE_EXCEEDED")
	h.Clock.Advance(time.Hour + time.Second)
	left(k, 4)
	k = key(1, 10, day) // KEY-54
	left(k, 0)
	h.Clock.Advance(day / 2)
	h.want(k, "USAGE_EXCEEDED")
	h.Clock.Advance(day)
	left(k, 9)
	k = key(1, 3, time.Hour) // KEY-55
	for range 2 {
		h.Clock.Advance(time.Hour + time.Second)
		for _, n := range []int64{2, 1, 0} {
			left(k, n)
		}
		h.want(k, "USAGE_EXCEEDED")
	}
}

// TestValidator: KEY-56, 117, 118: what changes while a key is judged counts (SEC-141).
func TestValidator(t *testing.T) {
	var during func(string)
	ok := true
	h := open(t, setup{settings: kinds(`{default = {}, guarded = {}, open = {}}`), options: apikey.Options{Custom: map[string]apikey.Custom{"guarded": {
		Validate: func(_ context.Context, key string) (bool, error) {
			if during != nil {
				during(key)
			}
			return ok, nil
		}}}}})
	u, b := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID, ConfigID: "guarded"})
	h.want(m.Secret, "")
	ok = false
	h.want(m.Secret, "KEY_NOT_FOUND")
	_, err := h.s.Verify(t.Context(), apikey.Ask{Key: m.Secret, ConfigID: ptr("guarded")})
	if e := auth.AsError(err); e.Code != "KEY_NOT_FOUND" || e.Message.English() != "Invalid API key." {
		t.Errorf("scoped: %v", err)
	}
	h.want(h.made(apikey.NewKey{UserID: u.ID, ConfigID: "open"}).Secret, "")
	ok = true
	during = func(string) {
		b.Post(api+"/api-key/update", body{"keyId": m.Row.ID, "configId": "guarded", "enabled": false}).Want(200, "")
	}
	h.want(m.Secret, "KEY_DISABLED")
	if h.row(m.Row.ID).Enabled {
		t.Error("the key works again")
	}
	during = func(string) {
		b.Post(api+"/api-key/delete", body{"keyId": m.Row.ID, "configId": "guarded"}).Want(200, "")
	}
	h.want(m.Secret, "INVALID_API_KEY")
}

// TestRemoteVerify: KEY-63 and D-10, D-11: only who holds the scope may ask.
func TestRemoteVerify(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	_, root := h.administrator("root", "admin")
	_, viewer := h.administrator("vera", "viewer")
	m := h.made(apikey.NewKey{UserID: u.ID, Permissions: apikey.Permissions{"files": {"read"}}})
	in := body{"key": m.Secret}
	h.Browser().Post(api+"/api-key/verify", in).Want(401, "UNAUTHORIZED")
	b.Post(api+"/api-key/verify", in).Want(403, "FORBIDDEN")
	viewer.Post(api+"/api-key/verify", in).Want(403, "FORBIDDEN")
	a := root.Post(api+"/api-key/verify", in).Want(200, "")
	if a.Value("valid") != true || a.Value("key.id") != m.Row.ID || a.Value("key.key") != nil || keysOf(t, a.Body) != "valid error key" || a.Text("key.permissions.files.0") != "read" {
		t.Errorf("%s", a.Body)
	}
	a = root.Post(api+"/api-key/verify", body{"key": "nonsense"}).Want(200, "")
	if string(a.Body) != `{"valid":false,"error":{"message":"Invalid API key.","code":"INVALID_API_KEY"},"key":null}` {
		t.Errorf("%s", a.Body)
	}
	root.Post(api+"/api-key/verify", body{"key": 7}).Want(400, "VALIDATION_ERROR")
	if a := root.Post(api+"/api-key/verify", body{"key": m.Secret, "permissions": body{"files": []string{"write"}}}); a.Text("error.code") != "KEY_NOT_FOUND" {
		t.Errorf("%s", a.Body)
	}
	if a := root.Post(api+"/api-key/verify", body{"key": m.Secret, "permissions": body{}}); a.Text("error.code") != "KEY_NOT_FOUND" {
		t.Errorf("KEY-62: %s", a.Body)
	}
	for range 12 {
		a = root.Post(api+"/api-key/verify", in).Want(200, "")
	}
	if n, _ := a.Value("error.details.tryAgainIn").(float64); a.Text("error.code") != "RATE_LIMITED" || n <= 0 {
		t.Errorf("KEY-64: %s", a.Body)
	}
	root.Post(api+"/api-key/delete-all-expired-api-keys", nil).Want(404, "")

	off := open(t, setup{settings: map[string]string{"api_key.remote_verify": "false"}})
	off.Browser().Post(api+"/api-key/verify", in).Want(404, "")
}

// TestEndWithOwner: KEY-169, decisions 20, SEC-142.
func TestEndWithOwner(t *testing.T) {
	h := open(t, setup{settings: plain(`sessions = true`)})
	u, b := h.person("ann")
	_, root := h.administrator("root", "admin")
	m := h.made(apikey.NewKey{UserID: u.ID})
	h.want(m.Secret, "")
	root.Post(api+"/admin/ban-user", body{"userId": u.ID}).Want(200, "")
	h.want(m.Secret, "USER_BANNED")
	h.with(m.Secret).Get(api+"/get-session").Want(401, "USER_BANNED")
	b.Post(api+"/api-key/delete", body{"keyId": m.Row.ID}).Want(401, "") // KEY-95
	root.Post(api+"/admin/unban-user", body{"userId": u.ID}).Want(200, "")
	h.want(m.Secret, "")
	if n := h.row(m.Row.ID).RequestCount; n != 2 {
		t.Errorf("the refused uses were counted: %d", n)
	}
	root.Post(api+"/admin/remove-user", body{"userId": u.ID}).Want(200, "")
	h.want(m.Secret, "INVALID_API_KEY")
	if h.row(m.Row.ID) != nil {
		t.Error("the key of a deleted person is still there")
	}
	h.with(m.Secret).Get(api+"/get-session").Want(401, "INVALID_API_KEY")
}

// TestNeverMoreThanOwner: a permission of the platform counts while its owner holds it.
func TestNeverMoreThanOwner(t *testing.T) {
	h := open(t, setup{})
	_, root := h.administrator("root", "owner")
	ann, _ := h.administrator("ann", "admin")
	m := h.made(apikey.NewKey{UserID: ann.ID, RateLimitEnabled: ptr(false), Permissions: apikey.Permissions{"user": {"list", "impersonate-admins"}, "files": {"read"}}})
	held := func(resource, action string) bool {
		_, code := h.verify(m.Secret, asking(apikey.Permissions{resource: {action}}))
		return code == ""
	}
	if !held("user", "list") || held("user", "impersonate-admins") || !held("files", "read") {
		t.Error("the key does not hold what it and its owner hold")
	}
	root.Post(api+"/admin/set-role", body{"userId": ann.ID, "role": "user"}).Want(200, "")
	if held("user", "list") || !held("files", "read") {
		t.Error("the key holds more than its owner")
	}
}

// callers is how many requests come at once in the races.
const callers = 64

// at64 calls something from 64 goroutines at once and counts the answers.
func at64(call func() string) map[string]int {
	var mu sync.Mutex
	var wait sync.WaitGroup
	begin, seen := make(chan struct{}), map[string]int{}
	for range callers {
		wait.Go(func() {
			<-begin
			code := call()
			mu.Lock()
			defer mu.Unlock()
			seen[code]++
		})
	}
	close(begin)
	wait.Wait()
	return seen
}

func (h *house) code(key string) string {
	_, err := h.s.Verify(h.t.Context(), apikey.Ask{Key: key})
	if err == nil {
		return ""
	}
	return auth.AsError(err).Error()
}

// TestRaces: KEY-58, 59 with 64 callers on each database, from two servers.
func TestRaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, setup{db: db})
		others := open(t, setup{db: dbtest.Reopen(t, db)})
		if db.Dialect == "sqlite3" { // one server a file
			others = h
		}
		u, _ := h.person("ann")
		turn := 0
		var mu sync.Mutex
		either := func(key string) func() string {
			return func() string {
				mu.Lock()
				turn++
				who := h
				if turn%2 == 0 {
					who = others
				}
				mu.Unlock()
				return who.code(key)
			}
		}
		// Refillable, so that the key stays when it is used up.
		one := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(1)), RefillAmount: ptr(int64(5)), RefillInterval: ptr(day.Milliseconds()), RateLimitEnabled: ptr(false)})
		seen := at64(either(one.Secret))
		if seen[""] != 1 || seen["USAGE_EXCEEDED: API Key has reached its usage limit"] != callers-1 || *h.row(one.Row.ID).Remaining != 0 {
			t.Errorf("remaining 1: %v, left %d", seen, *h.row(one.Row.ID).Remaining)
		}
		last := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(1))})
		if seen := at64(either(last.Secret)); seen[""] != 1 {
			t.Errorf("remaining 1, not refilled: %v", seen)
		}
		limited := h.made(apikey.NewKey{UserID: u.ID, RateLimitMax: ptr(int64(7))})
		seen = at64(either(limited.Secret))
		if seen[""] != 7 || seen["RATE_LIMITED: Rate limit exceeded."] != callers-7 || h.row(limited.Row.ID).RequestCount != 7 {
			t.Errorf("rate limit 7: %v, counted %d", seen, h.row(limited.Row.ID).RequestCount)
		}
		slow := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(0)), RefillAmount: ptr(int64(3)), RefillInterval: ptr(time.Hour.Milliseconds()), RateLimitEnabled: ptr(false)})
		h.Clock.Advance(2 * time.Hour)
		others.Clock.Advance(2 * time.Hour)
		if seen := at64(either(slow.Secret)); seen[""] != 3 || *h.row(slow.Row.ID).Remaining != 0 {
			t.Errorf("refill of 3: %v", seen)
		}
		many := make([]*apikey.Made, 8)
		for i := range many {
			many[i] = h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(100)), RateLimitEnabled: ptr(false)})
		}
		at64(func() string {
			for _, m := range many {
				if code := either(m.Secret)(); code != "" {
					t.Error(code)
				}
			}
			return ""
		})
		for _, m := range many {
			if left := *h.row(m.Row.ID).Remaining; left != 100-callers {
				t.Errorf("%d are left of 100 after %d uses", left, callers)
			}
		}
	})
}

// TestDisableDuringUse: of many uses none succeeds after the one that saw the key disabled,
// and none brings it back (SEC-141).
func TestDisableDuringUse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, setup{db: db})
		u, b := h.person("ann")
		m := h.made(apikey.NewKey{UserID: u.ID, RateLimitMax: ptr(int64(10_000))})
		var wait sync.WaitGroup
		wait.Go(func() {
			b.Post(api+"/api-key/update", body{"keyId": m.Row.ID, "enabled": false}).Want(200, "")
			if code := h.code(m.Secret); code != "KEY_DISABLED: API Key is disabled" {
				t.Errorf("after the answer: %s", code)
			}
		})
		at64(func() string { return h.code(m.Secret) })
		wait.Wait()
		if h.row(m.Row.ID).Enabled {
			t.Error("the key works again")
		}
	})
}

// meddler does something between the read of a key with its owner and its use.
type meddler struct{ now func() }

func (m *meddler) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "meddler", Name: "Meddler"}
}

func (m *meddler) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Grants: []auth.GrantSource{{
		Grants: func(context.Context, auth.Facts) (auth.Given, error) { return auth.Given{}, nil },
		Deny: func(auth.Facts) *auth.Error {
			if do := m.now; do != nil {
				m.now = nil
				do()
			}
			return nil
		}}}}, nil
}

// TestChangedMeanwhile: a use counts only if the key still is what it was judged by when
// it is written (SEC-140, SEC-141).
func TestChangedMeanwhile(t *testing.T) {
	m := &meddler{}
	h := openWith(t, setup{}, m)
	u, _ := h.person("ann")
	past := func(id string) {
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.Platform().APIKey().UpdateOneID(id).SetExpiresAt(h.Clock.Now().Add(-time.Hour)).Exec(ctx)
		})
		if err != nil {
			t.Error(err)
		}
	}
	change := func(ch apikey.Change) func(string) {
		return func(id string) {
			if _, err := h.s.Update(t.Context(), "", id, u.ID, ch); err != nil {
				t.Error(err)
			}
		}
	}
	for name, c := range map[string]struct {
		do    func(id string)
		asked apikey.Permissions
		want  string
	}{
		"nothing":               {func(string) {}, nil, ""},
		"disabled":              {change(apikey.Change{Enabled: ptr(false)}), nil, "KEY_DISABLED"},
		"over":                  {past, nil, "KEY_EXPIRED"},
		"limited":               {change(apikey.Change{RateLimitMax: ptr(int64(0))}), nil, ""},
		"permissions, asked":    {change(apikey.Change{Permissions: apikey.Permissions{"files": {"write"}}}), apikey.Permissions{"files": {"read"}}, "KEY_NOT_FOUND"},
		"permissions, not":      {change(apikey.Change{Permissions: apikey.Permissions{"files": {"write"}}}), nil, ""},
		"renamed":               {change(apikey.Change{Name: ptr("new")}), apikey.Permissions{"files": {"read"}}, ""},
		"deleted":               {func(id string) { _ = h.s.Delete(h.as(u), id) }, nil, "INVALID_API_KEY"},
		"used up meanwhile":     {change(apikey.Change{Remaining: ptr(int64(1))}), nil, ""},
		"limited after its use": {change(apikey.Change{RateLimitMax: ptr(int64(1))}), nil, "RATE_LIMITED"},
	} {
		k := h.made(apikey.NewKey{UserID: u.ID, Permissions: apikey.Permissions{"files": {"read"}}})
		if name == "limited after its use" {
			h.want(k.Secret, "")
		}
		m.now = func() { c.do(k.Row.ID) }
		if _, code := h.verify(k.Secret, asking(c.asked)); code != c.want {
			t.Errorf("%s: %q, want %q", name, code, c.want)
		}
	}
}

// TestNoText: what is no text is no key, however keys are stored.
func TestNoText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, setup{db: db, settings: plain(`disable_key_hashing = true`)})
		for _, key := range []string{"", "\xff", "a\x00b", strings.Repeat("x", 10_000)} {
			h.want(key, "INVALID_API_KEY")
		}
	})
}
