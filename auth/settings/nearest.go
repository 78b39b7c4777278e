package settings

import (
	"strings"

	"gatehouse/auth/words"
)

// suggestion words the known name nearest to an unknown one, if one is near.
func suggestion(name string, known []string) words.Text {
	if near := nearest(name, known); near != "" {
		return words.F("did you mean %s?", near)
	}
	return ""
}

// nearest finds the known name that an unknown one was probably meant to be: that with
// the fewest edits, at most one for each three characters, whatever joins the words; or
// the only one that ends in the same last word. It is "" when none is near.
func nearest(name string, known []string) string {
	const longest = 128
	if len(name) > longest {
		return ""
	}
	best, least := "", max(1, len(squash(name))/3)+1
	for _, k := range known {
		distance := edits(squash(name), squash(k))
		if distance < least {
			best, least = k, distance
		}
	}
	if best != "" {
		return best
	}
	return sameTail(name, known)
}

// sameTail finds the one known key that ends in the last words of the name,
// for people who leave out the section.
func sameTail(name string, known []string) string {
	tail, found := squash(name), ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		tail = squash(name[i+1:])
	}
	for _, k := range known {
		if last := k[strings.LastIndexByte(k, '.')+1:]; squash(last) == tail {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}

// squash makes spellings such as trustedProxies, trusted-proxies and
// TRUSTED_PROXIES alike.
func squash(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// edits is the distance of two texts in bytes added, left out, replaced or swapped with
// their neighbour (optimal string alignment).
func edits(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := d[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			d[i][j] = min(replaced, d[i-1][j]+1, d[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
