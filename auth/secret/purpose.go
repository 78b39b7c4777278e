package secret

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

const keySalt = "gatehouse"

// Key derives the key of a purpose from the current secret: HKDF-SHA-256
// (RFC 5869) with the purpose in its info.
func (r *Ring) Key(purpose string) [32]byte { return key(r.current(), purpose) }

// Keys derives the keys of a purpose from all secrets, newest first.
func (r *Ring) Keys(purpose string) [][32]byte {
	var out [][32]byte
	for _, s := range r.values {
		out = append(out, key(s, purpose))
	}
	return out
}

// MAC is the 32-byte HMAC-SHA-256 of data under the current key of purpose.
func (r *Ring) MAC(purpose string, data []byte) []byte {
	k := r.Key(purpose)
	return hmacSHA256(k[:], data)
}

// CheckMAC reports whether any secret's key of purpose made mac over data.
func (r *Ring) CheckMAC(purpose string, data, mac []byte) bool {
	match := 0
	for _, k := range r.Keys(purpose) {
		match |= subtle.ConstantTimeCompare(hmacSHA256(k[:], data), mac)
	}
	return match == 1
}

func key(secret, purpose string) [32]byte {
	return [32]byte(derive(secret, keySalt, "gatehouse:"+purpose+":v1", 32))
}

// derive cannot fail: the lengths asked for are far below RFC 5869's limit.
func derive(secret, salt, info string, size int) []byte {
	out, err := hkdf.Key(sha256.New, []byte(secret), []byte(salt), info, size)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return out
}

// OAuthPurpose names one kind of better-auth's OAuth ciphertexts.
type OAuthPurpose string

// The purposes of better-auth core 7.5.
const (
	OAuthStateCookie  OAuthPurpose = "oauth-state-cookie"
	OAuthLinkSession  OAuthPurpose = "oauth-link-session-token"
	OAuthProxyProfile OAuthPurpose = "oauth-proxy-profile"
	OAuthProxyPackage OAuthPurpose = "oauth-proxy-package"
	OAuthProxyState   OAuthPurpose = "oauth-proxy-state"
)

// OAuth returns the ring of secrets derived for purpose; its OpenLegacy reads
// that purpose's ciphertexts and no others (better-auth core 7.5).
func (r *Ring) OAuth(purpose OAuthPurpose) *Ring {
	versions := make([]Version, 0, len(r.versions))
	for _, v := range r.versions {
		versions = append(versions, Version{v.N, oauthSecret(v.Value, purpose)})
	}
	legacy := r.legacy
	if legacy != "" {
		legacy = oauthSecret(legacy, purpose)
	}
	return newRing(versions, legacy)
}

func oauthSecret(secret string, purpose OAuthPurpose) string {
	return hex.EncodeToString(derive(secret, "better-auth:oauth-encryption:v1", "better-auth:"+string(purpose)+":v1", 32))
}
