package admin

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
)

// maxRoleTexts bounds how many different role texts are stepped through.
const maxRoleTexts = 200

// holderTexts are the stored role texts that name a role, alone or among others. They
// are found by stepping through the index from text to text, so that a million people
// with few different texts cost few steps. Texts beyond the bound are not looked at.
func (s *Service) holderTexts(ctx context.Context, roles ...string) ([]string, error) {
	var found []string
	last := ""
	for range maxRoleTexts {
		row, err := s.host.DB.Access(ctx).User().Query().Where(user.RoleGT(last)).Order(ent.Asc(user.FieldRole)).
			Select(user.FieldRole).First(ctx)
		if ent.IsNotFound(err) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for role texts: %w", err)
		}
		last = *row.Role
		if slices.ContainsFunc(auth.SplitRoles(last), func(r string) bool { return slices.Contains(roles, r) }) {
			found = append(found, last)
		}
	}
	return found, nil
}

// roleFilter finds people by their role texts.
type roleFilter struct {
	texts []string
	empty bool // those without a role as well
}

func (s *Service) roleFilter(ctx context.Context, roles ...string) (*roleFilter, error) {
	texts, err := s.holderTexts(ctx, roles...)
	return &roleFilter{texts, slices.Contains(roles, s.cfg.Get().DefaultRole)}, err
}

// few is the predicate that the index on roles answers: right where few people match.
func (f *roleFilter) few() predicate.User {
	if f.empty {
		return user.Or(user.RoleIn(append(slices.Clone(f.texts), "")...), user.RoleIsNil())
	}
	return user.RoleIn(f.texts...)
}

// many is the same without the index: where many match, the index of the order finds a
// page of them sooner.
func (f *roleFilter) many() predicate.User {
	var args []any
	for _, t := range f.texts {
		args = append(args, t)
	}
	if f.empty {
		args = append(args, "")
	}
	return func(q *sql.Selector) {
		q.Where(sql.P(func(b *sql.Builder) {
			b.WriteString("COALESCE(").Ident(q.C(user.FieldRole)).WriteString(", '') IN (").Args(args...).WriteString(")")
		}))
	}
}
