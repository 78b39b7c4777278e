package console

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence makes a sentence of the text of an error.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = sentenceCase(text)
	if strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

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
