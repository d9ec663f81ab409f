package server

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"github.com/obsgen/obsgen/instrument/nethttp"
	recorders "github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// chaos is the mode that the server is in, what that does to requests, and what protects some of them.
type chaos struct {
	s    *Server
	mode atomic.Pointer[mode]
	open atomic.Int64 // connections

	circuits  map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]
	bulkheads map[string]chan struct{}

	recent  outcomes // of the last minute
	running sync.Mutex
}

// mode is a mode that the server is in.
type mode struct {
	name string
	*faults
}

func newChaos(s *Server) *chaos {
	c := &chaos{s: s, circuits: map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]{}, bulkheads: map[string]chan struct{}{}}
	for name, spec := range s.config.Circuits {
		s.recorder.Chaos.Circuit(name, circuitState(gobreaker.StateClosed))
		c.circuits[name] = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
			Name: name, Timeout: time.Duration(spec.Open),
			ReadyToTrip:   func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= spec.Failures },
			OnStateChange: func(name string, _, to gobreaker.State) { s.recorder.Chaos.Circuit(name, circuitState(to)) },
		})
	}
	for name, most := range s.config.Bulkheads {
		c.bulkheads[name] = make(chan struct{}, most)
	}
	c.calm()
	return c
}

// circuitState returns a state by the number that the metric has for it.
func circuitState(state gobreaker.State) int {
	return map[gobreaker.State]int{gobreaker.StateClosed: 0, gobreaker.StateOpen: 1, gobreaker.StateHalfOpen: 2}[state]
}

// calm ends every fault.
func (c *chaos) calm() { _ = c.set(modeName(recorders.Healthy)) }

func modeName(m recorders.Mode) string {
	for name, v := range modes {
		if v == m {
			return name
		}
	}
	return ""
}

// set changes the mode.
func (c *chaos) set(name string) error {
	m, ok := modes[name]
	if !ok {
		return fmt.Errorf("there is no mode %q", name)
	}
	f := c.s.config.Modes[name]
	if f == nil {
		f = &faults{}
	}
	c.mode.Store(&mode{name, f})
	c.s.recorder.Scenario.Set(m)
	return nil
}

// draws says whether a fault is to be injected now.
func (c *chaos) draws(f metrics.FaultValue) bool {
	share := c.mode.Load().Faults[f.String()]
	return share > 0 && rand.Float64() < share
}

// wait waits as long as an answer takes in the mode that the server is in. It returns false where ctx ends first.
func (c *chaos) wait(ctx context.Context, d time.Duration) bool {
	if slow := c.mode.Load().Slowdown; slow > 0 {
		d = time.Duration(float64(d) * slow)
	}
	return Sleep(ctx, d)
}

// Sleep waits so long, and reports whether it did: not where the context ended before.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// around injects the mode's faults into the requests of a router.
func (c *chaos) around(next *http.ServeMux) http.Handler {
	record := c.s.recorder.Chaos
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := next.Handler(r)
		if pattern == "" { // nothing is there
			next.ServeHTTP(w, r)
			return
		}
		nethttp.SetPattern(r.Context(), pattern)
		endpoint := endpointOf(pattern)
		status := http.StatusInternalServerError
		defer func() { c.recent.add(endpoint, status >= 500) }()
		m := c.mode.Load()
		if m.Latency.Share > 0 && rand.Float64() < m.Latency.Share {
			jitter := time.Duration(rand.Float64() * float64(m.Latency.Jitter))
			by := time.Duration(m.Latency.By) + jitter
			record.Delayed(endpoint, by, jitter)
			if jitter > 0 {
				record.Fault(metrics.FaultJitter, endpoint)
			}
			Sleep(r.Context(), by)
		}
		switch {
		case c.draws(metrics.FaultHTTPError):
			record.Fault(metrics.FaultHTTPError, endpoint)
			status = []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}[rand.IntN(3)]
			http.Error(w, `{"error":"injected"}`, status)
			return
		case c.draws(metrics.FaultTimeout):
			record.Fault(metrics.FaultTimeout, endpoint)
			Sleep(r.Context(), 2*time.Second)
			status = http.StatusGatewayTimeout
			http.Error(w, `{"error":"injected"}`, status)
			return
		case c.draws(metrics.FaultPacketLoss): // what was lost is sent again, a while later
			record.Fault(metrics.FaultPacketLoss, endpoint)
			Sleep(r.Context(), 200*time.Millisecond)
		case c.draws(metrics.FaultConnectionError):
			record.Fault(metrics.FaultConnectionError, endpoint)
			panic(http.ErrAbortHandler)
		}
		held := &heldBack{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(held, r)
		status = held.status
		c.send(w, r, held, endpoint, m)
	})
}

// endpointOf returns the path of a pattern of net/http.
func endpointOf(pattern string) string {
	for i := range pattern {
		if pattern[i] == '/' {
			return pattern[i:]
		}
	}
	return pattern
}

// heldBack is an answer that was not sent yet.
type heldBack struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header of the answer.
func (h *heldBack) Header() http.Header { return h.header }

// WriteHeader sets the status.
func (h *heldBack) WriteHeader(status int) { h.status = status }

// Write keeps a part of the body.
func (h *heldBack) Write(p []byte) (int, error) { return h.body.Write(p) }

// send sends an answer, with what the mode does to its body.
func (c *chaos) send(w http.ResponseWriter, r *http.Request, held *heldBack, endpoint string, m *mode) {
	record, body := c.s.recorder.Chaos, held.body.Bytes()
	if len(body) == 0 {
		w.WriteHeader(held.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if c.draws(metrics.FaultPayloadCorruption) {
		record.Fault(metrics.FaultPayloadCorruption, endpoint)
		body[rand.IntN(len(body))] ^= 0x15
	}
	w.WriteHeader(held.status)
	if c.draws(metrics.FaultPartialResponse) {
		record.Fault(metrics.FaultPartialResponse, endpoint)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	if m.Bandwidth > 0 && c.draws(metrics.FaultBandwidthThrottle) {
		record.Fault(metrics.FaultBandwidthThrottle, endpoint)
		by := time.Duration(float64(len(body)) / m.Bandwidth * float64(time.Second))
		record.Throttled(endpoint, metrics.DirectionResponse, by)
		for len(body) > 0 && Sleep(r.Context(), by/4) {
			n := min(len(body), max(1, held.body.Len()/4))
			_, _ = w.Write(body[:n])
			_ = http.NewResponseController(w).Flush()
			body = body[n:]
		}
		return
	}
	_, _ = w.Write(body)
}

// protect returns the handler of a mock behind its limit of requests, its bulkhead and its circuit breaker.
func (c *chaos) protect(m *mock, next http.Handler) http.Handler {
	record := c.s.recorder.Chaos
	if m.Circuit != "" {
		breaker, inner := c.circuits[m.Circuit], next
		next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			done, err := breaker.Allow()
			if err != nil {
				http.Error(w, `{"error":"`+err.Error()+`"}`, http.StatusServiceUnavailable)
				return
			}
			answer := nethttp.Request{Status: http.StatusInternalServerError}
			defer func() {
				if answer.Status >= 500 {
					done(fmt.Errorf("status %d", answer.Status))
					return
				}
				done(nil)
			}()
			if c.draws(metrics.FaultHTTPError) { // of what is behind the breaker
				record.Fault(metrics.FaultHTTPError, m.path)
				http.Error(w, `{"error":"injected"}`, http.StatusBadGateway)
				return
			}
			nethttp.Middleware(inner, func(*http.Request) func(nethttp.Request) {
				return func(q nethttp.Request) { answer = q }
			}).ServeHTTP(w, r)
		})
	}
	if m.Bulkhead != "" {
		places, inner := c.bulkheads[m.Bulkhead], next
		next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
				defer record.Enter(m.Bulkhead)()
				inner.ServeHTTP(w, r)
			default:
				http.Error(w, `{"error":"too many at once"}`, http.StatusServiceUnavailable)
			}
		})
	}
	if m.Limit > 0 {
		limiter, inner := rate.NewLimiter(rate.Limit(m.Limit), max(1, int(m.Limit))), next
		next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !limiter.Allow() {
				record.RateLimited(m.path)
				w.Header().Set("Retry-After", "1")
				http.Error(w, `{"error":"too many requests"}`, http.StatusTooManyRequests)
				return
			}
			inner.ServeHTTP(w, r)
		})
	}
	return next
}

// listener returns a listener some of whose connections are cut before anything is read from them.
func (c *chaos) listener(l net.Listener) net.Listener { return &cut{l, c} }

type cut struct {
	net.Listener
	c *chaos
}

// Accept returns the next connection that is not cut.
func (l *cut) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		record, endpoint := l.c.s.recorder.Chaos, metrics.Listener.String()
		most := l.c.mode.Load().Connections
		switch {
		case most > 0 && l.c.open.Load() >= most:
			record.Fault(metrics.FaultConnectionLimit, endpoint)
		case l.c.draws(metrics.FaultTCPReset):
			record.Fault(metrics.FaultTCPReset, endpoint)
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // so that closing it resets it
			}
		case l.c.draws(metrics.FaultTCPClose):
			record.Fault(metrics.FaultTCPClose, endpoint)
		default:
			l.c.open.Add(1)
			return &counted{Conn: conn, closed: sync.OnceFunc(func() { l.c.open.Add(-1) })}, nil
		}
		_ = conn.Close()
	}
}

type counted struct {
	net.Conn
	closed func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.closed()
	return c.Conn.Close()
}
