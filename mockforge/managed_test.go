package mockforge_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/alerting"
	"github.com/prometheus/prometheus/model/labels"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
)

// managedRule is an alerting rule as Grafana's provisioning has it.
type managedRule struct {
	UID, Title, Condition string
	Data                  []struct {
		RefID, DatasourceUID string
		Model                struct {
			Expr, Type, Expression string
			Conditions             []struct {
				Evaluator struct {
					Type   string
					Params []float64
				}
			}
		}
	}
	For, KeepFiringFor string
	Labels             map[string]string
	Annotations        map[string]string
}

// holds evaluates a rule's condition on one value, as Grafana's expressions do.
func (r managedRule) holds(t *testing.T, v float64) bool {
	t.Helper()
	c := r.Data[1].Model
	if c.Type == "threshold" {
		e := c.Conditions[0].Evaluator
		return map[string]bool{"gt": v > e.Params[0], "lt": v < e.Params[0]}[e.Type]
	}
	if c.Expression == "is_number($A) || is_nan($A) || is_inf($A)" {
		return true
	}
	m := regexp.MustCompile(`^\$A (>=|<=|==|!=) (\S+)$`).FindStringSubmatch(c.Expression)
	if m == nil {
		t.Fatalf("%s: the condition %q is of a kind that the test does not know", r.Title, c.Expression)
	}
	bound, err := strconv.ParseFloat(m[2], 64)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]bool{">=": v >= bound, "<=": v <= bound, "==": v == bound, "!=": v != bound}[m[1]]
}

// TestManagedAlerts evaluates every alert in both forms on the same data, which are made at random around the thresholds: the
// one that Prometheus runs, and query and condition that Grafana runs. The same series fire, and both wait as long and say as
// much.
func TestManagedAlerts(t *testing.T) {
	for _, p := range plans(t) {
		dir := t.TempDir()
		writeOutputs(t, dir, p, project.GrafanaAlerting)
		managed := map[string]managedRule{}
		paths, err := filepath.Glob(filepath.Join(dir, "grafana/provisioning/alerting/*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var f struct {
				Groups []struct{ Rules []managedRule }
			}
			if err := yaml.Unmarshal(data, &f); err != nil {
				t.Fatal(err)
			}
			known(t, path, data)
			for _, g := range f.Groups {
				for _, r := range g.Rules {
					managed[r.Title] = r
				}
			}
		}
		uids := map[string]bool{}
		alerts, fired, quiet := 0, 0, 0
		for _, g := range p.Groups {
			for _, r := range g.Rules {
				if r.Alert == nil {
					continue
				}
				alerts++
				m, ok := managed[r.Alert.Name]
				if !ok || uids[m.UID] || m.UID == "" || len(m.UID) > 40 {
					t.Errorf("%s is %+v", r.Alert.Name, m)
					continue
				}
				uids[m.UID] = true
				if m.Labels["severity"] != string(r.Alert.Severity) || m.Annotations["__panelId__"] == "" && r.Alert.Panel != nil || strings.Contains(m.Annotations["summary"], "$value ") {
					t.Errorf("%s: %v, %v", m.Title, m.Labels, m.Annotations)
				}
				f, q := same(t, r, m)
				fired, quiet = fired+f, quiet+q
			}
		}
		if alerts != len(managed) || fired < alerts*2 || quiet < alerts*2 {
			t.Errorf("profile %s: %d alerts, %d managed; %d times something fired, %d times nothing", p.Profile.Name, alerts, len(managed), fired, quiet)
		}
		t.Logf("profile %s: %d alerts, %d times something fired, %d times nothing", p.Profile.Name, alerts, fired, quiet)
	}
}

// known looks for keys that Grafana's type of a rule does not have.
func known(t *testing.T, path string, data []byte) {
	t.Helper()
	var f struct {
		Groups []struct{ Rules []map[string]any }
	}
	if err := yaml.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	full, err := yaml.Marshal(alerting.Rule{
		KeepFiringFor: new(string), IsPaused: new(bool), Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"a": "b"}, Uid: new(string),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			for key := range r {
				if !regexp.MustCompile(`(?mi)^` + strings.ReplaceAll(key, "FiringFor", "_?firing_?for") + `:`).Match(full) {
					t.Errorf("%s: Grafana knows no %s of a rule", path, key)
				}
			}
		}
	}
}

// same evaluates both forms of an alert on random data, and returns how often anything fired.
func same(t *testing.T, r *plan.Rule, m managedRule) (fired, quiet int) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, uint64(len(r.Alert.Name))))
	now := time.Unix(1_700_000_000, 0)
	for try := range 12 {
		var data engine.Memory
		fill(&data, rnd, r, now, try)
		rs, err := data.Query(t.Context(), r.Source.Text(), now)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, x := range rs {
			want = append(want, x.Labels.DropReserved(func(n string) bool { return n == "__name__" }).String())
		}
		if rs, err = data.Query(t.Context(), m.Data[0].Model.Expr, now); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range rs {
			if m.holds(t, x.Value) {
				got = append(got, x.Labels.DropReserved(func(n string) bool { return n == "__name__" }).String())
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -Prometheus +Grafana:\n%s", r.Alert.Name, diff)
		}
		if len(want) > 0 {
			fired++
		} else {
			quiet++
		}
	}
	return fired, quiet
}

// fill makes series of every metric that a rule reads: few, or none, of any size.
func fill(to *engine.Memory, rnd *rand.Rand, r *plan.Rule, now time.Time, try int) {
	size := math.Pow(10, float64(try%6)-3)
	for _, m := range r.Metrics {
		if rnd.IntN(6) == 0 {
			continue // it is not there
		}
		seen := map[string]bool{}
		for range 3 {
			ls := map[string]string{"job": "mockforge", "instance": fmt.Sprint("i", rnd.IntN(3))}
			for _, l := range m.Labels {
				ls[l.Name] = fmt.Sprint("v", rnd.IntN(3))
				if l.Closed() {
					ls[l.Name] = l.Values[rnd.IntN(len(l.Values))]
				}
			}
			if key := fmt.Sprint(ls); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			step := size * rnd.ExpFloat64()
			write := func(name string, grows bool, step float64) {
				ls["__name__"] = name
				v := step
				for at := now.Add(-40 * time.Minute); !at.After(now); at = at.Add(time.Minute) {
					if grows {
						v += step * rnd.Float64() * 60
					} else {
						v = step * (0.5 + rnd.Float64())
						if !m.Range.IsZero() && !math.IsInf(m.Range.Max, 1) {
							v = m.Range.Min + rnd.Float64()*(m.Range.Max-m.Range.Min)
						}
					}
					to.Add(labels.FromMap(ls), at, v)
				}
			}
			switch m.Kind {
			case catalog.KindHistogram:
				write(m.Name+"_count", true, step)
				write(m.Name+"_sum", true, step*rnd.ExpFloat64())
				share := 0.0
				for i, b := range append(slices.Clone(m.Buckets), math.Inf(1)) {
					share = max(share, float64(i+1)/float64(len(m.Buckets)+1))
					ls["le"] = strconv.FormatFloat(b, 'g', -1, 64)
					write(m.Name+"_bucket", true, step*share)
				}
				delete(ls, "le")
			default:
				write(m.Name, m.Kind == catalog.KindCounter, step)
			}
		}
	}
}
