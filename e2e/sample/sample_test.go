// Package sample proves that a plugin is one folder and one line: the tree is copied, a
// plugin that uses every part of the contract is added, code and migrations are
// generated, and the program is built and run.
package sample

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/e2e/product"
)

func TestSamplePlugin(t *testing.T) {
	tree := copyTree(t)
	install(t, tree)
	run(t, tree, "go", "generate", "./ent")
	run(t, tree, "go", "run", "./ent/migrate/diff", "sample")
	t.Run("unbound access does not compile", func(t *testing.T) { refuseUnbound(t, tree) })
	run(t, tree, "go", "test", "./plugins/sample/...")
	binary := filepath.Join(t.TempDir(), "gatehouse")
	run(t, tree, "go", "build", "-o", binary, ".")
	s := start(t, binary)
	t.Run("command", func(t *testing.T) {
		out := run(t, s.Dir, binary, "sample", "Ada", "--sample.greeting", "Moin")
		if !strings.Contains(out, "Moin, Ada") {
			t.Errorf("command said %q", out)
		}
	})
	t.Run("doctor names what the plugin adds", func(t *testing.T) {
		out := run(t, s.Dir, binary, "doctor", "-v")
		for _, want := range []string{"sample", "SampleNote", "sample:read"} {
			if !strings.Contains(out, want) {
				t.Errorf("doctor does not name %s", want)
			}
		}
	})
	t.Run("wire", s.wire)
	t.Run("tenants", s.tenants)
	t.Run("moments", s.moments)
	t.Run("credentials", s.credentials)
	t.Run("screens", s.screens)
}

// TestClash holds that two plugins that contribute the same thing stop the start with
// both named.
func TestClash(t *testing.T) {
	tree := copyTree(t)
	install(t, tree)
	other := filepath.Join(tree, "plugins", "other")
	must(t, os.MkdirAll(other, 0o755))
	source := `package other

import (
	"gatehouse/auth"
	"gatehouse/plugins"
)

type plugin struct{}

func New() plugins.Plugin { return plugin{} }
func (plugin) Manifest() plugins.Manifest { return plugins.Manifest{ID: "other", Name: "Other"} }
func (plugin) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Scopes: []auth.Scope{{Resource: "sample", Action: "read"}},
		Endpoints: []plugins.Endpoint{{Method: "GET", Path: "/sample/hello"}}}, nil
}
`
	must(t, os.WriteFile(filepath.Join(other, "other.go"), []byte(source), 0o644))
	addToList(t, tree, "other")
	run(t, tree, "go", "generate", "./ent")
	cmd := exec.Command("go", "run", ".", "--listen=127.0.0.1:0")
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("started all the same: %s", out)
	}
	for _, want := range []string{`scope "sample:read"`, `endpoint "GET /sample/hello"`, `plugin "sample"`, `plugin "other"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the error does not say %s:\n%s", want, out)
		}
	}
}

func (s *server) wire(t *testing.T) {
	c := s.client(t)
	signedUp := c.post(t, "/api/auth/sign-up/email", map[string]any{"name": "Ada", "email": "ada@example.test", "password": "correct-Horse-7-battery", "nickname": "lovelace"})
	if user, _ := signedUp.body["user"].(map[string]any); signedUp.status != 200 || user["nickname"] != "lovelace" {
		t.Fatalf("sign-up: %d %v", signedUp.status, signedUp.body)
	}
	if signedUp.header.Get("X-Sample-Issued") == "" {
		t.Error("session issued: no header")
	}
	if r := c.post(t, "/api/auth/update-user", map[string]any{"nickname": ""}); r.status != 400 || r.body["code"] != "VALIDATION_ERROR" {
		t.Errorf("a bad nickname: %d %v", r.status, r.body)
	}
	if r := c.post(t, "/api/auth/sign-up/email", map[string]any{"name": "B", "email": "b@example.test", "password": "sample-refused-1"}); r.body["code"] != "SAMPLE_PASSWORD" {
		t.Errorf("password chosen: %v", r.body)
	}
	if r := c.get(t, "/api/auth/sample/hello", nil); r.body["hello"] != "Servus" || r.header.Get("X-Sample-After") != "yes" {
		t.Errorf("setting or after-hook: %v", r.body)
	}
	if r := c.get(t, "/api/auth/sample/hello", http.Header{"Accept-Language": {"de-AT"}}); r.body["hello"] != "Hallo" {
		t.Errorf("translation: %v", r.body)
	}
	if r := c.get(t, "/api/auth/get-session", nil); r.body["sample"] != true {
		t.Errorf("session read: %v", r.body)
	}
}

func (s *server) tenants(t *testing.T) {
	owner, orgs := s.client(t), map[string]string{"": ""}
	owner.post(t, "/api/auth/sign-in/email", map[string]any{"email": "admin@example.test", "password": "initial-Admin-9-password"})
	for _, slug := range []string{"nick", "past", "other", "org-7"} {
		r := owner.post(t, "/api/auth/organization/create", map[string]any{"name": slug, "slug": slug})
		if orgs[slug], _ = r.body["id"].(string); orgs[slug] == "" {
			t.Fatalf("no organization %s: %d %s", slug, r.status, r.text)
		}
	}
	c := s.client(t)
	c.post(t, "/api/auth/sign-in/email", map[string]any{"email": "ada@example.test", "password": "correct-Horse-7-battery"})
	if r := c.post(t, "/api/auth/sample/notes", map[string]any{"organizationId": orgs["nick"], "text": "mine"}); r.status != 200 || r.body["text"] != "mine" {
		t.Fatalf("writing where the grant is: %d %v", r.status, r.body)
	}
	for _, org := range []string{"past", "other", ""} {
		if r := c.post(t, "/api/auth/sample/notes", map[string]any{"organizationId": orgs[org], "text": "x"}); r.status != 403 || r.body["scope"] != "sample:write" {
			t.Errorf("writing in %q: %d %v", org, r.status, r.body)
		}
	}
	if r := c.get(t, "/api/auth/sample/notes/"+orgs["nick"], nil); r.text != `["mine"]` {
		t.Errorf("reading: %s", r.text)
	}
	stranger := s.client(t)
	if r := stranger.get(t, "/api/auth/sample/notes/"+orgs["org-7"], http.Header{"X-Sample": {"7"}}); r.text != `[]` {
		t.Errorf("a key of another organization reads %s", r.text)
	}
	if r := stranger.get(t, "/api/auth/sample/notes/"+orgs["nick"], http.Header{"X-Sample": {"7"}}); r.status != 403 {
		t.Errorf("a key in a foreign organization: %d", r.status)
	}
}

func (s *server) moments(t *testing.T) {
	c := s.client(t)
	if r := c.get(t, "/api/auth/sample/answered", nil); r.status != http.StatusTeapot {
		t.Errorf("request received: %d", r.status)
	}
	if r := c.get(t, "/api/auth/sample/hooked", nil); r.text != `"hook"` {
		t.Errorf("before endpoint: %s", r.text)
	}
	c.get(t, "/api/auth/sample/limited", nil)
	if r := c.get(t, "/api/auth/sample/limited", nil); r.status != 429 || r.header.Get("Retry-After") == "" {
		t.Errorf("limit: %d", r.status)
	}
	c.post(t, "/api/auth/sign-up/email", map[string]any{"name": "C", "email": "c@example.test", "password": "correct-Horse-7-battery"})
	c.post(t, "/api/auth/update-user", map[string]any{"nickname": "interrupted"})
	other := s.client(t)
	if r := other.post(t, "/api/auth/sign-in/email", map[string]any{"email": "c@example.test", "password": "correct-Horse-7-battery"}); r.body["sampleRedirect"] != true || strings.Contains(r.cookies(), "session_token") || !strings.Contains(r.cookies(), "sample=") {
		t.Errorf("interrupt: %v, cookies %s", r.body, r.cookies())
	}
	s.observed(t, c)
}

// observed reads back what the plugin saw, until all of it is there.
func (s *server) observed(t *testing.T, c *client) {
	want := []string{"created ", "updated ", "session of ", "event user.created", "event sample.noted", "sink sample.noted",
		"sending sample", "delivered to somebody", "job", "identity 42"}
	deadline := time.Now().Add(20 * time.Second)
	var all []string
	for {
		r := c.post(t, "/api/auth/sample/run", map[string]any{})
		if r.status != 200 || r.body["offered"] != true || fmt.Sprint(r.body["step"]) != "[email sample]" {
			t.Fatalf("run: %d %s", r.status, r.text)
		}
		for _, o := range r.body["observed"].([]any) {
			all = append(all, o.(string))
		}
		missing := slices.DeleteFunc(slices.Clone(want), func(w string) bool {
			return slices.ContainsFunc(all, func(o string) bool { return strings.HasPrefix(o, w) })
		})
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not observed: %v\nobserved: %v", missing, all)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (s *server) credentials(t *testing.T) {
	c := s.client(t)
	key := http.Header{"X-Sample": {"7"}}
	if r := c.get(t, "/api/auth/sample/whoami", key); r.body["scheme"] != "sample" || r.body["virtual"] != true || r.header.Get("X-Sample-Seen") != "yes" || fmt.Sprint(r.body["scopes"]) != "[sample:write]" {
		t.Errorf("virtual session: %d %s", r.status, r.text)
	}
	if r := c.get(t, "/api/auth/sample/whoami", http.Header{"X-Sample": {"bad"}}); r.status != 401 || r.body["code"] != "SAMPLE_BAD" {
		t.Errorf("rejection: %d %s", r.status, r.text)
	}
	if r := c.get(t, "/api/auth/sample/whoami", nil); r.status != 401 {
		t.Errorf("no credential: %d", r.status)
	}
	if r := c.postWith(t, "/api/auth/sample/credential", map[string]any{}, key); r.status != 403 {
		t.Errorf("a virtual session manages credentials: %d", r.status)
	}
	c.post(t, "/api/auth/sign-in/email", map[string]any{"email": "ada@example.test", "password": "correct-Horse-7-battery"})
	if r := c.get(t, "/api/auth/sample/whoami", nil); r.status != 401 {
		t.Errorf("a scheme that is not accepted: %d", r.status)
	}
	if r := c.post(t, "/api/auth/sample/strong", map[string]any{}); r.status != 403 || r.body["code"] != "STEP_UP_REQUIRED" {
		t.Errorf("step-up: %d %s", r.status, r.text)
	}
}

func (s *server) screens(t *testing.T) {
	c := s.client(t)
	if r := c.get(t, "/sign-in", nil); !strings.Contains(r.text, "Continue with Sample") || !strings.Contains(r.text, `data-sample="yes"`) {
		t.Error("the sign-in page has no sample method, or its decoration is missing")
	}
	c.post(t, "/api/auth/sign-in/email", map[string]any{"email": "admin@example.test", "password": "initial-Admin-9-password"})
	session := c.get(t, "/api/auth/get-session", nil)
	id := session.body["user"].(map[string]any)["id"].(string)
	for path, want := range map[string]string{
		"/admin":                         "Sample tile",
		"/admin/sample":                  "Sample",
		"/admin/users/" + id + "/sample": "Sample tab of " + id,
		"/admin/plugins":                 "Sample",
		"/admin?":                        "Write the first sample",
		"/admin/find?q=begin":            "Begin a sample",
		"/admin/roles":                   "Read samples",
	} {
		if r := c.get(t, path, nil); r.status != 200 || !strings.Contains(r.text, want) {
			t.Errorf("%s: %d, no %q", path, r.status, want)
		}
	}
	ada := s.client(t)
	ada.post(t, "/api/auth/sign-in/email", map[string]any{"email": "ada@example.test", "password": "correct-Horse-7-battery"})
	if r := ada.get(t, "/admin/sample", nil); r.status != 403 || !strings.Contains(r.text, "sample:read") {
		t.Errorf("a person without the scope: %d", r.status)
	}
	if r := c.get(t, "/metrics", http.Header{"Authorization": {"Bearer metrics-token-of-the-sample"}}); !strings.Contains(r.text, "sample_notes 1") {
		t.Errorf("metrics: %d, no sample_notes", r.status)
	}
}

// ---- the tree

func copyTree(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	tree := filepath.Join(t.TempDir(), "tree")
	must(t, os.CopyFS(tree, os.DirFS(root)))
	must(t, os.RemoveAll(filepath.Join(tree, ".git")))
	return tree
}

func install(t *testing.T, tree string) {
	t.Helper()
	to := filepath.Join(tree, "plugins", "sample")
	must(t, os.CopyFS(to, os.DirFS("testdata/sample")))
	text, err := os.ReadFile("testdata/isolation_test.go.txt")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(to, "isolation_test.go"), text, 0o644))
	addToList(t, tree, "sample")
}

// addToList adds the one line, with its import.
func addToList(t *testing.T, tree, name string) {
	t.Helper()
	path := filepath.Join(tree, "main.go")
	b, err := os.ReadFile(path)
	must(t, err)
	text := strings.Replace(string(b), "\t\"gatehouse/plugins\"\n", "\t\"gatehouse/plugins\"\n\t\"gatehouse/plugins/"+name+"\"\n", 1)
	text = strings.Replace(text, "return []plugins.Plugin{\n", "return []plugins.Plugin{\n\t\t"+name+".New(),\n", 1)
	if text == string(b) {
		t.Fatal("main.go has no list to add to")
	}
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func refuseUnbound(t *testing.T, tree string) {
	path := filepath.Join(tree, "plugins", "sample", "unbound.go")
	must(t, os.WriteFile(path, []byte("package sample\n\nimport \"gatehouse/auth\"\n\nfunc unbound(tx *auth.Tx) any { return tx.SampleNote() }\n"), 0o644))
	defer os.Remove(path)
	cmd := exec.Command("go", "vet", "./plugins/sample")
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "SampleNote") {
		t.Errorf("access without an organization compiles: %s", out)
	}
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && !(len(args) > 0 && args[0] == "doctor") {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ---- the running program

type server struct{ *product.Server }

func start(t *testing.T, binary string) *server {
	t.Helper()
	s, err := product.Start(binary, "--sign_up.enabled=true", "--rate_limit.account.enabled=false", "--sample.greeting=Servus", product.WithAdmin(),
		"--metrics.token=metrics-token-of-the-sample", "--rate_limit.rules=[{path='/sign-*/**',off=true}]")
	must(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping: %v", err)
		}
		if t.Failed() {
			t.Logf("server:\n%s", s.Log())
		}
	})
	return &server{s}
}

type client struct{ *product.Client }

type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (a answer) cookies() string { return strings.Join(a.header["Set-Cookie"], "\n") }

func (s *server) client(*testing.T) *client { return &client{s.Client()} }

func (c *client) get(t *testing.T, path string, h http.Header) answer {
	return c.do(t, http.MethodGet, path, nil, h)
}

func (c *client) post(t *testing.T, path string, body any) answer {
	return c.postWith(t, path, body, nil)
}

func (c *client) postWith(t *testing.T, path string, body any, h http.Header) answer {
	return c.do(t, http.MethodPost, path, body, h)
}

func (c *client) do(t *testing.T, method, path string, body any, h http.Header) answer {
	t.Helper()
	a, err := c.Do(method, path, body, h)
	must(t, err)
	return answer{a.Status, a.Header, a.Text, a.JSON}
}
