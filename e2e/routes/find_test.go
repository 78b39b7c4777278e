package routes

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
)

// finds is what the search of the console shows below its box.
func finds(t *testing.T, b *servertest.Browser, in, text string) string {
	t.Helper()
	query := url.Values{"q": {text}}
	if in != "" {
		query.Set("in", in)
	}
	a := b.Get("/admin/find?" + query.Encode())
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d", a.Path, a.Status)
	}
	_, list, _ := strings.Cut(string(a.Body), `id="found"`)
	return strings.ReplaceAll(list, "“"+text+"”", "")
}

// TestFindInOrganizations: the search finds organizations, members, keys, service accounts
// and pages where the reader's lists show them, by name, short name, beginning and id, and
// nothing of an organization of others, whatever the address names.
func TestFindInOrganizations(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	chief := h.browser("admin", h.session(h.someone("admin")).Token)
	viewer := h.browser("viewer", h.session(h.someone("viewer")).Token)
	name := "Night shift"
	keys := plugins.MustOffer[*apikey.Service](h.Host)
	own, err := keys.Create(t.Context(), apikey.NewKey{UserID: h.someone("user").ID, Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	owner, admin, member := h.enter(ours, "owner"), h.enter(ours, "admin"), h.enter(ours, "member")
	at := func(s *side, page string) string { return `href="/admin/o/` + s.slug + page + `"` }
	account := at(ours, "/service-accounts/"+ours.words["$robot"])
	key := at(ours, "/keys/"+ours.words["$orgkey"])
	for _, tt := range []struct {
		who       string
		as        *servertest.Browser
		in, text  string
		has, lack string
	}{
		{"the owner", owner, "", "alpha corp", at(ours, ""), ""},
		{"the owner", owner, "", "CORP-AL", at(ours, ""), ""},
		{"the owner", owner, "", ours.id[:10], at(ours, ""), ""},
		{"the owner inside", owner, ours.slug, "alpha member", at(ours, "/members/"+ours.words["$member"]), ""},
		{"the owner inside", owner, ours.slug, "member@alpha", at(ours, "/members/"+ours.words["$member"]), ""},
		{"the owner outside", owner, "", "alpha member", "", "/members/"},
		{"the owner inside", owner, ours.slug, "alpha key", key, ""},
		{"the owner inside", owner, ours.slug, ours.words["$orgkey"][:10], key, ""},
		{"the owner inside", owner, ours.slug, "org_", key, ""},
		{"the owner outside", owner, "", "alpha key", "", "/keys/"},
		{"the admin inside", admin, ours.slug, "alpha robot", account, ""},
		{"the admin inside", admin, ours.slug, ours.words["$robot"][:10], account, ""},
		{"the admin inside", admin, ours.slug, "domains", at(ours, "/domains"), ""},
		{"the member inside", member, ours.slug, "alpha", at(ours, ""), "/keys/"},
		{"the member inside, who sees the members", member, ours.slug, "alpha admin", "/members/", ""},
		{"the member inside", member, ours.slug, "alpha robot", "", "/service-accounts/"},
		{"the member inside", member, ours.slug, "domains", "", at(ours, "/domains")},
		{"the chief", chief, "", "omega", at(theirs, ""), ""},
		{"the chief", chief, "", theirs.id[:10], at(theirs, ""), ""},
		{"the chief", chief, "", "omega key", `href="/admin/api-keys/` + theirs.words["$orgkey"] + `"`, ""},
		{"the chief", chief, "", "night", `href="/admin/api-keys/` + own.Row.ID + `"`, ""},
		{"the chief", chief, "", (*own.Row.Start)[:4], `href="/admin/api-keys/` + own.Row.ID + `"`, ""},
		{"the chief inside", chief, theirs.slug, "omega robot", at(theirs, "/service-accounts/"+theirs.words["$robot"]), ""},
		{"the viewer", viewer, "", "omega", at(theirs, ""), ""},
		{"the viewer inside", viewer, theirs.slug, "omega admin", "/members/", ""},
	} {
		found := finds(t, tt.as, tt.in, tt.text)
		if tt.has != "" && !strings.Contains(found, tt.has) {
			t.Errorf("%s looks for %q and does not find %s", tt.who, tt.text, tt.has)
		}
		if tt.lack != "" && strings.Contains(found, tt.lack) {
			t.Errorf("%s looks for %q and finds %s", tt.who, tt.text, tt.lack)
		}
	}
	looked := []string{"omega", "corp-omega", theirs.id, theirs.id[:8], theirs.words["$orgkey"], theirs.words["$robot"], "org_", "corp", "key", "robot", "admin"}
	for role, b := range map[string]*servertest.Browser{"owner": owner, "admin": admin, "member": member} {
		for _, in := range []string{"", ours.slug, theirs.slug, "corp-nowhere"} {
			for _, text := range looked {
				found := finds(t, b, in, text)
				if strings.Contains(strings.ReplaceAll(found, "q="+text, ""), theirs.mark) {
					t.Errorf("the %s of another organization finds it by %q in %q: %s", role, text, in, excerpt([]byte(found)))
				}
			}
		}
		if body := string(b.Get("/admin/find?q=corp&in=" + theirs.slug).Body); strings.Contains(body, theirs.mark+" corp") {
			t.Errorf("the frame of the page tells the %s the name of another organization", role)
		}
	}
	if body := string(owner.Get("/admin/o/" + ours.slug).Body); !strings.Contains(body, `hx-get="/admin/find?in=`+ours.slug+`"`) {
		t.Error("the search of a page about an organization does not look in it")
	}
}
