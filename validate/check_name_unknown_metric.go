package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var nameUnknownMetric = &Check{
	ID: "name/unknown-metric", Severity: diag.Error, Title: "A metric that does not exist",
	Why:     "The query names a metric that the catalog, which owns all names with its prefix, does not have. It returns nothing, for ever and without an error.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `sum(rate(app_request_total[5m]))`, `sum(rate(app_requests_total[5m]))`},
}
