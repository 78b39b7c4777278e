package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// ErrToken is the one failure of reading a JWS or JWE.
var ErrToken = errors.New("invalid token")

// Salt separates the kinds of JWE (better-auth core 7.3).
type Salt string

// The two kinds: the cookie cache and the account cookie.
const (
	SessionSalt Salt = "better-auth-session"
	AccountSalt Salt = "better-auth-account"
)

const jweInfo = "BetterAuth.js Generated Encryption Key"

// SignJWT signs claims, a JSON object kept byte for byte, as a compact HS256
// JWS with the current secret and the header {"alg":"HS256"}.
func (r *Ring) SignJWT(claims []byte) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(r.current())}, nil)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed.CompactSerialize()
}

// OpenJWT returns the claims of a compact HS256 JWS that any secret signed.
// Times are not judged.
func (r *Ring) OpenJWT(token string) ([]byte, error) {
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return nil, ErrToken
	}
	for _, s := range r.Raw() {
		if claims, err := parsed.Verify(s); err == nil {
			return claims, nil
		}
	}
	return nil, ErrToken
}

// SealJWE encrypts claims as a compact JWE, dir with A256CBC-HS512, under the
// current secret's key for salt (better-auth core 7.3).
func (r *Ring) SealJWE(salt Salt, claims []byte) (string, error) {
	k := jweKey(r.current(), salt)
	options := new(jose.EncrypterOptions).WithHeader("kid", thumbprint(k))
	box, err := jose.NewEncrypter(jose.A256CBC_HS512, jose.Recipient{Algorithm: jose.DIRECT, Key: k}, options)
	if err != nil {
		return "", fmt.Errorf("encrypt token: %w", err)
	}
	sealed, err := box.Encrypt(claims)
	if err != nil {
		return "", fmt.Errorf("encrypt token: %w", err)
	}
	return sealed.CompactSerialize()
}

// OpenJWE decrypts a compact JWE made for salt: by the secret its kid names,
// or without kid by any. Times are not judged.
func (r *Ring) OpenJWE(salt Salt, token string) ([]byte, error) {
	sealed, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256CBC_HS512})
	if err != nil {
		return nil, ErrToken
	}
	for _, s := range r.values {
		k := jweKey(s, salt)
		if kid := sealed.Header.KeyID; kid != "" && kid != thumbprint(k) {
			continue
		}
		if claims, err := sealed.Decrypt(k); err == nil {
			return claims, nil
		}
	}
	return nil, ErrToken
}

func jweKey(secret string, salt Salt) []byte { return derive(secret, string(salt), jweInfo, 64) }

// thumbprint is RFC 7638's for a symmetric key.
func thumbprint(k []byte) string {
	sum := sha256.Sum256([]byte(`{"k":"` + base64.RawURLEncoding.EncodeToString(k) + `","kty":"oct"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
