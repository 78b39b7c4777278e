package auth

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/ent"
)

// The cases are the table of better-auth core 3.5.
func TestFields(t *testing.T) {
	f := &Fields{}
	check := func(v any) error {
		if v != "good" {
			return errors.New("must be good")
		}
		return nil
	}
	err := f.Declare("p",
		Field{Entity: "user", Name: "free", Input: true, Returned: true},
		Field{Entity: "user", Name: "checked", Input: true, Returned: true, Check: check},
		Field{Entity: "user", Name: "needed", Input: true, Required: true, Returned: true},
		Field{Entity: "user", Name: "filled", Input: true, Required: true, Default: "d", Returned: true},
		Field{Entity: "user", Name: "closed", Returned: true},
		Field{Entity: "user", Name: "set", Default: "s"},
		Field{Entity: "user", Name: "column", Input: true, Column: true, Returned: true},
		Field{Entity: "session", Name: "free", Input: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Declare("q", Field{Entity: "user", Name: "free"}); err == nil {
		t.Error("a clash passes")
	}
	cases := []struct {
		name   string
		update bool
		given  map[string]any
		want   map[string]any
		code   string
		text   string
	}{
		{"unknown keys are ignored", false, map[string]any{"needed": 1.0, "other": 1}, map[string]any{"needed": 1.0, "filled": "d", "set": "s"}, "", ""},
		{"missing and required", false, map[string]any{}, nil, "MISSING_FIELD", "needed is required"},
		{"closed, truthy", false, map[string]any{"needed": 1, "closed": "x"}, nil, "FIELD_NOT_ALLOWED", "closed is not allowed to be set"},
		{"closed, falsy", false, map[string]any{"needed": "", "closed": ""}, map[string]any{"needed": "", "filled": "d", "set": "s"}, "", ""},
		{"closed with a default keeps it", false, map[string]any{"needed": 1, "set": "mine"}, map[string]any{"needed": 1, "filled": "d", "set": "s"}, "", ""},
		{"checked", false, map[string]any{"needed": 1, "checked": "bad"}, nil, "VALIDATION_ERROR", "must be good"},
		{"update leaves what is absent", true, map[string]any{"free": nil}, map[string]any{"free": nil}, "", ""},
		{"update of a closed one with a default", true, map[string]any{"set": "mine"}, nil, "FIELD_NOT_ALLOWED", "set is not allowed to be set"},
		{"update, falsy", true, map[string]any{"set": false}, map[string]any{}, "", ""},
	}
	for _, c := range cases {
		judge := f.Create
		if c.update {
			judge = f.Update
		}
		got, err := judge("user", c.given)
		var e *Error
		if errors.As(err, &e); c.code != "" && (e == nil || e.Code != c.code || e.Message.English() != c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.code == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	if d := cmp.Diff(map[string]any{"free": 1}, f.JSON("user", map[string]any{"free": 1, "column": 2, "other": 3})); d != "" {
		t.Error("JSON", d)
	}
	row := ent.WireObject{{Key: "name", Value: "A"}, {Key: "column", Value: nil}, {Key: "id", Value: "1"}}
	var keys []string
	for _, w := range f.Wire("user", row, map[string]any{"free": "x", "set": "hidden"}) {
		keys = append(keys, w.Key)
	}
	if d := cmp.Diff([]string{"name", "column", "free", "checked", "needed", "filled", "closed", "id"}, keys); d != "" {
		t.Error("Wire", d)
	}
}
