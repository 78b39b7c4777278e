package handlers

import (
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/cookie"
	"gatehouse/plugins"
)

// Keys of the session's cookies (better-auth core 5.1).
const (
	cookieToken    = "session_token"
	cookieData     = "session_data"
	cookieRemember = "dont_remember"
)

// desk hands sessions out and takes them back in the wire's cookies.
type desk struct{ s *Server }

// jar collects the cookies of an answer.
func (s *Server) jar(r *http.Request) *cookie.Jar {
	return cookie.NewJar(cookie.Parse(r.Header["Cookie"]))
}

// names are the cookie names and attributes of the configuration.
func (s *Server) names() cookie.Names {
	cfg := s.cfg.Cookies.Current()
	return cookie.Names{Prefix: cfg.Prefix, Secure: s.secureCookies()}
}

func (s *Server) secureCookies() bool {
	return s.cfg.Cookies.Current().Secure.Or(s.top().Secure())
}

func (d desk) plain(key, value string, maxAge int) cookie.Cookie {
	cfg := d.s.cfg.Cookies.Current()
	a := cookie.Default(d.s.secureCookies())
	a.MaxAge, a.Partitioned = maxAge, cfg.Partitioned
	if cfg.CrossSubdomain {
		if a.Domain = cfg.Domain; a.Domain == "" {
			a.Domain = d.s.top().Host()
		}
	}
	if same, err := cookie.ParseSameSite(cfg.SameSite); err == nil { // settings allow no other
		a.SameSite = same
	}
	return cookie.Cookie{Name: d.s.names().Name(key), Value: value, Attributes: a}
}

// SetSigned implements plugins.SessionDesk.
func (d desk) SetSigned(c *plugins.Call, key, value string, maxAge int) {
	if maxAge < 0 {
		c.Cookies.Expire(d.plain(key, "", -1))
		return
	}
	c.Cookies.Set(d.plain(key, d.s.core.Keys.Sign(value), maxAge))
}

// Signed implements plugins.SessionDesk.
func (d desk) Signed(c *plugins.Call, key string) (string, bool) {
	raw, ok := c.Cookies.Received().Get(d.s.names().Name(key))
	if !ok {
		return "", false
	}
	return d.s.core.Keys.Verify(raw)
}

// Resolve implements plugins.SessionDesk: the steps of better-auth core 6.2.
func (d desk) Resolve(c *plugins.Call, fromStore bool) (*auth.Current, error) {
	if c.Current != nil && (!fromStore || c.Current.Cached == nil) {
		return c.Current, nil
	}
	cache := d.s.cfg.Session.Current().CookieCache
	if !cache.Enabled {
		d.dropCache(c)
	}
	presented, err := d.s.present(c, false)
	if err != nil {
		return nil, err
	}
	if presented != nil && presented.Principal != nil {
		c.Current = presented.Virtual
		return c.Current, nil
	}
	token, scheme := d.token(c, presented)
	if token == "" {
		return nil, nil
	}
	if cache.Enabled && !fromStore && !flag(c, "disableCookieCache") {
		if current := d.fromCache(c, token); current != nil {
			current.Scheme = scheme
			c.Current = current
			return current, nil
		}
	}
	current, reason, err := d.s.core.Sessions.Find(c.Context(), token)
	if err != nil {
		return nil, err
	}
	if current == nil {
		refuse(c, reason)
		d.Clear(c)
		return nil, nil
	}
	current.Scheme = scheme
	reading := &auth.Reading{Current: current, Extra: map[string]any{}}
	err = d.s.core.Moments.SessionRead.Run(c.Context(), reading)
	current.Extra = reading.Extra
	if err != nil {
		if auth.AsError(err).Status == http.StatusUnauthorized {
			refuse(c, auth.EndedRevoked)
			d.Clear(c)
			return nil, nil
		}
		return nil, err
	}
	if err := d.keepAlive(c, current); err != nil {
		return nil, err
	}
	c.Current = current
	return current, nil
}

// token finds the presented session token: a plugin's credential, else the cookie.
func (d desk) token(c *plugins.Call, presented *plugins.Presented) (token, scheme string) {
	if presented != nil && presented.SessionToken != "" {
		return presented.SessionToken, presented.Scheme
	}
	token, signed := d.Signed(c, cookieToken)
	if _, sent := c.Cookies.Received().Get(d.s.names().Name(cookieToken)); sent && !signed {
		c.Refused = &plugins.Rejection{Reason: plugins.ReasonSignature, Err: auth.ErrUnauthorized}
	}
	return token, auth.SchemeSession
}

// refuse keeps why a well-signed token has no session.
func refuse(c *plugins.Call, reason auth.EndReason) {
	c.Refused = &plugins.Rejection{Reason: plugins.ReasonRevoked, Err: auth.ErrUnauthorized}
	if reason == auth.EndedExpired {
		c.Refused.Reason = plugins.ReasonExpired
	}
}

// keepAlive extends a session that is due and writes its cookies again.
func (d desk) keepAlive(c *plugins.Call, current *auth.Current) error {
	if d.forgetful(c) {
		current.Remember, current.Due = false, false
		return nil
	}
	if flag(c, "disableRefresh") {
		current.Due = false
		return nil
	}
	if current.Due && !(d.s.cfg.Session.Current().DeferRefresh && c.Request.Method == http.MethodGet) {
		alive, err := d.s.core.Sessions.Extend(c.Context(), current)
		if err != nil {
			return err
		}
		if !alive {
			d.Clear(c)
			return auth.ErrFailedToGetSession
		}
		d.setToken(c, current.Token, true)
	}
	d.writeCache(c, current)
	return nil
}

// forgetful reports a valid dont_remember cookie.
func (d desk) forgetful(c *plugins.Call) bool {
	v, ok := d.Signed(c, cookieRemember)
	return ok && v == "true"
}

func flag(c *plugins.Call, name string) bool { return c.Request.URL.Query().Get(name) != "" }

func (d desk) setToken(c *plugins.Call, token string, remember bool) {
	age := 0
	if remember {
		age = int(d.s.cfg.Session.Current().ExpiresIn / time.Second)
	}
	d.SetSigned(c, cookieToken, token, age)
}

// Issue implements plugins.SessionDesk.
func (d desk) Issue(c *plugins.Call, issued *auth.Issued) error {
	current := &auth.Current{Token: issued.Token, Session: issued.Session, User: issued.User, Remember: issued.Remember, Scheme: auth.SchemeSession}
	c.Current = current
	d.write(c, current)
	return d.s.registry.SessionIssued.Run(c.Context(), &plugins.SessionIssued{Call: c, Issued: issued})
}

// Reissue implements plugins.SessionDesk.
func (d desk) Reissue(c *plugins.Call, current *auth.Current) error {
	current.Remember = current.Remember && !d.forgetful(c)
	c.Current = current
	d.write(c, current)
	return nil
}

// write sends the session's cookies: the token, the mark of a browser session or its
// end, and the cache (better-auth core 6.4).
func (d desk) write(c *plugins.Call, current *auth.Current) {
	d.setToken(c, current.Token, current.Remember)
	switch _, has := c.Cookies.Received().Get(d.s.names().Name(cookieRemember)); {
	case !current.Remember:
		d.SetSigned(c, cookieRemember, "true", 0)
	case has:
		d.SetSigned(c, cookieRemember, "", -1)
	}
	d.writeCache(c, current)
}

// Clear implements plugins.SessionDesk.
func (d desk) Clear(c *plugins.Call) {
	c.Cookies.Expire(d.plain(cookieToken, "", -1))
	c.Cookies.Expire(d.plain(cookieData, "", -1))
	c.Cookies.ExpirePieces(d.plain(cookieData, "", -1))
	c.Cookies.Expire(d.plain(cookieRemember, "", -1))
}

// dropCache removes a received cache cookie unread while the cache is off.
func (d desk) dropCache(c *plugins.Call) {
	name := d.s.names().Name(cookieData)
	if _, ok := c.Cookies.Received().Joined(name); ok && !c.Cookies.Has(name) {
		c.Cookies.ExpireAll(d.plain(cookieData, "", -1))
	}
}

func (d desk) cache() cookie.Cache {
	cfg := d.s.cfg.Session.Current().CookieCache
	return cookie.Cache{Ring: d.s.core.Keys, Strategy: cookie.Strategy(cfg.Strategy), Version: cfg.Version}
}

// writeCache sends the cache cookie, if the cache is on.
func (d desk) writeCache(c *plugins.Call, current *auth.Current) {
	cfg := d.s.cfg.Session.Current().CookieCache
	if !cfg.Enabled || current.Cached != nil {
		return
	}
	payload, err := d.s.payloadOf(current)
	if err != nil {
		d.s.log.WarnContext(c.Context(), "cookie cache not written", "error", err)
		return
	}
	age, seconds := cfg.MaxAge, int(cfg.MaxAge/time.Second)
	if !current.Remember {
		age, seconds = time.Minute, 0
	}
	now := d.s.core.Clock()
	payload.UpdatedAt, payload.Version = now, cfg.Version
	value, err := d.cache().Encode(payload, now, age)
	if err != nil {
		d.s.log.WarnContext(c.Context(), "cookie cache not written", "error", err)
		return
	}
	c.Cookies.SetChunked(d.plain(cookieData, value, seconds))
}

// fromCache answers from the cache cookie when it is acceptable (better-auth core 5.4).
func (d desk) fromCache(c *plugins.Call, token string) *auth.Current {
	name := d.s.names().Name(cookieData)
	value, ok := c.Cookies.Received().Joined(name)
	if !ok {
		return nil
	}
	payload, err := d.cache().Decode(value, token, d.s.core.Clock())
	if err != nil {
		c.Cookies.ExpireAll(d.plain(cookieData, "", -1))
		return nil
	}
	current, err := currentOf(payload, token)
	if err != nil {
		return nil
	}
	current.Remember = !d.forgetful(c)
	return current
}
