package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// quality of JPEG files: no difference is seen at the sizes of avatars.
const quality = 88

// shrink brings an image into a shape: cut, scaled down (never up), turned upright.
func shrink(img image.Image, turn orientation, shape Shape) *image.NRGBA {
	from := img.Bounds()
	if shape.Square {
		side := min(from.Dx(), from.Dy())
		x, y := from.Min.X+(from.Dx()-side)/2, from.Min.Y+(from.Dy()-side)/2
		from = image.Rect(x, y, x+side, y+side)
	}
	width, height := shape.Width, shape.Height
	if turn.sideways() {
		width, height = height, width
	}
	w, h := fit(from.Dx(), from.Dy(), width, height)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), img, from, draw.Src, nil)
	return turn.upright(out)
}

// fit is the largest size of the same proportions within a box, at least one pixel.
func fit(w, h, maxW, maxH int) (int, int) {
	if w <= maxW && h <= maxH {
		return w, h
	}
	if w*maxH > h*maxW {
		return maxW, max(1, (h*maxW+w/2)/w)
	}
	return max(1, (w*maxH+h/2)/h), maxH
}

// encode writes an opaque image as JPEG and any other as PNG. Where that is longer than
// the shape allows, which needs noise with transparency, it is drawn smaller.
func encode(img *image.NRGBA, shape Shape) (Picture, error) {
	for {
		p, err := written(img)
		if err != nil {
			return Picture{}, fmt.Errorf("encoding a picture: %w", err)
		}
		if shape.Bytes == 0 || len(p.Data) <= shape.Bytes || p.Width < 2 || p.Height < 2 {
			return p, nil
		}
		half := image.NewNRGBA(image.Rect(0, 0, p.Width/2, p.Height/2))
		draw.CatmullRom.Scale(half, half.Bounds(), img, img.Bounds(), draw.Src, nil)
		img = half
	}
}

func written(img *image.NRGBA) (Picture, error) {
	p := Picture{MediaType: "image/png", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	var out bytes.Buffer
	if img.Opaque() && !flat(img) {
		p.MediaType = "image/jpeg"
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
			return p, err
		}
	} else if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, img); err != nil {
		return p, err
	}
	p.Data = out.Bytes()
	return p, nil
}

// flat reports whether an image has few colours, as drawings do: JPEG would blur their
// edges.
func flat(img *image.NRGBA) bool {
	const few = 256
	seen := make(map[color.NRGBA]struct{}, few)
	for i := 0; i < len(img.Pix); i += 4 {
		seen[color.NRGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3]}] = struct{}{}
		if len(seen) > few {
			return false
		}
	}
	return true
}
