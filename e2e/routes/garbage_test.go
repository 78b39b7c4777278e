package routes

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestGarbage sends every route what no client would send. Nothing of it is the server's
// fault, so nothing is answered with 5xx.
func TestGarbage(t *testing.T) {
	h := open(t)
	sent := 0
	for _, r := range table(t) {
		if r.Path == "/health/ready" {
			continue // 503 is its answer here
		}
		for _, caller := range []string{"nobody", "owner"} {
			s := h.scene(caller)
			broken := spoil(s.request(r), s.target(r))
			for i := range broken {
				q := broken[i]
				a := s.send(s.browser, q)
				if sent++; a.Status >= http.StatusInternalServerError {
					t.Errorf("%s as %s with query %.100q body %.200q at %.100q: %d %s", r.route(), caller, q.query, q.body, q.path, a.Status, excerpt(a.Body))
				}
				if !safe(r.Method) && a.Status < http.StatusBadRequest {
					s = h.scene(caller) // it took effect
					broken = spoil(s.request(r), s.target(r))
				}
			}
		}
	}
	t.Logf("%d requests", sent)
}

// long is a text that fits no field.
var long = strings.Repeat("x", 2000)

// spoil returns the request in all its broken forms.
func spoil(q request, target string) []request {
	var list []request
	add := func(change func(*request)) {
		c := q
		change(&c)
		list = append(list, c)
	}
	for _, query := range spoilPairs(q.query) {
		add(func(c *request) { c.query = query })
	}
	for _, path := range spoilPath(target) {
		add(func(c *request) { c.path = path })
	}
	switch {
	case safe(q.method):
	case q.media == "application/json":
		for _, body := range spoilJSON(q.body) {
			add(func(c *request) { c.body = body })
		}
		for _, media := range []string{"", "text/plain", "multipart/form-data", "application/json; charset=utf-16", "\x00"} {
			add(func(c *request) { c.media = media })
		}
	default:
		for _, body := range spoilPairs(q.body) {
			add(func(c *request) { c.body = body })
		}
		for _, media := range []string{"", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"} {
			add(func(c *request) { c.media = media })
		}
	}
	return list
}

// spoilPairs breaks a query or a form: every field by itself, and the whole.
func spoilPairs(text string) []string {
	list := []string{"", "%zz", "=&&;=", "a[b]=c&%00=%ff", "q=" + long}
	values, err := url.ParseQuery(text)
	if err != nil {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, wrong := range [][]string{nil, {""}, {long}, {"\x00"}, {"\xff\xfe"}, {"-1"}, {"a", "b"}, {"%_'\"<\u202e"}, {"99999999999999999999"}} {
			broken := maps.Clone(values)
			broken[name] = wrong
			list = append(list, broken.Encode())
		}
	}
	return list
}

// spoilPath breaks the last part of a path.
func spoilPath(target string) []string {
	cut := strings.LastIndexByte(target, '/')
	if cut <= 0 {
		return nil
	}
	var list []string
	for _, part := range []string{"%00", "%ff", long, "%2e%2e", "%2F", ".", "%E2%80%AE"} {
		list = append(list, target[:cut+1]+part)
	}
	if parts := strings.Split(target, "/"); len(parts) > 3 {
		parts[len(parts)-2] = "%00"
		list = append(list, strings.Join(parts, "/"))
	}
	return list
}

// spoilJSON breaks a body: the whole, and every member by itself, also those of members.
func spoilJSON(text string) []string {
	list := []string{"", "{}", "[]", "null", "7", `"text"`, "{", "\xff", `{"a":1}{`, strings.Repeat("[", 2000), `{"__proto__":{"a":1}}`,
		`{"\u0000":1}`, fmt.Sprintf(`{%q:%q}`, long, long)}
	var body map[string]any
	if json.Unmarshal([]byte(text), &body) != nil {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		for _, wrong := range wrongs(body[name]) {
			broken := maps.Clone(body)
			broken[name] = wrong
			raw, err := json.Marshal(broken)
			if err != nil {
				continue
			}
			list = append(list, string(raw))
		}
		without := maps.Clone(body)
		delete(without, name)
		if raw, err := json.Marshal(without); err == nil {
			list = append(list, string(raw))
		}
	}
	return list
}

// wrongs are values of other types and of no use, for a member and for its own members.
func wrongs(v any) []any {
	list := []any{7, -1.5, 1e300, true, nil, []any{}, []any{1, nil}, map[string]any{}, map[string]any{"a": []any{1}}, "", long, "\x00", "\u202e%_'\"<"}
	if members, ok := v.(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			for _, wrong := range wrongs(nil) {
				list = append(list, map[string]any{name: wrong})
			}
		}
	}
	return list
}
