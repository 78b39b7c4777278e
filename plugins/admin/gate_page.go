package admin

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// gatePages are the pages for people who are not signed in yet: an own password in place
// of a temporary one, and the link that an administrator handed over.
func (s *Service) gatePages() []plugins.Route {
	open := plugins.Access{Who: plugins.Public}
	return []plugins.Route{
		{Method: http.MethodGet, Path: ownPasswordPath, Summary: "Asks for one's own password in place of a temporary one", Access: open, Handle: s.ownPasswordPage},
		{Method: http.MethodPost, Path: ownPasswordPath, Summary: "Chooses one's own password and goes on with the sign-in", Access: open, Origin: plugins.OriginForm, Handle: s.chooseOwnPage},
		{Method: http.MethodGet, Path: signInLinkPath + ":token", Summary: "Asks before a link that was handed over signs somebody in", Access: open, TokenInURL: true, Handle: s.signInLinkPage},
		{Method: http.MethodPost, Path: signInLinkPath + ":token", Summary: "Signs somebody in by a link that was handed over", Access: open, Origin: plugins.OriginForm, TokenInURL: true, Handle: s.useSignInLinkPage},
	}
}

// limits bound who guesses at tokens.
func limits() []plugins.Limit {
	guess := ratelimit.Rule{Window: time.Minute, Max: 10}
	return []plugins.Limit{{Path: ownPasswordPath, Rule: guess}, {Path: "/admin/new-password", Rule: guess}, {Path: signInLinkPath + "*", Rule: guess}}
}

// ownPasswordView asks for an own password.
type ownPasswordView struct {
	Form     web.Form
	Email    string
	Shortest int
	Dead     bool
}

func (s *Service) ownPasswordPage(c *plugins.Call) error {
	return s.drawOwn(c, http.StatusOK, web.Form{})
}

func (s *Service) drawOwn(c *plugins.Call, status int, form web.Form) error {
	token, _ := c.Desk.Signed(c, ownPasswordCookie)
	found, _, err := s.waiting(c.Context(), token)
	if errors.Is(err, ErrOwnPasswordIsOver) {
		return c.Page(http.StatusBadRequest, ownPasswordView{Dead: true})
	}
	if err != nil {
		return err
	}
	u, err := s.host.Users.ByID(c.Context(), found.Subject)
	if err != nil {
		return err
	}
	if u == nil {
		return c.Page(http.StatusBadRequest, ownPasswordView{Dead: true})
	}
	return c.Page(status, ownPasswordView{Form: form, Email: u.Email, Shortest: s.host.Core.Settings.Password.Get().Min})
}

func (s *Service) chooseOwnPage(c *plugins.Call) error {
	token, _ := c.Desk.Signed(c, ownPasswordCookie)
	out, to, err := s.ChooseOwnPassword(c.Context(), token, c.FormRaw("password"))
	if errors.Is(err, ErrOwnPasswordIsOver) {
		return c.Page(http.StatusBadRequest, ownPasswordView{Dead: true})
	}
	if err != nil {
		form, status, ok := refusedForm(c, atPassword(err))
		if !ok {
			return err
		}
		form.Values = url.Values{}
		return s.drawOwn(c, status, form)
	}
	c.Desk.SetSigned(c, ownPasswordCookie, "", -1)
	return leaveSignedIn(c, out, to)
}

// leaveSignedIn ends a sign-in on a page: where the person wanted to go, or at the step
// that has to come before.
func leaveSignedIn(c *plugins.Call, out auth.Outcome, to string) error {
	signedIn, err := enter(c, out)
	if err != nil {
		return err
	}
	if !signedIn {
		return c.SeeOther(out.Next.Page)
	}
	if to == "" {
		to = web.HomePath
	}
	return c.Leave(to)
}

// linkView is the page behind a sign-in link. Opening it uses nothing up: mail scanners
// and previews open links, too (decisions 37).
type linkView struct {
	Person *ent.User // nil: the link is not good
	URL    string
	Other  string // who is signed in here at the moment
	Form   web.Form
}

func (s *Service) signInLinkPage(c *plugins.Call) error {
	return s.drawLink(c, http.StatusOK, web.Form{})
}

func (s *Service) drawLink(c *plugins.Call, status int, form web.Form) error {
	u, err := s.SignInLinkOf(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if u == nil {
		return c.Page(http.StatusNotFound, linkView{})
	}
	view := linkView{Person: u, URL: signInLinkPath + url.PathEscape(c.Param("token")), Form: form}
	if c.Current != nil && c.Current.User.ID != u.ID {
		view.Other = shownName(c.Current.User)
	}
	return c.Page(status, view)
}

func (s *Service) useSignInLinkPage(c *plugins.Call) error {
	out, err := s.UseSignInLink(c.Context(), c.Param("token"))
	if errors.Is(err, ErrLinkOver) {
		return c.Page(http.StatusNotFound, linkView{})
	}
	if err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return s.drawLink(c, status, form)
	}
	return leaveSignedIn(c, out, "")
}
