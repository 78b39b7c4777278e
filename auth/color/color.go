// Package color makes the colours of an installation from one that its operator chose,
// so that what is written in them or on them stays readable (WCAG 2.2, 1.4.3).
package color

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Color is an opaque sRGB colour, each part from 0 to 1.
type Color struct{ R, G, B float64 }

// ErrFormat says how a colour is written.
var ErrFormat = errors.New("a colour is written as #rrggbb")

// Parse reads "#rrggbb".
func Parse(text string) (Color, error) {
	if len(text) != 7 || text[0] != '#' {
		return Color{}, ErrFormat
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return Color{}, ErrFormat
	}
	part := func(shift uint) float64 { return float64(n>>shift&0xff) / 255 }
	return Color{part(16), part(8), part(0)}, nil
}

// Hex writes the colour as "#rrggbb".
func (c Color) Hex() string {
	byteOf := func(v float64) int { return int(math.Round(clamp(v) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", byteOf(c.R), byteOf(c.G), byteOf(c.B))
}

// exact is the colour as eight bits a part can write it.
func (c Color) exact() Color {
	same, _ := Parse(c.Hex()) // of its own form
	return same
}

func clamp(v float64) float64 { return min(max(v, 0), 1) }

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// luminance is the relative luminance of WCAG 2.2.
func (c Color) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is the contrast ratio of two colours, from 1 to 21.
func Contrast(a, b Color) float64 {
	high, low := a.luminance(), b.luminance()
	if low > high {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

// Over is the colour that shows when c covers another one with an opacity.
func (c Color) Over(below Color, opacity float64) Color {
	mix := func(a, b float64) float64 { return a*opacity + b*(1-opacity) }
	return Color{mix(c.R, below.R), mix(c.G, below.G), mix(c.B, below.B)}
}

// lch is a colour in OKLCH (CSS Color 4 §9.2): lightness from 0 to 1, chroma, and hue in
// radians.
type lch struct{ l, c, h float64 }

func (c Color) lch() lch {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	bb := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return lch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, bb), math.Atan2(bb, a)}
}

// color is the nearest colour that screens have: chroma goes until it is one.
func (p lch) color() Color {
	low, high := 0.0, p.c
	if c, ok := p.raw(p.c); ok {
		return c
	}
	for range 24 {
		middle := (low + high) / 2
		if _, ok := p.raw(middle); ok {
			low = middle
		} else {
			high = middle
		}
	}
	c, _ := p.raw(low)
	return Color{clamp(c.R), clamp(c.G), clamp(c.B)}
}

func (p lch) raw(chroma float64) (Color, bool) {
	a, b := chroma*math.Cos(p.h), chroma*math.Sin(p.h)
	l := cube(p.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(p.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(p.l - 0.0894841775*a - 1.2914855480*b)
	c := Color{gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s), gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)}
	const slack = 1e-4
	for _, v := range []float64{c.R, c.G, c.B} {
		if math.IsNaN(v) || v < -slack || v > 1+slack {
			return c, false
		}
	}
	return c, true
}

func cube(v float64) float64 { return v * v * v }
