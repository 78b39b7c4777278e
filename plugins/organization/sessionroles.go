package organization

import (
	"context"
	"encoding/json"
	"fmt"

	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// sessionRoles adds to the session of get-session what its holder is and may do in the
// active organization, by the names that NetScript reads (organization.md 15.1, 15.4).
func (s *Service) sessionRoles(ctx context.Context, c *plugins.Call) error {
	answer, ok := c.Result.(ent.WireObject)
	if !s.cfg.Get().SessionRoles || !ok || c.Err != nil || c.Current == nil || c.Current.Session.ActiveOrganizationID == nil {
		return nil
	}
	m, err := s.membership(ctx, *c.Current.Session.ActiveOrganizationID, c.Current.User.ID, s.now())
	if err != nil || m == nil {
		return err
	}
	claims, more := m.claims(), ent.WireObject{}
	for _, name := range []string{"activeOrganizationRole", "activeOrganizationRoles", "activeOrganizationPermissions"} {
		if v, ok := claims[name]; ok {
			more = append(more, ent.WireField{Key: name, Value: v})
		}
	}
	for i := range answer {
		if answer[i].Key == "session" {
			answer[i].Value, err = extended(answer[i].Value, more)
		}
	}
	return err
}

// extended adds members to a session as get-session has it: a row, or the text of the
// cookie cache.
func extended(session any, more ent.WireObject) (any, error) {
	switch row := session.(type) {
	case ent.WireObject:
		return append(row, more...), nil
	case json.RawMessage:
		v, err := schema.Decode(row)
		if err != nil {
			return nil, fmt.Errorf("session of the cookie cache: %w", err)
		}
		for _, f := range more {
			value, err := schema.From(f.Value)
			if err != nil {
				return nil, fmt.Errorf("roles in the session: %w", err)
			}
			v.Object().Set(f.Key, value)
		}
		return v, nil
	}
	return session, nil
}
