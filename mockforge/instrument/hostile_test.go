package instrument_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/emersion/go-smtp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/instrument/grpcserver"
	"github.com/obsgen/obsgen/instrument/mail"
	"github.com/obsgen/obsgen/instrument/nethttp"
	"github.com/obsgen/obsgen/instrument/websocket/coder"
	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// hostile are what clients can send that no label may have, or that is odd.
var hostile = []string{
	"", "/\xff\xfe", "GET\x80", "/caf\xe9/\xe6\x97", "\xed\xa0\x80", "/a\x00b", "/a\"b\\c\nd", "} 1\n# EOF\n", "/日本", "/\ufffd", "other", strings.Repeat("/x", 1000),
}

// FuzzHTTP has requests of every method, path and pattern, as the middleware of net/http passes them on.
func FuzzHTTP(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, s, s, 200+100*i)
		f.Add("GET", s, "", 404)
		f.Add(s, "/a", "GET /a/{id}", 0)
	}
	f.Fuzz(func(t *testing.T, method, path, pattern string, code int) {
		r := recorder(t)
		h := r.Requests.Middleware(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			nethttp.SetPattern(req.Context(), pattern)
			if code >= 100 && code < 1000 {
				w.WriteHeader(code)
			}
			_, _ = io.WriteString(w, path)
		}))
		h.ServeHTTP(httptest.NewRecorder(), (&http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}}).WithContext(t.Context()))
		r.Requests.GraphQL(t.Context(), code, code%2 == 0, time.Millisecond)
		conform.Scrape(t, r.Handler())
	})
}

// FuzzGRPC has calls of every name, unary and of streams, with errors that say anything.
func FuzzGRPC(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, s, uint32(i))
		f.Add("/demo.v1.Greeter/"+s, "", uint32(0))
	}
	f.Fuzz(func(t *testing.T, full, message string, code uint32) {
		r := recorder(t)
		_, _ = grpcserver.Unary(r.Requests.Calls())(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: full}, func(context.Context, any) (any, error) {
			return nil, status.Error(codes.Code(code), message)
		})
		_ = grpcserver.Stream(r.Requests.Calls())(nil, stream{ctx: t.Context()}, &grpc.StreamServerInfo{FullMethod: full}, func(any, grpc.ServerStream) error {
			return fmt.Errorf("%s", message)
		})
		conform.Scrape(t, r.Handler())
	})
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

// FuzzSMTP sends bytes to an SMTP server, and refuses mails with a reply that they chose.
func FuzzSMTP(f *testing.F) {
	for i, s := range hostile {
		f.Add([]byte("EHLO "+s+"\r\nMAIL FROM:<"+s+"@a>\r\nRCPT TO:<b@"+s+">\r\nDATA\r\n"+s+"\r\n.\r\nQUIT\r\n"), 400+20*i, s)
		f.Add([]byte("EHLO a\r\nMAIL FROM:<a@a>\r\nRCPT TO:<b@a>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n"), 400+20*i, s)
	}
	f.Fuzz(func(t *testing.T, sent []byte, code int, message string) {
		r := recorder(t)
		server := smtp.NewServer(mail.Backend(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
			return refusing{&smtp.SMTPError{Code: code, Message: message}}, nil
		}), func(*smtp.Conn) mail.Recorder { return r.SMTP.Open() }))
		server.ReadTimeout, server.WriteTimeout, server.ErrorLog = time.Second, time.Second, quiet{}
		l := &one{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		client, conn := net.Pipe()
		l.conn <- conn
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Serve(l)
		}()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		_ = client.SetDeadline(time.Now().Add(time.Second))
		_, _ = client.Write(sent)
		_ = client.Close()
		_ = server.Close()
		<-done
		conform.Scrape(t, r.Handler())
	})
}

// refusing is a mailbox that refuses what comes in.
type refusing struct{ err error }

func (r refusing) Mail(string, *smtp.MailOptions) error { return nil }
func (r refusing) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (r refusing) Reset()                               {}
func (r refusing) Logout() error                        { return nil }
func (r refusing) Data(b io.Reader) error {
	_, _ = io.Copy(io.Discard, b)
	return r.err
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// one is a listener of one connection.
type one struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *one) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *one) Addr() net.Addr { return &net.TCPAddr{} }
func (l *one) Close() error {
	close(l.closed)
	return nil
}

// FuzzWebSocket has connections of clients of every name that send a message and close with every code and reason.
func FuzzWebSocket(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, []byte(s), 999+i, s)
	}
	f.Fuzz(func(t *testing.T, client string, message []byte, code int, reason string) {
		r := recorder(t)
		ended := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			defer close(ended)
			c, err := websocket.Accept(w, req, nil)
			if err != nil {
				return
			}
			_ = coder.Serve(req.Context(), c, r.WebSocket.Open(client), func(ctx context.Context, c *coder.Conn) error {
				_, _, err := c.Read(ctx)
				if err == nil {
					_, _, err = c.Read(ctx)
				}
				return err
			})
		}))
		defer server.Close()
		c, _, err := websocket.Dial(t.Context(), server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Write(t.Context(), websocket.MessageBinary, message)
		_ = c.Close(websocket.StatusCode(code), reason)
		_ = c.CloseNow()
		<-ended
		conform.Scrape(t, r.Handler())
	})
}

// FuzzRecorders passes texts to every recorder that takes one: the names of workspaces, topics, plugins, endpoints, errors and
// experiments that clients and guests choose.
func FuzzRecorders(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s, s)
		f.Add("a", s, "b")
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		r := recorder(t)
		r.Plugins.Run(a, b, time.Millisecond)
		r.Plugins.Run(a, "", time.Millisecond)
		r.MQTT.Failed(a)
		s := r.SMTP.Open()
		s.Failed(b)
		s.Close()
		r.WebSocket.Open(a).Close(metrics.CloseNormal, 1000)
		r.Workspaces.Request(a, b, 200, time.Millisecond)
		r.Workspaces.Failed(a, b)
		r.Workspaces.Routes(a, 3)
		r.Drift.Evaluated(a, b, c, 4, 1, 1, true)
		r.Chaos.Scenario(a, true)
		r.Chaos.Fault(metrics.FaultRateLimit, b)
		r.Chaos.Delayed(b, time.Second, time.Millisecond)
		r.Chaos.Throttled(b, metrics.DirectionRequest, time.Millisecond)
		r.Chaos.RateLimited(b)
		r.Chaos.Circuit(a, 1)
		r.Chaos.Enter(a)()
		r.Chaos.Orchestration(a)(false)
		r.Chaos.Step(a, b, time.Second)
		r.Chaos.Asserted(a, false)
		r.Chaos.Hook(a, true)
		r.Chaos.Recommends(a, b, 3)
		r.Chaos.Impact(c, 0.5)
		conform.Scrape(t, r.Handler())
	})
}

// TestMeansHaveABound has requests with invented methods, whose averages are as many as the label allows.
func TestMeansHaveABound(t *testing.T) {
	r := recorder(t)
	for i := range 3000 {
		r.Requests.HTTPPath(t.Context(), fmt.Sprint("BREW", i), "", "/a", 200, time.Second)
	}
	if n := instrument.Means(r.Requests); n > 10 {
		t.Errorf("%d averages of one path", n)
	}
}

// TestLeftHasABound has clients that never come back, who are forgotten once they could no longer reconnect.
func TestLeftHasABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder(t)
		for i := range 5000 {
			r.WebSocket.Open(fmt.Sprint("10.0.0.1:", i)).Close(metrics.CloseNormal, 1000)
		}
		time.Sleep(time.Minute)
		r.WebSocket.Open("10.0.0.2:1").Close(metrics.CloseNormal, 1000)
		if n := instrument.Left(r.WebSocket); n != 1 {
			t.Errorf("%d clients are remembered, want the last one", n)
		}
	})
}
