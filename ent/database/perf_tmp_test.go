package database_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
)

func TestPerfTmp(t *testing.T) {
	if os.Getenv("PERF") == "" {
		return
	}
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		const n = 100000
		first := []string{"anna", "ben", "carla", "david", "emma", "fritz", "georg", "hanna", "igor", "julia", "karl", "laura"}
		syl := []string{"ba", "ko", "ri", "tu", "me", "sa", "lo", "vi", "ne", "pa", "du", "ga", "fi", "ho", "ze"}
		start := time.Now()
		word := func() string {
			s := ""
			for range 3 + rand.IntN(2) {
				s += syl[rand.IntN(len(syl))]
			}
			return s
		}
		release, _ := db.WriteLock(ctx)
		tx, err := db.Client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < n; i += 2000 {
			rows := make([]*ent.UserCreate, 2000)
			for j := range rows {
				f, l := first[rand.IntN(len(first))], word()
				rows[j] = tx.User.Create().SetName(f + " " + l).SetEmail(fmt.Sprintf("%s.%s%d@%s.example", f, l, i+j, word()))
			}
			tx.User.CreateBulk(rows...).ExecX(ctx)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		release()
		t.Logf("fill %v", time.Since(start))
		start = time.Now()
		if err := db.Search().Rebuild(ctx, "User"); err != nil {
			t.Fatal(err)
		}
		t.Logf("rebuild %v", time.Since(start))
		start = time.Now()
		if err := db.Search().Check(ctx, "User"); err != nil {
			t.Fatal(err)
		}
		t.Logf("check %v", time.Since(start))
		for _, q := range []string{"ann", "anna", "anna ba", "bako", "bakorit", "example", "@ba", "rit", "zzz", "laura ze", "500000", "an", "x", "zz"} {
			var d, c []time.Duration
			got := 0
			for range 20 {
				s := time.Now()
				h, err := db.Search().Find(ctx, "User", q, "", 50)
				if err != nil {
					t.Fatal(err)
				}
				d = append(d, time.Since(s))
				got = len(h.IDs)
				s = time.Now()
				if _, _, err := db.Search().Count(ctx, "User", q); err != nil {
					t.Fatal(err)
				}
				c = append(c, time.Since(s))
			}
			slices.Sort(d)
			slices.Sort(c)
			t.Logf("%-10q hits %d find p50 %v p95 %v  count p50 %v p95 %v", q, got, d[10], d[18], c[10], c[18])
		}
	})
}
