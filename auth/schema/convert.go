package schema

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// numberText writes a number as JavaScript's String() does (ECMAScript 6.1.6.1.20).
func numberText(n float64) string {
	switch {
	case math.IsNaN(n):
		return "NaN"
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	case n == 0:
		return "0" // negative zero too
	}
	if abs := math.Abs(n); abs >= 1e-6 && abs < 1e21 {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text := strconv.FormatFloat(n, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}

// spaces are what JavaScript trims before it reads a number (ECMAScript 12.2, 12.3).
const spaces = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007" +
	"\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// textNumber reads text as JavaScript's Number() does: NaN when it is no number, 0 when
// it is blank (ECMAScript 7.1.4.1).
func textNumber(s string) float64 {
	s = strings.Trim(s, spaces)
	switch s {
	case "":
		return 0
	case "Infinity", "+Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if decimal.MatchString(s) {
		n, _ := strconv.ParseFloat(s, 64) // out of range gives the infinity that is wanted
		return n
	}
	return radixNumber(s)
}

// radixNumber reads 0x, 0o and 0b literals; they take no sign.
func radixNumber(s string) float64 {
	bases := map[byte]float64{'x': 16, 'X': 16, 'o': 8, 'O': 8, 'b': 2, 'B': 2}
	if len(s) < 3 || s[0] != '0' || bases[s[1]] == 0 {
		return math.NaN()
	}
	base, n := bases[s[1]], 0.0
	for _, c := range []byte(s[2:]) {
		digit, err := strconv.ParseUint(string(rune(c)), 16, 8)
		if err != nil || float64(digit) >= base {
			return math.NaN()
		}
		n = n*base + float64(digit)
	}
	return n
}

// utf16Length counts as JavaScript's length does.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// quoteAll joins texts as the wire lists options: "a"|"b".
func quoteAll(texts []string, separator string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = `"` + s + `"`
	}
	return strings.Join(quoted, separator)
}
