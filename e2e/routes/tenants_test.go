package routes

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
)

// tenantWords are the words of the table that stand for an organization, for what belongs to
// one, or for a key. A row that sends one of them, or has it in its path, names a tenant.
var tenantWords = []string{"$org", "$slug", "$member", "$colleague", "$seated", "$team", "$orginvite", "$orgrole", "$domain", "$request", "$joined",
	"$mine", "$spare", "$minerole", "$invited", "$orgkey", "$robot", "$key", "$bot"}

// otherWords are the words that stand for nothing of an organization, with what they are. A
// word of the table that is in neither list fails: somebody has to say whose it is.
var otherWords = map[string]string{
	"$user": "a person", "$viewer": "a person", "$banned": "a person", "$unverified": "a person",
	"$email": "an address", "$own": "the caller's address", "$new": "an address that is nobody's", "$stranger": "an address",
	"$password": "a password", "$account": "the caller's password account", "$handle": "a session of a person", "$other": "a session of the caller",
	"$task": "the caller's", "$signin": "a token of a person", "$reset": "a token of a person", "$claim": "a token of the platform",
	"$invite": "a token of the platform", "$invitation": "an invitation to the platform", "$message": "mail, for operators", "$picture": "everybody's",
	"$asset": "everybody's", "$slugfree": "a short name that nothing has",
}

// fixed are the values of path parameters that name a thing of the program.
var fixed = map[string]string{
	"admin": "a plugin", "sign-up": "a section of the settings", "verify-email": "a kind of messages", "de": "a language",
	"github": "a provider", "nothing": "a tab that there is not",
}

// tenantParameters are the declared parameters that name a tenant, or a part of one.
var tenantParameters = map[string]string{
	"organizationId": "$org", "organizationSlug": "$slug", "teamId": "$team", "memberId": "$member", "memberIdOrEmail": "$member",
	"invitationId": "$orginvite", "roleId": "$orgrole", "keyId": "$key",
}

// otherParameters are declared parameters that look like names of things, and why they need
// no request of their own.
var otherParameters = map[string]string{
	"id": "sent by every row that takes it", "userId": "a person", "accountId": "an account of the caller", "configId": "a kind of keys", "providerId": "a provider",
	"slug": "of an organization that is made, or asked for",
}

var naming = regexp.MustCompile(`(^|[a-z])(Id|Slug|IdOrEmail)$|^(id|slug|in)$`)

// unread are tenant parameters that a route declares and does not go by, with the reason.
var unread = map[string]string{
	"POST /api/auth/api-key/create organizationId": "a key of the default kind is the caller's; of an organization's kind see TestKeysOfOthers",
}

// placeless are routes about organizations or keys that name none, with the reason.
var placeless = map[string]string{
	"POST /api/auth/organization/create":               "makes one",
	"POST /api/auth/organization/check-slug":           "the one documented oracle (SEC-136)",
	"GET /api/auth/organization/list":                  "one's own",
	"GET /api/auth/organization/list-user-invitations": "one's own",
	"GET /api/auth/organization/get-active-member":     "of the session",
	"POST /api/auth/api-key/create":                    "makes one for oneself",
	"GET /api/auth/api-key/list":                       "one's own; with an organization see declaredRows",
	"POST /api/auth/api-key/verify":                    "takes a key, not an id",
}

// further are requests beside those of the table, with what no route declares: pages of the
// console that ask about an organization.
var further = []row{
	{Method: "GET", Path: "/admin/access", Send: "?subject=user:$colleague&in=$slug"},
	{Method: "GET", Path: "/admin/access/check", Send: "?subject=user:$colleague&scope=organization:read&in=$slug"},
	{Method: "GET", Path: "/admin/access/who", Send: "?scope=organization:read&in=$slug"},
	{Method: "GET", Path: "/admin/access/who/export", Send: "?scope=organization:read&in=$slug&format=csv"},
	{Method: "GET", Path: "/admin/access/compare", Send: "?subject=user:$colleague&other=user:$seated&in=$slug"},
	{Method: "GET", Path: "/admin/find", Send: "?q=corp&in=$slug"},
}

// silent are routes that answer everybody who may use them, and are asked about something
// elsewhere as about nothing.
var silent = map[string]string{
	"GET /admin/find":                      "looks where the reader may",
	"POST /account/organizations/withdraw": "leads back and says that the request was decided already",
	"POST /admin/o/:slug/requests/:id":     "the same",
}

// named are the words that a row sends and those in its path.
func named(t *testing.T, r row) []string {
	t.Helper()
	text := r.Send
	for _, name := range parameter.FindAllString(r.Path, -1) {
		i := slices.IndexFunc(parameters, func(p struct{ prefix, parameter, value string }) bool {
			return p.parameter == name && strings.HasPrefix(r.Path, p.prefix)
		})
		if i < 0 {
			t.Errorf("%s: nobody says what %s is", r.route(), name)
			continue
		}
		value := parameters[i].value
		if !strings.HasPrefix(value, "$") && fixed[value] == "" {
			t.Errorf("%s: nobody says whose %s is, which stands for %s", r.route(), value, name)
		}
		text += " " + value
	}
	words := placeholder.FindAllString(text, -1)
	for _, w := range words {
		if !slices.Contains(tenantWords, w) && otherWords[w] == "" {
			t.Errorf("%s names %s, which is in the list of no words: is it of an organization?", r.route(), w)
		}
	}
	return words
}

// names reports whether a row names a tenant.
func names(t *testing.T, r row) bool {
	return slices.ContainsFunc(named(t, r), func(w string) bool { return slices.Contains(tenantWords, w) })
}

// with is a row that sends a parameter more.
func (r row) with(name, value string) row {
	switch {
	case safe(r.Method) && r.Send == "":
		r.Send = "?" + name + "=" + value
	case safe(r.Method):
		r.Send += "&" + name + "=" + value
	case r.Send == "" || r.Send == "{}":
		r.Send = fmt.Sprintf("{%q:%q}", name, value)
	default:
		r.Send = fmt.Sprintf("{%q:%q,", name, value) + strings.TrimPrefix(r.Send, "{")
	}
	return r
}

// sends reports whether a row sends a parameter.
func (r row) sends(name string) bool {
	if strings.HasPrefix(r.Send, "{") {
		var sent map[string]json.RawMessage
		_ = json.Unmarshal([]byte(r.Send), &sent)
		_, ok := sent[name]
		return ok
	}
	return strings.Contains("&"+strings.TrimPrefix(r.Send, "?"), "&"+name+"=")
}

// declaredRows are rows that send the tenant parameters which a route declares and its row
// of the table leaves out.
func declaredRows(t *testing.T, h *house, rows map[string]row) []row {
	t.Helper()
	var list []row
	for _, part := range h.Host.Registry.Parts {
		for _, e := range part.Endpoints {
			r, ok := rows[e.Method+" /api/auth"+e.Path]
			if !ok {
				continue // TestComplete says so
			}
			takes := e.Body
			if safe(e.Method) {
				takes = e.Query
			}
			for _, name := range declaredNames(takes) {
				word := tenantParameters[name]
				switch {
				case !naming.MatchString(name):
				case word == "" && otherParameters[name] == "":
					t.Errorf("%s takes %s: is it of an organization?", r.route(), name)
				case word != "" && !r.sends(name) && unread[r.route()+" "+name] == "":
					list = append(list, r.with(name, word))
				}
			}
		}
	}
	return list
}

func declaredNames(s *schema.Schema) (list []string) {
	for _, p := range s.Parameters() {
		list = append(list, p["name"].(string))
	}
	return list
}

// declared is what declaredRows found, which is the same in every house.
var declared struct {
	once sync.Once
	rows []row
}

// tenantRows are the requests that name an organization, a part of one, or a key: whatever
// in the table does, and what it leaves out.
func tenantRows(t *testing.T) []row {
	t.Helper()
	var rows []row
	all := map[string]row{}
	for _, r := range table(t) {
		all[r.route()] = r
		about := strings.Contains(r.Path, "/organization/") || strings.Contains(r.Path, "/api-key/") || strings.HasPrefix(r.Path, "/admin/o/")
		if names(t, r) {
			rows = append(rows, r)
		} else if about && placeless[r.route()] == "" {
			t.Errorf("%s names no organization in its row, and is not among the routes that need none", r.route())
		}
	}
	declared.once.Do(func() { declared.rows = declaredRows(t, open(t), all) })
	rows = slices.Concat(rows, declared.rows, further)
	if len(rows) < 180 {
		t.Fatalf("only %d requests name an organization or a key", len(rows))
	}
	return rows
}

// TestKeysByTheirAddress: each page and form about one key is, for a key of an organization,
// of a service account or of another person, as for one that does not exist: in the account
// area for everybody, whatever they hold elsewhere, and on the platform for those who hold
// nothing there.
func TestKeysByTheirAddress(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	keys := plugins.MustOffer[*apikey.Service](h.Host)
	create := func(n apikey.NewKey) string {
		t.Helper()
		made, err := keys.Create(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		return made.Row.ID
	}
	bot, err := keys.CreateAccount(h.commandLine(), "", apikey.Account{Name: "omega bot"})
	if err != nil {
		t.Fatal(err)
	}
	ofAccount := func(id string) string {
		t.Helper()
		name := "omega machine"
		made, err := keys.CreateFor(seated(h.commandLine()), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: id}, apikey.NewKey{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		return made.Row.ID
	}
	name := "omega own"
	foreign := map[string]string{
		"an organization": theirs.words["$orgkey"], "a service account in it": ofAccount(theirs.words["$robot"]), "a service account": ofAccount(bot.ID),
		"somebody else": create(apikey.NewKey{UserID: h.someone("user").ID, Name: &name}),
	}
	read := func() string {
		var b strings.Builder
		for _, of := range slices.Sorted(maps.Keys(foreign)) {
			row, err := h.Host.DB.Access(t.Context()).Platform().APIKey().Get(t.Context(), foreign[of])
			if err != nil && !ent.IsNotFound(err) {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, of, row)
		}
		return b.String()
	}
	before, asked := read(), 0
	staff := func() *servertest.Browser { return h.browser("owner", h.session(h.someone("owner")).Token) }
	for _, r := range table(t) {
		if !slices.Contains(named(t, r), "$key") || r.api() {
			continue
		}
		asked++
		readers := map[string]func() *servertest.Browser{
			"the owner of another organization": func() *servertest.Browser { return h.enter(ours, "owner") },
			"its owner":                         func() *servertest.Browser { return h.enter(theirs, "owner") },
			"its member":                        func() *servertest.Browser { return h.enter(theirs, "member") },
		}
		if strings.HasPrefix(r.Path, "/account/") {
			readers["an owner of the platform"] = staff
		}
		for who, enter := range readers {
			send := func(id string) (*servertest.Answer, *scene) {
				s := h.sceneOf(map[string]string{"$key": id})
				return s.send(enter(), s.request(r)), s
			}
			none, nothing := send(strings.Repeat("x", 32))
			for of, id := range foreign {
				a, s := send(id)
				if works(a) {
					t.Errorf("%s of a key of %s by %s: answered %d: %s", r.route(), of, who, a.Status, excerpt(a.Body))
				}
				if text := leak(a, theirs.mark, s); text != "" {
					t.Errorf("%s of a key of %s tells %s %q", r.route(), of, who, text)
				}
				if told := differs(a, s, none, nothing); told != "" {
					t.Errorf("%s tells %s a key of %s from none: %s", r.route(), who, of, told)
				}
			}
		}
	}
	if asked < 17 {
		t.Errorf("only %d routes name a key", asked)
	}
	if after := read(); after != before {
		t.Errorf("keys were changed:\n%s\n%s", before, after)
	}
	// One's own is there, and of all on the platform for those who hold something there.
	u := ours.people["member"]
	own := create(apikey.NewKey{UserID: u.ID})
	h.enter(ours, "member").Get("/account/api-keys/"+own).Want(http.StatusOK, "")
	for _, id := range foreign {
		staff().Get("/admin/api-keys/"+id).Want(http.StatusOK, "")
	}
}
