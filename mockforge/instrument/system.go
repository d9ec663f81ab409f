package instrument

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/system"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// System records what the host and the process use, at once and then at each interval until ctx is done: the usual
// interval is 15 s. The process's own memory and processor time are in the metrics process_*, those of the Go runtime in
// go_*. It returns an error where they cannot be read.
func (r *Recorder) System(ctx context.Context, interval time.Duration) error {
	for _, c := range []func() error{
		func() error {
			return r.registry.Prometheus().Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		},
		func() error { return r.registry.Prometheus().Register(collectors.NewGoCollector()) },
	} {
		if err := c(); err != nil {
			return err
		}
	}
	memory, processors := instrument.OnlyGauge(r.registry, metrics.MemoryUsage), instrument.OnlyGauge(r.registry, metrics.CPUUsage)
	threads, uptime := instrument.OnlyGauge(r.registry, metrics.ThreadCount), instrument.OnlyGauge(r.registry, metrics.Uptime)
	return system.Every(ctx, interval, func(s system.Sample) {
		memory.Set(float64(s.HostUsed))
		processors.Set(s.HostCPUPercent)
		threads.Set(float64(s.Threads))
		uptime.Set(s.Uptime.Seconds())
	})
}
