// Command icons writes the icon sprite of the user interface.
//
// It reads the unpacked npm packages lucide-static and simple-icons, takes the
// icons named in icons/names.txt and writes one SVG file of <symbol> elements,
// so that a page draws any of them with <use href="…#name">.
//
//	npm pack lucide-static@1.62.0 simple-icons@16.37.0
//	go run ./icons -lucide DIR -brands DIR -out icons.svg
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	log.SetFlags(0)
	lucide := flag.String("lucide", "", "folder of the unpacked lucide-static package")
	brands := flag.String("brands", "", "folder of the unpacked simple-icons package")
	names := flag.String("names", "icons/names.txt", "list of wanted icons")
	out := flag.String("out", "icons.svg", "sprite to write")
	flag.Parse()
	list, err := os.ReadFile(*names)
	if err != nil {
		log.Fatal(err)
	}
	sprite, err := build(list, filepath.Join(*lucide, "icons"), filepath.Join(*brands, "icons"))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, sprite, 0o644); err != nil {
		log.Fatal(err)
	}
}

// build returns the sprite of every icon the list names, in its order.
func build(list []byte, lucide, brands string) ([]byte, error) {
	var sprite bytes.Buffer
	sprite.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	for lines := bufio.NewScanner(bytes.NewReader(list)); lines.Scan(); {
		name := strings.TrimSpace(lines.Text())
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		id, file := locate(name, lucide, brands)
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("icon %s: %w", name, err)
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

// locate returns the symbol's id and the file that draws it.
func locate(name, lucide, brands string) (id, file string) {
	if brand, ok := strings.CutPrefix(name, "brand:"); ok {
		return "brand-" + brand, filepath.Join(brands, brand+".svg")
	}
	if own, ok := strings.CutPrefix(name, "own:"); ok {
		return own, filepath.Join("icons", "own", own+".svg")
	}
	return name, filepath.Join(lucide, name+".svg")
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
