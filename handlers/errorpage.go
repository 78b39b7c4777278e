package handlers

import (
	"gatehouse/auth/words"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// errorPage shows an error in plain words with the id to tell an operator.
func (s *Server) errorPage(c *plugins.Call, e *auth.Error) templ.Component {
	reference := auth.OriginOf(c.Context()).RequestID
	switch {
	case e.Status == http.StatusForbidden && e.Scope != "":
		return page.Forbidden(e.Scope, s.wordsOf(e.Scope), reference)
	case e.Status == http.StatusNotFound:
		return page.NotFound(reference)
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable:
		return page.Failure{Title: "Please wait a moment", Text: e.Message, Advice: waiting(e.RetryAfter), Reference: reference, Icon: web.Icon("clock")}
	case e.Status >= http.StatusInternalServerError:
		return page.Broken(reference)
	}
	return page.Failure{Title: "This did not work", Text: e.Message, Reference: reference}
}

func waiting(d time.Duration) []words.Text {
	if d <= 0 {
		return nil
	}
	return []words.Text{words.F("Try again in %s.", web.Span(d))}
}

// wordsOf says what a scope allows.
func (s *Server) wordsOf(scope string) words.Text {
	sc, ok := s.core.Scopes.Lookup(scope)
	if !ok {
		return ""
	}
	return sc.Words
}
