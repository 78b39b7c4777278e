// Package ask is what acts behind a question are made of: the page that asks, the form that
// comes back with the reason when an act is refused, and the page that shows once what has
// to be handed over. An [Act] declares the question and the act once; its two routes follow.
package ask

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Act is something that is done to a subject T after a question.
type Act[T any] struct {
	// Path of both routes: GET asks, POST does.
	Path    string
	Summary words.Text
	Access  plugins.Access
	// Dangerous acts need a recent proof of identity; asking does not.
	Dangerous bool
	// Load reads the subject and judges whether the act is possible at all.
	Load func(*plugins.Call) (T, error)
	// Question is asked; addresses and the form are filled in.
	Question func(*plugins.Call, T) web.Confirm
	// Trail leads to the page that asks; its last step is where Cancel leads.
	Trail func(*plugins.Call, T) []web.Crumb
	// Do does it and writes the answer when it worked.
	Do func(*plugins.Call, T) error
}

// Routes are the two routes of the act.
func (a Act[T]) Routes() []plugins.Route {
	acts := a.Access
	acts.Dangerous = a.Dangerous
	return []plugins.Route{
		{Method: http.MethodGet, Path: a.Path, Summary: words.F("Asks: %s", a.Summary), Access: a.Access, Handle: a.ask},
		{Method: http.MethodPost, Path: a.Path, Summary: a.Summary, Access: acts, Handle: a.act},
	}
}

func (a Act[T]) ask(c *plugins.Call) error {
	subject, err := a.Load(c)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, a.page(c, subject, web.Form{}))
}

func (a Act[T]) act(c *plugins.Call) error {
	subject, err := a.Load(c)
	if err != nil {
		return err
	}
	if err = a.Do(c, subject); err == nil {
		return nil
	}
	form, status, ok := Refused(c, err)
	if !ok {
		return err
	}
	return c.Page(status, a.page(c, subject, form))
}

func (a Act[T]) page(c *plugins.Call, subject T, form web.Form) Page {
	q, trail := a.Question(c, subject), a.Trail(c, subject)
	q.Form = form
	for i, field := range q.Fields {
		q.Fields[i] = answered(field, form)
	}
	q.Page, q.URL = c.Request.URL.Path, c.Request.URL.Path
	if len(trail) > 0 {
		q.Cancel = trail[len(trail)-1].Href
	}
	return Page{q, trail}
}

// answered is a field of a question with what is wrong with its answer.
func answered(field templ.Component, form web.Form) templ.Component {
	switch f := field.(type) {
	case web.Field:
		f.Error = cmp.Or(f.Error, form.Error(f.Name))
		return f
	case web.Select:
		f.Error = cmp.Or(f.Error, form.Error(f.Name))
		return f
	case web.Checkboxes:
		f.Error = cmp.Or(f.Error, form.Error(f.Name))
		return f
	}
	return field
}

// At is a question for a dialog on another page: at is the address of the act.
func At(q web.Confirm, id, at string) web.Confirm {
	q.ID, q.Page, q.URL = id, at, at
	return q
}

// Page is the page that asks, for readers without scripts and for refused acts.
type Page struct {
	Confirm web.Confirm
	Trail   []web.Crumb
}

// Refused turns a refusal into a form that came back. Errors of the server, and those that
// are no affair of the form, are not turned: ok is false.
func Refused(c *plugins.Call, err error) (form web.Form, status int, ok bool) {
	e := auth.AsError(err)
	if errors.Is(err, auth.ErrStepUpRequired) || e.Status >= http.StatusInternalServerError || e.Status == http.StatusNotFound || e.Status == http.StatusUnauthorized {
		return web.Form{}, 0, false
	}
	if !e.HeldUntil.IsZero() {
		e = heldUntil(c, e)
	}
	form = web.Form{Values: c.Request.PostForm, Errors: FieldErrors(e)}
	if len(e.Fields) == 0 {
		form.Message = e.Message
	}
	return form, e.Status, true
}

// heldUntil says until when the actor may, in their time zone.
func heldUntil(c *plugins.Call, e *auth.Error) *auth.Error {
	until := words.Minute(e.HeldUntil.In(c.View.Zone(c)))
	if len(e.Fields) == 0 {
		return e.Saying("You hold this only until %s.", until)
	}
	said := e.Saying("You hold this only until %s. Choose an end that is not later.", until)
	for field := range e.Fields {
		said = said.At(field)
	}
	return said
}

// FieldErrors are the texts of an error for the fields of a form.
func FieldErrors(e *auth.Error) (list []web.FieldError) {
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		list = append(list, web.FieldError{Field: name, Text: e.Fields[name]})
	}
	return list
}
