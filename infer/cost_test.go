package infer_test

import (
	"testing"
	"time"

	"github.com/obsgen/obsgen/infer"
)

func TestBoundAndSamples(t *testing.T) {
	for _, c := range []struct {
		expr    string
		series  int     // 0: not known
		samples float64 // -1: not known
	}{
		{"up", 1, 1},
		{"app_requests_total", 2 * 40, 80},
		{`app_requests_total{protocol="http"}`, 40, 40},
		{`app_requests_total{status="200"}`, 2, 2},
		{"sum by (protocol) (rate(app_requests_total[5m]))", 2, 80 * 20},
		{"sum(app_requests_total)", 1, 80},
		{"rate(app_duration_seconds_bucket[5m])", 2 * 4, 8 * 20},
		{"max_over_time(sum(rate(app_open[5m]))[1h:1m])", 1, 2 * 20 * 60},
		{"max_over_time(app_memory_bytes[1h])", 1, 240},
		{"app_memory_bytes * on (instance) up", 1, 2},
		{"somebody_elses", 0, 0},
		{"sum(somebody_elses)", 1, -1},
		{"vector(1)", 1, 0},
	} {
		e, err := promql.ParseExpr(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		table := infer.Infer(e, env())
		n, ok := table.Root().Labels.Bound()
		samples, known := table.Samples(15 * time.Second)
		if c.series == 0 && !ok && !known || c.samples < 0 && n == c.series && !known {
			continue
		}
		if n != c.series || !ok || samples != c.samples || !known {
			t.Errorf("%s has %d series (%v) and reads %v samples (%v), want %d and %v", c.expr, n, ok, samples, known, c.series, c.samples)
		}
	}
}
