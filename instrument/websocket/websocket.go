// Package websocket says how WebSocket connections end, for the packages below it, each of which observes the connections
// of one library.
package websocket

import (
	"errors"
	"sync"
	"time"
)

// Ending is how a connection ended.
type Ending int

// The endings.
const (
	// Normal: the server closed it, as it wanted to.
	Normal Ending = iota
	// ByClient: the client closed it, with a close frame.
	ByClient
	// SendError: a message could not be sent.
	SendError
	// ReadError: the connection was lost while the server waited for a message.
	ReadError
	// ProxyError: what the connection is passed on to failed; the handler's error is an ErrProxy.
	ProxyError
	// HandlerError: the handler returned another error, or panicked.
	HandlerError
)

// String returns the ending in a word or two.
func (e Ending) String() string {
	return [...]string{"normal", "by client", "send error", "read error", "proxy error", "handler error"}[min(max(e, 0), HandlerError)]
}

// ErrProxy is what a handler's error wraps where the fault is that of a server behind this one.
var ErrProxy = errors.New("the server behind the proxy failed")

// Recorder is told what happens on one connection. End comes last, once.
type Recorder interface {
	// Received is a message that came in, Sent one that went out, in bytes of payload.
	Received(bytes int)
	Sent(bytes int)
	// Queued is a message that waits to be sent: Sent or Dropped follows.
	Queued()
	Dropped()
	// Failed is an error on the connection.
	Failed()
	// Pong is the time from a ping to its pong.
	Pong(took time.Duration)
	// End is the end, with the close code of RFC 6455, 0 where there was none.
	End(how Ending, code int)
}

// Track keeps what ended a connection first: what goes wrong afterwards follows from that. It is for the packages of the
// single libraries.
type Track struct {
	Recorder
	mu    sync.Mutex
	known bool
	how   Ending
	code  int
	ended bool
}

// Because notes why the connection ends, where nothing was noted before.
func (t *Track) Because(how Ending, code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.known {
		t.known, t.how, t.code = true, how, code
	}
}

// Finish tells the recorder the end, once, by what the handler returned where nothing was noted before. It returns whether
// the server has still to close the connection, and with which code.
func (t *Track) Finish(err error, returned bool) (closing bool, code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false, 0
	}
	t.ended = true
	if !t.known {
		closing = true
		switch {
		case !returned || err != nil && !errors.Is(err, ErrProxy):
			t.how, t.code = HandlerError, 1011
		case err != nil:
			t.how, t.code = ProxyError, 1014
		default:
			t.how, t.code = Normal, 1000
		}
	}
	t.End(t.how, t.code)
	return closing, t.code
}
