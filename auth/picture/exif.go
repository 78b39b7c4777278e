package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as Exif tells: 1 upright, 2 to 8 mirrored and
// turned. Other values are 1.
type orientation uint16

// sideways reports whether width and height are exchanged.
func (o orientation) sideways() bool { return o >= 5 && o <= 8 }

// upright returns the image as it was seen.
func (o orientation) upright(img *image.NRGBA) *image.NRGBA {
	if o < 2 || o > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	ow, oh := w, h
	if o.sideways() {
		ow, oh = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := o.source(x, y, w, h)
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// source is where a pixel of the upright image lies in the stored one.
func (o orientation) source(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// turnOf reads the orientation of a file; a file without one, or with a damaged one, is
// upright.
func turnOf(file []byte) orientation {
	switch kind(file) {
	case "jpeg":
		var found orientation
		segments(file, func(marker byte, data []byte) bool {
			if rest, ok := bytes.CutPrefix(data, []byte("Exif\x00\x00")); ok && marker == 0xe1 {
				found = tiff(rest)
			}
			return found == 0
		})
		return found
	case "png":
		return tiff(chunk(file[8:], "eXIf", binary.BigEndian, true))
	case "webp":
		data := chunk(file[12:], "EXIF", binary.LittleEndian, false)
		return tiff(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))
	}
	return 0
}

// progressive reports whether a JPEG file comes in several passes (SOF2).
func progressive(file []byte) bool {
	found := false
	segments(file, func(marker byte, _ []byte) bool {
		found = found || marker == 0xc2
		return !found
	})
	return found
}

// segments calls visit for each segment of a JPEG file before its pixels, while it
// returns true.
func segments(file []byte, visit func(marker byte, data []byte) bool) {
	for at := 2; at+4 <= len(file); {
		if file[at] != 0xff {
			at++ // the decoder skips stray bytes too
			continue
		}
		marker := file[at+1]
		if marker == 0xff || marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd7 { // filling, or without length
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + size
		if marker == 0xda || size < 2 || end > len(file) || !visit(marker, file[at+4:end]) {
			return
		}
		at = end
	}
}

// chunk returns the data of the first chunk of a name in a PNG file (length, name, data,
// check sum) or a RIFF file (name, length, data, evened); nil when there is none.
func chunk(rest []byte, name string, order binary.ByteOrder, lengthFirst bool) []byte {
	for len(rest) >= 8 {
		id, size := string(rest[:4]), order.Uint32(rest[4:])
		after := uint64(size) + uint64(size)%2
		if lengthFirst {
			id, size = string(rest[4:8]), order.Uint32(rest)
			after = uint64(size) + 4
		}
		rest = rest[8:]
		if uint64(size) > uint64(len(rest)) {
			return nil
		}
		if id == name {
			return rest[:size]
		}
		rest = rest[min(after, uint64(len(rest))):]
	}
	return nil
}

// tiff reads the orientation of an Exif block: the tag 0x0112 of its first directory.
func tiff(block []byte) orientation {
	if len(block) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(block[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 0
	}
	at := uint64(order.Uint32(block[4:]))
	if at+2 > uint64(len(block)) {
		return 0
	}
	entries := block[at+2:]
	for n := order.Uint16(block[at:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == 3 {
			if o := orientation(order.Uint16(entries[8:])); o <= 8 {
				return o
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
