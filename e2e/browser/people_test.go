package browser

import (
	"testing"

	"gatehouse/e2e/chrome"
)

// handed is what a hand-over page shows once.
func (v *visitor) handed() string {
	v.Helper()
	text, err := chrome.Eval[string](v.tab, `document.querySelector('.secret code').textContent`)
	v.must(err)
	return text
}

// TestParts saves further fields, and fits every width on each tab.
func TestParts(t *testing.T) {
	boss := administrator(t, `--user.fields={ score = { type = "number", required = false }, news = { type = "boolean", required = false } }`)
	at := boss.person("Bob", "bob@example.test")
	boss.fill("field.score", "12")
	boss.press("Save fields")
	boss.holds("score", `document.getElementById('profile-field.score').value === '12'`)
	boss.fits(at)
	for _, tab := range []string{"/accounts", "/sessions", "/access", "/activity"} {
		boss.fits(at + tab)
	}
}
