package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Label sets of the request metrics.
var (
	PerRequest    = catalog.By4(Protocol, Method, Status, Pillar)
	PerCall       = catalog.By3(Protocol, Method, Pillar)
	PerFailure    = catalog.By3(Protocol, ErrorType, Pillar)
	PerProtocol   = catalog.By1(Protocol)
	PerPathStatus = catalog.By3(Path, HTTPMethod, HTTPStatus)
	PerPath       = catalog.By2(Path, HTTPMethod)
)

// Types of the label sets, for the code that writes the metrics.
type (
	RequestLabels    = catalog.Labels4[protocol, method, status, pillar]
	CallLabels       = catalog.Labels3[protocol, method, pillar]
	FailureLabels    = catalog.Labels3[protocol, errorType, pillar]
	ProtocolLabels   = catalog.Labels1[protocol]
	PathStatusLabels = catalog.Labels3[path, httpMethod, httpStatus]
	PathLabels       = catalog.Labels2[path, httpMethod]
)

// Requests covers HTTP, gRPC and GraphQL together. A gRPC call that fails is observed in
// RequestDuration as 0 s and pulls its quantiles down; gRPC does not take part in RequestsInFlight.
// The by-path metrics are HTTP's alone.
var Requests = catalog.NewGroup("Requests", catalog.GroupSpec{
	Help:  "What clients asked for over HTTP, gRPC and GraphQL, and how it went.",
	Owner: CoreTeam,
})

// Metrics of Requests.
var (
	RequestsTotal = catalog.NewCounter(Requests, "mockforge_requests_total", PerRequest, catalog.Spec{
		Help: "Requests finished, of every request/response protocol.",
		Unit: unit.Requests,
	})
	RequestDuration = catalog.NewHistogram(Requests, "mockforge_request_duration_seconds", PerCall, catalog.Spec{
		Help:    "Time from receiving a request to having its answer. A failed gRPC call is observed as 0 s.",
		Unit:    unit.Seconds,
		Buckets: requestBuckets,
	})
	RequestsInFlight = catalog.NewGauge(Requests, "mockforge_requests_in_flight", PerProtocol, catalog.Spec{
		Help:  "Requests being served now, over HTTP and GraphQL. Open WebSocket, SMTP and gRPC connections are not in it.",
		Unit:  unit.Requests,
		Range: catalog.AtLeast(0),
	})
	ErrorsTotal = catalog.NewCounter(Requests, "mockforge_errors_total", PerFailure, catalog.Spec{
		Help:   "Requests failed, by class. Includes HTTP 4xx as client_error, so it does not measure the server's own faults.",
		Unit:   unit.Errors,
		PartOf: RequestsTotal,
	})
	ErrorRate = catalog.NewGauge(Requests, "mockforge_error_rate", PerProtocol, catalog.Spec{
		Help:  "Share of requests that failed." + unwritten,
		Unit:  unit.Ratio,
		Range: catalog.Range{Min: 0, Max: 1},
	})
	RequestsByPathTotal = catalog.NewCounter(Requests, "mockforge_requests_by_path_total", PerPathStatus, catalog.Spec{
		Help: "HTTP requests finished, by normalized path." + unwritten,
		Unit: unit.Requests,
	})
	RequestDurationByPath = catalog.NewHistogram(Requests, "mockforge_request_duration_by_path_seconds", PerPath, catalog.Spec{
		Help:    "Time from receiving an HTTP request to having its answer, by normalized path." + unwritten,
		Unit:    unit.Seconds,
		Buckets: requestBuckets,
	})
	AverageLatencyByPath = catalog.NewGauge(Requests, "mockforge_average_latency_by_path_seconds", PerPath, catalog.Spec{
		Help: "Moving average of the latency, by normalized path: 95% of the old value and 5% of each new " +
			"sample. Without traffic it keeps its last value." + unwritten,
		Unit:  unit.Seconds,
		Range: catalog.AtLeast(0),
	})
)
