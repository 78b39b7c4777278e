package plugins

import (
	"context"
	"gatehouse/auth/words"
	"io/fs"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
)

// Contribution is the closed set of what a plugin may add. Every field may be empty.
type Contribution struct {
	Prerequisites []Prerequisite
	Scopes        []auth.Scope
	// Roles are roles that settings of the plugin define, with their scopes. They are
	// resolved when all plugins have declared theirs.
	Roles map[string][]string
	// OrganizationRoles are the same for the roles of every organization.
	OrganizationRoles map[string][]string
	Fields            []auth.Field
	Endpoints         []Endpoint
	Routes            []Route
	Screens           []Screen
	Tabs              []Tab
	Tiles             []Tile
	Panels            []Panel
	Palettes          []Palette
	SignInMethods     []SignInMethod
	// Errors are those whose codes events name, beside those of the endpoints: people read
	// their messages instead.
	Errors   []*auth.Error
	Messages []auth.Message
	Channels []auth.Channel
	Events   []auth.EventKind
	Jobs     []Job
	Tasks    []auth.TaskKind
	Duties   []Duty
	Steps    []Step
	Limits   []Limit
	// Assets are scripts and styles of the plugin's pages. They are served embedded
	// and fingerprinted below /static/<plugin id>/.
	Assets         fs.FS
	Metrics        []Metric
	RollUps        []RollUp
	Moments        Moments
	Authenticators []Authenticator
	Grants         []auth.GrantSource
	// Subjects are what people ask about: whom they may do something. One kind is one
	// plugin's.
	Subjects []auth.SubjectSource
	DataLife []auth.DataLife
	// Offers are values other plugins find by the interface type they ask for; the
	// types live in the leaf package plugins/<name>/<name>api.
	Offers []any
}

// Job runs periodically, by one process of a cluster at a time unless it says otherwise.
type Job struct {
	Name   string // unique in the plugin
	Words  words.Text
	Period time.Duration
	Run    func(context.Context) error
	// Everywhere lets every process run it, and keeps no last run.
	Everywhere bool
}

// Limit is a limiter rule for own or for others' paths. The first rule of the first
// plugin that matches replaces the core's (better-auth core 8.7).
type Limit struct {
	// Path is a glob relative to /api/auth, for example "/sign-in/**".
	Path string
	Rule ratelimit.Rule
}

// Metric is a number read when metrics are scraped.
type Metric struct {
	Name, Help string
	Counter    bool // else a gauge
	Read       func(context.Context) (float64, error)
}

// RollUp is a number counted per day for the overview.
type RollUp struct {
	Name  string
	Words words.Text
	// Events whose count is the number.
	Events []string
}
