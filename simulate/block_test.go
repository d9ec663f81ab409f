package simulate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
)

func flagshipData(tb testing.TB) scenario.Data {
	tb.Helper()
	p := plan.New(mockforge.Project.Whole(), mockforge.Project.Profiles[0])
	if len(p.Findings) > 0 {
		tb.Fatal(p.Findings)
	}
	return p.ScenarioData()
}

// TestBlocks writes a scenario over midnight, with an outage and a native histogram, and reads it back with Prometheus's own
// code: the samples are those that the same generator gives in memory.
func TestBlocks(t *testing.T) {
	data := flagshipData(t)
	for i := range data.Metrics {
		if data.Metrics[i].Name == "mockforge_request_duration_seconds" {
			data.Metrics[i].Native = 1.1
		}
	}
	begin := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	make := func() *simulate.Generator {
		g, err := simulate.NewGenerator(&data, "partial-outage", begin, 0, 7)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	dir := filepath.Join(t.TempDir(), "data")
	written, err := make().WriteBlocks(t.Context(), dir, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if written.Blocks != 2 {
		t.Errorf("%d blocks, and midnight is within", written.Blocks)
	}
	want := map[string][]string{}
	g := make()
	g.Next(int(90*time.Minute/(15*time.Second)) + 1)
	simulate.Samples(g, func(ls labels.Labels, sample string) { want[ls.String()] = append(want[ls.String()], sample) })

	db, err := tsdb.OpenDBReadOnly(dir, "", promslog.NewNopLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	blocks, err := db.Blocks()
	if err != nil || len(blocks) != 2 {
		t.Fatal(err, len(blocks))
	}
	q, err := db.Querier(0, blocks[1].Meta().MaxTime-1) // what comes later would be in a log, and there is none
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	series, histograms := 0, 0
	var n uint64
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchNotEqual, "instance", ""))
	for set.Next() {
		series++
		s := set.At()
		var got []string
		it := s.Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			if kind == chunkenc.ValHistogram {
				histograms++
				at, h := it.AtHistogram(nil)
				got = append(got, simulate.SampleText(at, 0, h))
				continue
			}
			at, v := it.At()
			got = append(got, simulate.SampleText(at, v, nil))
		}
		n += uint64(len(got))
		expected := want[s.Labels().String()]
		if len(got) != len(expected) {
			t.Fatalf("%s has %d samples, and %d were made", s.Labels(), len(got), len(expected))
		}
		for i := range got {
			if got[i] != expected[i] {
				t.Fatalf("%s: sample %d is %s, and %s was made", s.Labels(), i, got[i], expected[i])
			}
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	if series != len(want) || series != written.Series || n != written.Samples || histograms == 0 {
		t.Errorf("%d series with %d samples, %d of them histograms, were read; %d were made, and %+v said to be", series, n, histograms, len(want), written)
	}

	if _, err := make().WriteBlocks(t.Context(), dir, time.Hour); err == nil {
		t.Error("a folder that is not empty was written to")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	dir = t.TempDir()
	if _, err := make().WriteBlocks(stopped, dir, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped, it says %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("stopped, it leaves %v", left)
	}
}

// BenchmarkMonth writes 30 days of the flagship, a sample every 15 s.
func BenchmarkMonth(b *testing.B) {
	data := flagshipData(b)
	for b.Loop() {
		g, err := simulate.NewGenerator(&data, "healthy", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), 30*24*time.Hour, 1)
		if err != nil {
			b.Fatal(err)
		}
		w, err := g.WriteBlocks(b.Context(), filepath.Join(b.TempDir(), "data"), 0)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(w.Samples)/b.Elapsed().Seconds()*float64(b.N), "samples/s")
		b.ReportMetric(float64(w.Series), "series")
	}
}
