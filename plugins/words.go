package plugins

import (
	"strings"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
)

// Words says who may call, for people: "Anyone", "Signed in, with user:list".
func (a Access) Words() words.Text {
	parts := []words.Text{map[Who]words.Text{Public: "Anyone", Nobody: "Anyone", SignedIn: "Signed in", Fresh: "Signed in lately",
		Inside: "Decided by the endpoint", Principal: "Signed in or with a key"}[a.Who]}
	switch {
	case a.Scope != "" && a.Organization.In != "":
		parts = append(parts, words.F("with %s in the organization", a.Scope))
	case a.Scope != "":
		parts = append(parts, words.F("with %s", a.Scope))
	}
	if len(a.Schemes) > 0 {
		parts = append(parts, words.F("authenticated by %s", strings.Join(a.Schemes, ", ")))
	}
	if a.ManagesCredentials || a.Dangerous {
		parts = append(parts, "not while impersonating")
	}
	if a.Dangerous {
		parts = append(parts, "proved lately")
	}
	if a.StepUp.MaxAge > 0 {
		parts = append(parts, words.F("proved within %s", settings.FormatDuration(a.StepUp.MaxAge)))
	}
	if a.StepUp.Strength > 1 {
		parts = append(parts, "with two factors")
	}
	return words.Join(", ", parts...)
}
