package simulate

import (
	"cmp"
	"context"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/index"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/scenario"
)

// runtimeInfo is what the server says of itself.
func (s *Serving) runtimeInfo() (apiv1.RuntimeInfo, error) {
	host, _ := os.Hostname() // which only tells people where it runs
	return apiv1.RuntimeInfo{
		StartTime: s.ready, ServerTime: s.now().UTC(), LastConfigTime: s.ready, CWD: "/", Hostname: host, ReloadConfigSuccess: true,
		GoroutineCount: runtime.NumGoroutine(), GOMAXPROCS: runtime.GOMAXPROCS(0), GOGC: os.Getenv("GOGC"), GODEBUG: os.Getenv("GODEBUG"),
	}, nil
}

// flags are those with which a real server would do the same.
func (s *Serving) flags() map[string]string {
	return map[string]string{
		"enable-feature": strings.Join(s.features, ","), "query.lookback-delta": "5m", "query.max-samples": "50000000", "query.timeout": "2m",
		"web.enable-admin-api": "false", "web.enable-lifecycle": "false",
	}
}

// chunksAtHand is what the API reads the number of chunks from.
func chunksAtHand(n uint64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "prometheus_tsdb_head_chunks", Help: "Chunks that are at hand."}, func() float64 { return float64(n) })
}

// statsOf counts series as the head of a server does, of which all are given.
func statsOf(by string, limit int, all func(f func(labels.Labels))) *tsdb.Stats {
	postings, n := index.NewMemPostings(), uint64(0)
	all(func(ls labels.Labels) {
		n++
		postings.Add(storage.SeriesRef(n), ls)
	})
	return &tsdb.Stats{NumSeries: n, IndexPostingStats: postings.Stats(by, limit, func(name, value string, n uint64) uint64 { return uint64(len(name)+len(value)) * n })}
}

// folderStats are those of a folder, with what rules record over it.
type folderStats struct {
	readOnly
	f    *folder
	data storage.Queryable
}

// BlockMetas are those of the blocks on disk.
func (s folderStats) BlockMetas() ([]tsdb.BlockMeta, error) { return s.f.blocks, nil }

// Stats counts all series.
func (s folderStats) Stats(by string, limit int) (*tsdb.Stats, error) {
	q, err := s.data.Querier(s.f.from.UnixMilli(), s.f.to.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }()
	set := q.Select(context.Background(), false, nil, labels.MustNewMatcher(labels.MatchNotEqual, model.MetricNameLabel, ""))
	out := statsOf(by, limit, func(f func(labels.Labels)) {
		for set.Next() {
			f(set.At().Labels())
		}
	})
	out.MinTime, out.MaxTime = s.f.from.UnixMilli(), s.f.to.UnixMilli()
	return out, set.Err()
}

// targets are those that the samples of up in the last day of a folder tell of. They have what the catalog knows of the metrics,
// and of others what their names say.
func (f *folder) targets(ctx context.Context, d *scenario.Data, s *Serving) (*scenarioTargets, error) {
	q, err := f.Querier(0, 0)
	if err != nil {
		return nil, err
	}
	names, _, err := q.LabelValues(ctx, model.MetricNameLabel, nil)
	if err != nil {
		return nil, err
	}
	meta := guessed(names)
	for _, m := range metadataOf(d.Metrics) {
		if i, ok := slices.BinarySearchFunc(meta, m.MetricFamily, func(m scrape.MetricMetadata, name string) int { return cmp.Compare(m.MetricFamily, name) }); ok {
			meta[i] = m
		}
	}
	out := &scenarioTargets{serving: s, step: s.scrapeInterval(), stands: s.stands}
	set := q.Select(ctx, true, &storage.SelectHints{Start: s.stands.UnixMilli() - 24*3600*1000, End: s.stands.UnixMilli()}, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, external.Up.Name))
	for set.Next() {
		if it := set.At().Iterator(nil); it.Seek(s.stands.UnixMilli()-24*3600*1000) != chunkenc.ValNone {
			ls := set.At().Labels()
			out.add(ls.Get(model.JobLabel), ls.Get(model.InstanceLabel), out.step, meta)
		}
	}
	if len(out.list) == 0 { // metadata are a target's
		out.add("", f.dir, out.step, meta)
	}
	return out, set.Err()
}

var familyOf = regexp.MustCompile(`_(bucket|count|sum)$`)

// guessed is what the names of metrics say of their types, sorted by the names.
func guessed(names []string) metadata {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	types := map[string]model.MetricType{}
	for _, n := range names {
		family := familyOf.ReplaceAllString(n, "")
		switch {
		case known[family+"_bucket"]:
			types[family] = model.MetricTypeHistogram
		case family != n && known[family] && known[family+"_count"] && known[family+"_sum"]:
			types[family] = model.MetricTypeSummary
		case strings.HasSuffix(n, "_total"):
			types[n] = model.MetricTypeCounter
		case strings.HasSuffix(n, "_info"):
			types[n] = model.MetricTypeInfo
		case types[n] == "":
			types[n] = model.MetricTypeUnknown
		}
	}
	var out metadata
	for name, kind := range types {
		out = append(out, scrape.MetricMetadata{MetricFamily: name, Type: kind})
	}
	slices.SortFunc(out, func(a, b scrape.MetricMetadata) int { return cmp.Compare(a.MetricFamily, b.MetricFamily) })
	return out
}
