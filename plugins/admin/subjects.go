package admin

import (
	"context"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// subjects make people known to those who ask what somebody may do. On the platform that
// needs user:list to search and user:get to look; in an organization its members are known
// to whoever may ask there.
func (s *Service) subjects() []auth.SubjectSource {
	return []auth.SubjectSource{{Kind: auth.KindUser, Words: "People", Icon: "user", Find: s.findSubjects, Get: s.subjectOf, Principal: s.subjectPrincipal}}
}

func (s *Service) findSubjects(ctx context.Context, r auth.Realm, text string, limit int) ([]auth.SubjectFound, error) {
	if r.Organization != "" {
		members, ok := s.members(ctx, r)
		if !ok {
			return nil, nil
		}
		rows, err := members.FindMembers(ctx, r.Organization, text, limit)
		return subjectsOf(ctx, rows), err
	}
	if !auth.PrincipalOf(ctx).Can(ScopeList) {
		return nil, nil
	}
	rows, err := s.bestPeople(ctx, text, limit)
	return subjectsOf(ctx, rows), err
}

// members are offered while the principal of the context may ask about an organization.
func (s *Service) members(ctx context.Context, r auth.Realm) (plugins.Members, bool) {
	members, ok := plugins.Offer[plugins.Members](s.host)
	return members, ok && auth.PrincipalOf(ctx).CanIn(r.Organization, auth.ScopeExplain)
}

func (s *Service) subjectOf(ctx context.Context, r auth.Realm, id string) (*auth.SubjectFound, error) {
	if r.Organization == "" {
		if !auth.PrincipalOf(ctx).Can(ScopeGet) {
			return nil, nil
		}
	} else {
		members, ok := s.members(ctx, r)
		if !ok {
			return nil, nil
		}
		if in, err := members.Belongs(ctx, r.Organization, id); err != nil || !in {
			return nil, err
		}
	}
	u, err := s.host.Users.ByID(ctx, id)
	if err != nil || u == nil {
		return nil, err
	}
	return &subjectsOf(ctx, []*ent.User{u})[0], nil
}

func subjectsOf(ctx context.Context, rows []*ent.User) []auth.SubjectFound {
	list := make([]auth.SubjectFound, len(rows))
	for i, u := range rows {
		list[i] = auth.SubjectFound{ID: u.ID, Name: shownName(u), Image: personOf(u).Image}
		if !strings.EqualFold(list[i].Name, u.Email) {
			list[i].Detail = u.Email
		}
		if auth.PrincipalOf(ctx).Can(ScopeGet) {
			list[i].URL = userURL(u.ID, "")
		}
	}
	return list
}

// subjectPrincipal is what a person may do, or might without a ban.
func (s *Service) subjectPrincipal(ctx context.Context, id string) (*auth.Principal, error) {
	u, err := s.host.Users.ByID(ctx, id)
	if err != nil || u == nil {
		return nil, err
	}
	unbanned := *u
	unbanned.Banned = false
	p, err := s.host.Principals.Explained(ctx, &unbanned)
	if err == nil && Banned(u, s.now()) {
		p.Barred = "The person is banned."
	}
	return p, err
}
