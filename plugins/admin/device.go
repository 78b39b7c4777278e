package admin

import (
	"encoding/json"
	"time"

	"github.com/mileusna/useragent"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/web"
)

// maxAgent bounds how much of a browser's own description is read.
const maxAgent = 512

// device names browser and system of a session, and whether it is a small one.
func device(agent string) (words.Text, web.Icon) {
	if len(agent) > maxAgent {
		agent = agent[:maxAgent]
	}
	ua := useragent.Parse(agent)
	icon := web.Icon("monitor")
	if ua.Mobile || ua.Tablet {
		icon = "smartphone"
	}
	switch {
	case ua.Name != "" && ua.OS != "":
		return words.F("%s on %s", ua.Name, ua.OS), icon
	case ua.Name != "":
		return words.Raw(ua.Name), icon
	case ua.OS != "":
		return words.Raw(ua.OS), icon
	}
	return "Unknown device", icon
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
