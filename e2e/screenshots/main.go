// Command screenshots takes pictures of every screen of the product, wide and narrow,
// light and dark, into the folder screenshots of the checkout (not committed). Look at
// each of them.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// shot is one screen; before brings it into a state.
type shot struct {
	name, path string
	before     func(*chrome.Tab) error
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run() (err error) {
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
	s, err := product.Start(binary, "--data="+data, "--rate_limit.enabled=false", "--sign_up.enabled=true")
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
	if err := take(tab, out, []shot{
		{"01-claim", claim, nil}, {"02-sign-in", "/sign-in", nil},
		{"03-sign-in-refused", "/sign-in", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("email", "nobody@example.com"), t.Fill("password", "wrong-wrong-wrong"), t.Press("Sign in"))
		}},
		{"04-sign-up", "/sign-up", nil}, {"05-forgot", "/forgot-password", nil}, {"06-reset-dead", "/reset-password?token=x", nil},
		{"07-invitation-dead", "/accept-invitation/x", nil}, {"08-error", "/error?error=state_mismatch", nil}, {"09-not-found", "/nothing", nil},
	}); err != nil {
		return err
	}
	if err := errors.Join(tab.Go(claim), tab.Fill("name", "Ada Lovelace"), tab.Fill("email", "ada@example.com"), tab.Fill("password", product.AdminPassword),
		tab.Press("Create the owner account")); err != nil {
		return err
	}
	first, err := firstUser(tab)
	if err != nil {
		return err
	}
	return take(tab, out, []shot{
		{"20-overview", "/admin", nil}, {"21-users", "/admin/users", nil}, {"22-users-none", "/admin/users?q=zzzzzz", nil},
		{"23-user", first, nil}, {"24-user-access", first + "/access", nil}, {"25-user-sessions", first + "/sessions", nil},
		{"26-invitations", "/admin/invitations", nil}, {"27-sessions", "/admin/sessions", nil}, {"28-plugins", "/admin/plugins", nil},
		{"29-settings", "/admin/settings", nil}, {"30-outbox", "/admin/outbox", nil}, {"31-api", "/admin/api-reference", nil},
		{"40-account", "/account", nil}, {"41-email", "/account/email", nil}, {"42-password", "/account/password", nil},
		{"43-devices", "/account/sessions", nil}, {"44-linked", "/account/linked", nil}, {"45-delete", "/account/delete", nil},
		{"50-gallery", "/admin/gallery", nil},
	})
}

func firstUser(t *chrome.Tab) (string, error) {
	if err := t.Go("/admin/users"); err != nil {
		return "", err
	}
	return chrome.Eval[string](t, `document.querySelector('main table a[href^="/admin/users/"]').getAttribute('href')`)
}

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
