package instrument_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
)

// The benchmarks stand in pairs: what it costs here, and what it costs with the client library alone.

func BenchmarkAtomic(b *testing.B) {
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		atomic.AddUint64(&n, 1)
	}
}

func BenchmarkCounterInc(b *testing.B) {
	c := instrument.OnlyCounter(newRegistry(b), Bytes)
	b.ReportAllocs()
	for b.Loop() {
		c.Inc()
	}
}

func BenchmarkCounterIncClient(b *testing.B) {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "x"})
	b.ReportAllocs()
	for b.Loop() {
		c.Inc()
	}
}

func BenchmarkCounterWith(b *testing.B) {
	c := instrument.NewCounter(newRegistry(b), Requests)
	route := "/api/users"
	b.ReportAllocs()
	for b.Loop() {
		c.With(PerRoute.Of(PUT, Failed, Route.Value(route))).Inc()
	}
}

func BenchmarkCounterWithClient(b *testing.B) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "x"}, []string{"method", "code", "route"})
	route := "/api/users"
	b.ReportAllocs()
	for b.Loop() {
		c.WithLabelValues("PUT", "failed", route).Inc()
	}
}

func BenchmarkHistogramObserve(b *testing.B) {
	h := instrument.NewHistogram(newRegistry(b), Duration).With(PerMethod.Of(GET))
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(0.7)
	}
}

func BenchmarkHistogramObserveClient(b *testing.B) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "x", Buckets: []float64{.1, 1, 10}})
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(0.7)
	}
}

func BenchmarkNativeObserve(b *testing.B) {
	h := instrument.OnlyHistogram(newRegistry(b), Size)
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(0.7)
	}
}

func BenchmarkNativeObserveClient(b *testing.B) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "x", NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160})
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(0.7)
	}
}

func both(b *testing.B, f func()) {
	b.ReportAllocs()
	b.SetParallelism(1)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f()
		}
	})
}

func BenchmarkParallelAtomic(b *testing.B) {
	var n uint64
	both(b, func() { atomic.AddUint64(&n, 1) })
}

func BenchmarkParallelCounterInc(b *testing.B) {
	both(b, instrument.OnlyCounter(newRegistry(b), Bytes).Inc)
}

func BenchmarkParallelCounterIncClient(b *testing.B) {
	both(b, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}).Inc)
}

func BenchmarkParallelCounterWith(b *testing.B) {
	c := instrument.NewCounter(newRegistry(b), Requests)
	both(b, func() { c.With(PerRoute.Of(PUT, Failed, Route.Value("/api/users"))).Inc() })
}

func BenchmarkParallelCounterWithClient(b *testing.B) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "x"}, []string{"method", "code", "route"})
	both(b, func() { c.WithLabelValues("PUT", "failed", "/api/users").Inc() })
}

func BenchmarkParallelHistogramObserve(b *testing.B) {
	h := instrument.NewHistogram(newRegistry(b), Duration).With(PerMethod.Of(GET))
	both(b, func() { h.Observe(0.7) })
}

func BenchmarkParallelHistogramObserveClient(b *testing.B) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "x", Buckets: []float64{.1, 1, 10}})
	both(b, func() { h.Observe(0.7) })
}

type user struct{}

var (
	User    = catalog.AtMost[user](100_000, "user", "User.")
	PerUser = catalog.By1(User)
	Visits  = catalog.NewCounter(catalog.NewGroup("Users", catalog.GroupSpec{Help: "Users.", Owner: "core"}), "users_visits_total", PerUser, catalog.Spec{Help: "Visits."})
	users   = catalog.New("users", catalog.CatalogSpec{Groups: []*catalog.Group{Visits.Group}})

	names = func() (out [100_000]string) {
		for i := range out {
			out[i] = "user-" + strconv.Itoa(i)
		}
		return out
	}()
)

// visits returns a counter of users that has no series yet.
func visits(t testing.TB) (*instrument.Registry, func(user string)) {
	t.Helper()
	r, err := instrument.New(users)
	if err != nil {
		t.Fatal(err)
	}
	c := instrument.NewCounter(r, Visits)
	return r, func(user string) { c.With(PerUser.Of(User.Value(user))).Inc() }
}

// BenchmarkNewSeries makes 100,000 series in each round, from 16 goroutines.
func BenchmarkNewSeries(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, visit := visits(b)
		var all sync.WaitGroup
		for g := range 16 {
			all.Go(func() {
				for i := g; i < len(names); i += 16 {
					visit(names[i])
				}
			})
		}
		all.Wait()
	}
}

// BenchmarkCounterWithMany finds one of 2,000 series in turn, more than are remembered.
func BenchmarkCounterWithMany(b *testing.B) {
	_, visit := visits(b)
	for _, n := range names[:2000] {
		visit(n)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		visit(names[i%2000])
		i++
	}
}

// BenchmarkCounterWithFolded has a method that the label does not have, as each request of an attack can.
func BenchmarkCounterWithFolded(b *testing.B) {
	c := instrument.NewCounter(newRegistry(b), Requests)
	brew := catalog.V[method]("BREW")
	b.ReportAllocs()
	for b.Loop() {
		c.With(PerRoute.Of(brew, Failed, Route.Value("/api/users"))).Inc()
	}
}
