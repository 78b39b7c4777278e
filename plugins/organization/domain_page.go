package organization

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

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

// doDecide answers a request to join, and leads back to the page that shows it.
func (s *Service) doDecide(c *plugins.Call) error {
	agree, done := c.Form("agree") == "yes", words.Text("The request is declined.")
	if agree {
		done = "They are a member now."
	}
	to := "/members"
	if c.Form("from") == requestsAtDomains {
		to = "/domains"
	}
	return answered(c, s.Decide(c.Context(), c.Organization.ID, c.Param("id"), agree), done, c.Organization.Path(to))
}

// answered leads to a page that says what came of an act: that it is done, or why it is not.
func answered(c *plugins.Call, err error, done words.Text, to string) error {
	switch e := auth.AsError(err); {
	case err == nil:
		c.Flash("good", done)
	case e.Status < http.StatusInternalServerError:
		c.Flash("bad", e.Message)
	default:
		return err
	}
	return c.SeeOther(to)
}

// Pages that show requests to join.
const (
	requestsAtDomains = "domains"
	requestsAtMembers = "members"
)

// requestRows are requests to join, each with its answers.
func (h head) requestRows(list []Asking, from string) web.Rows {
	rows := web.Rows{}
	for _, a := range list {
		p := personOf(a.User)
		answer := func(agree string, b web.Button) templ.Component {
			b.Small = true
			return web.PostButton{URL: h.url("/requests/" + url.PathEscape(a.Request.ID)), Hidden: map[string]string{"agree": agree, "from": from}, Button: b}
		}
		row := web.Row{Mark: web.Avatar{Name: web.PersonCell{Person: p}.Name(), Seed: p.ID, Image: p.Image}, Title: words.Raw(web.PersonCell{Person: p}.Name()),
			Text: words.Join(words.Dot, words.Raw(a.Request.Email), auth.RoleWords(a.Request.Role)), Dot: true, Detail: web.Time{At: a.Request.CreatedAt}}
		if h.can(ScopeMemberCreate) {
			row.Actions = web.Group{answer("yes", web.Button{Label: "Agree", Variant: web.Primary}), answer("no", web.Button{Label: "Decline"})}
		}
		rows = append(rows, row)
	}
	return rows
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
	done := words.Text("Your request is sent. You become a member when somebody agrees.")
	joined, err := s.JoinByDomain(c.Context())
	if joined {
		done = "Welcome. You are a member now."
	}
	return answered(c, err, done, placesPath)
}

// doWithdraw takes an own request to join back.
func (s *Service) doWithdraw(c *plugins.Call) error {
	return answered(c, s.Withdraw(c.Context(), c.Form("request")), "Your request is withdrawn.", placesPath)
}
