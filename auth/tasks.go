package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"gatehouse/auth/random"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/task"
)

// Bounds of tasks. A lease is renewed with every item, so its length is what a crash
// costs; the list of what was skipped is for people and ends after maxSkipped.
const (
	MaxTaskItems = 100_000
	maxSkipped   = 1_000
	taskLease    = time.Minute
	// keepTasks is how long finished tasks can be looked at.
	keepTasks = 30 * 24 * time.Hour
)

// Kinds of events of tasks. The core declares them.
const (
	eventTaskStarted  = "task.started"
	eventTaskFinished = "task.finished"
	eventTaskStopped  = "task.stopped"
)

// TaskKind declares an act that is done to many things, one after the other.
type TaskKind struct {
	// Name is unique among all plugins: "admin/ban".
	Name string
	// Scope of the platform that whoever asked must hold while it runs. When they lose it,
	// what is left is skipped.
	Scope string
	// Do acts on one item in a transaction of its own. The context carries the principal of
	// the person who asked, as it is now. An *Error below 500 skips the item with its
	// message as the reason; act is what Start was given.
	Do func(ctx context.Context, act json.RawMessage, item string) error
	// Words say for people what is done: "Ban many people".
	Words words.Text
	// Names are those of the items, with the addresses of their pages, for the list of what
	// was skipped; nil where they have none.
	Names func(ctx context.Context, items []string) (map[string]TaskItem, error)
}

// TaskItem is an item as people know it.
type TaskItem struct{ Name, URL string }

// Tasks are long acts that a server works off piece by piece. Exactly one server works on
// a task at a time, and each item is done once: the item and the progress are one
// transaction, so that a task goes on after a crash where it stood.
type Tasks struct {
	db         *DB
	clock      Clock
	log        *slog.Logger
	users      *Users
	principals *Principals
	events     *Events
	kinds      map[string]TaskKind
	owner      map[string]string
	wake       chan struct{}
}

// Declare makes kinds of a plugin known. Two plugins may not declare the same.
func (t *Tasks) Declare(plugin string, kinds ...TaskKind) error {
	for _, k := range kinds {
		if other, taken := t.owner[k.Name]; taken {
			return fmt.Errorf("task %q is declared by plugin %q and by plugin %q", k.Name, other, plugin)
		}
		t.kinds[k.Name], t.owner[k.Name] = k, plugin
	}
	return nil
}

// Kind looks a kind up.
func (t *Tasks) Kind(name string) (TaskKind, bool) {
	k, ok := t.kinds[name]
	return k, ok
}

// NewTask asks for an act on many things.
type NewTask struct {
	Kind  string
	Act   any      // encoded as JSON and given to TaskKind.Do
	Items []string // at most MaxTaskItems
}

// Skipped is an item that was left out, and why.
type Skipped struct {
	Item, Code string
	Reason     words.Text
}

// storedSkip is Skipped as it is stored: the reason as what to say, in no language.
type storedSkip struct {
	Item   string `json:"item"`
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason"`
}

// TaskState is a task as pages show it.
type TaskState struct {
	*ent.Task
	Act json.RawMessage
	// SkippedCount counts what was left out; Skipped lists the first thousand.
	SkippedCount int
	Skipped      []Skipped
}

// Over reports whether nothing more will happen.
func (s TaskState) Over() bool { return s.State == task.StateDone || s.State == task.StateStopped }

// taskInput and taskSkipped are the forms of the columns input and skipped.
type (
	taskInput struct {
		Act   json.RawMessage `json:"act,omitempty"`
		Items []string        `json:"items"`
	}
	taskSkipped struct {
		Count int          `json:"count"`
		List  []storedSkip `json:"list"`
	}
)

// ErrTooManyItems refuses a task that is too long.
var ErrTooManyItems = E(http.StatusRequestEntityTooLarge, "TOO_MANY_ITEMS", "These are too many: at most 100,000 at once. Select fewer.")

// errNoLongerAllowed is why the rest of a task is skipped.
var errNoLongerAllowed = E(http.StatusForbidden, "NO_LONGER_ALLOWED", "Whoever asked for this may no longer do it.")

// errItemFailed is the reason of an item that the server could not do. The cause is in the log.
var errItemFailed = E(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "The server could not do this.")

// Start stores a task of the principal of the context and wakes the worker. It judges no
// scope but refuses impersonators: the task would go on in the name of somebody who never
// asked for it.
func (t *Tasks) Start(ctx context.Context, n NewTask) (*ent.Task, error) {
	kind, known := t.kinds[n.Kind]
	p := PrincipalOf(ctx)
	switch {
	case !known:
		return nil, fmt.Errorf("task %q is not declared", n.Kind)
	case p == nil:
		return nil, ErrUnauthorized
	case p.Impersonated():
		return nil, ErrImpersonating
	case len(n.Items) > MaxTaskItems:
		return nil, ErrTooManyItems
	}
	act, err := json.Marshal(n.Act)
	if err != nil {
		return nil, fmt.Errorf("encoding a task: %w", err)
	}
	input, err := json.Marshal(taskInput{Act: act, Items: n.Items})
	if err != nil {
		return nil, fmt.Errorf("encoding a task: %w", err)
	}
	var row *ent.Task
	err = t.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		row, err = tx.Task().Create().SetID(random.ID()).SetKind(kind.Name).SetInput(string(input)).SetSkipped("").
			SetTotal(len(n.Items)).SetCreatedBy(p.Subject).SetCreatedAt(t.clock()).Save(ctx)
		if err != nil {
			return fmt.Errorf("storing a task: %w", err)
		}
		tx.AfterCommit(func(context.Context) { t.nudge() })
		return t.record(ctx, eventTaskStarted, row, map[string]any{"kind": row.Kind, "total": row.Total})
	})
	return row, err
}

func (t *Tasks) record(ctx context.Context, kind string, row *ent.Task, data map[string]any) error {
	return t.events.Record(ctx, Event{Kind: kind, SubjectType: "task", Subject: row.ID, Data: data})
}

func (t *Tasks) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Wake tells when a task was started by this server.
func (t *Tasks) Wake() <-chan struct{} { return t.wake }

// Find reads a task; nil when there is none.
func (t *Tasks) Find(ctx context.Context, id string) (*TaskState, error) {
	row, err := t.db.Access(ctx).Task().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a task: %w", err)
	}
	in, err := inputOf(row)
	if err != nil {
		return nil, err
	}
	left, err := skippedOf(row)
	state := &TaskState{Task: row, Act: in.Act, SkippedCount: left.Count}
	for _, l := range left.List {
		state.Skipped = append(state.Skipped, Skipped{l.Item, l.Code, words.Text(l.Reason)})
	}
	return state, err
}

func inputOf(row *ent.Task) (in taskInput, err error) {
	if err = json.Unmarshal([]byte(row.Input), &in); err != nil {
		err = fmt.Errorf("reading task %s: %w", row.ID, err)
	}
	return in, err
}

func skippedOf(row *ent.Task) (left taskSkipped, err error) {
	if row.Skipped == "" {
		return left, nil
	}
	if err = json.Unmarshal([]byte(row.Skipped), &left); err != nil {
		err = fmt.Errorf("reading what task %s skipped: %w", row.ID, err)
	}
	return left, err
}

// Stop ends a task after the item that is being done. It reports whether there was
// something to stop; who may, the caller judges.
func (t *Tasks) Stop(ctx context.Context, id string) (bool, error) {
	n := 0
	err := t.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		n, err = tx.Task().Update().Where(task.ID(id), task.StateIn(task.StateWaiting, task.StateRunning)).
			SetState(task.StateStopped).SetFinishedAt(t.clock()).ClearLeaseUntil().Save(ctx)
		if err != nil {
			return fmt.Errorf("stopping a task: %w", err)
		}
		if n == 0 {
			return nil
		}
		row, err := tx.Task().Get(ctx, id)
		if err != nil {
			return err
		}
		return t.record(ctx, eventTaskStopped, row, map[string]any{"kind": row.Kind, "total": row.Total, "done": row.Done})
	})
	return n == 1, err
}

// Work does what is waiting, task by task, until nothing is left or the context ends. It
// is called by the server's background work, in every process; leases share the tasks out.
func (t *Tasks) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		row, err := t.take(ctx)
		if err != nil || row == nil {
			return err
		}
		if err := t.run(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// take leases the oldest task that nobody works on; nil when there is none.
func (t *Tasks) take(ctx context.Context) (*ent.Task, error) {
	now := t.clock()
	ids, err := t.db.Access(ctx).Task().Query().
		Where(task.StateIn(task.StateWaiting, task.StateRunning), task.Or(task.LeaseUntilIsNil(), task.LeaseUntilLTE(now))).
		Order(ent.Asc(task.FieldCreatedAt), ent.Asc(task.FieldID)).Limit(10).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for tasks: %w", err)
	}
	for _, id := range ids {
		var row *ent.Task
		err := t.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
			n, err := tx.Task().Update().Where(task.ID(id), task.StateIn(task.StateWaiting, task.StateRunning),
				task.Or(task.LeaseUntilIsNil(), task.LeaseUntilLTE(now))).
				SetState(task.StateRunning).SetLeaseUntil(now.Add(taskLease)).Save(ctx)
			if err != nil || n == 0 {
				return err
			}
			row, err = tx.Task().Get(ctx, id)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("taking a task: %w", err)
		}
		if row != nil {
			return row, nil
		}
	}
	return nil, nil
}

// errTaskMoved says that a task was stopped, or that another server does it.
var errTaskMoved = errors.New("the task was stopped or taken over")

// run works a leased task off.
func (t *Tasks) run(ctx context.Context, row *ent.Task) error {
	in, err := inputOf(row)
	if err != nil {
		return err
	}
	left, err := skippedOf(row)
	if err != nil {
		return err
	}
	r := running{Tasks: t, row: row, in: in, left: left, done: row.Done}
	for r.done < len(in.Items) && ctx.Err() == nil {
		if err := r.step(ctx); errors.Is(err, errTaskMoved) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return r.release(context.WithoutCancel(ctx))
	}
	return r.finish(ctx)
}

// running is a task in the hands of this server.
type running struct {
	*Tasks
	row  *ent.Task
	in   taskInput
	left taskSkipped
	done int
}

// step does the next item, or skips all that is left when the person may no longer ask
// for it.
func (r *running) step(ctx context.Context) error {
	as, err := r.asker(ctx)
	if err != nil {
		return err
	}
	if as == nil {
		return r.skip(ctx, errNoLongerAllowed, r.in.Items[r.done:]...)
	}
	item := r.in.Items[r.done]
	ctx = WithPrincipal(ctx, as)
	err = r.do(ctx, item)
	if err == nil {
		r.done++
		return nil
	}
	if errors.Is(err, errTaskMoved) || ctx.Err() != nil {
		return err
	}
	e := AsError(err)
	if e.Status >= http.StatusInternalServerError {
		r.log.ErrorContext(ctx, "an item of a task failed", "task", r.row.ID, "kind", r.row.Kind, "item", item, "error", err)
		e = errItemFailed
	}
	return r.skip(ctx, e, item)
}

// asker is the principal of who asked, as it is now; nil when they are gone, banned or
// have lost the scope.
func (r *running) asker(ctx context.Context) (*Principal, error) {
	kind, known := r.kinds[r.row.Kind]
	u, err := r.users.ByID(ctx, r.row.CreatedBy)
	if err != nil || u == nil || !known {
		return nil, err
	}
	p, err := r.principals.OfUser(ctx, u)
	var denied *Error
	if errors.As(err, &denied) && denied.Status < http.StatusInternalServerError {
		return nil, nil
	}
	if err != nil || kind.Scope != "" && !p.Can(kind.Scope) {
		return nil, err
	}
	return p, nil
}

// do acts on one item and moves on, in one transaction. A panic is one item's failure.
func (r *running) do(ctx context.Context, item string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return r.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		// First, so that whoever lost the lease waits here and then does nothing.
		if err := r.advance(ctx, tx, 1); err != nil {
			return err
		}
		return r.kinds[r.row.Kind].Do(ctx, r.in.Act, item)
	})
}

// skip records why items are left out, and moves past them.
func (r *running) skip(ctx context.Context, why *Error, items ...string) error {
	left := taskSkipped{Count: r.left.Count + len(items), List: r.left.List}
	for _, item := range items[:min(len(items), max(maxSkipped-len(left.List), 0))] {
		left.List = append(left.List, storedSkip{item, why.Code, string(why.Message)})
	}
	err := r.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		text, err := json.Marshal(left)
		if err != nil {
			return err
		}
		if err := r.advance(ctx, tx, len(items)); err != nil {
			return err
		}
		return tx.Task().UpdateOneID(r.row.ID).SetSkipped(string(text)).Exec(ctx)
	})
	if err == nil {
		r.left = left
		r.done += len(items)
	}
	return err
}

// advance counts items as done, if the task is still where this server left it.
func (r *running) advance(ctx context.Context, tx *Tx, by int) error {
	n, err := tx.Task().Update().Where(task.ID(r.row.ID), task.StateEQ(task.StateRunning), task.DoneEQ(r.done)).
		AddDone(by).SetLeaseUntil(r.clock().Add(taskLease)).Save(ctx)
	if err != nil {
		return fmt.Errorf("moving a task on: %w", err)
	}
	if n == 0 {
		return errTaskMoved
	}
	return nil
}

// release gives an unfinished task back, for another server or the next start.
func (r *running) release(ctx context.Context) error {
	return r.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.Task().Update().Where(task.ID(r.row.ID), task.StateEQ(task.StateRunning), task.DoneEQ(r.done)).ClearLeaseUntil().Exec(ctx)
	})
}

func (r *running) finish(ctx context.Context) error {
	if u, err := r.users.ByID(ctx, r.row.CreatedBy); err == nil && u != nil {
		ctx = WithPrincipal(ctx, NewPrincipal(Principal{Subject: u.ID, Scheme: "task", Name: u.Name, Email: u.Email}, nil, time.Time{}))
	}
	return r.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Task().Update().Where(task.ID(r.row.ID), task.StateEQ(task.StateRunning), task.DoneEQ(r.done)).
			SetState(task.StateDone).SetFinishedAt(r.clock()).ClearLeaseUntil().Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		return r.record(ctx, eventTaskFinished, r.row, map[string]any{"kind": r.row.Kind, "total": r.row.Total, "skipped": r.left.Count})
	})
}

// Sweep removes up to limit tasks that were over long ago and reports how many went.
func (t *Tasks) Sweep(ctx context.Context, limit int) (int, error) {
	ids, err := t.db.Access(ctx).Task().Query().Where(task.FinishedAtLT(t.clock().Add(-keepTasks))).Limit(limit).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = t.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err = tx.Task().Delete().Where(task.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}
