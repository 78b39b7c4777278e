package plugins_test

import (
	"testing"
	"time"

	"gatehouse/plugins"
)

// TestWords says access rules for people.
func TestWords(t *testing.T) {
	for _, tt := range []struct {
		access plugins.Access
		want   string
	}{
		{plugins.Access{}, "Anyone"},
		{plugins.Access{Who: plugins.SignedIn}, "Signed in"},
		{plugins.Access{Who: plugins.Inside}, "Decided by the endpoint"},
		{plugins.Access{Who: plugins.SignedIn, Scope: "user:list", Schemes: []string{"session", "bearer"}}, "Signed in, with user:list, authenticated by session, bearer"},
		{plugins.Access{Who: plugins.Principal, Scope: "member:list", Organization: plugins.OrganizationSource{In: "active"}}, "Signed in or with a key, with member:list in the organization"},
		{plugins.Access{Who: plugins.SignedIn, Dangerous: true}, "Signed in, not while impersonating, proved lately"},
		{plugins.Access{Who: plugins.Fresh, ManagesCredentials: true, StepUp: plugins.StepUp{MaxAge: 10 * time.Minute, Strength: 2}},
			"Signed in lately, not while impersonating, proved within 10m, with two factors"},
	} {
		if got := tt.access.Words(); got.English() != tt.want {
			t.Errorf("%+v is %q, want %q", tt.access, got, tt.want)
		}
	}
}
