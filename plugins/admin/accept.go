package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/ent/platforminvitation"
	"gatehouse/plugins"
)

// Invitation implements plugins.Invitations.
func (s *Service) Invitation(ctx context.Context, token string) (*plugins.Invitation, error) {
	row, err := s.pendingByToken(ctx, token)
	if err != nil || row == nil {
		return nil, err
	}
	known, err := s.host.Users.ByEmail(ctx, row.Email)
	if err != nil {
		return nil, err
	}
	i := &plugins.Invitation{Email: row.Email, Name: row.Name, Role: auth.RoleWords(row.Role), ExpiresAt: row.ExpiresAt, Known: known != nil}
	inviter, err := s.host.Users.ByID(ctx, row.InviterID)
	if err == nil && inviter != nil {
		i.Inviter = inviter.Name
	}
	return i, err
}

// AcceptInvitation implements plugins.Invitations.
func (s *Service) AcceptInvitation(c *plugins.Call, token, name, password string) error {
	_, err := s.Accept(c.Context(), token, name, password)
	return err
}

// DeclineInvitation implements plugins.Invitations: these are not declined.
func (s *Service) DeclineInvitation(*plugins.Call, string) error { return ErrInvitationOver }

func (s *Service) pendingByToken(ctx context.Context, token string) (*ent.PlatformInvitation, error) {
	row, err := s.host.DB.Access(ctx).PlatformInvitation().Query().
		Where(platforminvitation.TokenHash(invitationHash(token)), pending(s.now())).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking an invitation up: %w", err)
	}
	return row, nil
}

// Accept uses an invitation once. A new person is made with name and password; their
// address counts as proved when the link was mailed to it (decisions 46). Without a
// password it is the signed-in person of that address who gets the role. It returns the
// person's id.
func (s *Service) Accept(ctx context.Context, token, name, password string) (string, error) {
	row, err := s.pendingByToken(ctx, token)
	if err != nil {
		return "", err
	}
	if row == nil {
		return "", ErrInvitationOver
	}
	if err := s.stillGood(ctx, row); err != nil {
		return "", err
	}
	if password == "" {
		return s.acceptSignedIn(ctx, row)
	}
	return s.acceptNew(ctx, row, name, password)
}

// stillGood refuses an invitation whose inviter was banned or has lost the rank to give
// its role. One whose inviter has left stays good, unless it makes an owner.
func (s *Service) stillGood(ctx context.Context, row *ent.PlatformInvitation) error {
	if row.Role == s.cfg.Get().DefaultRole || row.InviterID == auth.CommandLineSubject {
		return nil
	}
	inviter, err := s.host.Users.ByID(ctx, row.InviterID)
	if err != nil {
		return err
	}
	if inviter == nil {
		if row.Role == RoleOwner {
			return ErrInvitationOver
		}
		return nil
	}
	if Banned(inviter, s.now()) {
		return ErrInvitationOver
	}
	p, err := s.principalOf(ctx, inviter)
	if err != nil {
		return err
	}
	if !p.Can(ScopeInvite) || !s.givable(p, []string{row.Role}, forGood) {
		return ErrInvitationOver
	}
	return nil
}

func (s *Service) acceptNew(ctx context.Context, row *ent.PlatformInvitation, name, password string) (string, error) {
	known, err := s.host.Users.ByEmail(ctx, row.Email)
	if err != nil {
		return "", err
	}
	if known != nil {
		return "", ErrSignInToAccept
	}
	if name = strings.TrimSpace(name); name == "" {
		name = row.Name
	}
	hash, err := s.newHash(ctx, password, row.Email, "invitation")
	if err != nil {
		return "", err
	}
	var made *ent.User
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		made, err = s.host.Users.Create(ctx, auth.NewUser{Name: name, Email: row.Email, EmailVerified: row.Mailed, PasswordHash: hash,
			By: "invitation", Set: []func(*ent.UserCreate){func(c *ent.UserCreate) { c.SetRole(row.Role) }}})
		if err != nil {
			return err
		}
		return s.use(ctx, tx, row, made.ID)
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// acceptSignedIn adds the role to the signed-in person of the invited address.
func (s *Service) acceptSignedIn(ctx context.Context, row *ent.PlatformInvitation) (string, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return "", auth.ErrUnauthorized
	}
	if p.Impersonated() {
		return "", auth.ErrImpersonating
	}
	if p.Scheme == auth.SchemeAPIKey { // a key of theirs is not they (SEC-122)
		return "", auth.ErrCredentialScheme
	}
	u, err := s.host.Users.ByID(ctx, p.Subject)
	if err != nil {
		return "", err
	}
	if u == nil || !email.Equal(u.Email, row.Email) {
		return "", ErrNotInvited
	}
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.use(ctx, tx, row, u.ID); err != nil {
			return err
		}
		_, err := s.storeRoles(ctx, u, s.withRole(u, row.Role))
		return err
	})
	return u.ID, err
}

// withRole adds a role to those of a person; the default role gives way to any other.
func (s *Service) withRole(u *ent.User, role string) []string {
	roles := s.RolesOf(u)
	if !slices.Contains(roles, role) {
		roles = append(slices.Clone(roles), role)
	}
	if standard := s.cfg.Get().DefaultRole; len(roles) > 1 {
		roles = slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return r == standard })
	}
	return roles
}

// use marks the invitation as accepted; of parallel callers exactly one succeeds.
func (s *Service) use(ctx context.Context, tx *auth.Tx, row *ent.PlatformInvitation, userID string) error {
	n, err := tx.PlatformInvitation().Update().
		Where(platforminvitation.ID(row.ID), platforminvitation.TokenHash(row.TokenHash), pending(s.now())).
		SetAcceptedAt(s.now()).SetAcceptedUserID(userID).Save(ctx)
	if err != nil {
		return fmt.Errorf("accepting an invitation: %w", err)
	}
	if n == 0 {
		return ErrInvitationOver
	}
	return s.recordInvitation(ctx, eventInviteAccepted, row)
}
