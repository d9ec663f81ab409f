package system_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/obsgen/obsgen/instrument/system"
)

// TestReading keeps one processor busy and wants to see that.
func TestReading(t *testing.T) {
	r, err := system.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	garbage := make([]byte, 32<<20)
	var s system.Sample
	// On a busy machine it takes a while to get some time of a processor.
	for deadline := time.Now().Add(20 * time.Second); s.ProcessCPU < 200*time.Millisecond && time.Now().Before(deadline); {
		for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
			for i := range garbage {
				garbage[i]++
			}
		}
		if s, err = r.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	runtime.KeepAlive(garbage)
	if s.ProcessResident < 32<<20 || s.ProcessVirtual < s.ProcessResident || s.HostTotal < s.HostUsed || s.HostUsed < s.ProcessResident/2 {
		t.Errorf("memory: %+v", s)
	}
	if s.ProcessCPU < 200*time.Millisecond || s.ProcessCPUPercent < 3 || s.ProcessCPUPercent > 100*float64(runtime.NumCPU()+1) {
		t.Errorf("the process's processors: %+v", s)
	}
	if s.HostCPUPercent <= 0 || s.HostCPUPercent > 100 {
		t.Errorf("the host's processors: %+v", s)
	}
	if s.Threads < 1 || s.OpenFiles < 3 || s.Goroutines < 1 || s.Uptime <= 0 {
		t.Errorf("%+v", s)
	}
}

func TestEveryStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := make(chan system.Sample, 100)
	if err := system.Every(ctx, 5*time.Millisecond, func(s system.Sample) { n <- s }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-n
	}
	cancel()
	time.Sleep(20 * time.Millisecond)
	for len(n) > 0 {
		<-n
	}
	time.Sleep(30 * time.Millisecond)
	if len(n) > 1 {
		t.Errorf("%d samples after the end", len(n))
	}
}
