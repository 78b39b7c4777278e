package core

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
)

// UpdateUser changes what a person may change about themselves.
type UpdateUser struct {
	Current  *auth.Current
	Name     *string
	SetImage bool // Image is meant; nil then removes it
	Image    *string
	Fields   map[string]any // what was given for declared fields, by wire name
}

// UpdateUser stores the change and returns the current session with its changed user.
func (s *Service) UpdateUser(ctx context.Context, in UpdateUser) (*auth.Current, error) {
	values, err := s.h.Fields.Update("user", in.Fields)
	if err != nil {
		return nil, err
	}
	var set []func(*ent.UserUpdateOne)
	if in.Name != nil {
		if err := judgeName(*in.Name); err != nil {
			return nil, err
		}
		set = append(set, func(u *ent.UserUpdateOne) { u.SetName(*in.Name) })
	}
	if in.SetImage {
		set = append(set, func(u *ent.UserUpdateOne) { setImage(u, in.Image) })
	}
	if len(set) == 0 && len(values) == 0 {
		return nil, errNoFields
	}
	after, err := s.h.Users.Patch(ctx, in.Current.User.ID, "self", values, set...)
	if err != nil {
		return nil, err
	}
	return withUser(in.Current, after), nil
}

func setImage(u *ent.UserUpdateOne, image *string) {
	if image == nil {
		u.ClearImage()
		return
	}
	u.SetImage(*image)
}
