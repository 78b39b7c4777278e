package core_test

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
)

// racers is how many requests start at once.
const racers = 32

// race runs do at once from many goroutines and counts the runs that report true.
func race(do func(i int) bool) int {
	var wg sync.WaitGroup
	var won atomic.Int32
	start := make(chan struct{})
	for i := range racers {
		wg.Go(func() {
			<-start
			if do(i) {
				won.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(won.Load())
}

func raceRig(t *testing.T, db *database.DB, more map[string]string) *servertest.Rig {
	set := map[string]string{"mail.links": "direct", "rate_limit.account.enabled": "false"}
	for k, v := range more {
		set[k] = v
	}
	return servertest.New(t, servertest.Options{Database: db, Settings: set})
}

func events(t *testing.T, rig *servertest.Rig, kind string) int {
	t.Helper()
	n, err := rig.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind(kind)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRaceReset(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		rig := raceRig(t, db, nil)
		rig.SignUp("Alice", alice)
		_, token := resetLink(t, rig)
		won := race(func(int) bool {
			a := rig.Browser().Post("/api/auth/reset-password", body{"newPassword": good, "token": token})
			if a.Status != 200 && a.Text("code") != "INVALID_TOKEN" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			return a.Status == 200
		})
		if n := events(t, rig, "password.reset"); won != 1 || n != 1 {
			t.Errorf("%d resets, %d events", won, n)
		}
	})
}

func TestRaceVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		rig := raceRig(t, db, map[string]string{"email_verification.required": "true", "email_verification.auto_sign_in": "true"})
		rig.SignUp("Alice", alice)
		link := strings.TrimPrefix(rig.Link(alice, "verify-email"), rig.Origin)
		won := race(func(int) bool {
			a := rig.Browser().Get(link)
			if a.Status != 302 || a.Location() != "/" {
				t.Errorf("%d %s %v", a.Status, a.Body, a.Header)
			}
			return a.Cookies()["better-auth.session_token"] != nil
		})
		if n := events(t, rig, "email.verified"); won != 1 || n != 1 {
			t.Errorf("%d sessions, %d events", won, n)
		}
	})
}

func TestRaceDelete(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		rig := raceRig(t, db, map[string]string{"user.delete_confirmation_mail": "true"})
		b := rig.SignUp("Alice", alice)
		b.Post("/api/auth/delete-user", body{}).Want(200, "")
		link, err := url.Parse(rig.Link(alice, "delete-account"))
		if err != nil {
			t.Fatal(err)
		}
		path := link.Path + "?token=" + link.Query().Get("token")
		sessions := make([]*servertest.Browser, racers)
		for i := range sessions {
			sessions[i] = rig.Browser()
			sessions[i].Header.Set("Cookie", "better-auth.session_token="+b.Cookie("better-auth.session_token"))
		}
		won := race(func(i int) bool {
			a := sessions[i].Get(path)
			if a.Status != 200 && a.Status != 404 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			return a.Status == 200
		})
		if n := events(t, rig, "user.deleted"); won != 1 || n != 1 {
			t.Errorf("%d deletions, %d events", won, n)
		}
	})
}

func TestRaceSignUp(t *testing.T) {
	for name, uniform := range map[string]bool{"open": false, "uniform": true} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *database.DB) {
				set := map[string]string{}
				if uniform {
					set["email_verification.required"] = "true"
				}
				rig := raceRig(t, db, set)
				won := race(func(int) bool {
					a := rig.Browser().Post("/api/auth/sign-up/email", signUp(nil))
					if a.Status != 200 && (uniform || a.Text("code") != "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL") {
						t.Errorf("%d %s", a.Status, a.Body)
					}
					return a.Status == 200
				})
				if want := map[bool]int{false: 1, true: racers}[uniform]; won != want {
					t.Errorf("%d answers of success, want %d", won, want)
				}
				if n := events(t, rig, "user.created"); n != 1 {
					t.Errorf("%d users made", n)
				}
			})
		})
	}
}

func TestRaceUnlink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		o := withProviders()
		o.Database = db
		rig := servertest.New(t, o)
		b := rig.SignUp("Alice", alice)
		password := b.Get("/api/auth/list-accounts").Text("0.id")
		ids := []string{password, link(t, rig, "fake")}
		sessions := make([]*servertest.Browser, racers)
		for i := range sessions {
			sessions[i] = rig.Browser()
			sessions[i].Header.Set("Cookie", "better-auth.session_token="+b.Cookie("better-auth.session_token"))
		}
		won := race(func(i int) bool {
			a := sessions[i].Post("/api/auth/unlink-account", body{"accountId": ids[i%2]})
			if a.Status != 200 && a.Status != 400 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			return a.Status == 200
		})
		left := rig.Host.DB.Access(t.Context()).Account().Query().CountX(t.Context())
		if won != 1 || left != 1 {
			t.Errorf("%d unlinked, %d left", won, left)
		}
	})
}
