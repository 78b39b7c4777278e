package cookie

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"gatehouse/auth/secret"
)

// jweTolerance is the clock tolerance of better-auth core 7.3.
const jweTolerance = 15 * time.Second

// withClaims appends iat and exp, and jti for JWE, to a JSON object.
func withClaims(raw []byte, now time.Time, age time.Duration, id bool) []byte {
	separator := ","
	if len(raw) == 2 {
		separator = ""
	}
	out := fmt.Appendf(nil, `%s%s"iat":%d,"exp":%d`, raw[:len(raw)-1], separator, now.Unix(), now.Add(age).Unix())
	if id {
		out = fmt.Appendf(out, `,"jti":"%s"`, uuid())
	}
	return append(out, '}')
}

// within passes claims on whose exp is not over.
func within(raw []byte, err error, now time.Time, tolerance time.Duration) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var claims struct {
		Exp *float64 `json:"exp"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil || claims.Exp == nil {
		return nil, ErrCache
	}
	if *claims.Exp <= float64(now.Add(-tolerance).Unix()) {
		return nil, ErrCache
	}
	return raw, nil
}

// uuid is a random one (RFC 9562 §5.4).
func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// SealAccount encrypts an account row, a JSON object kept byte for byte, for
// the account_data cookie (better-auth core 5.7).
func SealAccount(ring *secret.Ring, row json.RawMessage, now time.Time, age time.Duration) (string, error) {
	if !object(row) {
		return "", errors.New("account must be a JSON object")
	}
	return ring.SealJWE(secret.AccountSalt, withClaims(row, now, age, true))
}

// OpenAccount returns the row of an account_data cookie with iat, exp and jti
// as its last keys; every failure is ErrCache.
func OpenAccount(ring *secret.Ring, text string, now time.Time) (json.RawMessage, error) {
	if len(text) > maxCache {
		return nil, ErrCache
	}
	raw, err := ring.OpenJWE(secret.AccountSalt, text)
	if raw, err = within(raw, err, now, jweTolerance); err != nil {
		return nil, ErrCache
	}
	return raw, nil
}

// sessionFields are what acceptance compares.
type sessionFields struct {
	Token   string
	Expires time.Time
}

// readPayload checks the shape that better-auth core 5.4 asks for.
func readPayload(raw []byte) (Payload, sessionFields, error) {
	var in struct {
		Session   json.RawMessage `json:"session"`
		User      json.RawMessage `json:"user"`
		UpdatedAt *float64        `json:"updatedAt"`
		Version   *string         `json:"version"`
	}
	if err := json.Unmarshal(raw, &in); err != nil || in.UpdatedAt == nil || !braced(in.Session) || !braced(in.User) {
		return Payload{}, sessionFields{}, ErrCache
	}
	if math.Abs(*in.UpdatedAt) > math.MaxInt64/2 {
		return Payload{}, sessionFields{}, ErrCache
	}
	p := Payload{in.Session, in.User, time.UnixMilli(int64(*in.UpdatedAt)).UTC(), "1"}
	if in.Version != nil {
		p.Version = *in.Version
	}
	s, err := readSession(in.Session)
	if err == nil {
		err = checkUser(in.User)
	}
	return p, s, err
}

func readSession(raw []byte) (sessionFields, error) {
	var in struct {
		ID        *string    `json:"id"`
		UserID    *string    `json:"userId"`
		Token     *string    `json:"token"`
		ExpiresAt *time.Time `json:"expiresAt"`
		CreatedAt *time.Time `json:"createdAt"`
		UpdatedAt *time.Time `json:"updatedAt"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return sessionFields{}, ErrCache
	}
	if in.ID == nil || in.UserID == nil || in.Token == nil || *in.Token == "" || in.ExpiresAt == nil || in.CreatedAt == nil || in.UpdatedAt == nil {
		return sessionFields{}, ErrCache
	}
	return sessionFields{*in.Token, *in.ExpiresAt}, nil
}

func checkUser(raw []byte) error {
	var in struct {
		ID    *string `json:"id"`
		Email *string `json:"email"`
		Name  *string `json:"name"`
	}
	if err := json.Unmarshal(raw, &in); err != nil || in.ID == nil || in.Email == nil || in.Name == nil {
		return ErrCache
	}
	return nil
}
