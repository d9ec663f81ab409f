package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

// setChecks look at all files together.
var setChecks = []*Check{
	{
		ID: "name/missing-rule", Severity: diag.Error, Title: "A recorded series that no rule records",
		Why:     "The name has the form of a recorded series, its neighbours are recorded in these files, and it is not: what reads it gets nothing.",
		Source:  practices + "rules/#naming",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - alert: A\n        expr: job:app_errors:rate1h > 5\n        for: 5m\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - alert: A\n        expr: job:app_errors:rate5m > 5\n        for: 5m\n"},
		Query: func(q *Query, report Report) {
			each(q.Expr, func(vs *parser.VectorSelector) {
				n := vs.Name
				if !strings.Contains(n, ":") || strings.HasPrefix(n, "any:") || len(q.Set.recorded[n]) > 0 {
					return
				}
				if _, ok := q.Set.names()[n]; ok {
					return
				}
				near := q.Set.siblings(n)
				if len(near) == 0 {
					return // its rules are elsewhere
				}
				slices.Sort(near)
				mend := "record it, or read one of " + strings.Join(near[:min(3, len(near))], ", ")
				if one := diag.Nearest(n, near); one != "" {
					mend = "did you mean " + one + "?"
				}
				report.at(q.Position(vs), "no rule records "+n, mend)
			})
		},
	},
	{
		ID: "name/near-miss", Severity: diag.Warning, Title: "A name that is nearly that of a metric",
		Why:     "The catalog does not have the name, and has one that differs by a letter or two, or by a suffix such as _total.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, "sum(" + external.ScrapeDuration.Name + "s)", "sum(" + external.ScrapeDuration.Name + ")"},
		Query: func(q *Query, report Report) {
			if q.Set.Catalog == nil {
				return
			}
			each(q.Expr, func(vs *parser.VectorSelector) {
				if vs.Name == "" || strings.Contains(vs.Name, ":") || q.Touches(vs) && replaced.MatchString(vs.Name) {
					return
				}
				if _, ok := q.Set.Env.Lookup(vs.Name); ok || q.Set.Catalog.Spec.Prefix != "" && strings.HasPrefix(vs.Name, q.Set.Catalog.Spec.Prefix) {
					return
				}
				if near := q.Set.near(vs.Name); near != "" {
					report.at(q.Position(vs), "the catalog has no metric "+vs.Name, "did you mean "+near+"?")
				}
			})
		},
	},
	{
		ID: "name/unknown-alert", Severity: diag.Error, Title: "An alert that does not exist",
		Why:     "The query asks for an alert by a name that no rule of these files has, while it has others: nothing is ever found.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: AppDown, expr: up == 0, for: 5m}\n      - {alert: Both, expr: 'ALERTS{alertname=\"AppDowm\"} == 1', for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - {alert: AppDown, expr: up == 0, for: 5m}\n      - {alert: Both, expr: 'ALERTS{alertname=\"AppDown\"} == 1', for: 5m}\n"},
		Query: func(q *Query, report Report) {
			if len(q.Set.alerts) == 0 || q.Rule == nil {
				return
			}
			each(q.Expr, func(vs *parser.VectorSelector) {
				if vs.Name != external.AlertsActive.Name {
					return
				}
				for _, m := range vs.LabelMatchers {
					if m.Name == "alertname" && m.Type == labels.MatchEqual && len(q.Set.alerts[m.Value]) == 0 && !variable(m.Value) {
						if near := diag.Nearest(m.Value, slices.Collect(maps.Keys(q.Set.alerts))); near != "" {
							report.at(q.Within(vs, m.Value), "there is no alert "+m.Value, "did you mean "+near+"?")
						}
					}
				}
			})
		},
	},
	{
		ID: "record/unused", Severity: diag.Info, Title: "A recorded series that nothing reads",
		Why:     "It costs an evaluation at every interval, and storage, for nobody. Other readers, outside of the files that are checked, are not seen.",
		Source:  practices + "rules/",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - {alert: A, expr: up == 0, for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - {alert: A, expr: 'job:up:sum == 0', for: 5m}\n"},
		Set: func(s *Set, report Report) {
			if len(s.alerts) == 0 && len(s.Dashboards) == 0 {
				return // who reads them is elsewhere
			}
			used := map[string]bool{}
			var patterns []*labels.Matcher
			for _, q := range s.Queries {
				each(q.Expr, func(vs *parser.VectorSelector) {
					used[vs.Name] = true
					for _, m := range vs.LabelMatchers {
						if m.Name == model.MetricNameLabel && m.Type != labels.MatchEqual {
							patterns = append(patterns, m)
						}
					}
				})
			}
			for _, d := range s.Dashboards {
				for _, v := range d.Variables {
					for _, word := range strings.FieldsFunc(v.Query.Value, func(r rune) bool { return !wordRune(r) }) {
						used[word] = true
					}
				}
			}
			for name, rs := range s.recorded {
				if used[name] || slices.ContainsFunc(patterns, func(m *labels.Matcher) bool { return m.Matches(name) }) {
					continue
				}
				report(diag.Finding{At: rs[0].Record.At(), Subject: name, Message: "nothing in these files reads " + name, Mend: "delete the rule, or excuse it with who reads it"})
			}
		},
	},
	{
		ID: "metric/unused", Severity: diag.Info, Title: "A metric that nothing reads",
		Why:     "No panel and no rule of the files reads the metric: it costs memory in every Prometheus. Other readers are not seen.",
		Source:  practices + "instrumentation/",
		Example: Example{},
		Set: func(s *Set, report Report) {
			if s.Catalog == nil || len(s.Dashboards) == 0 {
				return
			}
			used := map[*catalog.Metric]bool{}
			index := s.names()
			for _, q := range s.Queries {
				for _, name := range reads(q.Expr) {
					if x, ok := index[name]; ok {
						used[x.Metric] = true
					}
				}
			}
			for _, m := range s.Catalog.Own() {
				if !used[m] {
					report(diag.Finding{At: m.Site.Position(), Subject: m.Name, Message: "nothing in these files reads " + m.Name, Mend: "show it, alert on it, or drop it"})
				}
			}
		},
	},
	{
		ID: "dash/duplicate-uid", Severity: diag.Error, Title: "Two dashboards of one uid",
		Why:     "Grafana keeps one of them: which, depends on the order of loading.",
		Source:  grafana + "administration/provisioning/#dashboards",
		Example: Example{},
		Set: func(s *Set, report Report) {
			first := map[string]*Dashboard{}
			for _, d := range s.Dashboards {
				uid := d.UID.Value
				if uid == "" {
					continue
				}
				if x, ok := first[uid]; ok && x.File != d.File {
					report(diag.Finding{At: d.UID.At(), Subject: d.Title.Value, Message: fmt.Sprintf("the uid %s is that of %q as well", uid, x.Title.Value), Mend: "give one of them another",
						Related: []diag.Related{{At: x.UID.At(), Message: "the other one"}}})
					continue
				}
				first[uid] = d
			}
		},
	},
}

// names returns the series of the catalog.
func (s *Set) names() map[string]catalog.Series {
	if s.index == nil {
		s.index = map[string]catalog.Series{}
		if s.Catalog != nil {
			s.index = s.Catalog.Index()
		}
	}
	return s.index
}

// partOf reports whether the catalog says that one counter counts a part of what another counts.
func (s *Set) partOf(part, whole string) bool {
	x, ok := s.names()[part]
	return ok && x.Metric.PartOf != nil && x.Metric.PartOf.Series().Name() == whole
}

// siblings returns the recorded series whose names differ from one in their last part only.
func (s *Set) siblings(name string) []string {
	stem := func(n string) string { return n[:strings.LastIndexByte(n, ':')+1] }
	if s.stems == nil {
		s.stems = map[string][]string{}
		for n := range s.recorded {
			if x := stem(n); strings.Trim(x, ":") != "" {
				s.stems[x] = append(s.stems[x], n)
			}
		}
	}
	return slices.Clone(s.stems[stem(name)])
}

func wordRune(r rune) bool {
	return r == '_' || r == ':' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// ruled reports whether a rule reads a metric over the same window: a panel beside it shows what the rule compares.
func (s *Set) ruled(w windowed) bool {
	if s.windows == nil {
		s.windows = map[string]bool{}
		for _, q := range s.Queries {
			if q.Rule != nil {
				eachWindow(q, func(w windowed) { s.windows[w.vs.Name+w.matrix.Range.String()] = true })
			}
		}
	}
	return s.windows[w.vs.Name+w.matrix.Range.String()]
}

// near returns the series that a name is nearly that of: a suffix more or less, or at most two letters of ten or more.
func (s *Set) near(name string) string {
	index := s.names()
	for _, suffix := range []string{"_total", "_seconds", "_bytes", "_ratio", "_bucket", "_count", "_sum"} {
		if _, ok := index[name+suffix]; ok {
			return name + suffix
		}
		if stem, cut := strings.CutSuffix(name, suffix); cut {
			if _, ok := index[stem]; ok {
				return stem
			}
		}
	}
	if len(name) < 10 {
		return ""
	}
	best := ""
	for n := range index {
		if d := len(n) - len(name); d >= -2 && d <= 2 && strings.HasPrefix(n, name[:4]) && diag.Distance(name, n) <= 2 && (best == "" || n < best) {
			best = n
		}
	}
	return best
}
