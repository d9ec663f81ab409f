package boards

import (
	"slices"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// Workspaces is of the tenants of a server that hosts several.
var Workspaces = dashboards.New(WorkspaceUID, dashboards.Dashboard{
	Title:       "MockForge / Workspaces",
	Purpose:     "Which workspace is busy, slow or failing, and does the server keep its objectives?",
	Refresh:     30 * time.Second,
	Owner:       metrics.CloudTeam,
	Variables:   []dashboards.Variable{job, workspace},
	Links:       elsewhere(WorkspaceUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "Now", Panels: []*dashboards.Panel{
			dashboards.NewStat("Request rate", dashboards.Stat{
				Shows:   "Requests finished per second, of the workspaces that are chosen.",
				BadWhen: "Zero means that nobody uses the mocks, or nobody reaches them.",
				Query:   query.Rate(metrics.WorkspaceRequestsTotal).Sum(),
			}),
			dashboards.NewStat("Requests that fail", dashboards.Stat{
				Shows:   "Share of the requests of the chosen workspaces that fail.",
				BadWhen: "Anything that stays above zero: the table says which workspace.",
				Query:   query.Ratio(query.Rate(metrics.WorkspaceErrorsTotal).Sum(), query.Rate(metrics.WorkspaceRequestsTotal).Sum(), query.Zero),
				Levels:  []dashboards.Threshold{{At: 0.05, Level: catalog.Caution}, {At: 0.1, Level: catalog.Bad}},
			}),
			dashboards.NewStat("95th percentile", dashboards.Stat{
				Shows:   "Time within which 95 of 100 requests are answered.",
				BadWhen: "Tests that wait for mocks take longer by this much.",
				Query:   query.Quantile(0.95, metrics.WorkspaceRequestDuration),
				Levels:  []dashboards.Threshold{{At: 0.5, Level: catalog.Caution}, {At: 1, Level: catalog.Bad}},
			}),
			dashboards.NewStat("Routes", dashboards.Stat{
				Shows:   "Routes that the chosen workspaces serve.",
				BadWhen: "A fall without a change of the mocks: definitions that no longer load.",
				Query:   query.Select(metrics.WorkspaceActiveRoutes).Sum(),
			}),
			availabilityReported(),
			budgetReported(),
		}},
		{Title: "By workspace", Panels: slices.Concat(workspaces(), []*dashboards.Panel{
			dashboards.NewTable("Workspaces", dashboards.Table{
				Shows:   "Requests per second, share that fails and 95th percentile of each workspace.",
				BadWhen: "A busy workspace that fails is the first to look at.",
				Columns: []dashboards.Column{
					{Title: "Requests", Query: measures.WorkspaceRate},
					{Title: "Failing", Query: measures.WorkspaceErrorRatio},
					{Title: "p95", Query: query.Quantile(0.95, metrics.WorkspaceRequestDuration, metrics.Workspace)},
				},
				Links: []dashboards.Link{{Title: "Only this workspace", Dashboard: WorkspaceUID, Set: []catalog.AnyLabel{metrics.Workspace}}},
			}),
			dashboards.NewTimeSeries("Failures by class", dashboards.TimeSeries{
				Shows:   "Failed requests per second of the chosen workspaces, by class.",
				BadWhen: "A class that is new.",
				Query:   query.Rate(metrics.WorkspaceErrorsTotal).Sum(metrics.WorkspaceErrorType), Legend: dashboards.By(metrics.WorkspaceErrorType), Stack: true,
			}),
			dashboards.NewTimeSeries("Requests by status", dashboards.TimeSeries{
				Shows:   "Requests per second of the chosen workspaces, by HTTP status.",
				BadWhen: "Codes of 500 and above; many of 404 are mocks that are missing.",
				Query:   query.Rate(metrics.WorkspaceRequestsTotal).Sum(metrics.HTTPStatus), Legend: dashboards.By(metrics.HTTPStatus), Stack: true,
			}),
			dashboards.NewTimeSeries("Latency of the workspaces", dashboards.TimeSeries{
				Shows:   "Time within which half, 95% and 99% of the requests of the chosen workspaces are answered.",
				BadWhen: "If the median rises with the tail, the server is overloaded.",
				Series:  percentiles(metrics.WorkspaceRequestDuration, nil, 0.5, 0.95, 0.99),
			}),
		})},
	},
})
