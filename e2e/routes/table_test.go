// Package routes holds the route table test: every route of the server, and what each
// kind of caller is answered. The table is written by hand from the specification, so a
// route whose declaration changes, or that is new, fails until a person has looked.
package routes

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/handlers/servertest"
)

//go:embed table.txt
var tableText string

// callers are the columns of the table.
var callers = []string{"nobody", "user", "viewer", "support", "admin", "owner"}

// row is one line of the table.
type row struct {
	Method, Path string
	Want         []string // by caller: a status, or "in"
	Names        string   // what a 403 names; "" nothing
	Send         string
}

// route is the row's key: "METHOD PATH".
func (r row) route() string { return r.Method + " " + r.Path }

func (r row) api() bool { return strings.HasPrefix(r.Path, "/api/") }

// parse reads a table.
func parse(text string) ([]row, error) {
	var rows []row
	var errs []error
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := parseRow(line)
		if err == nil && seen[r.route()] {
			err = errors.New("second row of the route")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", line, err))
			continue
		}
		seen[r.route()] = true
		rows = append(rows, r)
	}
	return rows, errors.Join(errs...)
}

func parseRow(line string) (row, error) {
	cells := strings.SplitN(line, "|", 4)
	if len(cells) != 4 {
		return row{}, errors.New("a row has four parts")
	}
	route := strings.Fields(cells[0])
	if len(route) != 2 {
		return row{}, errors.New("a route is a method and a path")
	}
	r := row{Method: route[0], Path: route[1], Want: strings.Fields(cells[1]), Names: strings.TrimSpace(cells[2]), Send: strings.TrimSpace(cells[3])}
	if len(r.Want) != len(callers) {
		return row{}, fmt.Errorf("%d answers for %d callers", len(r.Want), len(callers))
	}
	refuses := slices.Contains(r.Want, "403")
	if r.Names == "-" {
		r.Names = ""
	}
	if refuses != (r.Names != "") {
		return row{}, errors.New("a row with a 403 says what it names, no other does")
	}
	return r, nil
}

func table(t *testing.T) []row {
	t.Helper()
	rows, err := parse(tableText)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestParse: a broken table is not half a table.
func TestParse(t *testing.T) {
	good := "GET /a | 200 200 200 200 200 200 | - | ?x=1"
	for _, c := range []struct{ name, text string }{
		{"parts", "GET /a | 200 200 200 200 200 200 | -"},
		{"no path", "GET | 200 200 200 200 200 200 | - |"},
		{"answers", "GET /a | 200 200 200 200 200 | - |"},
		{"nameless refusal", "GET /a | 200 200 200 200 200 403 | - |"},
		{"name without refusal", "GET /a | 200 200 200 200 200 200 | user:get |"},
		{"twice", good + "\n" + good},
	} {
		if _, err := parse(c.text); err == nil {
			t.Errorf("%s: no error", c.name)
		}
	}
	rows, err := parse("# words\n\n" + good)
	if err != nil || len(rows) != 1 || rows[0].route() != "GET /a" || rows[0].Send != "?x=1" {
		t.Errorf("%+v %v", rows, err)
	}
}

// TestComplete: every declared route has a row and every row a route. The router holds
// what is declared, and nothing else.
func TestComplete(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range table(t) {
		rows[r.route()] = true
	}
	declared := map[string]bool{"GET /static/*": true}
	h := open(t)
	for _, part := range h.Host.Registry.Parts {
		for _, e := range part.Endpoints {
			declared[e.Method+" /api/auth"+e.Path] = true
		}
		for _, r := range part.Routes {
			declared[r.Method+" "+r.Path] = true
		}
	}
	for route := range declared {
		if !rows[route] {
			t.Errorf("the route %s has no row in table.txt: who may call it, and what is everybody else answered?", route)
		}
	}
	for route := range rows {
		if !declared[route] {
			t.Errorf("table.txt has a row for %s, which no part declares", route)
		}
	}
	for _, route := range h.Server.Routes() {
		if !declared[route] {
			t.Errorf("the router serves %s, which no part declares", route)
		}
		delete(declared, route)
	}
	for route := range declared {
		t.Errorf("the declared route %s is not served", route)
	}
}

// TestAnswers asks every route as everybody. Every request finds people and things of
// its own, so that no answer depends on another.
func TestAnswers(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, r := range table(t) {
		for i, caller := range callers {
			s := h.scene(caller)
			a := s.ask(r)
			if problem := judge(r, r.Want[i], a); problem != "" {
				t.Errorf("%s as %s: %s", r.route(), caller, problem)
			}
		}
	}
}

// judge says what is wrong with an answer; "" is nothing.
func judge(r row, want string, a *servertest.Answer) string {
	to := a.Location()
	got := fmt.Sprint(a.Status)
	if a.Status == 303 && strings.HasPrefix(to, "/sign-in?returnTo=") {
		got = "in"
	}
	if got != want {
		return fmt.Sprintf("answered %s %s, want %s: %s", got, to, want, excerpt(a.Body))
	}
	if want == "403" && !strings.Contains(string(a.Body), r.Names) {
		return fmt.Sprintf("the refusal does not name %s: %s", r.Names, excerpt(a.Body))
	}
	return ""
}

func excerpt(body []byte) string {
	text := string(body)
	if _, main, ok := strings.Cut(text, "<main"); ok {
		text = main
	}
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), 400)]
}
