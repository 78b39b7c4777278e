package settings

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// shop is a section with every kind of setting.
type shop struct {
	_ struct{} `title:"Shop" help:"A section for tests."`

	Name   string            `setting:"name" help:"Name" level:"console" check:"required;max=10"`
	Open   bool              `setting:"open" help:"Open" level:"console"`
	Count  int               `setting:"count" help:"Count" level:"organization" check:"min=1;max=9"`
	Wide   int64             `setting:"wide" help:"Wide" level:"console"`
	Ratio  float64           `setting:"ratio" help:"Ratio" level:"console" check:"max=1"`
	Wait   time.Duration     `setting:"wait" help:"Wait" level:"console" check:"max=1d"`
	Room   Size              `setting:"room" help:"Room" level:"console"`
	Mode   Toggle            `setting:"mode" help:"Mode" level:"console"`
	Hosts  []string          `setting:"hosts" help:"Hosts" level:"console" check:"max=3"`
	Labels map[string]string `setting:"labels" help:"Labels" level:"console"`
	Goods  map[string]good   `setting:"goods" help:"Goods" level:"console"`
	Rules  []shelf           `setting:"rules" help:"Rules" level:"console"`
	Key    Secret            `setting:"key" help:"Key" secret:"true" level:"console"`
	Store  Secret            `setting:"store" help:"Store" secret:"url"`
	Port   int               `setting:"boot_port" help:"Port"`
	Nested nested            `setting:"nested" level:"console"`
}

type nested struct {
	Low  int `setting:"low" help:"Low" level:"organization"`
	High int `setting:"high" help:"High"`
}

func (n *nested) Check() error {
	if n.Low > n.High {
		return errors.Join(Invalid("low", "is above high", "lower it"), errors.New("order"))
	}
	return nil
}

type good struct {
	Price int    `setting:"price" help:"Price"`
	Sold  bool   `setting:"sold" help:"Sold"`
	Code  Secret `setting:"code" help:"Code"`
	Extra any    `setting:"extra" help:"Extra"`
}

func (g *good) SetDefaults() { g.Sold = true }

func (g *good) Check() error {
	if g.Price < 0 {
		return Invalid("price", "is negative", "")
	}
	return nil
}

type shelf struct {
	Path string        `setting:"path" help:"Path"`
	For  time.Duration `setting:"for" help:"For"`
}

func newShop() *Section[shop] {
	return Define("shop", shop{Name: "corner", Count: 2, Wait: time.Minute, Room: KiB, Hosts: []string{"a"},
		Port: 80, Nested: nested{Low: 1, High: 5}, Ratio: 0.5})
}

// load loads a shop alone and fails the test on problems.
func load(t *testing.T, from Sources) (*Section[shop], *Set) {
	t.Helper()
	s := newShop()
	set, err := Load(from, s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s, set
}

// refused loads a shop alone and returns the text of the problems.
func refused(t *testing.T, from Sources) string {
	t.Helper()
	s := newShop()
	_, err := Load(from, s)
	if err == nil {
		t.Fatal("Load found no problem")
	}
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("the error is %T", err)
	}
	if s.Get().Name != "corner" {
		t.Error("values changed although Load failed")
	}
	return err.Error()
}

func file(text string) File { return File{Path: "gatehouse.toml", Data: []byte(text)} }

func stored(pairs ...string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return m
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}
