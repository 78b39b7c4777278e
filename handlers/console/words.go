package console

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentenceCase begins a text with a capital.
func sentenceCase(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// maxSearch is how many characters of a search count.
const maxSearch = 200

// bounded cuts a search that is too long.
func bounded(search string) string {
	if runes := []rune(search); len(runes) > maxSearch {
		return string(runes[:maxSearch])
	}
	return search
}

// lineWidth is how long lines of a shown message get.
const lineWidth = 72

// wrapped breaks a paragraph into lines between words.
func wrapped(text string) string {
	var out strings.Builder
	width := 0
	for word := range strings.FieldsSeq(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+size > lineWidth:
			out.WriteByte('\n')
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += size
	}
	return out.String()
}
