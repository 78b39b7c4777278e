package admin

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/mail"
	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/platforminvitation"
	"gatehouse/ent/predicate"
)

// Invite is an invitation to be made.
type Invite struct {
	Email string
	Name  string // may be empty
	Role  string // empty: the default role
	// Mail sends the link when a transport is set; otherwise it is returned, once.
	Mail bool
}

// Invited is an invitation that was just made or renewed.
type Invited struct {
	Invitation *ent.PlatformInvitation
	// Link is set when nothing was mailed. It is not kept and cannot be shown again.
	Link string
}

// State of an invitation.
type State string

// States of an invitation.
const (
	StatePending   State = "pending"
	StateAccepted  State = "accepted"
	StateCancelled State = "cancelled"
	StateExpired   State = "expired"
)

// StateOf says where an invitation stands.
func (s *Service) StateOf(row *ent.PlatformInvitation) State {
	switch {
	case row.AcceptedAt != nil:
		return StateAccepted
	case row.CancelledAt != nil:
		return StateCancelled
	case !s.now().Before(row.ExpiresAt):
		return StateExpired
	}
	return StatePending
}

func pending(at time.Time) predicate.PlatformInvitation {
	return platforminvitation.And(platforminvitation.AcceptedAtIsNil(), platforminvitation.CancelledAtIsNil(), platforminvitation.ExpiresAtGT(at))
}

// Invite asks a person to join the server. An earlier invitation of the address is
// cancelled. It needs user:invite, and user:set-role for any but the default role, which
// may not be above the actor's own.
func (s *Service) Invite(ctx context.Context, i Invite) (Invited, error) {
	p, err := s.inviter(ctx, i.Role)
	if err != nil {
		return Invited{}, err
	}
	address, err := email.Parse(i.Email)
	if err != nil {
		return Invited{}, auth.ErrInvalidEmail.At("email")
	}
	if i.Role == "" {
		i.Role = s.cfg.Get().DefaultRole
	}
	token, mailed := random.ID(), i.Mail && s.mailReady(ctx)
	var row *ent.PlatformInvitation
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.cancelOf(ctx, tx, address); err != nil {
			return err
		}
		row, err = tx.PlatformInvitation().Create().SetID(random.ID()).SetEmail(address).SetName(mail.Name(i.Name)).SetRole(i.Role).
			SetTokenHash(invitationHash(token)).SetInviterID(p.Subject).SetCreatedAt(s.now()).
			SetExpiresAt(s.now().Add(s.cfg.Get().InvitationExpiresIn)).SetMailed(mailed).Save(ctx)
		if err != nil {
			return fmt.Errorf("storing an invitation: %w", err)
		}
		if err := s.indexInvitation(ctx, tx, row); err != nil {
			return err
		}
		return s.announce(ctx, eventInvited, row, token, p.Name)
	})
	return s.invited(row, token, mailed), err
}

func (s *Service) inviter(ctx context.Context, role string) (*auth.Principal, error) {
	p, err := s.unmasked(ctx, ScopeInvite, ErrMayNotInvite)
	if err != nil || role == "" || role == s.cfg.Get().DefaultRole {
		return p, err
	}
	if !s.host.Scopes.HasRole(role) {
		return nil, ErrNoSuchRole.At("role")
	}
	if !p.Can(ScopeSetRole) {
		return nil, s.refused(ctx, "", ErrMayNotSetRole)
	}
	return p, s.mayGive(ctx, p, []string{role}, forGood)
}

func (s *Service) mailReady(ctx context.Context) bool {
	return s.host.Messages.Ready(ctx, "mail") == nil
}

// cancelOf cancels what an address was invited by before.
func (s *Service) cancelOf(ctx context.Context, tx *auth.Tx, address string) error {
	_, err := tx.PlatformInvitation().Update().Where(platforminvitation.Email(address), pending(s.now())).SetCancelledAt(s.now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("cancelling earlier invitations: %w", err)
	}
	return nil
}

func (s *Service) indexInvitation(ctx context.Context, tx *auth.Tx, row *ent.PlatformInvitation) error {
	return tx.Index(ctx, "PlatformInvitation", row.ID, row.Email+" "+row.Name)
}

// announce mails the link, if the invitation is a mailed one, and records the act.
func (s *Service) announce(ctx context.Context, kind string, row *ent.PlatformInvitation, token, inviter string) error {
	if row.Mailed {
		err := s.host.Messages.Send(ctx, messageInvitation, "mail", row.Email, row.ExpiresAt, auth.MessageData{
			Name: row.Name, URL: s.invitationLink(token), Texts: map[string]words.Text{"inviter": named(inviter), "time": daysUntil(s.now(), row.ExpiresAt)}})
		if err != nil {
			return err
		}
	}
	return s.recordInvitation(ctx, kind, row)
}

func (s *Service) recordInvitation(ctx context.Context, kind string, row *ent.PlatformInvitation) error {
	return s.host.Events.Record(ctx, auth.Event{Kind: kind, SubjectType: "platform-invitation", Subject: row.ID,
		Data: map[string]any{"email": row.Email, "role": row.Role, "mailed": row.Mailed}})
}

func (s *Service) invited(row *ent.PlatformInvitation, token string, mailed bool) Invited {
	i := Invited{Invitation: row}
	if !mailed {
		i.Link = s.invitationLink(token)
	}
	return i
}

func (s *Service) invitationLink(token string) string {
	return s.host.Link("/accept-invitation/" + token)
}

func invitationHash(token string) string { return secret.HashToken("platform-invitation:" + token) }

func daysUntil(now, end time.Time) words.Text {
	return words.N(int((end.Sub(now)+24*time.Hour-1)/(24*time.Hour)), "one day", "%d days")
}

// named is the inviter of a mail.
func named(inviter string) words.Text {
	if inviter == "" {
		return "An administrator"
	}
	return words.Raw(inviter)
}

// Resend gives a pending or expired invitation a new link and a new term; the former
// link is dead. It needs what making it would need.
func (s *Service) Resend(ctx context.Context, id string, byMail bool) (Invited, error) {
	row, p, err := s.ownInvitation(ctx, id)
	if err != nil {
		return Invited{}, err
	}
	token, mailed := random.ID(), byMail && s.mailReady(ctx)
	err = s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.PlatformInvitation().Update().
			Where(platforminvitation.ID(id), platforminvitation.AcceptedAtIsNil(), platforminvitation.CancelledAtIsNil()).
			SetTokenHash(invitationHash(token)).SetExpiresAt(s.now().Add(s.cfg.Get().InvitationExpiresIn)).
			SetInviterID(p.Subject).SetMailed(mailed).Save(ctx)
		if err != nil {
			return fmt.Errorf("renewing an invitation: %w", err)
		}
		if n == 0 {
			return ErrInvitationOver
		}
		if row, err = tx.PlatformInvitation().Get(ctx, id); err != nil {
			return err
		}
		return s.announce(ctx, eventInvitedAgain, row, token, p.Name)
	})
	return s.invited(row, token, mailed), err
}

// Cancel makes an invitation void. It needs user:invite and a rank that covers the role.
func (s *Service) Cancel(ctx context.Context, id string) error {
	row, _, err := s.ownInvitation(ctx, id)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.PlatformInvitation().Update().
			Where(platforminvitation.ID(id), platforminvitation.AcceptedAtIsNil(), platforminvitation.CancelledAtIsNil()).
			SetCancelledAt(s.now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("cancelling an invitation: %w", err)
		}
		if n == 0 {
			return ErrInvitationOver
		}
		return s.recordInvitation(ctx, eventInviteCanceled, row)
	})
}

// ownInvitation reads an invitation the principal may act on.
func (s *Service) ownInvitation(ctx context.Context, id string) (*ent.PlatformInvitation, *auth.Principal, error) {
	if _, err := s.unmasked(ctx, ScopeInvite, ErrMayNotInvite); err != nil {
		return nil, nil, err
	}
	row, err := s.host.DB.Access(ctx).PlatformInvitation().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil, ErrUnknownInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading an invitation: %w", err)
	}
	p, err := s.inviter(ctx, row.Role)
	return row, p, err
}
