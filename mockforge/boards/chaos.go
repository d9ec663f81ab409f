package boards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// Panels of chaos that alerts lead to.
var (
	ScenarioRuns = dashboards.NewTimeSeries("Scenarios that fail", dashboards.TimeSeries{
		Shows:   "Scenarios that ended in failure within a quarter of an hour, by kind.",
		BadWhen: "The experiment says nothing about the service: it did not run to its end.",
		Query:   measures.ShownFailedScenarios, Legend: dashboards.By(metrics.ScenarioType),
	})
	Circuits = dashboards.NewStateTimeline("Circuit breakers", dashboards.StateTimeline{
		Shows:   "State of each circuit breaker, on each instance.",
		BadWhen: "An open one refuses every request that goes through it.",
		Query:   measures.CircuitState, Legend: dashboards.By(metrics.Circuit, catalog.Instance),
	})
	DriftBudget = dashboards.NewTimeSeries("Endpoints over their drift budget", dashboards.TimeSeries{
		Shows:   "Endpoints whose last answer departs from its contract by more than its budget allows.",
		BadWhen: "Clients that follow the contract will break at these endpoints.",
		Query:   measures.EndpointsOverBudget, Legend: dashboards.Named("endpoints"),
	})
)

// counted is the window of the counts, which the reader chooses.
var counted = dashboards.Interval("counted", 5*time.Minute, 15*time.Minute, time.Hour, 6*time.Hour, 24*time.Hour).Titled("Counted over")

// Chaos is of what is done to the server on purpose.
var Chaos = dashboards.New(ChaosUID, dashboards.Dashboard{
	Title:       "MockForge / Chaos",
	Purpose:     "Which faults are injected, where, and what do they do to clients?",
	Refresh:     10 * time.Second,
	Owner:       metrics.ChaosTeam,
	Variables:   []dashboards.Variable{job, instance, counted},
	Links:       elsewhere(ChaosUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "Now", Panels: []*dashboards.Panel{
			scenarioNow(),
			dashboards.NewStat("Faults", dashboards.Stat{
				Shows:   "Faults injected within the window that is chosen above.",
				BadWhen: "Faults while nobody runs an experiment: a rule was left on.",
				Query:   query.Increase(metrics.ChaosFaultsTotal).Sum(),
			}),
			dashboards.NewStat("Mean latency injected", dashboards.Stat{
				Shows:   "Mean latency injected into a request.",
				BadWhen: "More than the experiment asks for.",
				Query:   query.Mean(metrics.ChaosLatency),
			}),
			dashboards.NewStat("Circuits open", dashboards.Stat{
				Shows:   "Circuit breakers that are open now.",
				BadWhen: "Each refuses every request that goes through it.",
				Query:   measures.CircuitState.Equals(1).Count().Or(query.Constant(0)),
			}),
			dashboards.NewStat("Orchestrations running", dashboards.Stat{
				Shows:   "Orchestrations running now.",
				BadWhen: "More than one at a time: they disturb each other.",
				Query:   query.Select(metrics.ChaosActiveOrchestrations).Sum(),
			}),
			dashboards.NewGauge("Worst impact", dashboards.Gauge{
				Shows:   "Impact of the chaos on the service, from none to total, over the worst of the windows that are scored.",
				BadWhen: "Above 60% the experiment hurts more than it teaches.",
				Query:   query.Select(metrics.ChaosImpactScore).Max(), Height: 4,
				Levels: []dashboards.Threshold{{At: 0.3, Level: catalog.Caution}, {At: 0.6, Level: catalog.Bad}},
			}),
		}},
		{Title: "Faults", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("Faults by kind", dashboards.TimeSeries{
				Shows:   "Faults injected per second, by kind.",
				BadWhen: "A kind that the experiment does not have.",
				Query:   query.Rate(metrics.ChaosFaultsTotal).Sum(metrics.FaultType), Legend: dashboards.By(metrics.FaultType), Window: dashboards.Zoom, Stack: true,
			}),
			dashboards.NewBarGauge("Endpoints with most faults", dashboards.BarGauge{
				Shows:   "Faults injected within the window that is chosen above; the ten endpoints with most.",
				BadWhen: "An endpoint that is not part of the experiment.",
				Query:   query.Increase(metrics.ChaosFaultsTotal).Sum(metrics.Endpoint).TopK(10), Legend: dashboards.By(metrics.Endpoint), Width: 12,
			}),
			dashboards.NewPie("Kinds of faults", dashboards.Pie{
				Shows:   "How the faults of the window that is chosen above divide among the kinds.",
				BadWhen: "A kind that the experiment does not have.",
				Query:   query.Increase(metrics.ChaosFaultsTotal).Sum(metrics.FaultType), Legend: dashboards.By(metrics.FaultType), Donut: true,
			}),
			dashboards.NewTimeSeries("Chaos triggers", dashboards.TimeSeries{
				Shows:   "Times that the chaos mode was triggered within the window that is chosen above.",
				BadWhen: "Triggers that nobody planned.",
				Query:   query.Increase(metrics.ChaosTriggersTotal).Sum(), Legend: dashboards.Named("triggers"), Width: 8,
			}),
			dashboards.NewTimeSeries("Refused by the rate limit", dashboards.TimeSeries{
				Shows:   "Requests per second that were refused because they came too fast; the ten endpoints with most.",
				BadWhen: "Clients that are not part of the experiment are refused, too.",
				Query:   query.Rate(metrics.ChaosRateLimitViolationsTotal).Sum(metrics.Endpoint).TopK(10), Legend: dashboards.By(metrics.Endpoint), Window: dashboards.Zoom, Width: 8,
			}),
		}},
		{Title: "Delays", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("Latency injected", dashboards.TimeSeries{
				Shows:   "Time by which half, 95% and 99% of the delayed requests were held back.",
				BadWhen: "More than the experiment asks for.",
				Series:  percentiles(metrics.ChaosLatency, nil, 0.5, 0.95, 0.99),
				Window:  dashboards.Zoom,
			}),
			dashboards.NewHeatmap("Latency injected, distribution", dashboards.Heatmap{
				Shows:   "How many requests per second were held back how long.",
				BadWhen: "A band far above the others: two rules that add up.",
				Of:      metrics.ChaosLatency, Window: dashboards.Zoom,
			}),
			dashboards.NewTimeSeries("Jitter injected", dashboards.TimeSeries{
				Shows:   "Mean and 95th percentile of the random part of the delays.",
				BadWhen: "As large as the latency itself: clients see no steady delay.",
				Series: []dashboards.Series{
					{Query: query.Mean(metrics.ChaosJitter), Legend: dashboards.Named("mean")},
					{Query: query.Quantile(0.95, metrics.ChaosJitter), Legend: dashboards.Named("p95")},
				},
				Window: dashboards.Zoom,
			}),
			dashboards.NewTimeSeries("Bandwidth throttle", dashboards.TimeSeries{
				Shows:   "Mean time by which a body was held back to keep the bandwidth limit, by direction.",
				BadWhen: "A direction that the experiment does not throttle.",
				Query:   query.Mean(metrics.ChaosBandwidthThrottle, metrics.Direction), Legend: dashboards.By(metrics.Direction), Window: dashboards.Zoom,
			}),
		}},
		{Title: "What clients feel", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("Requests that fail while faults are injected", dashboards.TimeSeries{
				Shows:   "Share of requests that end in an error of the server, at times when faults are injected.",
				BadWhen: "More than the share of faults: they bring down what they do not touch.",
				Query:   measures.TotalErrorRatio.And(query.Rate(metrics.ChaosFaultsTotal).Sum().Above(0).Vector), Legend: dashboards.Named("failing"), Window: dashboards.Zoom,
			}),
			Circuits,
			dashboards.NewTimeSeries("Requests in bulkheads", dashboards.TimeSeries{
				Shows:   "Requests inside each bulkhead now.",
				BadWhen: "A line that is cut off flat: the bulkhead is full, and requests wait or are refused.",
				Query:   query.Select(metrics.ChaosBulkheadConcurrentRequests).Sum(metrics.Bulkhead), Legend: dashboards.By(metrics.Bulkhead),
			}),
			dashboards.NewTimeSeries("Impact", dashboards.TimeSeries{
				Shows:   "Impact of the chaos on the service, from none to total, by the window that is scored.",
				BadWhen: "Above 60% the experiment hurts more than it teaches.",
				Query:   query.Select(metrics.ChaosImpactScore).Max(metrics.TimeWindow), Legend: dashboards.By(metrics.TimeWindow),
				Levels: []dashboards.Threshold{{At: 0.3, Level: catalog.Caution}, {At: 0.6, Level: catalog.Bad}},
			}),
		}},
		{Title: "Experiments", Panels: []*dashboards.Panel{
			ScenarioRuns,
			dashboards.NewTimeSeries("Scenarios run", dashboards.TimeSeries{
				Shows:   "Scenarios that ended within the window that is chosen above, by kind and outcome.",
				BadWhen: "failure beside no success: the scenario cannot run here.",
				Query:   query.Increase(metrics.ChaosScenariosTotal).Sum(metrics.ScenarioType, metrics.ChaosStatus), Legend: dashboards.By(metrics.ScenarioType, metrics.ChaosStatus),
			}),
			dashboards.NewTimeSeries("Orchestrations", dashboards.TimeSeries{
				Shows:   "Orchestrations running now, by name.",
				BadWhen: "A line that does not end: a step hangs.",
				Query:   query.Select(metrics.ChaosActiveOrchestrations).Sum(metrics.Orchestration), Legend: dashboards.By(metrics.Orchestration),
			}),
			dashboards.NewTimeSeries("Orchestrations run", dashboards.TimeSeries{
				Shows:   "Orchestrations that ended within the window that is chosen above, by name and outcome.",
				BadWhen: "failure: the table of steps says where.",
				Query:   query.Increase(metrics.ChaosOrchestrationExecutionsTotal).Sum(metrics.Orchestration, metrics.ChaosStatus), Legend: dashboards.By(metrics.Orchestration, metrics.ChaosStatus),
			}),
			dashboards.NewTable("Steps", dashboards.Table{
				Shows:   "How long the steps of the orchestrations take, within the window that is chosen above.",
				BadWhen: "A step whose slowest twentieth takes far longer than the mean waits for something.",
				Columns: []dashboards.Column{
					{Title: "Mean", Query: query.Mean(metrics.ChaosOrchestrationStepDuration, metrics.Orchestration, metrics.Step)},
					{Title: "p95", Query: query.Quantile(0.95, metrics.ChaosOrchestrationStepDuration, metrics.Orchestration, metrics.Step)},
				},
			}),
			dashboards.NewTimeSeries("Assertions", dashboards.TimeSeries{
				Shows:   "Assertions evaluated within the window that is chosen above, by orchestration and result.",
				BadWhen: "failed: the service did not behave under the fault as it should.",
				Query:   query.Increase(metrics.ChaosAssertionResultsTotal).Sum(metrics.Orchestration, metrics.AssertionResult), Legend: dashboards.By(metrics.Orchestration, metrics.AssertionResult),
			}),
			dashboards.NewTimeSeries("Hooks", dashboards.TimeSeries{
				Shows:   "Hooks run within the window that is chosen above, by kind and outcome.",
				BadWhen: "failure: the experiment was not set up or not cleared away.",
				Query:   query.Increase(metrics.ChaosHookExecutionsTotal).Sum(metrics.HookType, metrics.ChaosStatus), Legend: dashboards.By(metrics.HookType, metrics.ChaosStatus),
			}),
			dashboards.NewTable("Recommendations", dashboards.Table{
				Shows:   "Recommendations that stand, by what they are about and how urgent they are.",
				BadWhen: "Urgent ones that stand for long.",
				Columns: []dashboards.Column{{Title: "Recommendations", Query: query.Select(metrics.ChaosRecommendations).Max(metrics.AdviceCategory, metrics.AdviceSeverity)}},
			}),
		}},
		{Title: "Contract drift", Panels: append([]*dashboards.Panel{DriftBudget}, drift()...)},
	},
})
