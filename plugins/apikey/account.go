package apikey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/database"
	"gatehouse/ent/predicate"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins/list"
)

// Account is what a service account is made of, and changed to.
type Account struct {
	Name, Description string
	// Roles are roles of the organization, or of the platform for an account of it.
	Roles []string
	// EndsAt is when the account ends by itself; nil is never.
	EndsAt *time.Time
}

// Bounds of the texts of an account, in characters.
const (
	maxAccountName = 100
	maxAccountText = 250
	maxAccountRole = 255 // bytes of all roles
)

// mayAccounts judges an act on service accounts of an organization, or of the platform
// where org is empty, and returns the principal with what it holds there.
func (s *Service) mayAccounts(ctx context.Context, org, scope string) (*auth.Principal, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, auth.ErrUnauthorized
	}
	if org == "" {
		if !p.Can(scope) {
			return nil, auth.ErrForbidden.For(scope)
		}
		return p, nil
	}
	p, held, err := s.heldIn(ctx, org, scope)
	if err == nil && !held {
		err = auth.ErrForbidden.ForIn(org, scope)
	}
	return p, err
}

// CreateAccount makes a service account of an organization, or of the platform where org is
// empty. It needs serviceAccount:create there, and gives no role above the actor's own.
func (s *Service) CreateAccount(ctx context.Context, org string, a Account) (row *ent.ServiceAccount, err error) {
	if _, err := s.mayAccounts(ctx, org, ScopeAccountCreate); err != nil {
		return nil, err
	}
	err = s.judged(ctx, org, auth.ErrForbidden.ForIn(org, ScopeAccountCreate), func(ctx context.Context, tx *auth.Tx) error {
		p, err := s.mayAccounts(ctx, org, ScopeAccountCreate)
		if err != nil {
			return err
		}
		role, err := s.checkAccount(ctx, p, org, a)
		if err != nil {
			return err
		}
		create := tx.Platform().ServiceAccount().Create()
		if org != "" {
			create = tx.Organization(org).ServiceAccount().Create()
		}
		now := s.now()
		row, err = create.SetID(random.ID()).SetName(strings.TrimSpace(a.Name)).SetDescription(strings.TrimSpace(a.Description)).SetRole(role).
			SetNillableEndsAt(a.EndsAt).SetCreatedBy(makerOf(ctx)).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return fmt.Errorf("storing a service account: %w", err)
		}
		if err := tx.Index(ctx, "ServiceAccount", row.ID, row.Name); err != nil {
			return err
		}
		return s.recordAccount(ctx, eventAccountCreated, row, nil)
	})
	return row, err
}

// checkAccount judges what an account shall be, and returns its roles as they are stored.
func (s *Service) checkAccount(ctx context.Context, p *auth.Principal, org string, a Account) (string, error) {
	if name := strings.TrimSpace(a.Name); name == "" || length(name) > maxAccountName || len(name) > maxName {
		return "", ErrAccountName
	}
	if text := strings.TrimSpace(a.Description); length(text) > maxAccountText || len(text) > maxName {
		return "", ErrAccountText
	}
	if a.EndsAt != nil && !a.EndsAt.After(s.now()) {
		return "", ErrAccountOver
	}
	roles := auth.SplitRoles(strings.Join(a.Roles, ","))
	role := strings.Join(roles, ",")
	if len(role) > maxAccountRole {
		return "", ErrNoSuchRole
	}
	may := func(until time.Time) error { return s.mayGive(ctx, p.Lasting(until), org, roles, until) }
	return role, p.Within(auth.ValueOf(a.EndsAt), "end", may)
}

// mayGive refuses roles that are unknown, or give more than the actor holds until a moment; a
// zero one is for good. Nobody gives a service account the creator's role of an organization.
func (s *Service) mayGive(ctx context.Context, p *auth.Principal, org string, roles []string, until time.Time) error {
	if len(roles) == 0 {
		return nil
	}
	if org == "" {
		if slices.ContainsFunc(roles, func(r string) bool { return !s.host.Scopes.HasRole(r) }) {
			return ErrNoSuchRole
		}
		if !p.PlatformScopes().Covers(s.host.Scopes.OfRoles(roles)) {
			return ErrTooMuch
		}
		return nil
	}
	d, ok := s.directory()
	if !ok {
		return ErrNoOrganizations
	}
	unknown, err := d.Unknown(ctx, org, roles)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return ErrNoSuchRole
	}
	if slices.Contains(roles, d.CreatorRole()) {
		return ErrAccountOwns
	}
	may, err := d.MayGive(ctx, org, roles, until)
	if err == nil && !may {
		err = ErrTooMuch
	}
	return err
}

// outranks refuses acts on an account that may do more than the actor: whoever has its key
// may do all that.
func (s *Service) outranks(ctx context.Context, p *auth.Principal, a *ent.ServiceAccount) error {
	grants, err := s.accountGrants(ctx, a)
	if err != nil {
		return err
	}
	return exceeding(p, grants)
}

// exceeding refuses grants that the actor does not hold themselves.
func exceeding(p *auth.Principal, grants []auth.Grant) error {
	for _, g := range grants {
		if !covered(p, g) {
			return ErrTooMuch
		}
	}
	return nil
}

// covered reports whether a principal holds what a grant gives.
func covered(p *auth.Principal, g auth.Grant) bool {
	if g.Realm.Organization != "" {
		return p.CanIn(g.Realm.Organization, g.Scope)
	}
	return g.Realm == auth.Apps || p.Can(g.Scope)
}

// Account returns a service account. It needs serviceAccount:read where it belongs; an
// account of elsewhere is like none.
func (s *Service) Account(ctx context.Context, org, id string) (*ent.ServiceAccount, error) {
	if _, err := s.mayAccounts(ctx, org, ScopeAccountRead); err != nil {
		return nil, err
	}
	return s.account(ctx, org, id)
}

func (s *Service) account(ctx context.Context, org, id string) (*ent.ServiceAccount, error) {
	row, err := s.accounts(ctx, org).Where(serviceaccount.ID(id)).Only(ctx)
	if ent.IsNotFound(err) || err == nil && row.ID != id {
		return nil, ErrUnknownAccount
	}
	if err != nil {
		return nil, fmt.Errorf("reading a service account: %w", err)
	}
	return row, nil
}

// accounts are those of an organization, or of the platform.
func (s *Service) accounts(ctx context.Context, org string) *ent.ServiceAccountQuery {
	access := s.host.DB.Access(ctx)
	if org != "" {
		return access.Organization(org).ServiceAccount().Query()
	}
	return access.Platform().ServiceAccount().Query().Where(serviceaccount.OrganizationIDIsNil())
}

// UpdateAccount changes a service account. Its keys act by the new roles at once. It needs
// serviceAccount:update, and neither the old nor the new roles may be above the actor's.
func (s *Service) UpdateAccount(ctx context.Context, org, id string, a Account) (row *ent.ServiceAccount, err error) {
	err = s.accountCommand(ctx, org, id, ScopeAccountUpdate, func(ctx context.Context, tx *auth.Tx, p *auth.Principal, before *ent.ServiceAccount) error {
		role, err := s.checkAccount(ctx, p, org, a)
		if err != nil {
			return err
		}
		data := map[string]any{}
		if role != before.Role {
			data["before"] = before.Role
		}
		if a.EndsAt != nil && (before.EndsAt == nil || !a.EndsAt.Equal(*before.EndsAt)) {
			data["ends"] = *a.EndsAt
		}
		row, err = s.storeAccount(ctx, tx, before, data, func(u *ent.ServiceAccountUpdateOne) {
			u.SetName(strings.TrimSpace(a.Name)).SetDescription(strings.TrimSpace(a.Description)).SetRole(role)
			if a.EndsAt == nil {
				u.ClearEndsAt()
			} else {
				u.SetEndsAt(*a.EndsAt)
			}
		})
		return err
	})
	return row, err
}

// SetAccountEnabled lets a service account act, or stops all its keys at once. It needs
// serviceAccount:update.
func (s *Service) SetAccountEnabled(ctx context.Context, org, id string, enabled bool) (row *ent.ServiceAccount, err error) {
	err = s.accountCommand(ctx, org, id, ScopeAccountUpdate, func(ctx context.Context, tx *auth.Tx, p *auth.Principal, before *ent.ServiceAccount) (err error) {
		if enabled && !before.Enabled { // for as long as it acts
			may := func(until time.Time) error { return s.outranks(ctx, p.Lasting(until), before) }
			if err := p.Within(auth.ValueOf(before.EndsAt), "", may); err != nil {
				return err
			}
		}
		if row = before; row.Enabled != enabled {
			row, err = s.storeAccount(ctx, tx, before, map[string]any{"enabled": enabled}, func(u *ent.ServiceAccountUpdateOne) { u.SetEnabled(enabled) })
		}
		return err
	})
	return row, err
}

// accountCommand runs a command on a service account that the principal of the context may
// change. It is looked at before, so that strangers wait for no lock, and judged again.
func (s *Service) accountCommand(ctx context.Context, org, id, scope string, fn func(context.Context, *auth.Tx, *auth.Principal, *ent.ServiceAccount) error) error {
	if _, _, err := s.toChange(ctx, org, id, scope); err != nil {
		return err
	}
	return s.judged(ctx, org, ErrUnknownAccount, func(ctx context.Context, tx *auth.Tx) error {
		p, before, err := s.toChange(ctx, org, id, scope)
		if err != nil {
			return err
		}
		return fn(ctx, tx, p, before)
	})
}

// toChange finds an account that the principal of the context may change.
func (s *Service) toChange(ctx context.Context, org, id, scope string) (*auth.Principal, *ent.ServiceAccount, error) {
	p, err := s.mayAccounts(ctx, org, scope)
	if err != nil {
		return nil, nil, err
	}
	row, err := s.account(ctx, org, id)
	if err != nil {
		return nil, nil, err
	}
	return p, row, s.outranks(ctx, p, row)
}

func (s *Service) storeAccount(ctx context.Context, tx *auth.Tx, before *ent.ServiceAccount, data map[string]any, change func(*ent.ServiceAccountUpdateOne)) (*ent.ServiceAccount, error) {
	update := tx.Platform().ServiceAccount().UpdateOneID(before.ID)
	if before.OrganizationID != nil {
		update = tx.Organization(*before.OrganizationID).ServiceAccount().UpdateOneID(before.ID)
	}
	change(update)
	after, err := update.SetUpdatedAt(s.now()).Save(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrUnknownAccount
	}
	if err != nil {
		return nil, fmt.Errorf("changing a service account: %w", err)
	}
	if err := tx.Index(ctx, "ServiceAccount", after.ID, after.Name); err != nil {
		return nil, err
	}
	return after, s.recordAccount(ctx, eventAccountUpdated, after, data)
}

// DeleteAccount removes a service account with its keys. It needs serviceAccount:delete.
func (s *Service) DeleteAccount(ctx context.Context, org, id string) error {
	return s.accountCommand(ctx, org, id, ScopeAccountDelete, func(ctx context.Context, tx *auth.Tx, _ *auth.Principal, row *ent.ServiceAccount) error {
		if err := s.endOwner(ctx, tx, id, apikey.ReferenceID(id)); err != nil {
			return err
		}
		n, err := tx.Platform().ServiceAccount().Delete().Where(serviceaccount.ID(id)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("removing a service account: %w", err)
		}
		if n == 0 {
			return ErrUnknownAccount
		}
		if err := tx.Unindex(ctx, "ServiceAccount", id); err != nil {
			return err
		}
		return s.recordAccount(ctx, eventAccountDeleted, row, nil)
	})
}

// ListAccounts is the list of service accounts in the console, of an organization or of the
// platform, by the time of their making. It needs serviceAccount:read.
func (s *Service) ListAccounts(ctx context.Context, org string, q list.Query) (list.Page[*ent.ServiceAccount], error) {
	if _, err := s.mayAccounts(ctx, org, ScopeAccountRead); err != nil {
		return list.Page[*ent.ServiceAccount]{}, err
	}
	where := []predicate.ServiceAccount{}
	if q.Text != "" {
		found := []predicate.ServiceAccount{serviceaccount.NameContainsFold(q.Text)}
		if len(q.Text) >= database.MinID {
			found = append(found, predicate.ServiceAccount(sql.FieldHasPrefix(serviceaccount.FieldID, q.Text)))
		}
		where = append(where, serviceaccount.Or(found...))
	}
	switch q.One("state") {
	case "disabled":
		where = append(where, serviceaccount.Enabled(false))
	case "enabled":
		where = append(where, serviceaccount.Enabled(true))
	}
	return list.Keyset[*ent.ServiceAccount]{List: "service-accounts", Sort: "created", Keys: s.host.Keys,
		Orders: map[string]list.Order[*ent.ServiceAccount]{
			"created": {Column: serviceaccount.FieldCreatedAt, Value: func(a *ent.ServiceAccount) any { return a.CreatedAt }},
			"name":    {Column: serviceaccount.FieldName, Value: func(a *ent.ServiceAccount) any { return a.Name }},
		},
		ID: func(a *ent.ServiceAccount) string { return a.ID },
		Rows: func(span list.Span) ([]*ent.ServiceAccount, error) {
			return s.accounts(ctx, org).Where(where...).Where(span.Where).Order(span.Order).Limit(span.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) {
			return s.accounts(ctx, org).Where(where...).Where(func(q *sql.Selector) { q.Limit(limit) }).Count(ctx)
		}}.Page(q)
}
