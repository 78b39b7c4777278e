package database

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// searchText is what is stored for a row: its fields in lower case, each after
// a line break, so that a field's beginning can be told.
func searchText(fields []string) string {
	var b strings.Builder
	for _, f := range fields {
		if f = normal(f); f != "" {
			b.WriteByte('\n')
			b.WriteString(f)
		}
	}
	return cut(b.String(), maxText)
}

// queryText is what is looked for.
func queryText(query string) string { return strings.TrimSpace(cut(normal(query), maxQuery)) }

// MinID is how many letters of an id find it.
const MinID = 8

// idRange bounds the ids that begin with the query, if it may be an id's beginning.
func idRange(query string) (from, to string, ok bool) {
	query = strings.TrimSpace(query)
	if len(query) < MinID || len(query) > maxQuery {
		return "", "", false
	}
	for _, r := range query {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "", "", false
		}
	}
	return query, query[:len(query)-1] + string(rune(query[len(query)-1])+1), true
}

// normal makes text comparable: lower case, valid, on one line.
func normal(s string) string {
	s = strings.ToLower(strings.ToValidUTF8(cut(s, maxText), ""))
	return strings.Join(strings.FieldsFunc(s, isBreak), " ")
}

func isBreak(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u0085' || r == '\u00a0' }

// cut shortens s to at most n bytes without splitting a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// likeBegins are the patterns of text whose fields or words begin with s.
func likeBegins(s string) [2]string {
	s = escapeLike(s)
	return [2]string{"%\n" + s + "%", "% " + s + "%"}
}

// escapeLike takes the meaning from LIKE's wildcards; the escape is '!', which
// no dialect treats otherwise in a literal.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

const (
	maxWords = 32
	maxWord  = 190 // bytes
)

// wordsOf lists what a row's text is found by where only beginnings are: its
// fields, their words, and the domain of an address.
func wordsOf(text string) []string {
	var list []string
	add := func(w string) {
		if w = cut(w, maxWord); w != "" && len(list) < maxWords && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	fields := strings.Split(text, "\n")
	for _, f := range fields {
		add(f)
	}
	for _, f := range fields {
		for _, w := range strings.Split(f, " ") {
			add(w)
			if _, domain, ok := strings.Cut(w, "@"); ok {
				add(domain)
			}
		}
	}
	return list
}
