// Package metrics is the catalog of the MockForge server: every metric that it exposes, as Go values
// for the code that writes them and for the dashboards and rules that read them.
//
// A Go variable is called as its metric, without mockforge_ and the unit: RequestDuration is
// mockforge_request_duration_seconds. Counters keep Total; gauges that the server calls _total lose it.
package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
)

// The teams that answer for metrics.
const (
	CoreTeam      = "mockforge-core"
	ProtocolsTeam = "mockforge-protocols"
	PluginsTeam   = "mockforge-plugins"
	CloudTeam     = "mockforge-cloud"
	ChaosTeam     = "mockforge-chaos"
)

const prefix = "mockforge_"

// PluginPrefix begins the names of the metrics that a plugin brings along; its own name follows.
const PluginPrefix = prefix + "plugin_"

// Catalog is the metrics of the server, and those of Prometheus, the process and, for a server in
// Go, its runtime that dashboards and alerts read.
var Catalog = catalog.New("mockforge", catalog.CatalogSpec{
	Prefix: prefix,
	Groups: []*catalog.Group{
		Requests, WebSocket, SMTP, Plugins, System, Scenario,
		Workspaces, MQTT, Kafka, AMQP, SLO, Marketplace, Drift,
		Chaos, Capture,
		external.Scrape, external.Alerts, external.Process, external.GoRuntime,
	},
})

// unwritten ends the help of a metric that the Rust server registers and no code of it sets; on such a
// server the series is absent, or stays at 0 where it has no labels.
const unwritten = " The Rust server registers it and never writes it."

// byName excuses gauges that the server calls _total.
const byName = "the server has had this name since its first release with the metric; it sets the value " +
	"from a snapshot of the broker's own count, so the type is gauge"

// Upper bounds of buckets that several histograms share.
var (
	requestBuckets = []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10} // seconds
	runBuckets     = []float64{.001, .005, .01, .05, .1, .5, 1, 5}                     // seconds
	sessionBuckets = []float64{1, 5, 10, 30, 60, 300, 600, 1800, 3600}                 // seconds
)
