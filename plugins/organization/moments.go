package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/member"
	"gatehouse/plugins"
)

// moments are where the plugin takes part in what others do.
func (s *Service) moments() plugins.Moments {
	return plugins.Moments{
		AfterEndpoint: append(s.earlyAnswers(), plugins.EndpointHook{Class: auth.Observe, Match: "/get-session", Do: s.sessionRoles}),
		Hooks: auth.Hooks{
			SessionCreating: []auth.On[*auth.SessionDraft]{{Class: auth.Observe, Do: s.enterInvited}},
			AddressProved:   []auth.On[*auth.ProvedAddress]{{Class: auth.Observe, Do: s.joinProved}},
			UserUpdated:     []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: s.followUser}},
			UserDeleting:    []auth.On[*auth.UserChange]{{Class: auth.Refuse, Do: s.keepOwners}, {Class: auth.Observe, Do: s.leaveAll}},
		},
	}
}

// followUser keeps name and address beside the memberships.
func (s *Service) followUser(ctx context.Context, u *auth.UserChange) error {
	if u.Before != nil && u.Before.Name == u.User.Name && u.Before.Email == u.User.Email {
		return nil
	}
	_, err := u.Tx.Platform().Member().Update().Where(member.UserID(u.User.ID)).SetUserName(clip(u.User.Name)).SetUserEmail(clip(u.User.Email)).Save(ctx)
	if err != nil {
		return fmt.Errorf("renaming a member: %w", err)
	}
	return nil
}

// keepOwners refuses to delete the only owner of an organization that has other members
// (D-10), unless an administrator insists. It locks these organizations, so that of two owners who are deleted at once one
// stays.
func (s *Service) keepOwners(ctx context.Context, u *auth.UserChange) error {
	if u.Forced {
		return nil
	}
	rows, err := u.Tx.Platform().Member().Query().Where(member.UserID(u.User.ID), inForce(s.now()), member.RoleContains(s.creatorRole())).
		Order(member.ByOrganizationID()).All(ctx)
	if err != nil {
		return fmt.Errorf("reading the memberships of a person: %w", err)
	}
	for _, row := range rows {
		if !s.creates(row.Role) {
			continue
		}
		org, err := s.lock(ctx, u.Tx, row.OrganizationID)
		if err != nil || org == nil {
			return err
		}
		others, err := u.Tx.Organization(row.OrganizationID).Member().Query().Where(member.IDNEQ(row.ID), notOver(s.now())).Exist(ctx)
		if err != nil {
			return fmt.Errorf("looking for other members: %w", err)
		}
		if !others {
			continue
		}
		if err := s.keepOwner(ctx, row, s.soleOwner(ctx, org)); err != nil {
			return err
		}
	}
	return nil
}

// soleOwner is ErrSoleOwner, with the name of the organization for those who may see it.
func (s *Service) soleOwner(ctx context.Context, org *ent.Organization) *auth.Error {
	refusal := ErrSoleOwner
	if a, err := s.actor(ctx, org.ID); err == nil && a.Can(ScopeRead) {
		refusal = refusal.Saying("This person is the only owner of %s, which has other members. Make somebody else an owner first, or delete the organization.", org.Name)
	}
	return refusal.At(auth.FieldForce)
}

// leaveAll ends the memberships of a person who is being deleted. What they invited others
// to stays good (decisions 26).
func (s *Service) leaveAll(ctx context.Context, u *auth.UserChange) error {
	rows, err := u.Tx.Platform().Member().Query().Where(member.UserID(u.User.ID)).All(ctx)
	if err != nil {
		return fmt.Errorf("reading the memberships of a person: %w", err)
	}
	for _, row := range rows {
		if err := s.end(ctx, u.Tx, row, eventMemberEnded); err != nil {
			return err
		}
	}
	err = u.Tx.Platform().Invitation().Update().Where(invitation.InviterID(u.User.ID)).ClearInviterID().Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping the invitations of a person: %w", err)
	}
	return nil
}
