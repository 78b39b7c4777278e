package list

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// exportPage is how many rows are read at once for an export.
const exportPage = 500

// EventExported is recorded before the first row of an export leaves.
const EventExported = "list.exported"

// Event is the kind of [EventExported].
func Event() auth.EventKind {
	return auth.EventKind{Name: EventExported, Words: "List exported", Fields: []auth.EventField{{Name: "list"}, {Name: "format"}, {Name: "query", Mark: auth.Personal}}}
}

// errFormat refuses formats other than csv and jsonl.
var errFormat = auth.E(http.StatusBadRequest, "UNKNOWN_FORMAT", "A list is exported as csv or jsonl.")

// export streams all rows of a query. Rows are read page by page, so memory stays small;
// a failure in the middle ends the connection, so that a cut file is not taken for whole.
func (l *List[T]) export(h *plugins.Host) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		q := l.read(c.Context(), c.Request.URL.Query(), l.choice(c.Preferences()))
		q.Cursor, q.Limit, q.Export = "", exportPage, true
		q.about(c)
		columns := l.held(c.Principal())
		var sink sink
		format := c.Form("format")
		switch format {
		case "csv":
			sink = &csvSink{out: csv.NewWriter(c.Writer)}
		case "jsonl":
			sink = &jsonSink{out: c.Writer}
		default:
			return errFormat
		}
		page, err := l.Load(c.Context(), q)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%s.%s", l.ID, h.Clock().Format("2006-01-02"), format)
		c.Writer.Header().Set("Content-Type", sink.mediaType())
		c.Writer.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		c.Writer.Header().Set("Cache-Control", "no-store")
		c.Writer.Header().Set("X-Content-Type-Options", "nosniff")
		if c.Request.Method == http.MethodHead {
			return nil
		}
		if err := h.Events.Record(c.Context(), auth.Event{Kind: EventExported, Data: map[string]any{"list": l.ID, "format": format, "query": l.values(q, "").Encode()}}); err != nil {
			return err
		}
		var names []string
		for _, col := range columns {
			if col.Value != nil {
				names = append(names, col.ID)
			}
		}
		if err := sink.head(names); err != nil {
			return abort(err)
		}
		for {
			for _, row := range page.Rows {
				var values []any
				for _, col := range columns {
					if col.Value != nil {
						values = append(values, col.Value(row))
					}
				}
				if err := sink.row(names, values); err != nil {
					return abort(err)
				}
			}
			if err := sink.flush(); err != nil {
				return abort(err)
			}
			if f, ok := c.Writer.(http.Flusher); ok {
				f.Flush()
			}
			if page.Next == "" {
				return nil
			}
			q.Cursor = page.Next
			if page, err = l.Load(c.Context(), q); err != nil {
				return abort(err)
			}
		}
	}
}

// abort ends a download that has begun.
func abort(error) error { panic(http.ErrAbortHandler) }

// sink writes rows in one format.
type sink interface {
	mediaType() string
	head(names []string) error
	row(names []string, values []any) error
	flush() error
}

// csvSink writes RFC 4180 with a head line, UTF-8.
type csvSink struct{ out *csv.Writer }

func (s *csvSink) mediaType() string         { return "text/csv; charset=utf-8; header=present" }
func (s *csvSink) head(names []string) error { return s.out.Write(names) }

func (s *csvSink) row(_ []string, values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = Inert(text(v))
	}
	return s.out.Write(cells)
}

func (s *csvSink) flush() error {
	s.out.Flush()
	return s.out.Error()
}

// Inert makes a text that no spreadsheet takes for a formula: one that begins, behind
// spaces too, with a character that starts one gets an apostrophe before it
// (OWASP, CSV Injection).
func Inert(cell string) string {
	if trimmed := strings.TrimLeft(cell, " \u00a0\u200b\ufeff"); trimmed != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(trimmed)[0]) {
		return "'" + cell
	}
	return cell
}

// jsonSink writes one object a line.
type jsonSink struct{ out io.Writer }

func (s *jsonSink) mediaType() string         { return "application/jsonl; charset=utf-8" }
func (s *jsonSink) head(names []string) error { return nil }
func (s *jsonSink) flush() error              { return nil }

func (s *jsonSink) row(names []string, values []any) error {
	var line strings.Builder
	line.WriteByte('{')
	for i, name := range names {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(plain(values[i]))
		if err != nil {
			return err
		}
		if i > 0 {
			line.WriteByte(',')
		}
		line.Write(key)
		line.WriteByte(':')
		line.Write(value)
	}
	line.WriteString("}\n")
	_, err := io.WriteString(s.out, line.String())
	return err
}

// plain is a value as JSON holds it; a zero time is null.
func plain(v any) any {
	if t, ok := v.(time.Time); ok {
		if t.IsZero() {
			return nil
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	return v
}

// text is a value in a cell.
func text(v any) string {
	switch v := plain(v).(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	default:
		return fmt.Sprint(v)
	}
}
