package console

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent/attempt"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// Addresses of the lists of what is locked.
const (
	lockoutsPath  = "/admin/lockouts"
	throttledPath = lockoutsPath + "/addresses"
	releasePath   = lockoutsPath + "/release"
)

// lockoutsBeside is how far the entry of the navigation counts.
const lockoutsBeside = 100

// Orders of the list of accounts.
const (
	byEnd  = "until"
	byLast = "last"
)

// lockoutRow is an account as the list draws it.
type lockoutRow struct {
	auth.Lockout
	URL     string // of the person, for those who may see them
	Release bool   // the reader may
}

// throttledRow is an address that has to wait at one place.
type throttledRow struct {
	plugins.Throttled
	Release bool
}

// id names a row in forms: no address holds a space.
func (r throttledRow) id() string { return r.Address + " " + r.Path }

// countLockouts is the number beside the entry of the navigation.
func (p *console) countLockouts(ctx context.Context) (int, error) {
	return p.host.Attempts.CountLockouts(ctx, auth.LockoutQuery{}, lockoutsBeside)
}

// lockouts lists the accounts that have to wait, those that do so longest first.
func (p *console) lockouts(c *plugins.Call) error {
	return waiting(c, p.lists.lockouts)
}

// throttled lists the addresses that have to wait.
func (p *console) throttled(c *plugins.Call) error {
	return waiting(c, p.lists.throttled)
}

func waiting[T any](c *plugins.Call, l *list.List[T]) error {
	view, err := l.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), lockoutsView{view})
}

func mayReleaseAny(p *auth.Principal) bool { return p.Can(ScopeLockoutRelease) }

// lockoutsList declares the list of accounts that have to wait.
func (p *console) lockoutsList() *list.List[lockoutRow] {
	return &list.List[lockoutRow]{
		ID: "lockouts", Path: lockoutsPath, Caption: "Accounts", Sort: byEnd, Export: ScopeLockouts,
		What:   func(n int) words.Text { return words.N(n, "%d account", "%d accounts") },
		Search: "Search by name, email or address", Placeholder: "Name, email or address",
		Load: p.loadLockouts,
		Row: func(r lockoutRow) list.Row {
			return list.Row{ID: r.ID, Label: r.name(), Href: r.URL, Menu: r.button(), Fixed: !r.Release}
		},
		Acts: []list.Act{{ID: "release", Label: "Release", Icon: "lock-open", Hold: mayReleaseAny}},
		Empty: func(*plugins.Call) web.Empty {
			if !p.host.Core.Settings.RateLimit.Get().Account.Enabled {
				return web.Empty{Icon: "lock-open", Title: "Accounts are not slowed", Text: "The setting rate_limit.account.enabled is off: passwords can be guessed without a pause."}
			}
			return web.Empty{Icon: "circle-check", Title: "No account is locked", Text: "An account appears here when too many wrong passwords were tried for it, whatever address they came from."}
		},
		Filters: []list.Filter{{ID: "state", Label: "State", Options: func(context.Context) []web.Option {
			return []web.Option{{Value: "slowed", Label: "Slowed"}, {Value: "locked", Label: "Locked"}}
		}}},
		Columns: []list.Column[lockoutRow]{
			{ID: "account", Label: "Account", Fixed: true, Draw: func(r lockoutRow) templ.Component { return r.who() }, Value: func(r lockoutRow) any { return r.Account }},
			{ID: "user", Value: func(r lockoutRow) any {
				if r.User == nil {
					return nil
				}
				return r.User.ID
			}},
			{ID: "state", Label: "State", Wide: true, Draw: func(r lockoutRow) templ.Component { return stateOf(r.Lockout) }, Value: func(r lockoutRow) any { return strings.ToLower(stateOf(r.Lockout).Label.English()) }},
			{ID: "failures", Label: "Failures in a row", Wide: true, End: true, Draw: func(r lockoutRow) templ.Component { return words.Number(r.Failures) }, Value: func(r lockoutRow) any { return r.Failures }},
			{ID: "address", Label: "Last from", Wide: true, Draw: func(r lockoutRow) templ.Component { return web.Text(r.Address) }, Value: func(r lockoutRow) any { return r.Address }},
			{ID: byLast, Label: "Last failure", Sort: true, Wide: true, End: true, Draw: func(r lockoutRow) templ.Component { return web.Time{At: r.Last} }, Value: func(r lockoutRow) any { return r.Last }},
			{ID: byEnd, Label: "Ends", Sort: true, Wide: true, End: true, Draw: func(r lockoutRow) templ.Component { return web.Time{At: r.Until} }, Value: func(r lockoutRow) any { return r.Until }},
		},
	}
}

func (p *console) loadLockouts(ctx context.Context, q list.Query) (list.Page[lockoutRow], error) {
	states := q.Filters["state"]
	asked := auth.LockoutQuery{Text: q.Text, Locked: slices.Contains(states, "locked"), Slowed: slices.Contains(states, "slowed")}
	found, err := list.Keyset[auth.Lockout]{
		List: "lockouts", Sort: byEnd, Keys: p.host.Keys, ID: func(l auth.Lockout) string { return l.ID },
		Orders: map[string]list.Order[auth.Lockout]{
			byEnd:  {Column: attempt.FieldBlockedUntil, Value: func(l auth.Lockout) any { return l.Until }},
			byLast: {Column: attempt.FieldLastFailureAt, Value: func(l auth.Lockout) any { return l.Last }},
		},
		Rows: func(at list.Span) ([]auth.Lockout, error) {
			part := asked
			part.Match, part.Order, part.Limit = []predicate.Attempt{at.Where}, at.Order, at.Limit
			return p.host.Attempts.Lockouts(ctx, part)
		},
		Count: func(limit int) (int, error) { return p.host.Attempts.CountLockouts(ctx, asked, limit) },
	}.Page(q)
	if err != nil {
		return list.Page[lockoutRow]{}, err
	}
	return list.Of(found, func(l auth.Lockout) (lockoutRow, error) { return p.lockoutRow(ctx, l) })
}

func (p *console) lockoutRow(ctx context.Context, l auth.Lockout) (lockoutRow, error) {
	row, who := lockoutRow{Lockout: l}, auth.PrincipalOf(ctx)
	if l.User != nil && who.Can("user:get") {
		row.URL = "/admin/users/" + l.User.ID
	}
	if !mayReleaseAny(who) {
		return row, nil
	}
	var err error
	row.Release, err = p.mayRelease(ctx, who, &l)
	return row, err
}

// throttledList declares the list of addresses that have to wait.
func (p *console) throttledList() *list.List[throttledRow] {
	return &list.List[throttledRow]{
		ID: "throttled", Path: throttledPath, Caption: "Addresses", Export: ScopeLockouts,
		What:   func(n int) words.Text { return words.N(n, "%d address", "%d addresses") },
		Search: "Search by address or place", Placeholder: "Address or place",
		Load: p.loadThrottled,
		Row: func(r throttledRow) list.Row {
			return list.Row{ID: r.id(), Label: addressOfClient(r.Throttled), Menu: r.button(), Fixed: !r.Release}
		},
		Acts: []list.Act{{ID: "release", Label: "Release", Icon: "lock-open", Hold: mayReleaseAny}},
		Empty: func(*plugins.Call) web.Empty {
			if !p.host.Core.Settings.RateLimit.Get().Enabled {
				return web.Empty{Icon: "lock-open", Title: "Requests are not limited", Text: "The setting rate_limit.enabled is off."}
			}
			return web.Empty{Icon: "circle-check", Title: "No address has to wait", Text: "An address appears here when it makes more requests than a limit allows."}
		},
		Columns: []list.Column[throttledRow]{
			{ID: "address", Label: "Address", Fixed: true, Draw: func(r throttledRow) templ.Component { return r.who() }, Value: func(r throttledRow) any { return r.Address }},
			{ID: "place", Label: "Where", Wide: true, Draw: func(r throttledRow) templ.Component { return r.place() }, Value: func(r throttledRow) any { return r.Path }},
			{ID: "requests", Label: "Requests", Wide: true, End: true, Draw: func(r throttledRow) templ.Component { return words.Number(r.Count) }, Value: func(r throttledRow) any { return r.Count }},
			{ID: byEnd, Label: "Ends", End: true, Draw: func(r throttledRow) templ.Component { return web.Time{At: r.Until} }, Value: func(r throttledRow) any { return r.Until }},
		},
	}
}

// loadThrottled pages through what the limiter keeps, those who wait longest first.
func (p *console) loadThrottled(ctx context.Context, q list.Query) (list.Page[throttledRow], error) {
	found, err := p.host.Server.Throttled(ctx)
	if err != nil {
		return list.Page[throttledRow]{}, err
	}
	may, text := mayReleaseAny(auth.PrincipalOf(ctx)), strings.ToLower(q.Text)
	var rows []throttledRow
	for _, t := range found {
		if strings.Contains(strings.ToLower(t.Address), text) || strings.Contains(strings.ToLower(t.Path), text) {
			rows = append(rows, throttledRow{t, may})
		}
	}
	return list.Whole(p.host.Keys, "throttled", q, rows)
}

// mayRelease applies the rule of rank: nobody acts on somebody who may do more than they
// do (decisions 42). An account that nobody has is anyone's to release.
func (p *console) mayRelease(ctx context.Context, who *auth.Principal, l *auth.Lockout) (bool, error) {
	if l.User == nil || l.User.ID == who.Subject {
		return true, nil
	}
	unbanned := *l.User // a ban does not lower a rank
	unbanned.Banned = false
	other, err := p.host.Principals.OfUser(ctx, &unbanned)
	if err != nil {
		return false, err
	}
	return who.PlatformScopes().Covers(other.PlatformScopes()), nil
}

// release lets an account or an address go on, and goes back to where the button was.
func (p *console) release(c *plugins.Call) error {
	done, err := p.releaseOne(c)
	if err != nil {
		return err
	}
	if done {
		c.Flash("good", "Released: the next try may be made at once.")
	} else {
		c.Flash("info", "There was nothing to release any more.")
	}
	back := lockoutsPath
	if c.Form("id") == "" {
		back = throttledPath
	}
	if given := c.Form("back"); strings.HasPrefix(given, "/admin/users/") && !strings.ContainsAny(given, "\\?#") {
		back = given
	}
	return c.SeeOther(back)
}

func (p *console) releaseOne(c *plugins.Call) (bool, error) {
	if c.Form("id") == "" {
		return p.host.Server.ReleaseThrottled(c.Context(), c.Form("address"), c.Form("path"))
	}
	return p.releaseAccount(c.Context(), c.Form("id"))
}

// releaseAccount reports false when there was nothing to release.
func (p *console) releaseAccount(ctx context.Context, id string) (bool, error) {
	l, err := p.host.Attempts.Lockout(ctx, id)
	if err != nil || l == nil {
		return false, err
	}
	may, err := p.mayRelease(ctx, auth.PrincipalOf(ctx), l)
	if err != nil {
		return false, err
	}
	if !may {
		return false, auth.ErrForbidden.Saying("This person ranks higher than you do.")
	}
	return p.host.Attempts.Release(ctx, l)
}

// released tells what came of an act on many.
func released(done, left int) words.Text {
	said := []words.Text{words.N(done, "One was released.", "%d were released.")}
	if left > 0 {
		said = append(said, words.N(left, "One was left out: it was free already, or ranks higher than you do.", "%d were left out: they were free already, or rank higher than you do."))
	}
	return words.Join(" ", said...)
}

func (p *console) releaseAddress(ctx context.Context, id string) (bool, error) {
	address, path, _ := strings.Cut(id, " ")
	return p.host.Server.ReleaseThrottled(ctx, address, path)
}
