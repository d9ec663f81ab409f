package simulate_test

import (
	"testing"
	"time"

	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/mockforge/scenarios"
	"github.com/obsgen/obsgen/simulate"
)

// TestScenarios plays every scenario of the flagship with the rules of both profiles: each alert that must fire does, and no
// other.
func TestScenarios(t *testing.T) {
	for _, profile := range mockforge.Project.Profiles {
		for _, s := range scenarios.All {
			t.Run(profile.Name+"/"+s.Name, func(t *testing.T) {
				t.Parallel()
				begin := time.Now()
				played := simulate.RunProfile(t, mockforge.Project, profile, s)
				for _, h := range played.Alerts {
					for _, sp := range h.Spans {
						t.Log(h.Alert, sp.From, sp.To, sp.Labels)
					}
				}
				t.Log(time.Since(begin))
			})
		}
	}
}
