package auth

import (
	"github.com/mileusna/useragent"

	"gatehouse/auth/words"
)

// maxAgent bounds how much of a browser's own description is read, in bytes.
const maxAgent = 512

// Browser says browser and system of a user agent: "Firefox on Linux", and whether it is
// a telephone or tablet. Programs that are no browser are named as they name themselves;
// "" when nothing is known.
func Browser(agent string) (name words.Text, handheld bool) {
	if len(agent) > maxAgent {
		agent = agent[:maxAgent]
	}
	ua := useragent.Parse(agent)
	handheld = ua.Mobile || ua.Tablet
	switch {
	case ua.Name != "" && ua.OS != "":
		return words.F("%s on %s", ua.Name, ua.OS), handheld
	case ua.Name != "":
		return words.Raw(ua.Name), handheld
	}
	return words.Raw(ua.OS), handheld
}
