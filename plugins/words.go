package plugins

import (
	"strings"

	"gatehouse/auth/settings"
)

// Words says who may call, for people: "Anyone", "Signed in, with user:list".
func (a Access) Words() string {
	words := map[Who]string{Public: "Anyone", Nobody: "Anyone", SignedIn: "Signed in", Fresh: "Signed in lately",
		Inside: "Decided by the endpoint", Principal: "Signed in or with a key"}[a.Who]
	var parts []string
	if a.Scope != "" {
		scope := "with " + a.Scope
		if a.Organization.In != "" {
			scope += " in the organization"
		}
		parts = append(parts, scope)
	}
	if len(a.Schemes) > 0 {
		parts = append(parts, "by "+strings.Join(a.Schemes, " or "))
	}
	if a.ManagesCredentials {
		parts = append(parts, "not while impersonating")
	}
	if a.StepUp.MaxAge > 0 {
		parts = append(parts, "proved within "+settings.FormatDuration(a.StepUp.MaxAge))
	}
	if a.StepUp.Strength > 1 {
		parts = append(parts, "with two factors")
	}
	return strings.Join(append([]string{words}, parts...), ", ")
}
