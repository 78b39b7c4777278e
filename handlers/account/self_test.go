package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/picture"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
)

// upload posts a file as a browser does.
func upload(t *testing.T, b *servertest.Browser, path, field string, file []byte) *servertest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile(field, "../../me.png")
	if err == nil {
		_, err = part.Write(file)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Do(http.MethodPost, path, w.FormDataContentType(), body.Bytes())
}

func pngFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicture(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	leads(t, upload(t, b, "/account/profile/picture", "picture", pngFile(t)), "/account/profile")
	at := b.Get("/api/auth/get-session").Text("user.image")
	own := strings.TrimPrefix(at, rig.Origin)
	looks(t, b.Get("/account/profile"), 200, "Your picture is saved.", `<img src="`+own+`"`, "Remove the picture")
	looks(t, b.Get("/account"), 200, `<img src="`+own+`"`)
	for file, wants := range map[string]string{
		"":                  "Choose a picture first.",
		"<svg></svg>":       "SVG files may hold scripts",
		"nothing":           "This is not a picture that can be read.",
		"\x89PNG\r\n\x1a\n": "This file is damaged.",
	} {
		looks(t, upload(t, b, "/account/profile/picture", "picture", []byte(file)), 400, wants, `<img src="`+own+`"`)
	}
	looks(t, b.Form("/account/profile/picture", nil), 400, "Choose a picture first.")
	looks(t, upload(t, b, "/account/profile/picture", "picture", make([]byte, picture.MaxBytes+1)), 413, "This file is too large.")
	looks(t, upload(t, b, "/account/profile/picture", "picture", make([]byte, picture.MaxBytes+1<<20)), 413)
	leads(t, b.Form("/account/profile/picture/remove", nil), "/account/profile")
	if page := looks(t, b.Get("/account/profile"), 200, "Your picture is removed."); strings.Contains(page, "<img") || strings.Contains(page, "Remove the picture") {
		t.Error("the picture is still there")
	}
}

// TestUploadsElsewhere: only the route that takes files takes them, and nobody's file is
// read before it is known who they are.
func TestUploadsElsewhere(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	looks(t, upload(t, b, "/account/profile", "name", []byte("x")), 400)
	leads(t, upload(t, rig.Browser(), "/account/profile/picture", "picture", make([]byte, 8<<20)), "/sign-in?returnTo=%2F")
}

// TestFurtherFields: a person sets what is declared for them, and nothing else.
func TestFurtherFields(t *testing.T) {
	rig := newRig(t, map[string]string{"user.fields": `{ city = { type = "string", required = false }, born = { type = "date", required = false }, news = { type = "boolean", required = false }, rank = { type = "string", input = false, required = false }, pin = { type = "string", returned = false, required = false } }`})
	b := rig.SignUp("Alice", alice)
	page := looks(t, b.Get("/account/profile"), 200, "City", "Born", "News")
	if strings.Contains(page, "Rank") || strings.Contains(page, "Pin") {
		t.Error("draws what is not for people to set")
	}
	b.Post("/api/auth/update-user", map[string]any{"pin": "1234"}).Want(200, "")
	looks(t, b.Form("/account/profile", form("name", "Alice", "further.born", "soon")), 400, "This is not a date.", `value="soon"`)
	leads(t, b.Form("/account/profile", form("name", "Alice", "further.city", "London", "further.born", "2001-02-03", "further.news", "on", "further.rank", "boss", "further.pin", "0")), "/account")
	for name, want := range map[string]any{"city": "London", "born": "2001-02-03T00:00:00.000Z", "news": true, "rank": nil} {
		if got := b.Get("/api/auth/get-session").Value("user." + name); got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
	if got := rig.User(alice).AdditionalFields["pin"]; got != "1234" {
		t.Errorf("what is not shown became %v", got)
	}
	looks(t, b.Get("/account/profile"), 200, `value="London"`, `value="2001-02-03"`, "checked")
	leads(t, b.Form("/account/profile", form("name", "Alice")), "/account")
	if got := b.Get("/api/auth/get-session").Value("user.city"); got != nil {
		t.Errorf("what was emptied is %v", got)
	}
}

func TestPreferences(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/preferences"), 200, "As the browser says", "English", "Buenos Aires", "UTC")
	for field, wants := range map[string]string{"language": "This language is not offered.", "theme": "There is no such theme.", "zone": "There is no such time zone."} {
		looks(t, b.Form("/account/preferences", form(field, "../../etc/passwd")), 400, wants)
	}
	leads(t, b.Form("/account/preferences", form("zone", "Pacific/Auckland", "theme", "dark", "language", "en")), "/account/preferences")
	looks(t, b.Get("/account/preferences"), 200, `data-zone="Pacific/Auckland"`, `data-theme="dark"`, `value="Pacific/Auckland" selected`, "NZDT")
	other := door(t, rig, alice, servertest.Password)
	looks(t, other.Get("/account"), 200, `data-theme="dark"`)
	leads(t, other.Form("/theme", form("theme", "light", "returnTo", "/account")), "/account")
	looks(t, b.Get("/account"), 200, `data-theme="light"`)
	leads(t, b.Form("/account/preferences", nil), "/account/preferences")
	page := looks(t, rig.Browser().Get("/sign-in"), 200)
	if page = looks(t, b.Get("/account"), 200) + page; strings.Contains(page, "data-theme=") || strings.Contains(page, "data-zone") {
		t.Error("a choice that was taken back still counts")
	}
}

func TestDevices(t *testing.T) {
	rig := newRig(t, nil)
	a, b := rig.SignUp("Alice", alice), rig.SignUp("Bob", bob)
	make := func(address, agent string) string {
		t.Helper()
		row, err := rig.Host.DB.Access(t.Context()).Device().Create().SetUserID(rig.User(address).ID).SetKey(agent).SetUserAgent(agent).SetIPAddress("203.0.113.9").Save(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return row.ID
	}
	hers, his := make(alice, "Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0"), make(bob, "curl/8")
	page := looks(t, a.Get("/account/sessions"), 200, "Firefox on Linux", "203.0.113.9", `aria-label="Forget Firefox on Linux"`)
	if strings.Contains(page, his) || strings.Contains(page, "curl") {
		t.Error("shows the device of another person")
	}
	_, known, _ := strings.Cut(page, "Known devices")
	own, _, _ := strings.Cut(known, "Firefox on Linux")
	if mark := ">This device<"; strings.Count(known, mark) != 1 || !strings.Contains(own, mark) {
		t.Errorf("marked are %d devices", strings.Count(known, mark))
	}
	if door := door(t, rig, alice, servertest.Password); strings.Count(looks(t, door.Get("/account/sessions"), 200), ">This device<") != 2 {
		t.Error("another browser does not know itself")
	}
	leads(t, a.Form("/account/sessions/forget", form("device", his)), "/account/sessions")
	looks(t, b.Get("/account/sessions"), 200, "curl")
	leads(t, a.Form("/account/sessions/forget", form("device", hers)), "/account/sessions")
	if page := looks(t, a.Get("/account/sessions"), 200, "The device is forgotten."); strings.Contains(page, "Firefox on Linux") {
		t.Error("the device is still known")
	}
	n, err := rig.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind("device.forgotten")).Count(t.Context())
	if err != nil || n != 1 {
		t.Errorf("%d events: %v", n, err)
	}
}

// TestActivity: what a person did and what was done to them, without names of others.
func TestActivity(t *testing.T) {
	rig := newRig(t, nil)
	rig.SignUp("Alice", alice)
	b := door(t, rig, alice, servertest.Password)
	rig.SignUp("Olga Owner", "olga@example.test")
	u, olga := rig.User(alice), rig.User("olga@example.test")
	ctx := auth.WithOrigin(t.Context(), auth.Origin{Address: "198.51.100.77", UserAgent: "curl/8"})
	record := func(ev auth.Event) {
		t.Helper()
		if err := rig.Host.Events.Record(ctx, ev); err != nil {
			t.Fatal(err)
		}
	}
	record(auth.Event{Kind: "password.reset-requested", Actor: olga.ID, ActorName: olga.Name, SubjectType: "user", Subject: u.ID})
	record(auth.Event{Kind: "email.verified", Actor: "command-line", SubjectType: "user", Subject: u.ID, Data: map[string]any{"email": "secret-mail@example.test"}})
	ctx = t.Context()
	record(auth.Event{Kind: "user.updated", SubjectType: "user", Subject: u.ID, Data: map[string]any{"changes": map[string]any{"name": []any{"secret-note", "Alice"}}}})
	page := looks(t, b.Get("/account/activity"), 200, "Signed in", "User created", "Link to a new password made", "An administrator", "This server")
	for _, never := range []string{"Olga", olga.ID, "198.51.100.77", "secret-mail", "secret-note", "Session opened"} {
		if strings.Contains(page, never) {
			t.Errorf("shows %q", never)
		}
	}
	rig.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": alice, "password": "wrong-password-1"}).Want(401, "")
	page = looks(t, b.Get("/account/activity"), 200, "Sign-in failed", "192.0.2.10", "<dd>Wrong password</dd>", "<dd>Email and password</dd>")
	_, list, _ := strings.Cut(page, "</h1>")
	if strings.Contains(list, ">Failed<") || strings.Contains(list, ">·") || strings.Contains(list, " ·") {
		t.Error("says twice that it failed, or a line may begin with a dot")
	}
	for range 70 {
		record(auth.Event{Kind: "password.changed", Actor: u.ID, SubjectType: "user", Subject: u.ID})
	}
	first := looks(t, b.Get("/account/activity"), 200, "Older")
	if strings.Contains(first, "Newest") || strings.Count(first, "Password changed") != 30 {
		t.Errorf("%d rows", strings.Count(first, "Password changed"))
	}
	_, rest, _ := strings.Cut(first, `href="/account/activity?after=`)
	after, _, _ := strings.Cut(rest, `"`)
	looks(t, b.Get("/account/activity?after="+after), 200, "Newest", "Older")
	looks(t, b.Get("/account/activity?after=nonsense"), 200, "Older")
	looks(t, b.Get("/account/activity?after=1.x"), 200, "Nothing yet", "Newest")
}

func TestData(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	rig.SignUp("Bob", bob)
	looks(t, b.Get("/account/data"), 200, "Download", "Passwords and other secrets are not in it")
	a := b.Form("/account/data", nil)
	if a.Status != 200 || a.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), `attachment; filename="`) || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	if !json.Valid(a.Body) || !strings.Contains(string(a.Body), alice) || !strings.Contains(string(a.Body), "data.exported") {
		t.Errorf("%s", a.Body)
	}
	row, err := rig.Host.Users.Credential(context.Background(), rig.User(alice).ID)
	if err != nil {
		t.Fatal(err)
	}
	for what, never := range map[string]string{"password": *row.Password, "another person": bob, "session token": session(t, rig, alice).Token} {
		if strings.Contains(string(a.Body), never) {
			t.Errorf("holds the %s", what)
		}
	}
	rig.Clock.Advance(11 * time.Minute)
	looks(t, b.Get("/account/data"), 200, "Download")
	asked := looks(t, b.Form("/account/data", nil), 403, "Confirm it is you")
	if a := b.Form("/step-up", fields(asked, "password", servertest.Password)); a.Status != 200 || !json.Valid(a.Body) {
		t.Errorf("after the proof: %d %.200s", a.Status, a.Body)
	}
}
