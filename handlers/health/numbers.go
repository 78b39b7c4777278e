package health

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"gatehouse/plugins"
)

// numberTimeout bounds reading all numbers of the plugins.
const numberTimeout = 5 * time.Second

// pluginNumbers gathers the metrics that plugins contribute, read at each scrape.
type pluginNumbers struct{ host *plugins.Host }

// Gather implements prometheus.Gatherer. A number that cannot be read is left out and
// logged; the others are there.
func (p pluginNumbers) Gather() ([]*dto.MetricFamily, error) {
	registry := prometheus.NewRegistry()
	ctx, cancel := context.WithTimeout(context.Background(), numberTimeout)
	defer cancel()
	for _, part := range p.host.Registry.Parts {
		for _, m := range part.Metrics {
			value, err := m.Read(ctx)
			if err != nil {
				p.host.Log.WarnContext(ctx, "metric not read", "plugin", part.ID, "metric", m.Name, "error", err)
				continue
			}
			if err := registry.Register(constant(m, value)); err != nil {
				return nil, err
			}
		}
	}
	return registry.Gather()
}

func constant(m plugins.Metric, value float64) prometheus.Collector {
	if m.Counter {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, func() float64 { return value })
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, func() float64 { return value })
}
