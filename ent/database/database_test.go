package database_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/schema/core"
	"gatehouse/ent/user"
	"gatehouse/ent/verification"
)

func TestTimesAndTextComeBackAsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
		const name = "Zoë Straße 😀\u2028"
		made := db.Client.User.Create().SetName(name).SetEmail("zoë@example.org").SetCreatedAt(at).
			SetAdditionalFields(map[string]any{"plan": "gold", "seats": 3.5}).SaveX(t.Context())
		got := db.Client.User.GetX(t.Context(), made.ID)
		if !got.CreatedAt.Equal(at) || got.Name != name {
			t.Errorf("got %v %q", got.CreatedAt, got.Name)
		}
		if got.AdditionalFields["plan"] != "gold" || got.AdditionalFields["seats"] != 3.5 {
			t.Errorf("additional fields %v", got.AdditionalFields)
		}
		if !made.UpdatedAt.Equal(got.UpdatedAt) {
			t.Errorf("default time %v came back as %v", made.UpdatedAt, got.UpdatedAt)
		}
		// Neither case nor accents merge two people.
		for _, email := range []string{"zoe@example.org", "ZOË@example.org", "zoe\u0308@example.org"} {
			if n := db.Client.User.Query().Where(user.Email(email)).CountX(t.Context()); n != 0 {
				t.Errorf("%q finds another address", email)
			}
			db.Client.User.Create().SetName("").SetEmail(email).SaveX(t.Context())
		}
	})
}

func TestSQLiteStoresTimesAsBetterAuthDoes(t *testing.T) {
	db := dbtest.SQLite(t)
	at := time.Date(2026, 1, 2, 4, 4, 5, 600_000_000, time.FixedZone("", 3600))
	made := db.Client.User.Create().SetName("").SetEmail("a@example.org").SetCreatedAt(at.UTC()).SaveX(t.Context())
	var text, kind string
	row := db.SQL.QueryRowContext(t.Context(), `SELECT CAST(createdAt AS text), typeof(createdAt) FROM user WHERE id = ?`, made.ID)
	if err := row.Scan(&text, &kind); err != nil {
		t.Fatal(err)
	}
	if text != "2026-01-02T03:04:05.600Z" || kind != "text" {
		t.Errorf("stored %s %q", kind, text)
	}
	// Equal to the millisecond before and after, compared as text.
	for shift, want := range map[time.Duration]int{-time.Millisecond: 1, 0: 0, time.Millisecond: 0} {
		if n := db.Client.User.Query().Where(user.CreatedAtGT(at.UTC().Add(shift))).CountX(t.Context()); n != want {
			t.Errorf("%v: %d rows later, want %d", shift, n, want)
		}
	}
}

func TestSQLiteKeepsEveryCommit(t *testing.T) {
	db := dbtest.SQLite(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := db.SQL.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestEndsCascade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		u := db.Client.User.Create().SetName("").SetEmail("a@example.org").SaveX(t.Context())
		db.Client.Session.Create().SetUserID(u.ID).SetToken("t").SetExpiresAt(core.Now()).SaveX(t.Context())
		db.Client.Account.Create().SetUserID(u.ID).SetAccountID(u.ID).SetProviderID("credential").SaveX(t.Context())
		db.Client.User.DeleteOne(u).ExecX(t.Context())
		if n := db.Client.Session.Query().CountX(t.Context()) + db.Client.Account.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// TestConsumeOnce lets many callers take one value: in transactions, as the
// domain does, and with single statements.
func TestConsumeOnce(t *testing.T) {
	const callers = 32
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		for name, consume := range map[string]func(context.Context, *database.DB, string) (int, error){
			"statement": consume, "transaction": consumeInTx,
		} {
			v := db.Client.Verification.Create().SetIdentifier("i").SetValue("v").
				SetExpiresAt(core.Now().Add(time.Minute)).SaveX(t.Context())
			var winners, failures atomic.Int64
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					n, err := consume(t.Context(), db, v.ID)
					for database.IsRetryable(err) {
						n, err = consume(t.Context(), db, v.ID)
					}
					if err != nil {
						failures.Add(1)
						t.Errorf("%s: %v", name, err)
					}
					winners.Add(int64(n))
				})
			}
			wg.Wait()
			if winners.Load() != 1 {
				t.Errorf("%s: %d of %d callers won, %d failed", name, winners.Load(), callers, failures.Load())
			}
		}
	})
}

func consume(ctx context.Context, db *database.DB, id string) (int, error) {
	return db.Client.Verification.Delete().
		Where(verification.ID(id), verification.ExpiresAtGT(core.Now())).Exec(ctx)
}

func consumeInTx(ctx context.Context, db *database.DB, id string) (int, error) {
	release, err := db.WriteLock(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	tx, err := db.Client.Tx(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Verification.Query().Where(verification.Identifier("i")).All(ctx); err != nil {
		return 0, errors.Join(err, tx.Rollback())
	}
	n, err := tx.Verification.Delete().
		Where(verification.ID(id), verification.ExpiresAtGT(core.Now())).Exec(ctx)
	if err != nil {
		return 0, errors.Join(err, tx.Rollback())
	}
	return n, tx.Commit()
}

func TestReserveOnce(t *testing.T) {
	const callers = 16
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		var winners atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				err := db.Client.Verification.Create().SetIdentifier("i").SetValue("").SetReservation("once").
					SetExpiresAt(core.Now()).Exec(t.Context())
				switch {
				case err == nil:
					winners.Add(1)
				case !ent.IsConstraintError(err):
					t.Errorf("loser got %v", err)
				}
			})
		}
		wg.Wait()
		if winners.Load() != 1 {
			t.Errorf("%d of %d reserved", winners.Load(), callers)
		}
		// Rows without a reservation do not meet.
		for range 2 {
			db.Client.Verification.Create().SetIdentifier("i").SetValue("").SetExpiresAt(core.Now()).SaveX(t.Context())
		}
	})
}

func TestWriteLock(t *testing.T) {
	db := dbtest.SQLite(t)
	release, err := db.WriteLock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.WriteLock(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled waiter got %v", err)
	}
	release()
	again, err := db.WriteLock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestSnapshotSeesOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		db.Client.User.Create().SetName("").SetEmail("a@example.org").SaveX(t.Context())
		snapshot, err := db.BeginReadOnly(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		db.Client.User.Create().SetName("").SetEmail("b@example.org").SaveX(t.Context())
		table := `"user"`
		if db.Dialect == dialect.MySQL {
			table = "`user`"
		}
		var n int
		if err := snapshot.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 1 {
			t.Errorf("snapshot sees %d rows, %v; want 1", n, err)
		}
		if _, err := snapshot.ExecContext(t.Context(), "DELETE FROM "+table); err == nil {
			t.Error("a snapshot can write")
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
		if n := db.Client.User.Query().CountX(t.Context()); n != 2 {
			t.Errorf("%d rows after the snapshot, want 2", n)
		}
	})
}

func TestUnstorableTextIsRefused(t *testing.T) {
	db := dbtest.SQLite(t)
	for name, create := range map[string]*ent.UserCreate{
		"NUL":       db.Client.User.Create().SetEmail("a").SetName("a\x00b"),
		"not UTF-8": db.Client.User.Create().SetEmail("a").SetName("a\xff"),
		"in JSON":   db.Client.User.Create().SetEmail("a").SetName("").SetAdditionalFields(map[string]any{"a": []any{"\x00"}}),
		"JSON key":  db.Client.User.Create().SetEmail("a").SetName("").SetAdditionalFields(map[string]any{"\x00": 1}),
	} {
		if err := create.Exec(t.Context()); !errors.Is(err, ent.ErrUnstorable) {
			t.Errorf("%s: got %v, want ErrUnstorable", name, err)
		}
	}
}

func TestOpenSaysWhatIsAway(t *testing.T) {
	_, err := database.Open(t.Context(), database.Config{URL: "postgres://u:hidden@127.0.0.1:1/none"})
	if err == nil || !database.IsUnavailable(err) {
		t.Fatalf("got %v, want an error that is IsUnavailable", err)
	}
}

func TestErrorsAreTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		_, err := db.SQL.ExecContext(t.Context(), "SELECT * FROM no_such_table")
		if err == nil || database.IsUnavailable(err) || database.IsRetryable(err) {
			t.Errorf("a wrong statement: %v is unavailable %v, retryable %v", err,
				database.IsUnavailable(err), database.IsRetryable(err))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.SQL.ExecContext(ctx, "SELECT 1"); err == nil || database.IsUnavailable(err) {
			t.Errorf("a cancelled request: %v is unavailable", err)
		}
	})
}

// TestConnectionsCutOff ends every connection from the server's side, as a
// restart does. Requests may fail meanwhile, but only as unavailable.
func TestConnectionsCutOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		if db.Dialect == dialect.SQLite {
			return // a file has no server to restart
		}
		warm(t, db)
		other := dbtest.Reopen(t, db)
		cut(t, other)
		for tries := 0; ; tries++ {
			_, err := db.Client.User.Query().Count(t.Context())
			if err == nil {
				break
			}
			if !database.IsUnavailable(err) {
				t.Errorf("a cut connection is told as %v", err)
			}
			if tries > 50 {
				t.Fatalf("still cut off: %v", err)
			}
		}
	})
}

// warm opens several connections and leaves them idle.
func warm(t *testing.T, db *database.DB) {
	t.Helper()
	for range 4 {
		conn, err := db.SQL.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
}

func cut(t *testing.T, db *database.DB) {
	t.Helper()
	list := "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	end := "SELECT pg_terminate_backend($1)"
	if db.Dialect == dialect.MySQL {
		list = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
		end = "KILL CONNECTION ?"
	}
	conn, err := db.SQL.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows, err := conn.QueryContext(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	rows.Close()
	if len(ids) < 4 {
		t.Fatalf("only %d connections to cut", len(ids))
	}
	for _, id := range ids {
		if _, err := conn.ExecContext(t.Context(), end, id); err != nil {
			t.Fatal(err)
		}
	}
}
