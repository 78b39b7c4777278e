package readiness

import (
	"reflect"
	"slices"

	"gatehouse/ent"
	"gatehouse/plugins"
)

// core is the built-in part that entities without a plugin belong to.
const core = "core"

// describe tells what is known of a plugin that need not run.
func describe(m plugins.Manifest) Plugin {
	p := Plugin{ID: m.ID, Name: m.Name.English(), Sentence: m.Sentence.English(), BuiltIn: m.BuiltIn,
		Prerequisites: []Prerequisite{}, Needs: []Need{}, Entities: []Entity{}, Fields: []string{}, Endpoints: []string{}, Routes: []string{},
		Screens: []string{}, Moments: []string{}, Scopes: []string{}, Events: []string{}, Messages: []string{}, Commands: []string{}, Jobs: []Job{}, Settings: []string{}}
	for _, e := range ent.Entities() {
		if e.Plugin == m.ID || e.Plugin == "" && m.ID == core {
			p.Entities = append(p.Entities, Entity{e.Name, e.Table})
		}
		for _, f := range e.Fields {
			if f.Plugin == m.ID {
				p.Fields = append(p.Fields, e.Name+"."+f.Wire)
			}
		}
	}
	for _, c := range m.Commands {
		p.Commands = append(p.Commands, c.Name)
	}
	for _, s := range m.Settings {
		p.Settings = append(p.Settings, s.Prefix())
	}
	return p
}

func (p *Plugin) needs(m plugins.Manifest, r *plugins.Registry) {
	for _, n := range m.Needs {
		_, on := r.Part(n.Plugin)
		p.Needs = append(p.Needs, Need{Plugin: n.Plugin, Required: n.Required, Enabled: on, For: n.For.English()})
	}
}

// contribute adds what a running plugin contributes.
func (p *Plugin) contribute(c plugins.Contribution, runs map[string]Job) {
	for _, e := range c.Endpoints {
		p.Endpoints = append(p.Endpoints, e.Method+" "+e.Path)
	}
	for _, r := range c.Routes {
		p.Routes = append(p.Routes, r.Method+" "+r.Path)
	}
	for _, s := range c.Screens {
		p.Screens = append(p.Screens, s.Path)
	}
	for _, s := range c.Panels {
		p.Screens = append(p.Screens, s.Path)
	}
	for _, s := range c.Scopes {
		p.Scopes = append(p.Scopes, s.Name())
	}
	for _, e := range c.Events {
		p.Events = append(p.Events, e.Name)
	}
	for _, m := range c.Messages {
		p.Messages = append(p.Messages, m.Kind)
	}
	for _, j := range c.Jobs {
		if j.Everywhere {
			continue // nobody keeps when it ran
		}
		run := runs[p.ID+"/"+j.Name]
		run.Name, run.Words, run.Period = j.Name, j.Words.English(), j.Period
		p.Jobs = append(p.Jobs, run)
	}
	p.Moments = moments(reflect.ValueOf(c.Moments))
}

// moments names the moments a plugin takes part in: the fields that hold handlers.
func moments(v reflect.Value) []string {
	names := []string{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Anonymous:
			names = append(names, moments(v.Field(i))...)
		case v.Field(i).Kind() == reflect.Slice && v.Field(i).Len() > 0:
			names = append(names, field.Name)
		}
	}
	slices.Sort(names)
	return names
}
