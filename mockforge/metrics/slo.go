package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// What the server aims at: Availability is the share of requests that do not fail on its side, and FastShare the share
// of them that are answered within FastEnough.
const (
	Availability = 0.999
	// FastEnough is a bucket of the latency histogram, so that the share below it is counted, not guessed.
	FastEnough = 0.25 // seconds
	FastShare  = 0.95
)

type sloType struct{}

// SLOType is open: the Rust server names no objective yet.
var SLOType = catalog.AtMost[sloType](5, "slo_type", "Kind of objective, such as availability or latency.")

// PerSLO is the label set of SLOCompliance.
var PerSLO = catalog.By2(Protocol, SLOType)

// SLOLabels is the type of PerSLO.
type SLOLabels = catalog.Labels2[protocol, sloType]

// SLO is what the server itself says of its objectives; the objectives of rules do not read it.
var SLO = catalog.NewGroup("Objectives", catalog.GroupSpec{
	Help:  "Service level objectives, as the server works them out itself.",
	Owner: CoreTeam,
})

// Metrics of SLO.
var (
	ServiceAvailability = catalog.NewGauge(SLO, "mockforge_service_availability", PerProtocol, catalog.Spec{
		Help:  "Share of availability that the service reached." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
	SuccessfulRequestRate = catalog.NewGauge(SLO, "mockforge_successful_request_rate", PerProtocol, catalog.Spec{
		Help:  "Share of requests that succeeded; not a number per second." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
	P95LatencySLOCompliance = catalog.NewGauge(SLO, "mockforge_p95_latency_slo_compliance", PerProtocol, catalog.Spec{
		Help:  "Whether the 95th percentile of latency keeps its objective." + unwritten,
		Unit:  unit.State,
		Range: catalog.Range{Min: 0, Max: 1},
		States: []catalog.State{
			{Value: 0, Name: "missed", Level: catalog.Bad},
			{Value: 1, Name: "met", Level: catalog.Good},
		},
	})
	ErrorBudgetRemaining = catalog.NewGauge(SLO, "mockforge_error_budget_remaining", PerProtocol, catalog.Spec{
		Help:  "Share of the error budget that is left." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
	SLOCompliance = catalog.NewGauge(SLO, "mockforge_slo_compliance", PerSLO, catalog.Spec{
		Help:  "Share of the objective that is met." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
)
