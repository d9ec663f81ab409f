package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var alertAlways = &Check{
	ID: "alert/always", Severity: diag.Info, Title: "An alert that always fires",
	Why:     "A constant is always there. As a dead man's switch, which tells that the way to the pager works, that is meant.",
	Source:  practices + "alerting/#metamonitoring",
	Example: Example{Alert, "alert: A\nexpr: vector(1)", "alert: A\nexpr: up == 0\nfor: 5m"},
}
