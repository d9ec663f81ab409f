package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var recordNameOp = &Check{
	ID: "record/name-op", Severity: diag.Warning, Title: "A name with another operation than the rule's",
	Why:     "The last part of a recorded name says what was done last. Who reads :max takes it for a maximum.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_queue_length:sum\n        expr: max by (job) (app_queue_length)\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_queue_length:max\n        expr: max by (job) (app_queue_length)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		parts := strings.Split(r.Record.Value, ":")
		if q == nil || r.Record.IsZero() || len(parts) != 3 {
			return
		}
		op := parts[2]
		a, isAggregation := unparen(q.Expr).(*parser.AggregateExpr)
		names := map[string]parser.ItemType{"sum": parser.SUM, "max": parser.MAX, "min": parser.MIN, "avg": parser.AVG, "mean": parser.AVG, "count": parser.COUNT}
		if want, ok := names[op]; ok && isAggregation && a.Op != want && slices.Contains([]parser.ItemType{parser.SUM, parser.MAX, parser.MIN, parser.AVG, parser.COUNT}, a.Op) && !(op == "sum" && a.Op == parser.COUNT || op == "count" && a.Op == parser.SUM) {
			report.because(r.Record.At(), "the name says "+op+", and the rule takes "+a.Op.String(), "by "+short(q.Expr), "name what it does")
			return
		}
		if m := windowSuffix.FindStringSubmatch(op); m != nil {
			want, err := model.ParseDuration(m[1])
			var windows []time.Duration
			eachOf(q, func(x *parser.MatrixSelector) { windows = append(windows, x.Range) })
			eachOf(q, func(x *parser.SubqueryExpr) { windows = append(windows, x.Range) })
			recorded := false
			eachOf(q, func(vs *parser.VectorSelector) { recorded = recorded || strings.Contains(vs.Name, ":") })
			if err == nil && len(windows) > 0 && !recorded && !slices.Contains(windows, time.Duration(want)) {
				report.because(r.Record.At(), "the name says "+m[1]+", and the rule looks at "+unit.Duration(windows[0]), "by "+short(q.Expr), "name its window")
			}
		}
		if m := quantileSuffix.FindStringSubmatch(op); m != nil {
			eachOf(q, func(c *parser.Call) {
				if c.Func.Name != "histogram_quantile" {
					return
				}
				digits := m[1]
				want, err := strconv.ParseFloat("0."+digits, 64)
				if x, ok := number(c.Args[0]); ok && err == nil && x != want && digits != "100" && !(digits == "50" && x == 0.5) {
					report.because(r.Record.At(), fmt.Sprintf("the name says p%s, and the rule takes the quantile %v", digits, x), "by "+short(q.Expr), "name its quantile")
				}
			})
		}
	},
}

var (
	windowSuffix   = regexp.MustCompile(`^(?:rate|irate|increase|ratio_rate|delta)(\d+[smhdw])$`)
	quantileSuffix = regexp.MustCompile(`^p(\d{2,4})$`)
)
