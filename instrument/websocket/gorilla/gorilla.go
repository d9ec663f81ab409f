// Package gorilla observes WebSocket connections of github.com/gorilla/websocket.
package gorilla

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/gorilla/websocket"

	observed "github.com/obsgen/obsgen/instrument/websocket"
)

// Conn is a connection whose messages are counted. Its methods are those of the library.
type Conn struct {
	*websocket.Conn
	track *observed.Track
}

// Serve runs a handler on a connection and closes it afterwards. The recorder is told the end exactly once, whatever the
// handler does: returns, fails, panics (which is passed on) or forgets to close. It returns the handler's error.
func Serve(c *websocket.Conn, r observed.Recorder, handler func(*Conn) error) (err error) {
	conn := &Conn{c, &observed.Track{Recorder: r}}
	pong := c.PongHandler()
	c.SetPongHandler(func(data string) error {
		if len(data) == 8 {
			if took := time.Since(time.Unix(0, int64(binary.BigEndian.Uint64([]byte(data))))); took >= 0 {
				r.Pong(took)
			}
		}
		return pong(data)
	})
	returned := false
	defer func() {
		closing, code := conn.track.Finish(err, returned)
		if closing {
			_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
		}
		_ = c.Close()
	}()
	err = handler(conn)
	returned = true
	return err
}

// ReadMessage reads a message. Pongs are counted while it waits.
func (c *Conn) ReadMessage() (int, []byte, error) {
	typ, p, err := c.Conn.ReadMessage()
	if err != nil {
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
			c.track.Because(observed.ByClient, closed.Code)
		default:
			c.track.Failed()
			c.track.Because(observed.ReadError, 0)
		}
		return typ, p, err
	}
	c.track.Received(len(p))
	return typ, p, nil
}

// WriteMessage sends a message.
func (c *Conn) WriteMessage(typ int, p []byte) error {
	c.track.Queued()
	if err := c.Conn.WriteMessage(typ, p); err != nil {
		c.track.Dropped()
		c.track.Failed()
		c.track.Because(observed.SendError, 0)
		return err
	}
	c.track.Sent(len(p))
	return nil
}

// Ping sends a ping. The time to its pong is told to the recorder when that comes.
func (c *Conn) Ping() error {
	var data [8]byte
	binary.BigEndian.PutUint64(data[:], uint64(time.Now().UnixNano()))
	return c.WriteControl(websocket.PingMessage, data[:], time.Now().Add(time.Second))
}

// CloseWith sends a close frame with a code and a reason, and closes the connection.
func (c *Conn) CloseWith(code int, reason string) error {
	c.track.Because(observed.Normal, code)
	err := c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	return errors.Join(err, c.Conn.Close())
}
