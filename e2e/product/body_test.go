package product_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/e2e/product"
)

// TestBrokenBody: a body that breaks off or stalls is the caller's mistake, not a failure
// of the database in answer and log.
func TestBrokenBody(t *testing.T) {
	binary, err := product.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := product.Start(binary, "--limits.header_timeout=1s", "--limits.body_timeout=1s")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop() }()
	for _, stalls := range []bool{false, true} {
		for _, path := range []string{"/api/auth/sign-in/email", "/api/v1/auth/signin", "/sign-in"} {
			c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.URL, "http://"), 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(20 * time.Second))
			kind := "application/json"
			if path == "/sign-in" {
				kind = "application/x-www-form-urlencoded"
			}
			fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n{", path, strings.TrimPrefix(s.URL, "http://"), s.URL, kind)
			if !stalls {
				_ = c.(*net.TCPConn).CloseWrite()
			}
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err == nil {
				_ = answer.Body.Close()
			}
			if path != "/sign-in" && (err != nil || answer.StatusCode != http.StatusBadRequest) {
				t.Errorf("%s, stalls %v: %v, %v", path, stalls, answer, err)
			}
			_ = c.Close()
		}
	}
	if log := s.Log(); strings.Contains(log, "database") && strings.Contains(log, "in time") || strings.Contains(log, "level=ERROR") {
		t.Errorf("log:\n%s", log)
	}
}
