package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	key := icons{"key": []byte("<!-- licence -->\n<svg\n  class=\"x\"\n>\n  <title>Key</title>\n  <path d=\"M1 1\" />\n</svg>\n")}
	sprite, err := build([]byte("# note\n\nkey\nbrand:key\nown:key\n"), sources{key, key, key})
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg">
<symbol id="key" viewBox="0 0 24 24"><path d="M1 1"/></symbol>
<symbol id="brand-key" viewBox="0 0 24 24"><path d="M1 1"/></symbol>
<symbol id="key" viewBox="0 0 24 24"><path d="M1 1"/></symbol>
</svg>
`
	if string(sprite) != want {
		t.Errorf("got %s", sprite)
	}
}

func TestBuildFails(t *testing.T) {
	if _, err := build([]byte("missing"), sources{}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing icon: %v", err)
	}
	if _, err := build([]byte("text"), sources{lucide: icons{"text": []byte("no picture")}}); err == nil {
		t.Error("a file without svg is accepted")
	}
}

// A package holds its drawings in one folder, among other files.
func TestUnpack(t *testing.T) {
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	files := tar.NewWriter(packed)
	for _, name := range []string{"package/package.json", "package/icons/key.svg", "package/sprite.svg", "package/icons/key.json"} {
		if err := errors.Join(files.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: 5}), write(files, "<svg>")); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	found, err := unpack(&archive)
	if err != nil || len(found) != 1 || string(found["key"]) != "<svg>" {
		t.Errorf("found %q, %v", found, err)
	}
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// The sprite in the tree holds what the list names, and nothing else.
func TestSpriteIsCurrent(t *testing.T) {
	list, err := os.ReadFile("names.txt")
	if err != nil {
		t.Fatal(err)
	}
	sprite, err := os.ReadFile(filepath.Join("..", "icons.svg"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := 0
	for line := range strings.Lines(string(list)) {
		name := strings.TrimSpace(line)
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		wanted++
		id, _ := sources{}.locate(name)
		if !strings.Contains(string(sprite), `<symbol id="`+id+`"`) {
			t.Errorf("%s is missing", name)
		}
	}
	if found := strings.Count(string(sprite), "<symbol "); found != wanted {
		t.Errorf("%d symbols for %d names", found, wanted)
	}
}
