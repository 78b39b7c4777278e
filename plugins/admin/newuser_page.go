package admin

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Ways a new person gets in.
const (
	byLink     = "link"
	byPassword = "password"
)

// newUserView is the form to create a person.
type newUserView struct {
	Form     web.Form
	Roles    []string // that may be given; empty: the default role
	Default  string
	Verify   bool // may mark the address as verified
	Link     bool // may hand out or send links
	Mail     bool // links are mailed
	Shortest int
}

func (s *Service) newPage(c *plugins.Call) error {
	return s.drawNew(c, http.StatusOK, web.Form{Values: url.Values{}})
}

func (s *Service) drawNew(c *plugins.Call, status int, form web.Form) error {
	p := c.Principal()
	return c.Page(status, newUserView{Form: form, Roles: s.GivableRoles(c.Context()), Default: s.cfg.Get().DefaultRole, Verify: p.Can(ScopeSetEmail),
		Link: p.Can(ScopeSendReset) && p.Can(ScopeSetPassword), Mail: s.mailReady(c.Context()), Shortest: s.host.Core.Settings.Password.Get().Min})
}

// createPage makes a person. With a link they choose their own password.
func (s *Service) createPage(c *plugins.Call) error {
	n := NewPerson{Name: c.Form("name"), Email: c.Form("email"), EmailVerified: c.Form("emailVerified") == "on"}
	if role := c.Form("role"); role != "" && role != s.cfg.Get().DefaultRole {
		n.Roles = []string{role}
	}
	way := c.Form("way")
	if way != byLink {
		n.Password = c.FormRaw("password")
	}
	err := checkNew(n, way)
	var made *ent.User
	if err == nil {
		made, err = s.Create(c.Context(), n)
	}
	if err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return s.drawNew(c, status, form)
	}
	if way == byLink {
		return s.handOver(c, made)
	}
	return finished(c, made, words.F("%s was created.", shownName(made)))
}

func checkNew(n NewPerson, way string) error {
	if n.Name == "" || len([]rune(n.Name)) > maxName {
		return auth.ErrValidation.Saying("A name has 1 to 200 characters.").At("name")
	}
	if way == byPassword && n.Password == "" {
		return auth.ErrMissingField.Saying("Choose a password, or let them choose one.").At("password")
	}
	return nil
}

// handOver gives a new person the link to their first password: by mail, or shown once.
// When neither is possible the person stays, and the page says what is left to do.
func (s *Service) handOver(c *plugins.Call, made *ent.User) error {
	can, err := s.possible(c.Context(), made)
	if err != nil {
		return err
	}
	switch {
	case s.mailReady(c.Context()) && can.SendReset:
		if _, err := s.SendReset(c.Context(), made.ID); err == nil {
			return finished(c, made, words.F("%s was created. A link went to %s.", shownName(made), made.Email))
		}
	case can.ResetLink:
		if r, err := s.ResetLink(c.Context(), made.ID); err == nil {
			return c.Page(http.StatusOK, resetOnce(made, r))
		}
	}
	c.Flash("warn", words.F("%s was created, but no link could be made. Set a password for them.", shownName(made)))
	return c.SeeOther(userURL(made.ID, ""))
}
