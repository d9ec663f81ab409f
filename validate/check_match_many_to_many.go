package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var matchManyToMany = &Check{
	ID: "match/many-to-many", Severity: diag.Error, Title: "Several series on both sides of a match",
	Why:     "Both sides have a label outside of the matching that takes several values. Prometheus refuses the query while it does.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `app_duration_seconds_bucket / on (job, instance) app_duration_seconds_bucket`, `sum by (job, instance) (app_duration_seconds_count) / on (job, instance) app_queue_length`},
}
