package ent_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	sqlite "github.com/ncruces/go-sqlite3/driver"

	"gatehouse/ent/gen/testdata/tenant/ent"
	"gatehouse/ent/gen/testdata/tenant/ent/comment"
	"gatehouse/ent/gen/testdata/tenant/ent/migrate/tables"
	"gatehouse/ent/gen/testdata/tenant/ent/note"
	"gatehouse/ent/gen/testdata/tenant/ent/organization"
)

// open returns a client on an empty database, with the second net or without:
// the first must hold by itself.
func open(t *testing.T, guarded bool) *ent.Client {
	t.Helper()
	db, err := sqlite.Open("file:" + filepath.Join(t.TempDir(), "x.db") + "?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	driver := entsql.OpenDB(dialect.SQLite, db)
	client := ent.NewClient(ent.Driver(driver))
	if err := tables.NewSchema(driver).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if guarded {
		ent.Guard(client)
	}
	return client
}

// fill makes two organizations with a note and a comment each, and a comment
// of the platform.
func fill(ctx context.Context, client *ent.Client) ent.Access {
	access := ent.NewAccess(client)
	for _, id := range []string{"a", "b"} {
		access.Platform().Organization().Create().SetID(id).SetName(id).SaveX(ctx)
		access.Organization(id).Note().Create().SetID("note-" + id).SetText("text " + id).SaveX(ctx)
		access.Organization(id).Comment().Create().SetID("comment-" + id).SetText("c").SetNoteID("note-" + id).SaveX(ctx)
	}
	access.Platform().Comment().Create().SetID("comment-p").SetText("c").SetNoteID("note-a").SaveX(ctx)
	return access
}

func both(t *testing.T, test func(t *testing.T, client *ent.Client)) {
	t.Run("first net alone", func(t *testing.T) { test(t, open(t, false)) })
	t.Run("both nets", func(t *testing.T) { test(t, open(t, true)) })
}

func TestReads(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		access := fill(ctx, client)
		a := access.Organization("a")
		if got := a.Note().Query().IDsX(ctx); !slices.Equal(got, []string{"note-a"}) {
			t.Errorf("notes of a: %q", got)
		}
		if got := a.Comment().Query().IDsX(ctx); !slices.Equal(got, []string{"comment-a"}) {
			t.Errorf("comments of a, which the platform's is not: %q", got)
		}
		if got := a.Organization().Query().IDsX(ctx); !slices.Equal(got, []string{"a"}) {
			t.Errorf("organizations: %q", got)
		}
		if n := access.Organization("").Note().Query().CountX(ctx); n != 0 {
			t.Errorf("nobody sees %d notes", n)
		}
		for name, query := range map[string]*ent.NoteQuery{
			"by id":      a.Note().Query().Where(note.ID("note-b")),
			"or":         a.Note().Query().Where(note.Or(note.ID("note-b"), note.OrganizationID("b"))),
			"not":        a.Note().Query().Where(note.Not(note.OrganizationID("a"))),
			"clone":      a.Note().Query().Clone().Where(note.ID("note-b")),
			"from org":   a.Organization().Query().Where(organization.ID("b")).QueryNotes(),
			"edge":       a.Note().Query().Where(note.HasCommentsWith(comment.ID("comment-b"))),
			"edge there": a.Note().Query().QueryComments().QueryNote().Where(note.ID("note-b")),
		} {
			if n := query.CountX(ctx); n != 0 {
				t.Errorf("%s: %d notes of another organization", name, n)
			}
		}
		if _, err := a.Note().Get(ctx, "note-b"); !ent.IsNotFound(err) {
			t.Errorf("get of another's note: %v", err)
		}
		if n := access.Platform().Note().Query().CountX(ctx); n != 2 {
			t.Errorf("the platform sees %d notes", n)
		}
	})
}

func TestEagerLoads(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		access := fill(ctx, client)
		// A comment of b on a note of a, as a fault elsewhere could leave.
		access.Platform().Comment().Update().Where(comment.ID("comment-b")).SetNoteID("note-a").ExecX(ctx)
		got := access.Organization("a").Note().Query().WithComments().OnlyX(ctx)
		if len(got.Edges.Comments) != 1 || got.Edges.Comments[0].ID != "comment-a" {
			t.Errorf("eager load: %v", got.Edges.Comments)
		}
		if ids := got.QueryComments().IDsX(ctx); !slices.Equal(ids, []string{"comment-a"}) {
			t.Errorf("walk: %q", ids)
		}
		o := access.Organization("a").Organization().Query().WithNotes(func(q *ent.NoteQuery) { q.WithComments() }).OnlyX(ctx)
		if len(o.Edges.Notes) != 1 || len(o.Edges.Notes[0].Edges.Comments) != 1 {
			t.Errorf("two steps: %v", o.Edges.Notes)
		}
	})
}

func TestWrites(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		access := fill(ctx, client)
		a := access.Organization("a")
		if n := a.Note().Update().SetText("changed").SaveX(ctx); n != 1 {
			t.Errorf("update changed %d", n)
		}
		if err := a.Note().UpdateOneID("note-b").SetText("stolen").Exec(ctx); !ent.IsNotFound(err) {
			t.Errorf("update of another's: %v", err)
		}
		theirs := access.Organization("b").Note().Query().OnlyX(ctx)
		if err := a.Note().UpdateOne(theirs).SetText("stolen").Exec(ctx); !ent.IsNotFound(err) {
			t.Errorf("update of another's row: %v", err)
		}
		if n := a.Note().Delete().Where(note.ID("note-b")).ExecX(ctx); n != 0 {
			t.Errorf("delete of another's removed %d", n)
		}
		if err := a.Note().DeleteOneID("note-b").Exec(ctx); !ent.IsNotFound(err) {
			t.Errorf("delete of another's: %v", err)
		}
		if err := a.Organization().UpdateOneID("b").SetName("x").Exec(ctx); !ent.IsNotFound(err) {
			t.Errorf("update of another organization: %v", err)
		}
		if n := a.Comment().Delete().ExecX(ctx); n != 1 {
			t.Errorf("delete of all removed %d", n)
		}
		if left := access.Platform().Comment().Query().Order(comment.ByID()).IDsX(ctx); !slices.Equal(left, []string{"comment-b", "comment-p"}) {
			t.Errorf("left %q", left)
		}
		if got := access.Organization("b").Note().Query().OnlyX(ctx); got.Text != "text b" {
			t.Errorf("b's note says %q", got.Text)
		}
	})
}

func TestCreateKeepsTheTenant(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		access := fill(ctx, client)
		a := access.Organization("a")
		// Without the second net it becomes a's, with it, it is refused.
		err := a.Note().Create().SetID("x").SetText("x").SetOrganizationID("b").Exec(ctx)
		if err != nil && !errors.Is(err, ent.ErrOtherTenant) {
			t.Error(err)
		}
		stray := access.Platform().Note().Create().SetID("y").SetText("y").SetOrganizationID("b")
		if err := a.Note().CreateBulk(stray, a.Note().Create().SetID("z").SetText("z")).Exec(ctx); err != nil {
			t.Error(err)
		}
		if n := access.Organization("b").Note().Query().CountX(ctx); n != 1 {
			t.Errorf("b has %d notes, want 1", n)
		}
	})
}

func TestNoUpsertOverAnothersRow(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		access := fill(ctx, client)
		a := access.Organization("a")
		one := a.Note().Create().SetText("text b").OnConflictColumns(note.FieldText).UpdateNewValues()
		if err := one.Exec(ctx); !ent.IsConstraintError(err) {
			t.Errorf("upsert: %v", err)
		}
		bulk := a.Note().CreateBulk(a.Note().Create().SetText("text b")).OnConflictColumns(note.FieldText).UpdateNewValues()
		if err := bulk.Exec(ctx); !ent.IsConstraintError(err) {
			t.Errorf("bulk upsert: %v", err)
		}
		if got := access.Organization("b").Note().Query().OnlyX(ctx); got.ID != "note-b" {
			t.Errorf("b's note is %q", got.ID)
		}
	})
}

func TestTransactions(t *testing.T) {
	both(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		fill(ctx, client)
		tx, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a := ent.NewTxAccess(tx).Organization("a")
		a.Note().Create().SetText("in the transaction").SaveX(ctx)
		if n := a.Note().Query().CountX(ctx); n != 2 {
			t.Errorf("inside: %d", n)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if n := ent.NewAccess(client).Organization("a").Note().Query().CountX(ctx); n != 1 {
			t.Errorf("after rolling back: %d", n)
		}
	})
}

func TestSecondNetRefusesTheUnscoped(t *testing.T) {
	ctx := t.Context()
	client := open(t, true)
	access := fill(ctx, client)
	for name, err := range map[string]error{
		"query":  second(client.Note.Query().All(ctx)),
		"count":  second(client.Note.Query().Count(ctx)),
		"get":    second(client.Note.Get(ctx, "note-a")),
		"create": client.Note.Create().SetText("x").SetOrganizationID("a").Exec(ctx),
		"update": client.Note.Update().SetText("x").Exec(ctx),
		"delete": second(client.Note.Delete().Exec(ctx)),
		"nobody": second(access.Organization("").Note().Delete().Exec(ctx)),
		"eager":  second(client.Organization.Query().WithNotes().All(ctx)),
	} {
		if !errors.Is(err, ent.ErrUnscoped) {
			t.Errorf("%s: %v, want ErrUnscoped", name, err)
		}
	}
	// A row loaded by b and changed through its own client stays b's.
	theirs := access.Organization("b").Note().Query().OnlyX(ctx)
	theirs.Update().SetText("changed").ExecX(ctx)
	// Entities without a tenant are as they were.
	client.User.Create().SetName("").SetEmail("a@example.org").SaveX(ctx)
	access.User().Query().OnlyX(ctx)
}

func second[T any](_ T, err error) error { return err }

func TestWireOfPlugin(t *testing.T) {
	on := func(id string) bool { return id == "team-notes" }
	u := &ent.User{ID: "u", NoteTaker: true}
	if v, ok := u.Wire(on).Get("noteTaker"); !ok || v != true {
		t.Errorf("noteTaker: %v, %v", v, ok)
	}
	if _, ok := u.Wire(func(string) bool { return false }).Get("noteTaker"); ok {
		t.Error("the field of a disabled plugin is shown")
	}
	for _, e := range ent.Entities() {
		if e.Name == "Note" && (e.Plugin != "team-notes" || e.Life.Tenant != "organization_id") {
			t.Errorf("note: %+v", e)
		}
	}
}
