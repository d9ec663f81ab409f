package simulate_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/simulate"
)

// byAlerts are rules that read what alerts did, themselves and by what others record, and alerts with labels that depend on the value.
const byAlerts = `groups:
  - name: first
    interval: 30s
    rules:
      - {alert: Errors, expr: 'sum by (protocol) (rate(mockforge_errors_total[5m])) > 0.7', for: 2m}
      - {alert: Valued, expr: 'sum by (protocol) (rate(mockforge_errors_total[5m])) > 0.3', for: 3m, keep_firing_for: 2m, labels: {team: a, severity: '{{ if gt $value 0.8 }}critical{{ else }}warning{{ end }}'}}
  - name: then
    interval: 30s
    rules:
      - {record: 'alerts:firing:count', expr: 'count(ALERTS{alertstate="firing"})'}
      - {alert: Firing, expr: 'count(ALERTS{alertname="Errors", alertstate="firing"}) > 0', for: 1m}
      - {alert: Long, expr: 'time() - ALERTS_FOR_STATE{alertname="Errors"} > 600'}
      - {alert: Recorded, expr: 'alerts:firing:count > 1'}
      - {alert: Held, expr: 'sum(rate(mockforge_errors_total[5m])) > 1 or sum(rate(mockforge_errors_total[5m])) > 0.2 and on () ALERTS{alertname="Held", alertstate="firing"}'}
      - {alert: Past, expr: 'max_over_time(alerts:firing:count[10m]) > 1'}
`

// TestAlertsOfAlerts has the manager of rules and a backtest do the same with them.
func TestAlertsOfAlerts(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	set := fromText(t, byAlerts)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "error-burst", begin)
	played, err := set.Play(t.Context(), &data, "error-burst")
	if err != nil {
		t.Fatal(err)
	}
	line := func(alert, severity string, since, from, to time.Time) string {
		if !from.After(begin) { // what was played is told from here on
			since, from = begin, begin
		}
		return fmt.Sprintf("%s %s %s %s %s", alert, severity, since.Format(time.TimeOnly), from.Format(time.TimeOnly), to.Format(time.TimeOnly))
	}
	want := map[string]int{}
	names := map[string]bool{}
	for _, h := range played.Alerts {
		for _, s := range h.Spans {
			names[h.Alert] = true
			want[line(h.Alert, s.Labels.Get("severity"), begin.Add(s.Pending), begin.Add(s.From), begin.Add(s.To))]++
		}
	}
	if len(names) != 7 {
		t.Errorf("some never fire: %v", want)
	}
	memory, err := simulate.OpenScenario(&data, "error-burst", to, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, past := range []simulate.Past{memory, folder} {
		for range 2 { // as the second version of --against
			tested, err := set.Backtest(t.Context(), past, from, to, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, x := range tested {
				if x.Failure != "" {
					t.Errorf("%s: %s", x.Alert, x.Failure)
				}
				for _, s := range x.Spans {
					got[line(x.Alert, s.Labels.Get("severity"), s.Since, s.From, s.To)]++
					if s.Labels.Has("team") {
						t.Errorf("%s has a label that all of its alerts have: %s", x.Alert, s.Labels)
					}
				}
			}
			if a, b := fmt.Sprint(got), fmt.Sprint(want); a != b {
				t.Errorf("%T:\n%s\nthe manager:\n%s", past, a, b)
			}
			simulate.Forget(past)
		}
		if err := past.Close(); err != nil {
			t.Error(err)
		}
	}
	// One of them alone is as among all.
	one, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	tested, err := set.Backtest(t.Context(), one, from, to, func(name string) bool { return name == "Firing" })
	if err != nil || len(tested) != 1 || len(tested[0].Spans) == 0 {
		t.Errorf("%v, %v", told(tested), err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
}

// TestLimit has groups whose limit is exceeded while both instances fire: none is then active, and what records more is nothing.
func TestLimit(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "healthy", begin)
	past, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = past.Close() }()
	tested, err := fromText(t, `groups:
  - {name: one, limit: 1, rules: [{alert: Limited, expr: 'up == 1 or label_replace(up, "twin", "1", "", "")'}, {alert: Within, expr: sum(up) > 0}, {record: 'up:limited', expr: 'up or label_replace(up, "twin", "1", "", "")'}]}
  - {name: two, limit: 2, rules: [{alert: Both, expr: 'up == 1 or label_replace(up, "twin", "1", "", "")'}, {record: 'up:both', expr: 'up or label_replace(up, "twin", "1", "", "")'}]}
  - {name: three, rules: [{alert: NotRecorded, expr: 'up:limited == 1'}, {alert: Recorded, expr: 'up:both == 1'}]}
`).Backtest(t.Context(), past, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tested {
		want := map[string]int{"Limited": 0, "Within": 1, "Both": 2, "NotRecorded": 0, "Recorded": 2}[x.Alert]
		if len(x.Spans) != want || x.Failure != "" || strings.Contains(x.Note, "the limit 1 of its group was exceeded at ") != (x.Alert == "Limited") {
			t.Errorf("%s: %v %s %s", x.Alert, x.Spans, x.Failure, x.Note)
		}
	}
}

// TestAlertsOfServers asks a server for rules that read what alerts did: where they read nothing else it is worked out, and where they
// do it is said whose alerts they are.
func TestAlertsOfServers(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	// Whose alerts these are is told of the one that reads other series, too; it is kept from the others.
	mixed := regexp.MustCompile(`(?m)^ +- {alert: Held, .*\n`)
	set, held := fromText(t, mixed.ReplaceAllString(byAlerts, "")), fromText(t, "groups:\n  - name: g\n    rules:\n"+mixed.FindString(byAlerts))
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "error-burst", begin)
	serving, err := read(t, flagship).ServeTSDB(t.Context(), &data, dir, simulate.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Close() })
	web := httptest.NewServer(serving.Handler(nil))
	t.Cleanup(web.Close)
	server, err := simulate.OpenServer(t.Context(), simulate.Server{URL: web.URL, PerSecond: 1e4})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := set.Backtest(t.Context(), folder, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Backtest(t.Context(), server, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range got {
		if a, b := told([]*simulate.Tested{x}), told(want[i:i+1]); !slices.Equal(a, b) || x.Note != "" || x.Failure != "" || len(a) == 0 {
			t.Errorf("%s:\n%s\nin the folder:\n%s\n%s%s", x.Alert, strings.Join(a, "\n"), strings.Join(b, "\n"), x.Note, x.Failure)
		}
	}
	if got, err := held.Backtest(t.Context(), server, from, to, nil); err != nil || !strings.Contains(got[0].Note, "as the server has them") {
		t.Errorf("%v, %+v", err, got)
	}
}
