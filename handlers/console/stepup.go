package console

import (
	"slices"

	"gatehouse/auth/settings"
	"gatehouse/plugins"
)

// guardedAreas are the areas whose settings decide how people get in and how attacks are
// held off.
var guardedAreas = []string{"sign-in", "passwords", "people", "sessions", "security", pluginsArea}

// wantsProof reports whether a change of settings needs a recent proof of identity that
// is missing: one in those areas, or of a secret anywhere.
func (p *console) wantsProof(c *plugins.Call, a area, fields map[string]settings.Field) bool {
	if p.host.Sessions.Proved(c.Principal().Session) {
		return false
	}
	return slices.Contains(guardedAreas, a.ID) ||
		slices.ContainsFunc(changeOf(c.Request.PostForm, fields).keys(), func(key string) bool { return fields[key].Secret })
}
