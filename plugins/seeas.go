package plugins

import (
	"strconv"
	"strings"
	"time"
)

// The cookie of seeing the console as somebody else, and what its value begins with.
const (
	seeAsKey  = "see_as"
	seeAsMark = "see-as"
)

// SeeAs makes the pages of the console show what another person would see, for a while.
// It is bound to the session of the call. The engine judges at every page whether the
// viewer may; nothing can be changed meanwhile.
func (c *Call) SeeAs(subject string, now time.Time, life time.Duration) {
	value := strings.Join([]string{seeAsMark, subject, c.Current.Session.ID, strconv.FormatInt(now.Add(life).Unix(), 10)}, "|")
	c.Desk.SetSigned(c, seeAsKey, value, int(life/time.Second))
}

// StopSeeing ends it.
func (c *Call) StopSeeing() { c.Desk.SetSigned(c, seeAsKey, "", -1) }

// SeenAs is the person as whom the browser asks to see the console; "" for the own view,
// also when the session is another one or the time is over. sent says that a cookie came.
func (c *Call) SeenAs(now time.Time) (subject string, sent bool) {
	value, sent := c.Desk.Signed(c, seeAsKey)
	parts := strings.Split(value, "|")
	if !sent || len(parts) != 4 || parts[0] != seeAsMark || c.Current == nil || parts[2] != c.Current.Session.ID {
		return "", sent
	}
	end, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil || now.Unix() >= end {
		return "", true
	}
	return parts[1], true
}
