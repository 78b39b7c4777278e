package routes

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/handlers/servertest"
)

// parameters fill the path parameters, the first prefix that matches counts.
var parameters = []struct{ prefix, parameter, value string }{
	{"/admin/users/:id/unban", ":id", "$banned"},
	{"/admin/users/:id/verify", ":id", "$unverified"},
	{"/admin/users/:id/send-verification", ":id", "$unverified"},
	{"/admin/users/:id/see-as", ":id", "$viewer"},
	{"/admin/users/", ":id", "$user"},
	{"/admin/o/", ":slug", "$slug"},
	{"/admin/o/:slug/members/", ":id", "$member"},
	{"/admin/o/:slug/invitations/", ":id", "$orginvite"},
	{"/admin/o/:slug/teams/", ":id", "$team"},
	{"/admin/o/:slug/roles/", ":id", "$orgrole"},
	{"/admin/o/:slug/domains/", ":id", "$domain"},
	{"/admin/o/:slug/requests/", ":id", "$request"},
	{"/admin/o/:slug/keys/", ":id", "$orgkey"},
	{"/admin/o/:slug/service-accounts/", ":id", "$robot"},
	{"/admin/api-keys/", ":id", "$key"},
	{"/admin/service-accounts/", ":id", "$bot"},
	{"/account/api-keys/", ":id", "$key"},
	{"/admin/tasks/", ":id", "$task"},
	{"/sign-in-link/", ":token", "$signin"},
	{"/admin/users/", ":tab", "nothing"},
	{"/admin/invitations/", ":id", "$invitation"},
	{"/admin/outbox/", ":id", "$message"},
	{"/admin/plugins/", ":id", "admin"},
	{"/admin/settings/", ":section", "sign-up"},
	{"/admin/messages/", ":kind", "verify-email"},
	{"/admin/messages/", ":language", "de"},
	{"/accept-invitation/", ":id", "$invite"},
	{"/claim/", ":token", "$claim"},
	{"/api/auth/reset-password/", ":token", "$reset"},
	{"/api/auth/callback/", ":id", "github"},
	{"/picture/", ":id", "$picture"},
	{"/static/", "*", "$asset"},
}

var (
	placeholder = regexp.MustCompile(`\$[a-z]+`)
	parameter   = regexp.MustCompile(`:[a-z]+|\*`)
)

// fill puts prepared things in the place of words with $.
func (s *scene) fill(text string) string { return placeholder.ReplaceAllStringFunc(text, s.word) }

// target is the path of a row with its parameters filled.
func (s *scene) target(r row) string {
	return s.fill(parameter.ReplaceAllStringFunc(r.Path, func(name string) string {
		for _, p := range parameters {
			if p.parameter == name && strings.HasPrefix(r.Path, p.prefix) {
				return p.value
			}
		}
		s.t.Fatalf("%s: nothing to fill %s with", r.route(), name)
		return ""
	}))
}

// request is a row ready to be sent.
type request struct {
	method, path, query, media, body string
}

func (s *scene) request(r row) request {
	out := request{method: r.Method, path: s.target(r)}
	switch {
	case strings.HasPrefix(r.Send, "?"):
		out.query = encode(s.fill(r.Send[1:]))
	case safe(r.Method):
	case strings.HasPrefix(r.Send, "{") || r.Send == "" && r.api():
		out.media, out.body = "application/json", s.fill(r.Send)
		if r.Send == "" {
			out.body = "{}"
		}
	case r.Send == "file":
		out.media, out.body = s.upload()
	default:
		out.media, out.body = "application/x-www-form-urlencoded", encode(s.fill(r.Send))
	}
	return out
}

// upload is a form with a picture.
func (s *scene) upload() (media, body string) {
	var b strings.Builder
	w := multipart.NewWriter(&b)
	file, err := w.CreateFormFile("picture", "me.png")
	if err == nil {
		_, err = file.Write(dot(s.t))
	}
	if err != nil || w.Close() != nil {
		s.t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// dot is a picture of one pixel.
func dot(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// encode escapes the values of "a=b&c=d".
func encode(pairs string) string {
	values := url.Values{}
	for pair := range strings.SplitSeq(pairs, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values.Add(name, value)
	}
	return values.Encode()
}

// ask sends a row as the caller of the scene.
func (s *scene) ask(r row) *servertest.Answer { return s.send(s.browser, s.request(r)) }

func (s *scene) send(b *servertest.Browser, q request) *servertest.Answer {
	s.t.Helper()
	at := q.path
	if q.query != "" {
		at += "?" + q.query
	}
	var body []byte
	if !safe(q.method) {
		body = []byte(q.body)
	}
	return b.Do(q.method, at, q.media, body)
}
