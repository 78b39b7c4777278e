package plugins

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/cookie"
	"gatehouse/auth/schema"
	"gatehouse/web"
)

// Call is one request on its way through an endpoint or route: what came in, decoded,
// and what goes out. It belongs to one goroutine. Handlers pass its Context to
// services, never the Call.
type Call struct {
	Request  *http.Request
	Writer   http.ResponseWriter // for routes that stream; otherwise leave it to the methods
	Endpoint *Endpoint           // nil for routes
	Params   map[string]string   // path parameters
	// Raw is the decoded but not validated body; before-hooks may change it.
	Raw schema.Value
	// HasBody is false when the request had no body at all.
	HasBody bool
	// Body and Query are the validated inputs; see BodyOf and QueryOf.
	Body, Query any
	// Cookies are those the answer sets.
	Cookies *cookie.Jar
	// Header is the answer's header.
	Header http.Header
	// Result and Err are the handler's outcome, for after-hooks.
	Result any
	Err    error
	// Status of a successful answer; 0 is 200.
	Status int
	// Current is the session behind the request, nil when there is none.
	Current *auth.Current
	// Refused says why a credential that came with the request is not good; nil when none
	// came, or a good one.
	Refused *Rejection
	// Presented is the credential that an authenticator found, asked once for each
	// request; nil when none is there. See Asked.
	Presented *Presented
	// Asked says that the authenticators were asked.
	Asked bool
	// Desk reads and writes the session of the call.
	Desk SessionDesk
	// View draws pages.
	View Viewer
	// Organization is the one that the access rule asked about; nil where it asked about
	// none.
	Organization *Organization
	// Seen is the principal as whom the console is shown; nil for the own view. On the
	// pages of the console it is the principal of the call too.
	Seen *auth.Principal

	ctx      context.Context
	prefs    map[string]string
	answered bool
	waiting  *Waiting
}

// SessionDesk is how an endpoint hands out and takes back sessions; the server
// implements it with the wire's cookies.
type SessionDesk interface {
	// Resolve reads the session of the request. fromStore passes the cookie cache by.
	// It returns nil, nil without a session, and queues deleting cookies for a dead one.
	Resolve(c *Call, fromStore bool) (*auth.Current, error)
	// Issue writes the cookies of a new session and runs SessionIssued.
	Issue(c *Call, issued *auth.Issued) error
	// Reissue writes the cookies of the current session again after a change of the
	// user or the session.
	Reissue(c *Call, current *auth.Current) error
	// Clear writes the deleting cookies (better-auth core 5.6).
	Clear(c *Call)
	// SetSigned writes a signed cookie "<prefix>.<key>"; maxAge 0 is a browser-session
	// cookie, negative expires it.
	SetSigned(c *Call, key, value string, maxAge int)
	// Signed reads a signed cookie of the request; false when absent or badly signed.
	Signed(c *Call, key string) (string, bool)
}

// NewCall makes a call for a request.
func NewCall(r *http.Request, w http.ResponseWriter) *Call {
	return &Call{Request: r, Writer: w, Params: map[string]string{}, Header: w.Header(), ctx: r.Context()}
}

// Context is what services get: it carries the principal and the origin of the work.
func (c *Call) Context() context.Context { return c.ctx }

// SetContext replaces the context.
func (c *Call) SetContext(ctx context.Context) { c.ctx = ctx }

// Principal is who asks; nil is anonymous.
func (c *Call) Principal() *auth.Principal { return auth.PrincipalOf(c.ctx) }

// Preferences are the choices of the person who looks, by name; read once a request.
// Nobody has none.
func (c *Call) Preferences() map[string]string {
	if c.prefs == nil && c.View != nil {
		c.prefs = c.View.Preferences(c)
	}
	return c.prefs
}

// DeviceCookie is the signed cookie by which a browser is known again: its value, a dot,
// and the day on which the cookie was written.
const DeviceCookie = "device"

// Device is the value by which the browser of the request is known; "" when it is not.
func (c *Call) Device() string {
	signed, _ := c.Desk.Signed(c, DeviceCookie)
	value, _, _ := strings.Cut(signed, ".")
	return value
}

// Param returns a path parameter.
func (c *Call) Param(name string) string { return c.Params[name] }

// Answer ends a before-hook with an answer; handler and after-hooks are skipped.
func (c *Call) Answer(result any) { c.Result, c.answered = result, true }

// Interrupted reports whether Answer was called.
func (c *Call) Interrupted() bool { return c.answered }

// Location sets the Location header of a soft redirect (200 with {url, redirect}).
func (c *Call) Location(url string) { c.Header.Set("Location", url) }

// BodyOf returns the validated body. T is the type the endpoint's schema was made of.
func BodyOf[T any](c *Call) T { return schema.As[T](c.Body) }

// QueryOf returns the validated query.
func QueryOf[T any](c *Call) T { return schema.As[T](c.Query) }

// Redirect is a result: a 302 to a URL with an empty body.
type Redirect struct{ URL string }

// Page is a result: an HTML page.
type Page struct {
	Status    int // 0 is 200
	Component templ.Component
	// Policy adds sources to the content security policy of this page only.
	Policy []Source
	// Framed lets pages of this server show the page in a frame.
	Framed bool
	// Secret pages show something that opens a door: they are not compressed (BREACH).
	Secret bool
	// Look changes what is drawn around the content, for previews; nil changes nothing.
	Look func(*web.Request)
}

// Source is an additional source of a content security policy directive.
type Source struct{ Directive, Value string }

// Plain is a result: a body as it is.
type Plain struct {
	Status      int
	ContentType string
	Body        []byte
}
