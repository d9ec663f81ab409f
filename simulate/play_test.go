package simulate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/mockforge/alerts"
	"github.com/obsgen/obsgen/mockforge/scenarios"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
)

// TestScenarios plays every scenario of the flagship, those about instances also with the rules and targets of production: each alert
// that must fire does, and no other.
func TestScenarios(t *testing.T) {
	for i, profile := range mockforge.Project.Profiles {
		for _, s := range scenarios.All {
			if i > 0 && s != scenarios.Healthy && s != scenarios.PartialOutage && s != scenarios.Outage {
				continue
			}
			t.Run(profile.Name+"/"+s.Name, func(t *testing.T) {
				t.Parallel()
				if s != scenarios.Healthy && s != scenarios.FirstErrors && s != scenarios.ErrorBurst {
					optional.Slow(t)
				}
				simulate.RunProfile(t, mockforge.Project, profile, s)
			})
		}
	}
}

// TestRun asks a played scenario for more, and plays one that the project does not declare and whose alerts are others than it says.
func TestRun(t *testing.T) {
	t.Parallel()
	played := simulate.Run(t, mockforge.Project, scenarios.SMTPReject)
	played.Fires(t, alerts.HighSMTPErrorRate, 16*time.Minute, 20*time.Minute)
	if v := played.Value(t, "sum(rate(mockforge_smtp_errors_total[5m]))", 40*time.Minute); v < 0.5 || v > 1.4 {
		t.Errorf("there are %v errors a second", v)
	}
	wrong := scenario.New("wrong", scenario.Spec{
		From: []*scenario.Scenario{scenarios.SMTPReject}, Lasts: 25 * time.Minute, Fires: []*rules.AlertingRule{alerts.Down},
	})
	probe := &recorder{TB: t}
	again := simulate.Run(probe, mockforge.Project, wrong)
	again.Fires(probe, alerts.HighSMTPErrorRate, 0, time.Minute)
	again.Fires(probe, alerts.Restarting, 0, time.Hour)
	got := strings.Join(probe.said, "\n")
	for _, want := range []string{
		"scenario wrong: MockForgeDown must fire and was quiet", "MockForgeHighSMTPErrorRate must be quiet and fired after 1",
		"MockForgeHighSMTPErrorRate must begin to fire between 0s and 1m0s, and began at: 1", "MockForgeRestarting must begin to fire between 0s and 1h0m0s, and began at: never",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q but\n%s", want, got)
		}
	}
}

// recorder is a test that keeps its failures.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}
