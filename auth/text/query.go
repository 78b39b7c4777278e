package text

import (
	"strings"

	"gatehouse/auth/text/weburl"
)

// AddQuery puts pairs, form-encoded, at the end of the target's query and
// before its fragment; the query that is there stays byte for byte
// (better-auth core 1.8). A target starting with "/" stays relative, an
// absolute one comes out normalised, any other is resolved against base. A
// target that cannot be resolved is treated as relative text.
func AddQuery(target, base string, pairs ...Pair) string {
	if !strings.HasPrefix(target, "/") {
		if u, err := resolve(target, base); err == nil {
			target = u.String()
		}
	}
	if len(pairs) == 0 {
		return target
	}
	head, query, fragment := cut(target)
	return head + "?" + join(query, EncodeForm(pairs...)) + fragment
}

// SetQuery gives an endpoint's address the pairs: parameters of the same name
// are taken out, the rest of its query keeps its text, and the pairs follow
// (better-auth core 1.8, authorization endpoint).
func SetQuery(endpoint string, pairs ...Pair) string {
	if u, err := weburl.Parse(endpoint); err == nil {
		endpoint = u.String()
	}
	head, query, fragment := cut(endpoint)
	ours := make(map[string]bool, len(pairs))
	for _, p := range pairs {
		ours[p.Key] = true
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part != "" && !ours[unescapeForm(name)] {
			kept = append(kept, part)
		}
	}
	query = join(strings.Join(kept, "&"), EncodeForm(pairs...))
	if query != "" {
		query = "?" + query
	}
	return head + query + fragment
}

func resolve(target, base string) (*weburl.URL, error) {
	if base == "" {
		return weburl.Parse(target)
	}
	b, err := weburl.Parse(base)
	if err != nil {
		return nil, err
	}
	return weburl.ParseRef(target, b)
}

// cut splits an address into what precedes the query, the query without its
// question mark, and the fragment with its #.
func cut(address string) (head, query, fragment string) {
	if i := strings.IndexByte(address, '#'); i >= 0 {
		address, fragment = address[:i], address[i:]
	}
	head, query, _ = strings.Cut(address, "?")
	return head, query, fragment
}

func join(old, added string) string {
	if old == "" || strings.HasSuffix(old, "&") || added == "" {
		return old + added
	}
	return old + "&" + added
}
