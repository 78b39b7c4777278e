package schema

import (
	"math"
	"testing"
)

func TestNumberText(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 1: "1", -1.5: "-1.5", 100: "100", 1e20: "100000000000000000000",
		1e21: "1e+21", 1.25e-7: "1.25e-7", 1e-6: "0.000001", 123456789012345680000: "123456789012345680000",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity", 5e-324: "5e-324", 1.7976931348623157e308: "1.7976931348623157e+308",
	} {
		if got := numberText(n); got != want {
			t.Errorf("numberText(%v) = %s, want %s", n, got, want)
		}
	}
}

func TestTextNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, " \t\n\ufeff\u2029": 0, "12": 12, " 12 ": 12, "1.": 1, ".5": .5, "+1e3": 1000, "-0x10": math.NaN(), "0x1F": 31, "0b101": 5,
		"0o17": 15, "0b12": math.NaN(), "0x": math.NaN(), "1_000": math.NaN(), "inf": math.NaN(), "nan": math.NaN(), "-Infinity": math.Inf(-1),
		"1e999": math.Inf(1), "0x1p4": math.NaN(), "1 2": math.NaN(), ".": math.NaN(), "e5": math.NaN(), "12px": math.NaN(), "0012": 12,
	} {
		if got := textNumber(text); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("textNumber(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestUTF16Length(t *testing.T) {
	for text, want := range map[string]int{"": 0, "aä€": 3, "😀": 2, "e\u0301": 2} {
		if got := utf16Length(text); got != want {
			t.Errorf("utf16Length(%q) = %d, want %d", text, got, want)
		}
	}
}
