// Command icons writes the icon sprite of the user interface.
//
// It takes the icons named in icons/names.txt out of the npm packages lucide-static and
// simple-icons, in the versions below, and writes one SVG file of <symbol> elements, so
// that a page draws any of them with <use href="…#name">. It fetches the packages with
// npm; run it with go generate in the folder static after a change of the names.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Packages and versions the icons come from.
const (
	lucidePackage = "lucide-static@1.62.0"
	brandsPackage = "simple-icons@16.37.0"
)

func main() {
	log.SetFlags(0)
	names := flag.String("names", "icons/names.txt", "list of wanted icons")
	out := flag.String("out", "icons.svg", "sprite to write")
	flag.Parse()
	if err := run(*names, *out); err != nil {
		log.Fatal(err)
	}
}

func run(names, out string) error {
	list, err := os.ReadFile(names)
	if err != nil {
		return err
	}
	lucide, err := fetch(lucidePackage)
	if err != nil {
		return err
	}
	brands, err := fetch(brandsPackage)
	if err != nil {
		return err
	}
	own, err := drawings(filepath.Join(filepath.Dir(names), "own"))
	if err != nil {
		return err
	}
	sprite, err := build(list, sources{lucide, brands, own})
	if err != nil {
		return err
	}
	return os.WriteFile(out, sprite, 0o644)
}

// icons are SVG files by their names without the extension.
type icons map[string][]byte

// sources are where icons come from.
type sources struct{ lucide, brands, own icons }

// fetch downloads a package of npm and returns the drawings in its folder icons.
func fetch(name string) (icons, error) {
	folder, err := os.MkdirTemp("", "icons-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	pack := exec.Command("npm", "pack", "--silent", "--pack-destination", folder, name)
	pack.Stderr = os.Stderr
	file, err := pack.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", name, err)
	}
	archive, err := os.Open(filepath.Join(folder, strings.TrimSpace(string(file))))
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	found, err := unpack(archive)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return found, nil
}

// unpack reads the drawings of a package.
func unpack(archive io.Reader) (icons, error) {
	plain, err := gzip.NewReader(archive)
	if err != nil {
		return nil, err
	}
	found := icons{}
	for entries := tar.NewReader(plain); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		name, svg := strings.CutSuffix(path.Base(entry.Name), ".svg")
		if !svg || path.Dir(entry.Name) != "package/icons" {
			continue
		}
		if found[name], err = io.ReadAll(entries); err != nil {
			return nil, err
		}
	}
}

// drawings reads the drawings of a folder.
func drawings(folder string) (icons, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.svg"))
	if err != nil {
		return nil, err
	}
	found := icons{}
	for _, file := range files {
		if found[strings.TrimSuffix(filepath.Base(file), ".svg")], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// build returns the sprite of every icon the list names, in its order.
func build(list []byte, from sources) ([]byte, error) {
	var sprite bytes.Buffer
	sprite.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	for lines := bufio.NewScanner(bytes.NewReader(list)); lines.Scan(); {
		name := strings.TrimSpace(lines.Text())
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		id, source := from.locate(name)
		if source == nil {
			return nil, fmt.Errorf("icon %s: there is no such drawing", name)
		}
		body, err := shapes(source)
		if err != nil {
			return nil, fmt.Errorf("icon %s: %w", name, err)
		}
		fmt.Fprintf(&sprite, `<symbol id="%s" viewBox="0 0 24 24">%s</symbol>`+"\n", id, body)
	}
	sprite.WriteString("</svg>\n")
	return sprite.Bytes(), nil
}

// locate returns the symbol's id and the file that draws it, nil when there is none.
func (s sources) locate(name string) (id string, source []byte) {
	if brand, ok := strings.CutPrefix(name, "brand:"); ok {
		return "brand-" + brand, s.brands[brand]
	}
	if own, ok := strings.CutPrefix(name, "own:"); ok {
		return own, s.own[own]
	}
	return name, s.lucide[name]
}

var (
	inner = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	title = regexp.MustCompile(`<title>[^<]*</title>`)
	space = regexp.MustCompile(`\s*\n\s*`)
)

// shapes returns what an SVG file draws, on one line and without its title.
func shapes(svg []byte) (string, error) {
	found := inner.FindSubmatch(svg)
	if found == nil {
		return "", fmt.Errorf("no svg element")
	}
	body := title.ReplaceAll(found[1], nil)
	body = bytes.ReplaceAll(body, []byte(" />"), []byte("/>"))
	return strings.TrimSpace(space.ReplaceAllString(string(body), "")), nil
}
