package console_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/upload"
	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
)

// openPages is open with the sign-in pages.
func openPages(t *testing.T) *house {
	t.Helper()
	list := []plugins.Plugin{admin.New(admin.Options{})}
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New(), console.New(list...)}, Plugins: list})
	s := plugins.MustOffer[*admin.Service](rig.Host)
	if err := s.EnsureAdministrator(t.Context(), "owner@example.test", servertest.Password, "owner"); err != nil {
		t.Fatal(err)
	}
	h := &house{rig, map[string]*servertest.Browser{}}
	h.people["owner"] = h.SignIn("owner@example.test")
	return h
}

// TestAppearance: colour and words of the sign-in page are shown before they are saved,
// and hold on every page afterwards.
func TestAppearance(t *testing.T) {
	h := openPages(t)
	owner := h.as("owner")
	page := owner.Get("/admin/settings/appearance").Want(200, "")
	expect(t, look(t, page), []string{`name="accent_choice"`, `name="appearance.sign_in_title.de"`, "Save changes", `src="/admin/settings/appearance/preview"`})
	if !strings.Contains(page.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Error("the page may not show its preview")
	}
	form := url.Values{"app.name": {"Burg " + hostile}, "accent_choice": {"custom"}, "accent_custom": {"#ffee00"},
		"appearance.sign_in_title.en": {"Hail " + hostile}, "appearance.sign_in_text.de": {"Nur \"wer\" darf\n"}, "preview_language": {"de"}, "preview_theme": {"dark"}}
	a := owner.Form("/admin/settings/appearance/preview", form).Want(200, "")
	body := string(a.Body)
	expect(t, body, []string{`lang="de"`, `data-theme="dark"`, "/theme.css?accent=ffee00", "Burg &#34;", "Nur &#34;wer&#34; darf", " inert"}, "<script", "autofocus", "Development mode")
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self'") || a.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%q %q", policy, a.Header.Get("X-Frame-Options"))
	}
	signIn := h.Browser().Get("/sign-in")
	expect(t, look(t, signIn), nil, "theme.css", "Hail", "Burg")
	if !strings.Contains(signIn.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || signIn.Header.Get("X-Frame-Options") != "DENY" {
		t.Error("the sign-in page itself can be framed")
	}

	owner.Form("/admin/settings/appearance", form).Want(http.StatusSeeOther, "")
	if got := h.Core.Appearance.Get(); got.Accent != "#ffee00" || got.SignInText["de"] != "Nur \"wer\" darf" || len(got.SignInTitle) != 1 {
		t.Fatalf("%+v", got)
	}
	expect(t, look(t, h.Browser().Get("/sign-in")), []string{`href="/theme.css?accent=ffee00&amp;v=1"`, "Hail &#34;&gt;", "Burg &#34;"}, "<script>alert")
	german := h.Browser()
	german.Header.Set("Accept-Language", "de")
	expect(t, look(t, german.Get("/sign-in")), []string{"Nur &#34;wer&#34; darf"}, "Hail")
	expect(t, look(t, owner.Get("/admin/settings/appearance")), []string{"For contrast it is drawn as", `value="#ffee00"`})
	css := h.Browser().Get("/theme.css?accent=ffee00&v=1").Want(200, "")
	if !strings.HasPrefix(string(css.Body), ":root{--primary:light-dark(#") || css.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s %v", css.Body, css.Header)
	}
	for _, bad := range []string{"", "?accent=fff", "?accent=red}body{", "?accent=12345g"} {
		h.Browser().Get("/theme.css"+strings.ReplaceAll(bad, "}", "%7D")).Want(http.StatusNotFound, "")
	}
	before := len(h.events("setting.changed"))
	owner.Form("/admin/settings/appearance", form).Want(http.StatusSeeOther, "")
	if n := len(h.events("setting.changed")); n != before || before != 4 {
		t.Errorf("%d events, then %d: what is the same was stored again", before, n)
	}
	for _, bad := range []url.Values{{"accent_choice": {"custom"}, "accent_custom": {"red;}"}}, {"appearance.sign_in_title.de": {strings.Repeat("ä", 81)}}} {
		a = owner.Form("/admin/settings/appearance", bad).Want(http.StatusUnprocessableEntity, "")
		expect(t, look(t, a), []string{"field-error"})
	}
	expect(t, string(a.Body), []string{`aria-invalid="true"`, "at most 80 characters"})
	owner.Form("/admin/settings/appearance", url.Values{"appearance.sign_in_title.en": {""}, "accent_choice": {""}}).Want(http.StatusSeeOther, "")
	if got := h.Core.Appearance.Get(); got.Accent != "" || got.SignInTitle["en"] != "" || got.SignInText["de"] == "" {
		t.Errorf("%+v", got)
	}
}

// logoForm is a form with a picture.
func logoForm(t *testing.T, purpose string, file []byte) (string, []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("picture", "logo.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteField("purpose", purpose); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

// TestLogo: a logo is encoded anew, shown to everyone, replaced and removed; what is no
// picture is refused beside its field.
func TestLogo(t *testing.T) {
	h := openPages(t)
	const path = "/admin/settings/appearance/logo"
	var drawn bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	img.Set(3, 3, color.White)
	if err := png.Encode(&drawn, img); err != nil {
		t.Fatal(err)
	}
	send := func(b *servertest.Browser, purpose string, file []byte) *servertest.Answer {
		media, body := logoForm(t, purpose, file)
		return b.Do(http.MethodPost, path, media, body)
	}
	a := send(h.as("owner"), "logo", []byte("<svg onload=alert(1)>"))
	if a.Status != http.StatusBadRequest {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	expect(t, look(t, a), []string{"field-error", "SVG files may hold scripts"})
	send(h.as("owner"), "logo", drawn.Bytes()).Want(http.StatusSeeOther, "")
	first := h.Core.Appearance.Get().Logo
	if first == "" {
		t.Fatal("no logo")
	}
	expect(t, look(t, h.Browser().Get("/sign-in")), []string{`<img class="brand-logo" src="/picture/` + first + `" alt="">`})
	if got := h.Browser().Get("/picture/"+first).Want(200, ""); got.Header.Get("Content-Type") != "image/png" || bytes.Equal(got.Body, drawn.Bytes()) {
		t.Errorf("%v: the bytes are those that came in, or no picture", got.Header)
	}
	send(h.as("owner"), "logo-dark", drawn.Bytes()).Want(http.StatusSeeOther, "")
	expect(t, look(t, h.Browser().Get("/sign-in")), []string{"in-light", "in-dark"})
	send(h.as("owner"), "logo", drawn.Bytes()).Want(http.StatusSeeOther, "")
	if h.Core.Appearance.Get().Logo == first {
		t.Error("a new logo has the old address")
	}
	if n := h.Host.DB.Access(t.Context()).Upload().Query().Where(upload.OwnerIDIsNil()).CountX(t.Context()); n != 2 {
		t.Errorf("%d pictures are kept", n)
	}
	for _, purpose := range []string{"logo", "logo-dark"} {
		media, body := logoForm(t, purpose, nil)
		body = bytes.Replace(body, []byte("name=\"purpose\"\r\n\r\n"), []byte("name=\"remove\"\r\n\r\nyes\r\n--"+strings.TrimPrefix(media, "multipart/form-data; boundary=")+"\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n"), 1)
		h.as("owner").Do(http.MethodPost, path, media, body).Want(http.StatusSeeOther, "")
	}
	if got := h.Core.Appearance.Get(); got.Logo != "" || got.LogoDark != "" {
		t.Errorf("%+v", got)
	}
	expect(t, look(t, h.Browser().Get("/sign-in")), []string{"brand-mark"}, "brand-logo")
}

// TestTwoServers: a change made in the console of one server holds in another one on the
// same database within five seconds, secrets included.
func TestTwoServers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		build := func(db *database.DB) *servertest.Rig {
			list := []plugins.Plugin{admin.New(admin.Options{})}
			return servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New(), console.New(list...)}, Plugins: list, Database: db})
		}
		one, two := build(db), build(dbtest.Reopen(t, db))
		s := plugins.MustOffer[*admin.Service](one.Host)
		if err := s.EnsureAdministrator(t.Context(), "owner@example.test", servertest.Password, "owner"); err != nil {
			t.Fatal(err)
		}
		visitor := two.Browser()
		visitor.Get("/sign-in").Want(200, "") // it has looked just now
		one.SignIn("owner@example.test").Form("/admin/settings/appearance", url.Values{"app.name": {"Castle"}, "accent_choice": {"#0f766e"}}).Want(http.StatusSeeOther, "")
		one.SignIn("owner@example.test").Form("/admin/settings/mail", url.Values{"smtp": {"smtp://u:p@mail.example:25"}}).Want(http.StatusSeeOther, "")
		two.Clock.Advance(5 * time.Second)
		expect(t, string(visitor.Get("/sign-in").Want(200, "").Body), []string{"Castle", "accent=0f766e"})
		if got := two.Core.Top.Get().SMTP.Reveal(); got != "smtp://u:p@mail.example:25" {
			t.Errorf("the mail server is %q", got)
		}
		if !two.Host.Messages.Possible(t.Context(), "mail") || two.Host.Messages.Ready(t.Context(), "mail") != nil {
			t.Error("the other server has no mail")
		}
		one.SignIn("owner@example.test").Form("/admin/settings/appearance", url.Values{"reset": {"app.name"}}).Want(http.StatusSeeOther, "")
		two.Clock.Advance(5 * time.Second)
		expect(t, string(visitor.Get("/sign-in").Want(200, "").Body), nil, "Castle")

		// A server that gets no requests follows as well: it still delivers mails.
		one.SignIn("owner@example.test").Form("/admin/settings/mail", url.Values{"mail.from": {"gate@example.test"}}).Want(http.StatusSeeOther, "")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); two.Server.Run(ctx) }()
		two.Clock.Advance(5 * time.Second)
		for end := time.Now().Add(10 * time.Second); two.Core.Mail.Get().From != "gate@example.test" && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		<-done
		if got := two.Core.Mail.Get().From; got != "gate@example.test" {
			t.Errorf("the idle server sends as %q", got)
		}
	})
}
