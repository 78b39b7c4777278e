package settings

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestApply(t *testing.T) {
	section, set := load(t, Sources{Args: []string{"--shop.wide=7"}, Stored: stored("shop.name", `"one"`)})
	var heard [][]string
	stop := set.OnChange(func(keys []string) {
		if section.Get().Name != "two" {
			t.Error("watchers hear before the values are in force")
		}
		heard = append(heard, keys)
	})
	next := stored("shop.name", `"two"`, "shop.open", "true", "shop.wide", "8")
	if err := set.Apply(next); err != nil {
		t.Fatal(err)
	}
	if got := section.Get(); got.Name != "two" || !got.Open || got.Wide != 7 {
		t.Errorf("%+v", got)
	}
	if want := [][]string{{"shop.name", "shop.open"}}; !reflect.DeepEqual(heard, want) {
		t.Errorf("heard %v", heard)
	}
	if err := set.Apply(next); err != nil || len(heard) != 1 {
		t.Errorf("the same again: %v, heard %v", err, heard)
	}
	if !reflect.DeepEqual(set.Stored(), next) {
		t.Errorf("stored: %v", set.Stored())
	}
	stop()
	if err := set.Apply(nil); err != nil || section.Get().Name != "corner" || len(heard) != 1 {
		t.Errorf("back to defaults: %v, %+v, heard %v", err, section.Get(), heard)
	}
	if f, _ := set.Field("shop.name"); f.Source != FromDefault {
		t.Errorf("source %q", f.Source)
	}
}

func TestApplyRefusesAsAWhole(t *testing.T) {
	section, set := load(t, Sources{Stored: stored("shop.count", "3")})
	for part, values := range map[string]map[string]json.RawMessage{
		"shop.count (console): must be at most 9":                              stored("shop.open", "true", "shop.count", "12"),
		"shop.boot_port (console): is read at start only and cannot be stored": stored("shop.open", "true", "shop.boot_port", "81"),
		"shop.nested.low (console): is above high":                             stored("shop.open", "true", "shop.nested.low", "9"),
		"shop.name (console): must be a text":                                  stored("shop.open", "true", "shop.name", "1"),
		"shop.labels (console): is longer than 64KiB":                          stored("shop.open", "true", "shop.labels", `{"a":"`+strings.Repeat("x", maxText)+`"}`),
	} {
		for _, f := range []func(map[string]json.RawMessage) error{set.Check, set.Apply} {
			err := f(values)
			if err == nil {
				t.Errorf("%q was not found", part)
				continue
			}
			mustContain(t, err.Error(), part)
			key, _, _ := strings.Cut(part, " ")
			if len(err.(Problems).For(key)) != 1 {
				t.Errorf("problems of %s: %v", key, err)
			}
		}
	}
	if got := section.Get(); got.Open || got.Count != 3 {
		t.Errorf("something changed: %+v", got)
	}
	if err := set.Check(stored("shop.count", "4")); err != nil || section.Get().Count != 3 {
		t.Errorf("Check: %v, count %d", err, section.Get().Count)
	}
}

func TestFirstApplyForgivesLeftovers(t *testing.T) {
	_, set := load(t, Sources{})
	if err := set.Apply(stored("shop.boot_port", "81")); err != nil || len(set.Warnings()) != 1 {
		t.Fatalf("%v, %v", err, set.Warnings())
	}
	if err := set.Apply(stored("shop.boot_port", "81", "shop.open", "true")); err != nil {
		t.Errorf("a leftover hinders: %v", err)
	}
}

func TestPreview(t *testing.T) {
	section, set := load(t, Sources{Environ: []string{"GATEHOUSE_SHOP_WIDE=7"}, Stored: stored("shop.nested.high", "3")})
	for _, tt := range []struct{ key, text, json, problem string }{
		{"shop.open", "true", "true", ""},
		{"shop.count", " 4 ", "4", ""},
		{"shop.ratio", "0.75", "0.75", ""},
		{"shop.wait", "2h", "7200", ""},
		{"shop.wait", "1500ms", "1.5", ""},
		{"shop.room", "64KiB", `"64KiB"`, ""},
		{"shop.mode", "auto", `"auto"`, ""},
		{"shop.hosts", "a\nb, c", `["a","b","c"]`, ""},
		{"shop.hosts", "", `[]`, ""},
		{"shop.labels", `{b = "2", a = "1"}`, `{"a":"1","b":"2"}`, ""},
		{"shop.rules", `[{path = "/a", for = "1m"}]`, `[{"for":"1m","path":"/a"}]`, ""},
		{"shop.rules", "", `[]`, ""},
		{"shop.key", "geheim", `"geheim"`, ""},
		{"shop.nested.low", "2", "2", ""},
		{"shop.nested.low", "4", "", "is above high"},
		{"shop.count", "many", "", "whole number"},
		{"shop.count", "10", "", "at most 9"},
		{"shop.key", masked, "", "shown in place of a secret"},
		{"shop.wide", "8", "", "shop.wide (environment GATEHOUSE_SHOP_WIDE): is set there"},
		{"shop.boot_port", "81", "", "read at start only"},
		{"shop.nam", "x", "", "did you mean shop.name?"},
	} {
		raw, err := set.Preview(tt.key, tt.text)
		switch {
		case tt.problem == "" && (err != nil || string(raw) != tt.json):
			t.Errorf("Preview(%s, %q) = %s, %v; want %s", tt.key, tt.text, raw, err, tt.json)
		case tt.problem != "" && (err == nil || raw != nil):
			t.Errorf("Preview(%s, %q) = %s, want a problem", tt.key, tt.text, raw)
		case tt.problem != "":
			mustContain(t, err.Error(), tt.problem)
		}
	}
	if section.Get().Open {
		t.Error("Preview changed something")
	}
}

func TestProposeChecksTogether(t *testing.T) {
	section, set := load(t, Sources{})
	if _, err := set.Preview("shop.nested.low", "7"); err == nil {
		t.Fatal("7 is above high and was accepted")
	}
	values, err := set.Propose(map[string]string{"shop.nested.low": "7", "shop.nested.high": "8"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Apply(values); err != nil || section.Get().Nested != (nested{7, 8}) {
		t.Errorf("%v, %+v", err, section.Get().Nested)
	}
	_, err = set.Propose(map[string]string{"shop.count": "x", "shop.wait": "y"}, nil)
	if problems, _ := err.(Problems); len(problems) != 2 {
		t.Errorf("%v", err)
	}
}

// What a form shows can be sent back unchanged.
func TestShownValuesCanBeReadBack(t *testing.T) {
	section, set := load(t, Sources{})
	rich := stored("shop.open", "true", "shop.ratio", "0.125", "shop.wait", "5400", "shop.room", "1536", "shop.mode", "false", "shop.hosts", `["x","y"]`,
		"shop.labels", `{"a b":"q\"uo\\te","":"e"}`, "shop.rules", `[{"path":"/a"},{"path":"/b","for":90}]`,
		"shop.goods", `{"pear":{"price":3,"sold":false,"extra":2.5},"fig":{"extra":"x"},"nut":{"extra":2.0},"oak":{"extra":1e300}}`)
	if err := set.Apply(rich); err != nil {
		t.Fatal(err)
	}
	before := section.Get()
	again := map[string]json.RawMessage{}
	for _, f := range set.Fields() {
		if f.Source == FromDefault {
			continue
		}
		raw, err := set.Preview(f.Key, f.Value)
		if err != nil {
			t.Fatalf("%s shown as %q: %v", f.Key, f.Value, err)
		}
		again[f.Key] = raw
	}
	if len(again) != len(rich) {
		t.Errorf("%d of %d values", len(again), len(rich))
	}
	if err := set.Apply(again); err != nil || !reflect.DeepEqual(section.Get(), before) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, section.Get(), before)
	}
}

func TestOverrides(t *testing.T) {
	section, set := load(t, Sources{Args: []string{"--shop.count=5"}})
	raw, err := set.PreviewOverride("shop.count", "3")
	if err != nil {
		t.Fatal(err)
	}
	got, err := section.With(map[string]json.RawMessage{"shop.count": raw})
	if err != nil || got.Count != 3 || section.Get().Count != 5 || got.Name != "corner" {
		t.Errorf("%v, %+v", err, got)
	}
	for _, key := range []string{"shop.name", "shop.boot_port", "shop.absent"} {
		if _, err := set.PreviewOverride(key, "1"); err == nil {
			t.Errorf("an organization may set %s", key)
		}
		if got, err := section.With(stored(key, `"1"`)); err == nil || got.Name != "corner" {
			t.Errorf("an organization may set %s", key)
		}
	}
	for _, bad := range []map[string]json.RawMessage{stored("shop.count", "99"), stored("shop.count", "x"), stored("shop.nested.low", "6")} {
		if got, err := section.With(bad); err == nil || got.Count != 5 || got.Nested.Low != 1 {
			t.Errorf("%v: %v, %+v", bad, err, got)
		}
	}
	if _, err := set.PreviewOverride("shop.count", "99"); err == nil {
		t.Error("99 was accepted")
	}
}

func TestReadersSeeWholeSnapshots(t *testing.T) {
	section, set := load(t, Sources{})
	var wait sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if v := section.Get(); v.Nested.Low > v.Nested.High {
					t.Error("a mixed snapshot")
					return
				}
				set.Fields()
			}
		})
	}
	for i := range 200 {
		low, high := "1", "2"
		if i%2 == 0 {
			low, high = "8", "9"
		}
		if err := set.Apply(stored("shop.nested.low", low, "shop.nested.high", high)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wait.Wait()
}

func TestTablesDoNotShareWithDefaults(t *testing.T) {
	type section struct {
		List  []string          `setting:"list" help:"L" level:"console"`
		Table map[string]string `setting:"table" help:"T" level:"console"`
	}
	defaults := section{List: []string{"a", "b"}, Table: map[string]string{"a": "1"}}
	s := Define("x", defaults)
	if _, err := Load(Sources{Stored: stored("x.list", `["c"]`, "x.table", `{"b":"2"}`)}, s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(defaults.List, []string{"a", "b"}) || len(defaults.Table) != 1 || len(s.Get().Table) != 1 || s.Get().Table["b"] != "2" {
		t.Errorf("%+v, %+v", defaults, s.Get())
	}
}

func TestProblems(t *testing.T) {
	p := Problem{Key: "a", Place: "console", Text: "is bad", Fix: "mend it"}
	if got := p.Error(); got != "a (console): is bad; mend it" {
		t.Errorf("%q", got)
	}
	if got := (Problem{Place: "file x", Text: "is bad"}).Error(); got != "file x: is bad" {
		t.Errorf("%q", got)
	}
	if got := (Problem{Text: "is bad"}).Error(); got != "is bad" {
		t.Errorf("%q", got)
	}
	if p.LogValue().String() == "" || (Problems{}).orNil() != nil {
		t.Error("no log value, or an error from nothing")
	}
}
