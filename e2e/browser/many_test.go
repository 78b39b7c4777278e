package browser

import (
	"fmt"
	"os/exec"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// mark selects people of the list by name.
func (v *visitor) mark(names ...string) {
	v.Helper()
	for _, name := range names {
		found, err := chrome.Eval[bool](v.tab, fmt.Sprintf(`(() => { const box = document.querySelector('input[aria-label="Select %s"]'); box?.click(); return Boolean(box?.checked); })()`, name))
		if v.must(err); !found {
			v.Fatalf("%s cannot be selected", name)
		}
	}
}

// several does each act on several people, one of whom it cannot be done to.
func several(h *house) {
	who := []string{"Gustav Group", "Gerda Group"}
	people := []person{h.person(who[0]), h.person(who[1])}
	h.person("Walter Group", "role", "owner")
	admin := h.enters(h.person("Greta Group", "role", "admin").email, product.Password)
	for _, act := range []struct {
		button, verb  string
		fill, choose  []string
		says, leftOut string
	}{
		{button: "Change role", verb: "Change role", choose: []string{"roles", "viewer"}, says: "The role of 2 people was changed.", leftOut: "Ranks above you."},
		{button: "Send reset link", verb: "Send links", says: "2 links were sent.", leftOut: "Ranks above you."},
		{button: "Mark as verified", verb: "Mark as verified", says: "2 addresses are verified now.", leftOut: "Ranks above you."},
		{button: "End sessions", verb: "End sessions", says: "The sessions of 2 people ended.", leftOut: "Ranks above you."},
		{button: "Ban", verb: "Ban", fill: []string{"reason", "Closed"}, choose: []string{"life", "7d"}, says: "2 people are banned.", leftOut: "Ranks above you."},
		{button: "Lift the ban", verb: "Lift the ban", says: "2 people can sign in again.", leftOut: "Ranks above you."},
		{button: "Delete", verb: "Delete", fill: []string{"confirm", "3"}, says: "2 people were deleted.", leftOut: "Ranks above you."},
	} {
		admin.open("/admin/users?q=group")
		admin.mark(append(who, "Walter Group")...)
		admin.press(act.button)
		admin.sees("3 ")
		admin.fill(act.fill...)
		for i := 0; i+1 < len(act.choose); i += 2 {
			admin.choose(act.choose[i], act.choose[i+1])
		}
		admin.press(act.verb)
		admin.sees(act.says, "One was left out", "Walter Group", act.leftOut)
		admin.press("Back to the users")
	}
	h.mailed(people[0].email, "/reset-password")
	admin.seesNot(who...)
}

// many is an act on more people than one request is made to wait for.
func many(h *house) {
	binary, err := product.Build()
	h.boss.must(err)
	seed := exec.Command(binary, "seed-users", "120", "--data="+h.data)
	seed.Env = product.Environ()
	if text, err := seed.CombinedOutput(); err != nil {
		h.Fatalf("seeding: %v\n%s", err, text)
	}
	h.boss.open("/admin/users")
	if !h.plain { // the bar comes with the first row that is selected
		_, err = chrome.Eval[bool](h.boss.tab, `(document.querySelector('input[data-all]').click(), true)`)
		h.boss.must(err)
	}
	h.boss.choose("all", "on")
	h.boss.press("Ban")
	h.boss.sees("everyone the filters")
	h.boss.fill("reason", "closed")
	h.boss.press("Ban")
	h.boss.at("/admin/tasks/")
	if h.plain {
		for range 50 {
			if over, err := chrome.Eval[bool](h.boss.tab, `document.getElementById('progress').innerText.includes('Done')`); err == nil && over {
				break
			}
			h.boss.press("Look again")
		}
	}
	h.boss.until("over", `document.getElementById('progress').innerText.includes('Done') && !document.getElementById('progress').hasAttribute('hx-get')`)
	h.boss.sees("left out", "That is you.")
	h.boss.check()
}
