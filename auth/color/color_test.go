package color

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, err := Parse("#2563Eb")
	if err != nil || c.Hex() != "#2563eb" {
		t.Errorf("%v %v", c, err)
	}
	for _, text := range []string{"", "#fff", "2563eb", "#2563eg", "#2563eb;", "#+563eb", "#2563eb0"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q is a colour", text)
		}
	}
}

// TestContrast uses values that are known from elsewhere.
func TestContrast(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#ff0000", "#ffffff", 4.00}, {"#0000ff", "#ffffff", 8.59}} {
		a, _ := Parse(tt.a)
		b, _ := Parse(tt.b)
		if got := Contrast(a, b); math.Abs(got-tt.want) > .01 || Contrast(b, a) != got {
			t.Errorf("%s on %s: %.3f, want %.2f", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestOKLCH uses the sample of CSS Color 4 and the way back.
func TestOKLCH(t *testing.T) {
	c, _ := Parse("#663399") // rebeccapurple: oklch(44.03% 0.1603 303.37)
	p := c.lch()
	if math.Abs(p.l-.4403) > .001 || math.Abs(p.c-.1603) > .001 || math.Abs(p.h*180/math.Pi+360-303.37) > .1 {
		t.Errorf("%+v", p)
	}
	if p.color().Hex() != "#663399" {
		t.Errorf("back is %s", p.color().Hex())
	}
	if got := (lch{.7, .9, 2}).color(); got.R < 0 || got.R > 1 || math.Abs(got.lch().l-.7) > .02 {
		t.Errorf("outside of the screen: %+v", got)
	}
}

// TestAccent: whatever is chosen, everything written in it or on it can be read in both
// themes.
func TestAccent(t *testing.T) {
	worst := 21.0
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				c, err := Parse(fmt.Sprintf("#%02x%02x%02x", r, g, b))
				if err != nil {
					t.Fatal(err)
				}
				light, dark := Accent(c)
				for theme, pair := range map[string]struct {
					Scheme
					surface
				}{"light": {light, lightSurface}, "dark": {dark, darkSurface}} {
					texts := []float64{Contrast(pair.Foreground, pair.Accent), Contrast(pair.Foreground, pair.Hover), Contrast(pair.Ink, pair.card),
						Contrast(pair.Ink, pair.far), Contrast(pair.Ink, pair.Accent.Over(pair.card, pair.Wash))}
					for i, n := range texts {
						worst = min(worst, n)
						if n < Readable-.01 {
							t.Fatalf("%s in the %s theme: text %d has the contrast %.2f", c.Hex(), theme, i, n)
						}
					}
					if n := min(Contrast(pair.Accent, pair.card), Contrast(pair.Accent, pair.far)); n < Visible {
						t.Fatalf("%s in the %s theme: the accent stands out by %.2f", c.Hex(), theme, n)
					}
				}
			}
		}
	}
	if worst > 5 {
		t.Errorf("the worst is %.2f: the colours are moved more than they need", worst)
	}
}

// TestAccentStays keeps a colour that is fit as it is.
func TestAccentStays(t *testing.T) {
	c, _ := Parse("#2563eb")
	light, _ := Accent(c)
	if light.Moved || light.Accent.Hex() != "#2563eb" || light.Foreground != white {
		t.Errorf("%+v", light)
	}
	pale, _ := Parse("#ffff66")
	if light, _ := Accent(pale); !light.Moved || light.Ink == pale {
		t.Errorf("%+v", light)
	}
}

func TestStylesheet(t *testing.T) {
	c, _ := Parse("#0f766e")
	css := Stylesheet(c)
	for _, part := range []string{":root{--primary:light-dark(#0f766e,", "--primary-soft:light-dark(#0f766e1a,", "--focus:"} {
		if !strings.Contains(css, part) {
			t.Errorf("%q is missing in %s", part, css)
		}
	}
}
