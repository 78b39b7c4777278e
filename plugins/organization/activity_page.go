package organization

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
)

// listActivity names the list in cursors and preferences.
const listActivity = "organization-activity"

// activityView is what happened in an organization.
type activityView struct {
	head
	List list.View[happened.Row]
}

func (s *Service) activityPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	view, err := s.lists.activity.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), activityView{h, view})
}

func (s *Service) activityLog() happened.Log {
	return happened.Log{Host: s.host, ID: listActivity, Path: inside + "/activity", Export: ScopeEvents, Inside: true, Load: s.Activity}
}

// Activity lists what happened in an organization, the newest first unless the query says
// otherwise. It needs event:read there.
func (s *Service) Activity(ctx context.Context, q list.Query) (list.Page[*ent.Event], error) {
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[*ent.Event]{}, err
	}
	if !a.Can(ScopeEvents) {
		return list.Page[*ent.Event]{}, auth.ErrForbidden.ForIn(a.org, ScopeEvents)
	}
	match := append([]predicate.Event{event.OrganizationID(q.In)}, happened.Match(q, s.now())...)
	query := func() *ent.EventQuery { return s.host.DB.Access(ctx).Event().Query().Where(match...) }
	found, err := s.activityLog().Page(q, func(at list.Span) ([]*ent.Event, error) {
		return query().Where(predicate.Event(at.Where)).Order(at.Order).Limit(at.Limit).All(ctx)
	}, func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err })
	if err != nil {
		return found, fmt.Errorf("listing events: %w", err)
	}
	found.Rows = s.veiled(a, found.Rows)
	return found, nil
}

// veiled are events without what they say about invitations that the actor may not see: those
// that make an owner are seen by owners only, all others by who may invite (SEC-132,
// decisions 25).
func (s *Service) veiled(a actor, rows []*ent.Event) []*ent.Event {
	if s.owns(a) {
		return rows
	}
	shown := slices.Clone(rows)
	for i, e := range rows {
		role, _ := e.Data["role"].(string)
		if e.SubjectType == subjectInvitation && (!a.Can(ScopeInvite) || s.creates(role)) {
			bare := *e
			bare.SubjectID, bare.Data = "", nil
			shown[i] = &bare
		}
	}
	return shown
}
