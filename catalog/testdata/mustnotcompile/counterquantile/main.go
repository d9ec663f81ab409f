// Command counterquantile takes a quantile of a counter and of a histogram's count.
package main

import "github.com/obsgen/obsgen/catalog"

var (
	requests = catalog.NewGroup("Requests", catalog.GroupSpec{})
	total    = catalog.NewCounter(requests, "total", catalog.None{}, catalog.Spec{})
	duration = catalog.NewHistogram(requests, "duration_seconds", catalog.None{}, catalog.Spec{})
)

func quantile(float64, catalog.Observes) {}

func main() {
	quantile(.95, duration)
	quantile(.95, total)            // want `missing method observes`
	quantile(.95, duration.Count()) // want `missing method Def`
}
