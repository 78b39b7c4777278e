package color

import (
	"fmt"
	"math"
)

// Readable is the least contrast of text, Visible that of shapes (WCAG 2.2, 1.4.3 and
// 1.4.11).
const (
	Readable = 4.5
	Visible  = 3.0
)

// Scheme is what an accent looks like in one theme.
type Scheme struct {
	Accent     Color   // of buttons and check marks
	Hover      Color   // of a button under the pointer
	Foreground Color   // of what is written on both
	Ink        Color   // of links and other text
	Wash       float64 // opacity of the accent behind what is marked
	Moved      bool    // the accent is not quite the one that was chosen, for want of contrast
}

// surface is what a theme writes on: its card, and the farthest from it.
type surface struct {
	card, far Color
	wash      float64
	toInk     float64 // direction in which a colour gets more readable
}

// The surfaces of the style sheet (10-tokens.css): card, and canvas or muted.
var (
	lightSurface = surface{card: lch{1, 0, 0}.color(), far: lch{.967, .003, 4.6}.color(), wash: .1, toInk: -1}
	darkSurface  = surface{card: lch{.205, .008, 4.6}.color(), far: lch{.25, .009, 4.6}.color(), wash: .16, toInk: 1}
)

var white = Color{1, 1, 1}

// Accent makes the schemes of both themes from one colour: the colour itself where it can
// be seen and written on, else the nearest of its hue. Text in the accent, and text on
// it, have a contrast of 4.5 at least; the accent stands out from what it lies on by 3.
func Accent(c Color) (light, dark Scheme) {
	return lightSurface.scheme(c), darkSurface.scheme(c)
}

func (s surface) scheme(c Color) Scheme {
	out := Scheme{Wash: s.wash}
	out.Accent = s.move(c, func(c Color) bool {
		return s.above(c, Visible) && Contrast(c, foreground(c)) >= Readable && Contrast(hover(c), foreground(c)) >= Readable
	})
	out.Moved = out.Accent.Hex() != c.Hex()
	out.Foreground, out.Hover = foreground(out.Accent), hover(out.Accent)
	wash := out.Accent.Over(s.card, s.wash).exact()
	out.Ink = s.move(out.Accent, func(c Color) bool { return s.above(c, Readable) && Contrast(c, wash) >= Readable+.05 }) // the page rounds the wash
	return out
}

// above reports whether a colour stands out from all that lies below it.
func (s surface) above(c Color, least float64) bool {
	return Contrast(c, s.card) >= least && Contrast(c, s.far) >= least
}

// move changes the lightness of a colour until it is fit; black and white always are.
func (s surface) move(c Color, fit func(Color) bool) Color {
	if c = c.exact(); fit(c) {
		return c
	}
	at := c.lch()
	for step := 1; step <= 100; step++ {
		next := at
		next.l = at.l + s.toInk*float64(step)/100
		if next.l <= 0 || next.l >= 1 {
			break
		}
		if c := next.color().exact(); fit(c) {
			return c
		}
	}
	if s.toInk > 0 {
		return white
	}
	return Color{}
}

// foreground is what can be read on a colour, white or nearly black.
func foreground(c Color) Color {
	dark := lch{.15, .02, c.lch().h}.color().exact()
	if Contrast(c, white) >= Readable || Contrast(c, white) >= Contrast(c, dark) {
		return white
	}
	return dark
}

// hover moves a colour away from what is written on it.
func hover(c Color) Color {
	at := c.lch()
	if foreground(c) == white {
		at.l = math.Max(at.l-.06, 0)
	} else {
		at.l = math.Min(at.l+.05, 1)
	}
	return at.color().exact()
}

// Stylesheet sets the custom properties of the style sheet that follow from an accent.
func Stylesheet(c Color) string {
	light, dark := Accent(c)
	both := func(name string, of func(Scheme) string) string {
		return fmt.Sprintf("--%s:light-dark(%s,%s);", name, of(light), of(dark))
	}
	return ":root{" +
		both("primary", func(s Scheme) string { return s.Accent.Hex() }) +
		both("primary-hover", func(s Scheme) string { return s.Hover.Hex() }) +
		both("primary-foreground", func(s Scheme) string { return s.Foreground.Hex() }) +
		both("primary-soft", func(s Scheme) string { return fmt.Sprintf("%s%02x", s.Accent.Hex(), int(math.Round(s.Wash*255))) }) +
		both("primary-ink", func(s Scheme) string { return s.Ink.Hex() }) +
		both("focus", func(s Scheme) string { return s.Ink.Hex() }) +
		"}\n"
}
