// Package measures has the named expressions that panels, alerts and recording rules share.
package measures

import (
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// Availability is the share of requests that must not fail on the server's side.
const Availability = 0.999

// ErrorBudget is the share that may.
const ErrorBudget = 1 - Availability

// Requests, by protocol.
var (
	RequestRate = query.Rate(metrics.RequestsTotal).Sum(metrics.Protocol)
	// TotalRequestRate is that of all protocols together.
	TotalRequestRate = query.Rate(metrics.RequestsTotal).Sum()

	// AllErrorRate counts client errors, too: a mocked 404 is one of them.
	AllErrorRate = query.Rate(metrics.ErrorsTotal).Sum(metrics.Protocol)
	// ErrorRate counts the failures that are the server's own.
	ErrorRate = query.Rate(metrics.ErrorsTotal, metrics.ServerSide).Sum(metrics.Protocol)

	// ErrorRatio is the share of requests that fail on the server's side. Both sides are summed by the same
	// labels before they are divided. Without traffic it has no value: nobody is hurt.
	ErrorRatio = query.Ratio(ErrorRate, RequestRate, query.Quiet)
	// AllErrorRatio is the share of requests that fail for whatever reason.
	AllErrorRatio = query.Ratio(AllErrorRate, RequestRate, query.Quiet)

	// Latency is a quantile over all series of a protocol, not one for each method.
	LatencyP50  = query.Quantile(0.5, metrics.RequestDuration, metrics.Protocol)
	LatencyP95  = query.Quantile(0.95, metrics.RequestDuration, metrics.Protocol)
	LatencyP99  = query.Quantile(0.99, metrics.RequestDuration, metrics.Protocol)
	MeanLatency = query.Mean(metrics.RequestDuration, metrics.Protocol)

	InFlight = query.Select(metrics.RequestsInFlight).Sum(metrics.Protocol)
)

// Requests, by path.
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

// Plugins.
var (
	PluginRate         = query.Rate(metrics.PluginExecutionsTotal).Sum(metrics.PluginName)
	PluginErrorRatio   = query.Ratio(query.Rate(metrics.PluginErrorsTotal).Sum(metrics.PluginName), PluginRate, query.Quiet)
	PluginMeanDuration = query.Mean(metrics.PluginExecutionDuration, metrics.PluginName)
)

// ProcessMemory is the memory of the server's own process, not of its host.
var ProcessMemory = query.Select(external.ProcessResidentMemory).Max()

// HostCPU is the busy share of the host's processors, in percent.
var HostCPU = query.Select(metrics.CPUUsage).Max()
