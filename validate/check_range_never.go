package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var rangeNever = &Check{
	ID: "range/never", Severity: diag.Error, Title: "A comparison that is never true",
	Why:     "No value that the left side can take passes. An alert on it never fires, a panel stays empty.",
	Source:  workbook,
	Example: Example{Alert, "alert: A\nexpr: count(up == 1) == 0\nfor: 5m", "alert: A\nexpr: sum(up) == 0\nfor: 5m"},
}
