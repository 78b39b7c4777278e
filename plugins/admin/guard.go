package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/job"
	"gatehouse/ent/user"
)

// gone is the domain's "no such user" in the words of the administrative routes.
func gone(err error) error {
	switch {
	case errors.Is(err, auth.ErrUserNotFound):
		return ErrUnknownUser
	case errors.Is(err, auth.ErrUserAlreadyExists):
		return ErrEmailTaken.Because(err)
	}
	return err
}

// rankOfLast is the role in which a person may be the last unbanned holder: owner before
// admin; empty when they hold neither or are banned.
func (s *Service) rankOfLast(u *ent.User) string {
	if u == nil || u.Role == nil || Banned(u, s.now()) {
		return ""
	}
	roles := auth.SplitRoles(*u.Role)
	for _, r := range administrators() {
		if slices.Contains(roles, r) {
			return r
		}
	}
	return ""
}

// falls reports whether a person who had a rank will have a lesser one.
func (s *Service) falls(rank string, next *ent.User) bool {
	is := s.rankOfLast(next)
	return is != rank && is != RoleOwner
}

// guardPatch refuses a change that would take the last administrator's place away. What
// the change will do is seen by trying its setters on a statement that is never run.
func (s *Service) guardPatch(ctx context.Context, p *auth.UserPatch) error {
	rank := s.rankOfLast(p.User)
	if rank == "" {
		return nil
	}
	probe := p.Tx.User().UpdateOne(p.User)
	for _, set := range p.Set {
		set(probe)
	}
	if s.falls(rank, after(p.User, probe.Mutation())) {
		return s.keepOne(ctx, p.Tx, p.User.ID, rank)
	}
	return nil
}

// after is the person as a change will leave them, as far as rank goes.
func after(u *ent.User, m *ent.UserMutation) *ent.User {
	next := *u
	if role, ok := m.Role(); ok {
		next.Role = &role
	} else if m.RoleCleared() {
		next.Role = nil
	}
	if banned, ok := m.Banned(); ok {
		next.Banned = banned
	} else if m.BannedCleared() {
		next.Banned = false
	}
	if expires, ok := m.BanExpires(); ok {
		next.BanExpires = &expires
	} else if m.BanExpiresCleared() {
		next.BanExpires = nil
	}
	return &next
}

// guardUpdated is the second net: another plugin may have added setters after the
// first look.
func (s *Service) guardUpdated(ctx context.Context, c *auth.UserChange) error {
	if rank := s.rankOfLast(c.Before); rank != "" && s.falls(rank, c.User) {
		return s.keepOne(ctx, c.Tx, c.User.ID, rank)
	}
	return nil
}

// guardDelete refuses to remove the last administrator, on any path.
func (s *Service) guardDelete(ctx context.Context, c *auth.UserChange) error {
	if rank := s.rankOfLast(c.User); rank != "" {
		return s.keepOne(ctx, c.Tx, c.User.ID, rank)
	}
	return nil
}

// keepOne returns an error unless somebody else unbanned holds the rank: another owner;
// for an admin, an owner or another admin. Demotions wait for each other, in all
// processes, so that the last one sees what the others did.
func (s *Service) keepOne(ctx context.Context, tx *auth.Tx, id, rank string) error {
	if !s.cfg.Get().ProtectAdministrators {
		return nil
	}
	if err := s.lockAdministrators(ctx, tx); err != nil {
		return err
	}
	enough := administrators()[:1]
	if rank == RoleAdmin {
		enough = administrators()
	}
	texts, err := s.holderTexts(ctx, enough...)
	if err != nil {
		return err
	}
	_, err = s.current(tx.User().Query().Where(user.RoleIn(texts...), user.IDNEQ(id), notBanned(s.now()))).FirstID(ctx)
	if ent.IsNotFound(err) {
		return auth.ErrLastAdministrator
	}
	if err != nil {
		return fmt.Errorf("looking for another %s: %w", rank, err)
	}
	return nil
}

// current makes a query see what is committed. MySQL would otherwise answer from the
// moment at which the transaction first read.
func (s *Service) current(q *ent.UserQuery) *ent.UserQuery {
	if s.host.DB.Dialect() == dialect.MySQL {
		return q.ForUpdate()
	}
	return q
}

// lockAdministrators makes transactions that decide who is the first or last
// administrator wait for each other, in all processes, until they end.
func (s *Service) lockAdministrators(ctx context.Context, tx *auth.Tx) error {
	err := tx.Job().Create().SetID(random.ID()).SetName("admin/administrators").SetLastStartedAt(s.now()).
		OnConflictColumns(job.FieldName).UpdateLastStartedAt().Exec(ctx)
	if err != nil {
		return fmt.Errorf("waiting to change administrators: %w", err)
	}
	return nil
}
