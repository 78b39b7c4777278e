package apikey

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/event"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/plugins/happened"
	"gatehouse/web"
)

// usageDays is how far the usage on the page of a key looks back.
const usageDays = 30

// recentShown bounds what the page of a key says of what happened to it.
const recentShown = 8

// keyView is the page of one key.
type keyView struct {
	keyRow
	Kind *configuration
	Days []Day
	// Barred says that its owner bars it, whatever the key itself is like.
	Barred bool
	// May are its permissions; nil where it may all that its owner may.
	May []keyRight
	// All says what it may do beside its permissions: as a service account, or in session mode
	// as a person.
	All     words.Text
	Made    string // who made it, for those who know people
	Next    *ent.APIKey
	Before  *ent.APIKey
	Recent  web.Rows // what happened to it last, for those who see such
	Explain string   // address of the access explorer
	Rotate  web.Confirm
	Remove  web.Confirm
}

// keyRight is one permission of a key.
type keyRight struct {
	Name  string
	Words words.Text
	// Held says that it counts now: the owner holds it too.
	Held bool
}

func (s *Service) keyPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		v, err := s.keyView(c, at)
		if err != nil {
			return notThere(err)
		}
		return c.Page(http.StatusOK, v)
	}
}

// keyOf reads the key of a request as lists draw it.
func (s *Service) keyOf(c *plugins.Call, at place, scope string) (keyRow, error) {
	row, err := s.keyAt(c.Context(), at, c.Param("id"), scope)
	if err != nil {
		return keyRow{}, notThere(err)
	}
	h := headIn(c.Context(), at)
	owners, err := s.ownersOf(c.Context(), h, []*ent.APIKey{row})
	return s.keyRow(h, row, owners[row.ID]), err
}

func (s *Service) keyView(c *plugins.Call, at place) (keyView, error) {
	ctx := c.Context()
	r, err := s.keyOf(c, at, ScopeRead)
	if err != nil {
		return keyView{}, err
	}
	v := keyView{keyRow: r, Explain: r.explorer(auth.KindAPIKey, r.Row.ID, r.Owner.Org)}
	v.Kind, _ = s.kindOf(r.Row)
	if v.Days, err = s.Usage(ctx, r.Row.ID, usageDays); err != nil {
		return v, err
	}
	if err := s.fillRights(c, &v); err != nil {
		return v, err
	}
	keys := s.keys(ctx).Query
	if next := auth.ValueOf(r.Row.RotatedTo); next != "" {
		if v.Next, err = keys().Where(apikey.ID(next)).Only(ctx); err != nil && !ent.IsNotFound(err) {
			return v, err
		}
	}
	// Of the same owner, so that the reader may open it.
	before, err := keys().Where(apikey.RotatedTo(r.Row.ID), apikey.ReferenceID(r.Row.ReferenceID)).Order(ent.Desc(apikey.FieldCreatedAt)).Limit(1).All(ctx)
	if err != nil {
		return v, err
	}
	if len(before) > 0 {
		v.Before = before[0]
	}
	if r.holds(scopeEvents) {
		rows, err := s.host.DB.Access(ctx).Event().Query().Where(event.SubjectID(r.Row.ID), event.SubjectType("api-key")).
			Order(ent.Desc(event.FieldOccurredAt, event.FieldID)).Limit(recentShown).All(ctx)
		if err != nil {
			return v, err
		}
		if v.Recent, err = (happened.Log{Host: s.host}).Lines(ctx, rows); err != nil {
			return v, err
		}
	}
	if by := r.Row.CreatedBy; by != "" && (at == onPlatform && r.p.Can(scopeUser) || at == inOrganization && r.holds(scopeMembers)) {
		u, err := s.host.Users.ByID(ctx, by)
		if err != nil {
			return v, err
		}
		if u != nil {
			v.Made = u.Name
		}
	}
	if v.canRotate() {
		v.Rotate = ask.At(s.rotateQuestion(c, r), "ask-rotate", r.key(r.Row.ID, "/rotate"))
	}
	if r.Delete {
		v.Remove = ask.At(deleteQuestion(c, r), "ask-delete", r.key(r.Row.ID, "/delete"))
	}
	return v, nil
}

// fillRights says what a key may do.
func (s *Service) fillRights(c *plugins.Call, v *keyView) error {
	asked := permissionsOf(v.Row.Permissions)
	switch {
	case asked == nil && v.Row.OwnerKind == OwnerServiceAccount:
		v.All = "All that the service account may do."
	case v.Row.OwnerKind == OwnerUser && v.Kind.Sessions:
		v.All = "It acts as its owner where no permission is needed, but never changes how they sign in. What needs a permission, it does only if it is named here."
	}
	held := auth.ScopeSet{}
	o, err := s.ownerOf(c.Context(), v.Row)
	if _, v.Barred = asRefusal(err); err != nil && !v.Barred {
		return err
	}
	if err == nil {
		grants, err := s.grantsOf(c.Context(), v.Row, o)
		if err != nil {
			return err
		}
		for _, g := range grants {
			held[g.Scope] = true
		}
	}
	for _, name := range asked.names() {
		v.May = append(v.May, keyRight{name, s.label(name, auth.ValueOf(v.Row.OrganizationID)), held[name]})
	}
	return nil
}

// canRotate reports whether the reader may replace the key.
func (v keyView) canRotate() bool {
	return v.mayRotate() && v.Row.RotatedTo == nil && v.State != stateKindless
}

// mayRotate reports whether the reader may make such a key; one of somebody else is made by
// nobody.
func (r keyRow) mayRotate() bool {
	own := r.Row.OwnerKind != OwnerUser || r.Row.ReferenceID == r.p.Subject
	return own && r.can(ScopeUpdate) && r.can(ScopeCreate)
}

// switchKey stops a key, or lets it work again.
func (s *Service) switchKey(at place, on bool) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		r, err := s.keyOf(c, at, ScopeUpdate)
		if err != nil {
			return err
		}
		if _, err := s.SetEnabled(c.Context(), r.Row.ID, on); err != nil {
			return err
		}
		back := r.key(r.Row.ID, "")
		if person := personKeys(r.Row.ReferenceID); c.Form("back") == person {
			back = person
		}
		text, undo := words.F("%s is disabled: it is refused from now on.", called(r.Row)), "/enable"
		if on {
			text, undo = words.F("%s works again.", called(r.Row)), "/disable"
			if _, err := s.ownerOf(c.Context(), r.Row); err != nil {
				text = words.F("%s is enabled. It is refused until its owner is there again.", called(r.Row))
			}
		}
		if !on && s.mayRevive(c.Context(), r.Row) != nil {
			c.Flash("good", text)
			return c.SeeOther(back)
		}
		c.FlashUndo(text, plugins.Undo{Path: r.key(r.Row.ID, undo), Fields: map[string][]string{"back": {back}}})
		return c.SeeOther(back)
	}
}

// personKeys is the tab of a person's keys.
func personKeys(user string) string { return "/admin/users/" + user + "/api-keys" }

func (r keyRow) crumbs() []web.Crumb {
	return r.trail(r.keysCrumb(), web.Crumb{Label: words.Raw(called(r.Row)), Href: r.key(r.Row.ID, "")})
}

// rotateAct replaces a key by a new one.
func (s *Service) rotateAct(at place) ask.Act[keyRow] {
	return ask.Act[keyRow]{Path: at.keys() + "/:id/rotate", Summary: "Replace an API key by a new one", Access: at.changing(ScopeUpdate), Dangerous: true,
		Load: func(c *plugins.Call) (keyRow, error) {
			r, err := s.keyOf(c, at, ScopeUpdate)
			switch {
			case err != nil || r.mayRotate():
				return r, err
			case auth.ValueOf(r.Row.OrganizationID) != "":
				return r, auth.ErrForbidden.ForIn(auth.ValueOf(r.Row.OrganizationID), ScopeCreate)
			}
			return r, auth.ErrForbidden.For(ScopeCreate)
		},
		Question: s.rotateQuestion, Trail: func(_ *plugins.Call, r keyRow) []web.Crumb { return r.crumbs() },
		Do: func(c *plugins.Call, r keyRow) error {
			hours, err := strconv.Atoi(c.Form("overlap"))
			if err != nil || hours < 0 || hours > int(maxOverlap/time.Hour) {
				return ErrOverlap
			}
			made, err := s.Rotate(c.Context(), r.Row.ID, time.Duration(hours)*time.Hour)
			if err != nil {
				return notThere(err)
			}
			kind, err := s.choose(made.Row.ConfigID)
			if err != nil {
				return err
			}
			return s.handOver(c, r.head, kind, made, "The new key")
		}}
}

func (s *Service) rotateQuestion(_ *plugins.Call, r keyRow) web.Confirm {
	var options []web.Option
	for _, d := range overlap {
		o := web.Option{Value: strconv.Itoa(int(d / time.Hour)), Label: web.Span(d)}
		if d == 0 {
			o.Label = "It ends now"
		}
		options = append(options, o)
	}
	return web.Confirm{Title: words.F("Replace %s?", called(r.Row)), Text: "A new key takes over with the same name, permissions and limits. It is shown once. The old one goes on for a while, so that nothing stops meanwhile; both count together.",
		Verb: "Make the new key", Fields: []templ.Component{web.Select{Name: "overlap", ID: "overlap", Label: "How long the old key still works", Options: options, Value: "24"}}}
}

// deleteAct asks before a key is deleted.
func (s *Service) deleteAct(at place) ask.Act[keyRow] {
	return ask.Act[keyRow]{Path: at.keys() + "/:id/delete", Summary: "Delete an API key", Access: at.changing(ScopeDelete),
		Load:     func(c *plugins.Call) (keyRow, error) { return s.keyOf(c, at, ScopeDelete) },
		Question: deleteQuestion, Trail: func(_ *plugins.Call, r keyRow) []web.Crumb { return r.crumbs() },
		Do: func(c *plugins.Call, r keyRow) error {
			if err := s.Delete(c.Context(), r.Row.ID); err != nil {
				return notThere(err)
			}
			c.Flash("good", words.F("%s is deleted.", called(r.Row)))
			return c.SeeOther(r.keys(""))
		}}
}

func deleteQuestion(_ *plugins.Call, r keyRow) web.Confirm {
	return web.Confirm{Title: words.F("Delete %s?", called(r.Row)), Text: "Whatever uses it stops working at once, and its usage is forgotten. This cannot be undone.", Verb: "Delete key", Danger: true}
}

// keyForm is the form to change a key.
type keyForm struct {
	keyRow
	Form   web.Form
	Kind   *configuration
	To     *keyFor
	Rights rights
	// Had are the permissions of the key that the reader can give, sorted. Beyond are those
	// that they cannot: saving others than these takes them away.
	Had    []string
	Beyond []words.Text
	Shape  bool
	Now    time.Time
}

// keyForm reads the form of a key as it was sent, or as the key is.
func (s *Service) keyForm(c *plugins.Call, at place) (keyForm, error) {
	r, err := s.keyOf(c, at, ScopeUpdate)
	if err != nil {
		return keyForm{}, err
	}
	f := keyForm{keyRow: r, Shape: shapes(r.p, r.Row.OwnerKind), Now: s.now()}
	f.Kind, _ = s.kindOf(r.Row)
	// The owner may be gone or disabled: then only name, end and limits are changed.
	f.To, err = s.keyFor(c.Context(), r.head, Owner{r.Row.OwnerKind, r.Row.ReferenceID})
	if _, refused := asRefusal(err); err != nil && !refused {
		return f, err
	}
	asked := permissionsOf(r.Row.Permissions)
	if f.To != nil && r.mayRotate() {
		if f.Rights, err = s.rightsFor(c.Context(), f.To, asked); err != nil {
			return f, err
		}
	}
	boxes, others := f.Rights.split(asked)
	var custom []string
	for _, name := range others {
		if f.Rights.Custom && !s.declared(name, auth.ValueOf(r.Row.OrganizationID)) {
			custom = append(custom, name)
		} else {
			f.Beyond = append(f.Beyond, s.label(name, auth.ValueOf(r.Row.OrganizationID)))
		}
	}
	f.Had = slices.Sorted(slices.Values(slices.Concat(boxes, custom)))
	if c.Request.Method == http.MethodPost {
		_ = c.Form(fieldName)
		f.Form.Values = c.Request.PostForm
		return f, nil
	}
	f.Form.Values = map[string][]string{fieldName: {auth.ValueOf(r.Row.Name)}, fieldScope: boxes, fieldCustom: {strings.Join(custom, "\n")}, fieldWhole: {"some"},
		fieldRate: {text(r.Row.RateLimitMax)}, fieldWindow: {text(r.Row.RateLimitTimeWindow)}, fieldRemaining: {text(r.Row.Remaining)},
		fieldRefill: {text(r.Row.RefillAmount)}, fieldEvery: {text(r.Row.RefillInterval)}}
	if asked == nil {
		f.Form.Values.Set(fieldWhole, wholeAll)
	}
	if !r.Row.RateLimitEnabled {
		f.Form.Values.Set(fieldRate, "")
	}
	return f, nil
}

func text(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func (s *Service) editKeyPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		f, err := s.keyForm(c, at)
		if err != nil {
			return err
		}
		return c.Page(http.StatusOK, f)
	}
}

func (s *Service) saveKey(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		f, err := s.keyForm(c, at)
		if err != nil {
			return err
		}
		change, errs := f.change()
		if len(errs) > 0 {
			f.Form.Errors = errs
			return c.Page(http.StatusUnprocessableEntity, f)
		}
		if _, err := s.Change(c.Context(), f.Row.ID, change); err != nil && !errors.Is(err, ErrNothingToUpdate) {
			answer, _, ok := ask.Refused(c, err)
			if !ok {
				return notThere(err)
			}
			f.Form = refusedForm(f.Form, answer, err)
			return c.Page(auth.AsError(err).Status, f)
		}
		c.Flash("good", words.F("%s is saved.", called(f.Row)))
		return c.SeeOther(f.key(f.Row.ID, ""))
	}
}

// Ends of a key that a form names beside days.
const (
	lifeStays   = ""
	lifeForever = "forever"
)

// change is what the form changes, with what is wrong in it.
func (f keyForm) change() (Change, []web.FieldError) {
	var ch Change
	var errs []web.FieldError
	if name := strings.TrimSpace(f.Form.Value(fieldName)); name != auth.ValueOf(f.Row.Name) {
		ch.Name = &name
		if name == "" || f.Kind.checkName(name) != nil {
			errs = append(errs, web.FieldError{Field: fieldName, Text: words.F("Enter a name of %d to %d characters.", max(1, f.Kind.MinName), f.Kind.MaxName)})
		}
	}
	switch life := f.Form.Value(fieldLife); life {
	case lifeStays:
	case lifeForever:
		ch.Forever = true
	default:
		ch.ExpiresIn = seconds(life)
	}
	if f.Rights.any() {
		p, wrong := f.Rights.permissions(f.Form)
		errs = append(errs, wrong...)
		had := permissionsOf(f.Row.Permissions) != nil
		if !slices.Equal(p.names(), f.Had) || (p != nil) != had && f.Rights.Whole {
			ch.Permissions, ch.NoPermissions = p, p == nil
		}
	}
	if f.Shape {
		l, wrong := limitsOf(f.Form, f.Kind.RateLimit.Enabled)
		errs = append(errs, wrong...)
		f.limits(&ch, l)
	}
	return ch, errs
}

// limits are the changes of limits.
func (f keyForm) limits(ch *Change, l keyLimits) {
	row := f.Row
	if on := l.Rate != nil; f.Kind.RateLimit.Enabled {
		if on != row.RateLimitEnabled {
			ch.RateLimitEnabled = &on
		}
		if on && (!equal(l.Rate, row.RateLimitMax) || !equal(l.Window, row.RateLimitTimeWindow)) {
			ch.RateLimitMax, ch.RateLimitTimeWindow = l.Rate, l.Window
		}
	}
	switch {
	case l.Remaining == nil:
		ch.NoRemaining = row.Remaining != nil
	case f.Form.Value("was") != f.Form.Value(fieldRemaining): // it counts down meanwhile
		ch.Remaining = l.Remaining
	}
	switch {
	case l.Refill == nil:
		ch.NoRefill = row.RefillAmount != nil
	case !equal(l.Refill, row.RefillAmount) || !equal(l.Every, row.RefillInterval):
		ch.RefillAmount, ch.RefillInterval = l.Refill, l.Every
	}
}

func equal(a, b *int64) bool { return text(a) == text(b) }
