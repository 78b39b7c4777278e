package admin

import (
	"context"

	"gatehouse/ent"
)

// Devices lists the browsers a person signed in from before, the last used first. It
// needs session:list.
func (s *Service) Devices(ctx context.Context, id string) ([]*ent.Device, error) {
	if _, err := s.actor(ctx, ScopeSessionList, ErrMayNotListSessions); err != nil {
		return nil, err
	}
	return s.host.Devices.Of(ctx, id)
}

// ForgetDevice makes a known device of a person unknown. It needs session:revoke.
func (s *Service) ForgetDevice(ctx context.Context, id, device string) error {
	p, err := s.actor(ctx, ScopeSessionRevoke, ErrMayNotRevoke)
	if err != nil {
		return err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayActOn(ctx, p, target, ErrMayNotRevoke); err != nil {
		return err
	}
	return s.host.Devices.Forget(ctx, id, device)
}
