package admin_test

import (
	"net/url"
	"strings"
)

func long(n int) string { return strings.Repeat("x", n) }

// lastPart is what a link ends with.
func lastPart(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }

// resetToken takes the token out of the link of a mail.
func resetToken(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return lastPart(u.Path)
}
