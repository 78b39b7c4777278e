package admin_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/user"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/admin"
)

// shown is what a hand-over page shows once.
func shown(t *testing.T, a *servertest.Answer) string {
	t.Helper()
	m := secretLink.FindStringSubmatch(page(t, a.Want(http.StatusOK, "")))
	if m == nil {
		t.Fatalf("nothing to hand over in %s", a.Body)
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be kept")
	}
	return html.UnescapeString(m[1])
}

// TestWaysToCreate makes people in every way, and refuses beside the fields.
func TestWaysToCreate(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["admin"]
	expect(t, page(t, b.Get("/admin/users/new")), []string{`value="hand"`, `value="temporary"`, `value="password"`, `value="nothing"`}, `value="mail"`)
	create := func(way string, more url.Values) *servertest.Answer {
		form := url.Values{"name": {"N " + way}, "email": {way + "@example.test"}, "way": {way}}
		for k, v := range more {
			form[k] = v
		}
		return b.Form("/admin/users", form)
	}
	link := shown(t, create("hand", nil))
	if !strings.HasPrefix(link, o.Origin+"/api/auth/reset-password/") {
		t.Errorf("link %s", link)
	}
	a := create("temporary", nil)
	text := shown(t, a)
	expect(t, string(a.Body), []string{"Temporary password", "Copy all", o.Origin + "/sign-in", "temporary@example.test"})
	if u := o.User("temporary@example.test"); !u.PasswordTemporary {
		t.Error("not temporary")
	}
	if _, a := o.try("temporary@example.test", text); a.Value("passwordChangeRequired") != true {
		t.Errorf("answered %s", a.Body)
	}
	shown(t, create("password", url.Values{"password": {servertest.Password}, "temporary": {"on"}}))
	if !o.User("password@example.test").PasswordTemporary {
		t.Error("the choice of an own password was not kept")
	}
	create("nothing", nil).Want(http.StatusSeeOther, "")
	at := "/admin/users/" + o.User("nothing@example.test").ID
	expect(t, page(t, b.Get(at)), []string{"Still to do", "Get a way to sign in", "Verify the address"})

	for _, tt := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"name": {""}, "email": {"x@example.test"}, "way": {"nothing"}}, "A name has 1 to 200 characters."},
		{url.Values{"name": {"X"}, "email": {"x"}, "way": {"nothing"}}, "Invalid email"},
		{url.Values{"name": {"X"}, "email": {"x@example.test"}, "way": {"password"}}, "Choose a password, or let them choose one."},
		{url.Values{"name": {"X"}, "email": {"x@example.test"}, "way": {"password"}, "password": {"short"}}, "Password too short"},
		{url.Values{"name": {"X"}, "email": {"x@example.test"}}, "Choose how they get in."},
		{url.Values{"name": {"X"}, "email": {"nothing@example.test"}, "way": {"nothing"}}, "User already exists"},
	} {
		a := b.Form("/admin/users", tt.form)
		if a.Status < 400 || a.Status > 422 {
			t.Errorf("%v: %d", tt.form, a.Status)
		}
		expect(t, page(t, a), []string{"field-error", tt.says}, `value="short"`)
	}
	if n := o.Host.DB.Access(t.Context()).User().Query().Where(user.Email("x@example.test")).CountX(t.Context()); n != 0 {
		t.Error("refused, and made")
	}
}

func TestCreateByMail(t *testing.T) {
	o := openOffice(t, map[string]string{"smtp": "smtp://127.0.0.1:2"})
	expect(t, page(t, o.as["admin"].Get("/admin/users/new")), []string{`value="mail"`})
	a := o.as["admin"].Form("/admin/users", url.Values{"name": {"New"}, "email": {"new@example.test"}, "way": {"mail"}}).Want(http.StatusSeeOther, "")
	if secretLink.Match(a.Body) || o.Link("new@example.test", "reset-password") == "" {
		t.Error("nothing was mailed")
	}
	at := "/admin/users/" + o.User("new@example.test").ID
	expect(t, page(t, o.as["admin"].Get(at+"/reset")), []string{`value="hand"`, `value="mail"`})
	if link := shown(t, o.as["admin"].Form(at+"/reset", url.Values{"by": {"hand"}})); link == o.Link("new@example.test", "reset-password") {
		t.Error("the mailed link was shown")
	}
	if a := o.as["support"].Form(at+"/reset", url.Values{"by": {"hand"}}); a.Status != http.StatusSeeOther {
		t.Errorf("support was shown a link: %d", a.Status)
	}
}

// TestTemporaryPages goes from the console to the own password without a script.
func TestTemporaryPages(t *testing.T) {
	o := openOffice(t, nil)
	u := o.resident("ann", "user")
	at := "/admin/users/" + u.ID
	page(t, o.as["admin"].Get(at+"/temporary").Want(http.StatusOK, ""))
	text := shown(t, o.as["admin"].Form(at+"/temporary", nil))
	expect(t, page(t, o.as["admin"].Get(at)), []string{"Temporary password", "Choose their own password"}, text)
	expect(t, page(t, o.as["admin"].Get(at+"/accounts")), []string{"Temporary"})

	expect(t, page(t, o.Browser().Get("/new-password").Want(http.StatusBadRequest, "")), []string{"Sign in again"})
	expect(t, page(t, o.Browser().Form("/new-password", url.Values{"password": {ownPassword}}).Want(http.StatusBadRequest, "")), []string{"Sign in again"})
	b, a := o.try(u.Email, text)
	a.Want(200, "")
	expect(t, page(t, b.Get("/new-password").Want(http.StatusOK, "")), []string{"Choose your own password", u.Email})
	expect(t, page(t, b.Form("/new-password", url.Values{"password": {"short"}}).Want(http.StatusBadRequest, "")), []string{"field-error", "Password too short"}, `value="short"`)
	expect(t, page(t, b.Form("/new-password", url.Values{"password": {text}}).Want(http.StatusBadRequest, "")), []string{"This is the temporary password."})
	a = b.Form("/new-password", url.Values{"password": {ownPassword}}).Want(http.StatusSeeOther, "")
	if a.Location() != "/" || b.Get(api+"/get-session").Text("user.id") != u.ID {
		t.Errorf("led to %s", a.Location())
	}
	page(t, b.Get("/new-password").Want(http.StatusBadRequest, ""))
}

// TestSignInLinkPages: the link asks first, works once, and tells nothing when it is over.
func TestSignInLinkPages(t *testing.T) {
	o := openOffice(t, nil)
	u := o.somebody("ann", "user")
	a := o.as["admin"].Form("/admin/users/"+u.ID+"/sign-in-link", nil)
	link := shown(t, a)
	expect(t, string(a.Body), []string{`class="qr"`, "Good until"})
	path := strings.TrimPrefix(link, o.Origin)
	b := o.Browser()
	for range 2 { // a mail scanner and a person look at it
		a = b.Get(path).Want(http.StatusOK, "")
		expect(t, page(t, a), []string{"Sign in as ann"})
		if a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Error("the token may leak by the referrer")
		}
	}
	if b.Get(api+"/get-session").Value("user") != nil || o.sessions(u.ID) != 0 {
		t.Fatal("looking signed in")
	}
	expect(t, page(t, o.as["viewer"].Get(path)), []string{"You are signed in as viewer here."})
	evil := o.Browser()
	evil.Header.Set("Origin", "https://evil.test")
	evil.Form(path, nil).Want(http.StatusForbidden, "")
	b.Form(path, nil).Want(http.StatusSeeOther, "")
	if b.Get(api+"/get-session").Text("user.id") != u.ID {
		t.Error("not signed in")
	}
	expect(t, page(t, o.as["admin"].Get("/admin/users/"+u.ID+"/sessions")), []string{"by link handed over"})
	expect(t, page(t, b.Form(path, nil).Want(http.StatusNotFound, "")), []string{"does not work any more"})
	expect(t, page(t, o.Browser().Get("/sign-in-link/nonsense").Want(http.StatusNotFound, "")), []string{"does not work any more"})

	again := strings.TrimPrefix(shown(t, o.as["admin"].Form("/admin/users/"+u.ID+"/sign-in-link", nil)), o.Origin)
	if _, err := o.s.Ban(o.commandLine(), u.ID, admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	o.Browser().Form(again, nil).Want(http.StatusNotFound, "")
	if a := o.as["admin"].Form("/admin/users/"+u.ID+"/sign-in-link", nil); a.Status != http.StatusConflict {
		t.Errorf("for a banned person: %d", a.Status)
	}
}

// TestParts saves fields, note and metadata, each on its own, and refuses beside the field.
func TestParts(t *testing.T) {
	o := openOffice(t, map[string]string{"user.fields": `{ score = { type = "number", required = false }, born = { type = "date", required = false }, nick = { type = "string", required = true, default = "n" }, likes = { type = "string[]", required = false }, extra = { type = "json", required = false }, news = { type = "boolean", required = false } }`})
	u := o.somebody("ann", "user")
	at := "/admin/users/" + u.ID
	b := o.as["admin"]
	fields := url.Values{"part": {"fields"}, "field.score": {"1.5"}, "field.born": {"2001-02-03"}, "field.nick": {"Annie"}, "field.likes": {"tea, cake"}, "field.extra": {`{"a":1}`}, "field.news": {"on"}}
	b.Form(at, fields).Want(http.StatusSeeOther, "")
	got := o.reload(u.ID).AdditionalFields
	if got["score"] != 1.5 || got["born"] != "2001-02-03T00:00:00.000Z" || got["nick"] != "Annie" || got["news"] != true || len(got["likes"].([]any)) != 2 {
		t.Errorf("stored %v", got)
	}
	expect(t, page(t, b.Get(at)), []string{`value="1.5"`, `value="2001-02-03"`, `value="Annie"`, `value="tea, cake"`})
	updates := o.count("user.updated", u.ID)
	b.Form(at, fields).Want(http.StatusSeeOther, "")
	if o.count("user.updated", u.ID) != updates {
		t.Error("the same again is a change")
	}
	fields.Set("field.score", "")
	b.Form(at, fields).Want(http.StatusSeeOther, "")
	if v := o.reload(u.ID).AdditionalFields["score"]; v != nil {
		t.Errorf("emptied, it is %v", v)
	}
	for field, text := range map[string]string{"score": "many", "born": "2001-02-30", "nick": "", "extra": "{", "likes": ""} {
		form := url.Values{}
		for k, v := range fields {
			form[k] = v
		}
		form.Set("field."+field, text)
		a := b.Form(at, form)
		if want := field != "likes"; want != (a.Status == http.StatusUnprocessableEntity) {
			t.Errorf("%s %q: %d", field, text, a.Status)
		} else if want {
			expect(t, page(t, a), []string{`id="profile-field.` + field + `-error"`})
		}
	}
	if a := o.as["support"].Form(at, url.Values{"part": {"fields"}, "field.nick": {"Boss"}}); a.Status != http.StatusForbidden {
		t.Errorf("support changed a field: %d", a.Status)
	}

	o.as["support"].Form(at, url.Values{"part": {"note"}, "note": {"Pays late.\r\nBut pays."}}).Want(http.StatusSeeOther, "")
	if n := o.reload(u.ID).AdminNote; n == nil || *n != "Pays late.\nBut pays." {
		t.Errorf("note %v", n)
	}
	expect(t, page(t, b.Get(at)), []string{"Pays late."})
	expect(t, page(t, o.as["viewer"].Get(at)), nil, "Pays late.", "Metadata")
	expect(t, page(t, b.Form(at, url.Values{"part": {"note"}, "note": {long(5001)}}).Want(http.StatusBadRequest, "")), []string{`id="profile-note-error"`})

	b.Form(at, url.Values{"part": {"metadata"}, "metadata": {`{"plan": "pro"}`}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(at)), []string{"&#34;plan&#34;: &#34;pro&#34;"})
	expect(t, page(t, b.Form(at, url.Values{"part": {"metadata"}, "metadata": {"{\n\"a\": }"}}).Want(http.StatusUnprocessableEntity, "")), []string{`id="profile-metadata-error"`, "see line 2"})
	if a := o.as["support"].Form(at, url.Values{"part": {"metadata"}, "metadata": {`{}`}}); a.Status != http.StatusForbidden {
		t.Errorf("support changed metadata: %d", a.Status)
	}
	if a := b.Form("/admin/users/"+o.users["owner"].ID, url.Values{"part": {"note"}, "note": {"x"}}); a.Status != http.StatusForbidden {
		t.Errorf("a note about somebody above: %d", a.Status)
	}
}

// TestActivityPage shows both sides, filters and pages by its own links.
func TestActivityPage(t *testing.T) {
	o := openOffice(t, nil)
	u := o.users["user"]
	at := "/admin/users/" + u.ID
	for i := range 30 {
		o.as["admin"].Form(at, url.Values{"name": {"Name " + strconv.Itoa(i)}}).Want(http.StatusSeeOther, "")
	}
	b := o.as["owner"]
	rows := func(path string) string {
		t.Helper()
		_, rest, _ := strings.Cut(page(t, b.Get(path)), "<tbody")
		return rest
	}
	body := rows(at + "/activity")
	expect(t, body, []string{"User changed", ">admin<", "192.0.2.10", "1–20 of 3", "Next", "<dt>Changes</dt>", "Name: Name 28 → Name 29", "<dd>Administration</dd>"}, "user.updated", "[&#34;", "{&#34;")
	if n := strings.Count(body, "<tr"); n != 20 {
		t.Errorf("%d rows", n)
	}
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(body)
	body = rows(html.UnescapeString(next[1]))
	expect(t, body, []string{"Signed in", "Session opened", "User created", "The command line", "Previous"}, `rel="next"`)
	expect(t, rows(at+"/activity?side=actor"), []string{"Signed in"}, "User changed")
	expect(t, rows(at+"/activity?side=subject"), []string{"User changed"})
	expect(t, rows(at+"/activity?kind=user.created&kind=session.created"), []string{"Session opened", "User created"}, "User changed")
	expect(t, rows(at+"/activity?result=success&since=1d&order=ascending"), []string{"User created"})
	expect(t, page(t, b.Get(at+"/activity?result=denied")), []string{"Nothing matches"})
	expect(t, rows("/admin/users/"+o.users["admin"].ID+"/activity?side=actor"), []string{"User changed", `<div class="second">Name 29</div>`})
	b.Get(at+"/activity?page=AAAA").Want(http.StatusBadRequest, "")
	expect(t, page(t, b.Get("/admin/users/"+o.somebody("quiet", "user").ID+"/activity?side=actor")), []string{"Nothing matches"})

	// What is kept about the list and its download are at the person's address.
	if a := b.Form(at+"/activity/view", url.Values{"column": {"reference"}, "back": {at + "/activity?side=actor"}}); a.Location() != at+"/activity?side=actor" {
		t.Errorf("leads to %s", a.Location())
	}
	expect(t, page(t, b.Get(at+"/activity")), []string{"Reference"}, `<th scope="col" class="only-wide">By`)
	export := b.Get(at + "/activity/export?format=jsonl&kind=user.created")
	if lines := strings.Split(strings.TrimSpace(string(export.Body)), "\n"); len(lines) != 1 || !strings.Contains(lines[0], `"about":"user `+u.ID) {
		t.Errorf("exported %q", export.Body)
	}
	o.as["support"].Get(at+"/activity/export?format=csv").Want(http.StatusForbidden, "")
}

func TestDevicesPage(t *testing.T) {
	o := openOffice(t, nil)
	u := o.somebody("ann", "user")
	at := "/admin/users/" + u.ID
	expect(t, page(t, o.as["support"].Get(at+"/sessions")), []string{"No known devices", "Not signed in"})
	var id string
	o.must(o.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		d, err := tx.Device().Create().SetUserID(u.ID).SetKey("k").SetIPAddress("198.51.100.7").SetUserAgent(hostile).Save(ctx)
		id = d.ID
		return err
	}))
	expect(t, page(t, o.as["support"].Get(at+"/sessions")), []string{"198.51.100.7", "Forget"}, "<script>alert")
	expect(t, page(t, o.as["viewer"].Get(at+"/sessions")), []string{"198.51.100.7"}, "/devices/forget")
	if n := strings.Count(page(t, o.as["support"].Get(at+"/sessions")), "This device"); n != 0 {
		t.Error("the device of somebody else is marked")
	}
	expect(t, page(t, o.as["owner"].Get("/admin/users/"+o.users["owner"].ID+"/sessions")), []string{">This device<"})
	o.as["support"].Form(at+"/devices/forget", url.Values{"device": {id}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, o.as["support"].Get(at+"/sessions")), []string{"No known devices", "The device is forgotten."})
}

// TestBulkPages asks, acts, and names who was left out.
func TestBulkPages(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["admin"]
	one, two := o.somebody("one", "user"), o.somebody("two", "user")
	form := url.Values{"id": {one.ID, two.ID, one.ID}, "filter": {"q=o&status=active"}}
	body := page(t, b.Form("/admin/users/bulk/ban", form).Want(http.StatusOK, ""))
	expect(t, body, []string{"Ban 2 people?", `value="` + one.ID + `"`, `name="reason"`, `name="life"`, `href="/admin/users?q=o&amp;status=active"`})
	if o.reload(one.ID).Banned {
		t.Fatal("banned before it was confirmed")
	}
	form.Set("confirmed", "on")
	form.Set("life", "nonsense")
	expect(t, page(t, b.Form("/admin/users/bulk/ban", form).Want(http.StatusBadRequest, "")), []string{"field-error", "Ban 2 people?"})
	form.Set("life", "7d")
	a := b.Form("/admin/users/bulk/ban", form).Want(http.StatusSeeOther, "")
	if a.Location() != "/admin/users?q=o&status=active" || !o.reload(two.ID).Banned || o.reload(one.ID).BanExpires == nil {
		t.Errorf("led to %s", a.Location())
	}
	form["id"] = []string{one.ID, o.users["owner"].ID, o.users["admin"].ID}
	body = page(t, b.Form("/admin/users/bulk/unban", form).Want(http.StatusOK, ""))
	expect(t, body, []string{"One person can sign in again.", "2 were left out", "Ranks above you.", "That is you.", "Administrator"})
	form["id"] = []string{o.users["owner"].ID, o.users["admin"].ID}
	expect(t, page(t, b.Form("/admin/users/bulk/ban", form).Want(http.StatusOK, "")), []string{"<h1>Nobody was changed.</h1>", "2 were left out"}, "0 people")
	a = b.Form("/admin/users/bulk/ban", url.Values{}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(a.Location())), []string{"Choose somebody first."})
	b.Form("/admin/users/bulk/nonsense", form).Want(http.StatusNotFound, "")

	form["id"] = []string{one.ID, two.ID}
	expect(t, page(t, b.Form("/admin/users/bulk/delete", form).Want(http.StatusBadRequest, "")), []string{"Type 2 to confirm"})
	expect(t, page(t, b.Form("/admin/users/bulk/role", form)), []string{"Choose at least one role."}, `value="owner"`)
	form.Set("confirm", "2")
	b.Form("/admin/users/bulk/delete", form).Want(http.StatusSeeOther, "")
	b.Get("/admin/users/"+one.ID).Want(http.StatusNotFound, "")
	a = b.Form("/admin/users/bulk/delete", url.Values{"id": {one.ID, "unknown"}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(a.Location())), []string{"2 are not there any more."})
	body = page(t, b.Form("/admin/users/bulk/delete", url.Values{"id": {one.ID, o.users["user"].ID}}).Want(http.StatusOK, ""))
	expect(t, body, []string{"Delete one person?", "One is not there any more."}, one.ID)
}

// TestBulkOfAFilter: everybody the list finds, as a task with a page that shows how far
// it is.
func TestBulkOfAFilter(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["admin"]
	o.crowd(55)
	o.somebody("other", "viewer")
	form := url.Values{"all": {"on"}, "filter": {"role=user&q=crowd"}}
	body := page(t, b.Form("/admin/users/bulk/role", form).Want(http.StatusOK, ""))
	expect(t, body, []string{"Change the role of 55 people?", "everyone the filters", `name="all"`}, `name="id"`)
	form.Set("confirmed", "on")
	form["roles"] = []string{"viewer"}
	a := b.Form("/admin/users/bulk/role", form).Want(http.StatusSeeOther, "")
	at := a.Location()
	if !strings.HasPrefix(at, "/admin/tasks/") {
		t.Fatalf("led to %s", at)
	}
	expect(t, page(t, b.Get(at)), []string{"0 of 55", "Waiting", `hx-trigger="every 1s"`, "hx-nonce", "Look again", "/stop", "Change the role of many people"})
	for _, role := range []string{"support", "viewer", "user"} {
		o.as[role].Get(at).Want(http.StatusNotFound, "")
		o.as[role].Form(at+"/stop", nil).Want(http.StatusNotFound, "")
	}
	page(t, o.as["owner"].Get(at).Want(http.StatusOK, ""))
	o.must(o.Host.Tasks.Work(t.Context()))
	expect(t, page(t, b.Get(at)), []string{"55 of 55", "Done"}, "every 1s", "/stop", "left out", "Nobody was changed")
	if n := o.Host.DB.Access(t.Context()).User().Query().Where(user.Role("viewer")).CountX(t.Context()); n != 57 {
		t.Errorf("%d viewers", n)
	}

	form = url.Values{"all": {"on"}, "filter": {""}, "confirmed": {"on"}}
	at = b.Form("/admin/users/bulk/ban", form).Location()
	b.Form(at+"/stop", nil).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(at)), []string{"Stopped", "0 of"})
	at = b.Form("/admin/users/bulk/ban", form).Location()
	o.must(o.Host.Tasks.Work(t.Context()))
	expect(t, page(t, b.Get(at)), []string{"Done", "Ranks above you.", "That is you."})
	if u := o.User("owner@example.test"); u.Banned {
		t.Error("the owner is banned")
	}
	form.Set("filter", "q=zebra")
	if a := b.Form("/admin/users/bulk/ban", form); a.Status != http.StatusSeeOther || a.Location() != "/admin/users?q=zebra" {
		t.Errorf("nobody matches: %d %s", a.Status, a.Location())
	}
}

// TestBulkNeedsTheList: a filter needs the right to see the list.
func TestBulkNeedsTheList(t *testing.T) {
	o := openOffice(t, map[string]string{"admin.roles": `{ banner = { scopes = ["user:ban", "user:get"] } }`})
	_, b := o.person("banner", "banner")
	b.Form("/admin/users/bulk/ban", url.Values{"all": {"on"}, "confirmed": {"on"}}).Want(http.StatusForbidden, "")
}

// TestDuties shows what is left to do, with the act that helps.
func TestDuties(t *testing.T) {
	o := openOffice(t, nil)
	u, err := o.s.Create(o.commandLine(), admin.NewPerson{Name: "Ann", Email: "ann@example.test"})
	o.must(err)
	at := "/admin/users/" + u.ID
	expect(t, page(t, o.as["admin"].Get(at)), []string{"Still to do", "Verify the address", "Get a way to sign in", `href="` + at + `/send-verification"`})
	expect(t, page(t, o.as["viewer"].Get(at)), []string{"Still to do"}, "/send-verification")
	o.as["support"].Form(at+"/send-verification", nil).Want(http.StatusSeeOther, "")
	o.Link("ann@example.test", "verify-email")
	o.as["admin"].Form(at+"/verify", nil).Want(http.StatusSeeOther, "")
	o.must(o.s.SetPassword(o.commandLine(), u.ID, ownPassword))
	expect(t, page(t, o.as["admin"].Get(at)), nil, "Still to do")
	if a := o.as["admin"].Form(at+"/verify", nil); a.Status != http.StatusConflict {
		t.Errorf("verified twice: %d", a.Status)
	}
}
