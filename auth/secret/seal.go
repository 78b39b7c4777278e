package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrOpen is the one failure of opening: damaged text, another purpose, a
// retired secret.
var ErrOpen = errors.New("sealed text cannot be opened")

const (
	sealMark   = "$gh$"
	legacyMark = "$ba$"
)

// Seal encrypts plaintext for purpose with XChaCha20-Poly1305 under the
// purpose's current key and a random nonce. The text is
// $gh$<key mark>$<base64url>; the mark tells which secret made it.
func (r *Ring) Seal(purpose, plaintext string) string {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce)
	k := r.Key(purpose)
	body := encrypt(k, nonce, plaintext)
	return sealMark + mark(k) + "$" + base64.RawURLEncoding.EncodeToString(body)
}

// Open decrypts text sealed for purpose by any secret of the ring; every
// failure is ErrOpen.
func (r *Ring) Open(purpose, text string) (string, error) {
	rest, ok := strings.CutPrefix(text, sealMark)
	if !ok {
		return "", ErrOpen
	}
	made, body, _ := strings.Cut(rest, "$")
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return "", ErrOpen
	}
	for _, k := range r.Keys(purpose) {
		if mark(k) != made {
			continue
		}
		if plain, ok := decrypt(k, sealed); ok {
			return plain, nil
		}
	}
	return "", ErrOpen
}

// IsSealed reports whether text has the form Seal writes.
func IsSealed(text string) bool { return strings.HasPrefix(text, sealMark) }

// IsLegacy reports whether text has one of better-auth's forms: $ba$n$hex or
// bare hex of even length.
func IsLegacy(text string) bool {
	if strings.HasPrefix(text, legacyMark) {
		return true
	}
	_, err := hex.DecodeString(text)
	return err == nil && text != ""
}

// OpenLegacy decrypts better-auth's forms (core 7.5): $ba$n$hex by the secret
// of that version, bare hex by the un-numbered secret.
func (r *Ring) OpenLegacy(text string) (string, error) {
	secret, body := r.legacy, text
	if rest, ok := strings.CutPrefix(text, legacyMark); ok {
		number, after, _ := strings.Cut(rest, "$")
		secret, body = r.version(number), after
	}
	sealed, err := hex.DecodeString(body)
	if err != nil || secret == "" {
		return "", ErrOpen
	}
	plain, ok := decrypt(sha256.Sum256([]byte(secret)), sealed)
	if !ok {
		return "", ErrOpen
	}
	return plain, nil
}

func (r *Ring) version(number string) string {
	for _, v := range r.versions {
		if strconv.Itoa(v.N) == number {
			return v.Value
		}
	}
	return ""
}

// mark is a short public name of a key; it follows the secret, not its
// number, so that renumbering keeps old text readable.
func mark(k [32]byte) string {
	return base64.RawURLEncoding.EncodeToString(derive(string(k[:]), keySalt, "mark", 6))
}

func encrypt(k [32]byte, nonce []byte, plaintext string) []byte {
	aead, err := chacha20poly1305.NewX(k[:])
	if err != nil {
		panic("secret: " + err.Error()) // the key length is fixed
	}
	return aead.Seal(nonce, nonce, []byte(plaintext), nil)
}

func decrypt(k [32]byte, sealed []byte) (string, bool) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return "", false
	}
	aead, err := chacha20poly1305.NewX(k[:])
	if err != nil {
		return "", false
	}
	nonce, body := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := aead.Open(nil, nonce, body, nil)
	return string(plain), err == nil
}
