package web

import (
	"bytes"
	"image"
	"image/color"
	"strconv"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// TestQR reads the drawn path back and compares it with the code, module by module.
func TestQR(t *testing.T) {
	text := "https://auth.example.com/accept-invitation/Jq7xT0pVn2LrYb4dWm8sKc5hZg1fUeAo"
	path, size := QR{Text: text}.path()
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	drawn := image.NewGray(image.Rect(0, 0, int(size), int(size)))
	for _, run := range strings.Split(path, "M")[1:] {
		at, rest, _ := strings.Cut(run, "h")
		xs, ys, _ := strings.Cut(at, " ")
		ns, _, _ := strings.Cut(rest, "v")
		x, _ := strconv.Atoi(xs)
		y, _ := strconv.Atoi(ys)
		n, _ := strconv.Atoi(ns)
		for i := range n {
			drawn.SetGray(x+i, y, color.Gray{Y: 255})
		}
	}
	side := code.Bounds().Dx()
	if int(size) != side+8 {
		t.Fatalf("a quiet zone of %d", (int(size)-side)/2)
	}
	for y := range int(size) {
		for x := range int(size) {
			want := false
			if x >= 4 && y >= 4 && x < side+4 && y < side+4 {
				r, _, _, _ := code.At(x-4, y-4).RGBA()
				want = r == 0
			}
			if got := drawn.GrayAt(x, y).Y > 0; got != want {
				t.Fatalf("module %d,%d is %v", x, y, got)
			}
		}
	}
}

func TestQRThatCannotBe(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("x", 5000)} {
		var b bytes.Buffer
		if err := (QR{Text: text, Label: "x"}).Render(t.Context(), &b); err != nil || b.Len() > 0 {
			t.Errorf("%d characters: %q %v", len(text), b.String(), err)
		}
	}
}
