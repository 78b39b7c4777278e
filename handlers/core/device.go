package core

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// deviceCookie holds the value by which a browser is known again, for as long as browsers
// keep cookies (RFC 6265bis).
const (
	deviceCookie = "device"
	deviceMaxAge = 400 * 24 * time.Hour
)

// knowDevice remembers the browser of a session whose cookies go out, and tells its
// owner of a new one. While nobody wants to be told, nothing is remembered and no cookie
// is set. A session that an administrator opened for somebody is not a sign-in. What
// fails here is logged: the person is signed in by now.
func (s *Service) knowDevice(ctx context.Context, e *plugins.SessionIssued) error {
	row := e.Issued.Session
	if !s.h.Notices.Wanted(auth.NoticeDevice) || row.ImpersonatedBy != nil && *row.ImpersonatedBy != "" {
		return nil
	}
	value, known := e.Call.Desk.Signed(e.Call, deviceCookie)
	if !known || value == "" {
		value = auth.NewDevice()
	}
	e.Call.Desk.SetSigned(e.Call, deviceCookie, value, int(deviceMaxAge/time.Second))
	if err := s.h.Devices.SignedIn(ctx, e.Issued, value); err != nil {
		s.h.Log.ErrorContext(ctx, "device not remembered", "error", err)
	}
	return nil
}
