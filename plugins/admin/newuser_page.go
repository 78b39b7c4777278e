package admin

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"slices"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// Further ways in which a new person gets in, besides a link by mail or by hand.
const (
	byTemporary = "temporary"
	byPassword  = "password"
	byNothing   = "nothing"
)

// newUserView is the form to create a person.
type newUserView struct {
	Form     web.Form
	Roles    []string // that may be given; empty: the default role
	Default  string
	Verify   bool // may mark the address as verified
	Mail     bool // links can be mailed
	Hand     bool // links may be handed over
	Shortest int
}

func (s *Service) newPage(c *plugins.Call) error {
	return s.drawNew(c, http.StatusOK, web.Form{Values: url.Values{}})
}

func (s *Service) drawNew(c *plugins.Call, status int, form web.Form) error {
	p := c.Principal()
	return c.Page(status, newUserView{Form: form, Roles: s.GivableRoles(c.Context()), Default: s.cfg.Get().DefaultRole, Verify: p.Can(ScopeSetEmail),
		Mail: p.Can(ScopeSendReset) && s.mailReady(c.Context()), Hand: p.Can(ScopeSendReset) && p.Can(ScopeSetPassword), Shortest: s.shortest()})
}

// shortest is the least length of a password.
func (s *Service) shortest() int { return s.host.Core.Settings.Password.Get().Min }

// createPage makes a person, with a password, a link to one, or nothing, and shows what
// is to be handed over.
func (s *Service) createPage(c *plugins.Call) error {
	n := NewPerson{Name: c.Form("name"), Email: c.Form("email"), EmailVerified: c.Form("emailVerified") == "on"}
	if role := c.Form("role"); role != "" && role != s.cfg.Get().DefaultRole {
		n.Roles = []string{role}
	}
	way := c.Form("way")
	switch way {
	case byTemporary:
		n.Password, n.Temporary = temporaryPassword(s.shortest()), true
	case byPassword:
		n.Password, n.Temporary = c.FormRaw("password"), c.Form("temporary") == "on"
	}
	if err := s.proofFor(c, s.powerful(n.Roles...)); err != nil {
		return err
	}
	err := checkNew(n, way)
	var made *ent.User
	if err == nil {
		made, err = s.Create(c.Context(), n)
	}
	if err != nil {
		form, status, ok := refusedForm(c, atPassword(err))
		if !ok {
			return err
		}
		form.Values.Del("password")
		return s.drawNew(c, status, form)
	}
	return s.handOver(c, made, way, n)
}

func checkNew(n NewPerson, way string) error {
	switch {
	case n.Name == "" || len([]rune(n.Name)) > maxName:
		return auth.ErrValidation.Saying("A name has 1 to 200 characters.").At("name")
	case way == byPassword && n.Password == "":
		return auth.ErrMissingField.Saying("Choose a password, or let them choose one.").At("password")
	case !slices.Contains([]string{byMail, byHand, byTemporary, byPassword, byNothing}, way):
		return auth.ErrMissingField.Saying("Choose how they get in.").At("way")
	}
	return nil
}

// handOver ends a creation: with what has to reach the new person, once, or with a
// message on their page. When no link can be made the person stays, and the page says
// what is left to do.
func (s *Service) handOver(c *plugins.Call, made *ent.User, way string, n NewPerson) error {
	created := words.F("%s was created.", shownName(made))
	switch way {
	case byNothing:
		return finished(c, made, created)
	case byTemporary, byPassword:
		h := handoverFor(made)
		h.Title, h.Items = created, s.access(made, n.Password, n.Temporary)
		return c.Page(http.StatusOK, h)
	case byMail:
		if _, err := s.SendReset(c.Context(), made.ID); err == nil {
			return finished(c, made, words.F("%s was created. A link went to %s.", shownName(made), made.Email))
		}
	case byHand:
		if r, err := s.ResetLink(c.Context(), made.ID); err == nil {
			h := resetOnce(made, r)
			h.Title = created
			h.Items = append([]ask.Item{{Name: "Email", Value: made.Email}}, h.Items...)
			return c.Page(http.StatusOK, h)
		}
	}
	c.Flash("warn", words.F("%s was created, but no link could be made. Set a password for them.", shownName(made)))
	return c.SeeOther(userURL(made.ID, ""))
}
