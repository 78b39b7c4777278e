package further

import (
	"reflect"
	"testing"
)

func TestValueOf(t *testing.T) {
	cases := []struct {
		kind, text string
		want       any
		ok         bool
	}{
		{"string", "red, green", "red, green", true},
		{"number", "41.5", 41.5, true},
		{"number", "big", 0.0, false},
		{"number", "NaN", nil, false},
		{"number", "1e999", nil, false},
		{"boolean", "on", true, true},
		{"boolean", "", false, true},
		{"date", "2030-02-28", "2030-02-28T00:00:00.000Z", true},
		{"date", "2030-02-30", nil, false},
		{"string[]", " a, b ,,c", []any{"a", "b", "c"}, true},
		{"number[]", "1, 2", []any{1.0, 2.0}, true},
		{"number[]", "1, x", nil, false},
		{"json", `{"a":1}`, map[string]any{"a": 1.0}, true},
		{"json", `{`, nil, false},
	}
	for _, c := range cases {
		got, ok := valueOf(c.kind, c.text)
		if ok != c.ok || ok && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q is %v (%v), want %v (%v)", c.kind, c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestTitle(t *testing.T) {
	for name, want := range map[string]string{"": "", "city": "City", "dateOfBirth": "Date of birth", "shoe_size": "Shoe size"} {
		if got := title(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestText: what is stored comes back as it was typed.
func TestText(t *testing.T) {
	cases := []struct{ kind, text string }{
		{"string", "red, green"}, {"number", "41.5"}, {"number", "-3"}, {"boolean", "true"}, {"date", "2030-02-28"},
		{"string[]", "a, b"}, {"number[]", "1, 2.5"}, {"json", "{\n  \"a\": [\n    1\n  ]\n}"},
	}
	for _, c := range cases {
		given := c.text
		if c.kind == "boolean" {
			given = "on"
		}
		v, ok := valueOf(c.kind, given)
		if got := text(c.kind, v); !ok || got != c.text {
			t.Errorf("%s %q comes back as %q", c.kind, c.text, got)
		}
	}
	if got := text("string", nil); got != "" {
		t.Errorf("nothing comes back as %q", got)
	}
}

func FuzzValueOf(f *testing.F) {
	f.Add("number", "41.5")
	f.Add("date", "2030-02-28")
	f.Add("json", `{"a":[1,2,{"b":null}]}`)
	f.Add("number[]", "1,,2")
	f.Fuzz(func(t *testing.T, kind, text string) {
		v, ok := valueOf(kind, text)
		if list, is := v.([]any); is && ok && len(list) > len(text)+1 {
			t.Errorf("%q became %d values", text, len(list))
		}
	})
}
