package organization

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/predicate"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// listTeams names the list in cursors and preferences.
const listTeams = "organization-teams"

// teamTitle is the name of a team on pages. The wire takes an empty one.
func teamTitle(t *ent.Team) words.Text {
	return teamWords(t, "Team without a name", words.Raw(t.Name))
}

// teamWords says something of a team that has no name, or of one that has.
func teamWords(t *ent.Team, unnamed, named words.Text) words.Text {
	if strings.TrimSpace(t.Name) == "" {
		return unnamed
	}
	return named
}

// teamsView is the page of the teams of an organization.
type teamsView struct {
	head
	List list.View[teamRow]
}

// teamRow is one team in the list.
type teamRow struct {
	Team    *ent.Team
	Slug    string
	Members int
}

func (s *Service) teamsPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	view, err := s.lists.teams.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), teamsView{h, view})
}

func (s *Service) teamsList() *list.List[teamRow] {
	return &list.List[teamRow]{
		ID: listTeams, Path: inside + "/teams", Caption: "Teams", Sort: "name", Ascending: true, Export: ScopeTeamRead,
		What:   func(n int) words.Text { return words.N(n, "%d team", "%d teams") },
		Search: "Search teams by name", Placeholder: "Name",
		Load: s.loadTeams,
		Row: func(r teamRow) list.Row {
			return list.Row{ID: r.Team.ID, Label: teamTitle(r.Team), Href: r.url()}
		},
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "users-round", Title: "No teams yet", Text: "Teams are groups of members that your apps can tell apart."}
		},
		Columns: []list.Column[teamRow]{
			{ID: "name", Label: "Team", Sort: true, First: true, Fixed: true, Draw: func(r teamRow) templ.Component { return teamName(r) }, Value: func(r teamRow) any { return r.Team.Name }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r teamRow) templ.Component { return web.ID{Value: r.Team.ID, What: "team id"} }, Value: func(r teamRow) any { return r.Team.ID }},
			{ID: "members", Label: "Members", End: true, Fit: true, Draw: func(r teamRow) templ.Component { return words.Number(r.Members) }, Value: func(r teamRow) any { return r.Members }},
			{ID: byNewest, Label: "Created", Sort: true, Wide: true, End: true, Draw: func(r teamRow) templ.Component { return web.Time{At: r.Team.CreatedAt} }, Value: func(r teamRow) any { return r.Team.CreatedAt }},
		},
	}
}

func (r teamRow) url() string {
	return plugins.Organization{Slug: r.Slug}.Path("/teams/" + url.PathEscape(r.Team.ID))
}

// TeamList lists the teams of an organization for the console, by name unless the query says
// otherwise. It needs team:read there.
func (s *Service) TeamList(ctx context.Context, q list.Query) (list.Page[*ent.Team], error) {
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[*ent.Team]{}, err
	}
	if !a.Can(ScopeTeamRead) {
		return list.Page[*ent.Team]{}, auth.ErrForbidden.ForIn(a.org, ScopeTeamRead)
	}
	query := func() *ent.TeamQuery {
		all := s.host.DB.Access(ctx).Organization(q.In).Team().Query()
		if text := strings.TrimSpace(q.Text); text != "" {
			all.Where(team.NameContainsFold(text))
		}
		return all
	}
	found, err := list.Keyset[*ent.Team]{
		List: listTeams, Sort: "name", Keys: s.host.Keys, ID: func(t *ent.Team) string { return t.ID },
		Orders: map[string]list.Order[*ent.Team]{
			byNewest: {Column: team.FieldCreatedAt, Value: func(t *ent.Team) any { return t.CreatedAt }},
			"name":   {Column: team.FieldName, Value: func(t *ent.Team) any { return t.Name }},
		},
		Rows: func(at list.Span) ([]*ent.Team, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
	if err != nil {
		return found, fmt.Errorf("listing teams: %w", err)
	}
	return found, nil
}

func (s *Service) loadTeams(ctx context.Context, q list.Query) (list.Page[teamRow], error) {
	found, err := s.TeamList(ctx, q)
	if err != nil {
		return list.Page[teamRow]{}, err
	}
	slug := ""
	if o := plugins.OrganizationOf(ctx); o != nil {
		slug = o.Slug
	}
	ids := make([]string, len(found.Rows))
	for i, t := range found.Rows {
		ids[i] = t.ID
	}
	var rows []struct {
		ID    string `sql:"teamId"`
		Count int    `sql:"count"`
	}
	err = s.host.DB.Access(ctx).Organization(q.In).TeamMember().Query().Where(teammember.TeamIDIn(ids...)).
		GroupBy(teammember.FieldTeamID).Aggregate(ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return list.Page[teamRow]{}, fmt.Errorf("counting the members of teams: %w", err)
	}
	members := map[string]int{}
	for _, row := range rows {
		members[row.ID] = row.Count
	}
	return list.Of(found, func(t *ent.Team) (teamRow, error) { return teamRow{t, slug, members[t.ID]}, nil })
}

// teamsOfMember are the teams of one person in an organization, by name.
func (s *Service) teamsOfMember(ctx context.Context, org, user string) ([]*ent.Team, error) {
	access := s.host.DB.Access(ctx).Organization(org)
	ids, err := access.TeamMember().Query().Where(teammember.UserID(user)).Limit(maxTeamsShown).Select(teammember.FieldTeamID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the teams of a member: %w", err)
	}
	return access.Team().Query().Where(team.IDIn(ids...)).Order(ent.Asc(team.FieldName)).All(ctx)
}

// teamHead is what all pages about one team share.
type teamHead struct {
	head
	Team *ent.Team
}

func (s *Service) teamHead(c *plugins.Call) (teamHead, error) {
	h, err := s.head(c)
	if err != nil {
		return teamHead{}, err
	}
	row, err := s.host.DB.Access(c.Context()).Organization(h.Org.ID).Team().Get(c.Context(), c.Param("id"))
	if ent.IsNotFound(err) {
		err = errNoPage
	}
	return teamHead{h, row}, err
}

func (h teamHead) at(part string) string { return h.url("/teams/" + url.PathEscape(h.Team.ID) + part) }

func (h teamHead) trail() []web.Crumb {
	return []web.Crumb{{Label: words.Raw(h.Org.Name), Href: h.url("")}, {Label: "Teams", Href: h.url("/teams")}, {Label: teamTitle(h.Team), Href: h.at("")}}
}

// teamView is the page of one team.
type teamView struct {
	teamHead
	Members []Membership
	More    bool // there are more than are shown
	Query   string
	Found   []Membership // members who are not in the team, found by Query
	Rename  web.Confirm
	Remove  web.Confirm
}

// membersShown bounds the members of a team on its page, and those that a search offers.
const (
	membersShown = 200
	offered      = 20
)

func (s *Service) teamPage(c *plugins.Call) error {
	h, err := s.teamHead(c)
	if err != nil {
		return err
	}
	v := teamView{teamHead: h, Query: c.Form("q")}
	ctx := c.Context()
	if v.Members, err = s.membersWhere(ctx, h.Org.ID, membersShown+1, ofTeam(h.Team.ID)); err != nil {
		return err
	}
	if v.More = len(v.Members) > membersShown; v.More {
		v.Members = v.Members[:membersShown]
	}
	if h.Actor.Can(ScopeMemberUpdate) && v.Query != "" {
		v.Found, err = s.membersWhere(ctx, h.Org.ID, offered, member.Not(ofTeam(h.Team.ID)), member.Or(member.UserNameContainsFold(v.Query), member.UserEmailContainsFold(v.Query)))
		if err != nil {
			return err
		}
	}
	v.Rename = ask.At(renameQuestion(c, h), "ask-rename", h.at("/rename"))
	v.Remove = ask.At(removeTeamQuestion(c, h), "ask-remove", h.at("/remove"))
	return c.Page(http.StatusOK, v)
}

// ofTeam are the members who are in a team, however many they are.
func ofTeam(id string) predicate.Member {
	return func(q *sql.Selector) {
		t := sql.Table(teammember.Table)
		q.Where(sql.In(q.C(member.FieldUserID), sql.Select(t.C(teammember.FieldUserID)).From(t).Where(sql.EQ(t.C(teammember.FieldTeamID), id))))
	}
}

// newTeamView is the form to make a team.
type newTeamView struct {
	head
	Form web.Form
}

func (s *Service) newTeamPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, newTeamView{h, web.Form{}})
}

func (s *Service) doNewTeam(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	var row *ent.Team
	if c.Form("name") == "" {
		err = auth.ErrMissingField.Saying("Give the team a name.").At("name")
	} else {
		row, err = s.CreateTeam(c.Context(), h.Org.ID, NewTeam{Name: c.Form("name")})
	}
	if err != nil {
		form, status, ok := ask.Refused(c, err)
		if !ok {
			return err
		}
		return c.Page(status, newTeamView{h, form})
	}
	c.Flash("good", words.F("The team %s is made.", row.Name))
	return c.SeeOther(h.url("/teams/" + url.PathEscape(row.ID)))
}

// teamActs are what can be done to one team.
func (s *Service) teamActs() []plugins.Route {
	of := func(name string, summary words.Text, scope string, question func(*plugins.Call, teamHead) web.Confirm, do func(*plugins.Call, teamHead) error) []plugins.Route {
		return ask.Act[teamHead]{Path: inside + "/teams/:id/" + name, Summary: summary, Access: plugins.Within(scope), Load: s.teamHead,
			Question: question, Trail: func(_ *plugins.Call, h teamHead) []web.Crumb { return h.trail() }, Do: do}.Routes()
	}
	return slices.Concat(
		of("rename", "Rename a team", ScopeTeamUpdate, renameQuestion, s.doRename),
		of("remove", "Remove a team", ScopeTeamDelete, removeTeamQuestion, s.doRemoveTeam),
	)
}

func renameQuestion(c *plugins.Call, h teamHead) web.Confirm {
	value := h.Team.Name
	if c.Request.Method == http.MethodPost {
		value = c.Form("name")
	}
	return web.Confirm{Title: teamWords(h.Team, "Rename the team", words.F("Rename %s", h.Team.Name)), Verb: "Save",
		Fields: []templ.Component{web.Field{Name: "name", ID: "team-name", Label: "Name", Value: value, MaxLength: maxName, Autocomplete: "off"}}}
}

// maxName bounds names, in characters.
const maxName = 200

func (s *Service) doRename(c *plugins.Call, h teamHead) error {
	name := c.Form("name")
	if name == "" {
		return auth.ErrMissingField.Saying("Give the team a name.").At("name")
	}
	if _, err := s.UpdateTeam(c.Context(), h.Org.ID, h.Team.ID, TeamUpdate{Name: &name}); err != nil {
		return err
	}
	c.Flash("good", "The team has a new name.")
	return c.SeeOther(h.at(""))
}

func removeTeamQuestion(_ *plugins.Call, h teamHead) web.Confirm {
	return web.Confirm{Title: teamWords(h.Team, "Remove the team without a name?", words.F("Remove the team %s?", h.Team.Name)), Verb: "Remove team", Danger: true,
		Text: "Its members stay in the organization. Invitations that name it lose it."}
}

func (s *Service) doRemoveTeam(c *plugins.Call, h teamHead) error {
	if err := s.RemoveTeam(c.Context(), h.Org.ID, h.Team.ID, ""); err != nil {
		return err
	}
	c.Flash("good", teamWords(h.Team, "The team without a name is removed.", words.F("The team %s is removed.", h.Team.Name)))
	return c.SeeOther(h.url("/teams"))
}

// doTeamAdd puts a member into a team.
func (s *Service) doTeamAdd(c *plugins.Call) error {
	h, err := s.teamHead(c)
	if err != nil {
		return err
	}
	if _, err := s.AddToTeam(c.Context(), h.Org.ID, h.Team.ID, c.Form("user")); err != nil {
		if e := auth.AsError(err); e.Status < http.StatusInternalServerError && e.Status != http.StatusForbidden {
			c.Flash("bad", e.Message)
			return c.SeeOther(h.at(""))
		}
		return err
	}
	return c.SeeOther(h.at(""))
}

// doTeamRemove takes a member out of a team; Undo puts them back.
func (s *Service) doTeamRemove(c *plugins.Call) error {
	h, err := s.teamHead(c)
	if err != nil {
		return err
	}
	user := c.Form("user")
	if err := s.RemoveFromTeam(c.Context(), h.Org.ID, h.Team.ID, user); err != nil {
		return err
	}
	c.FlashUndo("They are no longer in the team.", plugins.Undo{Path: h.at("/members"), Fields: url.Values{"user": {user}}})
	return c.SeeOther(h.at(""))
}
