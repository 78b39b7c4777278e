package admin_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/list"
)

// crowd is what the lists are tested with; a row's name is unique.
var crowd = []struct {
	name, email, role string
	verified          bool
}{
	{"Zoe", "zoe@example.test", "user", true},
	{"adam", "adam_1@example.test", "user", false},
	{"Adam Two", "adamx1@example.test", "support", true},
	{"100% Bea", "bea@other.test", "user,admin", true},
	{"Ändi", "andi@other.test", "viewer", false},
}

func (h *house) fill() {
	h.t.Helper()
	for _, p := range crowd {
		_, err := h.Host.Users.Create(h.t.Context(), auth.NewUser{Name: p.name, Email: p.email, EmailVerified: p.verified, By: "test",
			Set: []func(*ent.UserCreate){func(c *ent.UserCreate) { c.SetRole(p.role) }}})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	if _, err := h.s.Ban(h.commandLine(), h.User("zoe@example.test").ID, admin.Ban{}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) names(query url.Values) (names []string, total float64) {
	h.t.Helper()
	a := h.root.Get(api+"/admin/list-users?"+query.Encode()).Want(200, "")
	total, _ = a.Value("total").(float64)
	users, _ := a.Value("users").([]any)
	for _, u := range users {
		names = append(names, u.(map[string]any)["name"].(string))
	}
	return names, total
}

func TestListUsersOnEveryDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db, nil)
		h.fill()
		zoe, bea := h.User("zoe@example.test"), h.User("bea@other.test")
		all := []string{"Administrator", "Zoe", "adam", "Adam Two", "100% Bea", "Ändi"}
		except := func(out ...string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(n string) bool { return slices.Contains(out, n) })
		}
		filter := func(field, operator string, values ...string) url.Values {
			return url.Values{"filterField": {field}, "filterOperator": {operator}, "filterValue": values}
		}
		for _, c := range []struct {
			name  string
			query url.Values
			want  []string
		}{
			{"all, by creation", url.Values{}, all},
			{"search without regard to case", url.Values{"searchValue": {"ADAM"}}, []string{"adam", "Adam Two"}},
			{"search by name", url.Values{"searchField": {"name"}, "searchOperator": {"starts_with"}, "searchValue": {"adam "}}, []string{"Adam Two"}},
			{"search by the end", url.Values{"searchOperator": {"ends_with"}, "searchValue": {"OTHER.test"}}, []string{"100% Bea", "Ändi"}},
			{"an underscore is one", url.Values{"searchValue": {"adam_"}}, []string{"adam"}},
			{"a percent sign is one", url.Values{"searchField": {"name"}, "searchValue": {"0%"}}, []string{"100% Bea"}},
			{"the escape is literal", url.Values{"searchField": {"name"}, "searchValue": {"!"}}, nil},
			{"other letters", url.Values{"searchField": {"name"}, "searchValue": {"ÄNDI"}}, []string{"Ändi"}},
			{"empty search", url.Values{"searchValue": {""}}, all},
			{"role exactly", filter("role", "eq", "admin"), []string{"Administrator"}},
			{"role among several", filter("role", "contains", "admin"), []string{"Administrator", "100% Bea"}},
			{"not a role", filter("role", "ne", "user"), except("Zoe", "adam")},
			{"in", filter("role", "in", "support", "viewer"), []string{"Adam Two", "Ändi"}},
			{"in with one", filter("role", "in", "support"), []string{"Adam Two"}},
			{"not in", filter("role", "not_in", "support", "viewer", "user"), []string{"Administrator", "100% Bea"}},
			{"banned", filter("banned", "eq", "true"), []string{"Zoe"}},
			{"not banned", filter("banned", "eq", "false"), except("Zoe")},
			{"other text is false", filter("banned", "eq", "yes"), except("Zoe")},
			{"banned, ne", filter("banned", "ne", "false"), []string{"Zoe"}},
			{"verified", filter("emailVerified", "eq", "true"), except("adam", "Ändi")},
			{"id, ne", filter("id", "ne", zoe.ID), except("Zoe")},
			{"_id, ne", filter("_id", "ne", zoe.ID), except("Zoe")},
			{"created before", filter("createdAt", "lt", bea.CreatedAt.Format(time.RFC3339Nano)), except("100% Bea", "Ändi")},
			{"created at", filter("createdAt", "eq", bea.CreatedAt.Format(time.RFC3339Nano)), []string{"100% Bea"}},
			{"created in", filter("createdAt", "in", bea.CreatedAt.Format(time.RFC3339Nano)), []string{"100% Bea"}},
			{"the default field", url.Values{"filterValue": {"bea@other.test"}}, []string{"100% Bea"}},
			{"empty value counts", url.Values{"filterField": {"name"}, "filterValue": {""}}, nil},
			{"filter and search", url.Values{"filterField": {"role"}, "filterValue": {"user"}, "searchValue": {"zoe"}}, []string{"Zoe"}},
			{"sorted", url.Values{"sortBy": {"email"}, "sortDirection": {"desc"}, "filterField": {"email"}, "filterOperator": {"ends_with"}, "filterValue": {"example.test"}}, []string{"Zoe", "Administrator", "Adam Two", "adam"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				names, total := h.names(c.query)
				if !slices.Equal(names, c.want) || int(total) != len(c.want) {
					t.Errorf("%v (%v), want %v", names, total, c.want)
				}
			})
		}
	})
}

func TestListUsersPages(t *testing.T) {
	h := open(t, nil, nil)
	h.fill()
	for _, c := range []struct{ query, keys, names string }{
		{"limit=2", `"total":6,"limit":2}`, "Administrator,Zoe"},
		{"limit=2&offset=1", `"total":6,"limit":2,"offset":1}`, "Zoe,adam"},
		{"limit=0", `"total":6}`, ""},
		{"limit=many&offset=x", `"total":6}`, ""},
		{"limit=5000", `"total":6,"limit":1000}`, ""},
		{"offset=-3", `"total":6,"offset":-3}`, ""},
		{"offset=1e99", `"total":6,"offset":2147483647}`, ""},
		{"sortBy=", `"total":6}`, ""},
	} {
		a := h.root.Get(api+"/admin/list-users?"+c.query).Want(200, "")
		if !strings.HasSuffix(string(a.Body), c.keys) {
			t.Errorf("%s ends in %s", c.query, a.Body[max(0, len(a.Body)-60):])
		}
		if c.names == "" {
			continue
		}
		values, _ := url.ParseQuery(c.query)
		if names, _ := h.names(values); strings.Join(names, ",") != c.names {
			t.Errorf("%s: %v", c.query, names)
		}
	}
}

func TestListUsersRefuses(t *testing.T) {
	h := open(t, nil, map[string]string{"user.fields": `{plan = {required = false}}`})
	for _, query := range []string{
		"sortBy=nothing", "sortBy=additionalFields", "filterField=password&filterValue=x", "filterField=plan&filterValue=x",
		"filterField=additional_fields&filterValue=x", "filterField=name%3Bdrop&filterValue=x", "searchField=role&searchValue=x",
		"filterField=banned&filterOperator=contains&filterValue=t", "filterField=createdAt&filterOperator=starts_with&filterValue=2",
		"filterField=createdAt&filterValue=soon", "filterField=role&filterOperator=eq&filterValue=a&filterValue=b",
		"filterField=role&filterOperator=contains&filterValue=a&filterValue=b", "limit=1&limit=2", "sortDirection=up",
	} {
		h.root.Get(api+"/admin/list-users?"+query).Want(400, "VALIDATION_ERROR")
	}
}

func TestConsoleListOnEveryDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := empty(t, db, nil)
		ctx := h.commandLine()
		for i := range 23 {
			role := []string{"user", "support", "user,admin"}[i%3]
			_, err := h.s.Create(ctx, admin.NewPerson{Name: fmt.Sprintf("Person %02d", 22-i), Email: fmt.Sprintf("p%02d@example.test", i), Roles: []string{role}, EmailVerified: i%2 == 0})
			if err != nil {
				t.Fatal(err)
			}
		}
		yes := true
		for _, c := range []struct {
			name  string
			query admin.ListQuery
			want  int
			first string
		}{
			{"newest first", admin.ListQuery{}, 23, "p22@example.test"},
			{"oldest first", admin.ListQuery{Ascending: true}, 23, "p00@example.test"},
			{"by name", admin.ListQuery{Sort: admin.ByName, Ascending: true}, 23, "p22@example.test"},
			{"by address, turned", admin.ListQuery{Sort: admin.ByEmail}, 23, "p22@example.test"},
			{"a role among several", admin.ListQuery{Roles: []string{"admin"}}, 7, "p20@example.test"},
			{"the default role", admin.ListQuery{Roles: []string{"user"}}, 15, "p21@example.test"},
			{"verified", admin.ListQuery{Verified: &yes}, 12, "p22@example.test"},
			{"banned", admin.ListQuery{Status: admin.BannedNow}, 0, ""},
			{"active", admin.ListQuery{Status: admin.Active}, 23, "p22@example.test"},
			{"text", admin.ListQuery{Text: "person"}, 23, "p22@example.test"},
			{"text and role", admin.ListQuery{Text: "person", Roles: []string{"support"}}, 8, "p22@example.test"},
			{"text by name", admin.ListQuery{Text: "person", Sort: admin.ByName, Ascending: true}, 23, "p22@example.test"},
			{"text without hits", admin.ListQuery{Text: "nowhere", Roles: []string{"support"}}, 0, ""},
		} {
			t.Run(c.name, func(t *testing.T) { h.walk(t, c.query, c.want, c.first) })
		}
	})
}

// walk reads all pages forward, and back again where that is possible.
func (h *house) walk(t *testing.T, q admin.ListQuery, want int, first string) {
	t.Helper()
	ctx := h.commandLine()
	var forward, back []string
	var page admin.Page
	var err error
	for q.Limit = 4; ; q.Cursor = page.Next {
		if page, err = h.s.List(ctx, q); err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Rows {
			forward = append(forward, u.Email)
		}
		if page.Total != want || page.More {
			t.Errorf("total %d, more %v, want %d", page.Total, page.More, want)
		}
		if page.Next == "" {
			break
		}
	}
	if len(forward) != want || want > 0 && forward[0] != first {
		t.Errorf("%d people from %v, want %d from %s", len(forward), forward[:min(1, len(forward))], want, first)
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(forward))); len(sorted) != len(forward) {
		t.Error("somebody was listed twice")
	}
	if page.Previous == "" {
		return
	}
	back = append(back, addresses(page)...)
	for page.Previous != "" {
		q.Cursor = page.Previous
		if page, err = h.s.List(ctx, q); err != nil {
			t.Fatal(err)
		}
		back = append(addresses(page), back...)
	}
	if !slices.Equal(forward, back) {
		t.Errorf("forward %v\nback %v", forward, back)
	}
}

func addresses(p admin.Page) []string {
	var list []string
	for _, u := range p.Rows {
		list = append(list, u.Email)
	}
	return list
}

func TestCursorsAreNotMadeUp(t *testing.T) {
	h := empty(t, nil, nil)
	for _, cursor := range []string{"x", "AAAA", strings.Repeat("A", 5000), "%%"} {
		if _, err := h.s.List(h.commandLine(), admin.ListQuery{Cursor: cursor}); auth.AsError(err).Code != "INVALID_CURSOR" {
			t.Errorf("%.10s: %v", cursor, err)
		}
		if _, err := h.s.LiveSessions(h.commandLine(), list.Query{Cursor: cursor}); auth.AsError(err).Code != "INVALID_CURSOR" {
			t.Errorf("%.10s: %v", cursor, err)
		}
	}
	for i := range 3 {
		h.somebody(fmt.Sprint("p", i), "user")
	}
	page, err := h.s.List(h.commandLine(), admin.ListQuery{Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatal(page, err)
	}
	if _, err := h.s.List(h.commandLine(), admin.ListQuery{Limit: 1, Sort: admin.ByName, Cursor: page.Next}); auth.AsError(err).Code != "INVALID_CURSOR" {
		t.Errorf("a cursor of another order: %v", err)
	}
	if _, err := h.s.LiveSessions(h.commandLine(), list.Query{Cursor: page.Next}); auth.AsError(err).Code != "INVALID_CURSOR" {
		t.Errorf("a cursor of another list: %v", err)
	}
}
