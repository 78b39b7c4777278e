package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/user"
)

// SignUp makes an account for whoever asks.
type SignUp struct {
	Name, Email, Password string // Email by the grammar of auth/email
	Image                 *string
	Fields                map[string]any // what was given for declared fields, by wire name
	CallbackURL           string         // where the verification link ends; empty is "/"
	Remember              bool
}

// SignedUp is the answer to a sign-up. Its user may be made up: where an address must
// not show whether it is taken, nothing in the answer does (SEC-015).
type SignedUp struct {
	User    ent.WireObject
	Outcome auth.Outcome // empty: no session yet
}

// MethodEmail is the id of the sign-in method with e-mail and password.
const MethodEmail = "email"

// errRehearsed ends the transaction of an act that must leave no trace.
var errRehearsed = errors.New("rehearsed")

// SignUpOpen reports whether anybody may make an account.
func (s *Service) SignUpOpen() bool { return s.h.Core.Settings.SignUp.Get().Enabled }

// uniform reports whether a sign-up answers without a session, and alike for taken
// addresses (better-auth core 8.9).
func (s *Service) uniform() bool {
	return s.h.Core.Settings.EmailVerification.Get().Required || !s.h.Core.Settings.SignUp.Get().AutoSignIn
}

// VerificationSent reports whether sign-up mails a link to verify the address.
func (s *Service) VerificationSent(ctx context.Context) bool {
	cfg := s.h.Core.Settings.EmailVerification.Get()
	return cfg.SendOnSignUp() && s.MailPossible(ctx)
}

// SignUp creates the account and, unless the address has to be verified first, a
// session, in one transaction (better-auth core 4.1).
func (s *Service) SignUp(ctx context.Context, in SignUp) (SignedUp, error) {
	if !s.SignUpOpen() || !s.PasswordOn() {
		return SignedUp{}, auth.ErrSignUpDisabled
	}
	draft, err := s.judgeSignUp(ctx, in)
	if err != nil {
		return SignedUp{}, err
	}
	owner, err := s.h.Users.ByEmail(ctx, in.Email)
	if err != nil {
		return SignedUp{}, err
	}
	if owner != nil && !s.uniform() {
		return SignedUp{}, auth.ErrUserAlreadyExists.At("email")
	}
	if draft.PasswordHash, err = s.h.Passwords.Hash(ctx, in.Password); err != nil {
		return SignedUp{}, err
	}
	if owner == nil {
		done, err := s.signUp(ctx, in, draft)
		if !errors.Is(err, auth.ErrUserAlreadyExists) || !s.uniform() {
			return done, err
		}
		if owner, err = s.h.Users.ByEmail(ctx, in.Email); err != nil || owner == nil {
			return SignedUp{}, errors.Join(err, auth.ErrFailedToCreateUser)
		}
	}
	return s.pretend(ctx, in, draft, owner)
}

func (s *Service) judgeSignUp(ctx context.Context, in SignUp) (auth.NewUser, error) {
	none := auth.NewUser{}
	if err := s.h.Passwords.Length(in.Password); err != nil {
		return none, err
	}
	if err := judgeName(in.Name); err != nil {
		return none, err
	}
	if user.EmailValidator(in.Email) != nil {
		return none, auth.ErrValidation.Saying("[body.email] Invalid email address").At("email")
	}
	fields, err := s.h.Fields.Create("user", in.Fields)
	if err != nil {
		return none, err
	}
	if err := s.h.Passwords.Choose(ctx, auth.NewPassword{Password: in.Password, Path: "sign-up"}, in.Email); err != nil {
		return none, err
	}
	return auth.NewUser{Name: in.Name, Email: in.Email, Image: in.Image, Fields: fields, By: "sign-up"}, nil
}

// judgeName bounds a name by what the database keeps.
func judgeName(name string) error {
	if user.NameValidator(name) != nil {
		return auth.ErrValidation.Saying("[body.name] Too big: expected string to have <=%d bytes", maxName).At("name")
	}
	return nil
}

// maxName is the longest name in bytes, as the schema of users has it.
const maxName = 255

// signUp makes the account for good.
func (s *Service) signUp(ctx context.Context, in SignUp, draft auth.NewUser) (SignedUp, error) {
	var done SignedUp
	err := s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		u, err := s.createWithMail(ctx, in, draft)
		if err != nil {
			return err
		}
		done.User = s.h.WireUser(u)
		if s.uniform() {
			return nil
		}
		done.Outcome, err = s.h.SignIns.Complete(ctx, auth.FirstFactor{User: u, Method: MethodEmail, AMR: []string{"pwd"}, Strength: 1,
			Remember: in.Remember, ReturnTo: in.CallbackURL})
		return err
	})
	return done, err
}

func (s *Service) createWithMail(ctx context.Context, in SignUp, draft auth.NewUser) (*ent.User, error) {
	u, err := s.h.Users.Create(ctx, draft)
	if err != nil || !s.VerificationSent(ctx) {
		return u, err
	}
	return u, s.mailVerification(ctx, u, in.CallbackURL)
}

// pretend answers a sign-up with a taken address as a fresh one. The account is really
// made, beside the owner's, which steps aside for the moment, and all of it is rolled
// back: so shape, refusals and work are those of a fresh one, plugins included.
func (s *Service) pretend(ctx context.Context, in SignUp, draft auth.NewUser, owner *ent.User) (SignedUp, error) {
	var made *ent.User
	err := s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := tx.User().UpdateOneID(owner.ID).SetEmail(random.ID() + "@rehearsal.invalid").Exec(ctx); err != nil {
			return fmt.Errorf("setting the owner of an address aside: %w", err)
		}
		var err error
		if made, err = s.createWithMail(ctx, in, draft); err != nil {
			return err
		}
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		return SignedUp{}, err
	}
	return SignedUp{User: s.h.WireUser(made)}, s.tellOwner(ctx, owner)
}

// existingLife is how long an undelivered word about a sign-up is worth delivering.
const existingLife = 7 * 24 * time.Hour

// tellOwner lets the owner of an address know that somebody tried to sign up with it.
func (s *Service) tellOwner(ctx context.Context, owner *ent.User) error {
	if !s.h.Core.Settings.Mail.Get().Notices.SignUp || !s.MailPossible(ctx) {
		return s.decoy(ctx, auth.PurposeVerifyEmail, time.Hour)
	}
	return s.send(ctx, "existing-account", owner, owner.Email, s.h.Clock().Add(existingLife), auth.MessageData{URL: s.h.Link("/sign-in")})
}
