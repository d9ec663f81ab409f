// Command gaugerate takes the rate of a gauge and the difference of a counter.
package main

import "github.com/obsgen/obsgen/catalog"

var (
	sockets = catalog.NewGroup("Sockets", catalog.GroupSpec{})
	open    = catalog.NewGauge(sockets, "open", catalog.None{}, catalog.Spec{})
	opened  = catalog.NewCounter(sockets, "opened_total", catalog.None{}, catalog.Spec{})
)

func rate(catalog.CountsUp)     {}
func delta(catalog.MovesFreely) {}

func main() {
	rate(opened)
	delta(open)
	rate(open)    // want `missing method countsUp`
	delta(opened) // want `missing method movesFreely`
}
