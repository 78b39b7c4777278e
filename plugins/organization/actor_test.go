package organization_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// meddler does something once, after it was read what somebody holds in an organization.
type meddler struct{ now func() }

func (m *meddler) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "meddler", Name: "Meddler"}
}

func (m *meddler) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Grants: []auth.GrantSource{{Grants: func(_ context.Context, f auth.Facts) (auth.Given, error) {
		if do := m.now; do != nil && f.Realm.Organization != "" {
			m.now = nil
			do()
		}
		return auth.Given{}, nil
	}}}}, nil
}

// standing is what an organization has, as text.
func (h *house) standing(org string) string {
	h.t.Helper()
	ctx, in := h.t.Context(), h.Host.DB.Access(h.t.Context()).Organization(org)
	text := ""
	for _, read := range []func() (any, error){
		func() (any, error) { return in.Organization().Query().All(ctx) },
		func() (any, error) { return in.Member().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.MemberRole().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.Invitation().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.Team().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.TeamMember().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.OrganizationRole().Query().Order(ent.Asc("id")).All(ctx) },
		func() (any, error) { return in.OrganizationDomain().Query().Order(ent.Asc("id")).All(ctx) },
	} {
		rows, err := read()
		if err != nil {
			h.t.Fatal(err)
		}
		text += fmt.Sprintln(rows)
	}
	return text
}

// TestActorIsJudgedAgain: who is removed, demoted or whose time ends between coming and
// getting the lock of the organization is refused, and nothing changes (SEC-130).
func TestActorIsJudgedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		m := &meddler{}
		h := openWith(t, db, nil, organizationapi.Hooks{}, m)
		boss := h.person("boss")
		org := boss.found("acme")
		other := h.person("other")
		place, team := h.join(other, org, "member"), boss.session("activeTeamId")
		name, end := "Stolen", h.Clock.Now().Add(100*time.Hour)
		acts := map[string]func(ctx context.Context) error{
			"update": func(ctx context.Context) error {
				_, err := h.s.Update(ctx, org, organization.Change{Name: &name})
				return err
			},
			"invite": func(ctx context.Context) error {
				_, err := h.s.Invite(ctx, org, organization.Invite{Email: "x@y.test", Roles: []string{"member"}})
				return err
			},
			"set roles": func(ctx context.Context) error {
				_, err := h.s.SetRoles(ctx, org, place, []string{"admin"})
				return err
			},
			"grant": func(ctx context.Context) error {
				_, err := h.s.GrantRole(ctx, org, place, "admin", organization.Period{End: &end})
				return err
			},
			"period": func(ctx context.Context) error {
				_, err := h.s.SetPeriod(ctx, org, place, organization.Period{End: &end})
				return err
			},
			"remove": func(ctx context.Context) error { _, err := h.s.Remove(ctx, org, place); return err },
			"team": func(ctx context.Context) error {
				_, err := h.s.CreateTeam(ctx, org, organization.NewTeam{Name: name})
				return err
			},
			"seat": func(ctx context.Context) error { _, err := h.s.AddToTeam(ctx, org, team, other.user.ID); return err },
			"role": func(ctx context.Context) error {
				_, err := h.s.CreateRole(ctx, org, organization.NewRole{Name: "stolen"})
				return err
			},
			"domain": func(ctx context.Context) error { _, err := h.s.AddDomain(ctx, org, "stolen.example"); return err },
		}
		fates := map[string]func(p *someone, id string) error{
			"removed": func(_ *someone, id string) error { _, err := h.s.Remove(h.as(boss), org, id); return err },
			"demoted": func(_ *someone, id string) error {
				_, err := h.s.SetRoles(h.as(boss), org, id, []string{"member"})
				return err
			},
			"over": func(p *someone, _ string) error {
				h.write(org, p, func(u *ent.MemberUpdate) { u.SetEndsAt(h.Clock.Now().Add(-time.Hour)) })
				return nil
			},
		}
		for fate, meet := range fates {
			for act, do := range acts {
				p := h.person("p-" + fate + "-" + act)
				id := h.join(p, org, "owner")
				ctx := h.as(p)
				var before string
				m.now = func() {
					if err := meet(p, id); err != nil {
						t.Errorf("%s: %v", fate, err)
					}
					before = h.standing(org)
				}
				err := do(ctx)
				if e := new(auth.Error); !errors.As(err, &e) || e.Status >= 500 {
					t.Errorf("%s by somebody %s meanwhile: %v", act, fate, err)
				}
				if m.now != nil {
					t.Errorf("%s asks nobody what they hold", act)
					m.now = nil
				}
				if after := h.standing(org); after != before {
					t.Errorf("%s by somebody %s meanwhile changed\n%s\nto\n%s", act, fate, before, after)
				}
			}
		}
	})
}
