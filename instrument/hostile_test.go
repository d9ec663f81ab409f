package instrument_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/unit"
)

type (
	shaped struct{}
	free   struct{}
)

var (
	Shaped = catalog.Pattern[shaped](`[a-z].*`, 3, "shaped", "A name.")
	Free   = catalog.AtMost[free](3, "free", "Whatever comes.")
	Wild   = catalog.By3(Method, Shaped, Free)

	wildGroup   = catalog.NewGroup("Wild", catalog.GroupSpec{Help: "What clients fill.", Owner: "core"})
	WildCounter = catalog.NewCounter(wildGroup, "wild_requests_total", Wild, catalog.Spec{Help: "Requests.", Unit: unit.Requests})
	WildGauge   = catalog.NewGauge(wildGroup, "wild_open", Wild, catalog.Spec{Help: "Open.", Unit: unit.Connections})
	WildInfo    = catalog.NewGauge(wildGroup, "wild_build_info", Wild, catalog.Spec{Help: "Builds.", Unit: unit.One})
	WildClassic = catalog.NewHistogram(wildGroup, "wild_took_seconds", Wild, catalog.Spec{Help: "Time.", Unit: unit.Seconds, Buckets: []float64{.1, 1}})
	WildNative  = catalog.NewHistogram(wildGroup, "wild_size_bytes", Wild, catalog.Spec{Help: "Size.", Unit: unit.Bytes, Native: 1.1})
	WildBoth    = catalog.NewHistogram(wildGroup, "wild_wait_seconds", Wild, catalog.Spec{Help: "Wait.", Unit: unit.Seconds, Native: 1.1, Buckets: []float64{.1, 1}})

	wild = catalog.New("wild", catalog.CatalogSpec{Prefix: "wild_", Groups: []*catalog.Group{wildGroup}})
)

// badBytes are not UTF-8: bytes that never occur, a sequence that breaks off, a surrogate, one that is longer than it has to be.
var badBytes = []string{"\xff", "/\xff\xfe", "GET\x80", "caf\xe9", "\xe6\x97", "\xed\xa0\x80", "\xc0\xaf"}

// oddTexts are UTF-8, and fit for a label.
var oddTexts = []string{"", "a\nb", `a"b`, `a\b`, "a\x00b", "日本", "\ufeff", "\ufffd", "other", "} 1\n", strings.Repeat("x", 100_000)}

// writeWild writes every kind of metric, in every way that there is.
func writeWild(r *instrument.Registry, verb, name, any string, v float64, exemplar prometheus.Labels) {
	key := Wild.Of(Method.Value(verb), Shaped.Value(name), Free.Value(any))
	ctx := context.WithValue(context.Background(), exemplarKey{}, exemplar)
	c := instrument.NewCounter(r, WildCounter).With(key)
	c.Add(v)
	c.AddWithExemplar(v, exemplar)
	c.IncContext(ctx)
	instrument.NewGauge(r, WildGauge).With(key).Set(v)
	instrument.NewGauge(r, WildInfo).With(key).Set(1)
	for _, m := range []catalog.Histogram[catalog.Labels3[method, shaped, free]]{WildClassic, WildNative, WildBoth} {
		h := instrument.NewHistogram(r, m).With(key)
		h.Observe(v)
		h.ObserveWithExemplar(v, exemplar)
		h.ObserveContext(ctx, v)
	}
}

type exemplarKey struct{}

func wildRegistry(t testing.TB) *instrument.Registry {
	t.Helper()
	r, err := instrument.New(wild, instrument.WithCreatedSamples(), instrument.WithExemplars(func(ctx context.Context) prometheus.Labels {
		l, _ := ctx.Value(exemplarKey{}).(prometheus.Labels)
		return l
	}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestBadBytesAreFolded wants a value that no scrape could carry to be folded and counted in every kind of label and metric, and
// what is odd alone to come through.
func TestBadBytesAreFolded(t *testing.T) {
	for _, bad := range badBytes {
		r := wildRegistry(t)
		writeWild(r, "GET"+bad, "a"+bad, bad, 1, nil)
		conform.Scrape(t, r.Handler())
		text := scrape(t, r.Handler(), plain)
		for _, metric := range []string{"wild_requests_total", "wild_open", "wild_build_info", "wild_took_seconds", "wild_size_bytes", "wild_wait_seconds"} {
			for _, label := range []string{"method", "shaped", "free"} {
				if want := fmt.Sprintf(`obsgen_foldings_total{label=%q,metric=%q} 1`+"\n", label, metric); !strings.Contains(text, want) {
					t.Errorf("%q: no %s", bad, want)
				}
			}
		}
		for _, want := range []string{`wild_requests_total{free="other",method="other",shaped="other"} 3`, `wild_took_seconds_count{free="other",method="other",shaped="other"} 3`} {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("%q: no %s in\n%s", bad, want, text)
			}
		}
	}
	for _, odd := range oddTexts {
		r := wildRegistry(t)
		writeWild(r, "GET", "a"+odd, odd, 1, nil)
		conform.Scrape(t, r.Handler())
		if text := scrape(t, r.Handler(), plain); strings.Contains(text, "obsgen_foldings_total{") {
			t.Errorf("%.20q is folded", odd)
		}
	}
}

// TestBadBytesInAWriter does the same with what a plugin writes, which is refused for a closed label.
func TestBadBytesInAWriter(t *testing.T) {
	r, _, w := loaded(t)
	for _, bad := range badBytes {
		if err := w.Write("app_plugin_resize_pictures_total", map[string]string{"to": "png", "client": bad}, 1); err != nil {
			t.Error(err)
		}
		if err := w.Write("app_plugin_resize_pictures_total", map[string]string{"to": bad, "client": "c"}, 1); err == nil {
			t.Errorf("%q is taken for a closed label", bad)
		}
	}
	conform.Scrape(t, r.Handler())
	if want := fmt.Sprintf("app_plugin_resize_pictures_total{client=\"other\",to=\"png\"} %d\n", len(badBytes)); !strings.Contains(text(r), want) {
		t.Errorf("no %s in\n%s", want, text(r))
	}
}

// TestBadExemplars wants an exemplar that no scrape could carry to be left out, and its observation to count.
func TestBadExemplars(t *testing.T) {
	for _, labels := range []prometheus.Labels{
		{"trace_id": "\xff"}, {"trace_id": "a\x00b"}, {"trace\xffid": "a"}, {"": "a"}, {"trace id": "a"}, {"1d": "a"}, {"__name__": "a"}, {"日本": "a"},
		{"trace_id": strings.Repeat("x", 121)}, {"a": strings.Repeat("é", 64), "b": strings.Repeat("é", 63)},
	} {
		r := wildRegistry(t)
		writeWild(r, "GET", "a", "b", 0.5, labels)
		conform.Scrape(t, r.Handler())
		got := scrape(t, r.Handler(), openMetrics)
		if strings.Contains(got, "} 0.5 #") || strings.Contains(got, " # {") {
			t.Errorf("%q: an exemplar is exposed:\n%s", labels, got)
		}
		for _, want := range []string{`wild_requests_total{free="b",method="GET",shaped="a"} 2.0`, `wild_took_seconds_count{free="b",method="GET",shaped="a"} 3`, `wild_wait_seconds_count{free="b",method="GET",shaped="a"} 3`} {
			if !strings.Contains(got, want) {
				t.Errorf("%q: no %s in\n%s", labels, want, got)
			}
		}
	}
	r := wildRegistry(t)
	writeWild(r, "GET", "a", "b", 0.5, prometheus.Labels{"trace_id": strings.Repeat("é", 120)}) // 128 with the name
	conform.Scrape(t, r.Handler())
	if got := scrape(t, r.Handler(), openMetrics); strings.Count(got, "# {trace_id=") != 4 {
		t.Errorf("not four exemplars in\n%s", got)
	}
}

// TestDeclaredBadBytes wants texts that no scrape could carry to be refused where they are declared.
func TestDeclaredBadBytes(t *testing.T) {
	good := catalog.By1(Method)
	for why, declare := range map[string]func(*catalog.Group){
		"metric/label-values": func(g *catalog.Group) {
			catalog.NewCounter(g, "plug_a_total", catalog.By1(catalog.OneOf("method", "Verb.", GET, catalog.V[method]("\xff"))), catalog.Spec{Help: "A."})
		},
		"metric/help": func(g *catalog.Group) { catalog.NewCounter(g, "plug_a_total", good, catalog.Spec{Help: "caf\xe9"}) },
		"metric/label-name": func(g *catalog.Group) {
			catalog.NewCounter(g, "plug_a_total", catalog.By1(catalog.AtMost[free](3, "\xff", "F.")), catalog.Spec{Help: "A."})
		},
		"metric/name": func(g *catalog.Group) { catalog.NewCounter(g, "plug_\xff_total", good, catalog.Spec{Help: "A."}) },
	} {
		g := catalog.NewGroup("Plugin", catalog.GroupSpec{Help: "A plugin.", Owner: "core"})
		declare(g)
		if err := wildRegistry(t).Load(catalog.New("plug", catalog.CatalogSpec{Prefix: "plug_", Groups: []*catalog.Group{g}})); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("no %s: %v", why, err)
		}
	}
}

// FuzzSeries writes whatever comes into every kind of metric, and wants the next scrape to be 200 and to parse in every format.
func FuzzSeries(f *testing.F) {
	for _, s := range append(append([]string{"GET"}, badBytes...), oddTexts...) {
		f.Add(s, s, s, 0.5, "trace_id", s)
		f.Add("GET", "a", "b", 0.5, s, "a")
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, math.MaxFloat64, 0} {
		f.Add("GET", "a", "b", v, "trace_id", "a")
	}
	f.Fuzz(func(t *testing.T, verb, name, any string, v float64, exemplarName, exemplarValue string) {
		r := wildRegistry(t)
		writeWild(r, verb, name, any, v, prometheus.Labels{exemplarName: exemplarValue})
		conform.Scrape(t, r.Handler())
	})
}

// FuzzWriter writes whatever a plugin sends.
func FuzzWriter(f *testing.F) {
	r, _, w := loaded(f)
	for _, s := range append(append([]string{"png"}, badBytes...), oddTexts...) {
		f.Add("app_plugin_resize_pictures_total", "client", "png", s, 1.0)
		f.Add("app_plugin_resize_pictures_total", s, s, s, math.Inf(1))
		f.Add(s, "to", "png", "c", math.NaN())
	}
	f.Fuzz(func(t *testing.T, metric, label, to, client string, v float64) {
		_ = w.Write(metric, map[string]string{"to": to, label: client}, v) // what it refuses it does not write
		conform.Scrape(t, r.Handler())
	})
}

// TestFoldingsAreCounted replaces 1000 values of each kind of label, through the same series and through others.
func TestFoldingsAreCounted(t *testing.T) {
	r := wildRegistry(t)
	c := instrument.NewCounter(r, WildCounter)
	for i := range 3 {
		c.With(Wild.Of(GET, Shaped.Value("a"), Free.Value(fmt.Sprint(i)))).Inc()
	}
	for i := range 1000 {
		c.With(Wild.Of(Method.Value(fmt.Sprint("BREW", i)), Shaped.Value("a"), Free.Value("0"))).Inc() // others each time
		c.With(Wild.Of(GET, Shaped.Value("5"), Free.Value("0"))).Inc()                                 // the same each time
		c.With(Wild.Of(GET, Shaped.Value("a"), Free.Value(fmt.Sprint("new", i)))).Inc()
	}
	for range 10 {
		c.With(Wild.Of(Method.Value("other"), Shaped.Value("other"), Free.Value("other"))).Inc() // which is there as it is
	}
	text := scrape(t, r.Handler(), plain)
	for _, want := range []string{
		`obsgen_foldings_total{label="method",metric="wild_requests_total"} 1000`, `obsgen_foldings_total{label="shaped",metric="wild_requests_total"} 1000`,
		`obsgen_foldings_total{label="free",metric="wild_requests_total"} 1000`,
		`wild_requests_total{free="0",method="other",shaped="a"} 1000`, `wild_requests_total{free="0",method="GET",shaped="other"} 1000`,
		`wild_requests_total{free="other",method="GET",shaped="a"} 1000`, `wild_requests_total{free="other",method="other",shaped="other"} 10`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestNewSeriesAtOnce has 16 goroutines that bring more values than the bound, all at once: no count is lost, and there are
// exactly as many series as may be.
func TestNewSeriesAtOnce(t *testing.T) {
	r := wildRegistry(t)
	c := instrument.NewCounter(r, WildCounter)
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 500 {
				c.With(Wild.Of([]catalog.Value[method]{GET, PUT}[i%2], Shaped.Value(fmt.Sprintf("%c", 'a'+(g+i)%5)), Free.Value(fmt.Sprint((g*i)%7)))).Inc()
			}
		})
	}
	all.Wait()
	fs, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	values := map[string]map[string]bool{}
	for _, f := range fs {
		if f.GetName() != WildCounter.Name {
			continue
		}
		for _, m := range f.Metric {
			sum += m.Counter.GetValue()
			for _, l := range m.Label {
				if values[l.GetName()] == nil {
					values[l.GetName()] = map[string]bool{}
				}
				values[l.GetName()][l.GetValue()] = true
			}
		}
	}
	if sum != 16*500 || len(values["shaped"]) != 4 || len(values["free"]) != 4 {
		t.Errorf("%v in %v, want 8000 in 3 values each and other", sum, values)
	}
}

// TestNewSeriesCostTheSame measures what a new series costs in memory when thousands are there: as much as it is large, and not
// as much as all the others are.
func TestNewSeriesCostTheSame(t *testing.T) {
	_, visit := visits(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const n = 16_000
	for _, name := range names[:n] {
		visit(name)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 2048 {
		t.Errorf("each of %d new series costs %d bytes", n, each)
	}
}
