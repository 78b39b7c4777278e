package auth_test

import (
	"reflect"
	"testing"

	"gatehouse/auth"
)

func TestFieldText(t *testing.T) {
	for _, tt := range []struct {
		kind, text string
		want       any
		again      string // as it is written; the text when empty
	}{
		{"string", " Ada ", "Ada", "Ada"}, {"number", "1.5", 1.5, ""}, {"number", "-3", -3.0, ""}, {"boolean", "on", true, ""}, {"boolean", "", false, ""},
		{"date", "2030-02-28", "2030-02-28T00:00:00.000Z", ""}, {"json", `{"a":[1]}`, map[string]any{"a": []any{1.0}}, "{\n  \"a\": [\n    1\n  ]\n}"}, {"json", `"x"`, "x", ""},
		{"string[]", "a, b,,c", []any{"a", "b", "c"}, "a, b, c"}, {"number[]", "1, 2.5", []any{1.0, 2.5}, ""}, {"string[]", "", []any{}, ""},
	} {
		f := auth.Field{Type: tt.kind}
		v, ok := f.Read(tt.text)
		if !ok || !reflect.DeepEqual(v, tt.want) {
			t.Errorf("%s %q: %#v %v", tt.kind, tt.text, v, ok)
		}
		if tt.again == "" {
			tt.again = tt.text
		}
		if got := f.Write(v); got != tt.again {
			t.Errorf("%s %q is written %q", tt.kind, tt.text, got)
		}
	}
	for kind, texts := range map[string][]string{"number": {"", "x", "NaN", "Inf", "1e999"}, "date": {"", "2030-02-30", "yesterday"}, "json": {"", "{"}, "number[]": {"1,x"}} {
		for _, text := range texts {
			if v, ok := (auth.Field{Type: kind}).Read(text); ok {
				t.Errorf("%s %q is %v", kind, text, v)
			}
		}
	}
	if got := (auth.Field{Type: "number"}).Write("not one"); got != "not one" {
		t.Errorf("a stray value is written %q", got)
	}
	if got := (auth.Field{Name: "dateOfBirth_x"}).Title(); got != "Date of birth x" {
		t.Errorf("title %q", got)
	}
}

func FuzzFieldText(f *testing.F) {
	f.Add("number", "41.5")
	f.Add("date", "2030-02-28")
	f.Add("json", `{"a":[1,2,{"b":null}]}`)
	f.Add("number[]", "1,,2")
	f.Fuzz(func(t *testing.T, kind, text string) {
		field := auth.Field{Type: kind}
		v, ok := field.Read(text)
		if list, is := v.([]any); is && ok && len(list) > len(text)+1 {
			t.Errorf("%q became %d values", text, len(list))
		}
		if again, good := field.Read(field.Write(v)); ok && v != nil && (!good || !reflect.DeepEqual(again, v)) {
			t.Errorf("%s %q is %#v, read again %#v", kind, text, v, again)
		}
	})
}
