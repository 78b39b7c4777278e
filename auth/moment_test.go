package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
)

type act struct {
	trail   []string
	stopped bool
}

func (a *act) Interrupted() bool { return a.stopped }

func TestMomentOrder(t *testing.T) {
	say := func(class Class, word string) On[*act] {
		return On[*act]{class, func(_ context.Context, a *act) error { a.trail = append(a.trail, word); return nil }}
	}
	var m Moment[*act]
	m.Add("first", say(Observe, "first observes"), say(Refuse, "first refuses"))
	m.Add("second", say(Interrupt, "second interrupts"), say(Refuse, "second refuses"), say(Observe, "second observes"))
	a := &act{}
	if err := m.Run(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	want := "first refuses, second refuses, second interrupts, first observes, second observes"
	if got := strings.Join(a.trail, ", "); got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
	if got := strings.Join(m.Plugins(), " "); got != "first second" {
		t.Errorf("plugins %s", got)
	}
}

func TestMomentStops(t *testing.T) {
	never := On[*act]{Observe, func(context.Context, *act) error { t.Error("observed after the end"); return nil }}
	refusal := errors.New("no")
	var refused Moment[*act]
	refused.Add("p", never, On[*act]{Refuse, func(context.Context, *act) error { return refusal }})
	if err := refused.Run(context.Background(), &act{}); !errors.Is(err, refusal) {
		t.Errorf("refusal: %v", err)
	}
	var interrupted Moment[*act]
	interrupted.Add("p", never, On[*act]{Interrupt, func(_ context.Context, a *act) error { a.stopped = true; return nil }})
	if err := interrupted.Run(context.Background(), &act{}); err != nil {
		t.Errorf("interrupt: %v", err)
	}
}
