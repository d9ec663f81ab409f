package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	observed "github.com/obsgen/obsgen/instrument/websocket"
	"github.com/obsgen/obsgen/instrument/websocket/coder"
	"github.com/obsgen/obsgen/mockforge/instrument"
)

// sockets answers WebSocket connections: /echo sends back what comes, /feed sends by itself and then closes, /proxy passes
// on to the echo of the same server, and cannot while the mode is one of failure.
func (s *Server) sockets() http.Handler {
	mux := http.NewServeMux()
	for path, handler := range map[string]func(context.Context, *coder.Conn) error{"/echo": s.echo, "/feed": s.feed, "/proxy": s.proxy} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			// Shutdown waits for no connection that was taken over, so the server waits for them itself, from before that.
			s.wg.Add(1)
			defer s.wg.Done()
			c, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: []string{"*"}})
			if err != nil {
				return // it has answered
			}
			client := r.URL.Query().Get("client")
			if client == "" {
				client, _, _ = net.SplitHostPort(r.RemoteAddr)
			}
			err = coder.Serve(context.WithoutCancel(r.Context()), c, s.recorder.WebSocket.Open(client), func(ctx context.Context, c *coder.Conn) error {
				defer context.AfterFunc(s.ctx, func() { _ = c.Close(websocket.StatusGoingAway, "the server stops") })()
				return handler(ctx, c)
			})
			if err != nil {
				s.log.Debug("a WebSocket connection failed", "path", path, "error", err)
			}
		})
	}
	return mux
}

// echo sends back what comes.
func (s *Server) echo(ctx context.Context, c *coder.Conn) error {
	for {
		typ, p, err := c.Read(ctx)
		if err != nil {
			return nil // whoever observes the connection knows
		}
		if string(p) == "fail" {
			return fmt.Errorf("the client asked for a failure")
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return nil
		}
	}
}

// feed sends five ticks, with a ping beside each, and closes.
func (s *Server) feed(ctx context.Context, c *coder.Conn) error {
	go func() { // pongs come to whoever reads
		for {
			if _, _, err := c.Read(ctx); err != nil {
				return
			}
		}
	}()
	for i := range 5 {
		if err := c.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"tick":%d,"price":%d}`, i, 90+i*i)); err != nil {
			return nil
		}
		pinged, cancel := context.WithTimeout(ctx, time.Second)
		_ = c.Ping(pinged) // a client that answers none still gets its ticks
		cancel()
		if !Sleep(ctx, 200*time.Millisecond) {
			break
		}
	}
	return c.Close(websocket.StatusNormalClosure, "that was all")
}

// proxy passes messages on.
func (s *Server) proxy(ctx context.Context, c *coder.Conn) error {
	if m := modes[s.chaos.mode.Load().name]; m == instrument.Failing || m == instrument.ChaosMode {
		return fmt.Errorf("%w: it is in the mode of failure", observed.ErrProxy)
	}
	behind, _, err := websocket.Dial(ctx, "ws://"+s.Addresses.Reachable().WebSocket+"/echo?client=proxy", nil)
	if err != nil {
		return fmt.Errorf("%w: %w", observed.ErrProxy, err)
	}
	defer func() { _ = behind.CloseNow() }()
	for {
		typ, p, err := c.Read(ctx)
		if err != nil {
			_ = behind.Close(websocket.StatusNormalClosure, "")
			return nil
		}
		if err := behind.Write(ctx, typ, p); err != nil {
			return fmt.Errorf("%w: %w", observed.ErrProxy, err)
		}
		if typ, p, err = behind.Read(ctx); err != nil {
			return fmt.Errorf("%w: %w", observed.ErrProxy, err)
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return nil
		}
	}
}
