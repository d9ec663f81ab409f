// Command obsgen-sim is the part of obsgen that runs rules in Prometheus's own engine. obsgen starts it.
package main

import (
	"os"

	"github.com/obsgen/obsgen/cli/sim"
)

func main() { os.Exit(sim.Main()) }
