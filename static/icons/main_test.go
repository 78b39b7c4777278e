package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "key.svg"), []byte("<!-- licence -->\n<svg\n  class=\"x\"\n>\n  <title>Key</title>\n  <path d=\"M1 1\" />\n</svg>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sprite, err := build([]byte("# note\n\nkey\nbrand:key\n"), folder, folder)
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg">
<symbol id="key" viewBox="0 0 24 24"><path d="M1 1"/></symbol>
<symbol id="brand-key" viewBox="0 0 24 24"><path d="M1 1"/></symbol>
</svg>
`
	if string(sprite) != want {
		t.Errorf("got %s", sprite)
	}
}

func TestBuildFails(t *testing.T) {
	folder := t.TempDir()
	if _, err := build([]byte("missing"), folder, folder); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing icon: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "text.svg"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := build([]byte("text"), folder, folder); err == nil {
		t.Error("a file without svg is accepted")
	}
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
		id, _ := locate(name, "", "")
		if !strings.Contains(string(sprite), `<symbol id="`+id+`"`) {
			t.Errorf("%s is missing", name)
		}
	}
	if found := strings.Count(string(sprite), "<symbol "); found != wanted {
		t.Errorf("%d symbols for %d names", found, wanted)
	}
}
