package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var alertNeverResolves = &Check{
	ID: "alert/never-resolves", Severity: diag.Warning, Title: "An alert that does not end by itself",
	Why:     "The value only grows until the process restarts: once above the threshold it stays there, and the alert fires until somebody restarts the service.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: time() - app_start_timestamp_seconds > 86400\nfor: 5m", "alert: A\nexpr: time() - app_start_timestamp_seconds < 300\nfor: 1m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() || q.Rule.Group.Grafana {
			return
		}
		for _, c := range decisive(q) {
			pinned, moving := false, false
			each(c.node, func(vs *parser.VectorSelector) {
				pinned, moving = pinned || vs.Timestamp != nil, moving || vs.Timestamp == nil
			})
			if pinned && !moving {
				report.at(q.Position(c.node), "@ keeps what is compared at one moment: once true it stays true", "drop @")
			}
			b, ok := unparen(c.value).(*parser.BinaryExpr)
			if !ok || b.Op != parser.SUB || !c.up() {
				continue
			}
			vs, isSelector := unparen(b.RHS).(*parser.VectorSelector)
			if _, now := call(b.LHS, "time"); now && isSelector && (strings.HasSuffix(vs.Name, "start_time_seconds") || strings.HasSuffix(vs.Name, "start_timestamp_seconds") || strings.HasSuffix(vs.Name, "boot_time_seconds")) {
				report.at(q.Position(c.node), short(b)+" grows until the process restarts", "compare with < to see a restart, or say what the long life breaks")
			}
		}
	},
}
