package admin

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
	"gatehouse/ent/user"
)

// Banned reports whether a ban of a person is in force at a time.
func Banned(u *ent.User, at time.Time) bool {
	return u.Banned && (u.BanExpires == nil || at.Before(*u.BanExpires))
}

// notBanned is the predicate for people without a ban in force. Adopted rows may hold
// null, which reads as false.
func notBanned(at time.Time) predicate.User {
	return user.Or(user.BannedIsNil(), user.Banned(false), user.And(user.BanExpiresNotNil(), user.BanExpiresLTE(at)))
}

// bannedNow are the people whom a ban keeps out. It names the value of the column, as ent
// writes a bare true, for which SQLite does not use the index.
func bannedNow(at time.Time) predicate.User {
	return user.And(func(q *sql.Selector) { q.Where(sql.In(q.C(user.FieldBanned), true)) }, user.Or(user.BanExpiresIsNil(), user.BanExpiresGT(at)))
}

// admitted lets people in who are not banned. A ban that is over is lifted (better-auth
// admin 7); the row returned shows it.
func (s *Service) admitted(ctx context.Context, u *ent.User) (*ent.User, error) {
	if !u.Banned {
		return u, nil
	}
	if Banned(u, s.now()) {
		return nil, s.bannedError(ctx, u)
	}
	return s.lift(ctx, u, true)
}

func (s *Service) bannedError(ctx context.Context, u *ent.User) error {
	if say := s.options.BannedMessage; say != nil {
		return ErrBanned.Saying("%s", say(ctx, u))
	}
	// The built-in message is a text of the catalogue; one that somebody set is data.
	if said := s.cfg.Get().BannedUserMessage; said != defaults().BannedUserMessage {
		return ErrBanned.Saying("%s", said)
	}
	return ErrBanned.Saying(bannedMessage)
}

// Ban is how somebody is banned.
type Ban struct {
	Reason  string    // empty: the default reason
	Until   time.Time // zero: the default length from now, which may be for ever; past: over at once
	Forever bool      // no end, whatever Until and the default say
}

// Ban keeps a person out: it ends their sessions and those they opened as others, and no
// new one can be made. It needs user:ban, and user:ban-staff for people with a part in
// the console.
func (s *Service) Ban(ctx context.Context, id string, b Ban) (*ent.User, error) {
	p, err := s.actor(ctx, ScopeBan, ErrMayNotBan)
	if err != nil {
		return nil, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Subject == target.ID {
		return nil, ErrCannotBanSelf
	}
	if err := s.mayBan(ctx, p, target); err != nil {
		return nil, err
	}
	var banned *ent.User
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		banned, err = s.host.Users.Patch(ctx, id, "admin", nil, s.banSetter(b))
		if err != nil {
			return gone(err)
		}
		return s.afterBan(ctx, target, banned)
	})
	return banned, err
}

// mayBan is the rank rule of bans.
func (s *Service) mayBan(ctx context.Context, p *auth.Principal, target *ent.User) error {
	if err := s.mayActOn(ctx, p, target, ErrMayNotBan); err != nil {
		return err
	}
	held, err := s.scopesOf(ctx, target)
	if err != nil {
		return err
	}
	if len(held) > 0 && !p.Can(ScopeBanStaff) && s.cfg.Get().ProtectAdministrators {
		return s.refused(ctx, target.ID, ErrMayNotBan.Because(ErrRank))
	}
	return nil
}

func (s *Service) banSetter(b Ban) func(*ent.UserUpdateOne) {
	cfg := s.cfg.Get()
	if b.Reason == "" {
		b.Reason = cfg.DefaultBanReason
	}
	switch {
	case b.Forever:
		b.Until = time.Time{}
	case b.Until.IsZero():
		b.Until = s.banEnd(cfg.DefaultBanExpiresIn)
	}
	return func(u *ent.UserUpdateOne) {
		u.SetBanned(true).SetBanReason(b.Reason)
		if b.Until.IsZero() { // not after setting it: PostgreSQL refuses two assignments
			u.ClearBanExpires()
			return
		}
		u.SetBanExpires(b.Until)
	}
}

// banEnd is when a ban of a length that begins now ends; zero stays zero.
func (s *Service) banEnd(life time.Duration) time.Time {
	if life == 0 {
		return time.Time{}
	}
	return s.now().Add(life)
}

// afterBan ends what the person could still use and records the ban.
func (s *Service) afterBan(ctx context.Context, before, after *ent.User) error {
	if err := s.endAll(ctx, after.ID, auth.EndedBan); err != nil {
		return err
	}
	data := map[string]any{"reason": after.BanReason, "before": before.Banned}
	if after.BanExpires != nil {
		data["expires"] = *after.BanExpires
	}
	return s.record(ctx, eventBanned, after.ID, data)
}

// endAll ends the sessions of a person, those they opened as others, and the links that
// would let them in.
func (s *Service) endAll(ctx context.Context, id string, reason auth.EndReason) error {
	if _, err := s.host.Sessions.End(ctx, reason, session.Or(session.UserID(id), session.ImpersonatedBy(id))); err != nil {
		return err
	}
	return s.host.Verifications.Void(ctx, id)
}

// Unban lifts the ban of a person. It is no error when there is none.
func (s *Service) Unban(ctx context.Context, id string) (*ent.User, error) {
	p, err := s.actor(ctx, ScopeBan, ErrMayNotBan)
	if err != nil {
		return nil, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayBan(ctx, p, target); err != nil {
		return nil, err
	}
	return s.lift(ctx, target, false)
}

func (s *Service) lift(ctx context.Context, u *ent.User, expired bool) (*ent.User, error) {
	var after *ent.User
	err := s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) (err error) {
		after, err = s.host.Users.Patch(ctx, u.ID, "admin", nil, func(c *ent.UserUpdateOne) {
			c.SetBanned(false).ClearBanReason().ClearBanExpires()
		})
		if err != nil || !u.Banned {
			return gone(err)
		}
		return s.record(ctx, eventUnbanned, u.ID, map[string]any{"expired": expired})
	})
	return after, err
}
