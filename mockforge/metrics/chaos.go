package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// inMilliseconds excuses the three histograms of injected delays.
const inMilliseconds = "faults are configured in milliseconds, and the server counts the delays that it injects in the same unit"

// Chaos is what the chaos crate registers, in another registry, which the server exposes together
// with its own. endpoint is the path as it came, so every id in a path makes series of
// its own.
var Chaos = catalog.NewGroup("Chaos", catalog.GroupSpec{
	Help:  "Faults that the server injects on purpose, and what protects against them.",
	Owner: ChaosTeam,
})

// Metrics of Chaos.
var (
	ChaosScenariosTotal = catalog.NewCounter(Chaos, "mockforge_chaos_scenarios_total", PerScenario, catalog.Spec{
		Help: "Chaos scenarios run." + unwritten,
		Unit: unit.Count("scenarios"),
	})
	ChaosFaultsTotal = catalog.NewCounter(Chaos, "mockforge_chaos_faults_total", PerFault, catalog.Spec{
		Help: "Faults injected.",
		Unit: unit.Count("faults"),
	})
	ChaosLatency = catalog.NewHistogram(Chaos, "mockforge_chaos_latency_ms", PerEndpoint, catalog.Spec{
		Help:    "Latency injected into a request.",
		Unit:    unit.Milliseconds,
		Buckets: []float64{10, 50, 100, 250, 500, 1000, 2500, 5000, 10000},
		Naming:  inMilliseconds,
	})
	ChaosJitter = catalog.NewHistogram(Chaos, "mockforge_chaos_jitter_ms", PerEndpoint, catalog.Spec{
		Help:    "Random part of the latency injected into a request.",
		Unit:    unit.Milliseconds,
		Buckets: []float64{1, 5, 10, 25, 50, 100, 250, 500, 1000},
		Naming:  inMilliseconds,
	})
	ChaosBandwidthThrottle = catalog.NewHistogram(Chaos, "mockforge_chaos_bandwidth_throttle_ms", PerThrottle, catalog.Spec{
		Help:    "Time by which a body was held back to keep the bandwidth limit.",
		Unit:    unit.Milliseconds,
		Buckets: []float64{1, 10, 50, 100, 500, 1000, 5000, 10000},
		Naming:  inMilliseconds,
	})
	ChaosRateLimitViolationsTotal = catalog.NewCounter(Chaos, "mockforge_chaos_rate_limit_violations_total", PerEndpoint, catalog.Spec{
		Help: "Requests refused because they came too fast.",
		Unit: unit.Count("violations"),
	})
	ChaosCircuitBreakerState = catalog.NewGauge(Chaos, "mockforge_chaos_circuit_breaker_state", PerCircuit, catalog.Spec{
		Help:  "State of the circuit breaker." + unwritten,
		Unit:  unit.State,
		Range: catalog.Range{Min: 0, Max: 2},
		States: []catalog.State{
			{Value: 0, Name: "closed", Level: catalog.Good},
			{Value: 1, Name: "open", Level: catalog.Bad},
			{Value: 2, Name: "half-open", Level: catalog.Caution},
		},
	})
	ChaosBulkheadConcurrentRequests = catalog.NewGauge(Chaos, "mockforge_chaos_bulkhead_concurrent_requests", PerBulkhead, catalog.Spec{
		Help:  "Requests inside the bulkhead now." + unwritten,
		Unit:  unit.Requests,
		Range: catalog.AtLeast(0),
	})
	ChaosOrchestrationStepDuration = catalog.NewHistogram(Chaos, "mockforge_chaos_orchestration_step_duration_seconds", PerStep, catalog.Spec{
		Help:    "Time that a step of an orchestration took." + unwritten,
		Unit:    unit.Seconds,
		Buckets: []float64{.1, .5, 1, 2.5, 5, 10, 30, 60},
	})
	ChaosOrchestrationExecutionsTotal = catalog.NewCounter(Chaos, "mockforge_chaos_orchestration_executions_total", PerOrchestrationRun, catalog.Spec{
		Help: "Orchestrations run." + unwritten,
		Unit: unit.Count("executions"),
	})
	ChaosActiveOrchestrations = catalog.NewGauge(Chaos, "mockforge_chaos_active_orchestrations", PerOrchestration, catalog.Spec{
		Help:  "Orchestrations running now." + unwritten,
		Unit:  unit.Count("orchestrations"),
		Range: catalog.AtLeast(0),
	})
	ChaosAssertionResultsTotal = catalog.NewCounter(Chaos, "mockforge_chaos_assertion_results_total", PerAssertion, catalog.Spec{
		Help: "Assertions evaluated." + unwritten,
		Unit: unit.Count("assertions"),
	})
	ChaosHookExecutionsTotal = catalog.NewCounter(Chaos, "mockforge_chaos_hook_executions_total", PerHook, catalog.Spec{
		Help: "Hooks run." + unwritten,
		Unit: unit.Count("executions"),
	})
	ChaosRecommendations = catalog.NewGauge(Chaos, "mockforge_chaos_recommendations_total", PerAdvice, catalog.Spec{
		Help:   "Recommendations that stand." + unwritten,
		Unit:   unit.Count("recommendations"),
		Range:  catalog.AtLeast(0),
		Naming: "the server has had this name since its first release with the metric; the number falls when a recommendation is settled",
	})
	ChaosImpactScore = catalog.NewGauge(Chaos, "mockforge_chaos_impact_score", PerTimeWindow, catalog.Spec{
		Help:  "Impact of the chaos on the service: 0 none, 1 total." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
)
