package instrument

import (
	"context"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/paths"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// Requests records what clients ask for over HTTP, gRPC and GraphQL. Its methods may be called from several goroutines.
type Requests struct {
	total    instrument.Counter[metrics.RequestLabels]
	duration instrument.Histogram[metrics.CallLabels]
	errors   instrument.Counter[metrics.FailureLabels]
	inFlight instrument.Gauge[metrics.ProtocolLabels]
	rate     instrument.Gauge[metrics.ProtocolLabels]

	byPath         instrument.Counter[metrics.PathStatusLabels]
	durationByPath instrument.Histogram[metrics.PathLabels]
	average        instrument.Gauge[metrics.PathLabels]

	routes *paths.Normalizer
	shares [3]share // of failures: HTTP, gRPC, GraphQL
	means  sync.Map // *instrument.GaugeSeries to *mean
}

// mean is a moving average.
type mean struct{ bits atomic.Uint64 }

// share counts what an error rate is made of.
type share struct{ failed, all atomic.Uint64 }

func newRequests(r *instrument.Registry) *Requests {
	q := &Requests{
		total: instrument.NewCounter(r, metrics.RequestsTotal), duration: instrument.NewHistogram(r, metrics.RequestDuration),
		errors: instrument.NewCounter(r, metrics.ErrorsTotal), inFlight: instrument.NewGauge(r, metrics.RequestsInFlight), rate: instrument.NewGauge(r, metrics.ErrorRate),
		byPath: instrument.NewCounter(r, metrics.RequestsByPathTotal), durationByPath: instrument.NewHistogram(r, metrics.RequestDurationByPath),
		average: instrument.NewGauge(r, metrics.AverageLatencyByPath), routes: routes(),
	}
	r.OnScrape(q.rates)
	return q
}

// HTTP records a request over HTTP without its path.
func (q *Requests) HTTP(ctx context.Context, verb string, status int, took time.Duration, pillar metrics.PillarValue) {
	q.record(ctx, 0, metrics.HTTP, metrics.Method.Value(verb), metrics.Status.Value(statusText(status)), pillar, took)
	q.failed(status, pillar)
}

// HTTPPath records a request over HTTP with its path: by the router's template where there is one, and otherwise with its
// identifiers replaced. The pillar follows from the path.
func (q *Requests) HTTPPath(ctx context.Context, verb, template, path string, status int, took time.Duration) {
	route := q.routes.Template(template, path)
	q.byPath.With(metrics.PerPathStatus.Of(metrics.Path.Value(route), metrics.HTTPMethod.Value(verb), metrics.HTTPStatus.Value(statusText(status)))).Inc()
	key := metrics.PerPath.Of(metrics.Path.Value(route), metrics.HTTPMethod.Value(verb))
	q.durationByPath.With(key).ObserveContext(ctx, took.Seconds())
	average := q.average.With(key)
	average.Set(q.mean(average, took.Seconds()))
	q.HTTP(ctx, verb, status, took, PillarOf(path))
}

// mean returns the moving average of a series with one more sample: 95% of the old value, 5% of the new one. There are as
// many as there are series, whatever clients invent.
func (q *Requests) mean(of *instrument.GaugeSeries, seconds float64) float64 {
	x, seen := q.means.LoadOrStore(of, &mean{})
	m := x.(*mean)
	if !seen {
		m.bits.Store(math.Float64bits(seconds))
		return seconds
	}
	for {
		old := m.bits.Load()
		next := 0.95*math.Float64frombits(old) + 0.05*seconds
		if m.bits.CompareAndSwap(old, math.Float64bits(next)) {
			return next
		}
	}
}

// GRPC records a call over gRPC, of a method such as Greeter::Hello. A failed call is observed with the time it took,
// which the Rust server's is not.
func (q *Requests) GRPC(ctx context.Context, method string, ok bool, took time.Duration, pillar metrics.PillarValue) {
	status := metrics.StatusOK
	if !ok {
		status = metrics.StatusError
		q.errors.With(metrics.PerFailure.Of(metrics.GRPC, metrics.GRPCError, pillar)).Inc()
		q.shares[1].failed.Add(1)
	}
	q.record(ctx, 1, metrics.GRPC, metrics.Method.Value(method), status, pillar, took)
}

// GraphQL records an operation over GraphQL.
func (q *Requests) GraphQL(ctx context.Context, status int, failed bool, took time.Duration) {
	q.record(ctx, 2, metrics.GraphQL, metrics.GraphQLQuery, metrics.Status.Value(statusText(status)), metrics.PillarContracts, took)
	if failed || status >= 400 {
		q.errors.With(metrics.PerFailure.Of(metrics.GraphQL, metrics.GraphQLError, metrics.PillarContracts)).Inc()
		q.shares[2].failed.Add(1)
	}
}

func (q *Requests) record(ctx context.Context, i int, protocol metrics.ProtocolValue, method metrics.MethodValue, status metrics.StatusValue, pillar metrics.PillarValue, took time.Duration) {
	q.shares[i].all.Add(1)
	q.total.With(metrics.PerRequest.Of(protocol, method, status, pillar)).Inc()
	q.duration.With(metrics.PerCall.Of(protocol, method, pillar)).ObserveContext(ctx, took.Seconds())
}

func (q *Requests) failed(status int, pillar metrics.PillarValue) {
	switch {
	case status >= 500:
		q.errors.With(metrics.PerFailure.Of(metrics.HTTP, metrics.ServerError, pillar)).Inc()
	case status >= 400:
		q.errors.With(metrics.PerFailure.Of(metrics.HTTP, metrics.ClientError, pillar)).Inc()
	default:
		return
	}
	q.shares[0].failed.Add(1)
}

// Begin counts a request over HTTP or GraphQL that is being served, and returns what ends it. Calling that more than once
// ends it once.
func (q *Requests) Begin(graphQL bool) (end func()) {
	protocol := metrics.HTTP
	if graphQL {
		protocol = metrics.GraphQL
	}
	g := q.inFlight.With(metrics.PerProtocol.Of(protocol))
	g.Inc()
	return sync.OnceFunc(g.Dec)
}

// rates sets the shares of failures since the start, when somebody scrapes.
func (q *Requests) rates() {
	set := func(i int, k catalog.Key[metrics.ProtocolLabels]) {
		if all := q.shares[i].all.Load(); all > 0 {
			q.rate.With(k).Set(min(1, float64(q.shares[i].failed.Load())/float64(all)))
		}
	}
	set(0, metrics.PerProtocol.Of(metrics.HTTP))
	set(1, metrics.PerProtocol.Of(metrics.GRPC))
	set(2, metrics.PerProtocol.Of(metrics.GraphQL))
}

// segments are the words of paths that belong to a pillar. They are compared with whole segments: /airports is no AI.
var segments = map[string]metrics.PillarValue{
	"reality": metrics.PillarReality, "mock": metrics.PillarReality, "mocks": metrics.PillarReality, "chaos": metrics.PillarReality, "scenarios": metrics.PillarReality, "personas": metrics.PillarReality, "behavior": metrics.PillarReality, "snapshots": metrics.PillarReality,
	"contracts": metrics.PillarContracts, "contract": metrics.PillarContracts, "drift": metrics.PillarContracts, "openapi": metrics.PillarContracts, "graphql": metrics.PillarContracts, "validation": metrics.PillarContracts, "schema": metrics.PillarContracts,
	"sdk": metrics.PillarDevX, "playground": metrics.PillarDevX, "plugins": metrics.PillarDevX, "devx": metrics.PillarDevX, "admin": metrics.PillarDevX, "docs": metrics.PillarDevX,
	"cloud": metrics.PillarCloud, "workspace": metrics.PillarCloud, "workspaces": metrics.PillarCloud, "org": metrics.PillarCloud, "orgs": metrics.PillarCloud, "marketplace": metrics.PillarCloud, "registry": metrics.PillarCloud, "collab": metrics.PillarCloud, "federation": metrics.PillarCloud,
	"ai": metrics.PillarAI, "mockai": metrics.PillarAI, "llm": metrics.PillarAI, "intelligence": metrics.PillarAI,
}

// PillarOf returns the pillar of a path, by its first segment that belongs to one.
func PillarOf(path string) metrics.PillarValue {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	for path != "" {
		segment := path
		if i := strings.IndexByte(path, '/'); i >= 0 {
			segment, path = path[:i], path[i+1:]
		} else {
			path = ""
		}
		if p, ok := segments[segment]; ok {
			return p
		}
		if p, ok := segments[strings.ToLower(segment)]; ok {
			return p
		}
	}
	return metrics.PillarUnknown
}

// statusTexts are the numbers of all statuses as texts, so that none is made while a request is served.
var statusTexts = func() (out [600]string) {
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}()

func statusText(status int) string {
	if status < 100 || status >= len(statusTexts) {
		return statusTexts[500]
	}
	return statusTexts[status]
}
