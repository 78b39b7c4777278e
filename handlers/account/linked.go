package account

import (
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showLinked lists the accounts elsewhere that sign in to this one. The password has a
// page of its own.
func (p *Part) showLinked(c *plugins.Call) error {
	rows, err := p.core().ListAccounts(c.Context(), c.Current.User.ID)
	if err != nil {
		return err
	}
	var list []page.Linked
	can := p.core().Removable(c.Context(), rows)
	for _, row := range rows {
		if row.ProviderID != auth.ProviderCredential {
			list = append(list, p.linked(row, !can[row.ID]))
		}
	}
	return c.Page(http.StatusOK, page.LinkedAccounts{List: list})
}

// linked is an account as people know it: by the label of its sign-in method.
func (p *Part) linked(row *ent.Account, last bool) page.Linked {
	l := page.Linked{ID: row.ID, Provider: row.ProviderID, Icon: "link", Account: row.AccountID, Created: row.CreatedAt, Last: last}
	for _, part := range p.h.Registry.Parts {
		for _, m := range part.SignInMethods {
			if m.ID == row.ProviderID {
				l.Provider, l.Icon = strings.TrimPrefix(m.Label.English(), "Sign in with "), web.Icon(m.Icon)
			}
		}
	}
	return l
}

// unlink removes an account. Doing so with an old session could lock the owner out, so
// it asks for a recent proof of identity (SEC-041).
func (p *Part) unlink(c *plugins.Call) error {
	if !p.recent(c.Current.Session) {
		return auth.ErrStepUpRequired
	}
	if err := p.core().Unlink(c.Context(), c.Current, c.Form("id")); err != nil {
		e, ok := told(err)
		if !ok {
			return err
		}
		c.Flash("bad", refusal.Words(e))
		return c.SeeOther(page.LinkedPath)
	}
	c.Flash("good", "The account is unlinked.")
	return c.SeeOther(page.LinkedPath)
}
