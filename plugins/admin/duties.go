package admin

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// duties are what the plugin itself finds that people have to do.
func (s *Service) duties() []plugins.Duty {
	return []plugins.Duty{
		{ID: "verify-address", Order: 10, Scope: ScopeGet, Label: "Verify the address", Open: func(_ context.Context, u *ent.User) (words.Text, bool, error) {
			return words.F("They have not shown yet that %s is theirs.", u.Email), !u.EmailVerified, nil
		}},
		{ID: "own-password", Order: 20, Scope: ScopeGet, Label: "Choose their own password", Open: func(_ context.Context, u *ent.User) (words.Text, bool, error) {
			return "They have a temporary one. The next sign-in asks for their own.", u.PasswordTemporary, nil
		}},
		{ID: "way-in", Order: 30, Scope: ScopeGet, Label: "Get a way to sign in", Open: func(ctx context.Context, u *ent.User) (words.Text, bool, error) {
			ways, err := s.host.Users.Accounts(ctx, u.ID)
			none := !slices.ContainsFunc(ways, func(a *ent.Account) bool {
				return a.ProviderID != auth.ProviderCredential || a.Password != nil
			})
			return "They have no password and no linked account.", none, err
		}},
	}
}

// openDuty is something that a person still has to do.
type openDuty struct {
	ID          string
	Label, Text words.Text
}

// openDuties asks every plugin what a person still has to do, in order, as far as the
// principal of the context may know.
func (s *Service) openDuties(ctx context.Context, u *ent.User) ([]openDuty, error) {
	var all []plugins.Duty
	for _, part := range s.host.Registry.Parts {
		all = append(all, part.Duties...)
	}
	slices.SortStableFunc(all, func(a, b plugins.Duty) int { return cmp.Compare(a.Order, b.Order) })
	p := auth.PrincipalOf(ctx)
	var list []openDuty
	for _, d := range all {
		if d.Scope != "" && !p.Can(d.Scope) {
			continue
		}
		text, open, err := d.Open(ctx, u)
		if err != nil {
			return nil, err
		}
		if open {
			list = append(list, openDuty{d.ID, d.Label, text})
		}
	}
	return list, nil
}
