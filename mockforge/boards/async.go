package boards

import (
	"slices"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// AsyncProtocols is of what is not request and response.
var AsyncProtocols = dashboards.New(AsyncUID, dashboards.Dashboard{
	Title:       "MockForge / Asynchronous protocols",
	Purpose:     "Who is connected over WebSocket, MQTT, Kafka, AMQP and SMTP, do messages flow, and where do they get lost?",
	Refresh:     30 * time.Second,
	Owner:       metrics.ProtocolsTeam,
	Variables:   []dashboards.Variable{job, instance},
	Links:       elsewhere(AsyncUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "Connected now", Panels: []*dashboards.Panel{
			connected("WebSocket clients", metrics.WSConnectionsActive),
			connected("MQTT clients", metrics.MQTTConnectionsActive),
			connected("Kafka clients", metrics.KafkaConnectionsActive),
			connected("AMQP clients", metrics.AMQPConnectionsActive),
			connected("SMTP clients", metrics.SMTPConnectionsActive),
			dashboards.NewBarGauge("Errors now", dashboards.BarGauge{
				Shows:   "Errors per second of WebSocket, MQTT and SMTP, by kind. Kafka and AMQP are below: their counts are set, not counted.",
				BadWhen: "The longest bar is where messages get lost.",
				Query: query.Rate(metrics.MQTTErrorsTotal).Sum(metrics.MQTTErrorType).
					Or(query.Rate(metrics.SMTPErrorsTotal).Sum(metrics.SMTPErrorType)).
					Or(query.Rate(metrics.WSErrorsTotal).Sum()),
				Legend: dashboards.By(metrics.MQTTErrorType),
				Height: 4,
			}),
		}},
		{Title: "WebSocket", Panels: slices.Concat(webSocket(), []*dashboards.Panel{
			dashboards.NewTimeSeries("WebSocket connection time, percentiles", dashboards.TimeSeries{
				Shows:   "Time that half, 95% and 99% of the connections which were closed had been open.",
				BadWhen: "Percentiles that meet at one value: an idle timeout on the way.",
				Series:  percentiles(metrics.WSConnectionDuration, nil, 0.5, 0.95, 0.99),
			}),
			dashboards.NewHeatmap("WebSocket connection time, distribution", dashboards.Heatmap{
				Shows:   "How many connections were closed after how long.",
				BadWhen: "A band near zero: connections that are thrown out at once.",
				Of:      metrics.WSConnectionDuration,
			}),
		})},
		{Title: "MQTT", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("MQTT messages", dashboards.TimeSeries{
				Shows:   "Messages that clients publish per second, and below zero those that subscribers receive.",
				BadWhen: "Publishing without receiving: nobody subscribes to the topic.",
				Series: []dashboards.Series{
					{Query: query.Rate(metrics.MQTTMessagesPublishedTotal).Sum(), Legend: dashboards.Named("published")},
					{Query: query.Rate(metrics.MQTTMessagesReceivedTotal).Sum(), Legend: dashboards.Named("received"), Down: true},
				},
			}),
			dashboards.NewTimeSeries("MQTT connections", dashboards.TimeSeries{
				Shows:   "Clients that connect to the broker per second.",
				BadWhen: "Many with few connected: clients with the same id throw each other out.",
				Query:   query.Rate(metrics.MQTTConnectionsTotal).Sum(), Legend: dashboards.Named("opened"),
			}),
			dashboards.NewTimeSeries("MQTT topics", dashboards.TimeSeries{
				Shows:   "Topics in use now.",
				BadWhen: "A number that only grows: clients that make a topic each.",
				Query:   query.Select(metrics.MQTTTopicsActive).Sum(), Legend: dashboards.Named("topics"),
			}),
			dashboards.NewTimeSeries("MQTT subscriptions", dashboards.TimeSeries{
				Shows:   "Subscriptions held now.",
				BadWhen: "Fewer than there are subscribers: they lost theirs when they connected again.",
				Query:   query.Select(metrics.MQTTSubscriptionsActive).Sum(), Legend: dashboards.Named("subscriptions"),
			}),
			dashboards.NewTimeSeries("MQTT retained messages", dashboards.TimeSeries{
				Shows:   "Messages that the broker keeps for later subscribers.",
				BadWhen: "A number that only grows: topics that nobody clears.",
				Query:   query.Select(metrics.MQTTRetainedMessages).Sum(), Legend: dashboards.Named("retained"),
			}),
			dashboards.NewTimeSeries("MQTT errors", dashboards.TimeSeries{
				Shows:   "MQTT errors per second, by kind.",
				BadWhen: "Anything that stays above zero.",
				Query:   query.Rate(metrics.MQTTErrorsTotal).Sum(metrics.MQTTErrorType), Legend: dashboards.By(metrics.MQTTErrorType), Stack: true,
			}),
		}},
		{Title: "Kafka", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("Kafka messages", dashboards.TimeSeries{
				Shows:   "Messages produced per second, and below zero those consumed: the slope of the broker's own count.",
				BadWhen: "Producing without consuming: consumers lag or are gone.",
				Series: []dashboards.Series{
					{Query: slope(metrics.KafkaMessagesProduced), Legend: dashboards.Named("produced")},
					{Query: slope(metrics.KafkaMessagesConsumed), Legend: dashboards.Named("consumed"), Down: true},
				},
				Window: alertWindow,
			}),
			dashboards.NewTimeSeries("Kafka errors", dashboards.TimeSeries{
				Shows:   "Kafka errors per second: the slope of the broker's own count.",
				BadWhen: "Anything that stays above zero.",
				Query:   slope(metrics.KafkaErrors), Legend: dashboards.Named("errors"), Window: alertWindow,
			}),
			now("Kafka topics", "Topics that exist: those created less those deleted.", "Topics that tests leave behind.", metrics.KafkaTopics),
			now("Kafka partitions", "Partitions of all topics.", "Far more than topics times the usual number: a topic that was made by mistake.", metrics.KafkaPartitions),
			now("Kafka consumer groups", "Consumer groups that exist.", "A group for each run of a test: the name is not fixed.", metrics.KafkaConsumerGroups),
		}},
		{Title: "AMQP", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("AMQP messages", dashboards.TimeSeries{
				Shows:   "Messages published, consumed and acknowledged per second: the slope of the broker's own counts.",
				BadWhen: "Fewer acknowledged than consumed: they will be delivered again.",
				Series: []dashboards.Series{
					{Query: slope(metrics.AMQPMessagesPublished), Legend: dashboards.Named("published")},
					{Query: slope(metrics.AMQPMessagesConsumed), Legend: dashboards.Named("consumed")},
					{Query: slope(metrics.AMQPMessagesAcked), Legend: dashboards.Named("acknowledged")},
				},
				Window: alertWindow,
			}),
			dashboards.NewTimeSeries("AMQP errors", dashboards.TimeSeries{
				Shows:   "AMQP errors per second: the slope of the broker's own count.",
				BadWhen: "Anything that stays above zero.",
				Query:   slope(metrics.AMQPErrors), Legend: dashboards.Named("errors"), Window: alertWindow,
			}),
			now("AMQP channels", "Channels open now.", "Many more than clients: channels that are never closed.", metrics.AMQPChannelsActive),
			now("AMQP queues", "Queues that exist.", "Queues that tests leave behind.", metrics.AMQPQueues),
			now("AMQP exchanges", "Exchanges that exist.", "Exchanges that tests leave behind.", metrics.AMQPExchanges),
			now("AMQP bindings", "Bindings between exchanges and queues.", "None with clients around: what is published reaches nobody.", metrics.AMQPBindings),
		}},
		{Title: "SMTP", Panels: smtp()},
	},
})

// connected is the number of clients of a protocol.
func connected(title string, m catalog.MovesFreely) *dashboards.Panel {
	return dashboards.NewStat(title, dashboards.Stat{
		Shows:   title + " connected now.",
		BadWhen: "A fall to zero with clients around: the listener is gone, or cannot be reached.",
		Query:   query.Select(m).Sum(),
	})
}

// now is a number of things that exist.
func now(title, shows, badWhen string, m catalog.MovesFreely) *dashboards.Panel {
	return dashboards.NewStat(title, dashboards.Stat{Shows: shows, BadWhen: badWhen, Query: query.Select(m).Sum()})
}

// slope is the growth per second of a gauge that counts. It falls when the broker restarts, where a rate would take
// the fall for a counter's reset; here the fall is cut off.
func slope(m catalog.MovesFreely) query.Vector { return query.Deriv(m).ClampMin(0).Sum() }
