package settings

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPrecedence(t *testing.T) {
	secretPath := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(secretPath, []byte("from a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		from   Sources
		key    string
		value  string
		source Source
		locked bool
	}{
		"default":     {Sources{}, "shop.name", "corner", FromDefault, false},
		"console":     {Sources{Stored: stored("shop.name", `"stored"`)}, "shop.name", "stored", FromConsole, false},
		"file":        {Sources{File: file("\n[shop]\nname = 'filed'"), Stored: stored("shop.name", `"stored"`)}, "shop.name", "filed", "file gatehouse.toml:3", true},
		"environment": {Sources{Environ: []string{"GATEHOUSE_SHOP_NAME=env"}, Stored: stored("shop.name", `"stored"`)}, "shop.name", "env", "environment GATEHOUSE_SHOP_NAME", true},
		"flag":        {Sources{Args: []string{"--shop.name", "flag"}, Stored: stored("shop.name", `"stored"`)}, "shop.name", "flag", "flag --shop.name", true},
		"secret file": {Sources{Environ: []string{"GATEHOUSE_SHOP_KEY_FILE=" + secretPath}}, "shop.key", masked, "environment GATEHOUSE_SHOP_KEY_FILE", true},
		"last of a repeated variable": {Sources{Environ: []string{"GATEHOUSE_SHOP_NAME=a", "GATEHOUSE_SHOP_NAME=b"}},
			"shop.name", "b", "environment GATEHOUSE_SHOP_NAME", true},
	} {
		t.Run(name, func(t *testing.T) {
			section, set := load(t, tt.from)
			f, ok := set.Field(tt.key)
			if !ok || f.Value != tt.value || f.Source != tt.source || f.Locked != tt.locked {
				t.Errorf("got %+v", f)
			}
			if tt.key == "shop.key" && section.Get().Key.Reveal() != "from a file" {
				t.Errorf("the secret is %q", section.Get().Key.Reveal())
			}
		})
	}
}

func TestOneKeyInTwoPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	flag := Sources{Args: []string{"--shop.key=a"}}
	env := Sources{Environ: []string{"GATEHOUSE_SHOP_KEY=a"}}
	fileEnv := Sources{Environ: []string{"GATEHOUSE_SHOP_KEY_FILE=" + path}}
	toml := Sources{File: file("[shop]\nkey = 'a'")}
	places := map[*Sources]string{&flag: "flag --shop.key", &env: "environment GATEHOUSE_SHOP_KEY",
		&fileEnv: "environment GATEHOUSE_SHOP_KEY_FILE", &toml: "file gatehouse.toml:2"}
	for a, placeA := range places {
		for b, placeB := range places {
			if a == b {
				continue
			}
			both := Sources{Args: append(a.Args, b.Args...), Environ: append(append([]string{}, a.Environ...), b.Environ...), File: a.File}
			if b.File.Data != nil {
				both.File = b.File
			}
			mustContain(t, refused(t, both), "shop.key", placeA, placeB, "keep one")
		}
	}
	mustContain(t, refused(t, Sources{Args: []string{"--shop.open", "--shop.open=true"}}), "flag --shop.open and flag --shop.open")
}

func TestAliases(t *testing.T) {
	for env, key := range map[string]string{"BETTER_AUTH_URL": "url", "BETTER_AUTH_SECRET": "secret", "BETTER_AUTH_SECRETS": "secrets"} {
		value := map[string]string{"url": "http://127.0.0.1", "secret": "s", "secrets": "1:s"}[key]
		set, err := Load(Sources{Environ: []string{env + "=" + value}, File: file("")}, NewCore().Groups()...)
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := set.Field(key); f.Source != Source("environment "+env) || !f.Locked {
			t.Errorf("%s has source %q", key, f.Source)
		}
		_, err = Load(Sources{Environ: []string{env + "=" + value}, Args: []string{"--" + key + "=" + value}, File: file("")}, NewCore().Groups()...)
		if err == nil {
			t.Errorf("%s and the flag together were accepted", env)
			continue
		}
		mustContain(t, err.Error(), "environment "+env, "flag --"+key)
	}
	if _, err := Load(Sources{Environ: []string{"BETTER_AUTH_URL=", "GATEHOUSE_URL=http://localhost:1"}, File: file("")}, NewCore().Groups()...); err != nil {
		t.Errorf("an empty alias counts: %v", err)
	}
}

func TestUnknownNames(t *testing.T) {
	for name, tt := range map[string]struct {
		from  Sources
		parts []string
	}{
		"flag":           {Sources{Args: []string{"--shop.nam=x"}}, []string{"flag --shop.nam", "--shop.name?"}},
		"flag, value":    {Sources{Args: []string{"--shop.nam", "x"}}, []string{"--shop.name?"}},
		"flag, far":      {Sources{Args: []string{"--wholly.different"}}, []string{"no setting has this name"}},
		"stray":          {Sources{Args: []string{"stray"}}, []string{"an argument is not a flag"}},
		"variable":       {Sources{Environ: []string{"GATEHOUSE_SHOP_HOST=x"}}, []string{"environment GATEHOUSE_SHOP_HOST", "GATEHOUSE_SHOP_HOSTS?"}},
		"variable, far":  {Sources{Environ: []string{"GATEHOUSE_XYZ=x"}}, []string{"GATEHOUSE_XYZ", "remove it"}},
		"no secret":      {Sources{Environ: []string{"GATEHOUSE_SHOP_NAME_FILE=x"}}, []string{"GATEHOUSE_SHOP_NAME_FILE"}},
		"key":            {Sources{File: file("[shop]\nopen=true\nNames='x'")}, []string{"shop.Names", "gatehouse.toml:3", "shop.name?"}},
		"section":        {Sources{File: file("[shops]\nname='x'")}, []string{"shops", "gatehouse.toml:1", "no table has this name; did you mean shop?"}},
		"section, far":   {Sources{File: file("[wholly]\ndifferent='x'")}, []string{"wholly (file gatehouse.toml:1): no table has this name"}},
		"top level":      {Sources{File: file("name = 'x'")}, []string{"did you mean shop.name?"}},
		"key in table":   {Sources{File: file("[shop.goods.pear]\nprise = 1")}, []string{"shop.goods.pear.prise", "gatehouse.toml:1", "price?"}},
		"scalar section": {Sources{File: file("shop = 1")}, []string{"shop", "must be a table"}},
	} {
		t.Run(name, func(t *testing.T) { mustContain(t, refused(t, tt.from), tt.parts...) })
	}
}

func TestContainerLinks(t *testing.T) {
	links := []string{
		"GATEHOUSE_PORT=tcp://10.0.0.1:3000", "GATEHOUSE_PORT=3000", "GATEHOUSE_SERVICE_HOST=10.0.0.1", "GATEHOUSE_SERVICE_PORT=3000",
		"GATEHOUSE_SERVICE_PORT_HTTP=3000", "GATEHOUSE_PORT_3000_TCP=tcp://10.0.0.1:3000", "GATEHOUSE_PORT_3000_TCP_PROTO=tcp",
		"GATEHOUSE_PORT_3000_TCP_PORT=3000", "GATEHOUSE_PORT_53_UDP_ADDR=10.0.0.1", "GATEHOUSE_DB_SERVICE_HOST=10.0.0.2", "GATEHOUSE_DB_PORT=tcp://10.0.0.2:5432",
	}
	for _, link := range links {
		_, set := load(t, Sources{Environ: []string{link}})
		if w := set.Warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), strings.Split(link, "=")[0]) {
			t.Errorf("%s: warnings %v", link, w)
		}
	}
	for _, other := range []string{"GATEHOUSE_PORTS=1", "GATEHOUSE_HOST=x", "GATEHOUSE_DB_PORT=5432", "GATEHOUSE_PORT_TCP=1", "GATEHOUSE_PORT_3000=1", "GATEHOUSE_SERVICE=1", "GATEHOUSE_="} {
		refused(t, Sources{Environ: []string{other}})
	}
	load(t, Sources{Environ: []string{"PATH=/bin", "GATEHOUSEX=1", "=C:=x", "junk"}})
}

func TestValues(t *testing.T) {
	want := newShop().Get()
	want.Open, want.Count, want.Wide, want.Ratio, want.Wait, want.Room, want.Mode = true, 3, -4, 0.25, 2*time.Hour, 2*MiB, Off
	want.Hosts, want.Labels = []string{"b", "c"}, map[string]string{"x y": "1"}
	want.Goods = map[string]good{"pear": {Price: 7, Sold: true, Extra: int64(1)}, "fig": {Sold: false, Extra: "t"}}
	want.Rules, want.Nested = []shelf{{"/a", 90 * time.Second}, {"/b", time.Minute}}, nested{2, 3}
	for name, from := range map[string]Sources{
		"environment": {Environ: []string{
			"GATEHOUSE_SHOP_OPEN=yes", "GATEHOUSE_SHOP_COUNT= 3 ", "GATEHOUSE_SHOP_WIDE=-4", "GATEHOUSE_SHOP_RATIO=0.25", "GATEHOUSE_SHOP_WAIT=2h", "GATEHOUSE_SHOP_ROOM=2MiB",
			"GATEHOUSE_SHOP_MODE=off", "GATEHOUSE_SHOP_HOSTS=b, c,", `GATEHOUSE_SHOP_LABELS="x y" = "1"`, `GATEHOUSE_SHOP_GOODS={pear={price=7,extra=1},fig={sold=false,extra="t"}}`,
			`GATEHOUSE_SHOP_RULES=[{path="/a",for=90},{path="/b",for="1m"}]`, "GATEHOUSE_SHOP_NESTED_LOW=2", "GATEHOUSE_SHOP_NESTED_HIGH=3"}},
		"flags": {Args: []string{
			"--shop.open", "--shop.count=3", "--shop.wide", "-4", "--shop.ratio", "0.25", "--shop.wait=7200", "--shop.room", "2097152", "--shop.mode=false", "--shop.hosts", "b,c",
			"--shop.labels={\"x y\"='1'}", "--shop.goods", "[pear]\nprice=7\nextra=1\n[fig]\nsold=false\nextra='t'", "--shop.rules=[{path='/a',for='90s'},{path='/b',for=60}]",
			"--shop.nested.low", "2", "--shop.nested.high", "3"}},
		"file": {File: file(`
[shop]
open = true
count = 3
wide = -4
ratio = 0.25
wait = "2h"
room = "2MiB"
mode = false
hosts = ["b", "c"]
labels = {"x y" = "1"}
nested = {low = 2, high = 3}
[shop.goods.pear]
price = 7
extra = 1
[shop.goods.fig]
sold = false
extra = "t"
[[shop.rules]]
path = "/a"
for = 90
[[shop.rules]]
path = "/b"
for = 60.0
`)},
		"console": {Stored: stored("shop.open", "true", "shop.count", "3", "shop.wide", "-4", "shop.ratio", "0.25", "shop.wait", "7200", "shop.room", `"2MiB"`, "shop.mode", `"false"`,
			"shop.hosts", `["b","c"]`, "shop.labels", `{"x y":"1"}`, "shop.goods", `{"pear":{"price":7,"extra":1},"fig":{"sold":false,"extra":"t"}}`,
			"shop.rules", `[{"path":"/a","for":90},{"path":"/b","for":"60s"}]`, "shop.nested.low", "2", "shop.nested.high", "3")},
	} {
		t.Run(name, func(t *testing.T) {
			section, _ := load(t, from)
			if got := section.Get(); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestUnfitValues(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for _, tt := range []struct{ env, part string }{
		{"GATEHOUSE_SHOP_NAME=", "must not be empty"},
		{"GATEHOUSE_SHOP_NAME=elevenchars", "at most 10 characters"},
		{"GATEHOUSE_SHOP_NAME=" + long, "is longer than"},
		{"GATEHOUSE_SHOP_NAME=a\xff", "not text"},
		{"GATEHOUSE_SHOP_NAME=a\x00", "not text"},
		{"GATEHOUSE_SHOP_OPEN=perhaps", `true or false, not "perhaps"`},
		{"GATEHOUSE_SHOP_COUNT=0", "at least 1"},
		{"GATEHOUSE_SHOP_COUNT=10", "at most 9"},
		{"GATEHOUSE_SHOP_COUNT=1.5", "whole number"},
		{"GATEHOUSE_SHOP_COUNT=0x5", "whole number"},
		{"GATEHOUSE_SHOP_COUNT=99999999999999999999", "whole number"},
		{"GATEHOUSE_SHOP_RATIO=NaN", "must be a number"},
		{"GATEHOUSE_SHOP_RATIO=2", "at most 1"},
		{"GATEHOUSE_SHOP_WAIT=", "seconds"},
		{"GATEHOUSE_SHOP_WAIT=2d", "at most 1d"},
		{"GATEHOUSE_SHOP_ROOM=big", "bytes"},
		{"GATEHOUSE_SHOP_MODE=sometimes", "auto, true or false"},
		{"GATEHOUSE_SHOP_HOSTS=a,b,c,d", "at most 3 entries"},
		{"GATEHOUSE_SHOP_LABELS={a=1}", "shop.labels.a"},
		{"GATEHOUSE_SHOP_LABELS={a=", "(line 1, column 3)"},
		{"GATEHOUSE_SHOP_LABELS={a='1'}\nb='2'", "TOML"},
		{"GATEHOUSE_SHOP_GOODS={a={price=-1}}", "shop.goods.a.price"},
		{"GATEHOUSE_SHOP_GOODS={a={extra=[1]}}", "a text, a number, true or false"},
		{"GATEHOUSE_SHOP_GOODS={a={extra=nan}}", "must be a number"},
		{"GATEHOUSE_SHOP_RULES={path='/'}", "must be a list"},
		{"GATEHOUSE_SHOP_RULES=[{path=1}]", "shop.rules.1.path"},
		{"GATEHOUSE_SHOP_NESTED_LOW=6", "shop.nested.low (environment GATEHOUSE_SHOP_NESTED_LOW): is above high; lower it"},
	} {
		mustContain(t, refused(t, Sources{Environ: []string{tt.env}}), tt.part)
	}
	for _, tt := range []struct{ toml, part string }{
		{"name = 5", "text in quotes, not 5"},
		{"open = 'true'", "must be true or false"},
		{"count = '3'", "whole number"},
		{"count = 3.0", ""},
		{"hosts = 'a,b'", "must be a list"},
		{"hosts = [1]", "shop.hosts.1"},
		{"labels = 'x'", "must be a table"},
		{"name = 2020-01-01", "text in quotes"},
		{"name = \"a\\u0000\"", "not text"},
		{"name = 'a'\nname = 'b'", "is not TOML (line 3"},
		{"goods = {a={extra=2020-01-01}}", "a text, a number"},
		{"boot_port = true", "gatehouse.toml:2"},
	} {
		if tt.part == "" {
			load(t, Sources{File: file("[shop]\n" + tt.toml)})
			continue
		}
		mustContain(t, refused(t, Sources{File: file("[shop]\n" + tt.toml)}), tt.part)
	}
}

func TestEmptyListIsNotNil(t *testing.T) {
	for name, from := range map[string]Sources{
		"environment": {Environ: []string{"GATEHOUSE_SHOP_HOSTS="}},
		"flag":        {Args: []string{"--shop.hosts="}},
		"file":        {File: file("shop.hosts = []")},
		"console":     {Stored: stored("shop.hosts", "[]")},
	} {
		section, _ := load(t, from)
		if hosts := section.Get().Hosts; hosts == nil || len(hosts) != 0 {
			t.Errorf("%s: %#v", name, hosts)
		}
	}
}

func TestAllProblemsTogether(t *testing.T) {
	text := refused(t, Sources{
		Args:    []string{"--shop.wat=1", "--shop.count=0"},
		Environ: []string{"GATEHOUSE_SHOP_OPEN=?", "GATEHOUSE_NOPE=1"},
		File:    file("shop.ratio = 5\nother = 1"),
		Stored:  stored("shop.wait", `"long"`, "shop.mode", `{`, "shop.room", `1 2`, "shop.labels", `null`),
	})
	lines := strings.Split(text, "\n")
	if len(lines) != 10 {
		t.Errorf("%d lines:\n%s", len(lines), text)
	}
	mustContain(t, text, "--shop.wat", "shop.count (flag --shop.count)", "shop.open (environment", "GATEHOUSE_NOPE", "shop.ratio (file gatehouse.toml:1)",
		"other (file gatehouse.toml:2)", "shop.wait (console)", "shop.mode (console): is not JSON", "shop.room (console): is more than one", "shop.labels (console): must not be null")
}

func TestProblemsStayOneLineEach(t *testing.T) {
	text := refused(t, Sources{Args: []string{"--shop.x\nforged: line=1"}, Environ: []string{"GATEHOUSE_A\u2028B=1"}})
	if n := strings.Count(text, "\n"); n != 1 || strings.Contains(text, "\u2028") {
		t.Errorf("%d line ends in %q", n, text)
	}
}

func TestConfigFileSetting(t *testing.T) {
	type top struct {
		Config string `setting:"config" help:"File"`
		Name   string `setting:"name" help:"Name"`
	}
	dir := t.TempDir()
	path, fallback := filepath.Join(dir, "own.toml"), filepath.Join(dir, "default.toml")
	if err := os.WriteFile(path, []byte("name = 'own'"), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(from Sources) (string, error) {
		s := Define("", top{Config: fallback})
		_, err := Load(from, s)
		return s.Get().Name, err
	}
	if name, err := read(Sources{}); name != "" || err != nil {
		t.Errorf("an absent default file: %q, %v", name, err)
	}
	for _, from := range []Sources{{Args: []string{"--config", path}}, {Environ: []string{"GATEHOUSE_CONFIG=" + path}}, {File: File{Path: path}}} {
		if name, err := read(from); name != "own" || err != nil {
			t.Errorf("%v: %q, %v", from, name, err)
		}
	}
	if err := os.WriteFile(fallback, []byte("name = 'fallback'"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name, err := read(Sources{}); name != "fallback" || err != nil {
		t.Errorf("the default file: %q, %v", name, err)
	}
	for part, from := range map[string]Sources{
		"cannot read the file":  {Args: []string{"--config", filepath.Join(dir, "absent")}},
		"is a folder":           {Args: []string{"--config", dir}},
		"cannot stand in it":    {File: file("config = 'x'")},
		"is longer than 256KiB": {File: file("# " + strings.Repeat("x", maxFile))},
	} {
		if _, err := read(from); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q expected: %v", part, err)
		}
	}
}

func TestSecretFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("modes mean nothing on this system")
		return
	}
	dir := t.TempDir()
	write := func(name string, size int, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for part, path := range map[string]string{
		"can be read by everyone": write("open", 1, 0o644),
		"longer than":             write("long", maxText+1, 0o600),
		"cannot read the file":    filepath.Join(dir, "absent"),
		"is a folder":             dir,
	} {
		mustContain(t, refused(t, Sources{Environ: []string{"GATEHOUSE_SHOP_KEY_FILE=" + path}}), "shop.key (environment GATEHOUSE_SHOP_KEY_FILE)", part)
	}
	load(t, Sources{Environ: []string{"GATEHOUSE_SHOP_KEY_FILE=" + write("group", 1, 0o640)}})
	if !mounted("/run/secrets/key") || mounted(dir) {
		t.Error("mounted secrets are not told apart")
	}
	config := filepath.Join(dir, "open.toml")
	if err := errors.Join(os.WriteFile(config, []byte("shop.key = 'x'"), 0o600), os.Chmod(config, 0o644)); err != nil {
		t.Fatal(err)
	}
	_, set := load(t, Sources{File: File{Path: config}})
	mustContain(t, set.Warnings().Error(), "shop.key", "everyone can read")
}

func TestStoredValuesThatDoNotApply(t *testing.T) {
	section, set := load(t, Sources{Stored: stored("shop.boot_port", "81", "gone.key", "1")})
	if section.Get().Port != 80 || len(set.Warnings()) != 2 {
		t.Errorf("port %d, warnings %v", section.Get().Port, set.Warnings())
	}
	mustContain(t, set.Warnings().Error(), "gone.key (console): no setting", "shop.boot_port (console): is read at start only")
	// An overridden stored value is not looked at.
	load(t, Sources{Stored: stored("shop.count", "77"), Args: []string{"--shop.count=2"}})
}

// Texts end up in headers of mails, in logs and on pages: one line, wherever they come
// from and however deep they lie.
func TestTextsAreOneLine(t *testing.T) {
	for _, bad := range []string{`A\r\nBcc: x`, `a\nb`, `a\u2028b`, `a\u0007b`, `a\u0085b`, `a\u001bb`, `a\u202eb`} {
		for key, value := range map[string]string{"shop.name": `"` + bad + `"`, "shop.hosts": `["` + bad + `"]`, "shop.rules": `[{"path":"` + bad + `"}]`, "shop.goods": `{"a":{"extra":"` + bad + `"}}`} {
			mustContain(t, refused(t, Sources{Stored: stored(key, value)}), key, "must be one line without control characters")
		}
		mustContain(t, refused(t, Sources{File: file("[shop]\nname = \"" + bad + "\"")}), "shop.name", "one line")
		mustContain(t, refused(t, Sources{Stored: stored("shop.labels", `{"`+bad+`":"x"}`)}), "must have names of one line")
	}
	mustContain(t, refused(t, Sources{Environ: []string{"GATEHOUSE_SHOP_NAME=A\r\nB"}}), "one line")
	_, set := load(t, Sources{})
	if _, err := set.Preview("shop.name", "A\r\nBcc: x"); err == nil {
		t.Error("a form may store line breaks")
	}
}
