package plugins

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
	"gatehouse/ent"
)

// Screen is an entry of the console's navigation. It is drawn for a principal that
// holds Scope; the route behind it checks the same scope.
type Screen struct {
	ID    string // unique, e.g. "users"
	Group string // one of the groups below
	Order int
	Icon  string
	Label words.Text
	Path  string // absolute address of the page, e.g. "/admin/users"
	Scope string
	// Organization screens are about one organization: Path is below the organization's
	// page, and Scope is asked there.
	Organization bool
	// Key is the letter that leads here after g; "" is none. Two screens have not the same.
	Key string
	// Begins are forms that begin something here, found by the search of the console.
	Begins []Beginning
	// Count is shown beside the label; nil shows none.
	Count func(context.Context) (int, error)
}

// Beginning is a form that begins something, such as a new user.
type Beginning struct {
	Label             words.Text
	Icon, Path, Scope string
}

// Groups of the console's navigation, in the order they are drawn.
const (
	GroupOverview      = "overview"
	GroupPeople        = "people"
	GroupOrganizations = "organizations"
	GroupAccess        = "access"
	GroupSecurity      = "security"
	GroupSystem        = "system"
)

var groups = []string{GroupOverview, GroupPeople, GroupOrganizations, GroupAccess, GroupSecurity, GroupSystem}

// Tab is a page about one thing of an entity that may belong to another plugin. Its
// address is the entity's page followed by "/" and ID.
type Tab struct {
	Entity string // "user", "organization", "key"
	ID     string
	Order  int
	Icon   string
	Label  words.Text
	Scope  string
	// Visible says whether the tab applies to the subject; nil is always.
	Visible func(ctx context.Context, subject string) bool
	Draw    func(c *Call, subject string) (templ.Component, error)
}

// Tile is a number or chart of the overview.
type Tile struct {
	ID    string
	Order int
	Scope string
	Draw  func(context.Context) (templ.Component, error)
}

// Panel is a page of the account area that every signed-in person has.
type Panel struct {
	ID    string
	Order int
	Icon  string
	Label words.Text
	Path  string // absolute, below /account
	// Waiting draws on the overview of the area what waits for the person, as alerts; nil when
	// nothing does. The field itself may be nil.
	Waiting func(*Call) (templ.Component, error)
}

// Palette finds things by text for the command palette; results only of what the
// principal may see.
type Palette struct {
	Label words.Text // "People": stands above the results
	Scope string     // "" is everybody with a part in the console
	// Organization ones search the organization that the reader is in: Scope is asked there,
	// and OrganizationOf names it to Find and More.
	Organization bool
	// Find returns at most limit results, what fits best first.
	Find func(ctx context.Context, text string, limit int) ([]Found, error)
	// More is the address of a list with everything that a text finds, offered where Find
	// left something out; nil for sources without one.
	More func(ctx context.Context, text string) string
}

// Found is one result of a palette.
type Found struct {
	Icon, URL     string
	Title, Detail words.Text
}

// Purpose is what a sign-in method is used for.
type Purpose string

// Purposes of sign-in methods.
const (
	ForSignIn     Purpose = "sign-in"
	ForSignUp     Purpose = "sign-up"
	ForClaim      Purpose = "claim"
	ForInvitation Purpose = "accept-invitation"
	ForStepUp     Purpose = "step-up"
	ForEnrolment  Purpose = "enrol"
)

// SignInMethod is a way to prove identity, drawn on the sign-in pages. One without
// purposes is drawn nowhere: it only names a method of events.
type SignInMethod struct {
	ID, Icon string
	Name     words.Text // what it is called where it is no button: "GitHub"; the label when empty
	Label    words.Text // of its button: "Sign in with GitHub"
	Order    int
	Purposes []Purpose
	// Available is asked on every page view, for one of the purposes: providers come and go
	// in the console. Nil is always.
	Available func(context.Context, Purpose) bool
	// Start is the address of the first step when it is a button.
	Start string
	// Form draws the first step when it is a form.
	Form func(c *Call, p Purpose) templ.Component
	// Decorates names another method whose field this one adds itself to (the
	// autofill of passkeys); Attributes go onto that field, Decoration is drawn after it.
	Decorates  string
	Attributes templ.Attributes
	Decoration func(c *Call) templ.Component
	// Proof the method gives.
	AMR          []string
	Strength     int
	UserVerified bool
}

// Serves reports whether the method can be used for a purpose now.
func (m SignInMethod) Serves(ctx context.Context, p Purpose) bool {
	return slices.Contains(m.Purposes, p) && (m.Available == nil || m.Available(ctx, p))
}

// Step is one of the first things to do with a new server. The overview lists it, to those
// who may do it, until all steps are done.
type Step struct {
	ID          string
	Order       int
	Title, Text words.Text
	Scope       string // who may do it
	Path        string // where it is done
	Done        func(context.Context) (bool, error)
}

// Duty is something that a person still has to do, shown to administrators on the page
// about them: an address to verify, a second factor to set up.
type Duty struct {
	ID    string // unique, "verify-address"
	Order int
	Scope string     // of whoever looks
	Label words.Text // "Verify the address"
	// Open reports whether it is left to do for a person, and words it further; the text may
	// be empty.
	Open func(ctx context.Context, u *ent.User) (text words.Text, open bool, err error)
}
