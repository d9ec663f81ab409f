// Package external has the metrics that a service's queries read and somebody else writes: Prometheus
// itself and the standard collectors of its client libraries. A catalog lists the groups that it needs:
//
//	catalog.New("shop", catalog.CatalogSpec{Groups: []*catalog.Group{orders, external.Scrape, external.Process}})
//
// A Go variable is called as its metric, without the unit; counters keep Total.
package external

import "github.com/obsgen/obsgen/catalog"

// All returns the groups of this package.
func All() []*catalog.Group { return []*catalog.Group{Scrape, Alerts, Process, GoRuntime} }
