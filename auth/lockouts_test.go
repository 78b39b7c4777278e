package auth_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	"gatehouse/ent/attempt"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
)

func fail(t *testing.T, r *rig, account string, owner *ent.User, times int) {
	t.Helper()
	from := auth.WithOrigin(ctx, auth.Origin{Address: "203.0.113.9"})
	for range times {
		if err := r.Attempts.Failed(from, account, owner); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLockouts: what is slowed is listed with the account, the person and the address, and
// can be released once. What was typed is sealed, and kept only when it is an address.
func TestLockouts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		ada, bob := r.user(t, "ada@example.test"), r.user(t, "bob@example.test")
		fail(t, r, ada.Email, ada, 100)
		fail(t, r, "nobody@example.test", nil, 8)
		fail(t, r, "my secret password", nil, 7)
		fail(t, r, bob.Email, bob, 5) // no delay yet

		longest := auth.LockoutQuery{Order: ent.Desc(attempt.FieldBlockedUntil), Limit: 10}
		list, err := r.Attempts.Lockouts(ctx, longest)
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v %v", list, err)
		}
		if l := list[0]; l.Account != ada.Email || l.User == nil || l.User.ID != ada.ID || l.Failures != 100 || !l.Locked || l.Address != "203.0.113.9" ||
			!l.Last.Equal(r.clock().Truncate(time.Millisecond)) || l.Until.Sub(l.Last) != 24*time.Hour {
			t.Errorf("of a person: %+v", l)
		}
		if l := list[1]; l.Account != "nobody@example.test" || l.User != nil || l.Locked {
			t.Errorf("of nobody: %+v", l)
		}
		if l := list[2]; l.Account != "" {
			t.Errorf("kept what is no address: %q", l.Account)
		}
		if n, err := r.Attempts.CountLockouts(ctx, auth.LockoutQuery{}, 2); n != 2 || err != nil {
			t.Errorf("counted to %d, %v", n, err)
		}
		for name, q := range map[string]auth.LockoutQuery{"a part of the address": {Text: "ADA"}, "the id": {Text: ada.ID}, "locked": {Locked: true}} {
			q.Limit = 10
			if only, err := r.Attempts.Lockouts(ctx, q); err != nil || len(only) != 1 || only[0].ID != list[0].ID {
				t.Errorf("%s finds %+v %v", name, only, err)
			}
		}
		for name, q := range map[string]auth.LockoutQuery{"of nobody": {Text: "Nobody@example.test"}, "in part": {Text: "nobody"}, "slowed": {Slowed: true, Text: "203.0.113.9"}} {
			want := map[string]int{"of nobody": 1, "in part": 0, "slowed": 2}[name]
			if n, err := r.Attempts.CountLockouts(ctx, q, 10); err != nil || n != want {
				t.Errorf("%s finds %d, want %d: %v", name, n, want, err)
			}
		}
		rows := db.Client.Attempt.Query().Where(attempt.IdentifierNEQ("")).AllX(ctx)
		for _, row := range rows {
			if strings.Contains(row.Identifier, "@") {
				t.Errorf("stored in clear: %s", row.Identifier)
			}
		}

		of, err := r.Attempts.OfUser(ctx, ada)
		if err != nil || of == nil || of.ID != list[0].ID {
			t.Fatalf("of the person: %+v %v", of, err)
		}
		if free, err := r.Attempts.OfUser(ctx, bob); free != nil || err != nil {
			t.Errorf("who is free: %+v %v", free, err)
		}
		for _, want := range []bool{true, false} {
			if done, err := r.Attempts.Release(ctx, of); done != want || err != nil {
				t.Errorf("released %v, want %v: %v", done, want, err)
			}
		}
		if err := r.Attempts.Allow(ctx, ada.Email, ada); err != nil {
			t.Errorf("after the release: %v", err)
		}
		if n := db.Client.Event.Query().Where(event.Kind("lockout.released"), event.SubjectID(ada.ID)).CountX(ctx); n != 1 {
			t.Errorf("%d events", n)
		}
		r.advance(25 * time.Hour)
		if list, err := r.Attempts.Lockouts(ctx, longest); len(list) != 0 || err != nil {
			t.Errorf("what is over is listed: %+v %v", list, err)
		}
	})
}

// TestCounters: both stores tell alike what is counted, and forget.
func TestCounters(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	rule := ratelimit.Rule{Window: 10 * time.Second, Max: 3}
	for name, store := range map[string]ratelimit.Store{"memory": ratelimit.NewMemory(0), "database": &auth.LimitStore{DB: r.DB}} {
		t.Run(name, func(t *testing.T) {
			now := r.clock()
			take := func(key string, times int, at time.Time) {
				for range times {
					if _, _, err := store.Take(ctx, key, rule, at); err != nil {
						t.Fatal(err)
					}
				}
			}
			take("192.0.2.1|/sign-in/email", 5, now)
			take("192.0.2.2|/sign-in/email", 2, now)
			take("192.0.2.3|/sign-in/email", 3, now.Add(-time.Minute))
			list, err := store.Counters(ctx, 3, now.Add(-30*time.Second), 10)
			if err != nil || len(list) != 1 || list[0].Key != "192.0.2.1|/sign-in/email" || list[0].Count != 3 {
				t.Fatalf("%+v %v", list, err)
			}
			if until, spent := list[0].Spent(rule, now.Add(4*time.Second)); !spent || until.Sub(now.Truncate(time.Millisecond)) > 10*time.Second+time.Millisecond || until.Sub(now) < 9*time.Second {
				t.Errorf("%v until %v", spent, until.Sub(now))
			}
			if _, spent := list[0].Spent(rule, now.Add(11*time.Second)); spent {
				t.Error("spent after its window")
			}
			if list, err = store.Counters(ctx, 1, now.Add(-time.Hour), 2); err != nil || len(list) != 2 || list[0].Count < list[1].Count {
				t.Errorf("bounded: %+v %v", list, err)
			}
			for _, want := range []bool{true, false} {
				if forgot, err := store.Forget(ctx, "192.0.2.1|/sign-in/email"); forgot != want || err != nil {
					t.Errorf("forgot %v, want %v: %v", forgot, want, err)
				}
			}
			if allowed, _, err := store.Take(ctx, "192.0.2.1|/sign-in/email", rule, now); !allowed || err != nil {
				t.Errorf("after forgetting: %v %v", allowed, err)
			}
		})
	}
}

// TestProve: a new proof moves the time, adds its method once and is recorded; a session
// that is over takes none.
func TestProve(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), "--session.step_up_age=5m")
	u := r.user(t, "ada@example.test")
	issued := r.session(t, u)
	read := func() *auth.Current {
		c, err := r.Sessions.Read(ctx, issued.Token)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := read()
	r.advance(5 * time.Minute)
	if !r.Sessions.Proved(r.Sessions.Facts(c.Session)) {
		t.Error("five minutes are too old")
	}
	r.advance(time.Second)
	if r.Sessions.Proved(r.Sessions.Facts(c.Session)) || r.Sessions.Proved(nil) || r.Sessions.Proved(&auth.SessionFacts{Virtual: true, AuthenticatedAt: r.clock()}) {
		t.Error("old, missing or virtual sessions count")
	}
	for range 2 {
		if err := r.Sessions.Prove(ctx, c, "pwd", "otp"); err != nil {
			t.Fatal(err)
		}
	}
	if c = read(); c.Session.Amr != "pwd,otp" || !r.Sessions.Proved(r.Sessions.Facts(c.Session)) {
		t.Errorf("amr %q at %v", c.Session.Amr, c.Session.AuthenticatedAt)
	}
	if n := r.DB.Store().Client.Event.Query().Where(event.Kind("session.proved")).CountX(ctx); n != 2 {
		t.Errorf("%d events", n)
	}
	if _, err := r.Sessions.EndAll(ctx, auth.EndedRevoked, u.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Sessions.Prove(ctx, c, "pwd"); err == nil {
		t.Error("a session that is over was proved")
	}
}
