package core

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/plugins"
)

// errNoTransport is why no mail leaves the server.
var errNoTransport = errors.New("no mail server is configured (setting smtp)")

// mailChannel delivers by the mail server of the settings.
func mailChannel(h *plugins.Host) auth.Channel {
	return auth.Channel{Name: mailChannelName,
		Ready: func(context.Context) error {
			if top := h.Core.Settings.Top.Get(); top.SMTP.Empty() {
				return errNoTransport
			}
			return nil
		},
		Deliver: func(ctx context.Context, out *auth.Outgoing) error { return deliver(ctx, h, out) },
	}
}

func deliver(ctx context.Context, h *plugins.Host, out *auth.Outgoing) error {
	top := h.Core.Settings.Top.Get()
	if top.SMTP.Empty() {
		return errNoTransport
	}
	transport, err := mail.New(top.SMTP.Reveal(), mail.Options{From: h.Core.Settings.Mail.Get().From, Host: top.Host()})
	if err != nil {
		return err
	}
	text, html, err := mail.Render(ctx, out.Content)
	if err != nil {
		return fmt.Errorf("rendering a mail: %w", err)
	}
	return transport.Send(ctx, mail.Message{ID: out.ID, To: out.To, Subject: mail.Line(out.Subject), Text: text, HTML: html})
}
