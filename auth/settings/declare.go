package settings

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// leaf is one setting as its tags declare it.
type leaf struct {
	key     string
	help    string
	level   Level
	kind    Kind
	typ     reflect.Type
	index   []int
	secret  bool
	address bool // a secret shown without its credential parts
	rules   []rule
	aliases []string
	words   string // shown in place of the default
	display
}

// display is how the console shows a setting.
type display struct {
	label    string // "" for one made of the key
	area     string // the page that shows it
	part     string // title of a card of its own there
	advanced bool
	named    map[string]string // names of choices
	emptyAll bool              // an empty list stands for all choices
}

// env is the one rule from key to environment name.
func (l *leaf) env() string { return envName(l.key) }

func envName(key string) string {
	return Product + "_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// fileEnv names the variable that names a file with the value, if allowed.
func (l *leaf) fileEnv() string {
	if !l.secret {
		return ""
	}
	return l.env() + "_FILE"
}

func (l *leaf) flag() string { return "--" + l.key }

// choices are the words a form may offer.
func (l *leaf) choices() []string {
	switch l.kind {
	case Choice:
		return Toggle(0).Choices()
	case Bool:
		return []string{"true", "false"}
	}
	for _, r := range l.rules {
		if r.name == "oneof" {
			return strings.Split(r.arg, "|")
		}
	}
	return nil
}

// declaration collects the leaves of one struct type and the faults in it.
type declaration struct {
	leaves []*leaf
	faults Problems
}

func (d *declaration) fault(key, format string, args ...any) {
	d.faults = append(d.faults, Problem{Key: key, Place: "declaration", Text: declared(format, args...)})
}

func (d *declaration) walk(t reflect.Type, prefix string, index []int, level Level, shown display) {
	for _, f := range settingFields(t) {
		key := join(prefix, f.Tag.Get("setting"))
		if !namePattern.MatchString(f.Tag.Get("setting")) {
			d.fault(key, "a name is lower-case words joined by _")
		}
		own := level
		if tag := Level(f.Tag.Get("level")); tag != "" {
			own = tag
		}
		shown := shown
		shown.advanced = shown.advanced || f.Tag.Get("advanced") == "true"
		path := append(append([]int(nil), index...), f.Index...)
		if kind, ok := kindOf(f.Type); ok {
			d.leaf(f, &leaf{key: key, level: own, kind: kind, typ: f.Type, index: path, display: shown})
			continue
		}
		if f.Type.Kind() != reflect.Struct {
			d.fault(key, "the type %s cannot be a setting", f.Type)
			continue
		}
		d.walk(f.Type, key, path, own, shown)
	}
}

func (d *declaration) leaf(f reflect.StructField, l *leaf) {
	l.help, l.words = f.Tag.Get("help"), f.Tag.Get("default")
	l.secret = holdsSecret(f.Type, 0)
	if l.help == "" {
		d.fault(l.key, "has no help")
	}
	if !l.level.Known() {
		d.fault(l.key, "the level %q is none of boot, console, organization", l.level)
	}
	switch tag := f.Tag.Get("secret"); {
	case tag == "":
	case tag != "true" && tag != "url":
		d.fault(l.key, "the tag secret is true or url")
	case !l.secret:
		d.fault(l.key, "a secret needs the type settings.Secret, so that nothing prints it")
	default:
		l.address = tag == "url"
	}
	if tag := f.Tag.Get("alias"); tag != "" {
		l.aliases = strings.Split(tag, ",")
	}
	rules, err := parseRules(f.Tag.Get("check"), l)
	if err != nil {
		d.fault(l.key, "%v", err)
	}
	l.rules = rules
	d.shown(f, l)
	d.leaves = append(d.leaves, l)
}

// shown reads the tags for the console.
func (d *declaration) shown(f reflect.StructField, l *leaf) {
	l.label, l.part, l.emptyAll = f.Tag.Get("label"), f.Tag.Get("part"), f.Tag.Get("empty") == "all"
	if area := f.Tag.Get("area"); area != "" {
		l.area = area
	}
	if tag := f.Tag.Get("choices"); tag != "" {
		l.named = map[string]string{}
		for part := range strings.SplitSeq(tag, "|") {
			choice, name, ok := strings.Cut(part, "=")
			if !ok || !slices.Contains(l.choices(), choice) {
				d.fault(l.key, "the tag choices names %q, which is no choice", choice)
			}
			l.named[choice] = name
		}
	}
}

// namePattern is the form of one part of a key.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// describe reads title, help and how the console shows it from the blank field of a
// section.
func describe(t reflect.Type, prefix string) (title, help string, shown display) {
	title = prefix
	for i := range t.NumField() {
		if f := t.Field(i); f.Name == "_" {
			help = f.Tag.Get("help")
			shown = display{area: f.Tag.Get("area"), advanced: f.Tag.Get("advanced") == "true"}
			if name := f.Tag.Get("title"); name != "" {
				title = name
			}
		}
	}
	return title, help, shown
}
