// Package picture makes pictures that a server may show out of files that anybody sent.
// What it returns is encoded anew from bare pixels: neither bytes nor metadata of the
// input survive. PNG, JPEG, GIF (first frame) and WebP are read.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

// Bounds of what is read.
const (
	MaxBytes  = 5 << 20    // of the file
	MaxSide   = 8192       // of width and height, in pixels
	MaxPixels = 40_000_000 // of both together
)

// maxMemory bounds, in bytes, what all decoding of a process needs at one time, and so
// what one picture may need.
const maxMemory = 256 << 20

// maxWait is how long a picture waits for its turn.
const maxWait = 10 * time.Second

// Refusals. Everything else that Make returns is a failure of the server.
var (
	ErrEmpty  = errors.New("picture: no file")
	ErrBytes  = errors.New("picture: the file is too long")
	ErrPixels = errors.New("picture: too many pixels")
	ErrVector = errors.New("picture: a drawing (SVG), not a picture of pixels")
	ErrKind   = errors.New("picture: not a format that is read")
	ErrBroken = errors.New("picture: the file is damaged")
	ErrBusy   = errors.New("picture: too many pictures at once")
)

// Shape is what a picture is brought to.
type Shape struct {
	Width, Height int  // at most, in pixels
	Square        bool // cut to a square from the middle first
	Bytes         int  // at most, of the result
}

// Picture is an encoded picture.
type Picture struct {
	MediaType     string // image/png or image/jpeg
	Data          []byte
	Width, Height int
}

// Maker makes pictures, only as many at a time as fit into a bounded memory. It may be
// used from any goroutine.
type Maker struct{ room *semaphore.Weighted }

// NewMaker returns a maker.
func NewMaker() *Maker { return &Maker{semaphore.NewWeighted(maxMemory)} }

// Make decodes a file and encodes it in a shape. The errors that concern the file are
// those above; nothing is decoded before its size is known to be in bounds.
func (m *Maker) Make(ctx context.Context, file []byte, shape Shape) (Picture, error) {
	in, err := look(file)
	if err != nil {
		return Picture{}, err
	}
	need := in.memory(shape)
	if need > maxMemory {
		return Picture{}, ErrPixels
	}
	release, err := m.take(ctx, need)
	if err != nil {
		return Picture{}, err
	}
	defer release()
	img, err := in.decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return encode(shrink(img, in.turn, shape), shape)
}

func (m *Maker) take(ctx context.Context, need int64) (func(), error) {
	bounded, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if m.room.Acquire(bounded, need) != nil {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("waiting for a picture's turn: %w", err)
		}
		return nil, ErrBusy
	}
	return func() { m.room.Release(need) }, nil
}

// input is a file that was looked at: its kind, and what its head says.
type input struct {
	decode        func(io.Reader) (image.Image, error)
	width, height int
	perPixel      int64 // bytes that decoding needs for one pixel
	turn          orientation
}

// look reads the head of a file.
func look(file []byte) (input, error) {
	switch {
	case len(file) == 0:
		return input{}, ErrEmpty
	case len(file) > MaxBytes:
		return input{}, ErrBytes
	}
	var in input
	var config func(io.Reader) (image.Config, error)
	switch kind(file) {
	case "png":
		in.decode, config = png.Decode, png.DecodeConfig
	case "jpeg":
		in.decode, config = jpeg.Decode, jpeg.DecodeConfig
	case "gif":
		in.decode, config = gif.Decode, gif.DecodeConfig
	case "webp":
		in.decode, config = webp.Decode, webp.DecodeConfig
	case "svg":
		return input{}, ErrVector
	default:
		return input{}, ErrKind
	}
	c, err := config(bytes.NewReader(file))
	if err != nil {
		return input{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	in.width, in.height, in.turn = c.Width, c.Height, turnOf(file)
	switch {
	case c.Width < 1 || c.Height < 1:
		return input{}, ErrBroken
	case c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels:
		return input{}, ErrPixels
	}
	in.perPixel = perPixel(file, c.ColorModel)
	return in, nil
}

// kind tells a format by its first bytes; names and declared types are not believed.
func kind(file []byte) string {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(file, []byte("\xff\xd8")):
		return "jpeg"
	case bytes.HasPrefix(file, []byte("GIF87a")) || bytes.HasPrefix(file, []byte("GIF89a")):
		return "gif"
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return "webp"
	case bytes.Contains(bytes.ToLower(file[:min(len(file), 1024)]), []byte("<svg")):
		return "svg"
	}
	return ""
}

// perPixel is the most that decoding needs for a pixel, in bytes: the image, and what
// the decoders of progressive and interlaced files and of WebP hold beside it.
func perPixel(file []byte, model color.Model) int64 {
	var bytes int64
	switch model {
	case color.GrayModel:
		bytes = 1
	case color.Gray16Model:
		bytes = 2
	case color.YCbCrModel:
		bytes = 3
	case color.NRGBA64Model, color.RGBA64Model:
		bytes = 8
	default: // a palette needs less
		bytes = 4
	}
	switch kind(file) {
	case "jpeg":
		if progressive(file) {
			bytes *= 5 // a coefficient of four bytes for each sample
		}
	case "png":
		bytes *= 2
	case "webp":
		bytes = 8
	}
	return bytes
}

// memory is what decoding and scaling need, in bytes.
func (in input) memory(shape Shape) int64 {
	const perSample = 32 // of the scaler's row of sums
	return int64(in.width)*int64(in.height)*in.perPixel + int64(max(in.width, in.height))*int64(max(shape.Width, shape.Height))*perSample
}
