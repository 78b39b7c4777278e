package password

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

type kind int

const (
	argonKind kind = iota
	scryptKind
)

// better-auth's scrypt cost (core 7.2).
const (
	scryptN     = 16384
	scryptR     = 16
	scryptP     = 1
	scryptBytes = 128 * scryptN * scryptR
)

// Bounds on what a stored hash may ask for.
const (
	maxTime    = 64
	maxThreads = 16
	maxMemory  = 4 << 20 // KiB
	minPart    = 8       // bytes of salt or key
	maxPart    = 128
	maxStored  = 512
)

var errMalformed = errors.New("malformed password hash")

// cost is Argon2id's; memory in KiB.
type cost struct {
	memory  uint32
	time    uint32
	threads uint8
}

func (c cost) bytes() int64 { return int64(c.memory) << 10 }

// stored is a parsed hash.
type stored struct {
	kind kind
	cost cost
	salt []byte
	key  []byte
}

func (s stored) bytes() int64 {
	if s.kind == scryptKind {
		return scryptBytes
	}
	return s.cost.bytes()
}

// String is the PHC form of an Argon2id hash.
func (s stored) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		s.cost.memory, s.cost.time, s.cost.threads, b64.EncodeToString(s.salt), b64.EncodeToString(s.key))
}

// parse reads the PHC form of Argon2id or better-auth's <salt hex>:<key hex>.
func parse(text string) (stored, error) {
	if len(text) > maxStored {
		return stored{}, errMalformed
	}
	if strings.HasPrefix(text, "$") {
		return parsePHC(text)
	}
	return parseScrypt(text)
}

func parseScrypt(text string) (stored, error) {
	salt, key, _ := strings.Cut(text, ":")
	raw, errKey := hex.DecodeString(key)
	_, errSalt := hex.DecodeString(salt)
	if errKey != nil || errSalt != nil || len(salt) != 32 || len(raw) != 64 {
		return stored{}, errMalformed
	}
	// The hexadecimal text itself is the salt.
	return stored{kind: scryptKind, salt: []byte(salt), key: raw}, nil
}

func parsePHC(text string) (stored, error) {
	part := strings.Split(text, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return stored{}, errMalformed
	}
	c, err := parseCost(part[3])
	if err != nil {
		return stored{}, err
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, errSalt := b64.DecodeString(part[4])
	key, errKey := b64.DecodeString(part[5])
	if errSalt != nil || errKey != nil || !fits(len(salt)) || !fits(len(key)) {
		return stored{}, errMalformed
	}
	return stored{kind: argonKind, cost: c, salt: salt, key: key}, nil
}

func fits(n int) bool { return n >= minPart && n <= maxPart }

func parseCost(text string) (cost, error) {
	field := strings.Split(text, ",")
	if len(field) != 3 {
		return cost{}, errMalformed
	}
	var value [3]uint32
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(field[i], name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || n == 0 {
			return cost{}, errMalformed
		}
		value[i] = uint32(n)
	}
	if value[0] > maxMemory || value[1] > maxTime || value[2] > maxThreads || value[0] < 8*value[2] {
		return cost{}, errMalformed
	}
	return cost{value[0], value[1], uint8(value[2])}, nil
}
