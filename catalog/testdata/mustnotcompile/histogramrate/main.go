// Command histogramrate takes the rate of a histogram itself.
package main

import "github.com/obsgen/obsgen/catalog"

var (
	requests = catalog.NewGroup("Requests", catalog.GroupSpec{})
	duration = catalog.NewHistogram(requests, "duration_seconds", catalog.None{}, catalog.Spec{})
)

func rate(catalog.CountsUp) {}

func main() {
	rate(duration.Count())
	rate(duration.Sum())
	rate(duration) // want `catalog.Histogram\[catalog.None\] does not implement catalog.CountsUp \(missing method Series\)`
}
