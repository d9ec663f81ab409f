package external

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Scrape is what Prometheus writes about each scrape; see
// https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series.
var Scrape = catalog.NewGroup("Scrapes", catalog.GroupSpec{
	Help:     "How the scrape of each target went.",
	Owner:    "prometheus",
	External: true,
})

// Metrics of Scrape.
var (
	Up = catalog.NewGauge(Scrape, "up", catalog.None{}, catalog.Spec{
		Help:  "Whether the last scrape of the target succeeded.",
		Unit:  unit.State,
		Range: catalog.Range{Min: 0, Max: 1},
		States: []catalog.State{
			{Value: 0, Name: "down", Level: catalog.Bad},
			{Value: 1, Name: "up", Level: catalog.Good},
		},
	})
	ScrapeDuration = catalog.NewGauge(Scrape, "scrape_duration_seconds", catalog.None{}, catalog.Spec{
		Help:  "Time that the last scrape took.",
		Unit:  unit.Seconds,
		Range: catalog.AtLeast(0),
	})
	ScrapeSamplesScraped = catalog.NewGauge(Scrape, "scrape_samples_scraped", catalog.None{}, catalog.Spec{
		Help:  "Samples that the target exposed.",
		Unit:  unit.Count("samples"),
		Range: catalog.AtLeast(0),
	})
	ScrapeSamplesPostMetricRelabeling = catalog.NewGauge(Scrape, "scrape_samples_post_metric_relabeling", catalog.None{}, catalog.Spec{
		Help:  "Samples that were left after metric relabeling.",
		Unit:  unit.Count("samples"),
		Range: catalog.AtLeast(0),
	})
	ScrapeSeriesAdded = catalog.NewGauge(Scrape, "scrape_series_added", catalog.None{}, catalog.Spec{
		Help:  "Series that the last scrape had and the one before had not, approximately.",
		Unit:  unit.Count("series"),
		Range: catalog.AtLeast(0),
	})
)
