package cookie

import (
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth/text"
)

// Bounds of what is read; a larger header counts as none.
const (
	maxHeader   = 512 << 10 // bytes
	maxReceived = 1000      // cookies
)

// Received is the cookies of a request. The zero value has none.
type Received struct{ list []pair }

type pair struct{ name, value string }

// Parse reads Cookie header lines: split at ";", trimmed, one pair of double
// quotes stripped, percent-decoded where that works (better-auth core 5.3).
// It never fails; an oversized header gives no cookies.
func Parse(headers []string) Received {
	size := 0
	for _, h := range headers {
		size += len(h)
	}
	if size > maxHeader {
		return Received{}
	}
	var list []pair
	for _, h := range headers {
		for part := range strings.SplitSeq(h, ";") {
			name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
			name = strings.TrimSpace(name)
			if !ok || name == "" {
				continue
			}
			if len(list) == maxReceived {
				return Received{}
			}
			list = append(list, pair{name, decode(strings.TrimSpace(value))})
		}
	}
	return Received{list}
}

func decode(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	decoded, _ := text.UnescapeURI(value)
	return decoded
}

// Empty reports whether the request had no cookie.
func (r Received) Empty() bool { return len(r.list) == 0 }

// Get returns the first cookie of exactly that name.
func (r Received) Get(name string) (value string, ok bool) {
	for _, p := range r.list {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// Names lists the distinct names that start with prefix, in order of arrival.
func (r Received) Names(prefix string) []string {
	var out []string
	for _, p := range r.list {
		if strings.HasPrefix(p.name, prefix) && !slices.Contains(out, p.name) {
			out = append(out, p.name)
		}
	}
	return out
}

// Pieces lists the received names <name>.<n> by number; only canonical
// non-negative integers count.
func (r Received) Pieces(name string) []string {
	var out []string
	for _, p := range r.pieces(name) {
		out = append(out, name+"."+strconv.FormatUint(p.number, 10))
	}
	return out
}

// Joined returns the value of a cookie that may come in pieces: the base
// cookie when it is not empty, else all pieces by number.
func (r Received) Joined(name string) (value string, ok bool) {
	if v, _ := r.Get(name); v != "" {
		return v, true
	}
	var b strings.Builder
	for _, p := range r.pieces(name) {
		b.WriteString(p.value)
	}
	return b.String(), b.Len() > 0
}

type piece struct {
	number uint64
	value  string
}

// pieces finds the pieces of name by number; of two with one number the last
// counts.
func (r Received) pieces(name string) []piece {
	var out []piece
	for _, p := range r.list {
		n, ok := pieceNumber(p.name, name)
		if !ok {
			continue
		}
		i := slices.IndexFunc(out, func(o piece) bool { return o.number == n })
		if i < 0 {
			out = append(out, piece{n, p.value})
			continue
		}
		out[i].value = p.value
	}
	slices.SortFunc(out, func(a, b piece) int {
		if a.number < b.number {
			return -1
		}
		return 1
	})
	return out
}

func pieceNumber(name, base string) (uint64, bool) {
	rest, ok := strings.CutPrefix(name, base)
	if !ok || len(rest) < 2 || rest[0] != '.' {
		return 0, false
	}
	digits := rest[1:]
	n, err := strconv.ParseUint(digits, 10, 53)
	return n, err == nil && strconv.FormatUint(n, 10) == digits
}
