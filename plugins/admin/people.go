package admin

import (
	"context"
	"time"

	"gatehouse/ent"
	"gatehouse/plugins/admin/adminapi"
)

// The methods below are adminapi.People: the acts of the command line, which names
// people by id or address.

// person finds somebody by id or address.
func (s *Service) person(ctx context.Context, name string) (*ent.User, error) {
	u, err := s.host.Users.Called(ctx, name)
	if err == nil && u == nil {
		err = ErrUnknownUser
	}
	return u, err
}

func (s *Service) personOf(u *ent.User) adminapi.Person {
	return adminapi.Person{ID: u.ID, Name: u.Name, Email: u.Email, Roles: s.RolesOf(u), Banned: Banned(u, s.now()),
		EmailVerified: u.EmailVerified, CreatedAt: u.CreatedAt}
}

// ListPeople returns up to limit people, the newest first; with search, those it finds.
func (s *Service) ListPeople(ctx context.Context, search string, limit int) ([]adminapi.Person, error) {
	var people []adminapi.Person
	q := ListQuery{Text: search}
	for len(people) < limit {
		q.Limit = min(limit-len(people), maxPage)
		page, err := s.List(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, u := range page.Rows {
			people = append(people, s.personOf(u))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return people, nil
}

// CreatePerson makes a person; an empty password leaves them without one.
func (s *Service) CreatePerson(ctx context.Context, name, email, password string, roles []string, verified bool) (adminapi.Person, error) {
	u, err := s.Create(ctx, NewPerson{Name: name, Email: email, Password: password, Roles: roles, EmailVerified: verified})
	if err != nil {
		return adminapi.Person{}, err
	}
	return s.personOf(u), nil
}

// SetPersonPassword sets a password and ends the sessions as SetPassword does.
func (s *Service) SetPersonPassword(ctx context.Context, user, password string) error {
	u, err := s.person(ctx, user)
	if err != nil {
		return err
	}
	return s.SetPassword(ctx, u.ID, password)
}

// SetPersonRoles replaces the roles.
func (s *Service) SetPersonRoles(ctx context.Context, user string, roles []string) error {
	u, err := s.person(ctx, user)
	if err != nil {
		return err
	}
	_, err = s.SetRole(ctx, u.ID, roles)
	return err
}

// BanPerson bans; zero life is the default length.
func (s *Service) BanPerson(ctx context.Context, user, reason string, life time.Duration) error {
	u, err := s.person(ctx, user)
	if err != nil {
		return err
	}
	_, err = s.Ban(ctx, u.ID, Ban{Reason: reason, Until: s.banEnd(life)})
	return err
}

// UnbanPerson lifts a ban.
func (s *Service) UnbanPerson(ctx context.Context, user string) error {
	u, err := s.person(ctx, user)
	if err != nil {
		return err
	}
	_, err = s.Unban(ctx, u.ID)
	return err
}

// EndPersonSessions ends all sessions and reports how many.
func (s *Service) EndPersonSessions(ctx context.Context, user string) (int, error) {
	u, err := s.person(ctx, user)
	if err != nil {
		return 0, err
	}
	return s.EndSessions(ctx, u.ID)
}
