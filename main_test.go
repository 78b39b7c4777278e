package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gatehouse/ent/database/throwaway"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": main})
}

// patience bounds waiting for a server; it decides no test on a machine that works.
const patience = time.Minute

// TestCommands runs the program as people do: every script of e2e/commands starts
// processes of its own.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "e2e/commands",
		Setup: func(e *testscript.Env) error {
			port, err := freePort()
			if err != nil {
				return err
			}
			e.Setenv("PORT", port)
			e.Setenv("GATEHOUSE_LISTEN", "127.0.0.1:"+port)
			e.Setenv("GATEHOUSE_URL", "http://localhost:"+port)
			e.Setenv("GATEHOUSE_DATA", e.WorkDir+"/data")
			e.Setenv("GATEHOUSE_RATE_LIMIT_ENABLED", "false")
			e.Setenv("GATEHOUSE_SHUTDOWN_DELAY", "0s")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "request": request, "mode": mode, "database": database, "certificate": certificate, "timestamps": timestamps, "code": code, "documented": documented,
		},
	})
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

var client = &http.Client{Timeout: 30 * time.Second,
	Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// await URL waits until it answers 200, or with "!" until nothing answers.
func await(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		answer, err := client.Get(args[0])
		if err == nil {
			answer.Body.Close()
		}
		if neg && err != nil || !neg && err == nil && answer.StatusCode == http.StatusOK {
			return
		}
	}
	ts.Fatalf("%s: waited in vain", args[0])
}

// request STATUS METHOD URL [JSON] wants an answer with a status and prints its body.
func request(ts *testscript.TestScript, _ bool, args []string) {
	var body io.Reader
	if len(args) > 3 {
		body = strings.NewReader(args[3])
	}
	r, err := http.NewRequest(args[1], args[2], body)
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", ts.Getenv("GATEHOUSE_URL"))
	answer, err := client.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", text)
	if fmt.Sprint(answer.StatusCode) != args[0] {
		ts.Fatalf("status %d, want %s: %s", answer.StatusCode, args[0], text)
	}
}

// code CODE PROGRAM ARGUMENTS… wants an exit code.
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var failed *exec.ExitError
	got := 0
	if errors.As(err, &failed) {
		got = failed.ExitCode()
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%v exits with %d, want %s (%v)", args[1:], got, args[0], err)
	}
}

// documented FILE PATTERN wants the lines of the last output that match to stand in a file of
// the repository, one after the other.
func documented(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.ReadFile(args[0])
	ts.Check(err)
	lines := strings.Join(regexp.MustCompile("(?m)"+args[1]).FindAllString(ts.ReadFile("stdout"), -1), "\n")
	if lines == "" || !strings.Contains(string(file), "\n"+lines+"\n") {
		ts.Fatalf("%s does not have the lines\n%s", args[0], lines)
	}
}

// mode MODE FILE wants a file with these permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

var (
	postgres = sync.OnceValues(func() (*throwaway.Server, error) { return throwaway.PostgreSQL(context.Background()) })
	mariadb  = sync.OnceValues(func() (*throwaway.Server, error) { return throwaway.MariaDB(context.Background()) })
	made     atomic.Int64
)

// database VARIABLE KIND makes an empty database of a server and puts its URL into a
// variable.
func database(ts *testscript.TestScript, _ bool, args []string) {
	server := postgres
	if args[1] == "mysql" {
		server = mariadb
	}
	s, err := server()
	ts.Check(err)
	name := fmt.Sprintf("commands%d", made.Add(1))
	ts.Check(s.CreateDatabase(context.Background(), name, ""))
	ts.Setenv(args[0], s.URL(name))
}

// certificate CERT KEY makes a pair for localhost.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(block), 0o600))
	}
}

// timestamps FILE wants every line of a log to be JSON with a time in UTC.
func timestamps(ts *testscript.TestScript, _ bool, args []string) {
	text := []byte(ts.ReadFile(args[0]))
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte(`{"time":"`)) || !bytes.Contains(line[:min(60, len(line))], []byte(`Z","level"`)) {
			ts.Fatalf("log line %s", line)
		}
	}
}
