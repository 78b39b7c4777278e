package handlers

import (
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // zones are known on machines without a database of them

	"gatehouse/auth"
)

// zoneCookie holds the browser's time zone, which a script writes.
const zoneCookie = "gatehouse_zone"

// zone is the time zone of a reader: the chosen one, else the browser's, else UTC.
func zone(r *http.Request, chosen map[string]string) *time.Location {
	if z := location(chosen[auth.PreferZone]); z != nil {
		return z
	}
	if c, err := r.Cookie(zoneCookie); err == nil {
		if z := location(c.Value); z != nil {
			return z
		}
	}
	return time.UTC
}

// locations keeps zones that were read.
var locations sync.Map

// location returns a zone by its IANA name, nil when there is none. "Local" is the
// machine's and none of the reader's.
func location(name string) *time.Location {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil
	}
	if z, ok := locations.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	locations.Store(name, z)
	return z
}
