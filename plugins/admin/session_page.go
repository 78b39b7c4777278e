package admin

import (
	"context"
	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins/list"
	"github.com/a-h/templ"
	"net/http"
	"strings"
	"time"

	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// sessionsView is who is signed in, everybody's sessions together.
type sessionsView struct{ List list.View[sessionRow] }

// sessionRow is one session as lists draw it.
type sessionRow struct {
	Row    *ent.Session
	Handle string
	Own    bool // the session of the reader
	End    bool // may be ended
	Back   string
	Over   bool // expired, not swept yet
}

// sessionsPage lists the living sessions.
func (s *Service) sessionsPage(c *plugins.Call) error {
	view, err := s.lists.sessions.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), sessionsView{view})
}

// sessionsList declares the list of living sessions.
func (s *Service) sessionsList() *list.List[sessionRow] {
	when := func(of func(sessionRow) time.Time) func(sessionRow) templ.Component {
		return func(r sessionRow) templ.Component { return web.Time{At: of(r)} }
	}
	created, seen, ends := func(r sessionRow) time.Time { return r.Row.CreatedAt }, func(r sessionRow) time.Time { return lastSeen(r.Row) }, func(r sessionRow) time.Time { return r.Row.ExpiresAt }
	return &list.List[sessionRow]{
		ID: listSessions, Path: sessionsPath, Caption: "Sessions", Sort: byNewest, Export: ScopeSessionList,
		What:   func(n int) words.Text { return words.N(n, "%d session", "%d sessions") },
		Search: "Search sessions by person, address or id", Placeholder: "Person, address or id",
		Load: s.loadSessions,
		Row: func(r sessionRow) list.Row {
			return list.Row{ID: r.Handle, Label: words.Raw(r.email()), Href: r.href(), Menu: r.menu(), Fixed: !r.End}
		},
		Acts: []list.Act{{ID: "end", Label: "End sessions", Icon: "log-out", Danger: true, Hold: func(p *auth.Principal) bool { return p.Can(ScopeSessionRevoke) && !p.Impersonated() }}},
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "monitor", Title: "Nobody is signed in", Text: "Sessions appear here as people sign in."}
		},
		Filters: []list.Filter{
			{ID: "kind", Label: "Kind", Single: true, Options: func(context.Context) []web.Option {
				return []web.Option{{Value: "own", Label: "Signed in themselves"}, {Value: "impersonated", Label: "Impersonated"}}
			}},
			{ID: "user", Label: "User id", Any: true},
		},
		Columns: []list.Column[sessionRow]{
			{ID: "person", Label: "Person", Fixed: true, Draw: func(r sessionRow) templ.Component { return r.who() },
				Value: func(r sessionRow) any { return r.email() }},
			{ID: "device", Label: "Device", Wide: true, Draw: func(r sessionRow) templ.Component { return r.where() }, Value: func(r sessionRow) any { return r.name().English() }},
			{ID: "address", Label: "Address", Wide: true, Draw: func(r sessionRow) templ.Component { return web.Text(r.Row.IPAddress) }, Value: func(r sessionRow) any { return r.Row.IPAddress }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r sessionRow) templ.Component { return web.ID{Value: r.Row.ID, What: "session id"} }, Value: func(r sessionRow) any { return r.Row.ID }},
			{ID: "how", Label: "Proof", Hidden: true, Wide: true, Draw: func(r sessionRow) templ.Component { return auth.ProofWords(r.Row.Amr) }, Value: func(r sessionRow) any { return r.Row.Amr }},
			{ID: "userId", Value: func(r sessionRow) any { return r.Row.UserID }},
			{ID: "seen", Label: "Last seen", Wide: true, End: true, Draw: when(seen), Value: func(r sessionRow) any { return seen(r) }},
			{ID: "ends", Label: "Ends", Sort: true, Hidden: true, Wide: true, End: true, Draw: when(ends), Value: func(r sessionRow) any { return ends(r) }},
			{ID: byNewest, Label: "Signed in", Sort: true, Wide: true, End: true, Draw: when(created), Value: func(r sessionRow) any { return created(r) }},
		},
	}
}

// endedMany tells what came of ending many sessions.
func endedMany(done, left int) words.Text {
	said := []words.Text{words.N(done, "One session ended.", "%d sessions ended.")}
	if done == 0 {
		said[0] = "No session ended."
	}
	if left > 0 {
		said = append(said, words.N(left, "One was left out: it is your own, or of somebody who ranks higher than you do.", "%d were left out: they are your own, or of people who rank higher than you do."))
	}
	return words.Join(" ", said...)
}

// endSelected ends a session of a list, never the one of the request.
func (s *Service) endSelected(ctx context.Context, handle string) (bool, error) {
	if own := auth.PrincipalOf(ctx).Session; own != nil {
		if row, err := s.host.DB.Access(ctx).Session().Get(ctx, own.ID); err == nil && s.Handle(row) == handle {
			return false, nil
		}
	}
	ended, err := s.endSession(ctx, handle)
	if err == nil && !ended {
		err = list.ErrGone
	}
	return ended, err
}

func (s *Service) loadSessions(ctx context.Context, q list.Query) (list.Page[sessionRow], error) {
	found, err := s.LiveSessions(ctx, q)
	if err != nil {
		return list.Page[sessionRow]{}, err
	}
	return list.Of(found, func(row *ent.Session) (r sessionRow, err error) {
		r = s.sessionRow(auth.PrincipalOf(ctx), row, sessionsPath)
		if r.End && row.Edges.User != nil && !q.Export {
			r.End, err = s.MayActOn(ctx, row.Edges.User)
		}
		return r, err
	})
}

func (s *Service) sessionRow(p *auth.Principal, row *ent.Session, back string) sessionRow {
	own := p.Session != nil && p.Session.ID == row.ID
	return sessionRow{Row: row, Handle: s.Handle(row), Own: own, End: p.Can(ScopeSessionRevoke) && !own, Back: back, Over: !s.now().Before(row.ExpiresAt)}
}

// userSessionsView is the sessions of one person.
type userSessionsView struct {
	userHead
	Rows    []sessionRow
	Devices []*ent.Device
	// This reports whether a device is the browser of whoever looks.
	This func(*ent.Device) bool
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
	view := userSessionsView{userHead: head, This: func(d *ent.Device) bool { return auth.IsDevice(d, c.Device()) }}
	for _, row := range rows {
		r := s.sessionRow(c.Principal(), row, userURL(head.User.ID, "sessions"))
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
