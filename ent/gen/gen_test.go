package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const corePath = "gatehouse/ent/schema/core"

// TestTenantClient generates a client with a plugin whose entities have a
// tenant, and runs the test that lies beside the plugin against it.
func TestTenantClient(t *testing.T) {
	run := copyTree(t, "tenant")
	module := "gatehouse/ent/gen/testdata/" + filepath.Base(run) + "/ent"
	text, err := os.ReadFile(filepath.Join("..", "storable.go"))
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(run, "ent")
	write(t, filepath.Join(root, "storable.go"), text)
	write(t, filepath.Join(root, "schema", "doc.go"), []byte("package schema\n"))
	l := layout{root: root, module: module, core: corePath, plugins: []string{"../plugins/.../schema"}}
	if err := generate(l); err != nil {
		t.Fatal(err)
	}
	first := tree(t, run)
	if err := generate(l); err != nil {
		t.Fatalf("generate again: %v", err)
	}
	if second := tree(t, run); first != second {
		t.Error("the second run wrote something else")
	}
	cmd := exec.Command("go", "test", "-count=1", ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// copyTree copies a folder of testdata beside itself, as generated code must
// lie in the module, and removes the copy after the test.
func copyTree(t *testing.T, name string) string {
	t.Helper()
	source := filepath.Join("testdata", name)
	target, err := os.MkdirTemp("testdata", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(target); err != nil {
			t.Error(err)
		}
	})
	err = filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("gatehouse/ent/gen/testdata/"+name+"/"),
			[]byte("gatehouse/ent/gen/testdata/"+filepath.Base(target)+"/"))
		write(t, filepath.Join(target, rel), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs(target)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree returns all Go files of a folder as one text.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		b.WriteString(path)
		b.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestScanRefuses(t *testing.T) {
	for _, tt := range []struct {
		folder string
		words  []string
	}{
		{"twice", []string{"Thing", "twice/a/schema", "twice/b/schema"}},
		{"orphan", []string{"Nothing", "orphan/a/schema"}},
	} {
		l := layout{root: ".", module: "x", core: corePath, plugins: []string{"./testdata/" + tt.folder + "/a/schema"}}
		if tt.folder == "twice" {
			l.plugins = append(l.plugins, "./testdata/twice/b/schema")
		}
		_, err := scan(l)
		if err == nil {
			t.Errorf("%s: no error", tt.folder)
			continue
		}
		for _, word := range tt.words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v does not name %s", tt.folder, err, word)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{"id": "id", "user_id": "userId", "access_token_expires_at": "accessTokenExpiresAt", "a__b": "aB"} {
		if got := camel(in); got != want {
			t.Errorf("camel(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"two-factor": "twofactor", "api_key": "apikey", "sso": "sso"} {
		if got := identifier(in); got != want {
			t.Errorf("identifier(%q) = %q, want %q", in, got, want)
		}
	}
	if got := lowerFirst("TeamMember"); got != "teamMember" {
		t.Errorf("lowerFirst = %q", got)
	}
}
