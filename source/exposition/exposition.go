// Package exposition makes a group of metrics from what a server exposes, so that files can be checked against a
// service that has no catalog.
package exposition

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// largest is the size up to which files are read.
const largest = 200 << 20

// Read reads the Prometheus text format, OpenMetrics, the JSON of Prometheus's metadata API, or that of obsgen list metrics
// --json, by content; name is for
// messages. The group is external, and its series can carry labels that the file does not show: those of the target,
// and those of series that were not there just then. A summary becomes three metrics: its quantiles, which are values
// like a gauge's, its sum and its count. What has no type, or the type untyped or unknown, is a metric of KindUntyped.
func Read(name string, data []byte) (*catalog.Group, error) {
	if len(data) > largest {
		return nil, fmt.Errorf("%s: it is larger than %d MB", name, largest>>20)
	}
	families := map[string]*family{}
	trimmed := bytes.TrimSpace(data)
	var err error
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		err = readMetadata(trimmed, families)
	} else {
		err = readText(data, families)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(families) == 0 {
		return nil, fmt.Errorf("%s: it holds no metric: neither an exposition nor metadata", name)
	}
	g := catalog.NewGroup(name, catalog.GroupSpec{Help: "What " + name + " holds.", External: true, OpenLabels: true})
	for _, key := range slices.Sorted(maps.Keys(families)) {
		families[key].declare(g)
	}
	return g, nil
}

// family is one metric as it is met.
type family struct {
	base             string // as its type and help name it
	name, help, unit string
	kind             model.MetricType
	// values are those that each label has.
	values map[string]map[string]bool
	bounds map[float64]bool
	native bool
	// series are the sets of labels, without those of buckets and quantiles.
	series map[string][]labels.Label
}

func get(families map[string]*family, name string) *family {
	f := families[name]
	if f == nil {
		f = &family{base: name, name: name, values: map[string]map[string]bool{}, bounds: map[float64]bool{}, series: map[string][]labels.Label{}}
		families[name] = f
	}
	return f
}

func readText(data []byte, families map[string]*family) error {
	mediaType := "text/plain"
	if bytes.Contains(data, []byte("\n# EOF")) || bytes.HasPrefix(data, []byte("# EOF")) || bytes.Contains(data, []byte("\n# UNIT ")) {
		mediaType = "application/openmetrics-text; version=1.0.0"
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		data = append(slices.Clip(data), '\n')
	}
	p, err := textparse.New(data, mediaType, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	if err != nil {
		return err
	}
	var current *family
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			// OpenMetrics wants # EOF at the end; a copy may have lost it.
			if mediaType != "text/plain" && strings.Contains(err.Error(), "data does not end with # EOF") {
				return nil
			}
			return fmt.Errorf("%w", err)
		}
		switch entry {
		case textparse.EntryHelp:
			n, help := p.Help()
			get(families, string(n)).help = string(help)
		case textparse.EntryType:
			n, kind := p.Type()
			current = get(families, string(n))
			current.kind = kind
		case textparse.EntryUnit:
			n, u := p.Unit()
			get(families, string(n)).unit = string(u)
		case textparse.EntrySeries, textparse.EntryHistogram:
			var ls labels.Labels
			p.Labels(&ls)
			current = sample(families, current, ls, entry == textparse.EntryHistogram)
		}
	}
}

// sample notes the labels of a sample with the metric that it belongs to: the one before it, if its name says so.
func sample(families map[string]*family, current *family, ls labels.Labels, native bool) *family {
	name := ls.Get(model.MetricNameLabel)
	f := current
	if f == nil || !f.owns(name) {
		f = get(families, name)
	}
	if strings.HasSuffix(name, "_created") && f.base != name {
		return f
	}
	f.native = f.native || native
	if f.kind == model.MetricTypeCounter && f.name != name {
		f.name = name // OpenMetrics names counters without _total
	}
	var set []labels.Label
	defer func() {
		if key := fmt.Sprint(set); f.series[key] == nil {
			f.series[key] = append([]labels.Label{}, set...)
		}
	}()
	ls.Range(func(l labels.Label) {
		if l.Name != model.MetricNameLabel && !(l.Name == model.BucketLabel && f.kind == model.MetricTypeHistogram) && !(l.Name == model.QuantileLabel && f.kind == model.MetricTypeSummary) {
			set = append(set, l)
		}
		switch {
		case l.Name == model.MetricNameLabel, l.Name == "job", l.Name == "instance":
			return
		case l.Name == model.BucketLabel && (f.kind == model.MetricTypeHistogram || f.kind == model.MetricTypeGaugeHistogram):
			if x, err := strconv.ParseFloat(l.Value, 64); err == nil && !math.IsInf(x, 0) {
				f.bounds[x] = true
			}
			return
		case l.Name == model.QuantileLabel && f.kind == model.MetricTypeSummary:
			return
		}
		if f.values[l.Name] == nil {
			f.values[l.Name] = map[string]bool{}
		}
		f.values[l.Name][l.Value] = true
	})
	return f
}

// owns reports whether a sample's name is one of the metric's.
func (f *family) owns(name string) bool {
	if name == f.name || name == f.base {
		return true
	}
	suffix, ok := strings.CutPrefix(name, f.base)
	if !ok {
		return false
	}
	switch f.kind {
	case model.MetricTypeHistogram, model.MetricTypeGaugeHistogram:
		return slices.Contains([]string{"_bucket", "_sum", "_count", "_created", "_gsum", "_gcount"}, suffix)
	case model.MetricTypeSummary:
		return slices.Contains([]string{"_sum", "_count", "_created"}, suffix)
	case model.MetricTypeCounter:
		return suffix == "_total" || suffix == "_created"
	case model.MetricTypeInfo:
		return suffix == "_info"
	}
	return false
}

// declare adds the metric to a group.
func (f *family) declare(g *catalog.Group) {
	var ls []*catalog.LabelDef
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		ls = append(ls, &catalog.LabelDef{Name: name, Max: max(1, len(f.values[name]))})
	}
	spec := catalog.Spec{Help: f.help, Unit: unitOf(f.name, f.unit)}
	switch f.kind {
	case model.MetricTypeCounter:
		catalog.Declare(g, catalog.KindCounter, f.name, ls, spec)
	case model.MetricTypeHistogram:
		spec.Buckets = slices.Sorted(maps.Keys(f.bounds))
		if f.native || len(spec.Buckets) == 0 {
			spec.Native = 1.1
		}
		catalog.Declare(g, catalog.KindHistogram, f.name, ls, spec)
	case model.MetricTypeSummary:
		quantiles := append(slices.Clone(ls), &catalog.LabelDef{Name: model.QuantileLabel, Max: 10})
		catalog.Declare(g, catalog.KindGauge, f.name, quantiles, spec)
		catalog.Declare(g, catalog.KindCounter, f.name+"_sum", ls, spec)
		catalog.Declare(g, catalog.KindCounter, f.name+"_count", ls, catalog.Spec{Help: f.help, Unit: unit.Count("observations")})
	case model.MetricTypeInfo:
		name := f.name
		if !strings.HasSuffix(name, "_info") {
			name += "_info"
		}
		catalog.Declare(g, catalog.KindGauge, name, ls, catalog.Spec{Help: f.help, Range: catalog.Range{Min: 1, Max: 1}})
	case model.MetricTypeGauge, model.MetricTypeGaugeHistogram, model.MetricTypeStateset:
		catalog.Declare(g, catalog.KindGauge, f.name, ls, spec)
	default:
		catalog.Declare(g, catalog.KindUntyped, f.name, ls, spec)
	}
}

// units are the base units that Prometheus's conventions write at the end of a name, see
// https://prometheus.io/docs/practices/naming/#base-units.
var units = map[string]unit.Unit{
	"seconds": unit.Seconds, "bytes": unit.Bytes, "ratio": unit.Ratio, "celsius": unit.Celsius, "timestamp_seconds": unit.Timestamp,
}

// unitOf returns the unit that a metric is declared in, or that the end of its name says. Anything else is not known.
func unitOf(name, declared string) unit.Unit {
	if u, ok := units[declared]; ok && declared != "seconds" {
		return u
	}
	stem := strings.TrimSuffix(name, "_total")
	for _, end := range []string{"timestamp_seconds", "seconds", "bytes", "ratio", "celsius"} {
		if stem == end || strings.HasSuffix(stem, "_"+end) {
			// A point in time often has no timestamp in its name: start_time_seconds, boot_time_seconds.
			if end == "seconds" && (strings.HasSuffix(stem, "_time_seconds") || strings.Contains(stem, "expir") || strings.Contains(stem, "not_after") || strings.Contains(stem, "not_before")) {
				return unit.Unknown
			}
			return units[end]
		}
	}
	return unit.Unknown
}

// metadata is what Prometheus's API says of a metric.
type metadata struct {
	Metric string `json:"metric"`
	// Name and Labels are those of obsgen list metrics --json.
	Name   string   `json:"name"`
	Labels []string `json:"labels"`
	Type   string   `json:"type"`
	Help   string   `json:"help"`
	Unit   string   `json:"unit"`
}

func readMetadata(data []byte, families map[string]*family) error {
	var answer struct {
		Data json.RawMessage `json:"data"`
	}
	body := json.RawMessage(data)
	if err := json.Unmarshal(data, &answer); err == nil && len(answer.Data) > 0 {
		body = answer.Data
	}
	add := func(name string, m metadata) {
		if name == "" {
			return
		}
		f := get(families, name)
		if kind := model.MetricType(m.Type); f.kind == "" {
			f.kind = kind
		} else if f.kind != kind {
			f.kind = model.MetricTypeUnknown // targets disagree
		}
		f.help, f.unit = m.Help, m.Unit
	}
	var byName map[string][]metadata
	if err := json.Unmarshal(body, &byName); err == nil {
		for name, ms := range byName {
			for _, m := range ms {
				add(name, m)
			}
		}
		return nil
	}
	var list []metadata
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("it is JSON, and not that of Prometheus's metadata API: %w", err)
	}
	for _, m := range list {
		name := cmp.Or(m.Metric, m.Name)
		add(name, m)
		for _, l := range m.Labels {
			get(families, name).values[l] = map[string]bool{}
		}
	}
	return nil
}
