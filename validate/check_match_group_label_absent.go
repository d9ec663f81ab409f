package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var matchGroupLabelAbsent = &Check{
	ID: "match/group-label-absent", Severity: diag.Error, Title: "A label to copy that the one side lacks",
	Why:     "group_left copies the label from the other side. Where that has none, the label is deleted from the result.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `app_requests_total * on (job, instance) group_left (version) app_queue_length`, `app_requests_total * on (job, instance) group_left () app_queue_length`},
}
