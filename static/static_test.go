package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func load(t *testing.T, sources ...Source) *Assets {
	t.Helper()
	assets, err := Load(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func ask(assets *Assets, method, url string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	assets.Handler().ServeHTTP(answer, request)
	return answer
}

func TestEveryFileIsServed(t *testing.T) {
	assets := load(t)
	for _, name := range assets.Names() {
		url := assets.URL(name)
		if !regexp.MustCompile(`\.[0-9a-f]{10}\.[a-z0-9]+$`).MatchString(url) {
			t.Errorf("%s: address %s carries no hash", name, url)
		}
		plain := ask(assets, http.MethodGet, url)
		if plain.Code != http.StatusOK || plain.Body.Len() == 0 {
			t.Fatalf("%s: status %d, %d bytes", name, plain.Code, plain.Body.Len())
		}
		zipped := ask(assets, http.MethodGet, url, "Accept-Encoding", "br, gzip")
		if zipped.Header().Get("Content-Encoding") != "gzip" {
			continue
		}
		reader, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(reader)
		if err != nil || !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("%s: the compressed form differs: %v", name, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	assets := load(t)
	types := map[string]string{
		Stylesheet: "text/css; charset=utf-8", "js/form.js": "text/javascript; charset=utf-8",
		"icons.svg": "image/svg+xml; charset=utf-8", "vendor/htmx/htmx.min.js": "text/javascript; charset=utf-8",
	}
	for name, kind := range types {
		header := ask(assets, http.MethodGet, assets.URL(name), "Accept-Encoding", "gzip").Header()
		for key, want := range map[string]string{
			"Content-Type": kind, "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable",
			"Vary": "Accept-Encoding", "Content-Encoding": "gzip",
		} {
			if got := header.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", name, key, got, want)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	assets := load(t)
	sheet := assets.URL(Stylesheet)
	tests := []struct {
		method, url string
		want        int
	}{
		{http.MethodGet, Prefix, 404}, {http.MethodGet, Prefix + Stylesheet, 404}, {http.MethodGet, Prefix + "js/", 404},
		{http.MethodGet, Prefix + "vendor/htmx/LICENSE", 404}, {http.MethodGet, Prefix + "../static.go", 404},
		{http.MethodPost, sheet, 405}, {http.MethodHead, sheet, 200},
	}
	for _, test := range tests {
		answer := ask(assets, test.method, test.url)
		if answer.Code != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.url, answer.Code, test.want)
		}
		if test.want != 200 && strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s %s: a refusal is kept for a year", test.method, test.url)
		}
	}
	if body := ask(assets, http.MethodHead, sheet).Body.Len(); body != 0 {
		t.Errorf("HEAD answered %d bytes", body)
	}
	etag := ask(assets, http.MethodGet, sheet).Header().Get("ETag")
	if code := ask(assets, http.MethodGet, sheet, "If-None-Match", etag).Code; code != http.StatusNotModified {
		t.Errorf("known copy: %d", code)
	}
}

func TestSources(t *testing.T) {
	one := Source{Folder: "passkey", Files: fstest.MapFS{"enrol.js": {Data: []byte("export {};")}, "README.md": {Data: []byte("x")}}}
	assets := load(t, one)
	if body := ask(assets, http.MethodGet, assets.URL("passkey/enrol.js")).Body.String(); body != "export {};" {
		t.Errorf("got %q", body)
	}
	if _, err := Load(one, one); err == nil {
		t.Error("two files of one name are accepted")
	}
	if _, err := Load(Source{Folder: "x", Files: fstest.MapFS{"page.html": {Data: []byte("x")}}}); err == nil {
		t.Error("a page is accepted as an asset")
	}
	if got := assets.URL("../../missing.js"); got != Prefix+"missing.js" {
		t.Errorf("address of a missing file: %s", got)
	}
}

func TestAcceptsGzip(t *testing.T) {
	tests := map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "*": true, "*;q=0": false,
		"identity": false, "GZIP": true, "gzip;q=0, *": false, "br": false,
	}
	for header, want := range tests {
		if got := AcceptsGzip(header); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func FuzzAcceptsGzip(f *testing.F) {
	for _, seed := range []string{"gzip", "*;q=0", "a;q=,gzip;q=1e9", ";;;,,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if AcceptsGzip(header) && !strings.Contains(strings.ToLower(header), "gzip") && !strings.Contains(header, "*") {
			t.Errorf("%q admits nothing of the kind", header)
		}
	})
}

// The style sheet obeys the policy and the direction of the script.
func TestStylesheet(t *testing.T) {
	assets := load(t)
	sheet := ask(assets, http.MethodGet, assets.URL(Stylesheet)).Body.String()
	if strings.Count(sheet, "{") != strings.Count(sheet, "}") {
		t.Error("braces do not match")
	}
	physical := regexp.MustCompile(`[\s;{](margin|padding|border)-(left|right|top|bottom)\b|[\s;{](left|right|top|bottom|width|height|min-width|max-width)\s*:\s|text-align:\s*(left|right)|url\(`)
	for at, line := range strings.Split(sheet, "\n") {
		if found := physical.FindString(line); found != "" && !strings.Contains(line, "@media") && !strings.Contains(line, "@container") {
			t.Errorf("line %d uses %q", at+1, found)
		}
	}
}

// Scripts may not write markup or run text: Trusted Types would stop them.
func TestScriptsKeepThePolicy(t *testing.T) {
	assets := load(t)
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\.style\.|localStorage|sessionStorage|setAttribute\('(style|on)`)
	for _, name := range assets.Names() {
		if !strings.HasPrefix(name, "js/") {
			continue
		}
		if found := forbidden.FindString(ask(assets, http.MethodGet, assets.URL(name)).Body.String()); found != "" {
			t.Errorf("%s uses %s", name, found)
		}
	}
}

// TestEveryIconIsThere finds the names of icons in the sources that draw them.
func TestEveryIconIsThere(t *testing.T) {
	sprite, err := os.ReadFile("icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Icon(?:\(|:\s*|: web\.Icon\()"([a-z0-9-]+)"`)
	found := 0
	for _, room := range []string{"web", "handlers", "plugins"} {
		err := filepath.WalkDir(filepath.Join("..", room), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".templ") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range named.FindAllSubmatch(text, -1) {
				found++
				if !bytes.Contains(sprite, []byte(`id="`+string(m[1])+`"`)) {
					t.Errorf("%s: no icon %s", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d names found", found)
	}
}
