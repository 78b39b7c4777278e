package cookie

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gatehouse/auth/secret"
)

// ErrCache is the one failure of reading a cached session or account.
var ErrCache = errors.New("cookie cache is not usable")

// Strategy is the encoding of the cookie cache.
type Strategy string

// The three of better-auth core 5.4.
const (
	Compact Strategy = "compact"
	JWT     Strategy = "jwt"
	JWE     Strategy = "jwe"
)

// maxCache bounds the text of a cached session, in bytes.
const maxCache = maxLine * maxPieces

// Payload is what a cached session holds. Session and User are the wire
// objects, kept byte for byte.
type Payload struct {
	Session   json.RawMessage
	User      json.RawMessage
	UpdatedAt time.Time
	Version   string
}

// Cache encodes and reads the session_data cookie.
type Cache struct {
	Ring     *secret.Ring
	Strategy Strategy
	Version  string // default "1"
}

// Encode writes p, valid for age from now. p.Version is the cache's.
func (c Cache) Encode(p Payload, now time.Time, age time.Duration) (string, error) {
	if !object(p.Session) || !object(p.User) {
		return "", errors.New("cached session and user must be JSON objects")
	}
	version, err := json.Marshal(c.version())
	if err != nil {
		return "", fmt.Errorf("cache version: %w", err)
	}
	raw := fmt.Appendf(nil, `{"session":%s,"user":%s,"updatedAt":%d,"version":%s}`, p.Session, p.User, p.UpdatedAt.UnixMilli(), version)
	switch c.Strategy {
	case JWT:
		return c.Ring.SignJWT(withClaims(raw, now, age, false))
	case JWE:
		return c.Ring.SealJWE(secret.SessionSalt, withClaims(raw, now, age, true))
	}
	return c.encodeCompact(raw, now.Add(age).UnixMilli()), nil
}

// Decode returns the payload of text when it is authentic, of the cache's
// version, within its window, bound to token, the verified session token,
// and its session has not ended. All failures are ErrCache.
func (c Cache) Decode(text, token string, now time.Time) (Payload, error) {
	if len(text) > maxCache {
		return Payload{}, ErrCache
	}
	raw, err := c.open(text, now)
	if err != nil {
		return Payload{}, ErrCache
	}
	p, s, err := readPayload(raw)
	if err != nil || p.Version != c.version() || !s.Expires.After(now) ||
		subtle.ConstantTimeCompare([]byte(s.Token), []byte(token)) != 1 {
		return Payload{}, ErrCache
	}
	return p, nil
}

func (c Cache) open(text string, now time.Time) ([]byte, error) {
	switch c.Strategy {
	case JWT:
		raw, err := c.Ring.OpenJWT(text)
		return within(raw, err, now, 0)
	case JWE:
		raw, err := c.Ring.OpenJWE(secret.SessionSalt, text)
		return within(raw, err, now, jweTolerance)
	}
	return c.openCompact(text, now)
}

func (c Cache) version() string {
	if c.Version == "" {
		return "1"
	}
	return c.Version
}

// compact is the outer object of that strategy.
type compact struct {
	Session   json.RawMessage `json:"session"`
	ExpiresAt json.Number     `json:"expiresAt"`
	Signature string          `json:"signature"`
}

func (c Cache) encodeCompact(raw []byte, expires int64) string {
	signature := compactSignature(c.Ring.Raw()[0], raw, expires)
	outer := fmt.Appendf(nil, `{"session":%s,"expiresAt":%d,"signature":"%s"}`, raw, expires, signature)
	return base64.RawURLEncoding.EncodeToString(outer)
}

func (c Cache) openCompact(text string, now time.Time) ([]byte, error) {
	outer, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, ErrCache
	}
	var in compact
	if err := json.Unmarshal(outer, &in); err != nil || !braced(in.Session) {
		return nil, ErrCache
	}
	expires, err := strconv.ParseInt(in.ExpiresAt.String(), 10, 64)
	if err != nil {
		return nil, ErrCache
	}
	match := 0
	for _, key := range c.Ring.Raw() {
		match |= subtle.ConstantTimeCompare([]byte(compactSignature(key, in.Session, expires)), []byte(in.Signature))
	}
	if match != 1 || expires <= now.UnixMilli() {
		return nil, ErrCache
	}
	return in.Session, nil
}

// compactSignature signs the payload's own bytes with expiresAt put in as the
// last key; building it anew from a map would change the order.
func compactSignature(key, raw []byte, expires int64) string {
	m := hmac.New(sha256.New, key)
	m.Write(raw[:len(raw)-1])
	fmt.Fprintf(m, `,"expiresAt":%d}`, expires)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// object reports whether raw is a JSON object and nothing else.
func object(raw []byte) bool { return braced(raw) && json.Valid(raw) }

// braced reports whether a part of JSON that was read is an object.
func braced(raw []byte) bool { return len(raw) >= 2 && raw[0] == '{' && raw[len(raw)-1] == '}' }
