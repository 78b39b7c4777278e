// Package product builds and runs the real program for tests from outside.
package product

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// AdminEmail and AdminPassword are the administrator that WithAdmin makes.
const (
	AdminEmail    = "admin@example.test"
	AdminPassword = "initial-Admin-9-password"
	// Password is one that everybody in the tests may use.
	Password = "correct-Horse-7-battery"
)

// Root is the folder of the checkout.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gatehouse-product-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "gatehouse")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = Root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return binary, nil
})

// Build builds the program of this checkout, once in a process.
func Build() (string, error) { return build() }

// Server is a running program.
type Server struct {
	URL  string
	Dir  string // its working folder
	cmd  *exec.Cmd
	log  *buffer
	wait sync.Once
	done error
}

// Start starts a binary with flags in an empty folder of its own and waits until it is
// ready. Stop it.
func Start(binary string, flags ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "gatehouse-run-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{URL: fmt.Sprintf("http://localhost:%d", port), Dir: dir, log: &buffer{}}
	args := append([]string{"--url=" + s.URL, fmt.Sprintf("--listen=127.0.0.1:%d", port)}, flags...)
	if !contains(flags, "--shutdown.delay=") {
		args = append(args, "--shutdown.delay=0s") // no balancer looks
	}
	s.cmd = exec.Command(binary, args...)
	s.cmd.Dir = dir
	s.cmd.Env = Environ()
	if contains(flags, "--admin_email=") {
		s.cmd.Env = append(s.cmd.Env, "GATEHOUSE_ADMIN_PASSWORD="+AdminPassword)
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%w\n%s", err, s.Log())
	}
	return s, nil
}

// Pid is the server's process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Environ is the environment without what would be read as settings, as the variables
// of the tests themselves.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GATEHOUSE_") || strings.HasPrefix(v, "BETTER_AUTH_")
	})
}

func contains(flags []string, prefix string) bool {
	for _, f := range flags {
		if strings.HasPrefix(f, prefix) {
			return true
		}
	}
	return false
}

// WithAdmin is the flag that makes the administrator at start.
func WithAdmin() string { return "--admin_email=" + AdminEmail }

func (s *Server) ready() error {
	for range 150 {
		if r, err := http.Get(s.URL + "/health/ready"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the server did not become ready")
}

// Stop ends the server gracefully and removes its folder.
func (s *Server) Stop() error {
	s.wait.Do(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		go func() {
			<-ctx.Done()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				_ = s.cmd.Process.Kill()
			}
		}()
		s.done = s.cmd.Wait()
		_ = os.RemoveAll(s.Dir)
	})
	return s.done
}

// Log is what the server has written.
func (s *Server) Log() string { return s.log.String() }

var claimLink = regexp.MustCompile(`https?://\S+/claim/\S+`)

// ClaimLink finds the link the server printed for its first administrator.
func (s *Server) ClaimLink() (string, error) {
	for range 50 {
		if link := claimLink.FindString(s.Log()); link != "" {
			return link, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", errors.New("no claim link was printed:\n" + s.Log())
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Client calls a server as a browser would: with a cookie jar and its origin.
type Client struct {
	URL    string
	Origin string
	HTTP   *http.Client
}

// Client returns a new client without cookies, which follows no redirects.
func (s *Server) Client() *Client {
	jar, _ := cookiejar.New(nil)
	return &Client{URL: s.URL, Origin: s.URL, HTTP: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Text   string
	JSON   map[string]any // when the body is an object
}

// Cookies are the Set-Cookie lines of the answer.
func (a Answer) Cookies() string { return strings.Join(a.Header["Set-Cookie"], "\n") }

// SignIn signs the administrator of [WithAdmin] in.
func (c *Client) SignIn() (Answer, error) {
	a, err := c.Do(http.MethodPost, "/api/auth/sign-in/email", map[string]any{"email": AdminEmail, "password": AdminPassword}, nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("signing in: %d %s", a.Status, a.Text)
	}
	return a, err
}

// Do sends a request. body is JSON unless it is a string, which is a form.
func (c *Client) Do(method, path string, body any, h http.Header) (Answer, error) {
	var in io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		in, kind = strings.NewReader(b), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return Answer{}, err
		}
		in, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequest(method, c.URL+path, in)
	if err != nil {
		return Answer{}, err
	}
	if c.Origin != "" {
		r.Header.Set("Origin", c.Origin)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for k, v := range h {
		r.Header[k] = v
	}
	res, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 10<<20))
	a := Answer{Status: res.StatusCode, Header: res.Header, Text: string(text)}
	_ = json.Unmarshal(text, &a.JSON)
	return a, err
}
