package boards

import (
	"strconv"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// A panel stands on one dashboard. Those of these functions are wanted on several.

// percentiles are the quantiles of a histogram, named p50 and so on.
func percentiles(h catalog.Observes, where []catalog.Matcher, φs ...float64) []dashboards.Series {
	var out []dashboards.Series
	for _, φ := range φs {
		q := query.Quantile(φ, h)
		if len(where) > 0 {
			q = q.Where(where...)
		}
		out = append(out, dashboards.Series{Query: q, Legend: dashboards.Named("p" + strconv.FormatFloat(φ*100, 'f', -1, 64))})
	}
	return out
}

func requestRate() *dashboards.Panel {
	return dashboards.NewStat("Request rate", dashboards.Stat{
		Shows:   "Requests finished per second, of all protocols or of those that are chosen.",
		BadWhen: "Zero means that nobody uses the mocks, or nobody reaches them.",
		Query:   measures.TotalRequestRate, Window: alertWindow,
	})
}

func scenarioNow(links ...dashboards.Link) *dashboards.Panel {
	return dashboards.NewStat("Scenario", dashboards.Stat{
		Shows:   "Scenario that the server plays.",
		BadWhen: "Anything but healthy explains errors and delays: they are meant.",
		Query:   query.Select(metrics.ActiveScenarioMode).Max(), NoGraph: true,
		Links: links,
	})
}

func uptime() *dashboards.Panel {
	return dashboards.NewStat("Up for", dashboards.Stat{
		Shows:   "Time since the youngest instance started.",
		BadWhen: "A small number that keeps starting over: the server restarts again and again.",
		Query:   query.Select(metrics.Uptime).Min(), NoGraph: true,
	})
}

func targets() *dashboards.Panel {
	return dashboards.NewStateTimeline("Instances", dashboards.StateTimeline{
		Shows:   "Whether Prometheus could scrape each instance.",
		BadWhen: "A band that is down, or ends: the server is gone or cannot be reached.",
		Query:   query.Select(external.Up), Legend: dashboards.By(catalog.Instance),
	})
}

func availabilityReported() *dashboards.Panel {
	return dashboards.NewStat("Availability that the server reports", dashboards.Stat{
		Shows:   "Share of availability that the server works out itself, of the worst protocol.",
		BadWhen: "Below the objective; compare with what the requests say.",
		Query:   query.Select(metrics.ServiceAvailability).Min(),
		Levels:  []dashboards.Threshold{{At: 0.99, Level: catalog.Bad, Below: true}, {At: measures.Availability, Level: catalog.Caution, Below: true}},
	})
}

func budgetReported() *dashboards.Panel {
	return dashboards.NewStat("Budget that the server reports", dashboards.Stat{
		Shows:   "Share of the error budget that is left as the server works it out, of the worst protocol.",
		BadWhen: "Near zero: put changes off that can break something; compare with what the requests say.",
		Query:   query.Select(metrics.ErrorBudgetRemaining).Min(),
		Levels:  []dashboards.Threshold{{At: 0.25, Level: catalog.Bad, Below: true}, {At: 0.5, Level: catalog.Caution, Below: true}},
	})
}

func webSocket() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("WebSocket connections", dashboards.TimeSeries{
			Shows:   "WebSocket connections open now, by instance.",
			BadWhen: "A fall to zero with clients around; a steady rise: clients that never close.",
			Query:   query.Select(metrics.WSConnectionsActive).Sum(catalog.Instance), Legend: dashboards.By(catalog.Instance), Stack: true,
		}),
		dashboards.NewTimeSeries("WebSocket messages", dashboards.TimeSeries{
			Shows:   "Text messages received per second, and below zero those sent.",
			BadWhen: "Messages that come in and none that go out: the handler is stuck.",
			Series: []dashboards.Series{
				{Query: measures.WSReceivedRate, Legend: dashboards.Named("received")},
				{Query: measures.WSSentRate, Legend: dashboards.Named("sent"), Down: true},
			},
			Window: alertWindow,
		}),
		dashboards.NewTimeSeries("WebSocket connections opened", dashboards.TimeSeries{
			Shows:   "WebSocket connections opened per second. One that is handed back to the echo handler counts twice.",
			BadWhen: "Many openings with few connections open: clients are thrown out and come back.",
			Query:   query.Rate(metrics.WSConnectionsTotal).Sum(), Legend: dashboards.Named("opened"),
		}),
		dashboards.NewTimeSeries("WebSocket connection time", dashboards.TimeSeries{
			Shows:   "Mean time that the connections which were closed had been open.",
			BadWhen: "A time that is the same again and again is an idle timeout on the way.",
			Query:   measures.WSMeanDuration, Legend: dashboards.Named("mean"), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("WebSocket closings", dashboards.TimeSeries{
			Shows:   "WebSocket connections closed per second, by how they ended.",
			BadWhen: "Endings other than normal and client_close are lost connections.",
			Query:   query.Rate(metrics.WSConnectionDuration.Count()).Sum(metrics.CloseStatus), Legend: dashboards.By(metrics.CloseStatus), Stack: true,
		}),
		dashboards.NewTimeSeries("WebSocket errors", dashboards.TimeSeries{
			Shows:   "Receive errors and proxy failures per second. A failure to send is not counted.",
			BadWhen: "Clients lose their connection: look whether the proxy in front closes it.",
			Query:   measures.WSErrorRate, Legend: dashboards.Named("errors"), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("WebSocket message size", dashboards.TimeSeries{
			Shows:   "Size that 95% of the messages stay below, by direction.",
			BadWhen: "A jump: a client or a mock sends whole files, and every other message waits behind them.",
			Query:   query.Quantile(0.95, metrics.WSMessageSize, metrics.WSDirection), Legend: dashboards.By(metrics.WSDirection),
		}),
		dashboards.NewTimeSeries("WebSocket ping round trip", dashboards.TimeSeries{
			Shows:   "Time from a ping to its pong: what half of them stay below, and 99%.",
			BadWhen: "A rise of both is the network's; of the 99% alone single clients'.",
			Series: []dashboards.Series{
				{Query: query.Quantile(0.5, metrics.WSPingRoundTrip), Legend: dashboards.Named("half")},
				{Query: query.Quantile(0.99, metrics.WSPingRoundTrip), Legend: dashboards.Named("99%")},
			},
		}),
		dashboards.NewTimeSeries("WebSocket close codes", dashboards.TimeSeries{
			Shows:   "WebSocket connections closed per second, by the class of their close code.",
			BadWhen: "protocol: clients and server disagree about frames; server: a handler fails; none: connections are lost.",
			Query:   query.Rate(metrics.WSCloseCodesTotal).Sum(metrics.CloseClass), Legend: dashboards.By(metrics.CloseClass), Stack: true,
		}),
		dashboards.NewTimeSeries("WebSocket reconnects", dashboards.TimeSeries{
			Shows:   "Share of the connections opened that are of a client whose last one ended less than half a minute before.",
			BadWhen: "A rise: clients are thrown out and come back again and again.",
			Query:   query.Ratio(query.Rate(metrics.WSReconnectsTotal).Sum(), query.Rate(metrics.WSConnectionsTotal).Sum(), query.Quiet), Legend: dashboards.Named("reconnects"),
		}),
		dashboards.NewTimeSeries("WebSocket send queue", dashboards.TimeSeries{
			Shows:   "Messages that wait to be sent, by instance.",
			BadWhen: "A steady rise: clients read more slowly than the server sends.",
			Query:   query.Select(metrics.WSSendQueueDepth).Sum(catalog.Instance), Legend: dashboards.By(catalog.Instance), Stack: true,
		}),
	}
}

func smtp() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("SMTP connections", dashboards.TimeSeries{
			Shows:   "SMTP connections open now, by instance.",
			BadWhen: "A steady rise: clients that do not end their session.",
			Query:   query.Select(metrics.SMTPConnectionsActive).Sum(catalog.Instance), Legend: dashboards.By(catalog.Instance), Stack: true,
		}),
		dashboards.NewTimeSeries("SMTP connections accepted", dashboards.TimeSeries{
			Shows:   "SMTP connections accepted per second.",
			BadWhen: "Connections without mail: clients give up in the handshake.",
			Query:   query.Rate(metrics.SMTPConnectionsTotal).Sum(), Legend: dashboards.Named("accepted"),
		}),
		dashboards.NewTimeSeries("Mail", dashboards.TimeSeries{
			Shows:   "Mail received and mail stored per second.",
			BadWhen: "Less stored than received: the mailbox is full or rejects it.",
			Series: []dashboards.Series{
				{Query: measures.SMTPReceivedRate, Legend: dashboards.Named("received")},
				{Query: measures.SMTPStoredRate, Legend: dashboards.Named("stored")},
			},
			Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Mail stored of that received", dashboards.TimeSeries{
			Shows:   "Share of the mail received that was stored.",
			BadWhen: "Below 100% mail is lost.",
			Query:   query.Ratio(measures.SMTPStoredRate, measures.SMTPReceivedRate, query.Quiet), Legend: dashboards.Named("stored"), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("SMTP errors", dashboards.TimeSeries{
			Shows:   "Errors in SMTP sessions per second, by kind.",
			BadWhen: "The kind says at which step mail is rejected.",
			Query:   measures.SMTPErrorRate, Legend: dashboards.By(metrics.SMTPErrorType), Window: alertWindow, Stack: true,
		}),
	}
}

// PluginRuns are the panels of what the server sees of its plugins, whatever metrics they have of their own.
func PluginRuns() []*dashboards.Panel { return plugins()[:4] }

func plugins() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Plugin runs", dashboards.TimeSeries{
			Shows:   "Runs finished per second, by plugin.",
			BadWhen: "A plugin that stops running, or runs far more often than there are requests.",
			Query:   measures.PluginRate, Legend: dashboards.By(metrics.PluginName), Window: alertWindow, Stack: true,
		}),
		dashboards.NewTimeSeries("Plugin runs that fail", dashboards.TimeSeries{
			Shows:   "Share of the runs of each plugin that fail.",
			BadWhen: "Responses that the plugin makes are missing.",
			Query:   measures.PluginErrorRatio, Legend: dashboards.By(metrics.PluginName), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Plugin run time", dashboards.TimeSeries{
			Shows:   "Mean time of a run, by plugin.",
			BadWhen: "The plugin delays every answer that it takes part in by this much.",
			Query:   measures.PluginMeanDuration, Legend: dashboards.By(metrics.PluginName), Window: alertWindow,
		}),
		dashboards.NewTimeSeries("Plugin run time, 95th percentile", dashboards.TimeSeries{
			Shows:   "Time within which 95 of 100 runs of each plugin end.",
			BadWhen: "Far from the mean: the plugin waits for something now and then.",
			Query:   query.Quantile(0.95, metrics.PluginExecutionDuration, metrics.PluginName), Legend: dashboards.By(metrics.PluginName),
		}),
		dashboards.NewTimeSeries("Plugin failures by kind", dashboards.TimeSeries{
			Shows:   "Runs that failed per second, by plugin and kind.",
			BadWhen: "A timeout is a plugin that waits; another kind is a fault in it.",
			Query:   query.Rate(metrics.PluginErrorsTotal).Sum(metrics.PluginName, metrics.PluginErrorType), Legend: dashboards.By(metrics.PluginName, metrics.PluginErrorType), Stack: true,
		}),
		dashboards.NewTimeSeries("Plugin runs by outcome", dashboards.TimeSeries{
			Shows:   "Runs per second of all plugins, by how they ended.",
			BadWhen: "failure that grows with success staying the same.",
			Query:   query.Rate(metrics.PluginExecutionsTotal).Sum(metrics.PluginStatus), Legend: dashboards.By(metrics.PluginStatus), Stack: true,
		}),
	}
}

func scenario() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewStateTimeline("Scenario mode", dashboards.StateTimeline{
			Shows:   "Scenario that each instance plays.",
			BadWhen: "Anything but healthy explains errors and delays: they are meant.",
			Query:   query.Select(metrics.ActiveScenarioMode).Max(catalog.Instance), Legend: dashboards.By(catalog.Instance),
		}),
		dashboards.NewTimeSeries("Chaos triggers", dashboards.TimeSeries{
			Shows:   "Times per second that the chaos mode was triggered.",
			BadWhen: "Triggers that nobody planned.",
			Query:   query.Rate(metrics.ChaosTriggersTotal).Sum(), Legend: dashboards.Named("triggers"), Height: 6,
		}),
		dashboards.NewTimeSeries("Faults injected", dashboards.TimeSeries{
			Shows:   "Faults injected on purpose per second, by kind.",
			BadWhen: "Faults while nobody runs an experiment: a rule was left on.",
			Query:   query.Rate(metrics.ChaosFaultsTotal).Sum(metrics.FaultType), Legend: dashboards.By(metrics.FaultType), Stack: true,
		}),
		dashboards.NewTimeSeries("Latency injected", dashboards.TimeSeries{
			Shows:   "Mean and 95th percentile of the latency injected into requests.",
			BadWhen: "Subtract it from the latency of requests before blaming the server.",
			Series: []dashboards.Series{
				{Query: query.Mean(metrics.ChaosLatency), Legend: dashboards.Named("mean")},
				{Query: query.Quantile(0.95, metrics.ChaosLatency), Legend: dashboards.Named("p95")},
			},
		}),
		dashboards.NewTimeSeries("Requests refused by the rate limit", dashboards.TimeSeries{
			Shows:   "Requests per second that were refused because they came too fast; the ten endpoints with most.",
			BadWhen: "Clients that are not part of the experiment are refused, too.",
			Query:   query.Rate(metrics.ChaosRateLimitViolationsTotal).Sum(metrics.Endpoint).TopK(10), Legend: dashboards.By(metrics.Endpoint),
		}),
	}
}

func workspaces() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Requests by workspace", dashboards.TimeSeries{
			Shows:   "Requests finished per second; the ten busiest workspaces.",
			BadWhen: "One workspace that takes what the others need.",
			Query:   measures.WorkspaceRate.TopK(10), Legend: dashboards.By(metrics.Workspace), Stack: true,
		}),
		dashboards.NewTimeSeries("Requests that fail by workspace", dashboards.TimeSeries{
			Shows:   "Share of the requests of each workspace that fail; the ten worst.",
			BadWhen: "One workspace alone: its mocks; all of them: the server.",
			Query:   measures.WorkspaceErrorRatio.TopK(10), Legend: dashboards.By(metrics.Workspace),
		}),
		dashboards.NewTimeSeries("95th percentile by workspace", dashboards.TimeSeries{
			Shows:   "Time within which 95 of 100 requests of a workspace are answered; the ten slowest.",
			BadWhen: "One workspace alone: its mocks; all of them: the server.",
			Query:   query.Quantile(0.95, metrics.WorkspaceRequestDuration, metrics.Workspace).TopK(10), Legend: dashboards.By(metrics.Workspace),
		}),
		dashboards.NewTimeSeries("Routes by workspace", dashboards.TimeSeries{
			Shows:   "Routes that each workspace serves; the ten largest.",
			BadWhen: "A fall without a change of the mocks: definitions that no longer load.",
			Query:   query.Select(metrics.WorkspaceActiveRoutes).Sum(metrics.Workspace).TopK(10), Legend: dashboards.By(metrics.Workspace),
		}),
	}
}

func drift() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTable("Endpoints that drift", dashboards.Table{
			Shows:   "The ten endpoints whose last answer departs furthest from its contract, with the number of differences and of those that break clients.",
			BadWhen: "A breaking change that nobody announced.",
			Columns: []dashboards.Column{
				{Title: "Drift", Query: driftByEndpoint(metrics.DriftPercentage).TopK(10)},
				{Title: "Differences", Query: driftByEndpoint(metrics.DriftTotalChanges).And(driftByEndpoint(metrics.DriftPercentage).TopK(10))},
				{Title: "Breaking", Query: driftByEndpoint(metrics.DriftBreakingChanges).And(driftByEndpoint(metrics.DriftPercentage).TopK(10))},
			},
			Levels: []dashboards.Threshold{{At: 5, Level: catalog.Caution}, {At: 25, Level: catalog.Bad}},
			Width:  24,
		}),
		dashboards.NewTimeSeries("Drift", dashboards.TimeSeries{
			Shows:   "Share of the differences of the last answer that break clients, or may; the ten worst endpoints.",
			BadWhen: "A line that rises with a deployment: the contract was changed with it.",
			Query:   driftByEndpoint(metrics.DriftPercentage).TopK(10), Legend: dashboards.By(metrics.HTTPMethod, metrics.Endpoint),
			Levels: []dashboards.Threshold{{At: 5, Level: catalog.Caution}, {At: 25, Level: catalog.Bad}},
		}),
		dashboards.NewTimeSeries("Breaking changes", dashboards.TimeSeries{
			Shows:   "Differences that break clients, as the last answers had them; the ten endpoints with most.",
			BadWhen: "Anything above zero that nobody announced.",
			Query:   driftByEndpoint(metrics.DriftBreakingChanges).TopK(10), Legend: dashboards.By(metrics.HTTPMethod, metrics.Endpoint),
		}),
	}
}

func driftByEndpoint(m query.Selectable) query.Vector {
	return query.Select(m).Max(metrics.HTTPMethod, metrics.Endpoint)
}

// CaptureDrops is the panel of what was captured and is lost.
var CaptureDrops = dashboards.NewTimeSeries("Captured exchanges dropped", dashboards.TimeSeries{
	Shows:   "Captured exchanges per second that were dropped instead of sent to the cloud, by reason.",
	BadWhen: "Recordings have gaps: the buffer is too small, or the cloud does not answer.",
	Query:   measures.CaptureDropRate, Legend: dashboards.By(metrics.DropReason), Window: alertWindow, Stack: true,
})

func capture() []*dashboards.Panel {
	return []*dashboards.Panel{
		dashboards.NewTimeSeries("Captured exchanges sent", dashboards.TimeSeries{
			Shows:   "Captured exchanges sent to the cloud per second.",
			BadWhen: "Zero while requests come in and recording is on.",
			Query:   query.Rate(metrics.CaptureForwarderSentTotal).Sum(), Legend: dashboards.Named("sent"),
		}),
		CaptureDrops,
	}
}
