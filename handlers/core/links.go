package core

import (
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/text"
	"gatehouse/plugins"
)

// errInvalidCallback refuses an untrusted callback address of a GET (better-auth core 8.4).
var errInvalidCallback = auth.E(http.StatusForbidden, "INVALID_CALLBACK_URL", "Invalid callbackURL")

// errPrefetch refuses to act for a browser that fetches ahead (decisions 37).
var errPrefetch = auth.E(http.StatusTooEarly, "PREFETCH_NOT_ALLOWED", "This link is not to be fetched ahead")

// judgeLink judges a link that acts: who opens it, and where it ends.
func (w wire) judgeLink(c *plugins.Call, callbackURL *string) error {
	if target := or(callbackURL, ""); target != "" && !w.h.Targets.Allowed(target) {
		return errInvalidCallback
	}
	for _, h := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if strings.HasPrefix(strings.ToLower(c.Request.Header.Get(h)), "prefetch") {
			return errPrefetch
		}
	}
	return nil
}

// askPage is a page of this server that asks before it acts.
func askPage(path string, in linkQuery) string {
	pairs := []text.Pair{{Key: "token", Value: in.Token}}
	if target := or(in.CallbackURL, ""); target != "" {
		pairs = append(pairs, text.Pair{Key: "callbackURL", Value: target})
	}
	return text.AddQuery(path, "", pairs...)
}
