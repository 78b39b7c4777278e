package handlers

import (
	"context"

	"golang.org/x/text/language"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// catalog is the collected translations of the plugins.
type catalog struct {
	matcher  language.Matcher
	tags     []language.Tag
	messages []map[string]string
}

// newCatalog collects translations; English texts stand in the code.
func newCatalog(r *plugins.Registry) *catalog {
	c := &catalog{tags: []language.Tag{language.English}, messages: []map[string]string{{}}}
	at := map[language.Tag]int{language.English: 0}
	for _, part := range r.Parts {
		for _, t := range part.Translations {
			tag := language.Make(t.Language)
			i, ok := at[tag]
			if !ok {
				i = len(c.tags)
				at[tag] = i
				c.tags, c.messages = append(c.tags, tag), append(c.messages, map[string]string{})
			}
			for k, v := range t.Messages {
				c.messages[i][k] = v
			}
		}
	}
	c.matcher = language.NewMatcher(c.tags)
	return c
}

// translate returns the text of a key in the language of the context.
func (s *Server) translate(ctx context.Context, key, fallback string) string {
	if s.catalog == nil {
		return fallback
	}
	tags, _, err := language.ParseAcceptLanguage(auth.OriginOf(ctx).Language)
	if err != nil || len(tags) == 0 {
		return s.english(key, fallback)
	}
	_, i, _ := s.catalog.matcher.Match(tags...)
	if text, ok := s.catalog.messages[i][key]; ok {
		return text
	}
	return s.english(key, fallback)
}

func (s *Server) english(key, fallback string) string {
	if text, ok := s.catalog.messages[0][key]; ok {
		return text
	}
	return fallback
}
