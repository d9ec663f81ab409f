package external

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type (
	alertName  struct{}
	alertState struct{}
	severity   struct{}
)

// Labels of an alert.
var (
	Pending = catalog.V[alertState]("pending")
	Firing  = catalog.V[alertState]("firing")

	AlertName  = catalog.AtMost[alertName](200, "alertname", "Name of the alerting rule.")
	AlertState = catalog.OneOf("alertstate", "Whether the alert still waits for its for duration.", Pending, Firing)
	Severity   = catalog.AtMost[severity](5, "severity", "Label by which alerts are routed, where the rule sets it.")
)

// Alerts is what Prometheus writes about active alerts. Each series also has the labels that the rule's
// expression keeps and those that the rule sets, of which severity is the one in common use.
var Alerts = catalog.NewGroup("Alerts", catalog.GroupSpec{
	Help:      "Alerts that are pending or firing.",
	Owner:     "prometheus",
	External:  true,
	Synthetic: true,
})

// Metrics of Alerts.
var (
	AlertsActive = catalog.NewGauge(Alerts, "ALERTS", catalog.By3(AlertName, AlertState, Severity), catalog.Spec{
		Help:  "1 for each alert that is pending or firing; no series for one at rest.",
		Unit:  unit.Count("alerts"),
		Range: catalog.Range{Min: 1, Max: 1},
	})
	AlertsForState = catalog.NewGauge(Alerts, "ALERTS_FOR_STATE", catalog.By2(AlertName, Severity), catalog.Spec{
		Help:  "Time at which the alert became active.",
		Unit:  unit.Timestamp,
		Range: catalog.AtLeast(0),
	})
)
