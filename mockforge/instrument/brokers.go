package instrument

import (
	"sync"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// MQTT records the MQTT broker.
type MQTT struct {
	active, topics, subscriptions, retained *instrument.GaugeSeries
	opened, published, received             *instrument.CounterSeries
	errors                                  instrument.Counter[metrics.MQTTErrorLabels]
}

func newMQTT(r *instrument.Registry) *MQTT {
	return &MQTT{
		active: instrument.OnlyGauge(r, metrics.MQTTConnectionsActive), topics: instrument.OnlyGauge(r, metrics.MQTTTopicsActive),
		subscriptions: instrument.OnlyGauge(r, metrics.MQTTSubscriptionsActive), retained: instrument.OnlyGauge(r, metrics.MQTTRetainedMessages),
		opened: instrument.OnlyCounter(r, metrics.MQTTConnectionsTotal), published: instrument.OnlyCounter(r, metrics.MQTTMessagesPublishedTotal),
		received: instrument.OnlyCounter(r, metrics.MQTTMessagesReceivedTotal), errors: instrument.NewCounter(r, metrics.MQTTErrorsTotal),
	}
}

// Open records a connection, and returns what ends it, once.
func (m *MQTT) Open() (closed func()) {
	m.active.Inc()
	m.opened.Inc()
	return sync.OnceFunc(m.active.Dec)
}

// Published records a message to clients, Received one from them, Failed an error of a kind.
func (m *MQTT) Published() { m.published.Inc() }

// Received records a message from a client.
func (m *MQTT) Received() { m.received.Inc() }

// Failed records an error of a kind.
func (m *MQTT) Failed(kind string) {
	m.errors.With(metrics.PerMQTTError.Of(metrics.MQTTErrorType.Value(kind))).Inc()
}

// Holds records how many topics, subscriptions and retained messages there are now.
func (m *MQTT) Holds(topics, subscriptions, retained int) {
	m.topics.Set(float64(topics))
	m.subscriptions.Set(float64(subscriptions))
	m.retained.Set(float64(retained))
}

// Kafka records the Kafka broker. Its totals are gauges that only grow, as the Rust server has them.
type Kafka struct {
	active, produced, consumed, topics, partitions, groups, errors *instrument.GaugeSeries
}

func newKafka(r *instrument.Registry) *Kafka {
	return &Kafka{
		active: instrument.OnlyGauge(r, metrics.KafkaConnectionsActive), produced: instrument.OnlyGauge(r, metrics.KafkaMessagesProduced),
		consumed: instrument.OnlyGauge(r, metrics.KafkaMessagesConsumed), topics: instrument.OnlyGauge(r, metrics.KafkaTopics),
		partitions: instrument.OnlyGauge(r, metrics.KafkaPartitions), groups: instrument.OnlyGauge(r, metrics.KafkaConsumerGroups),
		errors: instrument.OnlyGauge(r, metrics.KafkaErrors),
	}
}

// Open records a connection, and returns what ends it, once.
func (k *Kafka) Open() (closed func()) {
	k.active.Inc()
	return sync.OnceFunc(k.active.Dec)
}

// Produced records so many messages from producers.
func (k *Kafka) Produced(n int) { k.produced.Add(float64(n)) }

// Consumed records so many messages to consumers.
func (k *Kafka) Consumed(n int) { k.consumed.Add(float64(n)) }

// Failed records an error.
func (k *Kafka) Failed() { k.errors.Inc() }

// Holds records how many topics, partitions and consumer groups there are now.
func (k *Kafka) Holds(topics, partitions, groups int) {
	k.topics.Set(float64(topics))
	k.partitions.Set(float64(partitions))
	k.groups.Set(float64(groups))
	k.errors.Add(0)
}

// AMQP records the AMQP broker. Its totals are gauges that only grow, as the Rust server has them.
type AMQP struct {
	active, channels, published, consumed, acked, queues, exchanges, bindings, errors *instrument.GaugeSeries
}

func newAMQP(r *instrument.Registry) *AMQP {
	return &AMQP{
		active: instrument.OnlyGauge(r, metrics.AMQPConnectionsActive), channels: instrument.OnlyGauge(r, metrics.AMQPChannelsActive),
		published: instrument.OnlyGauge(r, metrics.AMQPMessagesPublished), consumed: instrument.OnlyGauge(r, metrics.AMQPMessagesConsumed),
		acked: instrument.OnlyGauge(r, metrics.AMQPMessagesAcked), queues: instrument.OnlyGauge(r, metrics.AMQPQueues),
		exchanges: instrument.OnlyGauge(r, metrics.AMQPExchanges), bindings: instrument.OnlyGauge(r, metrics.AMQPBindings), errors: instrument.OnlyGauge(r, metrics.AMQPErrors),
	}
}

// Open records a connection, and returns what ends it, once.
func (a *AMQP) Open() (closed func()) {
	a.active.Inc()
	return sync.OnceFunc(a.active.Dec)
}

// Channel records a channel, and returns what ends it, once.
func (a *AMQP) Channel() (closed func()) {
	a.channels.Inc()
	return sync.OnceFunc(a.channels.Dec)
}

// Published records a message from a publisher.
func (a *AMQP) Published() { a.published.Inc() }

// Consumed records a message to a consumer.
func (a *AMQP) Consumed() { a.consumed.Inc() }

// Acked records a message that a consumer acknowledged.
func (a *AMQP) Acked() { a.acked.Inc() }

// Failed records an error.
func (a *AMQP) Failed() { a.errors.Inc() }

// Holds records how many queues, exchanges and bindings there are now.
func (a *AMQP) Holds(queues, exchanges, bindings int) {
	a.queues.Set(float64(queues))
	a.exchanges.Set(float64(exchanges))
	a.bindings.Set(float64(bindings))
	a.errors.Add(0)
}
