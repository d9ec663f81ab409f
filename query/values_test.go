package query_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/query"
)

// TestValues evaluates the builder's composed expressions in Prometheus's engine, on data of which the answer is known.
func TestValues(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	m := &engine.Memory{}
	put := func(name string, at time.Time, v float64, pairs ...string) {
		m.Add(labels.FromStrings(append([]string{model.MetricNameLabel, name, "job", "app", "instance", "a"}, pairs...)...), at, v)
	}
	for i := range 41 { // ten minutes, a sample every 15 s
		at, n := start.Add(time.Duration(i)*engine.Step), float64(i)
		put("app_requests_total", at, 30*n, "protocol", "http", "status", "200")
		put("app_requests_total", at, 10*n, "protocol", "http", "status", "503")
		put("app_requests_total", at, 10*n, "protocol", "grpc", "status", "200") // none of it fails
		put("app_requests_total", at, 7, "protocol", "idle", "status", "200")    // no traffic
		// Of 40 requests 20 take at most 0.5 s, 10 more at most 1 s, the rest up to 5 s; 60 s in all.
		for bound, count := range map[float64]float64{.5: 20, 1: 30, 5: 40, math.Inf(1): 40} {
			le := strconv.FormatFloat(bound, 'g', -1, 64)
			if bound == 1 || bound == 5 {
				le += ".0"
			}
			put("app_duration_seconds_bucket", at, count*n, "protocol", "http", "le", le)
		}
		put("app_duration_seconds_count", at, 40*n, "protocol", "http")
		put("app_duration_seconds_sum", at, 60*n, "protocol", "http")
	}
	at := start.Add(40 * engine.Step)
	for _, c := range []struct {
		name string
		v    query.Vector
		want map[string]float64 // by protocol
	}{
		{"share without traffic is quiet", query.Ratio(failed, all, query.Quiet), map[string]float64{"http": .25, "grpc": 0}},
		{"share without traffic is zero", query.Ratio(failed, all, query.Zero), map[string]float64{"http": .25, "grpc": 0, "idle": 0}},
		{"share without traffic is all", query.Ratio(failed, all, query.Page), map[string]float64{"http": .25, "grpc": 0, "idle": 1}},
		{"complement", query.Ratio(failed, all, query.Quiet).Complement(), map[string]float64{"http": .75, "grpc": 1}},
		{"share over a subquery", query.Ratio(
			failed.Over(5*time.Minute).Subquery(4*time.Minute, time.Minute).SumOverTime(),
			all.Over(5*time.Minute).Subquery(4*time.Minute, time.Minute).SumOverTime(), query.Quiet), map[string]float64{"http": .25, "grpc": 0}},
		{"median is the bound of half", query.Quantile(0.5, Duration, Protocol), map[string]float64{"http": .5}},
		{"p75 is the bound of three quarters", query.Quantile(0.75, Duration, Protocol), map[string]float64{"http": 1}},
		{"mean", query.Mean(Duration, Protocol), map[string]float64{"http": 1.5}},
		{"fraction below a whole bound", query.Fraction(Duration, 1, Protocol), map[string]float64{"http": .75}},
		{"fraction below a broken bound", query.Fraction(Duration, .5, Protocol), map[string]float64{"http": .5}},
		{"buckets", query.Buckets(Duration, Protocol).Max(Protocol), map[string]float64{"http": 40. / 15}},
		{"a condition passes what exceeds", query.Ratio(failed, all, query.Quiet).Above(.2).Vector, map[string]float64{"http": .25}},
		{"either", all.Above(3).OrElse(all.Equals(0)).Vector, map[string]float64{"idle": 0}},
		{"both", all.Above(0).While(failed.Above(0)).Vector, map[string]float64{"http": 40. / 15}},
		{"one and not the other", all.Above(0).Except(failed.Above(0)).Vector, map[string]float64{"grpc": 10. / 15}},
		{"bool", all.Above(1).Bool(), map[string]float64{"http": 1, "grpc": 0, "idle": 0}},
	} {
		results, err := m.Query(t.Context(), query.SetWindow(c.v.Expr(), 5*time.Minute).String(), at)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := map[string]float64{}
		for _, r := range results {
			got[r.Labels.Get("protocol")] = r.Value
		}
		for p, w := range c.want {
			if g, ok := got[p]; !ok || math.Abs(g-w) > 1e-9 {
				t.Errorf("%s: %s is %v, want %v", c.name, p, got[p], w)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
