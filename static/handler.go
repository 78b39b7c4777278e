package static

import (
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the files under [Prefix]. Answers may be kept for a year: a
// changed file has another address. Only GET and HEAD are answered; every
// other name is 404, with no listing of folders.
func (a *Assets) Handler() http.Handler { return http.HandlerFunc(a.serve) }

func (a *Assets) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	item, ok := a.byPath[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Content-Type", item.kind)
	header.Set("ETag", item.etag)
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == item.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	item.write(w, r)
}

// write sends the body in the form the browser prefers.
func (item *asset) write(w http.ResponseWriter, r *http.Request) {
	body := item.plain
	if item.zipped != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		body = item.zipped
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the browser went away: nobody is left to tell
}

// AcceptsGzip reports whether an Accept-Encoding header admits gzip
// (RFC 9110 §12.5.3: listed, or covered by *, and not with q=0).
func AcceptsGzip(header string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		refused := isZero(weight)
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			star = !refused
		}
	}
	return star
}

// isZero reports whether a weight parameter such as "q=0.0" is nought.
func isZero(weight string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(weight), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && number == 0
}
