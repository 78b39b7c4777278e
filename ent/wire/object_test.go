package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestObjectMarshalJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 4, 4, 5, 678_900_000, time.FixedZone("", 3600))
	text := "x"
	tests := []struct {
		name string
		in   Object
		want string
	}{
		{"nil", nil, `null`},
		{"empty", Object{}, `{}`},
		{"order", Object{{Key: "b", Value: 1}, {Key: "a", Value: true}}, `{"b":1,"a":true}`},
		{"time", Object{{Key: "t", Value: at}}, `{"t":"2026-01-02T03:04:05.678Z"}`},
		{"pointers", Object{{Key: "t", Value: &at}, {Key: "s", Value: &text}},
			`{"t":"2026-01-02T03:04:05.678Z","s":"x"}`},
		{"null pointers", Object{{Key: "t", Value: (*time.Time)(nil)}, {Key: "s", Value: (*string)(nil)}, {Key: "n"}},
			`{"t":null,"s":null,"n":null}`},
		{"no HTML escapes", Object{{Key: "s", Value: "<a&b>\u2028"}}, "{\"s\":\"<a&b>\u2028\"}"},
		{"nested", Object{{Key: "o", Value: Object{{Key: "k", Value: map[string]any{"x": "<"}}}}},
			`{"o":{"k":{"x":"<"}}}`},
		{"list", Object{{Key: "l", Value: []Object{{{Key: "a", Value: 1}}, {}}}}, `{"l":[{"a":1},{}]}`},
		{"controls", Object{{Key: "s", Value: "\b\t\n\f\r\x1f\"\\\x7f"}},
			`{"s":"\b\t\n\f\r\u001f\"\\` + "\x7f" + `"}`},
		{"not UTF-8", Object{{Key: "s", Value: "a\xffb"}}, "{\"s\":\"a\ufffdb\"}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.in.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestObjectMarshalJSONRefusesWhatJSONCannotHold(t *testing.T) {
	_, err := Object{{Key: "c", Value: make(chan int)}}.MarshalJSON()
	if err == nil || !strings.Contains(err.Error(), `"c"`) {
		t.Fatalf("got %v, want an error that names the member", err)
	}
}

func TestObjectEdits(t *testing.T) {
	base := func() Object {
		return Object{{Key: "name", Value: "A"}, {Key: "token", Value: ""}, {Key: "id", Value: "1"}}
	}
	tests := []struct {
		name string
		got  Object
		want string
	}{
		{"set in place", base().Set("token", "t"), `{"name":"A","token":"t","id":"1"}`},
		{"set new before id", base().Set("plan", 2), `{"name":"A","token":"","plan":2,"id":"1"}`},
		{"set on empty", Object{}.Set("plan", 2), `{"plan":2}`},
		{"add after id", base().Add("scopes", []string{}), `{"name":"A","token":"","id":"1","scopes":[]}`},
		{"without", base().Without("token", "none"), `{"name":"A","id":"1"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.got)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if v, ok := base().Get("name"); !ok || v != "A" {
		t.Errorf("Get(name) = %v, %v", v, ok)
	}
	if _, ok := base().Get("none"); ok {
		t.Error("Get of an absent key says it is there")
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\x1f\"\\", "\u2028<>&", "\xff\xc0", "😀é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if utf8.ValidString(s) && back != s {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestObjectFirst(t *testing.T) {
	o := Object{{Key: "a", Value: 1}, {Key: "b", Value: 2}, {Key: "c", Value: 3}, {Key: "id", Value: "x"}}
	got, err := o.First("id", "none", "b").MarshalJSON()
	if want := `{"id":"x","b":2,"a":1,"c":3}`; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if o[0].Key != "a" {
		t.Error("the object itself changed")
	}
}
