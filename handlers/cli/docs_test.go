package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestConfigurationDocs compares docs/configuration.md with what the program of this
// checkout prints, so that settings of every plugin in main.go count.
func TestConfigurationDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	var out, errs bytes.Buffer
	print := exec.CommandContext(t.Context(), "go", "run", ".", "config", "docs")
	print.Dir, print.Stdout, print.Stderr = root, &out, &errs
	if err := print.Run(); err != nil {
		t.Fatalf("config docs: %v\n%s", err, errs.String())
	}
	kept, err := os.ReadFile(filepath.Join(root, "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, out.Bytes()) {
		t.Errorf("docs/configuration.md is not current from line %d on; run: go run . config docs > docs/configuration.md", differs(kept, out.Bytes()))
	}
}

// differs is the number of the first line in which two texts differ.
func differs(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}
