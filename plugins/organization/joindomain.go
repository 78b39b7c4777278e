package organization

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/joinrequest"
	"gatehouse/ent/member"
	"gatehouse/ent/organizationdomain"
	"gatehouse/ent/user"
)

// joinProved lets a person whose address was just proved join by its domain, or asks for
// them (moment AddressProved).
func (s *Service) joinProved(ctx context.Context, a *auth.ProvedAddress) error {
	if a.Channel != "mail" {
		return nil
	}
	row, err := s.domainOf(ctx, a.Address)
	if err != nil || row == nil {
		return err
	}
	_, err = s.enterByDomain(ctx, row, a.User)
	if e := auth.AsError(err); err != nil && e.Status < 500 { // full, or a member already: the sign-up goes on
		return nil
	}
	return err
}

// domainOf is the proved domain by which a person with an address may join; nil when there
// is none.
func (s *Service) domainOf(ctx context.Context, address string) (*ent.OrganizationDomain, error) {
	_, domain, ok := strings.Cut(address, "@")
	if !ok {
		return nil, nil
	}
	domain, err := ParseDomain(domain)
	if err != nil {
		return nil, nil
	}
	row, err := s.host.DB.Access(ctx).Platform().OrganizationDomain().Query().Where(openTo(domain)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a domain: %w", err)
	}
	return row, nil
}

// enterByDomain makes a person a member by the domain of their address, or leaves a request
// where somebody has to agree. joined says which of both. The domain is read again while the
// organization is locked: it may be removed, or closed, at the same moment.
func (s *Service) enterByDomain(ctx context.Context, found *ent.OrganizationDomain, u *ent.User) (joined bool, err error) {
	err = s.trusted(ctx, found.OrganizationID, func(ctx context.Context, c *command) error {
		row, err := c.ent().OrganizationDomain().Query().Where(organizationdomain.ID(found.ID), openTo(found.Domain)).Only(ctx)
		if ent.IsNotFound(err) {
			return ErrDomainNotFound
		}
		if err != nil {
			return fmt.Errorf("reading a domain again: %w", err)
		}
		former, err := s.place(ctx, c.org.ID, u.ID)
		if err != nil || former != nil {
			return orElse(err, ErrIsMember)
		}
		if row.Joining == JoiningAutomatic {
			role, err := s.stillRole(ctx, c.org.ID, row.Role)
			if err != nil {
				return err
			}
			joined = true
			_, err = s.join(ctx, c, joining{user: u, role: role, by: byDomain, limit: true})
			return err
		}
		return s.request(ctx, c, row, u)
	})
	return joined, err
}

// stillRole is a role that was chosen some time ago, or the plain one where the organization
// has removed it since: whoever makes another of that name gives it to nobody unseen.
func (s *Service) stillRole(ctx context.Context, org, role string) (string, error) {
	return s.stillRoles(ctx, org, []string{role})
}

// stillRoles is stillRole for several.
func (s *Service) stillRoles(ctx context.Context, org string, roles []string) (string, error) {
	unknown, err := s.Unknown(ctx, org, roles)
	still := slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return slices.Contains(unknown, role) })
	return cmp.Or(joined(still), RoleMember), err
}

// request leaves a wish to join, once, and tells those who decide.
func (s *Service) request(ctx context.Context, c *command, row *ent.OrganizationDomain, u *ent.User) error {
	there, err := c.ent().JoinRequest().Query().Where(joinrequest.UserID(u.ID)).Exist(ctx)
	if err != nil || there {
		return err
	}
	err = c.ent().JoinRequest().Create().SetID(random.ID()).SetUserID(u.ID).SetEmail(u.Email).SetRole(row.Role).SetCreatedAt(s.now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing a request to join: %w", err)
	}
	if err := s.recordOf(ctx, eventJoinAsked, c.org.ID, u.ID, map[string]any{"email": u.Email}); err != nil {
		return err
	}
	return s.tellOwners(ctx, c, u)
}

// toldOwners bounds the owners who get a mail about a request.
const toldOwners = 5

// tellOwners mails the owners that somebody wants to join.
func (s *Service) tellOwners(ctx context.Context, c *command, u *ent.User) error {
	if !s.mailReady(ctx) {
		return nil
	}
	owners, err := s.areOwners(ctx, c.org.ID)
	if err != nil {
		return err
	}
	rows, err := c.ent().Member().Query().Where(owners, member.HasUserWith(user.EmailVerified(true))).
		WithUser().Order(ent.Asc(member.FieldCreatedAt, member.FieldID)).Limit(toldOwners).All(ctx)
	if err != nil {
		return fmt.Errorf("reading owners: %w", err)
	}
	for _, row := range rows {
		owner := row.Edges.User
		err = s.host.Messages.Send(ctx, messageJoin, "mail", owner.Email, s.now().Add(7*24*time.Hour), auth.MessageData{User: owner.ID, Name: owner.Name,
			URL: s.host.Link(listed(c.org).Path("/members")), Values: map[string]string{"organization": mail.Name(c.org.Name), "person": u.Email}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Joinable is an organization that a person may join by the domain of their address.
type Joinable struct {
	Organization *ent.Organization
	Domain       *ent.OrganizationDomain
	Asked        bool
}

// JoinableBy is the organization that a person with a proved address may join; nil when
// there is none, or when they are in it.
func (s *Service) JoinableBy(ctx context.Context, u *ent.User) (*Joinable, error) {
	if !u.EmailVerified {
		return nil, nil
	}
	row, err := s.domainOf(ctx, u.Email)
	if err != nil || row == nil {
		return nil, err
	}
	former, err := s.place(ctx, row.OrganizationID, u.ID)
	if err != nil || former != nil {
		return nil, err
	}
	org, err := s.byID(ctx, row.OrganizationID)
	if err != nil || org == nil {
		return nil, err
	}
	asked, err := s.host.DB.Access(ctx).Organization(org.ID).JoinRequest().Query().Where(joinrequest.UserID(u.ID)).Exist(ctx)
	return &Joinable{org, row, asked}, err
}

// JoinByDomain lets the person of the context join by the domain of their address, or asks
// for them.
func (s *Service) JoinByDomain(ctx context.Context) (joined bool, err error) {
	if err := inPerson(ctx); err != nil {
		return false, err
	}
	u, err := s.person(ctx)
	if err != nil || u == nil {
		return false, orElse(err, auth.ErrUnauthorized)
	}
	if auth.PrincipalOf(ctx).Impersonated() {
		return false, auth.ErrImpersonating
	}
	at, err := s.JoinableBy(ctx, u)
	if err != nil || at == nil {
		return false, orElse(err, ErrDomainNotFound)
	}
	return s.enterByDomain(ctx, at.Domain, u)
}

// Wish is an own request to join, with the organization.
type Wish struct {
	Request      *ent.JoinRequest
	Organization *ent.Organization
}

// OwnRequests lists the requests of the person of the context that wait for an answer, the
// oldest first.
func (s *Service) OwnRequests(ctx context.Context) ([]Wish, error) {
	u, err := s.person(ctx)
	if err != nil || u == nil {
		return nil, orElse(err, auth.ErrUnauthorized)
	}
	rows, err := s.host.DB.Access(ctx).Platform().JoinRequest().Query().Where(joinrequest.UserID(u.ID)).
		Order(ent.Asc(joinrequest.FieldCreatedAt, joinrequest.FieldID)).Limit(requestsShown).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the requests of a person: %w", err)
	}
	var in []string
	for _, row := range rows {
		in = append(in, row.OrganizationID)
	}
	orgs, err := s.organizationsByID(ctx, in)
	var list []Wish
	for _, row := range rows {
		if org := orgs[row.OrganizationID]; org != nil {
			list = append(list, Wish{row, org})
		}
	}
	return list, err
}

// Withdraw takes a request of the person of the context back; one that was decided meanwhile
// stays decided.
func (s *Service) Withdraw(ctx context.Context, id string) error {
	u, err := s.person(ctx)
	if err != nil || u == nil {
		return orElse(err, auth.ErrUnauthorized)
	}
	if auth.PrincipalOf(ctx).Impersonated() {
		return auth.ErrImpersonating
	}
	row, err := s.host.DB.Access(ctx).Platform().JoinRequest().Query().Where(joinrequest.ID(id), joinrequest.UserID(u.ID)).Only(ctx)
	if ent.IsNotFound(err) {
		return ErrRequestNotFound
	}
	if err != nil {
		return fmt.Errorf("reading a request to join: %w", err)
	}
	return s.trusted(ctx, row.OrganizationID, func(ctx context.Context, c *command) error {
		n, err := c.ent().JoinRequest().Delete().Where(joinrequest.ID(id), joinrequest.UserID(u.ID)).Exec(ctx)
		if err != nil || n == 0 {
			return orElse(err, ErrRequestNotFound)
		}
		return s.recordOf(ctx, eventJoinWithdrawn, c.org.ID, u.ID, map[string]any{"email": row.Email})
	})
}

// Asking is a request to join with the person.
type Asking struct {
	Request *ent.JoinRequest
	User    *ent.User
}

// requestsShown bounds the requests that a page lists; the oldest come first.
const requestsShown = 100

// Requests lists who wants to join an organization. It needs member:create there.
func (s *Service) Requests(ctx context.Context, org string) ([]Asking, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if !a.Can(ScopeMemberCreate) {
		return nil, auth.ErrForbidden.ForIn(a.org, ScopeMemberCreate)
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).JoinRequest().Query().Order(ent.Asc(joinrequest.FieldCreatedAt, joinrequest.FieldID)).Limit(requestsShown).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading requests to join: %w", err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.UserID
	}
	people, err := s.host.Users.ByIDs(ctx, ids)
	var list []Asking
	for _, row := range rows {
		if people[row.UserID] != nil {
			list = append(list, Asking{row, people[row.UserID]})
		}
	}
	return list, err
}

// Decide agrees to a request to join, or turns it down; of parallel decisions one counts.
// Agreeing needs member:create and everything that the role gives, and that the person still
// has the address by which they asked.
func (s *Service) Decide(ctx context.Context, org, id string, agree bool) error {
	return s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeMemberCreate, ErrMayNotAdd); err != nil {
			return err
		}
		row, err := c.ent().JoinRequest().Get(ctx, id)
		if ent.IsNotFound(err) {
			return ErrRequestNotFound
		}
		if err != nil {
			return fmt.Errorf("reading a request to join: %w", err)
		}
		n, err := c.ent().JoinRequest().Delete().Where(joinrequest.ID(id)).Exec(ctx)
		if err != nil || n == 0 {
			return orElse(err, ErrRequestNotFound)
		}
		u, err := s.host.Users.ByID(ctx, row.UserID)
		if err != nil || u == nil {
			return orElse(err, ErrRequestNotFound)
		}
		if !agree {
			return s.recordOf(ctx, eventJoinDeclined, org, u.ID, map[string]any{"email": row.Email})
		}
		if !u.EmailVerified || u.Email != row.Email {
			return ErrAddressChanged
		}
		role, err := s.stillRole(ctx, org, row.Role)
		if err != nil {
			return err
		}
		if ok, err := s.mayGive(ctx, c.by, []string{role}, time.Time{}); err != nil || !ok {
			return orElse(err, deny(ErrMayNotGive))
		}
		_, err = s.join(ctx, c, joining{user: u, role: role, by: byDomain, limit: true})
		return err
	})
}

// dropRequests declines the open requests of people with an address in a domain.
func (s *Service) dropRequests(ctx context.Context, c *command, domain string) error {
	rows, err := c.ent().JoinRequest().Query().All(ctx)
	if err != nil {
		return fmt.Errorf("reading requests to join: %w", err)
	}
	for _, row := range rows {
		_, at, _ := strings.Cut(row.Email, "@")
		if name, err := ParseDomain(at); err != nil || name != domain {
			continue
		}
		if err := c.ent().JoinRequest().DeleteOneID(row.ID).Exec(ctx); err != nil {
			return fmt.Errorf("removing a request to join: %w", err)
		}
		if err := s.recordOf(ctx, eventJoinDeclined, c.org.ID, row.UserID, map[string]any{"email": row.Email}); err != nil {
			return err
		}
	}
	return nil
}
