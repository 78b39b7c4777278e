package admin_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
)

// TestBanLengths: the end is counted from now, also where that is past; what no database
// keeps is refused, and changes nothing.
func TestBanLengths(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db, nil)
		u, session := h.person("ann", "user")
		ban := func(seconds any) *servertest.Answer {
			return h.root.Post(api+"/admin/ban-user", body{"userId": u.ID, "banExpiresIn": seconds})
		}
		for _, seconds := range []float64{1e18, -1e18, 1e300, -1e300, 2.6e11} {
			ban(seconds).Want(400, "VALIDATION_ERROR")
		}
		if h.reload(u.ID).Banned || string(session.Get(api+"/get-session").Body) == "null" {
			t.Error("a refused ban acts")
		}
		for _, seconds := range []float64{0.5, 60, 4e9, 2.5e11} {
			before := h.Clock.Now()
			a := ban(seconds).Want(200, "")
			end, err := time.Parse(time.RFC3339, a.Text("user.banExpires"))
			if length := end.Sub(before).Seconds(); err != nil || seconds < 9e9 && (length < seconds || length > seconds+1) || seconds > 9e9 && end.Year() != 9952 {
				t.Errorf("%v seconds end at %s: %v", seconds, a.Text("user.banExpires"), err)
			}
			if got := h.root.Get(api + "/admin/get-user?id=" + u.ID).Text("banExpires"); got != a.Text("user.banExpires") {
				t.Errorf("%s is stored as %s", a.Text("user.banExpires"), got)
			}
		}
		h.Browser().Post(api+"/sign-in/email", body{"email": u.Email, "password": servertest.Password}).Want(403, "BANNED_USER")
		if a := ban(0).Want(200, ""); a.Value("user.banExpires") != nil {
			t.Errorf("zero seconds: %s", a.Body)
		}
		over := ban(-60).Want(200, "")
		if end, err := time.Parse(time.RFC3339, over.Text("user.banExpires")); err != nil || !end.Before(h.Clock.Now()) || over.Value("user.banned") != true {
			t.Errorf("a ban that is over: %s", over.Body)
		}
		h.SignIn(u.Email)
		if h.reload(u.ID).Banned {
			t.Error("the ban was not lifted")
		}
	})
}

// TestBanLengthDefault: zero seconds are the default length, as when none are given.
func TestBanLengthDefault(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.default_ban_expires_in": "1h"})
	u := h.somebody("ann", "user")
	for _, in := range []body{{"userId": u.ID}, {"userId": u.ID, "banExpiresIn": 0}} {
		a := h.root.Post(api+"/admin/ban-user", in).Want(200, "")
		end, err := time.Parse(time.RFC3339, a.Text("user.banExpires"))
		if left := end.Sub(h.Clock.Now()); err != nil || left < 59*time.Minute || left > time.Hour {
			t.Errorf("%v: %s", in, a.Body)
		}
	}
}

// TestFarDates: a date that every database keeps is kept, any other is refused, wherever
// an administrator gives one.
func TestFarDates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db, nil)
		u := h.somebody("ann", "user")
		n := 0
		for _, date := range []any{"1000-01-01T00:00:00.000Z", "1901-12-13T20:45:51.999Z", "2038-01-19T03:14:08.000Z", "9999-12-31T23:59:59.999Z"} {
			a := h.root.Post(api+"/admin/update-user", body{"userId": u.ID, "data": body{"banExpires": date}}).Want(200, "")
			n++
			made := h.root.Post(api+"/admin/create-user", body{"email": fmt.Sprintf("p%d@example.test", n), "name": "P", "data": body{"createdAt": date, "banExpires": date}}).Want(200, "")
			if a.Text("banExpires") != date || made.Text("user.createdAt") != date || made.Text("user.banExpires") != date {
				t.Errorf("%v: %s %s", date, a.Body, made.Body)
			}
			found := h.root.Get(api+"/admin/list-users?filterField=createdAt&filterOperator=eq&filterValue="+url.QueryEscape(date.(string))).Want(200, "")
			if found.Value("total") != 1.0 || found.Text("users.0.createdAt") != date {
				t.Errorf("filtered by %v: %s", date, found.Body)
			}
		}
		for _, date := range []any{"0001-01-01T00:00:00.000Z", "0000-00-00", "0999-12-31", "9999-12-31T23:59:59.999-01:00", "10000-01-01", "+010000-01-01T00:00:00.000Z", 253402300800000, 1e18, -1e300, "1e18"} {
			h.root.Post(api+"/admin/update-user", body{"userId": u.ID, "data": body{"banExpires": date}}).Want(400, "VALIDATION_ERROR")
			h.root.Post(api+"/admin/create-user", body{"email": "q@example.test", "name": "Q", "data": body{"createdAt": date}}).Want(400, "VALIDATION_ERROR")
			for _, operator := range []string{"eq", "lt", "gte", "in"} {
				h.root.Get(api+"/admin/list-users?filterField=banExpires&filterOperator="+operator+"&filterValue="+url.QueryEscape(fmt.Sprint(date))).Want(400, "VALIDATION_ERROR")
			}
		}
	})
}

// TestPageNumbers: however large or strange a bound of list-users is, it is no error.
func TestPageNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db, nil)
		for _, n := range []string{"0", "-1", "1e18", "-1e18", "1e400", "9223372036854775808", "2147483648", "NaN", "Infinity", "x", "1.5"} {
			for _, name := range []string{"limit", "offset"} {
				h.root.Get(api+"/admin/list-users?"+name+"="+n).Want(200, "")
			}
		}
	})
}
