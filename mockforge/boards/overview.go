// Package boards has MockForge's dashboards.
package boards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// The uids of the dashboards.
const OverviewUID = "mockforge-overview"

// All are the dashboards, in the order of the documentation.
var All = []*dashboards.Board{Overview}

// alertWindow is the window of panels that an alert or a recording rule shares its expression with, so that
// a threshold is compared with the very line that it is drawn on.
const alertWindow = 5 * time.Minute

// Panels that alerts lead to.
var (
	ErrorRatio = dashboards.NewTimeSeries("Requests that fail", dashboards.TimeSeries{
		Shows:   "Share of requests that end in an error of the server, by protocol. Client errors such as a mocked 404 are not in it.",
		BadWhen: "A rising share means that clients get errors instead of mocks; look which protocol rises, then at the log.",
		Query:   measures.ErrorRatio, Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
	})
	LatencyP99 = dashboards.NewTimeSeries("Slowest hundredth of requests", dashboards.TimeSeries{
		Shows:   "Time within which 99 of 100 requests are answered, by protocol.",
		BadWhen: "A rise of this alone is a slow tail; if the median rises as well, the server or its host is overloaded.",
		Query:   measures.LatencyP99, Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
	})
	InFlight = dashboards.NewTimeSeries("Requests in flight", dashboards.TimeSeries{
		Shows:   "Requests accepted and not yet answered, by protocol. Open WebSocket, SMTP and gRPC connections are not in it.",
		BadWhen: "A steady rise means that requests arrive faster than they are answered.",
		Query:   measures.InFlight, Legend: dashboards.By(metrics.Protocol),
	})
	Traffic = dashboards.NewTimeSeries("Requests", dashboards.TimeSeries{
		Shows:   "Requests finished per second, by protocol.",
		BadWhen: "One protocol that falls to zero while the others carry on has lost its listener.",
		Query:   measures.RequestRate, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Stack: true,
	})
	SlowPaths = dashboards.NewTable("Slowest paths", dashboards.Table{
		Shows:   "The ten paths with the highest mean latency, and how slow their slowest hundredth is.",
		BadWhen: "One slow path is a matter of its mock definition, many are one of the server.",
		Columns: []dashboards.Column{
			{Title: "Mean", Query: measures.MeanLatencyByPath.TopK(10)},
			{Title: "p99", Query: measures.LatencyByPathP99.And(measures.MeanLatencyByPath.TopK(10))},
		},
		Window: alertWindow,
	})
	WSErrors = dashboards.NewTimeSeries("WebSocket errors", dashboards.TimeSeries{
		Shows:   "Receive errors and proxy failures of WebSocket connections per second.",
		BadWhen: "Clients lose their connection: look whether the proxy in front closes it.",
		Query:   measures.WSErrorRate, Window: alertWindow,
	})
	SMTPErrors = dashboards.NewTimeSeries("SMTP errors", dashboards.TimeSeries{
		Shows:   "SMTP errors per second, by kind.",
		BadWhen: "Mail that tests send is rejected or lost: the kind says at which step.",
		Query:   measures.SMTPErrorRate, Legend: dashboards.By(metrics.SMTPErrorType), Window: alertWindow, Stack: true,
	})
	PluginErrors = dashboards.NewTimeSeries("Plugin runs that fail", dashboards.TimeSeries{
		Shows:   "Share of the runs of each plugin that fail.",
		BadWhen: "Responses that the plugin makes are missing: read its log, or roll it back.",
		Query:   measures.PluginErrorRatio, Legend: dashboards.By(metrics.PluginName), Window: alertWindow,
	})
	Memory = dashboards.NewTimeSeries("Memory of the process", dashboards.TimeSeries{
		Shows:   "Resident memory of the server's largest process, not that of the host.",
		BadWhen: "A line that only rises is a leak: the server will be ended for want of memory.",
		Query:   measures.ProcessMemory,
	})
	CPU = dashboards.NewTimeSeries("CPU of the host", dashboards.TimeSeries{
		Shows:   "Share of the busiest host's processors that is in use, by everything that runs on it.",
		BadWhen: "Near 100% requests wait for a processor: look what else the host runs.",
		Query:   measures.HostCPU,
	})
	Targets = dashboards.NewStateTimeline("Instances", dashboards.StateTimeline{
		Shows:   "Whether Prometheus could scrape each instance.",
		BadWhen: "A band that is down, or ends: the server is gone or cannot be reached.",
		Query:   query.Select(external.Up), Legend: dashboards.By(catalog.Instance),
	})
)

// Overview is the dashboard to open first.
var Overview = dashboards.New(OverviewUID, dashboards.Dashboard{
	Title:     "MockForge / Overview",
	Purpose:   "Is the server well, and if not, which part of it and since when?",
	Refresh:   10 * time.Second,
	Variables: []dashboards.Variable{dashboards.Values(catalog.Job).Titled("Job"), dashboards.Values(catalog.Instance).Titled("Instance"), dashboards.Values(metrics.Protocol).Titled("Protocol")},
	Rows: []dashboards.Row{
		{Title: "Now", Panels: []*dashboards.Panel{
			dashboards.NewStat("Request rate", dashboards.Stat{
				Shows:   "Requests finished per second, of all protocols.",
				BadWhen: "Zero means that nobody uses the mocks, or nobody reaches them.",
				Query:   measures.TotalRequestRate,
			}),
			dashboards.NewStat("Failing now", dashboards.Stat{
				Shows:   "Share of requests that end in an error of the server.",
				BadWhen: "Anything that stays above zero: the panel below says which protocol.",
				Query: query.Ratio(query.Rate(metrics.ErrorsTotal, metrics.ServerSide).Sum(),
					measures.TotalRequestRate, query.Zero),
			}),
			dashboards.NewStat("Median latency", dashboards.Stat{
				Shows:   "Time within which half of the requests are answered.",
				BadWhen: "A rise of the median touches everybody, not only the tail.",
				Query:   query.Quantile(0.5, metrics.RequestDuration),
			}),
			dashboards.NewStat("WebSocket connections", dashboards.Stat{
				Shows:   "WebSocket connections open now.",
				BadWhen: "A fall to zero with clients around: look at the WebSocket errors.",
				Query:   query.Select(metrics.WSConnectionsActive).Sum(),
			}),
			dashboards.NewStat("Scenario", dashboards.Stat{
				Shows:   "Scenario that the server plays.",
				BadWhen: "Anything but healthy explains errors and delays: they are meant.",
				Query:   query.Select(metrics.ActiveScenarioMode).Max(), NoGraph: true,
			}),
			dashboards.NewStat("Up for", dashboards.Stat{
				Shows:   "Time since the youngest instance started.",
				BadWhen: "A small number that keeps starting over: the server restarts again and again.",
				Query:   query.Select(metrics.Uptime).Min(), NoGraph: true,
			}),
		}},
		{Title: "Requests", Panels: []*dashboards.Panel{Traffic, ErrorRatio, LatencyP99, InFlight, SlowPaths,
			dashboards.NewHeatmap("Latency", dashboards.Heatmap{
				Shows:   "How many requests per second took how long.",
				BadWhen: "A second band above the usual one is a group of requests that waits for something.",
				Of:      metrics.RequestDuration,
			})}},
		{Title: "Other protocols and plugins", Panels: []*dashboards.Panel{WSErrors, SMTPErrors, PluginErrors}},
		{Title: "Server", Panels: []*dashboards.Panel{Memory, CPU, Targets}},
	},
})
