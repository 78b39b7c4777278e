package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"gatehouse/e2e/product"
	"gatehouse/ent/database"
)

// Sizes of BenchmarkOrganizations: 1,000 organizations of 1,000 members, beside the one of
// everybody.
const (
	people        = 100_000
	organizations = 1_000
)

// many gives each organization that the wire made a hundredth of all people, and leaves the
// administrator, who made them, in the first alone.
var many = append([]string{
	`INSERT INTO member (id, organizationId, userId, role, createdAt, userName, userEmail)
	 SELECT o.slug || u.id, o.id, u.id, CASE u.rowid % 10 WHEN 0 THEN 'admin' ELSE 'member' END, u.createdAt, u.name, u.email
	 FROM organization o JOIN user u ON u.rowid % 100 = o.rowid % 100 WHERE u.email LIKE '%@seed%'`,
	`DELETE FROM member WHERE organizationId NOT IN (SELECT id FROM organization WHERE slug = 'o-0') AND userId IN (SELECT id FROM user WHERE email = '` + product.AdminEmail + `')`,
}, big...)

// BenchmarkHasPermission asks whether the caller may do something in their active
// organization: on a server with one organization of one member, and on one with 1,000 of
// 1,000 and one of 100,000. Read beside BenchmarkSessionRead of the same run.
func BenchmarkHasPermission(b *testing.B) {
	ask := func(b *testing.B, s *product.Server, h http.Header, organization string) {
		h["Origin"] = []string{s.URL}
		calls(b, http.MethodPost, s.URL+"/api/auth/organization/has-permission",
			fmt.Sprintf(`{"organizationId":%q,"permissions":{"member":["update"]}}`, organization), h, `"success":true`)
	}
	b.Run("alone", func(b *testing.B) {
		s := start(b)
		h := signIn(b, s)
		ask(b, s, h, founded(b, s, h, 0))
	})
	b.Run("among-a-million", func(b *testing.B) {
		s := crowded(b)
		h := signIn(b, s)
		ask(b, s, h, first(b, s, h))
	})
}

// BenchmarkSessionReadCrowded is BenchmarkSessionRead beside a million memberships.
func BenchmarkSessionReadCrowded(b *testing.B) {
	s := crowded(b)
	load(b, s.URL+"/api/auth/get-session", signIn(b, s), product.AdminEmail)
}

// BenchmarkOrganizations reads lists and searches of organizations and of their members, on
// pages and on the wire. GATEHOUSE_BENCH_DIR keeps the database.
func BenchmarkOrganizations(b *testing.B) {
	s := crowded(b)
	h := signIn(b, s)
	small := first(b, s, h)
	for _, page := range []struct{ name, path string }{
		{"organizations", "/admin/organizations"},
		{"organizations-by-name", "/admin/organizations?sort=name"},
		{"organizations-search", "/admin/organizations?q=organization+77"},
		{"organizations-search-nothing", "/admin/organizations?q=zzzz"},
		{"overview-of-1000", "/admin/o/o-500"},
		{"overview-of-100000", "/admin/o/big"},
		{"members-of-1000", "/admin/o/o-500/members"},
		{"members-of-1000-search", "/admin/o/o-500/members?q=anna"},
		{"members-of-100000", "/admin/o/big/members"},
		{"members-of-100000-by-name", "/admin/o/big/members?sort=name"},
		{"members-of-100000-search", "/admin/o/big/members?q=anna"},
		{"members-of-100000-search-nothing", "/admin/o/big/members?q=zzzz"},
		{"members-of-100000-of-a-role", "/admin/o/big/members?role=recruiter"},
		{"wire-list-members-of-1000", "/api/auth/organization/list-members?limit=100&organizationId=" + small},
		{"wire-list-members-of-100000", "/api/auth/organization/list-members?limit=100&organizationId=big"},
		{"wire-get-full-organization", "/api/auth/organization/get-full-organization?organizationId=" + small},
	} {
		b.Run(page.name, func(b *testing.B) { percentiles(b, s.URL+page.path, h) })
	}
}

// crowded starts a server with all organizations. They are made once and kept where
// GATEHOUSE_BENCH_DIR says.
func crowded(b *testing.B) *product.Server {
	b.Helper()
	data := os.Getenv("GATEHOUSE_BENCH_DIR")
	if data == "" {
		data = filepath.Join(os.TempDir(), "gatehouse-bench-organizations")
		if kept == "" {
			_ = os.RemoveAll(data)
			kept = data
		}
	}
	data = filepath.Join(data, "organizations")
	if err := os.MkdirAll(data, 0o700); err != nil {
		b.Fatal(err)
	}
	flags := []string{"--data=" + data}
	seed(b, data, people, flags)
	if _, err := os.Stat(filepath.Join(data, "filled")); err != nil {
		s := start(b, flags...)
		h := signIn(b, s)
		for i := range organizations {
			founded(b, s, h, i)
		}
		if err := s.Stop(); err != nil {
			b.Fatal(err)
		}
		fill(b, data, many)
	}
	return start(b, flags...)
}

// kept is the folder of the run where none is named; TestMain removes it.
var kept string

// founded makes an organization of the administrator, and returns its id.
func founded(b *testing.B, s *product.Server, h http.Header, i int) string {
	b.Helper()
	a, err := s.Client().Do(http.MethodPost, "/api/auth/organization/create",
		map[string]any{"name": fmt.Sprintf("Organization %d", i), "slug": fmt.Sprintf("o-%d", i)}, h)
	if err != nil || a.Status != http.StatusOK {
		b.Fatal(a.Status, a.Text, err)
	}
	return a.JSON["id"].(string)
}

// first is the organization that the administrator belongs to.
func first(b *testing.B, s *product.Server, h http.Header) string {
	b.Helper()
	a, err := s.Client().Do(http.MethodGet, "/api/auth/organization/get-organization?organizationSlug=o-0", nil, h)
	if err != nil || a.Status != http.StatusOK {
		b.Fatal(a.Status, a.Text, err)
	}
	return a.JSON["id"].(string)
}

// fill runs statements on the database of a folder, once.
func fill(b *testing.B, data string, statements []string) {
	b.Helper()
	mark := filepath.Join(data, "filled")
	if _, err := os.Stat(mark); err == nil {
		return
	}
	db, err := database.Open(context.Background(), database.Config{DataDir: data})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.SQL.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err, statement)
		}
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		b.Fatal(err)
	}
}
