package cli

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/natefinch/atomic"

	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
)

// secretName is the file in the data folder that holds a generated secret.
const secretName = "secret"

// keys makes the ring of the configured secrets, or of the generated one. Only a
// server that starts may generate, and only with SQLite (decisions 63).
func (a *app) keys(generate bool) (*secret.Ring, error) {
	top := a.top()
	legacy := top.Secret.Reveal()
	var versions []secret.Version
	for _, v := range top.Secrets {
		versions = append(versions, secret.Version{N: v.Version, Value: v.Value.Reveal()})
	}
	if legacy == "" && len(versions) == 0 {
		if err := top.NeedsSecret(); err != nil {
			return nil, err
		}
		var err error
		if legacy, err = a.fileSecret(generate); err != nil {
			return nil, err
		}
	}
	ring, err := secret.NewRing(versions, legacy)
	if err != nil {
		return nil, err
	}
	if err := ring.Check(); err != nil {
		if !top.Development() {
			return nil, fmt.Errorf("%w; make one with: openssl rand -base64 32", err)
		}
		a.log.Warn("the secret would be refused in production", "reason", err)
	}
	return ring, nil
}

// secretPath is where the generated secret lies.
func (a *app) secretPath() string { return filepath.Join(a.top().Data, secretName) }

// fileSecret reads the generated secret, or makes it.
func (a *app) fileSecret(generate bool) (string, error) {
	path := a.secretPath()
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && generate:
		return a.generateSecret(path)
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no secret: neither the setting secret nor %s; the server makes one at its first start", path)
	case err != nil:
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("the secret in %s can be read by others; chmod 600 it", path)
	}
	return strings.TrimSpace(string(data)), nil
}

// unusedSecret warns of a generated secret that the configured ones have taken the place
// of without keeping it, which ends all sessions; "" when there is none.
func (a *app) unusedSecret() string {
	top := a.top()
	if top.Secret.Empty() && len(top.Secrets) == 0 {
		return ""
	}
	made, err := a.fileSecret(false)
	known := err != nil || top.Secret.Equal(made) ||
		slices.ContainsFunc(top.Secrets, func(v settings.SecretVersion) bool { return v.Value.Equal(made) })
	if known {
		return ""
	}
	return "the secret in " + a.secretPath() + " is not among the configured ones, so what it signed or sealed counts no more: " +
		"add it as the last entry of secrets, or remove the file when nothing of it is needed"
}

// generateSecret writes 32 random bytes that only the owner of the process can read.
func (a *app) generateSecret(path string) (string, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	text := base64.StdEncoding.EncodeToString(raw)
	if err := writeSecret(path, text); err != nil {
		return "", err
	}
	a.log.Info("made a secret; keep it with your backups, what is sealed with it cannot be read without", "file", path)
	return text, nil
}

// writeSecret writes the whole file or none, durably.
func writeSecret(path, text string) error {
	if err := database.MakeDir(filepath.Dir(path)); err != nil {
		return err
	}
	unfinished := path + ".new"
	file, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	_, err = file.WriteString(text + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	if err := atomic.ReplaceFile(unfinished, path); err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	return nil
}
