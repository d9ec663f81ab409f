// Command queries takes what has no meaning of a metric's kind.
package main

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
)

var (
	requests = catalog.NewGroup("Requests", catalog.GroupSpec{})
	total    = catalog.NewCounter(requests, "total", catalog.None{}, catalog.Spec{})
	open     = catalog.NewGauge(requests, "open", catalog.None{}, catalog.Spec{})
	duration = catalog.NewHistogram(requests, "duration_seconds", catalog.None{}, catalog.Spec{})
)

func main() {
	rate := query.Rate(total)
	_ = query.Rate(open)            // want `missing method countsUp`
	_ = query.Increase(open)        // want `missing method countsUp`
	_ = query.Delta(total)          // want `missing method movesFreely`
	_ = query.Deriv(duration.Sum()) // want `missing method movesFreely`
	_ = query.Quantile(.5, total)   // want `missing method observes`
	_ = query.Mean(open)            // want `missing method observes`
	_ = query.Rate(rate)            // want `does not implement catalog.CountsUp`
	_ = rate.Above("5")             // want `cannot use "5"`
	_ = query.Ratio(rate, rate)     // want `not enough arguments`
}
