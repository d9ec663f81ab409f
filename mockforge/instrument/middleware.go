package instrument

import (
	"context"
	"net/http"

	"google.golang.org/grpc/codes"

	"github.com/obsgen/obsgen/instrument/grpcserver"
	"github.com/obsgen/obsgen/instrument/mail"
	"github.com/obsgen/obsgen/instrument/nethttp"
	"github.com/obsgen/obsgen/instrument/websocket"
)

// What the recorders of sessions are handed to.
var (
	_ websocket.Recorder = (*Connection)(nil)
	_ mail.Recorder      = (*Session)(nil)
)

// Middleware returns a handler that records the requests over HTTP which another one answers. A request that becomes
// another protocol, such as WebSocket, is in flight until then and is not counted as one.
func (q *Requests) Middleware(next http.Handler, options ...nethttp.Option) http.Handler {
	return nethttp.Middleware(next, func(*http.Request) func(nethttp.Request) {
		end := q.Begin(false)
		return func(r nethttp.Request) {
			end()
			if !r.Hijacked {
				q.HTTPPath(r.Context(), r.Method, r.Pattern, r.URL.Path, r.Status, r.Took)
			}
		}
	}, options...)
}

// Calls observes the calls over gRPC, for the interceptors of the package instrument/grpcserver.
func (q *Requests) Calls() grpcserver.Observer {
	return func(ctx context.Context, _ string) func(grpcserver.Call) {
		return func(c grpcserver.Call) {
			q.GRPC(ctx, c.Service+"::"+c.Method, c.Code == codes.OK, c.Took, PillarOf(c.Full))
		}
	}
}
