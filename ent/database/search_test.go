package database_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"entgo.io/ent/dialect"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/user"
)

// add writes a user and its search text as a command does.
func add(t *testing.T, db *database.DB, id, name, email string) {
	t.Helper()
	release, err := db.WriteLock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	tx, err := db.Client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx.User.Create().SetID(id).SetName(name).SetEmail(email).SaveX(t.Context())
	if err := db.Search().Index(t.Context(), tx, "User", id, name, email); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, db *database.DB, query string) []string {
	t.Helper()
	hits, err := db.Search().Find(t.Context(), "User", query, "", 100)
	if err != nil {
		t.Fatalf("%q: %v", query, err)
	}
	return hits.IDs
}

func TestSearchFindsTheNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		add(t, db, "one", "Ann Smith", "ann@example.org")
		add(t, db, "two", "Jörg Ännchen", "j.a@example.com")
		add(t, db, "three", `O'Neil "the" 100%_Man`, "oneil@else.net")
		tests := []struct {
			query  string
			want   []string
			middle bool // found only where pieces of words are
		}{
			{"ann", []string{"one"}, false},
			{"ANN S", []string{"one"}, false},
			{"smith", []string{"one"}, false},
			{"  Smith ", []string{"one"}, false},
			{"example", []string{"two", "one"}, false},
			{"ännch", []string{"two"}, false},
			{"ÄNNCHEN", []string{"two"}, false},
			{"an", []string{"one"}, false},
			{"a", []string{"one"}, false},
			{"three", nil, false},
			{`"the"`, []string{"three"}, false},
			{"100%_", []string{"three"}, false},
			{"1%", nil, false},
			{"%", nil, false},
			{"___", nil, false},
			{"* OR ann", nil, false},
			{"", nil, false},
			{" ", nil, false},
			{"nobody", nil, false},
			{"mple.o", []string{"one"}, true},
			{"neil", []string{"three"}, true},
		}
		for _, tt := range tests {
			if tt.middle && db.Search().OnlyBeginnings() {
				continue
			}
			if got := find(t, db, tt.query); !slices.Equal(got, tt.want) {
				t.Errorf("%q: got %q, want %q", tt.query, got, tt.want)
			}
			if n, more, err := db.Search().Count(t.Context(), "User", tt.query); err != nil || n != len(tt.want) || more {
				t.Errorf("%q: count %d, %v, %v", tt.query, n, more, err)
			}
		}
		add(t, db, "aB3dE6gH9jK2", "aB3dE6gH9jK2", "id@example.net")
		for query, want := range map[string][]string{
			"aB3dE6gH9jK2": {"aB3dE6gH9jK2"}, " aB3dE6gH": {"aB3dE6gH9jK2"}, "aB3dE6gH9jK3": nil, "B3dE6gH9j_": nil, "aB3dE6g_": nil,
		} {
			if got := find(t, db, query); !slices.Equal(got, want) {
				t.Errorf("%q: got %q, want %q", query, got, want)
			}
			if n, _, err := db.Search().Count(t.Context(), "User", query); err != nil || n != len(want) {
				t.Errorf("%q: count %d, %v", query, n, err)
			}
		}
		add(t, db, "Zz9-yX8_wV7", "Nobody", "z@example.net")
		for query, want := range map[string][]string{"Zz9-yX8_": {"Zz9-yX8_wV7"}, "zz9-yX8_": nil, "Zz9-yX8": nil} {
			if got := find(t, db, query); !slices.Equal(got, want) {
				t.Errorf("%q: got %q, want %q", query, got, want)
			}
		}
		if want := db.Dialect == dialect.MySQL; db.Search().OnlyBeginnings() != want {
			t.Errorf("only beginnings: %v", !want)
		}
	})
}

func TestSearchFollowsChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		search, ctx := db.Search(), t.Context()
		add(t, db, "one", "Ann", "ann@example.org")
		add(t, db, "two", "Ben", "ben@example.org")
		if err := search.Index(ctx, db.Client, "User", "one", "Carla", "carla@example.org"); err != nil {
			t.Fatal(err)
		}
		if got := find(t, db, "ann@"); got != nil {
			t.Errorf("the old text finds %q", got)
		}
		if got := find(t, db, "example"); !slices.Equal(got, []string{"two", "one"}) {
			t.Errorf("order after a change: %q", got)
		}
		if err := search.Check(ctx, "User"); err != nil {
			t.Error(err)
		}
		db.Client.User.Delete().Where(user.ID("one")).ExecX(ctx)
		if err := search.Check(ctx, "User"); !errors.Is(err, database.ErrSearchIndex) {
			t.Errorf("check with a row too many: %v", err)
		}
		for range 2 { // the second time there is nothing to forget
			if err := search.Remove(ctx, db.Client, "User", "one"); err != nil {
				t.Fatal(err)
			}
		}
		if got := find(t, db, "carla"); got != nil {
			t.Errorf("a removed row is found: %q", got)
		}
		if err := search.Check(ctx, "User"); err != nil {
			t.Error(err)
		}
	})
}

func TestSearchTextRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		tx, err := db.Client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Search().Index(t.Context(), tx, "User", "one", "Ann"); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if got := find(t, db, "ann"); got != nil {
			t.Errorf("found %q", got)
		}
	})
}

func TestSearchPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		for i := range 7 {
			id := fmt.Sprintf("id%d", i)
			add(t, db, id, "Same Name", id+"@example.org")
		}
		var got []string
		after, pages := "", 0
		for {
			hits, err := db.Search().Find(t.Context(), "User", "same", after, 3)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, hits.IDs...)
			pages++
			if after = hits.Next; after == "" {
				break
			}
		}
		if want := []string{"id6", "id5", "id4", "id3", "id2", "id1", "id0"}; pages != 3 || !slices.Equal(got, want) {
			t.Errorf("%d pages: %q", pages, got)
		}
		if _, err := db.Search().Find(t.Context(), "User", "same", "x", 3); !errors.Is(err, database.ErrCursor) {
			t.Errorf("a wrong cursor: %v", err)
		}
	})
}

func TestSearchIsRebuilt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		var rows []*ent.UserCreate
		for i := range 1100 { // more than two batches
			id := fmt.Sprintf("id%04d", i)
			rows = append(rows, db.Client.User.Create().SetID(id).SetName("Bulk").SetEmail(id+"@example.org"))
		}
		for chunk := range slices.Chunk(rows, 100) {
			db.Client.User.CreateBulk(chunk...).ExecX(ctx)
		}
		if err := db.Search().Check(ctx, "User"); !errors.Is(err, database.ErrSearchIndex) {
			t.Errorf("check of an empty index: %v", err)
		}
		if err := db.Search().Rebuild(ctx, "User"); err != nil {
			t.Fatal(err)
		}
		if err := db.Search().Check(ctx, "User"); err != nil {
			t.Error(err)
		}
		if n, _, err := db.Search().Count(ctx, "User", "bulk"); err != nil || n != len(rows) {
			t.Errorf("count %d, %v", n, err)
		}
		if got := find(t, db, "id1099@"); !slices.Equal(got, []string{"id1099"}) {
			t.Errorf("found %q", got)
		}
		add(t, db, "new", "Bulk", "new@example.org")
		if got := find(t, db, "bulk"); len(got) == 0 || got[0] != "new" {
			t.Errorf("the newest is not first")
		}
	})
}

func TestSearchOfUnknownEntity(t *testing.T) {
	db := dbtest.SQLite(t)
	if _, err := db.Search().Find(t.Context(), "Session", "x", "", 1); !errors.Is(err, database.ErrNotSearched) {
		t.Errorf("got %v", err)
	}
	if got := db.Search().Entities(); !slices.Contains(got, "User") || !slices.Contains(got, "PlatformInvitation") {
		t.Errorf("searched: %q", got)
	}
}

func FuzzSearchQuery(f *testing.F) {
	for _, q := range []string{"", "ann", `"`, `""" OR *`, "a\x00b", "\xff\xfe\xfd", "%_!", "NEAR(a b)", strings.Repeat("ä", 200), "\u0130\u0130\u0130"} {
		f.Add(q)
	}
	db := dbtest.SQLite(f)
	if err := db.Search().Index(f.Context(), db.Client, "User", "one", "Ann Smith"); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := db.Search().Find(t.Context(), "User", query, "", 10); err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		if err := db.Search().Index(t.Context(), db.Client, "User", "two", query); err != nil {
			t.Fatalf("index %q: %v", query, err)
		}
		clean := strings.Join(strings.Fields(query), " ")
		if utf8.ValidString(query) && clean == query && len(query) < 100 && utf8.RuneCountInString(query) >= 3 &&
			!strings.ContainsAny(query, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x7f") {
			hits, err := db.Search().Find(t.Context(), "User", query, "", 10)
			if err == nil && isPrintable(query) && !slices.Contains(hits.IDs, "two") {
				t.Fatalf("%q does not find itself", query)
			}
		}
	})
}

func isPrintable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0xa0 {
			return false
		}
	}
	return true
}

func TestSearchWithoutTrigrams(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		if db.Dialect == dialect.SQLite {
			return // always has its tokenizer
		}
		db.Search().FindBeginningsOnly()
		if err := db.Search().Rebuild(t.Context(), "User"); err != nil {
			t.Fatal(err)
		}
		add(t, db, "one", "Ann Smith", "ann@example.org")
		add(t, db, "two", "Änn 100%", "two@example.org")
		for query, want := range map[string][]string{
			"ann s": {"one"}, "smi": {"one"}, "example": {"two", "one"}, "än": {"two"}, "mith": nil, "100%": {"two"}, "1_": nil,
		} {
			if got := find(t, db, query); !slices.Equal(got, want) {
				t.Errorf("%q: got %q, want %q", query, got, want)
			}
		}
		if err := db.Search().Remove(t.Context(), db.Client, "User", "one"); err != nil {
			t.Fatal(err)
		}
		if got := find(t, db, "smith"); got != nil {
			t.Errorf("a removed row is found: %q", got)
		}
		// A server that starts where the extension is to be had takes it.
		if err := db.Search().Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		if db.Search().OnlyBeginnings() != (db.Dialect == dialect.MySQL) {
			t.Error("the extension is not taken")
		}
	})
}
