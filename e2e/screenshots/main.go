// Command screenshots takes pictures of every screen of the product, wide and narrow,
// light and dark, into the folder screenshots of the checkout (not committed). Look at
// each of them. With -readme it also renews the pictures of the README in docs/images.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// shot is one screen; before brings it into a state.
type shot struct {
	name, path string
	before     func(*chrome.Tab) error
}

// published are the pictures of the README by their names there.
var published = map[string]string{"02-sign-in": "sign-in", "21-users": "users", "23-user": "person"}

// publish copies the pictures of the README.
func publish(out string) error {
	images := filepath.Join(product.Root(), "docs", "images")
	if err := os.MkdirAll(images, 0o755); err != nil {
		return err
	}
	for shot, name := range published {
		for theme, suffix := range map[string]string{"light": "", "dark": "-dark"} {
			picture, err := os.ReadFile(filepath.Join(out, shot+"-wide-"+theme+".png"))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(images, name+suffix+".png"), picture, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func main() {
	readme := flag.Bool("readme", false, "renew the pictures of the README")
	only := flag.Bool("organizations", false, "take the pages of organizations and keys alone")
	flag.Parse()
	err := run(*only)
	if err == nil && *readme {
		err = publish(filepath.Join(product.Root(), "screenshots"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(only bool) (err error) {
	out := filepath.Join(product.Root(), "screenshots")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	binary, err := product.Build()
	if err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "gatehouse-screenshots-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	s, err := product.Start(binary, "--data="+data, "--rate_limit.enabled=false", "--sign_up.enabled=true", "--email_verification.on_sign_up=true",
		"--email_verification.auto_sign_in=true", "--user.delete_confirmation_mail=true")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	if text, err := exec.Command(binary, "seed-users", "137", "--data="+data).CombinedOutput(); err != nil {
		return fmt.Errorf("seeding: %w\n%s", err, text)
	}
	b, err := chrome.Open()
	if err != nil {
		return err
	}
	defer b.Close()
	tab, err := b.Tab(s.URL)
	if err != nil {
		return err
	}
	link, err := s.ClaimLink()
	if err != nil {
		return err
	}
	claim := strings.TrimPrefix(link, s.URL)
	guests := []shot{
		{"01-claim", claim, nil}, {"02-sign-in", "/sign-in", nil},
		{"03-sign-in-refused", "/sign-in", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("email", "nobody@example.com"), t.Fill("password", "wrong-wrong-wrong"), t.Press("Sign in"))
		}},
		{"04-sign-up", "/sign-up", nil}, {"05-forgot", "/forgot-password", nil}, {"06-reset-dead", "/reset-password?token=x", nil},
		{"07-invitation-dead", "/accept-invitation/x", nil}, {"08-error", "/error?error=state_mismatch", nil}, {"09-not-found", "/nothing", nil},
	}
	if only {
		guests = nil
	}
	if err := take(tab, out, guests); err != nil {
		return err
	}
	if err := errors.Join(tab.Go(claim), tab.Fill("name", "Ada Lovelace"), tab.Fill("email", "ada@example.com"), tab.Fill("password", product.AdminPassword),
		tab.Press("Create the owner account")); err != nil {
		return err
	}
	// Not the administrator, whom nothing can be done to.
	person, err := entry(tab, "/admin/users", 1)
	if err != nil {
		return err
	}
	owner, err := entry(tab, "/admin/users", 0)
	if err != nil {
		return err
	}
	if err := organizations(tab, operate(binary, data), out, person); err != nil || only {
		return err
	}
	if err := take(tab, out, []shot{
		{"20-overview", "/admin", nil}, {"21-users", "/admin/users", nil}, {"22-users-none", "/admin/users?q=zzzzzz", nil},
		{"23-user", person, nil}, {"24-user-access", person + "/access", nil}, {"25-user-sessions", person + "/sessions", nil},
		{"25-user-accounts", person + "/accounts", nil}, {"25-user-activity", person + "/activity", nil}, {"25-user-create", "/admin/users/new", nil},
		{"25-user-create-own", "/admin/users/new", func(t *chrome.Tab) error { return t.Choose("way", "password") }},
		{"25-user-link", person + "/sign-in-link", func(t *chrome.Tab) error { return t.Press("Make link") }},
		{"24-owner-access", owner + "/access", nil}, {"25-owner-sessions", owner + "/sessions", nil}, {"25-owner-activity", owner + "/activity", nil},
		{"25-user-role", person + "/role", nil}, {"25-user-delete", person, func(t *chrome.Tab) error { return errors.Join(t.Click("More actions"), t.Click("Delete")) }},
		{"25-user-ban", person, func(t *chrome.Tab) error { return errors.Join(t.Click("More actions"), t.Click("Ban")) }}, {"26-invite", "/admin/invitations/new", nil},
		{"26-invitations", "/admin/invitations", nil}, {"26-invited", "/admin/invitations/new", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("email", "grace@example.org"), t.Fill("name", "Grace Hopper"), t.Press("Invite"))
		}}, {"26-invitations-some", "/admin/invitations", nil}, {"27-sessions", "/admin/sessions", nil}, {"28-roles", "/admin/roles", nil}, {"28-plugins", "/admin/plugins", nil}, {"28-plugin", "/admin/plugins/admin", nil},
		{"29-settings", "/admin/settings", nil}, {"30-outbox", "/admin/outbox", nil},
		{"32-messages", "/admin/messages", nil}, {"33-wording", "/admin/messages/new-device/en", nil}, {"34-appearance", "/admin/settings/appearance", nil},
		{"35-languages", "/admin/settings/languages", nil}, {"36-mail", "/admin/settings/mail", nil},
		{"37-mail-refused", "/admin/settings/mail", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("smtp", "smtp://127.0.0.1:1?tls=none"), t.Press("Save changes"), t.Press("Send test message"))
		}}, {"31-api", "/admin/api-reference", nil},
		{"40-account", "/account", nil}, {"41-email", "/account/email", nil}, {"42-password", "/account/password", nil},
		{"43-devices", "/account/sessions", nil}, {"44-linked", "/account/linked", nil}, {"45-delete", "/account/delete", nil},
		{"46-profile", "/account/profile", nil}, {"47-language", "/account/preferences", nil}, {"48-activity", "/account/activity", nil}, {"49-data", "/account/data", nil},
		{"50-gallery", "/admin/gallery", nil},
	}); err != nil {
		return err
	}
	if err := states(tab, out, person); err != nil {
		return err
	}
	if err := locked(tab, s.URL, out, person); err != nil {
		return err
	}
	return mailed(b, tab, s.URL, out)
}

// everybody chooses all people, not only those on the page.
const everybody = "document.querySelector('[data-all]').click(); document.querySelector('form.bulk input[name=all]').click()"

// states takes what opens on pages, and pages in other languages.
func states(tab *chrome.Tab, out, person string) error {
	script := func(code string) error {
		_, err := chrome.Eval[bool](tab, "(() => { "+code+"; return true })()")
		return err
	}
	if err := take(tab, out, []shot{
		{"51-filter", "/admin/users?role=user&status=active", func(t *chrome.Tab) error { return t.Click("Role") }},
		{"52-columns", "/admin/users", func(t *chrome.Tab) error { return t.Click("Columns and rows") }},
		{"53-saved-views", "/admin/users", func(t *chrome.Tab) error { return t.Click("Saved views") }},
		{"54-selected", "/admin/users", func(*chrome.Tab) error { return script("document.querySelector('[data-all]').click()") }},
		{"54-bulk", "/admin/users", func(t *chrome.Tab) error { return errors.Join(script(everybody), t.Press("End sessions")) }},
		{"54-task", "/admin/users", func(t *chrome.Tab) error {
			return errors.Join(script(everybody), t.Press("End sessions"), t.Press("End sessions"), until(t, "document.querySelector('#progress:not([hx-get])')"))
		}},
		{"55-search", "/admin/find?q=ro", nil},
		{"56-palette", "/admin", func(t *chrome.Tab) error {
			return errors.Join(t.Click("Go to"), t.Keys("ada"), until(t, "document.querySelector('#palette-found a')"))
		}},
		{"57-keyboard", "/admin", func(t *chrome.Tab) error { return t.Keys("?") }},
		{"57-menu", "/admin/sessions", func(t *chrome.Tab) error { return t.Click("Account of") }},
		{"57-drawer", "/admin/sessions", func(t *chrome.Tab) error { return t.Click("Menu") }},
	}); err != nil {
		return err
	}
	for _, language := range []string{"de", "ar-XB"} {
		if err := script("document.cookie = 'gatehouse_language=" + language + "; path=/'"); err != nil {
			return err
		}
		if err := take(tab, out, []shot{{"58-" + language + "-overview", "/admin", nil}, {"58-" + language + "-users", "/admin/users?role=user", nil}, {"58-" + language + "-user", person, nil},
			{"58-" + language + "-settings", "/admin/settings/sessions", nil}, {"58-" + language + "-account", "/account", nil}}); err != nil {
			return err
		}
	}
	return script("document.cookie = 'gatehouse_language=; path=/; max-age=0'")
}

// locked takes what guards the console: accounts that have to wait, the proof of identity,
// and the bars of those who act or see as somebody else.
func locked(tab *chrome.Tab, url, out, person string) error {
	if err := take(tab, out, []shot{{"70-lockouts-none", "/admin/lockouts", nil}, {"71-step-up", "/step-up?returnTo=/admin", nil},
		{"72-step-up-refused", "/step-up?returnTo=/admin", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("password", "wrong-wrong-wrong"), t.Press("Continue"))
		}}}); err != nil {
		return err
	}
	for address, times := range map[string]int{"ada@example.com": 7, "nobody@example.com": 9} {
		for range times {
			body := strings.NewReader(fmt.Sprintf(`{"email":%q,"password":"wrong-wrong-wrong"}`, address))
			r, err := http.NewRequest(http.MethodPost, url+"/api/auth/sign-in/email", body)
			if err != nil {
				return err
			}
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			_ = answer.Body.Close()
		}
	}
	return take(tab, out, []shot{{"73-lockouts", "/admin/lockouts", nil},
		{"74-impersonating", person + "/impersonate", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("reason", "They asked for help"), t.Press("Impersonate"))
		}},
		{"75-console", "/account", func(t *chrome.Tab) error { return t.Press("Stop") }}})
}

// mailed takes the pages behind links of mails, as somebody new comes to them.
func mailed(b *chrome.Browser, admin *chrome.Tab, url, out string) error {
	t, err := b.Tab(url)
	if err != nil {
		return err
	}
	defer t.Close()
	if err := errors.Join(t.Go("/sign-up"), t.Fill("name", "Grace Hopper"), t.Fill("email", "grace@example.com"), t.Fill("password", product.Password), t.Press("Create")); err != nil {
		return err
	}
	verify, err := newest(admin)
	if err != nil {
		return err
	}
	if err := take(t, out, []shot{{"59-account-unverified", "/account", nil}, {"60-verify", verify, nil}, {"61-verified", "/verify-email?state=done", nil}, {"62-verify-dead", "/verify-email?state=unknown", nil},
		{"63-delete-sent", "/account/delete", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("confirm", "grace@example.com"), t.Fill("password", product.Password), t.Press("Delete"))
		}}}); err != nil {
		return err
	}
	remove, err := newest(admin)
	if err != nil {
		return err
	}
	return take(t, out, []shot{{"64-delete-mailed", remove, nil}})
}

// newest is the link of the newest message in the outbox.
func newest(admin *chrome.Tab) (string, error) {
	message, err := entry(admin, "/admin/outbox", 0)
	if err != nil {
		return "", err
	}
	if err := admin.Go(message); err != nil {
		return "", err
	}
	return chrome.Eval[string](admin, `document.getElementById('link').textContent`)
}

// entry is the path of an entry of a list of the console, counted from 0.
func entry(t *chrome.Tab, list string, n int) (string, error) {
	if err := t.Go(list); err != nil {
		return "", err
	}
	return chrome.Eval[string](t, fmt.Sprintf(`document.querySelectorAll('main table tbody tr')[%d].querySelector('a[href^="%s/"]').getAttribute('href')`, n, list))
}

// until waits for what a script of the page brings.
func until(t *chrome.Tab, expression string) error { return t.Until(expression, 4*time.Second) }

func take(t *chrome.Tab, out string, shots []shot) error {
	for _, s := range shots {
		if err := t.Go(s.path); err != nil {
			return err
		}
		if s.before != nil {
			if err := s.before(t); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		// What was pressed may have been scrolled to.
		if _, err := chrome.Eval[bool](t, "(scrollTo(0, 0), true)"); err != nil {
			return err
		}
		for _, size := range []struct {
			name          string
			width, height int64
		}{{"wide", 1280, 900}, {"narrow", 390, 844}} {
			for _, theme := range []string{"light", "dark"} {
				if err := errors.Join(t.Size(size.width, size.height), t.Theme(theme)); err != nil {
					return err
				}
				picture, err := t.Picture()
				if err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if err := os.WriteFile(filepath.Join(out, s.name+"-"+size.name+"-"+theme+".png"), picture, 0o644); err != nil {
					return err
				}
			}
		}
		fmt.Println(s.name)
	}
	return nil
}
