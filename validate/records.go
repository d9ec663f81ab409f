package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// recordChecks look at recording rules and groups.
var recordChecks = []*Check{
	{
		ID: "record/name-form", Severity: diag.Info, Title: "A recorded series that looks like a scraped one",
		Why:     "Names of recorded series have colons, level:metric:operations, so that everybody sees that a rule makes them and which labels are left.",
		Source:  practices + "rules/#naming",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app_errors_5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n"},
		Rule: func(r *Rule, report Report) {
			if n := r.Record.Value; n != "" && !strings.Contains(n, ":") {
				report.at(r.Record.At(), "the name "+n+" does not show that a rule records it", "call it level:metric:operations")
			}
		},
	},
	{
		ID: "record/order", Severity: diag.Warning, Title: "A rule before the one it reads",
		Why:    "Rules of a group run in order. One that reads a series that a later one records sees the value of the evaluation before.",
		Source: "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:ratio\n        expr: job:app_errors:rate5m / 100\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n",
			"groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - record: job:app_errors:ratio\n        expr: job:app_errors:rate5m / 100\n"},
		Group: func(g *Group, report Report) {
			at := map[string]int{}
			for i, r := range g.Rules {
				if _, ok := at[r.Record.Value]; !ok && !r.Record.IsZero() {
					at[r.Record.Value] = i
				}
			}
			for i, r := range g.Rules {
				q := r.query()
				if q == nil {
					continue
				}
				for _, name := range reads(q.Expr) {
					if j, ok := at[name]; ok && j > i {
						report(diag.Finding{At: r.At().At(), Subject: r.Name().Value, Message: fmt.Sprintf("%s reads %s, which a later rule of the group records", r.Name().Value, name), Mend: "put the other rule first",
							Related: []diag.Related{{At: g.Rules[j].Record.At(), Message: "recorded here"}}})
					}
				}
			}
		},
	},
	{
		ID: "record/cycle", Severity: diag.Error, Title: "Rules that read each other",
		Why:     "Each sees the value that the other had an evaluation ago: neither means what it says.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: d:e:f + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n"},
		Set: func(s *Set, report Report) {
			const underway, done = 1, 2
			state := map[string]int{}
			var visit func(name string)
			visit = func(name string) {
				state[name] = underway
				for _, r := range s.recorded[name] {
					q := r.query()
					if q == nil {
						continue
					}
					for _, n := range reads(q.Expr) {
						switch {
						case n == name: // memory: x = foo or x
						case state[n] == underway:
							report(diag.Finding{At: r.Record.At(), Subject: name, Message: fmt.Sprintf("%s and %s read each other", name, n), Mend: "break the circle"})
						case state[n] == 0 && len(s.recorded[n]) > 0:
							visit(n)
						}
					}
				}
				state[name] = done
			}
			for _, g := range s.Groups {
				for _, r := range g.Rules {
					if n := r.Record.Value; n != "" && state[n] == 0 {
						visit(n)
					}
				}
			}
		},
	},
	{
		ID: "record/duplicate", Severity: diag.Error, Title: "A series that two rules record",
		Why:     "Both write the same series, with other values at the same time: Prometheus drops one of them, in no fixed order.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"a\"})\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"b\"})\n"},
		Set: func(s *Set, report Report) {
			for name, rs := range s.recorded {
				seen := map[string]*Rule{}
				for _, r := range rs {
					q := r.query()
					if q == nil {
						continue
					}
					key := r.Record.File().Path + "\x00" + q.Expr.String()
					for _, l := range r.Labels {
						key += "\x00" + l.Key.Value + "=" + l.Value.Value
					}
					if first, ok := seen[key]; ok {
						report(diag.Finding{At: r.Record.At(), Subject: name, Message: name + " is recorded twice by the same expression", Mend: "delete one of them",
							Related: []diag.Related{{At: first.Record.At(), Message: "the other one"}}})
						continue
					}
					seen[key] = r
				}
			}
		},
	},
	{
		ID: "record/shadow", Severity: diag.Error, Title: "A recorded series with the name of a metric",
		Why:     "Scraped and recorded samples land in one series name: sums over it count both.",
		Source:  practices + "rules/#naming",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app_queue_length\n        expr: sum(app_queue_length)\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n"},
		Rule: func(r *Rule, report Report) {
			if r.Set.Catalog == nil || r.Record.IsZero() {
				return
			}
			if _, ok := r.Set.names()[r.Record.Value]; ok {
				report.at(r.Record.At(), "a metric is called "+r.Record.Value+" as well", "give the recorded series a name with colons")
			}
		},
	},
	{
		ID: "window/recorded", Severity: diag.Error, Title: "A window with too few recorded samples",
		Why:     "A recorded series has one sample for each evaluation of its group. A rate needs two in its window.",
		Source:  promDocs + "functions/#rate",
		Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 5m\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n      - record: job:app_queue_length:deriv\n        expr: deriv(job:app_queue_length:sum[5m])\n", "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n      - record: job:app_queue_length:deriv\n        expr: deriv(job:app_queue_length:sum[5m])\n"},
		Query: func(q *Query, report Report) {
			eachWindow(q, func(w windowed) {
				for _, r := range q.Set.recorded[w.vs.Name] {
					if every := r.Group.Interval; every > 0 && w.matrix.Range > 0 && w.matrix.Range < 2*every && needsTwo[w.fn] && !q.VariableWindow(w.matrix) {
						report.because(q.Position(w.matrix), fmt.Sprintf("the window of %s holds fewer than two samples of %s", unit.Duration(w.matrix.Range), w.vs.Name),
							"its group is evaluated every "+unit.Duration(every), "use "+unit.Duration(4*every)+" or more")
						return
					}
				}
			})
		},
	},
	{
		ID: "group/duplicate", Severity: diag.Error, Title: "Two groups of one name",
		Why:     "Prometheus refuses a file with two groups of one name.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up\n  - name: g\n    rules:\n      - record: a:b:d\n        expr: up\n", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up\n  - name: h\n    rules:\n      - record: a:b:d\n        expr: up\n"},
		Set: func(s *Set, report Report) {
			for _, d := range s.Documents {
				var seen []string
				for _, g := range d.Groups {
					if g.Grafana || g.Name.IsZero() {
						continue
					}
					key := fmt.Sprint(g.Part, " ", g.Name.Value)
					if slices.Contains(seen, key) {
						report(diag.Finding{At: g.Name.At(), Subject: g.Name.Value, Message: "the file has two groups " + g.Name.Value, Mend: "rename one of them"})
					}
					seen = append(seen, key)
				}
			}
		},
	},
}

// needsTwo are the functions that give nothing of one sample.
var needsTwo = map[string]bool{"rate": true, "irate": true, "increase": true, "delta": true, "idelta": true, "deriv": true, "predict_linear": true}
