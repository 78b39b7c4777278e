package admin

import (
	"cmp"
	"context"
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// userURL is the page of a person, or a part of it.
func userURL(id, part string) string {
	address := usersPath + "/" + url.PathEscape(id)
	if part != "" {
		address += "/" + part
	}
	return address
}

// personOf is a person as the design system draws them. A picture on another server is
// never loaded (decisions 35).
func personOf(u *ent.User) web.Person {
	p := web.Person{ID: u.ID, Name: u.Name, Email: u.Email}
	if u.Image != nil {
		p.Image = *u.Image
	}
	return p
}

// shownName is what a person is called where there is room for one line.
func shownName(u *ent.User) string { return cmp.Or(strings.TrimSpace(u.Name), u.Email) }

// userHead is what all pages about one person share: who it is, and what is possible.
type userHead struct {
	User   *ent.User
	Roles  []string
	Banned bool
	Lock   *lock // slowed or locked after wrong passwords
	Can    possible
	Tabs   web.Tabs
	// Asks are the questions of the acts that are possible.
	Asks []question
}

// question is one act with the dialog that asks before it.
type question struct {
	act     act
	Confirm web.Confirm
}

// head loads a person with what the principal may do to them.
func (s *Service) head(c *plugins.Call) (userHead, error) {
	u, err := s.Get(c.Context(), c.Param("id"))
	if err != nil {
		return userHead{}, err
	}
	can, err := s.possible(c.Context(), u)
	if err != nil {
		return userHead{}, err
	}
	h := userHead{User: u, Roles: s.RolesOf(u), Banned: Banned(u, s.now()), Can: can, Tabs: s.userTabs(c, u.ID)}
	if h.Lock, err = s.lockOf(c.Context(), u); err != nil {
		return h, err
	}
	for _, a := range s.acts() {
		if a.possible(can) {
			h.Asks = append(h.Asks, question{a, s.confirm(c.Context(), a, u, can, web.Form{})})
		}
	}
	return h, nil
}

// userTabs are the own tabs and those of other plugins that the principal may see.
func (s *Service) userTabs(c *plugins.Call, id string) web.Tabs {
	p := c.Principal()
	items := []web.NavItem{{Label: "Profile", Icon: "user", Href: userURL(id, ""), Exact: true}, {Label: "Sign-in methods", Icon: "key-round", Href: userURL(id, "accounts")}}
	if p.Can(ScopeSessionList) {
		items = append(items, web.NavItem{Label: "Sessions and devices", Icon: "monitor", Href: userURL(id, "sessions")})
	}
	items = append(items, web.NavItem{Label: "Access", Icon: "shield-check", Href: userURL(id, "access")})
	if p.Can(ScopeEvents) {
		items = append(items, web.NavItem{Label: "Activity", Icon: "history", Href: userURL(id, "activity")})
	}
	for _, t := range s.foreignTabs() {
		if p.Can(t.Scope) && (t.Visible == nil || t.Visible(c.Context(), id)) {
			items = append(items, web.NavItem{Label: t.Label, Icon: web.Icon(t.Icon), Href: userURL(id, t.ID)})
		}
	}
	return web.Tabs{Label: "Parts of this person", Items: items}
}

// foreignTabs are the tabs that other plugins have about people, in order.
func (s *Service) foreignTabs() []plugins.Tab {
	var tabs []plugins.Tab
	for _, part := range s.host.Registry.Parts {
		for _, t := range part.Tabs {
			if t.Entity == "user" {
				tabs = append(tabs, t)
			}
		}
	}
	slices.SortStableFunc(tabs, func(a, b plugins.Tab) int { return cmp.Compare(a.Order, b.Order) })
	return tabs
}

// profileView is the first page about a person.
type profileView struct {
	userHead
	Form     web.Form
	LastSeen time.Time
	Fields   []auth.Field // further ones, as settings and plugins declare them
	Duties   []openDuty
}

// Parts of the profile that are saved on their own, the name and address apart.
const (
	partFields   = "fields"
	partNote     = "note"
	partMetadata = "metadata"
)

// fieldPrefix stands before the name of a further field in its form.
const fieldPrefix = "field."

// actsForDuty are the acts that help with a duty, the first possible one is offered.
var actsForDuty = map[string][]string{"verify-address": {"send-verification", "verify"}, "way-in": {"reset", "temporary"}}

// ask is the question of the first act of a list that is possible.
func (h userHead) ask(names ...string) (question, bool) {
	for _, name := range names {
		for _, q := range h.Asks {
			if q.act.name == name {
				return q, true
			}
		}
	}
	return question{}, false
}

func noteOf(u *ent.User) string {
	if u.AdminNote == nil {
		return ""
	}
	return *u.AdminNote
}

func (s *Service) userPage(c *plugins.Call) error { return s.drawProfile(c, http.StatusOK, web.Form{}) }

func (s *Service) drawProfile(c *plugins.Call, status int, form web.Form) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	view := profileView{userHead: head, Form: form, Fields: s.furtherFields()}
	if view.Duties, err = s.openDuties(c.Context(), head.User); err != nil {
		return err
	}
	rows, err := s.host.Sessions.List(c.Context(), head.User.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if seen := lastSeen(row); row.ImpersonatedBy == nil && seen.After(view.LastSeen) {
			view.LastSeen = seen
		}
	}
	return c.Page(status, view)
}

// furtherFields are the declared fields that live in the JSON column.
func (s *Service) furtherFields() []auth.Field {
	return slices.DeleteFunc(s.host.Fields.Of("user"), func(f auth.Field) bool { return f.Column || own(f.Name) })
}

// editPage changes a part of the profile. What is as before is not touched.
func (s *Service) editPage(c *plugins.Call) error {
	u, err := s.Get(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	change, form := s.readChange(c, u)
	if form.Failed() {
		return s.drawProfile(c, http.StatusUnprocessableEntity, form)
	}
	if change.empty() {
		return c.SeeOther(userURL(u.ID, ""))
	}
	// Who changes the address can have a new password sent there.
	if err := s.proofFor(c, change.Email != nil); err != nil {
		return err
	}
	if _, err := s.Update(c.Context(), u.ID, change); err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return s.drawProfile(c, status, form)
	}
	c.Flash("good", "Saved.")
	return c.SeeOther(userURL(u.ID, ""))
}

const maxName = 200

// readChange reads the part of the profile that was sent.
func (s *Service) readChange(c *plugins.Call, u *ent.User) (Change, web.Form) {
	form := web.Form{Values: c.Request.PostForm}
	switch c.Form("part") {
	case partFields:
		return s.readFields(c, u, form)
	case partNote:
		return readNote(c, u), form
	case partMetadata:
		data, err := ParseMetadata(c.Form("metadata"))
		if err != nil {
			form.Errors = ask.FieldErrors(auth.AsError(err))
			return Change{}, form
		}
		change := Change{}
		change.Metadata.Present, change.Metadata.Value = metadataText(data) != metadataText(u.AdminMetadata), data
		return change, form
	}
	return readIdentity(c, u, form)
}

func readIdentity(c *plugins.Call, u *ent.User, form web.Form) (Change, web.Form) {
	var change Change
	if name := c.Form("name"); c.Request.PostForm.Has("name") && name != u.Name {
		change.Name = &name
		if name == "" || len([]rune(name)) > maxName {
			form.Errors = append(form.Errors, web.FieldError{Field: "name", Text: "A name has 1 to 200 characters."})
		}
	}
	if !c.Request.PostForm.Has("email") {
		return change, form
	}
	if address := c.Form("email"); address != u.Email {
		change.Email = &address
	}
	if verified := c.Form("emailVerified") == "on"; verified != u.EmailVerified {
		change.EmailVerified = &verified
	}
	return change, form
}

func readNote(c *plugins.Call, u *ent.User) (change Change) {
	// Browsers send the line ends of a text area in two characters.
	note := strings.ReplaceAll(c.Form("note"), "\r\n", "\n")
	change.Note.Present, change.Note.Value = note != noteOf(u), note
	return change
}

// readFields reads the further fields by their declared types. An empty one is nothing.
func (s *Service) readFields(c *plugins.Call, u *ent.User, form web.Form) (Change, web.Form) {
	change := Change{Fields: map[string]any{}}
	for _, f := range s.furtherFields() {
		text := strings.ReplaceAll(c.Form(fieldPrefix+f.Name), "\r\n", "\n")
		stored := u.AdditionalFields[f.Name]
		if same, ok := f.Read(text); text == f.Write(stored) || ok && reflect.DeepEqual(same, stored) {
			continue
		}
		value, err := readField(f, text)
		if err != "" {
			form.Errors = append(form.Errors, web.FieldError{Field: fieldPrefix + f.Name, Text: err})
			continue
		}
		change.Fields[f.Name] = value
	}
	return change, form
}

func readField(f auth.Field, text string) (any, words.Text) {
	if text == "" && f.Type != "boolean" {
		if f.Required {
			return nil, "This is needed."
		}
		return nil, ""
	}
	value, ok := f.Read(text)
	if !ok || !storable(value) {
		return nil, cmp.Or(f.Wrong(), "This cannot be stored.")
	}
	if f.Check != nil {
		if err := f.Check(value); err != nil {
			return nil, words.Raw(err.Error())
		}
	}
	return value, ""
}

// refusedForm turns a refusal into a form that came back.
func refusedForm(c *plugins.Call, err error) (web.Form, int, bool) {
	e := pageWords(err)
	return ask.Refused(c, e.Saying(sayRefusal(e)))
}

// tabPage draws a tab of another plugin in the frame of the person.
func (s *Service) tabPage(c *plugins.Call) error {
	for _, t := range s.foreignTabs() {
		if t.ID != c.Param("tab") {
			continue
		}
		if !c.Principal().Can(t.Scope) {
			refused := *auth.ErrForbidden
			refused.Scope = t.Scope
			return &refused
		}
		head, err := s.head(c)
		if err != nil {
			return err
		}
		if t.Visible != nil && !t.Visible(c.Context(), head.User.ID) {
			break
		}
		body, err := t.Draw(c, head.User.ID)
		if err != nil {
			return err
		}
		return c.Page(http.StatusOK, tabView{head, body})
	}
	return auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
}

// tabView is the tab of another plugin.
type tabView struct {
	userHead
	Body templ.Component
}

// accountsView is how a person signs in.
type accountsView struct {
	userHead
	List []*ent.Account
	Name func(provider string) words.Text
}

func (s *Service) accountsPage(c *plugins.Call) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	list, err := s.host.Users.Accounts(c.Context(), head.User.ID)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, accountsView{head, list, s.host.Registry.MethodName})
}

// accessView is what a person may do, and why.
type accessView struct {
	userHead
	Access Access
	Parts  map[string]words.Text // the names of plugins
	Timed  []*ent.TimedRole
	Give   []string // roles that the reader may give for a time
	Form   web.Form
	// Explorer is the address of the access explorer; "" for those who may not ask there.
	Explorer string
}

func (s *Service) accessPage(c *plugins.Call) error {
	return s.drawAccess(c, http.StatusOK, web.Form{})
}

func (s *Service) drawAccess(c *plugins.Call, status int, form web.Form) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	view := accessView{userHead: head, Parts: s.partNames(), Form: form}
	if view.Access, err = s.AccessOf(c.Context(), head.User.ID); err != nil {
		return err
	}
	if view.Timed, err = s.TimedRoles(c.Context(), head.User.ID); err != nil {
		return err
	}
	if head.Can.Role {
		view.Give = s.timedRolesToGive(c.Context())
	}
	view.Explorer = plugins.Explorer(c.Principal(), nil, auth.KindUser, head.User.ID)
	return c.Page(status, view)
}

// confirm is the question of an act about a person.
func (s *Service) confirm(ctx context.Context, a act, u *ent.User, can possible, form web.Form) web.Confirm {
	q := a.confirm(s, ctx, u, can, form)
	q.ID, q.Page, q.URL, q.Cancel, q.Form = "ask-"+a.name, userURL(u.ID, a.name), userURL(u.ID, a.name), userURL(u.ID, ""), form
	return q
}
