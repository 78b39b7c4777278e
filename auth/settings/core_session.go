package settings

import (
	"errors"
	"time"
)

// Session says how long a sign-in lasts (better-auth core 6.1). 400 days is
// the longest life browsers give a cookie.
type Session struct {
	_ struct{} `title:"Sessions" help:"How long a sign-in lasts. Durations are seconds or text such as 7d."`

	ExpiresIn    time.Duration              `setting:"expires_in" help:"Life of a session without use; use extends it" level:"console" check:"min=1s;max=400d"`
	UpdateAge    time.Duration              `setting:"update_age" help:"Time between two extensions; 0 extends at every read" level:"console" check:"max=400d"`
	FreshAge     time.Duration              `setting:"fresh_age" help:"How long after sign-in sensitive actions need no new proof; 0 means always fresh" level:"console" check:"max=400d"`
	StepUpAge    time.Duration              `setting:"step_up_age" help:"How long after the last proof of identity dangerous acts need no new one; 0 never asks" level:"console" check:"max=1d"`
	StepUpAPI    bool                       `setting:"step_up_api" help:"Ask sessions that call the API for a recent proof as well: dangerous calls answer STEP_UP_REQUIRED; off, any living session will do, as with better-auth" level:"console"`
	MaxAge       time.Duration              `setting:"max_age" help:"Absolute life of a session, which use cannot extend; 0 for none" level:"console" check:"max=400d"`
	Refresh      bool                       `setting:"refresh" help:"Let use extend a session" level:"console"`
	DeferRefresh bool                       `setting:"defer_refresh" help:"Let only POST /get-session extend a session" level:"console"`
	CookieCache  CookieCache                `setting:"cookie_cache" level:"console"`
	Tokens       string                     `setting:"tokens" help:"How session tokens are stored: hashed, or plain for a database that a better-auth server uses at the same time; then who can read the database can take over sessions" check:"oneof=hashed|plain"`
	Fields       map[string]AdditionalField `setting:"fields" help:"Additional fields of a session, by name"`
}

// CookieCache keeps a session's data in a signed cookie for a short while
// (better-auth core 5.4).
type CookieCache struct {
	Enabled  bool          `setting:"enabled" help:"Answer get-session from a cookie between reads of the database"`
	MaxAge   time.Duration `setting:"max_age" help:"How long such an answer counts" check:"min=1s;max=5m"`
	Strategy string        `setting:"strategy" help:"Form of the cookie: signed (compact, jwt) or encrypted (jwe)" check:"oneof=compact|jwt|jwe"`
	Version  string        `setting:"version" help:"A new version makes all such cookies void" check:"required;max=64"`
}

func sessionDefaults() Session {
	return Session{
		ExpiresIn: 7 * day, UpdateAge: day, FreshAge: day, StepUpAge: 10 * time.Minute, StepUpAPI: true, MaxAge: 30 * day, Refresh: true, Tokens: "hashed",
		CookieCache: CookieCache{MaxAge: 5 * time.Minute, Strategy: "compact", Version: "1"},
	}
}

// Check refuses ages that contradict each other.
func (s *Session) Check() error {
	var problems []error
	if s.UpdateAge > s.ExpiresIn {
		problems = append(problems, Invalid("update_age", "is longer than session.expires_in, so use would never extend a session", "shorten it"))
	}
	if s.MaxAge > 0 && s.MaxAge < s.ExpiresIn {
		problems = append(problems, Invalid("max_age", "is shorter than session.expires_in", "lengthen it, or shorten session.expires_in"))
	}
	if s.StepUpAge > 0 && s.StepUpAge < time.Minute {
		problems = append(problems, Invalid("step_up_age", "is shorter than a minute, in which nobody gets a form filled", "use at least 1m, or 0 to ask never"))
	}
	return errors.Join(append(problems, checkFieldNames(s.Fields, sessionColumns())...)...)
}

// Life is how long a session that began at the given age may still be
// extended: the sliding life, cut at the absolute one.
func (s *Session) Life(age time.Duration) time.Duration {
	if s.MaxAge == 0 {
		return s.ExpiresIn
	}
	return max(0, min(s.ExpiresIn, s.MaxAge-age))
}
