package boards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// Panels of the overview that alerts lead to.
var (
	ErrorRatio = dashboards.NewTimeSeries("Requests that fail", dashboards.TimeSeries{
		Shows:   "Share of requests that end in an error of the server, by protocol. Client errors such as a mocked 404 are not in it.",
		BadWhen: "A rising share means that clients get errors instead of mocks; look which protocol rises, then at the log.",
		Query:   measures.ErrorRatio, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Links: toDetails,
	})
	Latency = dashboards.NewTimeSeries("Slowest hundredth of requests", dashboards.TimeSeries{
		Shows:   "Time within which 99 of 100 requests are answered, by protocol.",
		BadWhen: "A rise of this alone is a slow tail; if the median rises as well, the server or its host is overloaded.",
		Query:   measures.LatencyP99, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Links: toDetails,
	})
	InFlight = dashboards.NewTimeSeries("Requests in flight", dashboards.TimeSeries{
		Shows:   "Requests accepted and not yet answered, by protocol. Open WebSocket, SMTP and gRPC connections are not in it.",
		BadWhen: "A steady rise means that requests arrive faster than they are answered.",
		Query:   measures.InFlight, Legend: dashboards.By(metrics.Protocol),
	})
	Traffic = dashboards.NewTimeSeries("Requests", dashboards.TimeSeries{
		Shows:   "Requests finished per second, by protocol.",
		BadWhen: "One protocol that falls to zero while the others carry on has lost its listener.",
		Query:   measures.RequestRate, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Stack: true, Links: toDetails,
	})
	SlowPaths = dashboards.NewTable("Slowest paths", dashboards.Table{
		Shows:   "The ten paths with the highest mean latency, and how slow their slowest twentieth and hundredth are.",
		BadWhen: "One slow path is a matter of its mock definition, many are one of the server.",
		Columns: []dashboards.Column{
			{Title: "Mean", Query: measures.MeanLatencyByPath.TopK(10)},
			{Title: "p95", Query: measures.LatencyByPathP95.And(measures.MeanLatencyByPath.TopK(10))},
			{Title: "p99", Query: measures.LatencyByPathP99.And(measures.MeanLatencyByPath.TopK(10))},
		},
		Window: alertWindow,
	})
	WSErrors = dashboards.NewTimeSeries("WebSocket errors", dashboards.TimeSeries{
		Shows:   "Receive errors and proxy failures of WebSocket connections per second.",
		BadWhen: "Clients lose their connection: look whether the proxy in front closes it.",
		Query:   measures.WSErrorRate, Window: alertWindow, Links: toAsync,
	})
	SMTPErrors = dashboards.NewTimeSeries("SMTP errors", dashboards.TimeSeries{
		Shows:   "SMTP errors per second, by kind.",
		BadWhen: "Mail that tests send is rejected or lost: the kind says at which step.",
		Query:   measures.SMTPErrorRate, Legend: dashboards.By(metrics.SMTPErrorType), Window: alertWindow, Stack: true, Links: toAsync,
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
	ProcessCPU = dashboards.NewTimeSeries("CPU of the process", dashboards.TimeSeries{
		Shows:   "Processor time that the server's busiest process takes; at 100% it keeps one processor busy.",
		BadWhen: "Near the container's limit the server is throttled, and latency rises without any error.",
		Query:   measures.ProcessCPU, Window: alertWindow,
	})
	FileDescriptors = dashboards.NewTimeSeries("File descriptors", dashboards.TimeSeries{
		Shows:   "Share of the file descriptors that the process may open which is open, of the fullest instance.",
		BadWhen: "At 100% the server accepts no connection: look for clients that keep theirs open.",
		Query:   measures.OpenFiles, Legend: dashboards.Named("open"),
	})
	Restarts = dashboards.NewTimeSeries("Restarts", dashboards.TimeSeries{
		Shows:   "How often each instance started again within a quarter of an hour.",
		BadWhen: "Every start beyond a deployment's is a crash: read the end of the log before it.",
		Query:   measures.Restarts, Legend: dashboards.By(catalog.Instance),
	})
	Instances = dashboards.NewStat("Instances that answer", dashboards.Stat{
		Shows:   "Targets of the job that Prometheus can scrape.",
		BadWhen: "Fewer than were deployed: the band below says which is gone, and since when.",
		Query:   measures.Instances,
	})
	Targets = targets()

	Failed = dashboards.NewTimeSeries("Requests that fail, by window", dashboards.TimeSeries{
		Shows:   "Share of all requests that end in an error of the server, over the windows that the burn-rate alerts compare.",
		BadWhen: "The long windows say how much of the budget is gone, the short ones whether it still goes on.",
		Series: []dashboards.Series{
			{Query: measures.Failed1h, Legend: dashboards.Named("1 hour")},
			{Query: measures.Failed5m, Legend: dashboards.Named("5 minutes")},
			{Query: measures.Failed30m, Legend: dashboards.Named("30 minutes")},
			{Query: measures.Failed6h, Legend: dashboards.Named("6 hours")},
			{Query: measures.Failed3d, Legend: dashboards.Named("3 days")},
		},
		Window: alertWindow,
	})
	BudgetLeft = dashboards.NewStat("Error budget left", dashboards.Stat{
		Shows:   "What is left of the share of requests that may fail in " + unit.Prose(measures.Period) + ". Below zero it is overdrawn.",
		BadWhen: "Near zero: put changes off that can break something, and mend what burns it.",
		Query:   measures.BudgetLeft,
	})
	FastRequests = dashboards.NewTimeSeries("Requests answered fast enough", dashboards.TimeSeries{
		Shows:   "Share of requests answered within the objective's latency, counted from a bucket of the histogram.",
		BadWhen: "Below the line more requests are slow than the objective allows.",
		Query:   measures.FastRatio, Legend: dashboards.Named("fast enough"),
	})
)

// toAsync leads from the errors of a protocol to its other panels.
var toAsync = []dashboards.Link{{Dashboard: AsyncUID}}

// Overview is the dashboard to open first. It is of one job, whose recorded series it reads.
var Overview = dashboards.New(OverviewUID, dashboards.Dashboard{
	Title:       "MockForge / Overview",
	Purpose:     "Is the server well, and if not, which part of it and since when?",
	Refresh:     10 * time.Second,
	Keep:        []catalog.AnyLabel{catalog.Job},
	Variables:   []dashboards.Variable{job.OneAtATime()},
	Links:       elsewhere(OverviewUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "Now", Panels: []*dashboards.Panel{
			requestRate(),
			dashboards.NewStat("Failing now", dashboards.Stat{
				Shows:   "Share of requests that end in an error of the server.",
				BadWhen: "Anything that stays above zero: a panel below says which protocol.",
				Query:   measures.TotalErrorRatio, Window: alertWindow,
			}),
			dashboards.NewStat("Median latency", dashboards.Stat{
				Shows:   "Time within which half of the requests are answered.",
				BadWhen: "A rise of the median touches everybody, not only the tail.",
				Query:   query.Quantile(0.5, metrics.RequestDuration), Window: alertWindow,
			}),
			dashboards.NewStat("WebSocket connections", dashboards.Stat{
				Shows:   "WebSocket connections open now.",
				BadWhen: "A fall to zero with clients around: look at the WebSocket errors.",
				Query:   query.Select(metrics.WSConnectionsActive).Sum(), Links: toAsync,
			}),
			scenarioNow(dashboards.Link{Dashboard: ChaosUID}),
			Instances,
		}},
		{Title: "Objectives", Panels: []*dashboards.Panel{
			BudgetLeft,
			dashboards.NewStat("Availability in "+unit.Prose(measures.Period), dashboards.Stat{
				Shows:   "Share of requests of the last " + unit.Prose(measures.Period) + " that did not fail on the server's side.",
				BadWhen: "Below the objective the budget is overdrawn.",
				Query:   measures.SuccessRatio,
				Levels:  []dashboards.Threshold{{At: measures.Availability, Level: catalog.Bad, Below: true}},
			}),
			uptime(),
			Failed, FastRequests,
		}},
		{Title: "Requests", Panels: []*dashboards.Panel{
			Traffic, ErrorRatio,
			dashboards.NewTimeSeries("Latency", dashboards.TimeSeries{
				Shows:   "Time within which half, 95%, 99% and 99.9% of the requests are answered, by protocol.",
				BadWhen: "If the median rises with the tail, the server or its host is overloaded; the tail alone is a few slow mocks.",
				Series: []dashboards.Series{
					{Query: measures.LatencyP50, Legend: dashboards.Named("p50").By(metrics.Protocol)},
					{Query: measures.LatencyP95, Legend: dashboards.Named("p95").By(metrics.Protocol)},
					{Query: measures.LatencyP99, Legend: dashboards.Named("p99").By(metrics.Protocol)},
					{Query: measures.LatencyP999, Legend: dashboards.Named("p99.9").By(metrics.Protocol)},
				},
				Window: alertWindow, LogScale: true, Links: toDetails,
			}),
			Latency,
			dashboards.NewTimeSeries("Mean latency", dashboards.TimeSeries{
				Shows:   "Mean time to the answer, by protocol.",
				BadWhen: "A mean above the 95th percentile comes from a handful of extremely slow requests.",
				Query:   measures.MeanLatency, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Links: toDetails,
			}),
			InFlight, SlowPaths,
			dashboards.NewTable("Busiest paths", dashboards.Table{
				Shows:   "The ten paths that are requested most.",
				BadWhen: "A path that nobody expects here is a client that runs in circles.",
				Columns: []dashboards.Column{{Title: "Requests", Query: measures.RequestRateByPath.TopK(10)}},
				Window:  alertWindow,
			}),
			dashboards.NewPie("Requests of the last hour", dashboards.Pie{
				Shows:   "How the requests of the last hour divide among the protocols.",
				BadWhen: "A protocol that is missing was not asked for, or could not be reached.",
				Query:   query.Increase(metrics.RequestsTotal).Sum(metrics.Protocol), Legend: dashboards.By(metrics.Protocol), Window: time.Hour, Donut: true,
			}),
			dashboards.NewHeatmap("Latency of all requests", dashboards.Heatmap{
				Shows:   "How many requests per second took how long.",
				BadWhen: "A second band above the usual one is a group of requests that waits for something.",
				Of:      metrics.RequestDuration, Window: alertWindow, Width: 16,
			}),
		}},
		{Title: "Other protocols and plugins", Panels: []*dashboards.Panel{
			WSErrors, SMTPErrors, PluginErrors,
			dashboards.NewTable("Plugin runs of the last hour", dashboards.Table{
				Shows:   "How often each plugin ran in the last hour, and how long a run takes on average.",
				BadWhen: "A plugin that stopped running, or one that runs far more often than there are requests.",
				Columns: []dashboards.Column{
					{Title: "Runs", Query: query.Increase(metrics.PluginExecutionsTotal).Over(time.Hour).Sum(metrics.PluginName)},
					{Title: "Mean time", Query: measures.PluginMeanDuration},
				},
				Window: alertWindow,
			}),
		}},
		{Title: "Server", Panels: []*dashboards.Panel{Memory, CPU, ProcessCPU, FileDescriptors, Restarts, Targets}},
	},
})
