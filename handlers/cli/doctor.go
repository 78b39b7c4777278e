package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/handlers/readiness"
)

type doctorCommand struct {
	list          `embed:""`
	Verbose       bool `short:"v" help:"Show what each plugin brings."`
	RebuildSearch bool `help:"Make search indexes that are out of step anew."`
}

// diagnosis is what the command found.
type diagnosis struct {
	readiness.Report
	// Problems are what keeps the server from serving or mail from leaving. Where the
	// database cannot be opened the report has no plugins.
	Problems []string `json:"problems"`
	// Search are entities whose search index is out of step.
	Search []string `json:"search"`
	// Warnings do not keep the server from serving.
	Warnings []string `json:"warnings"`
	// Healthy is what the exit code says.
	Healthy bool `json:"healthy"`
}

// Run examines the surroundings, and a server that is built for it; one that serves may
// run beside. Each part is looked at whatever is wrong with the others, as far as the
// settings can be read.
func (d *doctorCommand) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	found := diagnosis{Report: readiness.Report{Pending: []string{}, Plugins: []readiness.Plugin{}},
		Problems: a.surroundings(ctx), Search: []string{}, Warnings: a.warnings()}
	err := a.withServer(ctx, func(ctx context.Context, b *built) error { return d.examine(ctx, a, b, &found) })
	if err != nil {
		found.Problems = append(found.Problems, lines(err)...)
	}
	found.Healthy = len(found.Problems) == 0 && found.Ready() && len(found.Search) == 0
	if err := d.show(a, found); err != nil {
		return err
	}
	if !found.Healthy {
		return errSilent
	}
	return nil
}

// examine looks at a server that was built.
func (d *doctorCommand) examine(ctx context.Context, a *app, b *built, found *diagnosis) (err error) {
	if found.Report, err = readiness.Examine(ctx, b.host(), a.Plugins); err != nil {
		return err
	}
	if mail, err := b.host().Messages.Deliveries(ctx, "mail"); err != nil {
		return err
	} else if mail.Problem != "" && !a.top().SMTP.Empty() {
		found.Warnings = append(found.Warnings, "mail does not arrive: "+oneLine(mail.Problem)+" (last tried "+mail.Since.UTC().Format(time.RFC3339)+")")
	}
	for _, entity := range b.db.Search().Entities() {
		if err := d.search(ctx, b.db.Search(), entity); err != nil {
			found.Search = append(found.Search, err.Error())
		}
	}
	return unreadable(ctx, b)
}

// search checks the index of an entity, and makes it anew where that is asked for.
func (d *doctorCommand) search(ctx context.Context, s *database.Search, entity string) error {
	err := s.Check(ctx, entity)
	if !d.RebuildSearch || !errors.Is(err, database.ErrSearchIndex) {
		return err
	}
	if err := s.Rebuild(ctx, entity); err != nil {
		return err
	}
	return s.Check(ctx, entity)
}

func (a *app) warnings() []string {
	list := []string{}
	for _, w := range a.set.Warnings() {
		list = append(list, w.Error())
	}
	top := a.top()
	if text := exposure(top); text != "" {
		list = append(list, text)
	}
	if info, err := os.Stat(top.Data); err == nil && info.IsDir() && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		list = append(list, "others can enter the data folder: chmod 700 "+top.Data)
	}
	if text := a.unusedSecret(); text != "" {
		list = append(list, text)
	}
	if top.SMTP.Empty() {
		list = append(list, "no mail is sent, as smtp is not set")
	}
	return list
}

// exposure is what the public address means for the safety of people, if it is not
// that of a server in production.
func exposure(top *settings.Top) string {
	switch {
	case top.Development():
		return "development mode, as url is " + top.Origin() + ": set url to the address people use"
	case !top.Secure():
		return "url is not https: passwords and sessions travel in clear; let a proxy or tls.cert do https and set url to it"
	}
	return ""
}

func (d *doctorCommand) show(a *app, found diagnosis) error {
	if d.JSON {
		return a.printJSON(found)
	}
	w := a.Stdout
	if found.Schema != "" {
		fmt.Fprintln(w, "schema:", found.Schema)
	}
	for _, p := range found.Plugins {
		showPlugin(w, p, d.Verbose)
	}
	for _, text := range found.Problems {
		fmt.Fprintln(w, "problem:", oneLine(strings.Join(strings.Fields(text), " ")))
	}
	for _, s := range found.Search {
		fmt.Fprintln(w, "problem:", s, "- mend it with: gatehouse doctor --rebuild-search")
	}
	for _, text := range found.Warnings {
		fmt.Fprintln(w, "warning:", text)
	}
	verdict := "healthy"
	if !found.Healthy {
		verdict = "not healthy"
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}

func showPlugin(w io.Writer, p readiness.Plugin, verbose bool) {
	state := "ready"
	switch {
	case !p.Enabled:
		state = "off"
	case !p.Ready:
		state = "NOT READY"
	}
	fmt.Fprintf(w, "%-14s %s\n", p.ID, state)
	for _, q := range p.Prerequisites {
		if q.Problem != "" {
			fmt.Fprintf(w, "  fails: %s: %s\n  fix:   %s\n", q.Name, q.Problem, q.Fix)
		} else if verbose {
			fmt.Fprintf(w, "  passes: %s\n", q.Name)
		}
	}
	if verbose {
		showParts(w, p)
	}
}

func showParts(w io.Writer, p readiness.Plugin) {
	var entities, jobs []string
	for _, e := range p.Entities {
		entities = append(entities, e.Name)
	}
	for _, j := range p.Jobs {
		jobs = append(jobs, j.Name+" every "+settings.FormatDuration(j.Period))
	}
	for _, part := range []struct {
		name string
		list []string
	}{
		{"endpoints", p.Endpoints}, {"routes", p.Routes}, {"entities", entities}, {"fields", p.Fields}, {"screens", p.Screens},
		{"moments", p.Moments}, {"scopes", p.Scopes}, {"jobs", jobs}, {"commands", p.Commands},
	} {
		if len(part.list) > 0 {
			fmt.Fprintf(w, "  %s (%d): %s\n", part.name, len(part.list), strings.Join(part.list, ", "))
		}
	}
}
