package apikey

import (
	"cmp"
	"context"
	"math"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/auth/schema"
	"gatehouse/ent"
)

// NewKey is a key that the program makes. Who calls Create is trusted (better-auth api-key,
// "server"); it asks for no scope.
type NewKey struct {
	ConfigID string
	// UserID or OrganizationID own the key, as its kind wants.
	UserID, OrganizationID string
	Name, Prefix           *string
	ExpiresIn              *float64 // seconds
	Remaining              *int64
	RefillAmount           *int64
	RefillInterval         *int64 // milliseconds
	RateLimitEnabled       *bool
	RateLimitTimeWindow    *int64 // milliseconds
	RateLimitMax           *int64
	Permissions            Permissions // nil: those of the kind; for a service account all that it has
	Metadata               schema.Value
	// once is the value of the form that asks for the key, which makes one at most; empty
	// where no form does.
	once string
}

// Made is a new key. The secret is known here and nowhere else.
type Made struct {
	Secret string
	Row    *ent.APIKey
}

// Create makes a key for a person, or for an organization.
func (s *Service) Create(ctx context.Context, n NewKey) (*Made, error) {
	c, err := s.choose(n.ConfigID)
	if err != nil {
		return nil, err
	}
	to := recipient{kind: OwnerUser, id: n.UserID}
	if c.ofOrganizations() {
		if n.OrganizationID == "" {
			return nil, ErrOrganizationRequired
		}
		to = recipient{kind: OwnerOrganization, id: n.OrganizationID, organization: n.OrganizationID}
	}
	if to.id == "" {
		return nil, ErrNoSession
	}
	return s.create(ctx, c, to, n)
}

// recipient is who gets a key.
type recipient struct{ kind, id, organization string }

// create makes a key of a kind, in the order of the checks of better-auth api-key 5.1. Who
// may, its callers have judged.
func (s *Service) create(ctx context.Context, c *configuration, to recipient, n NewKey) (*Made, error) {
	if err := c.checkNew(n); err != nil {
		return nil, err
	}
	secret, err := c.generate(ctx, c.prefixOf(n))
	if err != nil {
		return nil, err
	}
	row, err := s.newRow(ctx, c, to, n, secret)
	if err != nil {
		return nil, err
	}
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.hold(ctx, tx, to.organization, ErrInvalidReference); err != nil {
			return err
		}
		if err := s.alive(ctx, to); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, c, row); err != nil {
			return err
		}
		if err := s.record(ctx, eventCreated, row, nil); err != nil {
			return err
		}
		tx.AfterCommit(s.sweepSoon)
		return s.tellNew(ctx, row)
	})
	if err != nil {
		return nil, err
	}
	return &Made{secret, row}, nil
}

// alive refuses a key for somebody who is not there any more.
func (s *Service) alive(ctx context.Context, to recipient) error {
	_, err := s.ownerOf(ctx, &ent.APIKey{OwnerKind: to.kind, ReferenceID: to.id})
	return err
}

// checkNew refuses what a key of the kind cannot be.
func (c *configuration) checkNew(n NewKey) error {
	if err := c.checkMetadata(n.Metadata); err != nil {
		return err
	}
	switch {
	case set(n.RefillAmount) && !set(n.RefillInterval):
		return ErrRefillNeedsInterval
	case set(n.RefillInterval) && !set(n.RefillAmount):
		return ErrRefillNeedsAmount
	}
	if n.ExpiresIn != nil && *n.ExpiresIn != 0 {
		if err := c.checkLife(*n.ExpiresIn); err != nil {
			return err
		}
	}
	if p := auth.ValueOf(n.Prefix); p != "" && (len(p) < c.MinPrefix || len(p) > c.MaxPrefix) {
		return ErrPrefixLength
	}
	switch name := auth.ValueOf(n.Name); {
	case name != "":
		return c.checkName(name)
	case c.RequireName:
		return ErrNameRequired
	}
	return nil
}

// checkMetadata judges metadata as JavaScript does: what is empty there says nothing.
func (c *configuration) checkMetadata(v schema.Value) error {
	if !truthy(v) {
		return nil
	}
	if !c.Metadata {
		return ErrMetadataDisabled
	}
	if v.Kind() != schema.KindObject && v.Kind() != schema.KindArray {
		return ErrMetadataType
	}
	return nil
}

// checkName refuses names that are too short or too long, for the column too.
func (c *configuration) checkName(name string) error {
	if n := length(name); n < c.MinName || n > c.MaxName || len(name) > maxName {
		return ErrNameLength
	}
	return nil
}

// checkLife refuses a life that nobody may choose, in seconds.
func (c *configuration) checkLife(seconds float64) error {
	switch {
	case c.Expiration.DisableCustom:
		return ErrExpirationDisabled
	case seconds < c.Expiration.Min.Seconds():
		return ErrExpiresTooSoon
	case seconds > c.Expiration.Max.Seconds():
		return ErrExpiresTooLate
	}
	return nil
}

func (c *configuration) prefixOf(n NewKey) string {
	return cmp.Or(auth.ValueOf(n.Prefix), c.DefaultPrefix)
}

func (s *Service) newRow(ctx context.Context, c *configuration, to recipient, n NewKey, secret string) (*ent.APIKey, error) {
	now := s.now()
	row := &ent.APIKey{ID: random.ID(), ConfigID: c.id, Name: n.Name, ReferenceID: to.id, Key: c.stored(secret), Enabled: true,
		Remaining: n.Remaining, RefillAmount: n.RefillAmount, RefillInterval: n.RefillInterval,
		RateLimitEnabled: *orElse(n.RateLimitEnabled, &c.RateLimit.Enabled), CreatedAt: now, UpdatedAt: now, OwnerKind: to.kind, CreatedBy: makerOf(ctx)}
	if to.organization != "" {
		row.OrganizationID = &to.organization
	}
	if p := c.prefixOf(n); p != "" {
		row.Prefix = &p
	}
	row.Start = c.start(secret)
	window, most := c.RateLimit.Window.Milliseconds(), c.RateLimit.Max
	row.RateLimitTimeWindow, row.RateLimitMax = orElse(n.RateLimitTimeWindow, &window), orElse(n.RateLimitMax, &most)
	row.ExpiresAt = c.ends(now, n.ExpiresIn)
	if truthy(n.Metadata) {
		text, err := textOf(n.Metadata)
		if err != nil {
			return nil, err
		}
		row.Metadata = &text
	}
	given := n.Permissions
	if given == nil && to.kind != OwnerServiceAccount { // whose key then has all that the account has
		var err error
		if given, err = c.permissionsFor(ctx, to.id); err != nil {
			return nil, err
		}
	}
	var err error
	row.Permissions, err = given.text()
	return row, err
}

// ends is when a key ends that lives so many seconds from now; nil is never.
func (c *configuration) ends(now time.Time, seconds *float64) *time.Time {
	life := c.Expiration.Default
	if seconds != nil && *seconds != 0 {
		life = time.Duration(math.Round(*seconds*1000)) * time.Millisecond
	}
	if life == 0 {
		return nil
	}
	end := now.Add(life)
	return &end
}

// makerOf is the person, or whoever else, who makes a key.
func makerOf(ctx context.Context) string {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return ""
	}
	if p.Session != nil && p.Session.ImpersonatedBy != "" {
		return p.Session.ImpersonatedBy
	}
	return p.Subject
}

// truthy is JavaScript's idea of a value that says something.
func truthy(v schema.Value) bool {
	switch x := v.Any().(type) {
	case nil:
		return false
	case bool:
		return x
	case string:
		return x != ""
	case float64:
		return x != 0 && !math.IsNaN(x)
	}
	return true
}

func textOf(v schema.Value) (string, error) {
	raw, err := schema.Marshal(v)
	return string(raw), err
}

// set reports whether a number is there that JavaScript takes for true.
func set(n *int64) bool { return n != nil && *n != 0 }

func orElse[T any](given, standard *T) *T {
	if given != nil {
		return given
	}
	return standard
}
