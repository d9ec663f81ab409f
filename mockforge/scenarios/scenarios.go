package scenarios

import (
	"time"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/alerts"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
)

// All are the scenarios, the usual state of things first.
var All = []*scenario.Scenario{
	Healthy, FirstErrors, ErrorBurst, LatencyCreep, MemoryLeak, CrashLoop, TrafficStop, WebSocketChurn, SMTPReject, PluginFailing, ChaosMode,
	PartialOutage, Outage,
}

// budgets are the alerts on objectives: how soon they fire depends on how much history there is.
var budgets = []*rules.AlertingRule{alerts.FastBurn, alerts.MediumBurn, alerts.SlowBurn, alerts.BudgetExhausted}

// FirstErrors is a server whose series of errors is absent until the first error, and absent again after a restart. The few
// errors are within the budget, so no alert fires.
var FirstErrors = scenario.New("first-errors", scenario.Spec{
	Help:   "The first errors ever, 3 in 1,000 requests for ten minutes; a restart removes their series.",
	From:   []*scenario.Scenario{Healthy},
	Before: 2 * time.Hour,
	Usual:  []scenario.Model{scenario.Of(metrics.ErrorsTotal, metrics.ServerSide).Share(0)},
	Phases: []scenario.Phase{
		{From: 10 * time.Minute, For: 10 * time.Minute, Models: []scenario.Model{
			scenario.Of(metrics.ErrorsTotal, overHTTP, metrics.ErrorType.Is(metrics.ServerError)).Share(0.003),
		}},
		{From: 40 * time.Minute, For: time.Minute, Restarts: true},
	},
})

// ErrorBurst is a bad deployment that is rolled back.
var ErrorBurst = scenario.New("error-burst", scenario.Spec{
	Help: "For a quarter of an hour a fifth of all HTTP requests end in a fault of the server.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, For: 15 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.RequestsTotal, overHTTP, metrics.Status.Matches("5..")).Weight(1.6),
		scenario.Of(metrics.ErrorsTotal, overHTTP, metrics.ErrorType.Is(metrics.ServerError)).Share(0.2),
		scenario.Of(metrics.RequestsByPathTotal, metrics.HTTPStatus.Matches("5..")).Weight(0.25),
		scenario.Of(metrics.WorkspaceRequestsTotal, metrics.HTTPStatus.Matches("5..")).Weight(0.25),
		scenario.Of(metrics.WorkspaceErrorsTotal).Share(0.2),
		scenario.Of(metrics.ErrorRate, overHTTP).Level(0.2),
	}}},
	Fires: []*rules.AlertingRule{alerts.HighErrorRate, alerts.CriticalErrorRate, alerts.FastBurn},
	May:   budgets,
})

// LatencyCreep is a dependency that slows down more and more.
var LatencyCreep = scenario.New("latency-creep", scenario.Spec{
	Help:  "Answers over HTTP take longer and longer, from 12 milliseconds to 4 seconds in the median.",
	From:  []*scenario.Scenario{Healthy},
	Lasts: 90 * time.Minute,
	Phases: []scenario.Phase{
		slower(15*time.Minute, 0.1), slower(30*time.Minute, 0.5), slower(45*time.Minute, 1.5), slower(time.Hour, 4),
	},
	Fires: []*rules.AlertingRule{alerts.HighLatency, alerts.VeryHighLatency, alerts.LatencyObjectiveMissed, alerts.SlowEndpoint},
})

func slower(from time.Duration, median float64) scenario.Phase {
	return scenario.Phase{From: from, Models: []scenario.Model{
		scenario.Of(metrics.RequestDuration, overHTTP).Median(median),
		scenario.Of(metrics.RequestDurationByPath).Median(median),
		scenario.Of(metrics.WorkspaceRequestDuration).Median(median),
		scenario.Of(metrics.AverageLatencyByPath).Level(median),
		scenario.Of(metrics.RequestsInFlight, overHTTP).Level(3 + 30*median),
	}}
}

// MemoryLeak is a server that keeps what it should let go, and descriptors with it.
var MemoryLeak = scenario.New("memory-leak", scenario.Spec{
	Help:  "The process grows by 12 MiB a minute until its budget is gone, and leaves files open.",
	From:  []*scenario.Scenario{Healthy},
	Lasts: 90 * time.Minute,
	Phases: []scenario.Phase{{From: 5 * time.Minute, Models: []scenario.Model{
		scenario.Of(external.ProcessResidentMemory).Rising(12 * mebi / 60.),
		scenario.Of(external.ProcessOpenFDs).Rising(15),
	}}},
	Fires: []*rules.AlertingRule{alerts.HighMemoryUsage, alerts.CriticalMemoryUsage, alerts.FileDescriptorsLow},
})

// CrashLoop is a process that ends again and again and is started anew each time.
var CrashLoop = scenario.New("crash-loop", scenario.Spec{
	Help:   "The process starts anew every four minutes, so fast that each scrape succeeds.",
	From:   []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 10 * time.Minute, For: 25 * time.Minute, Restarts: true, Every: 4 * time.Minute}},
	Fires:  []*rules.AlertingRule{alerts.Restarting},
})

// TrafficStop is a proxy in front of the server that lets nothing through.
var TrafficStop = scenario.New("traffic-stop", scenario.Spec{
	Help: "No request comes any more; the server itself is well.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 10 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.RequestsTotal).Rate(0), scenario.Of(metrics.RequestsByPathTotal).Rate(0),
		scenario.Of(metrics.WorkspaceRequestsTotal).Rate(0), scenario.Of(metrics.RequestsInFlight).Level(0),
		scenario.Of(metrics.PluginExecutionsTotal).Rate(0),
	}}},
	Fires: []*rules.AlertingRule{alerts.NoRequestsReceived, alerts.TrafficSilence},
})

// WebSocketChurn is clients that lose their connections and come back at once.
var WebSocketChurn = scenario.New("websocket-churn", scenario.Spec{
	Help: "WebSocket connections break soon after they are opened, and the clients come back.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.WSConnectionsTotal).Rate(6),
		scenario.Of(metrics.WSReconnectsTotal).Share(0.9),
		scenario.Of(metrics.WSErrorsTotal).Rate(2),
		scenario.Of(metrics.WSConnectionDuration).Rate(6).Median(3),
		scenario.Of(metrics.WSConnectionDuration, metrics.CloseStatus.In(metrics.CloseError, metrics.CloseSendError)).Weight(4),
		scenario.Of(metrics.WSCloseCodesTotal, metrics.CloseClass.Is(metrics.CloseClassNone)).Weight(400),
		scenario.Of(metrics.WSCloseCodesTotal).Rate(6),
		scenario.Of(metrics.WSSendQueueDepth).Level(80),
	}}},
	Fires: []*rules.AlertingRule{alerts.HighWebSocketErrorRate},
})

// SMTPReject is a mailbox that takes no mail.
var SMTPReject = scenario.New("smtp-reject", scenario.Spec{
	Help: "Half of the mail is refused, since its senders cannot log in.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.SMTPMessagesStoredTotal).Share(0.5),
		scenario.Of(metrics.SMTPErrorsTotal, metrics.SMTPErrorType.Is(metrics.SMTPErrorType.Value("auth_failed"))).Rate(0.6),
	}}},
	Fires: []*rules.AlertingRule{alerts.HighSMTPErrorRate},
})

// PluginFailing is a plugin whose every third run fails.
var PluginFailing = scenario.New("plugin-failing", scenario.Spec{
	Help: "Every third run of a plugin fails, after it waited for long.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.PluginErrorsTotal, failingPlugin).Share(0.33),
		scenario.Of(metrics.PluginExecutionsTotal, failingPlugin, metrics.PluginStatus.Is(metrics.PluginFailure)).Weight(0.5),
		scenario.Of(metrics.PluginExecutionDuration, failingPlugin).Median(0.8),
	}}},
	Fires: []*rules.AlertingRule{alerts.PluginExecutionErrors},
})

var failingPlugin = metrics.PluginName.Is(metrics.PluginName.Value("jwt-auth"))

// ChaosMode is an experiment that goes too far.
var ChaosMode = scenario.New("chaos-mode", scenario.Spec{
	Help: "The server injects faults on purpose: the circuit breaker of payments opens, scenarios fail and contracts are broken.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.ActiveScenarioMode).Level(3),
		scenario.Of(metrics.ChaosTriggersTotal).Rate(0.01),
		scenario.Of(metrics.ChaosFaultsTotal).Rate(5),
		scenario.Of(metrics.ChaosLatency).Rate(3).Median(400),
		scenario.Of(metrics.ChaosImpactScore).Level(0.6),
		scenario.Of(metrics.ChaosCircuitBreakerState, metrics.Circuit.Is(metrics.Circuit.Value("payments"))).Level(1),
		scenario.Of(metrics.ChaosScenariosTotal, metrics.ScenarioType.Is(metrics.ScenarioType.Value("outage"))).Rate(0.02),
		scenario.Of(metrics.DriftBudgetExceeded, metrics.Endpoint.Is(metrics.Endpoint.Value("/api/orders"))).Level(1),
		scenario.Of(metrics.DriftPercentage).Level(45),
		scenario.Of(metrics.DriftBreakingChanges).Level(4).Noise(0),
		scenario.Of(metrics.CaptureForwarderDropsTotal).Rate(0.5),
	}}, {From: 20 * time.Minute, Models: []scenario.Model{
		scenario.Of(metrics.MarketplaceErrorsTotal, metrics.ErrorCode.Is(metrics.CodeStorageError)).Rate(0.1),
		scenario.Of(metrics.CPUUsage).Level(97).Noise(0.01),
		scenario.Of(external.ProcessCPUTotal).Rate(0.95),
		scenario.Of(metrics.RequestsInFlight, overHTTP).Level(1500).Noise(0.1),
	}}},
	Fires: []*rules.AlertingRule{
		alerts.CircuitOpen, alerts.DriftBudgetExceeded, alerts.CaptureDropping, alerts.MarketplaceErrors, alerts.HighCPUUsage,
		alerts.CriticalCPUUsage, alerts.HighProcessCPU, alerts.HighRequestsInFlight, alerts.ScenarioFailed,
	},
})

// PartialOutage is one instance that does not answer.
var PartialOutage = scenario.New("partial-outage", scenario.Spec{
	Help:   "One instance does not answer for twenty minutes; where there are others they go on.",
	From:   []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{{From: 15 * time.Minute, For: 20 * time.Minute, Reach: scenario.Down, Instances: 1}},
	Fires:  []*rules.AlertingRule{alerts.Down},
	// Where there is but one instance, nothing is left.
	May: []*rules.AlertingRule{alerts.InstancesLow, alerts.TrafficSilence},
})

// Outage is Prometheus that knows of no target any more.
var Outage = scenario.New("outage", scenario.Spec{
	Help: "Service discovery loses all instances.",
	From: []*scenario.Scenario{Healthy},
	Phases: []scenario.Phase{
		{From: 10 * time.Minute, For: 8 * time.Minute, Reach: scenario.Down}, {From: 18 * time.Minute, Reach: scenario.Gone},
	},
	Fires: []*rules.AlertingRule{alerts.Down, alerts.InstancesLow, alerts.TargetAbsent, alerts.TrafficSilence},
})
