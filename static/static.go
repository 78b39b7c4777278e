// Package static holds the styles, scripts and icons of the user interface and
// serves them under names that carry a hash of their content, so that a
// browser may keep each for a year and still never shows a stale one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

//go:generate go run ./icons -out icons.svg

//go:embed css favicon.svg icons.svg js vendor
var files embed.FS

// Stylesheet is the source name of the one style sheet, joined from the parts
// in the folder css in the order of their names.
const Stylesheet = "app.css"

// Prefix is the path under which [Assets.Handler] expects to be mounted.
const Prefix = "/static/"

// Assets is an immutable set of files with fingerprinted addresses. It is safe
// for concurrent use.
type Assets struct {
	byName map[string]*asset // by the name in the source, "js/copy.js"
	byPath map[string]*asset // by the fingerprinted name, "js/copy.1a2b3c4d5e.js"
}

type asset struct {
	url    string
	kind   string
	etag   string
	plain  []byte
	zipped []byte // nil when compression does not pay
}

// Source is a further tree of files, such as a plugin's own scripts, that
// appears under Folder: Folder "passkey" makes "passkey/enrol.js".
type Source struct {
	Folder string
	Files  fs.FS
}

// Load reads the built-in files and those of the sources, and compresses what
// gains by it. Two files of one name, or a file of an unknown type, are errors.
func Load(sources ...Source) (*Assets, error) {
	set := &Assets{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	sheet, err := joinStyles()
	if err != nil {
		return nil, err
	}
	if err := set.put(Stylesheet, sheet); err != nil {
		return nil, err
	}
	for _, source := range append([]Source{{Files: files}}, sources...) {
		if err := set.add(source); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// add takes in every servable file of one source.
func (a *Assets) add(source Source) error {
	return fs.WalkDir(source.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if source.Folder == "" && name == "css" {
			return fs.SkipDir // served joined
		}
		if err != nil || entry.IsDir() || isNotice(name) {
			return err
		}
		body, err := fs.ReadFile(source.Files, name)
		if err != nil {
			return fmt.Errorf("read asset %s: %w", name, err)
		}
		return a.put(path.Join(source.Folder, name), body)
	})
}

// joinStyles returns the parts of the style sheet as one.
func joinStyles() ([]byte, error) {
	parts, err := fs.Glob(files, "css/*.css")
	if err != nil {
		return nil, fmt.Errorf("list style sheets: %w", err)
	}
	var sheet bytes.Buffer
	for _, part := range parts {
		body, err := files.ReadFile(part)
		if err != nil {
			return nil, fmt.Errorf("read style sheet %s: %w", part, err)
		}
		sheet.Write(body)
	}
	return sheet.Bytes(), nil
}

// put takes in one file under its source name.
func (a *Assets) put(name string, body []byte) error {
	if _, taken := a.byName[name]; taken {
		return fmt.Errorf("two assets are named %s", name)
	}
	kind := kindOf(name)
	if kind == "" {
		return fmt.Errorf("asset %s has an unknown type", name)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:5])
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
	item := &asset{url: Prefix + hashed, kind: kind, etag: `"` + hash + `"`, plain: body, zipped: zip(body)}
	a.byName[name], a.byPath[hashed] = item, item
	return nil
}

// URL returns the address of the file with the given source name. The name of
// a file that does not exist gives an address that answers 404, so that a page
// never fails for want of an ornament.
func (a *Assets) URL(name string) string {
	if item, ok := a.byName[name]; ok {
		return item.url
	}
	return Prefix + strings.TrimPrefix(path.Clean("/"+name), "/")
}

// Names returns the source names of all files, sorted.
func (a *Assets) Names() []string {
	names := make([]string, 0, len(a.byName))
	for name := range a.byName {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// isNotice reports whether a file is for readers of the source, not browsers.
func isNotice(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "LICENSE") || strings.HasPrefix(base, ".") || strings.EqualFold(base, "README.md")
}

// kindOf returns the media type of a file by its name, "" when it is not one
// that a page may load. It does not ask the operating system, whose answers differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	}
	return ""
}

// zip returns the gzip form of a body, nil when it is not at least a tenth smaller.
func zip(body []byte) []byte {
	var out bytes.Buffer
	writer, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := writer.Write(body); err != nil {
		return nil
	}
	if err := writer.Close(); err != nil || out.Len() > len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}
