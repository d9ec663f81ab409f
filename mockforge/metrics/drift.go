package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// PerDrift is the label set of the drift metrics.
var PerDrift = catalog.By3(Workspace, Endpoint, HTTPMethod)

// DriftLabels is the type of PerDrift.
type DriftLabels = catalog.Labels3[workspace, endpoint, httpMethod]

// Drift is set by the middleware that compares answers with their contract. workspace_id is always
// empty; endpoint is the path as it came, so every id in a path makes series of its own.
var Drift = catalog.NewGroup("Contract drift", catalog.GroupSpec{
	Help:  "How far answers depart from their contract, by endpoint.",
	Owner: CoreTeam,
})

// Metrics of Drift.
var (
	DriftPercentage = catalog.NewGauge(Drift, "mockforge_drift_percentage", PerDrift, catalog.Spec{
		Help:   "Share of the differences of the last answer that break clients, or may.",
		Unit:   unit.Percent,
		Range:  catalog.Range{Min: 0, Max: 100},
		Naming: "the server measures 0 to 100 and has had this name since its first release with the metric",
	})
	DriftTotalChanges = catalog.NewGauge(Drift, "mockforge_drift_total_changes", PerDrift, catalog.Spec{
		Help:  "Differences found between the last answer and its contract.",
		Unit:  unit.Count("changes"),
		Range: catalog.AtLeast(0),
	})
	DriftBreakingChanges = catalog.NewGauge(Drift, "mockforge_drift_breaking_changes", PerDrift, catalog.Spec{
		Help:  "Differences that break clients, as the last answer had them; not a count over time.",
		Unit:  unit.Count("changes"),
		Range: catalog.AtLeast(0),
	})
	DriftBudgetExceeded = catalog.NewGauge(Drift, "mockforge_drift_budget_exceeded", PerDrift, catalog.Spec{
		Help:  "Whether the endpoint departs from its contract by more than its budget.",
		Unit:  unit.State,
		Range: catalog.Range{Min: 0, Max: 1},
		States: []catalog.State{
			{Value: 0, Name: "within budget", Level: catalog.Good},
			{Value: 1, Name: "exceeded", Level: catalog.Bad},
		},
	})
)
