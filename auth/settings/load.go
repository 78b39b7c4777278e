package settings

import (
	"encoding/json"
	"maps"
	"slices"

	"gatehouse/auth/words"
)

// Sources are the places values come from.
type Sources struct {
	// Args are the flags that SplitArgs found.
	Args []string
	// Environ is a list of NAME=value, as os.Environ gives it.
	Environ []string
	// File is the configuration file. Where a group declares ConfigKey and its
	// value comes from flag or environment, that names the file instead.
	File File
	// Stored are the values of the console by key, secrets in clear.
	Stored map[string]json.RawMessage
}

// Load reads all sources, checks everything and puts the values in force. On
// any problem nothing changes and the error is a Problems with all of them.
func Load(from Sources, groups ...Group) (*Set, error) {
	x := newIndex(groups)
	if err := x.faults.orNil(); err != nil {
		return nil, err
	}
	c := collection{index: x, entries: map[string]entry{}}
	c.fromFlags(from.Args)
	c.fromEnvironment(from.Environ)
	c.fromFile(c.configFile(from.File))
	set := &Set{groups: groups, index: x, fixed: c.entries, loaded: c.warnings}
	b := set.build(from.Stored, nil)
	if problems := append(c.problems, b.problems...); len(problems) > 0 {
		return nil, problems
	}
	set.adopt(b, from.Stored)
	return set, nil
}

// collection gathers the values of flags, environment and file.
type collection struct {
	index    *index
	entries  map[string]entry
	problems Problems
	warnings Problems
	openFile bool // everyone can read the configuration file
}

func (c *collection) problem(p Problem) { c.problems = append(c.problems, p) }
func (c *collection) warn(p Problem)    { c.warnings = append(c.warnings, p) }

// add takes a value; a second one for the same key is a problem.
func (c *collection) add(l *leaf, e entry) {
	if first, taken := c.entries[l.key]; taken {
		c.problem(Problem{Key: l.key, Place: string(first.place) + " and " + string(e.place),
			Text: "is set in both places", Fix: "keep one"})
		return
	}
	c.entries[l.key] = e
}

// configFile decides which file is read.
func (c *collection) configFile(given File) File {
	l := c.index.leaves[ConfigKey]
	if l == nil {
		return given
	}
	if e, ok := c.entries[ConfigKey]; ok {
		return File{Path: e.value.(string)}
	}
	if given.Path == "" && given.Data == nil {
		fallback := c.index.owners[ConfigKey].defaults.FieldByIndex(l.index)
		return File{Path: plainText(fallback), Optional: true}
	}
	return given
}

// built is a checked set of values that is not yet in force.
type built struct {
	sections []sectionValue
	problems Problems
	warnings Problems
}

type sectionValue struct {
	section *section
	state   *state
}

// build lays the fixed values over the stored ones over the defaults. Stored
// keys of level boot are refused unless they are among the leftovers; nil
// leftovers are all.
func (s *Set) build(stored map[string]json.RawMessage, leftovers map[string]json.RawMessage) *built {
	b := &built{}
	usable := s.usable(stored, leftovers, b)
	for _, g := range s.groups {
		b.section(g.base(), s.fixed, usable)
	}
	return b
}

// usable leaves out stored values that no setting takes.
func (s *Set) usable(stored, leftovers map[string]json.RawMessage, b *built) map[string]entry {
	out := map[string]entry{}
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		l := s.index.leaves[key]
		place := string(FromConsole)
		switch {
		case l == nil:
			b.warnings = append(b.warnings, Problem{Key: key, Place: place, Text: "no setting has this name; the stored value is ignored"})
		case l.level != Boot:
			out[key] = storedEntry(stored[key], FromConsole)
		case leftovers == nil || leftovers[key] != nil:
			b.warnings = append(b.warnings, Problem{Key: key, Place: place, Text: "is read at start only; the stored value is ignored"})
		default:
			b.problems = append(b.problems, bootProblem(l))
		}
	}
	return out
}

func bootProblem(l *leaf) Problem {
	return Problem{Key: l.key, Place: string(FromConsole), Text: "is read at start only and cannot be stored",
		Fix: words.F("set it by %s, %s or the configuration file", l.flag(), l.env())}
}

func (b *built) section(s *section, fixed, stored map[string]entry) {
	value := newValue(s.defaults)
	sources := map[string]Source{}
	var problems Problems
	for _, l := range s.leaves {
		e, given := fixed[l.key]
		if !given {
			e, given = stored[l.key]
		}
		if !given {
			continue
		}
		sources[l.key] = e.place
		problems = append(problems, l.read(value, e)...)
	}
	if len(problems) == 0 {
		problems = s.check(value, sources)
	}
	b.problems = append(b.problems, hinted(problems)...)
	b.sections = append(b.sections, sectionValue{section: s, state: &state{value: value, sources: sources}})
}

// Overriding is the Fix of a stored value that is wrong without a better one.
const Overriding words.Text = "a value set by flag, environment or file takes its place"

// hinted adds to problems of stored values what to do when the console itself
// cannot be reached.
func hinted(problems Problems) Problems {
	for i, p := range problems {
		if p.Place == string(FromConsole) && p.Fix == "" {
			problems[i].Fix = Overriding
		}
	}
	return problems
}
