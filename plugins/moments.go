package plugins

import (
	"context"
	"net/http"

	"gatehouse/auth"
)

// Moments are the points at which plugins take part. The types and their promises are
// described where they are declared in package auth; those about HTTP stand here.
type Moments struct {
	// RequestReceived runs before routing, after the rate limit. It may refuse with an
	// error or answer by itself.
	RequestReceived []auth.On[*Incoming]
	// BeforeEndpoint runs before validation and sees the raw body; it may change it,
	// refuse, or answer (better-auth core 11.3).
	BeforeEndpoint []EndpointHook
	// AfterEndpoint runs after the handler, errors included. It may replace the result
	// and add headers; the status of an error stays.
	AfterEndpoint []EndpointHook
	// SessionIssued runs when session cookies go out.
	SessionIssued []auth.On[*SessionIssued]

	auth.Hooks
}

// Incoming is a request before routing.
type Incoming struct {
	Request *http.Request
	Path    string // canonical, relative to /api/auth for API requests
	API     bool
	answer  *Answer
}

// Answer is a complete answer given in place of a handler's.
type Answer struct {
	Status int
	Body   any // encoded as JSON; nil is an empty body
}

// Answer ends the request with an answer.
func (i *Incoming) Answer(a Answer) { i.answer = &a }

// Answered returns the answer a handler gave, or nil.
func (i *Incoming) Answered() *Answer { return i.answer }

// Interrupted implements the stop rule of auth.Moment.
func (i *Incoming) Interrupted() bool { return i.answer != nil }

// EndpointHook takes part in the endpoints whose path matches.
type EndpointHook struct {
	Class auth.Class
	Match string // glob on the route pattern, "/**" for all
	Do    func(context.Context, *Call) error
}

// SessionIssued is a session whose cookies are being written.
type SessionIssued struct {
	Call   *Call
	Issued *auth.Issued
}
