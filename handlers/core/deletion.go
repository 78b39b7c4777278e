package core

import (
	"context"
	"encoding/json"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/session"
)

// DeleteUser removes the caller's account.
type DeleteUser struct {
	Current     *auth.Current
	Password    string
	Proved      bool   // the caller has just proved who they are, in whatever way
	Token       string // of a mailed link
	CallbackURL string // where the mailed link ends; empty is "/"
}

// errDeleteToken is the answer to a deletion token that is not good.
var errDeleteToken = auth.E(404, "INVALID_TOKEN", "Invalid token")

// DeleteOpen reports whether people may delete their account.
func (s *Service) DeleteOpen() bool { return s.h.Core.Settings.User.Get().Delete }

// DeleteUser deletes the account, or mails a link that does when the operator wants
// that; it reports whether the account is gone. Without password, token and proof the
// session has to be fresh (better-auth core 4.3).
func (s *Service) DeleteUser(ctx context.Context, in DeleteUser) (deleted bool, err error) {
	cfg := s.h.Core.Settings.User.Get()
	if !cfg.Delete {
		return false, auth.Empty(404)
	}
	if in.Password != "" {
		if err := s.confirmPassword(ctx, in.Current.User, in.Password); err != nil {
			return false, err
		}
	}
	if in.Token != "" {
		return true, s.deleteByToken(ctx, in.Current, in.Token)
	}
	if cfg.DeleteConfirmationMail && s.MailPossible(ctx) {
		return false, s.mailDeletion(ctx, in)
	}
	if in.Password == "" && !in.Proved && !s.h.Sessions.Fresh(in.Current.Session) {
		return false, auth.ErrSessionExpired
	}
	return true, s.h.Users.Delete(ctx, in.Current.User.ID, "self")
}

// deletion is what a deletion token stands for: it works while the session that asked
// for it lives (SEC-099).
type deletion struct {
	Session string `json:"session"`
}

func (s *Service) mailDeletion(ctx context.Context, in DeleteUser) error {
	u, callback := in.Current.User, in.CallbackURL
	if callback == "" {
		callback = "/"
	}
	token := random.String(32, random.LowerDigits)
	expires := s.h.Clock().Add(s.h.Core.Settings.User.Get().DeleteExpiresIn)
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.issue(ctx, auth.PurposeDeleteAccount, token, u.ID, deletion{in.Current.Session.ID}, expires); err != nil {
			return err
		}
		if err := s.h.Events.Record(ctx, auth.Event{Kind: "user.deletion-requested", SubjectType: "user", Subject: u.ID}); err != nil {
			return err
		}
		return s.send(ctx, "delete-account", u, u.Email, expires, auth.MessageData{
			URL: s.apiLink("/delete-user/callback?token="+token+"&", callback)})
	})
}

// deleteByToken uses a token up and deletes the account it was made for. A token of
// somebody else is used up as well; a deletion that is refused leaves it.
func (s *Service) deleteByToken(ctx context.Context, current *auth.Current, token string) error {
	good := false
	err := s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		taken, err := s.h.Verifications.Consume(ctx, auth.PurposeDeleteAccount, token)
		if err != nil || taken == nil {
			return err
		}
		if good, err = s.fits(ctx, tx, taken, current.User); err != nil || !good {
			return err
		}
		return s.h.Users.Delete(ctx, current.User.ID, "self")
	})
	if err == nil && !good {
		return errDeleteToken
	}
	return err
}

func (s *Service) fits(ctx context.Context, tx *auth.Tx, taken *auth.OneTime, u *ent.User) (bool, error) {
	var d deletion
	if taken.Subject != u.ID || json.Unmarshal([]byte(taken.Value), &d) != nil {
		return false, nil
	}
	return tx.Session().Query().Where(session.ID(d.Session), session.UserID(u.ID), session.ExpiresAtGT(s.h.Clock())).Exist(ctx)
}
