package organization

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/joinrequest"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
	"gatehouse/ent/teammember"
	api "gatehouse/plugins/organization/organizationapi"
)

// joining is a membership about to begin.
type joining struct {
	user       *ent.User
	role       string // names with commas between them
	fields     map[string]any
	start, end *time.Time
	by         string
	limit      bool // the limit of members holds
}

// notOver are memberships that count or will.
func notOver(at time.Time) predicate.Member {
	return member.Or(member.EndsAtIsNil(), member.EndsAtGT(at))
}

// place returns somebody's membership that counts or will; nil when there is none.
func (s *Service) place(ctx context.Context, org, user string) (*ent.Member, error) {
	row, err := s.oneMember(ctx, org, member.UserID(user))
	if errors.Is(err, ErrMemberNotFound) {
		return nil, nil
	}
	return row, err
}

// join stores a membership, in place of one that is over. The organization is locked, so
// its limit is exact (SEC-133).
func (s *Service) join(ctx context.Context, c *command, j joining) (*ent.Member, error) {
	former, err := c.ent().Member().Query().Where(member.UserID(j.user.ID)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("reading a membership: %w", err)
	}
	if former != nil {
		if former.EndsAt == nil || former.EndsAt.After(s.now()) {
			return nil, ErrIsMember
		}
		if err := s.end(ctx, c.tx, former, eventMemberEnded); err != nil {
			return nil, err
		}
	}
	if j.limit {
		n, err := c.ent().Member().Query().Where(notOver(s.now())).Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("counting members: %w", err)
		}
		if n >= s.memberLimit(c.org) {
			return nil, ErrTooManyMembers
		}
	}
	create := c.ent().Member().Create().SetID(random.ID()).SetUserID(j.user.ID).SetRole(j.role).SetCreatedAt(s.now()).
		SetNillableStartsAt(j.start).SetNillableEndsAt(j.end).SetUserName(clip(j.user.Name)).SetUserEmail(clip(j.user.Email))
	if len(j.fields) > 0 {
		create.SetAdditionalFields(j.fields)
	}
	row, err := create.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, ErrIsMember.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("storing a membership: %w", err)
	}
	if _, err := c.ent().JoinRequest().Delete().Where(joinrequest.UserID(j.user.ID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("removing a request to join: %w", err)
	}
	data := map[string]any{"role": j.role, "by": j.by}
	periodData(data, j.start, j.end)
	return row, s.recordOf(ctx, eventMemberAdded, c.org.ID, j.user.ID, data)
}

// memberLimit is how many members an organization may have.
func (s *Service) memberLimit(o *ent.Organization) int {
	if o.MemberLimit != nil {
		return *o.MemberLimit
	}
	return s.cfg.Get().MemberLimit
}

// end ends a membership with everything that hung on it (SEC-134): places in teams, roles
// for a time, what is active in sessions, and a request to join. kind is the event.
func (s *Service) end(ctx context.Context, tx *auth.Tx, row *ent.Member, kind string) error {
	org := tx.Organization(row.OrganizationID)
	if err := s.leaveTeams(ctx, tx, row.OrganizationID, row.UserID); err != nil {
		return err
	}
	if _, err := org.MemberRole().Delete().Where(memberrole.MemberID(row.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("removing roles for a time: %w", err)
	}
	if _, err := org.JoinRequest().Delete().Where(joinrequest.UserID(row.UserID)).Exec(ctx); err != nil {
		return fmt.Errorf("removing a request to join: %w", err)
	}
	n, err := org.Member().Delete().Where(member.ID(row.ID)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("removing a membership: %w", err)
	}
	if n == 0 {
		return ErrMemberNotFound // somebody else was quicker
	}
	if err := s.deactivate(ctx, tx, row.OrganizationID, row.UserID); err != nil {
		return err
	}
	err = consult(ctx, s, func(h api.Hooks) []auth.On[*api.LeftMember] { return h.Left },
		&api.LeftMember{Tx: tx, Organization: row.OrganizationID, UserID: row.UserID})
	if err != nil {
		return err
	}
	return s.recordOf(ctx, kind, row.OrganizationID, row.UserID, map[string]any{"role": row.Role})
}

// deactivate takes an organization, and the team in it, out of the sessions of people.
func (s *Service) deactivate(ctx context.Context, tx *auth.Tx, org string, users ...string) error {
	up := tx.Session().Update().Where(session.UserIDIn(users...), session.ActiveOrganizationID(org)).
		ClearActiveOrganizationID().SetUpdatedAt(s.now())
	if s.cfg.Get().SessionFollows {
		up.ClearActiveTeamID()
	}
	if err := up.Exec(ctx); err != nil {
		return fmt.Errorf("clearing the active organization of sessions: %w", err)
	}
	return nil
}

// leaveTeams takes a person out of all teams of an organization and gives the seats back.
func (s *Service) leaveTeams(ctx context.Context, tx *auth.Tx, org, user string) error {
	access := tx.Organization(org)
	rows, err := access.TeamMember().Query().Where(teammember.UserID(user)).All(ctx)
	if err != nil {
		return fmt.Errorf("reading the teams of a person: %w", err)
	}
	for _, row := range rows {
		if err := s.leaveTeam(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// periodData adds a start and an end to the data of an event.
func periodData(data map[string]any, start, end *time.Time) {
	if start != nil {
		data["start"] = start.UTC().Format(time.RFC3339)
	}
	if end != nil {
		data["end"] = end.UTC().Format(time.RFC3339)
	}
}

// clip bounds a text for an indexed column, at the end of a letter.
func clip(text string) string {
	if len(text) <= maxIndexed {
		return text
	}
	return strings.ToValidUTF8(text[:maxIndexed], "")
}

// maxIndexed bounds a text in an indexed column, in bytes.
const maxIndexed = 255
