package alerts

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// serverErrors names what only a matcher tells from all errors.
const serverErrors = "mockforge_server_errors"

// failedShare is the middle of the names of the shares that fail.
const failedShare = serverErrors + "_per_requests"

// instances has rates by instance: the dashboard with a picker of instances reads them, and the job's series
// below are summed from them.
var instances = rules.NewGroup("mockforge_instances", rules.Group{
	Help:  "Rates by instance, from which those of the job are summed.",
	Owner: metrics.CoreTeam,
	Keep:  []catalog.AnyLabel{catalog.Job, catalog.Instance},
	Records: []*rules.RecordingRule{
		rules.NewRecording(rules.Recording{Expr: measures.RequestRate, Why: "The whole of every share of requests."}),
		rules.NewRecording(rules.Recording{Expr: measures.ErrorRate, Measure: serverErrors, Why: "The part of the requests that failed by the server's own fault."}),
		rules.NewRecording(rules.Recording{Expr: measures.AllErrorRate, Why: "Failures with those of clients, which panels show beside the server's own."}),
		rules.NewRecording(rules.Recording{Expr: query.Buckets(metrics.RequestDuration, metrics.Protocol), Why: "Four quantiles, a heatmap and the objective of latency come from it."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.RequestDuration.Sum()).Sum(metrics.Protocol), Why: "The sum of every mean latency."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.RequestDuration.Count()).Sum(metrics.Protocol), Why: "The count of every mean latency."}),
		rules.NewRecording(rules.Recording{Expr: measures.WSSentRate, Why: "Two dashboards draw it."}),
		rules.NewRecording(rules.Recording{Expr: measures.WSReceivedRate, Why: "Two dashboards draw it."}),
		rules.NewRecording(rules.Recording{Expr: measures.WSErrorRate, Why: "An alert compares it, and three dashboards draw it."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.WSConnectionDuration.Sum()).Sum(), Why: "The sum of the mean time that a connection was open."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.WSConnectionDuration.Count()).Sum(), Why: "The count of the mean time that a connection was open."}),
		rules.NewRecording(rules.Recording{Expr: measures.SMTPReceivedRate, Why: "Two dashboards draw it beside what was stored."}),
		rules.NewRecording(rules.Recording{Expr: measures.SMTPStoredRate, Why: "Two dashboards draw it beside what was received."}),
		rules.NewRecording(rules.Recording{Expr: measures.SMTPErrorRate, Why: "An alert compares it, and three dashboards draw it."}),
		rules.NewRecording(rules.Recording{Expr: measures.PluginRate, Why: "The whole of the share of plugin runs that fail."}),
		rules.NewRecording(rules.Recording{Expr: measures.PluginErrorRate, Why: "The part of the share of plugin runs that fail."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.PluginExecutionDuration.Sum()).Sum(metrics.PluginName), Why: "The sum of every mean run time."}),
		rules.NewRecording(rules.Recording{Expr: query.Rate(metrics.PluginExecutionDuration.Count()).Sum(metrics.PluginName), Why: "The count of every mean run time."}),
	},
})

// indicators has what alerts compare, once for the job, so that an alert and the panel beside it read one number.
var indicators = rules.NewGroup("mockforge_indicators", rules.Group{
	Help:  "What alerts compare and the overview shows, for the whole job.",
	Owner: metrics.CoreTeam,
	Keep:  []catalog.AnyLabel{catalog.Job},
	Records: []*rules.RecordingRule{
		rules.NewRecording(rules.Recording{Expr: measures.TotalRequestRate, Why: "Whether there is traffic at all; the whole of the objectives."}),
		rules.NewRecording(rules.Recording{Expr: measures.TotalErrorRate, Measure: serverErrors, Why: "The part of the objectives' shares."}),
		rules.NewRecording(rules.Recording{Expr: measures.ErrorRatio, Measure: failedShare, Why: "Two alerts compare it."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyP50, Why: "The overview draws it beside the tail, every 10 s."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyP95, Why: "The overview draws it, every 10 s."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyP99, Why: "Two alerts compare it."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyP999, Why: "The overview draws it beside the 99th, every 10 s."}),
		rules.NewRecording(rules.Recording{Expr: measures.MeanLatency, Why: "The overview draws it by protocol, every 10 s."}),
		rules.NewRecording(rules.Recording{Expr: measures.InFlight, Why: "An alert compares it, the overview draws it."}),
		rules.NewRecording(rules.Recording{Expr: measures.RequestRateByPath, Why: "A hundred paths, of which a table shows the busiest."}),
		rules.NewRecording(rules.Recording{Expr: measures.MeanLatencyByPath, Why: "An alert compares it for every path, a table shows the slowest."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyByPathP95, Why: "A quantile for each path is dear; a table shows the slowest."}),
		rules.NewRecording(rules.Recording{Expr: measures.LatencyByPathP99, Why: "A quantile for each path is dear; a table shows the slowest."}),
		rules.NewRecording(rules.Recording{Expr: measures.PluginErrorRatio, Why: "An alert compares it, the overview draws it."}),
	},
})

// objectives has the shares that the burn-rate alerts compare. A minute's delay matters to none of them.
var objectives = rules.NewGroup("mockforge_objectives", rules.Group{
	Help:     "How many requests fail, over the windows of the burn-rate alerts.",
	Owner:    metrics.CoreTeam,
	Interval: objectivesInterval,
	Keep:     []catalog.AnyLabel{catalog.Job},
	Records: []*rules.RecordingRule{
		rules.NewRecording(rules.Recording{Expr: measures.Failed5m, Measure: failedShare, Why: "Whether a fast burn still goes on."}),
		rules.NewRecording(rules.Recording{Expr: measures.Failed30m, Measure: failedShare, Why: "Whether a medium burn still goes on."}),
		rules.NewRecording(rules.Recording{Expr: measures.Failed1h, Measure: failedShare, Why: "Whether a fast burn matters."}),
		rules.NewRecording(rules.Recording{Expr: measures.Failed6h, Measure: failedShare, Why: "Whether a medium burn matters, and a slow one goes on."}),
		rules.NewRecording(rules.Recording{Expr: measures.Failed3d, Measure: failedShare, Why: "Whether a slow burn matters."}),
		rules.NewRecording(rules.Recording{Expr: measures.Failed30d, Measure: failedShare, Why: "What is left of the budget comes from it."}),
		rules.NewRecording(rules.Recording{Expr: measures.FastRatio, Measure: "mockforge_fast_requests", Why: "An alert compares it, the overview shows it."}),
	},
})
