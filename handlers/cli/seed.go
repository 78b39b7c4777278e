package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
)

// seedSpan is the time over which the people joined.
const seedSpan = 2 * 365 * 24 * time.Hour

// seedBatch is how many people one transaction makes.
const seedBatch = 500

// seedCommand fills a database for measurements. The people are made row by row as the
// server would, without hooks and events, and share one password.
type seedCommand struct {
	Count    int    `arg:"" help:"How many people, at most 10,000,000."`
	Password string `default:"seed-Only-password" help:"Their password."`
	Domain   string `default:"seed.example" help:"Domain of their addresses, user1@DOMAIN and so on."`
}

// Run makes the people and shows how far it is.
func (s *seedCommand) Run(ctx context.Context, a *app) error {
	if s.Count < 1 || s.Count > 10_000_000 {
		return wrongUse("the count must be between 1 and 10000000")
	}
	return a.withServer(ctx, func(ctx context.Context, b *built) error {
		core := b.host().Core
		hash, err := core.Passwords.Hash(ctx, s.Password)
		if err != nil {
			return err
		}
		bar := progress{w: a.Stderr, total: s.Count, start: time.Now()}
		for first := 1; first <= s.Count; first += seedBatch {
			last := min(first+seedBatch-1, s.Count)
			err := core.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
				return s.batch(ctx, tx, first, last, hash, core.Clock())
			})
			if ent.IsConstraintError(err) {
				return fmt.Errorf("somebody at %s exists already; take another --domain", s.Domain)
			}
			if err != nil {
				return err
			}
			bar.show(last)
		}
		fmt.Fprintln(a.Stderr, "\nindexing")
		return b.db.Search().Rebuild(ctx, "User") // faster than row by row
	})
}

func (s *seedCommand) batch(ctx context.Context, tx *auth.Tx, first, last int, hash string, now time.Time) error {
	var users []*ent.UserCreate
	var accounts []*ent.AccountCreate
	for i := first; i <= last; i++ {
		id, at := random.ID(), now.Add(-seedSpan/time.Duration(s.Count)*time.Duration(s.Count-i))
		users = append(users, tx.User().Create().SetID(id).SetName(seedName(i)).SetEmail(s.address(i)).
			SetEmailVerified(true).SetCreatedAt(at).SetUpdatedAt(at))
		accounts = append(accounts, tx.Account().Create().SetID(random.ID()).SetUserID(id).SetAccountID(id).
			SetProviderID(auth.ProviderCredential).SetPassword(hash).SetCreatedAt(at).SetUpdatedAt(at))
	}
	if err := tx.User().CreateBulk(users...).Exec(ctx); err != nil {
		return err
	}
	return tx.Account().CreateBulk(accounts...).Exec(ctx)
}

func (s *seedCommand) address(i int) string { return fmt.Sprintf("user%d@%s", i, s.Domain) }

// seedName gives names that repeat the way real ones do, so that searches find many.
func seedName(i int) string {
	given := []string{"Anna", "Ben", "Chiara", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena", "Mateo", "Nora", "Omar", "Priya", "Quinn", "Rosa", "Sven", "Tara"}
	family := []string{"Abe", "Baumann", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jensen", "Kumar", "Lopez", "Meyer", "Nowak", "Okafor", "Peeters", "Rossi", "Silva", "Tanaka", "Weber", "Yilmaz", "Zhang", "Moreau"}
	return given[i%len(given)] + " " + family[i%len(family)]
}

// progress draws a bar on one line of the terminal.
type progress struct {
	w     io.Writer
	total int
	start time.Time
}

func (p progress) show(done int) {
	const width = 30
	filled := done * width / p.total
	rate := float64(done) / max(time.Since(p.start).Seconds(), 0.001)
	fmt.Fprintf(p.w, "\r[%s%s] %d of %d, %.0f a second", strings.Repeat("#", filled), strings.Repeat(".", width-filled), done, p.total, rate)
}
