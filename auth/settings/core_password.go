package settings

import (
	"errors"
	"time"
)

// Password governs passwords.
type Password struct {
	_ struct{} `title:"Passwords" help:"What a password must be and how it is kept."`

	Min                    int           `setting:"min" help:"Fewest characters" level:"console" check:"min=1;max=128"`
	Max                    int           `setting:"max" help:"Most characters" level:"console" check:"min=8;max=1024"`
	Blocklist              bool          `setting:"blocklist" help:"Refuse common passwords and those made of the person's own words" level:"console"`
	ResetExpiresIn         time.Duration `setting:"reset_expires_in" help:"How long the link to a new password works" level:"console" check:"min=1m;max=7d"`
	RevokeSessionsOnReset  bool          `setting:"revoke_sessions_on_reset" help:"End all sessions and trusted devices when a forgotten password is replaced" level:"console"`
	RevokeSessionsOnChange bool          `setting:"revoke_sessions_on_change" help:"End all other sessions and trusted devices when a password changes, whether or not the request asks" level:"console"`
	Hash                   PasswordHash  `setting:"hash"`
}

// PasswordHash is the cost of Argon2id. Changing it rewrites a hash at the
// next sign-in.
type PasswordHash struct {
	Memory      Size          `setting:"memory" help:"Memory of one Argon2id hash" check:"min=19MiB;max=1GiB"`
	Iterations  int           `setting:"iterations" help:"Passes over the memory" check:"min=1;max=64"`
	Parallelism int           `setting:"parallelism" help:"Lanes of one hash" check:"min=1;max=64"`
	TotalMemory Size          `setting:"total_memory" help:"Memory that hashes running at one time may take together; others wait" check:"min=19MiB;max=64GiB"`
	Legacy      bool          `setting:"legacy" help:"The database holds password hashes of better-auth: sign-ins without one take the time of those too, so that accounts cannot be told apart until their hashes are rewritten"`
	MaxWait     time.Duration `setting:"max_wait" help:"How long a request waits for its hash before it is answered 503" check:"min=100ms;max=1m"`
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
		problems = append(problems, Invalid("iterations", "is too few for so little memory", "use 2, or 46MiB of memory"))
	}
	if h.TotalMemory < h.Memory {
		problems = append(problems, Invalid("total_memory", "is below the memory of one hash", "raise it"))
	}
	return errors.Join(problems...)
}
