package organization

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// messageInvitation is the kind of the mail that carries an invitation.
const messageInvitation = "organization-invitation"

// messageJoin is the kind of the mail that tells owners of a request to join.
const messageJoin = "organization-join-request"

func messages() []auth.Message {
	return []auth.Message{{
		Kind: messageInvitation, Words: "Invitation to an organization", Needs: []string{mail.PlaceLink},
		Subject: "Invitation to {{organization}} – {{app}}",
		Body: []words.Text{"# You are invited to {{organization}}", "Hello {{name}},", "{{inviter}} invites you to join {{organization}} at {{app}}.",
			"The link works for {{time}}.", "Look at the invitation: {{link}}",
			"-- If you did not expect this, you can ignore it: nothing happens without you."},
		Places: []auth.Place{{Name: "organization", Words: "Name of the organization"}, {Name: "inviter", Words: "Who invites"}, {Name: "time", Words: "How long the link works"}},
		Sample: auth.MessageData{Name: "Kim", URL: "https://auth.example.com/accept-invitation/sample",
			Values: map[string]string{"organization": "Acme", "inviter": "Robin", "time": "2 days"}},
	}, {
		Kind: messageJoin, Words: "Somebody wants to join an organization", Needs: []string{mail.PlaceLink},
		Subject: "{{person}} wants to join {{organization}} – {{app}}",
		Body: []words.Text{"# Somebody wants to join", "Hello {{name}},", "{{person}} has an address in a domain of {{organization}} and wants to join.",
			"Look at the request: {{link}}"},
		Places: []auth.Place{{Name: "organization", Words: "Name of the organization"}, {Name: "person", Words: "Address of who wants to join"}},
		Sample: auth.MessageData{Name: "Kim", URL: "https://auth.example.com/admin/o/acme/members", Values: map[string]string{"organization": "Acme", "person": "robin@acme.example"}},
	}}
}

func (s *Service) mailReady(ctx context.Context) bool {
	return s.host.Messages.Ready(ctx, "mail") == nil
}

// Link is where an invitation is looked at and answered.
func (s *Service) Link(id string) string { return s.host.Link("/accept-invitation/" + id) }

// purposeMailed names the proof in a mailed link.
const purposeMailed = "organization-invitation-mailed"

// proofLength is that of a proof as text.
var proofLength = base64.RawURLEncoding.EncodedLen(sha256.Size)

// mailedLink is the link that only the mail holds: who has it reads the mail of the address.
// The id proves nothing, since those who invite know it too.
func (s *Service) mailedLink(row *ent.Invitation) string {
	if s.cfg.Get().PlainLinks {
		return s.Link(row.ID)
	}
	proof := s.host.Keys.MAC(purposeMailed, proven(row))
	return s.Link(row.ID + "_" + base64.RawURLEncoding.EncodeToString(proof))
}

// proven is what the proof in a mailed link is about.
func proven(row *ent.Invitation) []byte { return []byte(row.ID + "\x00" + row.Email) }

// linked reads the invitation of a link, whatever its state; nil when there is none. mailed
// says that the link came by mail.
func (s *Service) linked(ctx context.Context, token string) (row *ent.Invitation, mailed bool, err error) {
	if row, err = s.invitation(ctx, token); err != nil || row != nil {
		return row, false, err
	}
	end := len(token) - proofLength - 1
	if end < 1 || token[end] != '_' {
		return nil, false, nil
	}
	proof, err := base64.RawURLEncoding.Strict().DecodeString(token[end+1:])
	if err != nil {
		return nil, false, nil
	}
	if row, err = s.invitation(ctx, token[:end]); err != nil || row == nil || !s.host.Keys.CheckMAC(purposeMailed, proven(row), proof) {
		return nil, false, err
	}
	return row, true, nil
}

// announce mails the link, if the invitation is a mailed one, and records the act.
func (s *Service) announce(ctx context.Context, kind string, o *ent.Organization, row *ent.Invitation) error {
	if row.Mailed {
		data := auth.MessageData{URL: s.mailedLink(row), Values: map[string]string{"organization": mail.Name(o.Name)},
			Texts: map[string]words.Text{"inviter": inviterName(ctx), "time": term(s.now(), row.ExpiresAt)}}
		known, err := s.host.Users.ByEmail(ctx, row.Email)
		if err != nil {
			return err
		}
		if known != nil {
			data.User, data.Name = known.ID, known.Name
		}
		if err := s.host.Messages.Send(ctx, messageInvitation, "mail", row.Email, row.ExpiresAt, data); err != nil {
			return err
		}
	}
	return s.recordInvitation(ctx, kind, row)
}

// inviterName is who invites, for the mail.
func inviterName(ctx context.Context) words.Text {
	if p := auth.PrincipalOf(ctx); p != nil && p.Name != "" {
		return words.Raw(mail.Name(p.Name))
	}
	return "An administrator"
}

// term is how long an invitation works, in days, or in hours when it is less than two.
func term(now, end time.Time) words.Text {
	left := end.Sub(now)
	if left < 36*time.Hour {
		return words.N(int((left+time.Hour-1)/time.Hour), "one hour", "%d hours")
	}
	return words.N(int((left+12*time.Hour)/(24*time.Hour)), "one day", "%d days")
}
