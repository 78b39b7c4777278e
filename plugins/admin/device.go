package admin

import (
	"cmp"
	"encoding/json"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/web"
)

// device names browser and system of a session, with the icon of its kind.
func device(agent string) (words.Text, web.Icon) {
	icon := web.Icon("monitor")
	name, handheld := auth.Browser(agent)
	if handheld {
		icon = "smartphone"
	}
	return cmp.Or(name, "Unknown device"), icon
}

// lastSeen is when a session was last used, as far as it is known.
func lastSeen(row *ent.Session) time.Time {
	if row.LastSeenAt != nil {
		return *row.LastSeenAt
	}
	return row.CreatedAt
}

// valueText writes the value of a further field for people.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
