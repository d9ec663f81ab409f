// Package measures has the named expressions that panels, alerts and recording rules share.
package measures

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// Requests, by protocol.
var (
	RequestRate = query.Rate(metrics.RequestsTotal).Sum(metrics.Protocol)
	// TotalRequestRate is that of all protocols together.
	TotalRequestRate = query.Rate(metrics.RequestsTotal).Sum()

	// AllErrorRate counts client errors, too: a mocked 404 is one of them.
	AllErrorRate = query.Rate(metrics.ErrorsTotal).Sum(metrics.Protocol)
	// ErrorRate counts the failures that are the server's own.
	ErrorRate = query.Rate(metrics.ErrorsTotal, metrics.ServerSide).Sum(metrics.Protocol)
	// TotalErrorRate is the server's own failures in all protocols together.
	TotalErrorRate = query.Rate(metrics.ErrorsTotal, metrics.ServerSide).Sum()

	// ErrorRatio is the share of requests that fail on the server's side. Both sides are summed by the same
	// labels before they are divided. Without traffic it has no value: nobody is hurt.
	ErrorRatio = query.Ratio(ErrorRate, RequestRate, query.Quiet)
	// AllErrorRatio is the share of requests that fail for whatever reason.
	AllErrorRatio = query.Ratio(AllErrorRate, RequestRate, query.Quiet)
	// TotalErrorRatio is the share of requests of all protocols that fail on the server's side.
	TotalErrorRatio = query.Ratio(TotalErrorRate, TotalRequestRate, query.Zero)

	// A quantile of latency is one over all series of a protocol, not one for each method.
	LatencyP50  = query.Quantile(0.5, metrics.RequestDuration, metrics.Protocol)
	LatencyP95  = query.Quantile(0.95, metrics.RequestDuration, metrics.Protocol)
	LatencyP99  = query.Quantile(0.99, metrics.RequestDuration, metrics.Protocol)
	LatencyP999 = query.Quantile(0.999, metrics.RequestDuration, metrics.Protocol)
	MeanLatency = query.Mean(metrics.RequestDuration, metrics.Protocol)

	InFlight = query.Select(metrics.RequestsInFlight).Sum(metrics.Protocol)
)

// Requests, by path and verb.
var (
	RequestRateByPath = query.Rate(metrics.RequestsByPathTotal).Sum(metrics.Path, metrics.HTTPMethod)
	LatencyByPathP95  = query.Quantile(0.95, metrics.RequestDurationByPath, metrics.Path, metrics.HTTPMethod)
	LatencyByPathP99  = query.Quantile(0.99, metrics.RequestDurationByPath, metrics.Path, metrics.HTTPMethod)
	MeanLatencyByPath = query.Mean(metrics.RequestDurationByPath, metrics.Path, metrics.HTTPMethod)
)

// WebSocket and SMTP.
var (
	WSSentRate     = query.Rate(metrics.WSMessagesSentTotal).Sum()
	WSReceivedRate = query.Rate(metrics.WSMessagesReceivedTotal).Sum()
	WSErrorRate    = query.Rate(metrics.WSErrorsTotal).Sum()
	WSMeanDuration = query.Mean(metrics.WSConnectionDuration)

	SMTPReceivedRate = query.Rate(metrics.SMTPMessagesReceivedTotal).Sum()
	SMTPStoredRate   = query.Rate(metrics.SMTPMessagesStoredTotal).Sum()
	SMTPErrorRate    = query.Rate(metrics.SMTPErrorsTotal).Sum(metrics.SMTPErrorType)
)

// Plugins, by name.
var (
	PluginRate         = query.Rate(metrics.PluginExecutionsTotal).Sum(metrics.PluginName)
	PluginErrorRate    = query.Rate(metrics.PluginErrorsTotal).Sum(metrics.PluginName)
	PluginErrorRatio   = query.Ratio(PluginErrorRate, PluginRate, query.Quiet)
	PluginMeanDuration = query.Mean(metrics.PluginExecutionDuration, metrics.PluginName)
)

// Workspaces, by id.
var (
	WorkspaceRate       = query.Rate(metrics.WorkspaceRequestsTotal).Sum(metrics.Workspace)
	WorkspaceErrorRatio = query.Ratio(query.Rate(metrics.WorkspaceErrorsTotal).Sum(metrics.Workspace), WorkspaceRate, query.Quiet)
)

// MarketplaceErrorRate is the failed operations of the registry server, by reason.
var MarketplaceErrorRate = query.Rate(metrics.MarketplaceErrorsTotal).Sum(metrics.ErrorCode)

// CaptureDropRate is the captured exchanges that are lost, by reason.
var CaptureDropRate = query.Rate(metrics.CaptureForwarderDropsTotal).Sum(metrics.DropReason)

// The process and its host.
var (
	// ProcessMemory is the memory of the server's own process, not of its host.
	ProcessMemory = query.Select(external.ProcessResidentMemory).Max()
	// ProcessCPU is the processors that the busiest process keeps busy.
	ProcessCPU = query.Rate(external.ProcessCPUTotal).Max()
	// HostCPU is the busy share of the host's processors, in percent.
	HostCPU = query.Select(metrics.CPUUsage).Max()
	// Instances is how many targets answer. Where all are down it is 0, and where none is known it has no value.
	Instances = query.Select(external.Up).Sum()
	// OpenFiles is the share of the file descriptors that are open, of the instance that has most open.
	OpenFiles = query.Select(external.ProcessOpenFDs).Div(query.Select(external.ProcessMaxFDs)).Max()
	// Restarts is how often an instance started again.
	Restarts = query.Changes(external.ProcessStartTime).Over(HalfHour / 2).Max(catalog.Instance)
)

// Chaos and contracts.
var (
	// FailedScenarios is the scenarios that ended in failure of late, by kind.
	// The kinds are not known beforehand, so that no series begins at 0: one that was not there before counts whole.
	FailedScenarios = scenarioFailures.Above(0).Vector.
			Or(failedScenarios.Unless(failedScenarios.Offset(HalfHour / 2)).Sum(metrics.ScenarioType))
	// ShownFailedScenarios is 0 where none failed, so that a graph of it says so.
	ShownFailedScenarios = FailedScenarios.Or(scenarioFailures)

	scenarioFailures = query.Increase(metrics.ChaosScenariosTotal, metrics.ChaosStatus.Is(metrics.ChaosFailure)).Over(HalfHour / 2).Sum(metrics.ScenarioType)
	failedScenarios  = query.Select(metrics.ChaosScenariosTotal, metrics.ChaosStatus.Is(metrics.ChaosFailure))
	// CircuitState is the state of each circuit breaker on each instance: a maximum over instances would take
	// half-open for worse than open.
	CircuitState = query.Select(metrics.ChaosCircuitBreakerState).Max(metrics.Circuit, catalog.Instance)
	// EndpointsOverBudget is how many endpoints depart from their contract by more than their budget.
	EndpointsOverBudget = query.Select(metrics.DriftBudgetExceeded).Max(metrics.HTTPMethod, metrics.Endpoint).Sum()
)
