package apikey_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/outboxmessage"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
)

// job runs a job of the plugin once.
func (h *house) job(name string) {
	h.t.Helper()
	for _, part := range h.Host.Registry.Parts {
		for _, j := range part.Jobs {
			if part.ID == apikey.ID && j.Name == name {
				if err := j.Run(h.t.Context()); err != nil {
					h.t.Fatal(err)
				}
				return
			}
		}
	}
	h.t.Fatalf("no job %s", name)
}

// TestRotate: a new key takes over, the old one ends after the overlap.
func TestRotate(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	other, _ := h.person("bob")
	m := h.made(apikey.NewKey{UserID: u.ID, Name: ptr("ci"), Prefix: ptr("ci_"), ExpiresIn: ptr(30 * 86400.0), RateLimitMax: ptr(int64(77)), Permissions: apikey.Permissions{"files": {"read"}}})
	h.want(m.Secret, "")
	as := h.as(u)
	if _, err := h.s.Rotate(h.as(other), m.Row.ID, time.Hour); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := h.s.Rotate(as, m.Row.ID, 91*day); !errors.Is(err, apikey.ErrOverlap) {
		t.Errorf("%v", err)
	}
	next, err := h.s.Rotate(as, m.Row.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	row, old := h.row(next.Row.ID), h.row(m.Row.ID)
	if *row.Name != "ci" || !strings.HasPrefix(next.Secret, "ci_") || *row.RateLimitMax != 77 || *row.Permissions != *old.Permissions || row.RequestCount != 1 || row.LastRequest == nil ||
		row.ExpiresAt.Sub(row.CreatedAt) != 30*day || *old.RotatedTo != row.ID || row.Key != apikey.Hash(next.Secret) || row.CreatedBy != u.ID {
		t.Errorf("new %+v\nold %+v", row, old)
	}
	h.want(m.Secret, "")
	h.want(next.Secret, "")
	if _, err := h.s.Rotate(as, m.Row.ID, time.Hour); !errors.Is(err, apikey.ErrRotated) {
		t.Errorf("twice: %v", err)
	}
	h.Clock.Advance(time.Hour + time.Second)
	h.want(m.Secret, "KEY_EXPIRED")
	h.want(next.Secret, "")
	if h.count("api-key.rotated", m.Row.ID) != 1 || h.count("api-key.created", row.ID) != 1 {
		t.Error("events are missing")
	}
	// Who may not make such a key learns none by replacing it.
	org := h.organization(b, "acme")
	strong := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Permissions: apikey.Permissions{"member": {"delete"}}})
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create", "read", "update"}}}).Want(200, "")
	h.join(org, other, "keeper")
	if _, err := h.s.Rotate(h.as(other), strong.Row.ID, 0); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("above: %v", err)
	}
	if _, err := h.s.SetEnabled(h.as(other), strong.Row.ID, false); err != nil {
		t.Error(err)
	}
	h.want(strong.Secret, "KEY_DISABLED")
	if _, err := h.s.SetEnabled(h.as(other), strong.Row.ID, true); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("enabled again: %v", err)
	}
	wire := h.SignIn(other.Email)
	wire.Post(api+"/api-key/update", body{"keyId": strong.Row.ID, "configId": "org", "enabled": true}).Want(403, "PERMISSIONS_EXCEED_YOURS")
	page(t, wire.Form("/admin/o/acme/keys/"+strong.Row.ID+"/enable", nil), 403, "member:delete")
	h.want(strong.Secret, "KEY_DISABLED")
	if _, err := h.s.SetEnabled(h.as(u), strong.Row.ID, true); err != nil {
		t.Errorf("by one who holds all of it: %v", err)
	}
	if _, err := h.s.Change(h.as(other), strong.Row.ID, apikey.Change{Permissions: apikey.Permissions{"member": {"update"}}}); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("permissions above: %v", err)
	}
}

// TestReplacedEnds: the end of a key that was replaced comes earlier, but never later, whoever
// changes it.
func TestReplacedEnds(t *testing.T) { dbtest.Each(t, replacedEndsOn) }

func replacedEndsOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	u, b := h.person("ann")
	as, m := h.as(u), h.made(apikey.NewKey{UserID: u.ID})
	id := m.Row.ID
	if _, err := h.s.Rotate(as, id, 7*day); err != nil {
		t.Fatal(err)
	}
	end := *h.row(id).ExpiresAt
	b.Post(api+"/api-key/update", body{"keyId": id, "expiresIn": nil}).Want(400, "EXPIRES_IN_IS_TOO_LARGE")
	b.Post(api+"/api-key/update", body{"keyId": id, "expiresIn": 8 * 86400}).Want(400, "EXPIRES_IN_IS_TOO_LARGE")
	page(t, b.Get("/account/api-keys/"+id+"/edit"), 200, `value="1"`, "!forever", `!value="30"`)
	for _, life := range []string{"forever", "30"} {
		page(t, b.Form("/account/api-keys/"+id+"/edit", url.Values{"life": {life}}), 400, "may end earlier, not later")
	}
	if row := h.row(id); row.ExpiresAt == nil || !row.ExpiresAt.Equal(end) {
		t.Errorf("the key ends %v, not %v", row.ExpiresAt, end)
	}
	b.Post(api+"/api-key/update", body{"keyId": id, "name": "old"}).Want(200, "")
	b.Post(api+"/api-key/update", body{"keyId": id, "expiresIn": 86400}).Want(200, "")
	if row := h.row(id); row.ExpiresAt == nil || !row.ExpiresAt.Before(end) {
		t.Errorf("the key ends %v", row.ExpiresAt)
	}

	// Nor while it is being replaced.
	m = h.made(apikey.NewKey{UserID: u.ID})
	var changed error
	var wait sync.WaitGroup
	err := h.Host.DB.InTx(as, func(ctx context.Context, _ *auth.Tx) error {
		if _, err := h.s.Rotate(ctx, m.Row.ID, day); err != nil {
			return err
		}
		wait.Go(func() { _, changed = h.s.Change(as, m.Row.ID, apikey.Change{Forever: true}) })
		time.Sleep(300 * time.Millisecond) // until it has read the key
		return nil
	})
	wait.Wait()
	if err != nil || changed == nil || h.row(m.Row.ID).ExpiresAt == nil {
		t.Errorf("changed while it was replaced: %v, %v", changed, err)
	}
}

// TestReplacedCountTogether: a chain of replaced keys that still work has the limits of one
// key, and what goes gives them back to the one before.
func TestReplacedCountTogether(t *testing.T) { dbtest.Each(t, replacedOn) }

func replacedOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db, settings: plain(`rate_limit = {max = 100}`)})
	u, _ := h.person("ann")
	as := h.as(u)
	rotate := func(m *apikey.Made) *apikey.Made {
		t.Helper()
		h.Clock.Advance(time.Second)
		next, err := h.s.Rotate(as, m.Row.ID, 30*day)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	a := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(7)), RefillAmount: ptr(int64(7)), RefillInterval: ptr((40 * day).Milliseconds())})
	h.want(a.Secret, "")
	b := rotate(a)
	h.want(a.Secret, "")
	c := rotate(b)
	for _, m := range []*apikey.Made{a, b, c} {
		h.want(m.Secret, "")
	}
	if row := h.row(c.Row.ID); *row.Remaining != 2 || row.RequestCount != 5 {
		t.Errorf("%d are left and %d counted of five uses of seven", *row.Remaining, row.RequestCount)
	}
	if row, code := h.verify(a.Secret); code != "" || row.ID != a.Row.ID || *row.Remaining != 1 {
		t.Errorf("%s: the answer says %d are left", code, *row.Remaining)
	}
	// The newest goes: what it counted stays counted.
	if err := h.s.Delete(as, c.Row.ID); err != nil {
		t.Fatal(err)
	}
	if old := h.row(a.Row.ID); old.RotatedTo == nil || *old.RotatedTo != b.Row.ID || h.row(b.Row.ID).RotatedTo != nil {
		t.Errorf("the oldest counts with %v", old.RotatedTo)
	}
	h.want(a.Secret, "", "USAGE_EXCEEDED")
	h.want(b.Secret, "USAGE_EXCEEDED")
	// A refill is due for all of them once.
	h.Clock.Advance(40*day - 10*time.Second)
	later := rotate(b)
	h.want(later.Secret, "USAGE_EXCEEDED")
	h.Clock.Advance(10 * time.Second)
	h.want(later.Secret, "")
	if left := *h.row(later.Row.ID).Remaining; left != 6 {
		t.Errorf("%d are left after the refill", left)
	}

	limited := h.made(apikey.NewKey{UserID: u.ID, RateLimitMax: ptr(int64(9))})
	second := rotate(limited)
	third := rotate(second)
	turn := atomic.Int64{}
	seen := at64(func() string { return h.code([]string{limited.Secret, second.Secret, third.Secret}[turn.Add(1)%3]) })
	if seen[""] != 9 {
		t.Errorf("three keys in a chain of nine uses: %v", seen)
	}
	if _, err := h.s.Update(t.Context(), "", second.Row.ID, u.ID, apikey.Change{Enabled: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	h.want(second.Secret, "KEY_DISABLED")
	h.want(limited.Secret, "RATE_LIMITED")
}

// TestSuccessorEnds: a successor lives as long as its predecessor was to, but no longer than
// a new key may.
func TestSuccessorEnds(t *testing.T) {
	h := open(t, setup{settings: plain(`expiration = {max = "720h"}`)})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID, ExpiresIn: ptr((30 * day).Seconds())})
	for range 3 {
		h.Clock.Advance(29 * day)
		if _, err := h.s.Update(t.Context(), "", m.Row.ID, u.ID, apikey.Change{ExpiresIn: ptr((30 * day).Seconds())}); err != nil {
			t.Fatal(err)
		}
	}
	next, err := h.s.Rotate(h.as(u), m.Row.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if life := next.Row.ExpiresAt.Sub(h.Clock.Now()); life > 30*day || life < 29*day {
		t.Errorf("it lives %v, and a key may live 30 days", life)
	}
}

// TestActOnOthers: an administrator stops keys of people below, not of those above.
func TestActOnOthers(t *testing.T) {
	h := open(t, setup{})
	top, _ := h.administrator("top", "owner")
	root, _ := h.administrator("root", "admin")
	u, _ := h.person("ann")
	below, above := h.made(apikey.NewKey{UserID: u.ID}), h.made(apikey.NewKey{UserID: top.ID})
	as := h.as(root)
	if _, err := h.s.SetEnabled(as, below.Row.ID, false); err != nil {
		t.Error(err)
	}
	// A ban changes no rank: it may end, and the key would be on again.
	h.ban(top, true)
	h.want(above.Secret, "USER_BANNED")
	for _, on := range []bool{false, true} {
		if _, err := h.s.SetEnabled(as, above.Row.ID, on); !errors.Is(err, apikey.ErrTooMuch) {
			t.Errorf("%v", err)
		}
	}
	h.ban(top, false)
	if _, err := h.s.SetEnabled(as, above.Row.ID, false); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("%v", err)
	}
	if err := h.s.Delete(h.as(u), above.Row.ID); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := h.s.Delete(as, below.Row.ID); err != nil {
		t.Error(err)
	}
	if _, err := h.s.Rotate(as, above.Row.ID, 0); err == nil {
		t.Error("a key of somebody else was replaced")
	}
}

// TestUsage: what is allowed and refused is counted by day, and kept after a write.
func TestUsage(t *testing.T) { dbtest.Each(t, usageOn) }

func usageOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db, settings: plain(`rate_limit = {max = 3}`)})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	at := auth.WithOrigin(t.Context(), auth.Origin{Address: "198.51.100.7"})
	for range 5 {
		_, _ = h.s.Verify(at, apikey.Ask{Key: m.Secret})
	}
	check := func(when string, want ...apikey.Day) {
		t.Helper()
		days, err := h.s.Usage(h.as(u), m.Row.ID, 2)
		if err != nil || len(days) != 2 {
			t.Fatalf("%v %v", days, err)
		}
		for i, d := range days {
			if d.Allowed != want[i].Allowed || d.Refused != want[i].Refused {
				t.Errorf("%s: %+v, want %+v", when, d, want[i])
			}
		}
	}
	check("in memory", apikey.Day{}, apikey.Day{Allowed: 3, Refused: 2})
	for range 2 {
		if err := h.s.FlushUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check("written", apikey.Day{}, apikey.Day{Allowed: 3, Refused: 2})
	if row := h.row(m.Row.ID); row.LastAddress != "198.51.100.7" {
		t.Errorf("used from %q", row.LastAddress)
	}
	h.Clock.Advance(25 * time.Hour)
	h.want(m.Secret, "")
	check("the next day", apikey.Day{Allowed: 3, Refused: 2}, apikey.Day{Allowed: 1})
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("both written", apikey.Day{Allowed: 3, Refused: 2}, apikey.Day{Allowed: 1})
	other, _ := h.person("bob")
	if _, err := h.s.Usage(h.as(other), m.Row.ID, 2); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	gone := h.made(apikey.NewKey{UserID: u.ID})
	h.want(gone.Secret, "")
	if err := h.s.Delete(h.as(u), gone.Row.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Errorf("of a key that is gone: %v", err)
	}
}

// TestLastUse: the last use of a key without limits is shown at once and written later.
func TestLastUse(t *testing.T) {
	h := open(t, setup{settings: plain(`rate_limit = {enabled = false}`)})
	u, b := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	h.want(m.Secret, "")
	shown := b.Get(api + "/api-key/get?id=" + m.Row.ID).Text("lastRequest")
	if shown == "" || h.row(m.Row.ID).LastRequest != nil {
		t.Errorf("shown %q", shown)
	}
	updated := h.row(m.Row.ID).UpdatedAt
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	row := h.row(m.Row.ID)
	if row.LastRequest == nil || row.LastRequest.Format("2006-01-02T15:04:05.000Z") != shown || !row.UpdatedAt.Equal(updated) {
		t.Errorf("written %v, shown %s", row.LastRequest, shown)
	}
}

// TestUsageEnds: what is in memory is written when the server ends.
func TestUsageEnds(t *testing.T) {
	h := open(t, setup{settings: plain(`rate_limit = {enabled = false}`)})
	u, _ := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID})
	h.want(m.Secret, "")
	var run func(context.Context) error
	for _, part := range h.Host.Registry.Parts {
		for _, j := range part.Jobs {
			if part.ID == apikey.ID && j.Name == "usage" {
				run = j.Run
			}
		}
	}
	over, end := context.WithCancel(t.Context())
	end()
	if err := run(over); err != nil || h.row(m.Row.ID).LastRequest == nil {
		t.Errorf("%v", err)
	}
}

// mails are the subjects and addresses of the mails that wait.
func (h *house) mails(kind string) []string {
	h.t.Helper()
	rows, err := h.Host.DB.Access(h.t.Context()).OutboxMessage().Query().Where(outboxmessage.Kind(kind)).All(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	var list []string
	for _, row := range rows {
		list = append(list, row.Recipient)
	}
	return list
}

// TestMails: a new key of a person is told (SEC-204), and that one ends, once.
func TestMails(t *testing.T) {
	h := open(t, setup{settings: map[string]string{"smtp": "smtp://127.0.0.1:9"}})
	u, b := h.person("ann")
	org := h.organization(b, "acme")
	mia, _ := h.person("mia")
	h.join(org, mia, "member")
	a := h.key(b, body{"name": "deploy", "expiresIn": 30 * 86400})
	if got := h.mails("api-key-created"); len(got) != 1 || got[0] != u.Email {
		t.Errorf("told %v", got)
	}
	h.key(b, body{"configId": "org", "organizationId": org, "expiresIn": 30 * 86400})
	if got := h.mails("api-key-created"); len(got) != 1 {
		t.Errorf("a key of an organization was told to %v", got)
	}
	h.key(b, body{"expiresIn": 2 * 86400}) // made for so short a time
	h.job("warnings")
	if got := h.mails("api-key-ends"); len(got) != 0 {
		t.Errorf("warned %v too early", got)
	}
	h.Clock.Advance(24 * day)
	for range 2 {
		h.job("warnings")
	}
	if got := h.mails("api-key-ends"); len(got) != 2 || got[0] != u.Email || got[1] != u.Email {
		t.Errorf("warned %v", got)
	}
	if h.row(a.Text("id")).WarnedAt == nil {
		t.Error("not kept that it was told")
	}
	if _, err := h.s.Update(t.Context(), "", a.Text("id"), u.ID, apikey.Change{ExpiresIn: ptr(86400.0)}); err != nil {
		t.Fatal(err)
	}
	h.job("warnings")
	if got := h.mails("api-key-ends"); len(got) != 3 {
		t.Errorf("a new end was not told: %v", got)
	}
}

// TestClean: the job removes what is over, and counts of long ago.
func TestClean(t *testing.T) { dbtest.Each(t, cleanOn) }

func cleanOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	u, _ := h.person("ann")
	short := h.made(apikey.NewKey{UserID: u.ID, ExpiresIn: ptr(86400.0)})
	long := h.made(apikey.NewKey{UserID: u.ID})
	h.want(long.Secret, "")
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(401 * day)
	h.job("expired-keys")
	n, err := h.Host.DB.Access(t.Context()).Platform().KeyUsage().Query().Count(t.Context())
	if err != nil || n != 0 || h.row(short.Row.ID) != nil || h.row(long.Row.ID) == nil {
		t.Errorf("%d counts are left, %v", n, err)
	}
}

// TestKeyLists: everybody sees the keys that are theirs to see, and no others.
func TestKeyLists(t *testing.T) { dbtest.Each(t, keyListsOn) }

func keyListsOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	ann, b := h.person("ann")
	bob, o := h.person("bob")
	_, root := h.administrator("root", "admin")
	org, other := h.organization(b, "acme"), h.organization(o, "other")
	ids := map[string]string{"ann": h.made(apikey.NewKey{UserID: ann.ID, Name: ptr("deploy")}).Row.ID, "bob": h.made(apikey.NewKey{UserID: bob.ID}).Row.ID,
		"acme": h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org}).Row.ID, "other": h.made(apikey.NewKey{ConfigID: "org", OrganizationID: other}).Row.ID}
	for _, c := range []struct {
		who        *servertest.Browser
		path, want string
	}{
		{b, "/account/api-keys", "ann"},
		{b, "/account/api-keys?of=" + bob.ID, "ann"},
		{b, "/admin/o/acme/keys", "acme"},
		{b, "/admin/o/acme/keys?of=" + bob.ID, ""},
		{root, "/admin/api-keys", "ann bob acme other"},
		{root, "/admin/api-keys?of=" + bob.ID, "bob"},
		{root, "/admin/api-keys?q=DEPLOY", "ann"},
		{root, "/admin/api-keys?unused=never", "ann bob acme other"},
		{root, "/admin/api-keys?state=disabled", ""},
		{root, "/admin/api-keys?owner=organization", "acme other"},
	} {
		shown := page(t, c.who.Get(c.path), 200)
		for name, id := range ids {
			if has := strings.Contains(shown, "/"+id+`"`); has != slices.Contains(strings.Fields(c.want), name) {
				t.Errorf("%s: %s %v", c.path, name, has)
			}
		}
	}
	for _, path := range []string{"/admin/api-keys", "/admin/o/other/keys"} {
		if a := b.Get(path); a.Status != 403 && a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if _, err := h.s.Key(h.as(ann), ids["bob"]); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
