package metrics

import "github.com/obsgen/obsgen/catalog"

type (
	faultType      struct{}
	direction      struct{}
	scenarioType   struct{}
	chaosStatus    struct{}
	circuit        struct{}
	bulkhead       struct{}
	orchestration  struct{}
	step           struct{}
	assertion      struct{}
	hookType       struct{}
	adviceCategory struct{}
	adviceSeverity struct{}
	timeWindow     struct{}
)

// Faults that the server injects. The two of TCP have the endpoint Listener.
var (
	FaultRateLimit         = catalog.V[faultType]("rate_limit")
	FaultConnectionLimit   = catalog.V[faultType]("connection_limit")
	FaultPacketLoss        = catalog.V[faultType]("packet_loss")
	FaultJitter            = catalog.V[faultType]("jitter")
	FaultHTTPError         = catalog.V[faultType]("http_error")
	FaultConnectionError   = catalog.V[faultType]("connection_error")
	FaultTimeout           = catalog.V[faultType]("timeout")
	FaultBandwidthThrottle = catalog.V[faultType]("bandwidth_throttle")
	FaultPartialResponse   = catalog.V[faultType]("partial_response")
	FaultPayloadCorruption = catalog.V[faultType]("payload_corruption")
	FaultTCPReset          = catalog.V[faultType]("tcp_reset")
	FaultTCPClose          = catalog.V[faultType]("tcp_close")

	FaultType = catalog.OneOf("fault_type", "Fault that was injected.",
		FaultRateLimit, FaultConnectionLimit, FaultPacketLoss, FaultJitter,
		FaultHTTPError, FaultConnectionError, FaultTimeout, FaultBandwidthThrottle,
		FaultPartialResponse, FaultPayloadCorruption, FaultTCPReset, FaultTCPClose)
)

// Which way throttled bytes went, and how what was run ended.
var (
	DirectionRequest  = catalog.V[direction]("request")
	DirectionResponse = catalog.V[direction]("response")

	AssertionPassed = catalog.V[assertion]("passed")
	AssertionFailed = catalog.V[assertion]("failed")

	ChaosSuccess = catalog.V[chaosStatus]("success")
	ChaosFailure = catalog.V[chaosStatus]("failure")

	Direction       = catalog.OneOf("direction", "Which way the throttled bytes went.", DirectionRequest, DirectionResponse)
	ChaosStatus     = catalog.OneOf("status", "How the scenario, orchestration or hook ended.", ChaosSuccess, ChaosFailure)
	AssertionResult = catalog.OneOf("result", "How the assertion ended.", AssertionPassed, AssertionFailed)
)

// Labels whose values come from the user's configuration.
var (
	ScenarioType   = catalog.AtMost[scenarioType](10, "scenario_type", "Kind of scenario.")
	Circuit        = catalog.AtMost[circuit](20, "circuit_name", "Name of the circuit breaker.")
	Bulkhead       = catalog.AtMost[bulkhead](20, "bulkhead_name", "Name of the bulkhead.")
	Orchestration  = catalog.AtMost[orchestration](20, "orchestration", "Name of the orchestration.")
	Step           = catalog.AtMost[step](10, "step", "Name of the orchestration's step.")
	HookType       = catalog.AtMost[hookType](10, "hook_type", "Kind of hook.")
	AdviceCategory = catalog.AtMost[adviceCategory](10, "category", "What the recommendation is about.")
	AdviceSeverity = catalog.AtMost[adviceSeverity](5, "severity", "How urgent the recommendation is.")
	TimeWindow     = catalog.AtMost[timeWindow](5, "time_window", "Window over which the impact was scored.")
)

// Label sets of the chaos metrics.
var (
	PerScenario         = catalog.By2(ScenarioType, ChaosStatus)
	PerFault            = catalog.By2(FaultType, Endpoint)
	PerEndpoint         = catalog.By1(Endpoint)
	PerThrottle         = catalog.By2(Endpoint, Direction)
	PerCircuit          = catalog.By1(Circuit)
	PerBulkhead         = catalog.By1(Bulkhead)
	PerStep             = catalog.By2(Orchestration, Step)
	PerOrchestrationRun = catalog.By2(Orchestration, ChaosStatus)
	PerOrchestration    = catalog.By1(Orchestration)
	PerAssertion        = catalog.By2(Orchestration, AssertionResult)
	PerHook             = catalog.By2(HookType, ChaosStatus)
	PerAdvice           = catalog.By2(AdviceCategory, AdviceSeverity)
	PerTimeWindow       = catalog.By1(TimeWindow)
)

// Types of the label sets, for the code that writes the metrics.
type (
	ScenarioLabels         = catalog.Labels2[scenarioType, chaosStatus]
	FaultLabels            = catalog.Labels2[faultType, endpoint]
	EndpointLabels         = catalog.Labels1[endpoint]
	ThrottleLabels         = catalog.Labels2[endpoint, direction]
	CircuitLabels          = catalog.Labels1[circuit]
	BulkheadLabels         = catalog.Labels1[bulkhead]
	StepLabels             = catalog.Labels2[orchestration, step]
	OrchestrationRunLabels = catalog.Labels2[orchestration, chaosStatus]
	OrchestrationLabels    = catalog.Labels1[orchestration]
	AssertionLabels        = catalog.Labels2[orchestration, assertion]
	HookLabels             = catalog.Labels2[hookType, chaosStatus]
	AdviceLabels           = catalog.Labels2[adviceCategory, adviceSeverity]
	TimeWindowLabels       = catalog.Labels1[timeWindow]
)
