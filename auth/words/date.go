package words

import (
	"strings"
	"time"
)

// Layouts of dates, as package time writes them; the catalogue says how a language
// orders them. Names of months and days are texts of their own.
const (
	dayLayout    Text = "2 Jan 2006"
	minuteLayout Text = "2 Jan 2006, 15:04 MST"
	momentLayout Text = "Monday, 2 January 2006, 15:04:05 MST"
	shortLayout  Text = "2 Jan"
)

var (
	months      = [...]Text{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	monthsShort = [...]Text{"Jan", "Feb", "Mar", "Apr", "May.", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	weekdays    = [...]Text{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// date is a moment in one of the layouts, in the zone that the moment has.
type date struct {
	Unix   int64  `json:"u"`
	Zone   string `json:"z"`
	Offset int    `json:"o"`
}

// Day says the day of a moment: "2 Jan 2006".
func Day(at time.Time) Text { return dated(at, dayLayout) }

// ShortDay says the day without its year: "2 Jan".
func ShortDay(at time.Time) Text { return dated(at, shortLayout) }

// Minute says a moment to the minute: "2 Jan 2006, 15:04 UTC".
func Minute(at time.Time) Text { return dated(at, minuteLayout) }

// Moment says a moment in full.
func Moment(at time.Time) Text { return dated(at, momentLayout) }

func dated(at time.Time, layout Text) Text {
	zone, offset := at.Zone()
	return build(built{Other: key(layout), Date: &date{at.Unix(), zone, offset}})
}

func (s *Speaker) sayDate(d date, layout string) string {
	at := time.Unix(d.Unix, 0).In(time.FixedZone(d.Zone, d.Offset))
	// The names go in last, as they may look like parts of a layout.
	layout = strings.NewReplacer("January", "\x03", "Jan", "\x04", "Monday", "\x05").Replace(layout)
	said := at.Format(layout)
	short := s.form(monthsShort[at.Month()-1], other, strings.TrimSuffix(string(monthsShort[at.Month()-1]), "."))
	return strings.NewReplacer("\x03", s.name(months[at.Month()-1]), "\x04", short, "\x05", s.name(weekdays[at.Weekday()])).Replace(said)
}

func (s *Speaker) name(t Text) string { return s.form(t, other, string(t)) }
