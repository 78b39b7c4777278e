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

	"entgo.io/ent/dialect"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
)

// TestGarbage sends every route what no client would send. Nothing of it is the server's
// fault, so nothing is answered with 5xx.
func TestGarbage(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, r := range table(t) {
		for _, caller := range []string{"nobody", "owner"} {
			h.pelt(r, caller, spoil)
		}
	}
}

// TestServers sends every route its usual request, then what no client would send, on
// the other databases: what one of them stores another may refuse.
func TestServers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		if db.Dialect == dialect.SQLite {
			return // TestAnswers and TestGarbage do more there
		}
		h := openOn(t, db)
		for _, r := range table(t) {
			h.pelt(r, "owner", func(q request, target string) []request { return append([]request{q}, spoil(q, target)...) })
		}
	})
}

// pelt sends a row in broken forms, each to people and things that nothing happened to.
func (h *house) pelt(r row, caller string, spoil func(q request, target string) []request) {
	h.t.Helper()
	if r.Path == "/health/ready" {
		return // 503 is its answer here
	}
	s := h.scene(caller)
	broken := spoil(s.request(r), s.target(r))
	for i := range broken {
		q := broken[i]
		a := s.send(s.browser, q)
		if a.Status >= http.StatusInternalServerError {
			h.t.Errorf("%s as %s at %.100q with query %.100q body %.200q: %d %s", r.route(), caller, q.path, q.query, q.body, a.Status, excerpt(a.Body))
		}
		if !safe(r.Method) && a.Status < http.StatusBadRequest {
			s = h.scene(caller) // it took effect
			broken = spoil(s.request(r), s.target(r))
		}
	}
}

// long is a text that fits no field.
var long = strings.Repeat("x", 2000)

// spoil returns the request in all its broken forms.
func spoil(q request, target string) []request {
	list := spoilTexts(q, target)
	add := func(media, body string) {
		c := q
		c.media, c.body = media, body
		list = append(list, c)
	}
	switch {
	case safe(q.method):
	case q.media == "application/json":
		for _, body := range spoilWhole(q.body) {
			add(q.media, body)
		}
		for _, media := range []string{"", "text/plain", "multipart/form-data", "application/json; charset=utf-16", "\x00"} {
			add(media, q.body)
		}
	default:
		for _, media := range []string{"", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"} {
			add(media, q.body)
		}
	}
	return list
}

// spoilTexts breaks the texts of a request one by one: parts of the path, fields of the
// query and of the body.
func spoilTexts(q request, target string) []request {
	var list []request
	add := func(change func(*request)) {
		c := q
		change(&c)
		list = append(list, c)
	}
	queries := spoilPairs(q.query)
	if !safe(q.method) { // few of them read it, and all of them would act
		queries = []string{"%zz&a[b]=c&%00=%ff&q=" + long}
	}
	for _, query := range queries {
		add(func(c *request) { c.query = query })
	}
	for _, path := range spoilPath(target) {
		add(func(c *request) { c.path = path })
	}
	switch {
	case safe(q.method):
	case q.media == "application/json":
		for _, body := range spoilMembers(q.body, texts()) {
			add(func(c *request) { c.body = body })
		}
	default:
		for _, body := range spoilPairs(q.body) {
			add(func(c *request) { c.body = body })
		}
	}
	return list
}

// spoilPairs breaks a query or a form: every field by itself, and the whole.
func spoilPairs(text string) []string {
	list := []string{"", "%zz", "a[b]=c&%00=%ff", "q=" + long}
	values, err := url.ParseQuery(text)
	if err != nil {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, wrong := range [][]string{nil, {""}, {long}, {"\x00"}, {"\xff\xfe"}, {"-1"}, {"1e18"}, {"99999999999999999999"}, {"a", "b"}, {"%_'\"<\u202e"}} {
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

// spoilWhole breaks a body as a whole, and its members by values of other types.
func spoilWhole(text string) []string {
	list := []string{"", "{}", "[]", "null", "7", `"text"`, "{", "\xff", `{"a":1}{`, strings.Repeat("[", 2000), `{"__proto__":{"a":1}}`,
		`{"\u0000":1}`, fmt.Sprintf(`{%q:%q}`, long, long)}
	return append(list, spoilMembers(text, []any{7, -1.5, 4e9, 1e18, 1e300, true, nil, []any{}, []any{1, nil}, map[string]any{}, map[string]any{"a": []any{1}}})...)
}

// texts are strings that are of no use.
func texts() []any { return []any{"", long, "\x00", "\u202e%_'\"<"} }

// spoilMembers puts wrong values into every member of a body by itself, also into those
// of members, and leaves each out once.
func spoilMembers(text string, wrongs []any) []string {
	var body map[string]any
	if json.Unmarshal([]byte(text), &body) != nil {
		return nil
	}
	var list []string
	for _, broken := range spoilObject(body, wrongs) {
		if raw, err := json.Marshal(broken); err == nil {
			list = append(list, string(raw))
		}
	}
	return list
}

func spoilObject(body map[string]any, wrongs []any) []map[string]any {
	var list []map[string]any
	for _, name := range slices.Sorted(maps.Keys(body)) {
		values := wrongs
		if inner, ok := body[name].(map[string]any); ok {
			values = slices.Clone(wrongs)
			for _, v := range spoilObject(inner, wrongs) {
				values = append(values, v)
			}
		}
		for _, wrong := range values {
			broken := maps.Clone(body)
			broken[name] = wrong
			list = append(list, broken)
		}
		without := maps.Clone(body)
		delete(without, name)
		list = append(list, without)
	}
	return list
}
