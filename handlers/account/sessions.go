package account

import (
	"gatehouse/auth/words"
	"net/http"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// showSessions lists where the person is signed in, this device first.
func (p *Part) showSessions(c *plugins.Call) error {
	if !p.recent(c.Current.Session) {
		return auth.ErrStepUpRequired
	}
	rows, err := p.core().ListSessions(c.Context(), c.Current.User.ID)
	if err != nil {
		return err
	}
	var here, others []page.Session
	for _, row := range rows {
		if row.ID == c.Current.Session.ID {
			here = append(here, p.session(row, true))
		} else {
			others = append(others, p.session(row, false))
		}
	}
	known, err := p.h.Devices.Of(c.Context(), c.Current.User.ID)
	if err != nil {
		return err
	}
	devices := make([]page.Device, len(known))
	for i, d := range known {
		name, mobile := auth.Browser(d.UserAgent)
		devices[i] = page.Device{ID: d.ID, Name: name, Mobile: mobile, Address: d.IPAddress, First: d.CreatedAt, LastSeen: d.LastSeenAt, Current: auth.IsDevice(d, c.Device())}
	}
	return c.Page(http.StatusOK, page.Sessions{List: append(here, others...), Devices: devices})
}

// session is a row as its owner sees it: named by a handle that ends it and does not
// authenticate (SEC-044).
func (p *Part) session(row *ent.Session, current bool) page.Session {
	device, mobile := auth.Browser(row.UserAgent)
	s := page.Session{ID: p.core().Handle(row), Device: device, Mobile: mobile, Address: row.IPAddress,
		Created: row.CreatedAt, Expires: row.ExpiresAt, Current: current}
	if row.LastSeenAt != nil {
		s.LastSeen = *row.LastSeenAt
	}
	if row.ImpersonatedBy != nil && *row.ImpersonatedBy != "" {
		s.Actor = "an administrator"
	}
	return s
}

// revoke ends one session. Ending the own one is signing out.
func (p *Part) revoke(c *plugins.Call) error {
	own, err := p.core().EndSession(c.Context(), c.Current, c.Form("id"))
	if err != nil {
		return err
	}
	if own {
		return leaveSignedOut(c, "You are signed out.")
	}
	c.Flash("good", "The session is ended.")
	return c.SeeOther(page.SessionsPath)
}

// askRevokeOthers asks before the others end, for readers without scripts.
func (p *Part) askRevokeOthers(c *plugins.Call) error {
	rows, err := p.core().ListSessions(c.Context(), c.Current.User.ID)
	if err != nil {
		return err
	}
	if len(rows) < 2 {
		return c.SeeOther(page.SessionsPath)
	}
	return c.Page(http.StatusOK, page.RevokeOthers(len(rows)-1))
}

func (p *Part) revokeOthers(c *plugins.Call) error {
	if err := p.core().EndOtherSessions(c.Context(), c.Current); err != nil {
		return err
	}
	c.Flash("good", "All other sessions are ended.")
	return c.SeeOther(page.SessionsPath)
}

// leaveSignedOut ends on the sign-in page with nothing left in the browser.
func leaveSignedOut(c *plugins.Call, text words.Text) error {
	clearBrowser(c)
	c.Flash("good", text)
	return c.SeeOther(page.SignInPath)
}

// clearBrowser removes what the browser holds of the person (SEC-212).
func clearBrowser(c *plugins.Call) {
	c.Desk.Clear(c)
	mailed.Forget(c)
	c.Header.Set("Clear-Site-Data", `"cache", "storage"`)
}

// told reports an error that the person is told by a message on the next page.
func told(err error) (*auth.Error, bool) {
	e := auth.AsError(err)
	return e, e.Status < http.StatusInternalServerError
}

// forget makes a known device unknown.
func (p *Part) forget(c *plugins.Call) error {
	if err := p.h.Devices.Forget(c.Context(), c.Current.User.ID, c.Form("device")); err != nil {
		return err
	}
	c.Flash("good", "The device is forgotten.")
	return c.SeeOther(page.SessionsPath)
}
