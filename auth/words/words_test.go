package words

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"
)

func catalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := NewCatalogue(fstest.MapFS{"de/a.toml": {Data: []byte(`
"Save" = "Sichern"
"Delete %s?" = "%s löschen?"
"%s gives %s" = "%[2]s kommt von %[1]s"
"role" = "Rolle"
"2 Jan 2006, 15:04 MST" = "2. Jan 2006, 15:04 MST"
"Mar" = "März"
["%d people"]
one = "ein Mensch"
other = "%d Menschen"
`)}}, nil, fstest.MapFS{"pl.toml": {Data: []byte(`["%d people"]
one = "%d osoba"
few = "%d osoby"
many = "%d osób"
other = "%d osoby"
`)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSay(t *testing.T) {
	c := catalogue(t)
	at := time.Date(2026, time.March, 7, 15, 4, 0, 0, time.UTC)
	for _, tt := range []struct {
		text         Text
		en, de, mark string
	}{
		{"Save", "Save", "Sichern", "⟦Save⟧"},
		{"Unknown 100%", "Unknown 100%", "Unknown 100%", "⟦Unknown 100%⟧"},
		{Raw("Save"), "Save", "Save", "Save"},
		{Raw("100% \x00"), "100% \x00", "100% \x00", "100% \x00"},
		{Raw(""), "", "", ""},
		{F("Delete %s?", "Save %d"), "Delete Save %d?", "Save %d löschen?", "⟦Delete Save %d?⟧"},
		{F("%s gives %s", Text("role"), "x"), "role gives x", "x kommt von Rolle", "⟦⟦role⟧ gives x⟧"},
		{N(1, "%d person", "%d people"), "1 person", "ein Mensch", "⟦1 person⟧"},
		{N(12480, "%d person", "%d people"), "12,480 people", "12.480 Menschen", "⟦12,480 people⟧"},
		{N(2, "one step, %[2]d done", "%d steps, %d done", 1), "2 steps, 1 done", "2 steps, 1 done", "⟦2 steps, 1 done⟧"},
		{N(1, "%[2]d of %[1]d step done", "%[2]d of %[1]d steps done", 0), "0 of 1 step done", "0 of 1 step done", "⟦0 of 1 step done⟧"},
		{Number(-1234567), "-1,234,567", "-1.234.567", "-1,234,567"},
		{F("%.1f", 1.5), "1.5", "1,5", "⟦1.5⟧"},
		{Minute(at), "7 Mar 2026, 15:04 UTC", "7. März 2026, 15:04 UTC", "⟦7 Mar 2026, 15:04 UTC⟧"},
		{Join(" · ", "Save", "", Raw("100%")), "Save · 100%", "Sichern · 100%", "⟦Save⟧ · 100%"},
		{Join(" "), "", "", ""},
	} {
		for tag, want := range map[string]string{"en": tt.en, "de": tt.de, Pseudo: tt.mark} {
			sp, ok := c.WithPseudo().Speaker(tag)
			if !ok {
				t.Fatalf("no %s", tag)
			}
			if got := tt.text.In(With(context.Background(), sp)); got != want {
				t.Errorf("%s in %s: %q, want %q", tt.en, tag, got, want)
			}
		}
	}
	pl, _ := c.Speaker("pl")
	for n, want := range map[int]string{1: "1 osoba", 3: "3 osoby", 5: "5 osób"} {
		if got := pl.Say(N(n, "%d person", "%d people")); got != want {
			t.Errorf("Polish: %q, want %q", got, want)
		}
	}
	if got := fmt.Sprint(F("Delete %s?", "x")); got != "Delete x?" {
		t.Errorf("printed %q", got)
	}
}

func TestMatch(t *testing.T) {
	c := catalogue(t)
	for _, tt := range []struct {
		accept string
		only   []string
		want   string
	}{
		{"de-AT,de;q=0.9,en;q=0.8", nil, "de"}, {"fr,en;q=0.5", nil, "en"}, {"ja", nil, ""}, {"", nil, ""}, {";;q=x", nil, ""},
		{"de", []string{"en", "pl"}, ""}, {"pl;q=0.1,de", []string{"en", "pl"}, "pl"}, {"de", []string{"xx"}, ""},
	} {
		got := ""
		if s, ok := c.Match(tt.accept, tt.only); ok {
			got = s.Language()
		}
		if got != tt.want {
			t.Errorf("%q of %v: %q, want %q", tt.accept, tt.only, got, tt.want)
		}
	}
	if pseudo, _ := c.WithPseudo().Speaker(Pseudo); pseudo.Direction() != "rtl" || English().Direction() != "ltr" {
		t.Error("directions")
	}
}

func TestBadCatalogues(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"not TOML":         {"de.toml": {Data: []byte("=")}},
		"no language":      {"words!.toml": {Data: []byte("")}},
		"empty text":       {"de.toml": {Data: []byte(`a = ""`)}},
		"a number":         {"de.toml": {Data: []byte(`a = 1`)}},
		"unknown form":     {"de.toml": {Data: []byte("[a]\nlots = \"x\"\nother = \"y\"")}},
		"no form other":    {"de.toml": {Data: []byte("[a]\none = \"x\"")}},
		"two translations": {"de/a.toml": {Data: []byte(`a = "x"`)}, "de/b.toml": {Data: []byte(`a = "y"`)}},
	} {
		if _, err := NewCatalogue(files); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzSay(f *testing.F) {
	f.Add("Delete %s?", "x", 3)
	f.Add("\x01b{}", "\x01r", -1)
	f.Fuzz(func(t *testing.T, key, value string, n int) {
		for _, text := range []Text{Text(key), Raw(key), F(Text(key), value, n), N(n, Text(key), Text(value), key)} {
			_ = text.English()
		}
	})
}
