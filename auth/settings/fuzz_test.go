package settings

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkLoad loads a shop and holds what is promised whatever the input: an
// error is Problems of one line each without the secret, else the values keep
// their rules.
func checkLoad(t *testing.T, from Sources) {
	t.Helper()
	s := newShop()
	set, err := Load(from, s)
	if err != nil {
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("the error is %T", err)
		}
		if n := strings.Count(err.Error(), "\n"); n != len(problems)-1 {
			t.Fatalf("%d problems on %d lines", len(problems), n+1)
		}
		return
	}
	v := s.Get()
	if v.Name == "" || utf8.RuneCountInString(v.Name) > 10 || v.Count < 1 || v.Count > 9 || v.Wait < 0 || v.Wait > day || len(v.Hosts) > 3 || v.Nested.Low > v.Nested.High {
		t.Fatalf("values break their rules: %+v", v)
	}
	for _, f := range set.Fields() {
		if f.Secret || !set.index.leaves[f.Key].kind.structured() && f.Kind != List {
			continue
		}
		if _, err := set.reread(f.Key, f.Value); err != nil {
			t.Fatalf("%s shown as %q: %v", f.Key, f.Value, err)
		}
	}
}

// reread reads a value as Preview does, locked or not.
func (s *Set) reread(key, text string) (json.RawMessage, error) {
	l := s.index.leaves[key]
	value := newValue(s.index.owners[key].defaults)
	return nil, l.read(value, textEntry(text, "")).orNil()
}

func FuzzEnvironment(f *testing.F) {
	for _, seed := range []string{
		"GATEHOUSE_SHOP_NAME=a", "GATEHOUSE_SHOP_LABELS={a='b'}", "GATEHOUSE_SHOP_GOODS=[a]\nprice=1", "GATEHOUSE_SHOP_RULES=[{path='/',for='1d'}]",
		"GATEHOUSE_SHOP_HOSTS=a,,b", "GATEHOUSE_PORT=1", "GATEHOUSE_", "=", "GATEHOUSE_SHOP_WAIT=1d\x00GATEHOUSE_SHOP_WAIT=2", "GATEHOUSE_SHOP_LABELS={\"\\u0000\"='x'}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		if strings.Contains(joined, "_FILE") {
			return // such a variable reads a file
		}
		checkLoad(t, Sources{Environ: strings.Split(joined, "\x00")})
	})
}

func FuzzFlags(f *testing.F) {
	for _, seed := range []string{"--shop.name\x00a", "--shop.open\x00--shop.count=3", "--", "--=", "--shop.nam=1", "--shop.labels={a='1'}", "x\x00--url\x00y", "--shop.name"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		args := strings.Split(joined, "\x00")
		settings, rest := SplitArgs(args, newShop())
		if len(settings)+len(rest) != len(args) {
			t.Fatalf("%d arguments became %d and %d", len(args), len(settings), len(rest))
		}
		for i, again := range [][]string{settings, rest} {
			if s, r := SplitArgs(again, newShop()); i == 0 && len(r) != 0 || i == 1 && len(s) != 0 && !strings.Contains(joined, "--\x00") {
				t.Fatalf("%q splits differently again: %q, %q", again, s, r)
			}
		}
		checkLoad(t, Sources{Args: settings})
	})
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"[shop]\nname='a'\n", "shop.name='a'\nshop.hosts=['x']", "[shop.goods.a]\nprice=1\nextra=1.5", "[[shop.rules]]\npath='/'", "shop={nested={low=1}}",
		"\"shop.name\"='b'", "shop=1", "[shop]\nwait=1979-05-27", "[shop]\nratio=inf", "[shop]\nlabels={\"a\\nb\"=\"\\u0001\"}", "[shop]\r\nname=\"\"\"\na\"\"\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkLoad(t, Sources{File: File{Path: "f.toml", Data: data}}) })
}

func FuzzStored(f *testing.F) {
	for _, seed := range []string{`"a"`, `1e400`, `{"a":{"price":1}}`, `[{"path":"/","for":1}]`, `null`, `[[[[[[[[[[[[]]]]]]]]]]]]`, `{"a":`, `true false`} {
		f.Add("shop.goods", []byte(seed))
		f.Add("shop.name", []byte(seed))
		f.Add("shop.rules", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, key string, raw []byte) {
		checkLoad(t, Sources{Stored: map[string]json.RawMessage{key: raw}})
	})
}

func FuzzSecrets(f *testing.F) {
	for _, seed := range []string{"2:a,1:b", "1:", ":", "1:a,1:a", "99999999999999999999:a", "1:a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Secrets
		if err := s.UnmarshalText([]byte(text)); err != nil {
			if !strings.HasPrefix(err.Error(), "entry ") && !strings.HasPrefix(err.Error(), "has too many") || len(err.Error()) > 80 {
				t.Fatalf("the error quotes: %v", err)
			}
			return
		}
		seen := map[int]bool{}
		for _, v := range s {
			if v.Version < 0 || seen[v.Version] || v.Value.Empty() {
				t.Fatalf("%q gives a faulty entry %d", text, v.Version)
			}
			seen[v.Version] = true
		}
	})
}

func FuzzShowAddress(f *testing.F) {
	for _, seed := range []string{"", "/", "@", "a@b", "%41", "#", "?x=1", "/c@d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, around string) {
		const password = "pass-word-1234567890"
		for _, text := range []string{"smtp://u:" + password + around + "@host/x", "postgres://u:" + around + password + "@host/x", "mysql://h/x?password=" + password + around} {
			if strings.Contains(showAddress(text), password) {
				t.Fatalf("%q is shown as %q", text, showAddress(text))
			}
		}
	})
}
