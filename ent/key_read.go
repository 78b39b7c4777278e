package ent

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"gatehouse/ent/apikey"
	"gatehouse/ent/user"
)

// APIKeyOf reads the key of a stored form, with the person who owns it; nil where no person
// does. It is the query behind every request with a key, so it is one statement, whose text
// is made once, as that of SessionOfToken. The error is a NotFoundError if there is no key.
func (p PlatformAccess) APIKeyOf(ctx context.Context, stored string) (*APIKey, *User, error) {
	rows, name := &sql.Rows{}, p.config.driver.Dialect()
	if name == dialect.SQLite {
		ctx = context.WithoutCancel(ctx) // see SessionOfToken
	}
	if err := p.config.driver.Query(ctx, keyStatement(name), []any{stored}, rows); err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, nil, err
		}
		return nil, nil, &NotFoundError{apikey.Label}
	}
	k, u := &APIKey{config: p.config}, &User{config: p.config}
	ofKey, err := k.scanValues(apikey.Columns)
	if err != nil {
		return nil, nil, err
	}
	ofUser, err := u.scanValues(user.Columns)
	if err != nil {
		return nil, nil, err
	}
	if err := rows.Scan(append(ofKey[:len(ofKey):len(ofKey)], ofUser...)...); err != nil {
		return nil, nil, fmt.Errorf("reading a key: %w", err)
	}
	if err := k.assignValues(apikey.Columns, ofKey); err != nil {
		return nil, nil, err
	}
	if err := u.assignValues(user.Columns, ofUser); err != nil {
		return nil, nil, err
	}
	if u.ID == "" {
		u = nil
	}
	return k, u, rows.Close()
}

var keyStatement = perDialect(writeKeyStatement)

// perDialect writes a statement once for each dialect.
func perDialect(write func(name string) string) func(name string) string {
	texts := map[string]func() string{}
	for _, name := range []string{dialect.SQLite, dialect.Postgres, dialect.MySQL} {
		texts[name] = sync.OnceValue(func() string { return write(name) })
	}
	return func(name string) string { return texts[name]() }
}

func writeKeyStatement(name string) string {
	d := sql.Dialect(name)
	k, u := d.Table(apikey.Table).As("k"), d.Table(user.Table).As("u")
	var columns []string
	for _, c := range apikey.Columns {
		columns = append(columns, k.C(c))
	}
	for _, c := range user.Columns {
		columns = append(columns, u.C(c))
	}
	text, _ := d.Select(columns...).From(k).LeftJoin(u).OnP(sql.And(sql.ColumnsEQ(k.C(apikey.FieldReferenceID), u.C(user.FieldID)), sql.ExprP(k.C(apikey.FieldOwnerKind)+" = 'user'"))).
		Where(sql.EQ(k.C(apikey.FieldKey), "")).Limit(1).Query()
	return strings.TrimSpace(text)
}

// UseAPIKey writes the counters of a key as they are after some uses, if the key still is
// in all what its uses depend on as it was before; false when it is not. It is one
// conditional statement, whose text is made once.
func (p PlatformAccess) UseAPIKey(ctx context.Context, before, after *APIKey) (bool, error) {
	var result sql.Result
	err := p.config.driver.Exec(ctx, useStatement(p.config.driver.Dialect()), []any{
		after.RequestCount, after.LastRequest, after.Remaining, after.LastRefillAt, after.LastUsedAt, after.UpdatedAt,
		before.ID, before.Enabled, before.RateLimitEnabled, before.RequestCount, before.LastRequest, before.Remaining, before.LastRefillAt,
		before.RefillAmount, before.RefillInterval, before.RateLimitMax, before.RateLimitTimeWindow, before.ExpiresAt, before.Permissions, before.RotatedTo,
	}, &result)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

var useStatement = perDialect(writeUseStatement)

// writeUseStatement compares by an operator that takes two nulls for the same.
func writeUseStatement(name string) string {
	same := map[string]string{dialect.SQLite: " IS ", dialect.Postgres: " IS NOT DISTINCT FROM ", dialect.MySQL: " <=> "}[name]
	up := sql.Dialect(name).Update(apikey.Table)
	for _, c := range []string{apikey.FieldRequestCount, apikey.FieldLastRequest, apikey.FieldRemaining, apikey.FieldLastRefillAt, apikey.FieldLastUsedAt, apikey.FieldUpdatedAt} {
		up.Set(c, "")
	}
	conditions := []*sql.Predicate{sql.EQ(apikey.FieldID, ""), sql.EQ(apikey.FieldEnabled, ""), sql.EQ(apikey.FieldRateLimitEnabled, ""), sql.EQ(apikey.FieldRequestCount, "")}
	for _, c := range []string{apikey.FieldLastRequest, apikey.FieldRemaining, apikey.FieldLastRefillAt, apikey.FieldRefillAmount, apikey.FieldRefillInterval,
		apikey.FieldRateLimitMax, apikey.FieldRateLimitTimeWindow, apikey.FieldExpiresAt, apikey.FieldPermissions, apikey.FieldRotatedTo} {
		conditions = append(conditions, sql.P(func(b *sql.Builder) { b.Ident(c).WriteString(same).Arg("") }))
	}
	text, _ := up.Where(sql.And(conditions...)).Query()
	return strings.TrimSpace(text)
}
