package core

import (
	"gatehouse/auth/words"
	"net/http"
	"regexp"

	"gatehouse/plugins"
	"gatehouse/web/page"
)

func (w wire) serviceEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodGet, Path: "/ok", Summary: "Whether the server answers", Handle: func(*plugins.Call) (any, error) { return ok{true}, nil }},
		{Method: http.MethodGet, Path: "/error", Summary: "The page of a failed link or redirect", Page: true, Hidden: true, Handle: w.errorPage},
	}
}

type ok struct {
	OK bool `json:"ok"`
}

// errorCode is what a code may consist of; everything else is shown as UNKNOWN
// (better-auth core 4.8).
var errorCode = regexp.MustCompile(`^['A-Za-z0-9_-]{1,100}$`)

// explanations are plain words for codes that people meet. The description in the
// request is not shown: anybody can write one into a link.
var explanations = map[string]words.Text{
	"INVALID_TOKEN":              "This link was used already, is too old, or was not copied whole.",
	"TOKEN_EXPIRED":              "This link is too old.",
	"USER_NOT_FOUND":             "There is no account for this link any more.",
	"INVALID_USER":               "This link belongs to another account than the one you are signed in with.",
	"state_mismatch":             "The sign-in was begun in another browser, or too long ago.",
	"state_not_found":            "The sign-in was not begun here.",
	"signup_disabled":            "There is no account for you here, and new ones are made by invitation only.",
	"account_not_linked":         "There is an account with this address already. Sign in to it first, then link the provider.",
	"email_not_verified":         "The provider has not verified your address.",
	"access_denied":              "You did not allow the sign-in.",
	"please_restart_the_process": "Please begin again.",
}

func (w wire) errorPage(c *plugins.Call) (any, error) {
	code := c.Request.URL.Query().Get("error")
	if !errorCode.MatchString(code) {
		code = "UNKNOWN"
	}
	text, known := explanations[code]
	if !known {
		text = "The link or the sign-in could not be finished."
	}
	return plugins.Page{Component: page.Failure{Title: "This did not work", Text: text, Reference: code,
		Advice: []words.Text{"Begin again from the start page.", "If it stays, tell the operator the code below."}}}, nil
}
