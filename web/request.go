// Package web is the design system of the user interface: what every page is
// drawn with, under a content security policy without inline script or style.
//
// A component is a struct whose fields are its parts and which is itself a
// [templ.Component]:
//
//	@web.Button{Label: "Save", Variant: web.Primary}
//
// One that encloses other markup is given it through With:
//
//	@web.Card{Title: "Profile"}.With() {
//		…
//	}
//
// The package draws what it is given and asks nothing of the rest of the
// server. What concerns the request, not the page, travels in the context: see
// [With] and [Request].
package web

import (
	"context"
	"gatehouse/auth/words"
	"time"

	"github.com/a-h/templ"
)

// Theme is the colour scheme a reader chose.
type Theme string

// The colour schemes. System follows the device and is what any other value means.
const (
	System Theme = "system"
	Light  Theme = "light"
	Dark   Theme = "dark"
)

// Addresses that the shells post to or link to.
const (
	ThemePath   = "/theme"    // POST: fields theme and returnTo
	SignOutPath = "/sign-out" // POST
	HomePath    = "/"
	FindPath    = "/admin/find" // GET: fields q and FindIn
)

// Request is what a page draws besides its own content. The zero value draws a
// plain page for nobody in particular.
type Request struct {
	Nonce       string                   // of the content security policy of this response
	Theme       Theme                    // as the cookie says
	Development bool                     // announced on every page
	Path        string                   // of the page, with its query: current entries, return from the theme switch
	AppName     string                   // "Gatehouse" when empty
	Speaker     *words.Speaker           // of the language, English when nil
	Zone        *time.Location           // for exact times drawn by the server, UTC when nil
	Origin      string                   // public, as addresses of pictures begin
	Now         time.Time                // what relative times refer to, the clock when zero
	Asset       func(name string) string // address of a file of the static folder
	Signed      *Person                  // who is signed in, nil for nobody
	Mask        *Impersonation           // set while an administrator acts as someone else
	Seeing      *Seeing                  // set while the console is shown as somebody else would see it
	Nav         []NavGroup               // side navigation of the signed-in frame
	Switcher    *Switcher                // changes between the server and organizations, nil for none
	Find        string                   // address of the search of the console, "" for those who have none
	Menu        []NavItem                // entries of the person menu besides theme and sign out
	Flash       *Flash                   // one message from the action before
	Stylesheet  string                   // address of the installation's own colours, "" for none
	Logo        string                   // address of its logo, "" for the product's mark
	LogoDark    string                   // the same for the dark theme, "" for the same picture
	ReadOnly    bool                     // nothing can be changed: buttons that would are shut
	Still       bool                     // a picture of the page: nothing in it can be used
}

// FindIn is the field of a search that names an organization by its short name: what belongs
// to it is searched as well.
const FindIn = "in"

// Person is somebody as the interface shows them.
type Person struct {
	ID, Name, Email string
	Image           string // address of a picture of this server; any other draws initials
}

// Impersonation names who really acts, and where a post ends it.
type Impersonation struct {
	Actor   words.Text // name of the administrator
	StopURL string     // POST
	// Until is when it ends by itself.
	Until time.Time
	// ReadOnly says that nothing can be changed.
	ReadOnly bool
}

// Seeing names as whom the console is shown, and where a post ends it.
type Seeing struct {
	Name    string
	StopURL string // POST
}

// Flash is one message shown once after a redirect.
type Flash struct {
	Tone Tone
	Text words.Text
	// UndoURL takes a POST that takes the action back, with these fields; "" is none.
	UndoURL string
	Undo    map[string][]string
}

// Tone is the meaning of a colour.
type Tone string

// The tones. The zero value is neutral.
const (
	Neutral Tone = ""
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

type requestKey struct{}

// With returns a context in which components draw for the given request. It
// also hands the nonce to templ.
func With(ctx context.Context, r Request) context.Context {
	if r.Speaker != nil {
		ctx = words.With(ctx, r.Speaker)
	}
	return templ.WithNonce(context.WithValue(ctx, requestKey{}, &r), r.Nonce)
}

// From returns the request of a context with its gaps filled.
func From(ctx context.Context) Request {
	var r Request
	if stored, ok := ctx.Value(requestKey{}).(*Request); ok {
		r = *stored
	}
	if r.AppName == "" {
		r.AppName = "Gatehouse"
	}
	if r.Speaker == nil {
		r.Speaker = words.Of(ctx)
	}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	if r.Asset == nil {
		r.Asset = func(name string) string { return "/static/" + name }
	}
	return r
}
