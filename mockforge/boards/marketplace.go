package boards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// MarketplaceErrors is the panel that the marketplace's alert leads to.
var MarketplaceErrors = dashboards.NewTimeSeries("Errors by reason", dashboards.TimeSeries{
	Shows:   "Failed operations per second, by reason. Most reasons are the user's: not found, not allowed, not valid.",
	BadWhen: "database_error, storage_error and internal_error are the registry server's own.",
	Query:   measures.MarketplaceErrorRate, Legend: dashboards.By(metrics.ErrorCode), Window: alertWindow, Stack: true,
})

// Marketplace is of the registry server. The last six hours show: people use it less often than mocks.
var Marketplace = dashboards.New(MarketplaceUID, dashboards.Dashboard{
	Title:       "MockForge / Marketplace",
	Purpose:     "What do people publish, download and search, how long does it take, and what goes wrong?",
	Refresh:     30 * time.Second,
	Last:        6 * time.Hour,
	Owner:       metrics.CloudTeam,
	Variables:   []dashboards.Variable{job, dashboards.Values(metrics.ItemType).Titled("Type")},
	Links:       elsewhere(MarketplaceUID),
	Annotations: events(),
	Rows: []dashboards.Row{
		{Title: "The last hour", Panels: []*dashboards.Panel{
			dashboards.NewStat("Items", dashboards.Stat{
				Shows:   "Items on offer.",
				BadWhen: "A fall: items were withdrawn.",
				Query:   query.Select(metrics.MarketplaceItems).Sum(),
			}),
			ofLastHour("Publications", metrics.MarketplacePublishTotal),
			ofLastHour("Downloads", metrics.MarketplaceDownloadTotal),
			ofLastHour("Searches", metrics.MarketplaceSearchTotal),
			dashboards.NewPie("Items by type", dashboards.Pie{
				Shows:   "How the items on offer divide among the types.",
				BadWhen: "A type that is missing was never published, or lost.",
				Query:   query.Select(metrics.MarketplaceItems).Sum(metrics.ItemType), Legend: dashboards.By(metrics.ItemType), Width: 8, Height: 4,
			}),
		}},
		{Title: "Operations", Panels: []*dashboards.Panel{
			byOutcome("Publications by outcome", metrics.MarketplacePublishTotal),
			byOutcome("Downloads by outcome", metrics.MarketplaceDownloadTotal),
			byOutcome("Searches by outcome", metrics.MarketplaceSearchTotal),
			dashboards.NewTimeSeries("Operations that fail", dashboards.TimeSeries{
				Shows:   "Share of publications, downloads and searches that fail, for whatever reason.",
				BadWhen: "One kind alone: look at the reasons beside it.",
				Series: []dashboards.Series{
					{Query: failing(metrics.MarketplacePublishTotal), Legend: dashboards.Named("publish")},
					{Query: failing(metrics.MarketplaceDownloadTotal), Legend: dashboards.Named("download")},
					{Query: failing(metrics.MarketplaceSearchTotal), Legend: dashboards.Named("search")},
				},
			}),
			MarketplaceErrors,
			dashboards.NewTimeSeries("Errors by type", dashboards.TimeSeries{
				Shows:   "Failed operations per second, by the type of item.",
				BadWhen: "One type alone: its storage or its validation.",
				Query:   query.Rate(metrics.MarketplaceErrorsTotal).Sum(metrics.ItemType), Legend: dashboards.By(metrics.ItemType), Stack: true,
			}),
		}},
		{Title: "How long it takes", Panels: []*dashboards.Panel{
			dashboards.NewTimeSeries("95th percentile by operation", dashboards.TimeSeries{
				Shows:   "Time within which 95 of 100 publications, downloads and searches end.",
				BadWhen: "Searches that take as long as downloads: the index is missing.",
				Series: []dashboards.Series{
					{Query: query.Quantile(0.95, metrics.MarketplacePublishDuration), Legend: dashboards.Named("publish")},
					{Query: query.Quantile(0.95, metrics.MarketplaceDownloadDuration), Legend: dashboards.Named("download")},
					{Query: query.Quantile(0.95, metrics.MarketplaceSearchDuration), Legend: dashboards.Named("search")},
				},
			}),
			dashboards.NewTimeSeries("Mean by operation", dashboards.TimeSeries{
				Shows:   "Mean time of publications, downloads and searches.",
				BadWhen: "A mean that rises with the number of items: something reads all of them.",
				Series: []dashboards.Series{
					{Query: query.Mean(metrics.MarketplacePublishDuration), Legend: dashboards.Named("publish")},
					{Query: query.Mean(metrics.MarketplaceDownloadDuration), Legend: dashboards.Named("download")},
					{Query: query.Mean(metrics.MarketplaceSearchDuration), Legend: dashboards.Named("search")},
				},
			}),
			dashboards.NewTimeSeries("95th percentile of publications by type", dashboards.TimeSeries{
				Shows:   "Time within which 95 of 100 publications of each type end.",
				BadWhen: "One type alone: its validation takes long.",
				Query:   query.Quantile(0.95, metrics.MarketplacePublishDuration, metrics.ItemType), Legend: dashboards.By(metrics.ItemType),
			}),
			dashboards.NewHeatmap("Time of downloads", dashboards.Heatmap{
				Shows:   "How many downloads per second took how long.",
				BadWhen: "A second band above the usual one: large items, or a store that waits.",
				Of:      metrics.MarketplaceDownloadDuration,
			}),
		}},
	},
})

// operations is a counter of the marketplace's operations.
type operations = catalog.Counter[metrics.MarketplaceOperationLabels]

func ofLastHour(title string, m operations) *dashboards.Panel {
	return dashboards.NewStat(title, dashboards.Stat{
		Shows:   title + " of the last hour, failed ones among them.",
		BadWhen: "None in an hour in which people work: the registry server cannot be reached.",
		Query:   query.Increase(m).Sum(), Window: time.Hour,
	})
}

func byOutcome(title string, m operations) *dashboards.Panel {
	return dashboards.NewTimeSeries(title, dashboards.TimeSeries{
		Shows:   title + " per second, and type of item.",
		BadWhen: "error that grows with success staying the same.",
		Query:   query.Rate(m).Sum(metrics.ItemType, metrics.MarketplaceStatus), Legend: dashboards.By(metrics.ItemType, metrics.MarketplaceStatus), Stack: true,
		Width: 8,
	})
}

func failing(m operations) query.Vector {
	return query.Ratio(query.Rate(m, metrics.MarketplaceStatus.Is(metrics.MarketplaceError)).Sum(), query.Rate(m).Sum(), query.Quiet)
}
