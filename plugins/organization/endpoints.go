package organization

import (
	"context"
	"errors"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// endpoints are the routes of better-auth organization 5. Their sessions are always read
// from the store, so a removed member is out at the next request (SEC-115, SEC-134). What
// is not about the session itself is open to keys and service accounts as well; the service
// asks what they may do.
func (s *Service) endpoints() []plugins.Endpoint {
	list := s.organizationEndpoints()
	list = append(list, s.invitationEndpoints()...)
	list = append(list, s.memberEndpoints()...)
	if s.cfg.Get().Teams.Enabled {
		list = append(list, s.teamEndpoints()...)
	}
	if s.cfg.Get().DynamicRoles.Enabled {
		list = append(list, s.roleEndpoints()...)
	}
	return list
}

func (s *Service) organizationEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		post("/organization/create", "createOrganization", "Create an organization", refusing(signedIn(), ErrNoSession), schema.Of[createInput](), s.create, ErrMayNotCreate, ErrTooManyOrganizations, ErrExists),
		post("/organization/check-slug", "checkOrganizationSlug", "Check whether the slug of an organization is free", looking(anybody()), schema.Of[slugInput](), s.checkSlug, ErrSlugTaken),
		get("/organization/list", "listOrganizations", "List the organizations of the caller", anybody(), schema.Of[pageInput](), s.list),
		get("/organization/get-organization", "getOrganization", "Get an organization", anybody(), schema.Of[organizationInput](), s.getOrganization, ErrForeign),
		get("/organization/get-full-organization", "getFullOrganization", "Get an organization with members, invitations and teams", anybody(), schema.Of[fullInput](), s.getFull, ErrForeign),
		post("/organization/update", "updateOrganization", "Update an organization", refusing(anybody(), errUpdateNoSession), schema.Of[updateInput](), s.updateOrganization, ErrNotFound, ErrNoMember, ErrMayNotUpdate, ErrSlugTaken),
		post("/organization/delete", "deleteOrganization", "Delete an organization", refusing(anybody(), ErrNoSession), schema.Of[deleteInput](), s.deleteOrganization, ErrDeletionDisabled, ErrNotFound, ErrNoMember, ErrMayNotDelete),
		post("/organization/set-active", "setActiveOrganization", "Set the active organization of the session", looking(signedIn()), schema.Of[activeInput](), s.setActive, ErrNotFound, ErrForeign),
	}
}

func (s *Service) invitationEndpoints() []plugins.Endpoint {
	one := schema.Of[invitationInput]()
	return []plugins.Endpoint{
		post("/organization/invite-member", "createInvitation", "Invite somebody to an organization", anybody(), schema.Of[inviteInput](), s.inviteMember, ErrNotFound, auth.ErrInvalidEmail, ErrMemberNotFound, ErrMayNotInvite, ErrRoleNotFound, ErrMayNotInviteWithRole, ErrIsMember, ErrIsInvited, ErrTooManyInvitations, ErrInvalidTeamID, ErrTeamNotFound, ErrTeamFull),
		post("/organization/accept-invitation", "acceptInvitation", "Accept an invitation", signedIn(), one, s.acceptInvitation, auth.ErrCredentialScheme, ErrInvitationNotFound, ErrNotRecipient, ErrVerifyToDecide, ErrInviterGone, ErrIsMember, ErrTooManyMembers, ErrTeamNotFound, ErrTeamFull),
		post("/organization/reject-invitation", "rejectInvitation", "Reject an invitation", signedIn(), one, s.rejectInvitation, auth.ErrCredentialScheme, ErrInvitationNotFound, ErrNotRecipient, ErrVerifyToDecide),
		post("/organization/cancel-invitation", "cancelInvitation", "Cancel an invitation", anybody(), one, s.cancelInvitation, ErrInvitationNotFound, ErrMayNotCancel),
		get("/organization/get-invitation", "getInvitation", "Get an invitation of the caller", refusing(signedIn(), errInvitationNoSession), schema.Of[getInvitationInput](), s.getInvitation, ErrInvitationNotFound, ErrNotRecipient, ErrVerifyToSee, ErrInviterGone),
		get("/organization/list-invitations", "listInvitations", "List the invitations of an organization", anybody(), schema.Of[listInput](), s.listInvitations, ErrMayNotListInvitations),
		get("/organization/list-user-invitations", "listUserInvitations", "List the invitations of the caller", plugins.Access{Who: plugins.Inside, FromStore: true}, schema.Of[userInvitationsInput](), s.listUserInvitations, ErrVerifyToSee),
	}
}

func (s *Service) memberEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		post("/organization/remove-member", "removeMember", "Remove a member", anybody(), schema.Of[removeMemberInput](), s.removeMember, ErrNoActive, ErrMemberNotFound, ErrOnlyOwner, ErrMayNotRemove),
		post("/organization/update-member-role", "updateMemberRole", "Set the role of a member", anybody(), schema.Of[memberRoleInput](), s.updateMemberRole, ErrNoActive, ErrMemberNotFound, ErrMayNotUpdateMember, ErrWithoutOwner, ErrRoleNotFound),
		post("/organization/leave", "leaveOrganization", "Leave an organization", signedIn(), schema.Of[leaveInput](), s.leave, ErrMemberNotFound, ErrOnlyOwner),
		get("/organization/list-members", "listMembers", "List the members of an organization", anybody(), schema.Of[listMembersInput](), s.listMembers, ErrNotFound, ErrNoActive, ErrNotMember),
		get("/organization/get-active-member", "getActiveMember", "Get the membership of the caller in the active organization", signedIn(), nil, s.getActiveMember, ErrNoActive, ErrMemberNotFound),
		get("/organization/get-active-member-role", "getActiveMemberRole", "Get the role of a member", anybody(), schema.Of[memberRoleQuery](), s.getActiveMemberRole, ErrNotFound, ErrNoActive, ErrNotMember),
		post("/organization/has-permission", "hasPermission", "Check what the caller may do in an organization", looking(anybody()), schema.Of[permissionInput](), s.hasPermission, ErrNoActive, errAskForeign),
	}
}

func (s *Service) teamEndpoints() []plugins.Endpoint {
	member := schema.Of[teamMemberInput]()
	return []plugins.Endpoint{
		post("/organization/create-team", "createTeam", "Create a team", refusing(anybody(), ErrNoSession), schema.Of[createTeamInput](), s.createTeam, ErrNoActive, ErrMayNotInvite, ErrMayNotCreateTeams, ErrTooManyTeams),
		get("/organization/list-teams", "listOrganizationTeams", "List the teams of an organization", anybody(), schema.Of[listInput](), s.listTeams, ErrNoActive, ErrMayNotAccess),
		post("/organization/update-team", "updateTeam", "Update a team", anybody(), schema.Of[updateTeamInput](), s.updateTeam, ErrNoActive, ErrMayNotUpdateTeam, ErrTeamNotFound),
		post("/organization/remove-team", "removeTeam", "Remove a team", refusing(anybody(), ErrNoSession), schema.Of[removeTeamInput](), s.removeTeam, ErrNoActive, ErrMayNotDeleteTeam, ErrMayNotDeleteTeams, ErrTeamNotFound, ErrLastTeam),
		post("/organization/set-active-team", "setActiveTeam", "Set the active team of the session", looking(signedIn()), schema.Of[activeTeamInput](), s.setActiveTeam, ErrNoActive, ErrTeamNotFound, errEnterTeam),
		get("/organization/list-user-teams", "listUserTeams", "List the teams of a user", anybody(), schema.Of[userTeamsInput](), s.listUserTeams, ErrNoActive, ErrNotMember, ErrMayNotUpdateMember, ErrNoMember),
		get("/organization/list-team-members", "listTeamMembers", "List the members of a team", anybody(), schema.Of[teamMembersInput](), s.listTeamMembers, ErrNoActiveTeam, ErrTeamNotFound, ErrNotInTeam),
		post("/organization/add-team-member", "addTeamMember", "Put a member into a team", anybody(), member, s.addTeamMember, ErrNoActive, ErrNoMember, ErrMayNotAddToTeam, ErrTeamNotFound, ErrTeamFull),
		post("/organization/remove-team-member", "removeTeamMember", "Take a member out of a team", anybody(), member, s.removeTeamMember, ErrNoActive, ErrNoMember, ErrMayNotRemoveFromTeam, ErrTeamNotFound, ErrNotInTeam),
	}
}

func (s *Service) roleEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		post("/organization/create-role", "createOrgRole", "Create a role of an organization", anybody(), schema.Of[createRoleInput](), s.createRole, ErrNoActiveForRole, ErrRoleTaken, ErrNotMember, ErrMayNotCreateRole, ErrTooManyRoles, ErrInvalidResource),
		get("/organization/list-roles", "listOrgRoles", "List the roles that an organization made", anybody(), schema.Of[listInput](), s.listRoles, ErrNoActive, ErrNotMember, ErrMayNotListRoles),
		get("/organization/get-role", "getOrgRole", "Get a role that an organization made", anybody(), schema.Of[roleQuery](), s.getRole, ErrNoActive, ErrNotMember, ErrMayNotReadRole, ErrRoleNotFound),
		post("/organization/update-role", "updateOrgRole", "Update a role of an organization", anybody(), schema.Of[updateRoleInput](), s.updateOrgRole, ErrNoActive, ErrNotMember, ErrMayNotUpdateRole, ErrRoleNotFound, ErrInvalidResource, ErrRoleTaken),
		post("/organization/delete-role", "deleteOrgRole", "Delete a role of an organization", anybody(), schema.Of[deleteRoleInput](), s.deleteRole, ErrNoActive, ErrNotMember, ErrMayNotDeleteRole, ErrPredefinedRole, ErrRoleNotFound, ErrRoleInUse),
	}
}

// anybody is the access of every principal: what they may do, the service asks.
func anybody() plugins.Access { return plugins.Access{Who: plugins.Principal, FromStore: true} }

// signedIn is the access of people with a session.
func signedIn() plugins.Access { return plugins.Access{Who: plugins.SignedIn, FromStore: true} }

// looking marks what changes nothing but what the session looks at, although it is a post.
func looking(a plugins.Access) plugins.Access {
	a.Looks = true
	return a
}

// refusing sets the answer to callers without a credential.
func refusing(a plugins.Access, refusal *auth.Error) plugins.Access {
	a.Unauthenticated = refusal
	return a
}

func post(path, name, summary string, a plugins.Access, body *schema.Schema, handle func(*plugins.Call) (any, error), errs ...*auth.Error) plugins.Endpoint {
	return plugins.Endpoint{Method: http.MethodPost, Path: path, Name: name, Summary: words.Raw(summary), Access: a, Body: body,
		Errors: refusals(a, errs), NoStore: true, Handle: sized(handle)}
}

func get(path, name, summary string, a plugins.Access, query *schema.Schema, handle func(*plugins.Call) (any, error), errs ...*auth.Error) plugins.Endpoint {
	return plugins.Endpoint{Method: http.MethodGet, Path: path, Name: name, Summary: words.Raw(summary), Access: a, Query: query,
		Errors: refusals(a, errs), NoStore: true, Handle: sized(handle)}
}

func refusals(a plugins.Access, errs []*auth.Error) []*auth.Error {
	if a.Unauthenticated != nil {
		return append(errs, a.Unauthenticated)
	}
	return append(errs, auth.ErrUnauthorized)
}

// earlyAnswers are checks that the wire makes before it looks for a session.
func (s *Service) earlyAnswers() []plugins.EndpointHook {
	return []plugins.EndpointHook{
		{Class: auth.Observe, Match: "/organization/delete", Do: func(_ context.Context, c *plugins.Call) error {
			if !s.cfg.Get().Deletion && c.Principal() == nil && errors.Is(c.Err, ErrNoSession) {
				return ErrDeletionDisabled
			}
			return nil
		}},
		{Class: auth.Observe, Match: "/organization/remove-team", Do: func(_ context.Context, c *plugins.Call) error {
			if c.Principal() == nil && errors.Is(c.Err, ErrNoSession) && plugins.BodyOf[removeTeamInput](c).OrganizationID == nil {
				return ErrNoActive
			}
			return nil
		}},
	}
}
