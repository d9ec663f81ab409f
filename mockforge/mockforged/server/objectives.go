package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/obsgen/obsgen/instrument/grpcserver"
	"github.com/obsgen/obsgen/instrument/nethttp"
	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// The protocols that have objectives, as places in arrays.
const (
	httpProtocol = iota
	grpcProtocol
	graphQLProtocol
	protocols
)

// window is the time over which the server weighs itself against its objectives.
const window = 5 * time.Minute

// objectives works out how the server does, as it sees itself.
type objectives struct {
	record *instrument.SLO
	mu     sync.Mutex
	slots  [window / (5 * time.Second)]struct {
		at     int64
		counts [protocols]struct{ all, failed, slow int }
	}
}

func newObjectives(record *instrument.SLO) *objectives { return &objectives{record: record} }

// observe counts a request.
func (o *objectives) observe(protocol int, failed bool, took time.Duration) {
	at := time.Now().Unix() / 5
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &o.slots[at%int64(len(o.slots))]
	if s.at != at {
		s.at = at
		clear(s.counts[:])
	}
	n := &s.counts[protocol]
	n.all++
	if failed {
		n.failed++
	}
	if took.Seconds() > metrics.FastEnough {
		n.slow++
	}
}

// web observes requests over HTTP.
func (o *objectives) web(*http.Request) func(nethttp.Request) {
	return func(r nethttp.Request) {
		if !r.Hijacked {
			o.observe(httpProtocol, r.Status >= 500, r.Took)
		}
	}
}

// calls observes calls over gRPC.
func (o *objectives) calls(context.Context, string) func(grpcserver.Call) {
	return func(c grpcserver.Call) { o.observe(grpcProtocol, c.Code != codes.OK, c.Took) }
}

// measure records the window up to now.
func (o *objectives) measure() {
	var sums [protocols]struct{ all, failed, slow int }
	now := time.Now().Unix() / 5
	o.mu.Lock()
	for _, s := range o.slots {
		if now-s.at >= int64(len(o.slots)) {
			continue
		}
		for i, n := range s.counts {
			sums[i].all += n.all
			sums[i].failed += n.failed
			sums[i].slow += n.slow
		}
	}
	o.mu.Unlock()
	for i, p := range [protocols]metrics.ProtocolValue{metrics.HTTP, metrics.GRPC, metrics.GraphQL} {
		if n := sums[i]; n.all > 0 {
			share := func(n, of int) float64 { return float64(n) / float64(of) }
			o.record.Window(p, 1-share(n.failed, n.all), share(n.slow, n.all) <= 1-metrics.FastShare, metrics.Availability)
		}
	}
}
