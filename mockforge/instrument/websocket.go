package instrument

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/websocket"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// WebSocket records connections and what goes over them.
type WebSocket struct {
	active, queue          *instrument.GaugeSeries
	opened, sent, received *instrument.CounterSeries
	errors, reconnects     *instrument.CounterSeries
	duration               instrument.Histogram[metrics.CloseLabels]
	size                   instrument.Histogram[metrics.MessageLabels]
	ping                   *instrument.HistogramSeries
	codes                  instrument.Counter[metrics.CloseCodeLabels]

	mu    sync.Mutex
	left  map[string]time.Time // when a client's last connection ended
	swept time.Time            // when those who never came back were last dropped from it
}

// reconnectWithin is the time after an ending within which a new connection of the same client is a reconnect.
const reconnectWithin = 30 * time.Second

func newWebSocket(r *instrument.Registry) *WebSocket {
	return &WebSocket{
		active: instrument.OnlyGauge(r, metrics.WSConnectionsActive), queue: instrument.OnlyGauge(r, metrics.WSSendQueueDepth),
		opened: instrument.OnlyCounter(r, metrics.WSConnectionsTotal), sent: instrument.OnlyCounter(r, metrics.WSMessagesSentTotal),
		received: instrument.OnlyCounter(r, metrics.WSMessagesReceivedTotal), errors: instrument.OnlyCounter(r, metrics.WSErrorsTotal),
		reconnects: instrument.OnlyCounter(r, metrics.WSReconnectsTotal), duration: instrument.NewHistogram(r, metrics.WSConnectionDuration),
		size: instrument.NewHistogram(r, metrics.WSMessageSize), ping: instrument.OnlyHistogram(r, metrics.WSPingRoundTrip),
		codes: instrument.NewCounter(r, metrics.WSCloseCodesTotal), left: map[string]time.Time{},
	}
}

// Connection is a WebSocket connection from its opening to its end. It ends once, however often Close is called, so that
// the number of open connections never drifts.
type Connection struct {
	w      *WebSocket
	client string
	start  time.Time
	queued atomic.Int64
	closed atomic.Bool
}

// Open records that a connection was opened by a client, by its address or whatever tells clients apart; "" is nobody
// in particular. Defer the connection's Close right behind it.
func (w *WebSocket) Open(client string) *Connection {
	w.active.Inc()
	w.opened.Inc()
	now := time.Now()
	if client != "" {
		w.mu.Lock()
		if ended, ok := w.left[client]; ok && now.Sub(ended) < reconnectWithin {
			w.reconnects.Inc()
		}
		delete(w.left, client)
		if now.Sub(w.swept) >= reconnectWithin { // not for each connection: there may be many clients
			w.swept = now
			for c, ended := range w.left {
				if now.Sub(ended) >= reconnectWithin {
					delete(w.left, c)
				}
			}
		}
		w.mu.Unlock()
	}
	return &Connection{w: w, client: client, start: now}
}

// Received records a message of so many bytes that came in.
func (c *Connection) Received(bytes int) {
	c.w.received.Inc()
	c.w.size.With(metrics.PerMessage.Of(metrics.WSReceived)).Observe(float64(bytes))
}

// Queued records a message that waits to be sent. Sent and Dropped take it from the queue again.
func (c *Connection) Queued() {
	c.queued.Add(1)
	c.w.queue.Inc()
}

func (c *Connection) dequeue() {
	for {
		n := c.queued.Load()
		if n <= 0 {
			return
		}
		if c.queued.CompareAndSwap(n, n-1) {
			c.w.queue.Dec()
			return
		}
	}
}

// Sent records a message of so many bytes that went out.
func (c *Connection) Sent(bytes int) {
	c.dequeue()
	c.w.sent.Inc()
	c.w.size.With(metrics.PerMessage.Of(metrics.WSSent)).Observe(float64(bytes))
}

// Dropped records a message that will not be sent.
func (c *Connection) Dropped() { c.dequeue() }

// Failed records an error of the connection that did not end it, or one that will.
func (c *Connection) Failed() { c.w.errors.Inc() }

// Pong records the time from a ping to its pong.
func (c *Connection) Pong(took time.Duration) { c.w.ping.Observe(took.Seconds()) }

// Close records how the connection ended, and with which close code; 0 is none. Only the first call counts.
func (c *Connection) Close(status metrics.CloseValue, code int) {
	if !c.closed.CompareAndSwap(false, true) {
		return
	}
	for c.queued.Load() > 0 {
		c.dequeue()
	}
	c.w.active.Dec()
	c.w.duration.With(metrics.PerClose.Of(status)).Observe(time.Since(c.start).Seconds())
	c.w.codes.With(metrics.PerCloseCode.Of(CloseClass(code))).Inc()
	if c.client != "" {
		c.w.mu.Lock()
		c.w.left[c.client] = time.Now()
		c.w.mu.Unlock()
	}
}

// End records the end as the package instrument/websocket tells it.
func (c *Connection) End(how websocket.Ending, code int) { c.Close(endings[how], code) }

// endings are the values of the label status.
var endings = map[websocket.Ending]metrics.CloseValue{
	websocket.Normal: metrics.CloseNormal, websocket.ByClient: metrics.CloseByClient, websocket.SendError: metrics.CloseSendError,
	websocket.ReadError: metrics.CloseError, websocket.ProxyError: metrics.CloseProxyError, websocket.HandlerError: metrics.CloseHandlerError,
}

// CloseClass returns the class of a close code of RFC 6455, section 7.4.
func CloseClass(code int) metrics.CloseClassValue {
	switch {
	case code == 1000, code == 1001:
		return metrics.CloseClassNormal
	case code == 1002, code == 1003, code >= 1007 && code <= 1010:
		return metrics.CloseClassProtocol
	case code >= 1011 && code <= 1014:
		return metrics.CloseClassServer
	case code >= 3000 && code <= 4999:
		return metrics.CloseClassApplication
	}
	return metrics.CloseClassNone
}
