package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type closeStatus struct{}

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
)
