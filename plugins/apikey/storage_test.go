package apikey_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
)

// watched is a storage that counts what is asked of it.
type watched struct {
	apikey.Memory
	mu           sync.Mutex
	gets, sets   map[string]int
	deletes      map[string]int
	lives        map[string]time.Duration
	under        atomic.Int64
	slow         chan struct{} // closed when two reads are under way
	waits        atomic.Bool
	onceTogether sync.Once
	before       func(key string) // is called before something is stored
}

func watch(h func() time.Time) *watched {
	w := &watched{gets: map[string]int{}, sets: map[string]int{}, deletes: map[string]int{}, lives: map[string]time.Duration{}, slow: make(chan struct{})}
	w.Now = h
	return w
}

func (w *watched) Get(ctx context.Context, key string) (string, error) {
	w.mu.Lock()
	w.gets[key]++
	w.mu.Unlock()
	if w.waits.Load() && strings.Contains(key, "by-id") {
		if w.under.Add(1) == 2 {
			w.onceTogether.Do(func() { close(w.slow) })
		}
		<-w.slow
		defer w.under.Add(-1)
	}
	return w.Memory.Get(ctx, key)
}

func (w *watched) Set(ctx context.Context, key, value string, life time.Duration) error {
	w.mu.Lock()
	w.sets[key]++
	w.lives[key] = life
	before := w.before
	w.mu.Unlock()
	if before != nil {
		before(key)
	}
	return w.Memory.Set(ctx, key, value, life)
}

func (w *watched) Delete(ctx context.Context, key string) error {
	w.mu.Lock()
	w.deletes[key]++
	w.mu.Unlock()
	return w.Memory.Delete(ctx, key)
}

func (w *watched) has(key string) bool {
	text, _ := w.Memory.Get(context.Background(), key)
	return text != ""
}

func (w *watched) clear() {
	w.Memory = apikey.Memory{Now: w.Now}
}

// stored opens a house with a storage.
func stored(t *testing.T, more string) (*house, *watched) {
	t.Helper()
	var h *house
	w := watch(func() time.Time { return h.Clock.Now() })
	h = open(t, setup{settings: plain(`storage = "secondary-storage", metadata = true, ` + more), options: apikey.Options{Storage: w}})
	return h, w
}

// TestStorageAlone: KEY-150 to 157.
func TestStorageAlone(t *testing.T) {
	h, w := stored(t, `rate_limit = {max = 2}`)
	u, b := h.person("ann")
	a := h.key(b, body{"metadata": body{"a": 1}, "expiresIn": 86400}) // KEY-150, 154
	id, key := a.Text("id"), a.Text("key")
	text, _ := w.Memory.Get(t.Context(), "api-key:by-id:"+id)
	order := "configId createdAt updatedAt name prefix start key enabled expiresAt referenceId lastRefillAt lastRequest metadata rateLimitMax rateLimitTimeWindow remaining refillAmount " +
		"refillInterval rateLimitEnabled requestCount permissions id"
	if !strings.HasPrefix(keysOf(t, []byte(text)), order) || !strings.Contains(text, `"metadata":{"a":1}`) || !strings.Contains(text, apikey.Hash(key)) || strings.Contains(text, key) {
		t.Errorf("stored %s", text)
	}
	if life := w.lives["api-key:"+apikey.Hash(key)]; life < day-5*time.Second || life > day || life%time.Second != 0 {
		t.Errorf("kept %v", life)
	}
	var ids []string
	list, _ := w.Memory.Get(t.Context(), "api-key:by-ref:"+u.ID)
	if json.Unmarshal([]byte(list), &ids) != nil || len(ids) != 1 || ids[0] != id {
		t.Errorf("list %s", list)
	}
	if h.row(id) != nil {
		t.Error("the key is in the database")
	}
	if a := b.Get(api+"/api-key/get?id="+id).Want(200, ""); a.Value("metadata.a") != 1.0 { // KEY-151, 155
		t.Errorf("%s", a.Body)
	}
	b.Post(api+"/api-key/update", body{"keyId": id, "name": "new"}).Want(200, "")
	if a := b.Get(api+"/api-key/list").Want(200, ""); a.Text("apiKeys.0.name") != "new" || a.Value("total") != 1.0 {
		t.Errorf("%s", a.Body)
	}
	h.want(key, "", "", "RATE_LIMITED")
	five := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(5)), RateLimitEnabled: ptr(false)})
	for _, left := range []int64{4, 3} {
		if row, _ := h.verify(five.Secret); *row.Remaining != left {
			t.Errorf("%d left", *row.Remaining)
		}
	}
	for range 3 {
		h.key(b, nil)
	}
	w.waits.Store(true) // KEY-152: the second read begins before the first ends
	if a := b.Get(api + "/api-key/list"); a.Value("total") != 5.0 {
		t.Errorf("%s", a.Body)
	}
	w.waits.Store(false)
	b.Post(api+"/api-key/delete", body{"keyId": id}).Want(200, "") // KEY-153, 156
	if a := b.Get(api + "/api-key/list?limit=2&sortBy=createdAt"); a.Value("total") != 4.0 || len(a.Value("apiKeys").([]any)) != 2 {
		t.Errorf("%s", a.Body)
	}
	if w.has("api-key:by-id:"+id) || w.has("api-key:"+apikey.Hash(key)) {
		t.Error("the deleted key is still in the storage")
	}
	h.want(key, "INVALID_API_KEY")
	var wait sync.WaitGroup // KEY-157
	made := make([]*apikey.Made, 8)
	for i := range made {
		wait.Go(func() { made[i], _ = h.s.Create(t.Context(), apikey.NewKey{UserID: u.ID}) })
	}
	wait.Wait()
	if a := b.Get(api + "/api-key/list"); a.Value("total") != 12.0 {
		t.Errorf("%v keys", a.Value("total"))
	}
	for _, m := range made {
		h.want(m.Secret, "")
	}
	// KEY-58 in one process, and the end of the owner.
	one := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(1)), RefillAmount: ptr(int64(1)), RefillInterval: ptr(day.Milliseconds()), RateLimitEnabled: ptr(false)})
	if seen := at64(func() string { return h.code(one.Secret) }); seen[""] != 1 {
		t.Errorf("%v", seen)
	}
	if err := h.Host.Users.Delete(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	h.want(made[0].Secret, "INVALID_API_KEY")
	if w.has("api-key:by-ref:" + u.ID) {
		t.Error("the list of a deleted person is left")
	}
}

// TestStorageChanges: KEY-56, 57: what changes during a verification is not undone.
func TestStorageChanges(t *testing.T) {
	var h *house
	var during func()
	w := watch(func() time.Time { return h.Clock.Now() })
	h = open(t, setup{settings: plain(`storage = "secondary-storage"`), options: apikey.Options{Storage: w, Custom: map[string]apikey.Custom{"default": {
		Validate: func(context.Context, string) (bool, error) { during(); return true, nil }}}}})
	u, b := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	during = func() { b.Post(api+"/api-key/update", body{"keyId": m.Row.ID, "enabled": false}).Want(200, "") }
	h.want(m.Secret, "KEY_DISABLED")
	if a := b.Get(api + "/api-key/get?id=" + m.Row.ID); a.Value("enabled") != false {
		t.Errorf("%s", a.Body)
	}
	during = func() { b.Post(api+"/api-key/delete", body{"keyId": m.Row.ID}).Want(200, "") }
	h.want(m.Secret, "INVALID_API_KEY")
	if w.has("api-key:by-id:"+m.Row.ID) || w.has("api-key:"+m.Row.Key) || w.has("api-key:by-ref:"+u.ID) {
		t.Error("entries are left")
	}
}

// meddled is a storage in which something happens at the next call for an entry.
type meddled struct {
	apikey.Memory
	get, set func()
}

func (m *meddled) Get(ctx context.Context, key string) (string, error) {
	text, err := m.Memory.Get(ctx, key)
	if do := m.get; do != nil && strings.Contains(key, "by-id") {
		m.get = nil
		do()
	}
	return text, err
}

func (m *meddled) Set(ctx context.Context, key, value string, life time.Duration) error {
	if do := m.set; do != nil {
		m.set = nil
		do()
	}
	return m.Memory.Set(ctx, key, value, life)
}

// TestStorageTogether: a use does not bring back a key that is deleted at the same moment,
// and a change does not bring back uses.
func TestStorageTogether(t *testing.T) {
	var h *house
	m := &meddled{}
	m.Now = func() time.Time { return h.Clock.Now() }
	h = open(t, setup{settings: plain(`storage = "secondary-storage"`), options: apikey.Options{Storage: m}})
	u, b := h.person("ann")
	key := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(2))})
	m.get = func() { h.want(key.Secret, "") }
	if a := b.Post(api+"/api-key/update", body{"keyId": key.Row.ID, "name": "new"}).Want(200, ""); a.Value("remaining") != 1.0 {
		t.Errorf("%s", a.Body)
	}
	var wait sync.WaitGroup
	m.set = func() {
		wait.Go(func() { b.Post(api+"/api-key/delete", body{"keyId": key.Row.ID}) })
		time.Sleep(50 * time.Millisecond)
	}
	h.want(key.Secret, "")
	wait.Wait()
	h.want(key.Secret, "INVALID_API_KEY")
}

// TestFallback: KEY-158 to 164.
func TestFallback(t *testing.T) {
	h, w := stored(t, `fallback_to_database = true`)
	u, b := h.person("ann")
	a := h.key(b, nil)
	id, key := a.Text("id"), a.Text("key")
	if h.row(id) == nil || !w.has("api-key:by-id:"+id) || !w.has("api-key:"+apikey.Hash(key)) { // KEY-158
		t.Error("the key is not in both")
	}
	ref := "api-key:by-ref:" + u.ID
	if w.deletes[ref] != 1 || w.gets[ref] != 0 || w.sets[ref] != 0 { // KEY-162
		t.Errorf("the list was read %d, written %d, deleted %d times", w.gets[ref], w.sets[ref], w.deletes[ref])
	}
	one := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(1))}) // KEY-159
	h.want(one.Secret, "")
	if left := *h.row(one.Row.ID).Remaining; left != 0 {
		t.Errorf("%d left in the table", left)
	}
	w.clear()
	h.want(one.Secret, "USAGE_EXCEEDED")
	w.clear() // KEY-160
	b.Get(api+"/api-key/get?id="+id).Want(200, "")
	if !w.has("api-key:by-id:"+id) || !w.has("api-key:"+apikey.Hash(key)) {
		t.Error("the storage is not filled")
	}
	w.clear()
	before := w.sets[ref]
	for range 2 { // KEY-161
		if n := b.Get(api + "/api-key/list").Value("total"); n != 1.0 {
			t.Errorf("%v keys", n)
		}
	}
	if w.sets[ref] != before+1 || !w.has(ref) {
		t.Errorf("the list was written %d times", w.sets[ref]-before)
	}
	b.Post(api+"/api-key/update", body{"keyId": id, "name": "new"}).Want(200, "") // KEY-164
	if text, _ := w.Memory.Get(t.Context(), "api-key:by-id:"+id); !strings.Contains(text, `"name":"new"`) || *h.row(id).Name != "new" {
		t.Errorf("stored %s", text)
	}
	h.want(key, "")
	if text, _ := w.Memory.Get(t.Context(), "api-key:"+apikey.Hash(key)); !strings.Contains(text, `"requestCount":1`) {
		t.Errorf("stored %s", text)
	}
	var wait sync.WaitGroup // KEY-163
	for range 2 {
		wait.Go(func() { _, _ = h.s.Create(t.Context(), apikey.NewKey{UserID: u.ID}) })
	}
	wait.Wait()
	if n := b.Get(api + "/api-key/list").Value("total"); n != 3.0 {
		t.Errorf("%v keys", n)
	}
	b.Post(api+"/api-key/delete", body{"keyId": id}).Want(200, "")
	if h.row(id) != nil || w.has("api-key:by-id:"+id) {
		t.Error("the key is still somewhere")
	}
	b.Get(api+"/api-key/get?id="+id).Want(404, "KEY_NOT_FOUND")
	left := h.made(apikey.NewKey{UserID: u.ID})
	if err := h.Host.Users.Delete(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	h.want(left.Secret, "INVALID_API_KEY")
}

// TestUnlisted: lists of the console say which keys they lack.
func TestUnlisted(t *testing.T) {
	h, _ := stored(t, "")
	u, b := h.person("ann")
	_, root := h.administrator("root", "admin")
	body := page(t, b.Form("/account/api-keys", url.Values{"name": {"job"}}), 200, "To the API keys")
	h.want(secret(t, body), "")
	for at, who := range map[string]*servertest.Browser{"/account/api-keys": b, "/admin/api-keys": root, "/admin/users/" + u.ID + "/api-keys": root} {
		page(t, who.Get(at), 200, "Keys of these kinds are not shown: default")
	}
	h.organization(b, "acme")
	page(t, b.Get("/admin/o/acme/keys"), 200, "!are not shown")
}

// TestCacheKeepsNothingOld: what is changed while a reader fills the cache does not come
// back by it (SEC-141).
func TestCacheKeepsNothingOld(t *testing.T) {
	h, w := stored(t, `fallback_to_database = true, rate_limit = {enabled = false}`)
	u, b := h.person("ann")
	for name, c := range map[string]struct {
		read func(m *apikey.Made)
		do   func(id string)
		want string
	}{
		"disabled": {func(m *apikey.Made) { h.verify(m.Secret) },
			func(id string) { b.Post(api+"/api-key/update", body{"keyId": id, "enabled": false}).Want(200, "") }, "KEY_DISABLED"},
		"deleted": {func(m *apikey.Made) { h.verify(m.Secret) },
			func(id string) { b.Post(api+"/api-key/delete", body{"keyId": id}).Want(200, "") }, "INVALID_API_KEY"},
		"disabled while a list is read": {func(*apikey.Made) { b.Get(api + "/api-key/list") },
			func(id string) { b.Post(api+"/api-key/update", body{"keyId": id, "enabled": false}).Want(200, "") }, "KEY_DISABLED"},
		"deleted while a list is read": {func(*apikey.Made) { b.Get(api + "/api-key/list") },
			func(id string) { b.Post(api+"/api-key/delete", body{"keyId": id}).Want(200, "") }, "INVALID_API_KEY"},
	} {
		m := h.made(apikey.NewKey{UserID: u.ID})
		w.clear()
		w.before = func(key string) {
			if key == "api-key:"+apikey.Hash(m.Secret) {
				w.before = nil
				c.do(m.Row.ID)
			}
		}
		c.read(m)
		if w.before != nil {
			t.Fatalf("%s: nothing was cached", name)
		}
		h.want(m.Secret, c.want)
		if n := b.Get(api + "/api-key/list"); strings.Contains(string(n.Body), m.Row.ID) != (c.want == "KEY_DISABLED") {
			t.Errorf("%s: %s", name, n.Body)
		}
	}
}

// TestPlaces: KEY-165, and lists over several places.
func TestPlaces(t *testing.T) {
	var h *house
	clock := func() time.Time { return h.Clock.Now() }
	own, shared := watch(clock), watch(clock)
	h = open(t, setup{settings: kinds(`{default = {}, own = {storage = "secondary-storage"}, shared = {storage = "secondary-storage"}}`),
		options: apikey.Options{Storage: shared, Custom: map[string]apikey.Custom{"own": {Storage: own}}}})
	_, b := h.person("ann")
	ids := map[string]string{}
	for _, kind := range []string{"default", "own", "shared"} {
		ids[kind] = h.key(b, body{"configId": kind}).Text("id")
	}
	if !own.has("api-key:by-id:"+ids["own"]) || shared.has("api-key:by-id:"+ids["own"]) || !shared.has("api-key:by-id:"+ids["shared"]) {
		t.Error("a key lies in the wrong place")
	}
	if a := b.Get(api + "/api-key/list?sortBy=createdAt&sortDirection=desc"); a.Value("total") != 3.0 || a.Text("apiKeys.2.id") != ids["default"] {
		t.Errorf("%s", a.Body)
	}
	b.Get(api+"/api-key/get?configId=own&id="+ids["own"]).Want(200, "")
	b.Get(api+"/api-key/get?configId=shared&id="+ids["own"]).Want(404, "KEY_NOT_FOUND")
	b.Post(api+"/api-key/delete", body{"configId": "own", "keyId": ids["own"]}).Want(200, "")
	if own.has("api-key:by-id:" + ids["own"]) {
		t.Error("the key is still there")
	}

	none := open(t, setup{settings: plain(`storage = "secondary-storage"`)})
	_, b = none.person("ann")
	b.Post(api+"/api-key/create", nil).Want(500, "")
	if n := b.Get(api+"/api-key/list").Want(200, "").Value("total"); n != 0.0 {
		t.Errorf("%v keys", n)
	}
}

// TestDeferred: KEY-166, 167: removing is deferred, counting is not.
func TestDeferred(t *testing.T) {
	h := open(t, setup{settings: plain(`defer_updates = true, rate_limit = {max = 1}`)})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	h.want(m.Secret, "", "RATE_LIMITED")
	if h.row(m.Row.ID).LastRequest == nil {
		t.Error("KEY-167: the last use is not written")
	}
	short := h.made(apikey.NewKey{UserID: u.ID, ExpiresIn: ptr(86400.0)})
	h.Clock.Advance(25 * time.Hour)
	h.want(short.Secret, "KEY_EXPIRED")
	if h.row(short.Row.ID) == nil {
		t.Error("the key was removed at once")
	}
	if err := h.s.FlushUsage(t.Context()); err != nil || h.row(short.Row.ID) != nil {
		t.Errorf("the key was not removed: %v", err)
	}
}

// TestStoredAccountKeys: keys of service accounts that lie in a storage alone are listed with
// those of their organization.
func TestStoredAccountKeys(t *testing.T) {
	h := open(t, setup{settings: kinds(`{default = {}, org = {references = "organization", storage = "secondary-storage"}}`), options: apikey.Options{Storage: &apikey.Memory{}}})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	acc, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Deployer"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.s.CreateFor(h.as(ann), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	if a := b.Get(api+"/api-key/list?organizationId="+org).Want(200, ""); a.Value("total") != 1.0 || a.Text("apiKeys.0.id") != made.Row.ID {
		t.Errorf("%s", a.Body)
	}
}
