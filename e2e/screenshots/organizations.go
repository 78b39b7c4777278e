package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"gatehouse/e2e/chrome"
)

// operator runs a command on the data of the server and returns what it printed.
type operator func(args ...string) (string, error)

func operate(binary, data string) operator {
	return func(args ...string) (string, error) {
		out, err := exec.Command(binary, append(args, "--data="+data)...).Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, failed.Stderr)
		}
		return strings.TrimSpace(string(out)), err
	}
}

// furnish makes an organization of the seeded people that looks like a used one.
func furnish(run operator) error {
	text, err := run("user", "list", "--json", "--limit", "40")
	if err != nil {
		return err
	}
	var people []struct{ Email string }
	if err := json.Unmarshal([]byte(text), &people); err != nil {
		return err
	}
	all := [][]string{{"organization", "create", "Northwind Logistics", "--slug", "northwind", "--owner", people[31].Email}, {"organization", "create", "Riverside Clinic", "--owner", people[1].Email},
		{"organization", "create", "Acme Works", "--slug", "acme", "--owner", "ada@example.com"}}
	for i, p := range people[1:26] {
		add := []string{"organization", "add-member", "acme", p.Email}
		switch i % 6 {
		case 1:
			add = append(add, "--role", "admin")
		case 3:
			add = append(add, "--for", "30d")
		}
		all = append(all, add)
	}
	for _, args := range append(all, []string{"key", "create", "Nightly report", "--organization", "acme", "--permission", "member:read", "--for", "9d"}, []string{"key", "create", "Deploy", "--organization", "acme", "--permission", "files:write"}) {
		if _, err := run(args...); err != nil {
			return err
		}
	}
	return nil
}

// organizations takes the pages of an organization, its keys and its service accounts.
func organizations(tab *chrome.Tab, run operator, out, person string) error {
	const in = "/admin/o/acme"
	if err := take(tab, out, []shot{{"80-organizations-none", "/admin/organizations", nil}, {"80-person-none", person + "/organizations", nil}, {"80-keys-none", "/admin/api-keys", nil}}); err != nil {
		return err
	}
	if err := furnish(run); err != nil {
		return err
	}
	if err := take(tab, out, []shot{{"81-overview", "/admin", nil}, {"81-organizations", "/admin/organizations", nil}, {"81-organizations-owned", "/admin/organizations?owner=none", nil}, {"81-organization-new", "/admin/organizations/new", nil},
		{"82-organization", in, nil}, {"83-members", in + "/members", nil}, {"83-members-search", in + "/members?q=zzz", nil}, {"83-add", in + "/members/add", nil},
		{"84-invitations-none", in + "/invitations", nil}, {"84-invited", in + "/invitations/new", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("email", "grace@example.org"), t.Press("Invite"))
		}}, {"84-invited-late", in + "/invitations/new", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("email", "late@example.org"), dated(t, "until", "2020-01-01T00:00"), t.Press("Invite"))
		}}, {"84-invitations", in + "/invitations", nil}, {"85-roles", in + "/roles", nil}, {"85-role-new", in + "/roles/new", nil}, {"85-teams-none", in + "/teams", nil},
		{"86-domains-none", in + "/domains", nil}, {"86-domains", in + "/domains", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("domain", "acme.example"), t.Press("Add domain"))
		}}, {"87-settings", in + "/settings", nil}, {"87-activity", in + "/activity", nil}, {"87-access", in + "/access", nil}}); err != nil {
		return err
	}
	member, err := entry(tab, in+"/members", 3)
	if err != nil {
		return err
	}
	continues := func(t *chrome.Tab, steps int) error {
		if err := errors.Join(t.Press("Continue"), t.Fill("name", "Warehouse sync")); err != nil {
			return err
		}
		for range steps - 1 {
			if err := t.Press("Continue"); err != nil {
				return err
			}
		}
		return nil
	}
	wizard := func(steps int) func(*chrome.Tab) error {
		return func(t *chrome.Tab) error { return continues(t, steps) }
	}
	if err := take(tab, out, []shot{{"83-member", member, nil}, {"83-member-role", member + "/role", nil}, {"83-member-dialog", member, func(t *chrome.Tab) error { return t.Click("Set start and end") }},
		{"88-accounts-none", in + "/service-accounts", nil}, {"88-account-new", in + "/service-accounts/new", nil},
		{"88-account", in + "/service-accounts/new", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("name", "Warehouse robot"), t.Fill("description", "Books what comes in and goes out."), t.Press("Save"))
		}}, {"88-accounts", in + "/service-accounts", nil},
		{"89-keys", in + "/keys", nil}, {"89-key-owner", in + "/keys/new", nil}, {"89-key-name", in + "/keys/new", func(t *chrome.Tab) error { return t.Press("Continue") }},
		{"89-key-permissions", in + "/keys/new", wizard(2)}, {"89-key-limits", in + "/keys/new", wizard(3)},
		{"89-key-once", in + "/keys/new", func(t *chrome.Tab) error { return errors.Join(continues(t, 3), t.Press("Make the key")) }}}); err != nil {
		return err
	}
	key, err := entry(tab, in+"/keys", 0)
	if err != nil {
		return err
	}
	if err := errors.Join(tab.Go("/admin/o/northwind/invitations/new"), tab.Fill("email", "ada@example.com"), tab.Press("Invite")); err != nil {
		return err
	}
	return take(tab, out, []shot{{"89-key", key, nil}, {"90-account", "/account", nil}, {"89-api-keys", "/admin/api-keys", nil}, {"90-places", "/account/organizations", nil},
		{"90-explained", in + "/access", func(t *chrome.Tab) error {
			return errors.Join(t.Fill("subject-search", "Kofi"), until(t, "document.querySelector('main a[href*=\"subject=\"]')"), t.Press("Kofi"))
		}},
		{"90-palette", in + "/members", func(t *chrome.Tab) error {
			return errors.Join(t.Click("Go to"), t.Keys("ware"), t.Until("document.querySelector('#palette-found a')", 4*time.Second))
		}},
		{"90-person", person + "/organizations", nil}, {"90-person-add", person + "/organizations", func(t *chrome.Tab) error { return t.Click("Add to an organization") }}})
}

// dated fills a field for a date and time, which keys reach part by part only.
func dated(t *chrome.Tab, name, at string) error {
	_, err := chrome.Eval[bool](t, fmt.Sprintf("(document.querySelector('input[name=%s]').value = %q, true)", name, at))
	return err
}
