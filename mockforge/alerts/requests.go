package alerts

import (
	"time"

	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

var errorSteps = []string{
	"See which protocol fails, and whether one method or all of them do.",
	"Read the server's log for the first error after the rise.",
	"Compare with the last change of the mock definitions and of the server's version.",
}

// HighErrorRate is the hand-written alert of that name, whose two sides could never join.
var HighErrorRate = rules.NewAlert("MockForgeHighErrorRate", rules.Alert{
	When:          measures.ErrorRatio.Above(0.05),
	For:           2 * time.Minute,
	KeepFiringFor: 5 * time.Minute,
	Severity:      rules.Ticket,
	Summary:       rules.Textf("%v of %s requests fail", rules.Value, metrics.Protocol),
	Means:         "Clients get errors instead of mocks; their test suites fail for the wrong reason.",
	Do:            errorSteps,
	Panel:         boards.ErrorRatio,
})

// CriticalErrorRate is the same at a share at which mocks are of no use.
var CriticalErrorRate = rules.NewAlert("MockForgeCriticalErrorRate", rules.Alert{
	When:          measures.ErrorRatio.Above(0.1),
	For:           time.Minute,
	KeepFiringFor: 5 * time.Minute,
	Severity:      rules.Page,
	Summary:       rules.Textf("%v of %s requests fail", rules.Value, metrics.Protocol),
	Means:         "So many requests fail that whoever tests against the mocks is blocked.",
	Do:            errorSteps,
	Mitigate:      []string{"Roll back the last change of the mock definitions.", "Restart one replica and see whether it recovers."},
	Panel:         boards.ErrorRatio,
})

var latencySteps = []string{
	"See which protocol is slow, and whether its median rose as well or only the tail.",
	"Look whether chaos latency is injected: then the delay is meant.",
	"Compare with the host's CPU and the number of requests in flight.",
}

// HighLatency takes one quantile for a protocol, not one for each series.
var HighLatency = rules.NewAlert("MockForgeHighLatency", rules.Alert{
	When:     measures.LatencyP99.Above(1),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("One %s request in a hundred takes more than %v", metrics.Protocol, rules.Value),
	Means:    "Tests against the mocks slow down and begin to time out.",
	Do:       latencySteps,
	Panel:    boards.Latency,
})

// VeryHighLatency is the same at a latency at which clients give up.
var VeryHighLatency = rules.NewAlert("MockForgeVeryHighLatency", rules.Alert{
	When:     measures.LatencyP99.Above(5),
	For:      2 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("One %s request in a hundred takes more than %v", metrics.Protocol, rules.Value),
	Means:    "Clients with ordinary timeouts give up before the mock answers.",
	Do:       latencySteps,
	Panel:    boards.Latency,
})

// HighRequestsInFlight is HighActiveConnections of the hand-written rules, which counted requests.
var HighRequestsInFlight = rules.NewAlert("MockForgeHighRequestsInFlight", rules.Alert{
	When:     measures.InFlight.Above(1000),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%v are being served over %s at once", rules.Value, metrics.Protocol),
	Means:    "Requests queue up: they arrive faster than they are answered.",
	Do: []string{
		"See whether the request rate rose or the latency did.",
		"Look for one client that opens many requests at a time.",
		"Look whether injected latency holds requests back.",
	},
	Panel: boards.InFlight,
})

// NoRequestsReceived looks at all requests together; the hand-written one fired for each idle status code.
var NoRequestsReceived = rules.NewAlert("MockForgeNoRequestsReceived", rules.Alert{
	When:     measures.TotalRequestRate.Equals(0),
	For:      5 * time.Minute,
	Severity: rules.Notice,
	Summary:  rules.Textf("No request for %v", rules.For),
	Means:    "Nobody uses the mocks, or nobody reaches them.",
	Do: []string{
		"Send a request from the network of the clients.",
		"Look at the load balancer or the Kubernetes Service in front of the server.",
		"Ask whether the clients were meant to stop.",
	},
	Panel:   boards.Traffic,
	Expects: []rules.Situation{rules.NoTraffic},
})

// SlowEndpoint takes the mean of a window; the hand-written one read a moving average that never decays.
var SlowEndpoint = rules.NewAlert("MockForgeSlowEndpoint", rules.Alert{
	When:     measures.MeanLatencyByPath.Above(2),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%s %s takes %v on average", metrics.HTTPMethod, metrics.Path, rules.Value),
	Means:    "Clients of this one endpoint wait.",
	Do: []string{
		"Look at the mock definition of the path: large bodies, templates and scripts take time.",
		"Look whether a chaos rule delays it.",
		"Compare with the endpoint's latency before the last change.",
	},
	Panel: boards.SlowPaths,
})

// TrafficSilence is the alert of that name that Grafana managed. It fires as well where the server tells nothing of
// requests at all.
var TrafficSilence = rules.NewAlert("MockForgeTrafficSilence", rules.Alert{
	When:     measures.TotalRequestRate.Over(10 * time.Minute).Below(0.001).OrElse(query.Absent(metrics.RequestsTotal).Present()),
	For:      10 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("Hardly a request in %v, or none is counted", rules.Window),
	Means:    "Whoever should test against the mocks does not reach them, or tests nothing.",
	Do: []string{
		"Send a request from the network of the clients, and see whether it is counted.",
		"Look whether the metrics endpoint has the counter of requests: an exporter that starts without it tells nothing.",
		"Ask whether the clients were meant to stop.",
	},
	Panel:   boards.Traffic,
	Expects: []rules.Situation{rules.NoTraffic, rules.AllGone},
})
