package handlers

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent/migrate"
	"gatehouse/plugins"
)

// Ready implements plugins.Server: the database answers and its schema is current.
func (s *Server) Ready(ctx context.Context) error {
	if !s.ready.Load() {
		return errors.New("starting or shutting down")
	}
	if err := s.core.DB.Store().Ping(ctx); err != nil {
		return errors.New("the database does not answer")
	}
	store := s.core.DB.Store()
	status, err := migrate.Target{DB: store.SQL, Dialect: store.Dialect}.Status(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if len(status.Pending) > 0 {
		return fmt.Errorf("%d migrations are pending", len(status.Pending))
	}
	return nil
}

// Refresh implements plugins.Server.
func (s *Server) Refresh() error { return s.refresh() }

// Console implements plugins.Server.
func (s *Server) Console(ctx context.Context, p *auth.Principal) bool {
	return s.hasScreen(p) || len(s.places(ctx, p)) > 0
}

// Places implements plugins.Server.
func (s *Server) Places(ctx context.Context, p *auth.Principal) []plugins.Organization {
	return s.places(ctx, p)
}
