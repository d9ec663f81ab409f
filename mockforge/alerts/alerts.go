// Package alerts has MockForge's alerting rules and the recording rules that they read.
package alerts

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/rules"
)

// Groups are all groups of rules.
var Groups = []*rules.RuleGroup{instances, indicators, objectives, requests, protocols, process, chaos, burning}

// objectivesInterval is enough for shares over five minutes and more.
const objectivesInterval = time.Minute

// perJob keeps what several jobs expose apart.
var perJob = []catalog.AnyLabel{catalog.Job}

var requests = rules.NewGroup("mockforge_requests", rules.Group{
	Help:  "Errors, latency and traffic of the request/response protocols.",
	Owner: metrics.CoreTeam,
	Keep:  perJob,
	Alerts: []*rules.AlertingRule{
		HighErrorRate, CriticalErrorRate, HighLatency, VeryHighLatency, HighRequestsInFlight, NoRequestsReceived, TrafficSilence, SlowEndpoint,
	},
})

var protocols = rules.NewGroup("mockforge_protocols", rules.Group{
	Help:   "WebSocket, SMTP, plugins, the marketplace and capturing.",
	Owner:  metrics.ProtocolsTeam,
	Keep:   perJob,
	Alerts: []*rules.AlertingRule{HighWebSocketErrorRate, HighSMTPErrorRate, PluginExecutionErrors, MarketplaceErrors, CaptureDropping},
})

var process = rules.NewGroup("mockforge_process", rules.Group{
	Help:  "Whether the server is there, and what it takes.",
	Owner: metrics.CoreTeam,
	Keep:  perJob,
	Alerts: []*rules.AlertingRule{
		Down, InstancesLow, TargetAbsent, Restarting, HighMemoryUsage, CriticalMemoryUsage, HighCPUUsage, CriticalCPUUsage,
		HighProcessCPU, FileDescriptorsLow,
	},
})

var chaos = rules.NewGroup("mockforge_chaos", rules.Group{
	Help:   "Experiments that go wrong, and contracts that are left.",
	Owner:  metrics.ChaosTeam,
	Keep:   perJob,
	Alerts: []*rules.AlertingRule{ScenarioFailed, CircuitOpen, DriftBudgetExceeded},
})

var burning = rules.NewGroup("mockforge_burn_rate", rules.Group{
	Help:     "Whether the objectives of availability and latency are in danger.",
	Owner:    metrics.CoreTeam,
	Interval: objectivesInterval,
	Keep:     perJob,
	Alerts:   []*rules.AlertingRule{FastBurn, MediumBurn, SlowBurn, BudgetExhausted, LatencyObjectiveMissed},
})
