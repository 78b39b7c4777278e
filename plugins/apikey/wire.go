package apikey

import (
	"context"
	"encoding/json"
	"errors"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Bodies and queries of the routes (better-auth api-key 5, 6.7).
type (
	createInput struct {
		ConfigID            *string               `json:"configId"`
		Name                *string               `json:"name"`
		ExpiresIn           schema.Maybe[float64] `json:"expiresIn" schema:"min=1"`
		Prefix              *string               `json:"prefix" schema:"pattern=^[a-zA-Z0-9_-]+$,message='Invalid prefix format, must be alphanumeric and contain only underscores and hyphens.'"`
		Remaining           schema.Maybe[float64] `json:"remaining" schema:"min=0"`
		Metadata            schema.Value          `json:"metadata" schema:"optional"`
		RefillAmount        *float64              `json:"refillAmount" schema:"min=1"`
		RefillInterval      *float64              `json:"refillInterval"`
		RateLimitTimeWindow *float64              `json:"rateLimitTimeWindow"`
		RateLimitMax        *float64              `json:"rateLimitMax"`
		RateLimitEnabled    *bool                 `json:"rateLimitEnabled"`
		Permissions         *map[string][]string  `json:"permissions"`
		UserID              *string               `json:"userId" schema:"coerce"`
		OrganizationID      *string               `json:"organizationId" schema:"coerce"`
	}
	updateInput struct {
		ConfigID            *string                           `json:"configId"`
		KeyID               string                            `json:"keyId"`
		UserID              *string                           `json:"userId" schema:"coerce"`
		Name                *string                           `json:"name"`
		Enabled             *bool                             `json:"enabled"`
		Remaining           *float64                          `json:"remaining" schema:"min=1"`
		RefillAmount        *float64                          `json:"refillAmount"`
		RefillInterval      *float64                          `json:"refillInterval"`
		Metadata            schema.Value                      `json:"metadata" schema:"optional"`
		ExpiresIn           schema.Maybe[float64]             `json:"expiresIn" schema:"min=1"`
		RateLimitEnabled    *bool                             `json:"rateLimitEnabled"`
		RateLimitTimeWindow *float64                          `json:"rateLimitTimeWindow"`
		RateLimitMax        *float64                          `json:"rateLimitMax"`
		Permissions         schema.Maybe[map[string][]string] `json:"permissions"`
	}
	getInput struct {
		ConfigID *string `json:"configId"`
		ID       string  `json:"id"`
	}
	deleteInput struct {
		ConfigID *string `json:"configId"`
		KeyID    string  `json:"keyId"`
	}
	verifyInput struct {
		ConfigID    *string              `json:"configId"`
		Key         string               `json:"key"`
		Permissions *map[string][]string `json:"permissions"`
	}
)

// postCreate makes a key for the person of the session, or for an organization. The
// configuration and what only the program may set are judged before the session.
func (s *Service) postCreate(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[createInput](c)
	conf, err := s.choose(auth.ValueOf(in.ConfigID))
	if err != nil {
		return nil, err
	}
	if in.limits() {
		return nil, ErrServerOnly
	}
	if in.UserID != nil {
		return nil, ErrNoSession
	}
	to := recipient{kind: OwnerUser}
	if conf.ofOrganizations() {
		if auth.ValueOf(in.OrganizationID) == "" {
			return nil, ErrOrganizationRequired
		}
		to = recipient{kind: OwnerOrganization, id: *in.OrganizationID, organization: *in.OrganizationID}
	}
	if c.Current == nil {
		return nil, ErrNoSession
	}
	if !s.host.Sessions.Fresh(c.Current.Session) {
		return nil, auth.ErrSessionNotFresh
	}
	if to.kind == OwnerOrganization {
		if _, err := s.mayIn(c.Context(), to.organization, ScopeCreate); err != nil {
			return nil, err
		}
	} else {
		to.id = c.Current.User.ID
	}
	n := in.key()
	var made *Made
	err = s.judged(c.Context(), to.organization, ErrInvalidReference, func(ctx context.Context, _ *auth.Tx) (err error) {
		if err := s.mayKeep(ctx, Owner{to.kind, to.id}, to.organization, n.Permissions, conf.ends(s.now(), n.ExpiresIn), fieldLife); err != nil {
			return err
		}
		made, err = s.create(ctx, conf, to, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.madeWire(made, in.Metadata), nil
}

// limits reports whether a client sent what only the program may set.
func (in createInput) limits() bool {
	return in.RefillAmount != nil || in.RefillInterval != nil || in.RateLimitMax != nil || in.RateLimitTimeWindow != nil || in.RateLimitEnabled != nil ||
		in.Permissions != nil || in.Remaining.Present && !in.Remaining.Null
}

func (in createInput) key() NewKey {
	n := NewKey{Name: in.Name, Prefix: in.Prefix, Metadata: in.Metadata}
	if in.ExpiresIn.Present && !in.ExpiresIn.Null {
		n.ExpiresIn = &in.ExpiresIn.Value
	}
	return n
}

// madeWire is the row with the key, in the place of its column, and the metadata as it was
// sent.
func (s *Service) madeWire(m *Made, metadata schema.Value) ent.WireObject {
	shown := s.wire(m.Row)
	o := make(ent.WireObject, 0, len(shown)+1)
	for _, f := range shown {
		if f.Key == "metadata" && !metadata.IsUndefined() {
			f.Value = metadata
		}
		o = append(o, f)
		if f.Key == "prefix" {
			o = append(o, ent.WireField{Key: "key", Value: m.Secret})
		}
	}
	return o
}

// wire is a key as the wire shows it: permissions and metadata are objects, the hash is
// left out.
func (s *Service) wire(row *ent.APIKey) ent.WireObject {
	row = s.usage.current(row)
	o := row.Wire(s.host.On)
	for i := range o {
		switch o[i].Key {
		case "permissions":
			o[i].Value = object(row.Permissions)
		case "metadata":
			o[i].Value = object(metadataText(row.Metadata))
		case "configId":
			if row.ConfigID == "" {
				o[i].Value = defaultID
			}
		}
	}
	return o
}

// object is stored JSON as a value of an answer; what is no JSON is null.
func object(text *string) any {
	if text == nil || !json.Valid([]byte(*text)) {
		return nil
	}
	return json.RawMessage(*text)
}

// metadataText undoes what old versions encoded twice.
func metadataText(text *string) *string {
	if text == nil || len(*text) == 0 || (*text)[0] != '"' {
		return text
	}
	var inner string
	if json.Unmarshal([]byte(*text), &inner) != nil || !json.Valid([]byte(inner)) {
		return nil
	}
	return &inner
}

// getKey shows one key.
func (s *Service) getKey(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[getInput](c)
	_, row, err := s.mine(c.Context(), c.Current.User.ID, auth.ValueOf(in.ConfigID), in.ID, ScopeRead)
	if err != nil {
		return nil, err
	}
	s.sweepSoon(c.Context())
	return s.wire(s.repaired(c.Context(), row)), nil
}

// mine finds a key that the caller may act on: one of their own, or of an organization
// where they may. Somebody else's key is like none (S-4).
func (s *Service) mine(ctx context.Context, user, configID, id, scope string) (*configuration, *ent.APIKey, error) {
	conf, row, err := s.ofKind(ctx, configID, id)
	if err != nil {
		return nil, nil, err
	}
	if conf.ofOrganizations() {
		org := row.ReferenceID
		if row.OrganizationID != nil {
			org = *row.OrganizationID
		}
		_, err := s.mayIn(ctx, org, scope)
		return conf, row, err
	}
	if row.ReferenceID != user {
		return nil, nil, ErrNotFound
	}
	return conf, row, nil
}

// mineCommand runs a command on a key that the caller may act on: judged before, so that
// strangers wait for no lock, and again under it.
func (s *Service) mineCommand(c *plugins.Call, configID, id, scope string, fn func(context.Context, *configuration, *ent.APIKey) error) error {
	_, seen, err := s.mine(c.Context(), c.Current.User.ID, configID, id, scope)
	if err != nil {
		return err
	}
	return s.judgedKey(c.Context(), seen, func(ctx context.Context, _ *auth.Tx) error {
		conf, row, err := s.mine(ctx, c.Current.User.ID, configID, id, scope)
		if err != nil {
			return err
		}
		return fn(ctx, conf, row)
	})
}

// postUpdate changes a key.
func (s *Service) postUpdate(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[updateInput](c)
	if c.Current == nil || in.UserID != nil && *in.UserID != "" && *in.UserID != c.Current.User.ID {
		return nil, ErrNoSession
	}
	if in.limits() {
		return nil, ErrServerOnly
	}
	var after *ent.APIKey
	err := s.mineCommand(c, auth.ValueOf(in.ConfigID), in.KeyID, ScopeUpdate, func(ctx context.Context, conf *configuration, row *ent.APIKey) (err error) {
		after, err = s.changeWithin(ctx, conf, row, in.change())
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.wire(s.repaired(c.Context(), after)), nil
}

func (in updateInput) limits() bool {
	return in.RefillAmount != nil || in.RefillInterval != nil || in.RateLimitMax != nil || in.RateLimitTimeWindow != nil || in.RateLimitEnabled != nil ||
		in.Remaining != nil || in.Permissions.Present
}

func (in updateInput) change() Change {
	ch := Change{Name: in.Name, Enabled: in.Enabled, Metadata: in.Metadata, Forever: in.ExpiresIn.Present && in.ExpiresIn.Null}
	if in.ExpiresIn.Present && !in.ExpiresIn.Null {
		ch.ExpiresIn = &in.ExpiresIn.Value
	}
	return ch
}

// postDelete removes a key.
func (s *Service) postDelete(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[deleteInput](c)
	if err := s.mineCommand(c, auth.ValueOf(in.ConfigID), in.KeyID, ScopeDelete, s.delete); err != nil {
		return nil, err
	}
	return struct {
		Success bool `json:"success"`
	}{true}, nil
}

// postVerify answers a service that was shown a key (better-auth api-key 6.7). A key that
// is no good is an answer, not an error.
func (s *Service) postVerify(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[verifyInput](c)
	ask := Ask{Key: in.Key, ConfigID: in.ConfigID}
	if in.Permissions != nil {
		ask.Permissions = Permissions(*in.Permissions)
		if ask.Permissions == nil {
			ask.Permissions = Permissions{}
		}
	}
	return s.verdict(c.Context(), ask)
}

// verdict is the answer of better-auth api-key 6.1.
func (s *Service) verdict(ctx context.Context, ask Ask) (any, error) {
	type refusal struct {
		Message string `json:"message"`
		Code    string `json:"code"`
		Details any    `json:"details,omitempty"`
	}
	row, err := s.Verify(ctx, ask)
	if refused, ok := errors.AsType[*auth.Error](err); ok && refused != ErrNoDefault && (refused.Status < 500 || refused == ErrFailedToUpdate) {
		return ent.WireObject{{Key: "valid", Value: false}, {Key: "error", Value: refusal{refused.Message.English(), refused.Code, refused.Details}}, {Key: "key", Value: nil}}, nil
	}
	if err != nil {
		return nil, err
	}
	return ent.WireObject{{Key: "valid", Value: true}, {Key: "error", Value: nil}, {Key: "key", Value: s.wire(s.repaired(ctx, row))}}, nil
}

// repaired stores metadata once that an old version encoded twice.
func (s *Service) repaired(ctx context.Context, row *ent.APIKey) *ent.APIKey {
	fixed := metadataText(row.Metadata)
	if fixed == row.Metadata {
		return row
	}
	after := *row
	after.Metadata = fixed
	c, err := s.choose(row.ConfigID)
	if err != nil || c.inStorage() {
		return &after
	}
	s.logged(ctx, "metadata of a key not repaired", s.repair(ctx, c, row, &after))
	return &after
}
