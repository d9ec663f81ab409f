package infer_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

type (
	protocol struct{}
	status   struct{}
	kind     struct{}
)

var (
	Protocol = catalog.OneOf("protocol", "Protocol.", catalog.V[protocol]("http"), catalog.V[protocol]("grpc"))
	Status   = catalog.Pattern[status](`[1-5]\d\d`, 40, "status", "Status.")
	Kind     = catalog.AtMost[kind](5, "kind", "Kind of error.")

	group    = catalog.NewGroup("Requests", catalog.GroupSpec{Help: "Requests.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", catalog.By2(Protocol, Status), catalog.Spec{Help: "R.", Unit: unit.Requests})
	Errors   = catalog.NewCounter(group, "app_errors_total", catalog.By2(Protocol, Kind), catalog.Spec{Help: "E.", Unit: unit.Errors, PartOf: Requests})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", catalog.By1(Protocol), catalog.Spec{Help: "D.", Unit: unit.Seconds, Buckets: []float64{.5, 1, 5}})
	Native   = catalog.NewHistogram(group, "app_native_seconds", catalog.None{}, catalog.Spec{Help: "N.", Unit: unit.Seconds, Native: 1.1})
	Open     = catalog.NewGauge(group, "app_open", catalog.By1(Protocol), catalog.Spec{Help: "O.", Unit: unit.Connections, Range: catalog.AtLeast(0)})
	Memory   = catalog.NewGauge(group, "app_memory_bytes", catalog.None{}, catalog.Spec{Help: "M.", Unit: unit.Bytes, Range: catalog.AtLeast(0)})
	Mode     = catalog.NewGauge(group, "app_mode", catalog.None{}, catalog.Spec{
		Help: "M.", Unit: unit.State, Range: catalog.Range{Min: 0, Max: 2},
		States: []catalog.State{{Value: 0, Name: "well"}, {Value: 1, Name: "ill"}, {Value: 2, Name: "dead"}},
	})

	metrics = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group, external.Scrape}})
)

var promql = query.Features(nil).Parser()

func env() *infer.Env {
	return infer.NewEnv(metrics, catalog.Job.LabelDef, catalog.Instance.LabelDef)
}

// TestTypes prints what is inferred of each line of testdata/expressions.txt, and the faults that are met.
func TestTypes(t *testing.T) {
	src, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := promql.ParseExpr(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		table := infer.Infer(e, env())
		out.WriteString(line + "\n    " + table.Root().String() + "\n")
		for _, f := range table.Faults() {
			out.WriteString("    " + f.Severity.String() + " " + f.ID + ": " + f.Message + "\n")
		}
	}
	golden.File(t, "testdata/expressions.golden", []byte(out.String()))
}

// TestClip compares the clipped text of random expressions with the whole text, and wants what is nested deep to cost no
// more than what is not.
func TestClip(t *testing.T) {
	g := fixed(rand.New(rand.NewPCG(6, 2)))
	for range 2000 {
		e, err := promql.ParseExpr(g.vector(6))
		if err != nil {
			continue
		}
		for _, most := range []int{3, 20, 72} {
			want := []rune(e.String())
			if len(want) > most {
				want = append(want[:most-1], '…')
			}
			if got := infer.Clip(e, most); got != string(want) {
				t.Errorf("%s\n\tis clipped to %q, want %q", e, got, string(want))
			}
		}
	}
	allocated := func(depth int) float64 {
		e, err := promql.ParseExpr(strings.Repeat("sum(", depth) + "up" + strings.Repeat(")", depth))
		if err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(1, func() { infer.Clip(e, 60) })
	}
	if few, many := allocated(100), allocated(2000); many > few {
		t.Errorf("2,000 levels take %g allocations, 100 take %g", many, few)
	}
}

func FuzzInfer(f *testing.F) {
	src, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		f.Add(strings.TrimSpace(line))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := promql.ParseExpr(text); err == nil {
			_ = infer.Infer(e, env()).Root().String()
		}
	})
}

func BenchmarkInfer(b *testing.B) {
	e, err := promql.ParseExpr(`sum by (protocol) (rate(app_errors_total{kind!="client"}[5m])) / sum by (protocol) (rate(app_requests_total[5m]))`)
	if err != nil {
		b.Fatal(err)
	}
	environment := env()
	b.ReportAllocs()
	for b.Loop() {
		infer.Infer(e, environment)
	}
}
