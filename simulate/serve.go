package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/scenario"
)

// Serving is an embedded Prometheus: its HTTP API, and what feeds it.
type Serving struct {
	engine *promql.Engine
	parser parser.Parser
	// features are the flags of the server.
	features query.Features
	// registry has what the API reads of the storage.
	registry *prometheus.Registry
	data     storage.Queryable
	chunks   storage.ChunkQueryable // nil: there are none
	ex       storage.ExemplarQueryable
	stats    apiv1.TSDBAdminStats
	rules    *live
	pool     targets
	config   *config.Config
	ready    time.Time
	steps    []func(context.Context) error // what goes on while it runs
	close    []func() error

	now   func() time.Time
	begin time.Time // of the scenario
	// stands is the time at which a folder's samples end.
	stands time.Time
	mu     sync.Mutex
	feed   func()                                 // writes the samples up to now; nil: others do
	until  func(context.Context, time.Time) error // evaluates what is due up to a time; nil: nothing ever is
	say    func(string)
}

// targets is what a server knows of those that it scrapes.
type targets interface {
	TargetsActive() map[string][]*scrape.Target
	TargetsDropped() map[string][]*scrape.Target
	TargetsDroppedCounts() map[string]int
	ScrapePools() []string
	ScrapePoolConfig(string) (*config.ScrapeConfig, error)
}

// ServeOptions are what a server is fed with.
type ServeOptions struct {
	// History is how far back the samples of a scenario reach when the server starts.
	History time.Duration
	// At is how far into the scenario the server starts; 0: at its end, where the history is long enough for that.
	At time.Duration
	// Record says that rules are evaluated over the history of a folder, too.
	Record bool
	// Say is told of what goes wrong while it runs; nil: nobody is.
	Say func(string)
	// Now is the clock; nil: that of the machine.
	Now func() time.Time
	// CatchUp says that evaluations of rules for which the clock has jumped are made one after the other. Without it they are left
	// out, as on a server that was away.
	CatchUp bool
}

func (set *RuleSet) serving(d *scenario.Data, o ServeOptions) *Serving {
	s := &Serving{engine: set.engine, parser: set.parser, features: set.options.Features, registry: prometheus.NewRegistry(), now: o.Now, say: o.Say, config: &config.Config{GlobalConfig: config.DefaultGlobalConfig}}
	if s.now == nil {
		s.now = time.Now
	}
	if d.Scrape > 0 {
		s.config.GlobalConfig.ScrapeInterval = model.Duration(d.Scrape)
		s.config.GlobalConfig.ScrapeTimeout = min(s.config.GlobalConfig.ScrapeInterval, s.config.GlobalConfig.ScrapeTimeout)
	}
	if d.Evaluation > 0 {
		s.config.GlobalConfig.EvaluationInterval = model.Duration(d.Evaluation)
	}
	s.config.GlobalConfig.ExternalLabels = labels.FromMap(d.External)
	s.ready = s.now()
	return s
}

// retained is how long a scenario's samples are kept beyond its history.
const retained = 6 * time.Hour

// ServeScenario serves a scenario that goes on in real time, with the rules evaluated on it; after its end the usual state of things
// goes on.
func (s *RuleSet) ServeScenario(ctx context.Context, d *scenario.Data, name string, o ServeOptions) (*Serving, error) {
	out := s.serving(d, o)
	if o.History <= 0 {
		o.History = time.Hour
	}
	g, err := NewGenerator(d, name, time.Time{}, o.History, usualSeed)
	if err != nil {
		return nil, err
	}
	now := out.now().UTC().Truncate(time.Second)
	into := o.At
	switch lasts := time.Duration(g.scenario.Lasts); {
	case into == 0 && o.History > lasts: // it ends now
		into = lasts
	case into > lasts+o.History: // the scenario is over for longer than anybody sees
		into = lasts + o.History
	}
	g.begin, g.before = now.Add(-into), max(o.History-into, time.Duration(g.scenario.Before))
	data := newStore()
	out.begin = g.begin
	out.feed = func() {
		fed := false
		for now := out.now(); !g.due(g.next).After(now); fed = true {
			g.Next(1)
			data.load(g)
		}
		if fed {
			data.trim(out.now().Add(-o.History - retained).UnixMilli())
		}
	}
	for g.due(g.next + samplesPerChunk).Before(now) {
		g.Next(samplesPerChunk)
		data.load(g)
	}
	out.feed()
	out.data, out.stats = data, memoryStats{of: data}
	out.registry.MustRegister(chunksAtHand(0)) // samples are not kept in chunks
	out.pool = madeTargets(d, out)
	if out.rules, err = s.live(ctx, d, out.engine, data); err != nil {
		return nil, err
	}
	out.until = out.rules.eval
	if o.CatchUp {
		out.until = out.rules.evalUntil
	}
	if err := s.fill(ctx, out.rules, &Overlay{store: data, hidden: map[string]bool{}, engine: out.engine}, now.Add(-o.History), now, o.Say); err != nil {
		return nil, err
	}
	out.rules.goOn(ctx, now)
	out.steps = append(out.steps, func(ctx context.Context) error {
		return out.every(ctx, 200*time.Millisecond, func() { out.Advance(ctx) })
	})
	return out, nil
}

// Into returns how far into its scenario the server is.
func (s *Serving) Into() time.Duration { return s.now().Sub(s.begin) }

// every calls f again and again until the context ends.
func (s *Serving) every(ctx context.Context, d time.Duration, f func()) error {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			f()
		}
	}
}

// Stands returns the time of the last sample where none follow, and the zero time where time goes on.
func (s *Serving) Stands() time.Time { return s.stands }

// Advance brings the server to the present of its clock: samples are written, and groups evaluated that are due. Where the clock
// was set back both wait: samples never go back in time.
func (s *Serving) Advance(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feed != nil {
		s.feed()
	}
	if s.until == nil {
		return
	}
	if err := s.until(ctx, s.now()); err != nil && ctx.Err() == nil && s.say != nil {
		s.say(err.Error())
	}
}

// fill writes what the rules would have recorded, and the alerts' own series, as if they had been evaluated all the time. A rule
// that cannot be evaluated is told, and has no past.
func (s *RuleSet) fill(ctx context.Context, l *live, over *Overlay, from, to time.Time, say func(string)) error {
	failed := func(r *ruleIn, err error) {
		if say != nil && ctx.Err() == nil {
			say(fmt.Sprintf("%s: group %s: rule %s: %v", r.file, r.group.Name, r.name(), err))
		}
	}
	p := &prover{set: s}
	seen := map[*ruleIn]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.records)) {
		for _, r := range s.records[name] {
			if !seen[r] {
				seen[r] = true
				p.need(r.expr, seen)
				p.records = append(p.records, r)
			}
		}
	}
	for _, r := range p.records {
		every := r.every(l.every)
		if err := over.record(ctx, r, from, to.Add(-every), every); err != nil {
			failed(r, err)
		}
	}
	over.hidden[external.AlertsActive.Name], over.hidden[external.AlertsForState.Name] = true, true
	for _, r := range s.alerts {
		every := r.every(l.every)
		last := from.Add(to.Add(-every).Sub(from).Truncate(every))
		m, err := over.matrix(ctx, r.rule.Expr, from, last, every)
		if err != nil {
			failed(r, err)
			continue
		}
		if err := over.alerted(ctx, r, m, every, last); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ServeTSDB serves a folder as it is, with the rules evaluated once, at its last sample; with o.Record also over its last time, so
// that what they record is there, whichever rules the folder's server had.
func (s *RuleSet) ServeTSDB(ctx context.Context, d *scenario.Data, dir string, o ServeOptions) (*Serving, error) {
	past, err := OpenTSDB(dir, s.options.Features)
	if err != nil {
		return nil, err
	}
	f, ok := past.(*folder)
	if !ok {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	out := s.serving(d, o)
	out.close = append(out.close, f.Close)
	over := newOverlay(f, s.options.Features)
	out.data = &oneAtATime{f: f}
	n := uint64(0)
	for _, b := range f.blocks {
		n += b.Stats.NumChunks
	}
	out.registry.MustRegister(chunksAtHand(n))
	if out.stands, err = f.ends(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if out.pool, err = f.targets(ctx, d, out); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if out.rules, err = s.liveOn(ctx, d, rules.EngineQueryFunc(out.engine, over), over, over.store, &parsed{s}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if o.Record {
		begin := out.stands.Add(-o.History)
		if begin.Before(f.from) {
			begin = f.from
		}
		if err := s.fill(ctx, out.rules, over, begin, out.stands, o.Say); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		out.data = &Overlay{under: out.data, store: over.store, hidden: over.hidden}
	}
	out.stats = folderStats{f: f, data: out.data}
	out.rules.goOn(ctx, out.stands)
	return out, nil
}

// ends returns the time of the last sample of up, which each scrape writes: a block that says until when it reaches need not have
// samples to its end. Where there is none in its last day, it is that end.
func (f *folder) ends(ctx context.Context) (time.Time, error) {
	q, err := f.Querier(f.to.Add(-24*time.Hour).UnixMilli(), f.to.UnixMilli())
	if err != nil {
		return time.Time{}, err
	}
	last := int64(math.MinInt64)
	set := q.Select(ctx, false, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, external.Up.Name))
	for set.Next() {
		it := set.At().Iterator(nil)
		for it.Next() != chunkenc.ValNone {
			last = max(last, it.AtT())
		}
	}
	if err := errors.Join(set.Err(), q.Close()); err != nil {
		return time.Time{}, err
	}
	if last == math.MinInt64 {
		return f.to, nil
	}
	return time.UnixMilli(last).UTC(), nil
}

// oneAtATime lets one query at a time read a folder, whose reader is not made for more.
type oneAtATime struct {
	mu sync.Mutex
	f  *folder
}

// Querier waits for the query before.
func (o *oneAtATime) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := o.f.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	return &unlocking{Querier: q, unlock: sync.OnceFunc(o.mu.Unlock)}, nil
}

type unlocking struct {
	storage.Querier
	unlock func()
}

// Close lets the next one in.
func (u *unlocking) Close() error {
	u.unlock()
	return u.Querier.Close()
}

// ServeScrape serves what a target exposes, which it scrapes from now on, and the rules on that.
func (s *RuleSet) ServeScrape(ctx context.Context, d *scenario.Data, target string, o ServeOptions) (_ *Serving, err error) {
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	at, err := client.Address(target, "http://localhost:9090/metrics")
	if err != nil {
		return nil, err
	}
	if at.Path == "" {
		at.Path = "/metrics"
	}
	out := s.serving(d, o)
	dir, err := os.MkdirTemp("", "obsgen-serve")
	if err != nil {
		return nil, err
	}
	out.close = append(out.close, func() error { return os.RemoveAll(dir) })
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close())
		}
	}()
	options := tsdb.DefaultOptions()
	options.EnableExemplarStorage, options.MaxExemplars = true, 10000
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), out.registry, options, nil)
	if err != nil {
		return nil, err
	}
	out.close = append([]func() error{db.Close}, out.close...)
	out.data, out.chunks, out.ex, out.stats = db, db, db, dbStats{db: db}
	manager, err := scrape.NewManager(&scrape.Options{}, promslog.NewNopLogger(), nil, nil, db, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	interval := out.config.GlobalConfig.ScrapeInterval
	job := d.Job
	if job == "" {
		job = "scraped"
	}
	sc := config.DefaultScrapeConfig
	sc.JobName, sc.Scheme, sc.MetricsPath, sc.ScrapeInterval, sc.ScrapeTimeout = job, at.Scheme, at.Path, interval, min(interval, model.Duration(10*time.Second))
	sc.Params = at.Query()
	out.config.ScrapeConfigs = []*config.ScrapeConfig{&sc}
	// Only a configuration that was read from text counts as whole.
	if out.config, err = config.Load(out.config.String(), promslog.NewNopLogger()); err != nil {
		return nil, err
	}
	if err := manager.ApplyConfig(out.config); err != nil {
		return nil, err
	}
	out.pool = manager
	if out.rules, err = s.liveOn(ctx, d, rules.EngineQueryFunc(out.engine, db), db, db, &parsed{s}); err != nil {
		return nil, err
	}
	out.until = out.rules.eval
	found := make(chan map[string][]*targetgroup.Group, 1)
	found <- map[string][]*targetgroup.Group{job: {{Source: at.Redacted(), Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(at.Host)}}}}}
	out.steps = append(out.steps, func(ctx context.Context) error {
		go func() {
			<-ctx.Done()
			manager.Stop()
		}()
		return manager.Run(found)
	}, func(ctx context.Context) error {
		return out.every(ctx, time.Second, func() { out.Advance(ctx) })
	})
	return out, nil
}

// Run feeds the server until the context ends, and closes what it holds.
func (s *Serving) Run(ctx context.Context) error {
	work, ctx := errgroup.WithContext(ctx)
	for _, step := range s.steps {
		work.Go(func() error { return step(ctx) })
	}
	work.Go(func() error {
		<-ctx.Done()
		return nil
	})
	return errors.Join(work.Wait(), s.Close())
}

// Close closes what it holds, and removes what it wrote.
func (s *Serving) Close() error {
	var all []error
	for _, f := range s.close {
		all = append(all, f())
	}
	s.close = nil
	return errors.Join(all...)
}

// Handler returns Prometheus's own HTTP API, below /api/v1, with what Grafana asks of a server beside it. What is asked of it by
// another name than one of hosts is refused, so that no page of the web can read it by a name that leads here; nil: by any.
func (s *Serving) Handler(hosts []string) http.Handler {
	registry := prometheus.NewRegistry()
	api := apiv1.NewAPI(
		s.engine, queryables{s.data, s.chunks}, nil, exemplars{s.ex},
		func(context.Context) apiv1.ScrapePoolsRetriever { return s.pool },
		func(context.Context) apiv1.TargetRetriever { return s.pool },
		func(context.Context) apiv1.AlertmanagerRetriever { return noAlertmanagers{} },
		func() config.Config { return *s.config }, s.flags(), apiv1.GlobalURLOptions{ListenAddress: "localhost:9090", Host: "localhost:9090", Scheme: "http"}, // for addresses of targets
		func(h http.HandlerFunc) http.HandlerFunc { return h }, s.stats, "", false, false, 0, promslog.NewNopLogger(),
		func(context.Context) apiv1.RulesRetriever { return s.rules }, 5e7, 10, 1048576, false, regexp.MustCompile("^$"),
		s.runtimeInfo,
		// Grafana asks which version it speaks with, and offers what that can do.
		&apiv1.PrometheusVersion{Version: prometheusVersion(), Revision: "obsgen", Branch: "obsgen", GoVersion: strings.TrimPrefix(runtime.Version(), "go")},
		func() []notifications.Notification { return nil },
		func() (<-chan notifications.Notification, func(), bool) { return nil, func() {}, false },
		prometheus.Gatherers{registry, s.registry}, registry, nil, false, nil, false, false, false, 5*time.Minute, false, false, nil, features.NewRegistry(), apiv1.OpenAPIOptions{},
		s.parser, false, 2*time.Minute,
	)
	r := route.New()
	api.Register(r.WithPrefix("/api/v1"))
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", r)
	fine := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Prometheus Server is Ready.") }
	mux.HandleFunc("/-/ready", fine)
	mux.HandleFunc("/-/healthy", fine)
	if hosts == nil {
		return mux
	}
	return OnlyHosts(hosts, mux)
}

// prometheusVersion returns the version of the server whose code is linked: the module v0.316.0 is that of 3.16.0.
func prometheusVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "3.0.0"
	}
	for _, m := range info.Deps {
		if m.Path != "github.com/prometheus/prometheus" {
			continue
		}
		var minor, patch int
		if n, _ := fmt.Sscanf(m.Version, "v0.%d.%d", &minor, &patch); n == 2 && minor >= 300 {
			return fmt.Sprintf("%d.%d.%d", minor/100, minor%100, patch)
		}
	}
	return "3.0.0"
}

// OnlyHosts refuses requests that name another host than one of these, whatever the port.
func OnlyHosts(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		host = strings.Trim(host, "[]")
		if !slices.Contains(hosts, strings.ToLower(host)) {
			http.Error(w, fmt.Sprintf("this server answers to %s, and not to %q", strings.Join(hosts, ", "), host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// queryables is a storage with both ways to read it.
type queryables struct {
	storage.Queryable
	chunks storage.ChunkQueryable
}

// ChunkQuerier is asked by remote read alone.
func (q queryables) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	if q.chunks == nil {
		return nil, errors.New("these samples are not kept in chunks; ask by query_range")
	}
	return q.chunks.ChunkQuerier(mint, maxt)
}

// exemplars is a storage of them, or none.
type exemplars struct{ of storage.ExemplarQueryable }

// ExemplarQuerier returns one that has none where there is no storage.
func (e exemplars) ExemplarQuerier(ctx context.Context) (storage.ExemplarQuerier, error) {
	if e.of == nil {
		return e, nil
	}
	return e.of.ExemplarQuerier(ctx)
}

// Select has nothing.
func (exemplars) Select(_, _ int64, _ ...[]*labels.Matcher) ([]exemplar.QueryResult, error) {
	return []exemplar.QueryResult{}, nil
}

// RuleGroups and AlertingRules are the rules in their state.
func (l *live) RuleGroups() []*rules.Group { return l.groups }

// AlertingRules are those that alert.
func (l *live) AlertingRules() []*rules.AlertingRule {
	var out []*rules.AlertingRule
	for _, g := range l.groups {
		out = append(out, g.AlertingRules()...)
	}
	return out
}

type noAlertmanagers struct{}

func (noAlertmanagers) Alertmanagers() []*url.URL        { return nil }
func (noAlertmanagers) DroppedAlertmanagers() []*url.URL { return nil }

// noTargets is a server that scrapes nothing.
type noTargets struct{}

func (noTargets) TargetsActive() map[string][]*scrape.Target  { return nil }
func (noTargets) TargetsDropped() map[string][]*scrape.Target { return nil }
func (noTargets) TargetsDroppedCounts() map[string]int        { return nil }
func (noTargets) ScrapePools() []string                       { return nil }
func (noTargets) ScrapePoolConfig(name string) (*config.ScrapeConfig, error) {
	return nil, fmt.Errorf("there is no scrape pool %s", name)
}

// scenarioTargets are the targets of a scenario, which say what the catalog knows of their metrics.
type scenarioTargets struct {
	noTargets
	serving *Serving
	list    []*scrape.Target
	jobs    []string // of these
	step    time.Duration
	stands  time.Time // at which the samples end; zero: they go on
}

func madeTargets(d *scenario.Data, s *Serving) *scenarioTargets {
	out := &scenarioTargets{serving: s, step: time.Duration(d.Scrape)}
	meta := metadataOf(d.Metrics)
	for _, instance := range d.Targets {
		out.add(d.Job, instance, out.step, meta)
	}
	return out
}

// scrapeInterval is that of the configuration.
func (s *Serving) scrapeInterval() time.Duration {
	return time.Duration(s.config.GlobalConfig.ScrapeInterval)
}

func (t *scenarioTargets) add(job, instance string, every time.Duration, meta metadata) {
	sc := config.DefaultScrapeConfig
	sc.JobName, sc.ScrapeInterval, sc.ScrapeTimeout = job, model.Duration(every), model.Duration(every)
	x := scrape.NewTarget(labels.FromStrings(
		model.JobLabel, job, model.InstanceLabel, instance, model.AddressLabel, instance, model.SchemeLabel, "http", model.MetricsPathLabel, "/metrics",
		model.ScrapeIntervalLabel, sc.ScrapeInterval.String(), model.ScrapeTimeoutLabel, sc.ScrapeTimeout.String(),
	), &sc, model.LabelSet{model.AddressLabel: model.LabelValue(instance)}, nil)
	x.SetMetadataStore(meta)
	t.list = append(t.list, x)
	if !slices.Contains(t.jobs, job) {
		t.jobs = append(t.jobs, job)
	}
}

// TargetsActive are all, in the state that the last sample of up says.
func (t *scenarioTargets) TargetsActive() map[string][]*scrape.Target {
	now := t.serving.now()
	if !t.stands.IsZero() {
		now = t.stands
	}
	out := map[string][]*scrape.Target{}
	for _, x := range t.list {
		var err error
		if up := t.serving.last(external.Up.Name, x.GetValue(model.InstanceLabel), now); up != 1 {
			err = errors.New("its last sample of up is not 1")
		}
		x.Report(now.Truncate(t.step), 5*time.Millisecond, err)
		job := x.GetValue(model.JobLabel)
		out[job] = append(out[job], x)
	}
	return out
}

// ScrapePools has the jobs.
func (t *scenarioTargets) ScrapePools() []string { return t.jobs }

// last returns the last value of a metric of an instance; NaN where there is none.
func (s *Serving) last(name, instance string, at time.Time) float64 {
	q, err := s.data.Querier(at.Add(-5*time.Minute).UnixMilli(), at.UnixMilli())
	if err != nil {
		return math.NaN()
	}
	defer func() { _ = q.Close() }()
	v := math.NaN()
	set := q.Select(context.Background(), false, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name), labels.MustNewMatcher(labels.MatchEqual, "instance", instance))
	for set.Next() {
		it := set.At().Iterator(nil)
		for kind := it.Seek(at.Add(-5 * time.Minute).UnixMilli()); kind == chunkenc.ValFloat && it.AtT() <= at.UnixMilli(); kind = it.Next() {
			_, v = it.At()
		}
	}
	return v
}

// metadata is what the catalog knows of metrics, as a scrape would have told it.
type metadata []scrape.MetricMetadata

func metadataOf(ms []scenario.Metric) metadata {
	var out metadata
	for _, m := range ms {
		if !m.Scrape {
			out = append(out, scrape.MetricMetadata{MetricFamily: m.Name, Type: model.MetricType(m.Kind), Help: m.Help, Unit: m.Unit})
		}
	}
	return out
}

func (m metadata) ListMetadata() []scrape.MetricMetadata { return m }
func (m metadata) SizeMetadata() int                     { return len(m) * 100 }
func (m metadata) LengthMetadata() int                   { return len(m) }

// GetMetadata returns that of a metric.
func (m metadata) GetMetadata(name string) (scrape.MetricMetadata, bool) {
	i := slices.IndexFunc(m, func(x scrape.MetricMetadata) bool { return x.MetricFamily == name })
	if i < 0 {
		return scrape.MetricMetadata{}, false
	}
	return m[i], true
}

var errReadOnly = errors.New("this server deletes nothing")

// readOnly is the part of a storage's administration that is refused.
type readOnly struct{}

func (readOnly) CleanTombstones() error { return errReadOnly }
func (readOnly) Delete(context.Context, int64, int64, ...*labels.Matcher) error {
	return errReadOnly
}
func (readOnly) Snapshot(string, bool) error { return errReadOnly }
func (readOnly) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return tsdb.WALReplayStatus{}, nil
}

// memoryStats are those of a storage in memory.
type memoryStats struct {
	readOnly
	of *store
}

func (memoryStats) BlockMetas() ([]tsdb.BlockMeta, error) { return nil, nil }

// Stats counts series.
func (m memoryStats) Stats(by string, limit int) (*tsdb.Stats, error) {
	m.of.mu.RLock()
	defer m.of.mu.RUnlock()
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	out := statsOf(by, limit, func(f func(labels.Labels)) {
		for _, name := range slices.Sorted(maps.Keys(m.of.byName)) {
			for _, x := range m.of.byName[name] {
				f(x.labels)
				if n := len(x.points); n > 0 {
					first, last = min(first, x.points[0].t), max(last, x.points[n-1].t)
				}
			}
		}
	})
	if first <= last {
		out.MinTime, out.MaxTime = first, last
	}
	return out, nil
}

type dbStats struct {
	readOnly
	db *tsdb.DB
}

// BlockMetas are those of the blocks on disk.
func (s dbStats) BlockMetas() ([]tsdb.BlockMeta, error) {
	var out []tsdb.BlockMeta
	for _, b := range s.db.Blocks() {
		out = append(out, b.Meta())
	}
	return out, nil
}

// Stats are those of the head.
func (s dbStats) Stats(by string, limit int) (*tsdb.Stats, error) {
	return s.db.Head().Stats(by, limit), nil
}
