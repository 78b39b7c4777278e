package admin

import (
	"context"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
)

// NewPerson is a person an administrator makes.
type NewPerson struct {
	Name, Email   string
	Password      string   // empty: no password, they need another way in
	Temporary     bool     // the first sign-in asks for an own password
	Roles         []string // empty: the default role
	EmailVerified bool
	Image         *string
	CreatedAt     *time.Time // nil: now
	Ban           *BanFields
	Fields        map[string]any // further declared fields by wire name
}

// Create makes a person with a credential account, in one transaction. No session is
// opened and no mail is sent. It needs user:create, and the scope of each guarded field
// that is given.
func (s *Service) Create(ctx context.Context, n NewPerson) (*ent.User, error) {
	p, err := s.actor(ctx, ScopeCreate, ErrMayNotCreate)
	if err != nil {
		return nil, err
	}
	roles, err := s.rolesToGive(ctx, p, n.Roles)
	if err != nil {
		return nil, err
	}
	if err := s.mayFill(ctx, p, n); err != nil {
		return nil, err
	}
	address, err := s.newAddress(ctx, n)
	if err != nil {
		return nil, err
	}
	hash, err := s.newHash(ctx, n.Password, address, "admin")
	if err != nil {
		return nil, err
	}
	made, err := s.host.Users.Create(ctx, auth.NewUser{Name: n.Name, Email: address, EmailVerified: n.EmailVerified, Image: n.Image,
		Fields: n.Fields, PasswordHash: hash, By: "admin", Set: n.setters(roles)})
	return made, gone(err)
}

// rolesToGive judges requested roles; without any it is the default role, which needs
// no scope.
func (s *Service) rolesToGive(ctx context.Context, p *auth.Principal, given []string) ([]string, error) {
	if given == nil {
		return nil, nil
	}
	if !p.Can(ScopeSetRole) {
		return nil, s.refused(ctx, "", ErrMayNotSetRole)
	}
	if err := s.givesInOwnName(ctx, p, given); err != nil {
		return nil, err
	}
	roles, err := s.parseRoles(given)
	if err != nil {
		return nil, err
	}
	return roles, s.mayGive(ctx, p, roles, forGood)
}

// mayFill asks for the scopes of the guarded fields (SEC-116).
func (s *Service) mayFill(ctx context.Context, p *auth.Principal, n NewPerson) error {
	switch {
	case n.Ban != nil && !p.Can(ScopeBan):
		return s.refused(ctx, "", ErrMayNotBan)
	case n.EmailVerified && !p.Can(ScopeSetEmail):
		return s.refused(ctx, "", ErrMayNotSetEmail)
	case hasPhone(n.Fields) && !p.Can(ScopeSetPhone):
		return s.refused(ctx, "", ErrMayNotSetPhone)
	}
	return nil
}

// newAddress judges address and password length in the order of better-auth admin 6.3.
func (s *Service) newAddress(ctx context.Context, n NewPerson) (string, error) {
	address, err := email.Parse(n.Email)
	if err != nil {
		return "", auth.ErrInvalidEmail.At("email")
	}
	if n.Password != "" {
		if err := s.host.Passwords.Length(n.Password); err != nil {
			return "", err
		}
	}
	taken, err := s.host.Users.ByEmail(ctx, address)
	if err != nil {
		return "", err
	}
	if taken != nil {
		return "", ErrEmailTaken.At("email")
	}
	return address, nil
}

// newHash judges and hashes the password of a person who does not exist yet.
func (s *Service) newHash(ctx context.Context, password, address, path string) (string, error) {
	if password == "" {
		return "", nil
	}
	if err := s.host.Passwords.Choose(ctx, auth.NewPassword{Password: password, Path: path}, address); err != nil {
		return "", err
	}
	return s.host.Passwords.Hash(ctx, password)
}

func (n NewPerson) setters(roles []string) []func(*ent.UserCreate) {
	var set []func(*ent.UserCreate)
	if len(roles) > 0 {
		set = append(set, func(c *ent.UserCreate) { c.SetRole(strings.Join(roles, ",")) })
	}
	if n.CreatedAt != nil {
		set = append(set, func(c *ent.UserCreate) { c.SetCreatedAt(*n.CreatedAt) })
	}
	if n.Temporary && n.Password != "" {
		set = append(set, func(c *ent.UserCreate) { c.SetPasswordTemporary(true) })
	}
	if n.Ban != nil {
		set = append(set, n.Ban.onCreate)
	}
	return set
}

// defaultRole gives a new person the default role, unless somebody has set another.
func (s *Service) defaultRole(_ context.Context, d *auth.UserDraft) error {
	role := s.cfg.Get().DefaultRole
	d.Set = append([]func(*ent.UserCreate){func(c *ent.UserCreate) { c.SetRole(role) }}, d.Set...)
	return nil
}
