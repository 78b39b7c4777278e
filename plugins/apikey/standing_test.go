package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins/apikey"
)

// acts are what the service does with one key.
func (h *house) acts(ctx context.Context, id string) map[string]func() error {
	return map[string]func() error{
		"key":     func() error { _, err := h.s.Key(ctx, id); return err },
		"usage":   func() error { _, err := h.s.Usage(ctx, id, 2); return err },
		"change":  func() error { _, err := h.s.Change(ctx, id, apikey.Change{Name: ptr("stolen")}); return err },
		"limits":  func() error { _, err := h.s.Change(ctx, id, apikey.Change{RateLimitMax: ptr(int64(1e6))}); return err },
		"disable": func() error { _, err := h.s.SetEnabled(ctx, id, false); return err },
		"rotate":  func() error { _, err := h.s.Rotate(ctx, id, time.Hour); return err },
		"delete":  func() error { return h.s.Delete(ctx, id) },
	}
}

// untouched fails unless a key is as it was.
func (h *house) untouched(what string, before *ent.APIKey) {
	h.t.Helper()
	if after := h.row(before.ID); after == nil || fmt.Sprint(after) != fmt.Sprint(before) {
		h.t.Errorf("%s changed\n%v\nto\n%v", what, before, after)
	}
}

// TestKeysAreNoOwners: the key of a person who holds the creator's role of an organization
// does not stand for that role, in session mode neither (SEC-122, SEC-143).
func TestKeysAreNoOwners(t *testing.T) {
	look := &asked{}
	h := openWith(t, setup{settings: kinds(`{default = {sessions = true, rate_limit = {enabled = false}}, plain = {headers = ["x-plain-key"], rate_limit = {enabled = false}}, org = {references = "organization"}}`)}, look)
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	key := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org})
	before := h.row(key.Row.ID)
	for kind, header := range map[string]string{"default": "X-Api-Key", "plain": "X-Plain-Key"} {
		own := h.made(apikey.NewKey{UserID: ann.ID, ConfigID: kind})
		k := h.Browser()
		k.Header.Set(header, own.Secret)
		k.Get(api+"/asked/any").Want(200, "")
		if p := look.seen; p.Subject != ann.ID || (p.Session != nil) != (kind == "default") {
			t.Fatalf("%s: %+v", kind, p)
		}
		ctx := auth.WithPrincipal(t.Context(), look.seen)
		for act, do := range h.acts(ctx, key.Row.ID) {
			if err := do(); !errors.Is(err, apikey.ErrMayNot) {
				t.Errorf("%s by a key of kind %s: %v", act, kind, err)
			}
		}
		if _, err := h.s.CreateFor(ctx, apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.NewKey{}); err == nil {
			t.Errorf("a key of kind %s made a key", kind)
		}
		h.untouched("a key of kind "+kind, before)
	}
	if _, err := h.s.Key(h.as(ann), key.Row.ID); err != nil {
		t.Errorf("ann herself: %v", err)
	}
}

// TestOwnKeysAreNotShaped: a person gives a key of their own no limits and no permissions of
// apps, by the service and by the console (SEC-138); who makes keys for the platform does.
func TestOwnKeysAreNotShaped(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	root, _ := h.administrator("root", "admin")
	n := func(n int64) *int64 { return &n }
	changes := map[string]apikey.Change{
		"rate":        {RateLimitMax: n(1e6)},
		"window":      {RateLimitTimeWindow: n(1)},
		"no rate":     {RateLimitEnabled: ptr(false)},
		"uses":        {Remaining: n(1e6)},
		"endless":     {NoRemaining: true},
		"refill":      {RefillAmount: n(1e6), RefillInterval: n(1)},
		"no refill":   {NoRefill: true},
		"apps":        {Permissions: apikey.Permissions{"files": {"read"}}},
		"with a name": {Name: ptr("x"), Remaining: n(7)},
	}
	own := h.made(apikey.NewKey{UserID: ann.ID, Remaining: n(3), RefillAmount: n(3), RefillInterval: n(day.Milliseconds())})
	before := h.row(own.Row.ID)
	for what, ch := range changes {
		if _, err := h.s.Change(h.as(ann), own.Row.ID, ch); !errors.Is(err, apikey.ErrServerOnly) {
			t.Errorf("%s: %v", what, err)
		}
		h.untouched(what, before)
		of := h.made(apikey.NewKey{UserID: root.ID, Remaining: n(3), RefillAmount: n(3), RefillInterval: n(day.Milliseconds())})
		if _, err := h.s.Change(h.as(root), of.Row.ID, ch); err != nil {
			t.Errorf("%s by an administrator: %v", what, err)
		}
	}
	b.Form("/account/api-keys/"+own.Row.ID+"/edit", url.Values{"name": {"other"}, "rate": {"1000000"}, "window": {"1"}, "remaining": {"1000000"},
		"refill": {"1000000"}, "every": {"1"}, "whole": {"some"}, "scope": {"files:read", "user:list"}, "custom": {"files:read"}}).Want(303, "")
	after := h.row(own.Row.ID)
	if *after.Name != "other" {
		t.Errorf("the name is %q", *after.Name)
	}
	after.Name, after.UpdatedAt = before.Name, before.UpdatedAt
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the console changed\n%v\nto\n%v", before, after)
	}
}

// TestOverlapEnds: a key that is replaced lives no longer than it was to, however long it
// may go on beside its successor.
func TestOverlapEnds(t *testing.T) {
	h := open(t, setup{})
	u, _ := h.person("ann")
	for _, c := range []struct{ left, overlap, want time.Duration }{
		{4 * time.Hour, 48 * time.Hour, 4 * time.Hour}, {4 * time.Hour, 0, 0}, {4 * time.Hour, time.Hour, time.Hour}, {0, 48 * time.Hour, 48 * time.Hour},
	} {
		m := h.made(apikey.NewKey{UserID: u.ID})
		if c.left > 0 {
			err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
				return tx.Platform().APIKey().UpdateOneID(m.Row.ID).SetExpiresAt(h.Clock.Now().Add(c.left)).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		from := h.Clock.Now()
		next, err := h.s.Rotate(h.as(u), m.Row.ID, c.overlap)
		if err != nil {
			t.Fatal(err)
		}
		if end := h.row(m.Row.ID).ExpiresAt; end == nil || end.Sub(from) > c.want+time.Second || end.Sub(from) < c.want-time.Second {
			t.Errorf("%+v: it ends %v after it was replaced at %v", c, end, from)
		}
		if c.want > 0 {
			h.want(m.Secret, "")
		}
		h.Clock.Advance(c.want + time.Second)
		h.want(m.Secret, "KEY_EXPIRED")
		if c.left == 0 {
			h.want(next.Secret, "")
		}
	}
}

// TestReplacedIsJudgedAgain: what becomes of a replaced key while it is used counts, and the
// refused use costs its successor nothing (SEC-141).
func TestReplacedIsJudgedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		m := &meddler{}
		h := openWith(t, setup{db: db}, m)
		u, _ := h.person("ann")
		change := func(ch apikey.Change) func(string) {
			return func(id string) {
				if _, err := h.s.Update(t.Context(), "", id, u.ID, ch); err != nil {
					t.Error(err)
				}
			}
		}
		for name, c := range map[string]struct {
			do   func(id string)
			want string
		}{
			"nothing":  {func(string) {}, ""},
			"disabled": {change(apikey.Change{Enabled: ptr(false)}), "KEY_DISABLED"},
			"over": {func(id string) {
				err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
					return tx.Platform().APIKey().UpdateOneID(id).SetExpiresAt(h.Clock.Now().Add(-time.Hour)).Exec(ctx)
				})
				if err != nil {
					t.Error(err)
				}
			}, "KEY_EXPIRED"},
			"permissions": {change(apikey.Change{Permissions: apikey.Permissions{"files": {"write"}}}), "KEY_NOT_FOUND"},
		} {
			k := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(9)), Permissions: apikey.Permissions{"files": {"read"}}})
			next, err := h.s.Rotate(h.as(u), k.Row.ID, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			m.now = func() { c.do(k.Row.ID) }
			if _, code := h.verify(k.Secret, asking(apikey.Permissions{"files": {"read"}})); code != c.want {
				t.Errorf("%s: %q, want %q", name, code, c.want)
			}
			left := map[bool]int64{true: 8, false: 9}[c.want == ""]
			if row := h.row(next.Row.ID); *row.Remaining != left || row.RequestCount != 9-left {
				t.Errorf("%s: %d are left and %d counted", name, *row.Remaining, row.RequestCount)
			}
		}
	})
}

// TestTimeDoesNotRunBack: a use whose time lies before that of the last one, as of a server
// whose clock is late, sets nothing back, so that no window begins anew before it is over.
func TestTimeDoesNotRunBack(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		h := open(t, setup{settings: plain(`rate_limit = {window = "10s", max = 2}`)})
		u, _ := h.person("ann")
		m := h.made(apikey.NewKey{UserID: u.ID})
		counter := m.Row.ID
		if replaced {
			next, err := h.s.Rotate(h.as(u), m.Row.ID, day)
			if err != nil {
				t.Fatal(err)
			}
			counter = next.Row.ID
		}
		h.want(m.Secret, "")
		first := *h.row(counter).LastRequest
		h.Clock.Advance(-time.Hour)
		h.want(m.Secret, "")
		if row := h.row(counter); row.LastRequest.Before(first) || row.RequestCount != 2 {
			t.Errorf("replaced %v: last used %v after %v, counted %d", replaced, row.LastRequest, first, row.RequestCount)
		}
		_, err := h.s.Verify(t.Context(), apikey.Ask{Key: m.Secret})
		if e := auth.AsError(err); e.Code != "RATE_LIMITED" || e.RetryAfter > 10*time.Second {
			t.Errorf("replaced %v: %v, again after %v", replaced, err, e.RetryAfter)
		}
		h.Clock.Advance(time.Hour)
		h.want(m.Secret, "RATE_LIMITED")
		h.Clock.Advance(11 * time.Second)
		h.want(m.Secret, "")
	}
}
