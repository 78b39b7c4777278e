package admin

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	entdevice "gatehouse/ent/device"
)

// maxDevices bounds the known devices of one person in one answer.
const maxDevices = 200

// Devices lists the browsers a person signed in from before, the last used first, at most
// 200. It needs session:list.
func (s *Service) Devices(ctx context.Context, id string) ([]*ent.Device, error) {
	if _, err := s.actor(ctx, ScopeSessionList, ErrMayNotListSessions); err != nil {
		return nil, err
	}
	rows, err := s.host.DB.Access(ctx).Device().Query().Where(entdevice.UserID(id)).
		Order(ent.Desc(entdevice.FieldLastSeenAt), ent.Desc(entdevice.FieldID)).Limit(maxDevices).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing devices: %w", err)
	}
	return rows, nil
}

// ForgetDevice makes a known device of a person unknown, so that the next sign-in from it
// is that of a new one. Its sessions stay. An unknown device is no error. It needs
// session:revoke.
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
	return s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.Device().Delete().Where(entdevice.ID(device), entdevice.UserID(id)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting a device: %w", err)
		}
		if n == 0 {
			return nil
		}
		return s.record(ctx, eventDeviceForgotten, id, nil)
	})
}
