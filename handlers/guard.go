package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

// judgeRoute judges the origin of a route. Trusted origins are apps that call the API;
// the pages take the forms of their own server only, so that an app with a hole presses
// no button of the console (SEC-207). A page whose address holds a token sends no
// referrer, so a browser posts its form with the origin "null"; over plain http it sends
// no fetch metadata either, and the token alone proves where the form came from.
func (s *Server) judgeRoute(r *http.Request, rt *plugins.Route) error {
	if rt.API {
		return s.judgeOrigin(r, rt.Origin, s.origins())
	}
	if rt.TokenInURL && r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
		return nil
	}
	own := s.origins().OwnOnly()
	err := s.judgeOrigin(r, rt.Origin, own)
	if refusal, ok := errors.AsType[*auth.Error](err); ok {
		return refusal.Saying("This form was not sent from a page of %s. Open the page there and send it again.", own.Own())
	}
	return err
}

// admit applies the access rule of an endpoint or route. Authorization is the second
// step after authentication: no rule that passes means no. api says that it is no page.
func (s *Server) admit(c *plugins.Call, a plugins.Access, api bool) error {
	if a.Who == plugins.Nobody || a.Who == plugins.Public && a.Scope == "" {
		return nil
	}
	a.FromStore = a.FromStore || a.Dangerous || a.Proven
	if err := s.authenticate(c, a); err != nil {
		return err
	}
	p := c.Principal()
	if p == nil {
		if a.Who == plugins.Inside || a.Who == plugins.Public {
			return nil
		}
		return orElse(a.Unauthenticated, auth.ErrUnauthorized)
	}
	if len(a.Schemes) > 0 && !slices.Contains(a.Schemes, p.Scheme) {
		return orElse(a.Unauthenticated, auth.ErrUnauthorized)
	}
	if a.Who == plugins.SignedIn && c.Current == nil {
		return orElse(a.Unauthenticated, auth.ErrUnauthorized)
	}
	if a.Who == plugins.Fresh && (c.Current == nil || !s.core.Sessions.Fresh(c.Current.Session)) {
		return auth.ErrSessionNotFresh
	}
	if a.ManagesCredentials || a.Dangerous {
		if err := mayManage(p); err != nil {
			return err
		}
	}
	if err := s.holds(c, a); err != nil {
		return err
	}
	p = c.Principal()
	if err := mayChange(c, p, a, api); err != nil {
		return err
	}
	return s.steppedUp(p, a)
}

// authenticate puts the principal of the request into the call.
func (s *Server) authenticate(c *plugins.Call, a plugins.Access) error {
	if c.Principal() != nil && (c.Current == nil || c.Current.Cached == nil || !a.FromStore) {
		return nil
	}
	presented, err := s.present(c, a.Who == plugins.Principal || a.Sessionless)
	if err != nil {
		return err
	}
	if presented != nil && presented.Principal != nil {
		c.Current = presented.Virtual
		c.SetContext(auth.WithPrincipal(c.Context(), presented.Principal))
		return nil
	}
	current, err := s.desk.Resolve(c, a.FromStore || a.Scope != "")
	if err != nil || current == nil {
		return err
	}
	return s.identify(c, current)
}

// identify builds the principal of the session behind a call.
func (s *Server) identify(c *plugins.Call, current *auth.Current) error {
	p, err := s.core.Principals.OfSession(c.Context(), current, s.core.Sessions.Facts(current.Session))
	if err != nil {
		return err
	}
	c.Current = current
	c.SetContext(auth.WithPrincipal(c.Context(), p))
	return nil
}

// mayManage closes what changes credentials to keys and to impersonators (SEC-046, SEC-143).
func mayManage(p *auth.Principal) error {
	if p.Impersonated() {
		return auth.ErrImpersonating
	}
	if p.Session == nil || p.Session.Virtual {
		return auth.ErrCredentialScheme
	}
	return nil
}

// holds asks for the scope of a rule: on the platform, or in the organization that the
// request names. The organization is resolved here once, and the principal of the request
// is the one with what it holds there (SEC-126).
func (s *Server) holds(c *plugins.Call, a plugins.Access) error {
	if a.Organization.In != "" {
		if err := s.enter(c, a.Organization); err != nil {
			return err
		}
	}
	if a.Scope == "" {
		return nil
	}
	p := c.Principal()
	if a.Organization.In == "" && p.Can(a.Scope) || c.Organization != nil && p.CanIn(c.Organization.ID, a.Scope) {
		if p.Viewer != nil && c.Organization != nil && !p.Viewer.CanIn(c.Organization.ID, a.Scope) {
			return errNotShown
		}
		return nil
	}
	if a.Forbidden != nil {
		return a.Forbidden
	}
	if a.Organization.In != "" {
		in := ""
		if c.Organization != nil {
			in = c.Organization.ID
		}
		return auth.ErrForbidden.ForIn(in, a.Scope)
	}
	return auth.ErrForbidden.For(a.Scope)
}

// enter resolves the organization of a request. One that does not exist is like a foreign
// one: the principal holds nothing there (SEC-136).
func (s *Server) enter(c *plugins.Call, from plugins.OrganizationSource) error {
	known, ok := plugins.Offer[plugins.Organizations](s.host)
	if !ok {
		return nil
	}
	text := named(c, from)
	if text == "" {
		return nil
	}
	find := known.OrganizationByID
	if from.In == "slug" {
		find = known.OrganizationBySlug
	}
	found, err := find(c.Context(), text)
	if err != nil || found == nil {
		return err
	}
	p, err := s.core.Principals.In(c.Context(), c.Principal(), found.ID)
	if err != nil {
		return err
	}
	c.Organization = found
	c.SetContext(plugins.WithOrganization(auth.WithPrincipal(c.Context(), p), found))
	return nil
}

// named reads what a request calls its organization.
func named(c *plugins.Call, from plugins.OrganizationSource) string {
	switch from.In {
	case "body":
		id, _ := c.Raw.Get(from.Name).Any().(string)
		return id
	case "query":
		id, _ := schema.QueryValue(c.Request.URL.Query()).Get(from.Name).Any().(string)
		return id
	case "path":
		return c.Param(from.Name)
	case "slug":
		return plugins.SlugAt(c.Param(from.Name))
	case "active":
		id, _ := c.Principal().Claims["activeOrganizationId"].(string)
		return id
	}
	return ""
}

// steppedUp asks for a recent and strong enough proof of identity.
func (s *Server) steppedUp(p *auth.Principal, a plugins.Access) error {
	if a.Proven && !s.core.Sessions.ProvedForAPI(p.Session) {
		return auth.ErrStepUpRequired
	}
	want := a.StepUp
	if want.MaxAge == 0 && want.Strength == 0 && !a.Dangerous {
		return nil
	}
	if p.Viewer != nil {
		return errNotShown
	}
	if p.Session == nil || p.Session.Virtual {
		return auth.ErrStepUpRequired
	}
	old := want.MaxAge > 0 && s.core.Clock().Sub(p.Session.AuthenticatedAt) > want.MaxAge || a.Dangerous && !s.core.Sessions.Proved(p.Session)
	if old || strength(p.Session.AMR) < want.Strength {
		return auth.ErrStepUpRequired.Because(strongEnough(want.Strength))
	}
	return nil
}

// strongEnough is the strength that a proof of identity must have, as the cause of a
// refusal.
type strongEnough int

// Error implements error.
func (n strongEnough) Error() string { return fmt.Sprintf("a proof of strength %d is wanted", int(n)) }

// mayChange keeps sessions that only look from changing anything.
func mayChange(c *plugins.Call, p *auth.Principal, a plugins.Access, api bool) error {
	if a.Looks || p.Session == nil || !p.Session.ReadOnly || api && p.Session.APIWrites {
		return nil
	}
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	return auth.ErrReadOnly
}

// strength counts the factors of an authentication by its methods (RFC 8176).
func strength(amr []string) int {
	if slices.Contains(amr, "mfa") {
		return 2
	}
	return min(len(amr), 1)
}

func orElse(given, standard *auth.Error) error {
	if given != nil {
		return given
	}
	return standard
}

// unavailableFor is what 503 answers ask to wait.
const unavailableFor = 2 * time.Second

// present asks the authenticators of the plugins, in the order of the list, once for
// each request: looking at a credential may use it up. sessionless says that a principal
// without a session is welcome.
func (s *Server) present(c *plugins.Call, sessionless bool) (*plugins.Presented, error) {
	if c.Asked {
		return c.Presented, nil
	}
	found, err := s.ask(c, sessionless)
	if err != nil {
		return nil, err
	}
	c.Presented, c.Asked = found, true
	return found, nil
}

func (s *Server) ask(c *plugins.Call, sessionless bool) (*plugins.Presented, error) {
	for _, part := range s.registry.Parts {
		for _, a := range part.Authenticators {
			if !sessionless && a.Sessions != nil && !a.Sessions() {
				continue
			}
			look := a.Present
			if sessionless && a.Any != nil {
				look = a.Any
			}
			found, err := look(c.Context(), c.Request)
			if err != nil {
				return nil, err
			}
			if found == nil {
				continue
			}
			for name, values := range found.Header {
				c.Header[http.CanonicalHeaderKey(name)] = values
			}
			if found.Reject != nil {
				c.Refused = found.Reject
				if found.Passed {
					continue
				}
				return nil, found.Reject.Err
			}
			if found.Scheme == "" {
				found.Scheme = a.Scheme
			}
			return found, nil
		}
	}
	return nil, nil
}
