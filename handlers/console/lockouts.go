package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Addresses of the list of what is locked.
const (
	lockoutsPath = "/admin/lockouts"
	releasePath  = lockoutsPath + "/release"
)

// Bounds of the list: accounts a page holds, addresses shown, and where counting stops.
const (
	lockoutsSize   = 50
	throttledSize  = 100
	lockoutsCount  = 1000
	lockoutsBeside = 100 // counted beside the entry of the navigation
)

// lockoutsView is which accounts and addresses have to wait.
type lockoutsView struct {
	Accounts    []lockoutRow
	Pages       web.Pages
	Addresses   []plugins.Throttled
	More        int  // addresses that are not shown
	May         bool // release
	AccountsOff bool // the throttle of accounts is switched off
	LimitsOff   bool // so are the limits of addresses
}

// lockoutRow is an account as the list draws it.
type lockoutRow struct {
	auth.Lockout
	URL     string // of the person, for those who may see them
	Release bool   // the reader may
}

// countLockouts is the number beside the entry of the navigation.
func (p *console) countLockouts(ctx context.Context) (int, error) {
	return p.host.Attempts.CountLockouts(ctx, lockoutsBeside)
}

// lockouts lists the accounts and addresses that have to wait, those that do so longest
// first.
func (p *console) lockouts(c *plugins.Call) error {
	mark, err := openPage(p.host.Keys, c.Form("page"))
	if err != nil {
		return err
	}
	ctx := c.Context()
	limits := p.host.Core.Settings.RateLimit.Get()
	view := lockoutsView{May: c.Principal().Can(ScopeLockoutRelease), AccountsOff: !limits.Account.Enabled, LimitsOff: !limits.Enabled}
	list, err := p.host.Attempts.Lockouts(ctx, auth.LockoutsAfter{Until: mark.At, ID: mark.ID}, lockoutsSize+1)
	if err != nil {
		return err
	}
	for _, l := range list[:min(len(list), lockoutsSize)] {
		row, err := p.lockoutRow(c, l)
		if err != nil {
			return err
		}
		view.Accounts = append(view.Accounts, row)
	}
	total, err := p.host.Attempts.CountLockouts(ctx, lockoutsCount+1)
	if err != nil {
		return err
	}
	view.Pages = p.lockoutPages(mark, view.Accounts, total, len(list) > lockoutsSize)
	if view.Addresses, err = p.host.Server.Throttled(ctx); err != nil {
		return err
	}
	view.More = max(0, len(view.Addresses)-throttledSize)
	view.Addresses = view.Addresses[:min(len(view.Addresses), throttledSize)]
	return c.Page(http.StatusOK, view)
}

func (p *console) lockoutRow(c *plugins.Call, l auth.Lockout) (lockoutRow, error) {
	row := lockoutRow{Lockout: l}
	who := c.Principal()
	if l.User != nil && who.Can("user:get") {
		row.URL = "/admin/users/" + l.User.ID
	}
	if !who.Can(ScopeLockoutRelease) {
		return row, nil
	}
	var err error
	row.Release, err = p.mayRelease(c.Context(), who, &l)
	return row, err
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

func (p *console) lockoutPages(mark pageMark, rows []lockoutRow, total int, more bool) web.Pages {
	pages := web.Pages{Total: min(total, lockoutsCount), AtLeast: total > lockoutsCount,
		What: func(n int) words.Text { return words.N(n, "%d account", "%d accounts") }}
	if len(rows) > 0 {
		pages.First, pages.Last = mark.Row+1, mark.Row+len(rows)
	}
	if mark.ID != "" {
		pages.Start = lockoutsPath
	}
	if more {
		last := rows[len(rows)-1]
		pages.Next = lockoutsPath + "?page=" + url.QueryEscape(pageMark{At: last.Until, ID: last.ID, Row: pages.Last}.seal(p.host.Keys))
	}
	return pages
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
	if given := c.Form("back"); strings.HasPrefix(given, "/admin/users/") && !strings.ContainsAny(given, "\\?#") {
		back = given
	}
	return c.SeeOther(back)
}

func (p *console) releaseOne(c *plugins.Call) (bool, error) {
	ctx := c.Context()
	if c.Form("id") == "" {
		return p.host.Server.ReleaseThrottled(ctx, c.Form("address"), c.Form("path"))
	}
	l, err := p.host.Attempts.Lockout(ctx, c.Form("id"))
	if err != nil || l == nil {
		return false, err
	}
	may, err := p.mayRelease(ctx, c.Principal(), l)
	if err != nil {
		return false, err
	}
	if !may {
		return false, auth.ErrForbidden.Saying("This person ranks higher than you do.")
	}
	return p.host.Attempts.Release(ctx, l)
}
