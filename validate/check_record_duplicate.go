package validate

import (
	"maps"
	"slices"

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
			for i, r := range rs {
				first := slices.IndexFunc(rs[:i], func(x *Rule) bool {
					return x.Group.File == r.Group.File && x.Group.Part == r.Group.Part && collide(x, r)
				})
				if first < 0 {
					continue
				}
				message := name + " is recorded by two rules with the same labels"
				if same(rs[first].query().Expr, r.query().Expr) {
					message = name + " is recorded twice by the same expression"
				}
				report(diag.Finding{At: r.Record.At(), Subject: name, Message: message, Mend: "delete one of them, or tell them apart by a label",
					Related: []diag.Related{{At: rs[first].Record.At(), Message: "the other one"}}})
			}
		}
	},
}

// collide reports whether two rules of one name record series of the same labels, as far as is known: they set the same
// labels, and none that their expressions keep is another. Two conditions can be true of different series.
func collide(a, b *Rule) bool {
	x, y := a.query(), b.query()
	if x == nil || y == nil || !maps.Equal(a.setLabels(), b.setLabels()) || !infer.CanEqual(a.recorded().Labels, b.recorded().Labels) {
		return false
	}
	if same(x.Expr, y.Expr) {
		return true
	}
	// Which labels the series of two metrics have nobody knows.
	others := !slices.ContainsFunc(reads(x.Expr), func(n string) bool { return slices.Contains(reads(y.Expr), n) })
	unknown := others && !x.Root().Labels.Closed() && !y.Root().Labels.Closed()
	return !unknown && !(filters(x, x.Expr) && filters(y, y.Expr))
}

// setLabels returns the labels that a rule sets.
func (r *Rule) setLabels() map[string]string {
	out := map[string]string{}
	for _, l := range r.Labels {
		out[l.Key.Value] = l.Value.Value
	}
	return out
}
