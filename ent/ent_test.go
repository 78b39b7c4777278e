package ent_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/schema/core"
)

func all(string) bool  { return true }
func none(string) bool { return false }

func TestWireOrder(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	image, role, secret := "https://x/y.png", "admin", "secret"
	u := &ent.User{
		ID: "u1", Name: "Ann", Email: "a@example.org", EmailVerified: true, CreatedAt: at, UpdatedAt: at,
		Role: &role, AdditionalFields: map[string]any{"plan": "gold"},
	}
	s := &ent.Session{
		ID: "s1", UserID: "u1", Token: "sha256:" + secret, ExpiresAt: at, CreatedAt: at, UpdatedAt: at,
		AuthenticatedAt: at, Amr: "pwd", LastSeenAt: &at,
	}
	a := &ent.Account{
		ID: "a1", UserID: "u1", AccountID: "u1", ProviderID: "credential", Password: &secret, AccessToken: &secret,
		RefreshToken: &secret, IDToken: &secret, Scope: &secret, CreatedAt: at, UpdatedAt: at,
	}
	const when = `"2026-01-02T03:04:05.000Z"`
	tests := []struct {
		name string
		got  ent.WireObject
		want string
	}{
		{"user", u.Wire(all), `{"name":"Ann","email":"a@example.org","emailVerified":true,"image":null,"createdAt":` + when +
			`,"updatedAt":` + when + `,"role":"admin","banned":false,"banReason":null,"banExpires":null,"id":"u1"}`},
		{"user without plugins", u.Wire(none), `{"name":"Ann","email":"a@example.org","emailVerified":true,"image":null,"createdAt":` +
			when + `,"updatedAt":` + when + `,"id":"u1"}`},
		{"session", s.Wire(all), `{"expiresAt":` + when + `,"token":"","createdAt":` + when + `,"updatedAt":` + when +
			`,"ipAddress":"","userAgent":"","userId":"u1","impersonatedBy":null,"id":"s1"}`},
		{"session with its token", s.Wire(none).Set("token", "t"), `{"expiresAt":` + when + `,"token":"t","createdAt":` + when +
			`,"updatedAt":` + when + `,"ipAddress":"","userAgent":"","userId":"u1","id":"s1"}`},
		{"account", a.Wire(all).Add("scopes", []string{}), `{"accountId":"u1","providerId":"credential","userId":"u1","createdAt":` +
			when + `,"updatedAt":` + when + `,"id":"a1","scopes":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// The columns of plugins beyond those named are not this test's.
			got, err := json.Marshal(onlyKnown(tt.got))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if strings.Contains(string(got), secret) {
				t.Error("the secret is shown")
			}
		})
	}
	u.Image = &image
	if v, _ := u.Wire(none).Get("image"); *v.(*string) != image {
		t.Errorf("image %v", v)
	}
}

// onlyKnown drops what plugins other than admin add.
func onlyKnown(o ent.WireObject) ent.WireObject {
	return slices.DeleteFunc(o, func(f ent.WireField) bool { return f.Owner != "" && f.Owner != "admin" })
}

// TestCatalogAgreesWithWire holds for every entity that the encoder shows what
// the catalog says, and nothing secret.
func TestCatalogAgreesWithWire(t *testing.T) {
	for _, e := range ent.Entities() {
		if len(e.Fields) == 0 || e.Fields[len(e.Fields)-1].Name != "id" {
			t.Errorf("%s: the id is not last", e.Name)
		}
		for _, name := range e.Life.Secret {
			f, ok := e.Field(name)
			if !ok || !f.Hidden && !f.Sensitive && name != "token" {
				t.Errorf("%s.%s is secret and shown", e.Name, name)
			}
		}
		for _, f := range e.Fields {
			if f.Plugin != "" && !f.Nullable && f.Plugin == e.Plugin {
				t.Errorf("%s.%s is marked as added by its own plugin", e.Name, f.Name)
			}
			if strings.Contains(f.Column, "_") {
				t.Errorf("%s.%s is stored as %s", e.Name, f.Name, f.Column)
			}
		}
	}
}

func TestCatalog(t *testing.T) {
	entities := map[string]int{}
	for i, e := range ent.Entities() {
		entities[e.Name] = i
	}
	session := ent.Entities()[entities["Session"]]
	if got := session.Parents(); !slices.Equal(got, []string{"User"}) {
		t.Errorf("parents of a session: %q", got)
	}
	if session.Table != "session" || session.Plugin != "" || session.Life.OnDelete != core.Cascade {
		t.Errorf("session: %+v", session)
	}
	if f, _ := session.Field("impersonated_by"); f.Plugin != "admin" || f.Column != "impersonatedBy" {
		t.Errorf("impersonated_by: %+v", f)
	}
	invitation := ent.Entities()[entities["PlatformInvitation"]]
	if invitation.Plugin != "admin" || invitation.Table != "platformInvitation" {
		t.Errorf("invitation: %+v", invitation)
	}
	if f, _ := ent.Entities()[entities["OutboxMessage"]].Field("state"); f.Kind != "enum" || len(f.Values) != 4 {
		t.Errorf("state: %+v", f)
	}
	if user := ent.Entities()[entities["User"]]; user.Life.Owner != "id" || len(user.Life.Search) != 2 {
		t.Errorf("user: %+v", user.Life)
	}
}

// TestReadWire takes what Wire shows back in.
func TestReadWire(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 6e6, time.UTC)
	image, by := "https://p.example/a.png", "boss"
	u := &ent.User{ID: "u", Name: "Ada", Email: "ada@example.test", EmailVerified: true, Image: &image, CreatedAt: now, UpdatedAt: now, BanReason: &by}
	s := &ent.Session{ID: "s", UserID: "u", ExpiresAt: now, CreatedAt: now, UpdatedAt: now, IPAddress: "::1", UserAgent: "a", ImpersonatedBy: &by}
	for _, tt := range []struct {
		name     string
		from, to interface {
			Wire(func(string) bool) ent.WireObject
			ReadWire([]byte) error
		}
	}{{"user", u, &ent.User{}}, {"session", s, &ent.Session{}}} {
		want, err := tt.from.Wire(all).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.to.ReadWire(want); err != nil {
			t.Fatal(err)
		}
		if got, err := tt.to.Wire(all).MarshalJSON(); err != nil || string(got) != string(want) {
			t.Errorf("%s: %s, %v\nwant %s", tt.name, got, err, want)
		}
		if err := tt.to.ReadWire([]byte(`{"id":1}`)); err == nil {
			t.Errorf("%s: a number was taken as an id", tt.name)
		}
	}
}
