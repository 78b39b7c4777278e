package browser

import (
	"fmt"
	"testing"

	"gatehouse/auth/words"
	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// untranslated are texts of the frame of a page that passed the catalogue by. Names,
// addresses and codes are data; what a person typed is never in these places but in the
// head of pages about them.
const untranslated = `[...document.querySelectorAll('h2, th, main button, label, legend, nav a > span, .tabs a > span, .page-head p')]
	.filter((e) => e.checkVisibility() && !e.querySelector('code') && !e.closest('.person, .brand'))
	.map((e) => e.innerText.trim()).filter((text) => /\p{L}{2}/u.test(text) && !text.includes('⟦'))`

// TestLanguages walks every screen in German and in the test locale, whose scripts run
// from right to left and whose brackets show what the catalogue said.
func TestLanguages(t *testing.T) {
	s := server(t, product.WithAdmin())
	boss := visit(t, s)
	boss.signIn(product.AdminEmail, product.AdminPassword)
	speak := func(language string) {
		_, err := chrome.Eval[string](boss.tab, fmt.Sprintf("document.cookie = 'gatehouse_language=%s; path=/'", language))
		boss.must(err)
	}
	speak("de")
	boss.screens(func(path string) {
		if language, err := chrome.Eval[string](boss.tab, `document.documentElement.lang + ' ' + document.documentElement.dir`); err != nil || language != "de ltr" {
			t.Errorf("%s is in %s (%v)", path, language, err)
		}
	})
	speak(words.Pseudo)
	boss.screens(func(path string) {
		bare, err := chrome.Eval[[]string](boss.tab, untranslated)
		if boss.must(err); len(bare) > 0 {
			t.Errorf("%s says %q past the catalogue", path, bare)
		}
		if left, err := chrome.Eval[float64](boss.tab, `document.querySelector('.sidebar').getBoundingClientRect().left`); err != nil || left < 600 {
			t.Errorf("%s has its navigation at %v px (%v)", path, left, err)
		}
	})
}
