package auth_test

import (
	"strconv"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
)

// TestActivity: every event by or about a person once, newest first, page by page, also
// where many happen at one moment, and none of others.
func TestActivity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		for i := range 30 {
			actor, subject := "ada", "bob"
			switch i % 4 {
			case 1:
				actor, subject = "bob", "ada"
			case 2:
				subject = "ada"
			case 3:
				actor = "bob"
			}
			if i%5 == 0 {
				r.advance(time.Millisecond)
			}
			kind := "tested"
			if i == 8 {
				kind = "session.created"
			}
			if err := r.Events.Record(t.Context(), auth.Event{Kind: kind, Actor: actor, SubjectType: "user", Subject: subject, Reason: strconv.Itoa(i)}); err != nil {
				t.Fatal(err)
			}
		}
		// The same id as the subject of another type is somebody else.
		if err := r.Events.Record(t.Context(), auth.Event{Kind: "tested", Actor: "bob", SubjectType: "session", Subject: "ada"}); err != nil {
			t.Fatal(err)
		}
		seen, place, last := map[string]bool{}, auth.Cursor{}, time.Time{}
		for pages := 1; ; pages++ {
			list, next, err := r.Events.Activity(t.Context(), auth.ActivityQuery{User: "ada", From: place, Limit: 4, Without: []string{"session.created"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range list {
				i, _ := strconv.Atoi(ev.Reason)
				if seen[ev.ID] || i%4 == 3 || i == 8 || ev.SubjectType != "user" {
					t.Errorf("event %q is there", ev.Reason)
				}
				if seen[ev.ID] = true; !last.IsZero() && ev.OccurredAt.After(last) {
					t.Error("a newer one after an older")
				}
				last = ev.OccurredAt
			}
			if next.ID == "" {
				break
			}
			if place = auth.ParseCursor(next.String()); !place.At.Equal(next.At) || pages > 20 {
				t.Fatalf("place %v is read as %v", next, place)
			}
		}
		if len(seen) != 22 { // 30 less 7 of bob about bob, less one that is left out
			t.Errorf("%d events", len(seen))
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, text := range []string{"", ".", "1.a", "-1.a", "zzzzzzzzzzzzzzzz.a", "1.", "lq.\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := auth.ParseCursor(text)
		if again := auth.ParseCursor(p.String()); again != p {
			t.Errorf("%q is %v, then %v", text, p, again)
		}
	})
}
