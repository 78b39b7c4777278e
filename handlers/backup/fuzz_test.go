package backup

import (
	"encoding/json"
	"testing"
)

// FuzzArguments reads any line: it is refused or gives one value for each column.
func FuzzArguments(f *testing.F) {
	columns := []Column{{"id", "string"}, {"on", "bool"}, {"n", "int"}, {"x", "float"}, {"at", "time"}, {"data", "json"}, {"raw", "bytes"}}
	for _, seed := range []string{
		`{"id":"a","on":true,"n":1,"x":0.5,"at":"2026-01-02T03:04:05.678Z","data":{"a":[1]},"raw":"AP8="}`,
		`{"id":null,"on":null,"n":null,"x":null,"at":null,"data":null,"raw":null}`,
		`{"id":1}`, `[]`, ``, `{"id":"a"} {}`, `{"n":9007199254740993}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		args, err := arguments(columns, line)
		if err == nil && len(args) != len(columns) {
			t.Errorf("%d values", len(args))
		}
	})
}

// FuzzManifest reads any manifest: names that pass need no quoting.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"tables":[{"name":"user","columns":[{"name":"id","kind":"string"}]}]}`))
	f.Add([]byte(`{"format":1,"tables":[{"name":"a\"; DROP","columns":[{"name":"id","kind":"string"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m Manifest
		if json.Unmarshal(text, &m) != nil || m.check() != nil {
			return
		}
		for _, table := range m.Tables {
			for _, c := range table.Columns {
				if !identifier.MatchString(table.Name) || !identifier.MatchString(c.Name) {
					t.Errorf("names %q, %q", table.Name, c.Name)
				}
			}
		}
	})
}
