package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// AMQP is set from a snapshot of the broker every 5 s. All are gauges, those that count events as well:
// they fall when the broker restarts, and a rate over them is not defined. Use a difference.
var AMQP = catalog.NewGroup("AMQP", catalog.GroupSpec{
	Help:  "The AMQP broker: who is connected, what is published and consumed.",
	Owner: ProtocolsTeam,
})

// Metrics of AMQP.
var (
	AMQPConnectionsActive = catalog.NewGauge(AMQP, "mockforge_amqp_connections_active", catalog.None{}, catalog.Spec{
		Help:  "AMQP clients connected now.",
		Unit:  unit.Connections,
		Range: catalog.AtLeast(0),
	})
	AMQPChannelsActive = catalog.NewGauge(AMQP, "mockforge_amqp_channels_active", catalog.None{}, catalog.Spec{
		Help:  "AMQP channels open now.",
		Unit:  unit.Count("channels"),
		Range: catalog.AtLeast(0),
	})
	AMQPMessagesPublished = catalog.NewGauge(AMQP, "mockforge_amqp_messages_published_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP messages published since the broker started.",
		Unit:   unit.Messages,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPMessagesConsumed = catalog.NewGauge(AMQP, "mockforge_amqp_messages_consumed_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP messages consumed since the broker started.",
		Unit:   unit.Messages,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPMessagesAcked = catalog.NewGauge(AMQP, "mockforge_amqp_messages_acked_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP messages acknowledged since the broker started.",
		Unit:   unit.Messages,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPQueues = catalog.NewGauge(AMQP, "mockforge_amqp_queues_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP queues that exist.",
		Unit:   unit.Count("queues"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPExchanges = catalog.NewGauge(AMQP, "mockforge_amqp_exchanges_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP exchanges that exist.",
		Unit:   unit.Count("exchanges"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPBindings = catalog.NewGauge(AMQP, "mockforge_amqp_bindings_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP bindings between exchanges and queues.",
		Unit:   unit.Count("bindings"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	AMQPErrors = catalog.NewGauge(AMQP, "mockforge_amqp_errors_total", catalog.None{}, catalog.Spec{
		Help:   "AMQP errors since the broker started.",
		Unit:   unit.Errors,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
)
