package catalog_test

import (
	"fmt"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// synthetic declares n sound metrics in groups of 20, a third of each kind, with two labels each.
func synthetic(n int) *catalog.Catalog {
	var spec catalog.CatalogSpec
	spec.Prefix = "synthetic_"
	var g *catalog.Group
	for i := range n {
		if i%20 == 0 {
			g = catalog.NewGroup(fmt.Sprintf("Group %d", i/20), catalog.GroupSpec{Help: "Part.", Owner: "t"})
			spec.Groups = append(spec.Groups, g)
		}
		set := catalog.By2(tills, catalog.AtMost[clerk](9, "clerk", "Clerk."))
		switch i % 3 {
		case 0:
			catalog.NewCounter(g, fmt.Sprintf("synthetic_%d_total", i), set, catalog.Spec{Help: "Events.", Unit: unit.Events})
		case 1:
			catalog.NewGauge(g, fmt.Sprintf("synthetic_%d_bytes", i), set, catalog.Spec{Help: "Bytes.", Unit: unit.Bytes})
		default:
			catalog.NewHistogram(g, fmt.Sprintf("synthetic_%d_seconds", i), set, catalog.Spec{
				Help: "Time.", Unit: unit.Seconds, Buckets: []float64{.01, .1, 1, 10},
			})
		}
	}
	return catalog.New("synthetic", spec)
}

// BenchmarkCatalog declares and checks a catalog of 1,000 metrics.
func BenchmarkCatalog(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if found := synthetic(1000).Check(); len(found) > 0 {
			b.Fatal(found[0])
		}
	}
}
