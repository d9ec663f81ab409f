package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var matchNeedsGroup = &Check{
	ID: "match/needs-group", Severity: diag.Error, Title: "Several series on one side without group_left or group_right",
	Why:     "One side has several series for each of the other, which is an error unless the many side is named.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `app_duration_seconds_bucket / on (job, instance) app_queue_length`, `app_duration_seconds_bucket / on (job, instance) group_left () app_queue_length`},
}
