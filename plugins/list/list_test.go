package list

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth/secret"
	"gatehouse/auth/words"
	"gatehouse/web"
)

type thing struct{ id, name string }

func things() *List[thing] {
	draw := func(t thing) templ.Component { return web.Text(t.name) }
	return &List[thing]{
		ID: "things", Path: "/admin/things", Search: "Search", Sort: "created", What: func(n int) words.Text { return words.N(n, "%d thing", "%d things") },
		Columns: []Column[thing]{{ID: "name", Label: "Name", Sort: true, First: true, Fixed: true, Draw: draw}, {ID: "created", Label: "Created", Sort: true, Draw: draw},
			{ID: "id", Label: "Id", Hidden: true, Draw: draw}},
		Filters: []Filter{
			{ID: "kind", Label: "Kind", Options: func(context.Context) []web.Option {
				return []web.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}
			}},
			{ID: "state", Label: "State", Single: true, Options: func(context.Context) []web.Option { return []web.Option{{Value: "on"}, {Value: "off"}} }},
			{ID: "owner", Label: "Owner", Any: true},
		},
		Row: func(t thing) Row { return Row{ID: t.id} },
	}
}

func ring(t testing.TB) *secret.Ring {
	t.Helper()
	keys, err := secret.NewRing(nil, "q7Vd2sX9kLm4Zr8Tn1Wb6Yc3Hf5Jg0Pa")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAddress(t *testing.T) {
	l := things()
	for raw, want := range map[string]Query{
		"":                               {Sort: "created", Limit: 20},
		"q=+x+&limit=50&page=p":          {Text: "x", Sort: "created", Limit: 50, Cursor: "p"},
		"sort=name":                      {Sort: "name", Ascending: true, Limit: 20},
		"sort=name&order=descending":     {Sort: "name", Limit: 20},
		"order=ascending&limit=7":        {Sort: "created", Ascending: true, Limit: 20},
		"sort=id&kind=a&kind=x&kind=a":   {Sort: "created", Limit: 20, Filters: map[string][]string{"kind": {"a"}}},
		"kind=b&kind=a&state=on":         {Sort: "created", Limit: 20, Filters: map[string][]string{"kind": {"b", "a"}, "state": {"on"}}},
		"state=on&state=off&owner=u+1&x": {Sort: "created", Limit: 20, Filters: map[string][]string{"state": {"on"}, "owner": {"u 1"}}},
	} {
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		got := l.Read(t.Context(), values)
		if want.Filters == nil {
			want.Filters = map[string][]string{}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v, want %+v", raw, got, want)
		}
	}
}

// FuzzAddress reads any address without failing, and writes it back so that reading it
// again gives the same.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"", "q=ada&kind=a", "sort=name&order=descending&limit=50&page=x", "q=%ff%00", "limit=-1&sort=password&owner=%0d"} {
		f.Add(seed)
	}
	l := things()
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q := l.Read(t.Context(), values)
		q.Cursor, q.Limit = "", 20
		again, err := url.Parse(l.address(q))
		if err != nil || again.Path != l.Path {
			t.Fatalf("address %q: %v", l.address(q), err)
		}
		if back := l.Read(t.Context(), again.Query()); !reflect.DeepEqual(back, q) {
			t.Errorf("%+v came back as %+v", q, back)
		}
	})
}

func TestChips(t *testing.T) {
	l := things()
	v := View[thing]{List: l, ctx: t.Context(), Query: l.Read(t.Context(), url.Values{"q": {"x"}, "kind": {"a", "b"}, "owner": {"me"}})}
	var got []string
	for _, c := range v.chips() {
		got = append(got, c.Name.English()+"="+c.Value.English()+" "+c.Remove)
	}
	want := []string{"Kind=A /admin/things?kind=b&owner=me&q=x", "Kind=B /admin/things?kind=a&owner=me&q=x", "Owner=me /admin/things?kind=a&kind=b&q=x"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func FuzzCursor(f *testing.F) {
	keys := ring(f)
	f.Add(Cursor{List: "things", Sort: "name", Value: "sZoe", ID: "x"}.Seal(keys))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Open(keys, "things", Query{Sort: "name", Cursor: text})
		if err != nil && c != (Cursor{}) {
			t.Errorf("a refused cursor gave %v", c)
		}
	})
}

func TestCursorsBelongToTheirList(t *testing.T) {
	keys := ring(t)
	sealed := Cursor{List: "things", Sort: "name", Value: "sZoe", ID: "x"}.Seal(keys)
	for name, q := range map[string]Query{"another order": {Sort: "created", Cursor: sealed}, "turned": {Sort: "name", Ascending: true, Cursor: sealed}} {
		if _, err := Open(keys, "things", q); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := Open(keys, "others", Query{Sort: "name", Cursor: sealed}); err == nil {
		t.Error("a cursor of another list is taken")
	}
	if c, err := Open(keys, "things", Query{Sort: "name", Cursor: sealed}); err != nil || c.ID != "x" {
		t.Errorf("%v, %v", c, err)
	}
}

// hostile are names that a spreadsheet would execute (OWASP, CSV Injection).
var hostile = []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|'/C calc'!A0", "\u200b=1", "＝1+1", "%0A", "|x", "ok", "", "O'Hara", "a=b", "\"q\",\nline"}

func TestExportsAreInert(t *testing.T) {
	var out bytes.Buffer
	s := &csvSink{out: csv.NewWriter(&out)}
	for _, name := range hostile {
		if err := s.row(nil, []any{name, 7, true, time.Time{}, []string{name, "x"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(hostile) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows {
		for _, cell := range []string{row[0], row[4]} {
			if trimmed := strings.TrimLeft(cell, " \u200b"); trimmed != "" && strings.ContainsRune("=+-@\t\r\n|%＝", []rune(trimmed)[0]) {
				t.Errorf("%q goes out as %q", hostile[i], cell)
			}
		}
		if plain := strings.TrimPrefix(row[0], "'"); strings.ReplaceAll(plain, "\r\n", "\n") != strings.ReplaceAll(hostile[i], "\r\n", "\n") && !strings.ContainsRune(hostile[i], '\r') {
			t.Errorf("%q came back as %q", hostile[i], row[0])
		}
	}
	out.Reset()
	j := &jsonSink{out: &out}
	for _, name := range hostile {
		if err := j.row([]string{"name", "at"}, []any{name, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var got struct{ Name, At string }
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Name != hostile[i] || got.At != "2026-01-02T03:04:05Z" {
			t.Errorf("%q: %v, %v", line, got, err)
		}
	}
}
