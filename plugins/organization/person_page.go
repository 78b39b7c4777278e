package organization

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/organization"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// The page of a person in the console, and the part of it that is ours.
const (
	personPath = "/admin/users"
	personTab  = "organizations"
	scopeUser  = "user:get"
)

// personShown bounds the memberships and the invitations on the page of a person.
const personShown = 100

// personView are the organizations of a person.
type personView struct {
	User *ent.User
	// Members are their memberships, the newest first; Invited what waits for an answer of
	// their address, for readers who may see it.
	Members []personMember
	Invited []*Received
	More    bool // memberships that are not shown
	// Seen says that the reader may see invitations.
	Seen bool
	Open bool // the reader may open organizations
	Add  *web.Confirm
}

// personMember is a membership of a person, with its organization.
type personMember struct {
	memberRow
	Org *ent.Organization
}

func personURL(id, part string) string {
	return personPath + "/" + url.PathEscape(id) + "/" + personTab + part
}

// tabs show a person's organizations on their page.
func (s *Service) tabs() []plugins.Tab {
	return []plugins.Tab{{Entity: "user", ID: personTab, Order: 40, Icon: "building-2", Label: "Organizations", Scope: ScopeMemberRead, Draw: s.drawPerson}}
}

func (s *Service) drawPerson(c *plugins.Call, subject string) (templ.Component, error) {
	ctx, p := c.Context(), c.Principal()
	u, err := s.host.Users.ByID(ctx, subject)
	if err != nil || u == nil {
		return nil, orElse(err, errNoPage)
	}
	v := personView{User: u, Seen: p.Can(ScopeInvite), Open: p.Can(ScopeRead)}
	if v.Members, err = s.membershipsOf(ctx, p, u); err != nil {
		return nil, err
	}
	if v.More = len(v.Members) > personShown; v.More {
		v.Members = v.Members[:personShown]
	}
	if v.Seen {
		if v.Invited, err = s.invitationsTo(ctx, p, u.Email); err != nil {
			return nil, err
		}
	}
	if p.Can(ScopeOwn) && p.Can(ScopeMemberCreate) && !p.Impersonated() {
		q := ask.At(s.joinQuestion(c, u), "ask-organization", personURL(u.ID, "/add"))
		v.Add = &q
	}
	return v, nil
}

// membershipsOf reads the memberships of a person, those not in force included, with one
// more than is shown where there are more.
func (s *Service) membershipsOf(ctx context.Context, p *auth.Principal, u *ent.User) ([]personMember, error) {
	access := s.host.DB.Access(ctx).Platform()
	rows, err := access.Member().Query().Where(member.UserID(u.ID)).Order(ent.Desc(member.FieldCreatedAt, member.FieldID)).Limit(personShown + 1).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the memberships of a person: %w", err)
	}
	var ids, in []string
	for _, m := range rows {
		ids, in = append(ids, m.ID), append(in, m.OrganizationID)
	}
	timed, err := access.MemberRole().Query().Where(memberrole.MemberIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	orgs, err := s.organizationsByID(ctx, in)
	if err != nil {
		return nil, err
	}
	var all []personMember
	for _, row := range rows {
		org := orgs[row.OrganizationID]
		if org == nil { // deleted meanwhile
			continue
		}
		m := Membership{Member: row, User: u}
		for _, t := range timed {
			if t.MemberID == row.ID {
				m.Timed = append(m.Timed, t)
			}
		}
		all = append(all, personMember{s.memberRow(actor{p: p, org: org.ID}, org.Slug, m), org})
	}
	return all, nil
}

func (s *Service) organizationsByID(ctx context.Context, ids []string) (map[string]*ent.Organization, error) {
	rows, err := s.host.DB.Access(ctx).Platform().Organization().Query().Where(organization.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading organizations: %w", err)
	}
	byID := map[string]*ent.Organization{}
	for _, o := range rows {
		byID[o.ID] = o
	}
	return byID, nil
}

// invitationsTo are those that wait for an answer of an address, the newest first. Who is no
// owner everywhere does not see those that make owners (decisions 25).
func (s *Service) invitationsTo(ctx context.Context, p *auth.Principal, address string) ([]*Received, error) {
	query := s.host.DB.Access(ctx).Platform().Invitation().Query().Where(invitation.Email(email.Canonical(address)), open(s.now()))
	rows, err := query.Order(ent.Desc(invitation.FieldCreatedAt, invitation.FieldID)).Limit(personShown).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the invitations of an address: %w", err)
	}
	if !p.Can(ScopeOwn) {
		rows = slices.DeleteFunc(rows, func(row *ent.Invitation) bool { return s.creates(auth.ValueOf(row.Role)) })
	}
	return s.withOrganizations(ctx, rows)
}

// joinQuestion asks into which organization a person shall be put.
func (s *Service) joinQuestion(c *plugins.Call, u *ent.User) web.Confirm {
	var roles []web.Option
	for _, name := range s.host.Scopes.RoleNamesIn() {
		roles = append(roles, web.Option{Value: name, Label: auth.RoleWords(name)})
	}
	role := c.Form("role")
	if role == "" {
		role = RoleMember
	}
	return web.Confirm{Title: words.F("Add %s to an organization", nameOf(u)), Text: "They become a member at once, without being asked.", Verb: "Add",
		Fields: []templ.Component{
			web.Field{Name: "organization", ID: "join-organization", Label: "Organization", Hint: "Short name or id.", Value: c.Form("organization"), Autocomplete: "off", MaxLength: 255},
			web.Select{Name: "role", ID: "join-role", Label: "Role", Options: roles, Value: role},
			moment(c, "join", "start", "Begins", nil), moment(c, "join", "end", "Ends", nil)}}
}

// joinAct puts a person into an organization from their page. Only administrators of the
// platform add people who have an account without asking them.
func (s *Service) joinAct() ask.Act[*ent.User] {
	return ask.Act[*ent.User]{Path: personPath + "/:id/" + personTab + "/add", Summary: "Add a person to an organization",
		Access: plugins.Access{Who: plugins.SignedIn, Scope: ScopeOwn}, Load: s.personToJoin, Question: s.joinQuestion,
		Trail: func(_ *plugins.Call, u *ent.User) []web.Crumb {
			return []web.Crumb{{Label: "Users", Href: personPath}, {Label: words.Raw(nameOf(u)), Href: personURL(u.ID, "")}}
		},
		Do: s.doJoinPerson}
}

func (s *Service) personToJoin(c *plugins.Call) (*ent.User, error) {
	if p := c.Principal(); !p.Can(scopeUser) {
		return nil, auth.ErrForbidden.For(scopeUser)
	}
	u, err := s.host.Users.ByID(c.Context(), c.Param("id"))
	if err == nil && u == nil {
		err = errNoPage
	}
	return u, err
}

func (s *Service) doJoinPerson(c *plugins.Call, u *ent.User) error {
	period, err := period(c)
	if err != nil {
		return err
	}
	org, err := s.called(c.Context(), c.Form("organization"))
	if err != nil {
		return err
	}
	if org == nil {
		return auth.ErrValidation.Saying("No organization has this short name or id.").At("organization")
	}
	if _, err := s.Add(c.Context(), org.ID, NewMembership{User: u.ID, Roles: []string{c.Form("role")}, Period: period}); err != nil {
		return err
	}
	c.Flash("good", words.F("%s is a member of %s now.", nameOf(u), org.Name))
	return c.SeeOther(personURL(u.ID, ""))
}

// called finds an organization by its short name or id; nil when there is none. It asks
// nobody what they may see.
func (s *Service) called(ctx context.Context, text string) (*ent.Organization, error) {
	if row, err := s.bySlug(ctx, text); err != nil || row != nil {
		return row, err
	}
	row, err := s.byID(ctx, text)
	if row != nil && row.ID != text {
		row = nil
	}
	return row, err
}

func (v personView) rows() web.Rows {
	rows := web.Rows{}
	for _, m := range v.Members {
		row := web.Row{Mark: smallMark(m.Org), Title: words.Raw(m.Org.Name), Badges: web.Group{roleBadges(m.roles()), m.standingBadge()}, Detail: m.since(), Actions: m.menu()}
		if v.Open {
			row.Href = m.url("")
		} else {
			row.Actions = nil
		}
		rows = append(rows, row)
	}
	return rows
}

// since says from when until when somebody is a member.
func (m personMember) since() templ.Component {
	begins, ends := m.Member.CreatedAt, m.Member.EndsAt
	if m.Member.StartsAt != nil {
		begins = *m.Member.StartsAt
	}
	from := web.Time{At: begins}
	if ends == nil {
		return web.Sentence("since %s", from)
	}
	return web.Sentence("from %s until %s", from, web.Time{At: *ends})
}

func nameOf(u *ent.User) string { return web.PersonCell{Person: personOf(u)}.Name() }

func smallMark(o *ent.Organization) web.Avatar {
	m := mark(o)
	m.Large = false
	return m
}

func (v personView) invited() web.Rows {
	rows := web.Rows{}
	for _, i := range v.Invited {
		row := web.Row{Mark: smallMark(i.Organization), Title: words.Raw(i.Organization.Name), Text: i.roles(), Dot: true,
			Detail: web.Sentence("ends %s", web.Time{At: i.Invitation.ExpiresAt})}
		if v.Open {
			row.Href = listed(i.Organization).Path("/invitations?" + url.Values{"q": {i.Invitation.Email}}.Encode())
		}
		rows = append(rows, row)
	}
	return rows
}

func (v personView) button() templ.Component {
	if v.Add == nil {
		return nil
	}
	b := v.Add.Button("Add to an organization", "plus")
	b.Small = true
	return b
}
