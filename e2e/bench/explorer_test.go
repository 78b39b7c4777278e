package bench

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"gatehouse/e2e/product"
)

// big is the organization that everybody of the seeded database belongs to: a tenth as
// administrators, a tenth with a role that it made for itself, the last one for a time.
var big = []string{
	"INSERT INTO organization (id, name, slug, createdAt) VALUES ('big', 'Big', 'big', '2026-01-01T00:00:00.000Z')",
	`INSERT INTO organizationRole (id, organizationId, role, permission, createdAt) VALUES ('recruiter', 'big', 'recruiter', '{"invitation":["create"]}', '2026-01-01T00:00:00.000Z')`,
	`INSERT INTO member (id, organizationId, userId, role, createdAt, userName, userEmail)
	 SELECT 'm' || id, 'big', id, CASE rowid % 10 WHEN 0 THEN 'admin' WHEN 1 THEN 'member,recruiter' ELSE 'member' END, createdAt, name, email FROM user`,
	`INSERT INTO memberRole (id, organizationId, memberId, role, createdAt, startsAt, endsAt, grantedBy)
	 SELECT 't' || id, 'big', 'm' || id, 'owner', createdAt, createdAt, '2999-01-01T00:00:00.000Z', '' FROM user WHERE rowid % 1000 = 7`,
	"ANALYZE",
}

// BenchmarkExplorer asks the access explorer about an organization of 100,000 members, on
// SQLite: each answer takes less than 300 ms. GATEHOUSE_BENCH_DIR keeps the database.
func BenchmarkExplorer(b *testing.B) {
	data := os.Getenv("GATEHOUSE_BENCH_DIR")
	if data == "" {
		data = b.TempDir()
	}
	data = filepath.Join(data, "explorer")
	if err := os.MkdirAll(data, 0o700); err != nil {
		b.Fatal(err)
	}
	flags := []string{"--data=" + data}
	seed(b, data, 100_000, flags)
	fill(b, data, big)
	s := start(b, flags...)
	h := signIn(b, s)
	b.Cleanup(func() {
		if b.Failed() {
			b.Log(s.Log())
		}
	})
	subject := "&subject=user%3A" + html.EscapeString(found(b, s, h, "user4711%40seed"))
	other := "&other=user%3A" + html.EscapeString(found(b, s, h, "user4710%40seed"))
	for _, at := range []struct{ name, base string }{{"platform", "/admin/access"}, {"inside", "/admin/o/big/access"}} {
		for _, page := range []struct{ name, path string }{
			{"held", "?in=big" + subject},
			{"search", "?in=big&subject-search=anna"},
			{"search-nothing", "?in=big&subject-search=zzzz"},
			{"may-by-role", "/check?in=big&scope=invitation:create" + subject},
			{"may-not", "/check?in=big&scope=organization:delete" + subject},
			{"who-everybody", "/who?in=big&scope=organization:read"},
			{"who-30000", "/who?in=big&scope=invitation:create"},
			{"who-10000", "/who?in=big&scope=team:create"},
			{"who-100", "/who?in=big&scope=organization:delete"},
			{"compare", "/compare?in=big&all=on" + subject + other},
		} {
			b.Run(at.name+"/"+page.name, func(b *testing.B) { percentiles(b, s.URL+at.base+page.path, h) })
		}
		b.Run(at.name+"/who-far", func(b *testing.B) {
			path := at.base + "/who?in=big&scope=organization:read&limit=100"
			for range 200 {
				path = next(b, s, h, path)
			}
			percentiles(b, s.URL+path, h)
		})
	}
	b.Run("platform/who-on-the-server", func(b *testing.B) { percentiles(b, s.URL+"/admin/access/who?scope=platform:user:get", h) })
}

// found is the id of the first person that a search of the explorer finds.
func found(b *testing.B, s *product.Server, h http.Header, text string) string {
	b.Helper()
	a, err := s.Client().Do(http.MethodGet, "/admin/access?subject-search="+text, nil, h)
	if err != nil {
		b.Fatal(err)
	}
	link := regexp.MustCompile(`subject=user%3A([^"&]+)`).FindStringSubmatch(a.Text)
	if link == nil {
		b.Fatalf("%s is not found: %d", text, a.Status)
	}
	return link[1]
}

// next is the address of the next page of a list.
func next(b *testing.B, s *product.Server, h http.Header, path string) string {
	b.Helper()
	a, err := s.Client().Do(http.MethodGet, path, nil, h)
	if err != nil || a.Status != http.StatusOK {
		b.Fatal(a.Status, err)
	}
	for _, link := range regexp.MustCompile(`<a [^>]*rel="next"[^>]*>`).FindAllString(a.Text, -1) {
		if to := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(link); to != nil {
			return html.UnescapeString(to[1])
		}
	}
	b.Fatalf("%s has no next page", path)
	return ""
}
