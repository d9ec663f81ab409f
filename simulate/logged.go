package simulate

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/record"
	"github.com/prometheus/prometheus/tsdb/wlog"
)

// logged returns the times of the first and the last sample that the logs of a server's data folder hold, whatever they are of: its
// write-ahead log from the last checkpoint on, and the log of late samples. first is beyond last where there are none.
func logged(dir string) (first, last int64, err error) {
	first, last = math.MaxInt64, math.MinInt64
	var places []string
	checkpoint, from, err := wlog.LastCheckpoint(filepath.Join(dir, "wal"))
	switch {
	case err == nil:
		places = append(places, checkpoint)
	case errors.Is(err, record.ErrNotFound):
		from = -1
	default:
		return first, last, err
	}
	ranges := []wlog.SegmentRange{{Dir: filepath.Join(dir, "wal"), First: from, Last: -1}}
	for _, p := range append(places, filepath.Join(dir, wlog.WblDirName)) {
		ranges = append(ranges, wlog.SegmentRange{Dir: p, First: -1, Last: -1})
	}
	see := func(t int64) { first, last = min(first, t), max(last, t) }
	decoder := record.NewDecoder(labels.NewSymbolTable(), promslog.NewNopLogger())
	for _, r := range ranges {
		in, err := wlog.NewSegmentsRangeReader(r)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return first, last, err
		}
		var samples []record.RefSample
		var histograms []record.RefHistogramSample
		var floats []record.RefFloatHistogramSample
		log := wlog.NewReader(in)
		for err == nil && log.Next() { // where it is torn a server that starts cuts it off, too
			switch data := log.Record(); decoder.Type(data) {
			case record.Samples, record.SamplesV2:
				samples, err = decoder.Samples(data, samples[:0])
				for _, s := range samples {
					see(s.T)
				}
			case record.HistogramSamples, record.CustomBucketsHistogramSamples, record.HistogramSamplesV2:
				histograms, err = decoder.HistogramSamples(data, histograms[:0])
				for _, s := range histograms {
					see(s.T)
				}
			case record.FloatHistogramSamples, record.CustomBucketsFloatHistogramSamples, record.FloatHistogramSamplesV2:
				floats, err = decoder.FloatHistogramSamples(data, floats[:0])
				for _, s := range floats {
					see(s.T)
				}
			}
		}
		if err = errors.Join(err, in.Close()); err != nil {
			return first, last, err
		}
	}
	return first, last, nil
}
