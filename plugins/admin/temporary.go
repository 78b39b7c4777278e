package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent/session"
	"gatehouse/ent/user"
)

// purposeOwnPassword is the purpose of the value that stands for a sign-in with a
// temporary password, until an own one is chosen.
const purposeOwnPassword auth.Purpose = "own-password"

// ownPasswordLife is how long somebody may take to choose one, and ownPasswordCookie the
// key of the signed cookie that holds the token meanwhile.
const (
	ownPasswordLife   = 15 * time.Minute
	ownPasswordCookie = "own_password"
)

// Temporary passwords are groups of letters and digits that nobody reads wrongly: four
// of four are 79 bits.
const legible random.Alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// temporarySize is the number of groups, and of characters in each.
const temporarySize = 4

// Errors of temporary passwords.
var (
	ErrSelf              = auth.E(http.StatusBadRequest, "NOT_TO_YOURSELF", "You cannot do this to yourself. Your account area is the place for it.")
	ErrStillTemporary    = auth.E(http.StatusBadRequest, "PASSWORD_STILL_TEMPORARY", "This is the temporary password. Choose another one.")
	ErrOwnPasswordIsOver = auth.E(http.StatusUnauthorized, "SIGN_IN_AGAIN", "This took too long, or was done already. Sign in again.")
)

func temporaryPassword(shortest int) string {
	text := random.String(temporarySize, legible)
	for n := 1; n < 4 || len(text) < shortest; n++ {
		text += "-" + random.String(temporarySize, legible)
	}
	return text
}

// SetTemporaryPassword gives a person a password that works once: the next sign-in asks
// for an own one before there is a session. It is returned and kept nowhere in clear. All
// their sessions end. It needs user:set-password and is closed while impersonating.
func (s *Service) SetTemporaryPassword(ctx context.Context, id string) (string, error) {
	p, err := s.unmasked(ctx, ScopeSetPassword, ErrMayNotSetPassword)
	if err != nil {
		return "", err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return "", err
	}
	if p.Subject == target.ID {
		return "", ErrSelf
	}
	if err := s.mayTakeOver(ctx, p, target, ErrMayNotSetPassword); err != nil {
		return "", err
	}
	password := temporaryPassword(s.host.Core.Settings.Password.Get().Min)
	if err := s.host.Passwords.Choose(ctx, auth.NewPassword{Password: password, User: target, Path: "admin"}, target.Email); err != nil {
		return "", err
	}
	hash, err := s.host.Passwords.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		return s.storeTemporary(ctx, tx, target.ID, target.Email, hash)
	})
	return password, err
}

func (s *Service) storeTemporary(ctx context.Context, tx *auth.Tx, id, address, hash string) error {
	if err := s.host.Users.SetPassword(ctx, id, hash); err != nil {
		return gone(err)
	}
	if err := s.markTemporary(ctx, tx, id); err != nil {
		return err
	}
	if err := s.host.Verifications.Void(ctx, id, auth.PurposeResetPassword, purposeSignInLink); err != nil {
		return err
	}
	if _, err := s.host.Sessions.EndAll(ctx, auth.EndedPassword, id); err != nil {
		return err
	}
	if _, err := s.host.Sessions.End(ctx, auth.EndedPassword, session.ImpersonatedBy(id)); err != nil {
		return err
	}
	if err := s.host.Attempts.Succeeded(ctx, address); err != nil {
		return err
	}
	return s.record(ctx, eventTemporary, id, nil)
}

// markTemporary says of the password just stored that it is temporary.
func (s *Service) markTemporary(ctx context.Context, tx *auth.Tx, id string) error {
	n, err := tx.User().Update().Where(user.ID(id)).SetPasswordTemporary(true).SetUpdatedAt(s.now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("marking a temporary password: %w", err)
	}
	if n == 0 {
		return ErrUnknownUser
	}
	return nil
}

// ownPasswordStored takes the mark away: whatever the path, the password of a person is
// their own again, and a sign-in that waits for one is over.
func (s *Service) ownPasswordStored(ctx context.Context, p *auth.StoredPassword) error {
	_, err := p.Tx.User().Update().Where(user.ID(p.UserID), user.PasswordTemporary(true)).SetPasswordTemporary(false).Save(ctx)
	if err != nil {
		return fmt.Errorf("ending a temporary password: %w", err)
	}
	return s.host.Verifications.Void(ctx, p.UserID, purposeOwnPassword)
}

// pendingSignIn is a proven identity that waits for an own password.
type pendingSignIn struct {
	Method   string   `json:"method"`
	AMR      []string `json:"amr"`
	Strength int      `json:"strength"`
	Remember bool     `json:"remember"`
	ReturnTo string   `json:"returnTo,omitempty"`
}

// ownPasswordAsked is the answer of JSON routes.
type ownPasswordAsked struct {
	PasswordChangeRequired bool   `json:"passwordChangeRequired"`
	URL                    string `json:"url"`
}

// askOwnPassword puts the choice of an own password in front of the session of somebody
// whose password is temporary, however they signed in: an administrator knows it.
func (s *Service) askOwnPassword(ctx context.Context, f *auth.FirstFactor) error {
	if !f.User.PasswordTemporary {
		return nil
	}
	value, err := json.Marshal(pendingSignIn{f.Method, f.AMR, f.Strength, f.Remember, f.ReturnTo})
	if err != nil {
		return fmt.Errorf("encoding a sign-in: %w", err)
	}
	token := random.ID()
	err = s.host.Verifications.Issue(ctx, token, auth.OneTime{Purpose: purposeOwnPassword, Subject: f.User.ID, Value: string(value),
		ExpiresAt: s.now().Add(ownPasswordLife)})
	f.Next = &auth.NextStep{Body: ownPasswordAsked{true, s.host.Link(ownPasswordPath)}, Page: ownPasswordPath,
		Cookies: []auth.StepCookie{{Key: ownPasswordCookie, Value: token, MaxAge: int(ownPasswordLife / time.Second)}}}
	return err
}

// waiting finds the sign-in that waits for an own password, with where it wanted to go.
func (s *Service) waiting(ctx context.Context, token string) (*auth.OneTime, pendingSignIn, error) {
	var pending pendingSignIn
	if token == "" {
		return nil, pending, ErrOwnPasswordIsOver
	}
	found, err := s.host.Verifications.Find(ctx, purposeOwnPassword, token)
	if err != nil {
		return nil, pending, err
	}
	if found == nil || json.Unmarshal([]byte(found.Value), &pending) != nil {
		return nil, pending, ErrOwnPasswordIsOver
	}
	return found, pending, nil
}

// ChooseOwnPassword replaces a temporary password and goes on with the sign-in that it
// began. The token works once; a refused password leaves it good. It returns where the
// person wanted to go.
func (s *Service) ChooseOwnPassword(ctx context.Context, token, password string) (out auth.Outcome, returnTo string, err error) {
	found, pending, err := s.waiting(ctx, token)
	if err != nil {
		return out, "", err
	}
	u, err := s.host.Users.ByID(ctx, found.Subject)
	if err != nil {
		return out, "", err
	}
	if u == nil {
		return out, "", ErrOwnPasswordIsOver
	}
	if err := s.host.Passwords.Choose(ctx, auth.NewPassword{Password: password, User: u, Path: "change"}, u.Email); err != nil {
		return out, "", err
	}
	same, err := s.host.Passwords.Verify(ctx, u, password)
	if err != nil {
		return out, "", err
	}
	if same {
		return out, "", ErrStillTemporary.At("password")
	}
	hash, err := s.host.Passwords.Hash(ctx, password)
	if err != nil {
		return out, "", err
	}
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		out, err = s.replaceTemporary(ctx, token, hash, pending)
		return err
	})
	return out, pending.ReturnTo, err
}

func (s *Service) replaceTemporary(ctx context.Context, token, hash string, pending pendingSignIn) (auth.Outcome, error) {
	taken, err := s.host.Verifications.Consume(ctx, purposeOwnPassword, token)
	if err != nil {
		return auth.Outcome{}, err
	}
	if taken == nil {
		return auth.Outcome{}, ErrOwnPasswordIsOver
	}
	if err := s.host.Users.SetPassword(ctx, taken.Subject, hash); err != nil {
		return auth.Outcome{}, err
	}
	u, err := s.host.Users.ByID(ctx, taken.Subject)
	if err != nil {
		return auth.Outcome{}, err
	}
	if u == nil {
		return auth.Outcome{}, ErrOwnPasswordIsOver
	}
	err = s.host.Events.Record(ctx, auth.Event{Kind: eventOwnPassword, SubjectType: "user", Subject: u.ID, Actor: u.ID, ActorName: u.Name})
	if err != nil {
		return auth.Outcome{}, err
	}
	return s.host.SignIns.Complete(ctx, auth.FirstFactor{User: u, Method: pending.Method, AMR: pending.AMR, Strength: pending.Strength,
		Remember: pending.Remember, ReturnTo: pending.ReturnTo})
}
