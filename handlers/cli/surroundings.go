package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"gatehouse/auth/mail"
	"gatehouse/auth/settings"
	"gatehouse/ent/outboxmessage"
)

// askTime bounds how long the doctor waits for a server, this one or that of mails.
const askTime = 10 * time.Second

// surroundings are the problems of what the server stands on beside its database.
func (a *app) surroundings(ctx context.Context) []string {
	problems := []string{}
	for _, err := range []error{a.folderUsable(), a.certificateUsable(), a.portUsable(ctx, "listen", a.top().Listen),
		a.portUsable(ctx, "metrics.listen", a.core.Metrics.Get().Listen), a.mailUsable(ctx)} {
		if err != nil {
			problems = append(problems, lines(err)...)
		}
	}
	return problems
}

// lines are the texts of an error that may be several problems of settings.
func lines(err error) []string {
	var several settings.Problems
	if !errors.As(err, &several) {
		return []string{words(err)}
	}
	var texts []string
	for _, p := range several {
		texts = append(texts, p.Error())
	}
	return texts
}

// folderUsable writes to the data folder, which the server makes if it is not there.
func (a *app) folderUsable() error {
	const fix = "give it to the user the server runs as, or choose another"
	file, err := os.CreateTemp(a.top().Data, ".doctor-*")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return a.problem("data", fmt.Errorf("the folder cannot be written to: %w", err), fix)
	}
	return a.problem("data", errors.Join(file.Close(), os.Remove(file.Name())), fix)
}

func (a *app) certificateUsable() error {
	_, err := a.certificate()
	return err
}

// portUsable opens a port, unless a server of this program serves already. A port that
// this user may not open may still be open to the one the server runs as.
func (a *app) portUsable(ctx context.Context, key, at string) error {
	if at == "" || a.serves(ctx) {
		return nil
	}
	open, err := bind(ctx, at)
	switch {
	case err == nil:
		return open.Close()
	case errors.Is(err, fs.ErrPermission):
		return nil
	}
	return a.cannotListen(key, err)
}

// serves reports whether a server of this program answers at the setting listen.
func (a *app) serves(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	answer, body, err := a.ask(ctx, "/health/live")
	return err == nil && answer.StatusCode == http.StatusOK && bytes.Contains(body, []byte(`"status":"ok"`))
}

// mailUsable talks to the mail server as far as a delivery would before its message.
func (a *app) mailUsable(ctx context.Context) error {
	top := a.top()
	if top.SMTP.Empty() {
		return nil
	}
	transport, err := mail.New(top.SMTP.Reveal(), mail.Options{From: a.core.Mail.Get().From, Host: top.Host(), Timeout: askTime})
	if err == nil {
		err = transport.Check(ctx)
	}
	return a.problem("smtp", err, "")
}

// maxUnreadable bounds how many messages are tried for one answer.
const maxUnreadable = 1000

// unreadable finds messages still to be sent whose secret is gone.
func unreadable(ctx context.Context, b *built) error {
	rows, err := b.host().DB.Access(ctx).OutboxMessage().Query().
		Where(outboxmessage.StateIn(outboxmessage.StateQueued, outboxmessage.StateHeld)).Limit(maxUnreadable).All(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, row := range rows {
		if _, err := b.host().Messages.Open(row); err != nil {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d messages to be sent cannot be read, as the secret they were sealed with is missing: add it as the last entry of secrets", n)
}
