// Package preview serves a page that shows a project as it is now: its dashboards with live data, drawn by Grafana's own
// components, its alerts, rules and metrics.
//
// There is no promise of compatibility before 1.0.
package preview

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/obsgen/obsgen/simulate"
)

//go:embed web/dist
var dist embed.FS

// Feed is an HTTP API of Prometheus, and what goes on behind it.
type Feed interface {
	Handler(hosts []string) http.Handler
	// Run feeds it until the context ends.
	Run(ctx context.Context) error
}

// Play is a feed that plays a scenario by a clock.
type Play interface {
	Feed
	// Advance brings it to the present of its clock.
	Advance(ctx context.Context)
	// Into returns how far into the scenario it is.
	Into() time.Duration
}

// Source makes what feeds the page: where it is a scenario, the one of a name, so far into it (0: at its end), by a clock.
type Source func(ctx context.Context, scenario string, at time.Duration, clock *simulate.Clock) (Feed, error)

// Server is the page's server.
type Server struct {
	mu       sync.Mutex
	state    []byte
	scenario string // "": the data are none's
	at       time.Duration
	trouble  string // why the last build of the project failed
	version  int
	changed  chan struct{} // closed and made anew with each change

	machine func() time.Time
	clock   *simulate.Clock
	play    Play // nil: the data are no scenario's
	api     http.Handler
	fed     context.Context // of what feeds the page
	stop    func()          // ends that, and returns when it has ended
	source  Source
	cache   *answers
}

// New returns a server over a source; at is how far into its scenario it starts, and machine the time by which its clock goes,
// nil for that of the machine.
func New(at time.Duration, machine func() time.Time, source Source) *Server {
	return &Server{at: at, machine: machine, source: source, clock: simulate.NewClock(machine, 1), changed: make(chan struct{}), cache: newAnswers()}
}

// Show shows another state of the project, as JSON that the page reads. Where fresh says that rules or metrics changed, or nothing
// was shown before, the data are made anew, of the scenario that is shown or of the one that is given. What it cannot show it returns
// as an error, and goes on with what it showed before.
func (s *Server) Show(ctx context.Context, state []byte, scenario string, fresh bool) error {
	if !json.Valid(state) {
		return errors.New("the state of the project is no JSON")
	}
	s.mu.Lock()
	if s.scenario != "" {
		scenario = s.scenario
	}
	fresh = fresh || s.api == nil
	at := s.at
	if s.play != nil {
		at = s.play.Into() // as far as it had come
	}
	clock := simulate.NewClock(s.machine, s.clock.Speed())
	s.mu.Unlock()
	var feed Feed
	if fresh {
		var err error
		if feed, err = s.source(ctx, scenario, at, clock); err != nil {
			return err
		}
	}
	s.mu.Lock()
	stop := func() {}
	if feed != nil {
		stop = s.feed(ctx, feed, scenario, clock)
	}
	s.state, s.scenario, s.trouble = state, scenario, ""
	s.announce()
	s.mu.Unlock()
	stop()
	return nil
}

// feed runs what feeds the page in place of what did before, and returns what ends that. The caller holds the lock, and calls it
// without: the end may have to wait for an evaluation, and nobody else is to wait for that.
func (s *Server) feed(ctx context.Context, feed Feed, scenario string, clock *simulate.Clock) (stop func()) {
	stop = s.stop
	if stop == nil {
		stop = func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := feed.Run(ctx); err != nil && ctx.Err() == nil {
			s.Trouble(err.Error())
		}
	}()
	s.api, s.clock, s.fed = feed.Handler(nil), clock, ctx
	s.play = nil
	if scenario != "" {
		s.play, _ = feed.(Play)
	}
	if old, ok := feed.(interface{ Stands() time.Time }); ok && !old.Stands().IsZero() {
		s.clock = simulate.NewClock(old.Stands, 0)
	}
	s.stop = func() {
		cancel()
		<-done
	}
	s.cache.clear()
	return stop
}

// Trouble says on the page what is wrong, and leaves the rest of it as it is.
func (s *Server) Trouble(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = text
	s.announce()
}

// announce tells all pages that something changed. The caller holds the lock.
func (s *Server) announce() {
	s.version++
	s.wake()
}

// wake has all pages told of the version and the clock. The caller holds the lock.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close stops what feeds the page.
func (s *Server) Close() {
	s.mu.Lock()
	stop := s.stop
	s.stop = nil
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Handler returns the page, its data and Prometheus's API beside it.
func (s *Server) Handler(hosts []string) http.Handler {
	web, err := fs.Sub(dist, "web/dist")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	files := http.FileServerFS(web)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		// Each place of the page has an address of its own, and all are the same file.
		if _, err := fs.Stat(web, strings.TrimPrefix(r.URL.Path, "/")); err != nil || r.URL.Path == "/" {
			r.URL.Path = "/"
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		head := fmt.Sprintf(`{"version":%d,"scenario":%s,"clock":%s,"trouble":%s,"state":`, s.version, quote(s.scenario), s.moment(), quote(s.trouble))
		state := orNull(s.state)
		s.mu.Unlock() // whoever reads slowly keeps nobody else waiting
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "%s%s}", head, state)
	})
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("POST /query", s.query)
	mux.HandleFunc("POST /scenario", changes(func(r *http.Request) error {
		at := time.Duration(0) // its end
		if text := r.FormValue("at"); text != "" {
			var err error
			if at, err = lengthOf("at", text, time.Minute, latest); err != nil {
				return err
			}
			if at < 0 {
				return fmt.Errorf("at=%s is before the scenario begins", text)
			}
		}
		return s.choose(r.Context(), r.FormValue("name"), at)
	}))
	mux.HandleFunc("POST /clock", changes(func(r *http.Request) error {
		return s.setClock(r.Context(), r.FormValue("speed"), r.FormValue("step"))
	}))
	mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		if h := s.prometheus(); h != nil {
			h.ServeHTTP(w, r)
			return
		}
		http.Error(w, "there are no data yet", http.StatusServiceUnavailable)
	})
	// A page of another origin changes nothing and has nothing evaluated.
	return simulate.OnlyHosts(hosts, http.NewCrossOriginProtection().Handler(mux))
}

func (s *Server) prometheus() http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.api
}

func quote(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`)
	}
	return data
}

func orNull(data []byte) []byte {
	if data == nil {
		return []byte("null")
	}
	return data
}

// changes answers a request that changes what is shown: what goes wrong in words.
func changes(f func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

// latest is how far into a scenario it can be asked for: each is over long before.
const latest = 365 * 24 * time.Hour

var unitNames = map[time.Duration]string{time.Second: "seconds", time.Minute: "minutes"}

// lengthOf reads a number of units, of which there can be so many forward or back.
func lengthOf(name, text string, unit, most time.Duration) (time.Duration, error) {
	limit := int64(most / unit)
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n > limit || n < -limit):
		return 0, fmt.Errorf("%s=%s is too much: %d %s at most", name, text, limit, unitNames[unit])
	case err != nil:
		return 0, fmt.Errorf("%s=%s is not a whole number of %s", name, text, unitNames[unit])
	}
	return time.Duration(n) * unit, nil
}

// choose shows another scenario, or another moment of it, unless whoever asked for it goes away before it is made.
func (s *Server) choose(asks context.Context, name string, at time.Duration) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(asks)) // it goes on when the request is over
	going := context.AfterFunc(asks, cancel)
	s.mu.Lock()
	clock := simulate.NewClock(s.machine, s.clock.Speed())
	s.mu.Unlock()
	feed, err := s.source(ctx, name, at, clock)
	if err != nil {
		cancel()
		return err
	}
	if !going() {
		return errors.Join(asks.Err(), feed.Run(ctx)) // which has ended: this closes what it holds
	}
	s.mu.Lock()
	stop := s.feed(ctx, feed, name, clock)
	s.scenario, s.at = name, at
	s.announce()
	s.mu.Unlock()
	stop()
	return nil
}

// stride is by how much the clock is moved at once: when all is evaluated that is due then, it is moved further.
const stride = time.Minute

// setClock sets how fast the scenario goes on, and moves it by so many seconds; "" leaves it. The clock stays where it has come to
// when whoever moves it goes away, or another scenario is chosen.
func (s *Server) setClock(ctx context.Context, speed, step string) error {
	s.mu.Lock()
	play, clock, fed := s.play, s.clock, s.fed
	s.mu.Unlock()
	if play == nil {
		return errors.New("these data go on by themselves: only a scenario has a clock that can be set")
	}
	wake := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.wake()
	}
	if speed != "" {
		x, err := strconv.ParseFloat(speed, 64)
		if err != nil {
			return fmt.Errorf("speed=%s is no number", speed)
		}
		if err := clock.SetSpeed(x); err != nil {
			return err
		}
	}
	if step != "" {
		d, err := lengthOf("step", step, time.Second, simulate.Furthest)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(fed, cancel)()
		told := time.Now()
		for left := d; left != 0; {
			now := min(left, stride)
			if err := clock.Step(now); err != nil {
				return err
			}
			play.Advance(ctx)
			if left -= now; ctx.Err() != nil {
				wake()
				return fmt.Errorf("another scenario was chosen, or nobody waits any more: the clock was moved by %s of %s", d-left, d)
			}
			if left > 0 && time.Since(told) > time.Second {
				told = time.Now()
				wake()
			}
		}
	}
	wake()
	return nil
}

// moment returns the clock as the page reads it: the time in milliseconds, how many times as fast as time it goes, and how many
// seconds into the scenario it is. The caller holds the lock.
func (s *Server) moment() string {
	into := 0.0
	if s.play != nil {
		into = s.play.Into().Seconds()
	}
	return fmt.Sprintf(`{"now":%d,"speed":%g,"into":%.0f}`, s.clock.Now().UnixMilli(), s.clock.Speed(), into)
}

// events tells a page of each change, by server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	flush, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "this connection cannot be written to piece by piece", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	for {
		s.mu.Lock()
		version, changed, clock := s.version, s.changed, s.moment()
		s.mu.Unlock()
		fmt.Fprintf(w, "data: {\"version\":%d,\"clock\":%s}\n\n", version, clock)
		flush.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-time.After(15 * time.Second): // so that a connection that is gone is noticed
		}
	}
}

// asked is a query of a panel.
type asked struct {
	Expr    string  `json:"expr"`
	Start   float64 `json:"start"` // in seconds
	End     float64 `json:"end"`
	Step    float64 `json:"step"`
	Instant bool    `json:"instant"`
}

// query answers many queries at once, as Prometheus's API answers each: a line with the number of the query and {"data": …} or
// {"error": "…"}, as soon as that is there. What is wrong with one, or slow, is so for that one.
func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	var list []json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&list); err != nil {
		http.Error(w, fmt.Sprintf("cannot read the list of queries: %v", err), http.StatusBadRequest)
		return
	}
	api := s.prometheus()
	if api == nil {
		http.Error(w, "there are no data yet", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var writing sync.Mutex
	send := func(i int, answer json.RawMessage) {
		writing.Lock()
		defer writing.Unlock()
		fmt.Fprintf(w, "%d %s\n", i, answer)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
	var work sync.WaitGroup
	limit := make(chan struct{}, 4)
	for i, text := range list {
		q, err := readAsked(text)
		if err != nil {
			send(i, failed(err))
			continue
		}
		work.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			send(i, s.cache.get(r.Context(), q, func(ctx context.Context) (json.RawMessage, bool) { return answer(ctx, api, q) }))
		})
	}
	work.Wait()
}

// readAsked reads one query of a list.
func readAsked(text json.RawMessage) (asked, error) {
	var q asked
	if err := json.Unmarshal(text, &q); err != nil {
		return q, fmt.Errorf("cannot read the query: %w", err)
	}
	if q.End <= 0 || !q.Instant && (q.Start <= 0 || q.Step <= 0) {
		return q, errors.New("the query has no time: end, and without instant also start and step, are seconds above 0")
	}
	return q, nil
}

// answer asks Prometheus's API within this process, and says whether it was answered.
func answer(ctx context.Context, api http.Handler, q asked) (_ json.RawMessage, good bool) {
	form := strings.NewReader(formOf(q))
	path := "/api/v1/query_range"
	if q.Instant {
		path = "/api/v1/query"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+path, form)
	if err != nil {
		return failed(err), false
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var w recorder
	api.ServeHTTP(&w, req)
	var body struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(w.body.Bytes(), &body); err != nil {
		text := strings.TrimSpace(w.body.String())
		if text == "" {
			text = fmt.Sprintf("what was asked answers with status %d", w.status)
		}
		return failed(errors.New(text)), false
	}
	if body.Status != "success" {
		return failed(errors.New(body.Error)), false
	}
	out, err := json.Marshal(map[string]json.RawMessage{"data": body.Data})
	if err != nil {
		return failed(err), false
	}
	return out, true
}

func failed(err error) json.RawMessage {
	return append(append([]byte(`{"error":`), quote(err.Error())...), '}')
}

// recorder keeps an answer.
type recorder struct {
	head   http.Header
	body   bytes.Buffer
	status int
}

func (w *recorder) Header() http.Header {
	if w.head == nil {
		w.head = http.Header{}
	}
	return w.head
}
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *recorder) WriteHeader(status int)      { w.status = status }

func formOf(q asked) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	v := map[string]string{"query": q.Expr}
	if q.Instant {
		v["time"] = number(q.End)
	} else {
		v["start"], v["end"], v["step"] = number(q.Start), number(q.End), number(q.Step)
	}
	return encode(v)
}
