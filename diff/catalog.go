// Package diff says what changed between two states of a project for those who read it: metrics, rules and dashboards; what
// breaks, and whom it hits.
//
// There is no promise of compatibility before 1.0.
package diff

import (
	"encoding/json"
	"fmt"

	"github.com/obsgen/obsgen/catalog"
)

// CatalogFile is the file in which build writes the metrics for machines.
const CatalogFile = "catalog.json"

// Catalog is the metrics of a project as CatalogFile has them.
type Catalog struct {
	Name    string   `json:"name"`
	Metrics []Metric `json:"metrics"`
}

// Metric is one of them.
type Metric struct {
	Name    string       `json:"name"`
	Type    catalog.Kind `json:"type"`
	Help    string       `json:"help"`
	Unit    string       `json:"unit,omitempty"`
	Owner   string       `json:"owner,omitempty"`
	Labels  []Label      `json:"labels,omitempty"`
	Buckets []float64    `json:"buckets,omitempty"`
	Native  float64      `json:"native,omitempty"`
	// Series is how many one target exposes at most.
	Series int `json:"series"`
}

// Label is one of a metric's. Values are those of a closed set.
type Label struct {
	Name    string   `json:"name"`
	Values  []string `json:"values,omitempty"`
	Pattern string   `json:"pattern,omitempty"`
	Max     int      `json:"max,omitempty"`
}

// Describe returns the metrics that a catalog's own service exposes.
func Describe(c *catalog.Catalog) Catalog {
	out := Catalog{Name: c.Name, Metrics: []Metric{}}
	for _, m := range c.Own() {
		d := Metric{
			Name: m.Name, Type: m.Kind, Help: m.Help, Owner: m.Owner, Buckets: m.Buckets, Native: m.Native, Series: m.SeriesPerTarget(),
		}
		if m.Unit.IsKnown() || m.Unit.IsLiteral() {
			d.Unit = m.Unit.String()
		}
		for _, l := range m.Labels {
			of := Label{Name: l.Name, Values: l.Values, Pattern: l.Pattern}
			if !l.Closed() {
				of.Max = l.Max
			}
			d.Labels = append(d.Labels, of)
		}
		out.Metrics = append(out.Metrics, d)
	}
	return out
}

// ParseCatalog reads a CatalogFile.
func ParseCatalog(data []byte) (*Catalog, error) {
	var c Catalog
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", CatalogFile, err)
	}
	return &c, nil
}

// metric returns the metric of a name, nil where there is none.
func (c *Catalog) metric(name string) *Metric {
	for i := range c.Metrics {
		if c.Metrics[i].Name == name {
			return &c.Metrics[i]
		}
	}
	return nil
}

// label returns the label of a name, nil where there is none.
func (m *Metric) label(name string) *Label {
	for i := range m.Labels {
		if m.Labels[i].Name == name {
			return &m.Labels[i]
		}
	}
	return nil
}

// series are the names under which a metric's samples are found.
func (m *Metric) series() []string {
	if m.Type != catalog.KindHistogram {
		return []string{m.Name}
	}
	out := []string{m.Name + "_bucket", m.Name + "_sum", m.Name + "_count"}
	if m.Native > 0 {
		out = append(out, m.Name)
	}
	return out
}
