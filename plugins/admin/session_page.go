package admin

import (
	"cmp"
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// sessionsView is who is signed in, everybody's sessions together.
type sessionsView struct {
	Page   SessionPage
	Rows   []sessionRow
	Cursor string
}

// sessionRow is one session as lists draw it.
type sessionRow struct {
	Row    *ent.Session
	Handle string
	Own    bool // the session of the reader
	End    bool // may be ended
	Back   string
	Over   bool // expired, not swept yet
}

// sessionsPage lists the living sessions, the newest first.
func (s *Service) sessionsPage(c *plugins.Call) error {
	cursor := c.Form("page")
	found, err := s.LiveSessions(c.Context(), cursor, 0)
	if err != nil {
		return err
	}
	view := sessionsView{Page: found, Cursor: cursor}
	for _, row := range found.Sessions {
		r := s.sessionRow(c, row, sessionsPath)
		if r.End && row.Edges.User != nil {
			if r.End, err = s.MayActOn(c.Context(), row.Edges.User); err != nil {
				return err
			}
		}
		view.Rows = append(view.Rows, r)
	}
	return c.Page(http.StatusOK, view)
}

func (s *Service) sessionRow(c *plugins.Call, row *ent.Session, back string) sessionRow {
	p := c.Principal()
	own := p.Session != nil && p.Session.ID == row.ID
	return sessionRow{Row: row, Handle: s.Handle(row), Own: own, End: p.Can(ScopeSessionRevoke) && !own, Back: back, Over: !s.now().Before(row.ExpiresAt)}
}

func (v sessionsView) pages() web.Pages {
	p := web.Pages{Total: v.Page.Total, AtLeast: v.Page.More, What: func(n int) words.Text { return words.N(n, "%d session", "%d sessions") }}
	if v.Cursor != "" {
		p.Start = sessionsPath
	}
	if v.Page.Next != "" {
		p.Next = sessionsPath + "?page=" + url.QueryEscape(v.Page.Next)
	}
	return p
}

// userSessionsView is the sessions of one person.
type userSessionsView struct {
	userHead
	Rows    []sessionRow
	Devices []*ent.Device
}

func (s *Service) userSessionsPage(c *plugins.Call) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	rows, err := s.Sessions(c.Context(), head.User.ID)
	if err != nil {
		return err
	}
	view := userSessionsView{userHead: head}
	for _, row := range rows {
		r := s.sessionRow(c, row, userURL(head.User.ID, "sessions"))
		r.End = r.End && head.Can.EndSessions
		view.Rows = append(view.Rows, r)
	}
	if view.Devices, err = s.Devices(c.Context(), head.User.ID); err != nil {
		return err
	}
	return c.Page(http.StatusOK, view)
}

// forgetDevicePage makes a device unknown.
func (s *Service) forgetDevicePage(c *plugins.Call) error {
	if err := s.ForgetDevice(c.Context(), c.Param("id"), c.Form("device")); err != nil {
		return err
	}
	c.Flash("good", "The device is forgotten.")
	return c.SeeOther(userURL(c.Param("id"), "sessions"))
}

// endSessionPage ends one session by its handle and goes back to the list it was on.
func (s *Service) endSessionPage(c *plugins.Call) error {
	if err := s.EndSession(c.Context(), c.Form("handle")); err != nil {
		return err
	}
	back := sessionsPath
	if given := c.Form("back"); strings.HasPrefix(given, usersPath+"/") && !strings.ContainsAny(given, "\\?#") {
		back = given
	}
	c.Flash("good", "The session ended.")
	return c.SeeOther(back)
}

// proofWords name the proofs of a sign-in (RFC 8176, and our own).
var proofWords = map[string]words.Text{"pwd": "password", "otp": "code", "hwk": "passkey", "swk": "passkey", "mfa": "two factors", "email": "mail link",
	"sms": "text message", methodLink: "link handed over"}

// amrWords says how somebody signed in.
func amrWords(amr string) words.Text {
	var said []words.Text
	for method := range strings.SplitSeq(amr, ",") {
		if method == "" {
			continue
		}
		said = append(said, cmp.Or(proofWords[method], words.Raw(method)))
	}
	return words.Join(", ", said...)
}
