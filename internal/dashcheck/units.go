package dashcheck

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed units.txt
var unitList string

// knownUnits are the ids of Grafana's units.
var knownUnits = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for id := range strings.Lines(unitList) {
		known[strings.TrimSuffix(id, "\n")] = true
	}
	return known
})
