package pages

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// signInAgain leads out of a sign-in that came to nothing.
var signInAgain = &web.Button{Label: "Sign in again", Href: page.SignInPath, Variant: web.Primary}

// failures are the errors that redirects end with, in words. What is not listed is not
// repeated: the query belongs to whoever made the link.
var failures = map[string]page.Failure{
	"access_denied":            {Title: "You said no", Text: "The sign-in was cancelled at the provider.", Icon: "ban"},
	"state_mismatch":           {Title: "This sign-in is over", Text: "It took too long, or was begun in another browser.", Icon: "clock", Tone: web.Warn, Action: signInAgain},
	"state_not_found":          {Title: "This sign-in is over", Text: "It took too long, or was begun in another browser.", Icon: "clock", Tone: web.Warn, Action: signInAgain},
	"INVALID_TOKEN":            {Title: "This link does not work any more", Text: "It was used already, or not copied in full.", Icon: "unlink", Tone: web.Warn},
	"TOKEN_EXPIRED":            {Title: "This link is too old", Text: "Do again what it was mailed for, and a new one is on its way.", Icon: "clock", Tone: web.Warn},
	"USER_NOT_FOUND":           {Title: "No such account", Text: "The account this link was made for does not exist any more.", Icon: "user-x"},
	"INVALID_USER":             {Title: "Signed in as somebody else", Text: "This link was made for another account. Sign out, then open it again.", Icon: "user-x"},
	"signup_disabled":          {Title: "By invitation only", Text: "New accounts are made by invitation here.", Icon: "mail-plus"},
	"account_not_linked":       {Title: "Not linked yet", Text: "An account with this address exists. Sign in to it first, then link the other one.", Icon: "link"},
	"email_not_found":          {Title: "No address", Text: "The provider did not give an email address.", Icon: "mail-x"},
	"unable_to_get_user_info":  {Title: "No answer", Text: "The provider did not say who you are.", Icon: "circle-question-mark"},
	"oauth_provider_not_found": {Title: "Not available", Text: "This way to sign in is switched off.", Icon: "power"},
	"banned":                   {Title: "Locked", Text: "This account is locked. Ask an administrator.", Icon: "ban"},
}

// failure explains an error that ended on a redirect.
func (p *Part) failure(c *plugins.Call) error {
	shown, known := failures[c.Request.URL.Query().Get("error")]
	if !known {
		shown = page.Failure{Title: "This did not work", Text: "The last step ended with an error. Nothing was changed."}
	}
	shown.Reference = auth.OriginOf(c.Context()).RequestID
	return c.Page(http.StatusBadRequest, shown)
}
