package origin

import (
	"net/http"
	"strings"

	"gatehouse/auth/text"
	"gatehouse/auth/text/weburl"
)

// Code is the wire code of a refusal; empty means the request passes.
type Code string

// The refusals of better-auth core 8.1 and 8.2, all 403.
const (
	Passed              Code = ""
	MissingOrNull       Code = "MISSING_OR_NULL_ORIGIN"
	Invalid             Code = "INVALID_ORIGIN"
	CrossSiteNavigation Code = "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"
)

// Request is what the two checks look at.
type Request struct {
	Method                          string
	Cookies                         bool // a Cookie header is present, with any cookie
	Origin, Referer                 string
	FetchSite, FetchMode, FetchDest string
	// Self is the origin of the request's own address, from proxy headers
	// only when the peer is a trusted proxy.
	Self string
}

// FromHeader collects a Request.
func FromHeader(method string, h http.Header, self string) Request {
	return Request{
		Method: method, Cookies: h.Get("Cookie") != "", Origin: h.Get("Origin"), Referer: h.Get("Referer"),
		FetchSite: h.Get("Sec-Fetch-Site"), FetchMode: h.Get("Sec-Fetch-Mode"), FetchDest: h.Get("Sec-Fetch-Dest"),
		Self: self,
	}
}

// Check is the rule for every method but GET, HEAD and OPTIONS: a request
// with cookies needs a trusted Origin, else Referer (better-auth core 8.1).
func (l *List) Check(r Request) Code {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return Passed
	}
	if !r.Cookies {
		return Passed
	}
	return l.judge(r)
}

// CheckForm is the stricter rule of routes that sign in or send mail: it also
// judges requests without cookies (better-auth core 8.2).
func (l *List) CheckForm(r Request) Code {
	site, mode, dest := strings.TrimSpace(r.FetchSite), strings.TrimSpace(r.FetchMode), strings.TrimSpace(r.FetchDest)
	switch {
	case r.Cookies:
		return l.judge(r)
	case site == "cross-site" && mode == "navigate":
		return CrossSiteNavigation
	case site != "" || mode != "" || dest != "" || r.Origin != "" || r.Referer != "":
		return l.judge(r)
	}
	return Passed
}

// judge asks for a trusted value.
func (l *List) judge(r Request) Code {
	value := r.Origin
	switch {
	case value == "null" && r.FetchSite == "same-origin":
		// A page with Referrer-Policy: no-referrer.
		value = r.Self
	case value == "":
		value = r.Referer
	}
	if value == "" || value == "null" {
		return MissingOrNull
	}
	if !l.Trusted(value) {
		return Invalid
	}
	return Passed
}

// ResetRedirect is the target of GET /reset-password/:token: target resolved
// against base, absolute, its query re-encoded by the form rules with pairs
// set (better-auth core 1.8). The target must have passed Redirect.
func ResetRedirect(target, base string, pairs ...text.Pair) (string, error) {
	b, err := weburl.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := weburl.ParseRef(target, b)
	if err != nil {
		return "", err
	}
	query := text.DecodeForm(u.Query)
	for _, p := range pairs {
		query = set(query, p)
	}
	u.Query = text.EncodeForm(query...)
	u.HasQuery = u.Query != ""
	return u.String(), nil
}

// set replaces the first pair of that name, drops the others, or appends.
func set(pairs []text.Pair, p text.Pair) []text.Pair {
	out, found := pairs[:0], false
	for _, old := range pairs {
		switch {
		case old.Key != p.Key:
			out = append(out, old)
		case !found:
			out, found = append(out, p), true
		}
	}
	if !found {
		out = append(out, p)
	}
	return out
}
