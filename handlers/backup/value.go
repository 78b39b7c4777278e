package backup

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// kinds are the kinds of column in archives.
var kinds = []string{"string", "bool", "int", "float", "time", "json", "bytes"}

// kindOf maps the catalog's kinds to those of archives.
func kindOf(kind string) string {
	switch kind {
	case "enum":
		return "string"
	case "int64":
		return "int"
	case "float64":
		return "float"
	}
	return kind
}

// cell is the place a column is read into.
type cell interface {
	// append writes the value as JSON.
	append(dst []byte) ([]byte, error)
}

type (
	textCell  struct{ sql.NullString }
	boolCell  struct{ sql.NullBool }
	intCell   struct{ sql.NullInt64 }
	floatCell struct{ sql.NullFloat64 }
	timeCell  struct{ sql.NullTime }
	rawCell   struct{ data []byte }
	jsonCell  struct{ data []byte }
)

func newCell(kind string) cell {
	switch kind {
	case "bool":
		return &boolCell{}
	case "int":
		return &intCell{}
	case "float":
		return &floatCell{}
	case "time":
		return &timeCell{}
	case "json":
		return &jsonCell{}
	case "bytes":
		return &rawCell{}
	}
	return &textCell{}
}

// place is what Scan gets for a cell.
func place(c cell) any {
	switch c := c.(type) {
	case *rawCell:
		return &c.data
	case *jsonCell:
		return &c.data
	}
	return c
}

const null = "null"

func (c *textCell) append(dst []byte) ([]byte, error) {
	if !c.Valid {
		return append(dst, null...), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(c.String); err != nil {
		return nil, err
	}
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...), nil
}

func (c *boolCell) append(dst []byte) ([]byte, error) {
	if !c.Valid {
		return append(dst, null...), nil
	}
	return strconv.AppendBool(dst, c.Bool), nil
}

func (c *intCell) append(dst []byte) ([]byte, error) {
	if !c.Valid {
		return append(dst, null...), nil
	}
	return strconv.AppendInt(dst, c.Int64, 10), nil
}

func (c *floatCell) append(dst []byte) ([]byte, error) {
	if !c.Valid {
		return append(dst, null...), nil
	}
	text, err := json.Marshal(c.Float64)
	return append(dst, text...), err
}

func (c *timeCell) append(dst []byte) ([]byte, error) {
	if !c.Valid {
		return append(dst, null...), nil
	}
	return c.Time.UTC().AppendFormat(dst, `"`+time.RFC3339Nano+`"`), nil
}

func (c *rawCell) append(dst []byte) ([]byte, error) {
	if c.data == nil {
		return append(dst, null...), nil
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, c.data)
	return append(dst, '"'), nil
}

func (c *jsonCell) append(dst []byte) ([]byte, error) {
	if c.data == nil {
		return append(dst, null...), nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, c.data); err != nil {
		return nil, fmt.Errorf("stored JSON: %w", err)
	}
	return append(dst, b.Bytes()...), nil
}

// argument turns a JSON value of an archive into what a driver stores.
func argument(kind string, raw json.RawMessage) (any, error) {
	if string(raw) == null {
		return nil, nil
	}
	switch kind {
	case "bool":
		return decode[bool](raw)
	case "int":
		return decode[int64](raw)
	case "float":
		return decode[float64](raw)
	case "time":
		t, err := decode[time.Time](raw)
		return t.UTC(), err
	case "json":
		return json.RawMessage(raw), nil
	case "bytes":
		return decode[[]byte](raw)
	}
	return decode[string](raw)
}

func decode[T any](raw json.RawMessage) (v T, err error) {
	err = json.Unmarshal(raw, &v)
	return v, err
}
