package api

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// begin is what a sign-in may be begun with. RedirectTo is the name that other servers
// of this surface use for ReturnTo.
type begin struct {
	ReturnTo   string `json:"returnTo" schema:"optional"`
	RedirectTo string `json:"redirectTo" schema:"optional"`
	ProviderID string `json:"providerId" schema:"optional"`
}

var beginSchema = schema.Of[begin](schema.Optional())

// errTarget refuses an address that is not trusted.
var errTarget = &auth.Error{Status: http.StatusBadRequest, Code: "return_to_not_allowed", CodeFirst: true,
	Message: "The address to return to is not one of this server's or of its trusted origins"}

func (b begin) target() string {
	if b.ReturnTo != "" {
		return b.ReturnTo
	}
	return b.RedirectTo
}

// signIn tells where to sign in: as JSON to programs, as a redirect to browsers.
func (p *Part) signIn(c *plugins.Call) error {
	in, err := p.begin(c)
	if err != nil {
		return err
	}
	if in.ProviderID != "" {
		return auth.ErrProviderNotFound
	}
	path := page.SignInPath
	if to := in.target(); to != "" {
		path += "?returnTo=" + url.QueryEscape(to)
	}
	if browser(c) {
		return redirect(c, path)
	}
	return answer(c, map[string]string{"redirectTo": p.h.Link(path)})
}

func (p *Part) begin(c *plugins.Call) (begin, error) {
	raw, err := body(c)
	if err != nil {
		return begin{}, err
	}
	parsed, err := beginSchema.Parse("body", raw)
	if err != nil {
		return begin{}, auth.ErrValidation.Saying("%s", err.Error())
	}
	in := schema.As[begin](parsed)
	if to := in.target(); to != "" && !p.h.Targets.Allowed(to) {
		return begin{}, errTarget
	}
	return in, nil
}

// body reads JSON or a form. Nothing at all is an empty body.
func body(c *plugins.Call) (schema.Value, error) {
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return schema.Value{}, auth.E(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "Request body is too large")
		}
		return schema.Value{}, badBody(err)
	}
	if len(raw) == 0 {
		return schema.Value{}, nil
	}
	media, _, _ := strings.Cut(c.Request.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(media)) {
	case "application/json":
		v, err := schema.Decode(raw)
		if err != nil {
			return v, badBody(err)
		}
		return v, nil
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return schema.Value{}, badBody(err)
		}
		return schema.FormValue(form), nil
	}
	return schema.Value{}, auth.E(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Send JSON or a form")
}

func badBody(cause error) error {
	return auth.E(http.StatusBadRequest, "BAD_REQUEST", "The request body cannot be read").Because(cause)
}

func redirect(c *plugins.Call, path string) error {
	for _, line := range c.Cookies.Lines() {
		c.Header.Add("Set-Cookie", line)
	}
	c.Header.Set("Cache-Control", "no-store")
	http.Redirect(c.Writer, c.Request, path, http.StatusFound)
	return nil
}

// callback completes a provider's redirect. A provider that nobody configured is an
// error, told on a page to a browser.
func (p *Part) callback(c *plugins.Call) error {
	if browser(c) {
		return redirect(c, "/error?error=oauth_provider_not_found")
	}
	return auth.ErrProviderNotFound
}
