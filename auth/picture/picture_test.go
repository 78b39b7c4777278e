package picture_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/auth/picture"
)

var (
	avatar = picture.Shape{Width: 512, Height: 512, Square: true, Bytes: 1 << 20}
	logo   = picture.Shape{Width: 512, Height: 256, Bytes: 1 << 20}
)

var (
	red   = color.NRGBA{255, 0, 0, 255}
	green = color.NRGBA{0, 255, 0, 255}
	blue  = color.NRGBA{0, 0, 255, 255}
)

// halves is red on the left and blue on the right, with a green upper left corner.
func halves(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := red
			if x >= w/2 {
				c = blue
			}
			if x < w/4 && y < h/4 {
				c = green
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// with puts a segment behind the first two bytes of a JPEG file.
func with(file []byte, marker byte, data []byte) []byte {
	seg := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2))
	return append(append(append([]byte{0xff, 0xd8}, seg...), data...), file[2:]...)
}

func exif(o uint16) []byte {
	b := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	return append(binary.LittleEndian.AppendUint16(b, o), 0, 0, 0, 0, 0, 0)
}

func pngChunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func make1(t testing.TB, file []byte, shape picture.Shape) (picture.Picture, image.Image) {
	t.Helper()
	p, err := picture.NewMaker().Make(context.Background(), file, shape)
	if err != nil {
		t.Fatal(err)
	}
	img, kind, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil || "image/"+kind != p.MediaType {
		t.Fatalf("result is %s, said %s: %v", kind, p.MediaType, err)
	}
	if b := img.Bounds(); b.Dx() != p.Width || b.Dy() != p.Height || len(p.Data) > shape.Bytes {
		t.Fatalf("result is %v, said %dx%d, %d bytes", b, p.Width, p.Height, len(p.Data))
	}
	return p, img
}

func near(a color.Color, b color.NRGBA) bool {
	r, g, bl, al := a.RGBA()
	far := func(v uint32, w uint8) bool { d := int(v>>8) - int(w); return d > 40 || d < -40 }
	return !far(r, b.R) && !far(g, b.G) && !far(bl, b.B) && !far(al, b.A)
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name       string
		w, h       int
		shape      picture.Shape
		outW, outH int
	}{
		{"wide avatar", 1600, 800, avatar, 512, 512},
		{"tall avatar", 300, 900, avatar, 300, 300},
		{"small avatar stays", 64, 64, avatar, 64, 64},
		{"one pixel", 1, 1, avatar, 1, 1},
		{"wide logo", 2000, 500, logo, 512, 128},
		{"tall logo", 500, 2000, logo, 64, 256},
		{"line", 8000, 1, logo, 512, 1},
		{"small logo stays", 200, 100, logo, 200, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := make1(t, pngOf(t, halves(c.w, c.h)), c.shape)
			if p.Width != c.outW || p.Height != c.outH {
				t.Errorf("%dx%d, want %dx%d", p.Width, p.Height, c.outW, c.outH)
			}
		})
	}
}

// TestFormats: every format is read; transparency is kept, photographs become JPEG.
func TestFormats(t *testing.T) {
	var animated bytes.Buffer
	first := image.NewPaletted(image.Rect(0, 0, 10, 10), color.Palette{red, blue})
	second := image.NewPaletted(image.Rect(0, 0, 10, 10), color.Palette{blue, red})
	if err := gif.EncodeAll(&animated, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	noise := image.NewNRGBA(image.Rect(0, 0, 60, 60))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			noise.Pix[i] = 255
		}
	}
	lossy, _ := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	lossless, _ := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	for name, c := range map[string]struct {
		file  []byte
		media string
	}{
		"png, clear":     {pngOf(t, clear), "image/png"},
		"png, drawing":   {pngOf(t, halves(40, 40)), "image/png"},
		"png, photo":     {pngOf(t, noise), "image/jpeg"},
		"jpeg":           {jpegOf(t, noise), "image/jpeg"},
		"jpeg, grey":     {jpegOf(t, image.NewGray(image.Rect(0, 0, 9, 9))), "image/png"},
		"gif":            {animated.Bytes(), "image/png"},
		"webp, lossy":    {lossy, "image/png"},
		"webp, lossless": {lossless, "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			p, img := make1(t, c.file, avatar)
			if p.MediaType != c.media {
				t.Errorf("%s, want %s", p.MediaType, c.media)
			}
			if name == "gif" && !near(img.At(5, 5), red) {
				t.Errorf("not the first frame: %v", img.At(5, 5))
			}
			if _, _, _, a := img.At(0, 0).RGBA(); name == "png, clear" && a != 0 {
				t.Error("transparency is lost")
			}
		})
	}
}

// TestUpright: a photograph is stored as it was seen.
func TestUpright(t *testing.T) {
	for o, corner := range map[uint16][2]int{ // where the green corner comes to lie: 0 left or top, 1 right or bottom
		1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}, 9: {0, 0},
	} {
		jpg := with(jpegOf(t, halves(80, 40)), 0xe1, exif(o))
		plain := pngOf(t, halves(80, 40))
		pn := append(append(bytes.Clone(plain[:33]), pngChunk("eXIf", exif(o)[6:])...), plain[33:]...)
		for name, file := range map[string][]byte{"jpeg": jpg, "png": pn} {
			p, img := make1(t, file, logo)
			sideways := o >= 5 && o <= 8
			if sideways != (p.Height > p.Width) {
				t.Errorf("%s %d: %dx%d", name, o, p.Width, p.Height)
			}
			if at := img.At(3+corner[0]*(p.Width-7), 3+corner[1]*(p.Height-7)); !near(at, green) {
				t.Errorf("%s %d: the corner is %v", name, o, at)
			}
		}
	}
}

// TestNothingSurvives: no metadata and none of the file's own bytes are in the result.
func TestNothingSurvives(t *testing.T) {
	const mark = "<script>GPS 48.1371</script>"
	jpg := with(with(jpegOf(t, halves(30, 30)), 0xe1, append(exif(1), mark...)), 0xfe, []byte(mark))
	jpg = append(jpg, mark...)
	plain := pngOf(t, halves(30, 30))
	pn := append(append(bytes.Clone(plain[:33]), pngChunk("tEXt", []byte("Comment\x00"+mark))...), plain[33:]...)
	pn = append(pn, mark...)
	for name, file := range map[string][]byte{"jpeg": jpg, "png": pn} {
		p, _ := make1(t, file, avatar)
		if bytes.Contains(p.Data, []byte("script")) || bytes.Contains(p.Data, []byte("Exif")) {
			t.Errorf("%s: the result holds what was hidden in the file", name)
		}
	}
}

func TestRefused(t *testing.T) {
	good := pngOf(t, halves(10, 10))
	huge := func(w, h uint32) []byte { // a head that promises a lot
		b := bytes.Clone(good)
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	deep := huge(6000, 6000)
	deep[24] = 16 // bits a sample: 8 bytes a pixel
	binary.BigEndian.PutUint32(deep[29:], crc32.ChecksumIEEE(deep[12:29]))
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":       {nil, picture.ErrEmpty},
		"long":          {append(bytes.Clone(good), make([]byte, picture.MaxBytes)...), picture.ErrBytes},
		"wide":          {huge(8193, 1), picture.ErrPixels},
		"many pixels":   {huge(8000, 8000), picture.ErrPixels},
		"overflow":      {huge(1<<31-1, 1<<31-1), picture.ErrBroken},
		"no pixels":     {huge(0, 10), picture.ErrBroken},
		"deep":          {deep, picture.ErrPixels},
		"drawing":       {[]byte(`<?xml version="1.0"?><SVG onload="alert(1)"/>`), picture.ErrVector},
		"page":          {[]byte("<!doctype html><p>hello"), picture.ErrKind},
		"program":       {[]byte("\x7fELF\x02\x01\x01"), picture.ErrKind},
		"half":          {good[:len(good)/2], picture.ErrBroken},
		"head only":     {good[:8], picture.ErrBroken},
		"jpeg, nothing": {[]byte("\xff\xd8\xff"), picture.ErrBroken},
		"webp, nothing": {[]byte("RIFF\x04\x00\x00\x00WEBP"), picture.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := picture.NewMaker().Make(t.Context(), c.file, avatar); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestProgressive: a progressive file needs far more memory than its pixels.
func TestProgressive(t *testing.T) {
	head := func(sof byte, w, h uint16) []byte {
		b := []byte{0xff, 0xd8, 0xff, sof, 0, 17, 8}
		b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, h), w)
		return append(b, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12, 3)
	}
	for sof, want := range map[byte]error{0xc0: picture.ErrBroken, 0xc2: picture.ErrPixels} {
		if _, err := picture.NewMaker().Make(t.Context(), head(sof, 6000, 6000), avatar); !errors.Is(err, want) {
			t.Errorf("%x: %v, want %v", sof, err, want)
		}
	}
}

// TestNoise: transparent noise, which no encoder makes small, still fits.
func TestNoise(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	p, _ := make1(t, pngOf(t, img), picture.Shape{Width: 512, Height: 512, Square: true, Bytes: 1 << 19})
	if p.Width != 256 {
		t.Errorf("%d wide", p.Width)
	}
}

// TestManyAtOnce: all come out, and who gives up waiting gets an error.
func TestManyAtOnce(t *testing.T) {
	m, file := picture.NewMaker(), pngOf(t, halves(300, 300))
	var wg sync.WaitGroup
	var made atomic.Int32
	for range 20 {
		wg.Go(func() {
			_, err := m.Make(context.Background(), file, avatar)
			if err == nil {
				made.Add(1)
			} else if !errors.Is(err, picture.ErrBusy) { // a slow machine may say so
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() == 0 {
		t.Error("none was made")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Make(gone, file, avatar); err == nil || errors.Is(err, picture.ErrBusy) && !strings.Contains(err.Error(), "cancel") {
		t.Errorf("%v", err)
	}
}

func FuzzMake(f *testing.F) {
	f.Add(pngOf(f, halves(9, 7)))
	f.Add(with(jpegOf(f, halves(9, 7)), 0xe1, exif(6)))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	for _, text := range []string{"UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA", "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="} {
		b, _ := base64.StdEncoding.DecodeString(text)
		f.Add(b)
	}
	m := picture.NewMaker()
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := m.Make(context.Background(), file, avatar)
		if err != nil {
			return
		}
		if len(p.Data) > avatar.Bytes || p.Width < 1 || p.Width > 512 || p.Width != p.Height {
			t.Errorf("%d bytes, %dx%d", len(p.Data), p.Width, p.Height)
		}
	})
}

func BenchmarkLarge(b *testing.B) {
	file := jpegOf(b, image.NewYCbCr(image.Rect(0, 0, 8000, 5000), image.YCbCrSubsampleRatio420))
	m := picture.NewMaker()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Make(context.Background(), file, avatar); err != nil {
			b.Fatal(err)
		}
	}
}
