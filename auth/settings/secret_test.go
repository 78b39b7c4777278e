package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hush = "hunter2-hunter2"

func TestSecretIsNeverShown(t *testing.T) {
	s := NewSecret(hush)
	holder := struct {
		Public  Secret
		private Secret
		list    []Secret
	}{s, s, []Secret{s}}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, holder), fmt.Sprintf(verb, []Secret{s}))
	}
	raw, err := json.Marshal(map[string]any{"a": s, "b": &s, "c": holder})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "secret", s, "pointer", &s, "holder", holder)
	}
	shown = append(shown, string(raw), log.String())
	for _, text := range shown {
		if strings.Contains(text, hush) || strings.Contains(text, fmt.Sprintf("%x", hush)) {
			t.Errorf("shown in %q", text)
		}
	}
	if s.Reveal() != hush || s.Empty() || !s.Equal(hush) || s.Equal("other") {
		t.Error("the secret itself is lost")
	}
	if empty := NewSecret(""); !empty.Empty() || empty.String() != "" || empty.Reveal() != "" {
		t.Error("the empty secret shows something")
	}
}

func TestNothingShowsSecretsOfASet(t *testing.T) {
	section, set := load(t, Sources{
		Environ: []string{"GATEHOUSE_SHOP_KEY=" + hush, "GATEHOUSE_SHOP_STORE=postgres://me:" + hush + "@db.example/x?password=" + hush},
		File:    file(`shop.goods = {pear = {code = "` + hush + `", price = 3}}`),
	})
	values := section.Get()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "set", set, "section", section, "values", values, "fields", set.Fields())
	asJSON, _ := json.Marshal([]any{set, section, set.Fields(), values})
	shown := []string{log.String(), string(asJSON), set.Markdown(), set.Sample()}
	for _, v := range []any{set, section, values, &values, set.Fields(), *set.index.leaves["shop.key"]} {
		shown = append(shown, fmt.Sprintf("%v %+v %#v %s %d", v, v, v, v, v))
	}
	for i, text := range shown {
		if strings.Contains(text, hush) {
			t.Errorf("output %d shows a secret: %s", i, text)
		}
	}
	if values.Key.Reveal() != hush || values.Goods["pear"].Code.Reveal() != hush {
		t.Error("the values do not hold the secrets")
	}
	field, _ := set.Field("shop.store")
	if field.Value != "postgres://db.example/x" {
		t.Errorf("the address is shown as %q", field.Value)
	}
	field, _ = set.Field("shop.goods")
	mustContain(t, field.Value, "pear", "price = 3", masked)
}

func TestProblemsNeverQuoteSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(hush+"\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []Sources{
		{Environ: []string{"GATEHOUSE_SHOP_KEY=" + hush, "GATEHOUSE_SHOP_KEY_FILE=" + path}},
		{Environ: []string{"GATEHOUSE_SHOP_KEY_FILE=" + path}},
		{Environ: []string{"GATEHOUSE_SHOP_GOODS={a = {code = \"" + hush + "\" price}}"}},
		{Environ: []string{"GATEHOUSE_SHOP_GOODS={a = {code = [\"" + hush + "\"]}}"}},
		{Environ: []string{"GATEHOUSE_SHOP_GOODS={a = \"" + hush + "\"}"}},
		{File: file("[shop]\nkey = \"" + hush + "\" x\n")},
		{File: file("[shop]\nkey = " + hush + "\n")},
		{File: file("[shop]\nkey = [\"" + hush + "\"]\n")},
		{Stored: stored("shop.key", `["`+hush+`"]`)},
		{Stored: stored("shop.key", `"`+masked+`"`)},
	} {
		if text := refused(t, from); strings.Contains(text, hush) {
			t.Errorf("quoted: %s", text)
		}
	}
}

func TestShowAddress(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"postgres://u:p@h:5432/db?ssl=on":   "postgres://h:5432/db",
		"smtp://mail.example:25":            "smtp://mail.example:25",
		"sqlite:./a.db":                     "sqlite:./a.db",
		"sqlite:///var/a.db":                "sqlite:///var/a.db",
		"u:p@tcp(h)/db":                     masked,
		"host=h password=p":                 masked,
		"smtp://u:12/3@h":                   masked,
		"smtp://u:a@b/c@h":                  masked,
		"smtp://u:12?3@h":                   masked,
		"smtp://u:12#3@h":                   masked,
		"plain":                             masked,
		"mysql://u:p%40@h/db?multi=p%40ss#": "mysql://h/db",
	} {
		if got := showAddress(text); got != want {
			t.Errorf("showAddress(%q) = %q, want %q", text, got, want)
		}
	}
}
