// Package readiness tells what each plugin brings, whether it runs, and what it lacks:
// for the console's page and for the command doctor.
package readiness

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/ent/job"
	"gatehouse/ent/migrate"
	"gatehouse/plugins"
)

// checkTimeout bounds one prerequisite.
const checkTimeout = 5 * time.Second

// Report is the state of a server.
type Report struct {
	// Schema is the version of the database; Pending are the versions it lacks.
	Schema  string   `json:"schema"`
	Pending []string `json:"pending"`
	Plugins []Plugin `json:"plugins"`
}

// Ready reports whether the schema is current and every enabled plugin ready.
func (r Report) Ready() bool {
	return len(r.Pending) == 0 && !slices.ContainsFunc(r.Plugins, func(p Plugin) bool { return p.Enabled && !p.Ready })
}

// Plugin is the state of one plugin. Of a plugin that is not enabled only the manifest
// and the stored entities are known.
type Plugin struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Sentence string `json:"sentence"`
	BuiltIn  bool   `json:"builtIn"`
	Enabled  bool   `json:"enabled"`
	// Ready is true when the plugin runs, its tables are there and current, and every
	// prerequisite passes.
	Ready         bool           `json:"ready"`
	Prerequisites []Prerequisite `json:"prerequisites"`
	Needs         []Need         `json:"needs"`
	Entities      []Entity       `json:"entities"`
	// Fields are the columns the plugin adds to entities of others, as Entity.field.
	Fields    []string `json:"fields"`
	Endpoints []string `json:"endpoints"` // "POST /sign-in/email", below /api/auth
	Routes    []string `json:"routes"`
	Screens   []string `json:"screens"` // addresses
	Moments   []string `json:"moments"` // names
	Scopes    []string `json:"scopes"`
	Events    []string `json:"events"`
	Messages  []string `json:"messages"`
	Commands  []string `json:"commands"`
	Jobs      []Job    `json:"jobs"`
	// Settings are the prefixes of the plugin's sections.
	Settings []string `json:"settings"`
}

// Prerequisite is the result of one check. Problem is empty when it passed.
type Prerequisite struct {
	Name    string `json:"name"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
}

// Need is another plugin that is used.
type Need struct {
	Plugin   string `json:"plugin"`
	Required bool   `json:"required"`
	Enabled  bool   `json:"enabled"`
	For      string `json:"for"`
}

// Entity is a table of the plugin.
type Entity struct {
	Name  string `json:"name"`
	Table string `json:"table"`
}

// Job is periodic work with its last run. Times are zero before the first.
type Job struct {
	Name      string        `json:"name"`
	Words     string        `json:"words"`
	Period    time.Duration `json:"period"`
	Started   time.Time     `json:"started,omitzero"`
	Finished  time.Time     `json:"finished,omitzero"`
	LastError string        `json:"lastError"`
}

// Examine looks at every plugin: those that run, then those of the build that do not.
// Prerequisites are checked now. An error means that the database cannot be asked.
func Examine(ctx context.Context, h *plugins.Host, build []plugins.Plugin) (Report, error) {
	store := h.DB.Store()
	state, err := migrate.Target{DB: store.SQL, Dialect: store.Dialect}.Status(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("reading the schema version: %w", err)
	}
	r := Report{Schema: state.Current, Pending: append([]string{}, state.Pending...)}
	runs, err := lastRuns(ctx, h)
	if err != nil {
		return Report{}, err
	}
	for _, part := range h.Registry.Parts {
		p := describe(part.Manifest)
		p.Enabled = true
		p.contribute(part.Contribution, runs)
		p.Prerequisites = check(ctx, part.Prerequisites)
		p.Ready = len(r.Pending) == 0 && !slices.ContainsFunc(p.Prerequisites, func(q Prerequisite) bool { return q.Problem != "" })
		p.needs(part.Manifest, h.Registry)
		r.Plugins = append(r.Plugins, p)
	}
	for _, b := range build {
		if _, on := h.Registry.Part(b.Manifest().ID); !on {
			p := describe(b.Manifest())
			p.needs(b.Manifest(), h.Registry)
			r.Plugins = append(r.Plugins, p)
		}
	}
	return r, nil
}

// check runs prerequisites one by one, each within a time.
func check(ctx context.Context, list []plugins.Prerequisite) []Prerequisite {
	out := []Prerequisite{}
	for _, p := range list {
		q := Prerequisite{Name: p.Name.English()}
		if err := within(ctx, p.Check); err != nil {
			q.Problem, q.Fix = err.Error(), p.Fix.English()
		}
		out = append(out, q)
	}
	return out
}

func within(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return check(ctx)
}

// lastRuns reads the bookkeeping of jobs by "plugin/name".
func lastRuns(ctx context.Context, h *plugins.Host) (map[string]Job, error) {
	var names []string
	for _, part := range h.Registry.Parts {
		for _, j := range part.Jobs {
			names = append(names, part.ID+"/"+j.Name)
		}
	}
	runs := map[string]Job{}
	if len(names) == 0 {
		return runs, nil
	}
	rows, err := h.DB.Access(ctx).Job().Query().Where(job.NameIn(names...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the last runs of jobs: %w", err)
	}
	for _, row := range rows {
		run := Job{LastError: row.LastError}
		if row.LastStartedAt != nil {
			run.Started = *row.LastStartedAt
		}
		if row.LastFinishedAt != nil {
			run.Finished = *row.LastFinishedAt
		}
		runs[row.Name] = run
	}
	return runs, nil
}
