package organization

import (
	"encoding/json"
	"errors"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/schema/core"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// wired is an entity as the wire shows it.
type wired interface {
	Wire(on func(plugin string) bool) ent.WireObject
}

// wire is a row as the wire shows it, with its additional fields; none that are not
// returned (D-11).
func (s *Service) wire(entity string, row wired) ent.WireObject {
	var stored map[string]any
	switch r := row.(type) {
	case *ent.Organization:
		stored = r.AdditionalFields
	case *ent.Member:
		stored = r.AdditionalFields
	case *ent.Invitation:
		stored = r.AdditionalFields
	case *ent.Team:
		stored = r.AdditionalFields
	case *ent.OrganizationRole:
		stored = r.AdditionalFields
	}
	return s.host.Fields.Wire(entity, row.Wire(s.on), stored)
}

// on reports the columns of the plugin's entities as its own, whatever folder they lie in.
func (s *Service) on(plugin string) bool { return plugin == ID || s.host.On(plugin) }

// wireOrganization shows an organization with its metadata as text (better-auth organization
// 13, Q-2).
func (s *Service) wireOrganization(o *ent.Organization) ent.WireObject {
	return s.wire(entityOrganization, o)
}

// wireChanged shows an organization that was made or changed: with its metadata as an
// object, and without any where there is none.
func (s *Service) wireChanged(o *ent.Organization) ent.WireObject {
	row := s.wireOrganization(o)
	i := slices.IndexFunc(row, func(f ent.WireField) bool { return f.Key == "metadata" })
	if i < 0 {
		return row
	}
	if o.Metadata == nil {
		return slices.Delete(row, i, i+1)
	}
	row[i].Value = json.RawMessage(*o.Metadata)
	return row
}

func (s *Service) wireMember(m *ent.Member) ent.WireObject { return s.wire(entityMember, m) }

// person is a user as it stands beside a member.
type personOutput struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Email string  `json:"email"`
	Image *string `json:"image"`
}

// wireMemberUser shows a member with the person.
func (s *Service) wireMemberUser(m *ent.Member, u *ent.User) ent.WireObject {
	row := s.wireMember(m)
	if u == nil {
		return row
	}
	return append(row, ent.WireField{Key: "user", Value: personOutput{u.ID, u.Name, u.Email, u.Image}})
}

// wireInvitation shows an invitation; its teams only where there are teams.
func (s *Service) wireInvitation(i *ent.Invitation) ent.WireObject {
	row := s.wire(entityInvitation, i)
	if s.cfg.Get().Teams.Enabled {
		return row
	}
	return slices.DeleteFunc(row, func(f ent.WireField) bool { return f.Key == "teamId" })
}

// wireRole shows a role with its permission as an object. One that cannot be read gives
// nothing and is shown so.
func (s *Service) wireRole(r *ent.OrganizationRole) ent.WireObject {
	row := s.wire(entityRole, r)
	for i := range row {
		if row[i].Key == "permission" {
			row[i].Value = json.RawMessage("{}")
			if _, err := readPermission(r.Permission); err == nil {
				row[i].Value = json.RawMessage(r.Permission)
			}
		}
	}
	return row
}

// each shows a list of rows; an empty one is [].
func each[T any](rows []T, show func(T) ent.WireObject) []ent.WireObject {
	out := make([]ent.WireObject, len(rows))
	for i, row := range rows {
		out[i] = show(row)
	}
	return out
}

// activeOf is the organization that is active for a caller, as it stands in the session; of
// a key, the one it belongs to.
func activeOf(c *plugins.Call) string {
	if c.Current != nil && c.Current.Session != nil && c.Current.Session.ActiveOrganizationID != nil {
		return *c.Current.Session.ActiveOrganizationID
	}
	if p := c.Principal(); p != nil {
		id, _ := p.Claims["organizationId"].(string)
		return id
	}
	return ""
}

// activeTeamOf is the team that is active in the session of a caller.
func activeTeamOf(c *plugins.Call) string {
	if c.Current == nil || c.Current.Session == nil {
		return ""
	}
	return auth.ValueOf(c.Current.Session.ActiveTeamID)
}

// target is the organization that a request names, else the active one.
func target(c *plugins.Call, id *string) string {
	if given := auth.ValueOf(id); given != "" {
		return given
	}
	return activeOf(c)
}

// follow sends the cookies of the session again when a command changed what is active in
// it, refused commands too, unless the settings leave that to the next sign of life (D-1);
// always sends them in any case. It passes the outcome on.
func (s *Service) follow(c *plugins.Call, always bool, result any, failure error) (any, error) {
	id := sessionOf(c.Context())
	if id == "" || c.Current == nil || !always && !s.cfg.Get().SessionFollows {
		return result, failure
	}
	row, err := s.host.DB.Access(c.Context()).Session().Get(c.Context(), id)
	if ent.IsNotFound(err) {
		return result, failure
	}
	if err != nil {
		return nil, errors.Join(failure, err)
	}
	was := c.Current.Session
	if !always && auth.ValueOf(row.ActiveOrganizationID) == auth.ValueOf(was.ActiveOrganizationID) && auth.ValueOf(row.ActiveTeamID) == auth.ValueOf(was.ActiveTeamID) {
		return result, failure
	}
	next := *c.Current
	next.Session, next.Cached = row, nil
	if err := c.Desk.Reissue(c, &next); err != nil {
		return nil, err
	}
	return result, failure
}

// sized says in the words of the wire that storage refused a text for its length.
func sized(handle func(*plugins.Call) (any, error)) func(*plugins.Call) (any, error) {
	return func(c *plugins.Call) (any, error) {
		result, err := handle(c)
		var refused *ent.ValidationError
		if errors.As(err, &refused) && !errors.Is(err, core.ErrPictureAddress) {
			return nil, auth.ErrValidation.Saying(words.Raw("[body." + refused.Name + "] Too big: the text is too long")).Because(err)
		}
		return result, err
	}
}

// pageInput are the bounds of a list, which the wire does not have: without them everything
// is answered.
type pageInput struct {
	Limit  schema.Value `json:"limit" schema:"optional,union=string|number"`
	Offset schema.Value `json:"offset" schema:"optional,union=string|number"`
}

func (p pageInput) page() Page {
	return Page{Limit: list.AsNumber(p.Limit), Offset: list.AsNumber(p.Offset)}
}
