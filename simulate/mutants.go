package simulate

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"golang.org/x/sync/errgroup"
)

// Mutant is a change of a rule that makes it wrong, and whether the test of an alert's proof, or a scenario in which no alert may
// fire, notices it.
type Mutant struct {
	RuleID
	// Rule is the name of the rule that is changed: the alert itself, or a recording rule that it reads.
	Rule string
	// What is changed, in words, and Expr the expression that comes of it.
	What, Expr string
	Noticed    bool
}

// mutation is a change of an expression in place.
type mutation struct {
	what  string
	apply func()
}

// mutations returns what can be changed in an expression: each comparison flipped, each threshold a hundredfold and a hundredth,
// each window one scrape, each matcher turned into its opposite, each label that an aggregation keeps dropped, sums over time
// turned into averages.
func mutations(e parser.Expr, scrape time.Duration) []mutation {
	var out []mutation
	var sums []*parser.Call
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch x := n.(type) {
		case *parser.BinaryExpr:
			if flipped, ok := flip[x.Op]; ok {
				out = append(out, mutation{fmt.Sprintf("%s for %s", flipped, x.Op), func() { x.Op = flipped }})
				for _, side := range []parser.Expr{x.LHS, x.RHS} {
					if v, ok := side.(*parser.NumberLiteral); ok && v.Val != 0 {
						out = append(out,
							mutation{fmt.Sprintf("the threshold %s a hundredfold", number(v.Val)), func() { v.Val *= 100 }},
							mutation{fmt.Sprintf("a hundredth of the threshold %s", number(v.Val)), func() { v.Val /= 100 }})
					}
				}
			}
		case *parser.MatrixSelector:
			if x.Range > scrape {
				out = append(out, mutation{fmt.Sprintf("a window of %s for %s", short(scrape), short(x.Range)), func() { x.Range = scrape }})
			}
		case *parser.Call:
			if x.Func.Name == "sum_over_time" {
				sums = append(sums, x)
			}
		case *parser.VectorSelector:
			for i, m := range x.LabelMatchers {
				if m.Name == model.MetricNameLabel {
					continue
				}
				if opposite, err := m.Inverse(); err == nil {
					out = append(out, mutation{fmt.Sprintf("the matcher %s for %s", opposite, m), func() { x.LabelMatchers[i] = opposite }})
				}
			}
		case *parser.AggregateExpr:
			for i, l := range x.Grouping {
				if !x.Without && len(x.Grouping) > 1 {
					out = append(out, mutation{fmt.Sprintf("%s without the label %s", x.Op, l), func() { x.Grouping = slices.Delete(slices.Clone(x.Grouping), i, i+1) }})
				}
			}
		}
		return nil
	})
	if len(sums) > 0 {
		out = append(out, mutation{"avg_over_time for sum_over_time", func() {
			for _, c := range sums {
				c.Func = parser.Functions["avg_over_time"]
			}
		}})
	}
	return out
}

var flip = map[parser.ItemType]parser.ItemType{
	parser.GTR: parser.LSS, parser.LSS: parser.GTR, parser.GTE: parser.LSS, parser.LTE: parser.GTR, parser.EQLC: parser.NEQ, parser.NEQ: parser.EQLC,
}

// Mutants changes each alert that was proved, and the recording rules that it reads, one thing at a time, and says whether the
// proof's test notices.
func (s *RuleSet) Mutants(ctx context.Context, proved []*Proof) ([]*Mutant, error) {
	type job struct {
		p     *prover
		proof *Proof
		rule  *ruleIn
		n     int // of the mutation
		out   *Mutant
	}
	var jobs []job
	for _, proof := range proved {
		i := slices.IndexFunc(s.alerts, func(r *ruleIn) bool {
			return r.file == proof.File && r.group.Name == proof.Group && r.index() == proof.Rule
		})
		if i < 0 || proof.Witness == nil {
			continue
		}
		p := s.prover(s.alerts[i], false)
		for _, r := range p.rules() {
			for n, m := range mutations(r.expr, p.step) {
				jobs = append(jobs, job{p, proof, r, n, &Mutant{RuleID: proof.RuleID, Rule: r.name(), What: m.what}})
			}
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, j := range jobs {
		work.Go(func() error {
			e, err := s.parser.ParseExpr(j.rule.rule.Expr) // a copy, of the same shape
			if err != nil {
				return err
			}
			mutations(e, j.p.step)[j.n].apply()
			j.out.Expr = strings.Join(strings.Fields(e.String()), " ")
			file := *j.proof.Witness
			file.loader = &only{set: j.p.set, rules: j.p.rules(), changed: map[*rulefmt.Rule]string{j.rule.rule: e.String()}}
			o := file.Run(ctx, file.Groups[0], s.options)
			j.out.Noticed = len(o.Failures) > 0
			if !j.out.Noticed && s.Usual != nil {
				f, err := s.Usual.fires(ctx, j.p.changed(j.rule, e.String()), j.rule == j.p.alert)
				j.out.Noticed = err != nil || f.share > 0
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	// A recording rule that several alerts read is well guarded if one of them notices.
	type change struct{ rule, what string }
	noticed := map[change]bool{}
	for _, j := range jobs {
		noticed[change{j.out.Rule, j.out.What}] = noticed[change{j.out.Rule, j.out.What}] || j.out.Noticed
	}
	var out []*Mutant
	seen := map[change]bool{}
	for _, j := range jobs {
		c := change{j.out.Rule, j.out.What}
		if j.rule == j.p.alert {
			out = append(out, j.out)
		} else if !seen[c] {
			seen[c] = true
			j.out.Noticed = noticed[c]
			out = append(out, j.out)
		}
	}
	return out, nil
}

// changed returns the prover with another expression of one of its rules.
func (p *prover) changed(of *ruleIn, expr string) *prover {
	rule, in := *of.rule, *of
	rule.Expr = expr
	in.rule = &rule
	out := *p
	if of == p.alert {
		out.alert = &in
		return &out
	}
	out.records = slices.Clone(p.records)
	out.records[slices.Index(p.records, of)] = &in
	return &out
}

// with returns the rule, with another expression where it has one here.
func (o *only) with(r rulefmt.Rule, of *rulefmt.Rule) rulefmt.Rule {
	if text, ok := o.changed[of]; ok {
		r.Labels, r.Annotations = maps.Clone(r.Labels), maps.Clone(r.Annotations)
		r.Expr = text
	}
	if o.bare {
		r.Annotations = nil
	}
	return r
}
