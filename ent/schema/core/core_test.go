package core

import (
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
)

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	counts := map[rune]int{}
	for range 2000 {
		key := NewKey()
		if len(key) != KeyLength || seen[key] {
			t.Fatalf("key %q", key)
		}
		seen[key] = true
		for _, r := range key {
			if !strings.ContainsRune(keyAlphabet, r) {
				t.Fatalf("%q holds %q", key, r)
			}
			counts[r]++
		}
	}
	// 64,000 draws of 62 letters: 1,032 each, a standard deviation of 32.
	for _, r := range keyAlphabet {
		if n := counts[r]; n < 832 || n > 1232 {
			t.Errorf("%q was drawn %d times", r, n)
		}
	}
}

func TestNowIsWhatColumnsHold(t *testing.T) {
	now := Now()
	if now.Location() != time.UTC || now.Nanosecond()%1e6 != 0 || now != now.Round(0) {
		t.Errorf("now is %#v", now)
	}
}

func TestTimeField(t *testing.T) {
	d := Time("at").Nillable().DefaultNow().UpdateNow().Immutable().StorageKey("x").Annotations(Hidden()).Descriptor()
	if d.SchemaType[dialect.MySQL] != "datetime(3)" {
		t.Errorf("MySQL type %q", d.SchemaType[dialect.MySQL])
	}
	if !d.Optional || !d.Nillable || !d.Immutable || d.StorageKey != "x" || len(d.Annotations) != 1 {
		t.Errorf("descriptor %+v", d)
	}
	if d.Default.(func() time.Time)().IsZero() || d.UpdateDefault.(func() time.Time)().IsZero() {
		t.Error("no default")
	}
	if plain := Time("at").Descriptor(); plain.Optional || plain.Nillable || plain.Default != nil {
		t.Errorf("plain descriptor %+v", plain)
	}
}

func TestPictureAddress(t *testing.T) {
	for address, ok := range map[string]bool{
		"": true, "https://pictures.example/a.png": true, "http://localhost:3000/a?b=c#d": true, "HTTPS://pictures.example/ä.png": true,
		"javascript:alert(1)": false, "JavaScript:alert(1)": false, " javascript:alert(1)": false, "java\nscript:alert(1)": false, "javascript://x.example/%0aalert(1)": false,
		"data:text/html,x": false, "data:image/png;base64,AAAA": false, "vbscript:x": false, "file:///etc/passwd": false, "ftp://x.example/a.png": false,
		"//x.example/a.png": false, "/picture/a": false, "a.png": false, "https:": false, "https://": false, "https:///a.png": false, "https://:443/a": false,
	} {
		if err := PictureAddress(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
