package apikey

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/wire"
)

// Storage is a secondary storage: texts by key, some of which end by themselves. Its
// methods are called from any goroutine.
type Storage interface {
	// Get returns "" and no error where there is nothing.
	Get(ctx context.Context, key string) (string, error)
	// Set stores a text, for ever when life is zero.
	Set(ctx context.Context, key, value string, life time.Duration) error
	Delete(ctx context.Context, key string) error
}

// Memory is a Storage of one process: what is in it ends with the process, so it serves
// tests, and as a cache before the database while one server runs.
type Memory struct {
	// Now is the clock; nil is that of the machine.
	Now func() time.Time

	mu   sync.Mutex
	rows map[string]remembered
}

type remembered struct {
	value string
	until time.Time
}

// Get implements Storage.
func (m *Memory) Get(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.rows[key]
	if ok && !row.until.IsZero() && !m.now().Before(row.until) {
		delete(m.rows, key)
		return "", nil
	}
	return row.value, nil
}

// Set implements Storage.
func (m *Memory) Set(_ context.Context, key, value string, life time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string]remembered{}
	}
	row := remembered{value: value}
	if life > 0 {
		row.until = m.now().Add(life)
	}
	m.rows[key] = row
	return nil
}

// Delete implements Storage.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, key)
	return nil
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

// entry is a row as a storage holds it (better-auth api-key 9), with ours at its end.
type entry struct {
	ConfigID            string          `json:"configId"`
	CreatedAt           moment          `json:"createdAt"`
	UpdatedAt           moment          `json:"updatedAt"`
	Name                *string         `json:"name"`
	Prefix              *string         `json:"prefix"`
	Start               *string         `json:"start"`
	Key                 string          `json:"key"`
	Enabled             *bool           `json:"enabled"`
	ExpiresAt           *moment         `json:"expiresAt"`
	ReferenceID         string          `json:"referenceId"`
	LastRefillAt        *moment         `json:"lastRefillAt"`
	LastRequest         *moment         `json:"lastRequest"`
	Metadata            json.RawMessage `json:"metadata"`
	RateLimitMax        *int64          `json:"rateLimitMax"`
	RateLimitTimeWindow *int64          `json:"rateLimitTimeWindow"`
	Remaining           *int64          `json:"remaining"`
	RefillAmount        *int64          `json:"refillAmount"`
	RefillInterval      *int64          `json:"refillInterval"`
	RateLimitEnabled    *bool           `json:"rateLimitEnabled"`
	RequestCount        int64           `json:"requestCount"`
	Permissions         *string         `json:"permissions"`
	ID                  string          `json:"id"`
	OwnerKind           string          `json:"ownerKind,omitempty"`
	OrganizationID      *string         `json:"organizationId,omitempty"`
	CreatedBy           string          `json:"createdBy,omitempty"`
	RotatedTo           *string         `json:"rotatedTo,omitempty"`
}

// moment is a time as JavaScript writes it.
type moment time.Time

// MarshalJSON implements json.Marshaler.
func (m moment) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(m).UTC().Format(wire.TimeLayout))
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var t time.Time
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	*m = moment(t.UTC())
	return nil
}

func (m *moment) time() *time.Time { return (*time.Time)(m) }

func momentOf(t *time.Time) *moment { return (*moment)(t) }

// encode writes a row as storages hold it.
func encode(row *ent.APIKey) (string, error) {
	metadata := json.RawMessage("null")
	if row.Metadata != nil && json.Valid([]byte(*row.Metadata)) {
		metadata = json.RawMessage(*row.Metadata)
	}
	raw, err := json.Marshal(entry{ConfigID: row.ConfigID, CreatedAt: moment(row.CreatedAt), UpdatedAt: moment(row.UpdatedAt), Name: row.Name, Prefix: row.Prefix,
		Start: row.Start, Key: row.Key, Enabled: &row.Enabled, ExpiresAt: momentOf(row.ExpiresAt), ReferenceID: row.ReferenceID,
		LastRefillAt: momentOf(row.LastRefillAt), LastRequest: momentOf(row.LastRequest), Metadata: metadata, RateLimitMax: row.RateLimitMax,
		RateLimitTimeWindow: row.RateLimitTimeWindow, Remaining: row.Remaining, RefillAmount: row.RefillAmount, RefillInterval: row.RefillInterval,
		RateLimitEnabled: &row.RateLimitEnabled, RequestCount: row.RequestCount, Permissions: row.Permissions, ID: row.ID,
		OwnerKind: row.OwnerKind, OrganizationID: row.OrganizationID, CreatedBy: row.CreatedBy, RotatedTo: row.RotatedTo})
	return string(raw), err
}

// decode reads a row; what cannot be read is as if it were not there.
func decode(text string) *ent.APIKey {
	var e entry
	if text == "" || json.Unmarshal([]byte(text), &e) != nil || e.ID == "" || e.Key == "" {
		return nil
	}
	on := func(b *bool) bool { return b == nil || *b }
	row := &ent.APIKey{ID: e.ID, ConfigID: e.ConfigID, CreatedAt: time.Time(e.CreatedAt), UpdatedAt: time.Time(e.UpdatedAt), Name: e.Name, Prefix: e.Prefix,
		Start: e.Start, Key: e.Key, Enabled: on(e.Enabled), ExpiresAt: e.ExpiresAt.time(), ReferenceID: e.ReferenceID, LastRefillAt: e.LastRefillAt.time(),
		LastRequest: e.LastRequest.time(), RateLimitMax: e.RateLimitMax, RateLimitTimeWindow: e.RateLimitTimeWindow, Remaining: e.Remaining,
		RefillAmount: e.RefillAmount, RefillInterval: e.RefillInterval, RateLimitEnabled: on(e.RateLimitEnabled), RequestCount: e.RequestCount,
		Permissions: e.Permissions, OwnerKind: e.OwnerKind, OrganizationID: e.OrganizationID, CreatedBy: e.CreatedBy,
		RotatedTo: e.RotatedTo}
	if len(e.Metadata) > 0 && string(e.Metadata) != "null" {
		text := string(e.Metadata)
		row.Metadata = &text
	}
	return row
}

// Names of what lies in a storage.
func byHash(stored string) string         { return "api-key:" + stored }
func byID(id string) string               { return "api-key:by-id:" + id }
func byReference(reference string) string { return "api-key:by-ref:" + reference }

// lockOf names the lock under which a key of a storage is read and written.
func lockOf(id string) string { return "use " + id }

// remember writes a key into its storage. Where the database is the truth, the list of the
// owner is only dropped, and made again when somebody lists.
func (s *Service) remember(ctx context.Context, c *configuration, row *ent.APIKey) error {
	storage := s.storage(c)
	if storage == nil {
		if c.cached() {
			return nil
		}
		return fmt.Errorf("api_key.configurations.%s needs a secondary storage, and the program offers none", c.id)
	}
	text, err := encode(row)
	if err != nil {
		return err
	}
	life := s.life(row)
	if err := storage.Set(ctx, byHash(row.Key), text, life); err != nil {
		return fmt.Errorf("storing a key: %w", err)
	}
	if err := storage.Set(ctx, byID(row.ID), text, life); err != nil {
		return fmt.Errorf("storing a key: %w", err)
	}
	if c.cached() {
		return storage.Delete(ctx, byReference(row.ReferenceID))
	}
	return s.listed(ctx, storage, row.ReferenceID, func(ids []string) []string {
		if slices.Contains(ids, row.ID) {
			return ids
		}
		return append(ids, row.ID)
	})
}

// forget takes a key out of its storage, after a use that is under way: it would write the
// key again.
func (s *Service) forget(ctx context.Context, c *configuration, row *ent.APIKey) error {
	storage := s.storage(c)
	if storage == nil {
		return nil
	}
	defer s.locks.hold(lockOf(row.ID))()
	for _, name := range []string{byHash(row.Key), byID(row.ID)} {
		if err := storage.Delete(ctx, name); err != nil {
			return fmt.Errorf("removing a key: %w", err)
		}
	}
	if c.cached() {
		return storage.Delete(ctx, byReference(row.ReferenceID))
	}
	return s.listed(ctx, storage, row.ReferenceID, func(ids []string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return id == row.ID })
	})
}

// listed changes the list of an owner's keys, one at a time in this process.
func (s *Service) listed(ctx context.Context, storage Storage, reference string, change func([]string) []string) error {
	defer s.locks.hold(reference)()
	ids, err := idsIn(ctx, storage, reference)
	if err != nil {
		return err
	}
	if ids = change(ids); len(ids) == 0 {
		return storage.Delete(ctx, byReference(reference))
	}
	raw, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return storage.Set(ctx, byReference(reference), string(raw), 0)
}

// idsIn reads the list of an owner's keys; one that cannot be read is empty.
func idsIn(ctx context.Context, storage Storage, reference string) ([]string, error) {
	text, err := storage.Get(ctx, byReference(reference))
	if err != nil {
		return nil, fmt.Errorf("reading keys of a storage: %w", err)
	}
	var ids []string
	if json.Unmarshal([]byte(text), &ids) != nil {
		return nil, nil
	}
	return ids, nil
}

// recalled reads a key from its storage; nil when it is not there.
func (s *Service) recalled(ctx context.Context, c *configuration, name string) (*ent.APIKey, error) {
	storage := s.storage(c)
	if storage == nil {
		return nil, nil
	}
	text, err := storage.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading a key of a storage: %w", err)
	}
	return decode(text), nil
}

// together is how many entries of a storage are read at a time.
const together = 10

// recallAll reads the keys of an owner from a storage, several at a time.
func (s *Service) recallAll(ctx context.Context, c *configuration, ids []string) ([]*ent.APIKey, error) {
	rows, errs := make([]*ent.APIKey, len(ids)), make([]error, len(ids))
	gate, wait := make(chan struct{}, together), sync.WaitGroup{}
	for i, id := range ids {
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			rows[i], errs[i] = s.recalled(ctx, c, byID(id))
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(rows, func(row *ent.APIKey) bool { return row == nil }), nil
}

// life is how long an entry of a storage is kept: whole seconds until the key ends.
func (s *Service) life(row *ent.APIKey) time.Duration {
	if row.ExpiresAt == nil {
		return 0
	}
	return max(row.ExpiresAt.Sub(s.now()).Truncate(time.Second), 0)
}

// locks are locks by name, of this process.
type locks struct {
	mu   sync.Mutex
	held map[string]*namedLock
}

type namedLock struct {
	mu      sync.Mutex
	waiters int
}

// hold waits for the lock of a name and returns what releases it.
func (l *locks) hold(name string) (release func()) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*namedLock{}
	}
	lock := l.held[name]
	if lock == nil {
		lock = &namedLock{}
		l.held[name] = lock
	}
	lock.waiters++
	l.mu.Unlock()
	lock.mu.Lock()
	return func() {
		lock.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.waiters--; lock.waiters == 0 {
			delete(l.held, name)
		}
	}
}
