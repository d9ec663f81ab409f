package validate

import (
	"fmt"
	"math"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/unit"
)

// each calls f for every node of a type in an expression.
func each[T parser.Node](e parser.Expr, f func(T)) {
	query.Walk(e, func(n parser.Expr) {
		if x, ok := n.(T); ok {
			f(x)
		}
	})
}

// queryChecks look at single expressions.
var queryChecks = []*Check{
	{
		ID: "hist/phi", Severity: diag.Error, Title: "A quantile outside of 0 to 1",
		Why:     "Quantiles are numbers from 0 to 1: a larger one gives +Inf, a smaller one -Inf. 95 was meant as 0.95.",
		Source:  promDocs + "functions/#histogram_quantile",
		Example: Example{PromQL, `quantile(95, app_queue_length)`, `quantile(0.95, app_queue_length)`},
		Query: func(q *Query, report Report) {
			check := func(at parser.Node, φ parser.Expr) {
				if x, ok := number(φ); ok && !q.Touches(φ) && (x < 0 || x > 1) {
					mend := "use a number from 0 to 1"
					if x > 1 && x < 100 {
						mend = fmt.Sprintf("write %v", math.Round(x*1e6)/1e8)
					}
					report.at(q.Position(φ), fmt.Sprintf("the quantile %v is outside of 0 to 1", x), mend)
				}
			}
			each(q.Expr, func(n *parser.AggregateExpr) {
				if n.Op == parser.QUANTILE {
					check(n, n.Param)
				}
			})
			each(q.Expr, func(n *parser.Call) {
				if (n.Func.Name == "histogram_quantile" || n.Func.Name == "quantile_over_time") && len(n.Args) > 0 {
					check(n, n.Args[0])
				}
			})
		},
	},
	{
		ID: "hist/filter-inside", Severity: diag.Error, Title: "A filter on buckets",
		Why:     "A comparison inside of histogram_quantile removes single buckets, and the quantile of what is left is wrong. Filter the result.",
		Source:  practices + "histograms/",
		Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])) > 0)`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 0`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(n *parser.Call) {
				if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 {
					return
				}
				each(n.Args[1], func(b *parser.BinaryExpr) {
					if b.Op.IsComparisonOperator() && !b.ReturnBool && q.Table.Of(b.LHS).Native != infer.Must && aboutBuckets(q, b.LHS) {
						report.at(q.Position(b), "the comparison removes buckets from the histogram", "compare the quantile, outside of histogram_quantile")
					}
				})
			})
		},
	},
	{
		ID: "hist/inf-dropped", Severity: diag.Error, Title: "A histogram without its last bucket",
		Why:     "Without the bucket +Inf, which counts everything, histogram_quantile gives NaN.",
		Source:  promDocs + "functions/#histogram_quantile",
		Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket{le!="+Inf"}[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(n *parser.Call) {
				if n.Func.Name != "histogram_quantile" {
					return
				}
				each(n, func(vs *parser.VectorSelector) {
					for _, m := range vs.LabelMatchers {
						if m.Name == labels.BucketLabel && !variable(m.Value) && !m.Matches("+Inf") {
							report.at(q.Position(vs), "the matcher on le drops the bucket +Inf", "drop the matcher")
						}
					}
				})
			})
		},
	},
	{
		ID: "agg/nonlinear-buckets", Severity: diag.Error, Title: "A maximum of buckets",
		Why:     "Buckets are counts that add up. Their maximum, average by topk or the like is no histogram any more, and a quantile of it is wrong.",
		Source:  practices + "histograms/#quantiles",
		Example: Example{PromQL, `histogram_quantile(0.9, max by (le) (rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(n *parser.Call) {
				if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 {
					return
				}
				each(n.Args[1], func(a *parser.AggregateExpr) {
					switch a.Op {
					case parser.MAX, parser.MIN, parser.TOPK, parser.BOTTOMK, parser.QUANTILE, parser.STDDEV, parser.COUNT:
						if aboutBuckets(q, a.Expr) && !((a.Op == parser.TOPK || a.Op == parser.BOTTOMK) && slices.Contains(a.Grouping, labels.BucketLabel)) {
							report.at(q.Position(a), fmt.Sprintf("%s() of buckets is no histogram any more", a.Op), "use sum by (le, …)")
						}
					}
				})
			})
		},
	},
	{
		ID: "hist/raw-buckets", Severity: diag.Warning, Title: "A quantile over all time",
		Why:     "Raw buckets count since the process started, so that the quantile hardly moves any more after a day. Take the rate of the buckets.",
		Source:  practices + "histograms/#quantiles",
		Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (app_duration_seconds_bucket))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(n *parser.Call) {
				if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 || q.Touches(n.Args[1]) && q.hasFunctionVariable() {
					return
				}
				rated := false
				each(n.Args[1], func(c *parser.Call) {
					rated = rated || slices.Contains([]string{"rate", "irate", "increase", "delta", "idelta", "xrate"}, c.Func.Name)
				})
				raw := false
				each(n.Args[1], func(vs *parser.VectorSelector) {
					raw = raw || strings.HasSuffix(vs.Name, "_bucket") && !strings.Contains(vs.Name, ":")
				})
				if raw && !rated {
					report.at(q.Position(n), "the quantile is one of everything since the process started", "take the rate of the buckets first")
				}
			})
		},
	},
	{
		ID: "hist/avg-mismatch", Severity: diag.Error, Title: "A mean of two different histograms",
		Why:     "The sum of one histogram divided by the count of another, or over another window, is no mean of anything.",
		Source:  practices + "histograms/#count-and-sum-of-observations",
		Example: Example{PromQL, `rate(app_duration_seconds_sum[5m]) / rate(app_duration_seconds_count[10m])`, `rate(app_duration_seconds_sum[5m]) / rate(app_duration_seconds_count[5m])`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				if b.Op != parser.DIV {
					return
				}
				l, okL := onlySelector(b.LHS)
				r, okR := onlySelector(b.RHS)
				if !okL || !okR || !strings.HasSuffix(l.vs.Name, "_sum") || !strings.HasSuffix(r.vs.Name, "_count") || q.Touches(b) && (q.Touches(l.vs) || q.Touches(r.vs)) {
					return
				}
				a, c := strings.TrimSuffix(l.vs.Name, "_sum"), strings.TrimSuffix(r.vs.Name, "_count")
				switch {
				case a != c && l.window == r.window:
					report.at(q.Position(b), fmt.Sprintf("the sum of %s is divided by the count of %s", a, c), "take both from one histogram")
				case a == c && l.window != r.window:
					report.at(q.Position(b), fmt.Sprintf("the sum is taken over %s, the count over %s", unit.Duration(l.window), unit.Duration(r.window)), "use one window")
				}
			})
		},
	},
	{
		ID: "regex/anchor", Severity: diag.Info, Title: "An anchor that is always there",
		Why:     "Prometheus matches the whole value: ^ and $ at the ends say nothing.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `app_requests_total{code=~"^5..$"}`, `app_requests_total{code=~"5.."}`},
		Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
			if isRegexp(m) && !variable(m.Value) && (strings.HasPrefix(m.Value, "^") || strings.HasSuffix(m.Value, "$") && !strings.HasSuffix(m.Value, `\$`)) {
				report(diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s: matchers are anchored at both ends already", m), Mend: "drop ^ and $",
					Edits: q.matcherEdit(vs, m, "", func(v string) string { return strings.TrimSuffix(strings.TrimPrefix(v, "^"), "$") })})
			}
		}),
	},
	{
		ID: "regex/literal", Severity: diag.Info, Title: "A regular expression that is none",
		Why:     "Without any operator in it the regular expression is a plain text, which = matches faster and more plainly.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `app_requests_total{method=~"GET"}`, `app_requests_total{method=~"GET|PUT"}`},
		Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
			if !isRegexp(m) || variable(m.Value) || m.Value == "" {
				return
			}
			re, err := syntax.Parse(m.Value, syntax.Perl)
			if err == nil && re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 && string(re.Rune) == m.Value {
				op := "="
				if m.Type == labels.MatchNotRegexp {
					op = "!="
				}
				report(diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s has no operator of regular expressions in it", m), Mend: "use " + op, Edits: q.matcherEdit(vs, m, op, nil)})
			}
		}),
	},
	{
		ID: "regex/wildcard", Severity: diag.Info, Title: "A matcher that everything passes",
		Why:     "=~\".*\" selects every series, those without the label among them, and says nothing but that somebody thought of it.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `app_requests_total{method=~".*"}`, `app_requests_total{method=~".+"}`},
		Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
			if m.Value == ".*" && m.Type == labels.MatchRegexp && vs.Name != "" {
				report.at(q.matcherAt(vs, m), fmt.Sprintf("every series passes %s", m), "drop the matcher")
			}
			if m.Value == ".*" && m.Type == labels.MatchNotRegexp {
				report.at(q.matcherAt(vs, m), fmt.Sprintf("no series passes %s", m), "drop the selector, or mend the matcher")
			}
		}),
	},
	{
		ID: "name/no-metric-name", Severity: diag.Warning, Title: "A selector without a metric",
		Why:     "A selector by labels alone reads every metric that has them: slow, and a sum of unlike things.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `sum({job="app"})`, `sum(up{job="app"})`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(vs *parser.VectorSelector) {
				if vs.Name != "" || q.Touches(vs) {
					return
				}
				for _, m := range vs.LabelMatchers {
					if m.Name == model.MetricNameLabel {
						return
					}
				}
				report.at(q.Position(vs), "the selector names no metric", "name one, or a set of them by __name__")
			})
		},
	},
	{
		ID: "label/or-vector", Severity: diag.Warning, Title: "A fallback that is always there",
		Why:     "vector(0) has no labels. Beside series that have some it is not a fallback: it is one more series, always.",
		Source:  promDocs + "operators/#logical-set-binary-operators",
		Example: Example{PromQL, `sum by (method) (rate(app_requests_total[5m])) or vector(0)`, `sum(rate(app_requests_total[5m])) or vector(0)`},
		Query: func(q *Query, report Report) {
			harmless := map[parser.Expr]bool{} // in a sum of everything one more 0 changes nothing
			each(q.Expr, func(a *parser.AggregateExpr) {
				if a.Op == parser.SUM && !a.Without && len(a.Grouping) == 0 {
					each(a.Expr, func(b *parser.BinaryExpr) { harmless[b] = true })
				}
			})
			each(q.Expr, func(b *parser.BinaryExpr) {
				if b.Op != parser.LOR || harmless[b] || b.VectorMatching != nil && b.VectorMatching.On {
					return
				}
				c, ok := unparen(b.RHS).(*parser.Call)
				if !ok || c.Func.Name != "vector" {
					return
				}
				for _, name := range q.Table.Of(b.LHS).Labels.Names() {
					if q.Table.Of(b.LHS).Labels.Certain(name) && name != model.MetricNameLabel && !replaced.MatchString(name) {
						report.because(q.Position(b.RHS), fmt.Sprintf("%s is beside the other series always, not only where there are none", short(b.RHS)),
							"they have the label "+name+", and it has none", "sum them without labels, or write or on () vector(…)")
						return
					}
				}
			})
		},
	},
	{
		ID: "window/mixed", Severity: diag.Warning, Title: "A ratio over two windows",
		Why:     "The sides of the ratio look at different times, so that the share is off whenever the traffic changes.",
		Source:  practices + "rules/",
		Example: Example{PromQL, `sum(rate(app_errors_total[1m])) / sum(rate(app_requests_total[5m]))`, `sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				if b.Op != parser.DIV {
					return
				}
				l, okL := onlySelector(b.LHS)
				r, okR := onlySelector(b.RHS)
				if okL && okR && l.window > 0 && r.window > 0 && l.window != r.window && l.fn == r.fn && strings.TrimSuffix(l.vs.Name, "_sum") != strings.TrimSuffix(r.vs.Name, "_count") &&
					l.vs.Name != r.vs.Name && !q.hasDurationVariable() && l.offset == r.offset {
					report.at(q.Position(b), fmt.Sprintf("one side looks at %s, the other at %s", unit.Duration(l.window), unit.Duration(r.window)), "use one window")
				}
			})
		},
	},
	{
		ID: "time/timestamp-computed", Severity: diag.Error, Title: "The time of a computed value",
		Why:     "timestamp() of anything but a plain selector gives the time of the evaluation, so that the age is always 0.",
		Source:  promDocs + "functions/#timestamp",
		Example: Example{PromQL, `time() - timestamp(sum(app_queue_length))`, `time() - timestamp(app_queue_length)`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(c *parser.Call) {
				if c.Func.Name != "timestamp" || len(c.Args) == 0 {
					return
				}
				switch unparen(c.Args[0]).(type) {
				case *parser.VectorSelector:
				default:
					report.at(q.Position(c), short(c)+" is the time of the evaluation, not that of a sample", "take the timestamp of a selector")
				}
			})
		},
	},
	{
		ID: "range/float-equality", Severity: diag.Warning, Title: "An equality that hardly ever holds",
		Why:     "rate and increase extrapolate to the ends of the window, so that increase of one event is 1.0169 and never exactly 1.",
		Source:  promDocs + "functions/#increase",
		Example: Example{PromQL, `increase(app_requests_total[5m]) == 1`, `increase(app_requests_total[5m]) > 0`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				x, ok := number(b.RHS)
				if !ok || b.Op != parser.EQLC || x == 0 || math.IsInf(x, 0) || math.IsNaN(x) || q.Touches(b.RHS) {
					return
				}
				switch fn := innermost(b.LHS); {
				case fn == "rate", fn == "increase":
					if k := q.Table.Of(b.LHS).Kind; k == infer.Rate || k == infer.Increase || k == infer.Unknown {
						report.at(q.Position(b), fmt.Sprintf("%s is hardly ever exactly %v", short(b.LHS), x), "compare with > or <")
					}
				}
			})
		},
	},
	{
		ID: "range/scalar-nan", Severity: diag.Warning, Title: "A scalar of several series",
		Why:     "scalar() of anything but exactly one series is NaN, and so is everything that is computed with it.",
		Source:  promDocs + "functions/#scalar",
		Example: Example{PromQL, `app_memory_bytes / scalar(app_requests_total)`, `app_memory_bytes / scalar(sum(app_requests_total))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(c *parser.Call) {
				if c.Func.Name != "scalar" || len(c.Args) != 1 {
					return
				}
				if own := ownLabels(q.Table.Of(c.Args[0])); len(own) > 0 && q.Table.Of(c.Args[0]).Labels.Certain(own[0]) {
					report.because(q.Position(c), short(c)+" is NaN as soon as there are two series", "they differ in "+strings.Join(own, ", "), "aggregate them to one first")
				}
			})
		},
	},
	{
		ID: "match/on-absent-label", Severity: diag.Error, Title: "A match by a label that neither side has",
		Why:     "Where both sides lack the label all series are matched with all: an error with several series, and otherwise a result that means something else.",
		Source:  promDocs + "operators/#vector-matching-keywords",
		Example: Example{PromQL, `app_queue_length * on (zone) group_left () sum(app_memory_bytes)`, `app_queue_length * on () group_left () sum(app_memory_bytes)`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				if b.VectorMatching == nil || !b.VectorMatching.On {
					return
				}
				l, r := q.Table.Of(b.LHS).Labels, q.Table.Of(b.RHS).Labels
				for _, name := range b.VectorMatching.MatchingLabels {
					if l.Closed() && r.Closed() && !l.Has(name) && !r.Has(name) && !replaced.MatchString(name) {
						report.at(q.Position(b), "neither side has the label "+name+" by which they are matched", "match by labels that both have")
					}
				}
			})
		},
	},
	{
		ID: "range/nan-compare", Severity: diag.Error, Title: "A comparison with NaN",
		Why:     "Nothing equals NaN, not even NaN. x != x tells whether x is NaN.",
		Source:  promDocs + "operators/#comparison-binary-operators",
		Example: Example{PromQL, `app_queue_length == NaN`, `app_queue_length != app_queue_length`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				if !b.Op.IsComparisonOperator() {
					return
				}
				for _, side := range []parser.Expr{b.LHS, b.RHS} {
					if x, ok := number(side); ok && math.IsNaN(x) {
						report.at(q.Position(b), short(b)+" compares with NaN, which nothing equals", "write x != x, which is true of NaN alone")
					}
				}
			})
		},
	},
	{
		ID: "range/clamped-denominator", Severity: diag.Warning, Title: "A share with a floor under its whole",
		Why:     "A floor of 1 under the requests per second keeps the share from being NaN, and below one request per second makes it too small: half of 0.1 requests per second failing reads 5%.",
		Source:  workbook,
		Example: Example{PromQL, `sum(rate(app_errors_total[5m])) / clamp_min(sum(rate(app_requests_total[5m])), 1)`, `sum(rate(app_errors_total[5m])) / (sum(rate(app_requests_total[5m])) > 0)`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				if b.Op != parser.DIV {
					return
				}
				if c, ok := unparen(b.RHS).(*parser.Call); ok && c.Func.Name == "clamp_min" && len(c.Args) == 2 {
					if x, ok := number(c.Args[1]); ok && x >= 0.1 && perSecond(q, c.Args[0]) {
						report.at(q.Position(c), fmt.Sprintf("below %v per second the share shrinks with the traffic", x), "divide by (whole > 0), and say what no traffic means")
					}
				}
			})
		},
	},
	{
		ID: "type/irate-in-rule", Severity: diag.Info, Title: "irate in a rule",
		Why:     "irate looks at the last two samples of the window only: between two evaluations it misses most of what happened, and an alert on it flaps.",
		Source:  promDocs + "functions/#irate",
		Example: Example{Alert, "alert: A\nexpr: irate(app_requests_total[5m]) > 10\nfor: 5m", "alert: A\nexpr: rate(app_requests_total[5m]) > 10\nfor: 5m"},
		Query: func(q *Query, report Report) {
			if q.Rule == nil {
				return
			}
			each(q.Expr, func(c *parser.Call) {
				if c.Func.Name == "irate" {
					report.at(q.Position(c), "irate sees two samples of the window only", "use rate")
				}
			})
		},
	},
	{
		ID: "window/too-short", Severity: diag.Error, Title: "A window with too few samples",
		Why:     "A rate needs two samples in its window. Below two scrape intervals it is empty, below four one lost scrape empties it.",
		Source:  promDocs + "functions/#rate",
		Example: Example{PromQL, `rate(app_requests_total[10s])`, `rate(app_requests_total[5m])`},
		Query: func(q *Query, report Report) {
			every := q.Set.ScrapeInterval
			if every == 0 {
				return
			}
			each(q.Expr, func(m *parser.MatrixSelector) {
				if m.Range > 0 && m.Range < 2*every && !q.VariableWindow(m) {
					report.because(q.Position(m), fmt.Sprintf("the window of %s holds fewer than two samples", unit.Duration(m.Range)),
						"targets are scraped every "+unit.Duration(every), "use "+unit.Duration(4*every)+" or more")
				}
			})
		},
	},
	{
		ID: "window/negative-offset", Severity: diag.Error, Title: "A rule that reads the future",
		Why:     "A negative offset looks ahead of the evaluation, where there is no sample yet.",
		Source:  promDocs + "basics/#offset-modifier",
		Example: Example{PromQL, `app_queue_length offset -1h`, `app_queue_length offset 1h`},
		Query: func(q *Query, report Report) {
			if q.Rule == nil {
				return
			}
			each(q.Expr, func(vs *parser.VectorSelector) {
				if vs.OriginalOffset < 0 && -vs.OriginalOffset > q.Rule.Group.Offset {
					report.at(q.Position(vs), "the offset of "+unit.Duration(-vs.OriginalOffset)+" looks into the future", "use a positive offset")
				}
			})
		},
	},
	{
		ID: "sort/no-effect", Severity: diag.Info, Title: "An order that nothing keeps",
		Why:     "A rule and a graph over time have no order of series: sort() costs and does nothing.",
		Source:  promDocs + "functions/#sort",
		Example: Example{PromQL, `sort_desc(sum by (code) (rate(app_requests_total[5m])))`, `sum by (code) (rate(app_requests_total[5m]))`},
		Query: func(q *Query, report Report) {
			if q.Rule == nil && (q.Target == nil || q.Target.Instant || q.Panel == nil || q.Panel.Type.Value != "timeseries" && q.Panel.Type.Value != "graph") {
				return
			}
			each(q.Expr, func(c *parser.Call) {
				if strings.HasPrefix(c.Func.Name, "sort") {
					report.at(q.Position(c), c.Func.Name+" orders nothing here", "drop it")
				}
			})
		},
	},
	{
		ID: "agg/avg-of-quantile", Severity: diag.Warning, Title: "An average of quantiles",
		Why:     "The average, sum or quantile of quantiles is a quantile of nothing: a busy instance and an idle one count the same. Aggregate the buckets, then take the quantile.",
		Source:  practices + "histograms/#quantiles",
		Example: Example{PromQL, `avg(histogram_quantile(0.9, rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(a *parser.AggregateExpr) {
				if (a.Op == parser.AVG || a.Op == parser.SUM || a.Op == parser.QUANTILE) && q.Table.Of(a.Expr).Kind == infer.Quantile {
					report.at(q.Position(a), fmt.Sprintf("%s() of quantiles is no quantile", a.Op), "sum the buckets by le, then take the quantile; max() is an upper bound")
				}
			})
		},
	},
	{
		ID: "agg/count-of-filter", Severity: diag.Error, Title: "A count that cannot be zero",
		Why:     "count() of nothing is nothing, not 0: a comparison for few or none is empty just when it should hold.",
		Source:  promDocs + "operators/#aggregation-operators",
		Example: Example{Alert, "alert: A\nexpr: count(app_queue_length > 5) < 1\nfor: 5m", "alert: A\nexpr: (count(app_queue_length > 5) or vector(0)) < 1\nfor: 5m"},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(b *parser.BinaryExpr) {
				a, ok := unparen(b.LHS).(*parser.AggregateExpr)
				x, isNumber := number(b.RHS)
				if !ok || !isNumber || a.Op != parser.COUNT {
					return
				}
				none := b.Op == parser.LSS && x <= 1 && x > 0 || b.Op == parser.LTE && x < 1 && x >= 0
				if none {
					report.at(q.Position(b), short(a)+" is never below 1: of nothing it is nothing", "write ("+short(a)+" or vector(0)) "+b.Op.String()+" …")
				}
			})
		},
	},
}

// eachMatcher looks at every matcher that an author wrote.
func eachMatcher(f func(*Query, *parser.VectorSelector, *labels.Matcher, Report)) func(*Query, Report) {
	return func(q *Query, report Report) {
		each(q.Expr, func(vs *parser.VectorSelector) {
			for _, m := range vs.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					f(q, vs, m, report)
				}
			}
		})
	}
}

// matcherAt returns the place of a matcher: the parser keeps that of its selector only.
func (q *Query) matcherAt(vs *parser.VectorSelector, m *labels.Matcher) diag.Position {
	return q.Within(vs, m.Name)
}

// matcherEdit exchanges the operator of a matcher, or its value. There is none where the matcher is written more than once
// in the selector, or in a way that is not as it is read.
func (q *Query) matcherEdit(vs *parser.VectorSelector, m *labels.Matcher, op string, value func(string) string) []diag.Edit {
	at, ok := q.MatcherText(vs, m.Name, m.Type.String(), m.Value)
	if !ok {
		return nil
	}
	if op != "" {
		return []diag.Edit{{At: at.Op, New: op}}
	}
	return []diag.Edit{{At: at.Value, New: value(m.Value)}}
}

func isRegexp(m *labels.Matcher) bool {
	return m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp
}

// variable reports whether a matcher's value holds one of Grafana's variables.
func variable(s string) bool { return len(source.References(s)) > 0 }

func (q *Query) hasDurationVariable() bool { return q.hasVariable(2) }
func (q *Query) hasFunctionVariable() bool { return q.hasVariable(4) }

func (q *Query) hasVariable(place uint8) bool {
	for _, v := range q.Variables {
		if uint8(v.Stands) == place {
			return true
		}
	}
	return false
}

// aboutBuckets reports whether an expression reads buckets of a classic histogram.
func aboutBuckets(q *Query, e parser.Expr) bool {
	found := false
	each(e, func(vs *parser.VectorSelector) { found = found || strings.HasSuffix(vs.Name, "_bucket") })
	return found
}

// perSecond reports whether values are a growth per second.
func perSecond(q *Query, e parser.Expr) bool {
	rate := false
	each(e, func(c *parser.Call) { rate = rate || c.Func.Name == "rate" || c.Func.Name == "irate" })
	return rate
}

// lone is an expression that reads one selector.
type lone struct {
	vs     *parser.VectorSelector
	window time.Duration
	offset time.Duration
	fn     string
}

func onlySelector(e parser.Expr) (lone, bool) {
	var out lone
	n := 0
	query.Walk(e, func(x parser.Expr) {
		switch m := x.(type) {
		case *parser.VectorSelector:
			out.vs, out.offset = m, m.OriginalOffset
			n++
		case *parser.MatrixSelector:
			out.window = m.Range
		case *parser.SubqueryExpr:
			n = 9
		case *parser.Call:
			if out.fn == "" {
				out.fn = m.Func.Name
			}
		}
	})
	return out, n == 1
}

// windowed is a selector with its window and the function that takes it.
type windowed struct {
	vs     *parser.VectorSelector
	matrix *parser.MatrixSelector
	fn     string
}

func eachWindow(q *Query, f func(windowed)) {
	each(q.Expr, func(c *parser.Call) {
		for _, a := range c.Args {
			if m, ok := unparen(a).(*parser.MatrixSelector); ok {
				if vs, ok := m.VectorSelector.(*parser.VectorSelector); ok {
					f(windowed{vs, m, c.Func.Name})
				}
			}
		}
	})
}

// bareShare returns the part of a share of two sums of different counters, where nothing fills it in while it is empty.
func bareShare(q *Query) (part parser.Expr, ok bool) {
	each(q.Expr, func(b *parser.BinaryExpr) {
		if b.Op != parser.DIV || ok {
			return
		}
		l, okL := unparen(b.LHS).(*parser.AggregateExpr)
		r, okR := denominator(b.RHS)
		if !okL || !okR || l.Op != parser.SUM || len(l.Grouping) > 0 {
			return
		}
		a, okA := onlySelector(l)
		w, okW := onlySelector(r)
		if okA && okW && a.vs.Name != w.vs.Name && strings.Contains(a.vs.Name, "err") && q.Set.partOf(a.vs.Name, w.vs.Name) {
			part, ok = l, true
		}
	})
	return part, ok
}

// denominator returns the sum that something is divided by, be it with a floor under it.
func denominator(e parser.Expr) (*parser.AggregateExpr, bool) {
	switch n := unparen(e).(type) {
	case *parser.AggregateExpr:
		return n, n.Op == parser.SUM
	case *parser.Call:
		if n.Func.Name == "clamp_min" {
			return denominator(n.Args[0])
		}
	case *parser.BinaryExpr:
		if n.Op.IsComparisonOperator() {
			return denominator(n.LHS)
		}
	}
	return nil, false
}
