package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// nameRecords derives the name of every recorded series from its expression, by
// https://prometheus.io/docs/practices/rules/: level:metric:operations. The level is the labels that the
// aggregation names, without job, which is always kept in silence; the metric loses _total under a rate;
// the operations are listed newest first, and a sum is not mentioned beside others.
func (b *builder) nameRecords() {
	first := map[string]*Rule{}
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.decl == nil {
				continue
			}
			r.Record = b.recordName(r)
			if other, ok := first[r.Record]; ok {
				f := b.report(r.Site, diag.Error, "record/name", r.Record, "two recording rules come out as "+r.Record,
					"drop one of them, or tell them apart by Recording.Measure")
				f.Related = []diag.Related{{At: other.Site.Position(), Message: "the other one"}}
			} else {
				first[r.Record] = r
			}
		}
	}
}

func (b *builder) recordName(r *Rule) string {
	d := describe(r.Source.Tree, b.plan.Catalog.Spec.Prefix)
	if r.decl.Measure != "" {
		d.metric = r.decl.Measure
	}
	if len(d.ops) == 0 {
		d.ops = []string{"last"}
	}
	return level(levelLabels(r.Source.Tree)) + ":" + d.metric + ":" + strings.Join(d.ops, "_")
}

// level names the labels of an aggregation.
func level(ls []string) string {
	var out []string
	job := false
	for _, l := range ls {
		switch l {
		case catalog.Job.Name:
			job = true
		case "le":
		default:
			out = append(out, l)
		}
	}
	slices.Sort(out)
	switch {
	case len(out) > 0:
		return strings.Join(out, "_")
	case job:
		return catalog.Job.Name
	default:
		return "total"
	}
}

// levelLabels returns the labels by which the outermost aggregations group.
func levelLabels(e parser.Expr) []string {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		if n.Without {
			return []string{"without_" + strings.Join(n.Grouping, "_")}
		}
		return n.Grouping
	case *parser.ParenExpr:
		return levelLabels(n.Expr)
	case *parser.UnaryExpr:
		return levelLabels(n.Expr)
	case *parser.BinaryExpr:
		if ls := levelLabels(n.LHS); ls != nil {
			return ls
		}
		return levelLabels(n.RHS)
	case *parser.Call:
		for _, a := range n.Args {
			if ls := levelLabels(a); ls != nil {
				return ls
			}
		}
	case *parser.SubqueryExpr:
		return levelLabels(n.Expr)
	}
	return nil
}

// described is what a name says of an expression.
type described struct {
	metric string
	ops    []string
}

func describe(e parser.Expr, prefix string) described {
	switch n := e.(type) {
	case *parser.ParenExpr:
		return describe(n.Expr, prefix)
	case *parser.UnaryExpr:
		return describe(n.Expr, prefix)
	case *parser.VectorSelector:
		return described{metric: n.Name}
	case *parser.MatrixSelector:
		return describe(n.VectorSelector, prefix)
	case *parser.AggregateExpr:
		d := describe(n.Expr, prefix)
		if n.Op != parser.SUM || len(d.ops) == 0 {
			d.ops = append([]string{n.Op.String()}, d.ops...)
		}
		return d
	case *parser.Call:
		return describeCall(n, prefix)
	case *parser.BinaryExpr:
		return describeBinary(n, prefix)
	case *parser.SubqueryExpr:
		return describe(n.Expr, prefix)
	default:
		return described{}
	}
}

func describeCall(n *parser.Call, prefix string) described {
	var d described
	window := ""
	for _, a := range n.Args {
		if in := describe(a, prefix); in.metric != "" {
			d = in
		}
		switch m := a.(type) {
		case *parser.MatrixSelector:
			window = unit.Duration(m.Range)
		case *parser.SubqueryExpr:
			window = unit.Duration(m.Range)
		}
	}
	op := strings.TrimSuffix(n.Func.Name, "_over_time") + window
	switch n.Func.Name {
	case "rate", "irate", "increase":
		d.metric = strings.TrimSuffix(d.metric, "_total")
	case "histogram_quantile":
		d.metric = strings.TrimSuffix(d.metric, "_bucket")
		if φ, ok := n.Args[0].(*parser.NumberLiteral); ok {
			op = "p" + strings.ReplaceAll(strconv.FormatFloat(math.Round(φ.Val*1e6)/1e4, 'f', -1, 64), ".", "")
		}
	}
	d.ops = append([]string{op}, d.ops...)
	return d
}

func describeBinary(n *parser.BinaryExpr, prefix string) described {
	l, r := describe(n.LHS, prefix), describe(n.RHS, prefix)
	switch {
	case l.metric == "":
		return r
	case r.metric == "" || n.Op.IsSetOperator() || n.Op.IsComparisonOperator():
		return l
	}
	base := strings.TrimSuffix(l.metric, "_sum")
	if n.Op == parser.DIV && l.metric == base+"_sum" && r.metric == base+"_count" && len(r.ops) > 0 {
		return described{base, []string{strings.Replace(r.ops[len(r.ops)-1], "rate", "mean", 1)}}
	}
	word, op := "and", n.Op.String()
	if n.Op == parser.DIV {
		word, op = "per", "ratio"
	} else if name, ok := map[parser.ItemType]string{parser.ADD: "sum", parser.SUB: "difference", parser.MUL: "product"}[n.Op]; ok {
		op = name
	}
	d := described{l.metric, l.ops}
	if l.metric != r.metric {
		d.metric = fmt.Sprintf("%s_%s_%s", l.metric, word, strings.TrimPrefix(r.metric, prefix))
	}
	if len(d.ops) == 0 || d.ops[0] != op {
		d.ops = append([]string{op}, d.ops...)
	}
	return d
}
