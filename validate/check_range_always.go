package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var rangeAlways = &Check{
	ID: "range/always", Severity: diag.Warning, Title: "A comparison that is always true",
	Why:     "Every value that the left side can take passes: an alert on it fires as long as there is any series.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length >= 0\nfor: 5m", "alert: A\nexpr: app_queue_length >= 10\nfor: 5m"},
}
