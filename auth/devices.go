package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/ent"
	"gatehouse/ent/device"
	"gatehouse/ent/event"
)

// Bounds of what is remembered of devices.
const (
	DeviceLife = 365 * 24 * time.Hour // since it was last seen
	maxDevices = 100                  // of one person; the one not seen for longest goes
)

// MessageNewDevice is the kind of the notice of a sign-in from a new device.
const MessageNewDevice = "new-device"

// Devices remembers the browsers from which people signed in, so that a sign-in from
// another one can be told. A browser is known by a value that only it holds; what is
// stored is its hash.
type Devices struct {
	db      *DB
	clock   Clock
	notices *Notices
	events  *Events
}

// SignedIn remembers the browser of a new session and tells its owner when it is new,
// unless this is their first sign-in of all. value is what the browser holds, made by
// NewDevice.
func (d *Devices) SignedIn(ctx context.Context, issued *Issued, value string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		known, err := d.seen(ctx, tx, issued.User.ID, secret.HashToken(value))
		if err != nil || known {
			return err
		}
		first, err := d.first(ctx, issued)
		if err != nil || first {
			return err
		}
		return d.notices.Changed(ctx, issued.User, MessageNewDevice, nil)
	})
}

// NewDevice makes the value by which a browser is known.
func NewDevice() string { return random.ID() }

// IsDevice reports whether a device is the browser that holds a value; "" is none.
func IsDevice(row *ent.Device, value string) bool {
	return value != "" && row.Key == secret.HashToken(value)
}

// seen writes that a device was seen, and reports whether it was there.
func (d *Devices) seen(ctx context.Context, tx *Tx, user, key string) (bool, error) {
	origin, now := OriginOf(ctx), d.clock()
	n, err := tx.Device().Update().Where(device.UserID(user), device.Key(key)).
		SetLastSeenAt(now).SetIPAddress(origin.Address).SetUserAgent(origin.UserAgent).Save(ctx)
	if err != nil || n > 0 {
		return n > 0, wrap("remembering a device", err)
	}
	if err := d.makeRoom(ctx, tx, user); err != nil {
		return false, err
	}
	err = tx.Device().Create().SetID(random.ID()).SetUserID(user).SetKey(key).SetIPAddress(origin.Address).SetUserAgent(origin.UserAgent).
		SetCreatedAt(now).SetLastSeenAt(now).OnConflictColumns(device.FieldUserID, device.FieldKey).SetLastSeenAt(now).Exec(ctx)
	return false, wrap("remembering a device", err)
}

// makeRoom forgets the devices not seen for longest, so that a program that keeps no
// cookies does not fill the table.
func (d *Devices) makeRoom(ctx context.Context, tx *Tx, user string) error {
	over, err := tx.Device().Query().Where(device.UserID(user)).Order(ent.Desc(device.FieldLastSeenAt)).Offset(maxDevices - 1).Limit(maxDevices).IDs(ctx)
	if err != nil || len(over) == 0 {
		return wrap("counting devices", err)
	}
	_, err = tx.Device().Delete().Where(device.IDIn(over...)).Exec(ctx)
	return wrap("forgetting devices", err)
}

// first reports whether a session is the first that its owner ever opened.
func (d *Devices) first(ctx context.Context, issued *Issued) (bool, error) {
	before, err := d.db.Access(ctx).Event().Query().
		Where(openedBy(issued.User.ID), event.SessionIDNEQ(issued.Session.ID)).Exist(ctx)
	return !before, wrap("looking for earlier sessions", err)
}

// Of lists the browsers from which a person signed in, last seen first.
func (d *Devices) Of(ctx context.Context, user string) ([]*ent.Device, error) {
	rows, err := d.db.Access(ctx).Device().Query().Where(device.UserID(user)).
		Order(ent.Desc(device.FieldLastSeenAt), ent.Desc(device.FieldID)).Limit(maxDevices).All(ctx)
	return rows, wrap("reading devices", err)
}

// Forget makes a device of a person unknown again: the next sign-in from it is told as
// one from a new device. Its sessions stay. A device that is not theirs is nobody's.
func (d *Devices) Forget(ctx context.Context, user, id string) error {
	return d.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Device().Delete().Where(device.ID(id), device.UserID(user)).Exec(ctx)
		if err != nil || n == 0 {
			return wrap("forgetting a device", err)
		}
		return d.events.Record(ctx, Event{Kind: "device.forgotten", SubjectType: "user", Subject: user})
	})
}

// Sweep forgets devices that were not seen for a year.
func (d *Devices) Sweep(ctx context.Context, limit int) (int, error) {
	ids, err := d.db.Access(ctx).Device().Query().Where(device.LastSeenAtLT(d.clock().Add(-DeviceLife))).Limit(limit).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = d.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err = tx.Device().Delete().Where(device.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
