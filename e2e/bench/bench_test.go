// Package bench measures the real program over loopback. Machines are noisy: read the
// ratios, which are taken in one run (task bench; docs/benchmarks.md).
package bench

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/auth/password"
	"gatehouse/e2e/product"
	"gatehouse/ent/database/throwaway"
)

// callers is how many requests a processor has under way at once.
const callers = 16

func start(b *testing.B, flags ...string) *product.Server {
	b.Helper()
	binary, err := product.Build()
	if err != nil {
		b.Fatal(err)
	}
	base := []string{"--rate_limit.account.enabled=false", product.WithAdmin()}
	if !slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, "--rate_limit.enabled") }) {
		base = append(base, "--rate_limit.enabled=false")
	}
	s, err := product.Start(binary, append(base, flags...)...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop() })
	return s
}

func signIn(b *testing.B, s *product.Server) http.Header {
	b.Helper()
	a, err := s.Client().SignIn()
	if err != nil {
		b.Fatal(err)
	}
	cookie, _, _ := strings.Cut(a.Cookies(), ";")
	return http.Header{"Cookie": {cookie}}
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers * 2, MaxConnsPerHost: callers * 2}}
}

// load calls a URL from several goroutines for the length of the benchmark and
// reports calls per second.
func load(b *testing.B, url string, h http.Header, want string) {
	b.Helper()
	calls(b, http.MethodGet, url, "", h, want)
}

// calls is load with any method, and a body of JSON where there is one.
func calls(b *testing.B, method, url, body string, h http.Header, want string) {
	b.Helper()
	c := client()
	var failed atomic.Int64
	b.SetParallelism(callers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if one(c, method, url, body, h, want) != nil {
				failed.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	if n := failed.Load(); n > 0 {
		b.Errorf("%d of %d calls failed", n, b.N)
	}
}

// one makes a call, whose answer has to say something.
func one(c *http.Client, method, url, body string, h http.Header, want string) error {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for k, v := range h {
		r.Header[k] = v
	}
	if body != "" {
		r.Header["Content-Type"] = []string{"application/json"}
	}
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(answer), want)) {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

// bareEcho is set where this program is to be a server that does nothing.
const bareEcho = "GATEHOUSE_BENCH_BARE_ECHO"

func TestMain(m *testing.M) {
	if os.Getenv(bareEcho) != "" {
		serveBareEcho()
		return
	}
	code := m.Run()
	if kept != "" {
		_ = os.RemoveAll(kept)
	}
	os.Exit(code)
}

// serveBareEcho prints where it listens and serves until standard input ends.
func serveBareEcho() {
	e := echo.New()
	e.GET("/", func(c echo.Context) error { return c.Blob(http.StatusOK, "application/json", []byte(`{"ok":true}`)) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	srv := &http.Server{Handler: e, ReadHeaderTimeout: time.Second}
	go func() { _ = srv.Serve(l) }()
	fmt.Println("http://" + l.Addr().String() + "/")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// BenchmarkBareEcho is what a handler that does nothing gives here, in a process of its
// own like the product.
func BenchmarkBareEcho(b *testing.B) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), bareEcho+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	load(b, strings.TrimSpace(url), nil, "ok")
}

// BenchmarkSessionRead reads a session from the database at each call: SQLite, no
// cookie cache, no rate limit.
func BenchmarkSessionRead(b *testing.B) {
	s := start(b)
	load(b, s.URL+"/api/auth/get-session", signIn(b, s), product.AdminEmail)
	b.ReportMetric(float64(resident(s.Pid()))/1024, "MiB-loaded")
}

// BenchmarkSessionReadLimited is the same with the rate limiter's memory store counting
// (the rule raised so that it does not refuse).
func BenchmarkSessionReadLimited(b *testing.B) {
	s := start(b, "--rate_limit.enabled=true", "--rate_limit.max=1000000")
	load(b, s.URL+"/api/auth/get-session", signIn(b, s), product.AdminEmail)
}

// BenchmarkSessionReadCached answers from the cookie cache.
func BenchmarkSessionReadCached(b *testing.B) {
	s := start(b, "--session.cookie_cache.enabled=true")
	a, err := s.Client().SignIn()
	if err != nil {
		b.Fatal(err)
	}
	var cookies []string
	for _, line := range a.Header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		cookies = append(cookies, pair)
	}
	load(b, s.URL+"/api/auth/get-session", http.Header{"Cookie": {strings.Join(cookies, "; ")}}, product.AdminEmail)
}

// hashers is how many passwords a processor is given at once: one sign-in waits for
// the disk while another hashes.
const hashers = 4

// BenchmarkHash is the bare password hash.
func BenchmarkHash(b *testing.B) {
	h, err := password.New(password.Config{MemoryKiB: 19 * 1024, Iterations: 2, Parallelism: 1, Limit: 256 << 20, Wait: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	stored, err := h.Hash(context.Background(), product.AdminPassword)
	if err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(hashers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if ok, _, err := h.Verify(context.Background(), stored, product.AdminPassword); !ok || err != nil {
				b.Error(ok, err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkSignIn signs in with a password.
func BenchmarkSignIn(b *testing.B) {
	s := start(b)
	c := client()
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, product.AdminEmail, product.AdminPassword)
	var failed atomic.Int64
	b.SetParallelism(hashers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			res, err := c.Post(s.URL+"/api/auth/sign-in/email", "application/json", strings.NewReader(body))
			if err != nil {
				failed.Add(1)
				continue
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				failed.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(resident(s.Pid()))/1024, "MiB-loaded")
	if n := failed.Load(); n > 0 {
		b.Errorf("%d of %d failed", n, b.N)
	}
}

// BenchmarkStart is from exec to ready on an existing, current database (decisions 58),
// and the memory of the idle server afterwards.
func BenchmarkStart(b *testing.B) {
	binary, err := product.Build()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	var took []time.Duration
	var idle int
	for range b.N + 1 {
		d, rss := startOnce(b, binary, dir)
		took, idle = append(took, d), rss
	}
	took = took[1:] // the first one made the database
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms/start")
	b.ReportMetric(float64(idle)/1024, "MiB-idle")
	if info, err := os.Stat(binary); err == nil {
		b.ReportMetric(float64(info.Size())/(1<<20), "MiB-unstripped")
	}
}

func startOnce(b *testing.B, binary, dir string) (time.Duration, int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(binary, "--url=http://localhost:"+port, "--listen="+addr, "--shutdown.delay=0s")
	cmd.Dir, cmd.Env = dir, product.Environ()
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }()
	for time.Since(begin) < 10*time.Second {
		res, err := http.Get("http://localhost:" + port + "/health/ready")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				took := time.Since(begin)
				time.Sleep(300 * time.Millisecond)
				return took, resident(cmd.Process.Pid)
			}
		}
		time.Sleep(time.Millisecond)
	}
	b.Fatal("not ready")
	return 0, 0
}

// resident is the resident memory of a process in KiB.
func resident(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// BenchmarkConsole reads pages of the console with many people in the database. Their
// number comes from GATEHOUSE_BENCH_USERS (default 100000), the databases, comma-separated,
// from GATEHOUSE_BENCH_DATABASES (sqlite, postgres; default sqlite). The SQLite database is
// seeded once and kept in the folder GATEHOUSE_BENCH_DIR when that is set; PostgreSQL is a
// server of the benchmark's own, seeded anew each time, or with that folder the database of
// the address GATEHOUSE_BENCH_POSTGRES, seeded once.
func BenchmarkConsole(b *testing.B) {
	users := 100_000
	if text := os.Getenv("GATEHOUSE_BENCH_USERS"); text != "" {
		users, _ = strconv.Atoi(text)
	}
	for kind := range strings.SplitSeq(cmp.Or(os.Getenv("GATEHOUSE_BENCH_DATABASES"), "sqlite"), ",") {
		b.Run(fmt.Sprintf("%s/%d", kind, users), func(b *testing.B) { console(b, kind, users) })
	}
}

// pages are the addresses that BenchmarkConsole reads: lists in several orders, searches
// that match many, few and nobody, and the overview.
var pages = []struct{ name, path string }{
	{"list", "/admin/users"},
	{"list-by-name", "/admin/users?sort=name"},
	{"list-of-a-role", "/admin/users?role=owner"},
	{"list-verified-by-email", "/admin/users?verified=yes&sort=email"},
	{"search-ada", "/admin/users?q=ada"},
	{"search-smith", "/admin/users?q=smith"},
	{"search-example", "/admin/users?q=example"},
	{"search-zzzz", "/admin/users?q=zzzz"},
	{"search-7@ex", "/admin/users?q=7%40ex"},
	{"find-ada", "/admin/find?q=ada"},
	{"sessions", "/admin/sessions"},
	{"overview", "/admin"},
}

func console(b *testing.B, kind string, users int) {
	data := os.Getenv("GATEHOUSE_BENCH_DIR")
	address := os.Getenv("GATEHOUSE_BENCH_POSTGRES")
	if data == "" || kind != "sqlite" && address == "" {
		data = b.TempDir()
	}
	name := fmt.Sprintf("users-%d", users)
	if kind != "sqlite" {
		name = kind + "-" + name
	}
	data = filepath.Join(data, name)
	if err := os.MkdirAll(data, 0o700); err != nil {
		b.Fatal(err)
	}
	flags := []string{"--data=" + data}
	if kind != "sqlite" { // which makes a secret by itself
		flags = append(flags, "--secret="+strings.Repeat("0123456789abcdef", 4))
	}
	switch {
	case kind == "postgres" && address != "":
		flags = append(flags, "--database="+address)
	case kind == "postgres":
		server, err := throwaway.PostgreSQL(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = server.Stop() })
		if err := server.CreateDatabase(b.Context(), "bench", ""); err != nil {
			b.Fatal(err)
		}
		flags = append(flags, "--database="+server.URL("bench"))
	}
	seed(b, data, users, flags)
	s := start(b, flags...)
	h := signIn(b, s)
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) { percentiles(b, s.URL+page.path, h) })
	}
	b.Run("last-page", func(b *testing.B) { percentiles(b, s.URL+last(b, s, h, "/admin/users"), h) })
}

// last is the address of the second page of a list turned around: the end of the list.
func last(b *testing.B, s *product.Server, h http.Header, path string) string {
	a, err := s.Client().Do(http.MethodGet, path+"?order=ascending", nil, h)
	if err != nil || a.Status != http.StatusOK {
		b.Fatalf("%d %v", a.Status, err)
	}
	link := regexp.MustCompile(`href="([^"]*page=[^"]*)"`).FindStringSubmatch(a.Text)
	if link == nil {
		b.Fatal("there is no second page")
	}
	return html.UnescapeString(link[1])
}

func seed(b *testing.B, data string, users int, flags []string) {
	if _, err := os.Stat(filepath.Join(data, "seeded")); err == nil {
		return
	}
	binary, err := product.Build()
	if err != nil {
		b.Fatal(err)
	}
	first, err := product.Start(binary, append(flags, product.WithAdmin())...) // makes the database
	if err != nil {
		b.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(binary, append([]string{"seed-users", strconv.Itoa(users)}, flags...)...)
	cmd.Env = product.Environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("seeding: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(data, "seeded"), nil, 0o600); err != nil {
		b.Fatal(err)
	}
}

func percentiles(b *testing.B, url string, h http.Header) {
	c := client()
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for range b.N {
		r, _ := http.NewRequest(http.MethodGet, url, nil)
		r.Header = h
		begin := time.Now()
		res, err := c.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		took = append(took, time.Since(begin))
		if res.StatusCode != http.StatusOK {
			b.Fatalf("status %d", res.StatusCode)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
}
