package console

import (
	"net/http"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
)

// compare shows what two subjects may do.
func (p *console) compare(c *plugins.Call) error {
	a, err := p.asked(c)
	if err != nil {
		return err
	}
	view := compareView{asking: a}
	if a.Subject.Subject != nil && a.Other.Subject != nil {
		var realms []auth.Realm
		for _, r := range append(a.realms(a.Subject.Who), a.realms(a.Other.Who)...) {
			if !slices.Contains(realms, r) {
				realms = append(realms, r)
			}
		}
		for _, r := range realms {
			view.Realms = append(view.Realms, p.compared(a, r))
		}
	}
	return c.Page(http.StatusOK, view)
}

// compared are the scopes of a realm that either of two may use.
func (p *console) compared(a asking, r auth.Realm) comparedRealm {
	at := comparedRealm{Realm: r, Matrix: web.Matrix{Caption: a.realmWords(r), Corner: "Permission", Locked: true,
		Columns: []words.Text{words.Raw(a.Subject.Subject.Name), words.Raw(a.Other.Subject.Name)}}}
	second := map[string]scopeLine{}
	others := p.explained(a.Other.Who, r)
	for _, line := range others {
		second[line.Code] = line
	}
	lines := p.explained(a.Subject.Who, r)
	for _, line := range others {
		if !slices.ContainsFunc(lines, func(l scopeLine) bool { return l.Code == line.Code }) {
			lines = append(lines, scopeLine{Code: line.Code, Words: line.Words, Part: line.Part})
		}
	}
	for _, line := range lines {
		one, two := line.usable(a.Subject.Who), second[line.Code].usable(a.Other.Who)
		switch {
		case one && two:
			at.Both++
		case one:
			at.First++
		case two:
			at.Second++
		}
		if one != two || a.All && (one || two) {
			at.Matrix.Rows = append(at.Matrix.Rows, web.MatrixRow{Group: line.Part, Label: line.Words, Code: line.Code, Cells: []web.MatrixCell{{Checked: one}, {Checked: two}}})
		}
	}
	return at
}
