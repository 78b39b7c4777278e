package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/auth/settings"
)

func testApp() *app {
	core := settings.NewCore()
	set, err := settings.Load(settings.Sources{}, core.Groups()...)
	if err != nil {
		panic(err)
	}
	return &app{core: core, set: set, log: slog.New(slog.DiscardHandler)}
}

// TestDrain ends a server in the middle of a request: for a while new requests are
// still answered, each the last on its connection; then no more, and the running one
// gets its answer.
func TestDrain(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-release
		}
		_, _ = io.WriteString(w, "done")
	})
	l, err := testApp().newListener(t.Context(), "listen", "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- l.serve(handler) }()
	get := func(path string) (text string, last bool) {
		answer, err := http.Get("http://" + l.addr().String() + path)
		if err != nil {
			return err.Error(), false
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return string(body), answer.Close
	}
	answered := make(chan string, 1)
	go func() {
		text, _ := get("/slow")
		answered <- text
	}()
	<-entered
	if text, last := get("/"); text != "done" || last {
		t.Fatalf("before the end: %q, last %v", text, last)
	}
	drained := make(chan error, 1)
	go func() {
		drained <- drain([]*listener{l}, settings.Shutdown{Delay: time.Second, Timeout: time.Minute}, failed)
	}()
	for !l.ending.Load() {
		time.Sleep(time.Millisecond)
	}
	if text, last := get("/"); text != "done" || !last {
		t.Errorf("while a balancer notices: %q, last %v", text, last)
	}
	if err := <-failed; err != nil { // the port is closed
		t.Errorf("serve: %v", err)
	}
	if text, _ := get("/"); text == "done" {
		t.Error("a new request is taken after that")
	}
	close(release)
	if got := <-answered; got != "done" {
		t.Errorf("the running request got %q", got)
	}
	if err := <-drained; err != nil {
		t.Errorf("drain: %v", err)
	}
}

func TestTakenPort(t *testing.T) {
	a := testApp()
	first, err := a.newListener(t.Context(), "listen", "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.net.Close()
	if _, err := a.newListener(t.Context(), "listen", first.addr().String(), nil); err == nil {
		t.Error("a taken port is no error")
	}
}

func TestEveryTimeIsBounded(t *testing.T) {
	l, err := testApp().newListener(t.Context(), "listen", "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.net.Close()
	s := l.server
	if s.ReadHeaderTimeout != 10*time.Second || s.ReadTimeout != 40*time.Second || s.WriteTimeout <= s.ReadTimeout || s.IdleTimeout <= 0 || s.MaxHeaderBytes != 64<<10 {
		t.Errorf("limits %v %v %v %v %d", s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
}

func TestReachable(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:3000": "127.0.0.1:3000", ":3000": "127.0.0.1:3000", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80", "10.0.0.7:1": "10.0.0.7:1", "localhost:9": "localhost:9",
	} {
		if got, err := reachable(listen); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", listen, got, err, want)
		}
	}
	if _, err := reachable("nonsense"); err == nil {
		t.Error("nonsense is no address")
	}
}

// TestCertificateChanges replaces the files: a good pair is taken, a broken one leaves
// the former in use.
func TestCertificateChanges(t *testing.T) {
	dir := t.TempDir()
	a := testApp()
	c := &certificate{certFile: filepath.Join(dir, "cert"), keyFile: filepath.Join(dir, "key"), log: a.log}
	serial := func() int64 {
		t.Helper()
		c.looked = time.Time{} // as if some time had passed
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if err := c.load(); err == nil {
		t.Error("missing files are no error")
	}
	makePair(t, c, 1)
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 1 {
		t.Errorf("serial %d", got)
	}
	makePair(t, c, 2)
	if got := serial(); got != 2 {
		t.Errorf("after the change %d", got)
	}
	if err := os.WriteFile(c.certFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("with a broken file %d", got)
	}
	if err := os.Chmod(c.keyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.load(); err == nil || !strings.Contains(err.Error(), "read by everyone") {
		t.Errorf("a key that everyone can read: %v", err)
	}
	if err := os.Chmod(c.keyFile, 0o600); err != nil {
		t.Fatal(err)
	}
	makePair(t, c, 3)
	if got := serial(); got != 3 {
		t.Errorf("mended %d", got)
	}
}

func makePair(t *testing.T, c *certificate, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{c.certFile: {Type: "CERTIFICATE", Bytes: der}, c.keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
