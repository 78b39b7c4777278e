package core

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/device"
)

// maxDevices bounds a list of devices.
const maxDevices = 100

// Devices lists the browsers from which a person signed in before, last seen first, at
// most 100.
func (s *Service) Devices(ctx context.Context, userID string) ([]*ent.Device, error) {
	rows, err := s.h.DB.Access(ctx).Device().Query().Where(device.UserID(userID)).
		Order(ent.Desc(device.FieldLastSeenAt), ent.Desc(device.FieldID)).Limit(maxDevices).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading devices: %w", err)
	}
	return rows, nil
}

// ForgetDevice makes a device of the caller unknown again: the next sign-in from it is
// told as one from a new device. A device that is not theirs is nobody's.
func (s *Service) ForgetDevice(ctx context.Context, current *auth.Current, id string) error {
	return s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err := tx.Device().Delete().Where(device.ID(id), device.UserID(current.User.ID)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting a device: %w", err)
		}
		if n == 0 {
			return nil
		}
		return s.h.Events.Record(ctx, auth.Event{Kind: "device.forgotten", SubjectType: "user", Subject: current.User.ID})
	})
}
