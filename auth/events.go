package auth

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gatehouse/auth/random"
	"gatehouse/auth/text"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/schema/core"
)

// Events records what happens, in the transaction in which it happens (SEC-203).
type Events struct {
	db      *DB
	clock   Clock
	moments *Moments
	kinds   map[string]EventKind
	owner   map[string]string
	said    map[string]words.Text // messages of errors by code
}

// Declare makes event kinds of a plugin known. Two plugins may not declare the same, and
// a field that is shown has words.
func (e *Events) Declare(plugin string, kinds ...EventKind) error {
	for _, k := range kinds {
		if other, taken := e.owner[k.Name]; taken {
			return fmt.Errorf("event %q is declared by plugin %q and by plugin %q", k.Name, other, plugin)
		}
		for _, f := range k.Fields {
			if f.Words == "" && !f.Hidden {
				return fmt.Errorf("field %q of event %q of plugin %q has no words and is not hidden", f.Name, k.Name, plugin)
			}
		}
		e.kinds[k.Name], e.owner[k.Name] = k, plugin
	}
	return nil
}

// Kind looks a kind up.
func (e *Events) Kind(name string) (EventKind, bool) {
	k, ok := e.kinds[name]
	return k, ok
}

// Explain makes the codes of errors known to events; of several with one code the first
// counts.
func (e *Events) Explain(errs ...*Error) {
	for _, err := range errs {
		if err != nil && err.Code != "" && e.said[err.Code] == "" {
			e.said[err.Code] = err.Message
		}
	}
}

// Message is what the error of a code says; "" for a code that nobody explained.
func (e *Events) Message(code string) words.Text { return e.said[code] }

// Kinds lists the declared kinds, in the order of their names.
func (e *Events) Kinds() []EventKind {
	return slices.SortedFunc(maps.Values(e.kinds), func(a, b EventKind) int { return strings.Compare(a.Name, b.Name) })
}

// Record stores an event in the transaction of the context, or in one of its own.
// Actor, scheme and origin are taken from the context when the event has none. A kind
// or a field that nobody declared is a programming error and is refused.
func (e *Events) Record(ctx context.Context, ev Event) error {
	kind, ok := e.kinds[ev.Kind]
	if !ok {
		return fmt.Errorf("event %q is not declared", ev.Kind)
	}
	if err := kind.checkData(ev.Data); err != nil {
		return err
	}
	if ev.Organization != "" && !kind.Organization {
		return fmt.Errorf("event %q is not declared to happen in an organization", ev.Kind)
	}
	e.fill(ctx, kind, &ev)
	return e.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		ev.Tx = tx
		if err := e.moments.EventRecorded.Run(ctx, &ev); err != nil {
			return err
		}
		if err := e.store(ctx, tx, ev); err != nil {
			return fmt.Errorf("recording %s: %w", ev.Kind, err)
		}
		return e.queue(ctx, tx, ev)
	})
}

func (k EventKind) checkData(data map[string]any) error {
	known := map[string]bool{}
	for _, f := range k.Fields {
		known[f.Name] = true
		if f.Mark == Secret && data[f.Name] != nil {
			data[f.Name] = "changed"
		}
	}
	for name := range data {
		if !known[name] {
			return fmt.Errorf("event %q has no field %q", k.Name, name)
		}
	}
	return nil
}

func (e *Events) fill(ctx context.Context, kind EventKind, ev *Event) {
	ev.ID, ev.At = random.ID(), e.clock()
	ev.Origin = OriginOf(ctx)
	if len(ev.Subject) > core.MaxIndexed || text.Clean(ev.Subject) != nil { // the id of nothing: what somebody sent in its place
		ev.Subject = ""
	}
	if ev.Result == "" {
		ev.Result = "success"
		if kind.Failure {
			ev.Result = "failure"
		}
	}
	p := PrincipalOf(ctx)
	if ev.Actor != "" || p == nil {
		return
	}
	if p.Viewer != nil {
		p = p.Viewer
	}
	ev.Actor, ev.ActorName, ev.Scheme = p.Subject, p.Name, p.Scheme
	if p.Session != nil {
		ev.SessionID = p.Session.ID
		if p.Session.ImpersonatedBy != "" {
			ev.Actor = p.Session.ImpersonatedBy
			ev.ActorName = ""
			ev.Scheme = "impersonation"
		}
	}
}

func (e *Events) store(ctx context.Context, tx *Tx, ev Event) error {
	row := tx.Event().Create().
		SetID(ev.ID).SetKind(ev.Kind).SetOccurredAt(ev.At).
		SetActorID(ev.Actor).SetActorName(ev.ActorName).SetScheme(ev.Scheme).
		SetSubjectType(ev.SubjectType).SetSubjectID(ev.Subject).
		SetSessionID(ev.SessionID).
		SetIPAddress(ev.Origin.Address).SetUserAgent(ev.Origin.UserAgent).SetRequestID(ev.Origin.RequestID).
		SetResult(ev.Result).SetReason(ev.Reason)
	if ev.Organization != "" {
		row.SetOrganizationID(ev.Organization)
	}
	if len(ev.Data) > 0 {
		row.SetData(ev.Data)
	}
	return row.Exec(ctx)
}

// queue writes one delivery for each sink that wants the event.
func (e *Events) queue(ctx context.Context, tx *Tx, ev Event) error {
	var rows []*ent.DeliveryCreate
	for _, s := range e.moments.Sinks {
		if wants(s.Kinds, ev.Kind) {
			rows = append(rows, tx.Delivery().Create().
				SetID(random.ID()).SetSink(s.Plugin+"/"+s.Name).SetEventID(ev.ID).SetNextAttemptAt(ev.At).SetCreatedAt(ev.At))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Delivery().CreateBulk(rows...).Exec(ctx)
}

func wants(kinds []string, kind string) bool {
	if len(kinds) == 0 {
		return true
	}
	for _, k := range kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// Diff returns the members of after that differ from before, as {name: [old, new]}.
func Diff(before, after ent.WireObject) map[string]any {
	old := map[string]any{}
	for _, f := range before {
		old[f.Key] = f.Value
	}
	changed := map[string]any{}
	for _, f := range after {
		if f.Key != "updatedAt" && !reflect.DeepEqual(old[f.Key], f.Value) {
			changed[f.Key] = []any{old[f.Key], f.Value}
		}
	}
	return changed
}
