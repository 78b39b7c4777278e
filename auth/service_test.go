package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/ent/session"
)

var ctx = context.Background()

// TestOnce: of 32 parallel callers one takes a one-time value, on each database.
func TestOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		for round := range 3 {
			token := strings.Repeat("x", round+20)
			if err := r.Verifications.Issue(ctx, token, auth.OneTime{Purpose: auth.PurposeResetPassword, Subject: "u", Value: "v", ExpiresAt: r.clock().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
			if n := winners(t, func() (bool, error) {
				o, err := r.Verifications.Consume(ctx, auth.PurposeResetPassword, token)
				return o != nil, err
			}); n != 1 {
				t.Errorf("%d of 32 took the value", n)
			}
		}
	})
}

// winners calls try 32 times at once and counts successes.
func winners(t *testing.T, try func() (bool, error)) int64 {
	t.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 32 {
		wg.Go(func() {
			<-start
			won, err := try()
			if err != nil {
				t.Error(err)
			}
			if won {
				n.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return n.Load()
}

func TestOneTimeValues(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	issue := func(p auth.Purpose, token, subject string) {
		if err := r.Verifications.Issue(ctx, token, auth.OneTime{Purpose: p, Subject: subject, Value: "v", ExpiresAt: r.clock().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	found := func(p auth.Purpose, token string) bool {
		o, err := r.Verifications.Find(ctx, p, token)
		if err != nil {
			t.Fatal(err)
		}
		return o != nil
	}
	issue(auth.PurposeResetPassword, "a", "u1")
	issue(auth.PurposeResetPassword, "b", "u1")
	issue(auth.PurposeDeleteAccount, "c", "u1")
	issue(auth.PurposeResetPassword, "d", "u2")
	if found(auth.PurposeDeleteAccount, "a") || found(auth.PurposeResetPassword, "c") {
		t.Error("a value of one purpose is known to another")
	}
	rows := r.DB.Access(ctx).Verification().Query().AllX(ctx)
	for _, row := range rows {
		if strings.Contains(row.Identifier, "reset") || len(row.Identifier) != 43 {
			t.Errorf("identifier %q is not a hash", row.Identifier)
		}
	}
	if err := r.Verifications.Void(ctx, "u1", auth.PurposeResetPassword); err != nil {
		t.Fatal(err)
	}
	if found(auth.PurposeResetPassword, "a") || found(auth.PurposeResetPassword, "b") || !found(auth.PurposeDeleteAccount, "c") || !found(auth.PurposeResetPassword, "d") {
		t.Error("voiding took the wrong values")
	}
	r.advance(time.Hour)
	if found(auth.PurposeResetPassword, "d") {
		t.Error("an expired value is found")
	}
	if o, err := r.Verifications.Consume(ctx, auth.PurposeResetPassword, "d"); o != nil || err != nil {
		t.Errorf("an expired value is taken: %v, %v", o, err)
	}
	r.advance(time.Second)
	if n, err := r.Verifications.Sweep(ctx, 1); n != 1 || err != nil {
		t.Errorf("sweep of one: %d, %v", n, err)
	}
	if n, err := r.Verifications.Sweep(ctx, 100); n != 1 || err != nil {
		t.Errorf("sweep of the rest: %d, %v", n, err)
	}
}

func TestSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		u := r.user(t, "ada@example.test")
		issued := r.session(t, u)
		if stored := issued.Session.Token; !strings.HasPrefix(stored, "sha256:") || strings.Contains(stored, issued.Token) {
			t.Errorf("stored as %q", stored)
		}
		if c, err := r.Sessions.Read(ctx, issued.Session.Token); c != nil || err != nil {
			t.Error("the stored form authenticates")
		}
		c, err := r.Sessions.Read(ctx, issued.Token)
		if err != nil || c == nil || c.User.ID != u.ID || c.Due {
			t.Fatalf("reading: %v, %v", c, err)
		}
		t.Run("slides, and ends at the absolute maximum", func(t *testing.T) { slides(t, r, issued) })
	})
}

// slides renews a session daily: it lives on, and ends after 30 days.
func slides(t *testing.T, r *rig, issued *auth.Issued) {
	for day := 1; day < 40; day++ {
		r.advance(24*time.Hour + time.Second)
		c, err := r.Sessions.Read(ctx, issued.Token)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			if day != 30 {
				t.Errorf("ended on day %d", day)
			}
			if n := r.DB.Access(ctx).Session().Query().CountX(ctx); n != 0 {
				t.Errorf("%d rows are left", n)
			}
			return
		}
		if want := day < 24; c.Due != want {
			t.Errorf("day %d: due is %v", day, c.Due)
		}
		if c.Due {
			if alive, err := r.Sessions.Extend(ctx, c); !alive || err != nil {
				t.Fatalf("extending: %v, %v", alive, err)
			}
		}
	}
	t.Error("never ended")
}

func TestForgetfulSession(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	issued, err := r.Sessions.Create(ctx, auth.NewSession{User: r.user(t, "a@example.test")})
	if err != nil {
		t.Fatal(err)
	}
	r.advance(24*time.Hour - time.Second)
	if c, _ := r.Sessions.Read(ctx, issued.Token); c == nil || c.Due {
		t.Error("ended early, or wants to be extended")
	}
	r.advance(time.Second)
	if c, _ := r.Sessions.Read(ctx, issued.Token); c != nil {
		t.Error("lives longer than a day")
	}
}

func TestAdoptedToken(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	issued := r.session(t, r.user(t, "a@example.test"))
	r.DB.Store().Client.Session.UpdateOneID(issued.Session.ID).SetToken("raw-token-of-another-server").ExecX(ctx)
	if c, err := r.Sessions.Read(ctx, "raw-token-of-another-server"); c == nil || err != nil {
		t.Fatalf("the raw token does not work: %v", err)
	}
	if row := r.DB.Access(ctx).Session().Query().OnlyX(ctx); !strings.HasPrefix(row.Token, "sha256:") {
		t.Errorf("still stored as %q", row.Token)
	}
	if c, _ := r.Sessions.Read(ctx, "raw-token-of-another-server"); c == nil {
		t.Error("works only once")
	}
}

func TestHandles(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	u := r.user(t, "a@example.test")
	one, two := r.session(t, u), r.session(t, u)
	handle := r.Sessions.Handle(one.Session)
	if c, _ := r.Sessions.Read(ctx, handle); c != nil {
		t.Error("a handle authenticates")
	}
	for _, name := range []string{two.Session.Token, "", "handle_", "nothing"} {
		if n, err := r.Sessions.End(ctx, auth.EndedRevoked, r.Sessions.Named(name)); n != 0 || err != nil {
			t.Errorf("%q ended %d: %v", name, n, err)
		}
	}
	var reasons []auth.EndReason
	r.Moments.SessionsEnded.Add("test", auth.On[*auth.EndedSessions]{Class: auth.Observe, Do: func(_ context.Context, e *auth.EndedSessions) error {
		reasons = append(reasons, e.Reason)
		return nil
	}})
	for _, name := range []string{handle, two.Token} {
		if n, err := r.Sessions.End(ctx, auth.EndedRevoked, r.Sessions.Named(name), session.UserID(u.ID)); n != 1 || err != nil {
			t.Errorf("%q ended %d: %v", name, n, err)
		}
	}
	if len(reasons) != 2 {
		t.Errorf("told of %v", reasons)
	}
}

func TestUsers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		u := r.user(t, "Ada@Example.Test")
		if u.Email != "ada@example.test" {
			t.Errorf("stored as %q", u.Email)
		}
		if _, err := r.Users.Create(ctx, auth.NewUser{Name: "B", Email: "ADA@example.test"}); !errors.Is(err, auth.ErrUserAlreadyExists) {
			t.Errorf("a taken address: %v", err)
		}
		if n := winners(t, func() (bool, error) {
			_, err := r.Users.Create(ctx, auth.NewUser{Name: "B", Email: "race@example.test"})
			if errors.Is(err, auth.ErrUserAlreadyExists) {
				return false, nil
			}
			return err == nil, err
		}); n != 1 {
			t.Errorf("%d users of one address", n)
		}
		accented, err := r.Users.Create(ctx, auth.NewUser{Name: "C", Email: "rene@example.test"})
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := r.Users.ByEmail(ctx, "rené@example.test"); found != nil {
			t.Errorf("an accent merges two people: %s is %s", found.Email, accented.Email)
		}
		r.session(t, u)
		if err := r.Users.Delete(ctx, u.ID, "test"); err != nil {
			t.Fatal(err)
		}
		access := r.DB.Access(ctx)
		if access.Session().Query().ExistX(ctx) || access.User().Query().Where().CountX(ctx) != 2 {
			t.Error("rows are left")
		}
		if hits, err := r.DB.Search().Find(ctx, "User", "ada@ex", "", 10); err != nil || len(hits.IDs) != 0 {
			t.Errorf("a deleted user is found: %v, %v", hits, err)
		}
	})
}

// TestRollBack: a refusing hook leaves nothing, no event and no mail.
func TestRollBack(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	no := auth.E(403, "NO", "no")
	after := false
	r.Moments.UserCreated.Add("test", auth.On[*auth.UserChange]{Class: auth.Refuse, Do: func(_ context.Context, c *auth.UserChange) error {
		c.Tx.AfterCommit(func(context.Context) { after = true })
		return no
	}})
	if _, err := r.Users.Create(ctx, auth.NewUser{Name: "A", Email: "a@example.test", PasswordHash: "h"}); !errors.Is(err, no) {
		t.Fatalf("created: %v", err)
	}
	access := r.DB.Access(ctx)
	if access.User().Query().ExistX(ctx) || access.Account().Query().ExistX(ctx) || access.Event().Query().ExistX(ctx) || after {
		t.Error("something is left")
	}
}

func TestEvents(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	p := auth.NewPrincipal(auth.Principal{Subject: "u1", Name: "Ada", Scheme: "session", Session: &auth.SessionFacts{ID: "s1"}}, nil, r.clock())
	c := auth.WithOrigin(auth.WithPrincipal(ctx, p), auth.Origin{Address: "192.0.2.1", RequestID: "r1"})
	if err := r.Events.Record(c, auth.Event{Kind: "tested", SubjectType: "user", Subject: "u2", Data: map[string]any{"by": "x", "secret": "hunter2"}}); err != nil {
		t.Fatal(err)
	}
	row := r.DB.Access(ctx).Event().Query().Where(event.Kind("tested")).OnlyX(ctx)
	if row.ActorID != "u1" || row.SessionID != "s1" || row.IPAddress != "192.0.2.1" || row.RequestID != "r1" || row.Result != "success" || row.Data["secret"] != "changed" {
		t.Errorf("recorded %+v", row)
	}
	// What was sent in the place of an id does not keep what happened from being told.
	for _, id := range []string{strings.Repeat("x", 300), "a\x00b", "\xff"} {
		if err := r.Events.Record(ctx, auth.Event{Kind: "tested", SubjectType: "user", Subject: id, Data: map[string]any{"by": "garbage"}}); err != nil {
			t.Errorf("%.10q: %v", id, err)
		}
	}
	if n := r.DB.Access(ctx).Event().Query().Where(event.Kind("tested"), event.SubjectID("")).CountX(ctx); n != 3 {
		t.Errorf("%d events of garbage", n)
	}
	if err := r.Events.Record(ctx, auth.Event{Kind: "unheard"}); err == nil {
		t.Error("an undeclared kind is recorded")
	}
	if err := r.Events.Record(ctx, auth.Event{Kind: "tested", Data: map[string]any{"other": 1}}); err == nil {
		t.Error("an undeclared field is recorded")
	}
}

func TestAttempts(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	u := r.user(t, "ada@example.test")
	outsider := auth.WithOrigin(ctx, auth.Origin{Address: "203.0.113.9"})
	for i := range 5 {
		if err := r.Attempts.Allow(outsider, u.Email, u); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
		if err := r.Attempts.Failed(outsider, u.Email, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Attempts.Failed(outsider, u.Email, u); err != nil {
		t.Fatal(err)
	}
	err := r.Attempts.Allow(outsider, u.Email, u)
	var e *auth.Error
	if !errors.As(err, &e) || e.Status != 429 || e.RetryAfter <= 0 || e.RetryAfter > 2*time.Second {
		t.Fatalf("after six failures: %v", err)
	}
	if err := r.Attempts.Allow(outsider, "nobody@example.test", nil); err != nil {
		t.Errorf("another account: %v", err)
	}
	home := auth.WithOrigin(ctx, auth.Origin{Address: "192.0.2.1"})
	if _, err := r.Sessions.Create(home, auth.NewSession{User: u}); err != nil {
		t.Fatal(err)
	}
	for range 120 {
		if err := r.Attempts.Failed(outsider, u.Email, u); err != nil {
			t.Fatal(err)
		}
	}
	r.advance(time.Hour)
	if err := r.Attempts.Allow(outsider, u.Email, u); err == nil {
		t.Error("more than a hundred guesses")
	}
	if err := r.Attempts.Allow(home, u.Email, u); err != nil {
		t.Errorf("the owner on a known device is locked out: %v", err)
	}
	if err := r.Attempts.Succeeded(home, u.Email); err != nil {
		t.Fatal(err)
	}
	if err := r.Attempts.Allow(outsider, u.Email, u); err != nil {
		t.Errorf("after success: %v", err)
	}
}

// TestLimitStore: from parallel requests exactly the allowed number passes.
func TestLimitStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		store := &auth.LimitStore{DB: r.DB}
		rule := ratelimit.Rule{Window: 10 * time.Second, Max: 3}
		if n := winners(t, func() (bool, error) {
			ok, _, err := store.Take(ctx, "a|/sign-in/email", rule, r.clock())
			return ok, err
		}); n != 3 {
			t.Errorf("%d passed", n)
		}
		if ok, wait, err := store.Take(ctx, "a|/sign-in/email", rule, r.clock()); ok || wait != 10*time.Second || err != nil {
			t.Errorf("the next: %v, %v, %v", ok, wait, err)
		}
		if ok, _, err := store.Take(ctx, "a|/sign-in/email", rule, r.clock().Add(10*time.Second)); !ok || err != nil {
			t.Errorf("after the window: %v, %v", ok, err)
		}
	})
}

func TestSignInMoments(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	u := r.user(t, "a@example.test")
	step := &auth.NextStep{Page: "/two-factor"}
	r.Moments.FirstFactorProven.Add("test", auth.On[*auth.FirstFactor]{Class: auth.Interrupt, Do: func(_ context.Context, f *auth.FirstFactor) error {
		if f.Strength < 2 {
			f.Next = step
		}
		return nil
	}})
	out, err := r.SignIns.Complete(ctx, auth.FirstFactor{User: u, Method: "email", Strength: 1, Remember: true})
	if err != nil || out.Next != step || out.Issued != nil || r.DB.Access(ctx).Session().Query().ExistX(ctx) {
		t.Errorf("interrupted: %+v, %v", out, err)
	}
	out, err = r.SignIns.Complete(ctx, auth.FirstFactor{User: u, Method: "passkey", Strength: 2, Remember: true})
	if err != nil || out.Issued == nil {
		t.Errorf("two factors: %+v, %v", out, err)
	}
}

// TestPlainTokens: a database that is shared with a better-auth server keeps tokens as
// that server reads them.
func TestPlainTokens(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), "--session.tokens=plain")
	issued := r.session(t, r.user(t, "a@example.test"))
	if issued.Session.Token != issued.Token || r.Sessions.Handle(issued.Session) != issued.Token {
		t.Errorf("stored as %q, listed as %q", issued.Session.Token, r.Sessions.Handle(issued.Session))
	}
	if c, err := r.Sessions.Read(ctx, issued.Token); c == nil || err != nil {
		t.Fatalf("reading: %v", err)
	}
	if row := r.DB.Access(ctx).Session().Query().OnlyX(ctx); row.Token != issued.Token {
		t.Errorf("replaced by %q", row.Token)
	}
}

func TestRenew(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	issued := r.session(t, r.user(t, "a@example.test"))
	c, _ := r.Sessions.Read(ctx, issued.Token)
	fresh, err := r.Sessions.Renew(ctx, c)
	if err != nil || fresh == "" || fresh == issued.Token || c.Token != fresh {
		t.Fatalf("renewed to %q: %v", fresh, err)
	}
	if old, _ := r.Sessions.Read(ctx, issued.Token); old != nil {
		t.Error("the old token lives")
	}
	if c, _ := r.Sessions.Read(ctx, fresh); c == nil {
		t.Error("the new token does not work")
	}
	if _, err := r.Sessions.End(ctx, auth.EndedRevoked, session.ID(c.Session.ID)); err != nil {
		t.Fatal(err)
	}
	if token, err := r.Sessions.Renew(ctx, c); token != "" || err != nil {
		t.Errorf("renewed a dead session: %q, %v", token, err)
	}
}
