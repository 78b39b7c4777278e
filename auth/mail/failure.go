package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"syscall"
)

// Stage says how far a delivery came.
type Stage string

// The stages of a delivery, in order.
const (
	StageMessage   Stage = "message"   // nothing was tried: the message cannot be sent as it is
	StageConnect   Stage = "connect"   // name look-up and connection
	StageGreeting  Stage = "greeting"  // first words of both sides
	StageTLS       Stage = "tls"       // STARTTLS
	StageSignIn    Stage = "sign-in"   // user name and password
	StageSender    Stage = "sender"    // MAIL FROM
	StageRecipient Stage = "recipient" // RCPT TO
	StageContent   Stage = "content"   // DATA, up to the final answer
)

// Error is why a message was not sent or a server does not do. Its text is for people: it
// names the server, never the password.
type Error struct {
	Stage     Stage
	Server    string // host:port; empty when it was not asked
	Code      int    // SMTP reply code; 0 when the server did not answer
	Temporary bool   // another try may succeed
	Hint      string // what may help; "" if nothing is known
	Err       error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Server == "" {
		return "mail: " + e.Err.Error()
	}
	text := fmt.Sprintf("mail: %s %s: %s", stageWords(e.Stage), e.Server, plainly(e.Err))
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Permanent reports whether err says that the same message will fail again: it is not
// valid, or the server refused this recipient or this content with a 5xx reply. Everything
// else, a wrong password included, can be mended without touching the message.
func Permanent(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.Temporary
}

// at marks a cause with its stage.
func at(stage Stage, err error) error {
	e := &Error{Stage: stage, Temporary: true, Err: err}
	if reply := (*textproto.Error)(nil); errors.As(err, &reply) {
		e.Code = reply.Code
		e.Temporary = reply.Code < 500 || stage != StageRecipient && stage != StageContent
	}
	return e
}

// failure completes an error: a context that ended is the reason for whatever it closed.
func (t *SMTP) failure(ctx context.Context, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Temporary: true, Err: err}
	}
	e.Server = t.server.address()
	if ctx.Err() != nil && e.Code == 0 {
		e.Err = ctx.Err()
	}
	if e.Stage == StageGreeting && e.Code == 0 && t.server.port == "465" && t.server.encryption != implicit {
		e.Hint = "port 465 wants smtps://"
	}
	return e
}

func stageWords(s Stage) string {
	switch s {
	case StageConnect:
		return "connecting to"
	case StageGreeting:
		return "greeting"
	case StageTLS:
		return "encrypting the connection to"
	case StageSignIn:
		return "signing in at"
	case StageSender:
		return "naming the sender to"
	case StageRecipient:
		return "naming the recipient to"
	}
	return "handing the message to"
}

// plainly puts a cause so that an operator knows what to mend.
func plainly(err error) string {
	var (
		reply     *textproto.Error
		dns       *net.DNSError
		otherName x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		noTLS     tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &reply) && reply.Code == 535:
		return fmt.Sprintf("the server refused the user name or password: %d %s", reply.Code, excerpt(reply.Msg))
	case errors.As(err, &reply):
		return fmt.Sprintf("the server said %d %s", reply.Code, excerpt(reply.Msg))
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the host name is not known"
	case errors.As(err, &otherName):
		return "its certificate is for another host name: " + excerpt(otherName.Error())
	case errors.As(err, &authority):
		return "its certificate is from an authority that is not trusted here"
	case errors.As(err, &invalid):
		return "its certificate is not valid: " + excerpt(invalid.Error())
	case errors.As(err, &noTLS):
		return "the server does not speak TLS there"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)"
	case errors.Is(err, context.Canceled):
		return "the try was cancelled"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the server closed the connection"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time"
	}
	return excerpt(err.Error())
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// excerpt is the other side's text made fit for one line of ours.
func excerpt(s string) string { return clip(Line(s), 200) }
