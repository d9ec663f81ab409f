package simulate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
)

const scrapes = 360 // of 15 s: an hour and a half

// TestAgreement holds the samples of every scenario to what the catalog states: no part of a counter grows by more than the
// whole, buckets are cumulative and the last is the count, counters fall at restarts only, gauges keep their range.
func TestAgreement(t *testing.T) {
	data := flagshipData(t)
	byName := map[string]scenario.Metric{}
	for _, m := range data.Metrics {
		byName[m.Name] = m
	}
	for _, s := range data.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			made, err := simulate.Made(&data, s.Name, 3, scrapes)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			for text, r := range made {
				ls := parsed(t, text)
				name := ls.Get(model.MetricNameLabel)
				seen[name]++
				base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
				m, ok := byName[name]
				if !ok {
					m = byName[base]
				}
				falls := 0
				for i, v := range r.Value {
					if value.IsStaleNaN(v) {
						continue
					}
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Fatalf("%s is %v", text, v)
					}
					if m.Min != nil && v < *m.Min || m.Max != nil && v > *m.Max {
						t.Fatalf("%s is %v, and its range is from %v to %v", text, v, m.Min, m.Max)
					}
					if m.Kind != catalog.KindGauge && i > 0 && v < r.Value[i-1] {
						falls++
					}
					if i > 0 && r.At[i] <= r.At[i-1] {
						t.Fatalf("%s goes back in time", text)
					}
				}
				if falls > 0 && s.Name != "crash-loop" && s.Name != "partial-outage" {
					t.Errorf("%s falls %d times, and nothing restarted", text, falls)
				}
				switch {
				case strings.HasSuffix(name, "_bucket"):
					agree(t, made, ls, base, r)
				case m.PartOf != "":
					part(t, made, byName, ls, m)
				}
			}
			for _, m := range data.Metrics {
				if n := seen[m.Name] + seen[m.Name+"_count"]; n == 0 && !m.Bad && m.PartOf == "" && !strings.Contains(m.Name, "triggers") && !strings.Contains(m.Name, "orchestration_exec") {
					t.Errorf("%s has no series", m.Name)
				}
			}
		})
	}
}

func parsed(t *testing.T, text string) labels.Labels {
	t.Helper()
	ls, err := parser.NewParser(parser.Options{}).ParseMetric(text)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// agree checks a bucket against the next larger one, and the largest against the count.
func agree(t *testing.T, made map[string]*simulate.Reading, ls labels.Labels, base string, r *simulate.Reading) {
	t.Helper()
	le, err := strconv.ParseFloat(ls.Get(labels.BucketLabel), 64)
	if err != nil {
		t.Fatal(err)
	}
	other := labels.NewBuilder(ls).Set(model.MetricNameLabel, base+"_count").Del(labels.BucketLabel).Labels()
	count := made[other.String()]
	for i, v := range r.Value {
		c := count.Value[i]
		if value.IsStaleNaN(v) != value.IsStaleNaN(c) || v > c || math.IsInf(le, 1) && v != c && !value.IsStaleNaN(v) {
			t.Fatalf("%s is %v where the count is %v", ls, v, c)
		}
	}
}

// part checks that the parts grow by no more than the whole, for each value of the labels that both have.
func part(t *testing.T, made map[string]*simulate.Reading, byName map[string]scenario.Metric, ls labels.Labels, m scenario.Metric) {
	t.Helper()
	shared := []string{"instance"}
	for _, l := range m.Labels {
		if slices.ContainsFunc(byName[m.PartOf].Labels, func(o scenario.Label) bool { return o.Name == l.Name }) {
			shared = append(shared, l.Name)
		}
	}
	sum := func(name string) map[int64]float64 {
		out := map[int64]float64{}
		for text, r := range made {
			if !strings.Contains(text, `__name__="`+name+`"`) {
				continue
			}
			o := parsed(t, text)
			if slices.ContainsFunc(shared, func(l string) bool { return o.Get(l) != ls.Get(l) }) {
				continue
			}
			for i, v := range r.Value {
				if !value.IsStaleNaN(v) {
					out[r.At[i]] += v
				}
			}
		}
		return out
	}
	parts, whole := sum(m.Name), sum(m.PartOf)
	for at, v := range parts {
		if v > whole[at] {
			t.Fatalf("%s of %s: %v at %d, and the whole is %v", m.Name, ls, v, at, whole[at])
		}
	}
}

// TestSameSeed makes a scenario twice, of data that went through JSON, and with another seed.
func TestSameSeed(t *testing.T) {
	data := flagshipData(t)
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var back scenario.Data
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Error(diff)
	}
	one, err := simulate.Made(&data, "error-burst", 1, scrapes)
	if err != nil {
		t.Fatal(err)
	}
	two, err := simulate.Made(&back, "error-burst", 1, scrapes)
	if err != nil {
		t.Fatal(err)
	}
	other, err := simulate.Made(&back, "error-burst", 2, scrapes)
	if err != nil {
		t.Fatal(err)
	}
	if bits(one) != bits(two) {
		t.Error("the same seed made other samples")
	}
	if bits(one) == bits(other) {
		t.Error("another seed made the same samples")
	}
}

func bits(made map[string]*simulate.Reading) string {
	var lines []string
	for text, r := range made {
		for i, v := range r.Value {
			lines = append(lines, fmt.Sprintf("%s %d %x", text, r.At[i], math.Float64bits(v)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestBadData has scenarios that name what is not there.
func TestBadData(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{`{"scrapeInterval":"15s","targets":["a"]}`, "there is no scenario x"},
		{`{"scrapeInterval":"0s","targets":["a"],"scenarios":[{"name":"x"}]}`, "interval"},
		{`{"scrapeInterval":"15s","targets":["a"],"metrics":[{"name":"a","type":"counter","partOf":"b"}],"scenarios":[{"name":"x"}]}`, "of which the scenarios know nothing"},
		{`{"scrapeInterval":"15s","targets":["a"],"metrics":[{"name":"a","type":"counter","partOf":"b"},{"name":"b","type":"counter","partOf":"a"}],"scenarios":[{"name":"x"}]}`, "part of itself"},
	} {
		var d scenario.Data
		if err := json.Unmarshal([]byte(c.data), &d); err != nil {
			t.Fatal(err)
		}
		if _, err := simulate.Made(&d, "x", 1, 1); err == nil || !regexp.MustCompile(c.want).MatchString(err.Error()) {
			t.Errorf("%s: %v, and %q is wanted", c.data, err, c.want)
		}
	}
}
