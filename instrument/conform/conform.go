// Package conform compares what a service exposes with its catalog: metrics that are missing or that nobody declared,
// other types, labels, values, units, buckets and help texts, and what was never written. It works on the exposition of
// any language's client library.
package conform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

// Accept is what to ask a server for, so that units and types are told.
const Accept = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5"

// Largest is the size up to which an exposition is read.
const Largest = 200 << 20

// other is the value that labels have beyond their bound, see the package instrument.
const other = "other"

// family is a metric as it is exposed.
type family struct {
	name, help, unit string
	kind             model.MetricType
	line             int
	series           []labels.Labels // with the name of the sample
	values           []float64
	native           bool
}

// Check compares an exposition, in the Prometheus text format or in OpenMetrics, with a catalog; name is where it came
// from, for the places of the findings. Parts of the catalog, such as those of plugins, are compared where anything of
// them is exposed. It returns an error where the exposition does not parse.
func Check(name string, data []byte, c *catalog.Catalog, parts ...*catalog.Catalog) ([]diag.Finding, error) {
	if len(data) > Largest {
		return nil, fmt.Errorf("%s: it is larger than %d MB", name, Largest>>20)
	}
	families, open, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k := checker{name: name, families: families, open: open}
	known := map[string]bool{}
	absent := map[*catalog.Metric]bool{} // of parts that are not loaded
	var own []*catalog.Metric
	for _, part := range parts {
		loaded := slices.ContainsFunc(part.Own(), func(m *catalog.Metric) bool { return families[m.Name] != nil })
		for _, m := range part.Own() {
			absent[m] = !loaded
			own = append(own, m)
		}
	}
	own = append(own, c.Own()...)
	for _, m := range own {
		if !known[m.Name] && !absent[m] {
			k.metric(m)
		}
		known[m.Name] = true
	}
	for _, m := range c.Metrics() {
		known[m.Name] = true
	}
	if prefix := c.Spec.Prefix; prefix != "" {
		for _, n := range slices.Sorted(maps.Keys(families)) {
			if strings.HasPrefix(n, prefix) && !known[n] {
				mend := "declare it, or drop it"
				if near := diag.Nearest(n, slices.Collect(maps.Keys(known))); near != "" {
					mend = "did you mean " + near + "?"
				}
				k.say(families[n].line, "expose/unknown", diag.Error, n, "the catalog has no "+n, "names that begin with "+prefix+" are the catalog's", mend)
			}
		}
	}
	diag.Sort(k.found)
	return k.found, nil
}

// Handler checks what a handler serves in a test, and reports every finding of a warning or more as an error of the test, as
// well as what Scrape does.
func Handler(t testing.TB, h http.Handler, c *catalog.Catalog, parts ...*catalog.Catalog) {
	t.Helper()
	found, err := Check("/metrics", Scrape(t, h), c, parts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Severity >= diag.Warning {
			t.Error(f)
		}
	}
}

// Scrape asks a handler for its metrics in each format that Prometheus asks for, and returns the exposition in OpenMetrics. The
// test fails where an answer is not 200 or Prometheus's parser does not take it.
func Scrape(t testing.TB, h http.Handler) []byte {
	t.Helper()
	var exposition []byte
	for _, accept := range []string{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "text/plain;version=0.0.4", Accept} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("asked for %s, the handler answers %d: %s", accept, w.Code, w.Body)
		}
		exposition = w.Body.Bytes()
		if err := parse(exposition, w.Header().Get("Content-Type")); err != nil {
			t.Fatalf("asked for %s, the handler's answer does not parse: %v", accept, err)
		}
	}
	return exposition
}

// parse returns the error of Prometheus's parser.
func parse(data []byte, media string) error {
	p, err := textparse.New(data, media, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	for err == nil {
		_, err = p.Next()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// read parses an exposition into its metrics, by name.
func read(data []byte) (families map[string]*family, open bool, err error) {
	families = map[string]*family{}
	media := "text/plain"
	if bytes.Contains(data, []byte("\n# EOF")) || bytes.HasPrefix(data, []byte("# EOF")) {
		media, open = "application/openmetrics-text; version=1.0.0", true
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		data = append(slices.Clip(data), '\n')
	}
	p, err := textparse.New(data, media, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	if err != nil {
		return nil, open, err
	}
	at := lines(data)
	get := func(base string) *family {
		f := families[base]
		if f == nil {
			f = &family{name: base, line: at[base]}
			families[base] = f
		}
		return f
	}
	var current *family
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, open, err
		}
		switch entry {
		case textparse.EntryHelp:
			n, help := p.Help()
			get(string(n)).help = string(help)
		case textparse.EntryType:
			n, kind := p.Type()
			current = get(string(n))
			current.kind = kind
		case textparse.EntryUnit:
			n, u := p.Unit()
			get(string(n)).unit = string(u)
		case textparse.EntrySeries, textparse.EntryHistogram:
			var ls labels.Labels
			p.Labels(&ls)
			name := ls.Get(model.MetricNameLabel)
			f := current
			if f == nil || !owns(f, name) {
				f = get(name)
			}
			if strings.HasSuffix(name, "_created") && f.name != name {
				continue
			}
			f.series = append(f.series, ls)
			if entry == textparse.EntrySeries {
				_, _, v := p.Series()
				f.values = append(f.values, v)
			} else {
				f.native = true
				f.values = append(f.values, math.NaN())
			}
		}
	}
	// OpenMetrics calls a counter without _total.
	for base, f := range families {
		if f.kind == model.MetricTypeCounter && open && !strings.HasSuffix(base, "_total") {
			if slices.ContainsFunc(f.series, func(ls labels.Labels) bool { return ls.Get(model.MetricNameLabel) == base+"_total" }) || len(f.series) == 0 {
				delete(families, base)
				f.name = base + "_total"
				families[f.name] = f
			}
		}
		if len(f.series) == 0 && f.kind == "" {
			delete(families, base)
		}
	}
	return families, open, nil
}

func owns(f *family, sample string) bool {
	suffix, ok := strings.CutPrefix(sample, f.name)
	if !ok {
		return false
	}
	switch suffix {
	case "":
		return true
	case "_bucket", "_sum", "_count", "_created":
		return f.kind == model.MetricTypeHistogram || f.kind == model.MetricTypeSummary || suffix == "_created"
	case "_total":
		return f.kind == model.MetricTypeCounter
	case "_info":
		return f.kind == model.MetricTypeInfo
	}
	return false
}

// lines returns where each name stands first.
func lines(data []byte) map[string]int {
	out := map[string]int{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := strings.TrimSpace(string(line))
		if rest, ok := strings.CutPrefix(text, "# "); ok {
			_, after, _ := strings.Cut(rest, " ")
			text = after
		}
		if i := strings.IndexAny(text, "{ \t"); i > 0 {
			text = text[:i]
		}
		if _, ok := out[text]; !ok {
			out[text] = n
		}
	}
	return out
}

type checker struct {
	name     string
	families map[string]*family
	open     bool
	found    []diag.Finding
}

func (k *checker) say(line int, id string, s diag.Severity, subject, message, why, mend string) {
	at := diag.Position{File: k.name}
	if line > 0 { // what is missing stands nowhere
		at.Line, at.Col = line, 1
	}
	k.found = append(k.found, diag.Finding{
		ID: id, Severity: s, At: at, Subject: subject, Message: message, Why: why, Mend: mend,
	})
}

var kinds = map[catalog.Kind]model.MetricType{
	catalog.KindCounter: model.MetricTypeCounter, catalog.KindGauge: model.MetricTypeGauge, catalog.KindHistogram: model.MetricTypeHistogram,
}

// metric compares one metric of the catalog with what is exposed of it.
func (k *checker) metric(m *catalog.Metric) {
	f := k.families[m.Name]
	if f == nil {
		if m.Unwritten == "" {
			k.missing(m)
		}
		return
	}
	if want := kinds[m.Kind]; f.kind != want && f.kind != "" && f.kind != model.MetricTypeUnknown {
		k.say(f.line, "expose/type", diag.Error, m.Name, fmt.Sprintf("%s is exposed as a %s", m.Name, f.kind), "the catalog declares a "+string(m.Kind), "expose a "+string(m.Kind))
		return
	} else if f.kind == "" || f.kind == model.MetricTypeUnknown {
		k.say(f.line, "expose/type", diag.Warning, m.Name, m.Name+" is exposed without its type", "the catalog declares a "+string(m.Kind), "expose # TYPE "+m.Name+" "+string(m.Kind))
	}
	if f.help != "" && strings.TrimSpace(f.help) != strings.TrimSpace(m.Help) {
		k.say(f.line, "expose/help", diag.Info, m.Name, "the help text of "+m.Name+" is another one", "the catalog has: "+m.Help, "expose the catalog's")
	}
	if f.unit != "" && !strings.HasSuffix(strings.TrimSuffix(m.Name, "_total"), "_"+f.unit) {
		k.say(f.line, "expose/unit", diag.Error, m.Name, m.Name+" is exposed in "+f.unit, "its name says otherwise", "expose the unit of the name")
	}
	k.labels(m, f)
	if m.Kind == catalog.KindHistogram {
		k.buckets(m, f)
	}
	if !written(m, f) && len(f.series) > 0 {
		k.say(f.line, "expose/never-written", diag.Info, m.Name, "nothing has written "+m.Name+" since the start", "all of its series are 0", "look whether any code writes it")
	}
	if most := m.Combinations(); most > 0 && sets(m, f) > most+folded(m) {
		k.say(f.line, "expose/cardinality", diag.Error, m.Name, fmt.Sprintf("%s has %d sets of labels", m.Name, sets(m, f)), fmt.Sprintf("the catalog allows %d", most), "bound the values of its labels")
	}
}

// missing reports a metric that is not there. One with labels, and a gauge, may wait for its first event.
func (k *checker) missing(m *catalog.Metric) {
	if len(m.Labels) > 0 && !m.Initialised || m.Kind == catalog.KindGauge {
		k.say(0, "expose/missing", diag.Warning, m.Name, m.Name+" is not exposed", "the catalog declares it, and nothing has written it since the start", "write it, or declare Unwritten")
		return
	}
	k.say(0, "expose/missing", diag.Error, m.Name, m.Name+" is not exposed", "the catalog declares it, and it is there from the start", "register it, or declare Unwritten")
}

// labels compares the labels of every series, and tells each fault once.
func (k *checker) labels(m *catalog.Metric, f *family) {
	told := map[string]bool{}
	say := func(key, id string, s diag.Severity, message, why, mend string) {
		if !told[key] {
			told[key] = true
			k.say(f.line, id, s, m.Name, message, why, mend)
		}
	}
	patterns := map[string]*regexp.Regexp{}
	var names []string
	for _, l := range m.Labels {
		names = append(names, l.Name)
		if l.Pattern != "" {
			patterns[l.Name], _ = regexp.Compile("^(?s:" + l.Pattern + ")$") // one that does not compile is the catalog's fault
		}
	}
	has := "it has none"
	if len(names) > 0 {
		has = "it has " + strings.Join(names, ", ")
	}
	for _, ls := range f.series {
		ls.Range(func(l labels.Label) {
			if l.Name == model.MetricNameLabel || l.Name == labels.BucketLabel && m.Kind == catalog.KindHistogram || l.Name == catalog.Job.Name || l.Name == catalog.Instance.Name {
				return
			}
			def := m.Label(l.Name)
			switch {
			case def == nil:
				say(l.Name, "expose/label", diag.Error, fmt.Sprintf("%s has the label %s, which the catalog does not have", m.Name, l.Name), has, "drop the label, or declare it")
			case def.Closed() && !slices.Contains(def.Values, l.Value) && l.Value != other:
				say(l.Name+"="+l.Value, "expose/value", diag.Error, fmt.Sprintf("%s has %s=%q", m.Name, l.Name, l.Value), "the label's values are "+strings.Join(def.Values, ", "), "write one of them, or declare it")
			case patterns[l.Name] != nil && !patterns[l.Name].MatchString(l.Value) && l.Value != other:
				say(l.Name+"="+l.Value, "expose/value", diag.Error, fmt.Sprintf("%s has %s=%q", m.Name, l.Name, l.Value), "its values match "+def.Pattern, "write such a value, or change the pattern")
			}
		})
		for _, l := range m.Labels {
			if ls.Get(l.Name) == "" && !(l.Closed() && slices.Contains(l.Values, "")) && !(patterns[l.Name] != nil && patterns[l.Name].MatchString("")) {
				severity := diag.Warning
				if l.Closed() {
					severity = diag.Error
				}
				say("-"+l.Name, "expose/label", severity, fmt.Sprintf("a series of %s has no label %s", m.Name, l.Name), has, "write the label with every series")
			}
		}
	}
}

// buckets compares the bounds of a histogram.
func (k *checker) buckets(m *catalog.Metric, f *family) {
	bounds := map[float64]bool{}
	for _, ls := range f.series {
		if x, err := strconv.ParseFloat(ls.Get(labels.BucketLabel), 64); err == nil && !math.IsInf(x, 0) {
			bounds[x] = true
		}
	}
	if len(bounds) == 0 && len(m.Buckets) == 0 || len(f.series) == 0 {
		return
	}
	got := slices.Sorted(maps.Keys(bounds))
	if m.IsNative() && len(m.Buckets) == 0 || slices.Equal(got, m.Buckets) {
		return // the text formats show a native histogram as its count and sum
	}
	k.say(f.line, "expose/buckets", diag.Error, m.Name, fmt.Sprintf("%s has the buckets %v", m.Name, got), fmt.Sprintf("the catalog has %v", m.Buckets), "expose the catalog's: quantiles and objectives rest on them")
}

// written reports whether any series has counted anything, or is a gauge, whose 0 may be a value.
func written(m *catalog.Metric, f *family) bool {
	if m.Kind == catalog.KindGauge {
		return true
	}
	return slices.ContainsFunc(f.values, func(v float64) bool { return v != 0 })
}

// sets returns how many sets of labels a metric has, those of buckets aside.
func sets(m *catalog.Metric, f *family) int {
	seen := map[string]bool{}
	for _, ls := range f.series {
		b := labels.NewBuilder(ls)
		b.Del(labels.BucketLabel, model.MetricNameLabel)
		seen[b.Labels().String()] = true
	}
	return len(seen)
}

// folded is how many sets more there can be by the value that stands for those beyond the bound.
func folded(m *catalog.Metric) int {
	with, without := 1, 1
	for _, l := range m.Labels {
		n := max(1, l.Max)
		without *= n
		with *= n + 1
	}
	return with - without
}
