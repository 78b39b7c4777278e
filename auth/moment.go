package auth

import (
	"context"
	"slices"
)

// Class is what a handler of a moment is there for. Handlers run in class order,
// whatever the order of plugins: refuse before interrupt before conclude before observe. Inside one
// class they run in the order of the plugin list.
type Class int

// The classes, in running order.
const (
	Refuse    Class = iota // may stop the act with an error, or change the value
	Interrupt              // may put another step in front of the act
	Conclude               // as Interrupt, when nobody else has a step left: after all proofs of identity
	Observe                // adds to an act that will happen
)

// On is one handler of a moment. An error ends the moment and the act it belongs to.
type On[T any] struct {
	Class Class
	Do    func(context.Context, T) error
}

// Moment is a typed point at which plugins take part. The zero value has no handlers.
// Handlers are added while the server is built; Run may then be called from any
// number of goroutines.
type Moment[T any] struct{ steps []step[T] }

type step[T any] struct {
	plugin string
	on     On[T]
}

// Add appends the handlers of a plugin and keeps the running order.
func (m *Moment[T]) Add(plugin string, on ...On[T]) {
	for _, o := range on {
		m.steps = append(m.steps, step[T]{plugin, o})
	}
	slices.SortStableFunc(m.steps, func(a, b step[T]) int { return int(a.on.Class) - int(b.on.Class) })
}

// Run calls the handlers in order. It stops at the first error, and when v reports
// that an interrupt answered it (Interrupted).
func (m *Moment[T]) Run(ctx context.Context, v T) error {
	for _, s := range m.steps {
		if err := s.on.Do(ctx, v); err != nil {
			return err
		}
		if i, ok := any(v).(interface{ Interrupted() bool }); ok && i.Interrupted() {
			return nil
		}
	}
	return nil
}

// Plugins lists who takes part, in running order, for the readiness page.
func (m *Moment[T]) Plugins() []string {
	var names []string
	for _, s := range m.steps {
		if !slices.Contains(names, s.plugin) {
			names = append(names, s.plugin)
		}
	}
	return names
}
