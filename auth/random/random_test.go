package random

import (
	"math"
	"strings"
	"testing"
)

func TestStringUsesOnlyItsAlphabet(t *testing.T) {
	for name, a := range map[string]Alphabet{
		"alnum": Alnum, "lower": LowerDigits, "url64": URL64, "digits": Digits, "two": "01",
	} {
		for _, n := range []int{-1, 0, 1, 24, 32, 128, 1000} {
			s := String(n, a)
			if len(s) != max(n, 0) {
				t.Errorf("%s: asked for %d characters, got %d", name, n, len(s))
			}
			if rest := strings.Trim(s, string(a)); rest != "" {
				t.Errorf("%s: foreign characters %q", name, rest)
			}
		}
	}
}

func TestAlphabetsAreSets(t *testing.T) {
	want := map[Alphabet]int{Alnum: 62, LowerDigits: 36, URL64: 64, Digits: 10}
	for a, size := range want {
		seen := map[rune]bool{}
		for _, r := range a {
			seen[r] = true
		}
		if len(seen) != size || len(a) != size {
			t.Errorf("%q: %d distinct of %d, want %d", a, len(seen), len(a), size)
		}
	}
}

// A chi-square test over 1,000,000 draws: modulo bias over 62 letters would
// give a value in the thousands, an even draw stays near 61.
func TestStringIsUnbiased(t *testing.T) {
	const draws = 1_000_000
	for _, a := range []Alphabet{Alnum, LowerDigits, Digits} {
		counts := map[byte]int{}
		s := String(draws, a)
		for i := range len(s) {
			counts[s[i]]++
		}
		want := float64(draws) / float64(len(a))
		chi := 0.0
		for i := range len(a) {
			chi += math.Pow(float64(counts[a[i]])-want, 2) / want
		}
		free := float64(len(a) - 1)
		if limit := free + 8*math.Sqrt(2*free); chi > limit {
			t.Errorf("%q: chi-square %.1f over %.1f", a, chi, limit)
		}
	}
}

func TestIDsDoNotRepeat(t *testing.T) {
	seen := map[string]bool{}
	for range 100_000 {
		id := ID()
		if len(id) != 32 || seen[id] {
			t.Fatalf("bad or repeated id %q", id)
		}
		seen[id] = true
	}
}

func TestStringRefusesImpossibleAlphabets(t *testing.T) {
	for _, a := range []Alphabet{"", "x", Alphabet(strings.Repeat("ab", 129))} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("alphabet of %d characters accepted", len(a))
				}
			}()
			String(1, a)
		}()
	}
}
