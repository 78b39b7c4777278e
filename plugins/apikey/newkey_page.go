package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// Steps of the wizard.
const (
	stepOwner  = "owner"
	stepName   = "name"
	stepRights = "permissions"
	stepLimits = "limits"
)

// wizard makes a key in some steps. What was said in others travels as hidden fields.
type wizard struct {
	head
	Form   web.Form
	Step   string
	Owners []web.Option
	More   bool    // there are more owners than are offered
	To     *keyFor // nil until it is chosen
	Kinds  []*configuration
	Kind   *configuration // nil: there is none for the owner
	Rights rights
	// Standard are the permissions that the kind gives a key for which none are chosen. The
	// settings say so, whatever the one who makes the key may do.
	Standard []words.Text
	Shape    bool // limits may be set
}

// maxOwners bounds the owners that the wizard offers at once; a search finds the others.
const maxOwners = 50

// wizard reads the form as it was sent.
func (s *Service) wizard(c *plugins.Call, at place) (wizard, error) {
	_ = c.Form(fieldOwner) // reads the form
	w := wizard{head: headIn(c.Context(), at), Form: web.Form{Values: url.Values{}}, Step: stepOwner}
	for name, values := range c.Request.Form {
		w.Form.Values[name] = values
	}
	if step := c.Form("step"); slices.Contains([]string{stepOwner, stepName, stepRights, stepLimits}, step) {
		w.Step = step
	}
	ctx := c.Context()
	if at == inAccount {
		w.Form.Values.Set(fieldOwner, Owner{OwnerUser, w.p.Subject}.option())
	} else {
		var err error
		if w.Owners, w.More, err = s.ownerOptions(ctx, w.head, w.find()); err != nil {
			return w, err
		}
	}
	if kind, id, ok := strings.Cut(w.Form.Value(fieldOwner), ":"); ok {
		to, err := s.keyFor(ctx, w.head, Owner{kind, id})
		if e, refused := asRefusal(err); refused {
			w.Form.Errors = []web.FieldError{{Field: fieldOwner, Text: e.Message}}
		} else if err != nil {
			return w, err
		}
		w.To = to
	}
	if w.To == nil {
		w.Step = stepOwner
		return w, nil
	}
	if at != inAccount && !slices.ContainsFunc(w.Owners, func(o web.Option) bool { return o.Value == w.To.option() }) {
		w.Owners = append(w.Owners, web.Option{Value: w.To.option(), Label: w.To.Name})
	}
	w.Kinds = s.kindsFor(w.To)
	w.Kind = chosenKind(w.Kinds, w.Form.Value(fieldKind))
	w.Shape = shapes(w.p, w.To.Kind)
	var err error
	if w.Rights, err = s.rightsFor(ctx, w.To, nil); err != nil || w.Kind == nil || w.Rights.Whole {
		return w, err
	}
	standard, err := w.Kind.permissionsFor(ctx, w.To.ID)
	for _, name := range standard.names() {
		w.Standard = append(w.Standard, s.label(name, w.To.Org))
	}
	return w, err
}

// fieldFind is what is searched among owners.
const fieldFind = "find"

// find is the search among owners.
func (w wizard) find() string { return strings.TrimSpace(w.Form.Value(fieldFind)) }

// ownerOptions are whom the wizard makes keys for: the organization itself and its service
// accounts; on the platform its own accounts and those of organizations. more says that
// others match besides.
func (s *Service) ownerOptions(ctx context.Context, h head, find string) (options []web.Option, more bool, err error) {
	query := s.host.DB.Access(ctx).Platform().ServiceAccount().Query()
	if h.at == inOrganization {
		query = s.host.DB.Access(ctx).Organization(h.org.ID).ServiceAccount().Query()
		options = append(options, web.Option{Value: Owner{OwnerOrganization, h.org.ID}.option(), Label: words.F("%s itself", h.org.Name)})
		if !h.holds(ScopeAccountRead) {
			return options, false, nil
		}
	}
	if find != "" {
		query.Where(serviceaccount.NameContainsFold(find))
	}
	rows, err := query.Where(serviceaccount.Enabled(true), serviceaccount.Or(serviceaccount.EndsAtIsNil(), serviceaccount.EndsAtGT(s.now()))).
		Order(platformFirst, serviceaccount.ByOrganizationID(), ent.Asc(serviceaccount.FieldName, serviceaccount.FieldID)).Limit(maxOwners + 1).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("reading service accounts: %w", err)
	}
	more = len(rows) > maxOwners
	orgs := map[string]*plugins.Organization{}
	for _, row := range rows[:min(len(rows), maxOwners)] {
		org, err := s.organizationOnce(ctx, orgs, auth.ValueOf(row.OrganizationID))
		if err != nil {
			return nil, false, err
		}
		o := web.Option{Value: Owner{OwnerServiceAccount, row.ID}.option(), Label: h.accountName(row.Name, org), Group: "Service accounts"}
		if h.at == onPlatform {
			o.Group = "Service accounts of the platform"
			if org != nil {
				o.Group = words.F("Service accounts of %s", org.Name)
			}
		}
		options = append(options, o)
	}
	return options, more, nil
}

// platformFirst orders what belongs to no organization first, on every database.
func platformFirst(q *sql.Selector) {
	q.OrderExpr(sql.Expr("(" + q.C(serviceaccount.FieldOrganizationID) + " IS NULL) DESC"))
}

// steps are those that the way has.
func (w wizard) steps() []string {
	var steps []string
	if w.at != inAccount {
		steps = append(steps, stepOwner)
	}
	steps = append(steps, stepName)
	if w.To == nil || w.Rights.any() {
		steps = append(steps, stepRights)
	}
	return append(steps, stepLimits)
}

// move goes to a step before or after.
func (w *wizard) move(by int) {
	steps := w.steps()
	i := slices.Index(steps, w.Step) + by
	w.Step = steps[max(0, min(i, len(steps)-1))]
}

// check judges the fields of a step.
func (w wizard) check(step string) []web.FieldError {
	switch step {
	case stepOwner:
		if w.To == nil {
			return []web.FieldError{{Field: fieldOwner, Text: "Choose who owns the key."}}
		}
	case stepName:
		name := strings.TrimSpace(w.Form.Value(fieldName))
		if w.Kind == nil {
			return []web.FieldError{{Field: fieldName, Text: "The settings have no kind of keys for this owner."}}
		}
		if name == "" || w.Kind.checkName(name) != nil {
			return []web.FieldError{{Field: fieldName, Text: words.F("Enter a name of %d to %d characters.", max(1, w.Kind.MinName), w.Kind.MaxName)}}
		}
		if life := seconds(w.Form.Value(fieldLife)); life != nil {
			if err := w.Kind.checkLife(*life); err != nil {
				return []web.FieldError{{Field: fieldLife, Text: auth.AsError(err).Message}}
			}
		}
	case stepRights:
		_, errs := w.Rights.permissions(w.Form)
		return errs
	case stepLimits:
		if w.Shape {
			_, errs := limitsOf(w.Form, w.Kind.RateLimit.Enabled)
			return errs
		}
	}
	return nil
}

func (s *Service) newKeyPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		w, err := s.wizard(c, at)
		if err != nil {
			return err
		}
		if w.To != nil { // an address that names the owner
			w.Step = stepName
		}
		return c.Page(http.StatusOK, w)
	}
}

// newKeyStep goes a step on or back.
func (s *Service) newKeyStep(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		w, err := s.wizard(c, at)
		if err != nil {
			return err
		}
		if c.Form("go") == "back" {
			w.Form.Errors = nil
			w.move(-1)
			return c.Page(http.StatusOK, w)
		}
		if c.Form("go") == "find" {
			w.Form.Errors, w.Step = nil, stepOwner
			return c.Page(http.StatusOK, w)
		}
		if errs := w.check(w.Step); len(errs) > 0 {
			if len(w.Form.Errors) == 0 {
				w.Form.Errors = errs
			}
			return c.Page(http.StatusUnprocessableEntity, w)
		}
		w.move(1)
		return s.drawStep(c, http.StatusOK, w)
	}
}

// drawStep draws a step that follows another; the last one sends a value that is good for one
// key.
func (s *Service) drawStep(c *plugins.Call, status int, w wizard) error {
	if w.last() {
		once, err := s.formValue(c.Context())
		if err != nil {
			return err
		}
		w.Form.Values.Set(fieldOnce, once)
	}
	return c.Page(status, w)
}

// sentAgain leads from a form that made a key to what it made; false where it made none.
func (s *Service) sentAgain(c *plugins.Call, w wizard) (bool, error) {
	id, err := s.madeBy(c.Context(), w.Form.Value(fieldOnce))
	if err != nil || id == "" {
		return false, err
	}
	to := w.key(id, "")
	if _, err := s.keyAt(c.Context(), w.at, id, ScopeRead); err != nil {
		if _, refused := asRefusal(err); !refused {
			return false, err
		}
		to = w.keys("") // it is gone, or in a storage alone
	}
	c.Flash("warn", "This form has made its key already, and no second one. The secret was shown once.")
	return true, c.SeeOther(to)
}

// makeKey makes the key and shows it, once.
func (s *Service) makeKey(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		w, err := s.wizard(c, at)
		if err != nil {
			return err
		}
		for _, step := range w.steps() {
			if errs := w.check(step); len(errs) > 0 {
				w.Step, w.Form.Errors = step, errs
				return c.Page(http.StatusUnprocessableEntity, w)
			}
		}
		made, err := s.CreateFor(c.Context(), w.To.Owner, w.asked())
		if errors.Is(err, ErrFormSpent) {
			if again, err := s.sentAgain(c, w); again || err != nil {
				return err
			}
			w.Step, w.Form.Message = stepLimits, ErrFormSpent.Message
			return s.drawStep(c, ErrFormSpent.Status, w)
		}
		if err != nil {
			answer, _, ok := ask.Refused(c, err)
			if !ok || errors.Is(err, auth.ErrImpersonating) {
				return err
			}
			w.Form = refusedForm(w.Form, answer, err)
			w.Step = map[string]string{fieldOwner: stepOwner, fieldName: stepName, fieldLife: stepName, fieldScope: stepRights}[fieldOf(auth.AsError(err))]
			if !slices.Contains(w.steps(), w.Step) {
				w.Step, w.Form.Message, w.Form.Errors = stepLimits, auth.AsError(err).Message, nil
			}
			return c.Page(auth.AsError(err).Status, w)
		}
		return s.handOver(c, w.head, w.Kind, made, "The API key is made")
	}
}

// asked is what the form asks for; its fields are judged.
func (w wizard) asked() NewKey {
	name := strings.TrimSpace(w.Form.Value(fieldName))
	n := NewKey{ConfigID: w.Kind.id, Name: &name, ExpiresIn: seconds(w.Form.Value(fieldLife)), once: w.Form.Value(fieldOnce)}
	n.Permissions, _ = w.Rights.permissions(w.Form)
	if w.Shape {
		l, _ := limitsOf(w.Form, w.Kind.RateLimit.Enabled)
		n.Remaining, n.RefillAmount, n.RefillInterval = l.Remaining, l.Refill, l.Every
		if w.Kind.RateLimit.Enabled {
			on := l.Rate != nil
			n.RateLimitEnabled, n.RateLimitMax, n.RateLimitTimeWindow = &on, l.Rate, l.Window
		}
	}
	return n
}

// handOver shows a new key, once.
func (s *Service) handOver(c *plugins.Call, h head, kind *configuration, made *Made, title words.Text) error {
	back := web.Button{Label: "To the page of the key", Variant: web.Primary, Href: h.key(made.Row.ID, "")}
	if kind.inStorage() { // where no page finds it
		back = web.Button{Label: "To the API keys", Variant: web.Primary, Href: h.keys("")}
	}
	page := ask.Handover{Title: title, Trail: h.trail(h.keysCrumb(), web.Crumb{Label: words.Raw(called(made.Row)), Href: back.Href}), ExpiresAt: auth.ValueOf(made.Row.ExpiresAt),
		Back:  back,
		Items: []ask.Item{{Name: "API key", Value: made.Secret, Secret: true, Text: kind.secretText()}}}
	page.Items = append(page.Items, ask.Item{Name: "Try it", Value: s.curl(kind, made.Secret), Secret: true, Text: "A line for the terminal: it says who the key is."})
	return c.View.Draw(c, plugins.Page{Status: http.StatusOK, Component: page, Secret: true})
}
