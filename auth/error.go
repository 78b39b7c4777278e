package auth

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/schema/core"
)

// Error is the one error type that leaves a service. Code and Message are what the
// wire shows; Cause is for the log only and is never encoded.
type Error struct {
	Status  int        // HTTP status
	Code    string     // upper snake case; empty when the wire has none
	Message words.Text // safe for the person who reads it; English on the wire
	// Bare errors have no body at all (better-auth core 2.3).
	Bare bool
	// CodeFirst writes the code before the message (the lower-case codes of core 2.2).
	CodeFirst bool
	// Scope names the scope that was missing, for 403 answers of our own surfaces; Inside
	// says that it is one of organizations, and Organization in which one.
	Scope        string
	Inside       bool
	Organization string
	// HeldUntil is the last end with which what was asked for would not have been refused: the
	// actor holds it for a time. Zero where no end helps.
	HeldUntil time.Time
	// Fields are texts for form fields, by field name.
	Fields map[string]words.Text
	// RetryAfter is how long to wait before another try; zero when not known.
	RetryAfter time.Duration
	// Details are a further member of the wire's answer; nil where it has none.
	Details any
	Cause   error
}

// Error implements error. The text is for logs.
func (e *Error) Error() string {
	text := e.Code
	if text == "" {
		text = http.StatusText(e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message.English()
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an *Error with the same code and status, so that
// declared errors can be compared with errors.Is after With or Because made a copy.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code && t.Status == e.Status && t.Message == e.Message
}

// Because returns a copy that carries a cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Saying returns a copy with another message.
func (e *Error) Saying(format words.Text, args ...any) *Error {
	c := *e
	c.Message = format
	if len(args) > 0 {
		c.Message = words.F(format, args...)
	}
	return &c
}

// For returns a copy that names the scope that was missing.
func (e *Error) For(scope string) *Error {
	c := *e
	c.Scope = scope
	return &c
}

// ForIn returns a copy that names the scope that was missing in an organization; empty where
// it is not there, or not known.
func (e *Error) ForIn(organization, scope string) *Error {
	c := *e
	c.Scope, c.Inside, c.Organization = scope, true, organization
	return &c
}

// Until returns a copy that says until when the actor holds what they were refused to give, at
// the field of its end; the error itself where no end helps.
func (e *Error) Until(held time.Time, field string) *Error {
	if held.IsZero() {
		return e
	}
	c := e
	if field != "" {
		c = e.At(field)
	}
	until := *c
	until.HeldUntil = held
	return &until
}

// At returns a copy with a text for one form field.
func (e *Error) At(field string) *Error {
	c := *e
	c.Fields = map[string]words.Text{field: e.Message}
	return &c
}

// E declares an error with a code.
func E(status int, code string, message words.Text) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Empty declares an error without a body.
func Empty(status int) *Error { return &Error{Status: status, Bare: true} }

// Internal wraps an unexpected failure. The caller sees no detail (SEC-181).
func Internal(cause error) *Error {
	return &Error{Status: http.StatusInternalServerError, Code: "INTERNAL_SERVER_ERROR", Message: "Internal Server Error", Cause: cause}
}

// AsError returns err as an *Error; a text that storage refused for its length, and an
// address of a picture that it refused, is a bad request, anything else becomes an internal one.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	refused, ok := errors.AsType[*ent.ValidationError](err)
	switch {
	case ok && errors.Is(err, core.ErrPictureAddress):
		return ErrValidation.Saying("The address of a picture begins with http:// or https://.").At(refused.Name).Because(err)
	case ok && strings.Contains(refused.Error(), "greater than the required length"):
		return ErrValidation.Saying("This is too long.").At(refused.Name).Because(err)
	}
	return Internal(err)
}
