package apikey_test

import (
	"testing"

	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

// TestTiles: the overview counts the keys that work and those that end soon, and how often
// keys were used today, written or not.
func TestTiles(t *testing.T) {
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), console.New()},
		Plugins: []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{}), apikey.New(apikey.Options{})}})
	h := &house{rig, t, plugins.MustOffer[*apikey.Service](rig.Host)}
	ann, _ := h.person("ann")
	_, chief := h.administrator("chief", "admin")
	page(t, chief.Get("/admin"), 200, "Active API keys", "Uses of API keys today", "!end within 14 days", "!refused</dd>")
	for _, life := range []*float64{ptr(3 * 86400.0), ptr(90 * 86400.0)} {
		h.made(apikey.NewKey{UserID: ann.ID, ExpiresIn: life})
	}
	off := h.made(apikey.NewKey{UserID: ann.ID})
	if _, err := h.s.SetEnabled(h.as(ann), off.Row.ID, false); err != nil {
		t.Fatal(err)
	}
	used := h.made(apikey.NewKey{UserID: ann.ID})
	h.want(used.Secret, "", "", "")
	h.want(off.Secret, "KEY_DISABLED")
	tile := func(figures ...string) {
		t.Helper()
		page(t, chief.Get("/admin"), 200, append(figures, `href="/admin/api-keys?state=active&amp;ends=soon"`, "1 end within 14 days")...)
	}
	tile(`>3<`, `>4<`, "1 refused</dd>")
	if err := h.s.FlushUsage(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.want(used.Secret, "")
	tile(`>3<`, `>5<`, "1 refused</dd>")
	page(t, chief.Get("/admin/api-keys?state=active&ends=soon"), 200, "1 key")
}
