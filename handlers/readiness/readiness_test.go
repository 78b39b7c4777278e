package readiness_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/readiness"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

// sample is a plugin whose prerequisite fails while problem says so.
type sample struct {
	id      string
	problem error
}

// Manifest implements plugins.Plugin.
func (s *sample) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: s.id, Name: "Sample", Sentence: "Shows.",
		Needs:    []plugins.Need{{Plugin: "absent", For: "something nice"}},
		Commands: []plugins.Command{{Name: "sample"}}}
}

// Contribute implements plugins.Plugin.
func (s *sample) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{
		Prerequisites: []plugins.Prerequisite{
			{Name: "the moon is full", Fix: "wait", Check: func(context.Context) error { return s.problem }},
			{Name: "the sun shines", Check: func(context.Context) error { return nil }},
		},
		Endpoints: []plugins.Endpoint{{Method: "GET", Path: "/sample", Handle: func(*plugins.Call) (any, error) { return nil, nil }}},
		Screens:   []plugins.Screen{{ID: "sample", Path: "/admin/sample"}},
		Scopes:    []auth.Scope{{Resource: "sample", Action: "read"}},
		Jobs:      []plugins.Job{{Name: "tick", Period: time.Hour, Run: func(context.Context) error { return nil }}},
		Moments: plugins.Moments{
			AfterEndpoint: []plugins.EndpointHook{{Match: "/**", Do: func(context.Context, *plugins.Call) error { return nil }}},
			Hooks:         auth.Hooks{UserCreated: []auth.On[*auth.UserChange]{{Do: func(context.Context, *auth.UserChange) error { return nil }}}},
		},
	}, nil
}

func TestExamine(t *testing.T) {
	on, off := &sample{id: "on"}, &sample{id: "off"}
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{on, off}, Settings: map[string]string{"plugins.enabled": "on"}})
	build := []plugins.Plugin{on, off}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	rig.Host.DB.Store().Client.Job.Create().SetName("on/tick").SetLastStartedAt(now).SetLastError("slipped").ExecX(t.Context())

	report, err := readiness.Examine(t.Context(), rig.Host, build)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Ready() || report.Schema == "" || len(report.Pending) != 0 {
		t.Errorf("schema %q, pending %v, ready %t", report.Schema, report.Pending, report.Ready())
	}
	core, p, q := find(t, report, "core"), find(t, report, "on"), find(t, report, "off")
	if !slices.ContainsFunc(core.Entities, func(e readiness.Entity) bool { return e.Name == "User" }) {
		t.Errorf("entities of the core %v", core.Entities)
	}
	for name, list := range map[string][2][]string{
		"endpoints": {p.Endpoints, {"GET /sample"}}, "screens": {p.Screens, {"/admin/sample"}}, "scopes": {p.Scopes, {"sample:read"}},
		"moments": {p.Moments, {"AfterEndpoint", "UserCreated"}}, "commands": {p.Commands, {"sample"}}, "commands of one that is off": {q.Commands, {"sample"}},
	} {
		if !slices.Equal(list[0], list[1]) {
			t.Errorf("%s %v, want %v", name, list[0], list[1])
		}
	}
	if len(p.Jobs) != 1 || !p.Jobs[0].Started.Equal(now) || p.Jobs[0].LastError != "slipped" || p.Jobs[0].Period != time.Hour {
		t.Errorf("jobs %+v", p.Jobs)
	}
	if len(p.Needs) != 1 || p.Needs[0].Enabled {
		t.Errorf("needs %+v", p.Needs)
	}
	if !p.Enabled || !p.Ready || q.Enabled || q.Ready || len(q.Endpoints) != 0 {
		t.Errorf("enabled %t %t, ready %t %t", p.Enabled, q.Enabled, p.Ready, q.Ready)
	}
}

func TestFailingPrerequisite(t *testing.T) {
	on := &sample{id: "on", problem: errors.New("it is new")}
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{on}})
	report, err := readiness.Examine(t.Context(), rig.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := find(t, report, "on")
	want := []readiness.Prerequisite{{Name: "the moon is full", Problem: "it is new", Fix: "wait"}, {Name: "the sun shines"}}
	if p.Ready || report.Ready() || !slices.Equal(p.Prerequisites, want) {
		t.Errorf("ready %t, report ready %t, %+v", p.Ready, report.Ready(), p.Prerequisites)
	}
}

func TestPendingMigration(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	if _, err := rig.Host.DB.Store().SQL.ExecContext(t.Context(), "UPDATE schema_revision SET applied = 0"); err != nil {
		t.Fatal(err)
	}
	report, err := readiness.Examine(t.Context(), rig.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Ready() || len(report.Pending) == 0 || find(t, report, "core").Ready {
		t.Errorf("ready in spite of pending %v", report.Pending)
	}
}

func find(t *testing.T, r readiness.Report, id string) readiness.Plugin {
	t.Helper()
	i := slices.IndexFunc(r.Plugins, func(p readiness.Plugin) bool { return p.ID == id })
	if i < 0 {
		t.Fatalf("no plugin %q", id)
	}
	return r.Plugins[i]
}
