package web

import (
	"gatehouse/auth/words"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		offset time.Duration
		want   string
	}{
		{0, "just now"}, {-44 * time.Second, "just now"}, {30 * time.Second, "in a moment"}, {-45 * time.Second, "1 minute ago"},
		{-2 * time.Minute, "2 minutes ago"}, {-56 * time.Minute, "56 minutes ago"}, {-58 * time.Minute, "1 hour ago"}, {5 * time.Hour, "in 5 hours"},
		{-23 * time.Hour, "1 day ago"}, {-29 * 24 * time.Hour, "29 days ago"}, {-30 * 24 * time.Hour, "10 Feb 2026"}, {400 * 24 * time.Hour, "16 Apr 2027"},
	}
	for _, test := range tests {
		if got := Ago(now.Add(test.offset), now, time.UTC); got.English() != test.want {
			t.Errorf("%v: %q, want %q", test.offset, got, test.want)
		}
	}
}

func TestSpan(t *testing.T) {
	tests := map[time.Duration]string{
		0: "no time", time.Second: "1 second", 90 * time.Minute: "1 hour 30 minutes", 7 * 24 * time.Hour: "7 days",
		25*time.Hour + time.Minute + time.Second: "1 day 1 hour", 24*time.Hour + time.Second: "1 day 1 second",
	}
	for span, want := range tests {
		if got := Span(span); got.English() != want {
			t.Errorf("%v: %q, want %q", span, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	tests := map[string]string{
		"Ada Lovelace": "AL", "ada": "A", "": "?", "  ": "?", "Ludwig van Beethoven": "LB", "ada@example.com": "AC", "李小龙": "李", "émile zola": "ÉZ", "<script>": "S", "42 Street": "4S",
	}
	for name, want := range tests {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzInitials(f *testing.F) {
	f.Add("Ada Lovelace")
	f.Add("\xff\xfe")
	f.Add("ß ŉ")
	f.Fuzz(func(t *testing.T, name string) {
		if got := Initials(name); !utf8.ValidString(got) || utf8.RuneCountInString(got) > 2 || strings.ContainsAny(got, "<>&\"'") {
			t.Errorf("%q gives %q", name, got)
		}
	})
}

func TestAvatarLoadsOnlyOwnPictures(t *testing.T) {
	tests := map[string]bool{
		"/picture/a1": true, "https://auth.example/picture/a1": true, "https://auth.example/avatar/1": false, "https://auth.example.evil/picture/a1": false, "/picture/": false,
		"/picture/../sign-out": false, "/picture/a1?x": false, "//picture/a1": false, "": false, "https://other.example/x.png": false, "//other.example/x.png": false, "/\\other.example": false, "javascript:alert(1)": false, "data:image/svg+xml,x": false,
	}
	for image, want := range tests {
		if got := (Avatar{Image: image}).source(With(t.Context(), Request{Origin: "https://auth.example"})) != ""; got != want {
			t.Errorf("%q: %v, want %v", image, got, want)
		}
	}
}

func TestPagesSummary(t *testing.T) {
	users := func(n int) words.Text { return words.N(n, "%d user", "%d users") }
	tests := []struct {
		pages Pages
		want  string
	}{
		{Pages{First: 1, Last: 50, Total: 12480, What: users}, "1–50 of 12,480 users"},
		{Pages{First: 51, Last: 100, Total: 10000, AtLeast: true, What: users}, "51–100 of more than 10,000 users"},
		{Pages{Total: 1}, "1 entry"}, {Pages{Total: 0, What: users}, "0 users"}, {Pages{First: 1, Last: 0, Total: 0, What: users}, "0 users"},
	}
	for _, test := range tests {
		if got := test.pages.Summary().English(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
