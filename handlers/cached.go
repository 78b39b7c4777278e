package handlers

import (
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/cookie"
	"gatehouse/auth/schema"
	"gatehouse/ent"
)

// Keys in front in what is answered from the cookie cache (better-auth core 3.4).
var (
	cachedSessionFirst = []string{"id", "createdAt", "updatedAt", "userId", "expiresAt", "token", "ipAddress", "userAgent"}
	cachedUserFirst    = []string{"id", "createdAt", "updatedAt", "email", "emailVerified", "name", "image"}
)

// payloadOf is what the cookie cache keeps of a session, in the order of its answers.
func (s *Server) payloadOf(current *auth.Current) (p cookie.Payload, err error) {
	if p.Session, err = schema.Marshal(s.core.WireSession(current.Session, current.Token).First(cachedSessionFirst...)); err != nil {
		return p, err
	}
	p.User, err = schema.Marshal(s.core.WireUser(current.User).First(cachedUserFirst...))
	return p, err
}

// currentOf makes the session behind a request from the cookie cache. The rows hold
// what the wire shows of them, nothing else.
func currentOf(p cookie.Payload, token string) (*auth.Current, error) {
	s, u := &ent.Session{Remembered: true}, &ent.User{}
	if err := s.ReadWire(p.Session); err != nil {
		return nil, fmt.Errorf("session of the cookie cache: %w", err)
	}
	if err := u.ReadWire(p.User); err != nil {
		return nil, fmt.Errorf("user of the cookie cache: %w", err)
	}
	return &auth.Current{Token: token, Session: s, User: u,
		Cached: &auth.CachedSession{Session: p.Session, User: p.User, UpdatedAt: p.UpdatedAt}}, nil
}
