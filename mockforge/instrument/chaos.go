package instrument

import (
	"sync"
	"time"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// Mode is the scenario that the server plays as a whole.
type Mode int

// The modes, with the numbers that the metric has for them.
const (
	Healthy Mode = iota
	Degraded
	Failing
	ChaosMode
)

// Scenario records the mode of the server.
type Scenario struct {
	mode     *instrument.GaugeSeries
	triggers *instrument.CounterSeries
}

func newScenario(r *instrument.Registry) *Scenario {
	return &Scenario{instrument.OnlyGauge(r, metrics.ActiveScenarioMode), instrument.OnlyCounter(r, metrics.ChaosTriggersTotal)}
}

// Set records the mode that the server is in now. Going over to chaos is a trigger.
func (s *Scenario) Set(m Mode) {
	if m == ChaosMode && s.mode.Value() != float64(ChaosMode) {
		s.triggers.Inc()
	}
	s.mode.Set(float64(m))
}

// Chaos records what is done to single requests on purpose.
type Chaos struct {
	scenarios  instrument.Counter[metrics.ScenarioLabels]
	faults     instrument.Counter[metrics.FaultLabels]
	latency    instrument.Histogram[metrics.EndpointLabels]
	jitter     instrument.Histogram[metrics.EndpointLabels]
	throttle   instrument.Histogram[metrics.ThrottleLabels]
	limited    instrument.Counter[metrics.EndpointLabels]
	circuit    instrument.Gauge[metrics.CircuitLabels]
	bulkhead   instrument.Gauge[metrics.BulkheadLabels]
	step       instrument.Histogram[metrics.StepLabels]
	runs       instrument.Counter[metrics.OrchestrationRunLabels]
	running    instrument.Gauge[metrics.OrchestrationLabels]
	assertions instrument.Counter[metrics.AssertionLabels]
	hooks      instrument.Counter[metrics.HookLabels]
	advice     instrument.Gauge[metrics.AdviceLabels]
	impact     instrument.Gauge[metrics.TimeWindowLabels]
}

func newChaos(r *instrument.Registry) *Chaos {
	return &Chaos{
		scenarios: instrument.NewCounter(r, metrics.ChaosScenariosTotal), faults: instrument.NewCounter(r, metrics.ChaosFaultsTotal),
		latency: instrument.NewHistogram(r, metrics.ChaosLatency), jitter: instrument.NewHistogram(r, metrics.ChaosJitter),
		throttle: instrument.NewHistogram(r, metrics.ChaosBandwidthThrottle), limited: instrument.NewCounter(r, metrics.ChaosRateLimitViolationsTotal),
		circuit: instrument.NewGauge(r, metrics.ChaosCircuitBreakerState), bulkhead: instrument.NewGauge(r, metrics.ChaosBulkheadConcurrentRequests),
		step: instrument.NewHistogram(r, metrics.ChaosOrchestrationStepDuration), runs: instrument.NewCounter(r, metrics.ChaosOrchestrationExecutionsTotal),
		running: instrument.NewGauge(r, metrics.ChaosActiveOrchestrations), assertions: instrument.NewCounter(r, metrics.ChaosAssertionResultsTotal),
		hooks: instrument.NewCounter(r, metrics.ChaosHookExecutionsTotal), advice: instrument.NewGauge(r, metrics.ChaosRecommendations),
		impact: instrument.NewGauge(r, metrics.ChaosImpactScore),
	}
}

// Scenario records a scenario of a kind that ended.
func (c *Chaos) Scenario(kind string, ok bool) {
	// Both series are there from the first run of a kind, so that what does not fail is seen as 0.
	succeeded := c.scenarios.With(metrics.PerScenario.Of(metrics.ScenarioType.Value(kind), metrics.ChaosSuccess))
	failed := c.scenarios.With(metrics.PerScenario.Of(metrics.ScenarioType.Value(kind), metrics.ChaosFailure))
	if ok {
		succeeded.Inc()
	} else {
		failed.Inc()
	}
}

// Fault records a fault that was injected into a request of an endpoint.
func (c *Chaos) Fault(kind metrics.FaultValue, endpoint string) {
	c.faults.With(metrics.PerFault.Of(kind, metrics.Endpoint.Value(endpoint))).Inc()
}

// Delayed records the latency that a request was delayed by, and the part of it that was jitter.
func (c *Chaos) Delayed(endpoint string, by, jitter time.Duration) {
	c.latency.With(metrics.PerEndpoint.Of(metrics.Endpoint.Value(endpoint))).Observe(milliseconds(by))
	if jitter > 0 {
		c.jitter.With(metrics.PerEndpoint.Of(metrics.Endpoint.Value(endpoint))).Observe(milliseconds(jitter))
	}
}

// Throttled records how long bytes were held back.
func (c *Chaos) Throttled(endpoint string, d metrics.DirectionValue, by time.Duration) {
	c.throttle.With(metrics.PerThrottle.Of(metrics.Endpoint.Value(endpoint), d)).Observe(milliseconds(by))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// RateLimited records a request beyond the limit of an endpoint.
func (c *Chaos) RateLimited(endpoint string) {
	c.limited.With(metrics.PerEndpoint.Of(metrics.Endpoint.Value(endpoint))).Inc()
	c.Fault(metrics.FaultRateLimit, endpoint)
}

// Circuit records the state of a circuit breaker, by the numbers of the metric: 0 closed, 1 open, 2 half-open.
func (c *Chaos) Circuit(name string, state int) {
	c.circuit.With(metrics.PerCircuit.Of(metrics.Circuit.Value(name))).Set(float64(state))
}

// Enter records a request within a bulkhead, and returns what ends it, once.
func (c *Chaos) Enter(bulkhead string) (leave func()) {
	g := c.bulkhead.With(metrics.PerBulkhead.Of(metrics.Bulkhead.Value(bulkhead)))
	g.Inc()
	return sync.OnceFunc(g.Dec)
}

// Orchestration records that an orchestration runs, and returns what ends it, once.
func (c *Chaos) Orchestration(name string) (end func(ok bool)) {
	o := metrics.Orchestration.Value(name)
	g := c.running.With(metrics.PerOrchestration.Of(o))
	g.Inc()
	var once sync.Once
	return func(ok bool) {
		once.Do(func() {
			g.Dec()
			status := metrics.ChaosSuccess
			if !ok {
				status = metrics.ChaosFailure
			}
			c.runs.With(metrics.PerOrchestrationRun.Of(o, status)).Inc()
		})
	}
}

// Step records how long a step of an orchestration took.
func (c *Chaos) Step(orchestration, step string, took time.Duration) {
	c.step.With(metrics.PerStep.Of(metrics.Orchestration.Value(orchestration), metrics.Step.Value(step))).Observe(took.Seconds())
}

// Asserted records an assertion of an orchestration.
func (c *Chaos) Asserted(orchestration string, ok bool) {
	result := metrics.AssertionPassed
	if !ok {
		result = metrics.AssertionFailed
	}
	c.assertions.With(metrics.PerAssertion.Of(metrics.Orchestration.Value(orchestration), result)).Inc()
}

// Hook records a hook that ran.
func (c *Chaos) Hook(kind string, ok bool) {
	status := metrics.ChaosSuccess
	if !ok {
		status = metrics.ChaosFailure
	}
	c.hooks.With(metrics.PerHook.Of(metrics.HookType.Value(kind), status)).Inc()
}

// Recommends records how many recommendations of a category and severity there are now.
func (c *Chaos) Recommends(category, severity string, n int) {
	c.advice.With(metrics.PerAdvice.Of(metrics.AdviceCategory.Value(category), metrics.AdviceSeverity.Value(severity))).Set(float64(n))
}

// Impact records the impact that was scored over a window, such as 5m, from 0 to 1.
func (c *Chaos) Impact(window string, score float64) {
	c.impact.With(metrics.PerTimeWindow.Of(metrics.TimeWindow.Value(window))).Set(score)
}
