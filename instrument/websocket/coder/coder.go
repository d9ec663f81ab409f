// Package coder observes WebSocket connections of github.com/coder/websocket.
package coder

import (
	"context"
	"time"

	"github.com/coder/websocket"

	observed "github.com/obsgen/obsgen/instrument/websocket"
)

// Conn is a connection whose messages are counted. Its methods are those of the library.
type Conn struct {
	*websocket.Conn
	track *observed.Track
}

// Serve runs a handler on a connection and closes it afterwards. The recorder is told the end exactly once, whatever the
// handler does: returns, fails, panics (which is passed on) or forgets to close. It returns the handler's error.
func Serve(ctx context.Context, c *websocket.Conn, r observed.Recorder, handler func(context.Context, *Conn) error) (err error) {
	conn := &Conn{c, &observed.Track{Recorder: r}}
	returned := false
	defer func() {
		closing, code := conn.track.Finish(err, returned)
		if closing && returned {
			_ = c.Close(websocket.StatusCode(code), "")
		}
		_ = c.CloseNow()
	}()
	err = handler(ctx, conn)
	returned = true
	return err
}

// Read reads a message.
func (c *Conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	typ, p, err := c.Conn.Read(ctx)
	if err != nil {
		if code := websocket.CloseStatus(err); code != -1 {
			c.track.Because(observed.ByClient, int(code))
		} else {
			c.track.Failed()
			c.track.Because(observed.ReadError, 0)
		}
		return typ, p, err
	}
	c.track.Received(len(p))
	return typ, p, nil
}

// Write sends a message.
func (c *Conn) Write(ctx context.Context, typ websocket.MessageType, p []byte) error {
	c.track.Queued()
	if err := c.Conn.Write(ctx, typ, p); err != nil {
		c.track.Dropped()
		c.track.Failed()
		c.track.Because(observed.SendError, 0)
		return err
	}
	c.track.Sent(len(p))
	return nil
}

// Ping sends a ping and waits for its pong, which needs a Read that goes on beside it.
func (c *Conn) Ping(ctx context.Context) error {
	start := time.Now()
	err := c.Conn.Ping(ctx)
	if err == nil {
		c.track.Pong(time.Since(start))
	}
	return err
}

// Close closes the connection.
func (c *Conn) Close(code websocket.StatusCode, reason string) error {
	c.track.Because(observed.Normal, int(code))
	return c.Conn.Close(code, reason)
}
