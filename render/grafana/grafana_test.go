package grafana

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/internal/dashcheck"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/unit"
)

func TestGolden(t *testing.T) {
	golden.Tree(t, "testdata/golden", rendered(t, sample(t)))
}

func TestDashboardsAreWell(t *testing.T) {
	boards := onlyBoards(rendered(t, sample(t)))
	if len(boards) != 2 {
		t.Fatalf("%d dashboards, want 2", len(boards))
	}
	for _, problem := range dashcheck.Check(boards) {
		t.Error(problem)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if diff := cmp.Diff(rendered(t, sample(t)), rendered(t, sample(t))); diff != "" {
		t.Error(diff)
	}
}

// Nothing of the plan changes: other back-ends read it, too.
func TestPlanStaysAsItIs(t *testing.T) {
	p := sample(t)
	before := texts(p)
	rendered(t, p)
	if diff := cmp.Diff(before, texts(p)); diff != "" {
		t.Error(diff)
	}
}

func texts(p *plan.Plan) []string {
	var out []string
	for _, b := range p.Boards {
		for _, x := range b.Panels() {
			for _, q := range x.Targets {
				out = append(out, q.Expr.Text())
			}
		}
	}
	return out
}

func TestBadPlansAreErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p *plan.Plan)
		want  string
	}{
		{"kind", func(p *plan.Plan) { p.Boards[0].Rows[0].Panels[0].Kind = "graph" }, `dashboard cafe-overview: panel "Latency": its kind "graph" is none of Grafana's`},
		{"id", func(p *plan.Plan) { p.Boards[0].Rows[0].Panels[0].ID = 0 }, `dashboard cafe-overview: panel "Latency": it has no id or no place on the grid`},
		{"width", func(p *plan.Plan) { p.Boards[0].Rows[0].Panels[0].Grid.W = 25 }, `panel "Latency"`},
		{"height", func(p *plan.Plan) { p.Boards[0].Rows[0].Panels[0].Grid.H = 0 }, "no place on the grid"},
		{"variable", func(p *plan.Plan) { p.Boards[0].Variables[0].Kind = "switch" }, `variable job is of kind "switch", which Grafana has not`},
		{"folders", func(p *plan.Plan) { p.Boards[1].Folder = "cafe-berlin!" }, `the folders "Cafe Berlin" and "cafe-berlin!" would both be the directory cafe-berlin`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sample(t)
			c.spoil(p)
			files, err := Render(p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d files and the error %v, want %s", len(files), err, c.want)
			}
		})
	}
}

// What a faulty declaration leaves empty is left empty.
func TestEmptyPartsDoNoHarm(t *testing.T) {
	p := sample(t)
	for _, b := range p.Boards {
		b.Folder, b.Tags = "", nil
		for _, x := range b.Panels() {
			x.Reduce, x.Unit = "", unit.Unknown
			for i := range x.Targets {
				x.Targets[i].Expr, x.Targets[i].Legend = plan.Expr{}, ""
			}
		}
		for i := range b.Annotations {
			b.Annotations[i].Expr = plan.Expr{}
		}
	}
	p.Profile.DataSource, p.Profile.ScrapeInterval = "", 0
	files := rendered(t, p)
	if _, ok := files["grafana/dashboards/general/cafe-overview.json"]; !ok {
		t.Error("a dashboard without a folder is not in general")
	}
	if got := string(files["grafana/provisioning/datasources/obsgen.yaml"]); !strings.Contains(got, "uid: prometheus\n") {
		t.Errorf("no uid of a data source:\n%s", got)
	}
}

func TestUnescapeHTML(t *testing.T) {
	for in, want := range map[string]string{
		`"a \u003c b \u0026\u0026 c \u003e d"`: `"a < b && c > d"`,
		`"\\u003c"`:                            `"\\u003c"`,
		`"\\\u003c"`:                           `"\\<"`,
		`"\u00e9\n\""`:                         `"\u00e9\n\""`,
		`"\\"`:                                 `"\\"`,
	} {
		if got := string(unescapeHTML([]byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if data := rendered(t, sample(t))["grafana/dashboards/cafe-berlin/cafe-overview.json"]; !bytes.Contains(data, []byte(`b=<2>`)) {
		t.Error("< does not stay as it is")
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		90 * time.Minute: "90m", time.Hour: "1h", 48 * time.Hour: "2d", 90 * time.Second: "90s", 1500 * time.Millisecond: "1500ms",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{"MockForge": "mockforge", " Mock / Forge 2 ": "mock-forge-2", "": "general", "..": "general", "Straße": "straße"} {
		if got := slug(title); got != want {
			t.Errorf("%q: %s, want %s", title, got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	page := &plan.Rule{Alert: &plan.Alert{Name: "Page"}}
	up := func(at float64, l catalog.Level) plan.Threshold { return plan.Threshold{At: at, Level: l} }
	down := func(at float64, l catalog.Level) plan.Threshold { return plan.Threshold{At: at, Level: l, Below: true} }
	fires := func(x plan.Threshold) plan.Threshold { x.Alert = page; return x }
	for _, c := range []struct {
		name       string
		rest, want string
		ts         []plan.Threshold
	}{
		{"none", green, "blue", nil},
		{"upward", green, "green 5 orange 10 red", []plan.Threshold{up(5, catalog.Caution), up(10, catalog.Bad)}},
		{"downward", green, "red 5 orange 10 green", []plan.Threshold{down(5, catalog.Bad), down(10, catalog.Caution)}},
		{"band", green, "red 5 green 10 red", []plan.Threshold{down(5, catalog.Bad), up(10, catalog.Bad)}},
		{"band on a graph", transparent, "red 5 transparent 10 red", []plan.Threshold{down(5, catalog.Bad), up(10, catalog.Bad)}},
		{"what is good is said", green, "red 0.9 orange 0.99 green", []plan.Threshold{down(0.9, catalog.Bad), up(0.9, catalog.Caution), up(0.99, catalog.Good)}},
		{"the rest is not good then", green, "blue 0.99 green", []plan.Threshold{up(0.99, catalog.Good)}},
		{"a milder alert above a graver one", green, "green 5 red", []plan.Threshold{fires(up(5, catalog.Bad)), fires(up(10, catalog.Caution))}},
		{"the same on a graph has two lines", transparent, "transparent 5 red 10 red", []plan.Threshold{fires(up(5, catalog.Bad)), fires(up(10, catalog.Caution))}},
		{"two at one value", green, "green 5 red", []plan.Threshold{fires(up(5, catalog.Caution)), fires(up(5, catalog.Bad))}},
		{"a notice", green, "green 5 blue", []plan.Threshold{fires(up(5, catalog.Neutral))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := thresholds(&plan.Panel{Thresholds: c.ts}, scale{factor: 1}, c.rest).Build()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, steps(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// steps writes thresholds in one line.
func steps(c dashboard.ThresholdsConfig) string {
	var b strings.Builder
	for i, s := range c.Steps {
		if i > 0 {
			b.WriteString(" " + unit.One.Format(*s.Value) + " ")
		} else if s.Value != nil {
			b.WriteString("no base ")
		}
		b.WriteString(s.Color)
	}
	return b.String()
}

func TestShownExpression(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     dashboards.Kind
		unit     unit.Unit
		in, want string
	}{
		{"as it is", dashboards.KindStat, unit.Seconds, `max(x)`, `max(x)`},
		{"a time is milliseconds", dashboards.KindStat, unit.Timestamp, `max(x)`, `max(x) * 1000`},
		{"of a sum, too", dashboards.KindStat, unit.Timestamp, `max(x) + 5`, `(max(x) + 5) * 1000`},
		{"in a table by column", dashboards.KindTable, unit.Timestamp, `max by (a) (x)`, `max by (a) (x) * 1000`},
		{"a temperature is no time", dashboards.KindStat, unit.Celsius, `max(x)`, `max(x)`},
		{"bars are sorted", dashboards.KindBarGauge, reqps, `sum by (a) (x)`, `sort_desc(sum by (a) (x))`},
		{"unless they are", dashboards.KindBarGauge, reqps, `topk(5, x)`, `topk(5, x)`},
		{"or shall be otherwise", dashboards.KindBarGauge, reqps, `sort(x)`, `sort(x)`},
		{"a heatmap's unit is of its axis", dashboards.KindHeatmap, unit.Timestamp, `sum by (le) (x)`, `sum by (le) (x)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := plan.Target{Instant: true, Expr: expr(t, c.in, c.unit)}
			got := plan.Expr{Tree: shown(&plan.Panel{Kind: c.kind, Unit: c.unit}, target)}.Text()
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAnnotationsHaveValuesAboveZero(t *testing.T) {
	for _, c := range []struct {
		lo   float64
		want string
	}{{math.Inf(-1), "clamp(x == 0, 1, 1)"}, {0, "clamp(x == 0, 1, 1)"}, {1, "x == 0"}} {
		e := expr(t, "x == 0", unit.One)
		e.Type.Range = infer.Range{Lo: c.lo, Hi: math.Inf(1)}
		a, err := annotation(plan.Annotation{Title: "A", Expr: e})
		if err != nil {
			t.Fatal(err)
		}
		if got := exprOf(t, a); got != c.want {
			t.Errorf("from %v: %s, want %s", c.lo, got, c.want)
		}
	}
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		u    unit.Unit
		at   []float64
		want int
		ok   bool
	}{
		{unit.Ratio, []float64{0.05}, 1, true}, {unit.Ratio, []float64{0.05, 0.999}, 2, true}, {unit.Percent, []float64{99.95}, 3, true},
		{unit.Ratio, []float64{0.9999999}, 4, true}, {unit.Ratio, nil, 0, false}, {unit.Seconds, []float64{0.25}, 0, false},
	} {
		p := &plan.Panel{Unit: c.u}
		for _, at := range c.at {
			p.Thresholds = append(p.Thresholds, plan.Threshold{At: at})
		}
		if n, ok := decimals(p); n != c.want || ok != c.ok {
			t.Errorf("%v at %v: %d %v, want %d %v", c.u, c.at, n, ok, c.want, c.ok)
		}
	}
}

// A picker narrows the next one only by labels that every searched series has.
func TestPickersAreChained(t *testing.T) {
	type drink struct{}
	type size struct{}
	var (
		drinks = catalog.AtMost[drink](9, "drink", "Drink that was ordered.")
		sizes  = catalog.AtMost[size](3, "size", "Size of the cup.")
		group  = catalog.NewGroup("Orders", catalog.GroupSpec{Help: "What was ordered."})
		orders = catalog.NewCounter(group, "tavern_orders_total", catalog.By1(drinks), catalog.Spec{Help: "Orders.", Unit: unit.Requests})
	)
	env := infer.NewEnv(catalog.New("tavern", catalog.CatalogSpec{Groups: []*catalog.Group{group}}))
	from := orders.Def().Name
	v := func(name string) plan.Variable {
		return plan.Variable{Kind: dashboards.LabelValues, Name: name, Label: name, From: from}
	}
	for _, c := range []struct {
		name   string
		plan   *plan.Plan
		v      plan.Variable
		before []plan.Variable
		want   string
	}{
		{"the first", &plan.Plan{Env: env}, v("drink"), nil, ""},
		{"instance by job", &plan.Plan{}, v("instance"), []plan.Variable{v("job")}, `{job=~"$job"}`},
		{"by a label of the metric", &plan.Plan{Env: env}, v("instance"), []plan.Variable{v("job"), v("drink")}, `{job=~"$job", drink=~"$drink"}`},
		{"not by another label", &plan.Plan{Env: env}, v("drink"), []plan.Variable{v(sizes.Def().Name)}, ""},
		{"not without knowledge", &plan.Plan{}, v("drink"), []plan.Variable{v("job")}, ""},
	} {
		if got := chain(c.plan, c.v, c.before); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// exprOf returns what an annotation asks for.
func exprOf(t *testing.T, a dashboard.AnnotationQuery) string {
	t.Helper()
	q, ok := a.Target.(prometheus.Dataquery)
	if !ok {
		t.Fatalf("the target is a %T", a.Target)
	}
	return q.Expr
}
