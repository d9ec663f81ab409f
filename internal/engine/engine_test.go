package engine_test

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/obsgen/obsgen/internal/engine"
)

// TestQueriesChangeNothing asks for the same thing before and after every function that calculates with native histograms.
func TestQueriesChangeNothing(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	m := &engine.Memory{}
	for i := range 40 {
		n := float64(i % 20) // with a restart
		h := &histogram.FloatHistogram{
			Schema: int32(i % 3), Count: 3 * n, Sum: n, ZeroThreshold: .001, ZeroCount: n,
			PositiveSpans: []histogram.Span{{Offset: int32(i % 2), Length: 1}, {Offset: 2, Length: 1}}, PositiveBuckets: []float64{n, n},
		}
		m.AddHistogram(labels.FromStrings("__name__", "h", "instance", []string{"a", "b"}[i%2]), start.Add(time.Duration(i)*15*time.Second), h)
	}
	at := start.Add(10 * time.Minute)
	const question = "histogram_sum(sum_over_time(h[10m])) + histogram_quantile(0.3, h offset 1m)"
	before, err := m.Query(t.Context(), question, at)
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	for _, fn := range []string{"rate", "increase", "irate", "delta", "idelta", "avg_over_time", "sum_over_time", "last_over_time"} {
		for _, op := range []string{"sum(%)", "avg(%)", "-(%)", "(%) * -2", "(%) - (%)", "(%) </ 1", "(%) >/ 1", "histogram_quantile(0.5, %)"} {
			text := ""
			for _, c := range op {
				if c == '%' {
					text += fn + "(h[5m] offset 1m)"
				} else {
					text += string(c)
				}
			}
			if _, err := m.Query(t.Context(), text, at); err != nil {
				t.Fatal(err)
			}
			after, err := m.Query(t.Context(), question, at)
			if err != nil || len(after) != 2 || after[0].Value != before[0].Value || after[1].Value != before[1].Value {
				t.Fatalf("after %s: %v, before: %v (%v)", text, after, before, err)
			}
		}
	}
}
