package admin

import (
	"errors"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

// Cookie keys of an impersonation (better-auth admin 6.9).
const (
	cookieAdmin    = "admin_session"
	cookieRemember = "dont_remember"
)

// Begin opens a session in another person's name and writes its cookies in the order of
// better-auth admin 6.9: the administrator's own token goes into a cookie of its own.
func (s *Service) Begin(c *plugins.Call, id, reason string) (*auth.Issued, error) {
	admin := c.Current
	issued, err := s.Impersonate(c.Context(), id, reason)
	if err != nil {
		return nil, err
	}
	forgetful, _ := c.Desk.Signed(c, cookieRemember)
	c.Desk.Clear(c)
	c.Desk.SetSigned(c, cookieAdmin, admin.Token+":"+forgetful, int(s.host.Core.Settings.Session.Get().ExpiresIn/time.Second))
	return issued, c.Desk.Issue(c, issued)
}

// End ends an impersonation and gives the administrator's cookies back. When that is not
// possible, all cookies go and the error is ErrNoAdminSession.
func (s *Service) End(c *plugins.Call) (*auth.Issued, error) {
	saved, _ := c.Desk.Signed(c, cookieAdmin)
	token, forgetful, _ := strings.Cut(saved, ":")
	back, err := s.StopImpersonating(c.Context(), c.Current, token)
	if errors.Is(err, ErrNoAdminSession) {
		c.Desk.Clear(c)
		c.Desk.SetSigned(c, cookieAdmin, "", -1)
	}
	if err != nil {
		return nil, err
	}
	back.Remember = forgetful == ""
	if err := c.Desk.Issue(c, back); err != nil {
		return nil, err
	}
	c.Desk.SetSigned(c, cookieAdmin, "", -1)
	return back, nil
}

func (s *Service) impersonateUser(c *plugins.Call) (any, error) {
	issued, err := s.Begin(c, plugins.BodyOf[userInput](c).UserID, "")
	return s.session(issued, err)
}

// stopImpersonating asks for the session itself, so that a dead one also takes the
// administrator's cookie along (D-8).
func (s *Service) stopImpersonating(c *plugins.Call) (any, error) {
	if c.Current == nil {
		if _, has := c.Desk.Signed(c, cookieAdmin); has {
			c.Desk.SetSigned(c, cookieAdmin, "", -1)
		}
		return nil, ErrNoSession
	}
	back, err := s.End(c)
	return s.session(back, err)
}

func (s *Service) session(issued *auth.Issued, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return sessionOutput{s.host.WireSession(issued.Session, issued.Token), s.host.WireUser(issued.User)}, nil
}

type permissionInput struct {
	UserID *string `json:"userId" schema:"coerce"`
	Role   *string `json:"role"`
	PermissionChoice
}

type permissionOutput struct {
	Error   any  `json:"error"`
	Success bool `json:"success"`
}

func (s *Service) hasPermission(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[permissionInput](c)
	if in.ByPermissions == nil {
		return nil, ErrNothingToCheck
	}
	ok, err := s.HasPermission(c.Context(), in.ByPermissions.Permissions)
	if err != nil {
		return nil, err
	}
	return permissionOutput{Success: ok}, nil
}

// PermissionChoice is exactly one of permissions and its former name.
type PermissionChoice struct {
	schema.Union
	ByFormer      *formerPermissions
	ByPermissions *permissions
}

type (
	formerPermissions struct {
		Permission  map[string][]string `json:"permission"`
		Permissions schema.Value        `json:"permissions" schema:"optional"`
	}
	permissions struct {
		Permission  schema.Value        `json:"permission" schema:"optional"`
		Permissions map[string][]string `json:"permissions"`
	}
)

// Check refuses both names at once.
func (f formerPermissions) Check(r schema.Report) { absent(r, f.Permissions, "permissions") }

// Check refuses both names at once.
func (p permissions) Check(r schema.Report) { absent(r, p.Permission, "permission") }

func absent(r schema.Report, v schema.Value, name string) {
	if !v.IsUndefined() {
		r.Add("Invalid input: expected undefined", name)
	}
}
