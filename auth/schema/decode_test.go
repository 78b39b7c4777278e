package schema

import (
	"errors"
	"strings"
	"testing"
)

func TestDecodeRefusesWhatIsNoJSON(t *testing.T) {
	for _, raw := range []string{
		"", " ", "{", "[1}", `{"a":1,}`, "01", "NaN", "'a'", `{"a" 1}`, "1 2", `{"a":1}}`, "\"\xff\"", "\"\x01\"", `"\x"`, "tru", "\ufeff",
	} {
		if v, err := Decode([]byte(raw)); !errors.Is(err, ErrInvalidJSON) {
			t.Errorf("Decode(%q) = %v, %v; want ErrInvalidJSON", raw, v.Kind(), err)
		}
	}
}

func TestDecodeReadsAsJavaScriptDoes(t *testing.T) {
	tests := []struct{ raw, want string }{
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{"__proto__":{"x":1},"constructor":2}`, `{"__proto__":{"x":1},"constructor":2}`},
		{"\ufeff [1, 1.0, -0, 1e3, 12345678901234567890, 1e21, 1e-7, 0.000001]", `[1,1,0,1000,12345678901234567000,1e+21,1e-7,0.000001]`},
		{`1e400`, `null`},
		{`"\ud800\u0041\/\u2028"`, "\"\ufffdA/\u2028\""},
		{`"\b\f\n\r\t\u0001\u007f\"\\<&>"`, `"\b\f\n\r\t\u0001` + "\x7f" + `\"\\<&>"`},
		{` null `, `null`},
		{`{"":[[],{},true,false,null]}`, `{"":[[],{},true,false,null]}`},
	}
	for _, tt := range tests {
		v, err := Decode([]byte(tt.raw))
		if err != nil {
			t.Errorf("Decode(%s): %v", tt.raw, err)
			continue
		}
		if got, _ := v.MarshalJSON(); string(got) != tt.want {
			t.Errorf("Decode(%s) writes %s, want %s", tt.raw, got, tt.want)
		}
	}
}

func TestDecodeIsBounded(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("0,", n), ",") + "]" }
	same := "{" + strings.TrimSuffix(strings.Repeat(`"a":0,`, 10_001), ",") + "}"
	lists := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(list(9_999)+",", n), ",") + "]"
	}
	tests := []struct {
		name, raw string
		ok        bool
	}{
		{"64 arrays", nested(64), true},
		{"65 arrays", nested(65), false},
		{"64 objects", objects(64), true},
		{"65 objects", objects(65), false},
		{"10,000 items", list(10_000), true},
		{"10,001 items", list(10_001), false},
		{"10,001 members of one name", same, false},
		{"40,001 values", lists(4), true},
		{"50,001 values", lists(5), false},
	}
	for _, tt := range tests {
		_, err := Decode([]byte(tt.raw))
		if tt.ok && err != nil || !tt.ok && !errors.Is(err, ErrTooComplex) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := Decode([]byte(nested(20_000))); err == nil {
		t.Error("20,000 arrays are read")
	}
}

func TestMarshalIsPlain(t *testing.T) {
	in := map[string]any{"html": "<a href=\"x\">&</a>", "line": "a\u2028b\u2029c", "escaped": `\u2028`, "n": 1.0}
	want := `{"escaped":"\\u2028","html":"<a href=\"x\">&</a>","line":"a` + "\u2028b\u2029c" + `","n":1}`
	got, err := Marshal(in)
	if err != nil || string(got) != want {
		t.Errorf("Marshal = %s, %v\nwant      %s", got, err, want)
	}
	var b strings.Builder
	if err := Write(&b, func() {}); err == nil || b.Len() > 0 {
		t.Errorf("Write of a function: %v, wrote %q", err, b.String())
	}
}

func TestHooksMayChangeABody(t *testing.T) {
	body, err := Decode([]byte(`{"a":1,"b":{"c":2},"d":3}`))
	if err != nil {
		t.Fatal(err)
	}
	body.Object().Set("a", Text("x"))
	body.Get("b").Object().Set("new", Null())
	body.Object().Delete("d")
	body.Object().Delete("absent")
	list, err := From([]any{1, "y", true, nil, map[string]any{"k": []string{"z"}}})
	if err != nil {
		t.Fatal(err)
	}
	body.Object().Set("list", list)
	got, _ := Marshal(body)
	if want := `{"a":"x","b":{"c":2,"new":null},"list":[1,"y",true,null,{"k":["z"]}]}`; string(got) != want {
		t.Errorf("body is %s, want %s", got, want)
	}
	var again Value
	if err := again.UnmarshalJSON(got); err != nil || !again.Equal(body) {
		t.Errorf("read again it differs: %v", err)
	}
	if again.Get("list").Equal(body.Get("b")) || again.Equal(Value{}) {
		t.Error("different values are equal")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"email":"a@b.co","x":[1,{"y":null}]}`, `[[[`, `{"a":1,"a":{}}`, "\"\\ud800\"", `1e999`, `{"__proto__":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := Decode(raw)
		if err != nil {
			if !errors.Is(err, ErrInvalidJSON) && !errors.Is(err, ErrTooComplex) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		text, _ := v.MarshalJSON()
		again, err := Decode(text)
		if err != nil {
			t.Fatalf("what Decode read is written as %q: %v", text, err)
		}
		if second, _ := again.MarshalJSON(); string(second) != string(text) {
			t.Fatalf("%q becomes %q", text, second)
		}
	})
}
