package apikey

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
)

// A key that is replaced and goes on for a while counts with its successor, so that no
// chain of replacements has the limits of one key several times. All that are replaced name
// the newest, which holds the counters; when it goes first, the last of them takes over.
// When, how often and from where each of them was used stays its own: it tells whether a
// program has the new key already.

// errReplaced says that a key was replaced between being read and being used.
var errReplaced = errors.New("the key was replaced meanwhile")

// useReplaced uses a key whose counters lie with its successor.
func (s *Service) useReplaced(ctx context.Context, u *use) (after *ent.APIKey, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), useTimeout)
	defer cancel()
	defer s.locks.hold(lockOf(u.row.ID))()
	err = trying(func() error {
		return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			after, err = s.spendReplaced(ctx, tx, u)
			return err
		})
	})
	if err == nil {
		s.usage.touch(u.row, u.at)
	}
	return after, err
}

func (s *Service) spendReplaced(ctx context.Context, tx *auth.Tx, u *use) (*ent.APIKey, error) {
	keys := tx.Platform().APIKey()
	// Writing comes first: it locks the key, and what is read after it is the latest.
	if err := keys.Update().Where(apikey.ID(u.row.ID)).SetLastUsedAt(u.at).SetUpdatedAt(u.at).Exec(ctx); err != nil {
		return nil, fmt.Errorf("using a replaced key: %w", err)
	}
	row, err := keyIn(ctx, tx.Platform(), u.row.ID)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, ErrInvalidKey
	}
	if err := u.allows(row); err != nil {
		return nil, err
	}
	counter, err := keyIn(ctx, tx.Platform(), auth.ValueOf(row.RotatedTo))
	if err != nil {
		return nil, err
	}
	if counter == nil { // it took over
		counter = row
	}
	next, used := *counter, counter.LastUsedAt
	if err := spend(u.conf, &next, later(u.at, counter.LastRequest)); err != nil {
		return nil, err
	}
	if next.ID != row.ID {
		next.LastUsedAt = used
	}
	written, err := tx.Platform().UseAPIKey(ctx, counter, &next)
	if err != nil {
		return nil, fmt.Errorf("using a key: %w", err)
	}
	if !written {
		return nil, errMet
	}
	s.cacheAfter(tx, u.conf, &next)
	after := *row
	takeCounters(&after, &next)
	after.UpdatedAt = u.at
	return &after, nil
}

// keyIn reads a key of the database; nil when there is none.
func keyIn(ctx context.Context, p ent.PlatformAccess, id string) (*ent.APIKey, error) {
	if id == "" {
		return nil, nil
	}
	row, err := p.APIKey().Query().Where(apikey.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key that is used: %w", err)
	}
	return row, nil
}

// takeCounters gives a key what another one counted.
func takeCounters(to, from *ent.APIKey) {
	to.RequestCount, to.LastRequest, to.Remaining, to.LastRefillAt = from.RequestCount, from.LastRequest, from.Remaining, from.LastRefillAt
}

// handBack gives the counters of a key that goes to the last key that it replaced, before
// it goes: the caller holds it locked. The others that it replaced count there from now on.
func (s *Service) handBack(ctx context.Context, tx *auth.Tx, going *ent.APIKey) error {
	keys := tx.Platform().APIKey()
	replaced, err := keys.Query().Where(apikey.ReferenceID(going.ReferenceID), apikey.RotatedTo(going.ID)).
		Order(ent.Desc(apikey.FieldCreatedAt, apikey.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("looking for replaced keys: %w", err)
	}
	for i, row := range replaced {
		change := keys.Update().Where(apikey.ID(row.ID)).SetUpdatedAt(s.now())
		if i > 0 {
			change.SetRotatedTo(replaced[0].ID)
		} else if err := inherit(ctx, tx, change.ClearRotatedTo(), going.ID); err != nil {
			return err
		}
		if err := change.Exec(ctx); err != nil {
			return fmt.Errorf("giving a key its counters back: %w", err)
		}
		if c, err := s.choose(row.ConfigID); err == nil {
			s.uncacheAfter(tx, c, row)
		}
	}
	return nil
}

// inherit lets a change take the counters of a key that goes.
func inherit(ctx context.Context, tx *auth.Tx, change *ent.APIKeyUpdate, gone string) error {
	from, err := keyIn(ctx, tx.Platform(), gone)
	if err != nil || from == nil {
		return err
	}
	change.SetRequestCount(from.RequestCount)
	if from.LastRequest != nil {
		change.SetLastRequest(*from.LastRequest)
	}
	if from.LastRefillAt != nil {
		change.SetLastRefillAt(*from.LastRefillAt)
	}
	if from.Remaining != nil {
		change.SetRemaining(*from.Remaining)
	}
	return nil
}
