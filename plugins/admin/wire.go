package admin

import (
	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
	"strconv"
)

// Bodies and answers of the routes (better-auth admin 6).
type (
	userInput struct {
		UserID string `json:"userId" schema:"coerce"`
	}
	removeInput struct {
		UserID string `json:"userId" schema:"coerce"`
		Force  *bool  `json:"force"` // ours
	}
	getInput struct {
		ID string `json:"id"`
	}
	roleInput struct {
		UserID string              `json:"userId" schema:"coerce"`
		Role   schema.StringOrList `json:"role"`
	}
	createInput struct {
		Email    string               `json:"email"`
		Password *string              `json:"password"`
		Name     string               `json:"name"`
		Role     *schema.StringOrList `json:"role"`
		Data     *dataInput           `json:"data"`
	}
	updateInput struct {
		UserID string    `json:"userId" schema:"coerce"`
		Data   dataInput `json:"data"`
	}
	dataInput struct {
		Rest *schema.Object `json:"-" schema:"rest"`
	}
	banInput struct {
		UserID       string   `json:"userId" schema:"coerce"`
		BanReason    *string  `json:"banReason"`
		BanExpiresIn *float64 `json:"banExpiresIn"`
	}
	sessionInput struct {
		SessionToken string `json:"sessionToken"`
	}
	passwordInput struct {
		NewPassword string `json:"newPassword" schema:"min=1,message='newPassword cannot be empty'"`
		UserID      string `json:"userId" schema:"coerce,min=1,message='userId cannot be empty'"`
	}

	userOutput struct {
		User ent.WireObject `json:"user"`
	}
	sessionsOutput struct {
		Sessions []ent.WireObject `json:"sessions"`
	}
	sessionOutput struct {
		Session ent.WireObject `json:"session"`
		User    ent.WireObject `json:"user"`
	}
	successOutput struct {
		Success bool `json:"success"`
	}
	statusOutput struct {
		Status bool `json:"status"`
	}
)

func (s *Service) wrapped(u *ent.User, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return userOutput{s.host.WireUser(u)}, nil
}

func (s *Service) bare(u *ent.User, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return s.host.WireUser(u), nil
}

func (s *Service) setRole(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[roleInput](c)
	return s.wrapped(s.SetRole(c.Context(), in.UserID, in.Role.Values))
}

func (s *Service) getUser(c *plugins.Call) (any, error) {
	return s.bare(s.Get(c.Context(), plugins.QueryOf[getInput](c).ID))
}

func (s *Service) createUser(c *plugins.Call) (any, error) {
	n, err := s.newPerson(c.Principal(), plugins.BodyOf[createInput](c))
	if err != nil {
		return nil, err
	}
	if err := s.proofOnWire(c, s.powerful(n.Roles...)); err != nil {
		return nil, err
	}
	return s.wrapped(s.Create(c.Context(), n))
}

func (s *Service) newPerson(p *auth.Principal, in createInput) (NewPerson, error) {
	n := NewPerson{Name: in.Name, Email: in.Email, Password: orElse(in.Password, "")}
	if in.Role != nil {
		n.Roles = append([]string{}, in.Role.Values...)
	}
	if in.Data == nil || in.Data.Rest == nil {
		return n, nil
	}
	return n, s.fillPerson(p, &n, in.Data.Rest)
}

// fillPerson reads the extra columns of create-user. The id is never taken (D-2), nor a
// phone number that is not said to be verified.
func (s *Service) fillPerson(p *auth.Principal, n *NewPerson, data *schema.Object) (err error) {
	if n.Roles == nil && data.Has("role") {
		if !p.Can(ScopeSetRole) {
			return ErrMayNotSetRole
		}
		if n.Roles, err = rolesOf(data); err != nil {
			return err
		}
	}
	if n.Ban, err = banOf(data); err != nil {
		return err
	}
	if verified, ok := data.Get(fieldPhoneVerified).Bool(); !ok || !verified {
		data.Delete(fieldPhone)
		data.Delete(fieldPhoneVerified)
	}
	if n.Fields, err = s.declared(data); err != nil {
		return err
	}
	verified, err := flagOf(data, "emailVerified")
	if err != nil {
		return err
	}
	n.EmailVerified = verified != nil && *verified
	image, err := maybeText(data, "image")
	if err != nil {
		return err
	}
	if image.Present && !image.Null {
		n.Image = &image.Value
	}
	created, err := maybeDate(data, "createdAt")
	if created.Present && !created.Null {
		n.CreatedAt = &created.Value
	}
	return err
}

func (s *Service) updateUser(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[updateInput](c)
	change, err := s.changeOf(c.Principal(), in.Data.Rest)
	if err != nil {
		return nil, err
	}
	if err := s.proofOnWire(c, change.Email != nil || change.Roles != nil); err != nil {
		return nil, err
	}
	return s.bare(s.Update(c.Context(), in.UserID, change))
}

// changeOf reads what update-user writes, in the order of the checks of better-auth
// admin 6.4.
func (s *Service) changeOf(p *auth.Principal, data *schema.Object) (c Change, err error) {
	switch {
	case data == nil || data.Len() == 0:
		return c, ErrNoData
	case data.Has("password"):
		return c, ErrPasswordInUpdate
	case data.Has("id"):
		return c, ErrIDInUpdate
	case data.Has("role") && !p.Can(ScopeSetRole):
		return c, ErrMayNotSetRole
	}
	if c.Roles, err = rolesOf(data); err != nil {
		return c, err
	}
	if c.Roles, err = s.knownRoles(c.Roles); err != nil {
		return c, err
	}
	if c.Ban, err = banOf(data); err != nil {
		return c, err
	}
	if c.Email, err = textOf(data, "email"); err != nil {
		return c, auth.ErrInvalidEmail
	}
	if c.EmailVerified, err = flagOf(data, "emailVerified"); err != nil {
		return c, err
	}
	if c.Name, err = textOf(data, "name"); err != nil {
		return c, err
	}
	if c.Image, err = maybeText(data, "image"); err != nil {
		return c, err
	}
	c.Fields, err = s.declared(data)
	return c, err
}

func (s *Service) knownRoles(given []string) ([]string, error) {
	if given == nil {
		return nil, nil
	}
	return s.parseRoles(given)
}

// banUser bans. Zero seconds are the default length, as when none are given; a negative
// number is a ban that is over already (better-auth admin 6.7).
func (s *Service) banUser(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[banInput](c)
	b := Ban{Reason: orElse(in.BanReason, "")}
	if len(b.Reason) > maxReason {
		return nil, auth.ErrValidation.Saying("[body.banReason] Too big: expected string to have <=%d characters", maxReason)
	}
	if in.BanExpiresIn != nil && *in.BanExpiresIn != 0 {
		var err error
		if b.Until, err = auth.ParseDate(float64(s.now().UnixMilli()) + *in.BanExpiresIn*1000); err != nil {
			return nil, auth.ErrValidation.Saying("[body.banExpiresIn] Invalid input: expected seconds that end in the years %s to %s", strconv.Itoa(auth.FirstYear), strconv.Itoa(auth.LastYear))
		}
	}
	return s.wrapped(s.Ban(c.Context(), in.UserID, b))
}

func (s *Service) unbanUser(c *plugins.Call) (any, error) {
	return s.wrapped(s.Unban(c.Context(), plugins.BodyOf[userInput](c).UserID))
}

func (s *Service) listUserSessions(c *plugins.Call) (any, error) {
	rows, err := s.Sessions(c.Context(), plugins.BodyOf[userInput](c).UserID)
	if err != nil {
		return nil, err
	}
	out := sessionsOutput{Sessions: []ent.WireObject{}}
	for _, row := range rows {
		out.Sessions = append(out.Sessions, s.host.WireSession(row, s.Handle(row)))
	}
	return out, nil
}

func (s *Service) revokeUserSession(c *plugins.Call) (any, error) {
	err := s.EndSession(c.Context(), plugins.BodyOf[sessionInput](c).SessionToken)
	return done(err)
}

func (s *Service) revokeUserSessions(c *plugins.Call) (any, error) {
	_, err := s.EndSessions(c.Context(), plugins.BodyOf[userInput](c).UserID)
	return done(err)
}

func (s *Service) removeUser(c *plugins.Call) (any, error) {
	in, remove := plugins.BodyOf[removeInput](c), s.Remove
	if in.Force != nil && *in.Force {
		remove = s.ForceRemove
	}
	return done(remove(c.Context(), in.UserID))
}

func (s *Service) setUserPassword(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[passwordInput](c)
	err := s.SetPassword(c.Context(), in.UserID, in.NewPassword)
	if err != nil {
		return nil, err
	}
	return statusOutput{true}, nil
}

func done(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return successOutput{true}, nil
}
