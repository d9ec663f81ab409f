// Package pseudonymize is a plugin: it replaces what points at people in the answers of mocks, and has metrics of its own.
package pseudonymize

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/unit"
)

// Name is the plugin's name.
const Name = "pseudonymize"

type kind struct{}

// Kinds of what is replaced.
var (
	Email = catalog.V[kind]("email")
	Phone = catalog.V[kind]("phone")

	Kind = catalog.OneOf("kind", "What was replaced.", Email, Phone)

	// PerKind is the label set of what is counted by kind.
	PerKind = catalog.By1(Kind)
)

// KindLabels is the type of PerKind.
type KindLabels = catalog.Labels1[kind]

var group = catalog.NewGroup("Pseudonymize", catalog.GroupSpec{
	Help:  "The plugin that replaces what points at people.",
	Owner: metrics.PluginsTeam,
})

// The metrics.
var (
	ReplacedTotal = catalog.NewCounter(group, "mockforge_plugin_pseudonymize_replaced_total", PerKind, catalog.Spec{
		Help:        "Values replaced in answers.",
		Unit:        unit.Count("values"),
		Initialised: true,
	})
	BodySize = catalog.NewHistogram(group, "mockforge_plugin_pseudonymize_body_bytes", catalog.None{}, catalog.Spec{
		Help:    "Size of the answers that were looked through.",
		Unit:    unit.Bytes,
		Buckets: []float64{64, 256, 1024, 4096, 16384},
	})
	Remembered = catalog.NewGauge(group, "mockforge_plugin_pseudonymize_remembered", catalog.None{}, catalog.Spec{
		Help:  "Values that are remembered, so that each is always replaced by the same.",
		Unit:  unit.Count("values"),
		Range: catalog.AtLeast(0),
	})
)

// Fragment is the plugin's part of the catalog.
var Fragment = catalog.New(Name, catalog.CatalogSpec{Prefix: metrics.PluginPrefix + Name + "_", Groups: []*catalog.Group{group}})
