package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const sessionMark = "sha256:"

// HashToken is the unpadded base64url SHA-256 of s: the stored form of
// single-use tokens, and the S256 challenge of a PKCE verifier
// (better-auth core 7.6, RFC 7636 §4.2).
func HashToken(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// HashSession is the stored form of a session token: sha256:<hex>.
func HashSession(token string) string {
	sum := sha256.Sum256([]byte(token))
	return sessionMark + hex.EncodeToString(sum[:])
}

// IsSessionHash reports whether s is a stored form; as a presented token such
// a value is refused.
func IsSessionHash(s string) bool { return strings.HasPrefix(s, sessionMark) }
