package catalog_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// first is declared first and initialised last, since it needs the others.
var (
	ordered  = catalog.NewGroup("Ordered", catalog.GroupSpec{Owner: "t"})
	first    = catalog.NewCounter(ordered, "first_total", catalog.By1(needed), catalog.Spec{PartOf: second})
	second   = catalog.NewCounter(ordered, "second_total", catalog.By1(needed), catalog.Spec{PartOf: third})
	third    = catalog.NewCounter(ordered, "third_total", catalog.None{}, catalog.Spec{})
	needed   = catalog.AtMost[till](3, "till", "Till.")
	external = catalog.NewGroup("External", catalog.GroupSpec{External: true})
	up       = catalog.NewGauge(external, "up", catalog.None{}, catalog.Spec{})
	both     = catalog.New("both", catalog.CatalogSpec{Groups: []*catalog.Group{external, ordered}})
)

func names(ms []*catalog.Metric) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Name)
	}
	return out
}

func TestOrderIsThatOfTheSource(t *testing.T) {
	if d := cmp.Diff([]string{"first_total", "second_total", "third_total"}, names(ordered.Metrics())); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"up", "first_total", "second_total", "third_total"}, names(both.Metrics())); d != "" {
		t.Errorf("groups do not come in the order of the catalog:\n%s", d)
	}
	if d := cmp.Diff([]string{"first_total", "second_total", "third_total"}, names(both.Own())); d != "" {
		t.Errorf("Own has external metrics or lacks others:\n%s", d)
	}
	if len(both.Groups()) != 2 || both.Groups()[0] != external {
		t.Error("Groups are not those of the declaration")
	}
}

// TestOrderOnOneLine asserts that metrics declared by one line, as a loop does, keep the order in which
// they came.
func TestOrderOnOneLine(t *testing.T) {
	g := catalog.NewGroup("Looped", catalog.GroupSpec{})
	want := []string{"c", "a", "b"}
	for _, name := range want {
		catalog.Declare(g, catalog.KindGauge, name, nil, catalog.Spec{})
	}
	if d := cmp.Diff(want, names(g.Metrics())); d != "" {
		t.Error(d)
	}
}

func TestIndex(t *testing.T) {
	g := catalog.NewGroup("Kinds", catalog.GroupSpec{})
	catalog.NewCounter(g, "c_total", catalog.None{}, catalog.Spec{})
	catalog.NewGauge(g, "g", catalog.None{}, catalog.Spec{})
	catalog.NewHistogram(g, "classic", catalog.None{}, catalog.Spec{Buckets: []float64{1}})
	catalog.NewHistogram(g, "native", catalog.None{}, catalog.Spec{Native: 1.1})
	catalog.NewHistogram(g, "forms", catalog.None{}, catalog.Spec{Buckets: []float64{1}, Native: 1.1})
	var got []string
	for name, s := range catalog.New("kinds", catalog.CatalogSpec{Groups: []*catalog.Group{g}}).Index() {
		if s.Name() != name {
			t.Errorf("series %s stands under %s", s.Name(), name)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	want := []string{
		"c_total", "classic_bucket", "classic_count", "classic_sum",
		"forms", "forms_bucket", "forms_count", "forms_sum", "g", "native",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSeriesPerTarget(t *testing.T) {
	a := catalog.AtMost[till](3, "a", "A.")
	b := catalog.OneOf("b", "B.", east, west)
	endless := catalog.AtMost[clerk](math.MaxInt/2, "endless", "C.")
	g := catalog.NewGroup("Sized", catalog.GroupSpec{})
	c := catalog.New("sized", catalog.CatalogSpec{Groups: []*catalog.Group{g, external}})
	ten := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, m := range []struct {
		metric *catalog.Metric
		want   int
	}{
		{catalog.NewCounter(g, "c", catalog.None{}, catalog.Spec{}).Metric, 1},
		{catalog.NewGauge(g, "g", catalog.By2(a, b), catalog.Spec{}).Metric, 6},
		{catalog.NewHistogram(g, "classic", catalog.By1(a), catalog.Spec{Buckets: ten}).Metric, 3 * (10 + 3)}, // +Inf, sum, count
		{catalog.NewHistogram(g, "native", catalog.By1(a), catalog.Spec{Native: 1.1}).Metric, 3},
		{catalog.NewHistogram(g, "forms", catalog.By1(a), catalog.Spec{Buckets: ten, Native: 1.1}).Metric, 3 * (10 + 4)},
	} {
		if got := m.metric.SeriesPerTarget(); got != m.want {
			t.Errorf("%s has %d series per target, want %d", m.metric.Name, got, m.want)
		}
	}
	if got, want := c.SeriesPerTarget(), 1+6+39+3+42; got != want { // not up, which others write
		t.Errorf("the catalog has %d series per target, want %d", got, want)
	}
	catalog.NewHistogram(g, "huge", catalog.By2(endless, a), catalog.Spec{Buckets: ten})
	catalog.NewGauge(g, "huge_too", catalog.By1(endless), catalog.Spec{})
	if got := c.SeriesPerTarget(); got != math.MaxInt {
		t.Errorf("a bound past the largest integer is %d, want it to stay at the largest", got)
	}
}

func TestLabelSetsKeepTheirOrder(t *testing.T) {
	l := func(name string) catalog.Label[till] { return catalog.AtMost[till](1, name, "") }
	a, b, c, d, e, f := l("a"), l("b"), l("c"), l("d"), l("e"), l("f")
	for want, set := range map[string]catalog.LabelSet{
		"":       catalog.None{},
		"a":      catalog.By1(a),
		"ab":     catalog.By2(a, b),
		"abc":    catalog.By3(a, b, c),
		"abcd":   catalog.By4(a, b, c, d),
		"abcde":  catalog.By5(a, b, c, d, e),
		"abcdef": catalog.By6(a, b, c, d, e, f),
	} {
		got := ""
		for _, def := range set.Defs() {
			got += def.Name
		}
		if got != want {
			t.Errorf("labels are %s, want %s", got, want)
		}
	}
}

func TestMetricFacts(t *testing.T) {
	g := catalog.NewGroup("Facts", catalog.GroupSpec{Owner: "team"})
	m := catalog.NewHistogram(g, "m_seconds", catalog.By1(needed), catalog.Spec{Unit: unit.Seconds, Buckets: []float64{1}})
	if m.Label("till") != needed.LabelDef || m.Label("job") != nil {
		t.Error("Label finds what the metric lacks, or not what it has")
	}
	if !m.Classic() || m.IsNative() {
		t.Error("a histogram with buckets alone is classic and not native")
	}
	if m.OwnedBy() != "team" {
		t.Errorf("owner is %q, want the group's", m.OwnedBy())
	}
	if m.Owner = "own"; m.OwnedBy() != "own" {
		t.Errorf("owner is %q, want the metric's own", m.OwnedBy())
	}
	for _, c := range []struct {
		part catalog.CountsUp
		want string
	}{{m.Count(), "m_seconds_count"}, {m.Sum(), "m_seconds_sum"}, {first, "first_total"}} {
		if got := c.part.Series().Name(); got != c.want {
			t.Errorf("series is %s, want %s", got, c.want)
		}
	}
	if got := up.Series().Name(); got != "up" {
		t.Errorf("series is %s, want up", got)
	}
	if !(catalog.Range{}).IsZero() || catalog.AtLeast(0).IsZero() {
		t.Error("only the zero range is unknown")
	}
}
