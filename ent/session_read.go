package ent

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"gatehouse/ent/session"
	"gatehouse/ent/user"
)

// SessionOfToken reads the session that holds a token in its stored form, with its user
// as an edge. It is the query behind every signed-in request, so it is one
// statement, whose text is made once; the typed query would be two. The error is a
// NotFoundError if there is none.
func (a Access) SessionOfToken(ctx context.Context, stored string) (*Session, error) {
	rows, name := &sql.Rows{}, a.config.driver.Dialect()
	if name == dialect.SQLite {
		// database/sql starts a goroutine for each query that can be cancelled; this one
		// takes microseconds in this process, once it has a connection.
		ctx = context.WithoutCancel(ctx)
	}
	if err := a.config.driver.Query(ctx, sessionStatement(name), []any{stored}, rows); err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, &NotFoundError{session.Label}
	}
	s, u := &Session{config: a.config}, &User{config: a.config}
	ofSession, err := s.scanValues(session.Columns)
	if err != nil {
		return nil, err
	}
	ofUser, err := u.scanValues(user.Columns)
	if err != nil {
		return nil, err
	}
	if err := rows.Scan(append(ofSession[:len(ofSession):len(ofSession)], ofUser...)...); err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	if err := s.assignValues(session.Columns, ofSession); err != nil {
		return nil, err
	}
	if err := u.assignValues(user.Columns, ofUser); err != nil {
		return nil, err
	}
	s.Edges.loadedTypes[0] = true
	if u.ID != "" {
		s.Edges.User = u
	}
	return s, rows.Close()
}

var sessionStatement = perDialect(writeSessionStatement)

func writeSessionStatement(name string) string {
	d := sql.Dialect(name)
	s, u := d.Table(session.Table).As("s"), d.Table(user.Table).As("u")
	var columns []string
	for _, c := range session.Columns {
		columns = append(columns, s.C(c))
	}
	for _, c := range user.Columns {
		columns = append(columns, u.C(c))
	}
	text, _ := d.Select(columns...).From(s).LeftJoin(u).On(s.C(session.FieldUserID), u.C(user.FieldID)).
		Where(sql.EQ(s.C(session.FieldToken), "")).Limit(1).Query()
	return strings.TrimSpace(text)
}
