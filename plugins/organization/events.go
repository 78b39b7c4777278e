package organization

import (
	"context"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// Kinds of events of the plugin.
const (
	eventCreated        = "organization.created"
	eventUpdated        = "organization.updated"
	eventDeleted        = "organization.deleted"
	eventMemberAdded    = "organization.member-added"
	eventMemberRemoved  = "organization.member-removed"
	eventMemberLeft     = "organization.member-left"
	eventMemberEnded    = "organization.member-ended"
	eventMemberRole     = "organization.member-role-changed"
	eventMemberPeriod   = "organization.member-period-changed"
	eventRoleGranted    = "organization.role-granted"
	eventRoleEnded      = "organization.role-ended"
	eventInvited        = "organization.invited"
	eventInvitedAgain   = "organization.invitation-resent"
	eventInviteCanceled = "organization.invitation-cancelled"
	eventInviteAccepted = "organization.invitation-accepted"
	eventInviteRejected = "organization.invitation-rejected"
	eventTeamCreated    = "organization.team-created"
	eventTeamUpdated    = "organization.team-updated"
	eventTeamDeleted    = "organization.team-deleted"
	eventTeamJoined     = "organization.team-member-added"
	eventTeamLeft       = "organization.team-member-removed"
	eventRoleCreated    = "organization.role-created"
	eventRoleUpdated    = "organization.role-updated"
	eventRoleDeleted    = "organization.role-deleted"
	eventDomainAdded    = "organization.domain-added"
	eventDomainProved   = "organization.domain-verified"
	eventDomainChanged  = "organization.domain-changed"
	eventDomainRemoved  = "organization.domain-removed"
	eventJoinAsked      = "organization.join-requested"
	eventJoinDeclined   = "organization.join-declined"
	eventJoinWithdrawn  = "organization.join-withdrawn"
	eventRefused        = "organization.refused"
)

// What events of the plugin are about, besides people.
const (
	subjectOrganization = "organization"
	subjectInvitation   = "organization-invitation"
	subjectTeam         = "team"
	subjectRole         = "organization-role"
	subjectDomain       = "organization-domain"
)

func events() []auth.EventKind {
	roles := func(name string, words words.Text) auth.EventField {
		return auth.EventField{Name: name, Words: words, Value: auth.AsRoles}
	}
	named := auth.EventField{Name: "name", Words: "Name"}
	slug := auth.EventField{Name: "slug", Words: "Short name"}
	start := auth.EventField{Name: "start", Words: "From", Value: auth.AsMoment}
	end := auth.EventField{Name: "end", Words: "Until", Value: auth.AsMoment}
	period := []auth.EventField{start, end}
	team := []auth.EventField{{Name: "team", Words: "Team"}}
	role := []auth.EventField{roles("role", "Role")}
	invitation := []auth.EventField{{Name: "email", Words: "Address", Mark: auth.Personal}, roles("role", "Role"), {Name: "mailed", Words: "By mail"}}
	scopes := []auth.EventField{named, {Name: "was", Words: "Former name"}, {Name: "before", Words: "Before", Value: auth.AsPermissions}, {Name: "after", Words: "Afterwards", Value: auth.AsPermissions}}
	domain := auth.EventField{Name: "domain", Words: "Domain"}
	address := auth.EventField{Name: "email", Words: "Address", Mark: auth.Personal}
	kinds := []auth.EventKind{
		{Name: eventDomainAdded, Words: "Mail domain added", Fields: []auth.EventField{domain}},
		{Name: eventDomainProved, Words: "Mail domain proved", Fields: []auth.EventField{domain, {Name: "how", Words: "How", Choices: map[string]words.Text{"dns": "Record in the DNS", "vouched": "Word of an administrator"}}}},
		{Name: eventDomainChanged, Words: "Joining by a mail domain changed", Fields: []auth.EventField{domain, {Name: "joining", Words: "Joining", Choices: joiningWords()}, roles("role", "Role")}},
		{Name: eventDomainRemoved, Words: "Mail domain removed", Fields: []auth.EventField{domain}},
		{Name: eventJoinAsked, Words: "Asked to join", Own: "Asked to join", Fields: []auth.EventField{address}},
		{Name: eventJoinDeclined, Words: "Request to join declined", Fields: []auth.EventField{address}},
		{Name: eventJoinWithdrawn, Words: "Request to join withdrawn", Own: "Request to join withdrawn", Fields: []auth.EventField{address}},
		{Name: eventCreated, Words: "Organization made", Fields: []auth.EventField{named, slug}},
		{Name: eventUpdated, Words: "Organization changed", Fields: []auth.EventField{{Name: "changes", Words: "Changes", Value: auth.AsChanges}}},
		{Name: eventDeleted, Words: "Organization deleted", Fields: []auth.EventField{named, slug}},
		{Name: eventMemberAdded, Words: "Member added", Own: "Joined the organization", Fields: append([]auth.EventField{roles("role", "Role"), {Name: "by", Words: "How", Choices: map[string]words.Text{
			byCreation: "Made the organization", byAdding: "Added by somebody", byInvitation: "Invitation", byDomain: "Mail domain", byServer: "By the server"}}}, period...)},
		{Name: eventMemberRemoved, Words: "Member removed", Fields: role},
		{Name: eventMemberLeft, Words: "Organization left", Own: "Organization left", Fields: role},
		{Name: eventMemberEnded, Words: "Membership over", Fields: role},
		{Name: eventMemberRole, Words: "Role of a member changed", Fields: []auth.EventField{roles("before", "Before"), roles("after", "Afterwards")}},
		{Name: eventMemberPeriod, Words: "Time of a membership changed", Fields: period},
		{Name: eventRoleGranted, Words: "Role in an organization given for a time", Fields: append(role[:1:1], period...)},
		{Name: eventRoleEnded, Words: "Role in an organization for a time ended", Fields: append(role[:1:1], auth.EventField{Name: "expired", Words: "It was over by itself"})},
		{Name: eventInvited, Words: "Invited to an organization", Fields: invitation},
		{Name: eventInvitedAgain, Words: "Invitation to an organization sent again", Fields: invitation},
		{Name: eventInviteCanceled, Words: "Invitation to an organization cancelled", Fields: invitation},
		{Name: eventInviteAccepted, Words: "Invitation to an organization accepted", Fields: invitation},
		{Name: eventInviteRejected, Words: "Invitation to an organization rejected", Fields: invitation},
		{Name: eventTeamCreated, Words: "Team made", Fields: []auth.EventField{named}},
		{Name: eventTeamUpdated, Words: "Team changed", Fields: []auth.EventField{named, {Name: "before", Words: "Before"}}},
		{Name: eventTeamDeleted, Words: "Team removed", Fields: []auth.EventField{named}},
		{Name: eventTeamJoined, Words: "Put into a team", Fields: team},
		{Name: eventTeamLeft, Words: "Taken out of a team", Fields: team},
		{Name: eventRoleCreated, Words: "Role of an organization made", Fields: scopes},
		{Name: eventRoleUpdated, Words: "Role of an organization changed", Fields: scopes},
		{Name: eventRoleDeleted, Words: "Role of an organization removed", Fields: scopes},
		{Name: eventRefused, Words: "Act in an organization refused", Failure: true, Fields: []auth.EventField{{Name: "code", Words: "Reason", Value: auth.AsCode}}},
	}
	for i := range kinds {
		kinds[i].Icon, kinds[i].Organization = "building-2", true
		if kinds[i].Reasons == nil {
			kinds[i].Reasons = map[string]words.Text{reasonPlatform: "by a role on the whole server, without being a member"}
		}
	}
	return kinds
}

// How somebody became a member.
const (
	byCreation   = "creation"
	byAdding     = "adding"
	byInvitation = "invitation"
	byDomain     = "domain"
	byServer     = "server"
)

// unlisted are errors that refuse acts and are those of no endpoint.
func unlisted() []*auth.Error {
	return []*auth.Error{ErrMayNotAdd, ErrMayNotGive, ErrSoleOwner, ErrOwnersHaveNoEnd, ErrPeriod, ErrRoleHeld, ErrTooManyTimed, ErrRequestNotFound, ErrDomain, ErrDomainPublic, ErrAddressChanged, ErrDomainExists, ErrDomainTaken, ErrDomainNotFound, ErrDomainUnproved, ErrTooManyDomains, auth.ErrForbidden}
}

// recordOf stores an event about a person in an organization.
func (s *Service) recordOf(ctx context.Context, kind, org, user string, data map[string]any) error {
	return s.recordAbout(ctx, kind, org, "user", user, data)
}

// recordAbout stores an event about anything else in an organization.
func (s *Service) recordAbout(ctx context.Context, kind, org, what, id string, data map[string]any) error {
	ev := auth.Event{Kind: kind, Organization: org, SubjectType: what, Subject: id, Data: data}
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return err
	}
	if p.Can(ScopeRead) && !isMember(p, org) {
		ev.Reason = reasonPlatform
	}
	return s.host.Events.Record(ctx, ev)
}

// reasonPlatform says that who acted is no member, and did so by a role on the whole server.
const reasonPlatform = "platform"

// recordInvitation stores an event about an invitation.
func (s *Service) recordInvitation(ctx context.Context, kind string, row *ent.Invitation) error {
	return s.recordAbout(ctx, kind, row.OrganizationID, subjectInvitation, recordedAs(row.ID),
		map[string]any{"email": row.Email, "role": auth.ValueOf(row.Role), "mailed": row.Mailed})
}

// recordedAs stands for the id of an invitation in events. The id is a secret, by which one
// joins (SEC-132): this tells the events of one invitation from those of another, no more.
func recordedAs(invitation string) string {
	return secret.HashToken(subjectInvitation + ":" + invitation)
}
