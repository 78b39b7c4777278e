package plugins

import (
	"net/http"
	"slices"
	"strings"
)

// exposed is the header that lets scripts of other origins read headers of an answer.
const exposed = "Access-Control-Expose-Headers"

// Expose unites names in Access-Control-Expose-Headers, each once, in the order they
// came (better-auth core 1.5).
func Expose(h http.Header, names ...string) {
	var all []string
	for _, n := range slices.Concat(strings.Split(h.Get(exposed), ","), names) {
		n = strings.TrimSpace(n)
		if n != "" && !slices.ContainsFunc(all, func(have string) bool { return strings.EqualFold(have, n) }) {
			all = append(all, n)
		}
	}
	h.Set(exposed, strings.Join(all, ", "))
}
