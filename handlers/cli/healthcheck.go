package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

type healthcheckCommand struct {
	Timeout time.Duration `default:"5s" help:"Time to wait for the answer."`
}

// Run asks the server of this configuration, over its own listener.
func (h *healthcheckCommand) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	answer, _, err := a.ask(ctx, "/health/ready")
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: the server answers %s", answer.Status)
	}
	fmt.Fprintln(a.Stdout, "ready")
	return nil
}

// ask gets a path from what listens at the setting listen, with the first bytes of the
// answer.
func (a *app) ask(ctx context.Context, path string) (*http.Response, []byte, error) {
	address, err := reachable(a.top().Listen)
	if err != nil {
		return nil, nil, err
	}
	scheme := "http"
	if a.core.TLS.Get().Cert != "" {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+path, nil)
	if err != nil {
		return nil, nil, err
	}
	// The certificate is for the public name; the listener is this machine's own.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1024))
	return answer, body, errors.Join(err, answer.Body.Close())
}

// reachable turns the address to listen on into one to connect to.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port), nil
}
