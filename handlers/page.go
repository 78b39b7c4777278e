package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"gatehouse/auth"
	"gatehouse/ent/database"
	colours "gatehouse/handlers/theme"
	"gatehouse/plugins"
	"gatehouse/web"
)

// route serves a declared page, form post or other route.
func (s *Server) route(rt *plugins.Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := s.call(ec)
		c.View = s.viewer
		return s.serve(c, rt)
	}
}

func (s *Server) serve(c *plugins.Call, rt *plugins.Route) error {
	if err := s.judgeRoute(c.Request, rt); err != nil {
		return s.failPage(c, rt, err)
	}
	for _, part := range c.Params {
		if !plain(part) { // no address has such a part, and not every database takes it
			return s.failPage(c, rt, auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist."))
		}
	}
	for _, step := range s.steps(rt) {
		if err := step(c); err != nil {
			return s.failPage(c, rt, err)
		}
	}
	if err := rt.Handle(c); err != nil {
		return s.failPage(c, rt, err)
	}
	return nil
}

// steps come before the handler of a route. Forms are read before anybody is asked who
// they are, since that may write; forms with files after, since they are long.
func (s *Server) steps(rt *plugins.Route) []func(*plugins.Call) error {
	admit := func(c *plugins.Call) error { return s.admitPage(c, rt) }
	read := func(c *plugins.Call) error { return readForm(c, rt) }
	if rt.Upload > 0 {
		return []func(*plugins.Call) error{admit, read}
	}
	return []func(*plugins.Call) error{read, admit}
}

// readForm reads the form or query of a page. Text that not every database can hold is
// refused here.
func readForm(c *plugins.Call, rt *plugins.Route) error {
	if rt.API {
		return nil
	}
	if err := parseForm(c.Request, rt); err != nil && rt.Method != http.MethodGet {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			e := auth.E(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "What was sent is too large.")
			if rt.Upload > 0 {
				return e.Saying("This file is too large. At most %d MB are taken here.", int(rt.Upload>>20))
			}
			return e
		}
		return auth.E(http.StatusBadRequest, "BAD_REQUEST", "The form could not be read.").Because(err)
	}
	for _, values := range c.Request.Form {
		if slices.ContainsFunc(values, func(v string) bool { return !plain(v) }) {
			return auth.E(http.StatusBadRequest, "BAD_REQUEST", "The form holds characters that cannot be stored.")
		}
	}
	return nil
}

// parseForm reads forms with files only where a route takes them, and keeps them in
// memory: their length is bounded, and the server writes no files of strangers.
func parseForm(r *http.Request, rt *plugins.Route) error {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), "multipart/form-data") {
		return r.ParseForm()
	}
	if rt.Upload == 0 {
		return http.ErrNotMultipart
	}
	return r.ParseMultipartForm(rt.Upload)
}

func plain(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// admitPage authenticates before it admits, so that every page knows who is looking.
func (s *Server) admitPage(c *plugins.Call, rt *plugins.Route) error {
	a := rt.Access
	if a.Who == plugins.Nobody {
		return nil
	}
	a.FromStore = true
	if err := s.authenticate(c, a); err != nil {
		if a.Who == plugins.Public {
			return nil
		}
		return err
	}
	if rt.API {
		return s.admit(c, a, true)
	}
	// A key in session mode has one for programs; pages are for people (SEC-143).
	if p := c.Principal(); a.Who != plugins.Public && p != nil && p.Session != nil && p.Session.Virtual {
		return auth.ErrCredentialScheme.Saying("Pages are for people. A key is for the API.")
	}
	if p := c.Principal(); p != nil && a.Who == plugins.Public {
		if err := mayChange(c, p, a, false); err != nil {
			return err
		}
	}
	if err := s.seeAs(c, rt); err != nil {
		return err
	}
	return s.admit(c, a, false)
}

// failPage shows an error: JSON for API routes, the sign-in page for those who have
// not signed in, else an error page with the request's id.
func (s *Server) failPage(c *plugins.Call, rt *plugins.Route, err error) error {
	e := s.explain(c.Context(), err)
	if rt.API {
		return s.finish(c, nil, e)
	}
	if e.Status == http.StatusUnauthorized && c.Principal() == nil {
		return c.SeeOther("/sign-in?returnTo=" + url.QueryEscape(returnPath(c.Request)))
	}
	if e.RetryAfter > 0 {
		retryAfter(c.Header, e)
	}
	if errors.Is(err, auth.ErrStepUpRequired) && s.provable(c) {
		return s.askProof(c, err)
	}
	return c.Page(e.Status, s.errorPage(c, e))
}

// returnPath is where to come back to after signing in: the page itself, or the page a
// form was on.
func returnPath(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	if ref, err := url.Parse(r.Referer()); err == nil && strings.HasPrefix(ref.Path, "/") {
		return ref.RequestURI()
	}
	return "/"
}

// viewer draws pages for a call.
type viewer struct{ s *Server }

// Draw implements plugins.Viewer.
func (v viewer) Draw(c *plugins.Call, p plugins.Page) error { return v.s.writePage(c, p) }

// Explain implements plugins.Viewer.
func (v viewer) Explain(c *plugins.Call, err error) *auth.Error { return v.s.explain(c.Context(), err) }

// Zone implements plugins.Viewer.
func (v viewer) Zone(c *plugins.Call) *time.Location { return zone(c.Request, c.Preferences()) }

// Preferences implements plugins.Viewer. A page without them is better than none.
func (v viewer) Preferences(c *plugins.Call) map[string]string {
	p := c.Principal()
	if p == nil {
		return map[string]string{}
	}
	if p.Viewer != nil {
		p = p.Viewer // whose eyes read, not as whom
	}
	all, err := v.s.core.Preferences.Of(c.Context(), p.Subject)
	if err != nil {
		v.s.log.WarnContext(c.Context(), "reading preferences", "error", err)
		return map[string]string{}
	}
	return all
}

// writePage renders into a buffer first, so that a failing component leaves no half page.
func (s *Server) writePage(c *plugins.Call, p plugins.Page) error {
	nonce := rand128()
	look := s.look(c, nonce)
	if p.Look != nil {
		p.Look(&look)
	}
	ctx := web.With(c.Context(), look)
	var body bytes.Buffer
	if err := p.Component.Render(ctx, &body); err != nil {
		return err
	}
	h := c.Header
	for _, line := range c.Cookies.Lines() {
		h.Add("Set-Cookie", line)
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	allowed := sources(p.Policy)
	if allowed.Framed = p.Framed; p.Framed {
		h.Set("X-Frame-Options", "SAMEORIGIN")
	}
	h.Set("Content-Security-Policy", web.Policy(nonce, allowed))
	h.Set("Cache-Control", "no-store")
	sent := body.Bytes()
	if !p.Secret {
		sent = zipped(c.Request, h, sent)
	}
	c.Writer.WriteHeader(orOK(p.Status))
	if c.Request.Method == http.MethodHead {
		return nil
	}
	_, err := c.Writer.Write(sent)
	return err
}

func sources(list []plugins.Source) web.Sources {
	var w web.Sources
	for _, s := range list {
		switch s.Directive {
		case "script-src":
			w.Script = append(w.Script, s.Value)
		case "connect-src":
			w.Connect = append(w.Connect, s.Value)
		case "frame-src":
			w.Frame = append(w.Frame, s.Value)
		case "style-src":
			w.Style = append(w.Style, s.Value)
		case "img-src":
			w.Image = append(w.Image, s.Value)
		}
	}
	return w
}

// look is what every page draws besides its own content.
func (s *Server) look(c *plugins.Call, nonce string) web.Request {
	chosen := c.Preferences()
	r := web.Request{Nonce: nonce, Theme: theme(c.Request, chosen), Zone: zone(c.Request, chosen), Development: s.development(), Path: c.Request.URL.RequestURI(),
		AppName: s.cfg.App.Get().Name, Asset: s.assets.URL, Now: s.core.Clock(), Origin: s.top().Origin(), Speaker: s.speaker(c.Request, chosen[auth.PreferLanguage])}
	r.Stylesheet, r.Logo, r.LogoDark = s.appearance()
	p := c.Principal()
	if p == nil {
		return r
	}
	navigating := p
	if p.Viewer != nil {
		p = p.Viewer
	}
	r.Signed = &web.Person{ID: p.Subject, Name: p.Name, Email: p.Email, Image: p.Image}
	s.navigate(c, navigating, &r)
	if p.Impersonated() {
		r.Mask = s.mask(c, p)
		r.ReadOnly = p.Session.ReadOnly
	}
	if c.Seen != nil {
		r.ReadOnly = true
		r.Seeing = &web.Seeing{Name: cmp.Or(c.Seen.Name, c.Seen.Email), StopURL: "/admin/see-as/stop"}
	}
	if f, ok := c.TakeFlash(); ok {
		r.Flash = &web.Flash{Tone: web.Tone(f.Tone), Text: f.Text}
		if f.Undo != nil {
			r.Flash.UndoURL, r.Flash.Undo = f.Undo.Path, f.Undo.Fields
		}
	}
	return r
}

// mask says who really acts in the name of the person of a session, and for how long.
func (s *Server) mask(c *plugins.Call, p *auth.Principal) *web.Impersonation {
	m := &web.Impersonation{Actor: "An administrator", StopURL: "/admin/stop-impersonating", Until: p.Session.ExpiresAt, ReadOnly: p.Session.ReadOnly}
	if actor, err := s.core.Users.ByID(c.Context(), p.Session.ImpersonatedBy); err == nil && actor != nil {
		m.Actor = words.Raw(cmp.Or(actor.Name, actor.Email))
	}
	return m
}

// appearance is what the operator made pages look like.
func (s *Server) appearance() (stylesheet, logo, logoDark string) {
	cfg := s.cfg.Appearance.Current()
	return colours.URL(cfg.Accent), picture(cfg.Logo), picture(cfg.LogoDark)
}

// picture is the address of an uploaded picture.
func picture(id string) string {
	if id == "" {
		return ""
	}
	return auth.PicturePath + id
}

// theme is what the person chose on this device, else in their account.
func theme(r *http.Request, chosen map[string]string) web.Theme {
	if t := chosen[auth.PreferTheme]; t != "" {
		return web.Theme(t)
	}
	c, err := r.Cookie(themeCookie)
	if err != nil {
		return web.System
	}
	return web.Theme(c.Value)
}

// themeCookie holds the reader's colour scheme; it is no secret and needs no signature.
const themeCookie = "gatehouse_theme"

// failed is echo's error handler: unknown paths and errors of middleware.
func (s *Server) failed(err error, ec echo.Context) {
	if ec.Response().Committed {
		return
	}
	r := ec.Request()
	c := s.call(ec)
	c.View = s.viewer
	var he *echo.HTTPError
	if asHTTP(err, &he) {
		err = auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
		if _, api := relative(r); api || strings.HasPrefix(r.URL.Path, "/api/") {
			ec.Response().WriteHeader(http.StatusNotFound)
			return
		}
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		_ = s.finish(c, nil, err)
		return
	}
	if s.authenticate(c, plugins.Access{Who: plugins.Inside, FromStore: true}) != nil {
		c.SetContext(r.Context())
	}
	if c.Principal() != nil && s.seeAs(c, &plugins.Route{Access: plugins.Access{Looks: true}}) != nil {
		c.Seen = nil
	}
	if drawErr := s.failPage(c, &plugins.Route{}, err); drawErr != nil && !database.IsInterrupted(drawErr) {
		s.log.ErrorContext(r.Context(), "error page", "error", drawErr)
	}
}

// Identify authenticates a request that another handler serves, and collects the headers
// and cookies that must reach the client.
func (s *Server) Identify(r *http.Request, header http.Header, seen func(*plugins.Call)) error {
	c := plugins.NewCall(r, discard{header})
	c.Cookies, c.Desk = s.jar(r), s.desk
	if err := s.authenticate(c, plugins.Access{Who: plugins.Inside, FromStore: true}); err != nil {
		return err
	}
	for _, line := range c.Cookies.Lines() {
		header.Add("Set-Cookie", line)
	}
	seen(c)
	return nil
}

// discard is a response writer of which only the header counts.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
