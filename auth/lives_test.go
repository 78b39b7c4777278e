package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/catalog"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/ent/outboxmessage"
	"gatehouse/ent/schema/core"
)

// said is what a row made for a test holds in a field, so that it can be found again.
func said(who string, e catalog.Entity, f catalog.Field) string {
	return who + "'s " + e.Name + "." + f.Name
}

// fill makes one row of every entity that is about a person, and of what those need.
// Entities are covered on the day they are declared. It returns the id of each row.
func fill(t *testing.T, db *database.DB, who string) map[string]string {
	t.Helper()
	all := ent.Entities()
	needed := func(e catalog.Entity) bool {
		return e.Life.Owner != "" || slices.ContainsFunc(all, func(o catalog.Entity) bool {
			return o.Life.Owner != "" && slices.Contains(o.Parents(), e.Name)
		})
	}
	left, ids := slices.DeleteFunc(all, func(e catalog.Entity) bool { return !needed(e) }), map[string]string{}
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(e catalog.Entity) bool {
			waits := e.Life.Owner != "" && e.Name != "User" && ids["User"] == ""
			return !waits && !slices.ContainsFunc(e.Parents(), func(p string) bool { return ids[p] == "" })
		})
		if i < 0 {
			t.Fatal("entities refer to each other in a ring")
		}
		insert(t, db, who, left[i], ids)
		left = slices.Delete(left, i, i+1)
	}
	return ids
}

func insert(t *testing.T, db *database.DB, who string, e catalog.Entity, ids map[string]string) {
	t.Helper()
	ids[e.Name] = who + e.Name
	columns, values := make([]string, len(e.Fields)), make([]any, len(e.Fields))
	for i, f := range e.Fields {
		columns[i] = f.Column
		switch {
		case f.Name == "id":
			values[i] = ids[e.Name]
		case f.Name == e.Life.Owner:
			values[i] = ids["User"]
		case f.References != "":
			values[i] = ids[f.References]
		case f.Kind == "bool":
			values[i] = false
		case f.Kind == "int", f.Kind == "int64", f.Kind == "float64":
			values[i] = 7
		case f.Kind == "time":
			values[i] = time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
		case f.Kind == "json":
			values[i] = []byte(`{"said":"` + said(who, e, f) + `"}`)
		case f.Kind == "bytes":
			values[i] = []byte(said(who, e, f))
		case f.Kind == "enum":
			values[i] = f.Values[0]
		default:
			values[i] = said(who, e, f)
		}
	}
	query, args := sql.Dialect(db.Dialect).Insert(e.Table).Columns(columns...).Values(values...).Query()
	if _, err := db.Client.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
}

// stored reads a row as texts by field; nil when there is none.
func stored(t *testing.T, db *database.DB, e catalog.Entity, id string) map[string]string {
	t.Helper()
	columns := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		columns[i] = f.Column
	}
	query, args := sql.Dialect(db.Dialect).Select(columns...).From(sql.Table(e.Table)).Where(sql.EQ("id", id)).Query()
	rows, err := db.Client.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil
	}
	cells, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		places[i] = &cells[i]
	}
	if err := rows.Scan(places...); err != nil {
		t.Fatal(err)
	}
	row := map[string]string{}
	for i, f := range e.Fields {
		switch v := cells[i].(type) {
		case nil:
			row[f.Name] = ""
		case []byte:
			row[f.Name] = string(v)
		default:
			row[f.Name] = fmt.Sprint(v)
		}
	}
	return row
}

// TestExportCovers: the export of a person holds their row of every entity that is
// exported, with all that is personal, and neither secrets nor anything of others.
func TestExportCovers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		ids := fill(t, db, "ada")
		fill(t, db, "bob")
		var b bytes.Buffer
		if err := r.Lives.Export(t.Context(), &b, ids["User"]); err != nil {
			t.Fatal(err)
		}
		var out struct {
			UserID string                      `json:"userId"`
			Data   map[string][]map[string]any `json:"data"`
		}
		if err := json.Unmarshal(b.Bytes(), &out); err != nil || out.UserID != ids["User"] {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if strings.Contains(b.String(), "bob") {
			t.Error("the export holds something of another person")
		}
		covered := 0
		for _, e := range ent.Entities() {
			rows := out.Data[e.Table]
			if !e.Life.Export {
				if len(rows) > 0 {
					t.Errorf("%s is not exported but is there", e.Name)
				}
				continue
			}
			covered++
			if len(rows) != 1 || rows[0]["id"] != ids[e.Name] {
				t.Errorf("%s: rows %v", e.Name, rows)
				continue
			}
			for _, f := range e.Fields {
				_, there := rows[0][f.Wire]
				if secret := f.Sensitive || slices.Contains(e.Life.Secret, f.Name); secret && (there || strings.Contains(b.String(), said("ada", e, f))) {
					t.Errorf("%s.%s is secret and exported", e.Name, f.Name)
				} else if !secret && slices.Contains(e.Life.Personal, f.Name) && !holds(rows[0][f.Wire], said("ada", e, f)) {
					t.Errorf("%s.%s is %v", e.Name, f.Name, rows[0][f.Wire])
				}
			}
		}
		if covered < 5 {
			t.Errorf("only %d entities are exported", covered)
		}
		if strings.Contains(b.String(), "admin_note") || strings.Contains(b.String(), "adminNote") {
			t.Error("the export holds notes of administrators")
		}
	})
}

// holds finds a text in an exported value, base64 of bytes included.
func holds(v any, text string) bool {
	raw, _ := json.Marshal(v)
	return strings.Contains(string(raw), text) || strings.Contains(string(raw), base64.StdEncoding.EncodeToString([]byte(text)))
}

// TestDeletionCovers: with a person goes what their entities say, nothing personal of
// them is left in what stays, and nothing of others changes.
func TestDeletionCovers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		ada, bob := fill(t, db, "ada"), fill(t, db, "bob")
		before := map[string]map[string]string{}
		for _, e := range ent.Entities() {
			if bob[e.Name] != "" {
				before[e.Name] = stored(t, db, e, bob[e.Name])
			}
		}
		if err := r.Users.Delete(t.Context(), ada["User"], "test"); err != nil {
			t.Fatal(err)
		}
		for _, e := range ent.Entities() {
			if bob[e.Name] == "" {
				continue
			}
			if now := stored(t, db, e, bob[e.Name]); !maps.Equal(now, before[e.Name]) {
				t.Errorf("%s of another person changed: %v, was %v", e.Name, now, before[e.Name])
			}
			if e.Life.Owner == "" {
				continue
			}
			row := stored(t, db, e, ada[e.Name])
			switch e.Life.OnDelete {
			case core.Cascade:
				if row != nil {
					t.Errorf("%s is left: %v", e.Name, row)
				}
			case core.Blank:
				for _, name := range slices.Concat(e.Life.Personal, e.Life.Secret) {
					if row == nil || row[name] != "" && row[name] != "0" && row[name] != "false" && row[name] != "null" {
						t.Errorf("%s.%s is left: %v", e.Name, name, row)
					}
				}
			case core.Keep:
				if row == nil {
					t.Errorf("%s is gone", e.Name)
				}
			default:
				t.Errorf("%s does not say what becomes of it", e.Name)
			}
		}
	})
}

// TestForget: events stay, without what they said of the person, whoever acted.
func TestForget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		ada, root := r.user(t, "ada@example.test"), r.user(t, "root@example.test")
		personal, open := auth.EventField{Name: "to", Hidden: true, Mark: auth.Personal}, auth.EventField{Name: "by", Hidden: true}
		if err := r.Events.Declare("test", auth.EventKind{Name: "mixed", Fields: []auth.EventField{personal, open}},
			auth.EventKind{Name: "all", Fields: []auth.EventField{personal}}, auth.EventKind{Name: "open", Fields: []auth.EventField{open}}); err != nil {
			t.Fatal(err)
		}
		ctx := auth.WithOrigin(t.Context(), auth.Origin{Address: "192.0.2.1", UserAgent: "agent"})
		record := func(kind, actor, subject string, data map[string]any) {
			t.Helper()
			if err := r.Events.Record(ctx, auth.Event{Kind: kind, Actor: actor, ActorName: "name of " + actor, SubjectType: "user", Subject: subject, Reason: kind + "/" + actor + "/" + subject, Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		for _, actor := range []string{ada.ID, root.ID, ""} {
			for _, subject := range []string{ada.ID, root.ID} {
				record("mixed", actor, subject, map[string]any{"to": "person", "by": "way"})
			}
		}
		record("all", root.ID, ada.ID, map[string]any{"to": "person"})
		record("open", ada.ID, ada.ID, map[string]any{"by": "way"})
		if err := r.Users.Delete(ctx, ada.ID, "admin"); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Client.Event.Query().Where(event.KindIn("mixed", "all", "open")).All(t.Context())
		if err != nil || len(rows) != 8 {
			t.Fatalf("%d events: %v", len(rows), err)
		}
		for _, row := range rows {
			aboutHer := row.SubjectID == ada.ID
			byHer := row.ActorID == ada.ID || row.ActorID == "" && aboutHer
			if blank := row.ActorName == "" && row.IPAddress == "" && row.UserAgent == ""; blank != byHer {
				t.Errorf("%s: actor %q at %q", row.Reason, row.ActorName, row.IPAddress)
			}
			if _, there := row.Data["to"]; row.Kind != "open" && there == aboutHer {
				t.Errorf("%s: data %v", row.Reason, row.Data)
			}
			if row.Kind != "all" && row.Data["by"] != "way" {
				t.Errorf("%s: data %v", row.Reason, row.Data)
			}
		}
		left, err := db.Client.Event.Query().Where(event.SubjectID(ada.ID)).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range left {
			if text := fmt.Sprint(row); strings.Contains(text, "ada@example.test") {
				t.Errorf("the address is left: %s", text)
			}
		}
	})
}

// TestEventsOfOthers: what an export says of events names nobody else.
func TestEventsOfOthers(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ada, root := r.user(t, "ada@example.test"), r.user(t, "root@example.test")
	ctx := auth.WithOrigin(t.Context(), auth.Origin{Address: "192.0.2.77", UserAgent: "agent-of-actor"})
	for _, ev := range []auth.Event{
		{Kind: "tested", Actor: root.ID, ActorName: "Root Name", SubjectType: "user", Subject: ada.ID, Data: map[string]any{"email": "about-ada"}},
		{Kind: "tested", Actor: ada.ID, ActorName: "Ada", SubjectType: "user", Subject: root.ID, Data: map[string]any{"email": "about-root", "by": "way"}},
	} {
		if err := r.Events.Record(ctx, ev); err != nil {
			t.Fatal(err)
		}
	}
	text := func(id string) string {
		var b bytes.Buffer
		if err := r.Lives.Export(t.Context(), &b, id); err != nil {
			t.Fatal(err)
		}
		_, events, _ := strings.Cut(b.String(), `"event":[`)
		return events
	}
	her := text(ada.ID)
	for _, want := range []string{"about-ada", `"An administrator"`, `"by":"way"`, "192.0.2.77"} {
		if !strings.Contains(her, want) {
			t.Errorf("lacks %q", want)
		}
	}
	for _, never := range []string{root.ID, "Root Name", "about-root"} {
		if strings.Contains(her, never) {
			t.Errorf("holds %q", never)
		}
	}
	if n := strings.Count(her, "192.0.2.77"); n != 1 {
		t.Errorf("the address of the administrator is there: %d", n)
	}
}

// TestExportPages: what does not fit into one page of reading is there once.
func TestExportPages(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ada := r.user(t, "ada@example.test")
	const n = 450
	for i := range n {
		if err := r.Events.Record(t.Context(), auth.Event{Kind: "tested", Actor: ada.ID, SubjectType: "user", Subject: ada.ID, Data: map[string]any{"count": i}}); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := r.Lives.Export(t.Context(), &b, ada.ID); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if got := strings.Count(b.String(), fmt.Sprintf(`{"count":%d}`, i)); got != 1 {
			t.Fatalf("event %d is there %d times", i, got)
		}
	}
}

// TestParts: plugins add their part to the export, and take part in erasing.
func TestParts(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ada := r.user(t, "ada@example.test")
	erased := ""
	r.Lives.Add("notes", auth.DataLife{Entity: "Note",
		Export: func(_ context.Context, _ *auth.Tx, user string) (any, error) { return []string{"note of " + user}, nil },
		Erase:  func(_ context.Context, _ *auth.Tx, user string) error { erased = user; return nil }})
	var b bytes.Buffer
	if err := r.Lives.Export(t.Context(), &b, ada.ID); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"parts":{"notes":{"Note":["note of `+ada.ID+`"]}}`) {
		t.Errorf("%s", b.String())
	}
	if err := r.Users.Delete(t.Context(), ada.ID, "test"); err != nil || erased != ada.ID {
		t.Errorf("erased %q: %v", erased, err)
	}
}

// TestMessagesOfDeleted: what was delivered goes, what waits is delivered: it may be the
// notice that somebody else did this.
func TestMessagesOfDeleted(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ada := r.user(t, "ada@example.test")
	client := r.DB.Access(t.Context()).OutboxMessage()
	for _, state := range []outboxmessage.State{outboxmessage.StateSent, outboxmessage.StateFailed, outboxmessage.StateQueued} {
		for _, to := range []string{"ada@example.test", "bob@example.test"} {
			if err := client.Create().SetKind("k").SetChannel("mail").SetRecipient(to).SetBody("").SetState(state).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.Users.Delete(t.Context(), ada.ID, "test"); err != nil {
		t.Fatal(err)
	}
	rows, err := client.Query().Where(outboxmessage.Recipient("ada@example.test")).All(t.Context())
	if err != nil || len(rows) != 1 || rows[0].State != outboxmessage.StateQueued {
		t.Errorf("left: %v %v", rows, err)
	}
	if n := client.Query().CountX(t.Context()); n != 4 {
		t.Errorf("%d messages", n)
	}
}
