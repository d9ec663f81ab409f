package instrument_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/unit"
)

type (
	method struct{}
	code   struct{}
	route  struct{}
)

var (
	GET    = catalog.V[method]("GET")
	PUT    = catalog.V[method]("PUT")
	Method = catalog.OneOf("method", "Verb.", GET, PUT)
	OK     = catalog.V[code]("ok")
	Failed = catalog.V[code]("failed")
	Code   = catalog.OneOf("code", "Outcome.", OK, Failed)
	Route  = catalog.AtMost[route](3, "route", "Route.")
	Status = catalog.Pattern[code](`[1-5]\d\d`, 5, "status", "Status.")

	PerRoute  = catalog.By3(Method, Code, Route)
	PerMethod = catalog.By1(Method)
	PerStatus = catalog.By2(Method, Status)

	group    = catalog.NewGroup("App", catalog.GroupSpec{Help: "An app.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", PerRoute, catalog.Spec{Help: "Requests.", Unit: unit.Requests})
	Failures = catalog.NewCounter(group, "app_failures_total", PerMethod, catalog.Spec{Help: "Failures.", Unit: unit.Errors, Initialised: true})
	Answers  = catalog.NewCounter(group, "app_answers_total", PerStatus, catalog.Spec{Help: "Answers.", Unit: unit.Count("answers")})
	Bytes    = catalog.NewCounter(group, "app_sent_bytes_total", catalog.None{}, catalog.Spec{Help: "Bytes sent.", Unit: unit.Bytes})
	Open     = catalog.NewGauge(group, "app_open", PerMethod, catalog.Spec{Help: "Open.", Unit: unit.Connections})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", PerMethod, catalog.Spec{Help: "Duration.", Unit: unit.Seconds, Buckets: []float64{.1, 1, 10}})
	Size     = catalog.NewHistogram(group, "app_size_bytes", catalog.None{}, catalog.Spec{Help: "Size.", Unit: unit.Bytes, Native: 1.1})
	Both     = catalog.NewHistogram(group, "app_wait_seconds", catalog.None{}, catalog.Spec{Help: "Wait.", Unit: unit.Seconds, Native: 1.1, Buckets: []float64{.1, 1}})
	_        = catalog.NewGauge(group, "app_idle", catalog.None{}, catalog.Spec{Help: "Idle.", Unit: unit.One, Unwritten: "nobody"})

	app = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group}})

	elsewhere = catalog.NewGroup("Elsewhere", catalog.GroupSpec{Help: "E.", Owner: "core"})
	Foreign   = catalog.NewCounter(elsewhere, "other_things_total", PerMethod, catalog.Spec{Help: "Things."})
)

var began = time.Unix(1_700_000_000, 0)

func newRegistry(t testing.TB, options ...instrument.Option) *instrument.Registry {
	t.Helper()
	r, err := instrument.New(app, append(options, instrument.WithClock(func() time.Time { return began }))...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scrape(t testing.TB, h http.Handler, accept string) string {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

const (
	plain       = "text/plain;version=0.0.4"
	openMetrics = "application/openmetrics-text;version=1.0.0"
	protobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"
)

// TestSameAsTheClientLibrary writes the same values here and through client_golang, and wants the same bytes.
func TestSameAsTheClientLibrary(t *testing.T) {
	ours := newRegistry(t)
	theirs := prometheus.NewRegistry()
	units := func(name, help, u string) prometheus.Opts { return prometheus.Opts{Name: name, Help: help, Unit: u} }
	requests := prometheus.NewCounterVec(prometheus.CounterOpts(units("app_requests_total", "Requests.", "")), []string{"method", "code", "route"})
	failures := prometheus.NewCounterVec(prometheus.CounterOpts(units("app_failures_total", "Failures.", "")), []string{"method"})
	sent := prometheus.NewCounter(prometheus.CounterOpts(units("app_sent_bytes_total", "Bytes sent.", "bytes")))
	open := prometheus.NewGaugeVec(prometheus.GaugeOpts(units("app_open", "Open.", "")), []string{"method"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "app_duration_seconds", Help: "Duration.", Unit: "seconds", Buckets: []float64{.1, 1, 10}}, []string{"method"})
	native := prometheus.HistogramOpts{Name: "app_size_bytes", Help: "Size.", Unit: "bytes", NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}
	size := prometheus.NewHistogram(native)
	native.Name, native.Help, native.Unit, native.Buckets = "app_wait_seconds", "Wait.", "seconds", []float64{.1, 1}
	wait := prometheus.NewHistogram(native)
	theirs.MustRegister(requests, failures, sent, open, duration, size, wait)
	failures.WithLabelValues("GET")
	failures.WithLabelValues("PUT")

	for i, v := range []float64{0, 1, 2.5, 0.1, 1e9, 0.75} {
		verb, name := GET, "GET"
		if i%2 == 1 {
			verb, name = PUT, "PUT"
		}
		instrument.NewCounter(ours, Requests).With(PerRoute.Of(verb, OK, Route.Value("/a"))).Add(v)
		requests.WithLabelValues(name, "ok", "/a").Add(v)
		instrument.NewCounter(ours, Requests).With(PerRoute.Of(verb, Failed, Route.Value(`/b"\x`))).Inc()
		requests.WithLabelValues(name, "failed", `/b"\x`).Inc()
		instrument.OnlyCounter(ours, Bytes).Add(v)
		sent.Add(v)
		instrument.NewGauge(ours, Open).With(PerMethod.Of(verb)).Add(v - 1)
		open.WithLabelValues(name).Add(v - 1)
		instrument.NewHistogram(ours, Duration).With(PerMethod.Of(verb)).Observe(v)
		duration.WithLabelValues(name).Observe(v)
		instrument.OnlyHistogram(ours, Size).Observe(v)
		size.Observe(v)
		instrument.OnlyHistogram(ours, Both).Observe(v)
		wait.Observe(v)
	}
	handler := promhttp.HandlerFor(theirs, promhttp.HandlerOpts{EnableOpenMetrics: true})
	for _, accept := range []string{plain, openMetrics, protobuf} {
		drop := func(s string) string { // what only one of them has: the times of creation, and the registry's own
			var out []string
			for line := range strings.Lines(s) {
				if !strings.Contains(line, "obsgen_") && !strings.Contains(line, "app_answers") && !strings.Contains(line, "app_idle") {
					out = append(out, line)
				}
			}
			s = strings.Join(out, "")
			for {
				i := strings.Index(s, "created_timestamp")
				if i < 0 {
					return strings.Join(strings.Fields(s), " ")
				}
				j := strings.IndexByte(s[i:], '}')
				s = s[:i] + s[i+j+1:]
			}
		}
		if diff := cmp.Diff(drop(scrape(t, handler, accept)), drop(scrape(t, ours.Handler(), accept))); diff != "" {
			t.Errorf("%s (- client_golang, + ours):\n%s", accept, diff)
		}
	}
}

// TestExemplarsOfContexts wants the exemplar that a context gives, and none where it gives none.
func TestExemplarsOfContexts(t *testing.T) {
	type key struct{}
	r := newRegistry(t, instrument.WithExemplars(func(ctx context.Context) prometheus.Labels {
		if id, ok := ctx.Value(key{}).(string); ok {
			return prometheus.Labels{"trace_id": id}
		}
		return nil
	}))
	traced := context.WithValue(t.Context(), key{}, "4bf92f3577b34da6a3ce929d0e0e4736")
	instrument.OnlyCounter(r, Bytes).IncContext(t.Context())
	duration := instrument.NewHistogram(r, Duration).With(PerMethod.Of(GET))
	duration.ObserveContext(t.Context(), 0.05)
	if text := scrape(t, r.Handler(), openMetrics); strings.Contains(text, "trace_id") {
		t.Errorf("an exemplar without a trace:\n%s", text)
	}
	instrument.OnlyCounter(r, Bytes).IncContext(traced)
	duration.ObserveContext(traced, 0.5)
	text := scrape(t, r.Handler(), openMetrics)
	for _, want := range []string{
		`app_sent_bytes_total 2.0 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 1.0`,
		`app_duration_seconds_bucket{method="GET",le="1.0"} 2 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.5`,
		`app_duration_seconds_count{method="GET"} 2`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestExemplarsAndCreated(t *testing.T) {
	r := newRegistry(t, instrument.WithCreatedSamples())
	trace := prometheus.Labels{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}
	instrument.OnlyCounter(r, Bytes).AddWithExemplar(3, trace)
	instrument.NewHistogram(r, Duration).With(PerMethod.Of(GET)).ObserveWithExemplar(0.5, trace)
	instrument.NewHistogram(r, Duration).With(PerMethod.Of(GET)).ObserveWithExemplar(50, trace)
	instrument.NewHistogram(r, Duration).With(PerMethod.Of(GET)).ObserveWithExemplar(5, prometheus.Labels{"trace_id": strings.Repeat("x", 200)})
	instrument.OnlyHistogram(r, Both).ObserveWithExemplar(0.5, trace)
	text := scrape(t, r.Handler(), openMetrics)
	for _, want := range []string{
		`app_sent_bytes_total 3.0 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 3.0 `,
		`app_duration_seconds_bucket{method="GET",le="1.0"} 1 # {trace_id=`,
		`app_duration_seconds_bucket{method="GET",le="+Inf"} 3 # {trace_id=`,
		"app_sent_bytes_created 1.7e+09",
		`app_duration_seconds_created{method="GET"} 1.7e+09`,
		`app_wait_seconds_bucket{le="1.0"} 1 # {trace_id=`,
		"# TYPE app_sent_bytes counter",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, `le="10.0"} 2 #`) {
		t.Error("an exemplar that is too long is exposed")
	}
}

func TestCompression(t *testing.T) {
	r := newRegistry(t)
	get := func(encoding string) *http.Response {
		req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		req.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, req)
		if w.Header().Get("Content-Encoding") != encoding {
			t.Errorf("asked for %s, got %q", encoding, w.Header().Get("Content-Encoding"))
		}
		return w.Result()
	}
	zipped, err := gzip.NewReader(get("gzip").Body)
	if err != nil {
		t.Fatal(err)
	}
	zst, err := zstd.NewReader(get("zstd").Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []io.Reader{zipped, zst} {
		var text bytes.Buffer
		if _, err := text.ReadFrom(body); err != nil || !strings.Contains(text.String(), "app_sent_bytes_total 0") {
			t.Errorf("%v: %s", err, text.String())
		}
	}
}

// TestFromTheStart has the series that are there before anything happens: those without labels, and those of counters
// that are declared Initialised.
func TestFromTheStart(t *testing.T) {
	text := scrape(t, newRegistry(t).Handler(), plain)
	for line, want := range map[string]bool{
		"app_sent_bytes_total 0": true, `app_failures_total{method="GET"} 0`: true, `app_failures_total{method="PUT"} 0`: true,
		"app_size_bytes_count 0": true, "app_requests_total{": false, "app_open": false, "app_idle": false, "app_duration_seconds": false,
	} {
		if strings.Contains(text, line) != want {
			t.Errorf("%q is there: %v, want %v", line, !want, want)
		}
	}
}

func TestBoundsOfOpenLabels(t *testing.T) {
	r := newRegistry(t)
	requests := instrument.NewCounter(r, Requests)
	for _, path := range []string{"/a", "/b", "/c", "/d", "/e", "/a", "/d"} {
		requests.With(PerRoute.Of(GET, OK, Route.Value(path))).Inc()
		requests.With(PerRoute.Of(PUT, OK, Route.Value(path))).Inc()
	}
	requests.With(PerRoute.Of(catalog.V[method]("BREW"), OK, Route.Value("/a"))).Inc()
	answers := instrument.NewCounter(r, Answers)
	answers.With(PerStatus.Of(GET, Status.Value("200"))).Inc()
	answers.With(PerStatus.Of(GET, Status.Value("teapot"))).Inc()
	text := scrape(t, r.Handler(), plain)
	for _, want := range []string{
		`app_requests_total{code="ok",method="GET",route="/a"} 2`,
		`app_requests_total{code="ok",method="GET",route="other"} 3`,
		`app_requests_total{code="ok",method="PUT",route="other"} 3`,
		`app_requests_total{code="ok",method="other",route="/a"} 1`,
		`app_answers_total{method="GET",status="200"} 1`,
		`app_answers_total{method="GET",status="other"} 1`,
		`obsgen_foldings_total{label="route",metric="app_requests_total"} 6`,
		`obsgen_foldings_total{label="method",metric="app_requests_total"} 1`,
		`obsgen_foldings_total{label="status",metric="app_answers_total"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, `"/d"`) {
		t.Error("a value beyond the bound is exposed")
	}
}

// TestFindingAllocatesNothing asks for more series than are remembered, in turn, and for one beyond the bound.
func TestFindingAllocatesNothing(t *testing.T) {
	r := newRegistry(t)
	answers := instrument.NewCounter(r, Answers)
	statuses := []string{"200", "201", "404", "500", "503", "418", "429"} // two more than the bound
	for _, s := range statuses {
		answers.With(PerStatus.Of(GET, Status.Value(s))).Inc()
	}
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		answers.With(PerStatus.Of([]catalog.Value[method]{GET, PUT}[i/len(statuses)%2], Status.Value(statuses[i%len(statuses)]))).Inc()
		i++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFaultsAtTheStart(t *testing.T) {
	r := newRegistry(t)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	instrument.NewCounter(r, Foreign).With(PerMethod.Of(GET)).Inc() // goes nowhere, and does not panic
	instrument.NewCounter(r, catalog.Counter[catalog.None]{}).With(catalog.None{}.Of()).Inc()
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "the catalog has no other_things_total") {
		t.Errorf("error %v", err)
	}
	broken := catalog.NewGroup("Broken", catalog.GroupSpec{Help: "B.", Owner: "core"})
	catalog.NewCounter(broken, "x_requests", catalog.None{}, catalog.Spec{Help: "No suffix."})
	catalog.NewCounter(broken, "x_a_total", catalog.By2(Method, Method), catalog.Spec{Help: "A label twice."})
	_, err := instrument.New(catalog.New("x", catalog.CatalogSpec{Groups: []*catalog.Group{broken}}))
	if err == nil || !strings.Contains(err.Error(), "metric/duplicate-label") {
		t.Errorf("error %v", err)
	}
	if _, err := instrument.New(nil); err == nil {
		t.Error("no catalog is no error")
	}
}

func TestUnwritten(t *testing.T) {
	r := newRegistry(t)
	names := func() string {
		var out []string
		for _, m := range r.Unwritten() {
			out = append(out, m.Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(); got != "app_requests_total app_failures_total app_answers_total app_sent_bytes_total app_open app_duration_seconds app_size_bytes app_wait_seconds" {
		t.Error(got)
	}
	instrument.OnlyCounter(r, Bytes).Inc()
	instrument.OnlyHistogram(r, Size).Observe(1)
	instrument.NewGauge(r, Open).With(PerMethod.Of(GET)).Set(0)
	if got := names(); got != "app_requests_total app_failures_total app_answers_total app_duration_seconds app_wait_seconds" {
		t.Error(got)
	}
}

func TestFragments(t *testing.T) {
	r := newRegistry(t)
	g := catalog.NewGroup("Plugin", catalog.GroupSpec{Help: "A plugin.", Owner: "guests"})
	runs := catalog.NewCounter(g, "plugin_greeter_runs_total", PerMethod, catalog.Spec{Help: "Runs."})
	fragment := catalog.New("greeter", catalog.CatalogSpec{Prefix: "plugin_greeter_", Groups: []*catalog.Group{g}})
	if err := r.Load(fragment); err != nil {
		t.Fatal(err)
	}
	if err := r.Load(fragment); err == nil {
		t.Error("the same prefix can be loaded twice")
	}
	instrument.NewCounter(r, runs).With(PerMethod.Of(GET)).Inc()
	if !strings.Contains(scrape(t, r.Handler(), plain), `plugin_greeter_runs_total{method="GET"} 1`) {
		t.Error("the fragment is not exposed")
	}
	r.Unload(fragment)
	if strings.Contains(scrape(t, r.Handler(), plain), "greeter") {
		t.Error("the fragment is exposed still")
	}
	if err := r.Load(fragment); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		why, prefix string
		group       *catalog.Group
	}{
		{"has no prefix", "", g}, {"the prefix app_ of app is within that of x", "app", g}, {"does not begin with", "plugin_other_", g},
	} {
		if err := r.Load(catalog.New("x", catalog.CatalogSpec{Prefix: c.prefix, Groups: []*catalog.Group{c.group}})); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q: %v", c.why, err)
		}
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func TestOnScrape(t *testing.T) {
	r := newRegistry(t)
	open := instrument.NewGauge(r, Open).With(PerMethod.Of(GET))
	n := 0.0
	r.OnScrape(func() { n++; open.Set(n) })
	scrape(t, r.Handler(), plain)
	if text := scrape(t, r.Handler(), plain); !strings.Contains(text, `app_open{method="GET"} 2`) {
		t.Error(text)
	}
}

// TestUnderLoad scrapes while many goroutines write: no histogram has a count that is not that of its buckets, and no
// counter falls.
func TestUnderLoad(t *testing.T) {
	r := newRegistry(t)
	requests, duration := instrument.NewCounter(r, Requests), instrument.NewHistogram(r, Duration)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			for i := w; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				requests.With(PerRoute.Of(GET, OK, Route.Value([]string{"/a", "/b", "/c", "/d"}[i%4]))).Add(0.5)
				duration.With(PerMethod.Of(PUT)).Observe(float64(i % 20))
			}
		}()
	}
	last := map[string]float64{}
	for range 50 {
		fs, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fs {
			for _, m := range f.Metric {
				if h := m.Histogram; h != nil && f.GetName() == "app_duration_seconds" {
					if n := h.Bucket[len(h.Bucket)-1].GetCumulativeCount(); n > h.GetSampleCount() {
						t.Fatalf("%d in buckets, %d in all", n, h.GetSampleCount())
					}
				}
				if c := m.Counter; c != nil {
					key := f.GetName() + m.String()[:min(len(m.String()), 0)]
					for _, l := range m.Label {
						key += "," + l.GetValue()
					}
					if c.GetValue() < last[key] {
						t.Fatalf("%s falls from %v to %v", key, last[key], c.GetValue())
					}
					last[key] = c.GetValue()
				}
			}
		}
	}
	close(stop)
	writers.Wait()
}

// TestLinks asserts what a program that imports the package links beside the standard library.
func TestLinks(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, pkg := range strings.Fields(string(out)) {
		ok := false
		for _, prefix := range []string{
			"github.com/obsgen/obsgen/instrument", "github.com/obsgen/obsgen/catalog", "github.com/obsgen/obsgen/diag", "github.com/obsgen/obsgen/unit",
			"github.com/obsgen/obsgen/internal/file", // of the standard library alone, for diag
			"github.com/prometheus/client_golang/", "github.com/prometheus/client_model/", "github.com/prometheus/common/", "github.com/prometheus/procfs",
			"github.com/beorn7/perks", "github.com/cespare/xxhash", "github.com/munnerz/goautoneg", "github.com/klauspost/compress", "google.golang.org/protobuf",
			"golang.org/x/sys", "go.yaml.in/yaml/v2", "github.com/kylelemons/godebug",
		} {
			ok = ok || strings.HasPrefix(pkg, prefix)
		}
		if !ok {
			t.Errorf("it links %s", pkg)
		}
	}
}
