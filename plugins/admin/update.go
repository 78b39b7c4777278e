package admin

import (
	"context"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/schema"
	"gatehouse/ent"
)

// Change is what update-user changes; what is nil stays as it is.
type Change struct {
	Name          *string
	Email         *string
	EmailVerified *bool
	Image         schema.Maybe[string]
	Roles         []string
	Note          schema.Maybe[string]         // of administrators, for themselves; at most 5,000 characters
	Metadata      schema.Maybe[map[string]any] // see ParseMetadata
	Ban           *BanFields
	Fields        map[string]any // further declared fields by wire name
}

// empty reports whether nothing changes.
func (c Change) empty() bool {
	return c.Name == nil && c.Email == nil && c.EmailVerified == nil && !c.Image.Present && c.Roles == nil && c.Ban == nil &&
		len(c.Fields) == 0 && !c.Note.Present && !c.Metadata.Present
}

// Update changes a person. It needs user:update, and the scope of each guarded field
// that is given. A ban ends the person's sessions.
func (s *Service) Update(ctx context.Context, id string, c Change) (*ent.User, error) {
	p, err := s.actor(ctx, ScopeUpdate, ErrMayNotUpdate)
	if err != nil {
		return nil, err
	}
	if c.Roles, err = s.rolesToGive(ctx, p, c.Roles); err != nil {
		return nil, err
	}
	if err := s.mayChange(ctx, p, id, &c); err != nil {
		return nil, err
	}
	before, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayChangeOf(ctx, p, before, c); err != nil {
		return nil, err
	}
	var changed *ent.User
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		changed, err = s.host.Users.Patch(ctx, id, "admin", c.Fields, c.setters()...)
		if err != nil {
			return gone(err)
		}
		return s.afterUpdate(ctx, before, changed, c)
	})
	return changed, err
}

// mayChange judges the guarded fields in the order of better-auth admin 6.4 and puts
// the address into its canonical form.
func (s *Service) mayChange(ctx context.Context, p *auth.Principal, id string, c *Change) error {
	if c.Ban != nil && !p.Can(ScopeBan) {
		return s.refused(ctx, id, ErrMayNotBan)
	}
	if c.Ban.bans() && p.Subject == id {
		return ErrCannotBanSelf
	}
	if err := s.mayChangeAddress(ctx, p, id, c); err != nil {
		return err
	}
	if hasPhone(c.Fields) && !p.Can(ScopeSetPhone) {
		return s.refused(ctx, id, ErrMayNotSetPhone)
	}
	if (hasOther(c.Fields) || c.Metadata.Present) && !p.Can(ScopeSetFields) {
		return s.refused(ctx, id, ErrMayNotUpdate)
	}
	return nil
}

func (s *Service) mayChangeAddress(ctx context.Context, p *auth.Principal, id string, c *Change) error {
	if len([]rune(c.Note.Value)) > maxNote {
		return auth.ErrValidation.Saying("Use at most 5,000 characters.").At("note")
	}
	if c.Email == nil && c.EmailVerified == nil {
		return nil
	}
	if !p.Can(ScopeSetEmail) {
		return s.refused(ctx, id, ErrMayNotSetEmail)
	}
	if p.Impersonated() {
		return s.refused(ctx, id, auth.ErrImpersonating)
	}
	if c.Email == nil {
		return nil
	}
	address, err := email.Parse(*c.Email)
	if err != nil {
		return auth.ErrInvalidEmail.At("email")
	}
	c.Email = &address
	taken, err := s.host.Users.ByEmail(ctx, address)
	if err != nil {
		return err
	}
	if taken != nil && taken.ID != id {
		return ErrEmailTaken.At("email")
	}
	return nil
}

// mayChangeOf is the rank rule; the refusal is that of the most guarded field.
func (s *Service) mayChangeOf(ctx context.Context, p *auth.Principal, target *ent.User, c Change) error {
	refusal := ErrMayNotUpdate
	switch {
	case c.Roles != nil:
		refusal = ErrMayNotSetRole
	case c.Ban != nil:
		refusal = ErrMayNotBan
	case c.Email != nil || c.EmailVerified != nil:
		refusal = ErrMayNotSetEmail
	}
	may := s.mayActOn
	if c.Email != nil {
		may = s.mayTakeOver
	}
	if err := may(ctx, p, target, refusal); err != nil {
		return err
	}
	if c.Ban != nil {
		return s.mayBan(ctx, p, target)
	}
	return nil
}

func (c Change) setters() []func(*ent.UserUpdateOne) {
	set := []func(*ent.UserUpdateOne){func(u *ent.UserUpdateOne) {
		if c.Name != nil {
			u.SetName(*c.Name)
		}
		if c.Email != nil {
			u.SetEmail(*c.Email)
		}
		if c.EmailVerified != nil {
			u.SetEmailVerified(*c.EmailVerified)
		}
		switch {
		case c.Image.Null:
			u.ClearImage()
		case c.Image.Present:
			u.SetImage(c.Image.Value)
		}
		setNote(u, c.Note)
		setMetadata(u, c.Metadata)
		if c.Roles != nil {
			u.SetRole(strings.Join(c.Roles, ","))
		}
	}}
	if c.Ban != nil {
		set = append(set, c.Ban.onUpdate)
	}
	return set
}

func setNote(u *ent.UserUpdateOne, note schema.Maybe[string]) {
	switch {
	case note.Present && note.Value != "":
		u.SetAdminNote(note.Value)
	case note.Present:
		u.ClearAdminNote()
	}
}

func setMetadata(u *ent.UserUpdateOne, data schema.Maybe[map[string]any]) {
	switch {
	case data.Present && len(data.Value) > 0:
		u.SetAdminMetadata(data.Value)
	case data.Present:
		u.ClearAdminMetadata()
	}
}

// afterUpdate does what follows from a change in the same transaction.
func (s *Service) afterUpdate(ctx context.Context, before, after *ent.User, c Change) error {
	if before.Email != after.Email {
		// Links mailed to the former address must not act on the new one (SEC-092).
		if err := s.host.Verifications.Void(ctx, after.ID); err != nil {
			return err
		}
	}
	if err := s.afterNotes(ctx, after.ID, c); err != nil {
		return err
	}
	if c.Roles != nil {
		if err := s.afterRole(ctx, before, after); err != nil {
			return err
		}
	}
	if c.Ban.bans() {
		return s.afterBan(ctx, before, after)
	}
	if before.Banned && !after.Banned {
		return s.record(ctx, eventUnbanned, after.ID, map[string]any{"expired": false})
	}
	return nil
}

// afterNotes records that note or metadata changed; not what they say, which is for the
// administrators of the day.
func (s *Service) afterNotes(ctx context.Context, id string, c Change) error {
	if c.Note.Present {
		if err := s.record(ctx, eventNoted, id, nil); err != nil {
			return err
		}
	}
	if c.Metadata.Present {
		return s.record(ctx, eventMetadata, id, nil)
	}
	return nil
}

// SetRole replaces the roles of a person. It needs user:set-role; nobody gives a role
// above their own.
func (s *Service) SetRole(ctx context.Context, id string, roles []string) (*ent.User, error) {
	p, err := s.actor(ctx, ScopeSetRole, ErrMayNotSetRole)
	if err != nil {
		return nil, err
	}
	if roles, err = s.parseRoles(roles); err != nil {
		return nil, err
	}
	if err := s.givesInOwnName(ctx, p, roles); err != nil {
		return nil, err
	}
	before, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayActOn(ctx, p, before, ErrMayNotSetRole); err != nil {
		return nil, err
	}
	if err := s.mayGive(ctx, p, roles, forGood); err != nil {
		return nil, err
	}
	return s.storeRoles(ctx, before, roles)
}

func (s *Service) storeRoles(ctx context.Context, before *ent.User, roles []string) (*ent.User, error) {
	var changed *ent.User
	err := s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) (err error) {
		changed, err = s.host.Users.Patch(ctx, before.ID, "admin", nil, func(u *ent.UserUpdateOne) { u.SetRole(strings.Join(roles, ",")) })
		if err != nil {
			return gone(err)
		}
		return s.afterRole(ctx, before, changed)
	})
	return changed, err
}

func (s *Service) afterRole(ctx context.Context, before, after *ent.User) error {
	was, is := s.RolesOf(before), s.RolesOf(after)
	if slices.Equal(was, is) {
		return nil
	}
	return s.record(ctx, eventRoleChanged, after.ID, map[string]any{"before": strings.Join(was, ","), "after": strings.Join(is, ",")})
}
