package organization

import (
	"context"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Invitation implements plugins.Invitations. Who opens the page may be nobody yet: the link
// itself says for whom it is.
func (s *Service) Invitation(ctx context.Context, token string) (*plugins.Invitation, error) {
	row, _, err := s.linked(ctx, token)
	if err != nil || row == nil || stateOf(row, s.now()) != StatePending {
		return nil, err
	}
	org, err := s.byID(ctx, row.OrganizationID)
	if err != nil || org == nil {
		return nil, err
	}
	known, err := s.host.Users.ByEmail(ctx, row.Email)
	if err != nil {
		return nil, err
	}
	i := &plugins.Invitation{Email: row.Email, To: org.Name, Role: auth.RolesWords(auth.SplitRoles(auth.ValueOf(row.Role))), ExpiresAt: row.ExpiresAt, Known: known != nil, Declinable: true}
	if row.InviterID != nil {
		inviter, err := s.host.Users.ByID(ctx, *row.InviterID)
		if err != nil {
			return nil, err
		}
		if inviter != nil {
			i.Inviter = inviter.Name
		}
	}
	return i, nil
}

// JoinedBy implements plugins.UsedInvitations.
func (s *Service) JoinedBy(c *plugins.Call, token string) (*plugins.Organization, error) {
	if c.Current == nil {
		return nil, nil
	}
	row, _, err := s.linked(c.Context(), token)
	if err != nil || row == nil || row.Status != StateAccepted || !email.Equal(row.Email, c.Current.User.Email) {
		return nil, err
	}
	m, err := s.membership(c.Context(), row.OrganizationID, c.Current.User.ID, s.now())
	if err != nil || m == nil {
		return nil, err
	}
	org, err := s.byID(c.Context(), row.OrganizationID)
	if err != nil || org == nil {
		return nil, err
	}
	return listed(org), nil
}

// AcceptInvitation implements plugins.Invitations. Somebody without an account gets one, as
// they are invited, whether or not everybody may make one; their address counts as proved
// where the link came by mail.
func (s *Service) AcceptInvitation(c *plugins.Call, token, name, password string) error {
	row, mailed, err := s.linked(c.Context(), token)
	if err != nil || row == nil {
		return orElse(err, ErrInvitationNotFound)
	}
	if password == "" {
		_, err := s.Accept(c.Context(), row.ID)
		_, err = s.follow(c, false, nil, err)
		return err
	}
	if err := s.host.Passwords.Choose(c.Context(), auth.NewPassword{Password: password, Path: "invitation"}, row.Email); err != nil {
		return err
	}
	hash, err := s.host.Passwords.Hash(c.Context(), password)
	if err != nil {
		return err
	}
	var out *Accepted
	err = s.host.DB.InTx(c.Context(), func(ctx context.Context, _ *auth.Tx) error {
		u, err := s.host.Users.Create(ctx, auth.NewUser{Name: name, Email: row.Email, EmailVerified: mailed, PasswordHash: hash, By: "invitation"})
		if err != nil {
			return err
		}
		p, err := s.host.Principals.OfUser(ctx, u)
		if err != nil {
			return err
		}
		out, err = s.Accept(auth.WithPrincipal(ctx, p), row.ID)
		return err
	})
	if err == nil {
		c.SetContext(context.WithValue(c.Context(), invitedKey{}, out))
	}
	return err
}

// invitedKey marks requests in which a new person accepted an invitation.
type invitedKey struct{}

// enterInvited makes the organization of an accepted invitation the active one of the first
// session of the new person, as of the session of somebody who is signed in (better-auth
// organization 6.3).
func (s *Service) enterInvited(ctx context.Context, d *auth.SessionDraft) error {
	out, ok := ctx.Value(invitedKey{}).(*Accepted)
	if !ok || out.Member.UserID != d.User.ID {
		return nil
	}
	d.Set = append(d.Set, func(create *ent.SessionCreate) {
		create.SetActiveOrganizationID(out.Invitation.OrganizationID)
		if out.Team {
			create.SetNillableActiveTeamID(out.Invitation.TeamID)
		}
	})
	return nil
}

// DeclineInvitation implements plugins.Invitations.
func (s *Service) DeclineInvitation(c *plugins.Call, token string) error {
	row, _, err := s.linked(c.Context(), token)
	if err != nil || row == nil {
		return orElse(err, ErrInvitationNotFound)
	}
	_, err = s.Reject(c.Context(), row.ID)
	return err
}
