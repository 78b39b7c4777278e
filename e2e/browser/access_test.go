package browser

import (
	"testing"

	"gatehouse/e2e/product"
)

// TestAccessExplorer asks the four questions about somebody who has a role for a time, with
// scripts and without; every page is accessible in both themes and fits a telephone.
func TestAccessExplorer(t *testing.T) {
	boss := administrator(t)
	path := boss.person("Grace Hopper", "grace@example.com")
	boss.open(path + "/access")
	boss.choose("role", "support")
	boss.choose("life", "1d")
	boss.press("Give role for this time")
	boss.sees("Grace Hopper has the role Support for this time", "End now", "Permissions held")
	boss.press("Ask the access explorer")
	boss.at("/admin/access")
	boss.sees("Grace Hopper", "role Support", "until", "See one person")
	t.Run("with scripts", func(t *testing.T) { boss.T = t; boss.explores() })
	plain := without(t, &product.Server{URL: origin(boss)})
	plain.open("/sign-in")
	plain.signIn(product.AdminEmail, product.AdminPassword)
	t.Run("without scripts", func(t *testing.T) { plain.T = t; plain.explores() })
	boss.T = t
	boss.open(path + "/access")
	boss.press("End now: role Support")
	boss.sees("The role is over")
	boss.seesNot("End now")
}

// explores finds Grace and asks about her.
func (v *visitor) explores() {
	v.Helper()
	v.open("/admin/access")
	v.sees("Type at least two characters")
	v.fill("subject-search", "grace@")
	if v.plain {
		v.press("Apply")
	} else {
		v.until("the search", `document.querySelector('#found-subject a')?.innerText.includes('Grace')`)
		v.check()
	}
	v.press("Grace Hopper")
	v.sees("Roles and other sources", "role Support", "Show the")
	v.press("May they do this?")
	v.choose("scope", "platform:user:get")
	if v.plain {
		v.press("Ask")
	} else {
		v.until("the answer", `document.querySelector('main').innerText.includes('Yes, Grace Hopper may do this')`)
		v.check()
	}
	v.sees("Yes, Grace Hopper may do this", "Given by role Support", "until")
	v.open("/admin/access/check?scope=platform:user:delete&" + v.asked())
	v.sees("No, Grace Hopper may not do this", "Would be given by role Owner")
	v.press("Who may do this?")
	v.sees("role Owner", "1 entry")
	v.open("/admin/access/who?scope=platform:user:get")
	v.sees("Grace Hopper", "role Support", "2 entries")
	v.press("Compare two")
	v.fill("subject-search", "grace@")
	if v.plain {
		v.press("Apply")
	} else {
		v.until("the search", `document.querySelector('#found-subject a')?.innerText.includes('Grace')`)
	}
	v.press("Grace Hopper")
	v.open("/admin/access/compare?" + v.asked() + "&other=" + v.asked()[len("subject="):])
	v.sees("No difference")
	for _, page := range []string{"", "/check", "/who?scope=platform:user:get", "/compare"} {
		v.fits("/admin/access" + page)
	}
}

// asked is the parameter of the address that names the subject.
func (v *visitor) asked() string {
	v.Helper()
	url, err := v.tab.URL()
	v.must(err)
	const name = "subject=user%3A"
	for i := range url {
		if len(url) >= i+len(name) && url[i:i+len(name)] == name {
			end := i + len(name)
			for end < len(url) && url[end] != '&' {
				end++
			}
			return url[i:end]
		}
	}
	v.Fatalf("%s names no subject", url)
	return ""
}
