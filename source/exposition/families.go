package exposition

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
)

// Family is a metric as an exposition has it.
type Family struct {
	// MetricFamily has the name, help, unit and type, and one metric for each set of labels, without values.
	*dto.MetricFamily
	// Line is the line of the file that names the metric first, Again the one that declares its type once more; 0 for none.
	Line, Again int
	// Typed says that the exposition declares the type.
	Typed bool
}

// Families reads the metrics of the Prometheus text format or of OpenMetrics, by name. It returns the error of the
// parser where the exposition does not parse.
func Families(data []byte) ([]*Family, error) {
	families := map[string]*family{}
	if err := readText(data, families); err != nil {
		return nil, err
	}
	at, again := lines(data)
	var out []*Family
	for _, base := range slices.Sorted(maps.Keys(families)) {
		f := families[base]
		mf := &dto.MetricFamily{Name: &f.name, Type: dtoTypes[f.kind].Enum()}
		if f.help != "" {
			mf.Help = &f.help
		}
		if f.unit != "" {
			mf.Unit = &f.unit
		}
		for _, set := range slices.Sorted(maps.Keys(f.series)) {
			m := &dto.Metric{}
			for _, l := range f.series[set] {
				m.Label = append(m.Label, &dto.LabelPair{Name: &l.Name, Value: &l.Value})
			}
			mf.Metric = append(mf.Metric, m)
		}
		line := at[f.base]
		if line == 0 {
			line = at[f.name]
		}
		out = append(out, &Family{MetricFamily: mf, Line: max(1, line), Again: again[f.base], Typed: f.kind != ""})
	}
	return out, nil
}

var dtoTypes = map[model.MetricType]dto.MetricType{
	model.MetricTypeCounter: dto.MetricType_COUNTER, model.MetricTypeGauge: dto.MetricType_GAUGE, model.MetricTypeSummary: dto.MetricType_SUMMARY,
	model.MetricTypeHistogram: dto.MetricType_HISTOGRAM, model.MetricTypeGaugeHistogram: dto.MetricType_GAUGE_HISTOGRAM,
	model.MetricTypeInfo: dto.MetricType_GAUGE, model.MetricTypeStateset: dto.MetricType_GAUGE, model.MetricTypeUnknown: dto.MetricType_UNTYPED, "": dto.MetricType_UNTYPED,
}

// lines returns the lines at which metrics are first named, and those at which their type is declared again.
func lines(data []byte) (first, again map[string]int) {
	first, again = map[string]int{}, map[string]int{}
	typed := map[string]bool{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := string(bytes.TrimSpace(line))
		name := text
		if rest, ok := strings.CutPrefix(text, "# "); ok {
			word, after, _ := strings.Cut(rest, " ")
			if word != "TYPE" && word != "HELP" && word != "UNIT" {
				continue
			}
			name, _, _ = strings.Cut(after, " ")
			if word == "TYPE" {
				if typed[name] && again[name] == 0 {
					again[name] = n
				}
				typed[name] = true
			}
		} else if i := strings.IndexAny(text, "{ \t"); i >= 0 {
			name = text[:i]
			if name == "" { // {"a.name", …}
				name, _, _ = strings.Cut(strings.TrimLeft(text, `{" `), `"`)
			}
		}
		name = strings.Trim(name, `"`)
		if first[name] == 0 {
			first[name] = n
		}
	}
	return first, again
}
