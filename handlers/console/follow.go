package console

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"sync/atomic"
	"time"

	"gatehouse/handlers/stored"
	"gatehouse/plugins"
)

// followPeriod is how long a change that another process made may go unseen here.
const followPeriod = 5 * time.Second

// settingsWatch is when this process last looked at the stored settings.
type settingsWatch struct{ last atomic.Int64 }

// due reports, to one caller a period, that it is time to look.
func (w *settingsWatch) due(now time.Time) bool {
	last := w.last.Load()
	return now.UnixMilli()-last >= followPeriod.Milliseconds() && w.last.CompareAndSwap(last, now.UnixMilli())
}

// jobs follow the settings where no request does.
func (p *console) jobs() []plugins.Job {
	return []plugins.Job{{Name: "follow-settings", Words: "Apply settings that another server stored", Period: time.Second, Everywhere: true,
		Run: func(ctx context.Context) error { return p.followSettings(ctx, nil) }}}
}

// followSettings takes over what another process stored. Every process looks for itself:
// with requests, so that none is answered by older settings, and by a job, since one that
// gets no requests still delivers mails. A failure is logged and the request goes on.
func (p *console) followSettings(ctx context.Context, _ *plugins.Incoming) error {
	if !p.watch.due(p.host.Clock()) {
		return nil
	}
	values, err := stored.Load(ctx, p.host.DB, p.host.Settings, p.host.Keys)
	if err == nil && !maps.EqualFunc(values, p.host.Settings.Stored(), func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		err = p.apply(values)
	}
	if err != nil && ctx.Err() == nil {
		p.host.Log.WarnContext(ctx, "stored settings not taken over", "error", err)
	}
	return nil
}
