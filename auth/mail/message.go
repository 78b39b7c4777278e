package mail

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

const (
	maxHeader = 998     // bytes of one header value (RFC 5322 §2.1.1)
	maxBody   = 1 << 20 // bytes of one part
)

// ErrInvalidMessage is the cause when a message cannot be sent as it is.
var ErrInvalidMessage = errors.New("invalid message")

// Message is one mail to one person.
type Message struct {
	// ID makes the Message-ID the same at every try, so that a mail delivered twice can be
	// recognised: 1 to 100 letters, digits, dots, hyphens or underscores. Random if empty.
	ID      string
	From    string // address, with or without a name; empty means the transport's
	To      string // address, with or without a name
	Subject string // one line; see Line
	Text    string // plain part; needed
	HTML    string // optional
	// Headers are added; those that say who, when and how the mail is built are refused.
	Headers map[string]string
}

// parcel is a message ready for the wire.
type parcel struct {
	from, to string // bare addresses
	body     *gomail.Msg
}

// pack checks m and builds it. host ends the Message-ID.
func (m Message) pack(from *netmail.Address, host string, now time.Time) (*parcel, error) {
	var err error
	if m.From != "" {
		if from, err = parseAddress(m.From); err != nil {
			return nil, fmt.Errorf("%w: from: %w", ErrInvalidMessage, err)
		}
	}
	to, err := parseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("%w: to: %w", ErrInvalidMessage, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidMessage, err)
	}
	id := m.ID
	if id == "" {
		id = rand.Text()
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(id + "@" + host)
	m.addHeaders(msg)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return &parcel{from: from.Address, to: to.Address, body: msg}, nil
}

// addHeaders writes m.Headers, and marks the mail as written by a program unless they do
// (RFC 3834 §5).
func (m Message) addHeaders(msg *gomail.Msg) {
	headers := map[string]string{"Auto-Submitted": "auto-generated"}
	for name, value := range m.Headers {
		if strings.EqualFold(name, "Auto-Submitted") {
			delete(headers, "Auto-Submitted")
		}
		headers[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		msg.SetGenHeader(gomail.Header(name), headers[name])
	}
}

func (m Message) check() error {
	if m.ID != "" && (len(m.ID) > 100 || strings.ContainsFunc(m.ID, isNoIDRune)) {
		return errors.New("id: only letters, digits, dots, hyphens and underscores, 100 at most")
	}
	if m.Subject == "" || m.Text == "" {
		return errors.New("subject and text are needed")
	}
	if len(m.Text) > maxBody || len(m.HTML) > maxBody {
		return fmt.Errorf("a part has more than %d bytes", maxBody)
	}
	if err := checkHeaderValue(m.Subject); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	for name, value := range m.Headers {
		if err := checkHeaderName(name); err != nil {
			return err
		}
		if err := checkHeaderValue(value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	return nil
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

func isNoIDRune(r rune) bool { return !strings.ContainsRune(letters+digits+"._-", r) }

// checkHeaderName refuses what is no name, and the names that the package itself writes or
// that change how the mail is read or where it goes.
func checkHeaderName(name string) error {
	noToken := func(r rune) bool { return !strings.ContainsRune(letters+digits+"-", r) }
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, noToken) {
		return fmt.Errorf("header name %.70q", name)
	}
	lower := strings.ToLower(name)
	own := []string{"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "return-path", "received"}
	if slices.Contains(own, lower) || strings.HasPrefix(lower, "content-") || strings.HasPrefix(lower, "mime-") || strings.HasPrefix(lower, "resent-") {
		return fmt.Errorf("header %s cannot be set", name)
	}
	return nil
}

func checkHeaderValue(value string) error {
	if len(value) > maxHeader {
		return fmt.Errorf("more than %d bytes", maxHeader)
	}
	if strings.ContainsFunc(value, isBreak) {
		return errors.New("a line break or control character")
	}
	return nil
}

// isBreak reports control characters and Unicode's line and paragraph separators.
func isBreak(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// CheckSender says what is wrong with a sender as Options.From takes it.
func CheckSender(from string) error {
	_, err := parseAddress(from)
	return err
}

// parseAddress reads one address, with or without a name. The bare address is ASCII without
// quoting, so that it is safe in SMTP commands.
func parseAddress(s string) (*netmail.Address, error) {
	if err := checkHeaderValue(s); err != nil {
		return nil, err
	}
	address, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, errors.New("not an e-mail address")
	}
	unsafe := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"`, r) }
	if strings.Count(address.Address, "@") != 1 || strings.ContainsFunc(address.Address, unsafe) || len(address.Address) > 320 {
		return nil, errors.New("an e-mail address of a form that is not supported")
	}
	if strings.ContainsFunc(address.Name, isBreak) { // encoded words can hold them
		return nil, errors.New("a line break or control character in the name")
	}
	return address, nil
}
