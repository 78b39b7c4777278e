package settings

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Preview reads the text of a form for one setting, checks it together with
// all values in force and returns what to store. Nothing changes.
func (s *Set) Preview(key, text string) (json.RawMessage, error) {
	values, err := s.Propose(map[string]string{key: text}, nil)
	return values[key], err
}

// Propose is Preview for several settings that change together, while others lose
// their stored values. The error is a Problems.
func (s *Set) Propose(texts map[string]string, without []string) (map[string]json.RawMessage, error) {
	values, problems := s.parse(texts, Console)
	if len(problems) > 0 {
		return nil, problems
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := maps.Clone(values)
	for key, value := range s.stored {
		if _, changed := stored[key]; !changed && !slices.Contains(without, key) {
			stored[key] = value
		}
	}
	if problems := s.build(stored, s.stored).problems; len(problems) > 0 {
		return nil, problems
	}
	return values, nil
}

// PreviewOverride reads the text of a form for one setting of level
// organization and returns what to store for the organization. It checks the
// value alone; With checks it together with the others.
func (s *Set) PreviewOverride(key, text string) (json.RawMessage, error) {
	values, problems := s.parse(map[string]string{key: text}, Organization)
	return values[key], problems.orNil()
}

// parse turns texts into values to store, each by itself.
func (s *Set) parse(texts map[string]string, who Level) (map[string]json.RawMessage, Problems) {
	values := map[string]json.RawMessage{}
	var problems Problems
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		l := s.index.leaves[key]
		if p := s.refusal(key, l, who); p != nil {
			problems = append(problems, *p)
			continue
		}
		value := newValue(s.index.owners[key].defaults)
		e := textEntry(texts[key], "")
		if wrong := l.read(value, e); len(wrong) > 0 {
			problems = append(problems, wrong...)
			continue
		}
		values[key] = l.canonical(value.FieldByIndex(l.index), texts[key])
	}
	return values, problems
}

// refusal says why the setting cannot be changed by the console or, with the
// level Organization, by an organization.
func (s *Set) refusal(key string, l *leaf, who Level) *Problem {
	if l == nil {
		return &Problem{Key: key, Text: "no setting has this name", Fix: suggestion(key, s.index.keys)}
	}
	if who == Organization {
		if l.level == Organization {
			return nil
		}
		return &Problem{Key: key, Text: "an organization cannot set this"}
	}
	if l.level == Boot {
		p := bootProblem(l)
		return &p
	}
	if e, locked := s.fixed[key]; locked {
		return &Problem{Key: key, Place: string(e.place), Text: "is set there and cannot be changed here"}
	}
	return nil
}

// canonical is the JSON form of a value that was read from text.
func (l *leaf) canonical(v reflect.Value, text string) json.RawMessage {
	var value any = text
	switch l.kind {
	case Bool, Integer, Number:
		value = v.Interface()
	case Duration:
		value = seconds(time.Duration(v.Int()))
	case List:
		value = splitList(text)
	case Table, Tables:
		value, _ = parseStructured(text, l.kind) // read before without error
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil // cannot be: text, numbers and trees of them
	}
	return raw
}

// seconds is the JSON form of a duration.
func seconds(d time.Duration) any {
	if d%time.Second == 0 {
		return int64(d / time.Second)
	}
	return d.Seconds()
}
