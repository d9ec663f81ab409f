package instrument_test

import (
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

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
