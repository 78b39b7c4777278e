package organization

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/plugins"
	"gatehouse/web"
)

// overviewView is the start page of an organization.
type overviewView struct {
	head
	Stats  web.Stats
	Owners []Membership
	// Ownerless says that nobody is an owner, as far as the reader may know.
	Ownerless bool
	Recent    web.Rows
	// Waiting is the page of the requests to join; "" where none waits for the reader.
	Waiting string
	Leave   web.Confirm
	// Sole says that the reader is the only owner, who cannot leave.
	Sole bool
}

// Bounds of the overview.
const (
	ownersShown = 6
	recentShown = 8
)

func (s *Service) overviewPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	v := overviewView{head: h}
	if v.Stats, err = s.stats(c.Context(), h); err != nil {
		return err
	}
	if err = s.waiting(c.Context(), &v); err != nil {
		return err
	}
	if h.Actor.Can(ScopeMemberRead) {
		if v.Owners, err = s.owners(c.Context(), h.Org.ID, ownersShown); err != nil {
			return err
		}
		v.Ownerless = len(v.Owners) == 0
	}
	if h.Actor.Can(ScopeEvents) {
		rows, err := s.host.DB.Access(c.Context()).Event().Query().Where(event.OrganizationID(h.Org.ID), event.ResultNEQ("denied")).
			Order(ent.Desc(event.FieldOccurredAt, event.FieldID)).Limit(recentShown).All(c.Context())
		if err != nil {
			return err
		}
		if v.Recent, err = s.activityLog().Lines(c.Context(), s.veiled(h.Actor, rows)); err != nil {
			return err
		}
		for i, e := range rows {
			if e.Kind == eventJoinAsked && v.Waiting != "" {
				v.Recent[i].Href = v.Waiting
			}
		}
	}
	if h.Actor.member != nil {
		v.Leave = h.leaveQuestion()
		if v.Sole, err = s.ownsAlone(c.Context(), h.Actor.member); err != nil {
			return err
		}
	}
	return c.Page(http.StatusOK, v)
}

// stats are the figures that the reader may know.
func (s *Service) stats(ctx context.Context, h head) (web.Stats, error) {
	var stats web.Stats
	access := s.host.DB.Access(ctx).Organization(h.Org.ID)
	add := func(scope string, label words.Text, icon web.Icon, page string, count func() (int, error)) error {
		if !h.Actor.Can(scope) {
			return nil
		}
		n, err := count()
		stats = append(stats, web.Stat{Label: label, Icon: icon, Figure: words.Number(n), Href: h.url(page)})
		return err
	}
	if err := add(ScopeMemberRead, "Members", "users", "/members", func() (int, error) { return access.Member().Query().Where(notOver(s.now())).Count(ctx) }); err != nil {
		return nil, err
	}
	if s.cfg.Get().Teams.Enabled {
		if err := add(ScopeTeamRead, "Teams", "users-round", "/teams", func() (int, error) { return access.Team().Query().Count(ctx) }); err != nil {
			return nil, err
		}
	}
	err := add(ScopeInvite, "Open invitations", "mail-plus", "/invitations", func() (int, error) {
		seen, err := s.seenBy(ctx, h.Actor)
		if err != nil {
			return 0, err
		}
		return access.Invitation().Query().Where(append(seen, open(s.now()))...).Count(ctx)
	})
	return stats, err
}

// waiting adds the requests to join that the reader may answer.
func (s *Service) waiting(ctx context.Context, v *overviewView) error {
	if !v.Actor.Can(ScopeMemberCreate) {
		return nil
	}
	n, err := s.host.DB.Access(ctx).Organization(v.Org.ID).JoinRequest().Query().Count(ctx)
	if err != nil || n == 0 {
		return err
	}
	switch {
	case v.Actor.Can(ScopeMemberRead):
		v.Waiting = v.url("/members")
	case v.Actor.Can(ScopeDomainRead):
		v.Waiting = v.url("/domains")
	}
	v.Stats = append(v.Stats, web.Stat{Label: "Requests to join", Icon: "user-plus", Figure: words.Number(n), Href: v.Waiting})
	return nil
}

// ownsAlone reports whether a member is an owner beside whom there is no other.
func (s *Service) ownsAlone(ctx context.Context, m *membership) (bool, error) {
	if m == nil || !s.creates(m.Row.Role) {
		return false, nil
	}
	other, err := s.otherOwner(ctx, m.Row.OrganizationID, m.Row.ID)
	return !other, err
}

// facts are what is known of the organization.
func (v overviewView) facts() web.Facts {
	facts := web.Facts{{Term: "Short name", Value: web.Mono(v.Org.Slug)}, {Term: "Id", Value: web.ID{Value: v.Org.ID, Key: "organization-id", What: "organization id"}},
		{Term: "Created", Value: web.Time{At: v.Org.CreatedAt}}}
	return facts
}

// standing says why the reader cannot leave, if they cannot.
func (v overviewView) standing() words.Text {
	if v.Sole {
		return onlyOwner()
	}
	return ""
}

// place is what the reader is here.
func (v overviewView) place() web.Facts {
	m := v.Actor.member
	if m == nil {
		return nil
	}
	var roles []roleShown
	for _, r := range m.Roles {
		roles = append(roles, roleShown{Name: r.Name, Timed: !r.End.IsZero()})
	}
	facts := web.Facts{{Term: "Your roles", Value: roleBadges(roles)}, {Term: "Member since", Value: web.Time{At: m.Row.CreatedAt}}}
	if m.Row.EndsAt != nil {
		facts = append(facts, web.Fact{Term: "Ends", Value: web.Time{At: *m.Row.EndsAt, Exact: true}})
	}
	return facts
}

func (h head) leaveQuestion() web.Confirm {
	return web.Confirm{ID: "leave", Page: h.url("/leave"), URL: h.url("/leave"), Cancel: h.url(""), Title: words.F("Leave %s?", h.Org.Name),
		Text: "You lose your roles, teams and access at once, and come back only as a new member.", Verb: "Leave", Danger: true}
}

func (v overviewView) actions() templ.Component {
	if v.can(ScopeInvite) {
		return web.Button{Label: "Invite", Icon: "mail-plus", Variant: web.Primary, Href: v.url("/invitations/new")}
	}
	return nil
}

func ownerRows(list []Membership) web.Rows {
	rows := web.Rows{}
	for _, m := range list {
		if m.User != nil {
			p := personOf(m.User)
			rows = append(rows, web.Row{Mark: web.Avatar{Name: web.PersonCell{Person: p}.Name(), Seed: p.ID, Image: p.Image}, Title: words.Raw(web.PersonCell{Person: p}.Name()), Text: words.Raw(p.Email)})
		}
	}
	return rows
}
