package plugins

import (
	"fmt"
	"gatehouse/auth/words"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// Viewer draws pages; the server implements it with the shells and headers of pages.
type Viewer interface {
	Draw(c *Call, p Page) error
	// Leave ends a post whose target may be on another origin: a redirect inside the
	// server, else the continue page (decisions 34).
	Leave(c *Call, target string) error
	// Preferences reads the choices of the person who looks.
	Preferences(c *Call) map[string]string
	// Resume goes on after a step-up; see Call.Resume.
	Resume(c *Call) error
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

// Flash keeps one message for the next page. tone is "good", "info", "warn" or "bad".
func (c *Call) Flash(tone string, text words.Text) {
	c.Desk.SetSigned(c, flashKey, tone+"|"+url.QueryEscape(string(text)), 60)
}

// TakeFlash returns the message of the action before, once.
func (c *Call) TakeFlash() (tone string, text words.Text, ok bool) {
	value, ok := c.Desk.Signed(c, flashKey)
	if !ok {
		return "", "", false
	}
	c.Desk.SetSigned(c, flashKey, "", -1)
	tone, escaped, _ := strings.Cut(value, "|")
	said, err := url.QueryUnescape(escaped)
	return tone, words.Text(said), err == nil && said != ""
}
