package scenario

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
)

// Data are a project's scenarios and all that is needed to make series of them, as one file of JSON: how obsgen hands them to the
// program that runs them.
//
// What no model speaks of goes on so: a counter counts one event a second, and none where its name speaks of errors; a part of a
// counter counts half of its events, and none of errors; a gauge has its first good state, the middle of its range, or 10; a
// histogram observes once a second, in the middle of its buckets.
type Data struct {
	// Job and Targets are the labels of the series, External those that Prometheus adds.
	Job      string            `json:"job"`
	Targets  []string          `json:"targets"`
	External map[string]string `json:"external,omitempty"`
	// Scrape is the time between samples, Evaluation that between evaluations of rules.
	Scrape     Duration   `json:"scrapeInterval"`
	Evaluation Duration   `json:"evaluationInterval"`
	Metrics    []Metric   `json:"metrics"`
	Scenarios  []Resolved `json:"scenarios"`
}

// Metric is a metric in Data.
type Metric struct {
	Name string       `json:"name"`
	Kind catalog.Kind `json:"type"`
	Help string       `json:"help"`
	Unit string       `json:"unit,omitempty"`
	// Labels have the values for which there are series.
	Labels      []Label   `json:"labels,omitempty"`
	Buckets     []float64 `json:"buckets,omitempty"`
	Native      float64   `json:"native,omitempty"`
	Min         *float64  `json:"min,omitempty"`
	Max         *float64  `json:"max,omitempty"`
	Usual       float64   `json:"usual,omitempty"` // a gauge's value, a histogram's median
	Whole       bool      `json:"whole,omitempty"` // it counts things: values have no fractions
	State       bool      `json:"state,omitempty"`
	PartOf      string    `json:"partOf,omitempty"`
	Initialised bool      `json:"initialised,omitempty"`
	Bad         bool      `json:"bad,omitempty"`    // its name speaks of errors
	Scrape      bool      `json:"scrape,omitempty"` // Prometheus writes it about the scrape
	Started     bool      `json:"started,omitempty"`
}

// Label is a label of a Metric.
type Label struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Resolved is a scenario in Data, with what it takes from others.
type Resolved struct {
	Name   string      `json:"name"`
	Help   string      `json:"help"`
	Before Duration    `json:"before"`
	Lasts  Duration    `json:"lasts"`
	Daily  float64     `json:"daily,omitempty"`
	Usual  []modelData `json:"usual,omitempty"`
	Phases []phaseData `json:"phases,omitempty"`
	Fires  []string    `json:"fires,omitempty"`
	May    []string    `json:"may,omitempty"`
	// Values are the sampled values of labels, by metric and label, where they are not those of Metrics.
	Values map[string]map[string][]string `json:"values,omitempty"`
}

// ModelData and PhaseData are models and phases in Data.
type (
	ModelData = modelData
	PhaseData = phaseData
)

type modelData struct {
	Metric string        `json:"metric"`
	Where  []matcherData `json:"where,omitempty"`
	With   string        `json:"with,omitempty"`
	Rate   *float64      `json:"rate,omitempty"`
	Share  *float64      `json:"share,omitempty"`
	Weight *float64      `json:"weight,omitempty"`
	Times  *float64      `json:"times,omitempty"`
	Level  *float64      `json:"level,omitempty"`
	Age    *float64      `json:"age,omitempty"` // in seconds
	Slope  *float64      `json:"rising,omitempty"`
	Noise  *float64      `json:"noise,omitempty"`
	Median *float64      `json:"median,omitempty"`
	Spread *float64      `json:"spread,omitempty"`
	Begun  bool          `json:"begun,omitempty"`
}

// matcherData is a matcher of a label, with PromQL's operators.
type matcherData struct {
	Label string `json:"label"`
	Op    string `json:"op"`
	Text  string `json:"text"`
}

type phaseData struct {
	From      Duration    `json:"from"`
	For       Duration    `json:"for,omitempty"`
	Models    []modelData `json:"models,omitempty"`
	Reach     Reach       `json:"reach,omitempty"`
	Restarts  bool        `json:"restarts,omitempty"`
	Every     Duration    `json:"every,omitempty"`
	Instances int         `json:"instances,omitempty"`
}

// Duration is a duration that stands in JSON as Go writes it: "1m30s".
type Duration time.Duration

// MarshalJSON returns the duration's text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads a duration's text.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	v, err := time.ParseDuration(text)
	*d = Duration(v)
	return err
}

// Overrides reports whether what a model says of weights holds in the place of what an earlier one says: where it names at least
// the same labels. The weights of other labels are multiplied.
func (m modelData) Overrides(earlier modelData) bool {
	for _, w := range earlier.Where {
		if !slices.ContainsFunc(m.Where, func(o matcherData) bool { return o.Label == w.Label }) {
			return false
		}
	}
	return true
}

// Matcher returns which series a model speaks of, as a function of their labels; a regular expression that does not compile
// accepts nothing.
func (m modelData) Matcher() func(of map[string]string) bool {
	accepts := make([]func(string) bool, len(m.Where))
	for i, w := range m.Where {
		f, err := catalog.Matcher{Op: catalog.MatchOp(w.Op), Text: w.Text}.Accepts()
		if err != nil {
			f = func(string) bool { return false }
		}
		accepts[i] = f
	}
	return func(of map[string]string) bool {
		for i, w := range m.Where {
			if !accepts[i](of[w.Label]) {
				return false
			}
		}
		return true
	}
}

var badName = regexp.MustCompile(`(?i)error|fail|reject|drop|timeout|panic|violat|fault|lost`)

// Resolve returns the data of scenarios over a catalog: of its own metrics, and those of others that read says yes to or that a
// model speaks of.
func Resolve(c *catalog.Catalog, scenarios []*Scenario, read func(*catalog.Metric) bool) Data {
	var out Data
	spoken := map[*catalog.Metric]bool{}
	for _, s := range scenarios {
		for m := range s.models() {
			spoken[m.metric] = true
		}
	}
	names := map[string]*catalog.Metric{}
	for _, m := range c.Metrics() {
		if m.Group == external.Alerts || m.Group.External && m.Group != external.Scrape && !read(m) && !spoken[m] {
			continue
		}
		names[m.Name] = m
		out.Metrics = append(out.Metrics, metricData(m))
	}
	for _, s := range scenarios {
		whole := s.whole()
		r := Resolved{
			Name: s.Name, Help: s.Help, Before: Duration(whole.Before), Lasts: Duration(whole.Lasts), Daily: whole.Daily,
			Usual: models(whole.Usual), Values: map[string]map[string][]string{},
		}
		for _, p := range whole.Phases {
			r.Phases = append(r.Phases, phaseData{
				Duration(p.From), Duration(p.For), models(p.Models), p.Reach, p.Restarts, Duration(p.Every), p.Instances,
			})
		}
		for _, a := range whole.Fires {
			r.Fires = append(r.Fires, a.Name)
		}
		for _, a := range whole.May {
			r.May = append(r.May, a.Name)
		}
		for _, sample := range whole.Samples {
			for _, m := range names {
				if !slices.Contains(m.Labels, sample.Label) {
					continue
				}
				if r.Values[m.Name] == nil {
					r.Values[m.Name] = map[string][]string{}
				}
				r.Values[m.Name][sample.Label.Name] = sample.Values
			}
		}
		out.Scenarios = append(out.Scenarios, r)
	}
	return out
}

func models(ms []Model) []modelData {
	var out []modelData
	for _, m := range ms {
		d := m.said
		d.Metric = m.metric.Name
		if m.with != nil {
			d.With = m.with.Name
		}
		out = append(out, d)
	}
	return out
}

func metricData(m *catalog.Metric) Metric {
	out := Metric{
		Name: m.Name, Kind: m.Kind, Help: m.Help, Buckets: m.Buckets, Native: m.Native, Initialised: m.Initialised,
		Bad: badName.MatchString(m.Name), Scrape: m.Group == external.Scrape, State: len(m.States) > 0,
		Started: m.Kind == catalog.KindGauge && m.Unit == external.ProcessStartTime.Unit,
		Whole:   m.Unit.Noun() != "",
	}
	out.Unit, _ = m.Unit.Name()
	if m.PartOf != nil {
		out.PartOf = m.PartOf.Series().Metric.Name
	}
	lo, hi := math.Inf(-1), math.Inf(1)
	if !m.Range.IsZero() {
		lo, hi = m.Range.Min, m.Range.Max
	}
	if !math.IsInf(lo, 0) {
		out.Min = &lo
	}
	if !math.IsInf(hi, 0) {
		out.Max = &hi
	}
	switch {
	case m.Kind == catalog.KindHistogram:
		out.Usual = 0.1
		if n := len(m.Buckets); n > 0 {
			out.Usual = m.Buckets[n/2]
		}
	case len(m.States) > 0:
		out.Usual = m.States[max(0, slices.IndexFunc(m.States, func(s catalog.State) bool { return s.Level == catalog.Good }))].Value
	case out.Bad:
		out.Usual = max(0, lo)
	case out.Min != nil && out.Max != nil:
		out.Usual = (lo + hi) / 2
	default:
		out.Usual = min(max(10, lo), hi)
	}
	for _, l := range m.Labels {
		out.Labels = append(out.Labels, Label{l.Name, sampled(l)})
	}
	return out
}

// sampled returns values of a label: all of a closed set, two of an open one.
func sampled(l *catalog.LabelDef) []string {
	if l.Closed() {
		return l.Values
	}
	out := []string{l.Name + "-1", l.Name + "-2"}
	if l.Pattern != "" {
		if re, err := regexp.Compile("^(?s:" + l.Pattern + ")$"); err == nil {
			var fit []string
			for _, v := range append(out, "200", "404", "500", "1", "2", "a", "b", "ok", "error", strings.ToUpper(l.Name)) {
				if re.MatchString(v) {
					fit = append(fit, v)
				}
			}
			if len(fit) > 0 {
				out = fit[:min(2, len(fit))]
			}
		}
	}
	return out[:max(1, min(len(out), l.Max))]
}
