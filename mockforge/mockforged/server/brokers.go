package server

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/obsgen/obsgen/mockforge/instrument"
)

// startMQTT starts a broker of MQTT 3.1.1 and 5.
func (s *Server) startMQTT(l net.Listener) (*mqtt.Server, error) {
	s.topics = &mqttHook{recorder: s.recorder.MQTT, topics: map[string]time.Time{}}
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler), SysTopicResendInterval: 10})
	if err := broker.AddHook(s.topics, nil); err != nil {
		return nil, fmt.Errorf("starting the MQTT broker: %w", err)
	}
	if err := broker.AddListener(listeners.NewNet("mqtt", l)); err != nil {
		return nil, fmt.Errorf("starting the MQTT broker: %w", err)
	}
	if err := broker.Serve(); err != nil {
		return nil, fmt.Errorf("starting the MQTT broker: %w", err)
	}
	return broker, nil
}

// mqttHook records what the broker does. Anybody may connect, and the topics below restricted/ are closed to all.
type mqttHook struct {
	mqtt.HookBase
	recorder *instrument.MQTT
	open     sync.Map // of *mqtt.Client to what ends its connection

	mu     sync.Mutex
	topics map[string]time.Time // when something was published to each
}

// ID names the hook.
func (*mqttHook) ID() string { return "recorder" }

// Provides says which events the hook wants.
func (*mqttHook) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnSessionEstablished, mqtt.OnDisconnect, mqtt.OnPacketRead, mqtt.OnPacketSent, mqtt.OnPublishDropped:
		return true
	}
	return false
}

// OnConnectAuthenticate lets everybody in.
func (*mqttHook) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

// OnACLCheck refuses what is restricted.
func (h *mqttHook) OnACLCheck(_ *mqtt.Client, topic string, _ bool) bool {
	if strings.HasPrefix(topic, "restricted/") {
		h.recorder.Failed("not_authorized")
		return false
	}
	return true
}

// OnSessionEstablished records a client that is connected.
func (h *mqttHook) OnSessionEstablished(c *mqtt.Client, _ packets.Packet) {
	h.open.Store(c, h.recorder.Open())
}

// OnDisconnect records a client that is not any more.
func (h *mqttHook) OnDisconnect(c *mqtt.Client, err error, _ bool) {
	if closed, ok := h.open.LoadAndDelete(c); ok {
		closed.(func())()
		if err != nil && c.StopCause() != packets.CodeDisconnect {
			h.recorder.Failed("connection_lost")
		}
	}
}

// OnPacketRead records a message from a client.
func (h *mqttHook) OnPacketRead(_ *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Type == packets.Publish {
		h.recorder.Received()
		h.mu.Lock()
		h.topics[pk.TopicName] = time.Now()
		h.mu.Unlock()
	}
	return pk, nil
}

// OnPacketSent records a message to a client.
func (h *mqttHook) OnPacketSent(_ *mqtt.Client, pk packets.Packet, _ []byte) {
	if pk.FixedHeader.Type == packets.Publish {
		h.recorder.Published()
	}
}

// OnPublishDropped records a message that a client was too slow for.
func (h *mqttHook) OnPublishDropped(*mqtt.Client, packets.Packet) { h.recorder.Failed("dropped") }

// active returns the number of topics that something was published to of late.
func (h *mqttHook) active() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	for topic, at := range h.topics {
		if time.Since(at) > 5*time.Minute {
			delete(h.topics, topic)
		}
	}
	return len(h.topics)
}

// holdings records what the brokers hold.
func (s *Server) holdings() {
	info := s.broker.Info.Clone()
	s.recorder.MQTT.Holds(s.topics.active(), int(info.Subscriptions), int(info.Retained))
	s.kafka.holds()
	s.amqp.holds()
}

// kafka keeps records by topic and partition, for producers and consumer groups that come over HTTP, as they do to a Kafka
// behind a REST proxy.
type kafka struct {
	recorder *instrument.Kafka
	mu       sync.Mutex
	topics   map[string][][]string             // partitions
	groups   map[string]map[string]map[int]int // by group and topic: the next offset of each partition
}

func newKafka(r *instrument.Kafka) *kafka {
	return &kafka{recorder: r, topics: map[string][][]string{}, groups: map[string]map[string]map[int]int{}}
}

func (k *kafka) holds() {
	k.mu.Lock()
	defer k.mu.Unlock()
	partitions := 0
	for _, p := range k.topics {
		partitions += len(p)
	}
	k.recorder.Holds(len(k.topics), partitions, len(k.groups))
}

// kept is how many records a partition keeps.
const kept = 1000

// produce takes records of a topic: {"records":[{"key":"…","value":"…"}]}. A topic that is new gets three partitions.
func (k *kafka) produce(w http.ResponseWriter, r *http.Request) {
	defer k.recorder.Open()()
	var batch struct {
		Records []struct{ Key, Value string } `json:"records"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&batch); err != nil || len(batch.Records) == 0 {
		k.recorder.Failed()
		http.Error(w, "no records", http.StatusUnprocessableEntity)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	topic := r.PathValue("topic")
	if k.topics[topic] == nil {
		if len(k.topics) >= 50 {
			k.recorder.Failed()
			http.Error(w, "too many topics", http.StatusInsufficientStorage)
			return
		}
		k.topics[topic] = make([][]string, 3)
	}
	partitions := k.topics[topic]
	for _, record := range batch.Records {
		i := 0
		for _, c := range []byte(record.Key) {
			i = (i*31 + int(c)) % len(partitions)
		}
		if len(partitions[i]) < kept {
			partitions[i] = append(partitions[i], record.Value)
		} else { // the oldest goes, and every group has read one less
			partitions[i] = append(partitions[i][1:], record.Value)
			for _, offsets := range k.groups {
				if o := offsets[topic]; o != nil && o[i] > 0 {
					o[i]--
				}
			}
		}
	}
	k.recorder.Produced(len(batch.Records))
	w.WriteHeader(http.StatusNoContent)
}

// consume returns what a consumer group has not read of a topic.
func (k *kafka) consume(w http.ResponseWriter, r *http.Request) {
	defer k.recorder.Open()()
	k.mu.Lock()
	defer k.mu.Unlock()
	topic, group := r.PathValue("topic"), r.PathValue("group")
	partitions, ok := k.topics[topic]
	if !ok || len(k.groups) >= 50 && k.groups[group] == nil {
		k.recorder.Failed()
		http.Error(w, "there is no such topic", http.StatusNotFound)
		return
	}
	if k.groups[group] == nil {
		k.groups[group] = map[string]map[int]int{}
	}
	if k.groups[group][topic] == nil {
		k.groups[group][topic] = map[int]int{}
	}
	values := []string{}
	for i, records := range partitions {
		values = append(values, records[k.groups[group][topic][i]:]...)
		k.groups[group][topic][i] = len(records)
	}
	k.recorder.Consumed(len(values))
	_ = json.NewEncoder(w).Encode(values) // the client may be gone
}

// amqp routes messages from exchanges to queues, for clients that come over HTTP, as they do to the management interface
// of a broker.
type amqp struct {
	recorder *instrument.AMQP
	mu       sync.Mutex
	queues   map[string][]string
	bindings map[string]map[string]bool // by exchange: queues
}

func newAMQP(r *instrument.AMQP) *amqp {
	return &amqp{recorder: r, queues: map[string][]string{}, bindings: map[string]map[string]bool{}}
}

func (a *amqp) holds() {
	a.mu.Lock()
	defer a.mu.Unlock()
	bindings := 0
	for _, q := range a.bindings {
		bindings += len(q)
	}
	a.recorder.Holds(len(a.queues), len(a.bindings), bindings)
}

// session records the connection and the channel of one operation.
func (a *amqp) session() (end func()) {
	closed, left := a.recorder.Open(), a.recorder.Channel()
	return func() { left(); closed() }
}

// bind makes an exchange, a queue and a binding between them.
func (a *amqp) bind(w http.ResponseWriter, r *http.Request) {
	defer a.session()()
	a.mu.Lock()
	defer a.mu.Unlock()
	exchange, queue := r.PathValue("exchange"), r.PathValue("queue")
	if len(a.bindings) >= 50 && a.bindings[exchange] == nil || len(a.queues) >= 50 && a.queues[queue] == nil {
		a.recorder.Failed()
		http.Error(w, "too many", http.StatusInsufficientStorage)
		return
	}
	if a.bindings[exchange] == nil {
		a.bindings[exchange] = map[string]bool{}
	}
	a.bindings[exchange][queue] = true
	if a.queues[queue] == nil {
		a.queues[queue] = []string{}
	}
	w.WriteHeader(http.StatusNoContent)
}

// publish takes a message for every queue of an exchange.
func (a *amqp) publish(w http.ResponseWriter, r *http.Request) {
	defer a.session()()
	var text strings.Builder
	if _, err := io.Copy(&text, http.MaxBytesReader(w, r.Body, 1<<16)); err != nil {
		a.recorder.Failed()
		http.Error(w, "the message cannot be read", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	queues, ok := a.bindings[r.PathValue("exchange")]
	if !ok {
		a.recorder.Failed()
		http.Error(w, "there is no such exchange", http.StatusNotFound)
		return
	}
	for q := range queues {
		if len(a.queues[q]) < kept {
			a.queues[q] = append(a.queues[q], text.String())
		}
	}
	a.recorder.Published()
	w.WriteHeader(http.StatusNoContent)
}

// get takes the next message out of a queue, which acknowledges it unless the client asks for it to be put back.
func (a *amqp) get(w http.ResponseWriter, r *http.Request) {
	defer a.session()()
	a.mu.Lock()
	defer a.mu.Unlock()
	name := r.PathValue("queue")
	messages, ok := a.queues[name]
	switch {
	case !ok:
		a.recorder.Failed()
		http.Error(w, "there is no such queue", http.StatusNotFound)
		return
	case len(messages) == 0:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	a.recorder.Consumed()
	if r.URL.Query().Get("requeue") == "" {
		a.queues[name] = messages[1:]
		a.recorder.Acked()
	}
	_, _ = w.Write([]byte(messages[0])) // the client may be gone
}
