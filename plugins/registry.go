package plugins

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
)

// Registry is everything the enabled plugins contribute, checked for clashes and in
// running order. It is built once at start and then only read.
type Registry struct {
	Parts  []Part
	Offers []any

	RequestReceived auth.Moment[*Incoming]
	SessionIssued   auth.Moment[*SessionIssued]
	Before, After   []NamedHook
}

// Part is one enabled plugin with what it contributes.
type Part struct {
	Manifest
	Contribution
}

// NamedHook is an endpoint hook with the plugin it belongs to.
type NamedHook struct {
	Plugin string
	EndpointHook
}

// Groups returns the settings sections of all plugins, enabled or not.
func Groups(list []Plugin) []settings.Group {
	var groups []settings.Group
	for _, p := range list {
		groups = append(groups, p.Manifest().Settings...)
	}
	return groups
}

// Select returns the plugins that run: the built-in ones, then those of the list that
// are enabled, in list order. enabled nil means all. Two plugins of one id, unknown
// names and missing requirements are errors.
func Select(builtIn, list []Plugin, enabled []string) ([]Plugin, error) {
	var errs []error
	known := map[string]bool{}
	for _, p := range slices.Concat(builtIn, list) {
		id := p.Manifest().ID
		if known[id] {
			errs = append(errs, fmt.Errorf("two plugins have the id %q", id))
		}
		known[id] = true
	}
	for _, id := range enabled {
		if !known[id] {
			errs = append(errs, fmt.Errorf("plugins.enabled names %q, which this build does not have", id))
		}
	}
	chosen := slices.Clone(builtIn)
	for _, p := range list {
		if enabled == nil || slices.Contains(enabled, p.Manifest().ID) {
			chosen = append(chosen, p)
		}
	}
	return chosen, errors.Join(append(errs, missing(chosen)...)...)
}

func missing(chosen []Plugin) []error {
	on := map[string]bool{}
	for _, p := range chosen {
		on[p.Manifest().ID] = true
	}
	var errs []error
	for _, p := range chosen {
		for _, n := range p.Manifest().Needs {
			if n.Required && !on[n.Plugin] {
				errs = append(errs, fmt.Errorf("plugin %q needs plugin %q (%s), which is not enabled", p.Manifest().ID, n.Plugin, n.For))
			}
		}
	}
	return errs
}

// Collect asks the plugins for their contributions and checks them against each other.
// Every clash is reported with both plugins named. The core of the host knows scopes,
// fields, events, messages, channels, moments and grant sources afterwards.
func Collect(list []Plugin, h *Host) (*Registry, error) {
	r := &Registry{}
	h.Registry = r
	clash := clashes{}
	for _, p := range list {
		m := p.Manifest()
		c, err := p.Contribute(h)
		if err != nil {
			return nil, fmt.Errorf("plugin %q: %w", m.ID, err)
		}
		part := Part{m, c}
		clash.part(part)
		clash.steps(part)
		clash.core(h.Core, part)
		r.add(part)
	}
	slices.SortStableFunc(r.Before, byClass)
	slices.SortStableFunc(r.After, byClass)
	return r, errors.Join(clash.errs...)
}

func byClass(a, b NamedHook) int { return int(a.Class) - int(b.Class) }

func (r *Registry) add(p Part) {
	r.Parts = append(r.Parts, p)
	r.Offers = append(r.Offers, p.Offers...)
	r.RequestReceived.Add(p.ID, p.Moments.RequestReceived...)
	r.SessionIssued.Add(p.ID, p.Moments.SessionIssued...)
	for _, h := range p.Moments.BeforeEndpoint {
		r.Before = append(r.Before, NamedHook{p.ID, h})
	}
	for _, h := range p.Moments.AfterEndpoint {
		r.After = append(r.After, NamedHook{p.ID, h})
	}
}

// clashes collects what two plugins may not both contribute.
type clashes struct {
	owner map[string]string
	errs  []error
}

func (c *clashes) claim(plugin, kind, name string) {
	if c.owner == nil {
		c.owner = map[string]string{}
	}
	key := kind + " " + name
	if other, taken := c.owner[key]; taken {
		c.errs = append(c.errs, fmt.Errorf("%s %q is contributed by plugin %q and by plugin %q", kind, name, other, plugin))
		return
	}
	c.owner[key] = plugin
}

func (c *clashes) part(p Part) {
	for _, e := range p.Endpoints {
		c.claim(p.ID, "endpoint", e.Method+" "+pattern(e.Path))
		if e.Name != "" {
			c.claim(p.ID, "operation id", e.Name)
		}
	}
	for _, r := range p.Routes {
		c.claim(p.ID, "route", r.Method+" "+pattern(r.Path))
	}
	for _, s := range p.Screens {
		c.claim(p.ID, "screen", s.ID)
	}
	for _, t := range p.Tabs {
		c.claim(p.ID, "tab", t.Entity+"/"+t.ID)
	}
	for _, t := range p.Tiles {
		c.claim(p.ID, "tile", t.ID)
	}
	for _, n := range p.Panels {
		c.claim(p.ID, "panel", n.ID)
	}
	for _, m := range p.SignInMethods {
		c.claim(p.ID, "sign-in method", m.ID)
	}
	for _, j := range p.Jobs {
		c.claim(p.ID, "job", p.ID+"/"+j.Name)
	}
	for _, st := range p.Steps {
		c.claim(p.ID, "first step", st.ID)
	}
	for _, d := range p.Duties {
		c.claim(p.ID, "duty", d.ID)
	}
	for _, m := range p.Metrics {
		c.claim(p.ID, "metric", m.Name)
	}
	for _, u := range p.RollUps {
		c.claim(p.ID, "roll-up", u.Name)
	}
	for _, cmd := range p.Commands {
		c.claim(p.ID, "command", cmd.Name)
	}
	for _, a := range p.Authenticators {
		c.claim(p.ID, "scheme", a.Scheme)
	}
}

// steps refuses a method for the step-up of a plugin that never names one at the moment
// StepUpAsked: it would never be offered.
func (c *clashes) steps(p Part) {
	for _, m := range p.SignInMethods {
		if slices.Contains(m.Purposes, ForStepUp) && len(p.Moments.StepUpAsked) == 0 {
			c.errs = append(c.errs, fmt.Errorf("plugin %q: the sign-in method %q has the purpose %q, but the plugin takes no part in the moment StepUpAsked", p.ID, m.ID, ForStepUp))
		}
	}
}

func (c *clashes) core(k *auth.Core, p Part) {
	c.errs = append(c.errs, nonNil(
		k.Scopes.Declare(p.ID, p.Scopes...),
		k.Fields.Declare(p.ID, p.Fields...),
		k.Events.Declare(p.ID, p.Events...),
		k.Messages.Declare(p.ID, p.Messages...),
		k.Messages.AddChannel(p.ID, p.Channels...),
		k.Tasks.Declare(p.ID, p.Tasks...),
		k.Principals.AddSubjects(p.ID, p.Subjects...),
	)...)
	k.Events.Explain(p.Errors...)
	for _, e := range p.Endpoints {
		k.Events.Explain(append(slices.Clone(e.Errors), e.Access.Forbidden)...)
	}
	k.Moments.Add(p.ID, p.Moments.Hooks)
	k.Principals.Add(p.ID, p.Grants...)
	k.Lives.Add(p.ID, p.DataLife...)
}

func nonNil(errs ...error) []error {
	return slices.DeleteFunc(errs, func(e error) bool { return e == nil })
}

// pattern makes paths comparable: parameter names do not matter.
func pattern(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = ":"
		}
	}
	return strings.Join(parts, "/")
}

// Screens lists the screens of the whole server, or those of an organization, in the order
// of the navigation.
func (r *Registry) Screens(organization bool) []Screen {
	var list []Screen
	for _, p := range r.Parts {
		for _, s := range p.Screens {
			if s.Organization == organization {
				list = append(list, s)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Screen) int {
		return cmp.Or(cmp.Compare(slices.Index(groups, a.Group), slices.Index(groups, b.Group)), cmp.Compare(a.Order, b.Order))
	})
	return list
}

// Part returns the enabled plugin of an id.
func (r *Registry) Part(id string) (Part, bool) {
	i := slices.IndexFunc(r.Parts, func(p Part) bool { return p.ID == id })
	if i < 0 {
		return Part{}, false
	}
	return r.Parts[i], true
}

// Method returns the sign-in method of an id.
func (r *Registry) Method(id string) (SignInMethod, bool) {
	for _, p := range r.Parts {
		for _, m := range p.SignInMethods {
			if m.ID == id {
				return m, true
			}
		}
	}
	return SignInMethod{}, false
}

// MethodName is what a sign-in method or a provider of accounts is called; an id that
// nobody declares stands as it is.
func (r *Registry) MethodName(id string) words.Text {
	if id == auth.ProviderCredential {
		return "Password"
	}
	m, _ := r.Method(id)
	return cmp.Or(m.Name, m.Label, words.Raw(id))
}
