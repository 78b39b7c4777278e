package product_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/e2e/product"
)

// TestRestartUnderLoad ends the real program while connections carry reads and slow
// writes. As behind a balancer, each caller leaves when an answer closes its
// connection; until then every request must be answered.
func TestRestartUnderLoad(t *testing.T) {
	binary, err := product.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := product.Start(binary, product.WithAdmin(), "--rate_limit.enabled=false", "--shutdown.delay=3s")
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	var answered, left atomic.Int64
	const reading, writing = 8, 2
	for i := range reading + writing {
		callers.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
			for {
				last, err := call(client, s.URL, i < writing)
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				answered.Add(1)
				if last {
					left.Add(1)
					return
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	ended := make(chan error, 1)
	go func() { ended <- s.Stop() }()
	callers.Wait()
	if n := left.Load(); n != reading+writing {
		t.Errorf("%d of %d callers were told to leave", n, reading+writing)
	}
	if r, err := http.Get(s.URL + "/health/ready"); err != nil || r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("while a balancer notices, readiness is %v, %v", r, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if strings.Contains(s.Log(), "level=ERROR") {
		t.Errorf("log:\n%s", s.Log())
	}
	t.Logf("%d requests answered", answered.Load())
}

// call reads a session, or signs in, which hashes a password and writes. last is an
// answer that closes its connection.
func call(client *http.Client, url string, write bool) (last bool, err error) {
	r, err := http.NewRequest(http.MethodGet, url+"/api/auth/get-session", nil)
	if write {
		body := `{"email":"` + product.AdminEmail + `","password":"` + product.AdminPassword + `"}`
		r, err = http.NewRequest(http.MethodPost, url+"/api/auth/sign-in/email", io.NopCloser(strings.NewReader(body))) // not repeatable
		r.Header.Set("Content-Type", "application/json")
	}
	if err != nil {
		return false, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return false, err
	}
	if answer.StatusCode != http.StatusOK {
		return false, errors.New(answer.Status)
	}
	return answer.Close, nil
}
