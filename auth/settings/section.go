package settings

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
)

// Section is a group of settings with the struct type T.
type Section[T any] struct {
	*section
	current atomic.Pointer[T]
}

// Define declares the section: every value of defaults is the default of its
// field. Until Load has run, Get answers the defaults. Mistakes in the tags
// are reported by Verify and Load. T must be a struct.
func Define[T any](prefix string, defaults T) *Section[T] {
	s := &Section[T]{section: newSection(prefix, reflect.ValueOf(&defaults).Elem())}
	s.current.Store(&defaults)
	s.publish = func(v reflect.Value) {
		next := v.Interface().(T)
		s.current.Store(&next)
	}
	return s
}

// Get returns the values in force. It costs one atomic read and a copy of T;
// lists and tables in it are shared and must not be changed.
func (s *Section[T]) Get() T { return *s.current.Load() }

// Current is Get without the copy, for what every request reads. Nothing of it may be
// changed.
func (s *Section[T]) Current() *T { return s.current.Load() }

// With returns the values in force with the overrides of one organization in
// place: the keys are full ("password.min"), the values as PreviewOverride
// makes them. Keys of another section or level are problems.
func (s *Section[T]) With(overrides map[string]json.RawMessage) (T, error) {
	base := s.Get()
	value := reflect.ValueOf(&base).Elem()
	var problems Problems
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		l := s.find(key)
		if l == nil || l.level != Organization {
			problems = append(problems, Problem{Key: key, Place: "organization", Text: "an organization cannot set this"})
			continue
		}
		problems = append(problems, l.read(value, storedEntry(overrides[key], "organization"))...)
	}
	if len(problems) == 0 {
		problems = s.check(value, nil)
	}
	if len(problems) > 0 {
		return s.Get(), problems
	}
	return base, nil
}

// String names the section without values.
func (s *Section[T]) String() string { return "settings " + s.title }

// GoString is as String.
func (s *Section[T]) GoString() string { return s.String() }

// Format is as String for every verb.
func (s *Section[T]) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue lists the values in force without secrets.
func (s *Section[T]) LogValue() slog.Value { return logFields(s.Fields()) }

// MarshalJSON lists the fields without secrets.
func (s *Section[T]) MarshalJSON() ([]byte, error) { return json.Marshal(s.Fields()) }

// section is what all groups have in common.
type section struct {
	prefix, title, help string
	defaults            reflect.Value
	leaves              []*leaf
	faults              Problems
	publish             func(reflect.Value)
	state               atomic.Pointer[state]
}

// state is the last published value with the source of each key.
type state struct {
	value   reflect.Value
	sources map[string]Source
}

func newSection(prefix string, defaults reflect.Value) *section {
	s := &section{prefix: prefix, title: prefix, defaults: defaults}
	s.state.Store(&state{value: defaults})
	d := declaration{}
	if defaults.Kind() != reflect.Struct {
		d.fault(prefix, "a section is a struct, not %s", defaults.Type())
		s.faults = d.faults
		return s
	}
	for part := range strings.SplitSeq(prefix, ".") {
		if prefix != "" && !namePattern.MatchString(part) {
			d.fault(prefix, "a prefix is lower-case words joined by _ and dots")
		}
	}
	var shown display
	s.title, s.help, shown = describe(defaults.Type(), prefix)
	d.walk(defaults.Type(), prefix, nil, Boot, shown)
	s.leaves, s.faults = d.leaves, d.faults
	return s
}

func (s *section) base() *section { return s }

// Prefix is the part before the keys, "" for top-level keys.
func (s *section) Prefix() string { return s.prefix }

// Title names the section for people.
func (s *section) Title() string { return s.title }

// Help describes the section in a sentence, if it was given one.
func (s *section) Help() string { return s.help }

// Fields describes the settings with the values in force.
func (s *section) Fields() []Field {
	now := s.state.Load()
	fields := make([]Field, len(s.leaves))
	for i, l := range s.leaves {
		fields[i] = s.field(l, now)
	}
	return fields
}

func (s *section) field(l *leaf, now *state) Field {
	source := now.sources[l.key]
	if source == "" {
		source = FromDefault
	}
	return Field{
		Key: l.key, Env: l.env(), FileEnv: l.fileEnv(), Aliases: slices.Clone(l.aliases), Flag: l.flag(),
		Kind: l.kind, Default: s.defaultText(l), Help: l.help, Level: l.level, Secret: l.secret,
		Rules: ruleTexts(l.rules), Choices: l.choices(),
		Value: l.show(now.value.FieldByIndex(l.index)), Source: source,
		Locked: source != FromDefault && source != FromConsole,
		Label:  l.label, Area: l.area, Part: l.part, Advanced: l.advanced, ChoiceNames: l.named, EmptyIsAll: l.emptyAll,
	}
}

func (s *section) defaultText(l *leaf) string {
	if l.words != "" {
		return l.words
	}
	return l.show(s.defaults.FieldByIndex(l.index))
}

func (s *section) find(key string) *leaf {
	for _, l := range s.leaves {
		if l.key == key {
			return l
		}
	}
	return nil
}

// commit puts a checked value in force.
func (s *section) commit(next *state) {
	s.state.Store(next)
	s.publish(next.value)
}

func logFields(fields []Field) slog.Value {
	var attrs []slog.Attr
	for _, f := range fields {
		if f.Source != FromDefault {
			attrs = append(attrs, slog.String(f.Key, f.Value+" ("+string(f.Source)+")"))
		}
	}
	return slog.GroupValue(attrs...)
}
