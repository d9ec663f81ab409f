package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// TestImplies makes conditions at random and data at random: where one is said to imply the other, the engine never gives a
// series of the first alone.
func TestImplies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	var condition func(depth int) string
	condition = func(depth int) string {
		if depth == 0 || rnd.IntN(3) == 0 {
			return fmt.Sprintf("%s %s %d", pick("a", "b", "(a)", "sum by (x) (a)"), pick(">", ">=", "<", "<=", "==", "!="), rnd.IntN(5)-1)
		}
		return fmt.Sprintf("(%s) %s (%s)", condition(depth-1), pick("and", "or", "unless", "and on (x)", "and ignoring (y)"), condition(depth-1))
	}
	now := time.Unix(1_700_000_000, 0)
	said, proper := 0, 0
	for range 10_000 {
		first, second := condition(2), condition(1+rnd.IntN(2))
		if rnd.IntN(2) == 0 {
			second = strings.NewReplacer("> ", ">= ", "< ", "<= ").Replace(first)
		}
		a, err := query.ParseText(first)
		if err != nil {
			t.Fatal(err)
		}
		b, err := query.ParseText(second)
		if err != nil {
			t.Fatal(err)
		}
		if !plan.Implies(a, b) {
			continue
		}
		said++
		if first != second {
			proper++
		}
		for range 6 {
			var m engine.Memory
			for _, name := range []string{"a", "b"} {
				for _, x := range []string{"1", "2"} {
					for _, y := range []string{"1", "2"} {
						if rnd.IntN(4) > 0 {
							m.Add(labels.FromStrings("__name__", name, "x", x, "y", y), now, float64(rnd.IntN(6)-1))
						}
					}
				}
			}
			has := map[string]bool{}
			for _, r := range results(t, &m, second, now) {
				has[r] = true
			}
			for _, r := range results(t, &m, first, now) {
				if !has[r] {
					t.Fatalf("%s is said to imply %s, and alone it has %s", first, second, r)
				}
			}
		}
	}
	if said < 400 || proper < 200 {
		t.Errorf("only %d of the conditions imply another, %d of them one that is written otherwise", said, proper)
	}
}

// results returns the label sets of an expression's series, without the name, as alerts have none.
func results(t *testing.T, m *engine.Memory, text string, at time.Time) []string {
	t.Helper()
	rs, err := m.Query(t.Context(), text, at)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = r.Labels.DropReserved(func(name string) bool { return name == "__name__" }).String()
	}
	return out
}

// alerts are rules for the tests below, by name: condition and severity.
func alertOf(name string, when query.Condition, s rules.Severity) *rules.AlertingRule {
	return rules.NewAlert(name, rules.Alert{When: when, Severity: s, Summary: rules.Textf("s"), Means: "m", Do: []string{"d"}, NoPanel: "none in this test"})
}

func TestInhibitions(t *testing.T) {
	quiet := query.Select(Open).Sum(Protocol)
	p := resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Keep: []catalog.AnyLabel{catalog.Job}, Alerts: []*rules.AlertingRule{
		alertOf("Many", all.Above(5), rules.Ticket), alertOf("TooMany", all.Above(50), rules.Page), alertOf("Fewer", all.Above(1), rules.Page),
		alertOf("Other", quiet.Above(50), rules.Page), alertOf("Few", quiet.Below(5), rules.Notice), alertOf("TooFew", quiet.Below(1), rules.Ticket),
	}}))
	var got []string
	for _, i := range p.Inhibitions {
		got = append(got, fmt.Sprint(i.Source.Name(), " > ", i.Target.Name(), " ", i.Equal))
	}
	if diff := cmp.Diff([]string{"TooMany > Many [job protocol]", "TooFew > Few [job protocol]"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestRoutes looks for alerts that nobody gets, and receivers that get none.
func TestRoutes(t *testing.T) {
	group := rules.NewGroup("g", rules.Group{Owner: "web", Alerts: []*rules.AlertingRule{alertOf("Page", all.Above(5), rules.Page), alertOf("Note", all.Above(1), rules.Notice)}})
	hook := &project.Webhook{URL: "http://localhost:1"}
	for _, c := range []struct {
		why       string
		receivers []project.Receiver
		outputs   []string
		want      []string
	}{
		{"nobody is asked", nil, nil, nil},
		{"one gets all", []project.Receiver{{Name: "all", Webhook: hook}}, nil, nil},
		{"the notice has nobody", []project.Receiver{{Name: "pager", Severities: []rules.Severity{rules.Page}, Webhook: hook}}, nil, []string{"route/no-receiver Note"}},
		{"another team's", []project.Receiver{{Name: "all", Webhook: hook}, {Name: "db", Owners: []string{"db"}, Webhook: hook}}, nil, []string{"route/no-alert db"}},
		{"no ticket", []project.Receiver{{Name: "all", Webhook: hook}, {Name: "desk", Severities: []rules.Severity{rules.Ticket}, Webhook: hook}}, nil, []string{"route/no-alert desk"}},
		{"the operator's namespace", []project.Receiver{{Name: "all", Webhook: hook}}, []string{project.Kubernetes}, []string{"route/no-namespace default"}},
	} {
		profile := project.Usual("app")
		profile.Receivers, profile.Outputs = c.receivers, c.outputs
		p := plan.New(project.New("app", project.Spec{Title: "App", Owner: "core", Catalog: metrics, Groups: []*rules.RuleGroup{group}}), profile)
		var got []string
		for _, f := range p.Findings {
			if strings.HasPrefix(f.ID, "route/") {
				got = append(got, f.ID+" "+f.Subject)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.why, diff)
		}
	}
}
