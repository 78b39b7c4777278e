package apikey

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/serviceaccount"
)

// subjects are keys and service accounts, for questions about what they may do.
func (s *Service) subjects() []auth.SubjectSource {
	return []auth.SubjectSource{
		{Kind: auth.KindServiceAccount, Words: "Service accounts", Icon: "bot", Find: s.findAccounts, Get: s.accountSubject, Principal: s.explainAccount},
		{Kind: auth.KindAPIKey, Words: "API keys", Icon: "key-round", Find: s.findKeys, Get: s.keySubject, Principal: s.explainKey},
	}
}

// mayKnow reports whether the principal of the context may know the subjects of a realm. In
// an organization the one who asks is allowed to ask about all that belongs to it.
func mayKnow(ctx context.Context, r auth.Realm, scope string) bool {
	return r.Organization != "" || auth.PrincipalOf(ctx).Can(scope)
}

func (s *Service) findAccounts(ctx context.Context, r auth.Realm, text string, limit int) ([]auth.SubjectFound, error) {
	if r.Apps || !mayKnow(ctx, r, ScopeAccountRead) {
		return nil, nil
	}
	rows, err := s.accountsIn(ctx, r).Where(serviceaccount.NameContainsFold(text)).Order(ent.Asc(serviceaccount.FieldName)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for service accounts: %w", err)
	}
	var list []auth.SubjectFound
	for _, row := range rows {
		found, err := s.foundAccount(ctx, row)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, nil
}

func (s *Service) accountSubject(ctx context.Context, r auth.Realm, id string) (*auth.SubjectFound, error) {
	if r.Apps || !mayKnow(ctx, r, ScopeAccountRead) {
		return nil, nil
	}
	row, err := s.accountsIn(ctx, r).Where(serviceaccount.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a service account: %w", err)
	}
	found, err := s.foundAccount(ctx, row)
	return &found, err
}

// accountsIn are the service accounts of a realm: of an organization, or all.
func (s *Service) accountsIn(ctx context.Context, r auth.Realm) *ent.ServiceAccountQuery {
	if r.Organization != "" {
		return s.accounts(ctx, r.Organization)
	}
	return s.host.DB.Access(ctx).Platform().ServiceAccount().Query()
}

// foundAccount is a service account with its page, for readers who may open it.
func (s *Service) foundAccount(ctx context.Context, row *ent.ServiceAccount) (auth.SubjectFound, error) {
	org, err := s.organization(ctx, auth.ValueOf(row.OrganizationID))
	h := headIn(ctx, onPlatform)
	return auth.SubjectFound{ID: row.ID, Name: row.Name, Detail: row.Description, URL: h.accountURL(row.ID, org)}, err
}

// keysIn are the keys of a realm: of an organization and what belongs to it, or all.
func (s *Service) keysIn(ctx context.Context, r auth.Realm) *ent.APIKeyQuery {
	if r.Organization != "" {
		return s.host.DB.Access(ctx).Organization(r.Organization).APIKey().Query()
	}
	return s.host.DB.Access(ctx).Platform().APIKey().Query()
}

func (s *Service) findKeys(ctx context.Context, r auth.Realm, text string, limit int) ([]auth.SubjectFound, error) {
	if r.Apps || !mayKnow(ctx, r, ScopeRead) {
		return nil, nil
	}
	query := s.keysIn(ctx, r)
	if r.Organization != "" {
		query.Where(apikey.Or(apikey.NameContainsFold(text), apikey.StartHasPrefix(text)))
	} else {
		hits, err := s.host.DB.Search().Find(ctx, "APIKey", text, "", limit)
		if err != nil {
			return nil, err
		}
		query.Where(apikey.IDIn(hits.IDs...))
	}
	rows, err := query.Order(ent.Asc(apikey.FieldName, apikey.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for keys: %w", err)
	}
	var list []auth.SubjectFound
	for _, row := range rows {
		found, err := s.foundKey(ctx, row)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, nil
}

func (s *Service) keySubject(ctx context.Context, r auth.Realm, id string) (*auth.SubjectFound, error) {
	if r.Apps || !mayKnow(ctx, r, ScopeRead) {
		return nil, nil
	}
	row, err := s.keysIn(ctx, r).Where(apikey.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	found, err := s.foundKey(ctx, row)
	return &found, err
}

// foundKey is a key with its page, for readers who may open it.
func (s *Service) foundKey(ctx context.Context, row *ent.APIKey) (auth.SubjectFound, error) {
	found := auth.SubjectFound{ID: row.ID, Name: called(row)}
	if row.Start != nil {
		found.Detail = *row.Start + "…"
	}
	org, err := s.organization(ctx, auth.ValueOf(row.OrganizationID))
	switch p := auth.PrincipalOf(ctx); {
	case org != nil && p.CanIn(org.ID, ScopeRead):
		found.URL = head{at: inOrganization, org: org}.key(row.ID, "")
	case org == nil && p.Can(ScopeRead):
		found.URL = head{}.key(row.ID, "")
	}
	return found, err
}
