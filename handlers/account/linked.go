package account

import (
	"cmp"
	"net/http"

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

// linked is an account as people know it: by the name of its sign-in method.
func (p *Part) linked(row *ent.Account, last bool) page.Linked {
	m, _ := p.h.Registry.Method(row.ProviderID)
	return page.Linked{ID: row.ID, Provider: p.h.Registry.MethodName(row.ProviderID), Icon: cmp.Or(web.Icon(m.Icon), "link"), Account: row.AccountID, Created: row.CreatedAt, Last: last}
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
