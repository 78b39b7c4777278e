package list

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// choice is how one person wants a list: a preference, as JSON.
type choice struct {
	// Shown and Hid are columns that differ from the declaration.
	Shown []string `json:"shown,omitempty"`
	Hid   []string `json:"hid,omitempty"`
	Limit int      `json:"limit,omitempty"`
	Saved []Saved  `json:"saved,omitempty"`
}

// Saved is a view that somebody keeps: the address without the page.
type Saved struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// Bounds of saved views.
const (
	maxSaved     = 30
	maxSavedName = 60 // characters
)

func preference(id string) string { return "list." + id }

func (l *List[T]) choice(prefs map[string]string) choice {
	var c choice
	if json.Unmarshal([]byte(prefs[preference(l.ID)]), &c) != nil {
		return choice{}
	}
	return c
}

func (c choice) shows(column string, hidden bool) bool {
	if hidden {
		return slices.Contains(c.Shown, column)
	}
	return !slices.Contains(c.Hid, column)
}

func (c choice) limit() int {
	if slices.Contains(sizes, c.Limit) {
		return c.Limit
	}
	return sizes[0]
}

// keep stores a choice. The default is nothing.
func (l *List[T]) keep(c *plugins.Call, h *plugins.Host, chosen choice) error {
	text, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	if string(text) == "{}" {
		text = nil
	}
	return h.Preferences.Set(c.Context(), c.Principal().Subject, preference(l.ID), string(text))
}

// back ends a form of the list: at the address it was on, which is one of the list's.
func (l *List[T]) back(c *plugins.Call) error {
	l = l.at(c)
	to := c.Form("back")
	if path, _, _ := strings.Cut(to, "?"); path != l.Path {
		to = l.Path
	}
	return c.SeeOther(to)
}

// setView keeps columns and rows a page.
func (l *List[T]) setView(h *plugins.Host) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		chosen := l.choice(c.Preferences())
		chosen.Shown, chosen.Hid, chosen.Limit = nil, nil, 0
		if c.Form("reset") == "" {
			for _, col := range l.held(c.Principal()) {
				on := slices.Contains(c.Request.PostForm["column"], col.ID)
				switch {
				case col.Fixed || col.Draw == nil:
				case on && col.Hidden:
					chosen.Shown = append(chosen.Shown, col.ID)
				case !on && !col.Hidden:
					chosen.Hid = append(chosen.Hid, col.ID)
				}
			}
			if n, _ := strconv.Atoi(c.Form("limit")); slices.Contains(sizes[1:], n) {
				chosen.Limit = n
			}
		}
		if err := l.keep(c, h, chosen); err != nil {
			return err
		}
		return l.back(c)
	}
}

// save keeps the filters and the order of an address under a name; an existing view of
// that name is replaced.
func (l *List[T]) save(h *plugins.Host) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		name := c.Form("name")
		if name == "" || len([]rune(name)) > maxSavedName {
			c.Flash("bad", "A saved view needs a name of 1 to 60 characters.")
			return l.back(c)
		}
		chosen := l.choice(c.Preferences())
		given, _ := url.ParseQuery(c.Form("query"))
		q := l.read(c.Context(), given, chosen)
		chosen.Saved = slices.DeleteFunc(chosen.Saved, func(s Saved) bool { return s.Name == name })
		if len(chosen.Saved) >= maxSaved {
			c.Flash("bad", words.F("At most %d views of a list can be saved. Forget one first.", maxSaved))
			return l.back(c)
		}
		chosen.Saved = append(chosen.Saved, Saved{name, l.values(q, "").Encode()})
		slices.SortFunc(chosen.Saved, func(a, b Saved) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
		if err := l.keep(c, h, chosen); err != nil {
			return err
		}
		c.Flash("good", "The view is saved.")
		return c.SeeOther(address(l.at(c).Path, l.values(q, "")))
	}
}

// forget removes a saved view.
func (l *List[T]) forget(h *plugins.Host) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		chosen := l.choice(c.Preferences())
		at := slices.IndexFunc(chosen.Saved, func(s Saved) bool { return s.Name == c.Form("name") })
		if at < 0 {
			return l.back(c)
		}
		gone := chosen.Saved[at]
		chosen.Saved = slices.Delete(chosen.Saved, at, at+1)
		if err := l.keep(c, h, chosen); err != nil {
			return err
		}
		c.FlashUndo(words.F("The view %s is forgotten.", gone.Name), plugins.Undo{Path: l.at(c).Path + "/views", Fields: url.Values{"name": {gone.Name}, "query": {gone.Query}}})
		return l.back(c)
	}
}

// Routes are the addresses of the list besides its page: the export, and what a person
// keeps about it. scope is that of the page.
func (l *List[T]) Routes(h *plugins.Host, scope string) []plugins.Route {
	of := func(scope string) plugins.Access {
		if strings.Contains(l.Path, "/:slug") {
			return plugins.Within(scope)
		}
		return plugins.Access{Who: plugins.SignedIn, Scope: scope}
	}
	access := of(scope)
	routes := []plugins.Route{
		{Method: http.MethodPost, Path: l.Path + "/view", Summary: "Choose columns and rows of a list", Access: access, Handle: l.setView(h)},
		{Method: http.MethodPost, Path: l.Path + "/views", Summary: "Save a view of a list", Access: access, Handle: l.save(h)},
		{Method: http.MethodPost, Path: l.Path + "/views/forget", Summary: "Forget a saved view of a list", Access: access, Handle: l.forget(h)},
	}
	if l.Export != "" {
		routes = append(routes, plugins.Route{Method: http.MethodGet, Path: l.Path + "/export", Summary: "Download a list as CSV or JSON lines",
			Access: of(l.Export), Handle: l.export(h)})
	}
	return routes
}
