package plugins

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Viewer draws pages; the server implements it with the shells and headers of pages.
type Viewer interface {
	Draw(c *Call, p Page) error
	// Leave ends a post whose target may be on another origin: a redirect inside the
	// server, else the continue page (decisions 34).
	Leave(c *Call, target string) error
	// Zone is the time zone of the person who looks.
	Zone(c *Call) *time.Location
	// Preferences reads the choices of the person who looks.
	Preferences(c *Call) map[string]string
	// Resume goes on after a step-up; see Call.Resume.
	Resume(c *Call) error
	// Explain is what may be shown of an error; what may not is logged with the request's id.
	Explain(c *Call, err error) *auth.Error
}

// Page draws a component as a whole page.
func (c *Call) Page(status int, component templ.Component) error {
	return c.View.Draw(c, Page{Status: status, Component: component})
}

// Form returns a field of the posted form, or of the query on GET, without
// surrounding space.
func (c *Call) Form(name string) string { return strings.TrimSpace(c.Request.FormValue(name)) }

// FormRaw returns a field as it was typed; for passwords.
func (c *Call) FormRaw(name string) string { return c.Request.FormValue(name) }

// Moment reads a field of type datetime-local in the time zone of the person who looks; nil
// when it is empty. ok is false when it is no moment.
func (c *Call) Moment(name string) (at *time.Time, ok bool) {
	text := c.Form(name)
	if text == "" {
		return nil, true
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, c.View.Zone(c)); err == nil {
			t = t.UTC()
			return &t, true
		}
	}
	return nil, false
}

// File returns the bytes of a file of the posted form; nil when none was chosen.
func (c *Call) File(name string) ([]byte, error) {
	if c.Request.MultipartForm == nil || len(c.Request.MultipartForm.File[name]) == 0 {
		return nil, nil
	}
	f, err := c.Request.MultipartForm.File[name][0].Open()
	if err != nil {
		return nil, fmt.Errorf("reading an uploaded file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("reading an uploaded file: %w", err)
	}
	return data, nil
}

// SeeOther answers 303 to a path of this server.
func (c *Call) SeeOther(path string) error {
	for _, line := range c.Cookies.Lines() {
		c.Header.Add("Set-Cookie", line)
	}
	c.Header.Set("Cache-Control", "no-store")
	http.Redirect(c.Writer, c.Request, path, http.StatusSeeOther)
	return nil
}

// Leave ends a post with a target that may be on another origin.
func (c *Call) Leave(target string) error { return c.View.Leave(c, target) }

// flashKey is the cookie that carries one message over a redirect.
const flashKey = "flash"

// maxFlash bounds the cookie of a message, in bytes; without room the way back is left out.
const maxFlash = 3000

// Flash is a message on the page after an act.
type Flash struct {
	Tone string // "good", "info", "warn" or "bad"
	Text words.Text
	Undo *Undo
}

// flashCookie is a message in its cookie. The text stays a key: as JSON, words.Text
// would be English.
type flashCookie struct {
	Tone string `json:"t"`
	Text string `json:"x"`
	Undo *Undo  `json:"u,omitempty"`
}

// Undo is the form that takes an act back: a route of this server that answers POST, and
// what it is sent. That route judges access and says what came of it.
type Undo struct {
	Path   string     `json:"p"`
	Fields url.Values `json:"f,omitempty"`
}

// Flash keeps one message for the next page. tone is "good", "info", "warn" or "bad".
func (c *Call) Flash(tone string, text words.Text) { c.flash(Flash{Tone: tone, Text: text}) }

// FlashUndo keeps a message for the next page with a button that takes the act back.
func (c *Call) FlashUndo(text words.Text, undo Undo) {
	c.flash(Flash{Tone: "good", Text: text, Undo: &undo})
}

func (c *Call) flash(f Flash) {
	raw, err := json.Marshal(flashCookie{f.Tone, string(f.Text), f.Undo})
	if err != nil { // texts: cannot be
		return
	}
	value := url.QueryEscape(string(raw))
	if len(value) > maxFlash && f.Undo != nil {
		c.Flash(f.Tone, f.Text)
		return
	}
	c.Desk.SetSigned(c, flashKey, value, 60)
}

// TakeFlash returns the message of the action before, once.
func (c *Call) TakeFlash() (Flash, bool) {
	value, ok := c.Desk.Signed(c, flashKey)
	if !ok {
		return Flash{}, false
	}
	c.Desk.SetSigned(c, flashKey, "", -1)
	var f flashCookie
	raw, err := url.QueryUnescape(value)
	if err != nil || json.Unmarshal([]byte(raw), &f) != nil {
		return Flash{}, false
	}
	return Flash{f.Tone, words.Text(f.Text), f.Undo}, f.Text != ""
}
