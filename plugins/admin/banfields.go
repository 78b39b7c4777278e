package admin

import (
	"time"

	"gatehouse/auth/schema"
	"gatehouse/ent"
)

// BanFields are the ban columns as create-user and update-user may write them one by
// one. What is not present stays as it is; null clears.
type BanFields struct {
	Banned  *bool
	Reason  schema.Maybe[string]
	Expires schema.Maybe[time.Time]
}

func (b *BanFields) onCreate(c *ent.UserCreate) {
	if b.Banned != nil {
		c.SetBanned(*b.Banned)
	}
	if b.Reason.Present && !b.Reason.Null {
		c.SetBanReason(b.Reason.Value)
	}
	if b.Expires.Present && !b.Expires.Null {
		c.SetBanExpires(b.Expires.Value)
	}
}

func (b *BanFields) onUpdate(c *ent.UserUpdateOne) {
	if b.Banned != nil {
		c.SetBanned(*b.Banned)
	}
	switch {
	case b.Reason.Null:
		c.ClearBanReason()
	case b.Reason.Present:
		c.SetBanReason(b.Reason.Value)
	}
	switch {
	case b.Expires.Null:
		c.ClearBanExpires()
	case b.Expires.Present:
		c.SetBanExpires(b.Expires.Value)
	}
}

// bans reports whether the fields ban somebody.
func (b *BanFields) bans() bool { return b != nil && b.Banned != nil && *b.Banned }
