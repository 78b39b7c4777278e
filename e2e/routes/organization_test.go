package routes

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
)

// organizationWords prepares an organization of somebody else and one of the caller, and
// what the rows of the table name in them:
//
//	$org          of somebody else, $slug its short name; $member, $colleague, $seated a
//	              membership and two people in it, the last in $team; $orginvite an
//	              invitation, $orgrole a role, $domain a mail domain, $request somebody's wish
//	              to join; the person of the scene is in it
//	$joined       of somebody else, the caller is a plain member
//	$mine         the caller's own; $spare a team, $minerole a role, $slugfree no short name
//	$invited      an invitation of somebody else for the caller
func (s *scene) organizationWords(name string) (string, error) {
	if name == "$slugfree" {
		s.n++
		return fmt.Sprintf("free-%d", s.n), nil
	}
	own := name == "$mine" || name == "$spare" || name == "$minerole"
	owner := s.someone("user")
	if own {
		owner = s.caller
	}
	svc := plugins.MustOffer[*organization.Service](s.Host)
	p, err := s.Host.Principals.OfUser(s.t.Context(), owner)
	if err != nil {
		return "", err
	}
	ctx := auth.WithPrincipal(s.t.Context(), p)
	s.n++
	s.founded = s.n
	made, err := svc.Create(ctx, organization.NewOrganization{Name: "Acme", Slug: fmt.Sprintf("acme-%d", s.n)})
	if err != nil {
		return "", err
	}
	org := made.Organization.ID
	role, err := svc.CreateRole(ctx, org, organization.NewRole{Name: "helper"})
	if err != nil {
		return "", err
	}
	team, err := svc.CreateTeam(ctx, org, organization.NewTeam{Name: "Second"})
	if err != nil {
		return "", err
	}
	if own {
		s.words["$mine"], s.words["$spare"], s.words["$minerole"] = org, team.ID, role.ID
		return s.words[name], nil
	}
	switch name {
	case "$joined":
		_, err := svc.Add(ctx, org, organization.NewMembership{User: s.caller.ID, Roles: []string{"member"}})
		return org, err
	case "$invited":
		i, err := svc.Invite(ctx, org, organization.Invite{Email: s.caller.Email, Roles: []string{"member"}})
		if err != nil {
			return "", err
		}
		return i.ID, nil
	}
	return s.foreign(ctx, svc, name, org, team.ID, role.ID)
}

// foreign fills an organization to which the caller does not belong.
func (s *scene) foreign(ctx context.Context, svc *organization.Service, name, org, team, role string) (string, error) {
	for _, who := range []string{"$colleague", "$seated"} {
		u := s.someone("user")
		row, err := svc.Add(ctx, org, organization.NewMembership{User: u.ID, Roles: []string{"member"}})
		if err != nil {
			return "", err
		}
		s.words[who], s.words["$member"] = u.ID, row.ID
	}
	if _, err := svc.AddToTeam(ctx, org, team, s.words["$seated"]); err != nil {
		return "", err
	}
	if _, err := svc.Add(ctx, org, organization.NewMembership{User: s.person.ID, Roles: []string{"member"}}); err != nil {
		return "", err
	}
	domain, err := svc.AddDomain(ctx, org, fmt.Sprintf("acme-%d.example", s.n))
	if err != nil {
		return "", err
	}
	s.words["$slug"], s.words["$domain"] = fmt.Sprintf("acme-%d", s.founded), domain.ID
	if s.words["$request"], err = s.wish(org); err != nil {
		return "", err
	}
	s.n++
	i, err := svc.Invite(ctx, org, organization.Invite{Email: fmt.Sprintf("guest-%d@example.test", s.n), Roles: []string{"member"}})
	if err != nil {
		return "", err
	}
	s.words["$org"], s.words["$team"], s.words["$orgrole"], s.words["$orginvite"] = org, team, role, i.ID
	return s.words[name], nil
}

// wish leaves somebody's request to join an organization.
func (s *scene) wish(org string) (id string, err error) {
	u := s.someone("user")
	err = s.Host.DB.InTx(s.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		row, err := tx.Organization(org).JoinRequest().Create().SetUserID(u.ID).SetEmail(u.Email).SetRole("member").Save(ctx)
		if err == nil {
			id = row.ID
		}
		return err
	})
	return id, err
}
