package handlers

import "github.com/prometheus/client_golang/prometheus"

// Drain makes the server unready, so that nothing new is sent to it; it goes on
// answering. Call it before the listener closes.
func (s *Server) Drain() { s.ready.Store(false) }

// Gatherer gives the server's own numbers.
func (s *Server) Gatherer() prometheus.Gatherer { return s.metrics.registry }
