package otel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/instrument/otel"
	"github.com/obsgen/obsgen/unit"
)

type name struct{}

var (
	Name = catalog.Pattern[name](`[a-z].*`, 3, "name", "A name.")
	Wild = catalog.By3(Method, Name, Route)

	wildGroup   = catalog.NewGroup("Wild", catalog.GroupSpec{Help: "What clients fill.", Owner: "core"})
	WildCounter = catalog.NewCounter(wildGroup, "wild_requests_total", Wild, catalog.Spec{Help: "Requests.", Unit: unit.Requests})
	WildGauge   = catalog.NewGauge(wildGroup, "wild_open", Wild, catalog.Spec{Help: "Open.", Unit: unit.Connections})
	WildClassic = catalog.NewHistogram(wildGroup, "wild_took_seconds", Wild, catalog.Spec{Help: "Time.", Unit: unit.Seconds, Buckets: []float64{.1, 1}})
	WildNative  = catalog.NewHistogram(wildGroup, "wild_size_bytes", Wild, catalog.Spec{Help: "Size.", Unit: unit.Bytes, Native: 1.1})

	wild = catalog.New("wild", catalog.CatalogSpec{Prefix: "wild_", Groups: []*catalog.Group{wildGroup}})
)

// FuzzSeries writes whatever comes into every kind of instrument, and wants the next scrape to be 200 and to parse.
func FuzzSeries(f *testing.F) {
	for _, s := range []string{"", "GET", "/\xff\xfe", "GET\x80", "caf\xe9", "\xed\xa0\x80", "a\x00b", "a\"b\\c\nd", "} 1\n", "日本", "\ufffd", "other", strings.Repeat("x", 1000)} {
		f.Add(s, s, s, 1.5)
		f.Add("GET", "a"+s, s, 0.0)
	}
	f.Fuzz(func(t *testing.T, verb, name, path string, v float64) {
		m, r := exported(t, wild)
		key := Wild.Of(Method.Value(verb), Name.Value(name), Route.Value(path))
		otel.NewCounter(m, WildCounter).With(key).Add(t.Context(), v)
		otel.NewGauge(m, WildGauge).With(key).Set(t.Context(), v)
		otel.NewHistogram(m, WildClassic).With(key).Observe(t.Context(), v)
		otel.NewHistogram(m, WildNative).With(key).Observe(t.Context(), v)
		conform.Scrape(t, promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	})
}

// TestFoldingsAreCounted replaces 1000 values of each kind of label.
func TestFoldingsAreCounted(t *testing.T) {
	m, r := exported(t, wild)
	c := otel.NewCounter(m, WildCounter)
	for i := range 1000 {
		c.With(Wild.Of(Method.Value(fmt.Sprint("BREW", i)), Name.Value("5"), Route.Value("/\xff"))).Inc(t.Context())
	}
	got := text(t, r, "text/plain;version=0.0.4")
	for _, want := range []string{
		`obsgen_foldings_total{label="method",metric="wild_requests_total"} 1000`, `obsgen_foldings_total{label="name",metric="wild_requests_total"} 1000`,
		`obsgen_foldings_total{label="route",metric="wild_requests_total"} 1000`, `wild_requests_total{method="other",name="other",route="other"} 1000`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}
