package cli

import (
	"context"
	"io"
	"log/slog"

	"gatehouse/auth"
	"gatehouse/auth/settings"
)

// newLog makes the log of a process from its settings. The level follows the setting
// while the process runs.
func newLog(w io.Writer, core *settings.Core, set *settings.Set) *slog.Logger {
	level := &slog.LevelVar{}
	follow := func([]string) {
		// The setting's check lets only known levels through.
		_ = level.UnmarshalText([]byte(core.Log.Get().Level))
	}
	follow(nil)
	set.OnChange(follow)
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if core.Log.Get().Format == "json" {
		h = slog.NewJSONHandler(w, options)
	}
	return slog.New(requestLog{h})
}

// requestLog adds the id of the request to every line that belongs to one.
type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := auth.OriginOf(ctx).RequestID; id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l requestLog) WithGroup(name string) slog.Handler {
	return requestLog{l.Handler.WithGroup(name)}
}
