package handlers

import (
	"io/fs"
	"net/http"

	"golang.org/x/text/language"

	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// languageCookie holds the language that a reader who is not signed in chose.
const languageCookie = "gatehouse_language"

// catalogue reads the translations of the server's own pages and of the plugins.
func catalogue(list []plugins.Plugin, pseudo bool) (*words.Catalogue, error) {
	var sources []fs.FS
	for _, p := range list {
		sources = append(sources, p.Manifest().Words)
	}
	c, err := words.NewCatalogue(sources...)
	if err != nil || !pseudo {
		return c, err
	}
	return c.WithPseudo(), nil
}

// speaker is who says the texts of a page: the language that the person chose, else that
// of the cookie, else the first of the browser's that is offered, else the default.
func (s *Server) speaker(r *http.Request, chosen string) *words.Speaker {
	if sp, ok := s.words.Speaker(chosen); ok && chosen != "" {
		return sp
	}
	if sp, ok := s.words.Speaker(cookieLanguage(r)); ok {
		return sp
	}
	return s.core.Languages.Match(r.Header.Get("Accept-Language"))
}

func cookieLanguage(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil {
		return c.Value
	}
	return ""
}

// requested are the languages that a request asks for, as Accept-Language has them; the
// one of the cookie comes first.
func requested(r *http.Request) string {
	accept := r.Header.Get("Accept-Language")
	tag, err := language.Parse(cookieLanguage(r))
	switch {
	case err != nil:
		return accept
	case accept == "":
		return tag.String()
	}
	return tag.String() + "," + accept
}
