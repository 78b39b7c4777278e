package auth

import (
	"bytes"
	"context"
	stdsql "database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/ent"
	"gatehouse/ent/catalog"
)

// exportPage is how many rows are read at a time: no reading holds the database while a
// slow client takes what was read.
const exportPage = 200

// wireMoment is how moments are written, as everywhere on the wire.
const wireMoment = "2006-01-02T15:04:05.000Z"

// Export writes everything that is stored about a person as one JSON object: when and
// where it was made, then under "data" a list of rows for each kind of thing, then under
// "parts" what plugins add, by plugin and entity. Rows hold what their entity shows on
// the wire or calls personal; secrets are never among it. Rows come in pages, so what
// changes meanwhile may or may not be in.
func (l *Lives) Export(ctx context.Context, w io.Writer, user string) error {
	out := &exporter{w: w}
	out.text("{")
	out.member("exportedAt", l.clock().UTC().Format(wireMoment))
	out.text(",")
	out.member("server", l.cfg.Top.Current().Origin())
	out.text(",")
	out.member("userId", user)
	out.text(`,"data":{`)
	for i, e := range l.exported() {
		if i > 0 {
			out.text(",")
		}
		out.name(e.Table)
		if err := l.exportRows(ctx, out, e, user); err != nil {
			return fmt.Errorf("exporting %s: %w", e.Name, err)
		}
	}
	out.text(`},"parts":{`)
	if err := l.exportParts(ctx, out, user); err != nil {
		return err
	}
	out.text("}}\n")
	return out.err
}

// exported are the entities whose rows are in an export, the person first.
func (l *Lives) exported() []catalog.Entity {
	list := slices.DeleteFunc(ent.Entities(), func(e catalog.Entity) bool {
		return !e.Life.Export || e.Life.Owner == "" || !l.on(e.Plugin)
	})
	slices.SortStableFunc(list, func(a, b catalog.Entity) int {
		first := func(e catalog.Entity) int {
			if e.Name == "User" {
				return 0
			}
			return 1
		}
		return first(a) - first(b)
	})
	return list
}

// shown are the fields of an entity that its owner gets.
func (l *Lives) shown(e catalog.Entity) []catalog.Field {
	return slices.DeleteFunc(slices.Clone(e.Fields), func(f catalog.Field) bool {
		secret := f.Sensitive || slices.Contains(e.Life.Secret, f.Name)
		return secret || !l.on(f.Plugin) || f.Hidden && !slices.Contains(e.Life.Personal, f.Name)
	})
}

func (l *Lives) exportRows(ctx context.Context, out *exporter, e catalog.Entity, user string) error {
	fields, first := l.shown(e), true
	out.text("[")
	for _, theirs := range l.theirs(e, user) {
		var last map[string]any
		for more := true; more; {
			rows, err := l.page(ctx, e, fields, theirs(), last)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if !first {
					out.text(",")
				}
				first, last = false, row
				out.row(fields, l.events.mine(e, maps.Clone(row), user))
			}
			if more = len(rows) == exportPage; out.err != nil {
				return out.err
			}
		}
	}
	out.text("]")
	return out.err
}

// theirs are the conditions whose rows together are about a person, each served by an
// index.
func (l *Lives) theirs(e catalog.Entity, user string) []func() *sql.Predicate {
	owner := column(e, e.Life.Owner)
	list := []func() *sql.Predicate{func() *sql.Predicate { return sql.EQ(owner, user) }}
	if e.Name == "Event" {
		list = append(list, func() *sql.Predicate { return sql.And(sql.EQ(column(e, "subject_id"), user), sql.NEQ(owner, user)) })
	}
	return list
}

// page reads the rows of a person after one: in the order of ids, events in the order
// in which they happened, as their indexes are.
func (l *Lives) page(ctx context.Context, e catalog.Entity, fields []catalog.Field, theirs *sql.Predicate, last map[string]any) ([]map[string]any, error) {
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = f.Column
	}
	order, id := []string{"id"}, last["id"]
	if e.Name == "Event" {
		order = []string{column(e, "occurred_at"), "id"}
	}
	if at := last["occurred_at"]; e.Name == "Event" && at != nil {
		theirs = sql.And(theirs, sql.Or(sql.GT(order[0], at), sql.And(sql.EQ(order[0], at), sql.GT("id", id))))
	} else if id != nil {
		theirs = sql.And(theirs, sql.GT("id", id))
	}
	query, args := sql.Dialect(l.db.Dialect()).Select(columns...).From(sql.Table(e.Table)).
		Where(theirs).OrderBy(order...).Limit(exportPage).Query()
	rows, err := l.db.store.Client.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []map[string]any
	for rows.Next() {
		cells := make([]any, len(fields))
		for i, f := range fields {
			cells[i] = cellOf(f.Kind)
		}
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(fields))
		for i, f := range fields {
			row[f.Name] = valueOf(cells[i])
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// cellOf is the place a column of a kind is read into.
func cellOf(kind string) any {
	switch kind {
	case "bool":
		return &stdsql.NullBool{}
	case "int", "int64":
		return &stdsql.NullInt64{}
	case "float64":
		return &stdsql.NullFloat64{}
	case "time":
		return &stdsql.NullTime{}
	case "json":
		return &jsonCell{}
	case "bytes":
		return &[]byte{}
	}
	return &stdsql.NullString{}
}

type jsonCell struct{ raw []byte }

// Scan implements sql.Scanner.
func (c *jsonCell) Scan(v any) error {
	switch v := v.(type) {
	case []byte:
		c.raw = bytes.Clone(v)
	case string:
		c.raw = []byte(v)
	}
	return nil
}

// valueOf is what was read, ready for JSON; nil for NULL.
func valueOf(cell any) any {
	switch c := cell.(type) {
	case *stdsql.NullBool:
		return or(c.Valid, c.Bool)
	case *stdsql.NullInt64:
		return or(c.Valid, c.Int64)
	case *stdsql.NullFloat64:
		return or(c.Valid, c.Float64)
	case *stdsql.NullString:
		return or(c.Valid, c.String)
	case *stdsql.NullTime:
		return or(c.Valid, c.Time.UTC())
	case *jsonCell:
		var v any
		if len(c.raw) == 0 || json.Unmarshal(c.raw, &v) != nil {
			return nil
		}
		return v
	case *[]byte:
		return or(*c != nil, base64.StdEncoding.EncodeToString(*c))
	}
	return nil
}

func or[T any](valid bool, v T) any {
	if !valid {
		return nil
	}
	return v
}

// mine leaves out of an event what belongs to somebody else: who acted, from where, and
// what was done to others. Rows of other entities stay as they are.
func (e *Events) mine(entity catalog.Entity, row map[string]any, user string) map[string]any {
	if entity.Name != "Event" {
		return row
	}
	if actor := row["actor_id"]; actor != user && actor != "" {
		for _, field := range []string{"actor_id", "actor_name", "scheme", "session_id", "ip_address", "user_agent", "request_id"} {
			delete(row, field)
		}
		row["actor_name"] = "An administrator"
	}
	if row["subject_id"] == user || row["subject_id"] == "" {
		return row
	}
	row["subject_id"] = nil
	data, _ := row["data"].(map[string]any)
	kind, _ := row["kind"].(string)
	members, all := e.personal(kind)
	if all {
		row["data"] = nil
		return row
	}
	maps.DeleteFunc(data, func(name string, _ any) bool { return slices.Contains(members, name) })
	return row
}

// exportParts writes what the plugins add.
func (l *Lives) exportParts(ctx context.Context, out *exporter, user string) error {
	byPlugin := map[string]map[string]any{}
	for _, p := range l.parts {
		if p.DataLife.Export == nil {
			continue
		}
		var v any
		err := l.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
			v, err = p.DataLife.Export(ctx, tx, user)
			return err
		})
		if err != nil {
			return fmt.Errorf("exporting %s of plugin %s: %w", p.Entity, p.plugin, err)
		}
		if byPlugin[p.plugin] == nil {
			byPlugin[p.plugin] = map[string]any{}
		}
		byPlugin[p.plugin][p.Entity] = v
	}
	for i, plugin := range slices.Sorted(maps.Keys(byPlugin)) {
		if i > 0 {
			out.text(",")
		}
		out.member(plugin, byPlugin[plugin])
	}
	return nil
}

// exporter writes JSON piece by piece and keeps the first error.
type exporter struct {
	w   io.Writer
	err error
}

func (x *exporter) text(s string) {
	if x.err == nil {
		_, x.err = io.WriteString(x.w, s)
	}
}

func (x *exporter) value(v any) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && x.err == nil {
		x.err = err
	}
	x.text(strings.TrimSuffix(b.String(), "\n"))
}

func (x *exporter) name(s string) {
	x.value(s)
	x.text(":")
}

func (x *exporter) member(name string, v any) {
	x.name(name)
	x.value(v)
}

// row writes a row in the order of its fields, each on the wire's name.
func (x *exporter) row(fields []catalog.Field, row map[string]any) {
	x.text("\n{")
	first := true
	for _, f := range fields {
		v, ok := row[f.Name]
		if !ok {
			continue
		}
		if !first {
			x.text(",")
		}
		first = false
		if at, ok := v.(time.Time); ok {
			v = at.Format(wireMoment)
		}
		x.member(f.Wire, v)
	}
	x.text("}")
}

// ExportName is the name of the file of an export.
func ExportName(server string, at time.Time) string {
	host := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, server)
	return host + "-my-data-" + at.UTC().Format("2006-01-02") + ".json"
}
