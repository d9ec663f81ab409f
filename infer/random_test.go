package infer_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/unit"
)

// world is data of a catalog in which series come and go, and how they are made.
type world struct {
	engine.Memory
	r       *rand.Rand
	targets []target
	// restless says that series end and begin again, sparse that many metrics have no series at all.
	restless, sparse bool
}

type target struct {
	job, instance string
	delay         time.Duration
}

// steps is how many scrapes there are of each target.
const steps = 120

// invent makes the data of a catalog and of rules over it.
func invent(c *catalog.Catalog, rules []rule, r *rand.Rand, round int) *world {
	w := &world{r: r, restless: r.IntN(4) > 0, sparse: r.IntN(4) == 0}
	for _, job := range []string{"app", "web", "db"}[:1+r.IntN(3)] {
		for _, instance := range []string{"a:9090", "b:9090", "c:9090"}[:1+r.IntN(3)] {
			w.targets = append(w.targets, target{job, instance, time.Duration(r.IntN(15)) * time.Second})
		}
	}
	if round%8 == 7 {
		return w // an empty store
	}
	for _, m := range c.Metrics() {
		if m.Group == external.Alerts {
			w.alerts(m)
			continue
		}
		for _, t := range w.targets {
			if r.IntN(8) > 0 && (!w.sparse || r.IntN(3) == 0) {
				w.expose(m, t)
			}
		}
	}
	for _, rule := range rules {
		w.record(rule)
	}
	return w
}

// expose writes the series that a target has of a metric, each by the labels of its own that chance gives it.
func (w *world) expose(m *catalog.Metric, t target) {
	seen := map[string]bool{}
	for range 1 + w.r.IntN(4) {
		b := labels.NewBuilder(labels.FromStrings("job", t.job, "instance", t.instance))
		for _, l := range m.Labels {
			if m.Group.OpenLabels && w.r.IntN(4) == 0 {
				continue // a label that not every series of the sample has
			}
			values := l.Values
			switch {
			case values != nil:
			case l.Pattern == `\d*`:
				values = []string{"200", ""}
			case l.Pattern != "":
				values = []string{"200", "503"}
			default:
				values = []string{"one", "two"}
			}
			b.Set(l.Name, values[w.r.IntN(len(values))])
		}
		if m.Group.OpenLabels && w.r.IntN(3) == 0 {
			b.Set("surprise", "x")
		}
		ls := b.Labels()
		if !seen[ls.String()] {
			seen[ls.String()] = true
			w.live(m, ls, t.delay)
		}
	}
}

// alerts writes a metric of alerts, which have the labels of their rules.
func (w *world) alerts(m *catalog.Metric) {
	for _, name := range []string{"Down", "Slow"} {
		for _, state := range []string{"pending", "firing"} {
			b := labels.NewBuilder(labels.FromStrings("alertname", name))
			if m == external.AlertsActive.Def() {
				b.Set("alertstate", state)
			}
			for _, l := range []string{"severity", "job", "instance", "zone"} {
				if w.r.IntN(2) == 0 {
					b.Set(l, "warning")
				}
			}
			w.live(m, b.Labels(), 0)
		}
	}
}

// live writes the samples of one set of labels: all series of a histogram come and go together.
func (w *world) live(m *catalog.Metric, ls labels.Labels, delay time.Duration) {
	s := w.source(m)
	alive, constant := w.r.IntN(4) > 0, w.r.IntN(6) == 0
	s.next()
	for step := range steps {
		at := start.Add(time.Duration(step)*engine.Step + delay)
		was := alive
		if w.restless && w.r.IntN(40) == 0 {
			alive = !alive
		}
		switch {
		case was && !alive && w.r.IntN(2) == 0:
			for _, x := range s.samples() {
				w.Add(named(ls, x.name, x.le), at, math.Float64frombits(value.StaleNaN))
			}
			continue
		case !alive, w.restless && w.r.IntN(40) == 0:
			continue // one scrape that failed
		}
		if !constant {
			s.next()
		}
		for _, x := range s.samples() {
			if x.h != nil {
				w.AddHistogram(named(ls, x.name, ""), at, x.h)
			} else {
				w.Add(named(ls, x.name, x.le), at, x.v)
			}
		}
	}
}

func named(ls labels.Labels, name, le string) labels.Labels {
	b := labels.NewBuilder(ls).Set(model.MetricNameLabel, name)
	if le != "" {
		b.Set(labels.BucketLabel, le)
	}
	return b.Labels()
}

// source makes the samples of one set of labels of a metric.
type source struct {
	m            *catalog.Metric
	r            *rand.Rand
	total, speed float64
	fractional   bool
	seen         []float64 // observations since the restart
	value        float64
	wild         bool // a gauge without a range that can be NaN and infinite
	threshold    float64
}

func (w *world) source(m *catalog.Metric) *source {
	return &source{m: m, r: w.r, speed: math.Floor(w.r.Float64() * 8), fractional: w.r.IntN(3) == 0,
		wild: w.r.IntN(3) == 0, threshold: []float64{1e-128, .001, 1}[w.r.IntN(3)]}
}

func (s *source) next() {
	if s.r.IntN(60) == 0 {
		s.total, s.seen = 0, nil // a restart
	}
	switch s.m.Kind {
	case catalog.KindCounter:
		by := s.r.Float64() * s.speed * 15
		if !s.fractional {
			by = math.Floor(by)
		}
		if s.m.PartOf == nil { // one that never counts keeps the promise to be a part
			s.total += by
		}
	case catalog.KindHistogram:
		for range s.r.IntN(int(s.speed) + 1) {
			s.seen = append(s.seen, s.observation())
		}
	default:
		s.value = s.gauge()
	}
}

// gauge returns a value that the metric can have.
func (s *source) gauge() float64 {
	m := s.m
	if n := len(m.States); n > 0 {
		return m.States[s.r.IntN(n)].Value
	}
	if s.wild && m.Range.IsZero() && s.r.IntN(4) == 0 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 1e9}[s.r.IntN(6)]
	}
	lo, hi := m.Range.Min, m.Range.Max
	if m.Range.IsZero() {
		lo, hi = math.Inf(-1), math.Inf(1)
	}
	lo, hi = max(lo, min(hi, 1)-100), min(hi, max(lo, 0)+100)
	switch s.r.IntN(6) {
	case 0:
		return lo
	case 1:
		return hi
	case 2:
		return min(hi, math.Ceil(lo))
	}
	return lo + math.Floor(s.r.Float64()*1000)/1000*(hi-lo)
}

// observation returns what a histogram can observe.
func (s *source) observation() float64 {
	lo, hi := -20.0, 20.0
	switch m := s.m; {
	case !m.Range.IsZero():
		lo, hi = max(m.Range.Min, -20), min(m.Range.Max, 200)
	case len(m.Buckets) > 0 && m.Buckets[0] > 0, m.Unit.IsDuration(), m.Unit.IsBytes():
		lo = 0
	}
	if lo <= 0 && hi >= 0 && s.r.IntN(5) == 0 {
		return 0
	}
	return lo + math.Floor(s.r.Float64()*1000)/1000*(hi-lo)
}

type exposed struct {
	name, le string
	v        float64
	h        *histogram.FloatHistogram
}

func (s *source) samples() []exposed {
	m := s.m
	switch m.Kind {
	case catalog.KindCounter:
		return []exposed{{name: m.Name, v: s.total}}
	case catalog.KindHistogram:
	default:
		return []exposed{{name: m.Name, v: s.value}}
	}
	var out []exposed
	if m.Classic() {
		sum := 0.0
		for _, bound := range append(slices.Clip(m.Buckets), math.Inf(1)) {
			n := 0.0
			for _, v := range s.seen {
				if v <= bound {
					n++
				}
			}
			out = append(out, exposed{name: m.Name + "_bucket", le: labels.FormatOpenMetricsFloat(bound), v: n})
		}
		for _, v := range s.seen {
			sum += v
		}
		out = append(out, exposed{name: m.Name + "_sum", v: sum}, exposed{name: m.Name + "_count", v: float64(len(s.seen))})
	}
	if m.IsNative() {
		out = append(out, exposed{name: m.Name, h: s.native()})
	}
	return out
}

// native returns the observations as a native histogram of buckets that double.
func (s *source) native() *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{ZeroThreshold: s.threshold, Count: float64(len(s.seen))}
	positive, negative := map[int]float64{}, map[int]float64{}
	for _, v := range s.seen {
		h.Sum += v
		switch {
		case math.Abs(v) <= s.threshold:
			h.ZeroCount++
		case v > 0:
			positive[int(math.Ceil(math.Log2(v)))]++
		default:
			negative[int(math.Ceil(math.Log2(-v)))]++
		}
	}
	h.PositiveSpans, h.PositiveBuckets = spans(positive)
	h.NegativeSpans, h.NegativeBuckets = spans(negative)
	return h
}

func spans(buckets map[int]float64) (out []histogram.Span, counts []float64) {
	next := 0
	for _, i := range slices.Sorted(maps.Keys(buckets)) {
		out = append(out, histogram.Span{Offset: int32(i - next), Length: 1})
		counts = append(counts, buckets[i])
		next = i + 1
	}
	return out, counts
}

// rule is a recording rule.
type rule struct{ name, expr, label, value string }

// record writes what a rule records, evaluated every minute.
func (w *world) record(rule rule) {
	before := map[string]labels.Labels{}
	for step := 4; step < steps; step += 4 {
		at := start.Add(time.Duration(step) * engine.Step)
		results, err := evaluate(context.Background(), w, rule.expr, at)
		if err != nil {
			continue // the rule fails
		}
		now := map[string]labels.Labels{}
		for _, s := range results {
			ls := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, rule.name).Set(rule.label, rule.value).Labels()
			if now[ls.String()].Len() > 0 {
				return // two series with one set of labels: the rule fails
			}
			now[ls.String()] = ls
			if s.H != nil {
				w.AddHistogram(ls, at, s.H)
			} else {
				w.Add(ls, at, s.F)
			}
		}
		for key, ls := range before {
			if _, ok := now[key]; !ok {
				w.Add(ls, at, math.Float64frombits(value.StaleNaN))
			}
		}
		before = now
	}
}

// generator writes random expressions over a catalog.
type generator struct {
	r *rand.Rand
	// names are the series of the catalog, natives those of native histograms; labels are what selectors and
	// groupings name, values what matchers do.
	names, natives, labels, values []string
	// recording says that the expression is one of a rule, which has no start and end.
	recording bool
}

var names = []string{
	"app_requests_total", "app_errors_total", "app_duration_seconds_bucket", "app_duration_seconds_sum", "app_duration_seconds_count",
	"app_native_seconds", "app_open", "app_memory_bytes", "app_mode", "up",
}

// fixed writes expressions over the catalog of this test.
func fixed(r *rand.Rand) *generator {
	return &generator{r: r, names: names, natives: []string{"app_native_seconds"}, labels: []string{"protocol", "status", "kind", "job", "instance", "le"},
		values: []string{"http", "grpc", "200", "5..", "app", "a:9090", "one", "", ".+", "http|ftp", "0.5"}}
}

// invented makes a catalog by chance, rules over it, and what writes expressions over both.
func invented(r *rand.Rand, round int) (*catalog.Catalog, []rule, *generator) {
	own := catalog.NewGroup("Invented", catalog.GroupSpec{Help: "I.", Owner: "nobody"})
	opened := catalog.NewGroup("Open", catalog.GroupSpec{Help: "O.", Owner: "nobody", OpenLabels: true})
	pool := []*catalog.LabelDef{
		{Name: "protocol", Values: []string{"http", "grpc", "ftp"}, Max: 3}, {Name: "zone", Values: []string{"eu", "us"}, Max: 2},
		{Name: "maybe", Values: []string{"yes", ""}, Max: 2}, {Name: "status", Pattern: `[1-5]\d\d`, Max: 9}, {Name: "code", Pattern: `\d*`, Max: 5},
		{Name: "path", Max: 4}, {Name: "kind", Max: 2},
	}
	g := &generator{r: r, labels: []string{"job", "instance", "le", "job", "instance", "le", pool[r.IntN(len(pool))].Name, []string{"nothing", "severity", "value"}[r.IntN(3)]},
		values: []string{"http", "grpc|ftp", "eu", "yes", "", ".*", ".+", "200", "5..", "one", "two|one", "app", "a:9090", "1.0", "+Inf", "(a|b).*"}}
	units := []unit.Unit{unit.Seconds, unit.Bytes, unit.Ratio, unit.Percent, unit.Requests, unit.Timestamp, unit.One, unit.Milliseconds, unit.Celsius}
	ranges := []catalog.Range{{}, {}, catalog.AtLeast(0), {Min: 0, Max: 1}, {Min: -10, Max: 10}, {Min: 5, Max: 100}, {Min: -3, Max: -1}}
	for i := range 8 {
		group := own
		if r.IntN(8) == 0 {
			group = opened
		}
		var ls []*catalog.LabelDef
		for _, j := range r.Perm(len(pool))[:r.IntN(3)] {
			ls = append(ls, pool[j])
			g.labels = append(g.labels, pool[j].Name)
		}
		name := fmt.Sprintf("m%d_%d", round, i)
		spec := catalog.Spec{Help: "M.", Unit: units[r.IntN(len(units))]}
		switch kind := r.IntN(8); kind {
		case 0, 1:
			name += "_total"
			catalog.Declare(group, catalog.KindCounter, name, ls, spec)
			g.names = append(g.names, name)
		case 2, 3, 4:
			if kind != 4 {
				spec.Buckets = [][]float64{{.5, 1, 5}, {1}, {.001, 10, 1e6}, {2, 4, 8, 16}, {-5, 0, 5}, {0, 10}}[r.IntN(6)]
				g.names = append(g.names, name+"_bucket", name+"_bucket", name+"_sum", name+"_count")
			}
			if kind != 2 {
				spec.Native = 1.1
				g.names, g.natives = append(g.names, name), append(g.natives, name)
			}
			if r.IntN(3) == 0 && (len(spec.Buckets) == 0 || spec.Buckets[0] > 0) && !spec.Unit.IsDuration() {
				spec.Range = ranges[r.IntN(len(ranges))]
			}
			if len(spec.Buckets) > 0 && spec.Buckets[0] > 0 && spec.Range.Min < 0 {
				spec.Range = catalog.Range{}
			}
			catalog.Declare(group, catalog.KindHistogram, name, ls, spec)
		case 5:
			spec.Unit, spec.Range = unit.State, catalog.Range{Min: 0, Max: 3}
			spec.States = []catalog.State{{Value: 0, Name: "well"}, {Value: 1, Name: "ill"}, {Value: 3, Name: "dead"}}
			if r.IntN(2) == 0 {
				spec.States, spec.Range.Max = spec.States[:2], 1
			}
			catalog.Declare(group, catalog.KindGauge, name, ls, spec)
			g.names = append(g.names, name)
		default:
			spec.Range = ranges[r.IntN(len(ranges))]
			catalog.Declare(group, catalog.KindGauge, name, ls, spec)
			g.names = append(g.names, name)
		}
	}
	g.names = append(g.names, "up")
	groups := []*catalog.Group{own, opened, external.Scrape}
	if r.IntN(3) == 0 {
		groups = append(groups, external.Alerts)
		g.names = append(g.names, "ALERTS", "ALERTS_FOR_STATE")
	}
	if r.IntN(4) == 0 {
		groups = append(groups, external.Process)
		g.names = append(g.names, "process_start_time_seconds", "process_cpu_seconds_total", "process_open_fds", "process_max_fds")
	}
	c := catalog.New("invented", catalog.CatalogSpec{Groups: groups})
	var rules []rule
	g.recording = true
	for i := range 3 {
		name := fmt.Sprintf("r%d:%d", round, i)
		if i == 2 && r.IntN(2) == 0 {
			name = rules[0].name
		}
		rules = append(rules, rule{name: name, expr: g.vector(2), label: g.pick("part", "job", "zone"), value: g.pick("x", "eu", "")})
		g.names = append(g.names, name)
	}
	g.recording = false
	return c, rules, g
}

func (g *generator) pick(ss ...string) string { return ss[g.r.IntN(len(ss))] }

// odds reports one chance in n.
func (g *generator) odds(n int) bool { return g.r.IntN(n) == 0 }

func (g *generator) selector() string {
	name := g.pick(g.names...)
	if len(g.natives) > 0 && g.odds(6) {
		name = g.pick(g.natives...)
	}
	return g.selected(name)
}

// selected writes a selector of a name, in one of the forms that there are.
func (g *generator) selected(name string) string {
	var ms []string
	for g.odds(4) && len(ms) < 3 {
		ms = append(ms, g.label()+g.pick("=", "!=", "=~", "!~")+`"`+g.pick(g.values...)+`"`)
	}
	switch g.r.IntN(14) {
	case 0:
		ms, name = append(ms, `__name__="`+name+`"`), ""
	case 1:
		ms, name = append(ms, `__name__=~"`+name+"|"+g.pick(g.names...)+`"`), ""
	case 2:
		ms, name = append([]string{`"` + name + `"`}, ms...), ""
	}
	if len(ms) > 0 {
		return name + "{" + strings.Join(ms, ", ") + "}"
	}
	return name
}

// moment writes the modifiers of a selector or subquery.
func (g *generator) moment() string {
	var out string
	if g.odds(12) {
		out += " offset " + g.pick("2m", "-1m", "30s", "(1m + 30s)", "(step() - 1m)", "-(2m)", "20m", "(max_of(1m, 2m))")
	}
	if g.odds(16) {
		out += " @ " + g.pick("start()", "end()", "1700000900", "1700000000", "1800000000")
		if g.recording {
			return ""
		}
	}
	return out
}

func (g *generator) label() string { return g.pick(g.labels...) }

// labelNames writes a list of labels.
func (g *generator) labelNames() string {
	var out []string
	for range []int{0, 1, 1, 1, 2, 3}[g.r.IntN(6)] {
		out = append(out, g.label())
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func (g *generator) window() string {
	return g.pick("5m", "10m", "5m", "10m", "1m", "30s", "20m", "5m + 1m", "max_of(1m, 5m)", "step() + 5m", "range() + 3m", "2m * 2")
}

func (g *generator) matrix(depth int) string {
	if depth > 0 && g.odds(4) {
		return "(" + g.vector(depth-1) + ")[" + g.window() + ":" + g.pick("1m", "1m", "15s", "", "2m", "7s + 8s") + "]" + g.moment()
	}
	s := g.selector()
	return s + "[" + g.window() + "]" + g.pick("", "", "", "", "", " anchored", " smoothed") + g.moment()
}

func (g *generator) scalar(depth int) string {
	switch {
	case depth <= 0 || g.odds(3):
		return g.pick("0", "1", "2", "0.5", "-1", "100", "NaN", "Inf", "time()", "-Inf", "-0", "3", "-2", "0.95", "1e6", "pi()", "range()", "step()", "start()", "end()")
	case g.odds(6):
		return g.pick("min_of", "max_of") + "(" + g.scalar(depth-1) + ", " + g.scalar(depth-1) + ")"
	case g.odds(8):
		return "-(" + g.scalar(depth-1) + ")"
	case g.odds(10):
		return "(" + g.scalar(depth-1) + g.pick(" == ", " != ", " > ", " <= ") + "bool " + g.scalar(depth-1) + ")"
	case g.odds(2):
		return "scalar(" + g.vector(depth-1) + ")"
	}
	return "(" + g.scalar(depth-1) + g.pick(" + ", " - ", " * ", " / ", " % ", " ^ ", " atan2 ") + g.scalar(depth-1) + ")"
}

func (g *generator) grouping() string {
	switch g.r.IntN(3) {
	case 0:
		return ""
	case 1:
		return " by " + g.labelNames() + " "
	}
	return " without " + g.labelNames() + " "
}

var functions = slices.Sorted(maps.Keys(parser.Functions))

func (g *generator) vector(depth int) string {
	if depth <= 0 {
		return g.selector() + g.moment()
	}
	switch g.r.IntN(13) {
	case 0:
		return g.selector() + g.moment()
	case 1, 2:
		return g.pick("sum", "min", "max", "avg", "count", "group", "stddev", "stdvar") + g.grouping() + "(" + g.vector(depth-1) + ")"
	case 3:
		switch g.r.IntN(4) {
		case 0:
			return "quantile" + g.grouping() + "(" + g.scalar(1) + ", " + g.vector(depth-1) + ")"
		case 1:
			return "count_values" + g.grouping() + `("` + g.pick("value", g.label()) + `", ` + g.vector(depth-1) + ")"
		case 2:
			return "limit_ratio" + g.grouping() + "(" + g.pick("0.5", "-0.5", "1", "0", "2", g.scalar(1)) + ", " + g.vector(depth-1) + ")"
		}
		return g.pick("topk", "bottomk", "limitk") + g.grouping() + "(" + g.pick("1", "2", "0", "5", "1", g.scalar(1)) + ", " + g.vector(depth-1) + ")"
	case 4, 5, 6:
		return g.binary(depth, g.vector(depth-1), g.vector(depth-1))
	case 7:
		return "-(" + g.vector(depth-1) + ")"
	case 8, 9:
		if len(g.natives) == 0 {
			return g.call(depth)
		}
		return g.ofNative(depth)
	case 10:
		return g.share(depth)
	}
	return g.call(depth)
}

// binary writes a binary operator between two vectors, or one and a scalar.
func (g *generator) binary(depth int, left, right string) string {
	op := g.pick("+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "</", ">/",
		"> bool", "== bool", "!= bool", "< bool", ">= bool", "<= bool", "and", "or", "unless", "or", "/", "-", ">", "<")
	set := op == "and" || op == "or" || op == "unless"
	matching := ""
	switch g.r.IntN(4) {
	case 0:
		matching = " " + g.pick("on", "ignoring") + g.labelNames()
		if !set && g.odds(2) {
			matching += " " + g.pick("group_left", "group_right") + g.labelNames()
		}
	case 1:
		switch {
		case set:
		case g.odds(2):
			return "(" + left + ") " + op + " " + g.scalar(depth-1)
		default:
			return g.scalar(depth-1) + " " + op + " (" + right + ")"
		}
	}
	if !set && g.odds(4) {
		matching += " " + g.pick("fill", "fill_left", "fill_right", "fill_left(2) fill_right") + "(" + g.pick("0", "1", "-1", "NaN", "Inf", "5") + ")"
	}
	return "(" + left + ") " + op + matching + " (" + right + ")"
}

// native writes an expression of native histograms.
func (g *generator) native(depth int) string {
	s := g.selected(g.pick(g.natives...))
	if depth <= 0 || g.odds(4) {
		return s + g.moment()
	}
	inner := g.native(depth - 1)
	switch g.r.IntN(9) {
	case 0, 1:
		return g.pick("rate", "irate", "increase", "delta", "idelta", "avg_over_time", "sum_over_time", "last_over_time", "first_over_time") +
			"(" + s + "[" + g.window() + "]" + g.moment() + ")"
	case 2:
		if g.odds(3) {
			return g.pick("sum_over_time", "rate", "increase", "last_over_time", "avg_over_time") + "((" + inner + ")[5m:1m])"
		}
		return g.pick("sum", "avg", "sum", "group", "count") + g.grouping() + "(" + inner + ")"
	case 3:
		return "-(" + inner + ")"
	case 4:
		return "(" + inner + ") " + g.pick("*", "/", "</", ">/") + " " + g.scalar(1)
	case 5:
		return g.scalar(1) + " * (" + inner + ")"
	case 6:
		return "(" + inner + ") " + g.pick("+", "-", "==", "!=") + " (" + g.native(depth-1) + ")"
	case 7:
		return "(" + inner + ") or (" + g.vector(depth-1) + ")"
	}
	return g.binary(depth, inner, g.pick(g.vector(depth-1), g.native(depth-1)))
}

// ofNative writes a number that is made of native histograms.
func (g *generator) ofNative(depth int) string {
	h := g.native(depth - 1)
	switch g.r.IntN(5) {
	case 0:
		return "histogram_quantile(" + g.pick("0.9", "0", "1", "0.5", g.scalar(1)) + ", " + h + ")"
	case 1:
		return "histogram_fraction(" + g.scalar(1) + ", " + g.scalar(1) + ", " + h + ")"
	case 2:
		return h
	}
	return g.pick("histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar") + "(" + h + ")"
}

// share writes one of a metric's series over all of them, and other forms that people write.
func (g *generator) share(depth int) string {
	name := g.pick(g.names...)
	m := g.label() + g.pick("=", "!=", "=~") + `"` + g.pick(g.values...) + `"`
	by := g.grouping()
	fn := func(s string) string {
		if strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_bucket") || strings.HasSuffix(name, "_count") {
			return "rate(" + s + "[5m])"
		}
		return s
	}
	part, whole := fn(name+"{"+m+"}"), fn(name)
	switch g.r.IntN(14) {
	case 8:
		return part + g.comparison() + g.pick("and", "unless", "and ignoring"+g.labelNames(), "and on"+g.labelNames()) + " " + part + g.comparison()
	case 9:
		return "clamp(" + whole + ", " + g.scalar(1) + ", " + g.scalar(1) + ")"
	case 10:
		return "time() - timestamp(" + g.pick(whole, g.selector(), g.selector()+" offset 1m") + ")"
	case 11:
		return "count" + by + "(" + part + g.comparison() + ")" + g.comparison()
	case 12:
		return "double_exponential_smoothing(" + g.matrix(0) + ", " + g.scalar(0) + ", " + g.scalar(0) + ")"
	case 13:
		return "histogram_quantile(" + g.scalar(0) + ", sum " + by + "(rate(" + name + "{" + m + "}[5m])))"
	case 0:
		return "sum" + by + "(" + part + ") / sum" + by + "(" + whole + ")"
	case 1:
		return "sum" + by + "(" + part + ") / sum" + g.grouping() + "(" + whole + ") " + g.pick("==", ">", "<", ">=", "!=") + " " + g.pick("0", "1", "0.5", "2", "-1")
	case 2:
		return part + " / " + whole
	case 3:
		return "1 - sum" + by + "(" + part + ") / sum" + by + "(" + whole + ")"
	case 4:
		return "(" + "sum" + by + "(" + part + ") or sum" + by + "(" + whole + ") * 0) / sum" + by + "(" + whole + ")"
	case 5:
		return "absent(" + g.pick(g.vector(depth-1), g.selector()) + ")"
	case 6:
		return "absent_over_time(" + g.matrix(depth-1) + ")"
	}
	return "count" + by + "(" + part + ") " + g.pick("-", "/", "==", "<", ">=") + " count" + by + "(" + whole + ")"
}

func (g *generator) comparison() string {
	return g.pick(" > ", " < ", " == ", " >= ", " <= ", " != ") + g.pick("0", "1", "2", "0.5", "-1", "NaN", "100", "(1 - 1)") + " "
}

func (g *generator) call(depth int) string {
	f := parser.Functions[g.pick(functions...)]
	switch f.Name {
	case "label_replace":
		return fmt.Sprintf(`label_replace(%s, "%s", "%s", "%s", "%s")`, g.vector(depth-1), g.pick(g.label(), "new", "__name__"), g.pick("$1", "x", "", "${1}", "$1-$2", "$n", "x$1"),
			g.pick(g.label(), "__name__", "new"), g.pick("(.*)", "h(.*)", ".*", "(?P<n>.*)", "(.+)", "(.*):(.*)", "", "(a|.*b)", "[", "(.)(.*)"))
	case "label_join":
		more := ""
		for range g.r.IntN(3) {
			more += `, "` + g.pick(g.label(), "__name__") + `"`
		}
		return fmt.Sprintf(`label_join(%s, "%s", "%s"%s)`, g.vector(depth-1), g.pick(g.label(), "new", "__name__"), g.pick("-", "", ","), more)
	case "sort_by_label", "sort_by_label_desc":
		return fmt.Sprintf(`%s(%s, "%s")`, f.Name, g.vector(depth-1), g.label())
	case "histogram_quantiles":
		return fmt.Sprintf(`histogram_quantiles(%s, "%s", %s, 0.9)`, g.vector(depth-1), g.pick("q", "le", g.label()), g.pick("0.5", "0", "-1", "1"))
	case "info":
		if g.odds(2) {
			return "info(" + g.vector(depth-1) + ")"
		}
		return "info(" + g.vector(depth-1) + `, {__name__="` + g.pick(g.names...) + `"})`
	}
	var args []string
	for i, a := range f.ArgTypes {
		if f.Variadic != 0 && i >= len(f.ArgTypes)-1 && g.odds(2) {
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
	call := f.Name + "(" + strings.Join(args, ", ") + ")"
	if f.ReturnType == parser.ValueTypeScalar {
		return "vector(" + call + ")"
	}
	return call
}
