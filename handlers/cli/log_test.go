package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/settings"
)

func TestLogCarriesTheRequest(t *testing.T) {
	var out bytes.Buffer
	core := settings.NewCore()
	set, err := settings.Load(settings.Sources{Environ: []string{"GATEHOUSE_LOG_FORMAT=json"}}, core.Groups()...)
	if err != nil {
		t.Fatal(err)
	}
	log := newLog(&out, core, set).With("part", "test")
	ctx := auth.WithOrigin(t.Context(), auth.Origin{RequestID: "R1"})
	log.InfoContext(ctx, "hello", "secret", core.Top.Get().Secret)
	log.Info("without")
	log.Debug("not at this level")

	var lines []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 2 || lines[0]["request"] != "R1" || lines[0]["part"] != "test" || lines[1]["request"] != nil {
		t.Errorf("log %v", lines)
	}
}

func TestLogFollowsTheLevel(t *testing.T) {
	var out bytes.Buffer
	core := settings.NewCore()
	set, err := settings.Load(settings.Sources{}, core.Groups()...)
	if err != nil {
		t.Fatal(err)
	}
	log := newLog(&out, core, set)
	log.Debug("before")
	if err := set.Apply(map[string]json.RawMessage{"log.level": json.RawMessage(`"debug"`)}); err != nil {
		t.Fatal(err)
	}
	log.Debug("after")
	if text := out.String(); strings.Contains(text, "before") || !strings.Contains(text, "after") {
		t.Errorf("log %s", text)
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", "漢字 ü": "漢字 ü", "a\nb": "a\uFFFDb", "\x1b[31mred": "\uFFFD[31mred", "a\u202eb": "a\uFFFDb", "\u0085": "\uFFFD",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
