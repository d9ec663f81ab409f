package external

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Process is what the process collectors of Prometheus's client libraries write. The two network
// counters are those of the Go library, on Linux only; they count all traffic of the network namespace.
var Process = catalog.NewGroup("Process", catalog.GroupSpec{
	Help:     "What the process takes from its host.",
	Owner:    "client library",
	External: true,
})

// Metrics of Process.
var (
	ProcessCPUTotal = catalog.NewCounter(Process, "process_cpu_seconds_total", catalog.None{}, catalog.Spec{
		Help: "User and system CPU time spent.",
		Unit: unit.Seconds,
	})
	ProcessResidentMemory = catalog.NewGauge(Process, "process_resident_memory_bytes", catalog.None{}, catalog.Spec{
		Help:  "Memory of the process that is held in RAM.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	ProcessVirtualMemory = catalog.NewGauge(Process, "process_virtual_memory_bytes", catalog.None{}, catalog.Spec{
		Help:  "Address space of the process.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(0),
	})
	ProcessVirtualMemoryMax = catalog.NewGauge(Process, "process_virtual_memory_max_bytes", catalog.None{}, catalog.Spec{
		Help:  "Upper bound of the address space; 2^64-1, or -1 in older libraries, where there is none.",
		Unit:  unit.Bytes,
		Range: catalog.AtLeast(-1),
	})
	ProcessOpenFDs = catalog.NewGauge(Process, "process_open_fds", catalog.None{}, catalog.Spec{
		Help:  "File descriptors in use.",
		Unit:  unit.Count("file descriptors"),
		Range: catalog.AtLeast(0),
	})
	ProcessMaxFDs = catalog.NewGauge(Process, "process_max_fds", catalog.None{}, catalog.Spec{
		Help:  "File descriptors that the process may have.",
		Unit:  unit.Count("file descriptors"),
		Range: catalog.AtLeast(0),
	})
	ProcessStartTime = catalog.NewGauge(Process, "process_start_time_seconds", catalog.None{}, catalog.Spec{
		Help:  "Time at which the process started.",
		Unit:  unit.Timestamp,
		Range: catalog.AtLeast(0),
	})
	ProcessNetworkReceiveTotal = catalog.NewCounter(Process, "process_network_receive_bytes_total", catalog.None{}, catalog.Spec{
		Help: "Bytes received over the network.",
		Unit: unit.Bytes,
	})
	ProcessNetworkTransmitTotal = catalog.NewCounter(Process, "process_network_transmit_bytes_total", catalog.None{}, catalog.Spec{
		Help: "Bytes sent over the network.",
		Unit: unit.Bytes,
	})
)
