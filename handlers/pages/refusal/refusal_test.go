package refusal

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
)

func call(form url.Values) *plugins.Call {
	r := httptest.NewRequest(http.MethodPost, "/x", nil)
	r.PostForm = form
	return plugins.NewCall(r, httptest.NewRecorder())
}

func TestForm(t *testing.T) {
	busy := *auth.ErrBusy
	busy.RetryAfter = 1500 * time.Millisecond
	many := *auth.ErrTooManyRequests
	many.RetryAfter = 90 * time.Second
	cases := []struct {
		name          string
		err           error
		places        Places
		status        int
		field, text   string
		message, wait string
	}{
		{"by code", auth.ErrPasswordTooShort, Passwords("newPassword"), 400, "newPassword", "This password is too short.", "", ""},
		{"by the domain's field", auth.ErrPasswordCompromised.At("password"), Passwords("newPassword"), 400, "newPassword", "This password is too easy to guess. Choose another one.", "", ""},
		{"a plugin's field", auth.E(400, "LEAKED", "Known from a leak").At("password"), Passwords("newPassword"), 400, "newPassword", "Known from a leak", "", ""},
		{"whole", auth.ErrInvalidEmailOrPassword, nil, 401, "", "", "Invalid email or password.", ""},
		{"unknown code", auth.E(403, "BANNED_USER", "You are banned"), nil, 403, "", "", "You are banned", ""},
		{"validation", auth.ErrValidation.Saying("[body.name] Too big: expected").At("name"), nil, 400, "name", "This name is too long.", "", ""},
		{"validation elsewhere", auth.ErrValidation.Saying("[body.x] Too small").At("x"), nil, 400, "x", "Too small", "", ""},
		{"validation, no field", auth.ErrValidation.Saying("[body.x] Too small"), nil, 400, "", "", "Something in this form is not right: Too small", ""},
		{"wait", &many, nil, 429, "", "", "Too many tries. Try again in 1 minute 30 seconds.", "90"},
		{"busy", &busy, nil, 503, "", "", "The server is busy. Try again in 2 seconds.", "2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			call := call(url.Values{"email": {"a@b.test"}, "password": {"secret"}, "newPassword": {"secret"}, "token": {"t"}})
			form, status, err := Form(call, c.err, c.places)
			if err != nil || status != c.status || form.Message.English() != c.message {
				t.Fatalf("status %d message %q error %v", status, form.Message, err)
			}
			if c.field != "" && len(form.Errors) == 1 && form.Errors[0].Text.English() != c.text {
				t.Errorf("%q", form.Errors[0].Text)
			}
			if c.field != "" && (len(form.Errors) != 1 || form.Errors[0] != web.FieldError{Field: c.field, Text: form.Errors[0].Text}) {
				t.Errorf("errors %v", form.Errors)
			}
			if got := call.Header.Get("Retry-After"); got != c.wait {
				t.Errorf("Retry-After %q", got)
			}
			if len(form.Values) != 1 || form.Value("email") != "a@b.test" {
				t.Errorf("kept %v", form.Values)
			}
		})
	}
}

// TestFormHandsOn: what no form explains is left to the caller.
func TestFormHandsOn(t *testing.T) {
	broken := errors.New("disk full")
	for _, err := range []error{broken, auth.Internal(broken)} {
		if _, _, got := Form(call(nil), err, nil); !errors.Is(got, broken) {
			t.Errorf("%v became %v", err, got)
		}
	}
}
