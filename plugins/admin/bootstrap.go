package admin

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/plugins/admin/adminapi"
)

// claimLife is how long a claim link works (decisions 44).
const claimLife = 30 * time.Minute

// What the one-time value of a claim link says about the check when it is used.
const (
	claimFirst   = "first"   // only while there is no administrator
	claimFurther = "further" // made on purpose beside those who exist
)

// HasAdministrator reports whether an owner or admin exists, banned ones included.
func (s *Service) HasAdministrator(ctx context.Context) (bool, error) {
	texts, err := s.holderTexts(ctx, administrators()...)
	return len(texts) > 0, err
}

// EnsureAdministrator creates the administrator of the configuration with a verified
// address, while there is none (decisions 62). A user who already has the address is an
// error; nobody is promoted.
func (s *Service) EnsureAdministrator(ctx context.Context, address, password, role string) error {
	exists, err := s.HasAdministrator(ctx)
	if err != nil || exists {
		return err
	}
	taken, err := s.host.Users.ByEmail(ctx, address)
	if err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("admin_email names %s, who exists and is no administrator; nobody is promoted by a setting", address)
	}
	n := auth.NewUser{Name: "Administrator", Email: address, EmailVerified: true, By: "configuration"}
	if n.PasswordHash, err = s.newHash(ctx, password, address, "claim"); err != nil {
		return fmt.Errorf("admin_password: %w", err)
	}
	return s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.lockAdministrators(ctx, tx); err != nil {
			return err
		}
		if exists, err := s.HasAdministrator(ctx); err != nil || exists {
			return err
		}
		_, err := s.createAs(ctx, n, role)
		return err
	})
}

func (s *Service) createAs(ctx context.Context, n auth.NewUser, role string) (*ent.User, error) {
	n.Set = []func(*ent.UserCreate){func(c *ent.UserCreate) { c.SetRole(role) }}
	return s.host.Users.Create(ctx, n)
}

// NewClaimLink returns a fresh claim URL, good for 30 minutes, and voids earlier ones.
// Without further it returns "" when an administrator exists.
func (s *Service) NewClaimLink(ctx context.Context, further bool) (string, error) {
	token, link := random.ID(), ""
	err := s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.lockAdministrators(ctx, tx); err != nil {
			return err
		}
		kind := claimFurther
		if !further {
			if exists, err := s.HasAdministrator(ctx); err != nil || exists {
				return err
			}
			kind = claimFirst
		}
		if err := s.host.Verifications.VoidPurpose(ctx, auth.PurposeClaim); err != nil {
			return err
		}
		err := s.host.Verifications.Issue(ctx, token, auth.OneTime{Purpose: auth.PurposeClaim, Value: kind, ExpiresAt: s.now().Add(claimLife)})
		if err != nil {
			return err
		}
		link = s.host.Link("/claim/" + token)
		return s.host.Events.Record(ctx, auth.Event{Kind: eventClaimLink, Data: map[string]any{"further": further}})
	})
	return link, err
}

// ClaimOpen reports whether a claim token is good; it does not use it.
func (s *Service) ClaimOpen(ctx context.Context, token string) (bool, error) {
	found, err := s.host.Verifications.Find(ctx, auth.PurposeClaim, token)
	if err != nil || found == nil {
		return false, err
	}
	if found.Value == claimFurther {
		return true, nil
	}
	exists, err := s.HasAdministrator(ctx)
	return !exists, err
}

// Claim uses the token once and creates an owner with a verified address; "none exists
// yet" is checked again in the same transaction (SEC-027). A refusal leaves the token
// good.
func (s *Service) Claim(ctx context.Context, c adminapi.Claim) (string, error) {
	open, err := s.ClaimOpen(ctx, c.Token)
	if err != nil {
		return "", err
	}
	if !open {
		return "", ErrClaimOver
	}
	address, err := email.Parse(c.Email)
	if err != nil {
		return "", auth.ErrInvalidEmail.At("email")
	}
	if c.Password == "" {
		return "", auth.ErrPasswordTooShort.At("password")
	}
	n := auth.NewUser{Name: c.Name, Email: address, EmailVerified: true, By: "claim"}
	if n.PasswordHash, err = s.newHash(ctx, c.Password, address, "claim"); err != nil {
		return "", err
	}
	var made *ent.User
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		made, err = s.claim(ctx, tx, c, n)
		return err
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (s *Service) claim(ctx context.Context, tx *auth.Tx, c adminapi.Claim, n auth.NewUser) (*ent.User, error) {
	if err := s.lockAdministrators(ctx, tx); err != nil {
		return nil, err
	}
	used, err := s.host.Verifications.Consume(ctx, auth.PurposeClaim, c.Token)
	if err != nil {
		return nil, err
	}
	if used == nil {
		return nil, ErrClaimOver
	}
	if used.Value != claimFurther {
		exists, err := s.HasAdministrator(ctx)
		if err != nil {
			return nil, err
		}
		if exists {
			return nil, ErrClaimOver
		}
	}
	made, err := s.createAs(ctx, n, RoleOwner)
	if err != nil {
		return nil, err
	}
	if c.OpenSignUp != nil {
		if err := s.openSignUp(ctx, tx, *c.OpenSignUp, made.ID); err != nil {
			return nil, err
		}
	}
	return made, s.host.Events.Record(ctx, auth.Event{Kind: eventClaimed, SubjectType: "user", Subject: made.ID,
		Actor: made.ID, ActorName: made.Name, Data: map[string]any{"role": RoleOwner}})
}
