// Package refusal turns the error of a command into the form that comes back: its
// status, the message above the fields and the text beside each, in words for people,
// with what was typed.
package refusal

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Places names the field of a form that an error code is about, or that the domain calls
// by another name. Codes without a place are told above the fields.
type Places map[string]string

// Passwords are the places of everything that may be wrong with a chosen password.
func Passwords(field string) Places {
	return Places{
		auth.ErrPasswordTooShort.Code:    field,
		auth.ErrPasswordTooLong.Code:     field,
		auth.ErrPasswordCompromised.Code: field,
		"password":                       field,
	}
}

// With returns the places and one more.
func (p Places) With(code, field string) Places {
	more := Places{code: field}
	for k, v := range p {
		more[k] = v
	}
	return more
}

// secrets are fields whose values never go back to the browser (SEC-209).
var secrets = []string{"password", "currentPassword", "newPassword", "token"}

// Kept is a form as it was typed, without secrets.
func Kept(c *plugins.Call) url.Values {
	kept := url.Values{}
	for name, values := range c.Request.PostForm {
		if !slices.Contains(secrets, name) {
			kept[name] = values
		}
	}
	return kept
}

// Form returns the form to draw again and the status to draw it with. An error that no
// form explains, such as one of the server's own, comes back as it was: the caller
// hands it on.
func Form(c *plugins.Call, err error, places Places) (web.Form, int, error) {
	e := auth.AsError(err)
	if e.Status >= http.StatusInternalServerError && e.Code != auth.ErrBusy.Code {
		return web.Form{}, 0, err
	}
	if e.RetryAfter > 0 {
		c.Header.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	form := web.Form{Values: Kept(c)}
	field := places[e.Code]
	if field == "" && len(e.Fields) == 0 {
		form.Message = Words(e)
		return form, e.Status, nil
	}
	if field != "" {
		form.Errors = []web.FieldError{{Field: field, Text: Words(e)}}
		return form, e.Status, nil
	}
	for name, text := range e.Fields {
		if here, ok := places[name]; ok {
			name = here
		}
		form.Errors = append(form.Errors, web.FieldError{Field: name, Text: fieldWords(e, name, text)})
	}
	slices.SortFunc(form.Errors, func(a, b web.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return form, e.Status, nil
}

// Wrong is a form with one field that a page itself found wrong.
func Wrong(c *plugins.Call, field string, text words.Text) web.Form {
	return web.Form{Values: Kept(c), Errors: []web.FieldError{{Field: field, Text: text}}}
}

// texts say what the wire's codes mean to somebody in front of a form.
var texts = map[string]words.Text{
	auth.ErrInvalidEmailOrPassword.Code:    "Invalid email or password.",
	auth.ErrInvalidEmail.Code:              "This is not an email address.",
	auth.ErrInvalidPassword.Code:           "This is not your password.",
	auth.ErrPasswordTooShort.Code:          "This password is too short.",
	auth.ErrPasswordTooLong.Code:           "This password is too long.",
	auth.ErrPasswordCompromised.Code:       "This password is too easy to guess. Choose another one.",
	auth.ErrUserAlreadyExists.Code:         "This address has an account already. Sign in instead.",
	auth.ErrEmailAlreadyVerified.Code:      "This address is verified already.",
	auth.ErrVerificationNotEnabled.Code:    "This server sends no mail. Ask an administrator.",
	auth.ErrResetPasswordDisabled.Code:     "This server sends no mail. Ask an administrator for a new password.",
	auth.ErrChangeEmailDisabled.Code:       "Addresses are changed by an administrator here.",
	auth.ErrEmailMismatch.Code:             "You are signed in with another address.",
	auth.ErrUnlinkLastAccount.Code:         "This is your only way to sign in. Set a password first.",
	auth.ErrSignUpDisabled.Code:            "New accounts are made by invitation only.",
	auth.ErrCredentialAccountNotFound.Code: "Your account has no password.",
	auth.ErrPasswordAlreadySet.Code:        "Your account has a password already.",
}

// Words says an error as people would.
func Words(e *auth.Error) words.Text {
	if e.Status == http.StatusTooManyRequests {
		return waiting("Too many tries. Try again in a moment.", "Too many tries. Try again in %s.", e.RetryAfter)
	}
	if e.Code == auth.ErrBusy.Code {
		return waiting("The server is busy. Try again in a moment.", "The server is busy. Try again in %s.", e.RetryAfter)
	}
	if text, ok := texts[e.Code]; ok {
		return text
	}
	if e.Code == auth.ErrValidation.Code {
		return words.F("Something in this form is not right: %s", plain(e.Message))
	}
	return e.Message
}

func waiting(soon, after words.Text, d time.Duration) words.Text {
	if d <= 0 {
		return soon
	}
	return words.F(after, web.Span(max(d.Round(time.Second), time.Second)))
}

// fieldWords is the text beside one field. Validation texts of the wire are replaced
// where the field says what it wants.
func fieldWords(e *auth.Error, field string, text words.Text) words.Text {
	if e.Code != auth.ErrValidation.Code {
		return Words(e)
	}
	switch field {
	case "name":
		if strings.Contains(text.English(), "Too big") {
			return "This name is too long."
		}
		return "A name is needed."
	case "email", "newEmail":
		return texts[auth.ErrInvalidEmail.Code]
	}
	return plain(text)
}

// plain drops the wire's path in front of a validation text.
func plain(text words.Text) words.Text {
	if said := text.English(); strings.HasPrefix(said, "[") {
		if _, rest, ok := strings.Cut(said, "] "); ok {
			return words.Raw(rest)
		}
	}
	return text
}
