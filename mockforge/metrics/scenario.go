package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Scenario covers the mode that the server as a whole is in; faults on single endpoints are in Chaos.
var Scenario = catalog.NewGroup("Scenario", catalog.GroupSpec{
	Help:  "The scenario that the server plays as a whole.",
	Owner: ChaosTeam,
})

// Metrics of Scenario.
var (
	ActiveScenarioMode = catalog.NewGauge(Scenario, "mockforge_active_scenario_mode", catalog.None{}, catalog.Spec{
		Help:  "Scenario mode now." + unwritten,
		Unit:  unit.State,
		Range: catalog.Range{Min: 0, Max: 3},
		States: []catalog.State{
			{Value: 0, Name: "healthy", Level: catalog.Good},
			{Value: 1, Name: "degraded", Level: catalog.Caution},
			{Value: 2, Name: "error", Level: catalog.Bad},
			{Value: 3, Name: "chaos", Level: catalog.Bad},
		},
	})
	ChaosTriggersTotal = catalog.NewCounter(Scenario, "mockforge_chaos_triggers_total", catalog.None{}, catalog.Spec{
		Help: "Times that the chaos mode was triggered." + unwritten,
		Unit: unit.Count("triggers"),
	})
)
