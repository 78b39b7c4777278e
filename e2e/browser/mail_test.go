package browser

import (
	"testing"

	"gatehouse/auth/mail/mailtest"
	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// framed waits until the frame of the page says all this.
func (v *visitor) framed(texts ...string) {
	v.Helper()
	for _, text := range texts {
		v.eventually("in the frame: "+text, func() (bool, string) {
			said, err := v.tab.FrameText()
			if err != nil {
				return false, err.Error() // it is between two pages
			}
			return contains(said, text), said
		})
	}
}

// TestMail is what the server writes and looks like, as an administrator makes it.
func TestMail(t *testing.T) {
	walk(t, nil, []step{{"words", rewords}, {"new device", toldOfDevice}, {"appearance", dresses}, {"languages", speaks}})
}

func rewords(h *house) {
	h.boss.open("/admin/messages")
	h.boss.press("Choose a new password")
	h.boss.at("/admin/messages/reset-password/en")
	h.boss.framed("Somebody, probably you")
	h.boss.fill("subject", "Your key to {{app}}", "body", "# A key\n\nDear {{name}}, nothing to fear.")
	h.boss.press("Save changes")
	h.boss.sees("{{link}}")
	h.boss.seesNot("Messages written from now on")
	h.boss.fill("subject", "Your key to {{app}}", "body", "# A key\n\nDear {{name}}, nothing to fear.\n\nTurn it: {{link}}")
	h.boss.click("Preview")
	h.boss.framed("Dear Ada Lovelace, nothing to fear.")
	h.boss.click("Preview as text")
	h.boss.framed("Turn it:\n")
	h.boss.press("Save changes")
	h.boss.sees("Messages written from now on have these words.", "Changed by Administrator")

	p := h.person("Wanda Words")
	h.act(p, "Send reset link")
	h.boss.press("Make link")
	h.mailed(p.email, "Your key to Gatehouse\n")
	h.mailed(p.email, "Dear Wanda Words, nothing to fear.")
	h.boss.open("/admin/outbox")
	h.boss.sees("Your key to Gatehouse", p.email, "Sent")

	h.boss.open("/admin/messages/reset-password/en")
	h.boss.press("Deutsch")
	h.boss.sees("Built in")
	h.boss.press("English")
	h.boss.press("Back to the built-in words")
	h.boss.sees("The built-in words hold again.", "Built in")
	h.boss.framed("Somebody, probably you")
}

// toldOfDevice: a browser that was not seen before is told of, a known one is not.
func toldOfDevice(h *house) {
	p := h.person("Nils Notice")
	first := h.enters(p.email, product.Password)
	h.enters(p.email, product.Password).at("/account")
	h.mailed(p.email, "signed in from a browser that was not seen before")
	first.click("Account of")
	first.press("Sign out")
	first.signIn(p.email, product.Password)
	first.at("/account")
	// What comes after shows that nothing was sent before it.
	h.act(p, "Send reset link")
	h.boss.press("Make link")
	h.mailed(p.email, "Reset your password")
	told := 0
	for _, m := range h.mail.Mails() {
		if m.To == p.email && contains(m.Subject, "New sign-in") {
			told++
		}
	}
	if told != 1 {
		h.Errorf("%d notices of one new device", told)
	}
}

func dresses(h *house) {
	colour := func() string {
		h.Helper()
		h.guest.open("/sign-in")
		c, err := chrome.Eval[string](h.guest.tab, `getComputedStyle([...document.querySelectorAll('button')].find((b) => b.innerText.trim() === 'Sign in')).backgroundColor`)
		h.guest.must(err)
		return c
	}
	before := colour()
	h.boss.open("/admin/settings")
	h.boss.press("Appearance")
	h.boss.framed("Welcome back")
	h.boss.fill("app.name", "Lighthouse", "appearance.sign_in_title.en", "Come in")
	h.boss.choose("accent_choice", "#b45309")
	if h.plain {
		h.boss.click("Preview")
	}
	h.boss.framed("Come in", "Lighthouse")
	h.guest.open("/sign-in")
	h.guest.seesNot("Come in", "Lighthouse")
	h.boss.press("Save changes")
	h.boss.sees("Lighthouse")
	if after := colour(); after == before {
		h.Errorf("the button is still %s", after)
	}
	h.guest.sees("Come in", "Lighthouse")

	h.boss.must(h.boss.tab.Upload("picture", h.picture()))
	h.boss.press("Upload")
	h.guest.open("/sign-in")
	h.guest.until("the logo is shown", `[...document.images].some((i) => i.naturalWidth > 0 && i.checkVisibility())`)
	h.boss.press("Remove")
	h.guest.open("/sign-in")
	h.guest.holds("no logo is shown", `document.images.length === 0`)
}

func speaks(h *house) {
	h.guest.open("/sign-in")
	h.guest.holds("English", `document.documentElement.lang === 'en'`)
	h.boss.open("/admin/settings")
	h.boss.press("Languages")
	h.boss.choose("languages.default", "de")
	h.boss.must(h.boss.tab.Drop("languages.offered", "en"))
	h.boss.press("Save changes")
	h.guest.open("/sign-in")
	h.guest.holds("German", `document.documentElement.lang === 'de'`)
	h.guest.sees("Anmelden")
	h.boss.sees("Sprachen")
}

// TestMailServer sets a mail server in the console and tries it: what the server says is
// shown as it said it.
func TestMailServer(t *testing.T) {
	refusing := mailtest.Start(t, mailtest.Options{Replies: map[string]string{"RCPT": "550 5.1.1 no such mailbox here"}})
	good := mailtest.Start(t, mailtest.Options{})
	s := server(t, product.WithAdmin())
	for _, boss := range []*visitor{visit(t, s), without(t, s)} {
		boss.signIn(product.AdminEmail, product.AdminPassword)
		use := func(address string) {
			t.Helper()
			boss.open("/admin/settings")
			boss.press("Mail")
			boss.fill("smtp", address)
			boss.press("Save changes")
		}
		use(refusing.URL())
		boss.fill("to", "somebody@example.test")
		boss.press("Send test message")
		boss.sees("The recipient was refused: SMTP code 550", "5.1.1 no such mailbox here")
		use("smtp://127.0.0.1:1?tls=none")
		boss.press("Send test message")
		boss.sees("Connecting failed")
		had := len(good.Mails())
		use(good.URL())
		boss.fill("to", "somebody@example.test")
		boss.press("Send test message")
		boss.sees("The mail server accepted the message for somebody@example.test")
		if list := good.Wait(t, had+1); list[had].To != "somebody@example.test" {
			t.Errorf("the message went to %s", list[had].To)
		}
	}
}
