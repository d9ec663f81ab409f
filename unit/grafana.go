package unit

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed grafana.txt
var grafanaList string

var knownToGrafana = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for id := range strings.Lines(grafanaList) {
		known[strings.TrimSuffix(id, "\n")] = true
	}
	return known
})

// IsGrafanaID reports whether Grafana has a unit of an id: s, bytes, percentunit. Units that people make up, such as
// suffix:req, are none of its.
func IsGrafanaID(id string) bool { return knownToGrafana()[id] }

// GrafanaIDsLike returns the ids that are written like a text but for the case of letters, in order.
func GrafanaIDsLike(text string) []string {
	var out []string
	for id := range knownToGrafana() {
		if strings.EqualFold(id, text) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
