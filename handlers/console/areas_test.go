package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/auth/settings"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
)

var areaIDs = []string{"general", "appearance", "languages", "sign-in", "sign-up", "passwords", "people", "sessions", "mail", "security", "plugins"}

// TestEverySettingHasOneArea draws all areas: every setting stands on the page of exactly
// one, and those of the product on one that their declaration names.
func TestEverySettingHasOneArea(t *testing.T) {
	f := newFussy()
	h := open(t, nil, bearer.New(), f)
	drawn := map[string][]string{}
	row := regexp.MustCompile(`<code>([a-z0-9_.]+)</code>`)
	for _, id := range areaIDs {
		body := look(t, h.as("owner").Get("/admin/settings/"+id).Want(http.StatusOK, ""))
		if !strings.Contains(body, `href="/admin/settings/`+id+`"`) && id != "general" {
			t.Errorf("no tab leads to %s", id)
		}
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			drawn[m[1]] = append(drawn[m[1]], id)
			if !strings.Contains(body, `id="f-`+m[1]+`"`) {
				t.Errorf("%s has no place to link to on %s", m[1], id)
			}
		}
	}
	for _, s := range h.Host.Settings.Fields() {
		switch areas := drawn[s.Key]; {
		case s.Area == "appearance":
			if len(areas) > 0 {
				t.Errorf("%s is on %v beside the page of the appearance", s.Key, areas)
			}
		case len(areas) != 1:
			t.Errorf("%s is on %v", s.Key, areas)
		case strings.HasPrefix(s.Key, "fussy.") && areas[0] != "plugins", !strings.HasPrefix(s.Key, "fussy.") && areas[0] != s.Area:
			t.Errorf("%s of the area %q is on %v", s.Key, s.Area, areas)
		}
	}
}

// TestLabelsAreApart: no two settings of one area have one name, and no name is made of a
// key with parts.
func TestLabelsAreApart(t *testing.T) {
	list := settings.NewCore().Groups()
	for _, p := range []plugins.Plugin{admin.New(admin.Options{}), bearer.New(), openapi.New()} {
		list = append(list, p.Manifest().Settings...)
	}
	seen := map[string]string{}
	for _, g := range list {
		for _, f := range g.Fields() {
			if f.Label == "" {
				t.Errorf("%s has no label", f.Key)
			}
			if other := seen[f.Area+f.Label]; other != "" {
				t.Errorf("%s and %s are both called %q", f.Key, other, f.Label)
			}
			seen[f.Area+f.Label] = f.Key
			if strings.EqualFold(strings.TrimSuffix(f.Help, "."), f.Label) {
				t.Errorf("the help of %s repeats its name", f.Key)
			}
		}
	}
}

// TestFold: technical settings are folded away, and unfolded when one of them is wrong.
func TestFold(t *testing.T) {
	h := open(t, nil)
	folded := regexp.MustCompile(`(?s)<details class="card-fold">.*?</details>`)
	body := look(t, h.as("owner").Get("/admin/settings/sessions"))
	if all := strings.Join(folded.FindAllString(body, -1), ""); !strings.Contains(all, `id="f-cookies.prefix"`) || strings.Contains(all, `id="f-session.expires_in"`) {
		t.Error("the wrong settings are folded away")
	}
	a := h.as("owner").Form("/admin/settings/sessions", url.Values{"session.update_age": {"soon"}}).Want(http.StatusUnprocessableEntity, "")
	body = look(t, a)
	_, after, open := strings.Cut(body, `<details class="card-fold" open>`)
	if within, _, _ := strings.Cut(after, "</details>"); !open || !strings.Contains(within, `id="f-session.update_age-error"`) {
		t.Error("what is wrong is folded away")
	}
}

// TestChoices: choices have names in the reader's language, languages their own, and a
// list of known values is check boxes.
func TestChoices(t *testing.T) {
	h := open(t, nil)
	german := h.as("owner")
	german.Header.Set("Accept-Language", "de")
	expect(t, look(t, german.Get("/admin/settings/general")), []string{">JSON, für Programme<", ">Warnungen<"}, ">Json<", ">Warn<")
	expect(t, look(t, german.Get("/admin/settings/security")), []string{"Automatisch"}, ">Auto<")
	const path = "/admin/settings/languages"
	body := look(t, german.Get(path))
	expect(t, body, []string{`<option value="de">Deutsch</option>`, `name="languages.offered" value="en" checked`, `name="languages.offered" value="de" checked`, ">English<"}, "<textarea", ">De<", ">En<")
	german.Header.Del("Accept-Language")

	offer := func(status int, tags ...string) string {
		t.Helper()
		form := url.Values{"present": {"languages.offered"}, "languages.offered": tags}
		return string(h.as("owner").Form(path, form).Want(status, "").Body)
	}
	offer(http.StatusSeeOther, "en", "de")
	if n := len(h.events("setting.changed")); n != 0 {
		t.Errorf("all languages are a change from all: %d events", n)
	}
	offer(http.StatusSeeOther, "de", "xx")
	if got := h.Core.Languages.Get().Offered; strings.Join(got, ",") != "de" {
		t.Fatalf("offered are %v", got)
	}
	expect(t, look(t, h.as("owner").Get(path)), []string{`name="languages.offered" value="de" checked`}, `name="languages.offered" value="en" checked`)
	if body := offer(http.StatusUnprocessableEntity); !strings.Contains(body, "Choose at least one.") || h.Core.Languages.Get().Offered[0] != "de" {
		t.Error("no language at all was taken")
	}
	h.as("owner").Form(path, url.Values{"languages.default": {"de"}}).Want(http.StatusSeeOther, "")
	// The button of one setting leaves the rest of its form alone, whatever it says.
	h.as("owner").Form(path, url.Values{"reset": {"languages.default"}, "present": {"languages.offered"}}).Want(http.StatusSeeOther, "")
	if got := h.Core.Languages.Get(); got.Default != "en" || len(got.Offered) != 1 {
		t.Errorf("after a reset: %+v", got)
	}
	h.as("owner").Form(path, url.Values{"languages.default": {"en"}}).Want(http.StatusSeeOther, "")
	if got := h.Core.Languages.Get().Offered; len(got) != 1 {
		t.Errorf("a form without the check boxes changed them: %v", got)
	}
	offer(http.StatusSeeOther, "de", "en")
	if got := h.Core.Languages.Get().Offered; len(got) != 0 {
		t.Errorf("all languages are stored as %v, so that a new one would not be offered", got)
	}
}

// TestProblemsInTheReadersLanguage: what is wrong with a setting is said in German,
// whatever checks it.
func TestProblemsInTheReadersLanguage(t *testing.T) {
	h := open(t, nil)
	b := h.as("owner")
	b.Header.Set("Accept-Language", "de")
	for _, tt := range []struct{ area, key, value, want string }{
		{"sessions", "session.expires_in", "soon", `Muss eine Anzahl Sekunden oder eine Zeitspanne wie "90s", "15m", "12h" oder "7d" sein, nicht "soon".`},
		{"sessions", "session.update_age", "30d", "Ist länger als session.expires_in; Nutzung würde eine Sitzung nie verlängern. Verkürzen Sie die Zeit."},
		{"passwords", "password.min", "0", "Muss mindestens 1 sein."},
		{"passwords", "password.min", "many", `Muss eine ganze Zahl sein, nicht "many".`},
		{"security", "trusted_origins", "https://*.com", "vertrauenswürdiger Ursprung \"https://*.com\": würde beliebigen Websites unter com vertrauen"},
		{"security", "rate_limit.rules", `[{ path = "/a", window = "1s", max = 1 }, { pth = "/b" }]`, "2.pth: ist hier unbekannt. Meinten Sie path?"},
		{"security", "rate_limit.rules", `[{`, `Muss TOML sein, etwa [{key = "value"}] (Zeile 1, Spalte 2).`},
		{"mail", "smtp", "http://h", "(das Schema muss smtp oder smtps sein)."},
		{"mail", "mail.from", "A\r\nBcc: x@example.test", "Muss eine Zeile ohne Steuerzeichen sein."},
		{"mail", "mail.links", "sideways", "Muss eines von confirm, direct sein."},
		{"appearance", "app.name", strings.Repeat("x", 65), "Darf höchstens 64 Zeichen haben."},
		{"appearance", "app.name", "A\r\nBcc: x", "Muss eine Zeile ohne Steuerzeichen sein."},
		{"appearance", "appearance.sign_in_title.de", strings.Repeat("x", 81), "Darf höchstens 80 Zeichen haben."},
		{"people", "admin.banned_user_message", "", "Darf nicht leer sein."},
	} {
		a := b.Form("/admin/settings/"+tt.area, url.Values{tt.key: {tt.value}}).Want(http.StatusUnprocessableEntity, "")
		if body := html.UnescapeString(look(t, a)); !strings.Contains(body, tt.want) {
			t.Errorf("%s = %q is not told %q: %s", tt.key, tt.value, tt.want, between(body, "field-error", "</p>"))
		}
	}
	if name := h.Core.App.Get().Name; name != "Gatehouse" {
		t.Errorf("the name is %q", name)
	}
}

// door is a plugin with another way to sign in.
type door struct{ fussy }

func (d door) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{SignInMethods: []plugins.SignInMethod{{ID: "door", Label: "Door", Purposes: []plugins.Purpose{plugins.ForSignIn}, Start: "/door"}}}, nil
}

// TestOnlyWayIn: signing in with a password stays on until there is another way.
func TestOnlyWayIn(t *testing.T) {
	off := url.Values{"present": {"sign_in.password"}}
	h := open(t, nil)
	a := h.as("owner").Form("/admin/settings/sign-in", off).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"Is the only way to sign in. Switch another one on first."})
	if !h.Core.SignIn.Get().Password {
		t.Fatal("nobody can sign in any more")
	}
	h = open(t, nil, door{newFussy()})
	h.as("owner").Form("/admin/settings/sign-in", off).Want(http.StatusSeeOther, "")
	if h.Core.SignIn.Get().Password {
		t.Error("passwords are on")
	}
}
