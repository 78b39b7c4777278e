package settings

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"
)

// Appearance is what the installation looks like; its name is app.name.
type Appearance struct {
	_ struct{} `title:"Appearance" help:"What pages look like to everyone." area:"appearance"`

	Accent      string            `setting:"accent" label:"Accent colour" help:"Colour of buttons and links as #rrggbb, adjusted for contrast in both themes; empty for the built-in one" level:"console" check:"color"`
	Logo        string            `setting:"logo" label:"Logo" help:"Id of the uploaded picture; empty for the built-in mark" level:"console"`
	LogoDark    string            `setting:"logo_dark" label:"Logo on dark ground" help:"Id of the uploaded picture for the dark theme; empty for the same one" level:"console"`
	SignInTitle map[string]string `setting:"sign_in_title" label:"Title of the sign-in page" help:"By language, such as en" level:"console"`
	SignInText  map[string]string `setting:"sign_in_text" label:"Text of the sign-in page" help:"Stands below the title; by language" level:"console"`
}

// Longest texts of the sign-in page, in characters.
const (
	MaxSignInTitle = 80
	MaxSignInText  = 300
)

// pictureID is the form of an uploaded picture's id.
var pictureID = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Check refuses ids that are none and texts that are too long.
func (a *Appearance) Check() error {
	var problems []error
	for key, id := range map[string]string{"logo": a.Logo, "logo_dark": a.LogoDark} {
		if !pictureID.MatchString(id) {
			problems = append(problems, Invalid(key, "is not the id of a picture", "upload one in the console"))
		}
	}
	problems = append(problems, tooLong("sign_in_title", a.SignInTitle, MaxSignInTitle)...)
	problems = append(problems, tooLong("sign_in_text", a.SignInText, MaxSignInText)...)
	return errors.Join(problems...)
}

func tooLong(key string, texts map[string]string, limit int) []error {
	var problems []error
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		if utf8.RuneCountInString(texts[language]) > limit {
			problems = append(problems, Invalid(key+"."+language, atMostCharacters(limit), ""))
		}
	}
	return problems
}
