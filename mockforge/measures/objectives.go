package measures

import (
	"time"

	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// The objectives: of Period, at least Availability of the requests do not fail on the server's side, and at
// least FastShare of them are answered within FastEnough.
const (
	Availability = metrics.Availability
	// ErrorBudget is the share of requests that may fail.
	ErrorBudget = 1 - Availability
	Period      = 30 * 24 * time.Hour

	FastEnough = metrics.FastEnough // seconds
	FastShare  = metrics.FastShare
)

// Windows over which failures are weighed against the budget: a long one says that it matters, a short one that it
// still goes on. See https://sre.google/workbook/alerting-on-slos/, "Multiwindow, Multi-Burn-Rate Alerts".
const (
	FiveMinutes = 5 * time.Minute
	HalfHour    = 30 * time.Minute
	Hour        = time.Hour
	SixHours    = 6 * time.Hour
	ThreeDays   = 3 * 24 * time.Hour
)

// Shares of failed requests, of all protocols, by window. Up to six hours they are rates; beyond, sums of the
// recorded rates, which read one sample in five minutes instead of all series of a month. Averages would not do: the
// series of errors is absent until the first error and after a restart, and an average leaves out what is absent.
var (
	Failed5m  = failedOver(FiveMinutes)
	Failed30m = failedOver(HalfHour)
	Failed1h  = failedOver(Hour)
	Failed6h  = failedOver(SixHours)
	Failed3d  = failedInTotal(ThreeDays)
	Failed30d = failedInTotal(Period)

	// BudgetLeft is the share of the error budget of Period that is left, below 0 where it is overdrawn.
	BudgetLeft = Failed30d.Div(query.Number(ErrorBudget)).Complement()
	// SuccessRatio is the availability reached over Period.
	SuccessRatio = Failed30d.Complement()
	// FastRatio is the share of requests that are answered within FastEnough.
	FastRatio = query.Fraction(metrics.RequestDuration, FastEnough).Over(HalfHour)
)

func failedOver(window time.Duration) query.Vector {
	return query.Ratio(TotalErrorRate.Over(window), TotalRequestRate.Over(window), query.Quiet)
}

func failedInTotal(window time.Duration) query.Vector {
	total := func(v query.Vector) query.Vector {
		return v.Over(FiveMinutes).Subquery(window, FiveMinutes).SumOverTime()
	}
	return query.Ratio(total(TotalErrorRate), total(TotalRequestRate), query.Quiet)
}
