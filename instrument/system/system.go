// Package system reads what the process and the host that it runs on use: the one for the process's own metrics, the other
// for those of the machine, which are often taken for each other.
package system

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/process"
)

// Sample is one reading. Fields that a platform does not tell are 0.
type Sample struct {
	At time.Time
	// Uptime is how long the process has run.
	Uptime time.Duration

	// ProcessResident and ProcessVirtual are the process's memory, in bytes; ProcessCPU is the time that it has used of all
	// processors since it started, ProcessCPUPercent the share of one processor since the reading before: 100 is one.
	ProcessResident, ProcessVirtual uint64
	ProcessCPU                      time.Duration
	ProcessCPUPercent               float64
	Threads, OpenFiles              int
	Goroutines                      int
	// GCPause is the time that the garbage collector has used of all processors since the start.
	GC time.Duration

	// HostUsed and HostTotal are the machine's memory, in bytes; HostCPUPercent the share of all its processors that was in
	// use since the reading before, from 0 to 100.
	HostUsed, HostTotal uint64
	HostCPUPercent      float64
}

// Reader reads samples. A share of processors is one of the time between two readings: the first has none.
type Reader struct {
	process *process.Process
	started time.Time
	last    Sample
	busy    float64 // of the host, in seconds
	all     float64
}

// NewReader returns a reader of this process, or an error where the platform does not tell of it.
func NewReader() (*Reader, error) {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("reading the process: %w", err)
	}
	r := &Reader{process: p, started: time.Now()}
	if ms, err := p.CreateTime(); err == nil {
		r.started = time.UnixMilli(ms)
	}
	r.last.At = time.Now()
	r.last.ProcessCPU, _ = r.processCPU(context.Background())
	r.busy, r.all, _ = hostCPU(context.Background())
	return r, nil
}

// Read reads a sample. It returns an error where the host's memory or processors cannot be read; what could be read is in
// the sample all the same.
func (r *Reader) Read(ctx context.Context) (Sample, error) {
	s := Sample{At: time.Now(), Goroutines: runtime.NumGoroutine()}
	s.Uptime = s.At.Sub(r.started)
	var err error
	if m, e := r.process.MemoryInfoWithContext(ctx); e == nil {
		s.ProcessResident, s.ProcessVirtual = m.RSS, m.VMS
	} else {
		err = fmt.Errorf("reading the process's memory: %w", e)
	}
	if n, e := r.process.NumThreadsWithContext(ctx); e == nil {
		s.Threads = int(n)
	}
	if n, e := r.process.NumFDsWithContext(ctx); e == nil {
		s.OpenFiles = int(n)
	}
	if d, e := r.processCPU(ctx); e == nil {
		s.ProcessCPU = d
		if passed := s.At.Sub(r.last.At); passed > 0 {
			s.ProcessCPUPercent = max(0, 100*float64(d-r.last.ProcessCPU)/float64(passed))
		}
	}
	gc := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(gc)
	if gc[0].Value.Kind() == metrics.KindFloat64 {
		s.GC = time.Duration(gc[0].Value.Float64() * float64(time.Second))
	}
	if m, e := mem.VirtualMemoryWithContext(ctx); e == nil {
		s.HostUsed, s.HostTotal = m.Used, m.Total
	} else {
		err = fmt.Errorf("reading the host's memory: %w", e)
	}
	if busy, all, e := hostCPU(ctx); e == nil {
		if passed := all - r.all; passed > 0 {
			s.HostCPUPercent = min(100, max(0, 100*(busy-r.busy)/passed))
		} else {
			s.HostCPUPercent = r.last.HostCPUPercent
		}
		r.busy, r.all = busy, all
	} else {
		err = fmt.Errorf("reading the host's processors: %w", e)
	}
	r.last = s
	return s, err
}

func (r *Reader) processCPU(ctx context.Context) (time.Duration, error) {
	t, err := r.process.TimesWithContext(ctx)
	if err != nil {
		return 0, err
	}
	return time.Duration((t.User + t.System) * float64(time.Second)), nil
}

func hostCPU(ctx context.Context) (busy, all float64, err error) {
	ts, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(ts) == 0 {
		return 0, 0, fmt.Errorf("no processors: %w", err)
	}
	t := ts[0]
	idle := t.Idle + t.Iowait
	all = t.User + t.System + t.Nice + t.Irq + t.Softirq + t.Steal + idle
	return all - idle, all, nil
}

// Every calls f with a sample at once and then at each interval, until ctx is done. It returns an error only where the
// first sample cannot be read; later ones that fail are left out.
func Every(ctx context.Context, interval time.Duration, f func(Sample)) error {
	r, err := NewReader()
	if err != nil {
		return err
	}
	s, err := r.Read(ctx)
	if err != nil {
		return err
	}
	f(s)
	go func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if s, err := r.Read(ctx); err == nil {
					f(s)
				}
			}
		}
	}()
	return nil
}
