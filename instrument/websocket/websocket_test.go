package websocket_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	coderws "github.com/coder/websocket"
	gorillaws "github.com/gorilla/websocket"

	observed "github.com/obsgen/obsgen/instrument/websocket"
	"github.com/obsgen/obsgen/instrument/websocket/coder"
	"github.com/obsgen/obsgen/instrument/websocket/gorilla"
)

// events is what a recorder was told.
type events struct {
	mu                                                   sync.Mutex
	received, sent, queued, dropped, failed, pongs, ends int
	how                                                  observed.Ending
	code                                                 int
	done                                                 chan struct{}
}

func (e *events) add(n *int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*n++
}

func (e *events) Received(int)       { e.add(&e.received) }
func (e *events) Sent(int)           { e.add(&e.sent) }
func (e *events) Queued()            { e.add(&e.queued) }
func (e *events) Dropped()           { e.add(&e.dropped) }
func (e *events) Failed()            { e.add(&e.failed) }
func (e *events) Pong(time.Duration) { e.add(&e.pongs) }
func (e *events) End(how observed.Ending, code int) {
	e.add(&e.ends)
	e.how, e.code = how, code
	close(e.done)
}

// conn is what both libraries' connections can do.
type conn interface {
	read() (string, error)
	write(string) error
	ping() error
	end(code int) error
}

type coderConn struct {
	*coder.Conn
	ctx context.Context
}

func (c coderConn) read() (string, error) {
	_, p, err := c.Read(c.ctx)
	return string(p), err
}
func (c coderConn) write(s string) error { return c.Write(c.ctx, coderws.MessageText, []byte(s)) }
func (c coderConn) ping() error          { return c.Ping(c.ctx) }
func (c coderConn) end(code int) error   { return c.Close(coderws.StatusCode(code), "") }

type gorillaConn struct{ *gorilla.Conn }

func (c gorillaConn) read() (string, error) {
	_, p, err := c.ReadMessage()
	return string(p), err
}
func (c gorillaConn) write(s string) error { return c.WriteMessage(gorillaws.TextMessage, []byte(s)) }
func (c gorillaConn) ping() error          { return c.Ping() }
func (c gorillaConn) end(code int) error   { return c.CloseWith(code, "") }

// scenario is a handler, what a real client does to it, and how the connection ends.
type scenario struct {
	name    string
	handler func(conn) error
	client  func(t *testing.T, c *coderws.Conn, raw net.Conn)
	how     observed.Ending
	code    int
}

func echo(c conn) error {
	for {
		s, err := c.read()
		if err != nil {
			return nil
		}
		if err := c.write(s); err != nil {
			return nil
		}
	}
}

func say(t *testing.T, c *coderws.Conn) {
	t.Helper()
	if err := c.Write(t.Context(), coderws.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(t.Context()); err != nil || string(p) != "hello" {
		t.Fatalf("%q %v", p, err)
	}
}

var scenarios = []scenario{
	{"the client closes", echo, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		say(t, c)
		_ = c.Close(coderws.StatusGoingAway, "bye")
	}, observed.ByClient, 1001},
	{"the server closes", func(c conn) error {
		s, _ := c.read()
		_ = c.write(s)
		return c.end(4000)
	}, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		say(t, c)
		_, _, _ = c.Read(t.Context())
	}, observed.Normal, 4000},
	{"the handler is done and forgets to close", func(c conn) error {
		s, _ := c.read()
		return c.write(s)
	}, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		say(t, c)
		if _, _, err := c.Read(t.Context()); coderws.CloseStatus(err) != coderws.StatusNormalClosure {
			t.Errorf("the client gets %v", err)
		}
	}, observed.Normal, 1000},
	{"the connection is lost", echo, func(t *testing.T, c *coderws.Conn, raw net.Conn) {
		say(t, c)
		_ = raw.Close()
	}, observed.ReadError, 0},
	{"nobody reads", func(c conn) error {
		big := strings.Repeat("x", 1<<20)
		for {
			if err := c.write(big); err != nil {
				return nil
			}
		}
	}, func(t *testing.T, _ *coderws.Conn, raw net.Conn) {
		time.Sleep(50 * time.Millisecond)
		_ = raw.(*net.TCPConn).SetLinger(0)
		_ = raw.Close()
	}, observed.SendError, 0},
	{"the handler fails", func(c conn) error {
		_, _ = c.read()
		return errors.New("boom")
	}, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		_ = c.Write(t.Context(), coderws.MessageText, []byte("hello"))
		if _, _, err := c.Read(t.Context()); coderws.CloseStatus(err) != coderws.StatusInternalError {
			t.Errorf("the client gets %v", err)
		}
	}, observed.HandlerError, 1011},
	{"the handler panics", func(c conn) error {
		_, _ = c.read()
		panic(http.ErrAbortHandler)
	}, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		_ = c.Write(t.Context(), coderws.MessageText, []byte("hello"))
		_, _, _ = c.Read(t.Context())
	}, observed.HandlerError, 1011},
	{"the server behind fails", func(c conn) error {
		_, _ = c.read()
		return errors.Join(observed.ErrProxy, errors.New("refused"))
	}, func(t *testing.T, c *coderws.Conn, _ net.Conn) {
		_ = c.Write(t.Context(), coderws.MessageText, []byte("hello"))
		_, _, _ = c.Read(t.Context())
	}, observed.ProxyError, 1014},
}

// TestEndings makes real connections end in each way, with both libraries.
func TestEndings(t *testing.T) {
	for library, serve := range map[string]func(http.ResponseWriter, *http.Request, *events, func(conn) error){
		"coder": func(w http.ResponseWriter, r *http.Request, e *events, h func(conn) error) {
			c, err := coderws.Accept(w, r, nil)
			if err != nil {
				return
			}
			c.SetReadLimit(-1)
			_ = coder.Serve(r.Context(), c, e, func(ctx context.Context, c *coder.Conn) error { return h(coderConn{c, ctx}) })
		},
		"gorilla": func(w http.ResponseWriter, r *http.Request, e *events, h func(conn) error) {
			c, err := (&gorillaws.Upgrader{}).Upgrade(w, r, nil)
			if err != nil {
				return
			}
			_ = gorilla.Serve(c, e, func(c *gorilla.Conn) error { return h(gorillaConn{c}) })
		},
	} {
		for _, s := range scenarios {
			t.Run(library+"/"+s.name, func(t *testing.T) {
				e := &events{done: make(chan struct{})}
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, e, s.handler) }))
				defer server.Close()
				var raw net.Conn
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				c, _, err := coderws.Dial(ctx, server.URL, &coderws.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{
					DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
						var d net.Dialer
						conn, err := d.DialContext(ctx, network, addr)
						raw = conn
						return conn, err
					},
				}}})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = c.CloseNow() }()
				s.client(t, c, raw)
				select {
				case <-e.done:
				case <-ctx.Done():
					t.Fatal("it never ends")
				}
				e.mu.Lock()
				defer e.mu.Unlock()
				if e.how != s.how || e.code != s.code || e.ends != 1 || e.queued != e.sent+e.dropped {
					t.Errorf("it ends %s with %d, want %s with %d: %+v", e.how, e.code, s.how, s.code, e)
				}
			})
		}
	}
}

func TestPings(t *testing.T) {
	e := &events{done: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (&gorillaws.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		_ = gorilla.Serve(c, e, func(c *gorilla.Conn) error {
			_ = c.Ping()
			return echo(gorillaConn{c})
		})
	}))
	defer server.Close()
	c, _, err := coderws.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	say(t, c)
	say(t, c)
	_ = c.Close(coderws.StatusNormalClosure, "")
	<-e.done
	if e.pongs != 1 || e.received != 2 || e.sent != 2 {
		t.Errorf("%+v", e)
	}
	// The other library waits for the pong itself.
	e = &events{done: make(chan struct{})}
	server2 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := coderws.Accept(w, r, nil)
		if err != nil {
			return
		}
		_ = coder.Serve(r.Context(), c, e, func(ctx context.Context, c *coder.Conn) error {
			go func() { _ = c.Ping(ctx) }()
			return echo(coderConn{c, ctx})
		})
	}))
	defer server2.Close()
	if c, _, err = coderws.Dial(t.Context(), server2.URL, nil); err != nil {
		t.Fatal(err)
	}
	say(t, c)
	time.Sleep(20 * time.Millisecond)
	say(t, c)
	_ = c.Close(coderws.StatusNormalClosure, "")
	<-e.done
	if e.pongs != 1 {
		t.Errorf("%+v", e)
	}
}
