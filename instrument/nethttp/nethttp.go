// Package nethttp observes the requests that a server of net/http answers.
package nethttp

import (
	"bufio"
	"net"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"
)

// Request is a request that was answered.
type Request struct {
	*http.Request
	// Pattern is the router's template that the request matched, "" where none is known.
	Pattern string
	// Status is the answer's; 500 where the handler panicked before it sent one, 101 or 0 after a hijack.
	Status int
	// Written is the size of the answer's body, in bytes.
	Written int64
	Took    time.Duration
	// Panicked says that the handler did not return. The panic is passed on.
	Panicked bool
	// Hijacked says that the handler took the connection over, as one for WebSocket does.
	Hijacked bool
}

// Observer is told of each request when it comes in, and by what it returns, when it was answered: once for each, also
// where the handler panics.
type Observer func(*http.Request) (done func(Request))

// Option adjusts the middleware.
type Option func(*middleware)

// WithPattern sets where the router's template comes from, once the request was answered. The usual is what the ServeMux
// of net/http sets. For chi, with the middleware among those of its router:
//
//	nethttp.WithPattern(func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() })
//
// A router whose handlers have a context of their own, such as gin, tells the template by SetPattern instead:
//
//	engine.Use(func(c *gin.Context) { nethttp.SetPattern(c.Request.Context(), c.FullPath()) })
func WithPattern(f func(*http.Request) string) Option {
	return func(m *middleware) { m.pattern = f }
}

type middleware struct {
	observe Observer
	pattern func(*http.Request) string
}

// Middleware returns a handler that observes another one. What the other one can do with its answer (flush, hijack, push,
// read from a file) it still can.
func Middleware(next http.Handler, observe Observer, options ...Option) http.Handler {
	m := &middleware{observe: observe, pattern: func(r *http.Request) string { return r.Pattern }}
	for _, o := range options {
		o(m)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.serve(next, w, r) })
}

func (m *middleware) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	done := m.observe(r)
	if done == nil {
		next.ServeHTTP(w, r)
		return
	}
	holder := &patternHolder{}
	r = r.WithContext(withHolder(r.Context(), holder))
	start := time.Now()
	var metrics httpsnoop.Metrics
	hijacked := false
	w = httpsnoop.Wrap(w, httpsnoop.Hooks{Hijack: func(f httpsnoop.HijackFunc) httpsnoop.HijackFunc {
		return func() (net.Conn, *bufio.ReadWriter, error) {
			c, rw, err := f()
			hijacked = hijacked || err == nil
			return c, rw, err
		}
	}})
	returned := false
	defer func() {
		out := Request{Request: r, Status: metrics.Code, Written: metrics.Written, Took: time.Since(start), Panicked: !returned, Hijacked: hijacked}
		if out.Pattern = holder.pattern; out.Pattern == "" {
			out.Pattern = m.pattern(r)
		}
		switch {
		case out.Status != 0 || hijacked:
		case out.Panicked && out.Written == 0:
			out.Status = http.StatusInternalServerError
		default: // as the server itself sends it
			out.Status = http.StatusOK
		}
		done(out)
	}()
	metrics.CaptureMetrics(w, func(w http.ResponseWriter) { next.ServeHTTP(w, r) })
	returned = true
}
