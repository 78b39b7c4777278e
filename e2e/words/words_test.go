package main

import (
	"regexp"
	"slices"
	"testing"

	"gatehouse/auth/words"
)

// TestGermanIsComplete: every text of the program has its translation, with the same
// places for values, and no translation is left over.
func TestGermanIsComplete(t *testing.T) {
	keys, wrong, err := everything(features())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
	if len(keys) < 500 {
		t.Fatalf("only %d texts were found", len(keys))
	}
	c, err := words.NewCatalogue(sources(features())...)
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for text, k := range keys {
		if !c.Has("de", text) {
			if missing++; missing <= 20 {
				t.Errorf("%s (%s): no German for %q", k.pkg, k.place, text.English())
			}
		}
	}
	if missing > 20 {
		t.Errorf("and %d more; go run ./e2e/words lists them", missing-20)
	}
	german, _ := c.Speaker("de")
	for _, text := range c.Keys("de") {
		k, used := keys[text]
		if !used {
			t.Errorf("nobody says %q any more", text)
			continue
		}
		for _, said := range german.Forms(text) {
			if want, got := verbs(string(text)), verbs(said); !k.plural && !slices.Equal(want, got) || k.plural && len(got) > len(want) {
				t.Errorf("%q has the values %v, its German %q %v", text, want, said, got)
			}
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[\d\])?(?:\.\d)?([sdf])`)

// verbs are the kinds of the values in a text, in no order.
func verbs(text string) []string {
	var list []string
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return list
}
