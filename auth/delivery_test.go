package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/ent/database/dbtest"
)

// TestDeliveries: how the last delivery went is known, tests included, and a refused
// recipient is no fault of a channel that worked before.
func TestDeliveries(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	var ready, answer error
	if err := r.Messages.AddChannel("test", auth.Channel{Name: "pigeon", Ready: func(context.Context) error { return ready },
		Deliver: func(context.Context, *auth.Outgoing) error { return answer }}); err != nil {
		t.Fatal(err)
	}
	if err := r.Messages.Declare("test", auth.Message{Kind: "hello", Words: "Hello", Subject: "Hello", Body: []words.Text{"Hello"}}); err != nil {
		t.Fatal(err)
	}
	send := func() {
		t.Helper()
		if err := r.Messages.Send(t.Context(), "hello", "pigeon", "a@b.test", time.Time{}, auth.MessageData{}); err != nil {
			t.Fatal(err)
		}
		if err := r.Messages.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	try := func() { _ = r.Messages.Try(t.Context(), "hello", "pigeon", "a@b.test", auth.MessageData{}) }
	away, refused := errors.New("the pigeon flew away"), &mail.Error{Stage: mail.StageRecipient, Err: errors.New("nobody here")}
	for _, step := range []struct {
		name    string
		do      func()
		answer  error
		problem string
	}{
		{"nothing tried", func() {}, nil, ""},
		{"refused, and nothing ever worked", send, refused, "nobody here"},
		{"failed", send, away, "flew away"},
		{"a test worked", try, nil, ""},
		{"refused after it worked", send, refused, ""},
		{"a test failed", try, away, "flew away"},
		{"refused while it fails", send, refused, "flew away"},
		{"worked", send, nil, ""},
	} {
		r.advance(time.Second)
		answer = step.answer
		step.do()
		got, err := r.Messages.Deliveries(t.Context(), "pigeon")
		if err != nil || (got.Problem == "") != (step.problem == "") || !strings.Contains(got.Problem, step.problem) {
			t.Errorf("%s: %+v, %v", step.name, got, err)
		}
		if step.name == "failed" && !got.Since.Equal(r.clock().Truncate(time.Millisecond)) {
			t.Errorf("since %s, now %s", got.Since, r.clock())
		}
	}
	ready, answer = errors.New("no pigeon"), away
	try()
	if got, _ := r.Messages.Deliveries(t.Context(), "pigeon"); got.Problem != "" {
		t.Errorf("without a way out: %+v", got)
	}
}

// TestWordsOfFields: a field that people see cannot be declared without words.
func TestWordsOfFields(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for want, f := range map[string]auth.EventField{"no words": {Name: "x"}, "": {Name: "x", Hidden: true}} {
		err := r.Events.Declare("test", auth.EventKind{Name: "kind " + want, Fields: []auth.EventField{f}})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
