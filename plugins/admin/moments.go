package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// moments are where the plugin takes part in what others do.
func (s *Service) moments() plugins.Moments {
	return plugins.Moments{
		AfterEndpoint: []plugins.EndpointHook{{Class: auth.Observe, Match: "/list-sessions", Do: hideImpersonated}},
		Hooks: auth.Hooks{
			UserCreating:      []auth.On[*auth.UserDraft]{{Class: auth.Refuse, Do: s.defaultRole}},
			UserUpdating:      []auth.On[*auth.UserPatch]{{Class: auth.Refuse, Do: s.guardPatch}},
			UserUpdated:       []auth.On[*auth.UserChange]{{Class: auth.Refuse, Do: s.guardUpdated}},
			UserDeleting:      []auth.On[*auth.UserChange]{{Class: auth.Refuse, Do: s.guardDelete}},
			PasswordStored:    []auth.On[*auth.StoredPassword]{{Class: auth.Observe, Do: s.ownPasswordStored}},
			UserDeleted:       []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: s.afterDelete}},
			FirstFactorProven: []auth.On[*auth.FirstFactor]{{Class: auth.Refuse, Do: s.refuseSignIn}, {Class: auth.Conclude, Do: s.askOwnPassword}},
			SessionCreating:   []auth.On[*auth.SessionDraft]{{Class: auth.Refuse, Do: s.refuseSession}},
			SessionRead:       []auth.On[*auth.Reading]{{Class: auth.Refuse, Do: s.alive}},
		},
	}
}

// refuseSignIn keeps banned people out once they have shown who they are: a wrong
// password does not reveal the ban.
func (s *Service) refuseSignIn(ctx context.Context, f *auth.FirstFactor) error {
	u, err := s.admitted(ctx, f.User)
	if err == nil {
		f.User = u
	}
	return err
}

// refuseSession is the same on every other path to a session.
func (s *Service) refuseSession(ctx context.Context, d *auth.SessionDraft) error {
	u, err := s.admitted(ctx, d.User)
	if err == nil {
		d.User = u
	}
	return err
}

// hideImpersonated takes sessions that somebody else opened out of a person's own list.
func hideImpersonated(_ context.Context, c *plugins.Call) error {
	list, ok := c.Result.([]ent.WireObject)
	if !ok || c.Err != nil {
		return nil
	}
	shown := make([]ent.WireObject, 0, len(list))
	for _, row := range list {
		by, _ := row.Get("impersonatedBy")
		if p, isPointer := by.(*string); by == nil || isPointer && p == nil {
			shown = append(shown, row)
		}
	}
	c.Result = shown
	return nil
}
