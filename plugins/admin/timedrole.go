package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/timedrole"
)

// Bounds of roles for a time.
const (
	maxTimedRoles = 20 // of one person
	maxRoleLife   = 366 * 24 * time.Hour
	sweptAtOnce   = 500
)

// Refusals of roles for a time.
var (
	ErrOwnerForATime = auth.E(http.StatusBadRequest, "OWNER_ROLE_HAS_NO_END", "The role of an owner is not given for a time.")
	ErrTimedRoleOver = auth.E(http.StatusNotFound, "TIMED_ROLE_NOT_FOUND", "This role is over already.")
	ErrBadTerm       = auth.E(http.StatusBadRequest, "INVALID_TERM", "The end lies after the start and after now, at most a year ahead.")
	ErrTooManyTimed  = auth.E(http.StatusConflict, "TOO_MANY_TIMED_ROLES", "This person has as many roles for a time as anybody may have.")
)

// TimedRoles lists the roles that a person has for a time, those that have not begun or are
// just over included, the first to end first. It needs user:get.
func (s *Service) TimedRoles(ctx context.Context, id string) ([]*ent.TimedRole, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.timedRoles(ctx, id, s.now(), true)
}

// timedRoles reads the roles for a time that are in force; whole brings the others too.
func (s *Service) timedRoles(ctx context.Context, id string, at time.Time, whole bool) ([]*ent.TimedRole, error) {
	where := []predicate.TimedRole{timedrole.UserID(id)}
	if !whole {
		where = append(where, timedInForce(at))
	}
	rows, err := s.host.DB.Access(ctx).TimedRole().Query().Where(where...).Order(ent.Asc(timedrole.FieldEndsAt, timedrole.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	return rows, nil
}

// GrantTimedRole gives a person a role of the platform from a start, which may be zero for
// now, until an end. It needs what SetRole needs; the role of an owner has no end, so that
// there always is one.
func (s *Service) GrantTimedRole(ctx context.Context, id, role string, start, end time.Time) (*ent.TimedRole, error) {
	p, err := s.actor(ctx, ScopeSetRole, ErrMayNotSetRole)
	if err != nil {
		return nil, err
	}
	roles, err := s.parseRoles([]string{role})
	if err != nil {
		return nil, err
	}
	if len(roles) != 1 {
		return nil, ErrNoSuchRole
	}
	target, err := s.mayTime(ctx, p, id, roles[0], end)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if !end.After(now) || !end.After(start) || end.Sub(now) > maxRoleLife {
		return nil, ErrBadTerm.At("until")
	}
	var row *ent.TimedRole
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.TimedRole().Query().Where(timedrole.UserID(target.ID)).Count(ctx)
		if err != nil {
			return fmt.Errorf("counting roles for a time: %w", err)
		}
		if n >= maxTimedRoles {
			return ErrTooManyTimed
		}
		create := tx.TimedRole().Create().SetID(random.ID()).SetUserID(target.ID).SetRole(roles[0]).SetEndsAt(end).SetGrantedBy(p.Subject).SetCreatedAt(now)
		data := map[string]any{"role": roles[0], "until": end}
		if !start.IsZero() {
			create.SetStartsAt(start)
			data["from"] = start
		}
		if row, err = create.Save(ctx); err != nil {
			return fmt.Errorf("storing a role for a time: %w", err)
		}
		return s.record(ctx, eventTimedRole, target.ID, data)
	})
	return row, err
}

// EndTimedRole takes a role for a time away before its end. It needs what giving it needs.
func (s *Service) EndTimedRole(ctx context.Context, id, timed string) error {
	p, err := s.actor(ctx, ScopeSetRole, ErrMayNotSetRole)
	if err != nil {
		return err
	}
	row, err := s.host.DB.Access(ctx).TimedRole().Query().Where(timedrole.ID(timed), timedrole.UserID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return ErrTimedRoleOver
	}
	if err != nil {
		return fmt.Errorf("reading a role for a time: %w", err)
	}
	if _, err := s.mayTime(ctx, p, id, row.Role, s.now()); err != nil {
		return err
	}
	return s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error { return s.endTimed(ctx, tx, row, false) })
}

// mayTime applies the rules of SetRole to a role for a time.
func (s *Service) mayTime(ctx context.Context, p *auth.Principal, id, role string, until time.Time) (*ent.User, error) {
	if role == RoleOwner {
		return nil, ErrOwnerForATime.At("role")
	}
	if err := s.givesInOwnName(ctx, p, []string{role}); err != nil {
		return nil, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayActOn(ctx, p, target, ErrMayNotSetRole); err != nil {
		return nil, err
	}
	err = p.Within(until, "until", func(until time.Time) error {
		if !s.givable(p, []string{role}, until) {
			return ErrMayNotSetRole
		}
		return nil
	})
	if err != nil {
		return nil, s.refused(ctx, "", auth.AsError(err))
	}
	return target, nil
}

// endTimed removes a role for a time; one that somebody else removed is no error.
func (s *Service) endTimed(ctx context.Context, tx *auth.Tx, row *ent.TimedRole, over bool) error {
	n, err := tx.TimedRole().Delete().Where(timedrole.ID(row.ID)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("removing a role for a time: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.record(ctx, eventTimedRoleOver, row.UserID, map[string]any{"role": row.Role, "expired": over})
}

// sweepTimedRoles removes the roles that are over. They count no more since their end.
func (s *Service) sweepTimedRoles(ctx context.Context) error {
	for {
		rows, err := s.host.DB.Access(ctx).TimedRole().Query().Where(timedrole.EndsAtLTE(s.now())).Order(ent.Asc(timedrole.FieldEndsAt)).Limit(sweptAtOnce).All(ctx)
		if err != nil {
			return fmt.Errorf("looking for roles that are over: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			for _, row := range rows {
				if err := s.endTimed(ctx, tx, row, true); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// timedInForce are roles that have begun and are not over.
func timedInForce(at time.Time) predicate.TimedRole {
	return timedrole.And(timedrole.Or(timedrole.StartsAtIsNil(), timedrole.StartsAtLTE(at)), timedrole.Or(timedrole.EndsAtIsNil(), timedrole.EndsAtGT(at)))
}

func inForce(t *ent.TimedRole, at time.Time) bool {
	return auth.Grant{Start: auth.ValueOf(t.StartsAt), End: auth.ValueOf(t.EndsAt)}.Holds(at)
}

// timedRolesToGive are the roles that the principal of the context may give for a time.
func (s *Service) timedRolesToGive(ctx context.Context) []string {
	return slices.DeleteFunc(s.GivableRoles(ctx), func(role string) bool { return role == RoleOwner || len(s.host.Scopes.OfRole(role)) == 0 })
}
