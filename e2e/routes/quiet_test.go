package routes

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// told are the routes whose reading is recorded on purpose, with the table that says so:
// who looks at a message of the outbox leaves a trace (decisions 36).
// So does who takes a whole list away.
func told(r row) string {
	if r.Path == "/admin/outbox/:id" || strings.HasSuffix(r.Path, "/export") {
		return "event"
	}
	return ""
}

// TestReadingChangesNothing: GET and HEAD leave every row as it was (SEC-053).
func TestReadingChangesNothing(t *testing.T) {
	h := open(t)
	for _, caller := range []string{"nobody", "user", "owner"} {
		s := h.scene(caller)
		var rows []row
		var requests []request
		for _, r := range table(t) {
			if r.Method == http.MethodGet {
				rows, requests = append(rows, r), append(requests, s.request(r))
			}
		}
		before := h.contents()
		for i, q := range requests {
			for _, q.method = range []string{http.MethodHead, http.MethodGet} {
				s.send(s.browser, q)
				after := h.contents()
				for _, name := range changes(before, after) {
					if told(rows[i]) != name || q.method == http.MethodHead {
						t.Errorf("%s %s as %s changed the table %s", q.method, rows[i].Path, caller, name)
					}
				}
				before = after
			}
		}
	}
}

// contents is everything in the database, by table. The index of the search is left out:
// it follows from the rows.
func (h *house) contents() map[string]string {
	h.t.Helper()
	all := map[string]string{}
	for _, name := range h.tables() {
		all[name] = h.rows(name)
	}
	return all
}

func (h *house) tables() []string {
	h.t.Helper()
	rows, err := h.Host.DB.Store().SQL.QueryContext(h.t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			h.t.Fatal(err)
		}
		if !strings.HasPrefix(name, "sqlite_") && !strings.HasPrefix(name, "search_") {
			names = append(names, name)
		}
	}
	if rows.Err() != nil || len(names) < 10 {
		h.t.Fatalf("tables %v: %v", names, rows.Err())
	}
	return names
}

func (h *house) rows(table string) string {
	h.t.Helper()
	rows, err := h.Host.DB.Store().SQL.QueryContext(h.t.Context(), `SELECT * FROM "`+table+`" ORDER BY 1`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		h.t.Fatal(err)
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	var b strings.Builder
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			h.t.Fatal(err)
		}
		fmt.Fprintln(&b, values...)
	}
	if rows.Err() != nil {
		h.t.Fatal(rows.Err())
	}
	return b.String()
}

// changes names the tables whose contents differ.
func changes(before, after map[string]string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	return names
}

// TestContents: the comparison sees a changed value and a new row.
func TestContents(t *testing.T) {
	h := open(t)
	before := h.contents()
	s := h.scene("user")
	after := h.contents()
	if got := changes(before, after); !slices.Contains(got, "user") || !slices.Contains(got, "session") {
		t.Errorf("new rows: %v", got)
	}
	if err := h.Host.DB.Access(t.Context()).User().UpdateOneID(s.caller.ID).SetName("Other").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := changes(after, h.contents()); !slices.Equal(got, []string{"user"}) {
		t.Errorf("a changed value: %v", got)
	}
}
