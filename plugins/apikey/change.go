package apikey

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
)

// Change is what an update sets; what is nil or not sent stays.
type Change struct {
	Name    *string
	Enabled *bool
	// ExpiresIn is the new life from now, in seconds; Forever takes the end away.
	ExpiresIn *float64
	Forever   bool
	Metadata  schema.Value
	// Limits and permissions are set by the program alone.
	Remaining           *int64
	RefillAmount        *int64
	RefillInterval      *int64
	RateLimitEnabled    *bool
	RateLimitTimeWindow *int64
	RateLimitMax        *int64
	NoRemaining         bool // lifts the limit of uses, and what refills it
	NoRefill            bool
	Permissions         Permissions
	NoPermissions       bool // takes them away
}

// Update changes a key of a person, or of an organization of which the program says that
// the person may. Who calls it is trusted.
func (s *Service) Update(ctx context.Context, configID, keyID, userID string, ch Change) (*ent.APIKey, error) {
	if userID == "" {
		return nil, ErrNoSession
	}
	c, row, err := s.ofKind(ctx, configID, keyID)
	if err != nil {
		return nil, err
	}
	if !c.ofOrganizations() && row.ReferenceID != userID {
		return nil, ErrNotFound
	}
	return s.change(ctx, c, row, ch)
}

// ofKind finds a key by its id among those of a kind, with the key's own kind.
func (s *Service) ofKind(ctx context.Context, configID, keyID string) (*configuration, *ent.APIKey, error) {
	lookup, err := s.choose(configID)
	if err != nil {
		return nil, nil, err
	}
	row, err := s.byID(ctx, lookup, keyID)
	if err != nil {
		return nil, nil, err
	}
	if row == nil || !lookup.owns(row) {
		return nil, nil, ErrNotFound
	}
	own, err := s.choose(row.ConfigID)
	return own, row, err
}

// change stores a change in the order of the checks of better-auth api-key 5.4. Counters
// and the last use stay (D-4 sets updatedAt).
func (s *Service) change(ctx context.Context, c *configuration, row *ent.APIKey, ch Change) (*ent.APIKey, error) {
	next, sets, err := s.changed(c, row, ch)
	if err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		return nil, ErrNothingToUpdate
	}
	var after *ent.APIKey
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		after, err = s.save(ctx, tx, c, row, next, func(u *ent.APIKeyUpdate) {
			for _, set := range sets {
				set(u)
			}
		})
		if err != nil {
			return err
		}
		if after == nil {
			return s.missed(ctx, tx, row)
		}
		tx.AfterCommit(s.sweepSoon)
		return s.recordChange(ctx, row, after)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// missed says why a key could not be changed: it is gone, or was replaced meanwhile.
func (s *Service) missed(ctx context.Context, tx *auth.Tx, row *ent.APIKey) error {
	now, err := keyIn(ctx, tx.Platform(), row.ID)
	if err != nil {
		return err
	}
	if now != nil {
		return ErrRotated
	}
	return ErrNotFound
}

// changed applies a change to a copy of a row, and says the same to the database.
func (s *Service) changed(c *configuration, row *ent.APIKey, ch Change) (*ent.APIKey, []func(*ent.APIKeyUpdate), error) {
	next, now := *row, s.now()
	var sets []func(*ent.APIKeyUpdate)
	add := func(set func(*ent.APIKeyUpdate)) { sets = append(sets, set) }
	if ch.Name != nil {
		if err := c.checkName(*ch.Name); err != nil || *ch.Name == "" {
			return nil, nil, ErrNameLength
		}
		next.Name = ch.Name
		add(func(u *ent.APIKeyUpdate) { u.SetName(*ch.Name) })
	}
	if ch.Enabled != nil {
		next.Enabled = *ch.Enabled
		add(func(u *ent.APIKeyUpdate) { u.SetEnabled(*ch.Enabled) })
	}
	if ch.ExpiresIn != nil || ch.Forever {
		end, err := c.newEnd(now, ch)
		if err == nil && endsLater(row, end) {
			err = ErrReplacedEnd
		}
		if err != nil {
			return nil, nil, err
		}
		next.ExpiresAt = end
		add(func(u *ent.APIKeyUpdate) {
			if row.RotatedTo == nil {
				u.Where(apikey.RotatedToIsNil()) // not replaced meanwhile
			}
			u.ClearWarnedAt()
			if end == nil {
				u.ClearExpiresAt()
				return
			}
			u.SetExpiresAt(*end)
		})
	}
	if !ch.Metadata.IsUndefined() && c.Metadata {
		set, err := newMetadata(&next, ch.Metadata)
		if err != nil {
			return nil, nil, err
		}
		add(set)
	}
	limits, err := newLimits(&next, ch)
	if err != nil {
		return nil, nil, err
	}
	sets = append(sets, limits...)
	if ch.Permissions != nil || ch.NoPermissions {
		text, err := ch.Permissions.text()
		if err != nil {
			return nil, nil, err
		}
		next.Permissions = text
		add(func(u *ent.APIKeyUpdate) {
			if text == nil {
				u.ClearPermissions()
				return
			}
			u.SetPermissions(*text)
		})
	}
	next.UpdatedAt = now
	return &next, sets, nil
}

// newEnd is when a changed key ends.
func (c *configuration) newEnd(now time.Time, ch Change) (*time.Time, error) {
	if c.Expiration.DisableCustom {
		return nil, ErrExpirationDisabled
	}
	if ch.Forever {
		return nil, nil
	}
	if err := c.checkLife(*ch.ExpiresIn); err != nil {
		return nil, err
	}
	return c.ends(now, ch.ExpiresIn), nil
}

// endsLater reports whether an end is later than that of a key which was replaced, and goes
// on for no longer than was chosen then.
func endsLater(row *ent.APIKey, end *time.Time) bool {
	return row.RotatedTo != nil && row.ExpiresAt != nil && (end == nil || end.After(*row.ExpiresAt))
}

func newMetadata(next *ent.APIKey, v schema.Value) (func(*ent.APIKeyUpdate), error) {
	if v.IsNull() {
		next.Metadata = nil
		return func(u *ent.APIKeyUpdate) { u.ClearMetadata() }, nil
	}
	if v.Kind() != schema.KindObject && v.Kind() != schema.KindArray {
		return nil, ErrMetadataType
	}
	text, err := textOf(v)
	if err != nil {
		return nil, err
	}
	next.Metadata = &text
	return func(u *ent.APIKeyUpdate) { u.SetMetadata(text) }, nil
}

// newLimits are the limits of a change, which a program sets, not a client.
func newLimits(next *ent.APIKey, ch Change) ([]func(*ent.APIKeyUpdate), error) {
	var sets []func(*ent.APIKeyUpdate)
	if ch.Remaining != nil {
		next.Remaining = ch.Remaining
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.SetRemaining(*ch.Remaining) })
	}
	switch {
	case ch.RefillAmount != nil && ch.RefillInterval == nil:
		return nil, ErrRefillNeedsInterval
	case ch.RefillInterval != nil && ch.RefillAmount == nil:
		return nil, ErrRefillNeedsAmount
	case ch.RefillAmount != nil:
		next.RefillAmount, next.RefillInterval = ch.RefillAmount, ch.RefillInterval
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.SetRefillAmount(*ch.RefillAmount).SetRefillInterval(*ch.RefillInterval) })
	}
	if ch.NoRemaining {
		next.Remaining = nil
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.ClearRemaining() })
	}
	if ch.NoRefill || ch.NoRemaining {
		next.RefillAmount, next.RefillInterval = nil, nil
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.ClearRefillAmount().ClearRefillInterval() })
	}
	if ch.RateLimitEnabled != nil {
		next.RateLimitEnabled = *ch.RateLimitEnabled
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.SetRateLimitEnabled(*ch.RateLimitEnabled) })
	}
	if ch.RateLimitTimeWindow != nil {
		next.RateLimitTimeWindow = ch.RateLimitTimeWindow
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.SetRateLimitTimeWindow(*ch.RateLimitTimeWindow) })
	}
	if ch.RateLimitMax != nil {
		next.RateLimitMax = ch.RateLimitMax
		sets = append(sets, func(u *ent.APIKeyUpdate) { u.SetRateLimitMax(*ch.RateLimitMax) })
	}
	return sets, nil
}

// delete removes a key for somebody who may.
func (s *Service) delete(ctx context.Context, c *configuration, row *ent.APIKey) error {
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		gone, err := s.remove(ctx, c, row)
		if err != nil {
			return err
		}
		if !gone {
			return ErrNotFound
		}
		tx.AfterCommit(s.sweepSoon)
		return s.record(ctx, eventDeleted, row, nil)
	})
}
