package pages

import (
	"slices"

	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// methods are the ways to prove an identity that are on at the moment, in their order.
// Email and password are drawn by the page itself.
func (p *Part) methods(c *plugins.Call, purpose plugins.Purpose) (others []page.Method, emailAndPassword bool) {
	for _, m := range p.available(c, purpose) {
		if m.ID == password.ID {
			emailAndPassword = true
			continue
		}
		if m.Decorates == password.ID {
			others = append(others, decoration(c, m))
		}
		if m.Start != "" || m.Form != nil {
			others = append(others, method(c, m, purpose))
		}
	}
	return others, emailAndPassword
}

func (p *Part) available(c *plugins.Call, purpose plugins.Purpose) []plugins.SignInMethod {
	var list []plugins.SignInMethod
	for _, part := range p.h.Registry.Parts {
		for _, m := range part.SignInMethods {
			if m.Serves(c.Context(), purpose) {
				list = append(list, m)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b plugins.SignInMethod) int { return a.Order - b.Order })
	return list
}

func method(c *plugins.Call, m plugins.SignInMethod, purpose plugins.Purpose) page.Method {
	drawn := page.Method{ID: m.ID, Label: m.Label, Icon: web.Icon(m.Icon), Kind: page.MethodPost, URL: m.Start, First: m.Order < password.Order}
	if m.Form != nil {
		drawn.Kind, drawn.Form = page.MethodForm, m.Form(c, purpose)
	}
	return drawn
}

// decoration is what a method adds to the field for email; the method may have a first
// step of its own besides.
func decoration(c *plugins.Call, m plugins.SignInMethod) page.Method {
	drawn := page.Method{ID: m.ID, Kind: page.MethodDecoration, Attributes: m.Attributes}
	if m.Decoration != nil {
		drawn.Form = m.Decoration(c)
	}
	return drawn
}
