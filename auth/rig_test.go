package auth_test

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/database"
)

// rig is a core on a database, with a clock that the test moves.
type rig struct {
	*auth.Core
	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T, db *database.DB, flags ...string) *rig {
	t.Helper()
	ring, err := secret.NewRing(nil, "0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	cfg := settings.NewCore()
	if _, err := settings.Load(settings.Sources{Args: flags}, cfg.Groups()...); err != nil {
		t.Fatal(err)
	}
	r := &rig{now: time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC)}
	r.Core, err = auth.NewCore(auth.CoreConfig{Store: db, Settings: cfg, Keys: ring, Clock: r.clock,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), On: func(string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	any := []auth.EventField{{Name: "email", Hidden: true, Mark: auth.Personal}, {Name: "account", Hidden: true, Mark: auth.Personal}, {Name: "failures", Hidden: true}, {Name: "address", Hidden: true, Mark: auth.Personal}, {Name: "path", Hidden: true}, {Name: "by", Hidden: true}, {Name: "amr", Hidden: true}, {Name: "count", Hidden: true}, {Name: "method", Hidden: true}, {Name: "changes", Hidden: true}, {Name: "to", Hidden: true}, {Name: "kind", Hidden: true}, {Name: "total", Hidden: true}, {Name: "done", Hidden: true}, {Name: "skipped", Hidden: true}, {Name: "secret", Hidden: true, Mark: auth.Secret}}
	for _, kind := range []string{"user.created", "user.updated", "user.deleted", "session.created", "session.ended", "session.proved", "lockout.released", "limit.released", "sign-in.succeeded", "sign-in.failed", "message.throttled", "tested", "task.started", "task.finished", "task.stopped"} {
		if err := r.Events.Declare("test", auth.EventKind{Name: kind, Fields: any}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) user(t *testing.T, email string) *ent.User {
	t.Helper()
	u, err := r.Users.Create(context.Background(), auth.NewUser{Name: "Ada", Email: email, PasswordHash: "hash", By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (r *rig) session(t *testing.T, u *ent.User) *auth.Issued {
	t.Helper()
	issued, err := r.Sessions.Create(context.Background(), auth.NewSession{User: u, Remember: true, AMR: []string{"pwd"}})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}
