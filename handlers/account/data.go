package account

import (
	"net/http"
	"strconv"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

func (p *Part) showData(c *plugins.Call) error {
	return c.Page(http.StatusOK, page.Data{Holds: []words.Text{"Your profile and your picture", "Your ways to sign in, without their secrets",
		"Your sessions, devices and choices", "What happened with your account", "What the features of this server keep about you"}})
}

// downloadData answers with everything that is stored about the person. The event comes
// first: who begins to read has had the data.
func (p *Part) downloadData(c *plugins.Call) error {
	u := c.Current.User
	if err := p.h.Events.Record(c.Context(), auth.Event{Kind: "data.exported", SubjectType: "user", Subject: u.ID}); err != nil {
		return err
	}
	for _, line := range c.Cookies.Lines() {
		c.Header.Add("Set-Cookie", line)
	}
	top := p.h.Core.Settings.Top.Current()
	c.Header.Set("Content-Type", "application/json")
	c.Header.Set("Content-Disposition", "attachment; filename="+strconv.Quote(auth.ExportName(top.Host(), p.h.Clock())))
	c.Header.Set("Cache-Control", "no-store")
	c.Header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Writer.WriteHeader(http.StatusOK)
	if err := p.h.Lives.Export(c.Context(), c.Writer, u.ID); err != nil {
		p.h.Log.ErrorContext(c.Context(), "export of a person's data broke off", "error", err)
		panic(http.ErrAbortHandler) // the browser says that the file is not whole
	}
	return nil
}
