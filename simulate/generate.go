package simulate

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/scenario"
)

// The marks in a column: no sample at all, and Prometheus's mark where a series ends.
var (
	noSample = math.Float64frombits(value.StaleNaN + 1<<20)
	stale    = math.Float64frombits(value.StaleNaN)
)

func isNone(v float64) bool { return math.Float64bits(v) == value.StaleNaN+1<<20 }

// column is a series: its samples in a batch, one for each scrape of its target from the first that has one on.
type column struct {
	labels labels.Labels
	first  int // the number, in the batch, of the scrape of v[0]
	v      []float64
	h      []*histogram.Histogram // of a native histogram: where v has no mark
	native bool
	there  bool // in the last scrape
}

// put adds the sample of a scrape; not present means that the target did not expose the series.
func (c *column) put(present bool, v float64, h *histogram.Histogram) {
	switch {
	case present:
		c.there = true
	case c.there:
		v, c.there = stale, false
	case len(c.v) == 0: // of what is never there nothing is kept
		c.first++
		return
	default:
		v = noSample
	}
	c.v = append(c.v, v)
	if c.native {
		c.h = append(c.h, h)
	}
}

// target is one instance of the service: how it is scraped, and the families of metrics that it exposes.
type target struct {
	index    int
	instance string
	offset   time.Duration // of its scrapes within the interval
	families []*family
	scrapes  []*column // up and the like
	metrics  []*scenario.Metric
	times    []int64 // of the batch's scrapes, in milliseconds
	started  time.Duration
	jitter   *rand.Rand // of the times of scrapes
	taken    *rand.Rand // of how long they take
}

// visit is when Prometheus asks a target, and what it finds.
type visit struct {
	at        time.Duration // of the scenario's time, as it was due
	unix      int64         // in milliseconds, as it came
	reach     scenario.Reach
	restarted bool          // since the scrape before
	started   time.Duration // of the process
	changed   bool          // a phase began or ended since the scrape before
	daily     float64       // the traffic of the hour, by its mean
}

// Generator makes the samples of a scenario, scrape after scrape. The same scenario and seed give the same samples, wherever
// they are made.
type Generator struct {
	data     *scenario.Data
	scenario *scenario.Resolved
	begin    time.Time     // of the scenario; the usual data come before
	step     time.Duration // between scrapes
	next     int           // the number of the next scrape, from the first of the usual data on
	before   time.Duration
	targets  []*target
	ends     []time.Duration // at which phases begin or end, sorted
}

// NewGenerator returns a generator of a scenario that begins at a moment, after so much of usual data; 0: as much as the
// scenario says. It returns an error where the data name a metric or a label that they do not have.
func NewGenerator(d *scenario.Data, name string, begin time.Time, before time.Duration, seed uint64) (*Generator, error) {
	i := slices.IndexFunc(d.Scenarios, func(r scenario.Resolved) bool { return r.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no scenario %s", name)
	}
	own := d.Scenarios[i]
	g := &Generator{data: d, scenario: &own, begin: begin, step: time.Duration(d.Scrape), before: before}
	if before == 0 {
		g.before = time.Duration(g.scenario.Before)
	}
	if g.step <= 0 {
		return nil, fmt.Errorf("the interval between scrapes is %s", g.step)
	}
	own.Phases = slices.Clone(own.Phases)
	for i, p := range own.Phases {
		if p.For == 0 { // to the end, and not beyond
			own.Phases[i].For = own.Lasts - p.From + d.Scrape
		}
	}
	for _, p := range g.scenario.Phases {
		g.ends = append(g.ends, time.Duration(p.From), time.Duration(p.From+p.For))
	}
	slices.Sort(g.ends)
	g.ends = slices.Compact(g.ends)
	for n, instance := range d.Targets {
		t, err := g.target(n, instance, seed)
		if err != nil {
			return nil, err
		}
		g.targets = append(g.targets, t)
	}
	return g, nil
}

// seedOf makes a seed of names, so that one series does not depend on which others there are.
func seedOf(seed uint64, names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, n := range names {
		h.Write([]byte(n))
		h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func (g *Generator) target(n int, instance string, seed uint64) (*target, error) {
	r := seedOf(seed, g.data.Job, instance)
	t := &target{index: n, instance: instance, offset: time.Duration(r.Int64N(int64(g.step))).Truncate(time.Millisecond), jitter: r, taken: seedOf(seed, g.data.Job, instance, "scrape")}
	t.started = -g.before - time.Duration(1+r.IntN(20))*time.Hour
	byName := map[string]*node{}
	var nodes []*node
	for i := range g.data.Metrics {
		m := &g.data.Metrics[i]
		if m.Scrape {
			t.metrics = append(t.metrics, m)
			t.scrapes = append(t.scrapes, &column{labels: g.labels(m.Name, instance, nil)})
			continue
		}
		nd := g.node(m, instance, seed)
		byName[m.Name] = nd
		nodes = append(nodes, nd)
	}
	for _, u := range g.scenario.Usual {
		nd := byName[u.Metric]
		if nd == nil {
			continue // of the scrape
		}
		if u.With != "" {
			nd.parentName, nd.with = u.With, true
		}
	}
	for _, nd := range nodes {
		if nd.parentName == "" {
			continue
		}
		if nd.parent = byName[nd.parentName]; nd.parent == nil {
			return nil, fmt.Errorf("%s counts events of %s, of which the scenarios know nothing", nd.metric.Name, nd.parentName)
		}
		nd.parent.children = append(nd.parent.children, nd)
	}
	placed := map[*node]bool{}
	for _, nd := range nodes {
		if nd.parent != nil {
			continue
		}
		f := &family{}
		var place func(*node)
		place = func(n *node) {
			placed[n] = true
			f.nodes = append(f.nodes, n)
			for _, c := range n.children {
				c.group()
				place(c)
			}
		}
		place(nd)
		t.families = append(t.families, f)
	}
	for _, nd := range nodes {
		if !placed[nd] {
			return nil, fmt.Errorf("%s is a part of itself", nd.metric.Name)
		}
	}
	return t, nil
}

func (g *Generator) labels(name, instance string, of map[string]string, more ...string) labels.Labels {
	b := labels.NewScratchBuilder(4 + len(of))
	b.Add(model.MetricNameLabel, name)
	b.Add("job", g.data.Job)
	b.Add("instance", instance)
	for k, v := range of {
		b.Add(k, v)
	}
	for i := 0; i+1 < len(more); i += 2 {
		b.Add(more[i], more[i+1])
	}
	b.Sort()
	return b.Labels()
}

// family is a counter with those that count parts of its events, or one other metric.
type family struct{ nodes []*node }

// node is a metric of a target.
type node struct {
	metric     *scenario.Metric
	cells      []*cell
	parentName string
	parent     *node
	with       bool // counts each of the parent's events, not a part
	children   []*node
	groups     [][]int // of a child: its cells by the group of the parent's
	of         []int   // of a child: the group of each of the parent's cells
	sums       []int   // of the parent's events, by group
	edges      []float64
	means      []float64
	classic    []int // the edge at which each classic bucket ends
	spans      []int32
	schema     int32
	rand       *rand.Rand
	seconds    float64 // of the last scrape
}

// cell is one combination of a metric's label values.
type cell struct {
	values  map[string]string
	columns []*column // a histogram's buckets, then count and sum, then the native one
	params
	events int     // of the last scrape
	total  float64 // of a counter
	counts []int   // of a histogram, by edge
	sum    float64
	seen   bool    // the process has made the series
	drift  float64 // of a gauge: how far noise has it
	probs  []float64
	median float64
	spread float64
}

// params are what the models say of a cell at a time.
type params struct {
	rate, share, weight, level, slope, noise, med, spr float64
	begun, aged                                        bool
	since                                              time.Duration // of the slope; math.MinInt64: the process's start
}

func (g *Generator) node(m *scenario.Metric, instance string, seed uint64) *node {
	n := &node{metric: m, parentName: m.PartOf, rand: seedOf(seed, g.data.Job, instance, m.Name)}
	sets := []map[string]string{{}}
	for _, l := range m.Labels {
		values := l.Values
		if vs := g.scenario.Values[m.Name][l.Name]; vs != nil {
			values = vs
		}
		var more []map[string]string
		for _, s := range sets {
			for _, v := range values {
				with := map[string]string{l.Name: v}
				for k, x := range s {
					with[k] = x
				}
				more = append(more, with)
			}
		}
		sets = more
	}
	n.prepare()
	for _, s := range sets {
		c := &cell{values: s}
		add := func(name string, more ...string) {
			c.columns = append(c.columns, &column{labels: g.labels(name, instance, s, more...)})
		}
		if m.Kind != catalog.KindHistogram {
			add(m.Name)
		} else {
			if len(m.Buckets) > 0 {
				for _, b := range m.Buckets {
					add(m.Name+"_bucket", labels.BucketLabel, engine.Bucket(b))
				}
				add(m.Name+"_bucket", labels.BucketLabel, "+Inf")
				add(m.Name + "_count")
				add(m.Name + "_sum")
			}
			if m.Native > 0 {
				add(m.Name)
				c.columns[len(c.columns)-1].native = true
			}
			c.counts = make([]int, len(n.edges)+1)
		}
		n.cells = append(n.cells, c)
	}
	return n
}

// prepare lays out the ranges over which a histogram's observations are spread: between the bounds of both of its forms.
func (n *node) prepare() {
	m := n.metric
	if m.Kind != catalog.KindHistogram {
		return
	}
	n.edges = slices.Clone(m.Buckets)
	if m.Native > 0 {
		// The schema whose buckets grow by at most the factor: https://prometheus.io/docs/specs/native_histograms/#schema.
		n.schema = int32(min(8, max(-4, math.Ceil(-math.Log2(math.Log2(m.Native))))))
		base := math.Exp2(math.Exp2(-float64(n.schema)))
		lo := int32(math.Floor(math.Log(m.Usual/1e3) / math.Log(base)))
		hi := int32(math.Ceil(math.Log(m.Usual*1e3) / math.Log(base)))
		for i := lo; i <= hi; i++ {
			n.edges = append(n.edges, math.Exp2(float64(i)*math.Exp2(-float64(n.schema))))
		}
	}
	slices.Sort(n.edges)
	n.edges = slices.Compact(n.edges)
	for _, b := range m.Buckets {
		i, _ := slices.BinarySearch(n.edges, b)
		n.classic = append(n.classic, i)
	}
	for i := range len(n.edges) + 1 {
		switch {
		case i == 0:
			n.means = append(n.means, n.edges[0]/2)
		case i == len(n.edges):
			n.means = append(n.means, n.edges[i-1]*1.5)
		default:
			n.means = append(n.means, (n.edges[i-1]+n.edges[i])/2)
		}
		if m.Native > 0 { // the bucket whose upper bound is at or above the range's
			at := n.means[i]
			n.spans = append(n.spans, int32(math.Ceil(math.Log2(at)*math.Exp2(float64(n.schema))-1e-9)))
		}
	}
}

// group sorts the cells of a child by what the labels that it shares with its parent say.
func (n *node) group() {
	var shared []string
	for _, l := range n.metric.Labels {
		if slices.ContainsFunc(n.parent.metric.Labels, func(o scenario.Label) bool { return o.Name == l.Name }) {
			shared = append(shared, l.Name)
		}
	}
	key := func(c *cell) string {
		var b strings.Builder
		for _, l := range shared {
			b.WriteString(c.values[l] + "\x00")
		}
		return b.String()
	}
	index := map[string]int{}
	n.of = make([]int, len(n.parent.cells))
	for i, c := range n.parent.cells {
		k := key(c)
		if _, ok := index[k]; !ok {
			index[k] = len(index)
		}
		n.of[i] = index[k]
	}
	n.groups, n.sums = make([][]int, len(index)), make([]int, len(index))
	for i, c := range n.cells {
		if at, ok := index[key(c)]; ok {
			n.groups[at] = append(n.groups[at], i)
		}
	}
}

// during reports whether a phase is on.
func during(p scenario.PhaseData, at time.Duration, instance int) bool {
	return at >= time.Duration(p.From) && at < time.Duration(p.From+p.For) && (p.Instances == 0 || instance < p.Instances)
}

// configure works out what the models say of all cells of a family from a time on.
func (g *Generator) configure(t *target, f *family, at time.Duration) {
	type said struct {
		scenario.ModelData
		since time.Duration
	}
	of := map[string][]said{}
	for _, u := range g.scenario.Usual {
		of[u.Metric] = append(of[u.Metric], said{u, math.MinInt64})
	}
	for _, p := range g.scenario.Phases {
		if during(p, at, t.index) {
			for _, m := range p.Models {
				of[m.Metric] = append(of[m.Metric], said{m, time.Duration(p.From)})
			}
		}
	}
	for _, n := range f.nodes {
		m := n.metric
		for _, c := range n.cells {
			c.params = params{weight: 1, level: m.Usual, noise: 0.02, med: m.Usual, spr: 1.8, since: math.MinInt64}
			if m.State {
				c.noise = 0
			}
		}
		matched := func(s said) []*cell {
			var out []*cell
			matches := s.Matcher()
			for _, c := range n.cells {
				if matches(c.values) {
					out = append(out, c)
				}
			}
			return out
		}
		weights := map[*cell][]scenario.ModelData{} // come first: a rate is spread by them, wherever they are said
		for _, s := range of[m.Name] {
			if s.Weight != nil {
				for _, c := range matched(s) {
					weights[c] = append(slices.DeleteFunc(weights[c], s.Overrides), s.ModelData)
				}
			}
		}
		for c, of := range weights {
			for _, s := range of {
				c.weight *= *s.Weight
			}
		}
		if m.Kind != catalog.KindGauge {
			rate := 1.0
			if m.Bad {
				rate = 0
			}
			spread(n.cells, func(c *cell, part float64) { c.rate = rate * part })
			if n.parent != nil && !n.with && !m.Bad {
				for _, group := range n.groups {
					spread(cellsOf(n, group), func(c *cell, part float64) { c.share = part / 2 })
				}
			}
		}
		for _, s := range of[m.Name] {
			cells := matched(s)
			if s.Rate != nil {
				spread(cells, func(c *cell, part float64) { c.rate = *s.Rate * part })
			}
			if s.Share != nil {
				in := map[*cell]bool{}
				for _, c := range cells {
					in[c] = true
				}
				for _, group := range n.groups {
					var these []*cell
					for _, i := range group {
						if in[n.cells[i]] {
							these = append(these, n.cells[i])
						}
					}
					spread(these, func(c *cell, part float64) { c.share = *s.Share * part })
				}
			}
			for _, c := range cells {
				set(&c.level, s.Level)
				c.aged = c.aged && s.Level == nil || s.Age != nil
				if set(&c.level, s.Age); s.Age != nil {
					c.noise = 0
				}
				c.begun = c.begun || s.Begun
				if s.Slope != nil {
					c.slope, c.since = *s.Slope, s.since
				} else if s.Level != nil || s.Age != nil {
					c.slope = 0
				}
				set(&c.noise, s.Noise)
				set(&c.med, s.Median)
				set(&c.spr, s.Spread)
				if s.Times != nil {
					c.rate, c.share, c.level = c.rate**s.Times, min(1, c.share**s.Times), c.level**s.Times
					if m.Kind == catalog.KindHistogram && s.Rate == nil {
						c.med *= *s.Times
						c.rate /= *s.Times // of a histogram it is the size that is multiplied
					}
				}
			}
		}
		for _, c := range n.cells {
			if m.Kind == catalog.KindHistogram && (c.median != c.med || c.spread != c.spr) {
				c.median, c.spread = c.med, c.spr
				c.probs = n.distribution(c.med, c.spr)
			}
		}
		if n.with {
			for _, group := range n.groups {
				spread(cellsOf(n, group), func(c *cell, part float64) { c.share = part })
			}
		}
	}
}

func set(to *float64, from *float64) {
	if from != nil {
		*to = *from
	}
}

func cellsOf(n *node, group []int) []*cell {
	var out []*cell
	for _, i := range group {
		out = append(out, n.cells[i])
	}
	return out
}

// spread calls f with the part that each cell has by its weight.
func spread(cells []*cell, f func(*cell, float64)) {
	total := 0.0
	for _, c := range cells {
		total += c.weight
	}
	for _, c := range cells {
		if total > 0 {
			f(c, c.weight/total)
		} else {
			f(c, 0)
		}
	}
}

// distribution returns, for each range between edges, the probability that an observation which is in none before is in it: of
// the log-normal distribution with a median, and the factor that is one standard deviation.
func (n *node) distribution(median, factor float64) []float64 {
	sigma := math.Max(math.Log(factor), 1e-6)
	before, out := 0.0, make([]float64, len(n.edges)+1)
	for i, e := range n.edges {
		upTo := 0.5 * math.Erfc(-(math.Log(e)-math.Log(median))/(sigma*math.Sqrt2))
		if e <= 0 {
			upTo = 0
		}
		if before < 1 {
			out[i] = (upTo - before) / (1 - before)
		}
		before = upTo
	}
	out[len(n.edges)] = 1
	return out
}

// Next makes the samples of the next scrapes of all targets, so many of each. The columns then hold these samples only.
func (g *Generator) Next(scrapes int) {
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	counts := make([][]atomic.Int64, len(g.targets)) // of series, by target and scrape
	moments := make([][]visit, len(g.targets))
	for n, t := range g.targets {
		counts[n] = make([]atomic.Int64, scrapes)
		t.columns(func(c *column) { c.first, c.v, c.h = 0, c.v[:0], c.h[:0] })
		t.times = t.times[:0]
		for i := range scrapes {
			m := g.scrapeAt(t, g.next+i)
			t.times = append(t.times, m.unix)
			moments[n] = append(moments[n], m)
		}
		for _, f := range t.families {
			work.Go(func() error {
				for i, m := range moments[n] {
					counts[n][i].Add(int64(g.run(t, f, m)))
				}
				return nil
			})
		}
	}
	_ = work.Wait() // none returns an error
	for n, t := range g.targets {
		for i, m := range moments[n] {
			for k, metric := range t.metrics {
				t.scrapes[k].put(m.reach != scenario.Gone, scrapeValue(metric.Name, m.reach, float64(counts[n][i].Load()), t.taken), nil)
			}
		}
	}
	g.next += scrapes
}

// scrapeAt returns the scrape of a number, from the first of the usual data on.
func (g *Generator) scrapeAt(t *target, i int) visit {
	at := time.Duration(i)*g.step - g.before
	prev := at - g.step
	// A few scrapes come late, as on a busy machine, by at most a hundredth of the interval.
	late := time.Duration(0)
	if t.jitter.IntN(16) == 0 {
		late = time.Duration(t.jitter.Int64N(int64(g.step/100 + 1)))
	}
	when := g.begin.Add(at + t.offset + late)
	m := visit{at: at, unix: when.UnixMilli(), changed: i == 0 || g.crosses(prev, at), restarted: g.restarted(t, prev, at), daily: 1}
	for _, p := range g.scenario.Phases {
		if during(p, at, t.index) && p.Reach != scenario.Reached {
			m.reach = p.Reach
		}
	}
	if m.restarted {
		t.started = at
	}
	m.started = t.started
	if g.scenario.Daily != 0 {
		clock := when.UTC()
		m.daily = 1 - g.scenario.Daily*math.Cos(2*math.Pi*(float64(clock.Hour())+float64(clock.Minute())/60-2)/24) // least at 2 in the night
	}
	return m
}

// run makes a family's samples of a scrape, and returns how many there are.
func (g *Generator) run(t *target, f *family, m visit) int {
	if m.changed {
		g.configure(t, f, m.at)
	}
	count := 0
	for _, n := range f.nodes {
		if m.restarted {
			n.reset()
		}
		n.events(g.step.Seconds() * m.daily)
		count += n.emit(g, m)
	}
	return count
}

// scrapeValue is what Prometheus writes about a scrape; see
// https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series.
func scrapeValue(name string, reach scenario.Reach, series float64, r *rand.Rand) float64 {
	switch {
	case name == external.ScrapeDuration.Name:
		return math.Round(1e6*(0.004+series*4e-6)*(1+0.2*r.Float64())) / 1e6
	case reach != scenario.Reached, name == external.ScrapeSeriesAdded.Name:
		return 0
	case name == external.Up.Name:
		return 1
	}
	return series
}

// crosses reports whether a phase begins or ends after one time and up to another.
func (g *Generator) crosses(after, upTo time.Duration) bool {
	i := sort.Search(len(g.ends), func(i int) bool { return g.ends[i] > after })
	return i < len(g.ends) && g.ends[i] <= upTo
}

// restarted reports whether the process has started anew after one time and up to another.
func (g *Generator) restarted(t *target, after, upTo time.Duration) bool {
	for _, p := range g.scenario.Phases {
		if !p.Restarts || p.Instances != 0 && t.index >= p.Instances {
			continue
		}
		from := time.Duration(p.From)
		end := from + 1
		if p.Every > 0 {
			end = time.Duration(p.From + p.For)
		}
		for at := from; at < end; at += max(time.Duration(p.Every), g.step) {
			if at > after && at <= upTo {
				return true
			}
			if at > upTo {
				break
			}
		}
	}
	// What ends an outage is a process that starts.
	for _, p := range g.scenario.Phases {
		if p.Reach == scenario.Reached || p.Instances != 0 && t.index >= p.Instances {
			continue
		}
		if end := time.Duration(p.From + p.For); end > after && end <= upTo {
			return true
		}
	}
	return false
}

// reset is a start of the process: counters begin at 0, and series that nothing has happened to are not there.
func (n *node) reset() {
	for _, c := range n.cells {
		c.total, c.sum, c.seen, c.drift = 0, 0, false, 0
		clear(c.counts)
	}
}

// events draws how many events each cell has in a scrape's time; seconds is that time, stretched by the hour of the day.
func (n *node) events(seconds float64) {
	n.seconds = seconds
	if n.metric.Kind == catalog.KindGauge {
		return
	}
	if n.parent == nil {
		for _, c := range n.cells {
			c.events = 0
			if c.rate > 0 {
				c.events = poisson(n.rand, c.rate*seconds)
			}
		}
		return
	}
	clear(n.sums)
	for i, c := range n.parent.cells {
		n.sums[n.of[i]] += c.events
	}
	for at, group := range n.groups {
		left, rest := n.sums[at], 1.0
		for _, i := range group {
			c := n.cells[i]
			c.events = 0
			if left > 0 && c.share > 0 && rest > 0 {
				c.events = binomial(n.rand, left, min(1, c.share/rest))
				left -= c.events
				rest -= c.share
			}
		}
	}
}

// emit adds the samples of a scrape, and returns how many there were.
func (n *node) emit(g *Generator, m visit) int {
	count := 0
	reached := m.reach == scenario.Reached
	for _, c := range n.cells {
		// Without labels, or where the service begins all series at its start, they are there before the first event.
		c.seen = c.seen || c.events > 0 || c.weight > 0 && (n.metric.Kind == catalog.KindGauge || n.metric.Initialised || c.begun || len(c.values) == 0)
		switch n.metric.Kind {
		case catalog.KindGauge:
			c.columns[0].put(reached, c.gauge(n, g, m), nil)
		case catalog.KindCounter:
			if n.metric.Whole || n.parent != nil {
				c.total += float64(c.events)
			} else { // of seconds or bytes
				c.total += max(0, c.rate*n.seconds*(1+0.1*n.rand.NormFloat64()))
			}
			c.columns[0].put(reached && c.seen, c.total, nil)
		case catalog.KindHistogram:
			n.observe(c)
			n.emitHistogram(c, reached && c.seen)
		}
		if reached && c.seen {
			count += len(c.columns)
		}
	}
	return count
}

// gauge returns the value of a gauge at a time.
func (c *cell) gauge(n *node, g *Generator, now visit) float64 {
	m := n.metric
	if m.Started && !c.aged {
		return float64(g.begin.Add(now.started).UnixMilli()) / 1000
	}
	v := c.level
	if c.slope != 0 {
		v += c.slope * (now.at - max(c.since, now.started)).Seconds()
	}
	if c.noise > 0 {
		// What wavers does so about its value, with a memory of some scrapes.
		c.drift = 0.9*c.drift + 0.436*n.rand.NormFloat64() // of standard deviation 1
		v *= 1 + c.noise*c.drift
	}
	if c.aged {
		return math.Round(float64(now.unix)-1000*v) / 1000
	}
	if m.Min != nil {
		v = max(v, *m.Min)
	}
	if m.Max != nil {
		v = min(v, *m.Max)
	}
	if m.Whole || m.State {
		return math.Round(v)
	}
	if a := math.Abs(v); a > 0 { // to six digits, as things are measured
		p := math.Pow(10, 5-math.Floor(math.Log10(a)))
		v = math.Round(v*p) / p
	}
	return v
}

// observe spreads the events of a scrape over the ranges of a histogram.
func (n *node) observe(c *cell) {
	left := c.events
	for i := 0; left > 0 && i < len(c.probs); i++ {
		if p := c.probs[i]; p > 1e-12 {
			k := binomial(n.rand, left, p)
			c.counts[i] += k
			c.sum += float64(k) * n.means[i]
			left -= k
		}
	}
}

func (n *node) emitHistogram(c *cell, there bool) {
	m, at, total := n.metric, 0, 0
	if len(m.Buckets) > 0 {
		sum, edge := 0, 0
		for _, k := range n.classic {
			for ; edge <= k; edge++ {
				sum += c.counts[edge]
			}
			c.columns[at].put(there, float64(sum), nil)
			at++
		}
		for ; edge < len(c.counts); edge++ {
			sum += c.counts[edge]
		}
		total = sum
		c.columns[at].put(there, float64(total), nil)
		c.columns[at+1].put(there, float64(total), nil)
		c.columns[at+2].put(there, c.sum, nil)
		at += 3
	}
	if m.Native > 0 {
		var h *histogram.Histogram
		if there {
			h = n.native(c)
		}
		c.columns[at].put(there, 0, h)
	}
}

// native returns a histogram's counts in exponential buckets.
func (n *node) native(c *cell) *histogram.Histogram {
	h := &histogram.Histogram{Schema: n.schema, ZeroThreshold: 2.938735877055719e-39, Sum: c.sum}
	var last int32
	var before int64
	begun := false
	for i := 0; i < len(c.counts); {
		index, k := n.spans[i], int64(0)
		for ; i < len(c.counts) && n.spans[i] == index; i++ {
			k += int64(c.counts[i])
		}
		if k == 0 {
			continue
		}
		switch {
		case !begun:
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: index, Length: 1})
		case index == last+1:
			h.PositiveSpans[len(h.PositiveSpans)-1].Length++
		default:
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: index - last - 1, Length: 1})
		}
		h.PositiveBuckets = append(h.PositiveBuckets, k-before)
		h.Count += uint64(k)
		begun, last, before = true, index, k
	}
	return h
}

// poisson draws the number of events where so many are expected.
func poisson(r *rand.Rand, mean float64) int {
	switch {
	case mean <= 0:
		return 0
	case mean > 40: // near enough to a normal distribution
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, p := math.Exp(-mean), r.Float64()
	k := 0
	for p > limit {
		p *= r.Float64()
		k++
	}
	return k
}

// binomial draws how many of n have what each has with a probability.
func binomial(r *rand.Rand, n int, p float64) int {
	switch {
	case p >= 1:
		return n
	case p <= 0 || n == 0:
		return 0
	case p > 0.5:
		return n - binomial(r, n, 1-p)
	case n <= 12:
		k := 0
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		return k
	}
	mean := float64(n) * p
	if mean > 12 {
		return min(n, max(0, int(math.Round(mean+math.Sqrt(mean*(1-p))*r.NormFloat64()))))
	}
	// The probabilities of 0, 1, 2, … one after the other.
	q := p / (1 - p)
	at, u := math.Exp(float64(n)*math.Log1p(-p)), r.Float64()
	for k := range n {
		if u -= at; u <= 0 {
			return k
		}
		at *= q * float64(n-k) / float64(k+1)
	}
	return n
}

// columns calls f with every series of a target.
func (t *target) columns(f func(*column)) {
	for _, c := range t.scrapes {
		f(c)
	}
	for _, fam := range t.families {
		for _, n := range fam.nodes {
			for _, c := range n.cells {
				for _, col := range c.columns {
					f(col)
				}
			}
		}
	}
}
