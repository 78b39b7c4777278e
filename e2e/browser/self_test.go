package browser

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/e2e/product"
)

// TestSelf is what people do with their own account.
func TestSelf(t *testing.T) {
	walk(t, nil, []step{
		{"picture", ownPicture}, {"password", ownPassword}, {"address", ownAddress}, {"devices", ownDevices},
		{"data", ownData}, {"preferences", ownPreferences}, {"delete", ownEnd},
	})
}

// file writes a file to upload.
func (h *house) file(name string, content []byte) string {
	h.Helper()
	path := filepath.Join(h.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		h.Fatal(err)
	}
	return path
}

// picture is a PNG of one colour.
func (h *house) picture() string {
	h.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, 90, 60))
	for i := range drawn.Pix {
		drawn.Pix[i] = 0xC0
	}
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		h.Fatal(err)
	}
	return h.file("me.png", b.Bytes())
}

func ownPicture(h *house) {
	v := h.enters(h.person("Pia Picture").email, product.Password)
	v.open("/account")
	v.press("Edit the profile")
	v.must(v.tab.Upload("picture", h.picture()))
	const shown = `document.querySelector('main .avatar img')?.naturalWidth > 0`
	if !h.plain {
		v.until("it is shown before it is sent", shown)
	}
	v.press("Use this picture")
	v.sees("Your picture is saved.")
	v.until("it is shown", shown)
	v.until("it is a square", `(() => { const i = document.querySelector('main .avatar img'); return i.naturalWidth === i.naturalHeight; })()`)
	v.must(v.tab.Upload("picture", h.file("me.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"))))
	v.press("Use this picture")
	v.sees("SVG files may hold scripts")
	v.press("Remove the picture")
	v.sees("Your picture is removed.")
	v.holds("there is none", `!document.querySelector('main .avatar img')`)
}

func ownPassword(h *house) {
	p := h.person("Paul Password")
	v, elsewhere := h.enters(p.email, product.Password), h.enters(p.email, product.Password)
	v.open("/account")
	v.press("Change password")
	v.fill("currentPassword", "wrong-Horse-7-battery", "newPassword", newPassword)
	v.press("Change password")
	v.sees("This is not your password.")
	v.fill("currentPassword", product.Password, "newPassword", "password123")
	v.press("Change password")
	v.sees("too easy to guess")
	v.fill("currentPassword", product.Password, "newPassword", newPassword)
	v.press("Change password")
	v.sees("Your password is saved.")
	h.mailed(p.email, "Your password was changed")
	elsewhere.open("/account")
	elsewhere.at("/sign-in")
	h.refused(p.email, product.Password, "Invalid email or password")
	h.enters(p.email, newPassword).at("/account")
}

// ownAddress changes a proved address: the old one agrees, then the new one.
func ownAddress(h *house) {
	p := h.person("Anna Address")
	h.act(p, "Mark as verified")
	h.boss.press("Mark as verified")
	v := h.enters(p.email, product.Password)
	next := address("Anna Anew")
	v.open("/account")
	v.press("Change email")
	v.fill("newEmail", next)
	v.press("Change email")
	v.sees("Waiting for your old address", "Agree at "+p.email, "Confirm at "+next)
	v.open(h.mailed(p.email, "Approve your new address"))
	v.sees(next)
	v.press("Yes, change it")
	v.open("/account/email")
	v.sees("Waiting for your new address", "Done", p.email)
	v.open(h.mailed(next, "Confirm your new address"))
	v.press("Use this address")
	v.open("/account")
	v.sees(next, "Verified")
	v.seesNot("Not verified", p.email)
	h.mailed(p.email, "Your address was changed")
	h.refused(p.email, product.Password, "Invalid email or password")
	h.enters(next, product.Password).at("/account")
}

func ownDevices(h *house) {
	p := h.person("Dieter Device")
	v, phone, tablet := h.enters(p.email, product.Password), h.enters(p.email, product.Password), h.enters(p.email, product.Password)
	v.open("/account/sessions")
	v.sees("This device", "Known devices")
	v.press("Sign out Headless Chrome")
	v.sees("The session is ended.")
	v.ask("Sign out others")
	v.press("Sign out others")
	v.sees("All other sessions are ended.")
	for _, other := range []*visitor{phone, tablet} {
		other.open("/account")
		other.at("/sign-in")
	}
	for range 3 {
		v.press("Forget ")
		v.sees("The device is forgotten.")
	}
	v.sees("No known devices", "This device")
}

func ownData(h *house) {
	p := h.person("Daria Data")
	v := h.enters(p.email, product.Password)
	v.open("/account")
	v.press("Download your data")
	file, err := v.tab.Download("Download")
	v.must(err)
	var data map[string]any
	if err := json.Unmarshal(file, &data); err != nil || len(data) == 0 {
		h.Fatalf("%v in %s", err, file)
	}
	if text := string(file); !strings.Contains(text, p.email) || !strings.Contains(text, "Daria Data") || strings.Contains(text, "$argon2") || strings.Contains(text, product.AdminEmail) {
		h.Errorf("the file has what it should not, or not what it should: %s", text)
	}
	v.open("/account/activity")
	v.sees("Copy of all data downloaded")
}

func ownPreferences(h *house) {
	p := h.person("Petra Preference")
	v := h.enters(p.email, product.Password)
	v.open("/account")
	v.press("Change language and time")
	v.choose("language", "de")
	v.choose("theme", "dark")
	v.choose("zone", "Pacific/Auckland")
	v.press("Save")
	const taken = `document.documentElement.lang === 'de' && document.documentElement.dataset.theme === 'dark' && document.documentElement.dataset.zone === 'Pacific/Auckland'`
	v.holds("the choice counts", taken)
	v.sees("Sprache")
	other := h.enters(p.email, product.Password)
	other.at("/account")
	other.holds("the choice counts at another browser", taken)
	v.choose("language", "en")
	v.choose("theme", "")
	v.choose("zone", "")
	v.press("Speichern")
	v.sees("Your choices are saved.")
	v.holds("the choice is taken back", `!('theme' in document.documentElement.dataset)`)
}

func ownEnd(h *house) {
	p := h.person("Edgar End")
	v := h.enters(p.email, product.Password)
	v.open("/account")
	v.press("Delete account")
	v.fill("password", "wrong-Horse-7-battery", "confirm", p.email)
	v.press("Delete my account")
	v.sees("This is not your password.")
	v.fill("password", product.Password, "confirm", p.email)
	v.press("Delete my account")
	v.at("/sign-in")
	v.sees("Your account is deleted.")
	h.refused(p.email, product.Password, "Invalid email or password")
}
