// Package mail writes and sends messages: a layout for both parts of a mail, and a
// transport that hands it to an SMTP server (RFC 5321).
//
// Everything that goes into a header or a command is refused when it holds a line break
// or another control character, so no text of a person can add headers or recipients.
package mail
