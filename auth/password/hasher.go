// Package password hashes and checks passwords and holds the rules for new
// ones.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth/text"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"
)

// ErrBusy reports that no hashing slot came free in time: 503 with
// Retry-After.
var ErrBusy = errors.New("password hashing is busy")

const (
	saltSize = 16
	keySize  = 32
	// maxInput bounds what is normalised and hashed, in bytes; it lies far
	// above any sensible Policy.Max.
	maxInput = 4096
)

// Config sets cost and bounds; zero fields take the defaults.
type Config struct {
	MemoryKiB   uint32 // Argon2id memory, default and minimum 19456 (19 MiB)
	Iterations  uint32 // default and minimum 2
	Parallelism uint8  // default 1

	Limit int64         // bytes all concurrent hashing may use, default 256 MiB
	Wait  time.Duration // longest wait for a slot, default 5 s

	// Legacy says that better-auth's scrypt hashes are in the database: every
	// check then spends the work of both forms, so that time does not tell
	// an adopted account from a new or an unknown one.
	Legacy bool
}

// Hasher makes Argon2id hashes in PHC form and checks these and better-auth's
// scrypt form, with bounded memory. It is safe for use from several
// goroutines.
type Hasher struct {
	cost   cost
	pool   *pool
	legacy bool
}

// New refuses a cost below 19 MiB and 2 iterations, and a limit too small for
// one hash.
func New(c Config) (*Hasher, error) {
	params := cost{orDefault(c.MemoryKiB, 19*1024), orDefault(c.Iterations, 2), orDefault(c.Parallelism, 1)}
	if params.memory < 19*1024 || params.time < 2 {
		return nil, errors.New("password hashing needs at least 19456 KiB and 2 iterations")
	}
	if params.time > maxTime || params.threads > maxThreads {
		return nil, fmt.Errorf("password hashing takes at most %d iterations and %d threads", maxTime, maxThreads)
	}
	p, err := newPool(params.bytes(), orDefault(c.Limit, 256<<20), orDefault(c.Wait, 5*time.Second))
	if err != nil {
		return nil, err
	}
	return &Hasher{params, p, c.Legacy}, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Hash returns the PHC string of the NFKC form of password. Errors: ErrBusy,
// ErrTooLong beyond 4096 bytes, the context's.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > maxInput {
		return "", ErrTooLong
	}
	release, err := h.pool.take(ctx, h.cost.bytes())
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltSize)
	rand.Read(salt)
	s := stored{kind: argonKind, cost: h.cost, salt: salt}
	s.key = s.derive(password, keySize)
	return s.String(), nil
}

// Verify compares password with a stored hash in constant time. rehash is set
// on success when the hash should be replaced by Hash's. A malformed or empty
// stored hash costs the same work and is never right. Errors: ErrBusy, the
// context's.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok, rehash bool, err error) {
	if len(password) > maxInput {
		return false, false, nil
	}
	s, err := parse(hash)
	if err != nil || s.bytes() > h.pool.limit {
		return false, false, h.Equalise(ctx, password)
	}
	release, err := h.pool.take(ctx, max(s.bytes(), h.bytes()))
	if err != nil {
		return false, false, err
	}
	defer release()
	got := s.derive(password, len(s.key))
	h.other(s.kind, password)
	ok = subtle.ConstantTimeCompare(got, s.key) == 1
	return ok, ok && (s.kind != argonKind || s.cost != h.cost), nil
}

// Equalise spends the work of one Verify, for a user that does not exist or
// has no password. Errors: ErrBusy, the context's.
func (h *Hasher) Equalise(ctx context.Context, password string) error {
	if len(password) > maxInput {
		return nil
	}
	release, err := h.pool.take(ctx, h.bytes())
	if err != nil {
		return err
	}
	defer release()
	dummy := stored{kind: argonKind, cost: h.cost, salt: make([]byte, saltSize)}
	dummy.derive(password, keySize)
	h.other(argonKind, password)
	return nil
}

// other spends the work of the form that was not used.
func (h *Hasher) other(used kind, password string) {
	if !h.legacy {
		return
	}
	dummy := stored{kind: scryptKind, salt: make([]byte, 2*saltSize)}
	if used == scryptKind {
		dummy = stored{kind: argonKind, cost: h.cost, salt: make([]byte, saltSize)}
	}
	dummy.derive(password, keySize)
}

// bytes is the memory of one check.
func (h *Hasher) bytes() int64 {
	if h.legacy {
		return max(h.cost.bytes(), scryptBytes)
	}
	return h.cost.bytes()
}

func (s stored) derive(password string, size int) []byte {
	input := []byte(text.NFKC(password))
	if s.kind == argonKind {
		return argon2.IDKey(input, s.salt, s.cost.time, s.cost.memory, s.cost.threads, uint32(size))
	}
	out, err := scrypt.Key(input, s.salt, scryptN, scryptR, scryptP, size)
	if err != nil {
		return nil // the parameters are constants that scrypt takes
	}
	return out
}
