package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// System is sampled every 15 s. Memory and CPU are those of the whole host; what the process itself
// takes is in external.Process.
var System = catalog.NewGroup("System", catalog.GroupSpec{
	Help:  "The host that the server runs on, and how long it has been up.",
	Owner: CoreTeam,
})

// Metrics of System.
var (
	MemoryUsage = catalog.NewGauge(System, "mockforge_memory_usage_bytes", catalog.None{}, catalog.Spec{
		Help:  "Memory used on the whole host, not by the process.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	CPUUsage = catalog.NewGauge(System, "mockforge_cpu_usage_percent", catalog.None{}, catalog.Spec{
		Help:   "CPU in use on the whole host, over the instant between two readings and not over the 15 s between samples.",
		Unit:   unit.Percent,
		Range:  catalog.Range{Min: 0, Max: 100},
		Naming: "the server measures 0 to 100 and dashboards in use read it so",
	})
	ThreadCount = catalog.NewGauge(System, "mockforge_thread_count", catalog.None{}, catalog.Spec{
		Help:   "Threads of the process on Linux; elsewhere the number of threads that can run in parallel.",
		Unit:   unit.Count("threads"),
		Range:  catalog.AtLeast(0),
		Naming: "the server has had this name since its first release; no histogram is called mockforge_thread",
	})
	Uptime = catalog.NewGauge(System, "mockforge_uptime_seconds", catalog.None{}, catalog.Spec{
		Help:  "Time since the server began to collect system metrics.",
		Unit:  unit.Seconds,
		Range: catalog.AtLeast(0),
	})
)
