package auth

import (
	"cmp"
	"strings"

	"gatehouse/auth/words"
)

// proofs name what a sign-in proved (RFC 8176, and our own).
var proofs = map[string]words.Text{"pwd": "password", "otp": "code", "hwk": "passkey", "swk": "passkey", "mfa": "two factors", "email": "mail link",
	"sms": "text message", "link": "link handed over"}

// ProofWords says how somebody proved who they are: amr as sessions hold it, proofs with
// commas between them.
func ProofWords(amr string) words.Text {
	var said []words.Text
	for proof := range strings.SplitSeq(amr, ",") {
		if proof != "" {
			said = append(said, cmp.Or(proofs[proof], words.Raw(proof)))
		}
	}
	return words.Join(", ", said...)
}
