package origin

import (
	"errors"
	"strings"

	"gatehouse/auth/text"
	"gatehouse/auth/text/glob"
	"gatehouse/auth/words"
)

var errCustom = errors.New("not an address of a custom scheme")

// readCustom takes scheme, authority and path of a value such as myapp://a/b,
// the first two in lower case. The path is percent-decoded once and its dot
// segments resolved; userinfo, backslashes and control characters, also
// encoded ones, are refused.
func readCustom(s string) (custom, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || text.HasControl(s) {
		return custom{}, errCustom
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	c := custom{scheme: strings.ToLower(scheme)}
	path := rest
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		c.authority, path = splitPath(after)
		c.authority = strings.ToLower(c.authority)
	}
	if strings.ContainsAny(c.authority, `@\`) {
		return custom{}, errCustom
	}
	decoded, ok := text.UnescapeURI(path)
	if !ok || strings.Contains(decoded, `\`) || text.HasControl(decoded) {
		return custom{}, errCustom
	}
	c.path = resolve(decoded)
	return c, nil
}

func splitPath(s string) (authority, path string) {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// resolve takes ".", ".." and empty segments out of a path and never climbs
// above its root; the root itself comes out empty.
func resolve(path string) string {
	var out strings.Builder
	var kept []string
	for s := range strings.SplitSeq(path, "/") {
		switch s {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, s)
		}
	}
	for _, s := range kept {
		out.WriteString("/" + s)
	}
	return out.String()
}

// scheme is a custom scheme without wildcards: the authority, if given, must
// be equal, the path equal or an ancestor.
type scheme struct{ custom }

func compileScheme(s string) (pattern, error) {
	c, err := readCustom(s)
	if err != nil || !validScheme(c.scheme) {
		return nil, words.Err("must start with a scheme such as https:// or have a wildcard")
	}
	if executed(c.scheme) {
		return nil, words.Err("is a scheme that browsers execute")
	}
	return scheme{c}, ownExtension(c.scheme, c.authority)
}

// ownExtension refuses the extensions of browsers in general: their authority is what
// tells them apart.
func ownExtension(scheme, authority string) error {
	if strings.HasSuffix(scheme, "extension") && (authority == "" || glob.Has(authority)) {
		return words.Err("would trust anybody's extensions: name yours")
	}
	return nil
}

func validScheme(s string) bool {
	const letters, others = "abcdefghijklmnopqrstuvwxyz", "0123456789+-."
	return s != "" && strings.IndexByte(letters, s[0]) >= 0 && strings.Trim(s, letters+others) == ""
}

func (p scheme) match(v value) bool {
	if v.web || v.custom.scheme != p.scheme || p.authority != "" && v.custom.authority != p.authority {
		return false
	}
	return p.path == "" || v.custom.path == p.path || strings.HasPrefix(v.custom.path, p.path+"/")
}

// customGlob is a custom scheme with wildcards; a nil part admits any.
type customGlob struct {
	scheme          string
	authority, path *glob.Glob
	numbers         bool
}

func compileCustom(s string) (pattern, error) {
	name, rest, _ := strings.Cut(s, "://")
	p := customGlob{scheme: strings.ToLower(name), numbers: numbers(s)}
	if !validScheme(p.scheme) || executed(p.scheme) {
		return nil, words.Err("needs a scheme of its own")
	}
	authority, path := splitPath(rest)
	if err := wholeLabels(authority); err != nil {
		return nil, err
	}
	if err := ownExtension(p.scheme, authority); err != nil {
		return nil, err
	}
	var err error
	if authority != "" {
		if p.authority, err = glob.Compile(strings.ToLower(authority)); err != nil {
			return nil, err
		}
	}
	if path = resolve(path); path != "" {
		p.path, err = glob.Compile(path)
	}
	return p, err
}

func (p customGlob) match(v value) bool {
	c := v.custom
	switch {
	case v.web || c.scheme != p.scheme:
		return false
	case p.authority != nil && !p.authority.Match(c.authority):
		return false
	case p.path != nil && !p.path.Match(rooted(c.path)):
		return false
	}
	return !p.numbers || isIPv4(c.authority)
}

func rooted(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
