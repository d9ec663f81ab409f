package metrics

import "github.com/obsgen/obsgen/catalog"

// Tags keep the values of one label from being taken for another's, where two share a name as well.
type (
	protocol   struct{}
	method     struct{}
	status     struct{}
	pillar     struct{}
	errorType  struct{}
	path       struct{}
	httpMethod struct{}
	httpStatus struct{}
	workspace  struct{}
	endpoint   struct{}
)

// Protocols, as requests carry them.
var (
	HTTP    = catalog.V[protocol]("http")
	GRPC    = catalog.V[protocol]("grpc")
	GraphQL = catalog.V[protocol]("graphql")

	Protocol = catalog.OneOf("protocol", "Protocol that carried the request.", HTTP, GRPC, GraphQL)
)

// What was called, and how it ended, in the words of its protocol.
var (
	GraphQLQuery = catalog.V[method]("query") // the method of every GraphQL request
	StatusOK     = catalog.V[status]("ok")    // statuses of gRPC
	StatusError  = catalog.V[status]("error")

	Method = catalog.AtMost[method](30, "method", "HTTP verb, gRPC Service::Method, or query for GraphQL.")
	Status = catalog.Pattern[status](`[1-5]\d\d|ok|error`, 30, "status", "HTTP status code, also of GraphQL; ok or error for gRPC.")
)

// Pillars: the server derives them from the path or the gRPC method by substring, so that /airports
// counts as ai. GraphQL always counts as contracts.
var (
	PillarReality   = catalog.V[pillar]("reality")
	PillarContracts = catalog.V[pillar]("contracts")
	PillarDevX      = catalog.V[pillar]("devx")
	PillarCloud     = catalog.V[pillar]("cloud")
	PillarAI        = catalog.V[pillar]("ai")
	PillarUnknown   = catalog.V[pillar]("unknown")

	Pillar = catalog.OneOf("pillar", "Part of the product that the request exercised.",
		PillarReality, PillarContracts, PillarDevX, PillarCloud, PillarAI, PillarUnknown)
)

// Classes of failed requests.
var (
	ClientError  = catalog.V[errorType]("client_error") // HTTP 4xx
	ServerError  = catalog.V[errorType]("server_error") // HTTP 5xx
	GRPCError    = catalog.V[errorType]("grpc_error")
	GraphQLError = catalog.V[errorType]("graphql_error")

	ErrorType = catalog.OneOf("error_type", "Class of the failure.", ClientError, ServerError, GRPCError, GraphQLError)

	// ServerSide selects the failures that are not the client's: everything but HTTP 4xx.
	ServerSide = ErrorType.Not(ClientError)
)

// Labels that only HTTP has.
var (
	Path       = catalog.AtMost[path](100, "path", "Normalized path: numbers, UUIDs and long hexadecimal ids are :id.")
	HTTPMethod = catalog.AtMost[httpMethod](8, "method", "HTTP verb.")
	HTTPStatus = catalog.Pattern[httpStatus](`[1-5]\d\d`, 15, "status", "HTTP status code.")
	Endpoint   = catalog.AtMost[endpoint](100, "endpoint", "Path of the request as it came, not normalized.")

	// Listener is the endpoint of connections that were cut before a request was read.
	Listener = catalog.V[endpoint]("_listener")
)

// Workspace is shared by the workspace and drift metrics; drift leaves it empty.
var Workspace = catalog.AtMost[workspace](20, "workspace_id", "Workspace that owns the mocks.")
