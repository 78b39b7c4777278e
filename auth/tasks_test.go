package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/ent/task"
)

// tasks is a rig with one kind of task, "mark": it stores the item as a preference of the
// person who asked, which fails the second time.
type tasks struct {
	*rig
	t     *testing.T
	asker *ent.User
	mu    sync.Mutex
	holds bool // whether the asker holds the scope
	deny  bool
	on    func(ctx context.Context, item string) error
}

func newTasks(t *testing.T, db *database.DB) *tasks {
	t.Helper()
	f := &tasks{rig: newRig(t, db), t: t, holds: true}
	f.Principals.Add("test", auth.GrantSource{Grants: func(context.Context, auth.Facts) (auth.Given, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		var given auth.Given
		if f.deny {
			given.Deny = auth.ErrUnauthorized
		}
		if f.holds {
			given.Grants = []auth.Grant{{Scope: "thing:mark"}}
		}
		return given, nil
	}})
	err := f.Tasks.Declare("test", auth.TaskKind{Name: "mark", Scope: "thing:mark", Do: func(ctx context.Context, act json.RawMessage, item string) error {
		if p := auth.PrincipalOf(ctx); p == nil || !p.Can("thing:mark") {
			t.Errorf("%s is done as %v", item, p)
		}
		if string(act) != `{"how":"well"}` {
			t.Errorf("act %s", act)
		}
		err := f.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			return tx.Preference().Create().SetUserID(f.asker.ID).SetName(item).SetValue("x").SetUpdatedAt(f.clock()).Exec(ctx)
		})
		if err == nil && f.on != nil {
			err = f.on(ctx, item)
		}
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *tasks) start(items ...string) string {
	f.t.Helper()
	p, err := f.Principals.OfUser(f.t.Context(), f.asker)
	if err != nil {
		f.t.Fatal(err)
	}
	row, err := f.Tasks.Start(auth.WithPrincipal(f.t.Context(), p), auth.NewTask{Kind: "mark", Act: map[string]string{"how": "well"}, Items: items})
	if err != nil {
		f.t.Fatal(err)
	}
	return row.ID
}

func (f *tasks) state(id string) *auth.TaskState {
	f.t.Helper()
	s, err := f.Tasks.Find(f.t.Context(), id)
	if err != nil || s == nil {
		f.t.Fatalf("task %s: %v %v", id, s, err)
	}
	return s
}

func (f *tasks) work(ctx context.Context) {
	f.t.Helper()
	if err := f.Tasks.Work(ctx); err != nil {
		f.t.Fatal(err)
	}
}

// marked are the items that were done, sorted.
func (f *tasks) marked() string {
	f.t.Helper()
	rows, err := f.DB.Access(f.t.Context()).Preference().Query().All(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestTasks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		f := newTasks(t, db)
		f.asker = f.user(t, "asker@example.test")
		t.Run("skips", f.skips)
		t.Run("crash", f.crash)
		t.Run("lease", f.lease)
		t.Run("together", f.together)
		t.Run("stop", f.stop)
		t.Run("lost", f.lost)
		t.Run("refused", f.refusedStarts)
	})
}

func (f *tasks) reset(t *testing.T) {
	f.t, f.on = t, nil
	err := f.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		_, err := tx.Preference().Delete().Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *tasks) skips(t *testing.T) {
	f.reset(t)
	f.on = func(_ context.Context, item string) error {
		switch item {
		case "b":
			return auth.E(http.StatusForbidden, "NOT_B", "b is no good")
		case "c":
			return errors.New("secret cause")
		case "d":
			panic("ouch")
		}
		return nil
	}
	id := f.start("a", "b", "c", "d", "e")
	f.work(t.Context())
	s := f.state(id)
	want := []auth.Skipped{{Item: "b", Code: "NOT_B", Reason: "b is no good"}, {Item: "c", Code: "INTERNAL_SERVER_ERROR", Reason: "The server could not do this."},
		{Item: "d", Code: "INTERNAL_SERVER_ERROR", Reason: "The server could not do this."}}
	if !s.Over() || s.State != task.StateDone || s.Done != 5 || s.SkippedCount != 3 || !slices.Equal(s.Skipped, want) {
		t.Errorf("%+v %+v", s.Task, s.Skipped)
	}
	if got := f.marked(); got != "a e" {
		t.Errorf("done %q: what a skipped item wrote must go", got)
	}
	for _, kind := range []string{"task.started", "task.finished"} {
		if n := f.DB.Access(t.Context()).Event().Query().Where(event.Kind(kind), event.SubjectID(id), event.ActorID(f.asker.ID)).CountX(t.Context()); n != 1 {
			t.Errorf("%d events %s", n, kind)
		}
	}
}

// crash: the server goes in the middle of an item; the next one goes on there and does
// nothing twice.
func (f *tasks) crash(t *testing.T) {
	f.reset(t)
	id := f.start("a", "b", "c", "d")
	ctx, cancel := context.WithCancel(t.Context())
	f.on = func(_ context.Context, item string) error {
		if item == "b" {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	_ = f.Tasks.Work(ctx)
	if got := f.marked(); got != "a" {
		t.Fatalf("before the crash %q", got)
	}
	f.on = nil
	f.advance(time.Hour)
	f.work(t.Context())
	if s := f.state(id); s.State != task.StateDone || s.Done != 4 || s.SkippedCount != 0 || f.marked() != "a b c d" {
		t.Errorf("%+v %q", s.Task, f.marked())
	}
}

// lease: what another server works on is left alone until its lease is over.
func (f *tasks) lease(t *testing.T) {
	f.reset(t)
	id := f.start("a")
	err := f.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Task().UpdateOneID(id).SetState(task.StateRunning).SetLeaseUntil(f.clock().Add(time.Minute)).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	f.work(t.Context())
	if f.marked() != "" {
		t.Error("worked on another server's task")
	}
	f.advance(time.Minute)
	f.work(t.Context())
	if f.marked() != "a" || f.state(id).State != task.StateDone {
		t.Errorf("%q %s", f.marked(), f.state(id).State)
	}
}

// together: many workers do each item once.
func (f *tasks) together(t *testing.T) {
	f.reset(t)
	var items []string
	for i := range 40 {
		items = append(items, fmt.Sprintf("i%02d", i))
	}
	ids := []string{f.start(items[:20]...), f.start(items[20:]...)}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := f.Tasks.Work(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if s := f.state(id); s.State != task.StateDone || s.Done != 20 || s.SkippedCount != 0 {
			t.Errorf("%+v %+v", s.Task, s.Skipped)
		}
	}
	if f.marked() != strings.Join(items, " ") {
		t.Errorf("done %q", f.marked())
	}
}

func (f *tasks) stop(t *testing.T) {
	f.reset(t)
	id := f.start("a", "b", "c")
	ctx := auth.WithPrincipal(t.Context(), auth.System("test"))
	if did, err := f.Tasks.Stop(ctx, id); !did || err != nil {
		t.Fatal(did, err)
	}
	f.work(t.Context())
	if s := f.state(id); s.State != task.StateStopped || !s.Over() || f.marked() != "" {
		t.Errorf("%+v %q", s.Task, f.marked())
	}
	if again, err := f.Tasks.Stop(ctx, id); again || err != nil {
		t.Errorf("stopped twice: %v %v", again, err)
	}
	// While it runs, here by the item itself: what is being done counts, nothing follows.
	id = f.start("x", "y", "z")
	f.on = func(ctx context.Context, item string) error {
		_, err := f.Tasks.Stop(ctx, id)
		return err
	}
	f.work(t.Context())
	if s := f.state(id); s.State != task.StateStopped || s.Done != 1 || f.marked() != "x" {
		t.Errorf("%+v %q", s.Task, f.marked())
	}
}

func (f *tasks) lost(t *testing.T) {
	for name, change := range map[string]func(){
		"scope": func() { f.holds = false }, "banned": func() { f.deny = true },
	} {
		t.Run(name, func(t *testing.T) {
			f.reset(t)
			id := f.start("a", "b", "c")
			f.on = func(_ context.Context, item string) error {
				if item == "a" {
					f.mu.Lock()
					change()
					f.mu.Unlock()
				}
				return nil
			}
			f.work(t.Context())
			if s := f.state(id); s.State != task.StateDone || s.SkippedCount != 2 || s.Skipped[0].Code != "NO_LONGER_ALLOWED" || f.marked() != "a" {
				t.Errorf("%+v %+v %q", s.Task, s.Skipped, f.marked())
			}
			f.holds, f.deny = true, false
		})
	}
}

func (f *tasks) refusedStarts(t *testing.T) {
	f.reset(t)
	mask := auth.NewPrincipal(auth.Principal{Subject: f.asker.ID, Session: &auth.SessionFacts{ImpersonatedBy: "x"}}, nil, f.clock())
	for name, tt := range map[string]struct {
		p    *auth.Principal
		n    auth.NewTask
		want error
	}{
		"nobody":       {nil, auth.NewTask{Kind: "mark"}, auth.ErrUnauthorized},
		"impersonator": {mask, auth.NewTask{Kind: "mark"}, auth.ErrImpersonating},
		"too many":     {auth.System("x"), auth.NewTask{Kind: "mark", Items: make([]string, auth.MaxTaskItems+1)}, auth.ErrTooManyItems},
	} {
		ctx := t.Context()
		if tt.p != nil {
			ctx = auth.WithPrincipal(ctx, tt.p)
		}
		if _, err := f.Tasks.Start(ctx, tt.n); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Tasks.Declare("other", auth.TaskKind{Name: "mark"}); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("declared twice: %v", err)
	}
}

func TestTasksAreSwept(t *testing.T) {
	f := newTasks(t, dbtest.SQLite(t))
	f.asker = f.user(t, "asker@example.test")
	old := f.start("a")
	f.work(t.Context())
	f.advance(31 * 24 * time.Hour)
	waiting := f.start("b")
	if n, err := f.Tasks.Sweep(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if s, err := f.Tasks.Find(t.Context(), old); s != nil || err != nil {
		t.Errorf("still there: %v %v", s, err)
	}
	f.state(waiting)
}
