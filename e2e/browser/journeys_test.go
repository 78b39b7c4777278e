package browser

import (
	"regexp"
	"strings"
	"testing"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

const (
	owner         = "owner@example.test"
	ownerPassword = "initial-Admin-9-password"
	newPassword   = "another-Good-1-password"
)

// TestFirstLight is the main job: a newcomer starts the program on an empty folder,
// claims it, invites a second person, both sign in, and the administrator governs.
func TestFirstLight(t *testing.T) {
	s := server(t)
	link, err := s.ClaimLink()
	if err != nil {
		t.Fatal(err)
	}
	boss := visit(t, s)
	boss.open("/")
	boss.at("/sign-in")
	boss.open(link)
	boss.fill("name", "Olga Owner", "email", owner, "password", "password123")
	boss.choose("signUp", "invited")
	boss.press("Create the owner account")
	boss.sees("too easy to guess")
	boss.fill("password", ownerPassword)
	boss.press("Create the owner account")
	boss.at("/admin")
	boss.sees("Overview", "Olga Owner")

	late := visit(t, s)
	late.open(link)
	late.sees("does not work")

	invitation := boss.invite("bob@example.test", "Bob")
	bob := visit(t, s)
	bob.open(invitation)
	bob.fill("name", "Bob Builder", "password", product.Password)
	bob.press("Create my account")
	bob.at("/account")
	bob.sees("Bob Builder")
	bob.open("/admin/users")
	bob.sees("user:list")

	boss.open("/admin/users")
	boss.sees("Bob Builder", "bob@example.test")
	boss.press("Bob Builder")
	t.Run("ban", func(t *testing.T) { boss.T = t; boss.ban(bob) })
	t.Run("sessions", func(t *testing.T) { boss.T = t; bob.T = t; boss.sessions(bob) })
	t.Run("settings", func(t *testing.T) { boss.T = t; boss.settings(s) })
	t.Run("every screen", func(t *testing.T) { boss.T = t; boss.screens() })
}

// invite makes an invitation and returns its copyable link.
func (v *visitor) invite(email, name string) string {
	v.Helper()
	v.open("/admin/invitations")
	v.press("Invite")
	v.fill("email", email)
	v.press("Invite")
	html, err := chrome.Eval[string](v.tab, `document.documentElement.outerHTML`)
	v.must(err)
	link := regexp.MustCompile(`http://[^\s"<]+/accept-invitation/[A-Za-z0-9_-]+`).FindString(html)
	if link == "" {
		v.Fatalf("no invitation link for %s", name)
	}
	return link
}

func (v *visitor) ban(bob *visitor) {
	v.click("More actions")
	v.click("Ban")
	v.fill("reason", "spam")
	v.press("Ban")
	v.sees("Banned", "spam")
	bob.T = v.T
	bob.open("/account")
	bob.at("/sign-in")
	bob.fill("email", "bob@example.test", "password", product.Password)
	bob.press("Sign in")
	bob.sees("banned")
	v.click("More actions")
	v.click("Lift the ban")
	v.press("Lift the ban")
	v.seesNot("spam")
	bob.signIn("bob@example.test", product.Password)
	bob.at("/account")
}

func (v *visitor) sessions(bob *visitor) {
	bob.open("/account/sessions")
	bob.sees("This device")
	v.open("/admin/sessions")
	v.sees("Bob Builder")
	v.open("/admin/users?q=bob")
	v.press("Bob Builder")
	v.press("Sessions and devices")
	v.click("More actions")
	v.click("End all sessions")
	v.press("End sessions")
	bob.open("/account")
	bob.at("/sign-in")
}

func (v *visitor) settings(s *product.Server) {
	stranger := visit(v.T, s)
	stranger.open("/sign-in")
	stranger.seesNot("Create an account")
	v.open("/admin/settings")
	v.sees("url", "flag --url")
	v.press("Appearance")
	v.sees("Name and colour")
	v.open("/admin/settings")
	v.press("Sign-up")
	v.sees("sign_up.enabled")
	v.choose("sign_up.enabled", "true")
	v.press("Save")
	stranger.open("/sign-up")
	stranger.fill("name", "Carol", "email", "carol@example.test", "password", product.Password)
	stranger.press("Create")
	stranger.at("/account")
}

// screens opens everything the navigation offers, at three widths, and looks at each.
func (v *visitor) screens(looks ...func(path string)) {
	v.Helper()
	var paths []string
	for _, area := range []string{"/admin", "/account"} {
		v.open(area)
		links, err := chrome.Eval[[]string](v.tab, `[...new Set([...document.querySelectorAll('nav a[href^="/"]')].map((a) => a.getAttribute('href')))]`)
		v.must(err)
		paths = append(paths, links...)
	}
	if len(paths) < 8 {
		v.Fatalf("the navigation offers only %v", paths)
	}
	for _, path := range paths {
		v.open(path)
		for _, width := range []int64{1280, 800, 360} {
			v.must(v.tab.Size(width, 900))
			if over, err := v.tab.Overflow(); err != nil || over > 0 {
				v.Errorf("%s is %d px too wide at %d px (%v)", path, over, width, err)
			}
		}
		v.must(v.tab.Size(1280, 900))
		for _, look := range looks {
			look(path)
		}
	}
}

// TestReset forgets a password; the mail lies in the development outbox.
func TestReset(t *testing.T) {
	s := server(t, product.WithAdmin(), "--sign_up.enabled=true")
	ada := visit(t, s)
	ada.open("/sign-up")
	ada.fill("name", "Ada", "email", "ada@example.test", "password", product.Password)
	ada.press("Create")
	ada.at("/account")
	forgetful := visit(t, s)
	forgetful.open("/sign-in")
	forgetful.press("Forgot")
	forgetful.fill("email", "ada@example.test")
	forgetful.press("Send")
	forgetful.sees("mail")

	boss := visit(t, s)
	boss.signIn(product.AdminEmail, product.AdminPassword)
	link := boss.outboxLink("/reset-password/")
	forgetful.open(link)
	forgetful.fill("newPassword", "short")
	forgetful.press("Save")
	forgetful.sees("short")
	forgetful.fill("newPassword", newPassword)
	forgetful.press("Save")
	ada.open("/account")
	ada.at("/sign-in")
	forgetful.signIn("ada@example.test", product.Password)
	forgetful.sees("Invalid email or password")
	forgetful.fill("password", newPassword)
	forgetful.press("Sign in")
	forgetful.at("/account")
	forgetful.open(link)
	forgetful.sees("does not work")
}

// outboxLink reads the newest message of the outbox and returns its link.
func (v *visitor) outboxLink(part string) string {
	v.Helper()
	v.open("/admin/outbox")
	href, err := chrome.Eval[string](v.tab, `document.querySelector('main tbody a[href*="/admin/outbox/"]')?.getAttribute('href') || ''`)
	v.must(err)
	if href == "" {
		v.Fatal("the outbox is empty")
	}
	v.open(href)
	html, err := chrome.Eval[string](v.tab, `document.documentElement.outerHTML`)
	v.must(err)
	for _, link := range regexp.MustCompile(`http://localhost:[0-9]+/[^\s"<]+`).FindAllString(html, -1) {
		if strings.Contains(link, part) {
			return strings.ReplaceAll(link, "&amp;", "&")
		}
	}
	v.Fatalf("no link with %s in the message", part)
	return ""
}

// TestReturn signs in on behalf of an app on another origin and is taken back there.
func TestReturn(t *testing.T) {
	a := app(t)
	s := server(t, product.WithAdmin(), "--trusted_origins="+a.URL)
	v := visit(t, s)
	v.open("/sign-in?returnTo=" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(a.URL+"/inside"))
	v.fill("email", product.AdminEmail, "password", product.AdminPassword)
	v.must(v.tab.Press("Sign in"))
	for range 50 {
		if url, _ := v.tab.URL(); strings.HasPrefix(url, a.URL) {
			break
		}
	}
	v.sees("Welcome at /inside")
	evil := visit(t, s)
	evil.open("/sign-in?returnTo=https%3A%2F%2Fevil.example.org%2F")
	evil.fill("email", product.AdminEmail, "password", product.AdminPassword)
	evil.press("Sign in")
	evil.at("/admin")
}

// TestWithoutScripts goes through the main job with JavaScript off.
func TestWithoutScripts(t *testing.T) {
	s := server(t)
	link, err := s.ClaimLink()
	if err != nil {
		t.Fatal(err)
	}
	v := visit(t, s)
	v.must(v.tab.Scripts(false))
	v.must(v.tab.Go(link))
	v.fill("name", "Olga Owner", "email", owner, "password", ownerPassword)
	v.must(v.tab.Press("Create the owner account"))
	v.at("/admin")
	for _, step := range []struct{ path, press string }{
		{"/admin/users", "Olga Owner"}, {"/account/profile", "Save"}, {"/account/sessions", ""}, {"/admin/plugins", ""}, {"/admin/settings", ""}, {"/admin/outbox", ""},
	} {
		v.must(v.tab.Go(step.path))
		if step.press != "" {
			v.must(v.tab.Press(step.press))
		}
	}
	v.must(v.tab.Go("/account/password"))
	v.fill("currentPassword", ownerPassword, "newPassword", newPassword)
	v.must(v.tab.Press("Change"))
	v.must(v.tab.Go("/account"))
	v.click("Account of")
	v.must(v.tab.Press("Sign out"))
	v.at("/sign-in")
	v.fill("email", owner, "password", newPassword)
	v.must(v.tab.Press("Sign in"))
	v.at("/admin")
}
