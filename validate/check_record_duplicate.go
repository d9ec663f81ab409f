package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var recordDuplicate = &Check{
	ID: "record/duplicate", Severity: diag.Warning, Title: "A series that two rules record",
	Why:     "Both write series of the same name and labels, with other values at the same time: Prometheus drops one of them, in no fixed order.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - record: job:up:sum\n        expr: count by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"a\"})\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"b\"})\n"},
	Set: func(s *Set, report Report) {
		for name, rs := range s.recorded {
			alike := map[string][]*Rule{} // in one file, with the same labels set
			for _, r := range rs {
				if r.query() == nil {
					continue
				}
				key := fmt.Sprintf("%s\x00%d\x00%q", r.Group.File.Path, r.Group.Part, r.setLabels())
				if i := slices.IndexFunc(alike[key], func(x *Rule) bool { return collide(x, r) }); i >= 0 {
					first := alike[key][i]
					message := name + " is recorded by two rules with the same labels"
					if same(first.query().Expr, r.query().Expr) {
						message = name + " is recorded twice by the same expression"
					}
					report(diag.Finding{At: r.Record.At(), Subject: name, Message: message, Mend: "delete one of them, or tell them apart by a label",
						Related: []diag.Related{{At: first.Record.At(), Message: "the other one"}}})
				}
				alike[key] = append(alike[key], r)
			}
		}
	},
}

// collide reports whether two rules that set the same labels record the same series, as far as is known: no label that their
// expressions keep is another.
func collide(a, b *Rule) bool {
	x, y := a.query(), b.query()
	switch {
	case same(x.Expr, y.Expr):
		return true
	case !infer.CanEqual(a.series, b.series):
		return false
	case filters(x, x.Expr) && filters(y, y.Expr):
		return false // two conditions can be true of different series
	case otherForm(reads(x.Expr), reads(y.Expr)) || otherForm(reads(y.Expr), reads(x.Expr)):
		return false // a server has the classic histogram or the native one
	case x.Root().Labels.Closed() || y.Root().Labels.Closed():
		return true
	}
	// Which labels the series of two metrics have nobody knows.
	return slices.ContainsFunc(reads(x.Expr), func(n string) bool { return slices.Contains(reads(y.Expr), n) })
}

// otherForm reports whether one expression reads a classic histogram and the other the native one of the same name.
func otherForm(classic, native []string) bool {
	return slices.ContainsFunc(classic, func(n string) bool {
		base, buckets := strings.CutSuffix(n, "_bucket")
		return buckets && slices.Contains(native, base)
	})
}

// setLabels returns the labels that a rule sets, sorted.
func (r *Rule) setLabels() []string {
	var out []string
	for _, l := range r.Labels {
		out = append(out, l.Key.Value+"="+l.Value.Value)
	}
	slices.Sort(out)
	return out
}
