package handlers

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the server's own numbers. Each server has its own registry, so two in
// one process do not meet.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gatehouse_http_requests_total", Help: "Answered requests."}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "gatehouse_http_request_seconds", Help: "Time to answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.duration, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts an answered request and logs it. The route is the declared pattern,
// so that paths cannot grow the table.
func (s *Server) observe(ec echo.Context, took time.Duration) {
	route, status := ec.Path(), ec.Response().Status
	if route == "" {
		route = "none"
	}
	s.metrics.requests.WithLabelValues(ec.Request().Method, route, strconv.Itoa(status)).Inc()
	s.metrics.duration.WithLabelValues(route).Observe(took.Seconds())
	s.log.LogAttrs(ec.Request().Context(), slog.LevelDebug, "request", slog.String("method", ec.Request().Method), slog.String("route", route),
		slog.Int("status", status), slog.Duration("took", took))
}
