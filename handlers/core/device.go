package core

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// The cookie plugins.DeviceCookie holds the value of a browser and the day on which it was
// written, since browsers keep none longer than 400 days (RFC 6265bis). One that is older
// than a month is written again at a sign-in.
const (
	deviceMaxAge = 400 * 24 * time.Hour
	deviceRenew  = 30
)

// settled is the age from which a session is none that was just opened: its cookies go
// out again, as at the end of an impersonation.
const settled = time.Minute

// knowDevice remembers the browser of a session whose cookies go out, and tells its
// owner of a new one. While nobody wants to be told, nothing is remembered and no cookie
// is set. A session that an administrator opened for somebody is not a sign-in. What
// fails here is logged: the person is signed in by now.
func (s *Service) knowDevice(ctx context.Context, e *plugins.SessionIssued) error {
	row := e.Issued.Session
	masked := row.ImpersonatedBy != nil && *row.ImpersonatedBy != ""
	if !s.h.Notices.Wanted(auth.NoticeDevice) || masked || s.h.Clock().Sub(row.CreatedAt) > settled {
		return nil
	}
	today := s.h.Clock().Unix() / 86_400
	value, _ := e.Call.Desk.Signed(e.Call, plugins.DeviceCookie)
	id, day, _ := strings.Cut(value, ".")
	written, err := strconv.ParseInt(day, 10, 64)
	if id == "" {
		id = auth.NewDevice()
	}
	if value == "" || err != nil || today-written > deviceRenew {
		age := 0 // nothing outlives a browser that is not to be remembered
		if e.Issued.Remember {
			age = int(deviceMaxAge / time.Second)
		}
		e.Call.Desk.SetSigned(e.Call, plugins.DeviceCookie, id+"."+strconv.FormatInt(today, 10), age)
	}
	if err := s.h.Devices.SignedIn(ctx, e.Issued, id); err != nil {
		s.h.Log.ErrorContext(ctx, "device not remembered", "error", err)
	}
	return nil
}
