package organization_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/organizationdomain"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
)

// zone is a DNS that a test writes. While it is held it answers nobody.
type zone struct {
	mu      sync.Mutex
	records map[string][]string
	broken  error         // the answer to everything, when it is set
	held    chan struct{} // until it is closed
	asked   chan struct{} // gets one for each question
}

func newZone() *zone { return &zone{records: map[string][]string{}, asked: make(chan struct{}, 100)} }

func (z *zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	z.mu.Lock()
	texts, broken, held := z.records[name], z.broken, z.held
	z.mu.Unlock()
	z.asked <- struct{}{}
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch {
	case broken != nil:
		return nil, broken
	case texts == nil:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return texts, nil
}

func (z *zone) set(name string, texts ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records[name] = texts
}

func (z *zone) fail(err error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.broken = err
}

// domains is a house with a DNS of its own, where boss owns the organization acme.
type domains struct {
	*house
	zone *zone
	boss *someone
	org  string
}

func openDomains(t *testing.T, db *database.DB, settings map[string]string) *domains {
	t.Helper()
	z := newZone()
	named := map[string]string{"smtp": "smtps://127.0.0.1:465"}
	for k, v := range settings {
		named["organization."+k] = v
	}
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{organization.New(organization.Options{Resolver: z})}, Settings: named, Database: db})
	d := &domains{house: &house{Rig: rig, t: t, s: plugins.MustOffer[*organization.Service](rig.Host)}, zone: z}
	d.boss = d.person("boss")
	d.org = d.boss.found("acme")
	return d
}

func eachDomains(t *testing.T, settings map[string]string, test func(t *testing.T, d *domains)) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) { test(t, openDomains(t, db, settings)) })
}

// add says that a domain is the organization's.
func (d *domains) add(name string) *ent.OrganizationDomain {
	d.t.Helper()
	row, err := d.s.AddDomain(d.as(d.boss), d.org, name)
	if err != nil {
		d.t.Fatal(err)
	}
	return row
}

// proved is a domain of the organization that its record proves, with a way to join.
func (d *domains) proved(name, joining, role string) *ent.OrganizationDomain {
	d.t.Helper()
	row := d.add(name)
	d.zone.set(organization.RecordName(row), "v=spf1 -all", organization.RecordValue(row))
	if err := d.s.VerifyDomain(d.as(d.boss), d.org, row.ID); err != nil {
		d.t.Fatal(err)
	}
	if err := d.s.SetJoining(d.as(d.boss), d.org, row.ID, joining, role); err != nil {
		d.t.Fatal(err)
	}
	return d.read(row.ID)
}

func (d *domains) read(id string) *ent.OrganizationDomain {
	d.t.Helper()
	row, err := d.Host.DB.Access(d.t.Context()).Platform().OrganizationDomain().Get(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return row
}

// at is somebody with an address in a domain.
func (d *domains) at(name, domain string, verified bool) *someone {
	d.t.Helper()
	u, err := d.Host.Users.Create(d.t.Context(), auth.NewUser{Name: name, Email: name + "@" + domain, EmailVerified: verified, By: "sign-up"})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.enter(u)
}

// asks is somebody who asked to join, with the id of the request.
func (d *domains) asks(name, domain string) (*someone, string) {
	d.t.Helper()
	p := d.at(name, domain, true)
	joined, err := d.s.JoinByDomain(d.as(p))
	if err != nil || joined {
		d.t.Fatalf("%s asks: %v %v", name, joined, err)
	}
	return p, d.request(p)
}

// request is the id of somebody's request; empty when there is none.
func (d *domains) request(p *someone) string {
	d.t.Helper()
	rows, err := d.s.Requests(d.as(d.boss), d.org)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range rows {
		if r.User.ID == p.user.ID {
			return r.Request.ID
		}
	}
	return ""
}

func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestDomainsAreProved(t *testing.T) {
	eachDomains(t, nil, func(t *testing.T, d *domains) {
		for _, name := range []string{"", "acme", "192.0.2.1", "-acme.example", "acme..example", "acme.example/x", "@acme.example", strings.Repeat("a", 64) + ".example"} {
			_, err := d.s.AddDomain(d.as(d.boss), d.org, name)
			is(t, "no domain: "+name, err, organization.ErrDomain)
		}
		for _, name := range []string{"gmail.com", "GMAIL.com.", " web.de "} {
			_, err := d.s.AddDomain(d.as(d.boss), d.org, name)
			is(t, "of everybody: "+name, err, organization.ErrDomainPublic)
		}
		for _, name := range []string{"co.uk", "CO.UK.", "com.au", "github.io", "foo.ck", "個人.香港"} {
			_, err := d.s.AddDomain(d.as(d.boss), d.org, name)
			is(t, "a public suffix: "+name, err, organization.ErrDomainSuffix)
		}
		d.add("acme.co.uk")
		d.add("acme.internal")
		same(t, "as it is compared", d.add(" Bücher.Example. ").Domain, "xn--bcher-kva.example")
		row := d.add("acme.example")
		_, err := d.s.AddDomain(d.as(d.boss), d.org, "ACME.example")
		is(t, "twice", err, organization.ErrDomainExists)

		verify := func() error { return d.s.VerifyDomain(d.as(d.boss), d.org, row.ID) }
		is(t, "no record", verify(), organization.ErrDomainUnproved)
		d.zone.set(organization.RecordName(row), "gatehouse-domain=another")
		is(t, "another record", verify(), organization.ErrDomainUnproved)
		d.zone.fail(errors.New("refused"))
		is(t, "a DNS that fails", verify(), organization.ErrDomainUnproved)
		d.zone.fail(nil)
		if got := d.read(row.ID); got.VerifiedDomain != nil || got.CheckedAt == nil || got.CheckError == "" {
			t.Errorf("nothing is proved, and the page says what was found: %+v", got)
		}
		d.zone.set(organization.RecordName(row), "v=spf1 -all", " "+organization.RecordValue(row)+" ")
		is(t, "the record", verify(), nil)
		got := d.read(row.ID)
		if got.VerifiedDomain == nil || *got.VerifiedDomain != "acme.example" || got.VerifiedBy != "dns" || got.CheckError != "" || got.VerifiedAt == nil {
			t.Errorf("proved: %+v", got)
		}
		same(t, "events", d.happened("organization.domain-verified", d.org), 1)

		// another organization may say so, and prove nothing, whoever vouches for it
		rival := d.person("rival")
		other := rival.found("rival")
		theirs, err := d.s.AddDomain(d.as(rival), other, "acme.example")
		is(t, "said by another", err, nil)
		d.zone.set(organization.RecordName(row), organization.RecordValue(row), organization.RecordValue(theirs))
		is(t, "proved by another", d.s.VerifyDomain(d.as(rival), other, theirs.ID), organization.ErrDomainTaken)
		chief := d.platform(organization.ScopeRead, organization.ScopeVouch)
		is(t, "vouched for another", d.s.VouchDomain(chief, other, theirs.ID), organization.ErrDomainTaken)
		is(t, "the other's row", d.s.VerifyDomain(d.as(rival), other, row.ID), organization.ErrDomainNotFound)
		is(t, "nor removed", d.s.RemoveDomain(d.as(rival), other, row.ID), organization.ErrDomainNotFound)
		is(t, "removed", d.s.RemoveDomain(d.as(d.boss), d.org, row.ID), nil)
		is(t, "free again", d.s.VerifyDomain(d.as(rival), other, theirs.ID), nil)

		// a vouch is an administrator's word
		mine := d.add("vouched.example")
		is(t, "by the owner", d.s.VouchDomain(d.as(d.boss), d.org, mine.ID), auth.ErrForbidden)
		is(t, "by one who only looks", d.s.VouchDomain(d.platform(organization.ScopeRead), d.org, mine.ID), auth.ErrForbidden)
		is(t, "by one who may", d.s.VouchDomain(chief, d.org, mine.ID), nil)
		same(t, "whose word", d.read(mine.ID).VerifiedBy, "chief")
		is(t, "a record that is not there", d.s.VerifyDomain(d.as(d.boss), d.org, mine.ID), organization.ErrDomainUnproved)
		if got := d.read(mine.ID); got.VerifiedDomain == nil || got.CheckError != "" {
			t.Errorf("takes nothing from the word: %+v", got)
		}
	})
}

func TestDomainsAreBounded(t *testing.T) {
	d := openDomains(t, nil, nil)
	for i := range 50 {
		d.add(fmt.Sprintf("d%d.example", i))
	}
	_, err := d.s.AddDomain(d.as(d.boss), d.org, "more.example")
	is(t, "one more", err, organization.ErrTooManyDomains)
}

func TestSetJoining(t *testing.T) {
	d := openDomains(t, nil, nil)
	row := d.add("acme.example")
	admin := d.newcomer("admin", d.org, "admin")
	d.boss.post("create-role", body{"role": "remover", "permission": body{"organization": []string{"delete"}}, "organizationId": d.org}).Want(200, "")
	set := func(p *someone, joining, role string) error {
		return d.s.SetJoining(d.as(p), d.org, row.ID, joining, role)
	}
	if e := auth.AsError(set(d.boss, "perhaps", "member")); e.Code != auth.ErrValidation.Code || e.Fields["joining"] == "" {
		t.Errorf("no such way: %v", e)
	}
	is(t, "no such role", set(d.boss, "automatic", "nothing"), organization.ErrRoleNotFound)
	is(t, "several roles", set(d.boss, "automatic", "member,admin"), organization.ErrRoleNotFound)
	is(t, "owners", set(d.boss, "automatic", "owner"), organization.ErrRoleNotFound)
	is(t, "more than they hold", set(admin, "automatic", "remover"), organization.ErrMayNotGive)
	is(t, "what they hold", set(admin, "automatic", "admin"), nil)
	if got := d.read(row.ID); got.Joining != "automatic" || got.Role != "admin" {
		t.Errorf("%+v", got)
	}
}

// TestDomainsAreLookedAtAgain: while a record is missing nobody joins; a DNS that gives no
// answer changes nothing; what an administrator vouched for is not asked about.
func TestDomainsAreLookedAtAgain(t *testing.T) {
	d := openDomains(t, nil, nil)
	row := d.proved("acme.example", "automatic", "member")
	word := d.add("word.example")
	if err := d.s.VouchDomain(d.platform(organization.ScopeRead, organization.ScopeVouch), d.org, word.ID); err != nil {
		t.Fatal(err)
	}
	n := 0
	joins := func() bool {
		t.Helper()
		n++
		at, err := d.s.JoinableBy(t.Context(), d.at(fmt.Sprint("p", n), "acme.example", true).user)
		if err != nil {
			t.Fatal(err)
		}
		return at != nil
	}
	look := func() {
		t.Helper()
		d.Clock.Advance(25 * time.Hour)
		if err := d.s.Recheck(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	same(t, "as it was", joins(), true)
	for _, unsure := range []error{&net.DNSError{Err: "server misbehaving", IsTemporary: true}, &net.DNSError{Err: "timeout", IsTimeout: true}, context.DeadlineExceeded, errors.New("refused")} {
		d.zone.fail(unsure)
		look()
		same(t, "while the DNS says "+unsure.Error(), joins(), true)
	}
	d.zone.fail(nil)
	d.zone.set(organization.RecordName(row), "gatehouse-domain=another")
	look()
	same(t, "another record", joins(), false)
	d.zone.fail(errors.New("refused"))
	look()
	same(t, "no answer opens nothing", joins(), false)
	d.zone.fail(nil)
	d.zone.set(organization.RecordName(row), organization.RecordValue(row))
	look()
	same(t, "the record is back", joins(), true)
	d.zone.set(organization.RecordName(row))
	d.zone.mu.Lock()
	delete(d.zone.records, organization.RecordName(row))
	d.zone.mu.Unlock()
	look()
	same(t, "no record", joins(), false)
	d.zone.set(organization.RecordName(row), organization.RecordValue(row))
	is(t, "looked at by hand", d.s.VerifyDomain(d.as(d.boss), d.org, row.ID), nil)
	same(t, "open at once", joins(), true)
	same(t, "the word stands", d.read(word.ID).CheckError, "")
}

// TestSlowDNS: while the DNS does not answer, the organization goes on; the answer counts for
// the domain as it is by then.
func TestSlowDNS(t *testing.T) {
	d := openDomains(t, nil, nil)
	row := d.add("acme.example")
	d.zone.set(organization.RecordName(row), organization.RecordValue(row))
	d.zone.held = make(chan struct{})
	ctx, done := d.as(d.boss), make(chan error, 1)
	go func() { done <- d.s.VerifyDomain(ctx, d.org, row.ID) }()
	<-d.zone.asked
	is(t, "meanwhile", d.s.RemoveDomain(d.as(d.boss), d.org, row.ID), nil)
	close(d.zone.held)
	is(t, "the late answer", <-done, organization.ErrDomainNotFound)
	// an answer that never comes ends in time
	d.zone.mu.Lock()
	d.zone.held = make(chan struct{})
	d.zone.mu.Unlock()
	row = d.add("acme.example")
	begun := time.Now()
	is(t, "no answer", d.s.VerifyDomain(d.as(d.boss), d.org, row.ID), organization.ErrDomainUnproved)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if got := d.read(row.ID); got.CheckError == "" || got.VerifiedDomain != nil {
		t.Errorf("%+v", got)
	}
}

func TestDomainRaces(t *testing.T) {
	t.Run("decided once", func(t *testing.T) {
		eachDomains(t, nil, func(t *testing.T, d *domains) {
			d.proved("acme.example", "approval", "member")
			p, id := d.asks("ann", "acme.example")
			ctx := d.as(d.boss)
			ok, refused := d.race(8, func(i int) error { return d.s.Decide(ctx, d.org, id, i%2 == 0) }, organization.ErrRequestNotFound)
			same(t, "decided", ok, 1)
			same(t, "refused", refused, 7)
			declined, added := d.happened("organization.join-declined", d.org), d.row(d.org, p) != nil
			if (declined == 1) == added {
				t.Errorf("declined %d, a member %v", declined, added)
			}
		})
	})
	t.Run("proved once", func(t *testing.T) {
		eachDomains(t, nil, func(t *testing.T, d *domains) {
			const n = 4
			orgs, rows, ctxs := make([]string, n), make([]*ent.OrganizationDomain, n), make([]context.Context, n)
			var values []string
			for i := range n {
				p := d.person(fmt.Sprint("rival", i))
				orgs[i], ctxs[i] = p.found(fmt.Sprint("rival", i)), d.as(p)
				var err error
				if rows[i], err = d.s.AddDomain(ctxs[i], orgs[i], "acme.example"); err != nil {
					t.Fatal(err)
				}
				values = append(values, organization.RecordValue(rows[i]))
			}
			d.zone.set(organization.RecordName(rows[0]), values...)
			ok, refused := d.race(n, func(i int) error { return d.s.VerifyDomain(ctxs[i], orgs[i], rows[i].ID) }, organization.ErrDomainTaken)
			same(t, "proved", ok, 1)
			same(t, "refused", refused, n-1)
			stored, err := d.Host.DB.Access(t.Context()).Platform().OrganizationDomain().Query().Where(organizationdomain.VerifiedDomain("acme.example")).Count(t.Context())
			if err != nil || stored != 1 {
				t.Errorf("stored %d %v", stored, err)
			}
		})
	})
	t.Run("asked once", func(t *testing.T) {
		eachDomains(t, nil, func(t *testing.T, d *domains) {
			d.proved("acme.example", "approval", "member")
			ctx := d.as(d.at("ann", "acme.example", true))
			ok, _ := d.race(8, func(int) error { _, err := d.s.JoinByDomain(ctx); return err })
			same(t, "answered well", ok, 8)
			rows, err := d.s.Requests(d.as(d.boss), d.org)
			if err != nil || len(rows) != 1 {
				t.Errorf("requests %d %v", len(rows), err)
			}
			same(t, "told once", len(d.Mail(d.boss.user.Email)), 1)
		})
	})
	t.Run("nobody joins by a domain that is gone", func(t *testing.T) {
		eachDomains(t, nil, func(t *testing.T, d *domains) {
			row := d.proved("acme.example", "automatic", "member")
			boss := d.as(d.boss)
			const n = 6
			ctxs, people := make([]context.Context, n), make([]*someone, n)
			for i := range n {
				people[i] = d.at(fmt.Sprint("p", i), "acme.example", true)
				ctxs[i] = d.as(people[i])
			}
			var mu sync.Mutex
			joined := 0
			d.race(n+1, func(i int) error {
				if i == n {
					return d.s.RemoveDomain(boss, d.org, row.ID)
				}
				_, err := d.s.JoinByDomain(ctxs[i])
				if err == nil {
					mu.Lock()
					joined++
					mu.Unlock()
				}
				return err
			}, organization.ErrDomainNotFound)
			same(t, "members are those who were told so", d.members(d.org), joined+1)
		})
	})
	t.Run("the last place is taken once", func(t *testing.T) {
		eachDomains(t, map[string]string{"member_limit": "2"}, func(t *testing.T, d *domains) {
			d.proved("acme.example", "automatic", "member")
			ctxs := make([]context.Context, 5)
			for i := range ctxs {
				ctxs[i] = d.as(d.at(fmt.Sprint("p", i), "acme.example", true))
			}
			ok, refused := d.race(len(ctxs), func(i int) error { _, err := d.s.JoinByDomain(ctxs[i]); return err }, organization.ErrTooManyMembers)
			same(t, "joined", ok, 1)
			same(t, "refused", refused, len(ctxs)-1)
		})
	})
}
