package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/query"
)

// RuleSet is rule files that are proved together: an alert may read what any of them records.
type RuleSet struct {
	files   []ruleFile
	options Options
	parser  parser.Parser
	engine  *promql.Engine
	records map[string][]*ruleIn // by what they record
	alerts  []*ruleIn

	// Matrix says that Prove looks at the Situations too.
	Matrix bool
	// Usual is the scenarios in which alerts must be quiet; nil where there are none.
	Usual *Usual
	// Metric returns what is known of a series, and false where no service exposes it. nil: any series may be there.
	Metric func(series string) (Metric, bool)
}

// Metric is what is known of a series.
type Metric struct {
	// Labels have their values where these are closed, nil where they are open.
	Labels map[string][]string `json:"labels"`
	// PartOf is the series of the counter that counts every event that this one counts, too.
	PartOf string `json:"partOf,omitempty"`
}

type ruleFile struct {
	path   string
	groups *rulefmt.RuleGroups
}

type ruleIn struct {
	file  string
	group *rulefmt.RuleGroup
	rule  *rulefmt.Rule
	expr  parser.Expr
}

// index is the rule's number in its group.
func (r *ruleIn) index() int {
	for i := range r.group.Rules {
		if &r.group.Rules[i] == r.rule {
			return i
		}
	}
	return -1
}

// label sets the labels that the rule and its group add to what its expression gives.
func (r *ruleIn) label(b *labels.Builder) {
	for _, ls := range []map[string]string{r.group.Labels, r.rule.Labels} {
		for k, v := range ls {
			b.Set(k, v)
		}
	}
}

// name is that of the alert, or of what is recorded.
func (r *ruleIn) name() string {
	if r.rule.Record != "" {
		return r.rule.Record
	}
	return r.rule.Alert
}

// every is the time between evaluations: that of the group, or where it says none, the usual one.
func (r *ruleIn) every(usual time.Duration) time.Duration {
	if r.group.Interval > 0 {
		return time.Duration(r.group.Interval)
	}
	return usual
}

// ReadRules reads rule files. It returns all that is wrong with them.
func ReadRules(paths []string, o Options) (*RuleSet, error) {
	s := &RuleSet{options: o, parser: o.Features.Parser(), engine: engine.New(o.Features), records: map[string][]*ruleIn{}}
	var all []error
	for _, path := range paths {
		groups, errs := ruleLoader{s.parser}.Load(path, o.IgnoreUnknownFields, model.UTF8Validation)
		if len(errs) > 0 {
			for _, err := range errs {
				all = append(all, o.sited(err))
			}
			continue
		}
		s.files = append(s.files, ruleFile{path, groups})
		for i := range groups.Groups {
			g := &groups.Groups[i]
			for j := range g.Rules {
				e, err := s.parser.ParseExpr(g.Rules[j].Expr)
				if err != nil {
					continue // rulefmt has said where
				}
				r := &ruleIn{path, g, &g.Rules[j], e}
				if name := r.rule.Record; name != "" {
					s.records[name] = append(s.records[name], r)
				} else {
					s.alerts = append(s.alerts, r)
				}
			}
		}
	}
	return s, errors.Join(all...)
}

// sited names the place where a rule is declared in an error of its file.
func (o Options) sited(err error) error {
	var of *rulefmt.Error
	if errors.As(err, &of) {
		if site := o.Sites[proofs.SiteKey(of.Group, of.RuleName)]; site != "" {
			return fmt.Errorf("%s: %s: %w", site, of.RuleName, of.Err.Unwrap())
		}
	}
	return err
}

// Proof is what was found out about an alerting rule by running it on data that was made for it.
type Proof struct {
	RuleID
	Rule int // its number in the group
	Expr string
	// Failure is what the engine said where it could not evaluate the alert; nothing else is then known.
	Failure string
	// Quiet says that data was found on which it does not fire, Fires that there is some on which it does.
	Quiet, Fires bool
	// Condition is what its firing depends on. Of one that is Unconditional Quiet is false, since only without samples it is.
	Condition Condition
	// After is how long after the data changed it fires. Resolved is how long after they changed back it no longer does; 0 where
	// it still did at the end, which Resolves says.
	After, Resolved time.Duration
	Resolves        bool
	// Long is set where the alert looks so far back that its end was not waited for.
	Long time.Duration
	// Ends says that it ends although the data stay changed, Flaps that it then fires again.
	Ends, Flaps bool
	// Healthy is for which part of the time it fires in a scenario in which no alert may, HealthyIn that scenario, and HealthyWith
	// the labels that it then has first.
	Healthy     float64
	HealthyWith string
	HealthyIn   string
	// Absent says that it fires where there are no data at all.
	Absent bool
	// Changes are what differs between the quiet data and those that make it fire, as sentences.
	Changes []string
	// Edge is where the threshold lies, where one number tells the two apart: a level at which it fires, and one near that at which it
	// does not.
	Edge string
	// Matrix says for each of Situations, in their order, whether it fires in it, after quiet data; nil where that was not asked for.
	Matrix []bool
	// Reason says why it does not fire: which part of the expression no data gave a result for; of one that does, what its Condition
	// is.
	Reason string
	Tried  int // data sets
	// Witness is a test in promtool's format that shows it.
	Witness *File
}

// Good reports whether the alert fires, stays, is quiet without a reason to fire, and resolves as far as that was waited for.
func (p *Proof) Good() bool {
	return p.Fires && p.Quiet && (p.Resolves || p.Long > 0) && !p.Flaps && p.Healthy == 0
}

const (
	proofStep = time.Minute      // between evaluations
	quietFor  = 10 * time.Minute // before the data change
	// farthest is how far back an alert may look for its end to be waited for, and longest how much new data is made for a
	// window: a longer one sees the same, but for what was before.
	farthest = 4 * 24 * time.Hour
	longest  = 2 * time.Hour
	// most bounds the data sets that are tried for one alert.
	most = 800
)

// Prove looks for data on which each alerting rule fires, stays quiet, and resolves, and runs them in Prometheus's own manager of
// rules. Only rules that match, by name, are looked at; nil: all are.
//
// A proof that before returns for an alert, by its place, is taken as it is. An alert that the engine cannot evaluate is a proof
// with a Failure, and the others are proved all the same.
func (s *RuleSet) Prove(ctx context.Context, match func(name string) bool, before func(proofs.Key) *Proof) ([]*Proof, error) {
	var alerts []*ruleIn
	for _, r := range s.alerts {
		if match == nil || match(r.rule.Alert) {
			alerts = append(alerts, r)
		}
	}
	out := make([]*Proof, len(alerts))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range alerts {
		if before != nil {
			if out[i] = before(proofs.Key{File: r.file, Group: r.group.Name, Rule: r.index()}); out[i] != nil {
				out[i].File = r.file
				if out[i].Witness != nil {
					out[i].Witness.Path, out[i].Witness.Rules = r.file, s.prover(r, false).files()
				}
				continue
			}
		}
		work.Go(func() error {
			var err error
			if out[i], err = s.prove(ctx, r); err != nil {
				out[i] = &Proof{RuleID: RuleID{r.file, r.group.Name, r.rule.Alert}, Rule: r.index(), Expr: r.rule.Expr, Failure: err.Error()}
			}
			return ctx.Err()
		})
	}
	return out, work.Wait()
}

// prover is the search for one alert.
type prover struct {
	set     *RuleSet
	alert   *ruleIn
	records []*ruleIn // that it reads, in the order of their evaluation
	sources []*source
	step    time.Duration // between samples
	window  time.Duration // how far back it looks
	tried   int
	missing []string // why some of the sources cannot be there
	brief   bool     // verify does not wait for the end
	// negative says that the rules compare with numbers below 0, so that values may be, too.
	negative bool
}

func (s *RuleSet) prove(ctx context.Context, alert *ruleIn) (*Proof, error) {
	out, err := s.search(ctx, alert)
	if err != nil || s.Usual == nil {
		return out, err
	}
	f, err := s.Usual.fires(ctx, s.prover(alert, false), true)
	out.Healthy, out.HealthyWith, out.HealthyIn = f.share, f.with, f.in
	return out, err
}

// search proves the alert on data that are made for it.
func (s *RuleSet) search(ctx context.Context, alert *ruleIn) (*Proof, error) {
	narrow := s.prover(alert, false)
	first, err := narrow.prove(ctx)
	if err != nil || first.Fires || !first.Quiet || len(narrow.missing) > 0 {
		return first, err
	}
	wide := s.prover(alert, true)
	if slices.EqualFunc(narrow.sources, wide.sources, func(a, b *source) bool { return a.String() == b.String() }) {
		return first, nil // the search would be the same
	}
	second, err := wide.prove(ctx)
	if err != nil {
		return nil, err
	}
	tried := first.Tried + second.Tried
	if second.Fires {
		first = second
	}
	first.Tried = tried
	return first, nil
}

// prover returns the search for an alert, over the sources that sourcesOf gives with spread or without.
func (s *RuleSet) prover(alert *ruleIn, spread bool) *prover {
	p := &prover{set: s, alert: alert}
	p.need(alert.expr, map[*ruleIn]bool{})
	exprs, recorded, texts := []parser.Expr{alert.expr}, map[string]bool{}, []string{}
	for _, r := range p.records {
		recorded[r.rule.Record] = true
		exprs = append(exprs, r.expr)
	}
	for _, r := range p.rules() {
		for _, t := range r.rule.Annotations {
			texts = append(texts, t)
		}
		for _, t := range r.rule.Labels {
			texts = append(texts, t)
		}
	}
	p.sources = sourcesOf(exprs, texts, recorded, spread, s.Metric)
	p.missing, p.negative = s.absent(p.sources, exprs), negatives(exprs)
	shortest := time.Duration(math.MaxInt64)
	for _, e := range exprs {
		far, near := query.Reach(e)
		p.window += far // one rule after the other looks back
		shortest = min(shortest, near)
	}
	p.step = min(30*time.Second, max(time.Second, shortest/4))
	return p
}

func (p *prover) prove(ctx context.Context) (*Proof, error) {
	alert := p.alert
	out := &Proof{RuleID: RuleID{alert.file, alert.group.Name, alert.rule.Alert}, Rule: alert.index(), Expr: alert.rule.Expr}
	var err error
	if out.Absent, err = p.fires(ctx, nil); err != nil {
		return nil, err
	}
	quiet, err := p.quiet(ctx)
	if err != nil {
		return nil, err
	}
	out.Quiet = quiet != nil
	if quiet != nil && len(p.missing) == 0 && !p.real(quiet) {
		out.Condition, out.Reason = p.condition()
		if out.Condition == Unconditional {
			out.Quiet, out.Fires = false, true
		}
	}
	if out.Quiet {
		if err := p.witness(ctx, quiet, out); err != nil {
			return nil, err
		}
	}
	if quiet != nil && p.set.Matrix {
		if out.Matrix, err = p.matrix(ctx, quiet); err != nil {
			return nil, err
		}
	}
	switch {
	case out.Fires || !out.Quiet:
	case len(p.missing) > 0:
		out.Reason = strings.Join(p.missing, ", and ")
	default:
		if out.Reason, err = p.reason(ctx, quiet); err != nil {
			return nil, err
		}
		if out.Reason == "" {
			out.Reason = "not found: each part of it has a result on some of the data that were tried, and the whole on none"
		}
	}
	out.Tried = p.tried
	return out, nil
}

// absent finds the sources that cannot be there, takes all samples from them, and says why.
func (s *RuleSet) absent(sources []*source, exprs []parser.Expr) []string {
	var out []string
	for _, src := range sources {
		// A colon is for what rules record: https://prometheus.io/docs/practices/rules/#naming. No service exposes such a series.
		if strings.Contains(src.name, ":") {
			src.shapes = []shape{gone}
			out = append(out, "no rule here records "+src.name)
		}
	}
	if s.Metric == nil {
		return compacted(out)
	}
	for _, e := range exprs {
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			x, ok := n.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			sel, _ := selected(x, nil)
			if sel.name == "" || strings.Contains(sel.name, ":") || s.records[sel.name] != nil {
				return nil
			}
			why := s.why(sel)
			if why == "" {
				return nil
			}
			out = append(out, why)
			for _, src := range sources {
				if src.bounds == nil && src.name != sel.name || src.bounds != nil && !strings.HasPrefix(sel.name, src.name+"_") {
					continue
				}
				if !slices.ContainsFunc(sel.matchers, func(m *labels.Matcher) bool { return !m.Matches(src.labels.Get(m.Name)) }) {
					src.shapes = []shape{gone}
				}
			}
			return nil
		})
	}
	return compacted(out)
}

func compacted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// why says why a selector can select nothing, by the catalog; "" where it can.
func (s *RuleSet) why(sel selection) string {
	m, ok := s.Metric(sel.name)
	if !ok {
		return "the catalog has no metric " + sel.name
	}
	for _, x := range sel.matchers {
		if x.Matches("") || x.Name == "job" || x.Name == "instance" {
			continue
		}
		values, known := m.Labels[x.Name]
		switch {
		case !known:
			return fmt.Sprintf("%s has no label %s, which the matcher %s asks for", sel.name, x.Name, x)
		case values != nil && !slices.ContainsFunc(values, x.Matches):
			return fmt.Sprintf("no value of the label %s of %s is what the matcher %s asks for; it is one of %s", x.Name, sel.name, x, strings.Join(values, ", "))
		}
	}
	return ""
}

// rules are those that are evaluated: what the alert reads, and the alert.
func (p *prover) rules() []*ruleIn { return append(slices.Clone(p.records), p.alert) }

// files are those that they stand in.
func (p *prover) files() []string {
	var out []string
	for _, r := range p.rules() {
		if !slices.Contains(out, r.file) {
			out = append(out, r.file)
		}
	}
	return out
}

// need adds the recording rules that an expression reads, those that others read first.
func (p *prover) need(e parser.Expr, seen map[*ruleIn]bool) {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if x, ok := n.(*parser.VectorSelector); ok {
			s, _ := selected(x, nil)
			for _, r := range p.set.records[s.name] {
				if !seen[r] {
					seen[r] = true
					p.need(r.expr, seen)
					p.records = append(p.records, r)
				}
			}
		}
		return nil
	})
}

// during is how long the data stay changed: until all windows see nothing else, where they are not too long, and `for` is over.
func (p *prover) during() time.Duration {
	return time.Duration(p.alert.rule.For) + min(p.window, longest) + 5*time.Minute
}

func (p *prover) samples(d time.Duration) int { return int(d / p.step) }

// memory returns a storage with what the phases give.
func (p *prover) memory(phases []phase) (*engine.Memory, time.Duration) {
	m := &engine.Memory{Engine: p.set.engine}
	total := 0
	for _, ph := range phases {
		total += ph.samples
	}
	p.each(phases, m.Add)
	return m, time.Duration(max(0, total-1)) * p.step
}

// each calls f with every sample that the phases give.
func (p *prover) each(phases []phase, f func(labels.Labels, time.Time, float64)) {
	sampled := samples(p.sources, phases, p.step)
	for _, s := range p.sources {
		for _, ls := range s.series() {
			for i, v := range sampled[ls.String()] {
				if !math.IsNaN(v) || value.IsStaleNaN(v) {
					f(ls, time.Unix(0, 0).UTC().Add(time.Duration(i)*p.step), v)
				}
			}
		}
	}
}

// fires reports whether the condition holds at the end of the phases, and where `for` asks for it at its begin and half way.
func (p *prover) fires(ctx context.Context, phases []phase) (bool, error) {
	p.tried++
	m, end, err := p.evaluated(ctx, phases)
	if err != nil {
		return false, err
	}
	for _, back := range []time.Duration{0, time.Duration(p.alert.rule.For) / 2, time.Duration(p.alert.rule.For)} {
		at := end - back
		if at < 0 {
			continue
		}
		res, err := m.Query(ctx, p.alert.rule.Expr, time.Unix(0, 0).UTC().Add(at))
		if err != nil || len(res) == 0 {
			return false, err
		}
	}
	return true, nil
}

// evaluated returns a storage in which the recording rules have been evaluated too.
func (p *prover) evaluated(ctx context.Context, phases []phase) (*engine.Memory, time.Duration, error) {
	m, end := p.memory(phases)
	if len(p.records) == 0 {
		return m, end, nil
	}
	step := max(proofStep, min(end/40, 4*time.Minute)) // within the five minutes for which a sample counts
	begin := time.Unix(0, 0).UTC()
	for _, r := range p.records { // those that others read first
		b := labels.NewBuilder(labels.EmptyLabels())
		if err := m.Range(ctx, r.rule.Expr, begin.Add(end%step), begin.Add(end), step, func(of labels.Labels, at time.Time, v float64) {
			b.Reset(of)
			b.Set(model.MetricNameLabel, r.rule.Record)
			r.label(b)
			m.Add(b.Labels(), at, v)
		}); err != nil {
			return nil, 0, err
		}
	}
	return m, end, nil
}

// ways calls f with the ways of the sources that differ from base in d of them, until it returns false.
func (p *prover) ways(base []int, d int, f func([]int) bool) bool {
	var choose func(from, left int, ways []int) bool
	choose = func(from, left int, ways []int) bool {
		if left == 0 {
			return !p.possible(ways) || f(ways)
		}
		for i := from; i <= len(p.sources)-left; i++ {
			for k := range p.sources[i].shapes {
				if k == base[i] {
					continue
				}
				with := slices.Clone(ways)
				with[i] = k
				if !choose(i+1, left-1, with) {
					return false
				}
			}
		}
		return true
	}
	return choose(0, d, base)
}

// possible reports whether no part of a counter is more than the whole.
func (p *prover) possible(ways []int) bool {
	for i, s := range p.sources {
		if s.partOf == "" {
			continue
		}
		part, whole, any := s.shapes[ways[i]].rate, 0.0, false
		for j, o := range p.sources {
			if o.name == s.partOf {
				whole, any = whole+o.shapes[ways[j]].rate, true
			}
		}
		if any && !(part <= whole) && (!math.IsNaN(part) || !math.IsNaN(whole)) {
			return false
		}
	}
	return true
}

// quiet returns ways on which the alert does not fire: the usual ones, or those next to them, where there are any with data.
func (p *prover) quiet(ctx context.Context) ([]int, error) {
	found, err := p.quietIn(ctx, most/2, p.real)
	if found == nil && err == nil {
		found, err = p.quietIn(ctx, most, func(ways []int) bool { return !p.real(ways) })
	}
	return found, err
}

// quietIn looks at the ways for which in says so, until so many data sets were tried.
func (p *prover) quietIn(ctx context.Context, most int, in func(ways []int) bool) ([]int, error) {
	base := make([]int, len(p.sources))
	var found []int
	var fault error
	for d := 0; d <= min(2, len(p.sources)) && found == nil; d++ {
		if !p.ways(base, d, func(ways []int) bool {
			if !in(ways) {
				return true
			}
			fires, err := p.fires(ctx, []phase{{ways, p.samples(quietFor + p.during())}})
			if err != nil {
				fault = err
			} else if !fires {
				found = slices.Clone(ways)
			}
			return fault == nil && found == nil && p.tried < most
		}) {
			break
		}
	}
	return found, fault
}

// witness looks for the smallest change of the quiet ways that makes the alert fire, in Prometheus's own manager too.
func (p *prover) witness(ctx context.Context, quiet []int, out *Proof) error {
	var fault error
	for d := 1; d <= min(3, len(p.sources)) && !out.Fires; d++ {
		if !p.ways(quiet, d, func(ways []int) bool {
			phases := []phase{{quiet, p.samples(quietFor)}, {ways, p.samples(p.during())}}
			fires, err := p.fires(ctx, phases)
			if err == nil && fires {
				err = p.verify(ctx, quiet, ways, out)
			}
			if err == nil && out.Fires {
				err = p.tighten(ctx, quiet, ways, out)
			}
			fault = err
			return fault == nil && !out.Fires && p.tried < most
		}) {
			break
		}
	}
	return fault
}

// tighten brings the quiet data and those that fire near to each other, where one source tells them apart: what the proof then
// shows is where the threshold lies.
func (p *prover) tighten(ctx context.Context, quiet, ways []int, out *Proof) error {
	which := -1
	for i := range p.sources {
		if quiet[i] != ways[i] {
			if which >= 0 {
				return nil
			}
			which = i
		}
	}
	src := p.sources[which]
	low, high := src.shapes[quiet[which]], src.shapes[ways[which]]
	if low.at == nil || high.at == nil {
		return nil
	}
	if src.bounds == nil && low.rate == 0 && high.rate == 0 && math.Abs(low.level) <= 1 && math.Abs(high.level) <= 1 {
		return nil // a state, that is 0 or 1
	}
	// The last two shapes are those that are tried; taken away again they are not searched.
	n := len(src.shapes)
	defer func() { src.shapes = src.shapes[:n] }()
	from, to := slices.Clone(quiet), slices.Clone(ways)
	from[which], to[which] = n, n+1
	for range 40 {
		if math.Abs(high.level-low.level) <= 0.02*max(math.Abs(high.level), math.Abs(low.level)) {
			break
		}
		mid := (low.level + high.level) / 2
		if a, b := low.level, high.level; a*b > 0 && max(a/b, b/a) > 4 {
			mid = math.Copysign(math.Sqrt(a*b), a)
		}
		if min(math.Abs(low.level), math.Abs(high.level)) == 0 && math.Abs(mid) < 1e-4 {
			break // the threshold is 0
		}
		mid = rounded(mid)
		if mid == low.level || mid == high.level {
			break
		}
		next := high.at(mid)
		src.shapes = append(src.shapes[:n:n], low, next)
		fires := p.possible(to)
		if fires {
			var err error
			if fires, err = p.fires(ctx, []phase{{to, p.samples(quietFor + p.during())}}); err != nil {
				return err
			}
		}
		if fires {
			high = next
		} else {
			low = low.at(mid)
		}
	}
	src.shapes = append(src.shapes[:n:n], low, high)
	if !p.possible(from) || !p.possible(to) {
		return nil
	}
	near := *out
	near.Fires, near.Resolves = false, false
	if err := p.verify(ctx, from, to, &near); err != nil {
		return err
	}
	if near.Fires && (near.Resolves || !out.Resolves) {
		out.Edge = fmt.Sprintf("at %s, not at %s", number(high.level), number(low.level))
		out.Witness = near.Witness
	}
	return nil
}

// rounded returns a number with three digits that count, as people read them.
func rounded(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// verify runs the alert on data that change and change back, in Prometheus's manager, and fills in the proof where it fires.
func (p *prover) verify(ctx context.Context, quiet, ways []int, out *Proof) error {
	after := min(p.window, farthest) + time.Duration(p.alert.rule.KeepFiringFor) + 10*time.Minute
	if p.window > farthest || p.brief {
		after = 0
	}
	phases := []phase{{quiet, p.samples(quietFor)}, {ways, p.samples(p.during())}, {quiet, p.samples(after)}}
	group := &Group{Name: p.alert.rule.Alert, Interval: p.step, Series: p.series(phases)}
	// Long tests are evaluated more seldom, but within the five minutes for which a sample counts.
	changed := time.Duration(phases[0].samples) * p.step
	back := changed + time.Duration(phases[1].samples)*p.step
	total := back + time.Duration(phases[2].samples)*p.step
	every := min(max(proofStep, (total/500).Truncate(time.Minute)), 4*time.Minute)
	file := &File{Path: p.alert.file, Interval: every, Groups: []*Group{group}, loader: p.loader()}
	file.Rules = p.files()
	for _, r := range p.rules() {
		if !slices.Contains(file.Order, r.group.Name) {
			file.Order = append(file.Order, r.group.Name)
		}
	}
	end := back + after
	var first, last, early time.Duration = -1, -1, -1
	var firing, firingFirst []Firing
	ends, flaps, quietNow := false, false, false
	if err := p.play(ctx, file, phases, end, func(at time.Duration, groups []*rules.Group) bool {
		active := active(groups, p.alert)
		if first >= 0 && at < back {
			ends, flaps = ends || len(active) == 0, flaps || quietNow && len(active) > 0
			quietNow = len(active) == 0
		}
		if len(active) == 0 {
			if at < back {
				firing = nil
			}
			// Quiet again for a while: what is left of the window has nothing more to tell.
			if at > back && first >= 0 && at >= max(back, last)+5*every {
				end = at
				return false
			}
			return true
		}
		last = at
		switch {
		case at < changed-2*every: // what fires only while the data begin is not what the proof is about
		case at < changed:
			early = at
		case first < 0:
			first, firingFirst = at, active
		}
		if at < back {
			firing = active
		}
		return true
	}); err != nil {
		return err
	}
	if first < 0 || first >= back || early >= 0 {
		return nil
	}
	out.Fires, out.After, out.Changes, out.Ends, out.Flaps = true, first-changed, p.changes(quiet, ways), ends, flaps
	if after == 0 {
		out.Long = p.window
	} else if last < end-every {
		out.Resolves, out.Resolved = true, max(every, last+every-back)
	}
	// What is expected is as it was seen, at moments of evaluation.
	evaluation := func(d time.Duration) time.Duration { return d.Truncate(every) }
	before := evaluation(changed - time.Nanosecond)
	during := evaluation(back - time.Nanosecond)
	group.Alerts = []AlertCase{{EvalTime: before, Alert: p.alert.rule.Alert}}
	if first-every > before {
		group.Alerts = append(group.Alerts, AlertCase{EvalTime: first - every, Alert: p.alert.rule.Alert})
	}
	if ends && first < during {
		group.Alerts = append(group.Alerts, AlertCase{EvalTime: first, Alert: p.alert.rule.Alert, Firing: firingFirst})
	}
	group.Alerts = append(group.Alerts, AlertCase{EvalTime: during, Alert: p.alert.rule.Alert, Firing: firing})
	if out.Resolves {
		group.Alerts = append(group.Alerts, AlertCase{EvalTime: evaluation(end), Alert: p.alert.rule.Alert})
	}
	phases[2].samples = p.samples(min(after, end-back+every))
	group.Series = p.series(phases)
	file.loader = nil
	var about strings.Builder
	fmt.Fprintf(&about, "The alert %s is quiet, fires %s after this changed", p.alert.rule.Alert, short(out.After))
	if out.Resolves {
		fmt.Fprintf(&about, ", and resolves %s after it changed back", short(out.Resolved))
	}
	about.WriteString(":\n- " + strings.Join(out.Changes, "\n- "))
	file.About = about.String()
	out.Witness = file
	return nil
}

// play evaluates the file's rules on what the phases give, in Prometheus's manager, from the begin to the end or until watch says
// that it has seen enough. It does what the test in the file makes promtool do, but for the storage on disk.
func (p *prover) play(ctx context.Context, file *File, phases []phase, end time.Duration, watch func(time.Duration, []*rules.Group) bool) error {
	data := newStore()
	begin := time.Unix(0, 0).UTC()
	p.each(phases, func(ls labels.Labels, at time.Time, v float64) {
		x := data.series(ls)
		x.points = append(x.points, point{t: at.UnixMilli(), v: v})
	})
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(p.set.engine, data), AppendableV2: data, Queryable: data, Context: ctx,
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(), Parser: p.set.parser, GroupLoader: file.groups(p.set.parser),
	})
	loaded, errs := manager.LoadGroups(p.step, labels.EmptyLabels(), "", nil, p.set.options.IgnoreUnknownFields, file.Rules...)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	groups := file.ordered(loaded)
	for _, g := range groups {
		for _, rule := range g.Rules() {
			if a, ok := rule.(*rules.AlertingRule); ok {
				a.SetRestored(true)
			}
		}
	}
	for at := time.Duration(0); at <= end; at += file.Interval {
		for _, g := range groups {
			g.Eval(ctx, begin.Add(at))
			for _, rule := range g.Rules() {
				if err := rule.LastError(); err != nil {
					return fmt.Errorf("rule %s at %s: %w", rule.Name(), short(at), err)
				}
			}
		}
		if !watch(at, groups) {
			break
		}
	}
	return ctx.Err()
}

// series returns what the phases give, as a test has it.
func (p *prover) series(phases []phase) []InputSeries {
	var out []InputSeries
	sampled := samples(p.sources, phases, p.step)
	for _, s := range p.sources {
		for _, ls := range s.series() {
			out = append(out, InputSeries{written(ls), notation(sampled[ls.String()])})
		}
	}
	return out
}

// active returns what fires of an alert.
func active(groups []*rules.Group, alert *ruleIn) []Firing {
	var out []Firing
	for _, g := range groups {
		if g.File() != alert.file || g.Name() != alert.group.Name {
			continue
		}
		for _, rule := range g.Rules() {
			a, ok := rule.(*rules.AlertingRule)
			if !ok || a.Name() != alert.rule.Alert {
				continue
			}
			for _, x := range a.ActiveAlerts() {
				if x.State == rules.StateFiring {
					ls := x.Labels.Map()
					delete(ls, model.AlertNameLabel)
					out = append(out, Firing{ls, x.Annotations.Map()})
				}
			}
		}
	}
	return out
}

func (p *prover) changes(quiet, ways []int) []string {
	var out []string
	for i, s := range p.sources {
		if quiet[i] != ways[i] {
			// Where it runs says nothing.
			of := labels.NewBuilder(s.labels).Del("job", "instance").Labels()
			name := s.name
			if of.Len() > 0 {
				name += of.String()
			}
			out = append(out, fmt.Sprintf("%s: %s, before %s", name, s.shapes[ways[i]].text, s.shapes[quiet[i]].text))
		}
	}
	return out
}

// reason returns the smallest part of the expression, or of the recording rules it reads, that has a result on none of the data
// next to the quiet ones.
func (p *prover) reason(ctx context.Context, quiet []int) (string, error) {
	type part struct {
		expr parser.Expr
		text string
		of   *ruleIn
	}
	var open []part
	for _, r := range p.rules() {
		parser.Inspect(r.expr, func(n parser.Node, _ []parser.Node) error {
			if e, ok := n.(parser.Expr); ok && e.Type() == parser.ValueTypeVector {
				open = append(open, part{e, e.String(), r})
			}
			return nil
		})
	}
	// The smaller a part, the more it says.
	slices.SortStableFunc(open, func(a, b part) int { return len(a.text) - len(b.text) })
	var fault error
	tries := 0
	held := false
	for d := 0; d <= min(2, len(p.sources)); d++ {
		p.ways(quiet, d, func(ways []int) bool {
			tries++
			m, end, err := p.evaluated(ctx, []phase{{quiet, p.samples(quietFor)}, {ways, p.samples(p.during())}})
			if err != nil {
				fault = err
				return false
			}
			open = slices.DeleteFunc(open, func(e part) bool {
				res, err := m.Query(ctx, e.text, time.Unix(0, 0).UTC().Add(end))
				return err == nil && len(res) > 0
			})
			if p.alert.rule.For > 0 && !held { // it may hold for a moment, after the change
				for _, after := range []time.Duration{p.step, time.Minute, 2 * time.Minute, 5 * time.Minute} {
					res, err := m.Query(ctx, p.alert.rule.Expr, time.Unix(0, 0).UTC().Add(quietFor+after))
					held = held || err == nil && len(res) > 0
				}
			}
			return tries < 200
		})
	}
	if held && fault == nil {
		return fmt.Sprintf("its condition holds for a while, and on no data for %s, as its for asks", short(time.Duration(p.alert.rule.For))), nil
	}
	if fault != nil || len(open) == 0 {
		return "", fault
	}
	least := open[0]
	for range p.records { // what a rule never records is explained by the rule
		x, ok := least.expr.(*parser.VectorSelector)
		if !ok {
			break
		}
		sel, _ := selected(x, nil)
		i := slices.IndexFunc(open, func(o part) bool { return o.of.rule.Record == sel.name })
		if sel.name == "" || i < 0 {
			break
		}
		least = open[i]
	}
	text := "not found: none of the data that were tried gives a result for " + strings.Join(strings.Fields(least.text), " ")
	if least.of != p.alert {
		text += ", of which " + least.of.rule.Record + " is made"
	}
	if x, ok := least.expr.(*parser.BinaryExpr); ok {
		if why := p.unmatched(ctx, quiet, x); why != "" {
			text += ": " + why
		}
	}
	return text, nil
}

// unmatched says why the sides of an operation have no series in common, as far as the labels on the quiet data tell.
func (p *prover) unmatched(ctx context.Context, quiet []int, x *parser.BinaryExpr) string {
	if x.VectorMatching == nil || x.Op == parser.LOR {
		return ""
	}
	m, end, err := p.evaluated(ctx, []phase{{quiet, p.samples(quietFor + p.during())}})
	if err != nil {
		return ""
	}
	var sides [2][]labels.Labels
	for i, side := range []parser.Expr{x.LHS, x.RHS} {
		res, err := m.Query(ctx, side.String(), time.Unix(0, 0).UTC().Add(end))
		if err != nil || len(res) == 0 {
			return ""
		}
		for _, r := range res {
			b := labels.NewBuilder(r.Labels)
			b.Del(model.MetricNameLabel)
			if x.VectorMatching.On {
				b.Keep(x.VectorMatching.MatchingLabels...)
			} else {
				b.Del(x.VectorMatching.MatchingLabels...)
			}
			sides[i] = append(sides[i], b.Labels())
		}
	}
	for _, a := range sides[0] {
		if slices.ContainsFunc(sides[1], func(b labels.Labels) bool { return labels.Equal(a, b) }) {
			return ""
		}
	}
	return fmt.Sprintf("its left side has series such as %s and its right side such as %s, which never match", sides[0][0], sides[1][0])
}

// loader hands the manager only the rules that the alert reads, and itself.
func (p *prover) loader() rules.GroupLoader { return &only{set: p.set, rules: p.rules()} }

type only struct {
	set     *RuleSet
	rules   []*ruleIn
	bare    bool                     // without annotations
	changed map[*rulefmt.Rule]string // expressions in the place of the rules' own
}

// Load returns what is needed of a file.
func (o *only) Load(path string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	needed := map[*rulefmt.Rule]bool{}
	for _, r := range o.rules {
		needed[r.rule] = true
	}
	out := &rulefmt.RuleGroups{}
	for _, f := range o.set.files {
		if f.path != path {
			continue
		}
		for i := range f.groups.Groups {
			g := f.groups.Groups[i]
			var kept []rulefmt.Rule
			for j := range g.Rules {
				if needed[&g.Rules[j]] {
					kept = append(kept, o.with(g.Rules[j], &g.Rules[j]))
				}
			}
			if len(kept) > 0 {
				g.Rules = kept
				out.Groups = append(out.Groups, g)
			}
		}
	}
	return out, nil
}

// Parse parses an expression.
func (o *only) Parse(text string) (parser.Expr, error) { return o.set.parser.ParseExpr(text) }
