package browser

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// TestKeysOfOrganization is an owner who makes a key, uses it, changes, stops, replaces and
// deletes it, beside somebody who may only look.
func TestKeysOfOrganization(t *testing.T) {
	both(t, nil, func(h *house) {
		olga, rita := h.person("Olga Owner"), h.person("Rita Reader")
		wire := h.calls(olga)
		id := h.founds(wire, "Acme", "acme")
		h.call(wire, "/api/auth/organization/create-role", map[string]any{"organizationId": id, "role": "reader", "permission": map[string]any{"apiKey": []string{"read"}}})
		h.joins(wire, id, rita, "reader")
		v := h.enters(olga.email, product.Password)
		key := h.makesKey(v, id)
		h.looksAtKeys(rita)
		h.changesKey(v, key, id)
		h.replacesKey(v, key, id)
	})
}

// makesKey goes through the wizard and returns the key.
func (h *house) makesKey(v *visitor, organization string) string {
	h.Helper()
	v.open(within("/keys"))
	v.sees("No API keys yet")
	v.press("New API key")
	v.sees("Acme itself")
	v.press("Continue")
	v.fill("name", " ")
	v.press("Continue")
	v.sees("Enter a name of 1 to 32 characters.")
	v.fill("name", "Deploy")
	v.press("Continue")
	v.choose("scope", "member:read")
	v.fill("custom", "files read")
	v.press("Continue")
	v.sees("files is no permission. Write them as resource:action.")
	v.fill("custom", "files:read")
	v.press("Continue")
	v.sees("Deploy", "files:read", "See the members")
	v.press("Back")
	v.holds("the choice is kept", `document.querySelector('input[name=scope][value="member:read"]').checked`)
	v.press("Continue")
	v.fill("rate", "50", "remaining", "20")
	v.press("Make the key")
	v.sees("The API key is made", "shown only now")
	key, line := v.handed(), v.curl()
	if line != "curl -H 'x-api-key: "+key+"' "+h.server.URL+"/api/v1/auth/me" { // as asked does
		h.Errorf("the line to try it is %s", line)
	}
	h.known(key, "organization:"+organization, "files:read", "member:read")
	v.press("To the page of the key")
	v.sees("Deploy", "See the members", "50 uses in", "Uses left")
	v.lacks(key)
	v.open(within("/keys"))
	v.sees("Deploy", "Active")
	v.lacks(key)
	v.fits(within("/keys"))
	return key
}

// curl is the line that a hand-over page shows to try a key.
func (v *visitor) curl() string {
	v.Helper()
	text, err := chrome.Eval[string](v.tab, `document.querySelectorAll('.secret code')[1].textContent`)
	v.must(err)
	return text
}

// lacks expects that a secret is nowhere in the page.
func (v *visitor) lacks(secret string) {
	v.Helper()
	page, err := chrome.Eval[string](v.tab, `document.documentElement.outerHTML`)
	v.must(err)
	if strings.Contains(page, secret) {
		v.Errorf("the page holds a secret that was shown before")
	}
}

// asked presents a key, as a program does, and the line that the page shows.
func (h *house) asked(key string) (status int, body string) {
	h.Helper()
	r, err := http.NewRequest(http.MethodGet, h.server.URL+"/api/v1/auth/me", nil)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("X-Api-Key", key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	if err != nil {
		h.Fatal(err)
	}
	return a.StatusCode, string(raw)
}

// known expects that a key is good, and its principal to say something.
func (h *house) known(key string, says ...string) {
	h.Helper()
	status, body := h.asked(key)
	if status != http.StatusOK {
		h.Errorf("%d %s", status, body)
	}
	for _, text := range says {
		if !strings.Contains(body, `"`+text+`"`) {
			h.Errorf("who the key is does not say %s: %s", text, body)
		}
	}
}

// unknown expects that a key is refused for a reason.
func (h *house) unknown(key, reason string) {
	h.Helper()
	if status, body := h.asked(key); status != http.StatusUnauthorized || !strings.Contains(body, reason) {
		h.Errorf("%d %s, want %s", status, body, reason)
	}
}

// looksAtKeys is somebody who sees keys and changes none.
func (h *house) looksAtKeys(rita person) {
	h.Helper()
	v := h.enters(rita.email, product.Password)
	v.offers("Overview, Members, Teams, API keys")
	v.open(within("/keys"))
	v.sees("Deploy", "Active")
	v.seesNot("New API key")
	v.press("Deploy")
	v.sees("What it may do", "See the members")
	v.seesNot("Edit", "Disable", "Replace", "Delete")
	at, err := v.tab.Path()
	v.must(err)
	v.refusedAt(map[string]string{"/keys/new": "Make API keys"})
	for _, page := range []string{"/edit", "/rotate", "/delete"} {
		v.open(at + page)
		v.sees("allowed")
	}
}

// changesKey edits the key, stops it and lets it work again.
func (h *house) changesKey(v *visitor, key, organization string) {
	h.Helper()
	v.open(within("/keys"))
	v.press("Deploy")
	v.press("Edit")
	v.fill("name", "Deploy site", "rate", "60")
	v.must(v.tab.Drop("scope", "member:read"))
	v.choose("scope", "team:read")
	v.press("Save changes")
	v.sees("Deploy site", "60 uses in", "See the teams")
	v.seesNot("See the members")
	h.known(key, "organization:"+organization, "team:read")
	v.press("Disable")
	v.sees("Disabled")
	h.unknown(key, "api_key_disabled")
	v.press("Enable")
	v.sees("Active")
	h.known(key)
	v.fits("")
}

// replacesKey makes a new key beside the old one, and deletes both.
func (h *house) replacesKey(v *visitor, old, organization string) {
	h.Helper()
	v.ask("Replace")
	v.choose("overlap", "24")
	v.press("Make the new key")
	v.sees("The new key")
	next := v.handed()
	if next == old || next == "" {
		h.Fatal("there is no new key")
	}
	h.known(next, "organization:"+organization)
	h.known(old, "organization:"+organization)
	v.open(within("/keys"))
	v.sees("Replaced", "Active", "2 keys")
	v.open(within("/keys?state=replaced"))
	v.press("Deploy site")
	v.sees("This key is replaced", "It still works until", "counts with the new one")
	v.seesNot("Replace…")
	v.press("To the new key")
	v.sees("Took over from", "Uses left\n15") // of 20: five times it was asked who it is
	v.ask("Delete")
	v.press("Delete key")
	v.sees("1 key")
	h.unknown(next, "api_key_invalid")
	h.known(old)
	v.press("Deploy site")
	v.sees("Uses left\n14")
	v.ask("Delete")
	v.press("Delete key")
	v.sees("No API keys yet")
	h.unknown(old, "api_key_invalid")
}

// TestServiceAccount is a principal that is no person: it has a role and a key, and stays
// when who made it goes.
func TestServiceAccount(t *testing.T) {
	both(t, nil, func(h *house) {
		olga, otto := h.person("Olga Owner"), h.person("Otto Owner")
		wire := h.calls(olga)
		id := h.founds(wire, "Acme", "acme")
		h.joins(wire, id, otto, "owner")
		v := h.enters(otto.email, product.Password)
		v.open(within("/service-accounts"))
		v.sees("No service accounts yet")
		v.press("New service account")
		v.fill("name", " ")
		v.press("Save")
		v.sees("Enter a name of up to 100 characters.")
		v.fill("name", "Robot")
		v.choose("role", "admin")
		v.press("Save")
		v.sees("Robot", "Admin", "No API keys yet")
		v.fits("")
		v.press("New key")
		v.fill("name", "Nightly")
		v.press("Continue")
		v.holds("it has all that the account may", `document.querySelector('input[name=whole][value=all]').checked`)
		v.press("Continue")
		v.sees("All that the service account may")
		v.press("Make the key")
		key := v.handed()
		h.known(key, "Robot", "member:update")
		h.call(h.wire, "/api/auth/admin/remove-user", map[string]any{"userId": otto.id})
		h.known(key, "Robot", "member:update")

		v = h.enters(olga.email, product.Password)
		v.open(within("/service-accounts"))
		v.press("Robot")
		v.sees("Nightly", "Active")
		v.press("Edit")
		v.must(v.tab.Drop("role", "admin"))
		v.choose("role", "member")
		v.press("Save")
		h.known(key, "Robot")
		if _, body := h.asked(key); strings.Contains(body, "member:update") {
			h.Errorf("the key keeps what the account lost: %s", body)
		}
		v.press("Disable Nightly")
		h.unknown(key, "api_key_disabled")
	})
}
