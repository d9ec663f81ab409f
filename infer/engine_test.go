package infer_test

import (
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
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/unit"
)

var start = time.Unix(1_700_000_000, 0)

// targets is how many targets the random data has at most.
const targets = 2

// contradictions returns in what an expression's results in the engine differ from what was inferred of it.
func contradictions(typ infer.Type, results []engine.Result) []string {
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
		if r.Native && typ.Native == infer.Never || !r.Native && typ.Native == infer.Must {
			say("%s: native is %v", r.Labels, r.Native)
		}
		if !r.Native && !contains(typ.Range, r.Value) {
			say("%s: %v is out of range", r.Labels, r.Value)
		}
		r.Labels.Range(func(l labels.Label) {
			if l.Name == model.MetricNameLabel {
				return
			}
			if !typ.Labels.Has(l.Name) {
				say("%s has the label %s", r.Labels, l.Name)
			} else if !typ.Labels.Values(l.Name).Contains(l.Value) {
				say("%s: %s has another value", r.Labels, l.Name)
			}
		})
		for _, name := range typ.Labels.Names() {
			if name != model.MetricNameLabel && typ.Labels.Certain(name) && r.Labels.Get(name) == "" {
				say("%s lacks %s", r.Labels, name)
			}
		}
	}
	return out
}

// contains allows for the rounding of floating-point numbers.
func contains(r infer.Range, v float64) bool {
	if r.Contains(v) || math.Abs(v) > 1e100 && (v > 0 && r.Hi > 1e50 || v < 0 && r.Lo < -1e50) { // near where numbers overflow
		return true
	}
	ε := 1e-6 * math.Max(1, math.Abs(v))
	if r.Whole {
		return math.Abs(v-math.Round(v)) < ε && (r.Contains(math.Round(v)) || math.Abs(v) > 1e15)
	}
	return v >= r.Lo-ε && v <= r.Hi+ε
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
	sound(t, metrics, expressions)
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
	for round := range rounds {
		c, g := invented(rand.New(rand.NewPCG(seed, uint64(round))), round)
		var expressions []string
		for range 1000 {
			expressions = append(expressions, g.vector(4))
		}
		sound(t, c, expressions)
	}
}

// sound evaluates expressions on random data of a catalog and reports where a result is not as was inferred.
func sound(t *testing.T, c *catalog.Catalog, expressions []string) {
	t.Helper()
	var stores []*engine.Memory
	for seed := range uint64(3) {
		m := &engine.Memory{}
		engine.Fill(m, c, "app", start, 150, seed)
		stores = append(stores, m)
	}
	environment := infer.NewEnv(c, catalog.Job.LabelDef, catalog.Instance.LabelDef)
	evaluated, answered, faulty := 0, 0, 0
	for _, text := range expressions {
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") || strings.Contains(text, "$") {
			continue
		}
		e, err := promql.ParseExpr(text)
		if err != nil {
			continue
		}
		table := infer.Infer(e, environment)
		for i, m := range stores {
			at := start.Add(time.Duration(20+7*i) * time.Minute)
			results, err := m.Query(t.Context(), text, at)
			if err != nil {
				continue // series that meet twice, a step of zero
			}
			evaluated++
			if len(results) > 0 {
				answered++
			}
			found := contradictions(table.Root(), results)
			if len(found) > 0 {
				faulty++
			}
			if faulty < 15 {
				for _, c := range found[:min(len(found), 2)] {
					t.Errorf("%s\n\tis %s\n\t%s", text, table.Root(), c)
				}
			}
		}
	}
	t.Logf("%d evaluations, %d with series, %d contradict", evaluated, answered, faulty)
	if faulty > 0 || answered < 200 {
		t.Errorf("%d evaluations contradict, %d gave series", faulty, answered)
	}
}

// generator writes random expressions over the catalog of this test.
type generator struct {
	r *rand.Rand
	// names are the series of the catalog, labels those that selectors and groupings name, values those that matchers do.
	names, labels, values []string
}

// fixed writes expressions over the catalog of this test.
func fixed(r *rand.Rand) generator {
	return generator{r, names, []string{"protocol", "status", "kind", "job", "instance", "le"},
		[]string{"http", "grpc", "200", "5..", "app", "a:9090", "one", "", ".+", "http|ftp", "0.5"}}
}

// invented makes a catalog by chance and what writes expressions over it.
func invented(r *rand.Rand, round int) (*catalog.Catalog, generator) {
	group := catalog.NewGroup("Invented", catalog.GroupSpec{Help: "I.", Owner: "nobody"})
	pool := []*catalog.LabelDef{
		{Name: "protocol", Values: []string{"http", "grpc", "ftp"}, Max: 3}, {Name: "zone", Values: []string{"eu", "us"}, Max: 2},
		{Name: "maybe", Values: []string{"yes", ""}, Max: 2}, {Name: "status", Pattern: `[1-5]\d\d`, Max: 9}, {Name: "code", Pattern: `\d*`, Max: 5},
		{Name: "path", Max: 4}, {Name: "kind", Max: 2},
	}
	g := generator{r: r, labels: []string{"job", "instance", "le", "protocol", "zone", "maybe", "status", "code", "path", "kind", "nothing"},
		values: []string{"http", "grpc|ftp", "eu", "yes", "", ".*", ".+", "200", "5..", "one", "two|one", "app", "a:9090", "1.0", "+Inf"}}
	units := []unit.Unit{unit.Seconds, unit.Bytes, unit.Ratio, unit.Percent, unit.Requests, unit.Timestamp, unit.One, unit.Milliseconds, unit.Celsius}
	ranges := []catalog.Range{{}, catalog.AtLeast(0), {Min: 0, Max: 1}, {Min: -10, Max: 10}, {Min: 5, Max: 100}, {Min: -3, Max: -1}}
	for i := range 8 {
		var ls []*catalog.LabelDef
		for _, j := range r.Perm(len(pool))[:r.IntN(3)] {
			ls = append(ls, pool[j])
		}
		name := fmt.Sprintf("m%d_%d", round, i)
		spec := catalog.Spec{Help: "M.", Unit: units[r.IntN(len(units))]}
		switch r.IntN(6) {
		case 0, 1:
			catalog.Declare(group, catalog.KindCounter, name+"_total", ls, spec)
			g.names = append(g.names, name+"_total")
		case 2:
			spec.Buckets = [][]float64{{.5, 1, 5}, {1}, {.001, 10, 1e6}, {2, 4, 8, 16}}[r.IntN(4)]
			catalog.Declare(group, catalog.KindHistogram, name, ls, spec)
			g.names = append(g.names, name+"_bucket", name+"_bucket", name+"_sum", name+"_count")
		case 3:
			spec.Native = 1.1
			catalog.Declare(group, catalog.KindHistogram, name, ls, spec)
			g.names = append(g.names, name)
		default:
			spec.Range = ranges[r.IntN(len(ranges))]
			catalog.Declare(group, catalog.KindGauge, name, ls, spec)
			g.names = append(g.names, name)
		}
	}
	g.names = append(g.names, "up")
	return catalog.New("invented", catalog.CatalogSpec{Groups: []*catalog.Group{group, external.Scrape}}), g
}

func (g generator) pick(ss ...string) string { return ss[g.r.IntN(len(ss))] }

var names = []string{
	"app_requests_total", "app_errors_total", "app_duration_seconds_bucket", "app_duration_seconds_sum", "app_duration_seconds_count",
	"app_native_seconds", "app_open", "app_memory_bytes", "app_mode", "up",
}

func (g generator) selector() string {
	name := g.pick(g.names...)
	switch g.r.IntN(4) {
	case 0:
		return name + "{" + g.label() + g.pick("=", "!=", "=~", "!~") + `"` + g.pick(g.values...) + `"}`
	default:
		return name
	}
}

func (g generator) label() string { return g.pick(g.labels...) }

func (g generator) matrix(depth int) string {
	window := g.pick("5m", "10m")
	if depth > 0 && g.r.IntN(4) == 0 {
		return "(" + g.vector(depth-1) + ")[" + window + ":1m]"
	}
	s := g.selector() + "[" + window + "]"
	if g.r.IntN(8) == 0 {
		s += " offset 2m"
	}
	return s
}

func (g generator) scalar(depth int) string {
	switch {
	case depth <= 0 || g.r.IntN(3) == 0:
		return g.pick("0", "1", "2", "0.5", "-1", "100", "NaN", "Inf", "time()")
	case g.r.IntN(2) == 0:
		return "scalar(" + g.vector(depth-1) + ")"
	}
	return "(" + g.scalar(depth-1) + g.pick(" + ", " - ", " * ", " / ", " % ", " ^ ") + g.scalar(depth-1) + ")"
}

func (g generator) grouping() string {
	switch g.r.IntN(3) {
	case 0:
		return ""
	case 1:
		return " by (" + g.label() + ", " + g.label() + ") "
	}
	return " without (" + g.label() + ") "
}

var functions = slices.Sorted(maps.Keys(parser.Functions))

func (g generator) vector(depth int) string {
	if depth <= 0 {
		return g.selector()
	}
	switch g.r.IntN(10) {
	case 0:
		return g.selector()
	case 1, 2:
		return g.pick("sum", "min", "max", "avg", "count", "group", "stddev", "stdvar") + g.grouping() + "(" + g.vector(depth-1) + ")"
	case 3:
		switch g.r.IntN(3) {
		case 0:
			return "quantile" + g.grouping() + "(" + g.scalar(0) + ", " + g.vector(depth-1) + ")"
		case 1:
			return "count_values" + g.grouping() + `("value", ` + g.vector(depth-1) + ")"
		}
		return g.pick("topk", "bottomk", "limitk") + g.grouping() + "(" + g.pick("1", "2", "0", "5") + ", " + g.vector(depth-1) + ")"
	case 4, 5:
		op := g.pick("+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "> bool", "== bool", "and", "or", "unless")
		set := op == "and" || op == "or" || op == "unless"
		left, right := g.vector(depth-1), g.vector(depth-1)
		matching := ""
		switch g.r.IntN(4) {
		case 0:
			matching = " " + g.pick("on", "ignoring") + "(" + g.label() + ")"
			if !set && g.r.IntN(2) == 0 {
				matching += " " + g.pick("group_left", "group_right") + "(" + g.pick("", g.label()) + ")"
			}
		case 1:
			if !set {
				if g.r.IntN(2) == 0 {
					return "(" + left + ") " + op + " " + g.scalar(depth-1)
				}
				return g.scalar(depth-1) + " " + op + " (" + right + ")"
			}
		}
		return "(" + left + ") " + op + matching + " (" + right + ")"
	case 6:
		return "-(" + g.vector(depth-1) + ")"
	}
	return g.call(depth)
}

func (g generator) call(depth int) string {
	f := parser.Functions[g.pick(functions...)]
	switch f.Name {
	case "label_replace":
		return fmt.Sprintf(`label_replace(%s, "%s", "%s", "%s", "%s")`, g.vector(depth-1), g.label(), g.pick("$1", "x", ""), g.label(), g.pick("(.*)", "h(.*)", ".*"))
	case "label_join":
		return fmt.Sprintf(`label_join(%s, "%s", "-", "%s", "%s")`, g.vector(depth-1), g.label(), g.label(), g.label())
	case "sort_by_label", "sort_by_label_desc":
		return fmt.Sprintf(`%s(%s, "%s")`, f.Name, g.vector(depth-1), g.label())
	case "histogram_quantiles":
		return fmt.Sprintf(`histogram_quantiles(%s, "q", 0.5, 0.9)`, g.vector(depth-1))
	case "info", "scalar", "time", "pi", "range", "step", "start", "end":
		return g.selector()
	}
	var args []string
	for i, a := range f.ArgTypes {
		if f.Variadic != 0 && i >= len(f.ArgTypes)-1 && g.r.IntN(2) == 0 {
			break
		}
		switch a {
		case parser.ValueTypeVector:
			args = append(args, g.vector(depth-1))
		case parser.ValueTypeMatrix:
			args = append(args, g.matrix(depth-1))
		case parser.ValueTypeScalar:
			args = append(args, g.scalar(1))
		default:
			return g.selector()
		}
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}
