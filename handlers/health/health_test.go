package health_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/handlers/core"
	"gatehouse/handlers/health"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

// numbers is a plugin with metrics, one of which cannot be read.
type numbers struct{}

// Manifest implements plugins.Plugin.
func (numbers) Manifest() plugins.Manifest { return plugins.Manifest{ID: "numbers", Name: "Numbers"} }

// Contribute implements plugins.Plugin.
func (numbers) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Metrics: []plugins.Metric{
		{Name: "broken_total", Help: "Broken.", Read: func(context.Context) (float64, error) { return 0, errors.New("broken") }},
		{Name: "apples_total", Help: "Apples.", Counter: true, Read: func(context.Context) (float64, error) { return 7, nil }},
		{Name: "pears", Help: "Pears.", Read: func(context.Context) (float64, error) { return 3, nil }},
	}}, nil
}

func rig(t *testing.T, settings map[string]string) *servertest.Rig {
	t.Helper()
	return servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), health.New()},
		Plugins: []plugins.Plugin{numbers{}}, Settings: settings})
}

func get(t *testing.T, r *servertest.Rig, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, r.Origin+path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.Server.ServeHTTP(w, request)
	return w
}

func TestLiveAndReady(t *testing.T) {
	r := rig(t, nil)
	if w := get(t, r, http.MethodGet, "/health/live"); w.Code != http.StatusOK || w.Body.String() != `{"status":"ok"}` {
		t.Errorf("live: %d %s", w.Code, w.Body)
	}
	// Before the background work begins the server is not ready, and does not say why.
	if w := get(t, r, http.MethodGet, "/health/ready"); w.Code != http.StatusServiceUnavailable || w.Body.String() != `{"status":"unavailable"}` {
		t.Errorf("ready: %d %s", w.Code, w.Body)
	}

	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Server.Run(ctx) }()
	defer func() { end(); <-done }()
	for get(t, r, http.MethodGet, "/health/ready").Code != http.StatusOK {
		if t.Context().Err() != nil {
			t.Fatal("never ready")
		}
	}
	if w := get(t, r, http.MethodHead, "/health/ready"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d %q", w.Code, w.Body)
	}
	r.Server.Drain()
	if w := get(t, r, http.MethodGet, "/health/ready"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("draining: %d", w.Code)
	}
	if w := get(t, r, http.MethodGet, "/health/live"); w.Code != http.StatusOK {
		t.Errorf("live while draining: %d", w.Code)
	}
}

func TestReadyNeedsTheDatabase(t *testing.T) {
	r := rig(t, nil)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Server.Run(ctx) }()
	defer func() { end(); <-done }()
	for get(t, r, http.MethodGet, "/health/ready").Code != http.StatusOK {
		if t.Context().Err() != nil {
			t.Fatal("never ready")
		}
	}
	if _, err := r.Host.DB.Store().SQL.ExecContext(t.Context(), "UPDATE schema_revision SET applied = 0"); err != nil {
		t.Fatal(err)
	}
	w := get(t, r, http.MethodGet, "/health/ready")
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "migration") {
		t.Errorf("with a pending migration: %d %s", w.Code, w.Body)
	}
}

func TestWhoSeesMetrics(t *testing.T) {
	const token = "a-token-of-some-length"
	for name, test := range map[string]struct {
		settings map[string]string
		header   string
		want     int
	}{
		"nobody by default":   {nil, "", http.StatusUnauthorized},
		"public":              {map[string]string{"metrics.public": "true"}, "", http.StatusOK},
		"with the token":      {map[string]string{"metrics.token": token}, "Bearer " + token, http.StatusOK},
		"with another":        {map[string]string{"metrics.token": token}, "Bearer " + token + "x", http.StatusUnauthorized},
		"without a token set": {nil, "Bearer ", http.StatusUnauthorized},
		"on another port":     {map[string]string{"metrics.listen": "127.0.0.1:9"}, "", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			w := get(t, rig(t, test.settings), http.MethodGet, "/metrics", "Authorization", test.header)
			if w.Code != test.want {
				t.Fatalf("status %d, want %d", w.Code, test.want)
			}
			if strings.Contains(w.Body.String(), "go_goroutines") != (test.want == http.StatusOK) {
				t.Errorf("body %.200s", w.Body)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	r := rig(t, nil)
	get(t, r, http.MethodGet, "/health/live")
	get(t, r, http.MethodGet, "/no/such/page/42")
	w := httptest.NewRecorder()
	health.Handler(r.Host).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		"apples_total 7", "pears 3", "# TYPE apples_total counter",
		`gatehouse_http_requests_total{method="GET",route="/health/live",status="200"} 1`, "process_open_fds",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{"broken_total", "/no/such/page"} {
		if strings.Contains(text, bad) {
			t.Errorf("there is %q", bad)
		}
	}
}
