package organization

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// memberHead is what all pages about one member share.
type memberHead struct {
	head
	Row memberRow
}

// memberHead loads the member of a request.
func (s *Service) memberHead(c *plugins.Call) (memberHead, error) {
	h, err := s.head(c)
	if err != nil {
		return memberHead{}, err
	}
	m, err := s.MemberByID(c.Context(), h.Org.ID, c.Param("id"))
	if err != nil {
		return memberHead{}, err
	}
	if m == nil {
		return memberHead{}, errNoPage
	}
	return memberHead{h, s.memberRow(h.Actor, h.Org.Slug, *m)}, nil
}

// errNoPage refuses the address of something that is not there, or not in this organization.
var errNoPage = auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")

func (h memberHead) trail() []web.Crumb {
	return []web.Crumb{{Label: words.Raw(h.Org.Name), Href: h.url("")}, {Label: "Members", Href: h.url("/members")}, {Label: words.Raw(h.Row.shown()), Href: h.Row.url("")}}
}

// memberView is the page of one member.
type memberView struct {
	memberHead
	Teams  []*ent.Team
	Lately web.Rows
	// Explain and Person are addresses: what they may do, and their page among the users of the
	// server; "" where the reader may not look there.
	Explain, Person string
	Team            *web.Confirm // puts them into a team; nil where there is none to put them into
	Role            web.Confirm
	Period          web.Confirm
	Grant           web.Confirm
	Remove          web.Confirm
}

func (s *Service) memberPage(c *plugins.Call) error {
	h, err := s.memberHead(c)
	if err != nil {
		return err
	}
	v := memberView{memberHead: h}
	if s.cfg.Get().Teams.Enabled && h.Actor.Can(ScopeTeamRead) {
		if v.Teams, err = s.teamsOfMember(c.Context(), h.Org.ID, h.Row.Member.UserID); err != nil {
			return err
		}
	}
	v.Explain = plugins.Explorer(h.Actor.p, listed(h.Org), auth.KindUser, h.Row.Member.UserID)
	if h.Actor.p.Can(scopeUser) {
		v.Person = personPath + "/" + url.PathEscape(h.Row.Member.UserID)
	}
	if s.cfg.Get().Teams.Enabled && h.can(ScopeMemberUpdate) && h.Actor.Can(ScopeTeamRead) && h.Row.Standing != StandingOver {
		open, err := s.teamsWithout(c.Context(), h)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			q := ask.At(teamQuestion(c, h, open), "ask-team", h.Row.url("/team"))
			v.Team = &q
		}
	}
	if h.Row.Update {
		v.Role = ask.At(s.roleQuestion(c, h), "ask-role", h.Row.url("/role"))
		v.Period = ask.At(s.periodQuestion(c, h), "ask-period", h.Row.url("/period"))
		v.Grant = ask.At(s.grantQuestion(c, h), "ask-grant", h.Row.url("/grant"))
	}
	if h.Row.Remove {
		v.Remove = ask.At(s.removeQuestion(c, h), "ask-remove", h.Row.url("/remove"))
	}
	return c.Page(http.StatusOK, v)
}

// memberActs are what can be done to one member.
func (s *Service) memberActs() []plugins.Route {
	of := func(name string, summary words.Text, scope string, question func(*plugins.Call, memberHead) web.Confirm, do func(*plugins.Call, memberHead) error) []plugins.Route {
		return ask.Act[memberHead]{Path: inside + "/members/:id/" + name, Summary: summary, Access: plugins.Within(scope), Load: s.memberHead,
			Question: question, Trail: func(_ *plugins.Call, h memberHead) []web.Crumb { return h.trail() }, Do: do}.Routes()
	}
	var teams []plugins.Route
	if s.cfg.Get().Teams.Enabled {
		teams = of("team", "Put a member into one of the teams", ScopeMemberUpdate, s.askTeam, s.doTeam)
	}
	return slices.Concat(teams,
		of("role", "Change the roles of a member", ScopeMemberUpdate, s.roleQuestion, s.doRole),
		of("period", "Set when a membership begins and ends", ScopeMemberUpdate, s.periodQuestion, s.doPeriod),
		of("grant", "Give a member a role for a time", ScopeMemberUpdate, s.grantQuestion, s.doGrant),
		of("remove", "Remove a member", ScopeMemberDelete, s.removeQuestion, s.doRemove),
	)
}

func (s *Service) roleQuestion(c *plugins.Call, h memberHead) web.Confirm {
	checked := auth.SplitRoles(h.Row.Member.Role)
	if c.Request.Method == http.MethodPost {
		checked = c.Request.PostForm["role"]
	}
	return web.Confirm{Title: words.F("Roles of %s", h.Row.shown()), Text: "They count at once. A role gives what it holds, several add up.", Verb: "Save roles",
		Fields: []templ.Component{web.Checkboxes{Name: "role", Legend: "Roles", HideLegend: true, Options: s.givable(c.Context(), h.Actor, h.Row.Member.Role, auth.ValueOf(h.Row.Member.EndsAt)), Checked: checked}}}
}

// givable are the roles that the actor may give until a moment; those that somebody has are
// among them.
func (s *Service) givable(ctx context.Context, a actor, has string, until time.Time) []web.Option {
	options := s.roleOptions(ctx)
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.Value
	}
	may, err := s.givenBy(ctx, a, names, until)
	if err != nil {
		s.host.Log.WarnContext(ctx, "reading the roles that may be given", "error", err)
	}
	may = append(may, auth.SplitRoles(has)...)
	return slices.DeleteFunc(options, func(o web.Option) bool { return !slices.Contains(may, o.Value) })
}

func (s *Service) doRole(c *plugins.Call, h memberHead) error {
	roles := c.Request.PostForm["role"]
	if len(roles) == 0 {
		return auth.ErrValidation.Saying("Choose at least one role.").At("role")
	}
	if _, err := s.SetRoles(c.Context(), h.Org.ID, h.Row.Member.ID, roles); err != nil {
		return err
	}
	text, had := words.F("%s has new roles.", h.Row.shown()), auth.SplitRoles(h.Row.Member.Role)
	back := false
	if !h.Row.Self { // who takes something from themselves may not give it
		var err error
		if back, err = s.mayGive(c.Context(), h.Actor, had, auth.ValueOf(h.Row.Member.EndsAt)); err != nil {
			return err
		}
	}
	if !back {
		return h.done(c, text)
	}
	c.FlashUndo(text, plugins.Undo{Path: h.Row.url("/role"), Fields: url.Values{"role": had}})
	return c.SeeOther(h.Row.url(""))
}

// done ends an act with a message on the page of the member.
func (h memberHead) done(c *plugins.Call, text words.Text) error {
	c.Flash("good", text)
	return c.SeeOther(h.Row.url(""))
}

func (s *Service) periodQuestion(c *plugins.Call, h memberHead) web.Confirm {
	m := h.Row.Member
	return web.Confirm{Title: words.F("Start and end of the membership of %s", h.Row.shown()),
		Text: "Outside this time they are no member: they see and may do nothing here. Leave a field empty for no bound.", Verb: "Save",
		Fields: []templ.Component{moment(c, "period", "start", "Begins", m.StartsAt), moment(c, "period", "end", "Ends", m.EndsAt)}}
}

func (s *Service) doPeriod(c *plugins.Call, h memberHead) error {
	p, err := period(c)
	if err != nil {
		return err
	}
	if _, err := s.SetPeriod(c.Context(), h.Org.ID, h.Row.Member.ID, p); err != nil {
		return err
	}
	return h.done(c, "The time of the membership is saved.")
}

func (s *Service) grantQuestion(c *plugins.Call, h memberHead) web.Confirm {
	options := slices.DeleteFunc(s.givable(c.Context(), h.Actor, "", s.now()), func(o web.Option) bool {
		return o.Value == s.creatorRole() || slices.Contains(auth.SplitRoles(h.Row.Member.Role), o.Value)
	})
	return web.Confirm{Title: words.F("Give %s a role for a time", h.Row.shown()), Text: "It comes and goes by itself, beside the roles without an end.", Verb: "Give the role",
		Fields: []templ.Component{web.Select{Name: "role", ID: "grant-role", Label: "Role", Options: options, Value: c.Form("role")}, moment(c, "grant", "start", "Begins", nil), moment(c, "grant", "end", "Ends", nil)}}
}

func (s *Service) doGrant(c *plugins.Call, h memberHead) error {
	p, err := period(c)
	if err != nil {
		return err
	}
	if p.End == nil {
		return auth.ErrValidation.Saying("Say when it ends.").At("end")
	}
	if _, err := s.GrantRole(c.Context(), h.Org.ID, h.Row.Member.ID, c.Form("role"), p); err != nil {
		return err
	}
	return h.done(c, "The role is given.")
}

// teamsWithout are teams that a member is not in, by name.
func (s *Service) teamsWithout(ctx context.Context, h memberHead) ([]web.Option, error) {
	access := s.host.DB.Access(ctx).Organization(h.Org.ID)
	in, err := access.TeamMember().Query().Where(teammember.UserID(h.Row.Member.UserID)).Select(teammember.FieldTeamID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the teams of a member: %w", err)
	}
	rows, err := access.Team().Query().Where(team.IDNotIn(in...)).Order(ent.Asc(team.FieldName, team.FieldID)).Limit(maxTeamsShown).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading teams: %w", err)
	}
	var options []web.Option
	for _, t := range rows {
		options = append(options, web.Option{Value: t.ID, Label: teamTitle(t)})
	}
	return options, nil
}

func teamQuestion(c *plugins.Call, h memberHead, open []web.Option) web.Confirm {
	return web.Confirm{Title: words.F("Put %s into a team", h.Row.shown()), Verb: "Put in",
		Fields: []templ.Component{web.Select{Name: "team", ID: "member-team", Label: "Team", Options: open, Value: c.Form("team")}}}
}

func (s *Service) askTeam(c *plugins.Call, h memberHead) web.Confirm {
	var open []web.Option
	if h.Actor.Can(ScopeTeamRead) {
		var err error
		if open, err = s.teamsWithout(c.Context(), h); err != nil {
			s.host.Log.WarnContext(c.Context(), "reading the teams of an organization", "error", err)
		}
	}
	return teamQuestion(c, h, open)
}

func (s *Service) doTeam(c *plugins.Call, h memberHead) error {
	if _, err := s.AddToTeam(c.Context(), h.Org.ID, c.Form("team"), h.Row.Member.UserID); err != nil {
		return err
	}
	return h.done(c, words.F("%s is in the team now.", h.Row.shown()))
}

// endGrant takes a role for a time away.
func (s *Service) endGrant(c *plugins.Call) error {
	h, err := s.memberHead(c)
	if err != nil {
		return err
	}
	if err := s.EndRole(c.Context(), h.Org.ID, c.Form("grant")); err != nil {
		return err
	}
	return h.done(c, "The role has ended.")
}

func (s *Service) removeQuestion(_ *plugins.Call, h memberHead) web.Confirm {
	return web.Confirm{Title: words.F("Remove %s?", h.Row.shown()), Verb: "Remove", Danger: true,
		Text: "They lose roles, teams and access here with the next click. Their account stays, and they can be invited again."}
}

func (s *Service) doRemove(c *plugins.Call, h memberHead) error {
	if _, err := s.Remove(c.Context(), h.Org.ID, h.Row.Member.ID); err != nil {
		return spoken(h.Org.ID, err)
	}
	c.Flash("good", words.F("%s is no member any more.", h.Row.shown()))
	return c.SeeOther(h.url("/members"))
}

// removeMany asks before selected members are removed.
func (s *Service) removeMany() func(*plugins.Call) error {
	l := s.lists.members
	return ask.Many[memberRow]{List: l, Do: l.Do(s.removeSelected, removedMany),
		There: func(c *plugins.Call, ids []string) ([]string, error) {
			there, err := s.host.DB.Access(c.Context()).Organization(c.Organization.ID).Member().Query().Where(member.IDIn(ids...)).Order(ent.Asc(member.FieldID)).IDs(c.Context())
			if err != nil {
				return nil, fmt.Errorf("looking for selected members: %w", err)
			}
			return there, nil
		},
		Trail: func(c *plugins.Call) []web.Crumb { return trailOf(c, "Members", "/members") },
		Question: func(n int) web.Confirm {
			return web.Confirm{ID: "remove-members", Title: words.N(n, "Remove one member?", "Remove %d members?"), Verb: "Remove", Danger: true,
				Text: "They lose roles, teams and access here with the next click. Their accounts stay, and they can be invited again."}
		}}.Handle
}

// removeSelected removes one of the selected members.
func (s *Service) removeSelected(ctx context.Context, id string) (bool, error) {
	o := plugins.OrganizationOf(ctx)
	_, err := s.Remove(ctx, o.ID, id)
	if errors.Is(err, ErrMemberNotFound) {
		return false, list.ErrGone
	}
	if e := auth.AsError(err); err != nil && e.Status < http.StatusInternalServerError {
		return false, nil
	}
	return err == nil, err
}

func removedMany(done, left int) words.Text {
	text := words.N(done, "%d member was removed.", "%d members were removed.")
	if left > 0 {
		text = words.Join(" ", text, words.N(left, "%d could not be removed.", "%d could not be removed."))
	}
	return text
}

// spoken turns answers of the wire that a page says otherwise.
func spoken(org string, err error) error {
	if errors.Is(err, ErrMayNotRemove) { // 401 on the wire, which would lead a page to the sign-in
		return auth.ErrForbidden.ForIn(org, ScopeMemberDelete)
	}
	if errors.Is(err, ErrOnlyOwner) {
		return errOnlyOwner
	}
	return err
}

// errOnlyOwner is ErrOnlyOwner where somebody else than the owner is told.
var errOnlyOwner = ErrOnlyOwner.Saying("This is the only owner. Make somebody else an owner first, or delete the organization.")

// moment is a field of a question for a moment, in the time zone of the reader.
func moment(c *plugins.Call, question, name string, label words.Text, at *time.Time) web.Field {
	f := web.Field{Name: name, ID: question + "-" + name, Label: label, Type: web.DateTime, Optional: true, Value: c.Form(name)}
	if f.Value == "" && at != nil && c.Request.Method != http.MethodPost {
		f.Value = at.In(c.View.Zone(c)).Format("2006-01-02T15:04")
	}
	return f
}

// period reads the fields start and end.
func period(c *plugins.Call) (Period, error) {
	start, ok := c.Moment("start")
	if !ok {
		return Period{}, auth.ErrValidation.Saying("This is no date and time.").At("start")
	}
	end, ok := c.Moment("end")
	if !ok {
		return Period{}, auth.ErrValidation.Saying("This is no date and time.").At("end")
	}
	return Period{start, end}, nil
}

// addView is the form to make somebody a member without an invitation.
type addView struct {
	head
	Form  web.Form
	Roles []web.Option
}

// addPage asks whom to add. Only administrators of the platform add people who have an
// account without asking them.
func (s *Service) addPage(c *plugins.Call) error {
	if err := s.mayAddUnasked(c.Context()); err != nil {
		return err
	}
	return s.drawAdd(c, http.StatusOK, web.Form{Values: url.Values{}})
}

func (s *Service) drawAdd(c *plugins.Call, status int, form web.Form) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	return c.Page(status, addView{h, form, s.givable(c.Context(), h.Actor, "", time.Time{})})
}

func (s *Service) doAdd(c *plugins.Call) error {
	if err := s.mayAddUnasked(c.Context()); err != nil {
		return err // as the form, which nobody saw
	}
	err := s.addByAddress(c)
	if err == nil {
		return nil
	}
	form, status, ok := ask.Refused(c, err)
	if !ok {
		return err
	}
	return s.drawAdd(c, status, form)
}

func (s *Service) addByAddress(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	m, err := s.AddByAddress(c.Context(), h.Org.ID, c.Form("email"), []string{c.Form("role")})
	if err != nil {
		return err
	}
	c.Flash("good", words.F("%s is a member now.", m.UserEmail))
	return c.SeeOther(h.url("/members/" + url.PathEscape(m.ID)))
}
