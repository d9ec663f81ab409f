package infer_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	prom "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/validate"
)

var start = time.Unix(1_700_000_000, 0)

// evaluator is Prometheus's engine with all that is experimental.
var evaluator = prom.NewEngine(prom.EngineOpts{
	NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
	MaxSamples:               5e7, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Logger: promslog.NewNopLogger(),
	Parser: promql,
})

// evaluate returns the series that an expression gives; a scalar comes as one without labels.
func evaluate(ctx context.Context, data storage.Queryable, text string, at time.Time) (prom.Vector, error) {
	q, err := evaluator.NewInstantQuery(ctx, data, nil, text, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, res.Err
	}
	switch v := res.Value.(type) {
	case prom.Scalar:
		return prom.Vector{{F: v.V}}, nil
	case prom.Vector:
		return slices.Clone(v), nil
	}
	return nil, fmt.Errorf("%s gives a %s", text, res.Value.Type())
}

// contradictions returns in what an expression's results in the engine differ from what was inferred of it.
func contradictions(typ infer.Type, results prom.Vector, targets int) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if typ.Empty == infer.Must && len(results) > 0 {
		say("%d series where there can be none", len(results))
	}
	if typ.Empty == infer.Never && len(results) == 0 {
		say("no series where there must be one")
	}
	if n, ok := typ.Labels.Bound(); ok && len(results) > n*targets {
		say("%d series where there can be %d of each of %d targets", len(results), n, targets)
	}
	for _, r := range results {
		if (r.H != nil) && typ.Native == infer.Never || r.H == nil && typ.Native == infer.Must {
			say("%s: native is %v", r.Metric, (r.H != nil))
		}
		if r.H == nil && !contains(typ.Range, r.F) {
			say("%s: %v is out of range", r.Metric, r.F)
		}
		r.Metric.Range(func(l labels.Label) {
			if l.Name == model.MetricNameLabel {
				return
			}
			if !typ.Labels.Has(l.Name) {
				say("%s has the label %s", r.Metric, l.Name)
			} else if !typ.Labels.Values(l.Name).Contains(l.Value) {
				say("%s: %s has another value", r.Metric, l.Name)
			}
		})
		for _, name := range typ.Labels.Names() {
			if name != model.MetricNameLabel && typ.Labels.Certain(name) && r.Metric.Get(name) == "" {
				say("%s lacks %s", r.Metric, name)
			}
		}
	}
	return out
}

// contains allows for the rounding of floating-point numbers.
func contains(r infer.Range, v float64) bool {
	if r.Contains(v) {
		return true
	}
	ε := 1e-6 * math.Max(1, math.Abs(v))
	if r.Whole {
		return math.Abs(v-math.Round(v)) < ε && (r.Contains(math.Round(v)) || math.Abs(v) > 1e15)
	}
	return v >= r.Lo-ε && v <= r.Hi+ε
}

// untrue returns what a fault claims of its node that the engine does otherwise. held is false where the fault claims
// nothing that the data can show.
func untrue(f infer.Fault, table *infer.Table, eval func(parser.Expr) (prom.Vector, error)) (otherwise string, held bool) {
	node, ok := f.Node.(parser.Expr)
	if !ok {
		return "", false
	}
	b, _ := node.(*parser.BinaryExpr)
	if b != nil {
		asked := *b
		asked.ReturnBool = b.ReturnBool || f.ID == "range/never" || f.ID == "range/always"
		if f.ID == "match/group-label-absent" { // of series that match
			m := *b.VectorMatching
			m.FillValues = parser.VectorMatchFillValues{}
			asked.VectorMatching = &m
		}
		node = &asked
	}
	results, err := eval(node)
	nothing := func() (string, bool) {
		if err == nil && len(results) > 0 {
			return fmt.Sprintf("%s gives %s", node, results[0]), true
		}
		return "", err == nil
	}
	each := func(what string, ok func(prom.Sample) bool) (string, bool) {
		for _, r := range results {
			if !ok(r) {
				return fmt.Sprintf("%s gives %s: not %s", node, r, what), true
			}
		}
		return "", len(results) > 0
	}
	switch f.ID {
	case "match/many-to-many", "match/needs-group":
		if b.VectorMatching.FillValues == (parser.VectorMatchFillValues{}) {
			otherwise, _ := nothing()
			return otherwise, err != nil
		}
		side := b.RHS
		if strings.Contains(f.Message, "of the left side") {
			side = b.LHS
		}
		if err == nil && strings.HasSuffix(f.Message, "exist") && meetTwice(b.VectorMatching, side, eval) {
			return fmt.Sprintf("%s does not fail", node), true
		}
		return "", true
	}
	if err != nil {
		return "", false
	}
	switch n := node.(type) {
	case *parser.VectorSelector:
		if f.Severity == diag.Error {
			return nothing()
		}
	case *parser.AggregateExpr:
		if f.ID != "label/not-in-metric" {
			return nothing()
		}
		if results, err = eval(n.Expr); err != nil {
			return "", false
		}
		return each("without the label", func(r prom.Sample) bool {
			return !slices.ContainsFunc(n.Grouping, func(name string) bool {
				return !table.Of(n.Expr).Labels.Has(name) && r.Metric.Has(name) && name != model.MetricNameLabel
			})
		})
	case *parser.Call:
		if f.ID == "hist/no-le" || f.ID == "hist/kind" || f.ID == "hist/agg-native" {
			return nothing()
		}
	case *parser.BinaryExpr:
		switch f.ID {
		case "range/never":
			return each("0", func(r prom.Sample) bool { return r.F == 0 })
		case "range/always":
			return each("1", func(r prom.Sample) bool { return r.F == 1 })
		case "range/ratio-always-one":
			return each("1", func(r prom.Sample) bool { return r.F == 1 || math.IsNaN(r.F) })
		case "hist/compare-native", "hist/kind":
			return nothing()
		case "match/never":
			if n.Op != parser.LUNLESS {
				return nothing()
			}
			left, err := eval(n.LHS)
			if err == nil && len(left) != len(results) {
				return fmt.Sprintf("%s removes %d of %d", node, len(left)-len(results), len(left)), true
			}
			return "", err == nil
		case "match/group-label-absent":
			one := n.RHS
			if n.VectorMatching.Card == parser.CardOneToMany {
				one = n.LHS
			}
			return each("without the label", func(r prom.Sample) bool {
				return !slices.ContainsFunc(n.VectorMatching.Include, func(name string) bool {
					return !table.Of(one).Labels.Has(name) && r.Metric.Has(name)
				})
			})
		}
	}
	return "", false
}

// lied returns what a check's finding claims of a node that the engine does otherwise. held is false where it claims
// nothing that the data can show.
func lied(f diag.Finding, e parser.Expr, at time.Time, eval func(parser.Expr) (prom.Vector, error)) (otherwise string, held bool) {
	node := nodeAt(e, f.At)
	if node == nil {
		return "", false
	}
	fails := func(err error, results prom.Vector) bool { return err != nil || len(results) == 0 }
	each := func(ok func(float64) bool) func(error, prom.Vector) bool {
		return func(_ error, results prom.Vector) bool {
			return !slices.ContainsFunc(results, func(s prom.Sample) bool { return s.H == nil && !ok(s.F) })
		}
	}
	if b, ok := node.(*parser.BinaryExpr); ok && f.ID == "match/group-side" {
		many, one := b.LHS, b.RHS
		if b.VectorMatching.Card == parser.CardOneToMany {
			many, one = one, many
		}
		_, err := eval(b)
		if some, _ := eval(many); err == nil && len(some) > 0 && meetTwice(b.VectorMatching, one, eval) {
			return fmt.Sprintf("%s: %s: it does not fail", f.ID, f.Message), true
		}
		return "", err != nil
	}
	claims := map[string]func(error, prom.Vector) bool{
		"window/anchored-func": fails, "window/duration-expr": fails, "window/step-fn": fails,
		"range/contradiction": fails, "range/dead-clamp": fails, "hist/no-le": fails, "match/never": fails,
		"agg/count-of-filter": each(func(v float64) bool { return v == 0 && node.(*parser.BinaryExpr).ReturnBool }),
		"range/div-zero":      each(func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }),
		"range/nan-compare": each(func(v float64) bool {
			return node.(*parser.BinaryExpr).Op == parser.NEQ || v == 0 && node.(*parser.BinaryExpr).ReturnBool
		}),
		"time/timestamp-computed": each(func(v float64) bool { return v == float64(at.UnixMilli())/1000 }),
	}
	holds, ok := claims[f.ID]
	if !ok {
		return "", false
	}
	results, err := eval(node)
	if !holds(err, results) {
		return fmt.Sprintf("%s: %s: %s gives %s", f.ID, f.Message, node, results[0]), true
	}
	return "", err != nil || len(results) > 0 || f.ID != "range/div-zero"
}

// nodeAt returns the vector or scalar that stands at a position of a text of one line.
func nodeAt(e parser.Expr, at diag.Position) parser.Expr {
	if r := e.PositionRange(); int(r.Start) == at.Col-1 && int(r.End) == at.EndCol-1 && e.Type() != parser.ValueTypeMatrix {
		return e
	}
	for child := range parser.ChildrenIter(e) {
		if child, ok := child.(parser.Expr); ok {
			if found := nodeAt(child, at); found != nil {
				return found
			}
		}
	}
	return nil
}

// meetTwice reports whether series of a side have the same matching labels.
func meetTwice(m *parser.VectorMatching, side parser.Expr, eval func(parser.Expr) (prom.Vector, error)) bool {
	names := m.MatchingLabels
	if !m.On {
		names = append(slices.Clip(names), model.MetricNameLabel)
	}
	results, err := eval(side)
	seen := map[string]bool{}
	for _, r := range results {
		key := r.Metric.MatchLabels(m.On, names...).String()
		if seen[key] {
			return err == nil
		}
		seen[key] = true
	}
	return false
}

// TestTypesHoldInTheEngine evaluates expressions on random data and compares every series with what was inferred.
func TestTypesHoldInTheEngine(t *testing.T) {
	src, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	expressions := strings.Split(string(src), "\n")
	r := rand.New(rand.NewPCG(4, 2))
	g := fixed(r)
	for range 3000 {
		expressions = append(expressions, g.vector(4))
	}
	tally := sound(t, metrics, nil, expressions, r, 0)
	t.Log(tally)
}

// TestTypesHoldForInventedCatalogs does the same for catalogs that are made by chance, too. OBSGEN_SOUNDNESS is how many
// catalogs there are, OBSGEN_SEED where chance begins; each catalog has 1,000 expressions.
func TestTypesHoldForInventedCatalogs(t *testing.T) {
	rounds, seed := 3, uint64(11)
	if s := os.Getenv("OBSGEN_SOUNDNESS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("OBSGEN_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	all := &tally{held: map[string]int{}}
	for round := range rounds {
		r := rand.New(rand.NewPCG(seed, uint64(round)))
		c, rules, g := invented(r, round)
		var expressions []string
		for range 1000 {
			expressions = append(expressions, g.vector(1+r.IntN(4)))
		}
		all.add(sound(t, c, rules, expressions, r, round))
	}
	t.Log(all)
}

// tally counts what was compared.
type tally struct {
	made, inferred, evaluated, answered, faulty int
	held                                        map[string]int // faults that the engine confirmed, by their id
}

func (a *tally) add(b *tally) {
	a.made, a.inferred, a.evaluated, a.answered, a.faulty = a.made+b.made, a.inferred+b.inferred, a.evaluated+b.evaluated, a.answered+b.answered, a.faulty+b.faulty
	for id, n := range b.held {
		a.held[id] += n
	}
}

func (a *tally) String() string {
	out := fmt.Sprintf("%d expressions, %d of them PromQL, %d evaluations, %d with series, %d contradict; faults confirmed:", a.made, a.inferred, a.evaluated, a.answered, a.faulty)
	for _, id := range slices.Sorted(maps.Keys(a.held)) {
		out += fmt.Sprintf(" %s %d", id, a.held[id])
	}
	return out
}

// sound evaluates expressions on random data of a catalog and reports where a result is not as was inferred, and where
// a fault is none.
func sound(t *testing.T, c *catalog.Catalog, rules []rule, expressions []string, r *rand.Rand, round int) *tally {
	t.Helper()
	environment := infer.NewEnv(c, catalog.Job.LabelDef, catalog.Instance.LabelDef)
	for _, rule := range rules {
		e, err := promql.ParseExpr(rule.expr)
		if err != nil {
			continue
		}
		typ := infer.Infer(e, environment).Root()
		if typ.Value == parser.ValueTypeVector {
			typ.Labels = typ.Labels.With(rule.label, rule.value)
			environment.Record(rule.name, typ)
		}
	}
	var worlds []*world
	for i := range 3 {
		worlds = append(worlds, invent(c, rules, r, round*3+i))
	}
	count := &tally{held: map[string]int{}}
	for i, text := range expressions {
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") || strings.Contains(text, "$job") {
			continue
		}
		count.made++
		e, err := promql.ParseExpr(text)
		if err != nil {
			continue
		}
		count.inferred++
		text = e.String() // which orders matchers, as absent() reads them one by one
		if e, err = promql.ParseExpr(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		table := infer.Infer(e, environment)
		var findings []diag.Finding
		if i%4 == 0 {
			findings = validate.Expression(text, environment, validate.Options{Catalog: c})
		}
		for _, w := range worlds {
			at := start.Add(time.Duration(w.r.IntN(40*60)) * time.Second)
			var found []string
			eval := func(e parser.Expr) (prom.Vector, error) { return evaluate(t.Context(), w, e.String(), at) }
			note := func(id, message, otherwise string, held bool) {
				switch {
				case otherwise != "":
					found = append(found, id+" "+message+": "+otherwise)
				case held:
					count.held[id]++
				}
			}
			for _, f := range table.Faults() {
				otherwise, held := untrue(f, table, eval)
				note(f.ID, f.Message, otherwise, held)
			}
			for _, f := range findings {
				otherwise, held := lied(f, e, at, eval)
				note(f.ID, f.Message, otherwise, held)
			}
			results, err := evaluate(t.Context(), w, text, at)
			if err == nil { // else series that meet twice, a step of zero
				count.evaluated++
				if len(results) > 0 {
					count.answered++
				}
				found = append(found, contradictions(table.Root(), results, len(w.targets))...)
			}
			if len(found) == 0 {
				continue
			}
			if count.faulty++; count.faulty < 15 {
				t.Errorf("%s\n\tis %s\n\t%s%s", text, table.Root(), found[0], smallest(t.Context(), e, environment, w, at))
			}
			break
		}
	}
	if count.faulty > 0 {
		t.Errorf("%s", count)
	}
	return count
}

// smallest returns the smallest part of an expression that contradicts what is inferred of it.
func smallest(ctx context.Context, e parser.Expr, environment *infer.Env, w *world, at time.Time) string {
	for child := range parser.ChildrenIter(e) {
		if child, ok := child.(parser.Expr); ok {
			if s := smallest(ctx, child, environment, w, at); s != "" {
				return s
			}
		}
	}
	if v := e.Type(); v != parser.ValueTypeVector && v != parser.ValueTypeScalar {
		return ""
	}
	results, err := evaluate(ctx, w, e.String(), at)
	if err != nil {
		return ""
	}
	typ := infer.Infer(e, environment).Root()
	if found := contradictions(typ, results, len(w.targets)); len(found) > 0 {
		return fmt.Sprintf("\n\tsmallest: %s is %s: %s", e, typ, found[0])
	}
	return ""
}
