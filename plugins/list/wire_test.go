package list

import (
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
)

func FuzzFilterValue(f *testing.F) {
	f.Add("time", "2030-01-01T00:00:00.000Z")
	f.Add("bool", "true")
	f.Add("int", "1e9")
	f.Add("string", "%_!")
	f.Fuzz(func(t *testing.T, kind, value string) {
		c := WireColumn{Name: "x", Kind: kind}
		got, err := c.value(schema.Text(value))
		if err != nil && auth.AsError(err).Status >= 500 {
			t.Errorf("%v", err)
		}
		if at, ok := got.(time.Time); ok && (at.Year() < 1 || at.Year() > 9999) {
			t.Errorf("date %v", at)
		}
		for _, operator := range []string{"eq", "ne", "lt", "in", "not_in", "contains", "starts_with", "ends_with"} {
			if _, err := c.Where(operator, schema.Text(value)); err != nil && auth.AsError(err).Status != 400 {
				t.Errorf("%s: %v", operator, err)
			}
		}
	})
}

func FuzzPageNumber(f *testing.F) {
	for _, seed := range []string{"", "7", "-3", "1e400", "NaN", "Infinity", " 5 ", "0x10", "1.5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n := AsNumber(schema.Text(text)); n > 1<<31-1 || n < -1<<31 {
			t.Errorf("%q is %d", text, n)
		}
	})
}
