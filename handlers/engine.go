package handlers

import (
	"errors"
	"gatehouse/auth/words"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/auth"
	"gatehouse/auth/origin"
	"gatehouse/auth/schema"
	"gatehouse/auth/text/glob"
	"gatehouse/plugins"
)

// endpoint serves one declared endpoint: the steps 5 to 12 of better-auth core 1.2.
// The steps before (disabled paths, rate limit, plugins' request filters, routing) are
// middleware.
func (s *Server) endpoint(e *plugins.Endpoint) echo.HandlerFunc {
	before, after := hooksFor(s.registry.Before, e.Path), hooksFor(s.registry.After, e.Path)
	return func(ec echo.Context) error {
		c := s.call(ec)
		c.Endpoint = e
		if err := s.prepare(c, e); err != nil {
			return s.finish(c, nil, err)
		}
		for _, h := range before {
			if err := h.Do(c.Context(), c); err != nil {
				return s.finish(c, nil, err)
			}
			if c.Interrupted() {
				return s.finish(c, c.Result, nil)
			}
		}
		c.Result, c.Err = s.run(c, e)
		for _, h := range after {
			if err := h.Do(c.Context(), c); err != nil {
				c.Result, c.Err = nil, err
			}
		}
		return s.finish(c, c.Result, c.Err)
	}
}

// call makes the plugins' view of a request.
func (s *Server) call(ec echo.Context) *plugins.Call {
	c := plugins.NewCall(ec.Request(), ec.Response())
	c.Cookies = s.jar(ec.Request())
	c.Desk = s.desk
	for i, name := range ec.ParamNames() {
		c.Params[name] = ec.ParamValues()[i]
	}
	return c
}

// prepare decodes the body and judges origin and redirect targets.
func (s *Server) prepare(c *plugins.Call, e *plugins.Endpoint) error {
	if err := s.decode(c, e); err != nil {
		return err
	}
	if err := s.judgeOrigin(c.Request, e.Origin, s.origins()); err != nil {
		return err
	}
	if e.Method == http.MethodGet {
		return nil
	}
	return s.judgeTargets(c)
}

// run validates, guards and calls the handler.
func (s *Server) run(c *plugins.Call, e *plugins.Endpoint) (any, error) {
	var err error
	if c.Body, err = parse(e.Body, "body", c.Raw); err != nil {
		return nil, err
	}
	if c.Query, err = parse(e.Query, "query", schema.QueryValue(c.Request.URL.Query())); err != nil {
		return nil, err
	}
	if err := s.admit(c, e.Access, true); err != nil {
		return nil, err
	}
	return e.Handle(c)
}

func parse(sc *schema.Schema, where string, v schema.Value) (any, error) {
	parsed, err := sc.Parse(where, v)
	if err != nil {
		return nil, auth.ErrValidation.Saying("%s", err.Error())
	}
	return parsed, nil
}

// decode reads the body as better-auth core 1.3 says.
func (s *Server) decode(c *plugins.Call, e *plugins.Endpoint) error {
	if e.Method == http.MethodGet || e.AnyMedia {
		return nil
	}
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return auth.E(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "Request body is too large")
		}
		return auth.E(http.StatusBadRequest, "BAD_REQUEST", "Invalid JSON in request body").Because(err)
	}
	given := c.Request.Header.Get("Content-Type")
	if len(raw) == 0 && (given == "" || c.Request.ContentLength == 0) {
		return nil
	}
	c.HasBody = true
	media, _, _ := strings.Cut(given, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	if e.Form && media == "application/x-www-form-urlencoded" {
		return decodeForm(c, raw)
	}
	if media != "application/json" {
		return unsupported(given, e.Form)
	}
	if c.Raw, err = schema.Decode(raw); err != nil {
		return auth.E(http.StatusBadRequest, "BAD_REQUEST", "Invalid JSON in request body").Because(err)
	}
	return nil
}

func decodeForm(c *plugins.Call, raw []byte) error {
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return auth.E(http.StatusBadRequest, "BAD_REQUEST", "Invalid form in request body").Because(err)
	}
	c.Raw = schema.FormValue(form)
	return nil
}

func unsupported(given string, form bool) error {
	allowed := "application/json"
	if form {
		allowed = "application/x-www-form-urlencoded, application/json"
	}
	if given == "" {
		return auth.E(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", words.F("Content-Type is required. Allowed types: %s", allowed))
	}
	return auth.E(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "").Saying("Content-Type %q is not allowed. Allowed types: %s", given, allowed)
}

// refusals are the answers to requests of foreign origins.
var refusals = map[origin.Code]*auth.Error{
	origin.MissingOrNull:       auth.E(http.StatusForbidden, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin"),
	origin.Invalid:             auth.E(http.StatusForbidden, "INVALID_ORIGIN", "Invalid origin"),
	origin.CrossSiteNavigation: auth.E(http.StatusForbidden, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED", "Cross-site navigation login blocked. This request appears to be a CSRF attack."),
}

// judgeOrigin applies better-auth core 8.1 and, for form routes, 8.2, with a list of
// trusted origins.
func (s *Server) judgeOrigin(r *http.Request, rule plugins.OriginRule, trusted *origin.List) error {
	if rule == plugins.OriginNone {
		return nil
	}
	req := origin.FromHeader(r.Method, r.Header, s.self(r))
	code := trusted.Check(req)
	if code == "" && rule == plugins.OriginForm {
		code = trusted.CheckForm(req)
	}
	if code != "" {
		return refusals[code]
	}
	return nil
}

// targets are the redirect fields of better-auth core 8.3, in the order of their checks.
var targets = []struct {
	field string
	err   *auth.Error
	label string
}{
	{"callbackURL", auth.E(http.StatusForbidden, "INVALID_CALLBACK_URL", "Invalid callbackURL"), "callbackURL"},
	{"redirectTo", auth.E(http.StatusForbidden, "INVALID_REDIRECT_URL", "Invalid redirectURL"), "redirectURL"},
	{"errorCallbackURL", auth.E(http.StatusForbidden, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL"), "errorCallbackURL"},
	{"newUserCallbackURL", auth.E(http.StatusForbidden, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL"), "newUserCallbackURL"},
}

func (s *Server) judgeTargets(c *plugins.Call) error {
	query := schema.QueryValue(c.Request.URL.Query())
	for i, t := range targets {
		v := c.Raw.Get(t.field)
		if i == 0 && !counts(v) {
			v = query.Get(t.field)
		}
		if !counts(v) {
			continue
		}
		text, ok := v.Any().(string)
		if !ok {
			return &auth.Error{Status: http.StatusBadRequest, Message: words.F("Invalid %s: expected a string", t.label)}
		}
		if !s.origins().Redirect(text) {
			return t.err
		}
	}
	return nil
}

// counts is JavaScript's idea of a value that is there.
func counts(v schema.Value) bool {
	if v.IsUndefined() || v.IsNull() {
		return false
	}
	switch x := v.Any().(type) {
	case string:
		return x != ""
	case bool:
		return x
	case float64:
		return x != 0
	}
	return true
}

// hooksFor picks the hooks whose glob matches a route pattern.
func hooksFor(all []plugins.NamedHook, path string) []plugins.NamedHook {
	return slices.DeleteFunc(slices.Clone(all), func(h plugins.NamedHook) bool {
		g, err := glob.Compile(h.Match)
		return err != nil || !g.Match(path)
	})
}
