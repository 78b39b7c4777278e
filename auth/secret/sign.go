package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// signatureLength is padded standard base64 of an HMAC-SHA-256.
const signatureLength = 44

// Sign returns value, a dot and the signature by the current secret: the text
// of a signed cookie before percent-encoding (better-auth core 5.3). Sign
// only text the server chose.
func (r *Ring) Sign(value string) string {
	return value + "." + signature(r.current(), value)
}

// Verify returns the value of signed text when any secret of the ring made
// the signature. The text is taken as it is: percent-decoding comes before.
func (r *Ring) Verify(signed string) (value string, ok bool) {
	dot := strings.LastIndexByte(signed, '.')
	if dot < 1 {
		return "", false
	}
	value, given := signed[:dot], signed[dot+1:]
	if len(given) != signatureLength {
		return "", false
	}
	match := 0
	for _, s := range r.values {
		// Comparing text, not bytes, leaves one spelling per signature.
		match |= subtle.ConstantTimeCompare([]byte(signature(s, value)), []byte(given))
	}
	if match != 1 {
		return "", false
	}
	return value, true
}

func signature(key, value string) string {
	return base64.StdEncoding.EncodeToString(hmacSHA256([]byte(key), []byte(value)))
}

func hmacSHA256(key, data []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(data)
	return m.Sum(nil)
}
