// Package sample uses every part of the plugin contract once, in a folder and a line of
// its own.
package sample

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/auth/ratelimit"
	"gatehouse/auth/schema"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Options are the plugin's settings.
type Options struct {
	_ struct{} `title:"Sample" help:"A plugin that uses the whole contract."`

	Greeting string `setting:"greeting" help:"How the sample greets" level:"console" check:"required;max=40"`
}

// Greeter is what the plugin offers others.
type Greeter interface{ Greet(name string) string }

type plugin struct {
	opts *settings.Section[Options]
	host *plugins.Host
	seen *seen
}

// seen counts what happened, for the test that reads it back.
type seen struct{ sinks, observed chan string }

// New makes the plugin.
func New() plugins.Plugin {
	return &plugin{opts: settings.Define("sample", Options{Greeting: "Hello"}), seen: &seen{make(chan string, 100), make(chan string, 100)}}
}

func (p *plugin) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "sample", Name: "Sample", Sentence: "Uses every part of the contract once.",
		Settings: []settings.Group{p.opts}, Words: translations,
		Needs:    []plugins.Need{{Plugin: "admin", Required: true, For: "its tab on users"}},
		Commands: []plugins.Command{{Name: "sample", Help: "Greet from the command line", Usage: "NAME", Run: p.command}}}
}

func (p *plugin) command(_ context.Context, _ *plugins.Host, args []string) error {
	if len(args) != 1 {
		return errors.New("give one name")
	}
	fmt.Println(p.Greet(args[0]))
	return nil
}

// Greet implements Greeter.
func (p *plugin) Greet(name string) string { return p.opts.Get().Greeting + ", " + name }

//go:embed words
var translations embed.FS

//go:embed sample.js
var assets embed.FS

func (p *plugin) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.host = h
	return plugins.Contribution{
		Prerequisites: []plugins.Prerequisite{{Name: "a greeting", Fix: "set sample.greeting", Check: p.ready}},
		Scopes: []auth.Scope{
			{Resource: "sample", Action: "read", Words: "Read samples", Roles: []string{"owner", "admin"}},
			{Resource: "sample", Action: "write", Words: "Write samples in an organization", Organization: true},
		},
		Fields:    []auth.Field{{Entity: "user", Name: "nickname", Type: "string", Input: true, Returned: true, Column: true, Check: checkNickname}},
		Endpoints: p.endpoints(),
		Routes: []plugins.Route{{Method: http.MethodGet, Path: "/admin/sample", Summary: "Sample screen",
			Access: plugins.Access{Who: plugins.SignedIn, Scope: "sample:read"}, Handle: p.screen}},
		Screens: []plugins.Screen{{ID: "sample", Group: plugins.GroupSystem, Order: 900, Icon: "puzzle", Label: "Sample", Path: "/admin/sample", Scope: "sample:read",
			Begins: []plugins.Beginning{{Label: "Begin a sample", Icon: "puzzle", Path: "/admin/sample", Scope: "sample:read"}},
			Count: func(ctx context.Context) (int, error) {
				return h.DB.Access(ctx).Platform().SampleNote().Query().Count(ctx)
			}}},
		Tabs: []plugins.Tab{{Entity: "user", ID: "sample", Order: 900, Label: "Sample", Scope: "sample:read",
			Draw: func(_ *plugins.Call, subject string) (templ.Component, error) {
				return web.Text("Sample tab of " + subject), nil
			}}},
		Tiles: []plugins.Tile{{ID: "sample", Order: 900, Scope: "sample:read",
			Draw: func(context.Context) (templ.Component, error) { return web.Text("Sample tile"), nil }}},
		Steps: []plugins.Step{{ID: "sample", Order: 900, Title: "Write the first sample", Scope: "sample:read", Path: "/admin/sample",
			Done: func(context.Context) (bool, error) { return false, nil }}},
		Panels:   []plugins.Panel{{ID: "sample", Order: 900, Icon: "puzzle", Label: "Sample", Path: "/admin/sample"}},
		Palettes: []plugins.Palette{{Label: "Samples", Scope: "sample:read", Find: p.find}},
		SignInMethods: []plugins.SignInMethod{{ID: "sample", Name: "Sample", Label: "Continue with Sample", Icon: "puzzle", Order: 900,
			Purposes: []plugins.Purpose{plugins.ForSignIn}, Available: func(context.Context, plugins.Purpose) bool { return true }, Start: "/sample/start",
			Decorates: "email", Attributes: templ.Attributes{"data-sample": "yes"}, AMR: []string{"swk"}, Strength: 1}},
		Messages: []auth.Message{{Kind: "sample", Words: "Sample message", Sample: auth.MessageData{Name: "Ada"}, Subject: "Sample", Body: []words.Text{"Hello {{name}}"}}},
		Channels: []auth.Channel{{Name: "sample", Ready: func(context.Context) error { return nil }, Deliver: p.deliver}},
		Events: []auth.EventKind{{Name: "sample.noted", Words: "Sample noted", Organization: true,
			Fields: []auth.EventField{{Name: "text", Words: "Text", Mark: auth.Personal}, {Name: "token", Words: "Token", Mark: auth.Secret}}}},
		Jobs:           []plugins.Job{{Name: "tick", Words: "Tick", Period: time.Second, Run: func(context.Context) error { p.note("job"); return nil }}},
		Limits:         []plugins.Limit{{Path: "/sample/limited", Rule: ratelimit.Rule{Window: time.Minute, Max: 1}}},
		Assets:         assets,
		Metrics:        []plugins.Metric{{Name: "sample_notes", Help: "Notes.", Read: p.count}},
		RollUps:        []plugins.RollUp{{Name: "sample.noted", Words: "Samples", Events: []string{"sample.noted"}}},
		Moments:        p.moments(),
		Authenticators: []plugins.Authenticator{{Scheme: "sample", Present: p.present}},
		Grants:         []auth.GrantSource{{Grants: p.grants, Holders: p.holders, CountHolders: p.countHolders, Givers: p.givers}},
		Subjects:       p.subjects(),
		DataLife:       []auth.DataLife{{Entity: "SampleNote", Export: p.export, Erase: p.erase}},
		Offers:         []any{Greeter(p)},
	}, nil
}

func (p *plugin) ready(context.Context) error {
	if p.opts.Get().Greeting == "Unready" {
		return errors.New("the greeting is not ready")
	}
	return nil
}

func checkNickname(v any) error {
	if s, ok := v.(string); !ok || s == "" || len(s) > 64 {
		return errors.New("nickname must be a text of 1 to 64 characters")
	}
	return nil
}

type noteIn struct {
	Organization string `json:"organizationId"`
	Text         string `json:"text" schema:"min=1"`
}

func (p *plugin) endpoints() []plugins.Endpoint {
	signed := plugins.Access{Who: plugins.SignedIn, FromStore: true}
	inOrg := signed
	inOrg.Scope, inOrg.Organization = "sample:write", plugins.OrganizationSource{In: "body", Name: "organizationId"}
	stepped := signed
	stepped.StepUp = plugins.StepUp{MaxAge: time.Hour, Strength: 2}
	managed := signed
	managed.ManagesCredentials = true
	answer := func(v any) func(*plugins.Call) (any, error) {
		return func(*plugins.Call) (any, error) { return v, nil }
	}
	return []plugins.Endpoint{
		{Method: http.MethodGet, Path: "/sample/hello", Name: "sampleHello", Summary: "Greet", Handle: p.hello},
		{Method: http.MethodPost, Path: "/sample/notes", Name: "sampleNote", Summary: "Write a note", Access: inOrg, Body: schema.Of[noteIn](), NoStore: true, Handle: p.write},
		{Method: http.MethodGet, Path: "/sample/notes/:organization", Summary: "Read notes",
			Access: plugins.Access{Who: plugins.Principal, Scope: "sample:write", Organization: plugins.OrganizationSource{In: "path", Name: "organization"}}, Handle: p.list},
		{Method: http.MethodPost, Path: "/sample/strong", Summary: "Wants two factors", Access: stepped, Handle: answer(true)},
		{Method: http.MethodPost, Path: "/sample/credential", Summary: "Closed to virtual sessions", Access: managed, Handle: answer(true)},
		{Method: http.MethodGet, Path: "/sample/whoami", Summary: "Any principal", Access: plugins.Access{Who: plugins.Principal, Schemes: []string{"sample"}}, Handle: p.whoami},
		{Method: http.MethodGet, Path: "/sample/limited", Summary: "Limited", Handle: answer(true)},
		{Method: http.MethodGet, Path: "/sample/hooked", Summary: "Answered by a hook", Handle: answer("handler")},
		{Method: http.MethodPost, Path: "/sample/run", Summary: "Runs the moments no sign-in method of this build reaches", Access: signed, Handle: p.run},
	}
}

func (p *plugin) hello(c *plugins.Call) (any, error) {
	said := words.Text(p.opts.Get().Greeting)
	if speaker, ok := p.host.Words.Match(c.Request.Header.Get("Accept-Language"), nil); ok {
		return map[string]string{"hello": speaker.Say(said)}, nil
	}
	return map[string]string{"hello": said.English()}, nil
}

func (p *plugin) whoami(c *plugins.Call) (any, error) {
	pr := c.Principal()
	return map[string]any{"subject": pr.Subject, "scheme": pr.Scheme, "virtual": pr.Session != nil && pr.Session.Virtual, "scopes": pr.Scopes()}, nil
}

func (p *plugin) write(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[noteIn](c)
	var made *ent.SampleNote
	err := p.host.DB.InTx(c.Context(), func(ctx context.Context, tx *auth.Tx) (err error) {
		if made, err = tx.Organization(in.Organization).SampleNote().Create().SetID(random.ID()).SetText(in.Text).Save(ctx); err != nil {
			return err
		}
		if err := p.host.Messages.Send(ctx, "sample", "sample", "somebody", time.Time{}, auth.MessageData{Name: "Ada"}); err != nil {
			return err
		}
		return p.host.Events.Record(ctx, auth.Event{Kind: "sample.noted", Organization: in.Organization, Data: map[string]any{"text": in.Text, "token": "s3cret"}})
	})
	if err != nil {
		return nil, err
	}
	return made.Wire(p.host.On), nil
}

func (p *plugin) list(c *plugins.Call) (any, error) {
	rows, err := p.host.DB.Access(c.Context()).Organization(c.Param("organization")).SampleNote().Query().All(c.Context())
	texts := []string{}
	for _, r := range rows {
		texts = append(texts, r.Text)
	}
	return texts, err
}

func (p *plugin) screen(c *plugins.Call) error {
	return c.Page(http.StatusOK, web.App{Title: "Sample"}.With())
}

func (p *plugin) find(_ context.Context, text string, _ int) ([]plugins.Found, error) {
	return []plugins.Found{{Icon: "puzzle", Title: words.F("Sample %s", text), URL: "/admin/sample"}}, nil
}

func (p *plugin) deliver(_ context.Context, o *auth.Outgoing) error {
	p.note("delivered to " + o.To)
	return nil
}

func (p *plugin) count(ctx context.Context) (float64, error) {
	n, err := p.host.DB.Access(ctx).Platform().SampleNote().Query().Count(ctx)
	return float64(n), err
}

func (p *plugin) note(what string) {
	select {
	case p.seen.observed <- what:
	default:
	}
}

// present makes a principal with a virtual session from a header, for the organization
// "org-" and the key.
func (p *plugin) present(ctx context.Context, r *http.Request) (*plugins.Presented, error) {
	key := r.Header.Get("X-Sample")
	switch {
	case key == "":
		return nil, nil
	case key == "bad":
		return &plugins.Presented{Reject: &plugins.Rejection{Reason: "sample_bad", Err: auth.E(http.StatusUnauthorized, "SAMPLE_BAD", "Bad sample")}}, nil
	}
	org, err := p.organization(ctx, "org-"+key)
	if err != nil {
		return nil, err
	}
	facts := &auth.SessionFacts{ID: "virtual", UserID: key, Virtual: true}
	grants := []auth.Grant{{Scope: "sample:write", Realm: auth.Realm{Organization: org}, Source: auth.Source{Plugin: "sample", Kind: "key", Name: key}}}
	pr := auth.NewPrincipal(auth.Principal{Subject: key, Scheme: "sample", Session: facts, Claims: map[string]any{"organizationId": org}}, grants, p.host.Clock())
	return &plugins.Presented{Principal: pr, Virtual: &auth.Current{Scheme: "sample"}, Header: http.Header{"X-Sample-Seen": {"yes"}}}, nil
}

// organization returns the id of an organization by its short name, "-" when there is none.
func (p *plugin) organization(ctx context.Context, slug string) (string, error) {
	all, _ := plugins.Offer[plugins.Organizations](p.host)
	o, err := all.OrganizationBySlug(ctx, slug)
	if err != nil || o == nil {
		return "-", err
	}
	return o.ID, nil
}

// grants give everybody with a nickname the right to write in organization "nick", and no
// longer in "past".
func (p *plugin) grants(ctx context.Context, f auth.Facts) (auth.Given, error) {
	if f.User.Nickname == nil {
		return auth.Given{}, nil
	}
	nick, err := p.organization(ctx, "nick")
	if err != nil {
		return auth.Given{}, err
	}
	past, err := p.organization(ctx, "past")
	if err != nil {
		return auth.Given{}, err
	}
	src := auth.Source{Kind: "membership", Name: *f.User.Nickname}
	return auth.Given{Grants: []auth.Grant{
		{Scope: "sample:write", Realm: auth.Realm{Organization: nick}, Source: src},
		{Scope: "sample:write", Realm: auth.Realm{Organization: past}, Source: src, End: f.At.Add(-time.Second)},
	}, Roles: []string{"organization:" + nick}, Claims: map[string]any{"nickname": *f.User.Nickname}}, nil
}

func (p *plugin) holders(ctx context.Context, q auth.HolderQuery) ([]auth.Holder, bool, error) {
	if nick, err := p.organization(ctx, "nick"); err != nil || q.Realm.Organization != nick || q.Scope != "sample:write" {
		return nil, false, err
	}
	rows, err := p.host.DB.Access(ctx).User().Query().Where(user.NicknameNotNil(), user.IDGT(q.After)).Order(ent.Asc(user.FieldID)).Limit(q.Limit + 1).All(ctx)
	if err != nil {
		return nil, false, err
	}
	var list []auth.Holder
	for _, u := range rows[:min(len(rows), q.Limit)] {
		list = append(list, auth.Holder{Subject: u.ID, Kind: auth.KindUser, Name: u.Name, Source: auth.Source{Kind: auth.SourceMembership, Name: *u.Nickname}, Key: u.ID})
	}
	return list, len(rows) > q.Limit, nil
}

func (p *plugin) countHolders(ctx context.Context, q auth.HolderQuery) (int, error) {
	list, _, err := p.holders(ctx, q)
	return len(list), err
}

func (p *plugin) givers(ctx context.Context, r auth.Realm, scope string) ([]auth.Giver, error) {
	if nick, err := p.organization(ctx, "nick"); err != nil || r.Organization != nick || scope != "sample:write" {
		return nil, err
	}
	return []auth.Giver{{Source: auth.Source{Kind: auth.SourceMembership}}}, nil
}

// subjects are the notes that somebody wrote: they hold nothing.
func (p *plugin) subjects() []auth.SubjectSource {
	return []auth.SubjectSource{{Kind: "sample", Words: "Samples", Icon: "puzzle",
		Find: func(_ context.Context, _ auth.Realm, text string, _ int) ([]auth.SubjectFound, error) {
			return []auth.SubjectFound{{ID: text, Name: "Sample " + text}}, nil
		},
		Get: func(_ context.Context, _ auth.Realm, id string) (*auth.SubjectFound, error) {
			return &auth.SubjectFound{ID: id, Name: "Sample " + id}, nil
		},
		Principal: func(_ context.Context, id string) (*auth.Principal, error) {
			return auth.NewPrincipal(auth.Principal{Subject: id, Scheme: "sample", Barred: "Samples rest."}, nil, p.host.Clock()), nil
		}}}
}

func (p *plugin) export(ctx context.Context, tx *auth.Tx, _ string) (any, error) {
	return tx.Platform().SampleNote().Query().Count(ctx)
}

func (p *plugin) erase(ctx context.Context, tx *auth.Tx, _ string) error {
	_, err := tx.Platform().SampleNote().Delete().Exec(ctx)
	return err
}

func (p *plugin) moments() plugins.Moments {
	var m plugins.Moments
	m.RequestReceived = []auth.On[*plugins.Incoming]{{Class: auth.Refuse, Do: func(_ context.Context, in *plugins.Incoming) error {
		if in.Path == "/sample/answered" {
			in.Answer(plugins.Answer{Status: http.StatusTeapot, Body: "filter"})
		}
		return nil
	}}}
	m.BeforeEndpoint = []plugins.EndpointHook{{Class: auth.Refuse, Match: "/sample/hooked", Do: func(_ context.Context, c *plugins.Call) error {
		c.Answer("hook")
		return nil
	}}}
	m.AfterEndpoint = []plugins.EndpointHook{{Class: auth.Observe, Match: "/sample/**", Do: func(_ context.Context, c *plugins.Call) error {
		c.Header.Set("X-Sample-After", "yes")
		return nil
	}}}
	m.SessionIssued = []auth.On[*plugins.SessionIssued]{{Class: auth.Observe, Do: func(_ context.Context, s *plugins.SessionIssued) error {
		s.Call.Header.Set("X-Sample-Issued", s.Issued.User.ID)
		return nil
	}}}
	m.UserCreating = []auth.On[*auth.UserDraft]{{Class: auth.Refuse, Do: func(_ context.Context, d *auth.UserDraft) error {
		if nick, ok := d.Fields["nickname"].(string); ok {
			d.Set = append(d.Set, func(c *ent.UserCreate) { c.SetNickname(nick) })
		}
		return nil
	}}}
	m.UserUpdating = []auth.On[*auth.UserPatch]{{Class: auth.Refuse, Do: func(_ context.Context, d *auth.UserPatch) error {
		if nick, ok := d.Fields["nickname"].(string); ok {
			d.Set = append(d.Set, func(c *ent.UserUpdateOne) { c.SetNickname(nick) })
		}
		return nil
	}}}
	m.UserCreated, m.UserUpdated = p.changed("created"), p.changed("updated")
	m.UserDeleting, m.UserDeleted = p.changed("deleting"), p.changed("deleted")
	m.PasswordChosen = []auth.On[*auth.NewPassword]{{Class: auth.Refuse, Do: func(_ context.Context, n *auth.NewPassword) error {
		if strings.Contains(n.Password, "sample-refused") {
			return auth.E(http.StatusBadRequest, "SAMPLE_PASSWORD", "Not this one")
		}
		return nil
	}}}
	m.FirstFactorProven = []auth.On[*auth.FirstFactor]{{Class: auth.Interrupt, Do: func(_ context.Context, f *auth.FirstFactor) error {
		if f.User.Nickname != nil && *f.User.Nickname == "interrupted" {
			f.Next = &auth.NextStep{Body: map[string]bool{"sampleRedirect": true}, Page: "/sample/next", Cookies: []auth.StepCookie{{Key: "sample", Value: f.User.ID, MaxAge: 60}}}
		}
		return nil
	}}}
	m.SessionCreating = []auth.On[*auth.SessionDraft]{{Class: auth.Observe, Do: func(_ context.Context, d *auth.SessionDraft) error { p.note("session of " + d.User.ID); return nil }}}
	m.SessionRead = []auth.On[*auth.Reading]{{Class: auth.Observe, Do: func(_ context.Context, r *auth.Reading) error {
		if r.Extra != nil {
			r.Extra["sample"] = true
		}
		return nil
	}}}
	m.SessionsEnded = []auth.On[*auth.EndedSessions]{{Class: auth.Observe, Do: func(_ context.Context, e *auth.EndedSessions) error { p.note("ended " + string(e.Reason)); return nil }}}
	m.IdentityResolving = []auth.On[*auth.Identity]{{Class: auth.Observe, Do: func(_ context.Context, i *auth.Identity) error { p.note("identity " + i.Subject); return nil }}}
	m.AddressProved = []auth.On[*auth.ProvedAddress]{{Class: auth.Observe, Do: func(_ context.Context, a *auth.ProvedAddress) error { p.note("proved " + a.Channel); return nil }}}
	m.StepUpAsked = []auth.On[*auth.StepUpRequest]{{Class: auth.Observe, Do: func(_ context.Context, s *auth.StepUpRequest) error {
		s.Methods = append(s.Methods, "sample")
		return nil
	}}}
	m.MessageSending = []auth.On[*auth.Outgoing]{{Class: auth.Observe, Do: func(_ context.Context, o *auth.Outgoing) error { p.note("sending " + o.Kind); return nil }}}
	m.EventRecorded = []auth.On[*auth.Event]{{Class: auth.Observe, Do: func(_ context.Context, e *auth.Event) error { p.note("event " + e.Kind); return nil }}}
	m.Sinks = []auth.Sink{{Name: "sample", Kinds: []string{"sample.noted"}, Deliver: func(_ context.Context, e auth.Event) error { p.note("sink " + e.Kind); return nil }}}
	return m
}

func (p *plugin) changed(what string) []auth.On[*auth.UserChange] {
	return []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: func(_ context.Context, u *auth.UserChange) error { p.note(what + " " + u.User.ID); return nil }}}
}

// run exercises the moments that no built-in part reaches yet, and answers what the
// plugin has observed so far.
func (p *plugin) run(c *plugins.Call) (any, error) {
	ctx := c.Context()
	m := p.host.Moments
	step := &auth.StepUpRequest{User: c.Current.User}
	err := errors.Join(
		m.IdentityResolving.Run(ctx, &auth.Identity{Provider: "sample", Subject: "42"}),
		m.StepUpAsked.Run(ctx, step),
	)
	g, offered := plugins.Offer[Greeter](p.host)
	observed := []string{}
	for len(p.seen.observed) > 0 {
		observed = append(observed, <-p.seen.observed)
	}
	return map[string]any{"step": step.Methods, "offered": offered && g.Greet("x") != "", "observed": observed}, err
}
