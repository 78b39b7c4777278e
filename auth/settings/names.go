package settings

import (
	"regexp"
	"slices"
	"strings"

	"gatehouse/auth/words"
)

// variable is what an environment name means.
type variable struct {
	leaf  *leaf
	file  bool // the _FILE variable
	alias bool
}

// index finds settings by key and by environment name.
type index struct {
	leaves    map[string]*leaf
	owners    map[string]*section
	variables map[string]variable
	keys      []string // in the order of declaration
	faults    Problems
}

// Verify checks the declarations together: names, kinds and tags of each, no
// key twice, no key that is also the beginning of another, no environment
// name (_FILE variables and aliases included) with two meanings.
func Verify(groups ...Group) error { return newIndex(groups).faults.orNil() }

func newIndex(groups []Group) *index {
	x := &index{leaves: map[string]*leaf{}, owners: map[string]*section{}, variables: map[string]variable{}}
	for _, g := range groups {
		s := g.base()
		x.faults = append(x.faults, s.faults...)
		for _, l := range s.leaves {
			x.add(l, s)
		}
	}
	x.prefixes()
	return x
}

func (x *index) fault(key, format string, args ...any) {
	x.faults = append(x.faults, Problem{Key: key, Place: "declaration", Text: declared(format, args...)})
}

func (x *index) add(l *leaf, s *section) {
	if other := x.owners[l.key]; other != nil {
		x.fault(l.key, "is declared twice, in %q and in %q", other.title, s.title)
		return
	}
	x.leaves[l.key], x.owners[l.key] = l, s
	x.keys = append(x.keys, l.key)
	x.name(l.env(), variable{leaf: l})
	if l.secret {
		x.name(l.fileEnv(), variable{leaf: l, file: true})
	}
	for _, alias := range l.aliases {
		x.name(alias, variable{leaf: l, alias: true})
	}
}

func (x *index) name(env string, v variable) {
	if other, taken := x.variables[env]; taken {
		x.fault(v.leaf.key, "has the environment name %s of %s", env, other.leaf.key)
		return
	}
	if injected(env, "") {
		x.fault(v.leaf.key, "has the environment name %s, which container links use", env)
	}
	x.variables[env] = v
}

// prefixes refuses a setting whose key another one continues.
func (x *index) prefixes() {
	for _, key := range x.keys {
		for i := range len(key) {
			if key[i] == '.' && x.leaves[key[:i]] != nil {
				x.fault(key, "continues the key of the setting %s", key[:i])
			}
		}
	}
}

// within reports whether some key lies under path.
func (x *index) within(path string) bool {
	return slices.ContainsFunc(x.keys, func(key string) bool { return strings.HasPrefix(key, path+".") })
}

// tables are the parts of the keys under which settings lie: "session",
// "session.cookie_cache".
func (x *index) tables() []string {
	var all []string
	for _, key := range x.keys {
		for i := range len(key) {
			if key[i] == '.' && !slices.Contains(all, key[:i]) {
				all = append(all, key[:i])
			}
		}
	}
	return all
}

// suggestEnv words the known variable nearest to an unknown one.
func (x *index) suggestEnv(name string) words.Text {
	var known []string
	for env := range x.variables {
		known = append(known, env)
	}
	slices.Sort(known)
	bare := strings.TrimPrefix(name, Product+"_")
	for i, env := range known {
		known[i] = strings.TrimPrefix(env, Product+"_")
	}
	near := nearest(bare, known)
	if near == "" {
		return "remove it"
	}
	if _, ok := x.variables[Product+"_"+near]; ok {
		near = Product + "_" + near
	}
	return words.F("did you mean %s?", near)
}

// injected reports whether the name is one that container runtimes set for
// linked services: Kubernetes service links and Docker links, also those of
// services whose name goes on after the product's. A bare …_PORT of such a
// longer name counts only with the value of a link, as it may be a misspelling.
func injected(name, value string) bool {
	if linkName.MatchString(name) {
		return true
	}
	return strings.HasPrefix(name, Product+"_") && strings.HasSuffix(name, "_PORT") && linkValue.MatchString(value)
}

// The forms of names and values that container links have.
var (
	linkName = regexp.MustCompile(`^` + Product + `_(PORT|([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|` +
		`PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?))$`)
	linkValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)
