package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Kafka is set from a snapshot of the broker every 5 s. All are gauges, those that count events as well:
// they fall when the broker restarts, and a rate over them is not defined. Use a difference.
var Kafka = catalog.NewGroup("Kafka", catalog.GroupSpec{
	Help:  "The Kafka broker: who is connected, what is produced and consumed.",
	Owner: ProtocolsTeam,
})

// Metrics of Kafka.
var (
	KafkaConnectionsActive = catalog.NewGauge(Kafka, "mockforge_kafka_connections_active", catalog.None{}, catalog.Spec{
		Help:  "Kafka clients connected now.",
		Unit:  unit.Connections,
		Range: catalog.AtLeast(0),
	})
	KafkaMessagesProduced = catalog.NewGauge(Kafka, "mockforge_kafka_messages_produced_total", catalog.None{}, catalog.Spec{
		Help:   "Kafka messages produced since the broker started.",
		Unit:   unit.Messages,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	KafkaMessagesConsumed = catalog.NewGauge(Kafka, "mockforge_kafka_messages_consumed_total", catalog.None{}, catalog.Spec{
		Help:   "Kafka messages consumed since the broker started.",
		Unit:   unit.Messages,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	KafkaTopics = catalog.NewGauge(Kafka, "mockforge_kafka_topics_total", catalog.None{}, catalog.Spec{
		Help:   "Kafka topics that exist: those created less those deleted.",
		Unit:   unit.Count("topics"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	KafkaPartitions = catalog.NewGauge(Kafka, "mockforge_kafka_partitions_total", catalog.None{}, catalog.Spec{
		Help:   "Partitions of all Kafka topics.",
		Unit:   unit.Count("partitions"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	KafkaConsumerGroups = catalog.NewGauge(Kafka, "mockforge_kafka_consumer_groups_total", catalog.None{}, catalog.Spec{
		Help:   "Kafka consumer groups that exist.",
		Unit:   unit.Count("consumer groups"),
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
	KafkaErrors = catalog.NewGauge(Kafka, "mockforge_kafka_errors_total", catalog.None{}, catalog.Spec{
		Help:   "Kafka errors since the broker started.",
		Unit:   unit.Errors,
		Range:  catalog.AtLeast(0),
		Naming: byName,
	})
)
