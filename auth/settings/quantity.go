package settings

import (
	"math"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/words"
)

const day = 24 * time.Hour

// maxDuration keeps sums of durations and times far from overflow.
const maxDuration = 36525 * day // 100 years

var (
	errDuration = words.Err(`must be a number of seconds or a duration such as "90s", "15m", "12h" or "7d"`)
	errSize     = words.Err(`must be a number of bytes or a size such as "64KiB", "1MiB" or "2GiB"`)
)

// ParseDuration reads seconds ("604800", "0.5") or Go duration text with an
// added unit d of 24 hours, which stands first ("7d", "1d12h"). Negative values and
// values over 100 years are errors.
func ParseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return secondsDuration(n)
	}
	var days time.Duration
	if head, rest, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseFloat(head, 64)
		if err != nil || !(n >= 0 && n <= maxDuration.Hours()/24) {
			return 0, errDuration
		}
		days, text = time.Duration(n*float64(day)), rest
		if text == "" {
			return days, nil
		}
	}
	clock, err := time.ParseDuration(text)
	if err != nil || clock < 0 || clock > maxDuration-days {
		return 0, errDuration
	}
	return days + clock, nil
}

func secondsDuration(n float64) (time.Duration, error) {
	if math.IsNaN(n) || n < 0 || n > maxDuration.Seconds() {
		return 0, errDuration
	}
	return time.Duration(math.Round(n * float64(time.Second))), nil
}

// FormatDuration writes d so that ParseDuration reads it: "7d", "1h30m", "0s".
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	if d >= day {
		b.WriteString(strconv.FormatInt(int64(d/day), 10) + "d")
		d %= day
	}
	if d == 0 && b.Len() > 0 {
		return b.String()
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return b.String() + text
}

// Size is a number of bytes.
type Size int64

// The units of a Size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

// String writes the size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits() {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText is as String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a whole number of bytes, KiB, MiB or GiB, up to 1024 GiB.
func (s *Size) UnmarshalText(text []byte) error {
	word, unit := strings.TrimSpace(string(text)), Size(1)
	for _, u := range sizeUnits() {
		if head, found := strings.CutSuffix(word, u.name); found {
			word, unit = strings.TrimSpace(head), u.size
			break
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 0 || n > int64(1024*GiB/unit) {
		return errSize
	}
	*s = Size(n) * unit
	return nil
}

type sizeUnit struct {
	name string
	size Size
}

func sizeUnits() [3]sizeUnit { return [3]sizeUnit{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}} }
