package simulate_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/obsgen/obsgen/simulate"
)

func TestClock(t *testing.T) {
	t.Parallel()
	machine := &clock{now: time.Date(2026, 5, 4, 13, 0, 0, 0, time.UTC)}
	begin := machine.Now()
	c := simulate.NewClock(machine.Now, 1)
	said := func(want time.Duration) {
		t.Helper()
		if got := c.Now().Sub(begin); got != want {
			t.Errorf("it says %s, and %s is wanted", got, want)
		}
	}
	machine.add(time.Second)
	said(time.Second)
	for _, s := range []float64{60, 0.5, 0} {
		before := c.Now().Sub(begin)
		if err := c.SetSpeed(s); err != nil {
			t.Fatal(err)
		}
		machine.add(2 * time.Second)
		said(before + time.Duration(s*2*float64(time.Second)))
	}
	before := c.Now().Sub(begin)
	machine.add(-time.Hour) // that of the machine was set back
	said(before)
	if err := c.Step(time.Minute); err != nil {
		t.Fatal(err)
	}
	said(before + time.Minute)
	for _, s := range []float64{-1, 1e9} {
		if c.SetSpeed(s) == nil {
			t.Errorf("it goes %v times as fast", s)
		}
	}
	if c.Step(-time.Second) == nil || c.Step(30*24*time.Hour) == nil {
		t.Error("it goes back, or by a month")
	}
	said(before + time.Minute)
}

// TestServeLongAfter begins a scenario that is over for a month: no more samples are made than are seen.
func TestServeLongAfter(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	serving, err := read(t, flagship).ServeScenario(t.Context(), &data, "error-burst", simulate.ServeOptions{History: time.Hour, At: 30 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if got := serving.Into(); got > 3*time.Hour {
		t.Errorf("it is %s into the scenario", got)
	}
	web := httptest.NewServer(serving.Handler(nil))
	defer web.Close()
	if v := valueOf(t, web.URL, `sum(rate(mockforge_requests_total[5m])) > bool 1`, time.Now()); v != "1" {
		t.Errorf("there are no usual data: %s", v)
	}
}

// TestServeSteps moves a scenario on by hand: what the rules record and how alerts stand is as if it had been waited for.
func TestServeSteps(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	machine := &clock{now: time.Date(2026, 5, 4, 13, 0, 0, 0, time.UTC)}
	c := simulate.NewClock(machine.Now, 0)
	serving, err := read(t, flagship).ServeScenario(t.Context(), &data, "error-burst", simulate.ServeOptions{History: time.Hour, At: 5 * time.Minute, Now: c.Now, CatchUp: true, Say: func(s string) { t.Error(s) }})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(serving.Handler(nil))
	defer web.Close()
	seen := map[string]bool{}
	for range 6 {
		state := firing(t, web.URL)["MockForgeHighErrorRate"]
		seen[state] = true
		if err := c.Step(5 * time.Minute); err != nil {
			t.Fatal(err)
		}
		serving.Advance(t.Context())
	}
	if got := serving.Into(); got != 35*time.Minute {
		t.Errorf("it is %s into the scenario", got)
	}
	if !seen[""] || !seen["firing"] {
		t.Errorf("the alert was %v", seen)
	}
	// An evaluation each 30 seconds, also of what was stepped over.
	if v := valueOf(t, web.URL, `count_over_time(job:mockforge_requests:rate5m[30m])`, c.Now()); v != "60" && v != "61" {
		t.Errorf("in half an hour the rules recorded %s samples", v)
	}
	var alert struct {
		Result []struct{ Values [][2]any }
	}
	ask(t, web.URL, fmt.Sprintf("query_range?query=count(ALERTS{alertname='MockForgeHighErrorRate',alertstate='firing'})&start=%d&end=%d&step=30", c.Now().Add(-35*time.Minute).Unix(), c.Now().Unix()), &alert)
	if len(alert.Result) != 1 {
		t.Fatalf("it has %d series", len(alert.Result))
	}
	values := alert.Result[0].Values
	for i := 1; i < len(values); i++ {
		if d := values[i][0].(float64) - values[i-1][0].(float64); d != 30 {
			t.Errorf("it stops firing for %v s", d)
		}
	}
}
