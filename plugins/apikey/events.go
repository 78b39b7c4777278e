package apikey

import (
	"context"
	"maps"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// Kinds of events of the plugin.
const (
	eventCreated = "api-key.created"
	eventUpdated = "api-key.updated"
	eventRotated = "api-key.rotated"
	eventDeleted = "api-key.deleted"

	eventAccountCreated = "service-account.created"
	eventAccountUpdated = "service-account.updated"
	eventAccountDeleted = "service-account.deleted"
)

func events() []auth.EventKind {
	key := []auth.EventField{
		{Name: "name", Words: "Name of the key", Mark: auth.Personal},
		{Name: "owner", Words: "Owned by", Choices: map[string]words.Text{OwnerUser: "A person", OwnerOrganization: "An organization", OwnerServiceAccount: "A service account"}},
		{Name: "reference", Hidden: true},
	}
	changes := auth.EventField{Name: "changes", Hidden: true}
	account := []auth.EventField{{Name: "name", Words: "Name of the service account"}, {Name: "role", Words: "Role", Value: auth.AsRoles}}
	kinds := []auth.EventKind{
		{Name: eventCreated, Words: "API key made", Fields: key},
		{Name: eventUpdated, Words: "API key changed", Fields: append([]auth.EventField{{Name: "enabled", Words: "Works"}, changes}, key...)},
		{Name: eventRotated, Words: "API key replaced by a new one", Fields: append([]auth.EventField{{Name: "successor", Hidden: true}, {Name: "ends", Words: "The old one ends", Value: auth.AsMoment}}, key...)},
		{Name: eventDeleted, Words: "API key removed", Fields: key},
		{Name: eventAccountCreated, Words: "Service account made", Fields: account},
		{Name: eventAccountUpdated, Words: "Service account changed", Fields: append([]auth.EventField{{Name: "before", Words: "Role before", Value: auth.AsRoles}, {Name: "enabled", Words: "Works"}, {Name: "ends", Words: "Ends", Value: auth.AsMoment}}, account...)},
		{Name: eventAccountDeleted, Words: "Service account removed", Fields: account},
	}
	for i := range kinds {
		kinds[i].Organization = true
	}
	return kinds
}

// record stores an event about a key.
func (s *Service) record(ctx context.Context, kind string, row *ent.APIKey, more map[string]any) error {
	data := map[string]any{"owner": row.OwnerKind, "reference": row.ReferenceID}
	if row.Name != nil {
		data["name"] = *row.Name
	}
	maps.Copy(data, more)
	return s.host.Events.Record(ctx, auth.Event{Kind: kind, SubjectType: "api-key", Subject: row.ID, Organization: auth.ValueOf(row.OrganizationID), Data: data})
}

// recordChange stores what a key was changed to.
func (s *Service) recordChange(ctx context.Context, before, after *ent.APIKey) error {
	data := map[string]any{"changes": auth.Diff(before.Wire(s.host.On).Without("metadata"), after.Wire(s.host.On).Without("metadata"))}
	if before.Enabled != after.Enabled {
		data["enabled"] = after.Enabled
	}
	return s.record(ctx, eventUpdated, after, data)
}

func (s *Service) recordAccount(ctx context.Context, kind string, a *ent.ServiceAccount, more map[string]any) error {
	data := map[string]any{"name": a.Name, "role": a.Role}
	maps.Copy(data, more)
	return s.host.Events.Record(ctx, auth.Event{Kind: kind, SubjectType: "service-account", Subject: a.ID, Organization: auth.ValueOf(a.OrganizationID), Data: data})
}
