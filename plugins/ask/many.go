package ask

import (
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// Many asks before an act on selected rows of a list is carried out.
type Many[T any] struct {
	List *list.List[T]
	// There are those of the ids that name a row.
	There func(*plugins.Call, []string) ([]string, error)
	// Question is what is asked about so many rows.
	Question func(n int) web.Confirm
	Trail    func(*plugins.Call) []web.Crumb
	// Do carries the act out ([list.List.Do]).
	Do func(*plugins.Call) error
}

// Handle asks, and carries out what was answered. Rows that are gone are not asked about.
func (m Many[T]) Handle(c *plugins.Call) error {
	ids, err := m.List.Chosen(c)
	if err != nil || c.Form("sure") == "yes" {
		return m.Do(c) // which says what is wrong
	}
	there, err := m.There(c, ids)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		c.Flash("warn", list.Gone(len(ids)))
		return c.SeeOther(m.List.Back(c))
	}
	q := m.Question(len(there))
	if gone := len(ids) - len(there); gone > 0 {
		q.Text = words.Join(" ", q.Text, list.Gone(gone))
	}
	q.URL, q.Cancel = c.Request.URL.Path, m.List.Back(c)
	q.Hidden = map[string]string{"sure": "yes", "filter": c.Form("filter")}
	q.Fields = append([]templ.Component{web.HiddenAll{Name: "id", Values: there}}, q.Fields...)
	return c.Page(http.StatusOK, Page{Trail: m.Trail(c), Confirm: q})
}
