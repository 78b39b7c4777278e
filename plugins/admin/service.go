package admin

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Service decides and does everything the plugin offers. Its methods may be called from
// any goroutine once the server is built.
type Service struct {
	host    *plugins.Host
	cfg     *settings.Section[Config]
	options Options
	lists   lists
}

// now is the time of the server's clock.
func (s *Service) now() time.Time { return s.host.Clock() }

// find reads the person an act is about; unknown is ErrUnknownUser.
func (s *Service) find(ctx context.Context, id string) (*ent.User, error) {
	u, err := s.host.Users.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, ErrUnknownUser
	}
	return u, nil
}

// Get returns one person. It needs user:get.
func (s *Service) Get(ctx context.Context, id string) (*ent.User, error) {
	if _, err := s.actor(ctx, ScopeGet, ErrMayNotGet); err != nil {
		return nil, err
	}
	return s.find(ctx, id)
}

// record stores an event about a person.
func (s *Service) record(ctx context.Context, kind, user string, data map[string]any) error {
	return s.host.Events.Record(ctx, auth.Event{Kind: kind, SubjectType: "user", Subject: user, Data: data})
}

// inTx runs a command in a transaction.
func (s *Service) inTx(ctx context.Context, fn func(context.Context, *auth.Tx) error) error {
	return s.host.DB.InTx(ctx, fn)
}
