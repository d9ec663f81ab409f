package alerts

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/rules"
)

// ScenarioFailed is the hand-written alert of that name, over a metric that is registered.
var ScenarioFailed = rules.NewAlert("MockForgeChaosScenarioFailed", rules.Alert{
	When:     measures.FailedScenarios.Above(0),
	For:      time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("A chaos scenario of kind %s failed", metrics.ScenarioType),
	Means:    "The experiment says nothing about the service, and may have left faults behind.",
	Do: []string{
		"Look whether faults are still injected, and end them.",
		"Read the scenario's log for the step that failed.",
		"Look whether its hooks cleared away what they set up.",
	},
	Panel:   boards.ScenarioRuns,
	Expects: []rules.Situation{rules.OneEvent},
})

// CircuitOpen is the hand-written CircuitBreakerOpen.
var CircuitOpen = rules.NewAlert("MockForgeCircuitBreakerOpen", rules.Alert{
	When:     measures.CircuitState.Equals(1),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("The circuit breaker %s of %s stays open", metrics.Circuit, catalog.Instance),
	Means:    "Every request that goes through it is refused.",
	Do: []string{
		"Look whether an experiment opened it.",
		"Look whether what lies behind it answers.",
		"Compare its threshold with the share of requests that fail.",
	},
	Panel: boards.Circuits,
})

// DriftBudgetExceeded counts endpoints, so that one deployment does not send a message for each of them.
var DriftBudgetExceeded = rules.NewAlert("MockForgeDriftBudgetExceeded", rules.Alert{
	When:     measures.EndpointsOverBudget.Above(0),
	For:      10 * time.Minute,
	Severity: rules.Ticket,
	Owner:    metrics.CoreTeam,
	Summary:  rules.Textf("%v endpoints depart from their contract by more than their budget", rules.Value),
	Means:    "Clients that follow the contract break at these endpoints.",
	Do: []string{
		"See in the table of endpoints that drift which they are, and whether the changes break clients.",
		"Compare with the last change of the mocks and of the contract.",
		"Renew the contract where the change was meant.",
	},
	Panel: boards.DriftBudget,
})
