package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"golang.org/x/time/rate"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/scenario"
)

// Past is where samples of the past are: a server, a folder, or a scenario.
type Past interface {
	// Matrix returns what an expression gives at moments that are a step apart, from one to another.
	Matrix(ctx context.Context, expr parser.Expr, from, to time.Time, step time.Duration) (promql.Matrix, error)
	// Bounds are the times of the first and the last sample; false where they are not known.
	Bounds() (from, to time.Time, known bool)
	// Store is where recording rules are evaluated into, nil where they have to be a part of the expressions that read them.
	Store() *Overlay
	// Warnings are what it warned of in its answers: that they are partial, for instance.
	Warnings() []string
	// String names it: "http://localhost:9090".
	String() string
	Close() error
}

// Overlay is samples together with what rules record over them. What is recorded hides what the samples have of that name.
type Overlay struct {
	under  storage.Queryable // nil: nothing
	store  *store
	hidden map[string]bool
	engine *promql.Engine
	mu     sync.Mutex
}

func newOverlay(under storage.Queryable, features query.Features) *Overlay {
	return &Overlay{under: under, store: newStore(), hidden: map[string]bool{}, engine: engine.New(features)}
}

// Querier returns both.
func (o *Overlay) Querier(mint, maxt int64) (storage.Querier, error) {
	over, err := o.store.Querier(mint, maxt)
	if err != nil || o.under == nil {
		return over, err
	}
	under, err := o.under.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return &overlayQuerier{under, over, o.hidden}, nil
}

type overlayQuerier struct {
	storage.Querier
	over   storage.Querier
	hidden map[string]bool
}

// Select asks the one that has the series.
func (q *overlayQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	for _, m := range ms {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual && q.hidden[m.Value] {
			return q.over.Select(ctx, sorted, hints, ms...)
		}
	}
	return q.Querier.Select(ctx, sorted, hints, ms...)
}

// Close closes both.
func (q *overlayQuerier) Close() error { return errors.Join(q.Querier.Close(), q.over.Close()) }

// Warnings has none: all samples are at hand.
func (o *Overlay) Warnings() []string { return nil }

// matrix evaluates an expression in pieces that a server would answer, too.
func (o *Overlay) matrix(ctx context.Context, text string, from, to time.Time, step time.Duration) (promql.Matrix, error) {
	var out promql.Matrix
	index := map[string]int{}
	for _, piece := range pieces(from, to, step, 24*time.Hour) {
		q, err := o.engine.NewRangeQuery(ctx, o, nil, text, piece.from, piece.to, step)
		if err == nil {
			var m promql.Matrix
			if m, err = q.Exec(ctx).Matrix(); err == nil {
				out = appendMatrix(out, index, m)
			}
			q.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(strings.Fields(text), " "), err)
		}
	}
	return out, nil
}

// appendMatrix adds the points of a later piece; index has the place of each series.
func appendMatrix(to promql.Matrix, index map[string]int, m promql.Matrix) promql.Matrix {
	for _, s := range m {
		key := s.Metric.String()
		i, ok := index[key]
		if !ok {
			i = len(to)
			index[key] = i
			to = append(to, promql.Series{Metric: s.Metric.Copy()})
		}
		to[i].Floats = append(to[i].Floats, s.Floats...)
		to[i].Histograms = append(to[i].Histograms, s.Histograms...)
	}
	return to
}

// record evaluates a recording rule, once for each name and definition.
func (o *Overlay) record(ctx context.Context, r *ruleIn, from, to time.Time, step time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := r.rule.Record + "\x00" + r.rule.Expr
	if o.hidden[key] {
		return nil
	}
	m, err := o.matrix(ctx, r.rule.Expr, from, to, step)
	if err != nil {
		return err
	}
	o.hidden[r.rule.Record], o.hidden[key] = true, true // another definition of that name adds to it
	if most := r.group.Limit; most > 0 {                // more than that records nothing
		n := map[int64]int{}
		for _, s := range m {
			for _, p := range s.Floats {
				n[p.T]++
			}
		}
		for i := range m {
			m[i].Floats = slices.DeleteFunc(m[i].Floats, func(p promql.FPoint) bool { return n[p.T] > most })
		}
	}
	app := o.store.AppenderV2(ctx)
	for _, s := range m {
		b := labels.NewBuilder(s.Metric)
		b.Set(model.MetricNameLabel, r.rule.Record)
		r.label(b)
		ls := b.Labels()
		for i, p := range s.Floats {
			_, err := app.Append(0, ls, 0, p.T, p.F, nil, nil, storage.AppendV2Options{})
			// Where an evaluation gives a series no more, a server marks its end, so that nobody takes the last value for a new one.
			ends := p.T + step.Milliseconds()
			if err == nil && ends <= to.UnixMilli() && (i+1 == len(s.Floats) || s.Floats[i+1].T > ends) {
				_, err = app.Append(0, ls, 0, ends, stale, nil, nil, storage.AppendV2Options{})
			}
			if err != nil {
				return fmt.Errorf("recording %s: %w", r.rule.Record, err)
			}
		}
	}
	return nil
}

// alerted writes the series of an alert, ALERTS and ALERTS_FOR_STATE, of what its expression gave at each evaluation up to the last.
func (o *Overlay) alerted(ctx context.Context, r *ruleIn, m promql.Matrix, every time.Duration, last time.Time) error {
	app := o.store.AppenderV2(ctx)
	hold := time.Duration(r.rule.For)
	write := func(name, state string, ls labels.Labels, from, to time.Time, open bool, v float64) error {
		b := labels.NewBuilder(ls)
		r.label(b)
		b.Set(labels.AlertName, r.rule.Alert)
		b.Set(model.MetricNameLabel, name)
		b.Set("alertstate", state) // which an empty one takes away
		series := b.Labels()
		var err error
		for at := from; err == nil && (at.Before(to) || open && at.Equal(to)); at = at.Add(every) {
			_, err = app.Append(0, series, 0, at.UnixMilli(), v, nil, nil, storage.AppendV2Options{})
		}
		if err == nil && !open {
			_, err = app.Append(0, series, 0, to.UnixMilli(), stale, nil, nil, storage.AppendV2Options{})
		}
		if err != nil && !errors.Is(err, storage.ErrDuplicateSampleForTimestamp) && !errors.Is(err, storage.ErrOutOfOrderSample) {
			return fmt.Errorf("alert %s: %w", r.rule.Alert, err)
		}
		return nil
	}
	// Both series are as the rules of a server write them: pending until `for` is over, and firing with keep_firing_for.
	for _, span := range Spans(m, 0, 0, every, last) {
		until, open := span.To, span.Open
		if fires := span.From.Add(hold); !fires.After(until) {
			until, open = fires, false
		}
		since := float64(span.From.Unix())
		if err := errors.Join(
			write(external.AlertsActive.Name, "pending", span.Labels, span.From, until, open && hold > 0, 1),
			write(external.AlertsForState.Name, "", span.Labels, span.From, span.To, span.Open, since),
		); err != nil {
			return err
		}
	}
	for _, span := range Spans(m, hold, time.Duration(r.rule.KeepFiringFor), every, last) {
		if err := write(external.AlertsActive.Name, "firing", span.Labels, span.From, span.To, span.Open, 1); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what was recorded, so that another version of the rules can be.
func (o *Overlay) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	keep := newStore()
	if o.under == nil { // a scenario's samples are in the same store
		for name, list := range o.store.byName {
			if o.hidden[name] {
				continue
			}
			for _, x := range list {
				keep.series(x.labels).points = x.points
				keep.series(x.labels).native = x.native
			}
		}
	}
	o.store, o.hidden = keep, map[string]bool{}
}

type piece struct{ from, to time.Time }

// pieces cuts a time into parts of at most so long, each of whole steps and at most as many as a server answers (11,000, see
// https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries). They begin at multiples of their length, so that
// another run asks for the same ones.
func pieces(from, to time.Time, step, length time.Duration) []piece {
	length = min(length, 10000*step).Truncate(step)
	length = max(length, step)
	var out []piece
	for at := from; !at.After(to); {
		end := at.Truncate(length).Add(length - step)
		if end.Before(at) {
			end = at
		}
		end = at.Add(end.Sub(at).Truncate(step))
		if end.After(to) {
			end = at.Add(to.Sub(at).Truncate(step))
		}
		out = append(out, piece{at, end})
		at = end.Add(step)
	}
	return out
}

// folder is a TSDB that is read in place.
type folder struct {
	*Overlay
	dir      string
	db       *tsdb.DBReadOnly
	querier  storage.Querier
	from, to time.Time
	sandbox  string
	blocks   []tsdb.BlockMeta
}

// OpenTSDB opens the data folder of a Prometheus server, or a copy of it, and never writes there. It returns an error that names
// the block where one cannot be read. Queries are evaluated as on a server with these flags.
func OpenTSDB(dir string, features query.Features) (_ Past, err error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	// What the write-ahead log holds is mapped into files of a folder of our own.
	sandbox, err := os.MkdirTemp("", "obsgen-tsdb")
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, sandbox: sandbox}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s cannot be read as the data of a Prometheus server: %w; promtool tsdb analyze says more", dir, errors.Join(err, f.Close()))
		}
	}()
	if f.db, err = tsdb.OpenDBReadOnly(dir, sandbox, promslog.NewNopLogger()); err != nil {
		return nil, err
	}
	if err := whole(dir); err != nil { // Prometheus leaves such blocks out, without a word
		return nil, err
	}
	blocks, err := f.db.Blocks()
	if err != nil {
		return nil, err
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, b := range blocks {
		f.blocks = append(f.blocks, b.Meta())
		first, last = min(first, b.Meta().MinTime), max(last, b.Meta().MaxTime)
	}
	_, none := os.Stat(filepath.Join(dir, "wal"))
	switch {
	case none != nil && len(blocks) == 0:
		return nil, errors.New("it has neither blocks nor a write-ahead log")
	case none != nil:
		f.querier, err = f.db.Querier(math.MinInt64, last-1) // what comes later would be in the log
	default:
		f.querier, err = f.db.Querier(math.MinInt64, math.MaxInt64)
		if errors.Is(err, syscall.EXDEV) { // the head's chunks cannot be linked to from another file system
			f.querier, err = f.shadow()
		}
	}
	if err != nil {
		return nil, err
	}
	if none == nil {
		begin, end, err := logged(dir)
		if err != nil {
			return nil, err
		}
		if begin <= end { // what a block has, the log may have too
			first, last = min(first, begin), max(last, end+1)
		}
	}
	if first > last {
		return nil, errors.New("it has no samples")
	}
	f.from, f.to = time.UnixMilli(first).UTC(), time.UnixMilli(last-1).UTC()
	f.Overlay = newOverlay(f, features)
	return f, nil
}

// whole returns an error where a block has no description that can be read.
func whole(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if _, no := ulid.ParseStrict(e.Name()); no != nil || !e.IsDir() {
			continue
		}
		data, e2 := file.Read(filepath.Join(dir, e.Name(), "meta.json"))
		if e2 == nil {
			e2 = json.Unmarshal(data, &tsdb.BlockMeta{})
		}
		if e2 != nil {
			err = errors.Join(err, fmt.Errorf("the meta.json of block %s: %w", e.Name(), e2))
		}
	}
	return err
}

// shadow opens a folder with links to the blocks, and copies of the rest.
func (f *folder) shadow() (storage.Querier, error) {
	if err := f.db.Close(); err != nil {
		return nil, err
	}
	f.db = nil
	at := filepath.Join(f.sandbox, "shadow")
	if err := os.Mkdir(at, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(f.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		from, to := filepath.Join(whole, e.Name()), filepath.Join(at, e.Name())
		switch {
		case e.Name() == "wal" || e.Name() == "wbl" || e.Name() == "chunks_head":
			err = os.CopyFS(to, os.DirFS(from))
		case e.IsDir(): // the folder of a block must be one, and what is in it may be links
			err = linkAll(from, to)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.db, err = tsdb.OpenDBReadOnly(at, f.sandbox, promslog.NewNopLogger()); err != nil {
		return nil, err
	}
	return f.db.Querier(math.MinInt64, math.MaxInt64)
}

func linkAll(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	for _, e := range entries {
		err = errors.Join(err, os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())))
	}
	return err
}

// Querier returns the one querier, which stays open: each new one would read the log again.
func (f *folder) Querier(_, _ int64) (storage.Querier, error) { return keptOpen{f.querier}, nil }

type keptOpen struct{ storage.Querier }

// Close leaves the querier open.
func (keptOpen) Close() error { return nil }

func (f *folder) Matrix(ctx context.Context, expr parser.Expr, from, to time.Time, step time.Duration) (promql.Matrix, error) {
	return f.matrix(ctx, expr.String(), from, to, step)
}

func (f *folder) Bounds() (time.Time, time.Time, bool) { return f.from, f.to, true }
func (f *folder) Store() *Overlay                      { return f.Overlay }
func (f *folder) String() string                       { return f.dir }

func (f *folder) Close() error {
	var all []error
	if f.querier != nil {
		all = append(all, f.querier.Close())
	}
	if f.db != nil {
		all = append(all, f.db.Close())
	}
	return errors.Join(append(all, os.RemoveAll(f.sandbox))...)
}

// made is a scenario.
type made struct {
	*Overlay
	name     string
	from, to time.Time
}

// OpenScenario makes the samples of a scenario, which ends at a time. Queries are evaluated as on a server with these flags.
func OpenScenario(d *scenario.Data, name string, end time.Time, before time.Duration, features query.Features) (Past, error) {
	g, err := NewGenerator(d, name, end, before, usualSeed)
	if err != nil {
		return nil, err
	}
	begin := end.Add(-time.Duration(g.scenario.Lasts)).Truncate(g.step)
	g.begin = begin
	m := &made{Overlay: newOverlay(nil, features), name: name, from: begin.Add(-g.before), to: begin.Add(time.Duration(g.scenario.Lasts))}
	for at := m.from; !at.After(m.to); at = at.Add(samplesPerChunk * g.step) {
		g.Next(samplesPerChunk)
		m.store.load(g)
	}
	return m, nil
}

func (m *made) Matrix(ctx context.Context, expr parser.Expr, from, to time.Time, step time.Duration) (promql.Matrix, error) {
	return m.matrix(ctx, expr.String(), from, to, step)
}

func (m *made) Bounds() (time.Time, time.Time, bool) { return m.from, m.to, true }
func (m *made) Store() *Overlay                      { return m.Overlay }
func (m *made) String() string                       { return "the scenario " + m.name }
func (m *made) Close() error                         { return nil }

// Server is how a Prometheus server is asked.
type Server struct {
	URL string
	// Header is sent with each request, such as Authorization.
	Header http.Header
	// PerSecond bounds the requests a second; 0: 5.
	PerSecond float64
	// Timeout bounds the time of a request; 0: 2 minutes.
	Timeout time.Duration
	// Piece is the longest time that one request asks for; 0: a day.
	Piece time.Duration
	// Cache is a folder that keeps the answers about what is long past, so that a run that was broken off goes on; "": none.
	Cache string
	// Say is told of what goes on, such as a request that is tried again; nil: nobody is.
	Say func(string)

	wait time.Duration // before the first repetition
	name string        // by which answers are kept; "": URL and headers
}

// known returns the name by which the answers of a server are kept: other tenants have other answers. What only says who asks, and
// is another after each login, is no part of it.
func known(address string, h http.Header) string {
	h = h.Clone()
	h.Del("Authorization")
	if len(h) == 0 {
		return client.Redacted(address)
	}
	return fmt.Sprintf("%s %v", client.Redacted(address), h) // in the order of the names
}

type server struct {
	Server
	shown string // the address without its password
	api   promapi.API
	limit *rate.Limiter

	mu       sync.Mutex
	said     map[string]bool
	warnings []string
}

// OpenServer returns a Prometheus server, or one with its API. It returns an error where it does not answer.
func OpenServer(ctx context.Context, s Server) (Past, error) {
	if s.PerSecond == 0 {
		s.PerSecond = 5
	}
	if s.Timeout == 0 {
		s.Timeout = 2 * time.Minute
	}
	if s.Piece == 0 {
		s.Piece = 24 * time.Hour
	}
	if s.wait == 0 {
		s.wait = time.Second
	}
	if s.name == "" {
		s.name = known(s.URL, s.Header)
	}
	if s.Say == nil {
		s.Say = func(string) {}
	}
	at, err := client.Address(s.URL, "http://localhost:9090")
	if err != nil {
		return nil, err
	}
	asking := client.New(s.Header, 0)
	asking.Transport = watched{asking.Transport}
	prometheus, err := api.NewClient(api.Config{Address: at.String(), Client: asking})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.Redacted(), err)
	}
	out := &server{Server: s, shown: at.Redacted(), api: promapi.NewAPI(prometheus), limit: rate.NewLimiter(rate.Limit(s.PerSecond), 1), said: map[string]bool{}}
	if _, _, err := out.ask(ctx, "1", piece{time.Unix(0, 0), time.Unix(0, 0)}, time.Minute); err != nil {
		return nil, err
	}
	return out, nil
}

// watched tells the context of a request of the status of its answer.
type watched struct{ http.RoundTripper }

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(r)
	if got, ok := r.Context().Value(statusKey{}).(*status); ok && err == nil {
		*got = statusOf(answer)
	}
	return answer, err
}

// repetitions is how often a request is tried again that a server could not answer.
const repetitions = 4

// unreachable says that a server answers nothing any more, whatever it is asked.
type unreachable struct{ why string }

func (e *unreachable) Error() string { return e.why }

// status is what a server said beside its answer.
type status struct {
	code  int
	after time.Duration // for which it asks not to be asked
}

type statusKey struct{}

// statusOf reads the status of an answer. It is in seconds, or at a time, when a server may be asked again.
func statusOf(r *http.Response) status {
	s := status{code: r.StatusCode}
	text := r.Header.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		s.after = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		s.after = time.Until(at)
	}
	return s
}

var (
	// errTooMuch says that a server would answer for a shorter time.
	errTooMuch = errors.New("too much at once")
	// tooMuch is in what servers say of a query that reads too much.
	tooMuch = regexp.MustCompile(`(?i)too many (samples|chunks|series|bytes)|too much (data|memory)|(exceed|limit|max)\S* .*(samples|chunks|series|bytes|points|memory|length|range)`)
)

// mostPatience is how long a server is waited for that says how long.
const mostPatience = 10 * time.Minute

// told keeps what a server says of its answers, and tells each thing once.
func (s *server) told(warnings promapi.Warnings, infos promapi.Infos) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range []struct {
		what  string
		texts []string
	}{{"warning", warnings}, {"info", infos}} {
		for _, text := range list.texts {
			text = diag.Printable(text)
			if said := list.what + ": " + text; !s.said[said] {
				s.said[said] = true
				s.Say(fmt.Sprintf("%s: %s", s.shown, said))
				if list.what == "warning" {
					s.warnings = append(s.warnings, text)
				}
			}
		}
	}
}

// Warnings are what the server warned of in its answers: that they are partial, for instance.
func (s *server) Warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.warnings)
}

// ask asks for a piece, again and again where the server is not able to answer. whole says that it warned of nothing.
func (s *server) ask(ctx context.Context, text string, p piece, step time.Duration) (_ model.Matrix, whole bool, err error) {
	next := s.wait
	for try := 0; ; try++ {
		if err := s.limit.Wait(ctx); err != nil {
			return nil, false, err
		}
		var got status
		within, cancel := context.WithTimeout(context.WithValue(ctx, statusKey{}, &got), s.Timeout)
		v, warnings, infos, err := s.api.QueryRange(within, text, promapi.Range{Start: p.from, End: p.to, Step: step})
		cancel()
		if err == nil {
			m, ok := v.(model.Matrix)
			if !ok {
				return nil, false, fmt.Errorf("%s answered with a %s", s.shown, v.Type())
			}
			s.told(warnings, infos)
			return m, len(warnings) == 0, nil
		}
		var answer *promapi.Error
		known := errors.As(err, &answer)
		switch {
		case ctx.Err() != nil:
			return nil, false, ctx.Err()
		case known && got.code == http.StatusUnprocessableEntity && tooMuch.MatchString(answer.Msg):
			return nil, false, fmt.Errorf("%s refuses %s: %w: %s", s.shown, text, errTooMuch, diag.Printable(answer.Msg))
		case known && got.code != http.StatusTooManyRequests && (answer.Type == promapi.ErrBadData || answer.Type == promapi.ErrExec || answer.Type == promapi.ErrClient):
			return nil, false, fmt.Errorf("%s refuses %s: %s", s.shown, text, diag.Printable(answer.Msg))
		case try == repetitions || got.after > mostPatience:
			why := diag.Printable(err.Error())
			switch {
			case known:
				why = fmt.Sprintf("it answers %s: %s", answer.Type, diag.Printable(answer.Msg))
			case errors.Is(err, context.DeadlineExceeded):
				why = fmt.Sprintf("it gives no answer within %s", s.Timeout)
			}
			if got.after > mostPatience {
				why += fmt.Sprintf(" and wants to be left alone for %s", got.after.Round(time.Second))
			}
			return nil, false, &unreachable{fmt.Sprintf("%s cannot be asked: %s, %d times in a row; what it has answered is kept, and the same command goes on from there", s.shown, why, try+1)}
		}
		wait := max(next, got.after)
		s.Say(fmt.Sprintf("%s: %s; trying again in %s", s.shown, diag.Printable(err.Error()), wait))
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-time.After(wait):
		}
		next *= 2
	}
}

// Matrix asks for one piece after the other.
func (s *server) Matrix(ctx context.Context, expr parser.Expr, from, to time.Time, step time.Duration) (promql.Matrix, error) {
	var out promql.Matrix
	index := map[string]int{}
	text := expr.String()
	now := time.Now()
	left := pieces(from, to, step, s.Piece)
	longest := s.Piece // that it has not refused
	for len(left) > 0 {
		p := left[0]
		left = left[1:]
		answer, fresh, err := model.Matrix(nil), false, errTooMuch
		if p.to.Sub(p.from) <= longest {
			answer, fresh, err = s.kept(ctx, text, p, step, now)
		}
		if half := (p.to.Sub(p.from) / 2).Truncate(step); errors.Is(err, errTooMuch) && p.to.After(p.from) {
			if p.to.Sub(p.from) <= longest {
				longest = half
				s.Say(fmt.Sprintf("%v; asking for %s at a time", err, short(max(half, step))))
			}
			left = append([]piece{{p.from, p.from.Add(half)}, {p.from.Add(half + step), p.to}}, left...)
			continue
		}
		if err != nil {
			return nil, err
		}
		if fresh {
			s.Say(fmt.Sprintf("%s: %s to %s", s.shown, p.from.Format(time.DateTime), p.to.Format(time.DateTime)))
		}
		var m promql.Matrix
		for _, x := range answer {
			b := labels.NewScratchBuilder(len(x.Metric))
			for k, v := range x.Metric {
				b.Add(string(k), string(v))
			}
			b.Sort()
			series := promql.Series{Metric: b.Labels()}
			for _, v := range x.Values {
				series.Floats = append(series.Floats, promql.FPoint{T: int64(v.Timestamp), F: float64(v.Value)})
			}
			for _, v := range x.Histograms { // that there is one is all that matters here
				series.Floats = append(series.Floats, promql.FPoint{T: int64(v.Timestamp), F: float64(v.Histogram.Count)})
			}
			m = append(m, series)
		}
		out = appendMatrix(out, index, m)
	}
	return out, nil
}

// settled is how old a piece must be for its answer to be kept: what comes late has come.
const settled = 2 * time.Hour

// kept returns the answer to a piece from the cache, or the server's.
func (s *server) kept(ctx context.Context, text string, p piece, step time.Duration, now time.Time) (out model.Matrix, fresh bool, err error) {
	name := ""
	if s.Cache != "" && p.to.Before(now.Add(-settled)) {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d\x00%d", s.name, text, p.from.UnixMilli(), p.to.UnixMilli(), step))
		name = filepath.Join(s.Cache, hex.EncodeToString(sum[:16])+".json")
		if data, err := file.Read(name); err == nil && json.Unmarshal(data, &out) == nil {
			return out, false, nil
		}
	}
	out, whole, err := s.ask(ctx, text, p, step)
	if err != nil || name == "" || !whole { // what is partial now may be whole the next time
		return out, true, err
	}
	data, err := json.Marshal(out)
	if err == nil && os.MkdirAll(s.Cache, 0o700) == nil { // what a server has is for those that it lets in
		err = file.Write(name, data, 0o600)
	}
	return out, true, err
}

func (s *server) Bounds() (from, to time.Time, known bool) { return time.Time{}, time.Time{}, false }
func (s *server) Store() *Overlay                          { return nil }
func (s *server) String() string                           { return s.shown }
func (s *server) Close() error                             { return nil }
