package query_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

// FuzzName gives any text as a metric name, a label name, a label value, a pattern and a regular
// expression of a matcher. Nothing panics, and what Check accepts is what Prometheus accepts.
func FuzzName(f *testing.F) {
	for _, s := range []string{
		"shop_orders_total", "a:b", ":", "_", "0a", "a-b", "a b", "ä", "", "\xff", "a\n", "le", "__name__",
		"a.*", "(", ")(", "a)(b", "[", `\`, "(?i)x", "x{2,1}", "x{1001}", `\pN`, "(?s:.)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g := catalog.NewGroup("Fuzzed", catalog.GroupSpec{Owner: "t"})
		open := catalog.AtMost[other](1, s, "Any.")
		catalog.NewGauge(g, s, catalog.None{}, catalog.Spec{Help: "Any."})
		catalog.NewGauge(g, "labelled", catalog.By1(open), catalog.Spec{Help: "Any."})
		catalog.NewGauge(g, "patterned", catalog.By1(catalog.Pattern[other](s, 1, "patterned", "Any.")), catalog.Spec{Help: "Any."})
		found := catalog.New(s, catalog.CatalogSpec{Groups: []*catalog.Group{g}}).Check()

		accepts := func(id string) bool {
			return !slices.ContainsFunc(found, func(f diag.Finding) bool { return f.ID == id })
		}
		if got, want := accepts("metric/name"), model.LegacyValidation.IsValidMetricName(s); got != want {
			t.Errorf("metric name %q: accepted %v, Prometheus %v", s, got, want)
		}
		if got, want := accepts("metric/label-name"), model.LegacyValidation.IsValidLabelName(s); got != want {
			t.Errorf("label name %q: accepted %v, Prometheus %v", s, got, want)
		}
		if !utf8.ValidString(s) {
			return // no label value is such a text, and no query can name it
		}
		if strings.Contains(strings.ToLower(s), `\p`) {
			return // the names that \p takes depend on the release of the regexp package
		}
		_, err := labels.NewMatcher(labels.MatchRegexp, "l", s)
		if got, want := open.Matches(s).Fault() == "", err == nil; got != want {
			t.Errorf("regular expression %q: accepted %v, Prometheus %v", s, got, want)
		}
		if got, want := accepts("metric/label-values"), err == nil; got != want {
			t.Errorf("pattern %q: accepted %v, Prometheus %v", s, got, want)
		}
		v := catalog.V[other](s)
		for _, m := range []catalog.Matcher{open.Is(v), open.In(v), open.NotIn(v), open.Not(v)} {
			if fault := m.Fault(); fault != "" {
				t.Errorf("value %q: %s", s, fault)
			}
		}
	})
}

// TestMatcherPrintsAsPromQL asserts that a printed matcher parses to the label, operator and text it has.
func TestMatcherPrintsAsPromQL(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	odd := catalog.V[protocol]("a \"b\"\\c\n|.")
	for _, m := range []catalog.Matcher{
		Protocol.Is(http), Protocol.Not(odd), Protocol.In(http, odd), Protocol.NotIn(odd), Protocol.Matches(`\d+`), Protocol.NotMatches(`"`),
	} {
		got, err := p.ParseMetricSelector("{" + m.String() + "}")
		if err != nil {
			t.Errorf("%s: %v", m, err)
			continue
		}
		if got[0].Name != "protocol" || got[0].Type.String() != string(m.Op) || got[0].Value != m.Text {
			t.Errorf("%s parses as %s", m, got[0])
		}
	}
}
