package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type (
	closeStatus struct{}
	closeClass  struct{}
	wsDirection struct{}
)

// Ways in which a WebSocket connection ends.
var (
	CloseNormal       = catalog.V[closeStatus]("normal")
	CloseByClient     = catalog.V[closeStatus]("client_close")
	CloseSendError    = catalog.V[closeStatus]("send_error")
	CloseError        = catalog.V[closeStatus]("error")
	CloseProxyError   = catalog.V[closeStatus]("proxy_error")
	CloseHandlerError = catalog.V[closeStatus]("handler_error")

	CloseStatus = catalog.OneOf("status", "How the connection ended.",
		CloseNormal, CloseByClient, CloseSendError, CloseError, CloseProxyError, CloseHandlerError)
)

// Classes of close codes, see RFC 6455, section 7.4: what the peer says of why it closed.
var (
	CloseClassNormal      = catalog.V[closeClass]("normal")      // 1000, 1001
	CloseClassProtocol    = catalog.V[closeClass]("protocol")    // 1002, 1003, 1007 to 1010
	CloseClassServer      = catalog.V[closeClass]("server")      // 1011 to 1014
	CloseClassApplication = catalog.V[closeClass]("application") // 3000 to 4999
	CloseClassNone        = catalog.V[closeClass]("none")        // no code: the connection was lost

	CloseClass = catalog.OneOf("class", "Class of the close code.",
		CloseClassNormal, CloseClassProtocol, CloseClassServer, CloseClassApplication, CloseClassNone)

	WSSent     = catalog.V[wsDirection]("sent")
	WSReceived = catalog.V[wsDirection]("received")

	WSDirection = catalog.OneOf("direction", "Which way the message went.", WSSent, WSReceived)
)

// Label sets of a message and of a close code.
var (
	PerMessage   = catalog.By1(WSDirection)
	PerCloseCode = catalog.By1(CloseClass)
)

// Types of the label sets.
type (
	MessageLabels   = catalog.Labels1[wsDirection]
	CloseCodeLabels = catalog.Labels1[closeClass]
)

// PerClose is the label set of what is observed once per closed connection.
var PerClose = catalog.By1(CloseStatus)

// CloseLabels is the type of PerClose.
type CloseLabels = catalog.Labels1[closeStatus]

// WebSocket counts a connection that a handler hands back to the echo handler as opened twice; one of
// its two closings is observed as 0 s with an empty status, that is without the label.
var WebSocket = catalog.NewGroup("WebSocket", catalog.GroupSpec{
	Help:  "WebSocket connections and what went over them.",
	Owner: ProtocolsTeam,
})

// Metrics of WebSocket.
var (
	WSConnectionsActive = catalog.NewGauge(WebSocket, "mockforge_ws_connections_active", catalog.None{}, catalog.Spec{
		Help:  "WebSocket connections open now.",
		Unit:  unit.Connections,
		Range: catalog.AtLeast(0),
	})
	WSConnectionsTotal = catalog.NewCounter(WebSocket, "mockforge_ws_connections_total", catalog.None{}, catalog.Spec{
		Help: "WebSocket connections opened. One that is handed back to the echo handler counts twice.",
		Unit: unit.Connections,
	})
	WSConnectionDuration = catalog.NewHistogram(WebSocket, "mockforge_ws_connection_duration_seconds", PerClose, catalog.Spec{
		Help:    "Time that a WebSocket connection was open. One that is handed back to the echo handler adds an observation of 0 s.",
		Unit:    unit.Seconds,
		Buckets: sessionBuckets,
	})
	WSMessagesSentTotal = catalog.NewCounter(WebSocket, "mockforge_ws_messages_sent_total", catalog.None{}, catalog.Spec{
		Help: "WebSocket text messages sent.",
		Unit: unit.Messages,
	})
	WSMessagesReceivedTotal = catalog.NewCounter(WebSocket, "mockforge_ws_messages_received_total", catalog.None{}, catalog.Spec{
		Help: "WebSocket text messages received.",
		Unit: unit.Messages,
	})
	WSErrorsTotal = catalog.NewCounter(WebSocket, "mockforge_ws_errors_total", catalog.None{}, catalog.Spec{
		Help: "WebSocket receive errors and proxy failures. A failure to send is not counted.",
		Unit: unit.Errors,
	})
	WSMessageSize = catalog.NewHistogram(WebSocket, "mockforge_ws_message_size_bytes", PerMessage, catalog.Spec{
		Help:    "Size of the payload of a WebSocket message.",
		Unit:    unit.Bytes,
		Buckets: []float64{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20},
	})
	WSPingRoundTrip = catalog.NewHistogram(WebSocket, "mockforge_ws_ping_round_trip_seconds", catalog.None{}, catalog.Spec{
		Help:    "Time from a ping to its pong.",
		Unit:    unit.Seconds,
		Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 5},
	})
	WSCloseCodesTotal = catalog.NewCounter(WebSocket, "mockforge_ws_close_codes_total", PerCloseCode, catalog.Spec{
		Help:        "WebSocket connections closed, by the class of their close code.",
		Unit:        unit.Connections,
		Initialised: true,
	})
	WSReconnectsTotal = catalog.NewCounter(WebSocket, "mockforge_ws_reconnects_total", catalog.None{}, catalog.Spec{
		Help:   "WebSocket connections opened by a client whose last one ended less than half a minute before.",
		Unit:   unit.Connections,
		PartOf: WSConnectionsTotal,
	})
	WSSendQueueDepth = catalog.NewGauge(WebSocket, "mockforge_ws_send_queue_depth", catalog.None{}, catalog.Spec{
		Help:  "Messages that wait to be sent, of all WebSocket connections together.",
		Unit:  unit.Messages,
		Range: catalog.AtLeast(0),
	})
)
