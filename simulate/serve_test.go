package simulate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
)

// clock is one that is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// ask asks a server's API, and decodes what it answers into out.
func ask(t *testing.T, at, path string, out any) {
	t.Helper()
	r, err := http.Get(at + "/api/v1/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: out}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status != "success" || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, r.Status, err, body)
	}
}

// valueOf returns the one value that a query gives at a time.
func valueOf(t *testing.T, at, query string, when time.Time) string {
	t.Helper()
	var out struct {
		Result []struct{ Value [2]any }
	}
	ask(t, at, "query?time="+fmt.Sprint(when.Unix())+"&query="+url.QueryEscape(query), &out)
	if len(out.Result) != 1 {
		return fmt.Sprintf("%d series", len(out.Result))
	}
	return fmt.Sprint(out.Result[0].Value[1])
}

func firing(t *testing.T, at string) map[string]string {
	t.Helper()
	var out struct {
		Alerts []struct {
			State    string
			ActiveAt time.Time
			Labels   map[string]string
		}
	}
	ask(t, at, "alerts", &out)
	found := map[string]string{}
	for _, a := range out.Alerts {
		found[a.Labels["alertname"]] = a.State
	}
	return found
}

// TestServeScenario serves a scenario while the clock goes on, stands, is set forward and back, and asks it what Grafana asks.
func TestServeScenario(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	set := read(t, flagship)
	c := &clock{now: time.Date(2026, 5, 4, 13, 0, 0, 0, time.UTC)}
	var mu sync.Mutex
	var said []string
	// 32 minutes of an hour are over: the errors have just ended.
	for i := range data.Scenarios {
		if data.Scenarios[i].Name == "error-burst" {
			data.Scenarios[i].Lasts = scenario.Duration(32 * time.Minute)
		}
	}
	serving, err := set.ServeScenario(t.Context(), &data, "error-burst", simulate.ServeOptions{History: 70 * time.Minute, Now: c.Now, Say: func(s string) {
		mu.Lock()
		said = append(said, s)
		mu.Unlock()
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serving.Run(ctx) }()
	web := httptest.NewServer(serving.Handler([]string{"127.0.0.1", "localhost"}))
	defer web.Close()

	if got := firing(t, web.URL); got["MockForgeHighErrorRate"] != "firing" || got["MockForgeErrorBudgetFastBurn"] != "firing" || got["MockForgeDown"] != "" {
		t.Errorf("at the begin %v", got)
	}
	// What rules record and how alerts stood is there for the time before, too.
	if v := valueOf(t, web.URL, `count(count_over_time(ALERTS{alertname="MockForgeHighErrorRate",alertstate="firing"}[1h]) > 20)`, c.Now()); v != "1" {
		t.Errorf("the alert's past: %s", v)
	}
	if v := valueOf(t, web.URL, `count_over_time(job:mockforge_requests:rate5m[1h]) > 100`, c.Now()); !strings.HasPrefix(v, "1") {
		t.Errorf("what is recorded has %s samples in an hour", v)
	}
	var out any
	for _, path := range []string{
		"query_range?query=up&start=1777894000&end=1777899600&step=60", "series?match[]=up", "labels", "label/__name__/values", "label/protocol/values?match[]=mockforge_requests_total",
		"metadata", "metadata?metric=mockforge_requests_total", "rules", "rules?type=alert", "alerts", "targets", "targets/metadata?limit=3", "status/buildinfo", "status/runtimeinfo", "status/config",
		"status/flags", "status/tsdb", "query_exemplars?query=up&start=1777894000&end=1777899600", "alertmanagers", "format_query?query=up", "features", "scrape_pools",
	} {
		ask(t, web.URL, path, &out)
	}
	var meta map[string][]struct{ Type, Help, Unit string }
	ask(t, web.URL, "metadata", &meta)
	if m := meta["mockforge_requests_total"]; len(m) != 1 || m[0].Type != "counter" || m[0].Help == "" {
		t.Errorf("the metadata are %v", m)
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	ask(t, web.URL, "rules", &rules)
	n := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if n++; r.Health != "ok" {
				t.Errorf("rule %s is %s: %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	if n < 60 {
		t.Errorf("there are %d rules", n)
	}

	// One in 16 scrapes comes a little late, so that the window may have one more or less.
	samples := func() string { return valueOf(t, web.URL, `count_over_time(up[10m]) >= bool 39`, c.Now()) }
	until := func(what string, ok func() bool) {
		t.Helper()
		for range 100 {
			if ok() {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("%s was waited for; samples %s, alerts %v", what, samples(), firing(t, web.URL))
	}
	// A laptop that slept: the samples that it missed are made, and the errors are over; evaluations that it missed are not made up
	// for, so that the alert goes on for a while (keep_firing_for), as on a server that was away.
	c.add(20 * time.Minute)
	until("the samples", func() bool {
		return samples() == "1" && valueOf(t, web.URL, "protocol:mockforge_server_errors_per_requests:ratio_rate5m{protocol='http'} < bool 0.05", c.Now()) == "1"
	})
	c.add(6 * time.Minute)
	until("the end of the alert", func() bool { return firing(t, web.URL)["MockForgeHighErrorRate"] == "" && samples() == "1" })
	// A clock that is set back: nothing is written twice, and it goes on when the time has come.
	c.add(-5 * time.Minute)
	time.Sleep(2500 * time.Millisecond)
	c.add(10 * time.Minute)
	until("what comes after", func() bool { return samples() == "1" })

	if r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/api/v1/labels", nil); err != nil {
		t.Fatal(err)
	} else {
		r.Host = "evil.example"
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("another host's name: %s", answer.Status)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) > 0 {
		t.Errorf("it told of %q", said)
	}
	if _, err := set.ServeScenario(t.Context(), &data, "nowhere", simulate.ServeOptions{}); err == nil {
		t.Error("it serves a scenario that is not there")
	}
}

// TestServeScrape scrapes a target with an exemplar, and asks for what Prometheus has of it.
func TestServeScrape(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
		_, _ = io.WriteString(w, "# TYPE jobs counter\n# HELP jobs Jobs done.\njobs_total 3 # {trace_id=\"abc\"} 1.0\n# TYPE level gauge\nlevel 7\n# EOF\n")
	}))
	defer target.Close()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte("groups: [{name: g, interval: 1s, rules: [{alert: High, expr: level > 5}, {record: 'job:level:sum', expr: sum by (job) (level)}]}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := simulate.ReadRules([]string{path}, simulate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	serving, err := set.ServeScrape(t.Context(), &scenario.Data{Job: "j", Scrape: scenario.Duration(time.Second), Evaluation: scenario.Duration(time.Second)}, target.URL, simulate.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serving.Run(ctx) }()
	web := httptest.NewServer(serving.Handler(nil))
	defer web.Close()
	for i := 0; firing(t, web.URL)["High"] != "firing" || valueOf(t, web.URL, "job:level:sum", time.Now()) != "7"; i++ {
		if i > 100 {
			t.Fatal("the alert was waited for")
		}
		time.Sleep(100 * time.Millisecond)
	}
	var exemplars []struct {
		Exemplars []struct{ Labels map[string]string }
	}
	ask(t, web.URL, fmt.Sprintf("query_exemplars?query=jobs_total&start=%d&end=%d", time.Now().Add(-time.Minute).Unix(), time.Now().Add(time.Minute).Unix()), &exemplars)
	if len(exemplars) != 1 || exemplars[0].Exemplars[0].Labels["trace_id"] != "abc" {
		t.Errorf("the exemplars are %v", exemplars)
	}
	var targets struct {
		ActiveTargets []struct{ Health, ScrapeURL, LastError string }
	}
	ask(t, web.URL, "targets", &targets)
	if len(targets.ActiveTargets) != 1 || targets.ActiveTargets[0].LastError != "" || targets.ActiveTargets[0].Health != "up" || targets.ActiveTargets[0].ScrapeURL != target.URL+"/metrics" {
		t.Errorf("the targets are %v", targets)
	}
	var meta map[string][]struct{ Type, Help string }
	ask(t, web.URL, "metadata?metric=level", &meta)
	if len(meta["level"]) != 1 {
		t.Errorf("the metadata are %v", meta)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := set.ServeScrape(t.Context(), &scenario.Data{}, "::", simulate.ServeOptions{}); err == nil || !strings.Contains(err.Error(), "is no address such as") {
		t.Error(err)
	}
}
