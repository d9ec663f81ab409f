// Package validate says what is wrong with PromQL, Prometheus rules and Grafana dashboards that others wrote, from the
// files alone and, where there is one, against a catalog. What it reports is certain for all data that the catalog
// allows; what it does not know it does not report.
//
// There is no promise of compatibility before 1.0.
package validate

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/source/exposition"
)

// Check is one check with its documentation. A project can add its own as values of this type.
type Check struct {
	// ID is family/name, stable for ever: hist/no-le.
	ID       string
	Severity diag.Severity
	// OnRequest is of a matter of taste: the check runs where the project gives it a severity.
	OnRequest bool
	// Title is what is wrong, in a few words: "A rate of a gauge".
	Title string
	// Why is a paragraph on what happens and to whom.
	Why string
	// Source is the address of the documentation or article that the check rests on.
	Source string
	// Example is a file, or a query, that is wrong, and its mend. Tests run both.
	Example Example

	// At most one of these looks for the fault. None: the inference reports it under the check's ID.
	Query     func(*Query, Report)
	Rule      func(*Rule, Report)
	Group     func(*Group, Report)
	Panel     func(*Panel, Report)
	Dashboard func(*Dashboard, Report)
	Family    func(*Family, Report)
	Set       func(*Set, Report)
}

// Report takes a finding of a check. The finding's ID and severity are the check's unless they are set.
type Report func(diag.Finding)

// at reports a fault at a place.
func (r Report) at(p diag.Position, message, mend string) {
	r(diag.Finding{At: p, Message: message, Mend: mend})
}

// because reports a fault at a place with the facts that led to it.
func (r Report) because(p diag.Position, message, why, mend string) {
	r(diag.Finding{At: p, Message: message, Why: why, Mend: mend})
}

// Query is an expression with what is known of it and where it stands.
type Query struct {
	*source.Query
	Table *infer.Table // nil where the query does not parse
	Set   *Set
	// Rule is the rule whose expression it is, Target and Panel those of a dashboard.
	Rule   *Rule
	Target *source.Target
	Panel  *Panel

	nodes *nodes
}

// Root returns the type of the whole expression.
func (q *Query) Root() infer.Type {
	if q.Table == nil {
		return infer.Type{Range: infer.Anything}
	}
	return q.Table.Root()
}

// dir returns the directory of the query's file.
func (q *Query) dir() string { return path.Dir(q.Text.File().Path) }

// subject names what the query belongs to.
func (q *Query) subject() string {
	switch {
	case q.Rule != nil:
		return q.Rule.Name().Value
	case q.Panel != nil:
		return q.Panel.Label()
	}
	return ""
}

// Rule is a rule with its queries.
type Rule struct {
	*source.Rule
	Set     *Set
	Group   *Group
	Queries []*Query

	series    infer.Labels // of what it records
	templates []*template  // of its texts, once they are asked for
}

// IsAlert reports whether the rule alerts.
func (r *Rule) IsAlert() bool { return !r.Alert.IsZero() }

// dir returns the directory of the rule's file. Rules of several directories are often alternatives, of which a server loads
// one.
func (r *Rule) dir() string { return path.Dir(r.Group.File.Path) }

// alternatives reports whether rules of one name are in several directories and set other labels there.
func alternatives(rs []*Rule) bool {
	dirs, labels := map[string]bool{}, map[string]bool{}
	for _, r := range rs {
		dirs[r.dir()], labels[strings.Join(r.setLabels(), "\x00")] = true, true
	}
	return len(dirs) > 1 && len(labels) > 1
}

// beside reports whether one of the rules is in the rule's directory.
func (r *Rule) beside(rs []*Rule) bool {
	return slices.ContainsFunc(rs, func(x *Rule) bool { return x.dir() == r.dir() })
}

// query returns the rule's one expression that can be looked at, nil where there is none.
func (r *Rule) query() *Query {
	if len(r.Queries) == 1 && r.Queries[0].Expr != nil {
		return r.Queries[0]
	}
	return nil
}

// Group is a group of rules.
type Group struct {
	*source.RuleGroup
	Set   *Set
	Rules []*Rule
}

// Panel is a panel with its queries.
type Panel struct {
	*source.Panel
	Set       *Set
	Dashboard *Dashboard
	Queries   []*Query
}

// Dashboard is a dashboard with its panels.
type Dashboard struct {
	*source.Dashboard
	Set         *Set
	Panels      []*Panel
	Annotations []*Query
}

// Family is a metric of an exposition.
type Family struct {
	*exposition.Family
	Set  *Set
	File *source.File
}

// at returns the place of a line that names the metric, as a whole.
func (f *Family) at(line int) diag.Position {
	return diag.Position{File: f.File.Path, Line: line, Col: 1}
}

// All returns every check of this package, by ID.
func All() []*Check {
	out := slices.Clone(checks)
	slices.SortFunc(out, func(a, b *Check) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Find returns the check with an ID, nil where there is none.
func Find(id string) *Check {
	for _, c := range All() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// short returns an expression for a message, cut where it is long.
func short(e parser.Expr) string { return infer.Clip(e, 60) }

// unparen returns what stands within parentheses.
func unparen(e parser.Expr) parser.Expr {
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.StepInvariantExpr:
			e = n.Expr
		default:
			return e
		}
	}
}

// number returns the number that an expression is written as.
func number(e parser.Expr) (float64, bool) {
	switch n := unparen(e).(type) {
	case *parser.NumberLiteral:
		return n.Val, true
	case *parser.UnaryExpr:
		if x, ok := number(n.Expr); ok {
			if n.Op == parser.SUB {
				return -x, true
			}
			return x, true
		}
	}
	return 0, false
}
