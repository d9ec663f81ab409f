package simulate_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/obsgen/obsgen/simulate"
)

// TestServedFolder serves the data of a server with rules that it never had: what they record, and their alerts, have a past; and it
// says of itself and of the metrics what a server says.
func TestServedFolder(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "error-burst", begin)
	set := fromText(t, `groups:
  - name: g
    rules:
      - {record: 'protocol:errors:rate5m', expr: 'sum by (protocol) (rate(mockforge_errors_total[5m]))'}
      - {alert: Errors, expr: 'sum(protocol:errors:rate5m) > 1'}
      - {alert: Broken, expr: 'up * on () group_left () {__name__=~"mockforge_.*_total"}'}
`)
	var said []string
	data.Metrics = nil // nothing is known of them
	serving, err := set.ServeTSDB(t.Context(), &data, dir, simulate.ServeOptions{Record: true, History: 48 * time.Hour, Say: func(s string) { said = append(said, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Close() })
	web := httptest.NewServer(serving.Handler(nil))
	t.Cleanup(web.Close)
	for at, want := range map[time.Time]string{begin: "0", begin.Add(30 * time.Minute): "1"} {
		if got := valueOf(t, web.URL, `count(ALERTS{alertname="Errors"}) or vector(0)`, at); got != want {
			t.Errorf("at %s %s alerts fire, not %s", at, got, want)
		}
		if got := valueOf(t, web.URL, `count(protocol:errors:rate5m) > bool 0`, at); got != "1" {
			t.Errorf("at %s nothing was recorded", at)
		}
	}
	if len(said) == 0 {
		t.Error("of the rule that cannot be evaluated nothing is said")
	}
	var status struct {
		HeadStats struct {
			NumSeries, ChunkCount, MinTime, MaxTime int64
		}
		SeriesCountByMetricName []struct{ Name string }
	}
	ask(t, web.URL, "status/tsdb", &status)
	if h := status.HeadStats; h.NumSeries < 100 || h.ChunkCount < h.NumSeries/2 || h.MinTime < from.UnixMilli() || h.MaxTime > to.Add(time.Minute).UnixMilli() || len(status.SeriesCountByMetricName) != 10 {
		t.Errorf("%+v", status)
	}
	var info struct {
		ServerTime, LastConfigTime time.Time
		ReloadConfigSuccess        bool
		GoroutineCount             int
	}
	ask(t, web.URL, "status/runtimeinfo", &info)
	if time.Since(info.ServerTime) > time.Hour || info.LastConfigTime.IsZero() || !info.ReloadConfigSuccess || info.GoroutineCount == 0 {
		t.Errorf("%+v", info)
	}
	var build struct{ GoVersion, Version string }
	ask(t, web.URL, "status/buildinfo", &build)
	var flags map[string]string
	ask(t, web.URL, "status/flags", &flags)
	if build.GoVersion == "" || build.Version == "" || flags["query.lookback-delta"] != "5m" {
		t.Errorf("%+v %v", build, flags)
	}
	var meta map[string][]struct{ Type string }
	ask(t, web.URL, "metadata", &meta)
	for name, want := range map[string]string{"mockforge_requests_total": "counter", "mockforge_request_duration_seconds": "histogram", "mockforge_requests_in_flight": "unknown"} {
		if got := fmt.Sprint(meta[name]); got != "[{"+want+"}]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	var targets struct {
		ActiveTargets []struct {
			Health string
			Labels map[string]string
		}
	}
	ask(t, web.URL, "targets", &targets)
	if len(targets.ActiveTargets) != len(data.Targets) || targets.ActiveTargets[0].Health != "up" || targets.ActiveTargets[0].Labels["job"] != data.Job {
		t.Errorf("%+v", targets)
	}
	var list struct {
		Groups []struct {
			Rules []struct {
				Name           string
				LastEvaluation time.Time
			}
		}
	}
	ask(t, web.URL, "rules", &list)
	for _, r := range list.Groups[0].Rules {
		if d := r.LastEvaluation.Sub(to); d > time.Minute || d < -time.Minute {
			t.Errorf("%s was evaluated at %s, and the samples end at %s", r.Name, r.LastEvaluation, to)
		}
	}
}
