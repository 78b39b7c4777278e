package product

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// maxFirstPage is what a browser without anything in its cache may have to load before a
// page can be used, in bytes as they are sent.
const maxFirstPage = 60 << 10

// asset are the addresses of style sheets, scripts and symbols in a page.
var asset = regexp.MustCompile(`(?:href|src)="(/[^"#]*\.(?:css|js|mjs|svg)[^"#]*)[^"]*"`)

// TestFirstPageWeight: a page with its style sheet, scripts and icons is light.
func TestFirstPageWeight(t *testing.T) {
	binary, err := Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(binary, WithAdmin())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	a, err := s.Client().SignIn()
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, _ := strings.Cut(a.Cookies(), ";")
	for _, path := range []string{"/sign-in", "/admin", "/admin/users"} {
		page, weight := fetch(t, s.URL+path, map[bool]string{true: cookie}[path != "/sign-in"])
		parts := map[string]bool{}
		for _, found := range asset.FindAllStringSubmatch(page, -1) {
			parts[html.UnescapeString(found[1])] = true
		}
		if len(parts) < 3 {
			t.Errorf("%s loads only %v", path, parts)
		}
		for part := range parts {
			_, n := fetch(t, s.URL+part, cookie)
			weight += n
		}
		t.Logf("%s: %d bytes with %d parts", path, weight, len(parts))
		if weight > maxFirstPage {
			t.Errorf("%s weighs %d bytes", path, weight)
		}
	}
}

// fetch returns what an address sends, and how many bytes that is on the way.
func fetch(t *testing.T, url, cookie string) (string, int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	sent, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 400 {
		t.Fatalf("%s: %d %v", url, res.StatusCode, err)
	}
	if res.Header.Get("Content-Encoding") != "gzip" {
		return string(sent), len(sent)
	}
	z, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), len(sent)
}
