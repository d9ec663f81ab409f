package simulate

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"
)

// source is what a proof may change: a series, or the series of a classic histogram, which go together.
type source struct {
	name   string // of the series, or of the histogram
	labels labels.Labels
	bounds []float64 // of the buckets below +Inf; nil: no histogram
	shapes []shape   // the first is the usual one
	partOf string    // the name of the counter that it is a part of
}

// shape is how a source goes on while a phase lasts.
type shape struct {
	text string
	rate float64 // of a counter, a second; NaN where it restarts
	// level is what the shape is made of: a rate, a value, a size. at returns the like of another level; nil: there is none.
	level float64
	at    func(level float64) shape
	// next moves the values of the series one sample on; i counts the samples of the phase. It returns false where there is none.
	next func(i int, step time.Duration, v []float64) bool
	// below says that values go below 0.
	below bool
}

// series are the series of a source: for a histogram its buckets, its count and its sum.
func (s *source) series() []labels.Labels {
	with := func(name string, le string) labels.Labels {
		b := labels.NewBuilder(s.labels)
		b.Set(model.MetricNameLabel, name)
		if le != "" {
			b.Set(labels.BucketLabel, le)
		}
		return b.Labels()
	}
	if s.bounds == nil {
		return []labels.Labels{with(s.name, "")}
	}
	var out []labels.Labels
	for _, bound := range s.bounds {
		out = append(out, with(s.name+"_bucket", number(bound)))
	}
	return append(out, with(s.name+"_bucket", "+Inf"), with(s.name+"_count", ""), with(s.name+"_sum", ""))
}

func (s *source) String() string { return s.name + s.labels.String() }

// number writes a number without an exponent where it can be read so.
func number(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e15) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

var (
	counterName = regexp.MustCompile(`_(total|bucket)$`) // _sum and _count where they are rated
	badName     = regexp.MustCompile(`(?i)error|fail|reject|drop|timeout|panic|throttl|exceed|violat|dead|lost`)
	labelOf     = regexp.MustCompile(`\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)`)
)

// selection is a selector of a raw series.
type selection struct {
	name     string
	matchers []*labels.Matcher // without those of the name and of le
	counter  bool
}

// sourcesOf returns what expressions read, but for the series that rules record: one source for each selector, with label
// values that its matchers accept and that differ from those which other selectors of the metric ask for, so that a part and
// its whole can be told apart.
// With spread all have the labels that any matcher names, which is how a part of a metric matches another metric one to one;
// without it only those of their own metric. A metric that is known has the labels that it has.
func sourcesOf(exprs []parser.Expr, texts []string, recorded map[string]bool, spread bool, known func(string) (Metric, bool)) []*source {
	var selections []selection
	var consts []float64
	var les []float64
	shared := map[string]bool{"job": true, "instance": true}
	several := false
	for _, e := range exprs {
		parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
			switch x := n.(type) {
			case *parser.NumberLiteral:
				if x.Val > 0 && !math.IsInf(x.Val, 0) && !slices.Contains(consts, x.Val) {
					consts = append(consts, x.Val)
				}
			case *parser.AggregateExpr:
				switch x.Op {
				case parser.COUNT, parser.COUNT_VALUES, parser.STDDEV, parser.STDVAR:
					several = true
				}
				if !x.Without {
					share(shared, x.Grouping)
				}
			case *parser.BinaryExpr:
				if x.VectorMatching != nil && x.VectorMatching.On {
					share(shared, x.VectorMatching.MatchingLabels)
				}
				if x.VectorMatching != nil {
					share(shared, x.VectorMatching.Include)
				}
			case *parser.VectorSelector:
				if s, le := selected(x, path); s.name != "" && !recorded[s.name] {
					selections = append(selections, s)
					les = append(les, le...)
				}
			}
			return nil
		})
	}
	for _, t := range texts {
		for _, m := range labelOf.FindAllStringSubmatch(t, -1) {
			share(shared, m[1:])
		}
	}
	usual := map[string]string{"job": "app", "instance": "app:9090"}
	of := map[string][]*labels.Matcher{} // by metric
	for _, s := range selections {
		for _, m := range s.matchers {
			of[s.name] = append(of[s.name], m)
			if spread {
				share(shared, []string{m.Name})
			}
			if _, ok := usual[m.Name]; m.Type == labels.MatchEqual && m.Value != "" && (!ok || usual[m.Name] == "app") {
				usual[m.Name] = m.Value
			}
		}
	}
	histograms := map[string]bool{}
	for _, s := range selections {
		if base, ok := strings.CutSuffix(s.name, "_bucket"); ok {
			histograms[base] = true
		}
	}
	var out []*source
	for _, s := range selections {
		b := labels.NewScratchBuilder(0)
		names := maps.Clone(shared)
		for _, m := range of[s.name] {
			names[m.Name] = true
		}
		var metric Metric
		if known != nil {
			var ok bool
			if metric, ok = known(s.name); ok {
				maps.DeleteFunc(names, func(name string, _ bool) bool { return name != "job" && name != "instance" })
				for name := range metric.Labels {
					names[name] = true
				}
			}
		}
		for name := range names {
			if v := labelValue(name, s.matchers, of[s.name], usual, metric.Labels[name]); v != "" {
				b.Add(name, v)
			}
		}
		b.Sort()
		src := &source{name: s.name, labels: b.Labels(), partOf: metric.PartOf}
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base, ok := strings.CutSuffix(s.name, suffix); ok && histograms[base] {
				src.name, src.bounds = base, boundsFor(consts, les)
			}
		}
		if slices.ContainsFunc(out, func(o *source) bool { return o.String() == src.String() }) {
			continue
		}
		switch {
		case src.bounds != nil:
			src.shapes = histogramShapes(src.bounds, consts)
		case s.counter:
			src.shapes = counterShapes(consts, badName.MatchString(s.name))
		default:
			src.shapes = gaugeShapes(consts, badName.MatchString(s.name))
		}
		out = append(out, src)
	}
	if several { // a second instance, that usually is not there
		for _, s := range slices.Clone(out) {
			b := labels.NewBuilder(s.labels)
			b.Set("instance", "app:9091")
			second := &source{s.name, b.Labels(), s.bounds, append([]shape{gone}, s.shapes[:len(s.shapes)-1]...), s.partOf}
			if !slices.ContainsFunc(out, func(o *source) bool { return o.String() == second.String() }) {
				out = append(out, second)
			}
		}
	}
	return out
}

func share(shared map[string]bool, names []string) {
	for _, n := range names {
		if n != labels.BucketLabel && n != model.AlertNameLabel && n != model.MetricNameLabel {
			shared[n] = true
		}
	}
}

// selected returns what a selector selects, and the bounds of buckets that it names.
func selected(x *parser.VectorSelector, path []parser.Node) (s selection, le []float64) {
	for _, m := range x.LabelMatchers {
		switch {
		case m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual:
			s.name = m.Value
		case m.Name == model.MetricNameLabel:
			s.name = accepted(m)
		case m.Name == labels.BucketLabel:
			if v, err := strconv.ParseFloat(m.Value, 64); err == nil && !math.IsInf(v, 0) {
				le = append(le, v)
			}
		default:
			s.matchers = append(s.matchers, m)
		}
	}
	s.counter = counterName.MatchString(s.name)
	for _, n := range path {
		if c, ok := n.(*parser.Call); ok {
			switch c.Func.Name {
			case "rate", "irate", "increase", "resets":
				s.counter = true
			case "delta", "idelta", "deriv", "predict_linear", "changes":
				s.counter = false // they are for gauges, whatever the name says
			}
		}
	}
	return s, le
}

// labelValue is the value of a label in a source: one that its own matchers accept, or that the matchers of others refuse.
func labelValue(name string, own, all []*labels.Matcher, usual map[string]string, closed []string) string {
	of := func(ms []*labels.Matcher) (out []*labels.Matcher) {
		for _, m := range ms {
			if m.Name == name {
				out = append(out, m)
			}
		}
		return out
	}
	mine, others := of(own), of(all)
	candidates := []string{}
	if v := usual[name]; v != "" {
		candidates = append(candidates, v)
	}
	for _, m := range append(slices.Clone(mine), others...) {
		candidates = append(candidates, accepted(m), m.Value)
	}
	candidates = append(candidates, "one", "other", "200", "500", "")
	if closed != nil {
		candidates = closed
		if slices.Contains(closed, usual[name]) {
			candidates = append([]string{usual[name]}, closed...)
		}
	}
	for _, v := range candidates {
		good := !slices.ContainsFunc(mine, func(m *labels.Matcher) bool { return !m.Matches(v) })
		if len(mine) == 0 && len(others) > 0 {
			good = !slices.ContainsFunc(others, func(m *labels.Matcher) bool { return m.Matches(v) })
		}
		if good {
			return v
		}
	}
	return candidates[0]
}

// accepted returns a value that a matcher accepts, as far as it can be told.
func accepted(m *labels.Matcher) string {
	switch m.Type {
	case labels.MatchEqual:
		return m.Value
	case labels.MatchRegexp:
		if re, err := syntax.Parse(m.Value, syntax.Perl); err == nil {
			return sentence(re.Simplify())
		}
	}
	return "one"
}

// sentence returns a text that a regular expression matches.
func sentence(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		for _, r := range "0a-A_" {
			for i := 0; i+1 < len(re.Rune); i += 2 {
				if re.Rune[i] <= r && r <= re.Rune[i+1] {
					return string(r)
				}
			}
		}
		if len(re.Rune) > 0 {
			return string(re.Rune[0])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return sentence(re.Sub[0])
	case syntax.OpStar:
		if re.Sub[0].Op == syntax.OpAnyCharNotNL || re.Sub[0].Op == syntax.OpAnyChar {
			return "x"
		}
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(sentence(sub))
		}
		return b.String()
	}
	return ""
}

// boundsFor returns bounds of buckets: usual ones, those that are named, and some around each constant.
func boundsFor(consts, les []float64) []float64 {
	out := append([]float64{0.005, 0.05, 0.5, 5}, les...)
	for _, c := range consts {
		out = append(out, c/2, c, 2*c)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var gone = shape{text: "no samples", next: func(int, time.Duration, []float64) bool { return false }}

// counterShapes are the ways of a counter; of errors and the like the usual one is none.
func counterShapes(consts []float64, bad bool) []shape {
	rates := []float64{1, 0}
	if bad {
		rates = []float64{0, 1}
	}
	for _, c := range consts {
		rates = append(rates, 2*c, c/2)
	}
	rates = append(rates, 100, 0.01, 1e4, 1e7)
	var out []shape
	for _, r := range distinct(rates) {
		out = append(out, counting(r))
	}
	return append(out, shape{text: "a restart with each sample", rate: math.NaN(), next: func(i int, _ time.Duration, v []float64) bool {
		v[0] = float64(1 + (i+1)%2)
		return true
	}}, gone)
}

// counting is a counter of so many a second.
func counting(r float64) shape {
	return shape{text: number(r) + " a second", rate: r, level: r, at: counting, next: func(_ int, step time.Duration, v []float64) bool {
		v[0] += r * step.Seconds()
		return true
	}}
}

// steady is a gauge of a value.
func steady(l float64) shape {
	return shape{text: number(l), below: l < 0, level: l, at: steady, next: func(_ int, _ time.Duration, v []float64) bool {
		v[0] = l
		return true
	}}
}

func gaugeShapes(consts []float64, bad bool) []shape {
	levels := []float64{1, 0}
	if bad {
		levels = []float64{0, 1}
	}
	for _, c := range consts {
		levels = append(levels, 2*c, c/2, c)
	}
	levels = append(levels, 2, 3, 100, -1, 1e10, -1e10)
	var out []shape
	for _, l := range distinct(levels) {
		out = append(out, steady(l))
	}
	out = append(out, shape{text: "another value with each sample", next: func(_ int, step time.Duration, v []float64) bool {
		v[0] += step.Seconds()
		return true
	}})
	slopes := []float64{1000, -1000, 1e6, -1e6, 1e9}
	for _, c := range consts {
		slopes = append(slopes, 2*c, -2*c)
	}
	for _, by := range distinct(slopes) {
		out = append(out, shape{below: by < 0, text: "from one sample to the next more by " + number(by) + " a second", next: func(_ int, step time.Duration, v []float64) bool {
			v[0] += by * step.Seconds()
			return true
		}})
	}
	return append(out, shape{text: "1,000,000,000 and falling by 20,000 a second", next: func(i int, step time.Duration, v []float64) bool {
		v[0] = 1e9 - 2e4*step.Seconds()*float64(i)
		return true
	}}, gone)
}

// histogramShapes are how many observations a second come, and how long they are.
func histogramShapes(bounds, consts []float64) []shape {
	type way struct{ rate, size float64 }
	last := bounds[len(bounds)-1]
	ways := []way{{1, bounds[0]}, {1, 2 * last}, {1, last}, {0, 0}, {100, bounds[0]}, {100, 2 * last}, {1e4, bounds[0]}}
	for _, c := range consts {
		ways = append(ways, way{1, 2 * c}, way{1, c / 2})
	}
	var out []shape
	for _, w := range ways {
		out = append(out, observing(bounds, w.rate, w.size))
	}
	return append(out, gone)
}

// observing is a histogram of so many observations a second, each of a size.
func observing(bounds []float64, rate, size float64) shape {
	s := shape{text: fmt.Sprintf("%s a second, each of %s", number(rate), number(size)), level: size, next: func(_ int, step time.Duration, v []float64) bool {
		more := rate * step.Seconds()
		for i, bound := range bounds {
			if size <= bound {
				v[i] += more
			}
		}
		n := len(bounds)
		v[n] += more
		v[n+1] += more
		v[n+2] += more * size
		return true
	}}
	if rate == 0 {
		s.text = "none"
		return s
	}
	s.at = func(size float64) shape { return observing(bounds, rate, size) }
	return s
}

func distinct(list []float64) []float64 {
	var out []float64
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// phase is how long the sources go on in a way.
type phase struct {
	ways    []int // the shape of each source
	samples int
}

// samples are the samples of a series, one each step; NaN where there is none, and Prometheus's mark where it ends.
func samples(sources []*source, phases []phase, step time.Duration) map[string][]float64 {
	out := map[string][]float64{}
	for i, s := range sources {
		series := s.series()
		state := make([]float64, len(series))
		there := false
		for _, p := range phases {
			for k := range p.samples {
				ok := s.shapes[p.ways[i]].next(k, step, state)
				for j, ls := range series {
					v := state[j]
					switch {
					case !ok && there:
						v = math.Float64frombits(value.StaleNaN)
					case !ok:
						v = math.NaN()
					}
					out[ls.String()] = append(out[ls.String()], v)
				}
				there = ok
			}
		}
	}
	return out
}

// written is a series as people write it: with its name in front.
func written(ls labels.Labels) string {
	name := ls.Get(model.MetricNameLabel)
	if !model.LegacyValidation.IsValidMetricName(name) {
		return ls.String()
	}
	rest := labels.NewBuilder(ls).Del(model.MetricNameLabel).Labels()
	if rest.IsEmpty() {
		return name
	}
	return name + rest.String()
}

// notation writes samples in the notation of the engine's tests.
func notation(vs []float64) string {
	var out []string
	for i := 0; i < len(vs); {
		v, n := vs[i], 1
		switch {
		case value.IsStaleNaN(v):
			out = append(out, "stale")
		case math.IsNaN(v):
			for i+n < len(vs) && math.IsNaN(vs[i+n]) && !value.IsStaleNaN(vs[i+n]) {
				n++
			}
			out = append(out, "_x"+strconv.Itoa(n))
		case i+1 < len(vs) && !math.IsNaN(vs[i+1]):
			by := vs[i+1] - v
			for at := v + by; i+n < len(vs) && vs[i+n] == at; at += by {
				n++
			}
			switch {
			case n == 1:
				out = append(out, number(v))
			case by < 0:
				out = append(out, fmt.Sprintf("%s-%sx%d", number(v), number(-by), n-1))
			case by == 0:
				out = append(out, fmt.Sprintf("%sx%d", number(v), n-1))
			default:
				out = append(out, fmt.Sprintf("%s+%sx%d", number(v), number(by), n-1))
			}
		default:
			out = append(out, number(v))
		}
		i += n
	}
	return strings.Join(out, " ")
}
