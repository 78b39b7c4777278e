package routes

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
)

// racers is how many requests start at once.
const racers = 32

// TestRaces: of many who use one link at once, through a listening server, exactly one
// succeeds, and the others are told so.
func TestRaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, happened string // the form's page, and the event of the success
		form           func(s *scene, i int) url.Values
	}{
		{"/claim/$claim", "claim.used", func(_ *scene, i int) url.Values {
			return url.Values{"name": {"New"}, "email": {fmt.Sprintf("claim-%d@example.test", i)}, "password": {servertest.Password}}
		}},
		{"/accept-invitation/$invite", "platform-invitation.accepted", func(_ *scene, i int) url.Values {
			return url.Values{"name": {fmt.Sprintf("New %d", i)}, "password": {servertest.Password}}
		}},
		{"/reset-password", "password.reset", func(s *scene, i int) url.Values {
			return url.Values{"token": {s.word("$reset")}, "newPassword": {fmt.Sprintf("another-Horse-%d-battery", i)}}
		}},
	} {
		t.Run(c.happened, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *database.DB) {
				s := openOn(t, db).scene("user")
				path := s.fill(c.path)
				forms := make([]url.Values, racers)
				for i := range forms {
					forms[i] = c.form(s, i)
				}
				won := 0
				for i, status := range s.post(path, forms) {
					switch {
					case status == http.StatusSeeOther:
						won++
					case status < 400 || status >= 500:
						t.Errorf("racer %d is answered %d", i, status)
					}
				}
				n, err := s.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind(c.happened)).Count(t.Context())
				if won != 1 || n != 1 || err != nil {
					t.Errorf("%d of %d succeeded, %d events %s, %v", won, racers, n, c.happened, err)
				}
			})
		})
	}
}

// post sends forms at once, each over a connection of its own, and returns the statuses.
func (h *house) post(path string, forms []url.Values) []int {
	h.t.Helper()
	listening := httptest.NewServer(h.Server)
	defer listening.Close()
	statuses := make([]int, len(forms))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, form := range forms {
		wg.Go(func() {
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, listening.URL+path, strings.NewReader(form.Encode()))
			if err != nil {
				h.t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", h.Origin)
			<-start
			a, err := client.Do(r)
			if err != nil {
				h.t.Error(err)
				return
			}
			defer a.Body.Close()
			if _, err := io.Copy(io.Discard, a.Body); err != nil {
				h.t.Error(err)
			}
			statuses[i] = a.StatusCode
		})
	}
	close(start)
	wg.Wait()
	return statuses
}
