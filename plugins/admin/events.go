package admin

import "gatehouse/auth"

// Kinds of events of the plugin.
const (
	eventRoleChanged      = "user.role-changed"
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

func events() []auth.EventKind {
	field := func(name string) auth.EventField { return auth.EventField{Name: name} }
	personal := func(name string) auth.EventField { return auth.EventField{Name: name, Mark: auth.Personal} }
	invitation := []auth.EventField{personal("email"), field("role"), field("mailed")}
	return []auth.EventKind{
		{Name: eventRoleChanged, Words: "Role changed", Fields: []auth.EventField{field("before"), field("after")}},
		{Name: eventBanned, Words: "Person banned", Fields: []auth.EventField{personal("reason"), field("expires"), field("before")}},
		{Name: eventUnbanned, Words: "Ban lifted", Fields: []auth.EventField{field("expired")}},
		{Name: eventPasswordSet, Words: "Password set by an administrator"},
		{Name: eventResetSent, Words: "Link to a new password made by an administrator", Fields: []auth.EventField{field("mailed")}},
		{Name: eventTemporary, Words: "Temporary password set by an administrator"},
		{Name: eventOwnPassword, Words: "Own password chosen in place of a temporary one"},
		{Name: eventLinkMade, Words: "Sign-in link made by an administrator"},
		{Name: eventVerificationSent, Words: "Link to verify the address sent by an administrator"},
		{Name: eventNoted, Words: "Note of administrators changed"},
		{Name: eventMetadata, Words: "Metadata of administrators changed"},
		{Name: eventImpersonating, Words: "Impersonation started", Fields: []auth.EventField{field("reason"), field("impersonatedSession"), field("writes")}},
		{Name: eventImpersonated, Words: "Impersonation ended", Fields: []auth.EventField{field("impersonatedSession")}},
		{Name: eventSeeAs, Words: "Console seen as another person"},
		{Name: eventSeenAs, Words: "Console seen as oneself again"},
		{Name: eventInvited, Words: "Person invited", Fields: invitation},
		{Name: eventInvitedAgain, Words: "Invitation sent again", Fields: invitation},
		{Name: eventInviteCanceled, Words: "Invitation cancelled", Fields: invitation},
		{Name: eventInviteAccepted, Words: "Invitation accepted", Fields: invitation},
		{Name: eventClaimLink, Words: "Claim link made", Fields: []auth.EventField{field("further")}},
		{Name: eventClaimed, Words: "Server claimed", Fields: []auth.EventField{field("role")}},
		{Name: eventRefused, Words: "Administrative act refused", Failure: true, Fields: []auth.EventField{field("code")}},
	}
}
