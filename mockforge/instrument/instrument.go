// Package instrument writes MockForge's metrics: one recorder for each part of the server, with the meaning that the
// catalog gives to each metric. Every metric of the catalog has a way to be written here.
package instrument

import (
	"fmt"
	"net/http"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/paths"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// Recorder has the recorders of all parts.
type Recorder struct {
	Requests    *Requests
	WebSocket   *WebSocket
	SMTP        *SMTP
	Plugins     *Plugins
	Scenario    *Scenario
	Chaos       *Chaos
	Workspaces  *Workspaces
	MQTT        *MQTT
	Kafka       *Kafka
	AMQP        *AMQP
	Marketplace *Marketplace
	Drift       *Drift
	Capture     *Capture
	SLO         *SLO

	registry *instrument.Registry
}

// New registers the catalog and returns its recorders, or the error of the first start: what the catalog does not have.
func New(options ...instrument.Option) (*Recorder, error) {
	r, err := instrument.New(metrics.Catalog, options...)
	if err != nil {
		return nil, fmt.Errorf("registering MockForge's metrics: %w", err)
	}
	out := &Recorder{
		Requests: newRequests(r), WebSocket: newWebSocket(r), SMTP: newSMTP(r), Plugins: newPlugins(r), Scenario: newScenario(r), Chaos: newChaos(r),
		Workspaces: newWorkspaces(r), MQTT: newMQTT(r), Kafka: newKafka(r), AMQP: newAMQP(r), Marketplace: newMarketplace(r), Drift: newDrift(r),
		Capture: newCapture(r), SLO: newSLO(r), registry: r,
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("MockForge's recorders: %w", err)
	}
	return out, nil
}

// Registry returns the registry beneath, for collectors of others and for fragments of plugins.
func (r *Recorder) Registry() *instrument.Registry { return r.registry }

// Handler serves the metrics.
func (r *Recorder) Handler() http.Handler { return r.registry.Handler() }

// routes makes paths fit for the label path: as many as it allows.
func routes() *paths.Normalizer { return &paths.Normalizer{Most: metrics.Path.Max - 1} }
