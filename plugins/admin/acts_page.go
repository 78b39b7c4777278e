package admin

import (
	"context"
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// act is one thing that can be done to a person: its scope, the question before it, and
// what it does. do writes the answer when it worked.
type act struct {
	name, scope string
	summary     words.Text
	manages     bool // closed while impersonating
	dangerous   bool // asks for a recent proof of identity
	label       words.Text
	icon        web.Icon
	possible    func(possible) bool
	confirm     func(s *Service, ctx context.Context, u *ent.User, can possible, form web.Form) web.Confirm
	do          func(s *Service, c *plugins.Call, u *ent.User) error
}

// acts are all acts, in the order menus have them; those that destroy come last.
func (s *Service) acts() []act {
	return []act{
		{name: "impersonate", scope: ScopeImpersonate, summary: "Act in the name of a person", manages: true, dangerous: true, label: "Impersonate", icon: "venetian-mask",
			possible: func(p possible) bool { return p.Impersonate }, confirm: askImpersonate, do: doImpersonate},
		{name: "see-as", scope: ScopeSeeAs, summary: "See the console as a person would", label: "See the console as them", icon: "eye",
			possible: func(p possible) bool { return p.SeeAs }, confirm: askSeeAs, do: doSeeAs},
		{name: "role", scope: ScopeSetRole, summary: "Change the role of a person", dangerous: true, label: "Change role", icon: "user-cog",
			possible: func(p possible) bool { return p.Role }, confirm: askRole, do: doRole},
		{name: "reset", scope: ScopeSendReset, summary: "Give a person a link to a new password", manages: true, label: "Send reset link", icon: "mail",
			possible: func(p possible) bool { return p.SendReset }, confirm: askReset, do: doReset},
		{name: "sign-in-link", scope: ScopeSignInLink, summary: "Make a link that signs a person in", manages: true, dangerous: true, label: "Sign-in link", icon: "link",
			possible: func(p possible) bool { return p.SignInLink }, confirm: askSignInLink, do: doSignInLink},
		{name: "temporary", scope: ScopeSetPassword, summary: "Give a person a temporary password", manages: true, dangerous: true, label: "Temporary password", icon: "clock",
			possible: func(p possible) bool { return p.Temporary }, confirm: askTemporary, do: doTemporary},
		{name: "password", scope: ScopeSetPassword, summary: "Set the password of a person", manages: true, dangerous: true, label: "Set password", icon: "key-round",
			possible: func(p possible) bool { return p.SetPassword }, confirm: askPassword, do: doPassword},
		{name: "send-verification", scope: ScopeUpdate, summary: "Send a person a link to verify their address", manages: true, label: "Send verification mail", icon: "mail-check",
			possible: func(p possible) bool { return p.SendVerification }, confirm: askSendVerification, do: doSendVerification},
		{name: "verify", scope: ScopeSetEmail, summary: "Mark the address of a person as verified", manages: true, label: "Mark as verified", icon: "badge-check",
			possible: func(p possible) bool { return p.Verify }, confirm: askVerify, do: doVerify},
		{name: "end-sessions", scope: ScopeSessionRevoke, summary: "End all sessions of a person", label: "End all sessions", icon: "log-out",
			possible: func(p possible) bool { return p.EndSessions }, confirm: askEnd, do: doEnd},
		{name: "unban", scope: ScopeBan, summary: "Lift the ban of a person", label: "Lift the ban", icon: "user-check",
			possible: func(p possible) bool { return p.Unban }, confirm: askUnban, do: doUnban},
		{name: "ban", scope: ScopeBan, summary: "Ban a person", label: "Ban", icon: "ban",
			possible: func(p possible) bool { return p.Ban }, confirm: askBan, do: doBan},
		{name: "delete", scope: ScopeDelete, summary: "Delete a person", manages: true, dangerous: true, label: "Delete", icon: "trash-2",
			possible: func(p possible) bool { return p.Remove }, confirm: askDelete, do: doDelete},
	}
}

// errNotPossible refuses an act that this person cannot have done to them by the actor.
var errNotPossible = auth.E(http.StatusForbidden, "NOT_POSSIBLE", "This cannot be done to this person with your permissions, or not at the moment.")

func (s *Service) askPage(ctx context.Context, a act, u *ent.User, can possible, form web.Form) ask.Page {
	return ask.Page{Confirm: s.confirm(ctx, a, u, can, form),
		Trail: []web.Crumb{{Label: "Users", Href: usersPath}, {Label: words.Raw(shownName(u)), Href: userURL(u.ID, "")}}}
}

// ask draws the question of an act.
func (s *Service) ask(a act) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		u, can, err := s.subject(c)
		if err != nil {
			return err
		}
		if !a.possible(can) {
			return errNotPossible
		}
		return c.Page(http.StatusOK, s.askPage(c.Context(), a, u, can, web.Form{}))
	}
}

// act does it. The service judges; a refusal comes back as the question with the reason.
func (s *Service) act(a act) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		u, can, err := s.subject(c)
		if err != nil {
			return err
		}
		if err = a.do(s, c, u); err == nil {
			return nil
		}
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return c.Page(status, s.askPage(c.Context(), a, u, can, form))
	}
}

// subject is the person an act is about, with what is possible. It asks for no scope of
// its own: the route did.
func (s *Service) subject(c *plugins.Call) (*ent.User, possible, error) {
	u, err := s.find(c.Context(), c.Param("id"))
	if err != nil {
		return nil, possible{}, err
	}
	can, err := s.possible(c.Context(), u)
	return u, can, err
}

// finished ends an act with a message on the page of the person.
func finished(c *plugins.Call, u *ent.User, text words.Text) error {
	c.Flash("good", text)
	return c.SeeOther(userURL(u.ID, ""))
}

func askImpersonate(s *Service, _ context.Context, u *ent.User, _ possible, form web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Act as %s?", shownName(u)), Verb: "Impersonate",
		Text: words.F("You see and do what they can, for at most %s. It is recorded, and a bar on every page leads back.", web.Span(s.cfg.Get().ImpersonationExpiresIn)),
		Fields: []templ.Component{form.Fill(web.Field{Name: "reason", ID: "impersonate-reason", Label: "Reason", MaxLength: maxReason, Autocomplete: "off",
			Hint: "Kept with the record of this act."})}}
}

func doImpersonate(s *Service, c *plugins.Call, u *ent.User) error {
	reason := c.Form("reason")
	if reason == "" {
		return auth.ErrMissingField.Saying("Say why. It is kept with the record.").At("reason")
	}
	if len(reason) > maxReason {
		return auth.ErrValidation.Saying("Use at most 1,000 characters.").At("reason")
	}
	if c.Current == nil {
		return auth.ErrCredentialScheme
	}
	if _, err := s.Begin(c, u.ID, reason); err != nil {
		return err
	}
	return c.SeeOther("/account")
}

func askRole(s *Service, _ context.Context, u *ent.User, can possible, form web.Form) web.Confirm {
	held := s.RolesOf(u)
	if form.Failed() {
		held = form.Values["roles"]
	}
	return web.Confirm{Title: words.F("Role of %s", shownName(u)), Text: "Permissions of several roles add up. The change counts at once.", Verb: "Change role",
		Fields: []templ.Component{s.roleBoxes(can.Roles, held)}}
}

// roleBoxes are the roles that may be given, those that are held checked.
func (s *Service) roleBoxes(roles, held []string) templ.Component {
	boxes := web.Group{}
	for _, role := range roles {
		boxes = append(boxes, web.Checkbox{Name: "roles", ID: "role-" + role, Label: auth.RoleWords(role), Value: role, Checked: slices.Contains(held, role),
			Hint: roleHint(len(s.host.Scopes.OfRole(role)))})
	}
	return boxes
}

func roleHint(scopes int) words.Text {
	if scopes == 0 {
		return "An account, nothing to administer"
	}
	return words.N(scopes, "%d permission", "%d permissions")
}

func doRole(s *Service, c *plugins.Call, u *ent.User) error {
	roles := c.Request.PostForm["roles"]
	if len(roles) == 0 {
		return ErrNoSuchRole.Saying("Choose at least one role.")
	}
	if _, err := s.SetRole(c.Context(), u.ID, roles); err != nil {
		return err
	}
	c.FlashUndo(words.F("%s now has the role %s.", shownName(u), auth.RolesWords(roles)), plugins.Undo{Path: userURL(u.ID, "role"), Fields: url.Values{"roles": s.RolesOf(u)}})
	return c.SeeOther(userURL(u.ID, ""))
}

func askEnd(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("End all sessions of %s?", shownName(u)), Text: "They are signed out everywhere at once and can sign in again.", Verb: "End sessions"}
}

func doEnd(s *Service, c *plugins.Call, u *ent.User) error {
	n, err := s.EndSessions(c.Context(), u.ID)
	if err != nil {
		return err
	}
	return finished(c, u, words.N(n, "%d session ended.", "%d sessions ended."))
}

func askUnban(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Lift the ban of %s?", shownName(u)), Text: "They can sign in again at once.", Verb: "Lift the ban"}
}

func doUnban(s *Service, c *plugins.Call, u *ent.User) error {
	if _, err := s.Unban(c.Context(), u.ID); err != nil {
		return err
	}
	return finished(c, u, words.F("%s can sign in again.", shownName(u)))
}

// banForever is the choice of a ban without an end.
const banForever = "forever"

// banLives are the lengths of a ban that the console offers, the default chosen. The
// empty choice means the default, as on the wire.
func banLives(usual time.Duration) []web.Option {
	lives := []web.Option{{Value: banForever, Label: "Until it is lifted"}, {Value: "1h", Label: "One hour"}, {Value: "1d", Label: "One day"},
		{Value: "7d", Label: "One week"}, {Value: "30d", Label: "30 days"}, {Value: "365d", Label: "One year"}}
	if usual > 0 {
		lives = append([]web.Option{{Label: words.F("%s (default)", web.Span(usual))}}, lives...)
	}
	return lives
}

func askBan(s *Service, _ context.Context, u *ent.User, _ possible, form web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Ban %s?", shownName(u)), Text: "Their sessions end at once and they cannot sign in until the ban is over or lifted.", Verb: "Ban", Danger: true,
		Fields: s.banFields(form)}
}

// banFields ask for reason and length of a ban.
func (s *Service) banFields(form web.Form) []templ.Component {
	return []templ.Component{
		form.Fill(web.Field{Name: "reason", ID: "ban-reason", Label: "Reason", Optional: true, MaxLength: maxReason, Autocomplete: "off", Placeholder: words.Raw(s.cfg.Get().DefaultBanReason)}),
		web.Select{Name: "life", ID: "ban-life", Label: "How long", Value: form.Value("life"), Error: form.Error("life"), Options: banLives(s.cfg.Get().DefaultBanExpiresIn)}}
}

func doBan(s *Service, c *plugins.Call, u *ent.User) error {
	var ban Ban
	if err := readBan(c, s, &ban); err != nil {
		return err
	}
	if _, err := s.Ban(c.Context(), u.ID, ban); err != nil {
		return err
	}
	c.FlashUndo(words.F("%s is banned.", shownName(u)), plugins.Undo{Path: userURL(u.ID, "unban")})
	return c.SeeOther(userURL(u.ID, ""))
}

func askDelete(_ *Service, _ context.Context, u *ent.User, _ possible, form web.Form) web.Confirm {
	var fields []templ.Component
	if refusal := form.Error(auth.FieldForce); refusal != "" {
		fields = append(fields, web.Checkbox{Name: auth.FieldForce, ID: "delete-force", Label: "Delete them nevertheless", Value: "true", Error: refusal})
	}
	return web.Confirm{Fields: fields, Title: words.F("Delete %s?", shownName(u)), Verb: "Delete user", Danger: true, Expect: u.Email,
		Text: "The account goes with its sessions and sign-in methods, for good. A ban can be lifted; this cannot be undone."}
}

func doDelete(s *Service, c *plugins.Call, u *ent.User) error {
	if c.Form("confirm") != u.Email {
		return auth.ErrValidation.Saying("Type %s to confirm.", u.Email).At("confirm")
	}
	remove := s.Remove
	if c.Form(auth.FieldForce) != "" {
		remove = s.ForceRemove
	}
	if err := remove(c.Context(), u.ID); err != nil {
		return err
	}
	c.Flash("good", words.F("%s was deleted.", shownName(u)))
	return c.SeeOther(usersPath)
}
