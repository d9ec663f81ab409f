// Package scenarios declares what befalls the server, by which its alerts are tried.
package scenarios

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/scenario"
)

const (
	mebi = 1 << 20
	gibi = 1 << 30
)

// Healthy is a server that a few teams use on a working day: no alert has a reason to fire.
var Healthy = scenario.New("healthy", scenario.Spec{
	Help:  "A few teams use the server on a working day.",
	Daily: 0.5,
	Samples: []scenario.Sample{
		scenario.Take(metrics.Method, "GET", "POST", "mocks.Greeter::SayHello", metrics.GraphQLQuery.String()),
		scenario.Take(metrics.Status, "200", "201", "404", "500", "503", metrics.StatusOK.String(), metrics.StatusError.String()),
		scenario.Take(metrics.HTTPMethod, "GET", "POST"),
		scenario.Take(metrics.HTTPStatus, "200", "404", "500"),
		scenario.Take(metrics.Path, "/api/users", "/api/users/:id", "/api/orders"),
		scenario.Take(metrics.Endpoint, "/api/users", "/api/orders"),
		scenario.Take(metrics.Workspace, "default", "payments"),
		scenario.Take(metrics.PluginName, "jwt-auth", "csv-source"),
		scenario.Take(metrics.PluginErrorType, "timeout"),
		scenario.Take(metrics.SMTPErrorType, "timeout", "auth_failed"),
		scenario.Take(metrics.WorkspaceErrorType, "server_error"),
		scenario.Take(metrics.ScenarioType, "latency", "outage"),
		scenario.Take(metrics.Circuit, "payments", "mail"),
		scenario.Take(metrics.Bulkhead, "reports"),
		scenario.Take(metrics.Orchestration, "nightly"),
		scenario.Take(metrics.Step, "warm-up", "outage"),
		scenario.Take(metrics.HookType, "before", "after"),
		scenario.Take(metrics.AdviceCategory, "latency"),
		scenario.Take(metrics.AdviceSeverity, "low"),
		scenario.Take(metrics.TimeWindow, "1h"),
		scenario.Take(metrics.SLOType, "availability", "latency"),
	},
	Usual: concat(requests, protocols, brokers, workspaces, chaos, system),
})

func concat(lists ...[]scenario.Model) []scenario.Model {
	var out []scenario.Model
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// The pairs of labels that occur together: each protocol has methods and statuses of its own.
var (
	overHTTP    = metrics.Protocol.Is(metrics.HTTP)
	overGRPC    = metrics.Protocol.Is(metrics.GRPC)
	overGraphQL = metrics.Protocol.Is(metrics.GraphQL)
	httpVerb    = metrics.Method.In(metrics.Method.Value("GET"), metrics.Method.Value("POST"))
	grpcMethod  = metrics.Method.Matches(".*::.*")
	graphQLKind = metrics.Method.Is(metrics.GraphQLQuery)
	code        = metrics.Status.Matches("[0-9]+")
	word        = metrics.Status.In(metrics.StatusOK, metrics.StatusError)
	serverFault = metrics.Status.Matches("5..|error")
	clientFault = metrics.Status.Matches("4..")
	otherPillar = metrics.Pillar.NotIn(metrics.PillarReality, metrics.PillarUnknown)
)

// apart says of a metric by protocol and method which of the two do not occur together.
func apart(m catalog.AnyMetric) []scenario.Model {
	return []scenario.Model{
		scenario.Of(m, overHTTP, metrics.Method.NotIn(metrics.Method.Value("GET"), metrics.Method.Value("POST"))).Weight(0),
		scenario.Of(m, overGRPC, metrics.Method.NotMatches(".*::.*")).Weight(0),
		scenario.Of(m, overGraphQL, metrics.Method.Not(metrics.GraphQLQuery)).Weight(0),
		scenario.Of(m, otherPillar).Weight(0),
		scenario.Of(m, overHTTP).Weight(8),
		scenario.Of(m, httpVerb, metrics.Method.Is(metrics.Method.Value("POST"))).Weight(0.3),
	}
}

var requests = concat(
	apart(metrics.RequestsTotal), apart(metrics.RequestDuration),
	[]scenario.Model{
		scenario.Of(metrics.RequestsTotal, overGRPC, code).Weight(0),
		scenario.Of(metrics.RequestsTotal, metrics.Protocol.Not(metrics.GRPC), word).Weight(0),
		scenario.Of(metrics.RequestsTotal, serverFault).Weight(0.0001),
		scenario.Of(metrics.RequestsTotal, clientFault).Weight(0.02),
		scenario.Of(metrics.RequestsTotal).Rate(40),

		scenario.Of(metrics.RequestDuration).With(metrics.RequestsTotal).Median(0.012).Spread(2),
		scenario.Of(metrics.RequestDuration, grpcMethod).Median(0.006),
		scenario.Of(metrics.RequestDuration, graphQLKind).Median(0.02),
		scenario.Of(metrics.RequestsInFlight).Level(3).Noise(0.3),

		scenario.Of(metrics.ErrorsTotal, otherPillar).Weight(0),
		scenario.Of(metrics.ErrorsTotal, overHTTP, metrics.ErrorType.NotIn(metrics.ClientError, metrics.ServerError)).Weight(0),
		scenario.Of(metrics.ErrorsTotal, overGRPC, metrics.ErrorType.Not(metrics.GRPCError)).Weight(0),
		scenario.Of(metrics.ErrorsTotal, overGraphQL, metrics.ErrorType.Not(metrics.GraphQLError)).Weight(0),
		scenario.Of(metrics.ErrorsTotal, metrics.ServerSide).Share(0.0001),
		scenario.Of(metrics.ErrorsTotal, metrics.ServerSide, metrics.Protocol.Not(metrics.HTTP)).Share(0.002),
		scenario.Of(metrics.ErrorsTotal, metrics.ErrorType.Is(metrics.ClientError)).Share(0.01),

		scenario.Of(metrics.ErrorRate).Level(0.0001),
		scenario.Of(metrics.RequestsByPathTotal, metrics.HTTPStatus.Matches("[45]..")).Weight(0.005),
		scenario.Of(metrics.RequestsByPathTotal).Rate(30),
		scenario.Of(metrics.RequestDurationByPath).With(metrics.RequestsByPathTotal).Median(0.012).Spread(2),
		scenario.Of(metrics.AverageLatencyByPath).Level(0.014).Noise(0.1),

		scenario.Of(metrics.ServiceAvailability).Level(0.9999).Noise(0),
		scenario.Of(metrics.SuccessfulRequestRate).Level(0.9999).Noise(0),
		scenario.Of(metrics.ErrorBudgetRemaining).Level(0.9),
		scenario.Of(metrics.SLOCompliance).Level(0.999).Noise(0),
	},
)

var protocols = []scenario.Model{
	scenario.Of(metrics.WSConnectionsActive).Level(25).Noise(0.1),
	scenario.Of(metrics.WSConnectionsTotal).Rate(0.1),
	scenario.Of(metrics.WSConnectionDuration).Rate(0.1).Median(240).Spread(3),
	scenario.Of(metrics.WSConnectionDuration, metrics.CloseStatus.NotIn(metrics.CloseNormal, metrics.CloseByClient)).Weight(0.002),
	scenario.Of(metrics.WSMessagesSentTotal).Rate(12),
	scenario.Of(metrics.WSMessagesReceivedTotal).Rate(9),
	scenario.Of(metrics.WSErrorsTotal).Rate(0.002),
	scenario.Of(metrics.WSMessageSize, metrics.WSDirection.Is(metrics.WSSent)).Rate(12).Median(900).Spread(3),
	scenario.Of(metrics.WSMessageSize, metrics.WSDirection.Is(metrics.WSReceived)).Rate(9).Median(300).Spread(3),
	scenario.Of(metrics.WSPingRoundTrip).Rate(1).Median(0.02),
	scenario.Of(metrics.WSCloseCodesTotal, metrics.CloseClass.Is(metrics.CloseClassNormal)).Weight(40),
	scenario.Of(metrics.WSCloseCodesTotal).Rate(0.1),
	scenario.Of(metrics.WSReconnectsTotal).Share(0.05),
	scenario.Of(metrics.WSSendQueueDepth).Level(2).Noise(0.5),

	scenario.Of(metrics.SMTPConnectionsActive).Level(2).Noise(0.4),
	scenario.Of(metrics.SMTPConnectionsTotal).Rate(0.5),
	scenario.Of(metrics.SMTPMessagesReceivedTotal).Rate(0.8),
	scenario.Of(metrics.SMTPMessagesStoredTotal).Share(0.99),
	scenario.Of(metrics.SMTPErrorsTotal).Rate(0.002),

	scenario.Of(metrics.PluginExecutionsTotal, metrics.PluginStatus.Is(metrics.PluginFailure)).Weight(0.005),
	scenario.Of(metrics.PluginExecutionsTotal).Rate(6),
	scenario.Of(metrics.PluginExecutionDuration).With(metrics.PluginExecutionsTotal).Median(0.004),
	scenario.Of(metrics.PluginErrorsTotal).Share(0.005),

	scenario.Of(metrics.CaptureForwarderSentTotal).Rate(2),
}

var brokers = []scenario.Model{
	scenario.Of(metrics.MQTTErrorsTotal).Rate(0.002).Begun(),
	scenario.Of(metrics.MQTTMessagesPublishedTotal).Rate(4),
	scenario.Of(metrics.MQTTMessagesReceivedTotal).Rate(4),
	scenario.Of(metrics.KafkaMessagesProduced).Level(0).Rising(5).Noise(0),
	scenario.Of(metrics.KafkaMessagesConsumed).Level(0).Rising(5).Noise(0),
	scenario.Of(metrics.KafkaErrors).Level(0),
	scenario.Of(metrics.AMQPMessagesPublished).Level(0).Rising(3).Noise(0),
	scenario.Of(metrics.AMQPMessagesConsumed).Level(0).Rising(3).Noise(0),
	scenario.Of(metrics.AMQPMessagesAcked).Level(0).Rising(3).Noise(0),
	scenario.Of(metrics.AMQPErrors).Level(0),
	scenario.Of(metrics.KafkaTopics).Noise(0),
	scenario.Of(metrics.KafkaPartitions).Level(30).Noise(0),
	scenario.Of(metrics.KafkaConsumerGroups).Level(3).Noise(0),
}

var workspaces = []scenario.Model{
	scenario.Of(metrics.WorkspaceRequestsTotal, metrics.HTTPStatus.Matches("[45]..")).Weight(0.005),
	scenario.Of(metrics.WorkspaceRequestsTotal).Rate(30),
	scenario.Of(metrics.WorkspaceRequestDuration).With(metrics.WorkspaceRequestsTotal).Median(0.012).Spread(2),
	scenario.Of(metrics.WorkspaceErrorsTotal).Share(0.002),
	scenario.Of(metrics.WorkspaceActiveRoutes).Level(40).Noise(0),
	scenario.Of(metrics.MarketplacePublishTotal, metrics.MarketplaceStatus.Is(metrics.MarketplaceError)).Weight(0.01),
	scenario.Of(metrics.MarketplacePublishTotal).Rate(0.02),
	scenario.Of(metrics.MarketplacePublishDuration).Rate(0.02).Median(1.2),
	scenario.Of(metrics.MarketplaceDownloadTotal, metrics.MarketplaceStatus.Is(metrics.MarketplaceError)).Weight(0.01),
	scenario.Of(metrics.MarketplaceDownloadTotal).Rate(0.3),
	scenario.Of(metrics.MarketplaceDownloadDuration).Rate(0.3).Median(0.3),
	scenario.Of(metrics.MarketplaceSearchTotal, metrics.MarketplaceStatus.Is(metrics.MarketplaceError)).Weight(0.01),
	scenario.Of(metrics.MarketplaceSearchTotal).Rate(0.6),
	scenario.Of(metrics.MarketplaceSearchDuration).Rate(0.6).Median(0.06),
	scenario.Of(metrics.MarketplaceErrorsTotal, metrics.ErrorCode.Is(metrics.CodeNotFound)).Rate(0.01),
	scenario.Of(metrics.MarketplaceItems).Level(120).Noise(0),
	scenario.Of(metrics.DriftPercentage).Level(2),
	scenario.Of(metrics.DriftTotalChanges).Level(1).Noise(0),
	scenario.Of(metrics.DriftBreakingChanges).Level(0),
}

var chaos = []scenario.Model{
	scenario.Of(metrics.ChaosTriggersTotal).Rate(0),
	scenario.Of(metrics.ChaosScenariosTotal).Rate(0.002),
	scenario.Of(metrics.ChaosScenariosTotal, metrics.ChaosStatus.Is(metrics.ChaosFailure)).Rate(0).Begun(),
	scenario.Of(metrics.ChaosOrchestrationExecutionsTotal).Rate(0.001),
	scenario.Of(metrics.ChaosOrchestrationExecutionsTotal, metrics.ChaosStatus.Is(metrics.ChaosFailure)).Rate(0),
	scenario.Of(metrics.ChaosOrchestrationStepDuration).Rate(0.002).Median(4),
	scenario.Of(metrics.ChaosAssertionResultsTotal, metrics.AssertionResult.Is(metrics.AssertionFailed)).Weight(0.02),
	scenario.Of(metrics.ChaosAssertionResultsTotal).Rate(0.004),
	scenario.Of(metrics.ChaosHookExecutionsTotal).Rate(0.002),
	scenario.Of(metrics.ChaosFaultsTotal).Rate(0.02),
	scenario.Of(metrics.ChaosLatency).Rate(0.01).Median(120),
	scenario.Of(metrics.ChaosJitter).Rate(0.01).Median(12),
	scenario.Of(metrics.ChaosBandwidthThrottle).Rate(0.01).Median(60),
	scenario.Of(metrics.ChaosRateLimitViolationsTotal).Rate(0.01),
	scenario.Of(metrics.ChaosBulkheadConcurrentRequests).Level(1).Noise(0),
	scenario.Of(metrics.ChaosActiveOrchestrations).Level(0),
	scenario.Of(metrics.ChaosRecommendations).Level(2).Noise(0),
	scenario.Of(metrics.ChaosImpactScore).Level(0.02),
}

var system = []scenario.Model{
	scenario.Of(metrics.MemoryUsage).Level(5.5 * gibi).Noise(0.01), // of the whole host
	scenario.Of(metrics.CPUUsage).Level(22).Noise(0.2),
	scenario.Of(metrics.ThreadCount).Level(18).Noise(0),
	scenario.Of(metrics.Uptime).SinceStart(),
	scenario.Of(external.ProcessCPUTotal).Rate(0.12),
	scenario.Of(external.ProcessResidentMemory).Level(240 * mebi).Noise(0.01),
	scenario.Of(external.ProcessOpenFDs).Level(90).Noise(0.05),
	scenario.Of(external.ProcessMaxFDs).Level(65536).Noise(0),
	scenario.Of(external.ProcessNetworkReceiveTotal).Rate(90e3),
	scenario.Of(external.ProcessNetworkTransmitTotal).Rate(400e3),
}
