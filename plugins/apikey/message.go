package apikey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/user"
)

// Kinds of mails.
const (
	messageNew  = "api-key-created"
	messageEnds = "api-key-ends"
)

func messages() []auth.Message {
	key := auth.Place{Name: "key", Words: "Name of the key, or how it begins"}
	return []auth.Message{
		{Kind: messageNew, Words: "A new API key", Notice: auth.NoticeFactors, Subject: "A new API key for your account – {{app}}",
			Body:   auth.NoticeBody("# A new API key", "An API key was made that acts for your account at {{app}}: {{key}}."),
			Places: []auth.Place{key}, Sample: auth.MessageData{Name: "Kim", Values: map[string]string{"key": "deploy"}}},
		{Kind: messageEnds, Words: "An API key is about to end", Needs: []string{mail.PlaceLink}, Subject: "An API key ends soon – {{app}}",
			Body: []words.Text{"# An API key ends soon", "Hello {{name}},", "The API key {{key}} of {{owner}} ends: {{ends}}.",
				"Whatever uses it stops working then. Make a new key in time, or replace this one.", "Open {{app}}: {{link}}"},
			Places: []auth.Place{key, {Name: "owner", Words: "Who owns the key"}, {Name: "ends", Words: "When the key ends"}},
			Sample: auth.MessageData{Name: "Kim", URL: "https://auth.example.com/", Values: map[string]string{"key": "deploy", "owner": "Acme", "ends": "2030-01-02 03:04 UTC"}}},
	}
}

// tellNew tells a person of a new key of theirs, whoever made it (SEC-204).
func (s *Service) tellNew(ctx context.Context, row *ent.APIKey) error {
	if row.OwnerKind != OwnerUser {
		return nil
	}
	u, err := s.host.Users.ByID(ctx, row.ReferenceID)
	if err != nil || u == nil {
		return err
	}
	return s.host.Notices.Changed(ctx, u, messageNew, map[string]string{"key": called(row)})
}

// called is what people know a key by.
func called(row *ent.APIKey) string {
	if name := auth.ValueOf(row.Name); name != "" {
		return name
	}
	if start := auth.ValueOf(row.Start); start != "" {
		return start + "…"
	}
	return row.ID
}

// Bounds of the warnings of one run, and of the people who are told of one key.
const (
	maxWarnings   = 500
	maxRecipients = 50
)

// warn mails the owners of keys that end soon, once a key. A key that was replaced ends as
// somebody wanted.
func (s *Service) warn(ctx context.Context) error {
	before, now := s.cfg.Get().WarnBefore, s.now()
	if before == 0 || !s.host.Messages.Possible(ctx, "mail") {
		return nil
	}
	rows, err := s.keys(ctx).Query().Where(apikey.ExpiresAtGT(now), apikey.ExpiresAtLTE(now.Add(before)), apikey.WarnedAtIsNil(), apikey.RotatedToIsNil(), apikey.Enabled(true)).
		Order(ent.Asc(apikey.FieldExpiresAt)).Limit(maxWarnings).All(ctx)
	if err != nil {
		return fmt.Errorf("looking for keys that end: %w", err)
	}
	var failed []error
	for _, row := range rows {
		if err := s.warnOf(ctx, row, before, now); err != nil { // keeps none of the others
			failed = append(failed, fmt.Errorf("warning of the end of key %s: %w", row.ID, err))
		}
	}
	return errors.Join(failed...)
}

// warnOf tells of one key, if nobody did meanwhile.
func (s *Service) warnOf(ctx context.Context, row *ent.APIKey, before time.Duration, now time.Time) error {
	var people []*ent.User
	owner, err := s.ownerOf(ctx, row)
	switch _, gone := errors.AsType[*auth.Error](err); {
	case gone: // nobody is left who could use it
	case err != nil:
		return err
	case row.ExpiresAt.Sub(row.CreatedAt) > before: // else it was made for so short a time
		if people, err = s.warned(ctx, row, owner); err != nil {
			return err
		}
	}
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.Platform().APIKey().Update().Where(apikey.ID(row.ID), apikey.WarnedAtIsNil()).SetWarnedAt(now).SetUpdatedAt(row.UpdatedAt).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		for _, u := range people {
			zone, err := s.host.Languages.Zone(ctx, u.ID)
			if err != nil {
				return err
			}
			d := auth.MessageData{User: u.ID, Name: u.Name, URL: s.host.Link("/"), Values: map[string]string{"key": called(row), "owner": owner.name},
				Texts: map[string]words.Text{"ends": words.Minute(row.ExpiresAt.In(zone))}}
			if err := s.host.Messages.Send(ctx, messageEnds, "mail", u.Email, *row.ExpiresAt, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// warned are those who are told that a key ends: its person, or of an organization and of
// the platform who made it and who may change keys there.
func (s *Service) warned(ctx context.Context, row *ent.APIKey, o *owner) ([]*ent.User, error) {
	if o.kind == OwnerUser {
		return []*ent.User{o.user}, nil
	}
	holders, err := s.host.Principals.WhoHolds(ctx, auth.HolderQuery{Realm: auth.In(o.organization), Scope: ScopeUpdate, Limit: maxRecipients})
	if err != nil {
		return nil, err
	}
	ids := []string{row.CreatedBy}
	for _, h := range holders.Holders {
		if len(ids) < maxRecipients && !slices.Contains(ids, h.Subject) {
			ids = append(ids, h.Subject)
		}
	}
	people, err := s.host.DB.Access(ctx).User().Query().Where(user.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for the people of a key: %w", err)
	}
	var list []*ent.User
	for _, u := range people {
		p, err := s.host.Principals.OfUser(ctx, u)
		if err != nil {
			continue // banned
		}
		if p, err = s.host.Principals.In(ctx, p, o.organization); err != nil {
			return nil, err
		}
		if p.CanIn(o.organization, ScopeUpdate) || p.CanIn(o.organization, ScopeRead) {
			list = append(list, u)
		}
	}
	return list, nil
}
