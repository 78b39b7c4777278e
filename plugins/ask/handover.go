package ask

import (
	"context"
	"strings"
	"time"

	"gatehouse/auth/words"
	"gatehouse/web"
)

// Handover is a page that shows what has to reach a person on another way: to the one who
// made it, once. It is not kept and cannot be shown again (decisions 36), unless Again says how.
type Handover struct {
	Title     words.Text
	Items     []Item
	ExpiresAt time.Time // zero: no end of its own
	Back      web.Button
	Trail     []web.Crumb
	Again     words.Text // how it is shown again; "" where it is not
}

func (h Handover) text() words.Text {
	if h.Again != "" {
		return words.Join(" ", "Hand it over in a way that only they can read.", h.Again)
	}
	return "Hand it over in a way that only they can read. It is shown only now."
}

// Item is one thing to hand over.
type Item struct {
	Name   words.Text
	Value  string
	Secret bool
	QR     bool
	Text   words.Text // what to do with it
}

// plain is everything as one text to copy.
func (h Handover) plain(ctx context.Context) string {
	var b strings.Builder
	for _, item := range h.Items {
		b.WriteString(words.F("%s: %s", item.Name, item.Value).In(ctx) + "\n")
	}
	if !h.ExpiresAt.IsZero() {
		b.WriteString(words.F("Good until %s", words.Minute(h.ExpiresAt.In(web.From(ctx).Zone))).In(ctx) + "\n")
	}
	return b.String()
}
