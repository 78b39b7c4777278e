package admin

import (
	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Kinds of events of the plugin.
const (
	eventRoleChanged      = "user.role-changed"
	eventTimedRole        = "user.role-given-for-a-time"
	eventTimedRoleOver    = "user.role-for-a-time-ended"
	eventBanned           = "user.banned"
	eventUnbanned         = "user.unbanned"
	eventPasswordSet      = "user.password-set"
	eventTemporary        = "user.temporary-password"
	eventOwnPassword      = "user.own-password"
	eventLinkMade         = "user.sign-in-link"
	eventVerificationSent = "user.verification-sent"
	eventNoted            = "user.note-changed"
	eventMetadata         = "user.metadata-changed"
	eventResetSent        = "user.reset-sent"
	eventImpersonating    = "impersonation.started"
	eventImpersonated     = "impersonation.stopped"
	eventSeeAs            = "see-as.started"
	eventSeenAs           = "see-as.stopped"
	eventInvited          = "platform-invitation.created"
	eventInvitedAgain     = "platform-invitation.resent"
	eventInviteCanceled   = "platform-invitation.cancelled"
	eventInviteAccepted   = "platform-invitation.accepted"
	eventClaimLink        = "claim.link-created"
	eventClaimed          = "claim.used"
	eventRefused          = "admin.refused"
)

// unlisted are errors that refuse acts and are those of no endpoint.
func unlisted() []*auth.Error {
	return []*auth.Error{auth.ErrForbidden, auth.ErrImpersonating, ErrCannotSeeAs, ErrMayNotInvite, ErrMayNotLink, ErrMayNotSendReset, ErrRanksAbove,
		ErrOwnerForATime, ErrTimedRoleOver, ErrBadTerm, ErrTooManyTimed}
}

func events() []auth.EventKind {
	roles := func(name string, words words.Text) auth.EventField {
		return auth.EventField{Name: name, Words: words, Value: auth.AsRoles}
	}
	mailed := auth.EventField{Name: "mailed", Words: "By mail"}
	masked := auth.EventField{Name: "impersonatedSession", Hidden: true}
	invitation := []auth.EventField{{Name: "email", Words: "Address", Mark: auth.Personal}, roles("role", "Role"), mailed}
	return []auth.EventKind{
		{Name: eventRoleChanged, Words: "Role changed", Fields: []auth.EventField{roles("before", "Before"), roles("after", "Afterwards")}},
		{Name: eventTimedRole, Words: "Role given for a time", Fields: []auth.EventField{roles("role", "Role"), {Name: "from", Words: "From", Value: auth.AsMoment}, {Name: "until", Words: "Until", Value: auth.AsMoment}}},
		{Name: eventTimedRoleOver, Words: "Role for a time ended", Fields: []auth.EventField{roles("role", "Role"), {Name: "expired", Words: "It was over by itself"}}},
		{Name: eventBanned, Words: "Person banned", Fields: []auth.EventField{{Name: "reason", Words: "Reason", Mark: auth.Personal},
			{Name: "expires", Words: "Until", Value: auth.AsMoment}, {Name: "before", Words: "Banned before"}}},
		{Name: eventUnbanned, Words: "Ban lifted", Fields: []auth.EventField{{Name: "expired", Words: "It was over by itself"}}},
		{Name: eventPasswordSet, Words: "Password set by an administrator"},
		{Name: eventResetSent, Words: "Link to a new password made by an administrator", Fields: []auth.EventField{mailed}},
		{Name: eventTemporary, Words: "Temporary password set by an administrator"},
		{Name: eventOwnPassword, Words: "Own password chosen in place of a temporary one"},
		{Name: eventLinkMade, Words: "Sign-in link made by an administrator"},
		{Name: eventVerificationSent, Words: "Link to verify the address sent by an administrator"},
		{Name: eventNoted, Words: "Note of administrators changed"},
		{Name: eventMetadata, Words: "Metadata of administrators changed"},
		{Name: eventImpersonating, Words: "Impersonation started", Fields: []auth.EventField{{Name: "reason", Words: "Reason"}, masked, {Name: "writes", Words: "May change things"}}},
		{Name: eventImpersonated, Words: "Impersonation ended", Fields: []auth.EventField{masked}},
		{Name: eventSeeAs, Words: "Console seen as another person"},
		{Name: eventSeenAs, Words: "Console seen as oneself again"},
		{Name: eventInvited, Words: "Person invited", Fields: invitation},
		{Name: eventInvitedAgain, Words: "Invitation sent again", Fields: invitation},
		{Name: eventInviteCanceled, Words: "Invitation cancelled", Fields: invitation},
		{Name: eventInviteAccepted, Words: "Invitation accepted", Fields: invitation},
		{Name: eventClaimLink, Words: "Claim link made", Fields: []auth.EventField{{Name: "further", Words: "Beside other administrators"}}},
		{Name: eventClaimed, Words: "Server claimed", Fields: []auth.EventField{roles("role", "Role")}},
		{Name: eventRefused, Words: "Administrative act refused", Failure: true, Fields: []auth.EventField{{Name: "code", Words: "Reason", Value: auth.AsCode}}},
	}
}
