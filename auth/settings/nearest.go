package settings

import "strings"

// suggestion words the known name nearest to an unknown one, if one is near.
func suggestion(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// nearest finds the known name with the fewest edits, at most a third of the
// name, or one that differs only in how its words are joined.
func nearest(name string, known []string) string {
	const longest = 128
	if len(name) > longest {
		return ""
	}
	best, least := "", max(2, len(name)/3)+1
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

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
