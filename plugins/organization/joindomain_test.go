package organization_test

import (
	"context"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins/organization"
)

func TestJoinByDomain(t *testing.T) {
	eachDomains(t, nil, func(t *testing.T, d *domains) {
		none := func(what string, p *someone) {
			t.Helper()
			_, err := d.s.JoinByDomain(d.as(p))
			is(t, what, err, organization.ErrDomainNotFound)
			if d.row(d.org, p) != nil || d.request(p) != "" {
				t.Errorf("%s: joined or asked", what)
			}
		}
		early := d.at("early", "acme.example", true)
		none("no domain", early)
		row := d.add("acme.example")
		none("a domain that nobody proved", early)
		d.zone.set(organization.RecordName(row), organization.RecordValue(row))
		if err := d.s.VerifyDomain(d.as(d.boss), d.org, row.ID); err != nil {
			t.Fatal(err)
		}
		set := func(joining, role string) {
			t.Helper()
			if err := d.s.SetJoining(d.as(d.boss), d.org, row.ID, joining, role); err != nil {
				t.Fatal(err)
			}
		}
		set("off", "member")
		none("nobody joins by it", early)
		set("automatic", "admin")
		none("an address that nobody proved", d.at("guess", "acme.example", false))
		none("a part of the domain", d.at("sub", "mail.acme.example", true))
		none("a longer name", d.at("long", "notacme.example", true))
		none("the domain inside another", d.at("inside", "acme.example.org", true))
		joined, err := d.s.JoinByDomain(d.as(early))
		if err != nil || !joined || d.row(d.org, early).Role != "admin" {
			t.Errorf("joined: %v %v", joined, err)
		}
		none("another domain", d.person("x"))
		_, err = d.s.JoinByDomain(d.as(early))
		is(t, "once more", err, organization.ErrDomainNotFound)
		same(t, "members", d.members(d.org), 2)

		// by proving the address: at once, or with a request
		d.proves(d.at("new", "acme.example", false))
		same(t, "joined by proving", d.members(d.org), 3)
		set("approval", "member")
		later := d.at("later", "acme.example", false)
		d.proves(later)
		if d.request(later) == "" || d.row(d.org, later) != nil {
			t.Error("who proves an address asks")
		}
		same(t, "told", len(d.Mail(d.boss.user.Email)), 1)

		// a role that is gone is given to nobody under the name of another one later
		d.boss.post("create-role", body{"role": "passing", "permission": body{"team": []string{"create"}}, "organizationId": d.org}).Want(200, "")
		set("automatic", "passing")
		d.boss.post("delete-role", body{"roleName": "passing", "organizationId": d.org}).Want(200, "")
		p := d.at("late", "acme.example", true)
		if joined, err := d.s.JoinByDomain(d.as(p)); err != nil || !joined {
			t.Fatal(joined, err)
		}
		same(t, "the role that is gone", d.row(d.org, p).Role, "member")
	})
}

// proves shows that an address is somebody's, as the link of a mail does.
func (d *domains) proves(p *someone) {
	d.t.Helper()
	err := d.Host.DB.InTx(d.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		u, err := d.Host.Users.Patch(ctx, p.user.ID, "verification", nil, func(up *ent.UserUpdateOne) { up.SetEmailVerified(true) })
		if err != nil {
			return err
		}
		return d.Host.Moments.AddressProved.Run(ctx, &auth.ProvedAddress{Tx: tx, User: u, Channel: "mail", Address: u.Email})
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestRequestsToJoin(t *testing.T) {
	eachDomains(t, map[string]string{"member_limit": "4"}, func(t *testing.T, d *domains) {
		row := d.proved("acme.example", "approval", "member")
		decide := func(by *someone, id string, agree bool) error { return d.s.Decide(d.as(by), d.org, id, agree) }
		yes, id := d.asks("yes", "acme.example")
		if _, err := d.s.JoinByDomain(d.as(yes)); err != nil || d.request(yes) != id {
			t.Errorf("asking again asks once: %v", err)
		}
		same(t, "told once", len(d.Mail(d.boss.user.Email)), 1)
		member, rival := d.newcomer("plain", d.org, "member"), d.person("rival")
		other := rival.found("rival")
		is(t, "by a member", decide(member, id, true), organization.ErrMayNotAdd)
		is(t, "by a stranger", decide(rival, id, true), organization.ErrMemberNotFound)
		is(t, "from elsewhere", d.s.Decide(d.as(rival), other, id, true), organization.ErrRequestNotFound)
		is(t, "agreed", decide(d.boss, id, true), nil)
		is(t, "twice", decide(d.boss, id, false), organization.ErrRequestNotFound)
		same(t, "role", d.row(d.org, yes).Role, "member")

		no, id := d.asks("no", "acme.example")
		is(t, "declined", decide(d.boss, id, false), nil)
		if d.row(d.org, no) != nil || d.request(no) != "" {
			t.Error("who is declined is no member")
		}
		same(t, "declined, in the log", d.happened("organization.join-declined", d.org), 1)
		_, err := d.s.JoinByDomain(d.as(no))
		is(t, "may ask again", err, nil)

		// the role of the day they asked, no more than who agrees may give
		if err := d.s.SetJoining(d.as(d.boss), d.org, row.ID, "approval", "admin"); err != nil {
			t.Fatal(err)
		}
		up, id := d.asks("up", "acme.example")
		adder := d.newcomer("adder", d.org, "member")
		d.boss.post("create-role", body{"role": "adder", "permission": body{"member": []string{"create"}}, "organizationId": d.org}).Want(200, "")
		d.write(d.org, adder, func(u *ent.MemberUpdate) { u.SetRole("adder,member") })
		is(t, "more than they hold", decide(adder, id, true), organization.ErrMayNotGive)
		if d.request(up) != id {
			t.Error("a refusal leaves the request")
		}
		is(t, "no room", decide(d.boss, id, true), organization.ErrTooManyMembers)
		if d.request(up) != id {
			t.Error("without room the request stays")
		}
		if _, err := d.s.Remove(d.as(d.boss), d.org, d.row(d.org, member).ID); err != nil {
			t.Fatal(err)
		}

		// the address is asked for again
		change := func(set func(*ent.UserUpdateOne)) {
			t.Helper()
			if _, err := d.Host.Users.Patch(t.Context(), up.user.ID, "self", nil, set); err != nil {
				t.Fatal(err)
			}
		}
		change(func(u *ent.UserUpdateOne) { u.SetEmail("up@elsewhere.example") })
		is(t, "another address", decide(d.boss, id, true), organization.ErrAddressChanged)
		change(func(u *ent.UserUpdateOne) { u.SetEmail("up@acme.example").SetEmailVerified(false) })
		is(t, "not verified any more", decide(d.boss, id, true), organization.ErrAddressChanged)
		if d.row(d.org, up) != nil || d.request(up) != id {
			t.Error("nothing is done about who has another address")
		}
		change(func(u *ent.UserUpdateOne) { u.SetEmailVerified(true) })
		is(t, "as it was", decide(d.boss, id, true), nil)
		same(t, "with the role of the day they asked", d.row(d.org, up).Role, "admin")
	})
}

// TestRequestsEnd: a request goes with what it hangs on.
func TestRequestsEnd(t *testing.T) {
	eachDomains(t, nil, func(t *testing.T, d *domains) {
		row := d.proved("acme.example", "approval", "member")
		d.proved("other.example", "approval", "member")
		gone, _ := d.asks("gone", "acme.example")
		stays, _ := d.asks("stays", "other.example")
		invited, _ := d.asks("invited", "other.example")
		d.join(invited, d.org, "member")
		same(t, "of who became a member otherwise", d.request(invited), "")
		is(t, "removed", d.s.RemoveDomain(d.as(d.boss), d.org, row.ID), nil)
		same(t, "with the domain", d.request(gone), "")
		if d.request(stays) == "" {
			t.Error("the request by another domain is gone")
		}
		same(t, "declined, in the log", d.happened("organization.join-declined", d.org), 1)
		if err := d.Host.Users.Delete(t.Context(), stays.user.ID, "self"); err != nil {
			t.Fatal(err)
		}
		rows, err := d.s.Requests(d.as(d.boss), d.org)
		if err != nil || len(rows) != 0 {
			t.Errorf("of who is gone: %v %v", rows, err)
		}
	})
}

// TestJoinIsJudgedAgain: a way to join that was closed, or a domain that was removed, after
// somebody was offered it and before they come gives nothing.
func TestJoinIsJudgedAgain(t *testing.T) {
	eachDomains(t, nil, func(t *testing.T, d *domains) {
		for what, meanwhile := range map[string]func(domain string) error{
			"closed":  func(domain string) error { return d.s.SetJoining(d.as(d.boss), d.org, domain, "off", "member") },
			"removed": func(domain string) error { return d.s.RemoveDomain(d.as(d.boss), d.org, domain) },
		} {
			row := d.proved(what+".example", "automatic", "member")
			p := d.at("p-"+what, row.Domain, true)
			at, err := d.s.JoinableBy(t.Context(), p.user)
			if err != nil || at == nil {
				t.Fatalf("%s: %v %v", what, at, err)
			}
			if err := meanwhile(row.ID); err != nil {
				t.Fatal(err)
			}
			_, err = d.s.EnterByDomain(d.as(p), at.Domain, p.user)
			is(t, what, err, organization.ErrDomainNotFound)
			if d.row(d.org, p) != nil {
				t.Errorf("%s: joined", what)
			}
		}
	})
}

// TestImpersonatorsJoinNothing: who acts in the name of somebody does not join by the domain
// of their address, nor ask for it (SEC-046).
func TestImpersonatorsJoinNothing(t *testing.T) {
	eachDomains(t, nil, func(t *testing.T, d *domains) {
		for _, joining := range []string{organization.JoiningAutomatic, organization.JoiningApproval} {
			row := d.proved(joining+".example", joining, "member")
			p := d.at("p", row.Domain, true)
			ctx := d.as(p)
			acting := *auth.PrincipalOf(ctx)
			facts := *acting.Session
			facts.ImpersonatedBy, acting.Session = d.boss.user.ID, &facts
			joined, err := d.s.JoinByDomain(auth.WithPrincipal(ctx, &acting))
			is(t, joining, err, auth.ErrImpersonating)
			if joined || d.row(d.org, p) != nil || d.request(p) != "" {
				t.Errorf("%s: joined or asked", joining)
			}
			_, err = d.s.JoinByDomain(ctx)
			is(t, joining+", themselves", err, nil)
		}
	})
}
