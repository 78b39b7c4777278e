package admin

import (
	"context"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// seeAsLife is how long the console is shown as another person would see it.
const seeAsLife = time.Hour

// ErrCannotSeeAs refuses to show the console as a person who ranks higher, as oneself, as
// somebody banned, or as somebody who has no part in it.
var ErrCannotSeeAs = auth.E(http.StatusForbidden, "CANNOT_SEE_AS", "You cannot see the console as this person")

// SeeAs records that the principal of the context looks at the console as another person
// would see it. It needs principal:see-as, a session in the actor's own name, and a person
// who ranks no higher and has a part in the console. It changes nothing but the record;
// what pages show meanwhile decides the server, by the same rules.
func (s *Service) SeeAs(ctx context.Context, id string) error {
	p, err := s.unmasked(ctx, ScopeSeeAs, auth.ErrForbidden)
	if err != nil {
		return err
	}
	if p.Session == nil || p.Session.Virtual || p.Viewer != nil {
		return auth.ErrCredentialScheme
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	ok, err := s.maySeeAs(ctx, p, target)
	if err != nil {
		return err
	}
	if !ok {
		return s.refused(ctx, id, ErrCannotSeeAs)
	}
	return s.record(ctx, eventSeeAs, id, nil)
}

func (s *Service) maySeeAs(ctx context.Context, p *auth.Principal, target *ent.User) (bool, error) {
	if !p.Can(ScopeSeeAs) || p.Impersonated() || p.Session == nil || p.Subject == target.ID || Banned(target, s.now()) {
		return false, nil
	}
	other, err := s.principalOf(ctx, target)
	if err != nil {
		return false, err
	}
	return s.host.Server.Console(ctx, other) && p.PlatformScopes().Covers(other.PlatformScopes()), nil
}

func askSeeAs(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("See the console as %s?", shownName(u)), Verb: "See as them",
		Text: words.F("For at most %s you see what their permissions show. Nothing can be changed meanwhile, and a bar on every page leads back. It is recorded.", web.Span(seeAsLife))}
}

func doSeeAs(s *Service, c *plugins.Call, u *ent.User) error {
	if c.Current == nil {
		return auth.ErrCredentialScheme
	}
	if err := s.SeeAs(c.Context(), u.ID); err != nil {
		return err
	}
	c.SeeAs(u.ID, s.now(), seeAsLife)
	return c.SeeOther("/admin")
}

// stopSeeingPage ends it, and leads to the person as whom the console was seen.
func (s *Service) stopSeeingPage(c *plugins.Call) error {
	c.StopSeeing()
	if c.Seen == nil {
		return c.SeeOther("/admin")
	}
	if err := s.record(c.Context(), eventSeenAs, c.Seen.Subject, nil); err != nil {
		return err
	}
	c.Flash("good", "You see the console as yourself again.")
	return c.SeeOther(usersPath + "/" + c.Seen.Subject)
}
