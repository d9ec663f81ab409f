package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// fragmentFile is a catalog as a file of JSON has it. It is how what was built elsewhere, such as a plugin, says which
// metrics it brings along.
type fragmentFile struct {
	Name    string           `json:"name"`
	Prefix  string           `json:"prefix"`
	Title   string           `json:"title"`
	Help    string           `json:"help"`
	Owner   string           `json:"owner,omitempty"`
	Metrics []fragmentMetric `json:"metrics"`
}

type fragmentMetric struct {
	Name        string          `json:"name"`
	Type        Kind            `json:"type"`
	Help        string          `json:"help"`
	Unit        string          `json:"unit,omitempty"`
	Labels      []fragmentLabel `json:"labels,omitempty"`
	Buckets     []float64       `json:"buckets,omitempty"`
	Native      float64         `json:"native,omitempty"`
	Min         *float64        `json:"min,omitempty"`
	Max         *float64        `json:"max,omitempty"`
	States      []fragmentState `json:"states,omitempty"`
	PartOf      string          `json:"partOf,omitempty"`
	Initialised bool            `json:"initialised,omitempty"`
	Naming      string          `json:"naming,omitempty"`
}

type fragmentLabel struct {
	Name    string   `json:"name"`
	Help    string   `json:"help"`
	Values  []string `json:"values,omitempty"`
	Pattern string   `json:"pattern,omitempty"`
	Max     int      `json:"max,omitempty"`
}

type fragmentState struct {
	Value float64 `json:"value"`
	Name  string  `json:"name"`
	Level string  `json:"level,omitempty"`
}

var levels = []string{"", "good", "caution", "bad"} // by Level

// MarshalJSON returns the catalog as a fragment, which ParseFragment reads: of one group, and without what only its own
// repository needs to know. It returns an error for a catalog of several groups and for a unit that has no name.
func (c *Catalog) MarshalJSON() ([]byte, error) {
	if len(c.groups) != 1 {
		return nil, fmt.Errorf("the catalog %s has %d groups, and a fragment has one", c.Name, len(c.groups))
	}
	g := c.groups[0]
	f := fragmentFile{Name: c.Name, Prefix: c.Spec.Prefix, Title: g.Title, Help: g.Help, Owner: g.Owner, Metrics: []fragmentMetric{}}
	for _, m := range g.Metrics() {
		name, ok := m.Unit.Name()
		if !ok {
			return nil, fmt.Errorf("%s: the unit %s has no name", m.Name, m.Unit)
		}
		out := fragmentMetric{
			Name: m.Name, Type: m.Kind, Help: m.Help, Unit: name, Buckets: m.Buckets, Native: m.Native, Initialised: m.Initialised, Naming: string(m.Naming),
		}
		if !m.Range.IsZero() {
			if !math.IsInf(m.Range.Min, -1) {
				out.Min = &m.Range.Min
			}
			if !math.IsInf(m.Range.Max, 1) {
				out.Max = &m.Range.Max
			}
		}
		for _, s := range m.States {
			out.States = append(out.States, fragmentState{s.Value, s.Name, levels[s.Level]})
		}
		if m.PartOf != nil {
			out.PartOf = m.PartOf.Series().Metric.Name
		}
		for _, l := range m.Labels {
			label := fragmentLabel{Name: l.Name, Help: l.Help, Values: l.Values, Pattern: l.Pattern, Max: l.Max}
			if l.Closed() {
				label.Max = 0
			}
			out.Labels = append(out.Labels, label)
		}
		f.Metrics = append(f.Metrics, out)
	}
	return json.Marshal(f)
}

// ParseFragment reads a catalog that a file of JSON declares; file is its name, for positions. It returns an error where
// that is no fragment; what is wrong with its metrics is for Check to say.
func ParseFragment(file string, data []byte) (*Catalog, error) {
	at := func(offset int) diag.Position {
		before := data[:min(max(offset, 0), len(data))]
		return diag.Position{File: file, Line: bytes.Count(before, []byte("\n")) + 1, Col: len(before) - bytes.LastIndexByte(before, '\n')}
	}
	wrong := func(offset int, format string, args ...any) error {
		return fmt.Errorf("%s: "+format, append([]any{at(offset)}, args...)...)
	}
	var f fragmentFile
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&f); err != nil {
		offset := int(in.InputOffset())
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			offset = int(syntax.Offset) - 1
		case errors.As(err, &kind):
			return nil, wrong(int(kind.Offset)-1, "%s is a %s, and %s is wanted", kind.Field, kind.Value, kind.Type)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, wrong(len(data), "the file ends before the fragment does")
		default: // of an unknown field
			if _, field, ok := strings.Cut(err.Error(), "unknown field "); ok {
				offset = bytes.Index(data, []byte(field))
			}
		}
		return nil, wrong(offset, "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong(int(in.InputOffset()), "something follows the fragment")
	}
	switch {
	case f.Name == "":
		return nil, wrong(0, "the fragment has no name")
	case f.Prefix == "":
		return nil, wrong(0, "the fragment %s has no prefix, with which the names of its metrics begin", f.Name)
	}
	places := namesIn(data)
	g := &Group{Title: f.Title, GroupSpec: GroupSpec{Help: f.Help, Owner: f.Owner}, Site: diag.SiteAt(at(0))}
	if g.Title == "" {
		g.Title = f.Name
	}
	labels := map[string]*LabelDef{}
	byName := map[string]*Metric{}
	for i, m := range f.Metrics {
		offset := places[i]
		switch m.Type {
		case KindCounter, KindGauge, KindHistogram:
		default:
			return nil, wrong(offset, "%s is a %q, and a metric is a %s, a %s or a %s", m.Name, m.Type, KindCounter, KindGauge, KindHistogram)
		}
		if len(m.Labels) > 6 {
			return nil, wrong(offset, "%s has %d labels, and 6 are the most", m.Name, len(m.Labels))
		}
		site := diag.SiteAt(at(offset))
		spec := Spec{Help: m.Help, Unit: unit.Named(m.Unit), Buckets: m.Buckets, Native: m.Native, Initialised: m.Initialised, Naming: diag.Waiver(m.Naming)}
		if m.Min != nil || m.Max != nil {
			spec.Range = Range{math.Inf(-1), math.Inf(1)}
			if m.Min != nil {
				spec.Range.Min = *m.Min
			}
			if m.Max != nil {
				spec.Range.Max = *m.Max
			}
		}
		for _, s := range m.States {
			level := slices.Index(levels, s.Level)
			if level < 0 {
				return nil, wrong(offset, "%s: the state %s is %q, and a level is good, caution or bad", m.Name, s.Name, s.Level)
			}
			spec.States = append(spec.States, State{s.Value, s.Name, Level(level)})
		}
		var defs []*LabelDef
		for _, l := range m.Labels {
			def := &LabelDef{Name: l.Name, Help: l.Help, Values: l.Values, Pattern: l.Pattern, Max: l.Max, Site: site}
			if l.Values != nil {
				def.Max = len(l.Values)
			}
			if def.Max <= 0 {
				return nil, wrong(offset, "the label %s of %s has neither values nor a max, the number of values that it has at most", l.Name, m.Name)
			}
			// The same label of several metrics is one, as it is in Go.
			key := fmt.Sprintf("%q", []any{def.Name, def.Help, def.Values, def.Pattern, def.Max})
			if labels[key] == nil {
				labels[key] = def
			}
			defs = append(defs, labels[key])
		}
		if byName[m.Name] == nil {
			byName[m.Name] = declare(g, m.Type, m.Name, defs, spec, site)
		} else {
			declare(g, m.Type, m.Name, defs, spec, site) // Check says that it is there twice
		}
	}
	for i, m := range f.Metrics {
		if m.PartOf != "" {
			whole := byName[m.PartOf]
			if whole == nil || whole.Kind != KindCounter {
				return nil, wrong(places[i], "%s is part of %s, which is no counter of the fragment", m.Name, m.PartOf)
			}
			g.metrics[i].PartOf = Counter[None]{whole}
		}
	}
	return &Catalog{Name: f.Name, Spec: CatalogSpec{Prefix: f.Prefix, Groups: []*Group{g}}, Site: g.Site, groups: []*Group{g}}, nil
}

// namesIn returns where the name of each metric of a fragment stands, or the metric itself where it has none.
func namesIn(data []byte) map[int]int {
	out := map[int]int{}
	in := json.NewDecoder(bytes.NewReader(data))
	next := func() int { // where the next token begins
		at := int(in.InputOffset())
		return at + len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n:,"))
	}
	metrics := false // the list of metrics is open
	metric, depth := -1, 0
	for {
		at := next()
		t, err := in.Token()
		if err != nil {
			return out
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
			if metrics && depth == 3 {
				metric++
				out[metric] = at
			}
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			metrics = metrics && depth > 1
			continue
		}
		key, ok := t.(string)
		switch {
		case !ok:
		case depth == 1 && key == "metrics" && data[next()] == '[':
			metrics = true
		case metrics && depth == 3 && key == "name":
			if at := next(); at < len(data) && data[at] == '"' {
				out[metric] = at
			}
		}
	}
}
