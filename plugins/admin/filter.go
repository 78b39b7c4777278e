package admin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
)

// column is a stored column of users that list-users may search, filter and sort by.
type column struct {
	name string // stored
	kind string // of the catalogue
	null bool   // NULL reads as false
}

// columns are the columns of the wire's user object, by wire name: nothing hidden, no
// additional fields, nothing of plugins that are off (SEC-119).
func (s *Service) columns() map[string]column {
	all := map[string]column{}
	for _, e := range ent.Entities() {
		if e.Name != "User" {
			continue
		}
		for _, f := range e.Fields {
			if !f.Hidden && !f.Sensitive && f.Wire != "" && f.Kind != "json" && f.Kind != "bytes" && s.host.On(f.Plugin) {
				all[f.Wire] = column{name: f.Column, kind: f.Kind, null: f.Kind == "bool" && f.Nullable}
			}
		}
	}
	all["_id"] = all["id"]
	return all
}

// where makes the predicate of a filter (better-auth admin 6.5). Text operators compare
// without regard to case on every database, and take % and _ as they are (D-6).
func (c column) where(operator string, v schema.Value) (predicate.User, error) {
	switch operator {
	case "contains", "starts_with", "ends_with":
		text, ok := v.Text()
		if !ok || c.kind != "string" && c.kind != "enum" {
			return nil, auth.ErrValidation.Saying("[query.filterOperator] Invalid input: %s does not fit the field", operator)
		}
		return c.like(operator, text), nil
	case "in", "not_in":
		list, err := c.list(v)
		if err != nil {
			return nil, err
		}
		if operator == "in" {
			return func(q *sql.Selector) { q.Where(sql.In(q.C(c.name), list...)) }, nil
		}
		return func(q *sql.Selector) { q.Where(sql.NotIn(q.C(c.name), list...)) }, nil
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

func (c column) compare(operator string, value any) predicate.User {
	if c.null {
		return c.flag(operator, value)
	}
	compare := map[string]func(string, any) *sql.Predicate{
		"eq": sql.EQ, "ne": sql.NEQ, "lt": sql.LT, "lte": sql.LTE, "gt": sql.GT, "gte": sql.GTE}[operator]
	return func(q *sql.Selector) { q.Where(compare(q.C(c.name), value)) }
}

// flag compares a column in which NULL reads as false.
func (c column) flag(operator string, value any) predicate.User {
	want, _ := value.(bool)
	if operator == "ne" {
		want = !want
	}
	return func(q *sql.Selector) {
		if want {
			q.Where(sql.EQ(q.C(c.name), true))
			return
		}
		q.Where(sql.Or(sql.IsNull(q.C(c.name)), sql.EQ(q.C(c.name), false)))
	}
}

// likeEscape is not special in any database's text literals, unlike the backslash.
const likeEscape = "!"

// like matches a piece of text. The second pattern is for SQLite, which lowers ASCII
// letters only: it finds other letters as they are written.
func (c column) like(operator, text string) predicate.User {
	patterns := []string{pattern(operator, strings.ToLower(text))}
	if plain := pattern(operator, lowerASCII(text)); plain != patterns[0] {
		patterns = append(patterns, plain)
	}
	return func(q *sql.Selector) {
		var any []*sql.Predicate
		for _, p := range patterns {
			any = append(any, sql.P(func(b *sql.Builder) {
				b.WriteString("LOWER(").Ident(q.C(c.name)).WriteString(") LIKE ").Arg(p).WriteString(" ESCAPE '" + likeEscape + "'")
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
func (c column) list(v schema.Value) ([]any, error) {
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
func (c column) value(v schema.Value) (any, error) {
	text := asText(v)
	switch c.kind {
	case "bool":
		return text == "true", nil
	case "int", "int64", "float64":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, auth.ErrValidation.Saying("[query.filterValue] Invalid input: expected a number")
		}
		return n, nil
	case "time":
		at, err := dateOf(text)
		if err != nil {
			return nil, auth.ErrValidation.Saying("[query.filterValue] Invalid input: expected a date")
		}
		return at, nil
	}
	return text, nil
}

// asText is a scalar as JavaScript writes it.
func asText(v schema.Value) string {
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

// columnNamed looks a column up for a parameter of the query.
func (s *Service) columnNamed(parameter, name string) (column, error) {
	all := s.columns()
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
	return column{}, auth.ErrValidation.Saying("%s", fmt.Sprintf("[query.%s] Invalid option: expected one of %s", parameter, strings.Join(names, "|")))
}
