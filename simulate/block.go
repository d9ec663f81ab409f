package simulate

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"golang.org/x/sync/errgroup"
)

// Written is what WriteBlocks has made.
type Written struct {
	Blocks, Series int
	Samples        uint64
	From, To       time.Time
}

// samplesPerChunk is as many as Prometheus puts into one.
const samplesPerChunk = 120

// blockLength is that of the blocks, which begin at its multiples; Prometheus takes blocks of any length that do not overlap.
const blockLength = 24 * time.Hour

// WriteBlocks writes the generator's samples from its next scrape up to a time of the scenario as blocks of a TSDB, straight into
// their files: a folder that Prometheus can be started on. The folder must be empty or not there.
func (g *Generator) WriteBlocks(ctx context.Context, dir string, upTo time.Duration) (out Written, err error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return out, fmt.Errorf("%s is not empty", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return out, err
	}
	var columns []*column
	times := map[*column]*target{}
	for _, t := range g.targets {
		t.columns(func(c *column) {
			columns = append(columns, c)
			times[c] = t
		})
	}
	series := make([]*chunked, len(columns))
	for i, c := range columns {
		series[i] = &chunked{column: c, target: times[c]}
	}
	byLabels := slices.Clone(series)
	slices.SortFunc(byLabels, func(a, b *chunked) int { return labels.Compare(a.column.labels, b.column.labels) })
	last := int((g.before + upTo) / g.step)
	seen := map[*chunked]bool{}
	for g.next <= last {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		begin := g.due(g.next)
		end := begin.Truncate(blockLength).Add(blockLength)
		for g.next <= last && g.due(g.next).Before(end) {
			left := int((end.Sub(g.due(g.next)) + g.step - 1) / g.step)
			g.Next(min(samplesPerChunk, left, last+1-g.next))
			var work errgroup.Group
			n := runtime.GOMAXPROCS(0)
			for k := range n {
				work.Go(func() error {
					for i := k; i < len(series); i += n {
						if err := series[i].add(); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := work.Wait(); err != nil {
				return out, err
			}
		}
		meta, err := writeBlock(ctx, dir, byLabels)
		if err != nil {
			return out, err
		}
		out.Blocks++
		out.Samples += meta.Stats.NumSamples
		if out.From.IsZero() {
			out.From = begin
		}
		out.To = g.due(g.next - 1)
		for _, s := range series {
			if len(s.chunks) > 0 {
				seen[s] = true
			}
			s.chunks = s.chunks[:0]
		}
	}
	out.Series = len(seen)
	return out, nil
}

// due is when a scrape is due, but for the target's place in the interval.
func (g *Generator) due(i int) time.Time { return g.begin.Add(time.Duration(i)*g.step - g.before) }

// chunked is a series whose samples are put into chunks as they are made.
type chunked struct {
	column *column
	target *target
	chunks []chunks.Meta
}

// add puts the samples of a batch into chunks.
func (s *chunked) add() error {
	c := s.column
	if len(c.v) == 0 {
		return nil
	}
	if c.native {
		return s.addHistograms()
	}
	chunk := chunkenc.NewXORChunk()
	app, err := chunk.Appender()
	if err != nil {
		return err
	}
	meta := chunks.Meta{Chunk: chunk}
	for i, v := range c.v {
		if isNone(v) {
			continue
		}
		t := s.target.times[c.first+i]
		if meta.MaxTime == 0 {
			meta.MinTime = t
		}
		meta.MaxTime = t
		app.Append(0, t, v)
	}
	if meta.MaxTime != 0 {
		chunk.Compact()
		s.chunks = append(s.chunks, meta)
	}
	return nil
}

func (s *chunked) addHistograms() error {
	c := s.column
	var app chunkenc.Appender
	var meta chunks.Meta
	flush := func() {
		if meta.Chunk != nil {
			meta.Chunk.Compact()
			s.chunks = append(s.chunks, meta)
		}
		meta = chunks.Meta{}
	}
	for i, v := range c.v {
		if isNone(v) {
			continue
		}
		h := c.h[i]
		if value.IsStaleNaN(v) {
			h = &histogram.Histogram{Sum: v}
		}
		t := s.target.times[c.first+i]
		if meta.Chunk == nil {
			chunk := chunkenc.NewHistogramChunk()
			a, err := chunk.Appender()
			if err != nil {
				return err
			}
			app, meta = a, chunks.Meta{Chunk: chunk, MinTime: t}
		}
		next, recoded, a, err := app.AppendHistogram(nil, 0, t, h, false)
		if err != nil {
			return err
		}
		app = a
		switch {
		case next == nil:
		case recoded:
			meta.Chunk = next
		default:
			flush()
			meta = chunks.Meta{Chunk: next, MinTime: t}
		}
		meta.MaxTime = t
	}
	flush()
	return nil
}

// writeBlock writes the chunks of the series, which are sorted, as a block: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/README.md.
// It reaches from the first of their samples to the last, as the first block of a server does.
func writeBlock(ctx context.Context, dir string, sorted []*chunked) (meta tsdb.BlockMeta, err error) {
	mint, maxt := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range sorted {
		for _, c := range s.chunks {
			mint, maxt = min(mint, c.MinTime), max(maxt, c.MaxTime+1)
		}
	}
	var entropy [10]byte
	binary.BigEndian.PutUint64(entropy[2:], uint64(mint))
	var id ulid.ULID
	if err := errors.Join(id.SetTime(uint64(mint)), id.SetEntropy(entropy[:])); err != nil {
		return meta, err
	}
	meta = tsdb.BlockMeta{ULID: id, MinTime: mint, MaxTime: maxt, Version: 1, Compaction: tsdb.BlockMetaCompaction{Level: 1, Sources: []ulid.ULID{id}}}
	// Under its last name the block stands only when it is whole, as Prometheus does it.
	final := filepath.Join(dir, id.String())
	tmp := final + ".tmp-for-creation"
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return meta, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
	}()
	var files closers
	defer func() { err = errors.Join(err, files.Close()) }()
	data, err := chunks.NewWriter(filepath.Join(tmp, "chunks"))
	if err != nil {
		return meta, err
	}
	files = append(files, data.Close)
	idx, err := index.NewWriter(ctx, filepath.Join(tmp, "index"))
	if err != nil {
		return meta, err
	}
	files = append(files, idx.Close)
	symbols := map[string]struct{}{}
	for _, s := range sorted {
		if len(s.chunks) > 0 {
			s.column.labels.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = struct{}{}, struct{}{} })
		}
	}
	for _, sym := range slices.Sorted(maps.Keys(symbols)) {
		if err := idx.AddSymbol(sym); err != nil {
			return meta, err
		}
	}
	for i, s := range sorted {
		if len(s.chunks) == 0 {
			continue
		}
		if err := data.WriteChunks(s.chunks...); err != nil {
			return meta, err
		}
		if err := idx.AddSeries(storage.SeriesRef(i), s.column.labels, s.chunks...); err != nil {
			return meta, err
		}
		meta.Stats.NumSeries++
		meta.Stats.NumChunks += uint64(len(s.chunks))
		for _, c := range s.chunks {
			meta.Stats.NumSamples += uint64(c.Chunk.NumSamples())
		}
	}
	if err := files.Close(); err != nil {
		return meta, err
	}
	text, err := json.MarshalIndent(meta, "", "\t")
	if err != nil {
		return meta, err
	}
	if err := os.WriteFile(filepath.Join(tmp, "meta.json"), text, 0o644); err != nil {
		return meta, err
	}
	return meta, os.Rename(tmp, final)
}

// closers are closed once, together.
type closers []func() error

// Close closes what has not been closed.
func (c *closers) Close() error {
	var all []error
	for _, f := range *c {
		all = append(all, f())
	}
	*c = nil
	return errors.Join(all...)
}
