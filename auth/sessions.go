package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
)

// handlePrefix marks a revocation handle: it names a session and is no credential.
const handlePrefix = "handle_"

// Sessions makes, reads, extends and ends sessions. Tokens are stored as their SHA-256
// (decisions 7).
type Sessions struct {
	db      *DB
	clock   Clock
	cfg     *settings.Core
	moments *Moments
	fields  *Fields
	events  *Events
}

// Issued is a new session with the token that was made for it. The token is known
// here and nowhere else.
type Issued struct {
	Token    string
	Session  *ent.Session
	User     *ent.User
	Remember bool
}

// Current is the session behind a request.
type Current struct {
	Token   string
	Session *ent.Session
	User    *ent.User
	// Cached is set when the cookie cache answered: the rows hold what the cache knows.
	Cached *CachedSession
	// Remember is false for browser sessions (rememberMe: false).
	Remember bool
	// Scheme the session was presented by.
	Scheme string
	// Due says that the session wants to be extended.
	Due bool
	// Virtual sessions, as keys in session mode have them, are held by no row.
	Virtual bool
	// Extra are the members that plugins add to the answer of get-session.
	Extra map[string]any
}

// CachedSession is the payload of the cookie cache.
type CachedSession struct {
	Session, User []byte // wire JSON
	UpdatedAt     time.Time
}

// NewSession is a session to be made.
type NewSession struct {
	User     *ent.User
	Remember bool
	AMR      []string
	// By opens the session in the user's name; nil: the user does.
	By *Principal
	// Life overrides the configured life; zero keeps it.
	Life            time.Duration
	AuthenticatedAt time.Time // zero: now
	Set             []func(*ent.SessionCreate)
}

// Create stores a session with a new token. Nothing the client sent becomes a token
// (SEC-029).
func (s *Sessions) Create(ctx context.Context, n NewSession) (*Issued, error) {
	var issued *Issued
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		issued, err = s.insert(ctx, tx, n)
		return err
	})
	return issued, err
}

func (s *Sessions) insert(ctx context.Context, tx *Tx, n NewSession) (*Issued, error) {
	now, cfg := s.clock(), s.cfg.Session.Current()
	d := &SessionDraft{Tx: tx, User: n.User, Remember: n.Remember, AMR: n.AMR, ExpiresAt: now.Add(s.life(n)), Set: n.Set}
	if err := s.moments.SessionCreating.Run(ctx, d); err != nil {
		return nil, err
	}
	expires, absolute := d.ExpiresAt, (*time.Time)(nil)
	if cfg.MaxAge > 0 {
		end := now.Add(cfg.MaxAge)
		absolute, expires = &end, earlier(expires, &end)
	}
	origin, token := OriginOf(ctx), random.ID()
	if n.AuthenticatedAt.IsZero() {
		n.AuthenticatedAt = now
	}
	create := tx.Session().Create().SetID(random.ID()).SetUserID(n.User.ID).SetToken(s.stored(token)).
		SetExpiresAt(expires).SetNillableAbsoluteExpiresAt(absolute).
		SetCreatedAt(now).SetUpdatedAt(now).SetAuthenticatedAt(n.AuthenticatedAt).SetLastSeenAt(now).
		SetIPAddress(origin.Address).SetUserAgent(origin.UserAgent).
		SetAmr(strings.Join(d.AMR, ",")).SetRemembered(d.Remember)
	if extra := s.defaults(d.Fields); len(extra) > 0 {
		create.SetAdditionalFields(extra)
	}
	for _, set := range d.Set {
		set(create)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing a session: %w", err)
	}
	actor, actorName := n.User.ID, n.User.Name
	if n.By != nil {
		actor, actorName = n.By.Subject, n.By.Name
	}
	err = s.events.Record(ctx, Event{Kind: "session.created", SubjectType: "user", Subject: n.User.ID, Actor: actor, ActorName: actorName,
		SessionID: row.ID, Data: map[string]any{"amr": strings.Join(d.AMR, ",")}})
	return &Issued{Token: token, Session: row, User: n.User, Remember: d.Remember}, err
}

func (s *Sessions) life(n NewSession) time.Duration {
	switch {
	case n.Life > 0:
		return n.Life
	case !n.Remember:
		return 24 * time.Hour // SEC-039
	}
	return s.cfg.Session.Current().ExpiresIn
}

// defaults are the additional fields of a new session.
func (s *Sessions) defaults(given map[string]any) map[string]any {
	values := map[string]any{}
	for _, f := range s.fields.Of("session") {
		if f.Default != nil && !f.Column {
			values[f.Name] = f.Default
		}
	}
	for k, v := range given {
		values[k] = v
	}
	return s.fields.JSON("session", values)
}

// Read finds the living session of a token with its user. It returns nil, nil when
// there is none. An expired row is removed.
func (s *Sessions) Read(ctx context.Context, token string) (*Current, error) {
	current, _, err := s.Find(ctx, token)
	return current, err
}

// Find is Read that says why there is no living session: EndedExpired where the row was
// still there, else EndedRevoked.
func (s *Sessions) Find(ctx context.Context, token string) (*Current, EndReason, error) {
	row, err := s.byToken(ctx, token)
	if err != nil || row == nil {
		return nil, EndedRevoked, err
	}
	now := s.clock()
	if !now.Before(row.ExpiresAt) || row.AbsoluteExpiresAt != nil && !now.Before(*row.AbsoluteExpiresAt) {
		_, err := s.End(ctx, EndedExpired, session.ID(row.ID))
		return nil, EndedExpired, err
	}
	if row.Edges.User == nil {
		return nil, EndedRevoked, nil
	}
	return &Current{Token: token, Session: row, User: row.Edges.User, Remember: row.Remembered, Scheme: SchemeSession, Due: s.due(row, now)}, "", nil
}

// byToken looks a token up by its hash, and by the raw form that an adopted database
// still holds, which is replaced at once.
func (s *Sessions) byToken(ctx context.Context, token string) (*ent.Session, error) {
	if token == "" || secret.IsSessionHash(token) {
		return nil, nil
	}
	hash := secret.HashSession(token)
	usual, other := hash, token
	if s.plain() {
		usual, other = token, hash
	}
	row, err := s.db.Access(ctx).SessionOfToken(ctx, usual)
	if ent.IsNotFound(err) {
		row, err = s.db.Access(ctx).SessionOfToken(ctx, other)
	}
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	if row.Token != hash && !s.plain() {
		err = s.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
			return tx.Session().Update().Where(session.ID(row.ID), session.Token(token)).SetToken(hash).Exec(ctx)
		})
		if err != nil {
			return nil, fmt.Errorf("hashing an adopted session token: %w", err)
		}
		row.Token = hash
	}
	return row, nil
}

// plain says that tokens are stored as they are, for a database that is shared with a
// better-auth server.
func (s *Sessions) plain() bool { return s.cfg.Session.Current().Tokens == "plain" }

// stored is the form in which a token is kept.
func (s *Sessions) stored(token string) string {
	if s.plain() {
		return token
	}
	return secret.HashSession(token)
}

// Prove keeps that the person of a session has just shown again who they are, and by
// which methods (RFC 8176). A session that has ended is ErrUnauthorized.
func (s *Sessions) Prove(ctx context.Context, c *Current, amr ...string) error {
	now := s.clock()
	methods := c.Session.Amr
	for _, m := range amr {
		if !slices.Contains(strings.Split(methods, ","), m) {
			methods = strings.TrimPrefix(methods+","+m, ",")
		}
	}
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Session().Update().Where(session.ID(c.Session.ID), session.UserID(c.User.ID)).
			SetAuthenticatedAt(now).SetAmr(methods).SetUpdatedAt(c.Session.UpdatedAt).Save(ctx)
		if err != nil {
			return fmt.Errorf("keeping a proof of identity: %w", err)
		}
		if n == 0 {
			return ErrUnauthorized
		}
		return s.events.Record(ctx, Event{Kind: "session.proved", SubjectType: "user", Subject: c.User.ID, Data: map[string]any{"amr": strings.Join(amr, ",")}})
	})
	if err == nil {
		c.Session.AuthenticatedAt, c.Session.Amr = now, methods
	}
	return err
}

// Proved reports whether the last proof of identity of a session is recent enough for
// dangerous acts: not older than session.step_up_age. It is false without a session.
func (s *Sessions) Proved(f *SessionFacts) bool {
	if f == nil || f.Virtual {
		return false
	}
	age := s.cfg.Session.Current().StepUpAge
	return age == 0 || s.clock().Sub(f.AuthenticatedAt) <= age
}

// ProvedForAPI is Proved for calls of the API, which session.step_up_api asks. It is true
// without a session of a person's own: keys and impersonators have nothing to prove.
func (s *Sessions) ProvedForAPI(f *SessionFacts) bool {
	return f == nil || f.Virtual || f.ImpersonatedBy != "" || !s.cfg.Session.Current().StepUpAPI || s.Proved(f)
}

// Renew gives a session a new token, so that the old one is dead (SEC-045). It returns
// "" when the session is gone.
func (s *Sessions) Renew(ctx context.Context, c *Current) (string, error) {
	token, now, n := random.ID(), s.clock(), 0
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		n, err = tx.Session().Update().Where(session.ID(c.Session.ID), session.Token(c.Session.Token)).
			SetToken(s.stored(token)).SetUpdatedAt(now).Save(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("renewing a session token: %w", err)
	}
	if n == 0 {
		return "", nil
	}
	c.Token, c.Session.Token, c.Session.UpdatedAt = token, s.stored(token), now
	return token, nil
}

func (s *Sessions) due(row *ent.Session, now time.Time) bool {
	cfg := s.cfg.Session.Current()
	if !cfg.Refresh || !row.Remembered {
		return false
	}
	next := row.ExpiresAt.Add(cfg.UpdateAge - cfg.ExpiresIn)
	return !now.Before(next) && (row.AbsoluteExpiresAt == nil || row.ExpiresAt.Before(*row.AbsoluteExpiresAt))
}

// Extend moves the end of a session, never beyond its absolute maximum (decisions 6).
// It returns false when the row is gone.
func (s *Sessions) Extend(ctx context.Context, c *Current) (bool, error) {
	now := s.clock()
	expires := earlier(now.Add(s.cfg.Session.Current().ExpiresIn), c.Session.AbsoluteExpiresAt)
	n := 0
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		n, err = tx.Session().Update().Where(session.ID(c.Session.ID), session.Token(c.Session.Token)).
			SetExpiresAt(expires).SetUpdatedAt(now).SetLastSeenAt(now).Save(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("extending a session: %w", err)
	}
	c.Session.ExpiresAt, c.Session.UpdatedAt, c.Due = expires, now, false
	return n == 1, nil
}

// List returns the living sessions of a user, newest first, at most 100.
func (s *Sessions) List(ctx context.Context, userID string) ([]*ent.Session, error) {
	return s.db.Access(ctx).Session().Query().
		Where(session.UserID(userID), session.ExpiresAtGT(s.clock())).
		Order(ent.Desc(session.FieldCreatedAt)).Limit(100).All(ctx)
}

// Handle names a session in lists; it revokes and does not authenticate. Where tokens
// are stored plain, as on the wire, it is the token.
func (s *Sessions) Handle(row *ent.Session) string {
	if s.plain() && !secret.IsSessionHash(row.Token) {
		return row.Token
	}
	return handlePrefix + row.ID
}

// Named is the predicate for what a client names a session by: a revocation handle or
// a real token.
func (s *Sessions) Named(name string) predicate.Session {
	if id, ok := strings.CutPrefix(name, handlePrefix); ok {
		return session.ID(id)
	}
	if secret.IsSessionHash(name) {
		return session.ID("")
	}
	return session.TokenIn(secret.HashSession(name), name)
}

// End deletes the sessions that match, tells the plugins, and reports how many went.
func (s *Sessions) End(ctx context.Context, reason EndReason, where ...predicate.Session) (int, error) {
	n := 0
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		rows, err := tx.Session().Query().Where(where...).All(ctx)
		if err != nil {
			return fmt.Errorf("finding sessions to end: %w", err)
		}
		for user, list := range byUser(rows) {
			if err := s.endOf(ctx, tx, user, list, reason, false); err != nil {
				return err
			}
		}
		n = len(rows)
		return nil
	})
	return n, err
}

// EndAll deletes every session of a user. Plugins hear of it even when there was none,
// so that trusted devices and pending steps end as well.
func (s *Sessions) EndAll(ctx context.Context, reason EndReason, userID string) (int, error) {
	n := 0
	err := s.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		rows, err := tx.Session().Query().Where(session.UserID(userID)).All(ctx)
		if err != nil {
			return fmt.Errorf("finding sessions to end: %w", err)
		}
		n = len(rows)
		if n > 0 {
			return s.endOf(ctx, tx, userID, rows, reason, true)
		}
		return s.moments.SessionsEnded.Run(ctx, &EndedSessions{Tx: tx, UserID: userID, All: true, Reason: reason})
	})
	return n, err
}

func (s *Sessions) endOf(ctx context.Context, tx *Tx, userID string, rows []*ent.Session, reason EndReason, all bool) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	if _, err := tx.Session().Delete().Where(session.IDIn(ids...)).Exec(ctx); err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	if err := s.moments.SessionsEnded.Run(ctx, &EndedSessions{Tx: tx, UserID: userID, Sessions: rows, All: all, Reason: reason}); err != nil {
		return err
	}
	if reason == EndedExpired {
		return nil
	}
	return s.events.Record(ctx, Event{Kind: "session.ended", SubjectType: "user", Subject: userID,
		Reason: string(reason), Data: map[string]any{"count": len(rows)}})
}

func byUser(rows []*ent.Session) map[string][]*ent.Session {
	m := map[string][]*ent.Session{}
	for _, r := range rows {
		m[r.UserID] = append(m[r.UserID], r)
	}
	return m
}

// Facts are what policies may know of a session row.
func (s *Sessions) Facts(row *ent.Session) *SessionFacts {
	f := &SessionFacts{ID: row.ID, UserID: row.UserID, CreatedAt: row.CreatedAt, AuthenticatedAt: row.AuthenticatedAt, ExpiresAt: row.ExpiresAt}
	if row.Amr != "" {
		f.AMR = strings.Split(row.Amr, ",")
	}
	return f
}

// Fresh reports whether a session is young enough for sensitive acts.
func (s *Sessions) Fresh(row *ent.Session) bool {
	age := s.cfg.Session.Current().FreshAge
	return age == 0 || s.clock().Sub(row.CreatedAt) < age
}

func earlier(a time.Time, b *time.Time) time.Time {
	if b == nil || a.Before(*b) {
		return a
	}
	return *b
}
