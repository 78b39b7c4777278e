package plugins

import (
	"gatehouse/auth/words"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
)

// Who may call.
type Who int

// The guards of better-auth core 4, from open to strict.
const (
	Public    Who = iota // anyone
	SignedIn             // a session must resolve; that of a key in session mode counts
	Fresh                // a session created less than session.fresh_age ago
	Inside               // the handler decides; a session is resolved if there is one
	Principal            // any principal, also one without a session (our own surfaces)
	Nobody               // anyone, and no credential is looked at: answers without the database
)

// Access is who may use an endpoint, route or screen. One value feeds the check, the
// documentation and the route table test.
type Access struct {
	Who Who
	// Sessionless lets a principal without a session count where none is required, as with
	// the guard Principal.
	Sessionless bool
	// FromStore reads the session from the store, the cookie cache is passed by
	// ("sensitive" in better-auth core 4).
	FromStore bool
	// Scope the principal must hold on the platform, or in Organization when that is set.
	Scope string
	// Organization says where the organization of the scope comes from.
	Organization OrganizationSource
	// Schemes accepted; empty accepts all.
	Schemes []string
	// ManagesCredentials closes the endpoint to API keys and impersonators (SEC-046, SEC-143).
	ManagesCredentials bool
	// StepUp asks for a recent proof of identity.
	StepUp StepUp
	// Dangerous acts ask for a proof of identity as recent as session.step_up_age says,
	// and are closed to keys and impersonators. A page asks for it and then carries out
	// the form that was sent; the API refuses with STEP_UP_REQUIRED. A handler that finds
	// out by itself asks by returning auth.ErrStepUpRequired.
	Dangerous bool
	// Proven is Dangerous for calls of the wire: where session.step_up_api is on, a session
	// needs a recent proof. Keys, which prove nothing, and impersonators pass.
	Proven bool
	// Looks says that it may be called by sessions that only look, although the method is
	// none for looking: it changes nothing, or ends the session.
	Looks bool
	// Unauthenticated and Forbidden replace the standard answers, where the wire has its own.
	Unauthenticated, Forbidden *auth.Error
}

// OrganizationSource names the input that holds an organization id, or with "slug" the
// part of the path that holds its short name. The organization is resolved once; the
// handler finds it as Call.Organization (SEC-126).
type OrganizationSource struct {
	In   string // "body", "query", "path", "slug", "active"; empty: the scope is the platform's
	Name string
}

// Within is the access of pages about one organization, whose short name is the part :slug
// of the path: for those who hold a scope there.
func Within(scope string) Access {
	return Access{Who: SignedIn, Scope: scope, Organization: OrganizationSource{In: "slug", Name: "slug"}}
}

// StepUp is how recent and how strong the last proof must be. Zero asks nothing.
type StepUp struct {
	MaxAge   time.Duration
	Strength int // 1 one factor, 2 two factors
}

// OriginRule is how cross-site requests are judged.
type OriginRule int

// Origin rules.
const (
	OriginStandard OriginRule = iota // every method but GET, HEAD, OPTIONS (better-auth core 8.1)
	OriginForm                       // in addition the form rule for cookieless browsers (core 8.2)
	OriginNone                       // for callbacks that other sites post to
)

// LimitClass picks the default limiter rule.
type LimitClass int

// Limiter classes with their wire defaults (SEC-017).
const (
	LimitDefault LimitClass = iota // 100 per 10 s
	LimitSignIn                    // 3 per 10 s
	LimitMail                      // 3 per 60 s
	LimitNone
)

// Endpoint declares one operation under /api/auth. Routing, decoding, validation,
// access, limits, the OpenAPI document, the readiness page and the route table test
// read this one value.
type Endpoint struct {
	Method, Path string // path relative to /api/auth, parameters as ":name"
	// Name is the operation id of the wire; empty where it has none.
	Name    string
	Summary words.Text
	Access  Access
	Body    *schema.Schema // nil: a body is accepted and ignored
	// BodyOptional accepts a request without any body although Body is set.
	BodyOptional bool
	Query        *schema.Schema
	Output       *schema.Schema // for the document; nil when free
	Errors       []*auth.Error  // declared refusals, for the document
	// Form accepts application/x-www-form-urlencoded as well.
	Form bool
	// AnyMedia accepts every media type and ignores the body.
	AnyMedia bool
	Origin   OriginRule
	Limit    LimitClass
	// NoStore sends Cache-Control: no-store.
	NoStore bool
	// Page says that browsers open it, so an error is a page or a redirect.
	Page   bool
	Hidden bool // left out of the OpenAPI document
	Handle func(*Call) (any, error)
}

// Route declares anything else: pages, form posts, redirects, well-known documents,
// streams, API outside /api/auth. Path is absolute. The handler writes its answer with
// the methods of Call; an error becomes a page, or JSON for API routes.
type Route struct {
	Method, Path string
	Summary      words.Text
	Access       Access
	// Origin judges API routes by the trusted origins; other routes take posts from
	// this server's own pages only.
	Origin OriginRule
	Limit  LimitClass
	// TokenInURL says that the address holds a one-time token: the page is sent with
	// Referrer-Policy: no-referrer (SEC-095). The unguessable token stands in for the
	// origin where a browser then names none (forms over plain http).
	TokenInURL bool
	// Upload, where it is not zero, takes forms with files (multipart/form-data) of up to
	// so many bytes in all. Who may not call is refused before the body is read.
	Upload int64
	// API routes answer JSON and never redirect to the sign-in page.
	API    bool
	Handle func(*Call) error
}
