package external

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type goVersion struct{}

// GoVersion is the label of go_info.
var GoVersion = catalog.AtMost[goVersion](1, "version", "Version of Go that built the program.")

// GoRuntime is what client_golang's Go collector writes by default. The summary go_gc_duration_seconds
// is left out: the catalog has no summaries, whose quantiles cannot be aggregated.
var GoRuntime = catalog.NewGroup("Go runtime", catalog.GroupSpec{
	Help:     "Goroutines, threads and memory of the Go runtime.",
	Owner:    "client library",
	External: true,
})

// Metrics of GoRuntime.
var (
	GoInfo = catalog.NewGauge(GoRuntime, "go_info", catalog.By1(GoVersion), catalog.Spec{
		Help:  "1, labelled with the version of Go that built the program.",
		Unit:  unit.One,
		Range: catalog.Range{Min: 1, Max: 1},
	})
	GoGoroutines = catalog.NewGauge(GoRuntime, "go_goroutines", catalog.None{}, catalog.Spec{
		Help:  "Goroutines that exist.",
		Unit:  unit.Count("goroutines"),
		Range: catalog.AtLeast(0),
	})
	GoThreads = catalog.NewGauge(GoRuntime, "go_threads", catalog.None{}, catalog.Spec{
		Help:  "Operating system threads created.",
		Unit:  unit.Count("threads"),
		Range: catalog.AtLeast(0),
	})
	GoMaxProcs = catalog.NewGauge(GoRuntime, "go_sched_gomaxprocs_threads", catalog.None{}, catalog.Spec{
		Help:  "Threads that may run Go code at the same time: GOMAXPROCS.",
		Unit:  unit.Count("threads"),
		Range: catalog.AtLeast(1),
	})
	GoGCPercent = catalog.NewGauge(GoRuntime, "go_gc_gogc_percent", catalog.None{}, catalog.Spec{
		Help:  "Growth of the heap that starts a collection: GOGC, 100 unless set, 2^64-1 where it is off.",
		Unit:  unit.Percent,
		Range: catalog.AtLeast(0),
	})
	GoMemoryLimit = catalog.NewGauge(GoRuntime, "go_gc_gomemlimit_bytes", catalog.None{}, catalog.Spec{
		Help:  "Memory limit of the runtime: GOMEMLIMIT, 2^63-1 unless set.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoAlloc = catalog.NewGauge(GoRuntime, "go_memstats_alloc_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of heap objects, live or not yet collected.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoAllocTotal = catalog.NewCounter(GoRuntime, "go_memstats_alloc_bytes_total", catalog.None{}, catalog.Spec{
		Help: "Bytes of heap objects ever allocated.",
		Unit: unit.Bytes,
	})
	GoMallocsTotal = catalog.NewCounter(GoRuntime, "go_memstats_mallocs_total", catalog.None{}, catalog.Spec{
		Help: "Heap objects ever allocated.",
		Unit: unit.Count("objects"),
	})
	GoFreesTotal = catalog.NewCounter(GoRuntime, "go_memstats_frees_total", catalog.None{}, catalog.Spec{
		Help: "Heap objects ever freed.",
		Unit: unit.Count("objects"),
	})
	GoHeapObjects = catalog.NewGauge(GoRuntime, "go_memstats_heap_objects", catalog.None{}, catalog.Spec{
		Help:  "Heap objects, live or not yet collected.",
		Unit:  unit.Count("objects"),
		Range: catalog.AtLeast(0),
	})
	GoHeapAlloc = catalog.NewGauge(GoRuntime, "go_memstats_heap_alloc_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of heap objects, live or not yet collected: the same value once more.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoHeapInuse = catalog.NewGauge(GoRuntime, "go_memstats_heap_inuse_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of heap spans that hold at least one object.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoHeapIdle = catalog.NewGauge(GoRuntime, "go_memstats_heap_idle_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of heap spans that hold no object.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoHeapReleased = catalog.NewGauge(GoRuntime, "go_memstats_heap_released_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of idle heap given back to the operating system.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoHeapSys = catalog.NewGauge(GoRuntime, "go_memstats_heap_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of heap obtained from the operating system.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoStackInuse = catalog.NewGauge(GoRuntime, "go_memstats_stack_inuse_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of goroutine stacks.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoStackSys = catalog.NewGauge(GoRuntime, "go_memstats_stack_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of stacks obtained from the operating system.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoMSpanInuse = catalog.NewGauge(GoRuntime, "go_memstats_mspan_inuse_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of the runtime's span structures in use.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoMSpanSys = catalog.NewGauge(GoRuntime, "go_memstats_mspan_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes obtained for the runtime's span structures.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoMCacheInuse = catalog.NewGauge(GoRuntime, "go_memstats_mcache_inuse_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of the runtime's cache structures in use.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoMCacheSys = catalog.NewGauge(GoRuntime, "go_memstats_mcache_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes obtained for the runtime's cache structures.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoBuckHashSys = catalog.NewGauge(GoRuntime, "go_memstats_buck_hash_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of the profiler's hash table.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoGCSys = catalog.NewGauge(GoRuntime, "go_memstats_gc_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of the collector's own data.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoOtherSys = catalog.NewGauge(GoRuntime, "go_memstats_other_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes of everything else in the runtime.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoSys = catalog.NewGauge(GoRuntime, "go_memstats_sys_bytes", catalog.None{}, catalog.Spec{
		Help:  "Bytes obtained from the operating system in all.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoNextGC = catalog.NewGauge(GoRuntime, "go_memstats_next_gc_bytes", catalog.None{}, catalog.Spec{
		Help:  "Size of the heap at which the next collection starts.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	GoLastGCTime = catalog.NewGauge(GoRuntime, "go_memstats_last_gc_time_seconds", catalog.None{}, catalog.Spec{
		Help:  "Time of the last collection; 0 before the first.",
		Unit:  unit.Timestamp,
		Range: catalog.AtLeast(0),
	})
)
