package settings

import (
	"errors"
	"time"
)

// Password governs passwords.
type Password struct {
	_ struct{} `title:"Passwords" help:"What a password must be and how it is stored." area:"passwords"`

	Min                    int           `setting:"min" label:"Minimum length" help:"Fewest characters of a password" level:"console" check:"min=1;max=128"`
	Max                    int           `setting:"max" label:"Maximum length" help:"Most characters of a password" level:"console" check:"min=8;max=1024"`
	Blocklist              bool          `setting:"blocklist" label:"Refuse weak passwords" help:"Common ones, and those made of the person's own name or address" level:"console"`
	ResetExpiresIn         time.Duration `setting:"reset_expires_in" label:"Reset link is valid for" help:"How long the link to a new password works" level:"console" check:"min=1m;max=7d"`
	RevokeSessionsOnReset  bool          `setting:"revoke_sessions_on_reset" label:"End sessions after a reset" help:"End all sessions and trusted devices when a forgotten password is replaced" level:"console"`
	RevokeSessionsOnChange bool          `setting:"revoke_sessions_on_change" label:"End sessions after a change" help:"End all other sessions and trusted devices when a password is changed, even if the request does not ask for it" level:"console"`
	Hash                   PasswordHash  `setting:"hash" advanced:"true"`
}

// PasswordHash is the cost of Argon2id. Changing it rewrites a hash at the
// next sign-in.
type PasswordHash struct {
	Memory      Size          `setting:"memory" label:"Memory of a hash" help:"Memory that one Argon2id hash takes" check:"min=19MiB;max=1GiB"`
	Iterations  int           `setting:"iterations" label:"Iterations of a hash" help:"Passes over that memory" check:"min=1;max=64"`
	Parallelism int           `setting:"parallelism" label:"Parallelism of a hash" help:"Lanes that are computed at the same time" check:"min=1;max=64"`
	TotalMemory Size          `setting:"total_memory" label:"Memory of all hashes" help:"Memory that hashes may take together; further ones wait" check:"min=19MiB;max=64GiB"`
	Legacy      bool          `setting:"legacy" label:"Hashes of better-auth" help:"The database holds such hashes: sign-ins without one take the time of those too, so that accounts cannot be told apart until all are rewritten"`
	MaxWait     time.Duration `setting:"max_wait" label:"Longest wait for a hash" help:"How long a request waits for its turn before it is answered with 503" check:"min=100ms;max=1m"`
}

func passwordDefaults() Password {
	return Password{
		Min: 8, Max: 128, Blocklist: true, ResetExpiresIn: time.Hour,
		RevokeSessionsOnReset: true, RevokeSessionsOnChange: true,
		Hash: PasswordHash{Memory: 19 * MiB, Iterations: 2, Parallelism: 1, TotalMemory: 256 * MiB, MaxWait: 5 * time.Second},
	}
}

// Check refuses a minimum above the maximum.
func (p *Password) Check() error {
	if p.Min > p.Max {
		return Invalid("min", "is above password.max", "lower it, or raise password.max")
	}
	return nil
}

// Check keeps the cost at what OWASP asks for and one hash within the total.
func (h *PasswordHash) Check() error {
	var problems []error
	if h.Iterations < 2 && h.Memory < 46*MiB {
		problems = append(problems, Invalid("iterations", "is too low for so little memory", "use 2, or 46MiB of memory"))
	}
	if h.TotalMemory < h.Memory {
		problems = append(problems, Invalid("total_memory", "is below the memory of one hash", "raise it"))
	}
	return errors.Join(problems...)
}
