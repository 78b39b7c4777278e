package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins"
	"gatehouse/plugins/organization/organizationapi"
)

// moments end keys with the person who owns them.
func (s *Service) moments() plugins.Moments {
	return plugins.Moments{Hooks: auth.Hooks{
		UserDeleting: []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: func(ctx context.Context, c *auth.UserChange) error {
			return s.endOwner(ctx, c.Tx, c.User.ID, apikey.ReferenceID(c.User.ID))
		}}},
	}}
}

// hooks end keys and service accounts with the organization they belong to, and know which roles
// service accounts have.
func (s *Service) hooks() organizationapi.Hooks {
	return organizationapi.Hooks{
		Gone: []auth.On[*organizationapi.GoneOrganization]{{Class: auth.Observe, Do: func(ctx context.Context, g *organizationapi.GoneOrganization) error {
			return s.endOrganization(ctx, g.Tx, g.ID)
		}}},
		RoleUsed: []auth.On[*organizationapi.RoleUse]{{Class: auth.Refuse, Do: func(ctx context.Context, r *organizationapi.RoleUse) error {
			texts, err := roleTexts(ctx, r.Tx.Organization(r.OrganizationID).ServiceAccount().Query(), r.Role)
			r.Used = r.Used || len(texts) > 0
			return err
		}}},
		RoleRenamed: []auth.On[*organizationapi.RoleName]{{Class: auth.Observe, Do: func(ctx context.Context, r *organizationapi.RoleName) error {
			texts, err := roleTexts(ctx, r.Tx.Organization(r.OrganizationID).ServiceAccount().Query(), r.Before)
			for _, text := range texts {
				if err := r.Tx.Organization(r.OrganizationID).ServiceAccount().Update().Where(serviceaccount.Role(text)).SetRole(r.In(text)).Exec(ctx); err != nil {
					return fmt.Errorf("renaming a role of service accounts: %w", err)
				}
			}
			return err
		}}},
	}
}

// roleTexts are the stored texts of roles of some service accounts that hold a role.
func roleTexts(ctx context.Context, accounts *ent.ServiceAccountQuery, role string) ([]string, error) {
	texts, err := accounts.Where(serviceaccount.RoleContains(role)).Unique(true).Select(serviceaccount.FieldRole).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for service accounts with a role: %w", err)
	}
	return slices.DeleteFunc(texts, func(text string) bool { return !slices.Contains(auth.SplitRoles(text), role) }), nil
}

func (s *Service) endOrganization(ctx context.Context, tx *auth.Tx, org string) error {
	if err := s.endOwner(ctx, tx, org, apikey.OrganizationID(org)); err != nil {
		return err
	}
	accounts := tx.Organization(org).ServiceAccount()
	ids, err := accounts.Query().IDs(ctx)
	if err != nil {
		return fmt.Errorf("looking for service accounts: %w", err)
	}
	for _, id := range ids {
		if err := tx.Unindex(ctx, "ServiceAccount", id); err != nil {
			return err
		}
	}
	if _, err := accounts.Delete().Where(serviceaccount.OrganizationID(org)).Exec(ctx); err != nil {
		return fmt.Errorf("removing service accounts: %w", err)
	}
	return nil
}

// endOwner removes all keys of an owner who goes: in the transaction from the database,
// and from storages after it.
func (s *Service) endOwner(ctx context.Context, tx *auth.Tx, reference string, which predicate.APIKey) error {
	rows, err := tx.Platform().APIKey().Query().Where(which).All(ctx)
	if err != nil {
		return fmt.Errorf("looking for keys of an owner: %w", err)
	}
	for _, row := range rows {
		if err := tx.Unindex(ctx, "APIKey", row.ID); err != nil {
			return err
		}
		if c, err := s.choose(row.ConfigID); err == nil {
			s.uncacheAfter(tx, c, row)
		}
	}
	if _, err := tx.Platform().APIKey().Delete().Where(which).Exec(ctx); err != nil {
		return fmt.Errorf("removing keys of an owner: %w", err)
	}
	for _, c := range s.configurations() {
		if c.inStorage() {
			tx.AfterCommit(func(ctx context.Context) { s.logged(ctx, "keys not forgotten", s.forgetOwner(ctx, c, reference)) })
		}
	}
	return nil
}

// forgetOwner takes all keys of an owner out of a storage.
func (s *Service) forgetOwner(ctx context.Context, c *configuration, reference string) error {
	storage := s.storage(c)
	if storage == nil {
		return nil
	}
	ids, err := idsIn(ctx, storage, reference)
	if err != nil {
		return err
	}
	rows, err := s.recallAll(ctx, c, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.forget(ctx, c, row); err != nil {
			return err
		}
	}
	return storage.Delete(ctx, byReference(reference))
}

// noGrants: keys and service accounts are no people, and their principals are made whole.
func noGrants(context.Context, auth.Facts) (auth.Given, error) { return auth.Given{}, nil }

func (s *Service) prerequisites() []plugins.Prerequisite {
	return []plugins.Prerequisite{
		{Name: "a secondary storage is there", Fix: "set storage of the kind of keys to database, or build a program that offers a storage",
			Check: func(context.Context) error {
				for _, c := range s.configurations() {
					if c.inStorage() && s.storage(c) == nil {
						return fmt.Errorf("keys of the kind %q have no place", c.id)
					}
				}
				return nil
			}},
		{Name: "the settings have the kinds of all API keys", Fix: "list the kind in api_key.configurations again, which replaces the kinds that are there without it, or delete these keys",
			Check: func(ctx context.Context) error {
				kinds, err := s.host.DB.Access(ctx).Platform().APIKey().Query().Where(apikey.Not(s.ofKnownKinds())).Unique(true).Select(apikey.FieldConfigID).Strings(ctx)
				if err != nil {
					return fmt.Errorf("looking for keys of unknown kinds: %w", err)
				}
				if len(kinds) > 0 {
					for i, kind := range kinds {
						kinds[i] = cmp.Or(kind, defaultID)
					}
					slices.Sort(kinds)
					return fmt.Errorf("keys of the kind %s are refused", strings.Join(slices.Compact(kinds), ", "))
				}
				return nil
			}},
	}
}
