package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type workspaceErrorType struct{}

// WorkspaceErrorType is open: the Rust server names no kind yet.
var WorkspaceErrorType = catalog.AtMost[workspaceErrorType](10, "error_type", "Class of the failure.")

// Label sets of the workspace metrics.
var (
	PerWorkspaceRequest = catalog.By3(Workspace, HTTPMethod, HTTPStatus)
	PerWorkspaceCall    = catalog.By2(Workspace, HTTPMethod)
	PerWorkspace        = catalog.By1(Workspace)
	PerWorkspaceError   = catalog.By2(Workspace, WorkspaceErrorType)
)

// Types of the label sets, for the code that writes the metrics.
type (
	WorkspaceRequestLabels = catalog.Labels3[workspace, httpMethod, httpStatus]
	WorkspaceCallLabels    = catalog.Labels2[workspace, httpMethod]
	WorkspaceLabels        = catalog.Labels1[workspace]
	WorkspaceErrorLabels   = catalog.Labels2[workspace, workspaceErrorType]
)

// Workspaces repeats the request metrics for each workspace of a server that hosts several.
var Workspaces = catalog.NewGroup("Workspaces", catalog.GroupSpec{
	Help:  "Requests and routes of each workspace.",
	Owner: CloudTeam,
})

// Metrics of Workspaces.
var (
	WorkspaceRequestsTotal = catalog.NewCounter(Workspaces, "mockforge_workspace_requests_total", PerWorkspaceRequest, catalog.Spec{
		Help: "Requests finished, by workspace." + unwritten,
		Unit: unit.Requests,
	})
	WorkspaceRequestDuration = catalog.NewHistogram(Workspaces, "mockforge_workspace_request_duration_seconds", PerWorkspaceCall, catalog.Spec{
		Help:    "Time from receiving a request to having its answer, by workspace." + unwritten,
		Unit:    unit.Seconds,
		Buckets: requestBuckets,
	})
	WorkspaceActiveRoutes = catalog.NewGauge(Workspaces, "mockforge_workspace_active_routes", PerWorkspace, catalog.Spec{
		Help:  "Routes that the workspace serves now." + unwritten,
		Unit:  unit.Count("routes"),
		Range: catalog.AtLeast(0),
	})
	WorkspaceErrorsTotal = catalog.NewCounter(Workspaces, "mockforge_workspace_errors_total", PerWorkspaceError, catalog.Spec{
		Help:   "Requests failed, by workspace and class." + unwritten,
		Unit:   unit.Errors,
		PartOf: WorkspaceRequestsTotal,
	})
)
