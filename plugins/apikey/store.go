package apikey

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
)

func (s *Service) now() time.Time { return s.host.Clock() }

// keys reaches the keys of everybody. Which of them a request may touch, its owner says.
func (s *Service) keys(ctx context.Context) *ent.APIKeyClient {
	return s.host.DB.Access(ctx).Platform().APIKey()
}

// found is a key with the person who owns it, where the same read gave them.
type found struct {
	row  *ent.APIKey
	user *ent.User
}

// find reads a key by its stored form; no row when there is none.
func (s *Service) find(ctx context.Context, c *configuration, stored string) (f found, err error) {
	if c.PlainKeys && (!utf8.ValidString(stored) || strings.ContainsRune(stored, 0)) {
		return found{}, nil // no text, which not every database takes
	}
	if c.Storage == inDatabase {
		f.row, f.user, err = s.host.DB.Access(ctx).Platform().APIKeyOf(ctx, stored)
		if ent.IsNotFound(err) {
			return found{}, nil
		}
		if err != nil {
			return found{}, fmt.Errorf("reading a key: %w", err)
		}
	} else {
		f.row, err = s.read(ctx, c, byHash(stored), apikey.Key(stored))
	}
	if f.row != nil && f.row.Key != stored { // a collation that takes letters for each other
		return found{}, nil
	}
	return f, err
}

// byID reads a key by its id; nil when there is none.
func (s *Service) byID(ctx context.Context, c *configuration, id string) (*ent.APIKey, error) {
	row, err := s.read(ctx, c, byID(id), apikey.ID(id))
	if row != nil && row.ID != id {
		return nil, err
	}
	return row, err
}

func (s *Service) read(ctx context.Context, c *configuration, name string, where predicate.APIKey) (*ent.APIKey, error) {
	if c.Storage == inSecondary {
		row, err := s.recalled(ctx, c, name)
		if err != nil || row != nil || c.inStorage() {
			return row, err
		}
	}
	row, err := s.keys(ctx).Query().Where(where).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	if c.cached() {
		return row, s.cache(ctx, c, row)
	}
	return row, nil
}

// insert stores a new key.
func (s *Service) insert(ctx context.Context, tx *auth.Tx, c *configuration, row *ent.APIKey) error {
	if c.inStorage() {
		return s.remember(ctx, c, row)
	}
	create := tx.Platform().APIKey().Create()
	if row.OrganizationID != nil {
		create = tx.Organization(*row.OrganizationID).APIKey().Create()
	}
	err := create.SetID(row.ID).SetConfigID(row.ConfigID).SetNillableName(row.Name).SetNillableStart(row.Start).SetReferenceID(row.ReferenceID).
		SetNillablePrefix(row.Prefix).SetKey(row.Key).SetNillableRefillInterval(row.RefillInterval).SetNillableRefillAmount(row.RefillAmount).
		SetEnabled(row.Enabled).SetRateLimitEnabled(row.RateLimitEnabled).SetNillableRateLimitTimeWindow(row.RateLimitTimeWindow).
		SetNillableRateLimitMax(row.RateLimitMax).SetNillableRemaining(row.Remaining).SetNillableExpiresAt(row.ExpiresAt).
		SetCreatedAt(row.CreatedAt).SetUpdatedAt(row.UpdatedAt).SetNillablePermissions(row.Permissions).SetNillableMetadata(row.Metadata).
		SetRequestCount(row.RequestCount).SetNillableLastRequest(row.LastRequest).SetNillableLastRefillAt(row.LastRefillAt).
		SetOwnerKind(row.OwnerKind).SetCreatedBy(row.CreatedBy).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing a key: %w", err)
	}
	s.cacheAfter(tx, c, row)
	return s.index(ctx, tx, row)
}

// cacheAfter writes a key into the storage that stands before the database, after the
// commit.
func (s *Service) cacheAfter(tx *auth.Tx, c *configuration, row *ent.APIKey) {
	if c.cached() {
		tx.AfterCommit(func(ctx context.Context) { s.logged(ctx, "key not cached", s.cache(ctx, c, row)) })
	}
}

// cacheTries is how often a key is written again that changes while it is written.
const cacheTries = 10

// cache writes a key into the storage that stands before the database, and looks at the
// database again: what was changed between reading and writing must not come back
// (SEC-141). Whoever changes a key writes it after the commit, so one of the two is last,
// and right.
func (s *Service) cache(ctx context.Context, c *configuration, row *ent.APIKey) error {
	if s.storage(c) == nil {
		return nil
	}
	for range cacheTries {
		if err := s.remember(ctx, c, row); err != nil {
			return err
		}
		now, err := s.keys(ctx).Query().Where(apikey.ID(row.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			break
		}
		if err != nil {
			return errors.Join(fmt.Errorf("reading a key: %w", err), s.forget(ctx, c, row))
		}
		if sameEntry(row, now) {
			return nil
		}
		row = now
	}
	return s.forget(ctx, c, row)
}

// sameEntry reports whether a storage would hold two rows as the same.
func sameEntry(a, b *ent.APIKey) bool {
	x, errX := encode(a)
	y, errY := encode(b)
	return errX == nil && errY == nil && x == y
}

// uncacheAfter takes a key out of it.
func (s *Service) uncacheAfter(tx *auth.Tx, c *configuration, row *ent.APIKey) {
	if c.cached() {
		tx.AfterCommit(func(ctx context.Context) { s.logged(ctx, "key not forgotten", s.forget(ctx, c, row)) })
	}
}

// index writes the texts a key is found by.
func (s *Service) index(ctx context.Context, tx *auth.Tx, row *ent.APIKey) error {
	return tx.Index(ctx, "APIKey", row.ID, auth.ValueOf(row.Name), auth.ValueOf(row.Start))
}

// save stores a changed key; change says the same to the database. It returns nil when the
// key is gone.
func (s *Service) save(ctx context.Context, tx *auth.Tx, c *configuration, before, row *ent.APIKey, change func(*ent.APIKeyUpdate)) (*ent.APIKey, error) {
	if c.inStorage() {
		return s.saveStored(ctx, c, before, row)
	}
	update := tx.Platform().APIKey().Update().Where(apikey.ID(row.ID)).SetUpdatedAt(row.UpdatedAt)
	change(update)
	n, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("changing a key: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	after, err := tx.Platform().APIKey().Get(ctx, row.ID)
	if err != nil {
		return nil, fmt.Errorf("reading a changed key: %w", err)
	}
	s.cacheAfter(tx, c, after)
	return after, s.index(ctx, tx, after)
}

// saveStored is save for keys that lie in a storage alone: what uses count meanwhile stays.
func (s *Service) saveStored(ctx context.Context, c *configuration, before, row *ent.APIKey) (*ent.APIKey, error) {
	defer s.locks.hold(lockOf(row.ID))()
	fresh, err := s.recalled(ctx, c, byID(row.ID))
	if err != nil || fresh == nil {
		return nil, err
	}
	next := *row
	next.RequestCount, next.LastRequest, next.LastRefillAt = fresh.RequestCount, fresh.LastRequest, fresh.LastRefillAt
	if row.Remaining == before.Remaining { // the same pointer: the change says nothing of it
		next.Remaining = fresh.Remaining
	}
	return &next, s.remember(ctx, c, &next)
}

// remove deletes a key, if what else is asked of it still holds; it reports whether it
// did.
func (s *Service) remove(ctx context.Context, c *configuration, row *ent.APIKey, still ...predicate.APIKey) (bool, error) {
	if c.inStorage() {
		return true, s.forget(ctx, c, row)
	}
	gone := false
	err := s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) (err error) {
		gone, err = s.removeIn(ctx, tx, row, still...)
		if gone {
			s.uncacheAfter(tx, c, row)
		}
		return err
	})
	return gone, err
}

func (s *Service) removeIn(ctx context.Context, tx *auth.Tx, row *ent.APIKey, still ...predicate.APIKey) (bool, error) {
	keys := tx.Platform().APIKey()
	n, err := keys.Update().Where(append(still, apikey.ID(row.ID))...).SetUpdatedAt(s.now()).Save(ctx) // nobody uses it from now on
	if err != nil || n == 0 {
		return false, err
	}
	if err := s.handBack(ctx, tx, row); err != nil {
		return false, err
	}
	if _, err := keys.Delete().Where(apikey.ID(row.ID)).Exec(ctx); err != nil {
		return false, fmt.Errorf("deleting a key: %w", err)
	}
	return true, tx.Unindex(ctx, "APIKey", row.ID)
}

// logged says that something beside the work failed.
func (s *Service) logged(ctx context.Context, what string, err error) {
	if err != nil {
		s.host.Log.WarnContext(ctx, what, "error", err)
	}
}
