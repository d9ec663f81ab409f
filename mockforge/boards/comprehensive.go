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

// Comprehensive shows every part of the server, by instance and protocol.
var Comprehensive = dashboards.New(ComprehensiveUID, dashboards.Dashboard{
	Title:       "MockForge / Everything",
	Purpose:     "What does every part of the server do, on which instance and over which protocol?",
	Refresh:     10 * time.Second,
	Variables:   []dashboards.Variable{job, instance, protocol},
	Links:       elsewhere(ComprehensiveUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "Overview", Panels: summary()},
		{Title: "Requests", Panels: requests()},
		{Title: "Latency", Panels: latency()},
		{Title: "Errors by type", Panels: errors()},
		{Title: "Latency heatmaps", Collapsed: true, Panels: heatmaps()},
		{Title: "Protocol", Collapsed: true, Repeat: metrics.Protocol, Panels: eachProtocol()},
		{Title: "gRPC and GraphQL", Collapsed: true, Panels: calls()},
		{Title: "WebSocket", Panels: webSocket()},
		{Title: "SMTP", Panels: smtp()},
		{Title: "Plugins", Panels: plugins()},
		{Title: "System", Panels: system()},
		{Title: "Scenario and chaos", Panels: scenario()},
		{Title: "Workspaces", Collapsed: true, Panels: workspaces()},
		{Title: "Contract drift", Collapsed: true, Panels: drift()},
		{Title: "Objectives", Panels: objectives()},
		{Title: "Capture", Collapsed: true, Panels: capture()},
	},
})

func summary() []*dashboards.Panel {
	return []*dashboards.Panel{
		requestRate(),
		dashboards.NewGauge("Requests that fail", dashboards.Gauge{
			Shows:   "Share of requests that end in an error of the server.",
			BadWhen: "Anything that stays above zero: the section on errors says which class.",
			Query:   measures.TotalErrorRatio, Window: alertWindow,
			Levels: []dashboards.Threshold{{At: 0.05, Level: catalog.Caution}, {At: 0.1, Level: catalog.Bad}},
		}),
		dashboards.NewStat("95th percentile", dashboards.Stat{
			Shows:   "Time within which 95 of 100 requests are answered.",
			BadWhen: "Tests that wait for mocks take longer by this much.",
			Query:   query.Quantile(0.95, metrics.RequestDuration), Window: alertWindow,
			Levels: []dashboards.Threshold{{At: 0.5, Level: catalog.Caution}, {At: 1, Level: catalog.Bad}},
		}),
		dashboards.NewStat("Requests in flight now", dashboards.Stat{
			Shows:   "Requests accepted and not yet answered over HTTP and GraphQL.",
			BadWhen: "A steady rise means that requests arrive faster than they are answered.",
			Query:   query.Select(metrics.RequestsInFlight).Sum(),
		}),
		dashboards.NewGauge("CPU of the host now", dashboards.Gauge{
			Shows:   "Share of the busiest host's processors that is in use.",
			BadWhen: "Near 100% requests wait for a processor.",
			Query:   measures.HostCPU,
			Levels:  []dashboards.Threshold{{At: 70, Level: catalog.Caution}, {At: 85, Level: catalog.Bad}},
		}),
		dashboards.NewStat("Memory of the process now", dashboards.Stat{
			Shows:   "Resident memory of the largest process.",
			BadWhen: "A number that only grows is a leak.",
			Query:   measures.ProcessMemory,
		}),
	}
}

func requests() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Requests by protocol", dashboards.TimeSeries{
			Shows:   "Requests finished per second, by protocol.",
			BadWhen: "One protocol that falls to zero while the others carry on has lost its listener.",
			Query:   measures.RequestRate, Legend: dashboards.By(metrics.Protocol), Window: alertWindow, Stack: true,
		}),
		dashboards.NewTimeSeries("Requests by status", dashboards.TimeSeries{
			Shows:   "Requests finished per second, by status: HTTP codes, and ok or error for gRPC.",
			BadWhen: "Codes of 500 and above are the server's own faults; many of 404 are mocks that are missing.",
			Query:   query.Rate(metrics.RequestsTotal).Sum(metrics.Status), Legend: dashboards.By(metrics.Status), Stack: true,
		}),
		dashboards.NewTimeSeries("Requests by method", dashboards.TimeSeries{
			Shows:   "The ten methods that are called most: HTTP verbs, gRPC methods, query for GraphQL.",
			BadWhen: "A method that vanishes has lost its clients or its mock.",
			Query:   query.Rate(metrics.RequestsTotal).Sum(metrics.Protocol, metrics.Method).TopK(10), Legend: dashboards.By(metrics.Protocol, metrics.Method),
		}),
		dashboards.NewTimeSeries("Requests by pillar", dashboards.TimeSeries{
			Shows:   "Requests finished per second, by the part of the product that they exercise. The server guesses it from the path.",
			BadWhen: "A growing share of unknown means paths that the server cannot place.",
			Query:   query.Rate(metrics.RequestsTotal).Sum(metrics.Pillar), Legend: dashboards.By(metrics.Pillar), Stack: true,
		}),
		dashboards.NewTimeSeries("Requests in flight", dashboards.TimeSeries{
			Shows:   "Requests accepted and not yet answered, by protocol.",
			BadWhen: "A steady rise means that requests arrive faster than they are answered.",
			Query:   measures.InFlight, Legend: dashboards.By(metrics.Protocol),
		}),
		dashboards.NewTimeSeries("Requests by path", dashboards.TimeSeries{
			Shows:   "The ten HTTP paths that are requested most.",
			BadWhen: "A path that nobody expects here is a client that runs in circles.",
			Query:   measures.RequestRateByPath.TopK(10), Legend: dashboards.By(metrics.HTTPMethod, metrics.Path),
		}),
		dashboards.NewTable("Ten busiest paths", dashboards.Table{
			Shows:   "The ten HTTP paths that are requested most, and the mean time to their answer.",
			BadWhen: "A busy path that is slow as well is the first to look at.",
			Columns: []dashboards.Column{
				{Title: "Requests", Query: measures.RequestRateByPath.TopK(10)},
				{Title: "Mean", Query: measures.MeanLatencyByPath.And(measures.RequestRateByPath.TopK(10))},
			},
		}),
		dashboards.NewTable("Paths that fail", dashboards.Table{
			Shows:   "The ten HTTP paths with most answers of 500 and above.",
			BadWhen: "Every line is a mock, a plugin or a template that breaks.",
			Columns: []dashboards.Column{{
				Title: "Failures",
				Query: query.Rate(metrics.RequestsByPathTotal, metrics.HTTPStatus.Matches("5..")).Sum(metrics.Path, metrics.HTTPMethod, metrics.HTTPStatus).TopK(10),
			}},
		}),
	}
}

func latency() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Latency percentiles", dashboards.TimeSeries{
			Shows:   "Time within which half, 95%, 99% and 99.9% of all requests are answered.",
			BadWhen: "If the median rises with the tail, the server is overloaded; the tail alone is a few slow mocks.",
			Series:  percentiles(metrics.RequestDuration, nil, 0.5, 0.95, 0.99, 0.999),
			Window:  alertWindow,
			Levels:  []dashboards.Threshold{{At: 0.5, Level: catalog.Caution}, {At: 1, Level: catalog.Bad}},
		}),
		dashboards.NewTimeSeries("Mean latency by protocol", dashboards.TimeSeries{
			Shows:   "Mean time to the answer, by protocol.",
			BadWhen: "A mean above the 95th percentile comes from a handful of extremely slow requests.",
			Query:   measures.MeanLatency, Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("95th percentile by method", dashboards.TimeSeries{
			Shows:   "The ten methods whose slowest twentieth takes longest.",
			BadWhen: "One method far above the others: look at its mocks.",
			Query:   query.Quantile(0.95, metrics.RequestDuration, metrics.Protocol, metrics.Method).TopK(10), Legend: dashboards.By(metrics.Protocol, metrics.Method),
		}),
		dashboards.NewTimeSeries("Mean latency by path", dashboards.TimeSeries{
			Shows:   "The ten HTTP paths with the highest mean latency of the window.",
			BadWhen: "One slow path is a matter of its mock definition.",
			Query:   measures.MeanLatencyByPath.TopK(10), Legend: dashboards.By(metrics.HTTPMethod, metrics.Path),
		}),
		dashboards.NewTable("Ten slowest paths", dashboards.Table{
			Shows:   "The ten HTTP paths with the highest mean latency, and how slow their slowest hundredth is.",
			BadWhen: "Many slow paths are a matter of the server, one of its mock.",
			Columns: []dashboards.Column{
				{Title: "Mean", Query: measures.MeanLatencyByPath.TopK(10)},
				{Title: "p99", Query: measures.LatencyByPathP99.And(measures.MeanLatencyByPath.TopK(10))},
			},
			Levels: []dashboards.Threshold{{At: 0.5, Level: catalog.Caution}, {At: 1, Level: catalog.Bad}},
		}),
		dashboards.NewTable("Moving average by path", dashboards.Table{
			Shows:   "The moving average that the server keeps itself. It never decays: without traffic it keeps its last value.",
			BadWhen: "High here and low in the table beside it: the path was slow once and is not asked for any more.",
			Columns: []dashboards.Column{{Title: "Moving average", Query: query.Select(metrics.AverageLatencyByPath).Max(metrics.Path, metrics.HTTPMethod).TopK(10)}},
		}),
	}
}

func errors() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Errors by class", dashboards.TimeSeries{
			Shows:   "Failed requests per second, by class. Client errors are mocked or missing mocks, the others the server's own.",
			BadWhen: "A class other than client_error that stays above zero.",
			Query:   query.Rate(metrics.ErrorsTotal).Sum(metrics.ErrorType), Legend: dashboards.By(metrics.ErrorType), Stack: true,
		}),
		dashboards.NewTimeSeries("Requests that fail by protocol", dashboards.TimeSeries{
			Shows:   "Share of requests that end in an error of the server, by protocol.",
			BadWhen: "Clients get errors instead of mocks.",
			Query:   measures.ErrorRatio, Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Requests that fail, clients' faults among them", dashboards.TimeSeries{
			Shows:   "Share of requests that fail for whatever reason, a mocked 404 among them.",
			BadWhen: "A jump without one beside it is a client that asks for what is not mocked.",
			Query:   measures.AllErrorRatio, Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Errors by pillar", dashboards.TimeSeries{
			Shows:   "Requests that failed by the server's own fault, by the part of the product.",
			BadWhen: "One pillar alone: compare with what was changed in it.",
			Query:   query.Rate(metrics.ErrorsTotal, metrics.ServerSide).Sum(metrics.Pillar), Legend: dashboards.By(metrics.Pillar), Stack: true,
		}),
		dashboards.NewTimeSeries("Error share that the server reports", dashboards.TimeSeries{
			Shows:   "Share of failed requests as the server works it out itself.",
			BadWhen: "Far from the share beside it: the server counts otherwise.",
			Query:   query.Select(metrics.ErrorRate).Max(metrics.Protocol), Legend: dashboards.By(metrics.Protocol),
		}),
	}
}

func heatmaps() []*dashboards.Panel {
	of := func(name string, v catalog.Matcher) *dashboards.Panel {
		return dashboards.NewHeatmap("Latency of "+name, dashboards.Heatmap{
			Shows:   "How many requests per second took how long over " + name + ".",
			BadWhen: "A second band above the usual one is a group of requests that waits for something.",
			Of:      metrics.RequestDuration, Where: []catalog.Matcher{v}, Window: alertWindow,
		})
	}
	return []*dashboards.Panel{
		of("HTTP", metrics.Protocol.Is(metrics.HTTP)),
		of("gRPC", metrics.Protocol.Is(metrics.GRPC)),
		of("GraphQL", metrics.Protocol.Is(metrics.GraphQL)),
		dashboards.NewHeatmap("Latency of HTTP by normalized path", dashboards.Heatmap{
			Shows:   "How many HTTP requests per second took how long, as the histogram by path has them.",
			BadWhen: "Bands that the heatmap of HTTP lacks: requests that only one of the two counts.",
			Of:      metrics.RequestDurationByPath,
		}),
	}
}

func eachProtocol() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Requests by method and status", dashboards.TimeSeries{
			Shows:   "Requests of the protocol per second, the ten most frequent combinations.",
			BadWhen: "A status that is new, or a method that vanishes.",
			Query:   query.Rate(metrics.RequestsTotal).Sum(metrics.Method, metrics.Status).TopK(10), Legend: dashboards.By(metrics.Method, metrics.Status),
		}),
		dashboards.NewTimeSeries("Percentiles of the protocol", dashboards.TimeSeries{
			Shows:   "Time within which half and 99% of the protocol's requests are answered.",
			BadWhen: "Compare with the other protocols: only one that is slow is a matter of its handler.",
			Series: []dashboards.Series{
				{Query: measures.LatencyP50, Legend: dashboards.Named("p50").By(metrics.Protocol)},
				{Query: measures.LatencyP99, Legend: dashboards.Named("p99").By(metrics.Protocol)},
			},
			Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Errors of the protocol", dashboards.TimeSeries{
			Shows:   "Failed requests of the protocol per second, by class.",
			BadWhen: "A class other than client_error that stays above zero.",
			Query:   query.Rate(metrics.ErrorsTotal).Sum(metrics.Protocol, metrics.ErrorType), Legend: dashboards.By(metrics.Protocol, metrics.ErrorType), Stack: true,
		}),
	}
}

func calls() []*dashboards.Panel {
	grpc, graphql := metrics.Protocol.Is(metrics.GRPC), metrics.Protocol.Is(metrics.GraphQL)
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("gRPC calls", dashboards.TimeSeries{
			Shows:   "gRPC calls finished per second, by status.",
			BadWhen: "error that stays above zero.",
			Query:   query.Rate(metrics.RequestsTotal, grpc).Sum(metrics.Status), Legend: dashboards.By(metrics.Status), Stack: true,
		}),
		dashboards.NewTimeSeries("gRPC calls that fail", dashboards.TimeSeries{
			Shows:   "Share of the calls of each gRPC method that end in error; the ten worst.",
			BadWhen: "One method alone: its message or its mock does not fit its definition.",
			Query: query.Ratio(query.Rate(metrics.RequestsTotal, grpc, metrics.Status.Is(metrics.StatusError)).Sum(metrics.Method),
				query.Rate(metrics.RequestsTotal, grpc).Sum(metrics.Method), query.Quiet).TopK(10),
			Legend: dashboards.By(metrics.Method),
		}),
		dashboards.NewTimeSeries("gRPC latency", dashboards.TimeSeries{
			Shows:   "95th percentile of each gRPC method, the ten slowest. A call that fails counts as 0 s and pulls it down.",
			BadWhen: "One method far above the others: look at its mock.",
			Query:   query.Quantile(0.95, metrics.RequestDuration, metrics.Protocol, metrics.Method).Where(grpc).TopK(10), Legend: dashboards.By(metrics.Method),
		}),
		dashboards.NewTimeSeries("GraphQL requests", dashboards.TimeSeries{
			Shows:   "GraphQL requests finished per second, by status.",
			BadWhen: "400 is a query that the schema does not allow.",
			Query:   query.Rate(metrics.RequestsTotal, graphql).Sum(metrics.Status), Legend: dashboards.By(metrics.Status), Stack: true,
		}),
		dashboards.NewTimeSeries("GraphQL latency", dashboards.TimeSeries{
			Shows:   "Time within which half, 95% and 99% of the GraphQL requests are answered.",
			BadWhen: "A tail far from the median: queries that ask for much.",
			Series:  percentiles(metrics.RequestDuration, []catalog.Matcher{graphql}, 0.5, 0.95, 0.99),
		}),
		dashboards.NewTimeSeries("Failures of gRPC and GraphQL", dashboards.TimeSeries{
			Shows:   "Failed gRPC calls and GraphQL requests per second.",
			BadWhen: "Anything that stays above zero.",
			Query:   query.Rate(metrics.ErrorsTotal, metrics.ErrorType.In(metrics.GRPCError, metrics.GraphQLError)).Sum(metrics.ErrorType), Legend: dashboards.By(metrics.ErrorType),
		}),
	}
}

func system() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Memory", dashboards.TimeSeries{
			Shows:   "Resident memory of each server process, and the memory in use on the host of the fullest one.",
			BadWhen: "A process that only grows is a leak; a host that fills up will end somebody's process.",
			Series: []dashboards.Series{
				{Query: query.Select(external.ProcessResidentMemory), Legend: dashboards.Named("process").By(catalog.Instance)},
				{Query: query.Select(metrics.MemoryUsage).Max(), Legend: dashboards.Named("host")},
			},
		}),
		dashboards.NewTimeSeries("CPU", dashboards.TimeSeries{
			Shows:   "Share of the processors in use, on each instance's host and by everything that runs on it.",
			BadWhen: "Near 100% requests wait for a processor.",
			Query:   query.Select(metrics.CPUUsage).Max(catalog.Instance), Legend: dashboards.By(catalog.Instance),
			Levels: []dashboards.Threshold{{At: 70, Level: catalog.Caution}, {At: 85, Level: catalog.Bad}},
		}),
		dashboards.NewTimeSeries("CPU of each process", dashboards.TimeSeries{
			Shows:   "Processor time that each server process takes; at 100% it keeps one processor busy.",
			BadWhen: "Near the container's limit the server is throttled, and latency rises without any error.",
			Query:   query.Rate(external.ProcessCPUTotal), Legend: dashboards.By(catalog.Instance), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Network", dashboards.TimeSeries{
			Shows:   "Bytes that the server processes receive, and below zero those that they send.",
			BadWhen: "Much more sent than the requests explain: large mocked bodies.",
			Series: []dashboards.Series{
				{Query: query.Rate(external.ProcessNetworkReceiveTotal).Sum(), Legend: dashboards.Named("received")},
				{Query: query.Rate(external.ProcessNetworkTransmitTotal).Sum(), Legend: dashboards.Named("sent"), Down: true},
			},
		}),
		dashboards.NewStat("Threads", dashboards.Stat{
			Shows:   "Threads of the process with most of them.",
			BadWhen: "A number that only grows: work that blocks is started and never ends.",
			Query:   query.Select(metrics.ThreadCount).Max(),
		}),
		uptime(),
		dashboards.NewStat("Open files", dashboards.Stat{
			Shows:   "File descriptors open in all processes, connections among them.",
			BadWhen: "A number that only grows: connections that are never closed.",
			Query:   query.Select(external.ProcessOpenFDs).Sum(),
		}),
		dashboards.NewStat("Scrape", dashboards.Stat{
			Shows:   "How long the slowest instance takes to answer Prometheus.",
			BadWhen: "Near the scrape's timeout metrics get lost: the server is overloaded or has too many series.",
			Query:   query.Select(external.ScrapeDuration).Max(),
		}),
		dashboards.NewStat("Series", dashboards.Stat{
			Shows:   "Samples that a scrape of the fullest instance gives: its time series.",
			BadWhen: "A number that only grows: a label whose values have no end, such as paths with ids.",
			Query:   query.Select(external.ScrapeSamplesScraped).Max(),
		}),
		targets(),
	}
}

func objectives() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Requests that fail, by window", dashboards.TimeSeries{
			Shows:   "Share of requests that end in an error of the server, over five minutes and over an hour.",
			BadWhen: "An hour above the objective's budget is an incident; five minutes alone are a blip.",
			Series: []dashboards.Series{
				{Query: measures.Failed1h, Legend: dashboards.Named("1 hour")},
				{Query: measures.Failed5m, Legend: dashboards.Named("5 minutes")},
			},
			Levels: []dashboards.Threshold{{At: measures.ErrorBudget, Level: catalog.Caution}},
		}),
		dashboards.NewTimeSeries("Requests answered fast enough", dashboards.TimeSeries{
			Shows:   "Share of requests answered within the objective's latency, by protocol.",
			BadWhen: "Below the line more requests are slow than the objective allows.",
			Query:   query.Fraction(metrics.RequestDuration, measures.FastEnough, metrics.Protocol), Legend: dashboards.By(metrics.Protocol), Window: alertWindow,
			Levels: []dashboards.Threshold{{At: measures.FastShare, Level: catalog.Bad, Below: true}},
		}),
		availabilityReported(),
		dashboards.NewStat("Successes that the server reports", dashboards.Stat{
			Shows:   "Share of requests that succeeded as the server works it out, of the worst protocol.",
			BadWhen: "Below the objective; compare with what the requests say.",
			Query:   query.Select(metrics.SuccessfulRequestRate).Min(), Width: 6,
			Levels: []dashboards.Threshold{{At: measures.Availability, Level: catalog.Caution, Below: true}},
		}),
		budgetReported(),
		dashboards.NewBarGauge("Objectives that the server reports", dashboards.BarGauge{
			Shows:   "Share of each objective that is met, as the server works it out.",
			BadWhen: "A short bar is the objective that is missed.",
			Query:   query.Select(metrics.SLOCompliance).Min(metrics.Protocol, metrics.SLOType), Legend: dashboards.By(metrics.Protocol, metrics.SLOType),
			Width: 12, Height: 6,
		}),
		dashboards.NewStateTimeline("Latency objective that the server reports", dashboards.StateTimeline{
			Shows:   "Whether each protocol kept its objective of the 95th percentile, as the server works it out.",
			BadWhen: "A band that is missed.",
			Query:   query.Select(metrics.P95LatencySLOCompliance).Min(metrics.Protocol), Legend: dashboards.By(metrics.Protocol),
			Width: 12, Height: 6,
		}),
	}
}
