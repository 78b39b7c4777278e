package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/keyusage"
)

// Owner is who a key is made for.
type Owner struct {
	Kind string // OwnerUser, OwnerOrganization, OwnerServiceAccount
	ID   string
}

// CreateFor makes a key for the principal of the context themselves, for an organization or
// for a service account. It needs apiKey:create there. Nobody gives a key more than they
// hold; a key of a service account, which may do what the account may, is made by those who
// hold all of it. A key of somebody else is made by nobody (S-1).
func (s *Service) CreateFor(ctx context.Context, to Owner, n NewKey) (made *Made, err error) {
	seen, err := s.recipientOf(ctx, to, n.Permissions) // strangers wait for no lock
	if err != nil {
		return nil, err
	}
	err = s.judged(ctx, seen.organization, ErrInvalidReference, func(ctx context.Context, _ *auth.Tx) (err error) {
		if err := s.spendForm(ctx, n.once); err != nil {
			return err
		}
		if made, err = s.createFor(ctx, to, n); err == nil {
			err = s.formMade(ctx, n.once, made.Row.ID)
		}
		return err
	})
	return made, err
}

func (s *Service) createFor(ctx context.Context, to Owner, n NewKey) (*Made, error) {
	c, err := s.choose(n.ConfigID)
	if err != nil {
		return nil, err
	}
	r, err := s.recipientOf(ctx, to, n.Permissions)
	if err != nil {
		return nil, err
	}
	if n.limited() || s.ofApps(n.Permissions) {
		if err := mayShape(ctx, to.Kind); err != nil {
			return nil, err
		}
	}
	if c.ofOrganizations() != (r.organization != "") {
		if n.ConfigID != "" {
			return nil, ErrNoDefault
		}
		if c, err = s.kindFor(r); err != nil {
			return nil, err
		}
	}
	if err := s.mayKeep(ctx, to, r.organization, n.Permissions, c.ends(s.now(), n.ExpiresIn), fieldLife); err != nil {
		return nil, err
	}
	return s.create(ctx, c, r, n)
}

// mayKeep refuses a key of an organization, or of a service account, that would give for
// longer what the principal of the context holds for a time, at the field of its end. That of
// a person does no more than they may at each moment.
func (s *Service) mayKeep(ctx context.Context, to Owner, org string, asked Permissions, end *time.Time, field string) error {
	if org == "" && to.Kind == OwnerUser {
		return nil
	}
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return err
	}
	may := func(until time.Time) error {
		_, err := s.recipientOf(auth.WithPrincipal(ctx, p.Lasting(until)), to, asked)
		return err
	}
	return p.Within(auth.ValueOf(end), field, may)
}

// mayShape refuses limits, and permissions of apps, that people give keys of their own: on
// the wire too the program alone sets them. Who makes keys for the platform may.
func mayShape(ctx context.Context, kind string) error {
	if !shapes(auth.PrincipalOf(ctx), kind) {
		return ErrServerOnly
	}
	return nil
}

// shapes reports whether a person says what the keys of a kind of owner may do and how
// often; those of their own are by the settings, unless they make keys for the platform.
func shapes(p *auth.Principal, kind string) bool { return kind != OwnerUser || p.Can(ScopeCreate) }

// limited reports whether a key is asked for with limits of its own.
func (n NewKey) limited() bool {
	return n.Remaining != nil || n.RefillAmount != nil || n.RefillInterval != nil || n.RateLimitEnabled != nil || n.RateLimitTimeWindow != nil || n.RateLimitMax != nil
}

// limited reports whether a change sets limits.
func (ch Change) limited() bool {
	return ch.Remaining != nil || ch.NoRemaining || ch.RefillAmount != nil || ch.RefillInterval != nil || ch.NoRefill ||
		ch.RateLimitEnabled != nil || ch.RateLimitTimeWindow != nil || ch.RateLimitMax != nil
}

// ofApps reports whether some permissions are of apps: no catalogue of the platform knows
// them.
func (s *Service) ofApps(asked Permissions) bool {
	for _, scope := range asked.names() {
		if _, known := s.host.Scopes.Lookup(scope); !known {
			return true
		}
	}
	return false
}

// kindFor is the first kind of keys for an owner, for callers that name none.
func (s *Service) kindFor(r recipient) (*configuration, error) {
	for _, c := range s.configurations() {
		if c.ofOrganizations() == (r.organization != "") {
			return c, nil
		}
	}
	return nil, ErrNoDefault
}

// recipientOf judges whether the principal of the context may make a key with permissions
// for an owner.
func (s *Service) recipientOf(ctx context.Context, to Owner, asked Permissions) (recipient, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return recipient{}, auth.ErrUnauthorized
	}
	if p.Session == nil || p.Session.Virtual {
		return recipient{}, auth.ErrCredentialScheme // a key makes no keys (SEC-143)
	}
	if p.Impersonated() {
		return recipient{}, auth.ErrImpersonating
	}
	switch to.Kind {
	case OwnerUser:
		if to.ID != p.Subject {
			return recipient{}, auth.ErrForbidden.For(ScopeCreate)
		}
		return recipient{kind: OwnerUser, id: to.ID}, s.mayGrant(p, "", asked)
	case OwnerOrganization:
		p, err := s.mayIn(ctx, to.ID, ScopeCreate)
		if err != nil {
			return recipient{}, err
		}
		return recipient{kind: OwnerOrganization, id: to.ID, organization: to.ID}, s.mayGrant(p, to.ID, asked)
	case OwnerServiceAccount:
		return s.accountRecipient(ctx, to.ID, asked)
	}
	return recipient{}, ErrInvalidReference
}

func (s *Service) accountRecipient(ctx context.Context, id string, asked Permissions) (recipient, error) {
	o, err := s.owningAccount(ctx, id)
	if err != nil {
		return recipient{}, err
	}
	p, err := s.mayAccounts(ctx, o.organization, ScopeCreate)
	if err != nil {
		return recipient{}, err
	}
	if err := s.outranks(ctx, p, o.account); err != nil {
		return recipient{}, err
	}
	return recipient{kind: OwnerServiceAccount, id: id, organization: o.organization}, s.mayGrant(p, o.organization, asked)
}

// mayGrant refuses permissions that the actor does not hold. What no catalogue knows is of
// apps, and nobody holds it.
func (s *Service) mayGrant(p *auth.Principal, org string, asked Permissions) error {
	for _, scope := range asked.names() {
		if org != "" {
			if _, known := s.host.Scopes.LookupIn(scope); known && !p.CanIn(org, scope) {
				return ErrTooMuch.ForIn(org, scope)
			}
			continue
		}
		if _, known := s.host.Scopes.Lookup(scope); known && !p.Can(scope) {
			return ErrTooMuch.For(scope)
		}
	}
	return nil
}

// mayKey finds a key that the principal of the context may act on: their own, one of an
// organization or service account where they hold the scope. Others are like none.
func (s *Service) mayKey(ctx context.Context, id, scope string) (*configuration, *ent.APIKey, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, nil, auth.ErrUnauthorized
	}
	row, err := s.keys(ctx).Query().Where(apikey.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil, ErrNotFound
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading a key: %w", err)
	}
	c, _ := s.kindOf(row)
	org := auth.ValueOf(row.OrganizationID)
	switch {
	case org == "" && row.OwnerKind == OwnerUser && row.ReferenceID == p.Subject:
		return c, row, nil
	case org == "" && p.Can(scope) && scope == ScopeRead: // as the list shows it
		return c, row, nil
	case org == "" && p.Can(scope):
		return c, row, s.ranks(ctx, p, row)
	case org != "":
		_, err := s.mayIn(ctx, org, scope)
		return c, row, err
	}
	return nil, nil, ErrNotFound
}

// ranks refuses acts on the key of a person who may do more than the actor (decisions 42).
// What a ban, or a pause of an account, keeps from its owner counts: it may end.
func (s *Service) ranks(ctx context.Context, p *auth.Principal, row *ent.APIKey) error {
	kind := auth.KindUser
	if row.OwnerKind == OwnerServiceAccount {
		kind = auth.KindServiceAccount
	}
	owner, err := s.host.Principals.OfSubject(ctx, kind, row.ReferenceID)
	if _, refused := asRefusal(err); refused {
		return nil // they are gone
	}
	if err == nil && !p.PlatformScopes().Covers(owner.PlatformScopes()) {
		err = ErrTooMuch
	}
	return err
}

// Key returns a key. It needs apiKey:read where the key belongs, unless it is one's own.
func (s *Service) Key(ctx context.Context, id string) (*ent.APIKey, error) {
	_, row, err := s.mayKey(ctx, id, ScopeRead)
	if err != nil {
		return nil, err
	}
	return s.usage.current(row), nil
}

// keyCommand runs a command on a key that the principal of the context may act on. It is
// looked at before, so that strangers wait for no lock, and read and judged again under it.
func (s *Service) keyCommand(ctx context.Context, id, scope string, fn func(context.Context, *auth.Tx, *configuration, *ent.APIKey) error) error {
	_, seen, err := s.mayKey(ctx, id, scope)
	if err != nil {
		return err
	}
	return s.judgedKey(ctx, seen, func(ctx context.Context, tx *auth.Tx) error {
		c, row, err := s.mayKey(ctx, id, scope)
		if err != nil {
			return err
		}
		return fn(ctx, tx, c, row)
	})
}

// judgedKey is judged for a command on a key, which nobody else changes meanwhile.
func (s *Service) judgedKey(ctx context.Context, row *ent.APIKey, fn func(context.Context, *auth.Tx) error) error {
	return s.judged(ctx, auth.ValueOf(row.OrganizationID), ErrNotFound, func(ctx context.Context, tx *auth.Tx) error {
		if s.host.DB.Dialect() != dialect.SQLite {
			if _, err := tx.Platform().APIKey().Query().Where(apikey.ID(row.ID)).ForUpdate().IDs(ctx); err != nil {
				return fmt.Errorf("locking a key: %w", err)
			}
		}
		return fn(ctx, tx)
	})
}

// SetEnabled lets a key work again, or stops it at once. It needs apiKey:update, and to let it
// work again that it does no more than the actor may, and for no longer (mayRevive).
func (s *Service) SetEnabled(ctx context.Context, id string, enabled bool) (row *ent.APIKey, err error) {
	err = s.keyCommand(ctx, id, ScopeUpdate, func(ctx context.Context, _ *auth.Tx, c *configuration, before *ent.APIKey) (err error) {
		if row = before; row.Enabled != enabled {
			row, err = s.changeWithin(ctx, c, before, Change{Enabled: &enabled})
		}
		return err
	})
	return row, err
}

// Change changes a key for people who may: limits and permissions too, but never more
// permissions than they hold. It needs apiKey:update.
func (s *Service) Change(ctx context.Context, id string, ch Change) (row *ent.APIKey, err error) {
	err = s.keyCommand(ctx, id, ScopeUpdate, func(ctx context.Context, _ *auth.Tx, c *configuration, before *ent.APIKey) (err error) {
		if ch.Permissions != nil || ch.NoPermissions {
			if _, err := s.recipientOf(ctx, Owner{before.OwnerKind, before.ReferenceID}, ch.Permissions); err != nil {
				return err
			}
		}
		if ch.limited() || s.ofApps(ch.Permissions) {
			if err := mayShape(ctx, before.OwnerKind); err != nil {
				return err
			}
		}
		row, err = s.changeWithin(ctx, c, before, ch)
		return err
	})
	return row, err
}

// changeWithin is change by somebody who gives a key no more, and for no longer, than they
// hold.
func (s *Service) changeWithin(ctx context.Context, c *configuration, before *ent.APIKey, ch Change) (*ent.APIKey, error) {
	next, _, err := s.changed(c, before, ch)
	if err != nil {
		return nil, err
	}
	switch {
	case ch.Permissions != nil, ch.NoPermissions && next.OwnerKind == OwnerServiceAccount: // which then has all of the account
		err = s.mayKeep(ctx, Owner{next.OwnerKind, next.ReferenceID}, auth.ValueOf(next.OrganizationID), permissionsOf(next.Permissions), next.ExpiresAt, fieldLife)
	case prolonged(before, next):
		err = s.mayProlong(ctx, next)
	case next.Enabled && !before.Enabled, loosened(before, next):
		err = s.mayRevive(ctx, next)
	}
	if err != nil {
		return nil, err
	}
	return s.change(ctx, c, before, ch)
}

// prolonged reports whether a change lets a key live longer.
func prolonged(before, after *ent.APIKey) bool {
	return before.ExpiresAt != nil && (after.ExpiresAt == nil || after.ExpiresAt.After(*before.ExpiresAt))
}

// loosened reports whether a change lets a key be used more.
func loosened(before, after *ent.APIKey) bool {
	more := func(a, b *int64) bool { return a != nil && (b == nil || *b > *a) } // nil is without a limit
	refill := after.RefillAmount != nil && (before.RefillAmount == nil || *after.RefillAmount > *before.RefillAmount ||
		auth.ValueOf(after.RefillInterval) < auth.ValueOf(before.RefillInterval))
	rate := before.RateLimitEnabled && (!after.RateLimitEnabled || more(before.RateLimitMax, after.RateLimitMax) ||
		auth.ValueOf(after.RateLimitTimeWindow) < auth.ValueOf(before.RateLimitTimeWindow))
	return more(before.Remaining, after.Remaining) || refill || rate
}

// mayRevive is revivable for as long as the key lives.
func (s *Service) mayRevive(ctx context.Context, row *ent.APIKey) error {
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), auth.ValueOf(row.OrganizationID))
	if err != nil {
		return err
	}
	may := func(until time.Time) error { return s.revivable(auth.WithPrincipal(ctx, p.Lasting(until)), row) }
	return p.Within(auth.ValueOf(row.ExpiresAt), "", may)
}

// mayProlong refuses a later end of a key of an organization, or of a service account, to those
// who do not hold until then what it does, and the right to change it.
func (s *Service) mayProlong(ctx context.Context, next *ent.APIKey) error {
	if next.OwnerKind == OwnerUser {
		return nil
	}
	org := auth.ValueOf(next.OrganizationID)
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return err
	}
	may := func(until time.Time) error {
		ctx := auth.WithPrincipal(ctx, p.Lasting(until))
		if org == "" {
			if !p.Lasting(until).Can(ScopeUpdate) {
				return auth.ErrForbidden.For(ScopeUpdate)
			}
		} else if _, err := s.mayIn(ctx, org, ScopeUpdate); err != nil {
			return err
		}
		return s.revivable(ctx, next)
	}
	return p.Within(auth.ValueOf(next.ExpiresAt), fieldLife, may)
}

// revivable refuses to let a key work again that does more than the principal of the context
// may now: whoever has kept it would. That of a person does no more than they may themselves.
func (s *Service) revivable(ctx context.Context, row *ent.APIKey) error {
	org := auth.ValueOf(row.OrganizationID)
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return err
	}
	switch row.OwnerKind {
	case OwnerOrganization:
		return s.mayGrant(p, org, permissionsOf(row.Permissions))
	case OwnerServiceAccount:
		account, err := s.host.DB.Access(ctx).Platform().ServiceAccount().Get(ctx, row.ReferenceID)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the service account of a key: %w", err)
		}
		grants, err := s.narrowed(ctx, row, account, permissionsOf(row.Permissions))
		if err != nil {
			return err
		}
		return exceeding(p, grants)
	}
	return nil
}

// Delete removes a key. It needs apiKey:delete.
func (s *Service) Delete(ctx context.Context, id string) error {
	return s.keyCommand(ctx, id, ScopeDelete, func(ctx context.Context, _ *auth.Tx, c *configuration, row *ent.APIKey) error {
		return s.delete(ctx, c, row)
	})
}

// maxOverlap bounds how long a key goes on beside its successor.
const maxOverlap = 90 * 24 * time.Hour

// Rotate makes a key with the settings of another one, which ends after the overlap. Who
// does it learns the new key, so they must be allowed to make it (CreateFor) and to update
// the old one.
func (s *Service) Rotate(ctx context.Context, id string, overlap time.Duration) (made *Made, err error) {
	if overlap < 0 || overlap > maxOverlap {
		return nil, ErrOverlap
	}
	err = s.keyCommand(ctx, id, ScopeUpdate, func(ctx context.Context, tx *auth.Tx, c *configuration, old *ent.APIKey) (err error) {
		made, err = s.rotate(ctx, tx, c, old, overlap)
		return err
	})
	return made, err
}

func (s *Service) rotate(ctx context.Context, tx *auth.Tx, c *configuration, old *ent.APIKey, overlap time.Duration) (*Made, error) {
	if old.RotatedTo != nil {
		return nil, ErrRotated
	}
	if _, known := s.kindOf(old); !known {
		return nil, errKindGone
	}
	to, err := s.recipientOf(ctx, Owner{old.OwnerKind, old.ReferenceID}, permissionsOf(old.Permissions))
	if err != nil {
		return nil, err
	}
	if auth.ValueOf(old.OrganizationID) != to.organization {
		return nil, ErrInvalidReference
	}
	now := s.now()
	secret, err := c.generate(ctx, auth.ValueOf(old.Prefix))
	if err != nil {
		return nil, err
	}
	next := successor(c, old, secret, now)
	next.CreatedBy = makerOf(ctx)
	if err := s.mayKeep(ctx, Owner{old.OwnerKind, old.ReferenceID}, to.organization, permissionsOf(old.Permissions), next.ExpiresAt, ""); err != nil {
		return nil, err
	}
	ends := now.Add(overlap)
	if old.ExpiresAt != nil && old.ExpiresAt.Before(ends) {
		ends = *old.ExpiresAt
	}
	n, err := tx.Platform().APIKey().Update().Where(apikey.ID(old.ID), apikey.RotatedToIsNil()).
		SetRotatedTo(next.ID).SetExpiresAt(ends).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("replacing a key: %w", err)
	}
	if n == 0 {
		return nil, ErrRotated
	}
	left, err := tx.Platform().APIKey().Get(ctx, old.ID)
	if err != nil {
		return nil, fmt.Errorf("reading a replaced key: %w", err)
	}
	s.uncacheAfter(tx, c, old)
	if limited(c, left) {
		carryOn(next, left)
	}
	// Keys that it replaced itself count with the newest too (useReplaced).
	if err := tx.Platform().APIKey().Update().Where(apikey.ReferenceID(old.ReferenceID), apikey.RotatedTo(old.ID)).SetRotatedTo(next.ID).SetUpdatedAt(now).Exec(ctx); err != nil {
		return nil, fmt.Errorf("replacing keys that were replaced: %w", err)
	}
	if err := s.insert(ctx, tx, c, next); err != nil {
		return nil, err
	}
	if err := s.record(ctx, eventRotated, old, map[string]any{"successor": next.ID, "ends": ends}); err != nil {
		return nil, err
	}
	if err := s.record(ctx, eventCreated, next, nil); err != nil {
		return nil, err
	}
	return &Made{secret, next}, s.tellNew(ctx, next)
}

// successor is a key with the settings of another one, that begins anew and lives as long,
// but no longer than a new key may.
func successor(c *configuration, old *ent.APIKey, secret string, now time.Time) *ent.APIKey {
	next := *old
	next.ID, next.Key = random.ID(), c.stored(secret)
	next.RequestCount, next.LastRequest, next.LastRefillAt, next.LastUsedAt, next.LastAddress = 0, nil, nil, nil, ""
	next.CreatedAt, next.UpdatedAt, next.RotatedTo, next.WarnedAt = now, now, nil, nil
	next.Start = c.start(secret)
	if old.ExpiresAt != nil {
		life := old.ExpiresAt.Sub(old.CreatedAt)
		if most := max(c.Expiration.Max, c.Expiration.Default); most > 0 {
			life = min(life, most)
		}
		end := now.Add(life)
		next.ExpiresAt = &end
	}
	return &next
}

// carryOn gives a successor what its predecessor has counted until now: nobody begins a
// window or a refill anew by replacing a key.
func carryOn(next, old *ent.APIKey) {
	takeCounters(next, old)
	if old.RefillAmount != nil && old.LastRefillAt == nil {
		next.LastRefillAt = &old.CreatedAt
	}
}

// Day is how often a key was presented on one day.
type Day struct {
	Day              string // "2026-11-28", in UTC
	Allowed, Refused int64
}

// maxDays bounds the days that are asked for.
const maxDays = 400

// Usage is how often a key was used on each of the last days, today the last. It needs
// apiKey:read where the key belongs, unless it is one's own.
func (s *Service) Usage(ctx context.Context, id string, days int) ([]Day, error) {
	if _, _, err := s.mayKey(ctx, id, ScopeRead); err != nil {
		return nil, err
	}
	days = max(1, min(days, maxDays))
	today := s.now().UTC()
	first := today.AddDate(0, 0, 1-days).Format(dayForm)
	rows, err := s.host.DB.Access(ctx).Platform().KeyUsage().Query().Where(keyusage.KeyID(id), keyusage.DayGTE(first)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading uses of a key: %w", err)
	}
	counts := s.usage.pending(id)
	for _, row := range rows {
		n := counts[row.Day]
		n.allowed, n.refused = n.allowed+row.Allowed, n.refused+row.Refused
		counts[row.Day] = n
	}
	list := make([]Day, days)
	for i := range list {
		day := today.AddDate(0, 0, i+1-days).Format(dayForm)
		list[i] = Day{day, counts[day].allowed, counts[day].refused}
	}
	return list, nil
}

// asRefusal finds the refusal that an error is.
func asRefusal(err error) (*auth.Error, bool) { return errors.AsType[*auth.Error](err) }
