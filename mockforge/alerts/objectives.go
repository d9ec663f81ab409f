package alerts

import (
	"time"

	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// Burn rates: how many times faster than the objective allows the budget is spent, at which the alerts fire. See
// https://sre.google/workbook/alerting-on-slos/, table 5-8. The alerts compare shares of failed requests with that
// many times the budget.
const (
	fastBurn   = 14.4 // 2% of the budget of 30 days in an hour
	mediumBurn = 6    // 5% in six hours
	slowBurn   = 1    // 10% in three days
)

var (
	objective = rules.Quantity{Number: measures.Availability, Unit: unit.Ratio}
	fastShare = rules.Quantity{Number: measures.FastShare, Unit: unit.Ratio}
)

// spentIn is how long the budget of the period lasts at a burn rate.
func spentIn(burn float64) string {
	return unit.Prose(time.Duration(float64(measures.Period) / burn))
}

var burnSteps = []string{
	"See which window burns: a short one alone is an incident that begins, a long one alone is one that ended.",
	"See which protocol fails, and whether one method or all of them do.",
	"Compare with the last change of the mock definitions and of the server's version.",
}

// FastBurn fires on what would spend the budget of the period in two days; the hand-written one said two hours.
var FastBurn = rules.NewAlert("MockForgeErrorBudgetFastBurn", rules.Alert{
	When: measures.Failed1h.Above(fastBurn * measures.ErrorBudget).
		While(measures.Failed5m.Above(fastBurn * measures.ErrorBudget)),
	For:      2 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("%v of requests fail: the error budget is gone in %v", rules.Value, spentIn(fastBurn)),
	Description: rules.Textf("Over %v more than %v of all requests fail, %v times what the objective of %v allows.",
		rules.Window, rules.Threshold, fastBurn, objective),
	Means:    "So many requests fail that the objective of the month will be missed.",
	Do:       burnSteps,
	Mitigate: []string{"Roll back the last change of the mock definitions or of the server."},
	Panel:    boards.Failed,
})

// MediumBurn fires on what would spend the budget of the period in five days.
var MediumBurn = rules.NewAlert("MockForgeErrorBudgetMediumBurn", rules.Alert{
	When: measures.Failed6h.Above(mediumBurn * measures.ErrorBudget).
		While(measures.Failed30m.Above(mediumBurn * measures.ErrorBudget)),
	For:      15 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%v of requests fail: the error budget is gone in %v", rules.Value, spentIn(mediumBurn)),
	Description: rules.Textf("Over %v more than %v of all requests fail, %v times what the objective of %v allows.",
		rules.Window, rules.Threshold, mediumBurn, objective),
	Means: "Requests fail all the time, and the objective of the month is in danger.",
	Do:    burnSteps,
	Panel: boards.Failed,
})

// SlowBurn fires on what spends the budget just as fast as it comes.
var SlowBurn = rules.NewAlert("MockForgeErrorBudgetSlowBurn", rules.Alert{
	When: measures.Failed3d.Above(slowBurn * measures.ErrorBudget).
		While(measures.Failed6h.Above(slowBurn * measures.ErrorBudget)),
	For:      time.Hour,
	Severity: rules.Notice,
	Summary:  rules.Textf("%v of requests fail: nothing of the error budget will be left", rules.Value),
	Description: rules.Textf("Over %v more than %v of all requests fail, which is all that the objective of %v allows.",
		unit.Prose(measures.ThreeDays), rules.Threshold, objective),
	Means: "No single failure stands out, and yet the objective of the month will be missed.",
	Do:    burnSteps,
	Panel: boards.Failed,
})

// BudgetExhausted is the hand-written alert of that name, over a share in which a mocked 404 is no failure.
var BudgetExhausted = rules.NewAlert("MockForgeErrorBudgetExhausted", rules.Alert{
	When:        measures.BudgetLeft.AtMost(0),
	For:         5 * time.Minute,
	Severity:    rules.Page,
	Summary:     rules.Textf("The error budget of %v is used up: %v is left", unit.Prose(measures.Period), rules.Value),
	Description: rules.Textf("More requests of the last %v failed than the objective of %v allows.", unit.Prose(measures.Period), objective),
	Means:       "The objective is missed, whatever happens for the rest of the month.",
	Do: []string{
		"See in the panel beside it whether requests still fail.",
		"Find what burnt the budget: look back over the share of requests that fail.",
		"Put off changes that can break something until there is budget again.",
	},
	Panel: boards.BudgetLeft,
	// Of a service that is only minutes old one failure is more than a thousandth of all requests.
	Expects: []rules.Situation{rules.OneEvent},
})

// LatencyObjectiveMissed counts requests below a bucket's bound; the hand-written one guessed a quantile between two.
var LatencyObjectiveMissed = rules.NewAlert("MockForgeLatencyObjectiveMissed", rules.Alert{
	When:     measures.FastRatio.Below(measures.FastShare),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("Only %v of requests are answered within %v", rules.Value, rules.Quantity{Number: measures.FastEnough, Unit: unit.Seconds}),
	Description: rules.Textf("Over %v fewer requests are answered fast enough than the objective of %v asks for.",
		rules.Window, fastShare),
	Means: "Tests against the mocks take longer than promised.",
	Do:    latencySteps,
	Panel: boards.FastRequests,
})
