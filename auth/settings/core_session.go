package settings

import (
	"errors"
	"time"
)

// Session says how long a sign-in lasts (better-auth core 6.1). 400 days is
// the longest life browsers give a cookie.
type Session struct {
	_ struct{} `title:"Sessions" help:"How long a sign-in lasts. Durations are seconds or text such as 7d." area:"sessions"`

	ExpiresIn    time.Duration              `setting:"expires_in" label:"Lifetime" help:"How long a session lasts without use; use extends it" level:"console" check:"min=1s;max=400d"`
	UpdateAge    time.Duration              `setting:"update_age" label:"Extended at most every" help:"Time between two extensions; 0 extends at every use" advanced:"true" level:"console" check:"max=400d"`
	FreshAge     time.Duration              `setting:"fresh_age" label:"Fresh after sign-in for" help:"How long sensitive calls of the API need no new sign-in; 0 means always" advanced:"true" level:"console" check:"max=400d"`
	StepUpAge    time.Duration              `setting:"step_up_age" label:"Proof of identity is valid for" help:"How long after the last proof dangerous actions need no new one; 0 never asks" level:"console" check:"max=1d"`
	StepUpAPI    bool                       `setting:"step_up_api" label:"Proof of identity for the API" help:"Dangerous calls of administrators answer STEP_UP_REQUIRED without a recent proof; off, any session will do, as with better-auth" level:"console"`
	MaxAge       time.Duration              `setting:"max_age" label:"Longest lifetime" help:"When a session ends however much it is used; 0 for never" level:"console" check:"max=400d"`
	Refresh      bool                       `setting:"refresh" label:"Extended by use" help:"Start the lifetime of a session again when it is used" level:"console"`
	DeferRefresh bool                       `setting:"defer_refresh" label:"Extended by POST only" help:"Let only POST /get-session extend a session" advanced:"true" level:"console"`
	CookieCache  CookieCache                `setting:"cookie_cache" advanced:"true" level:"console"`
	Tokens       string                     `setting:"tokens" label:"Storage of session tokens" help:"Plain text is for a database that a better-auth server uses at the same time; whoever can read it can then take over sessions" advanced:"true" check:"oneof=hashed|plain" choices:"hashed=As a hash|plain=As plain text"`
	Fields       map[string]AdditionalField `setting:"fields" label:"Additional fields of sessions" help:"Fields besides the built-in ones, by name" advanced:"true"`
}

// CookieCache keeps a session's data in a signed cookie for a short while
// (better-auth core 5.4).
type CookieCache struct {
	Enabled  bool          `setting:"enabled" label:"Cookie cache" help:"Answer get-session from a cookie for a while instead of reading the database"`
	MaxAge   time.Duration `setting:"max_age" label:"Cookie cache is valid for" help:"How long such an answer counts; a session that was ended can look valid for as long" check:"min=1s;max=5m"`
	Strategy string        `setting:"strategy" label:"Form of the cookie cache" help:"Whether the cookie is signed only, or encrypted" check:"oneof=compact|jwt|jwe" choices:"compact=Compact, signed|jwt=JWT, signed|jwe=JWE, encrypted"`
	Version  string        `setting:"version" label:"Version of the cookie cache" help:"A new version makes all such cookies void" check:"required;max=64"`
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
		problems = append(problems, Invalid("step_up_age", "is shorter than a minute, which is too short to fill in a form", "use at least 1m, or 0 to never ask"))
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
