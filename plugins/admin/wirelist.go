package admin

import (
	"context"
	"fmt"

	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// Bounds of list-users.
const (
	wireLimit    = 100  // when none is given
	wireMaxLimit = 1000 // however much is asked for
)

type listInput struct {
	SearchValue    *string      `json:"searchValue"`
	SearchField    *string      `json:"searchField" schema:"enum=email|name"`
	SearchOperator *string      `json:"searchOperator" schema:"enum=contains|starts_with|ends_with"`
	Limit          schema.Value `json:"limit" schema:"optional,union=string|number"`
	Offset         schema.Value `json:"offset" schema:"optional,union=string|number"`
	SortBy         *string      `json:"sortBy"`
	SortDirection  *string      `json:"sortDirection" schema:"enum=asc|desc"`
	FilterField    *string      `json:"filterField"`
	FilterValue    schema.Value `json:"filterValue" schema:"optional,union=string|number|boolean|strings|numbers"`
	FilterOperator *string      `json:"filterOperator" schema:"enum=eq|ne|lt|lte|gt|gte|in|not_in|contains|starts_with|ends_with"`
}

type listOutput struct {
	Users  []ent.WireObject `json:"users"`
	Total  int              `json:"total"`
	Limit  int              `json:"limit,omitempty"`
	Offset int              `json:"offset,omitempty"`
}

func (s *Service) listUsers(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listInput](c)
	rows, total, err := s.wireList(c.Context(), in)
	if err != nil {
		return nil, err
	}
	out := listOutput{Users: []ent.WireObject{}, Total: total, Limit: list.AsNumber(in.Limit), Offset: list.AsNumber(in.Offset)}
	if out.Limit > wireMaxLimit {
		out.Limit = wireMaxLimit
	}
	for _, u := range rows {
		out.Users = append(out.Users, s.host.WireUser(u))
	}
	return out, nil
}

// wireList is the list of better-auth admin 6.5. total counts all matches.
func (s *Service) wireList(ctx context.Context, in listInput) ([]*ent.User, int, error) {
	if _, err := s.actor(ctx, ScopeList, ErrMayNotList); err != nil {
		return nil, 0, err
	}
	where, err := s.wireWhere(in)
	if err != nil {
		return nil, 0, err
	}
	order, err := s.wireOrder(in)
	if err != nil {
		return nil, 0, err
	}
	limit := list.AsNumber(in.Limit)
	if limit <= 0 {
		limit = wireLimit
	}
	query := s.host.DB.Access(ctx).User().Query().Where(where...)
	total, err := query.Clone().Count(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("counting users: %w", err)
	}
	rows, err := query.Order(order).Limit(min(limit, wireMaxLimit)).Offset(max(list.AsNumber(in.Offset), 0)).All(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("listing users: %w", err)
	}
	return rows, total, nil
}

func (s *Service) wireWhere(in listInput) ([]predicate.User, error) {
	var where []predicate.User
	columns := list.WireColumnsOf("User", s.host.On)
	if in.SearchValue != nil && *in.SearchValue != "" {
		c, err := columns.Named("searchField", orElse(in.SearchField, "email"))
		if err != nil {
			return nil, err
		}
		where = append(where, c.Like(orElse(in.SearchOperator, "contains"), *in.SearchValue))
	}
	if !in.FilterValue.IsUndefined() {
		c, err := columns.Named("filterField", orElse(in.FilterField, "email"))
		if err != nil {
			return nil, err
		}
		p, err := c.Where(orElse(in.FilterOperator, "eq"), in.FilterValue)
		if err != nil {
			return nil, err
		}
		where = append(where, p)
	}
	return where, nil
}

// wireOrder is the asked order; without one, that of creation.
func (s *Service) wireOrder(in listInput) (user.OrderOption, error) {
	name, ascending := "createdAt", true
	if in.SortBy != nil && *in.SortBy != "" {
		name, ascending = *in.SortBy, orElse(in.SortDirection, "asc") == "asc"
	}
	c, err := list.WireColumnsOf("User", s.host.On).Named("sortBy", name)
	return c.Order(ascending), err
}

func orElse(given *string, standard string) string {
	if given == nil {
		return standard
	}
	return *given
}
