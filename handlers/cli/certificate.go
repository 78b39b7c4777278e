package cli

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// certificateEvery is how often the files are looked at for changes.
const certificateEvery = 10 * time.Second

// certificate is a pair of files that may be replaced while the server runs. A new
// pair that does not load leaves the old one in use.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	pair    *tls.Certificate
	version string
	looked  time.Time
}

// certificate loads the configured pair; nil without one.
func (a *app) certificate() (*certificate, error) {
	cfg := a.core.TLS.Get()
	if cfg.Cert == "" {
		return nil, nil
	}
	c := &certificate{certFile: cfg.Cert, keyFile: cfg.Key, log: a.log}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *certificate) load() error {
	version, err := c.versionOnDisk()
	if err != nil {
		return err
	}
	if err := private(c.keyFile); err != nil {
		return fmt.Errorf("tls.key: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("tls.cert and tls.key: %w", err)
	}
	c.pair, c.version, c.looked = &pair, version, time.Now()
	return nil
}

// private refuses a key that everyone on the machine can read (SEC-198), but where
// container runtimes mount secrets, which only the container sees.
func private(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	mounted := strings.HasPrefix(name, "/run/secrets/") || strings.HasPrefix(name, "/var/run/secrets/")
	if runtime.GOOS != "windows" && !mounted && info.Mode().Perm()&0o004 != 0 {
		return fmt.Errorf("the file %s can be read by everyone; chmod o-r it", name)
	}
	return nil
}

// versionOnDisk tells the pair's files by their times and sizes.
func (c *certificate) versionOnDisk() (string, error) {
	text := ""
	for _, file := range [...]struct{ key, name string }{{"tls.cert", c.certFile}, {"tls.key", c.keyFile}} {
		info, err := os.Stat(file.name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", file.key, err)
		}
		text += fmt.Sprintf("%d/%d ", info.ModTime().UnixNano(), info.Size())
	}
	return text, nil
}

// get implements tls.Config.GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < certificateEvery {
		return c.pair, nil
	}
	c.looked = time.Now()
	version, err := c.versionOnDisk()
	if err == nil && version == c.version {
		return c.pair, nil
	}
	if err == nil {
		err = c.load()
	}
	if err != nil {
		c.log.Error("the changed certificate cannot be used; the former one stays", "error", err)
		return c.pair, nil
	}
	c.log.Info("loaded a changed certificate", "file", c.certFile)
	return c.pair, nil
}
