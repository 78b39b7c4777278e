package settings

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
)

// Set is all settings of a running server. It is safe for use by many
// goroutines; those that change something are served one after another.
type Set struct {
	groups []Group
	index  *index
	fixed  map[string]entry // of flags, environment and file
	loaded Problems         // warnings of these

	mu       sync.Mutex
	stored   map[string]json.RawMessage // nil until some were given
	warnings Problems
	watchers map[int]func([]string)
	next     int
}

// Groups returns the groups in the order given to Load.
func (s *Set) Groups() []Group { return slices.Clone(s.groups) }

// Fields describes all settings with the values in force.
func (s *Set) Fields() []Field {
	var fields []Field
	for _, g := range s.groups {
		fields = append(fields, g.Fields()...)
	}
	return fields
}

// Field describes one setting.
func (s *Set) Field(key string) (Field, bool) {
	l := s.index.leaves[key]
	if l == nil {
		return Field{}, false
	}
	owner := s.index.owners[key]
	return owner.field(l, owner.state.Load()), true
}

// Warnings are things found that did not stop Load or the last Apply.
func (s *Set) Warnings() Problems {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.loaded), s.warnings...)
}

// Stored returns the stored values that are in force or overridden.
func (s *Set) Stored() map[string]json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored)
}

// Apply takes the stored values, all of them, in place of the former ones. It
// checks them together with everything else; on a problem nothing changes and
// the error is a Problems, whose For gives those of a key. Otherwise each
// section changes at once, and then the watchers hear of it. A value that
// flag, environment or file hold stays as it is. Keys that no setting has are
// warnings; so are those of level boot, but only among the first values the
// Set is given, where an earlier release may have left them.
func (s *Set) Apply(stored map[string]json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.build(stored, s.stored)
	if len(b.problems) > 0 {
		return b.problems
	}
	changed := s.changes(b)
	s.adopt(b, stored)
	if len(changed) == 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.watchers)) {
		s.watchers[id](changed)
	}
	return nil
}

// Check is Apply without effect.
func (s *Set) Check(stored map[string]json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.build(stored, s.stored).problems.orNil()
}

// OnChange calls watch after each Apply that changed a value, with the sorted
// keys. Calls come one at a time and hold up Apply, so watch must be quick. It
// may read sections and fields, but call nothing else of the Set. The returned
// function ends it.
func (s *Set) OnChange(watch func(keys []string)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watchers == nil {
		s.watchers = map[int]func([]string){}
	}
	id := s.next
	s.next++
	s.watchers[id] = watch
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}

// adopt puts what was built in force.
func (s *Set) adopt(b *built, stored map[string]json.RawMessage) {
	for _, part := range b.sections {
		part.section.commit(part.state)
	}
	s.stored, s.warnings = maps.Clone(stored), b.warnings
}

// changes lists the keys whose value differs from the one in force.
func (s *Set) changes(b *built) []string {
	var keys []string
	for _, part := range b.sections {
		before := part.section.state.Load().value
		for _, l := range part.section.leaves {
			old, now := before.FieldByIndex(l.index), part.state.value.FieldByIndex(l.index)
			if !reflect.DeepEqual(old.Interface(), now.Interface()) {
				keys = append(keys, l.key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// String names the set without values.
func (s *Set) String() string { return fmt.Sprintf("%d settings", len(s.index.keys)) }

// GoString is as String.
func (s *Set) GoString() string { return s.String() }

// Format is as String for every verb.
func (s *Set) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue lists the values that are not defaults, without secrets.
func (s *Set) LogValue() slog.Value { return logFields(s.Fields()) }

// MarshalJSON lists the fields without secrets.
func (s *Set) MarshalJSON() ([]byte, error) { return json.Marshal(s.Fields()) }
