package organization

import (
	"net/http"
	"net/url"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// domainsView is the page of the mail domains of an organization, and of who wants to join.
type domainsView struct {
	head
	Form     web.Form
	List     []*ent.OrganizationDomain
	Roles    []web.Option
	Requests []Asking
	Vouch    bool
}

func (s *Service) domainsPage(c *plugins.Call) error {
	return s.drawDomains(c, http.StatusOK, web.Form{})
}

func (s *Service) drawDomains(c *plugins.Call, status int, form web.Form) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	v := domainsView{head: h, Form: form, Vouch: h.Actor.p.Can(ScopeVouch)}
	if v.List, err = s.DomainList(c.Context(), h.Org.ID); err != nil {
		return err
	}
	for _, o := range s.givable(c.Context(), h.Actor, "", time.Time{}) {
		if o.Value != s.creatorRole() {
			v.Roles = append(v.Roles, o)
		}
	}
	if h.Actor.Can(ScopeMemberCreate) {
		if v.Requests, err = s.Requests(c.Context(), h.Org.ID); err != nil {
			return err
		}
	}
	return c.Page(status, v)
}

// domainPost makes the handler of a form on the page of domains.
func (s *Service) domainPost(do func(*plugins.Call) (words.Text, error)) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		text, err := do(c)
		if err == nil {
			c.Flash("good", text)
			return c.SeeOther(c.Organization.Path("/domains"))
		}
		form, status, ok := ask.Refused(c, err)
		if !ok {
			return err
		}
		return s.drawDomains(c, status, form)
	}
}

func (s *Service) doAddDomain(c *plugins.Call) (words.Text, error) {
	row, err := s.AddDomain(c.Context(), c.Organization.ID, c.Form("domain"))
	if err != nil {
		return "", err
	}
	return words.F("%s is added. Prove it with a record in the DNS.", row.Domain), nil
}

func (s *Service) doVerifyDomain(c *plugins.Call) (words.Text, error) {
	return "The domain is proved.", s.VerifyDomain(c.Context(), c.Organization.ID, c.Param("id"))
}

func (s *Service) doVouchDomain(c *plugins.Call) (words.Text, error) {
	return "The domain counts as proved, on your word.", s.VouchDomain(c.Context(), c.Organization.ID, c.Param("id"))
}

func (s *Service) doJoining(c *plugins.Call) (words.Text, error) {
	return "The way to join is saved.", s.SetJoining(c.Context(), c.Organization.ID, c.Param("id"), c.Form("joining"), c.Form("role"))
}

func (s *Service) doDecide(c *plugins.Call) (words.Text, error) {
	agree := c.Form("agree") == "yes"
	err := s.Decide(c.Context(), c.Organization.ID, c.Param("id"), agree)
	if agree {
		return "They are a member now.", err
	}
	return "The request is declined.", err
}

// removeDomainAct asks before a domain is removed.
func (s *Service) removeDomainAct() ask.Act[*ent.OrganizationDomain] {
	return ask.Act[*ent.OrganizationDomain]{
		Path: inside + "/domains/:id/remove", Summary: "Remove a mail domain", Access: plugins.Within(ScopeDomainUpdate),
		Load: func(c *plugins.Call) (*ent.OrganizationDomain, error) {
			row, err := s.domain(c.Context(), c.Organization.ID, c.Param("id"))
			if e := auth.AsError(err); err != nil && e.Code == ErrDomainNotFound.Code {
				return nil, errNoPage
			}
			return row, err
		},
		Question: func(_ *plugins.Call, row *ent.OrganizationDomain) web.Confirm {
			return web.Confirm{Title: words.F("Remove %s?", row.Domain), Text: "Nobody joins by it any more, and open requests to join by it are declined. Members stay.", Verb: "Remove domain", Danger: true}
		},
		Trail: func(c *plugins.Call, _ *ent.OrganizationDomain) []web.Crumb { return trailOf(c, "Domains", "/domains") },
		Do: func(c *plugins.Call, row *ent.OrganizationDomain) error {
			if err := s.RemoveDomain(c.Context(), c.Organization.ID, row.ID); err != nil {
				return err
			}
			c.Flash("good", words.F("%s is removed.", row.Domain))
			return c.SeeOther(c.Organization.Path("/domains"))
		},
	}
}

func (v domainsView) at(d *ent.OrganizationDomain, part string) string {
	return v.url("/domains/" + url.PathEscape(d.ID) + part)
}

// doJoin lets somebody join by the domain of their address, from their account.
func (s *Service) doJoin(c *plugins.Call) error {
	joined, err := s.JoinByDomain(c.Context())
	switch e := auth.AsError(err); {
	case err == nil && joined:
		c.Flash("good", "Welcome. You are a member now.")
	case err == nil:
		c.Flash("good", "Your request is sent. You become a member when somebody agrees.")
	case e.Status < http.StatusInternalServerError:
		c.Flash("bad", e.Message)
	default:
		return err
	}
	return c.SeeOther(placesPath)
}
