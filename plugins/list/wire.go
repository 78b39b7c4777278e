package list

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
)

// WireColumn is a stored column that a list of the wire may search, filter and sort by.
type WireColumn struct {
	Name string // stored
	Kind string // of the catalogue
	Null bool   // NULL reads as false
}

// WireColumns are those of the wire object of an entity that a list may name.
type WireColumns map[string]WireColumn

// WireColumnsOf returns the columns of an entity by wire name: nothing hidden, no additional
// fields, nothing of plugins that are off (SEC-119).
func WireColumnsOf(entity string, on func(plugin string) bool) WireColumns {
	all := WireColumns{}
	for _, e := range ent.Entities() {
		if e.Name != entity {
			continue
		}
		for _, f := range e.Fields {
			if !f.Hidden && !f.Sensitive && f.Wire != "" && f.Kind != "json" && f.Kind != "bytes" && on(f.Plugin) {
				all[f.Wire] = WireColumn{Name: f.Column, Kind: f.Kind, Null: f.Kind == "bool" && f.Nullable}
			}
		}
	}
	all["_id"] = all["id"]
	return all
}

// Match is a condition on the rows of a list.
type Match = func(*sql.Selector)

// Where makes the predicate of a filter (better-auth admin 6.5). Text operators compare
// without regard to case on every database, and take % and _ as they are (D-6).
func (c WireColumn) Where(operator string, v schema.Value) (Match, error) {
	switch operator {
	case "contains", "starts_with", "ends_with":
		text, ok := v.Text()
		if !ok || c.Kind != "string" && c.Kind != "enum" {
			return nil, auth.ErrValidation.Saying("[query.filterOperator] Invalid input: %s does not fit the field", operator)
		}
		return c.Like(operator, text), nil
	case "in", "not_in":
		list, err := c.list(v)
		if err != nil {
			return nil, err
		}
		if operator == "in" {
			return func(q *sql.Selector) { q.Where(sql.In(q.C(c.Name), list...)) }, nil
		}
		return func(q *sql.Selector) { q.Where(sql.NotIn(q.C(c.Name), list...)) }, nil
	}
	if len(v.Items()) > 0 {
		return nil, auth.ErrValidation.Saying("[query.filterValue] Invalid input: %s takes one value", operator)
	}
	value, err := c.value(v)
	if err != nil {
		return nil, err
	}
	return c.compare(operator, value), nil
}

func (c WireColumn) compare(operator string, value any) Match {
	if c.Null {
		return c.flag(operator, value)
	}
	compare := map[string]func(string, any) *sql.Predicate{
		"eq": sql.EQ, "ne": sql.NEQ, "lt": sql.LT, "lte": sql.LTE, "gt": sql.GT, "gte": sql.GTE}[operator]
	return func(q *sql.Selector) { q.Where(compare(q.C(c.Name), value)) }
}

// flag compares a column in which NULL reads as false.
func (c WireColumn) flag(operator string, value any) Match {
	want, _ := value.(bool)
	if operator == "ne" {
		want = !want
	}
	return func(q *sql.Selector) {
		if want {
			q.Where(sql.EQ(q.C(c.Name), true))
			return
		}
		q.Where(sql.Or(sql.IsNull(q.C(c.Name)), sql.EQ(q.C(c.Name), false)))
	}
}

// likeEscape is not special in any database's text literals, unlike the backslash.
const likeEscape = "!"

// Like matches a piece of text. The second pattern is for SQLite, which lowers ASCII
// letters only: it finds other letters as they are written.
func (c WireColumn) Like(operator, text string) Match {
	patterns := []string{pattern(operator, strings.ToLower(text))}
	if plain := pattern(operator, lowerASCII(text)); plain != patterns[0] {
		patterns = append(patterns, plain)
	}
	return func(q *sql.Selector) {
		var any []*sql.Predicate
		for _, p := range patterns {
			any = append(any, sql.P(func(b *sql.Builder) {
				b.WriteString("LOWER(").Ident(q.C(c.Name)).WriteString(") LIKE ").Arg(p).WriteString(" ESCAPE '" + likeEscape + "'")
			}))
		}
		q.Where(sql.Or(any...))
	}
}

func pattern(operator, text string) string {
	p := strings.NewReplacer(likeEscape, "!!", "%", "!%", "_", "!_").Replace(text)
	if operator != "starts_with" {
		p = "%" + p
	}
	if operator != "ends_with" {
		p += "%"
	}
	return p
}

func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// list types the values of in and not_in; one value is a list of one (D-5).
func (c WireColumn) list(v schema.Value) ([]any, error) {
	items := v.Items()
	if _, isList := v.Any().([]any); !isList {
		items = []schema.Value{v}
	}
	list := make([]any, len(items))
	for i, item := range items {
		value, err := c.value(item)
		if err != nil {
			return nil, err
		}
		list[i] = value
	}
	return list, nil
}

// value types a value of a query for the column: "true" is true and any other text
// false, numeric text is a number, dates are ISO text.
func (c WireColumn) value(v schema.Value) (any, error) {
	text := AsText(v)
	switch c.Kind {
	case "bool":
		return text == "true", nil
	case "int", "int64", "float64":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, auth.ErrValidation.Saying("[query.filterValue] Invalid input: expected a number")
		}
		return n, nil
	case "time":
		at, err := auth.ParseDate(text)
		if err != nil {
			return nil, auth.ErrValidation.Saying("[query.filterValue] Invalid input: expected a date")
		}
		return at, nil
	}
	return text, nil
}

// AsText is a scalar as JavaScript writes it.
func AsText(v schema.Value) string {
	switch x := v.Any().(type) {
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		return x.Format(time.RFC3339Nano)
	}
	return ""
}

// Named looks a column up for a parameter of the query.
func (all WireColumns) Named(parameter, name string) (WireColumn, error) {
	if c, ok := all[name]; ok {
		return c, nil
	}
	names := make([]string, 0, len(all))
	for n := range all {
		if n != "_id" {
			names = append(names, strconv.Quote(n))
		}
	}
	slices.Sort(names)
	return WireColumn{}, auth.ErrValidation.Saying("%s", fmt.Sprintf("[query.%s] Invalid option: expected one of %s", parameter, strings.Join(names, "|")))
}

// Order orders rows by the column. The order is made a full one by the id.
func (c WireColumn) Order(ascending bool) func(*sql.Selector) {
	return func(q *sql.Selector) {
		for _, name := range []string{c.Name, "id"} {
			if ascending {
				q.OrderBy(sql.Asc(q.C(name)))
			} else {
				q.OrderBy(sql.Desc(q.C(name)))
			}
		}
	}
}

// AsNumber is JavaScript's Number() of a page bound, 0 where that is no number. What
// does not fit is cut off.
func AsNumber(v schema.Value) int {
	if v.IsUndefined() {
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(AsText(v)), 64)
	if err != nil || math.IsNaN(n) {
		return 0
	}
	return int(math.Trunc(max(min(n, math.MaxInt32), math.MinInt32)))
}
