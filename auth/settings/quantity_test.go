package settings

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	good := map[string]time.Duration{
		"0": 0, "604800": 7 * day, "0.5": 500 * time.Millisecond, "7d": 7 * day, "1d12h": 36 * time.Hour,
		"1.5d": 36 * time.Hour, "90s": 90 * time.Second, " 15m ": 15 * time.Minute, "0d": 0, "1h30m": 90 * time.Minute,
		"36525d": maxDuration, "250ms": 250 * time.Millisecond,
	}
	for text, want := range good {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1", "-1s", "-1d", "7 days", "1d-1h", "36526d", "1e300", "NaN", "Inf", "Infd", "NaNd", "1h1d", "5y", "36525d1s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", day: "1d", 36 * time.Hour: "1d12h", 5 * time.Minute: "5m", 90 * time.Second: "1m30s",
		time.Hour: "1h", day + time.Second: "1d1s", 10 * time.Second: "10s", 100 * time.Minute: "1h40m", 500 * time.Millisecond: "500ms",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) = %q, want %q", d, got, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"7d", "1d12h", "604800", "0.001", "1h0m", "-5", "99999999999999999999d", "1d1d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 || d > maxDuration {
			t.Fatalf("ParseDuration(%q) = %v is out of bounds", text, d)
		}
		if again, err := ParseDuration(FormatDuration(d)); err != nil || again != d {
			t.Fatalf("%q is %v, written %q, read %v, %v", text, d, FormatDuration(d), again, err)
		}
	})
}

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "1024": KiB, "64KiB": 64 * KiB, "1 MiB": MiB, "1024GiB": 1024 * GiB} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KiB", "-1", "1.5MiB", "1MB", "1025GiB", "99999999999999999999", "1kib"} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
	for size, want := range map[Size]string{0: "0", 1023: "1023", KiB: "1KiB", 1536: "1536", 19 * MiB: "19MiB", GiB: "1GiB"} {
		if got := size.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(size), got, want)
		}
	}
}

func FuzzSize(f *testing.F) {
	for _, seed := range []string{"1MiB", "0", "9223372036854775807", "-1KiB", "1024GiB"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var size, again Size
		if size.UnmarshalText([]byte(text)) != nil {
			return
		}
		if size < 0 || size > 1024*GiB {
			t.Fatalf("%q is %d", text, int64(size))
		}
		if err := again.UnmarshalText([]byte(size.String())); err != nil || again != size {
			t.Fatalf("%q is %d, written %q, read %d", text, int64(size), size, int64(again))
		}
	})
}

func TestToggle(t *testing.T) {
	for text, want := range map[string]Toggle{"auto": Auto, "true": On, "on": On, "1": On, "false": Off, "no": Off} {
		var got Toggle
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	var got Toggle
	if got.UnmarshalText([]byte("maybe")) == nil {
		t.Error("maybe was accepted")
	}
	if !Auto.Or(true) || Auto.Or(false) || !On.Or(false) || Off.Or(true) {
		t.Error("Or does not resolve")
	}
}
