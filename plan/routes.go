package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// Inhibition says that nobody has to be told of Target while Source fires for the same Equal labels: whatever makes Source
// fire makes Target fire as well.
type Inhibition struct {
	Source, Target *Rule
	Equal          []string
}

// worse has a greater number for what is worse.
var worse = map[rules.Severity]int{rules.Notice: 1, rules.Ticket: 2, rules.Page: 3}

// routes finds which alerts inhibit which, and whether every alert reaches someone and everyone has an alert.
func (b *builder) routes() {
	var alerts []*Rule
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				alerts = append(alerts, r)
			}
		}
	}
	for _, source := range alerts {
		for _, target := range alerts {
			// Where labels are open, instance tells series apart, whatever else they carry.
			labels := source.Expr.Type.Labels
			known := labels.Closed() || labels.Certain(catalog.Instance.Name)
			if known && worse[source.Alert.Severity] > worse[target.Alert.Severity] && implies(source.Expr.Tree, target.Expr.Tree) {
				b.plan.Inhibitions = append(b.plan.Inhibitions, Inhibition{source, target, slices.Sorted(slices.Values(labels.Names()))})
			}
		}
	}
	receivers := b.plan.Profile.Receivers
	if len(receivers) == 0 {
		return
	}
	if slices.Contains(b.plan.Profile.Writes(), project.Kubernetes) && b.plan.Profile.Kubernetes.Namespace == "" {
		b.report(b.project.Site, diag.Error, "route/no-namespace", b.plan.Profile.Name,
			fmt.Sprintf("profile %s has receivers and no namespace: the Prometheus operator routes only alerts with the label namespace of an AlertmanagerConfig", b.plan.Profile.Name),
			"set Kubernetes.Namespace")
	}
	used := map[string]bool{}
	for _, r := range alerts {
		to := r.Receivers(b.plan)
		for _, name := range to {
			used[name] = true
		}
		if len(to) == 0 {
			b.report(r.Site, diag.Error, "route/no-receiver", r.Alert.Name,
				fmt.Sprintf("no receiver of profile %s gets alert %s, of severity %s and owner %s", b.plan.Profile.Name, r.Alert.Name, r.Alert.Severity, r.Owner),
				"add a receiver for this severity and owner, or one for all")
		}
	}
	for _, receiver := range receivers {
		if !used[receiver.Name] {
			b.report(b.project.Site, diag.Error, "route/no-alert", receiver.Name,
				fmt.Sprintf("receiver %s of profile %s gets no alert", receiver.Name, b.plan.Profile.Name), "drop it, or mend its severities and owners")
		}
	}
}

// Receivers returns the names of those who are told of the alert in a plan's profile.
func (r *Rule) Receivers(p *Plan) []string {
	var out []string
	for _, receiver := range p.Profile.Receivers {
		if receiver.Gets(r.Alert.Severity, r.Labels[rules.OwnerLabel]) {
			out = append(out, receiver.Name)
		}
	}
	return out
}

// implies reports whether, wherever a has a series, b is certain to have one with the same labels.
func implies(a, b parser.Expr) bool {
	a, b = bare(a), bare(b)
	if query.Text(a, RateInterval, false) == query.Text(b, RateInterval, false) {
		return true
	}
	x, ok := a.(*parser.BinaryExpr)
	if !ok {
		return false
	}
	y, isBinary := b.(*parser.BinaryExpr)
	switch x.Op {
	case parser.LAND:
		// What "and" gives has the labels of its left side.
		if implies(x.LHS, b) {
			return true
		}
		return isBinary && y.Op == parser.LAND && sameMatching(x.VectorMatching, y.VectorMatching) && implies(x.LHS, y.LHS) && implies(x.RHS, y.RHS)
	case parser.LUNLESS:
		return implies(x.LHS, b)
	}
	if isBinary && y.Op == parser.LOR { // the left side of "or" is whole in what it gives
		return implies(a, y.LHS)
	}
	left, op, bound, ok := compared(x)
	if !ok || !isBinary {
		return false
	}
	other, than, limit, ok := compared(y)
	if !ok || query.Text(left, RateInterval, false) != query.Text(other, RateInterval, false) {
		return false
	}
	switch op {
	case parser.EQLC:
		return holds(bound, than, limit)
	case parser.GTR, parser.GTE:
		// Of v > 5 and v >= 5 the first implies the second, and each implies v > 4.
		return than == parser.GTR && (bound > limit || bound == limit && op == parser.GTR) || than == parser.GTE && bound >= limit ||
			than == parser.NEQ && (bound > limit || bound == limit && op == parser.GTR)
	case parser.LSS, parser.LTE:
		return than == parser.LSS && (bound < limit || bound == limit && op == parser.LSS) || than == parser.LTE && bound <= limit ||
			than == parser.NEQ && (bound < limit || bound == limit && op == parser.LSS)
	}
	return false
}

func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// compared takes a comparison of series with a number apart.
func compared(e *parser.BinaryExpr) (left parser.Expr, op parser.ItemType, bound float64, ok bool) {
	if !e.Op.IsComparisonOperator() || e.ReturnBool {
		return nil, 0, 0, false
	}
	bound, ok = number(e.RHS)
	return bare(e.LHS), e.Op, bound, ok
}

func number(e parser.Expr) (float64, bool) {
	switch e := bare(e).(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.UnaryExpr:
		if v, ok := number(e.Expr); ok && e.Op == parser.SUB {
			return -v, true
		}
	}
	return 0, false
}

func holds(v float64, op parser.ItemType, limit float64) bool {
	switch op {
	case parser.GTR:
		return v > limit
	case parser.GTE:
		return v >= limit
	case parser.LSS:
		return v < limit
	case parser.LTE:
		return v <= limit
	case parser.NEQ:
		return v != limit
	}
	return false
}

func sameMatching(a, b *parser.VectorMatching) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Card == b.Card && a.On == b.On && strings.Join(a.MatchingLabels, ",") == strings.Join(b.MatchingLabels, ",")
}
