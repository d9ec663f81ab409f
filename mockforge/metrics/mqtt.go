package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type mqttErrorType struct{}

// MQTTErrorType is open: the Rust server names no kind yet.
var MQTTErrorType = catalog.AtMost[mqttErrorType](10, "error_type", "Kind of MQTT error.")

// PerMQTTError is the label set of MQTTErrorsTotal.
var PerMQTTError = catalog.By1(MQTTErrorType)

// MQTTErrorLabels is the type of PerMQTTError.
type MQTTErrorLabels = catalog.Labels1[mqttErrorType]

// MQTT gauges are set from a snapshot of the broker every 5 s.
var MQTT = catalog.NewGroup("MQTT", catalog.GroupSpec{
	Help:  "The MQTT broker: who is connected and what is published.",
	Owner: ProtocolsTeam,
})

// Metrics of MQTT.
var (
	MQTTConnectionsActive = catalog.NewGauge(MQTT, "mockforge_mqtt_connections_active", catalog.None{}, catalog.Spec{
		Help:  "MQTT clients connected now.",
		Unit:  unit.Connections,
		Range: catalog.AtLeast(0),
	})
	MQTTTopicsActive = catalog.NewGauge(MQTT, "mockforge_mqtt_topics_active", catalog.None{}, catalog.Spec{
		Help:  "MQTT topics in use now.",
		Unit:  unit.Count("topics"),
		Range: catalog.AtLeast(0),
	})
	MQTTSubscriptionsActive = catalog.NewGauge(MQTT, "mockforge_mqtt_subscriptions_active", catalog.None{}, catalog.Spec{
		Help:  "MQTT subscriptions held now.",
		Unit:  unit.Count("subscriptions"),
		Range: catalog.AtLeast(0),
	})
	MQTTRetainedMessages = catalog.NewGauge(MQTT, "mockforge_mqtt_retained_messages", catalog.None{}, catalog.Spec{
		Help:  "MQTT messages that the broker retains for later subscribers.",
		Unit:  unit.Messages,
		Range: catalog.AtLeast(0),
	})
	MQTTConnectionsTotal = catalog.NewCounter(MQTT, "mockforge_mqtt_connections_total", catalog.None{}, catalog.Spec{
		Help: "MQTT clients that have connected." + unwritten,
		Unit: unit.Connections,
	})
	MQTTMessagesPublishedTotal = catalog.NewCounter(MQTT, "mockforge_mqtt_messages_published_total", catalog.None{}, catalog.Spec{
		Help: "MQTT messages published." + unwritten,
		Unit: unit.Messages,
	})
	MQTTMessagesReceivedTotal = catalog.NewCounter(MQTT, "mockforge_mqtt_messages_received_total", catalog.None{}, catalog.Spec{
		Help: "MQTT messages received." + unwritten,
		Unit: unit.Messages,
	})
	MQTTErrorsTotal = catalog.NewCounter(MQTT, "mockforge_mqtt_errors_total", PerMQTTError, catalog.Spec{
		Help: "MQTT errors, by kind." + unwritten,
		Unit: unit.Errors,
	})
)
