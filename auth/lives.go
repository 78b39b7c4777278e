package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/catalog"
	"gatehouse/ent/outboxmessage"
	"gatehouse/ent/schema/core"
)

// Lives exports and erases what is stored of one person, as the entities declare it
// (core.Life), and what plugins add.
type Lives struct {
	db     *DB
	clock  Clock
	cfg    *settings.Core
	events *Events
	on     func(plugin string) bool
	parts  []namedLife
}

type namedLife struct {
	plugin string
	DataLife
}

// Add collects the parts of a plugin.
func (l *Lives) Add(plugin string, parts ...DataLife) {
	for _, p := range parts {
		l.parts = append(l.parts, namedLife{plugin, p})
	}
}

// owned are the entities whose rows are about one person, apart from the person and
// from events, which are about whoever acted and whoever they concern.
func owned() []catalog.Entity {
	return slices.DeleteFunc(ent.Entities(), func(e catalog.Entity) bool {
		return e.Life.Owner == "" || e.Name == "User" || e.Name == "Event"
	})
}

// column is the stored name of a field. That the field is there is checked when the
// entities are generated.
func column(e catalog.Entity, field string) string {
	f, _ := e.Field(field)
	return f.Column
}

// Erase removes or empties what belongs to a person who is about to be deleted, in the
// transaction; the row of the person and their events are left. Rows whose entity keeps
// them stay as they are.
func (l *Lives) Erase(ctx context.Context, tx *Tx, u *ent.User) error {
	for _, p := range l.parts {
		if p.DataLife.Erase == nil {
			continue
		}
		if err := p.DataLife.Erase(ctx, tx, u.ID); err != nil {
			return fmt.Errorf("erasing %s of plugin %s: %w", p.Entity, p.plugin, err)
		}
	}
	for _, e := range owned() {
		if err := l.eraseRows(ctx, tx, e, u.ID); err != nil {
			return fmt.Errorf("erasing %s: %w", e.Name, err)
		}
	}
	// Messages that wait are delivered: a notice must reach whoever did not ask for this.
	_, err := tx.OutboxMessage().Delete().Where(outboxmessage.Recipient(u.Email),
		outboxmessage.StateIn(outboxmessage.StateSent, outboxmessage.StateFailed)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("erasing delivered messages: %w", err)
	}
	return nil
}

func (l *Lives) eraseRows(ctx context.Context, tx *Tx, e catalog.Entity, user string) error {
	b, owner := sql.Dialect(l.db.Dialect()), column(e, e.Life.Owner)
	switch e.Life.OnDelete {
	case core.Cascade:
		of := func() *sql.Selector { return b.Select("id").From(sql.Table(e.Table)).Where(sql.EQ(owner, user)) }
		if err := l.events.forgetAbout(ctx, tx, of); err != nil {
			return err
		}
		return tx.run(ctx, b.Delete(e.Table).Where(sql.EQ(owner, user)))
	case core.Blank:
		return tx.run(ctx, blank(b, e, slices.Concat(e.Life.Personal, e.Life.Secret)).Where(sql.EQ(owner, user)))
	}
	return nil
}

// blank empties fields: NULL where the column takes it, else the zero of its kind.
func blank(b *sql.DialectBuilder, e catalog.Entity, fields []string) *sql.UpdateBuilder {
	up := b.Update(e.Table)
	for _, name := range fields {
		f, _ := e.Field(name)
		switch {
		case f.Nullable:
			up.SetNull(f.Column)
		case f.Kind == "bool":
			up.Set(f.Column, false)
		case f.Kind == "int", f.Kind == "int64", f.Kind == "float64":
			up.Set(f.Column, 0)
		case f.Kind == "bytes":
			up.Set(f.Column, []byte{})
		case f.Kind == "json":
			up.Set(f.Column, []byte("null"))
		default:
			up.Set(f.Column, "")
		}
	}
	return up
}

// run executes a built statement in the transaction.
func (tx *Tx) run(ctx context.Context, statement sql.Querier) error {
	query, args := statement.Query()
	_, err := tx.raw.ExecContext(ctx, query, args...)
	return err
}

// Forget empties what events say of a deleted person: name and origin of what they did,
// and of events about them what their kinds mark as personal. Events themselves stay
// (SEC-203), with the person's id, which names nobody any more.
func (e *Events) Forget(ctx context.Context, tx *Tx, user string) error {
	entity, err := eventEntity()
	if err != nil {
		return err
	}
	b := sql.Dialect(e.db.Dialect())
	actor, subject := column(entity, "actor_id"), column(entity, "subject_id")
	// What nobody in particular did to somebody, such as a failed sign-in, was done by
	// them as far as anybody knows.
	theirs := sql.Or(sql.EQ(actor, user), sql.And(sql.EQ(subject, user), sql.EQ(actor, "")))
	if err := tx.run(ctx, blank(b, entity, entity.Life.Personal).Where(theirs)); err != nil {
		return fmt.Errorf("emptying events: %w", err)
	}
	about := func() *sql.Predicate {
		return sql.Or(sql.EQ(subject, user), sql.And(sql.EQ(actor, user), sql.EQ(subject, "")))
	}
	return e.forgetData(ctx, tx, entity, about)
}

// forgetAbout empties the personal data of events about things whose ids a query finds.
func (e *Events) forgetAbout(ctx context.Context, tx *Tx, ids func() *sql.Selector) error {
	entity, err := eventEntity()
	if err != nil {
		return err
	}
	return e.forgetData(ctx, tx, entity, func() *sql.Predicate { return sql.In(column(entity, "subject_id"), ids()) })
}

// forgetData removes the members that kinds mark as personal. Of kinds that are not
// declared any more, as their plugin is off, everything goes.
func (e *Events) forgetData(ctx context.Context, tx *Tx, entity catalog.Entity, where func() *sql.Predicate) error {
	b, data := sql.Dialect(e.db.Dialect()), column(entity, "data")
	query, args := b.Select("kind").Distinct().From(sql.Table(entity.Table)).Where(sql.And(where(), sql.NotNull(data))).Query()
	kinds, err := tx.texts(ctx, query, args)
	if err != nil {
		return fmt.Errorf("reading kinds of events: %w", err)
	}
	for _, kind := range kinds {
		members, all := e.personal(kind)
		if len(members) == 0 && !all {
			continue
		}
		up := b.Update(entity.Table).Where(sql.And(sql.EQ("kind", kind), where()))
		if all {
			up.SetNull(data)
		} else {
			up.Set(data, without(e.db.Dialect(), data, members))
		}
		if err := tx.run(ctx, up); err != nil {
			return fmt.Errorf("emptying events %s: %w", kind, err)
		}
	}
	return nil
}

// personal lists the members of a kind's data that are personal; all says that nothing
// else is among them, or that the kind is not known.
func (e *Events) personal(kind string) (members []string, all bool) {
	k, known := e.kinds[kind]
	for _, f := range k.Fields {
		if f.Mark == Personal {
			members = append(members, f.Name)
		}
	}
	return members, !known || len(members) > 0 && len(members) == len(k.Fields)
}

// without is the data without some members, whose names are Go literals of this
// program and not input.
func without(name, data string, members []string) any {
	return sql.ExprFunc(func(b *sql.Builder) {
		switch name {
		case "postgres":
			b.Ident(data)
			for _, m := range members {
				b.WriteString(" - ").Arg(m).WriteString("::text")
			}
		case "mysql":
			b.WriteString("JSON_REMOVE(").Ident(data)
			for _, m := range members {
				b.Comma().Arg("$." + m)
			}
			b.WriteString(")")
		default: // text that is stored as bytes
			b.WriteString("CAST(json_remove(CAST(").Ident(data).WriteString(" AS TEXT)")
			for _, m := range members {
				b.Comma().Arg("$." + m)
			}
			b.WriteString(") AS BLOB)")
		}
	})
}

func eventEntity() (catalog.Entity, error) {
	all := ent.Entities()
	i := slices.IndexFunc(all, func(e catalog.Entity) bool { return e.Name == "Event" })
	if i < 0 {
		return catalog.Entity{}, fmt.Errorf("there is no entity of events")
	}
	return all[i], nil
}

// texts reads a column of texts.
func (tx *Tx) texts(ctx context.Context, query string, args []any) ([]string, error) {
	rows, err := tx.raw.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, strings.Clone(text))
	}
	return list, rows.Err()
}
