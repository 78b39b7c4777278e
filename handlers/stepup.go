package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Bounds of a form that waits for a proof of identity: how long it may, and how long it
// may be. A longer one is sent again after the proof.
const (
	waitsFor  = 10 * time.Minute
	waitsUpTo = 64 << 10
)

// waitingPurpose names the key that seals a form that waits. It holds what was typed,
// passwords too, and goes through the browser.
const waitingPurpose = "form that waits for a step-up"

// heldForm is a form that was sent and is carried out after the proof.
type heldForm struct {
	Session string    `json:"s"` // the session that sent it
	Until   time.Time `json:"u"`
	Method  string    `json:"m"`
	URI     string    `json:"a"`
	Form    string    `json:"f"`
	Page    string    `json:"p"` // the form was on
}

// provable reports whether a page can ask for a proof of identity: there is a session to
// prove, and a page that asks.
func (s *Server) provable(c *plugins.Call) bool {
	_, offered := plugins.Offer[plugins.Prover](s.host)
	p := c.Principal()
	return offered && c.Current != nil && c.Current.Cached == nil && p != nil && p.Session != nil && !p.Session.Virtual && !p.Impersonated()
}

// askProof leads a page that wants a proof of identity to the page that asks for it. A
// form is kept, sealed for the session, and carried out after the proof.
func (s *Server) askProof(c *plugins.Call, why error) error {
	w := plugins.Waiting{ReturnTo: returnPath(c.Request)}
	if strength, ok := errors.AsType[strongEnough](why); ok {
		w.Strength = int(strength)
	}
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return c.SeeOther(w.Address(page.StepUpPath))
	}
	form := c.Request.PostForm.Encode()
	if c.Request.MultipartForm != nil || isMultipart(c.Request) || len(form) > waitsUpTo {
		c.Flash("info", "Confirm that it is you, then send the form again.")
		return c.SeeOther(w.Address(page.StepUpPath))
	}
	held, err := json.Marshal(heldForm{Session: c.Current.Session.ID, Until: s.core.Clock().Add(waitsFor), Method: c.Request.Method,
		URI: c.Request.URL.RequestURI(), Form: form, Page: w.ReturnTo})
	if err != nil {
		return err
	}
	w.Form = s.core.Keys.Seal(waitingPurpose, string(held))
	c.Await(w)
	return plugins.MustOffer[plugins.Prover](s.host).AskAgain(c, http.StatusForbidden, web.Form{})
}

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/")
}

// Resume implements plugins.Viewer.
func (v viewer) Resume(c *plugins.Call) error {
	w := c.Waiting()
	back := page.AccountPath
	if strings.HasPrefix(w.ReturnTo, "/") && v.s.origins().Redirect(w.ReturnTo) {
		back = w.ReturnTo
	}
	if w.Form == "" {
		return c.SeeOther(back)
	}
	held, ok := v.s.held(c, w.Form)
	if !ok {
		c.Flash("warn", "The form was not sent: it waited too long, or came from another session. Send it again.")
		return c.SeeOther(back)
	}
	return v.s.carryOut(c, held)
}

// held opens a form that waits. It is good for the session that sent it, for a while.
func (s *Server) held(c *plugins.Call, sealed string) (heldForm, bool) {
	var held heldForm
	text, err := s.core.Keys.Open(waitingPurpose, sealed)
	if err != nil || json.Unmarshal([]byte(text), &held) != nil {
		return heldForm{}, false
	}
	return held, c.Current != nil && held.Session == c.Current.Session.ID && s.core.Clock().Before(held.Until)
}

// carryOut serves the form as if it had just come: everything is judged again. The origin
// is that of the request that brought the proof, a page of this server.
func (s *Server) carryOut(c *plugins.Call, held heldForm) error {
	at, err := url.ParseRequestURI(held.URI)
	if err != nil {
		return err
	}
	from := auth.OriginOf(c.Request.Context())
	from.Method, from.Path = held.Method, at.Path
	r := c.Request.Clone(auth.WithOrigin(c.Request.Context(), from))
	r.Method, r.URL, r.RequestURI = held.Method, at, held.URI
	r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(held.Form)), int64(len(held.Form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", s.top().Origin()+held.Page)
	ec := s.echo.NewContext(r, c.Writer)
	s.echo.Router().Find(r.Method, at.EscapedPath(), ec)
	rt := s.pages[r.Method+" "+ec.Path()]
	if rt == nil {
		return auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
	}
	next := s.call(ec)
	next.View, next.Cookies = s.viewer, c.Cookies
	next.Presented, next.Asked = c.Presented, c.Asked
	return s.serve(next, rt)
}
