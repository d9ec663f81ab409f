package simulate_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/obsgen/obsgen/simulate"
)

// fromText reads rules that stand in a test.
func fromText(t *testing.T, text string) *simulate.RuleSet {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return read(t, path)
}

// TestLogWithoutUp reads folders of servers that scrape nothing, and so have no series called up: a log alone, blocks and a log, of
// numbers and of histograms.
func TestLogWithoutUp(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		native  bool
		compact bool
		hours   int
	}{{"a log alone", false, false, 1}, {"histograms alone", true, false, 1}, {"blocks and a log", false, true, 6}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, tsdb.DefaultOptions(), nil)
			if err != nil {
				t.Fatal(err)
			}
			db.DisableCompactions()
			last := begin
			for i := range c.hours * 60 {
				app := db.AppenderV2(t.Context())
				last = begin.Add(time.Duration(i) * time.Minute)
				v, h := 10.0, (*histogram.FloatHistogram)(nil)
				if c.native {
					h = &histogram.FloatHistogram{Count: 10, Sum: 10, ZeroThreshold: 1e-128, ZeroCount: 10}
				}
				if _, err := app.Append(0, labels.FromStrings("__name__", "m", "instance", "1"), 0, last.UnixMilli(), v, nil, h, storage.AppendV2Options{}); err != nil {
					t.Fatal(err)
				}
				if err := app.Commit(); err != nil {
					t.Fatal(err)
				}
			}
			if c.compact {
				if err := db.Compact(t.Context()); err != nil || len(db.Blocks()) == 0 {
					t.Fatal(err, len(db.Blocks()))
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			past, err := simulate.OpenTSDB(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = past.Close() }()
			from, to, known := past.Bounds()
			if !known || !from.Equal(begin) || !to.Equal(last) {
				t.Errorf("it reaches from %s to %s, not from %s to %s", from, to, begin, last)
			}
			expr := "m > 5"
			if c.native {
				expr = "histogram_count(m) > 5"
			}
			tested, err := fromText(t, "groups: [{name: g, rules: [{alert: M, expr: '"+expr+"'}]}]").Backtest(t.Context(), past, from, to, nil)
			if err != nil || len(tested[0].Spans) != 1 || !tested[0].Spans[0].To.Equal(to) {
				t.Errorf("%v, %v", told(tested), err)
			}
		})
	}
}

// TestServersThatSaySo has servers that ask for patience, refuse what reads too much, and answer with a part of the data.
func TestServersThatSaySo(t *testing.T) {
	t.Parallel()
	set := fromText(t, "groups: [{name: g, rules: [{alert: A, expr: a > 1}, {alert: B, expr: b > 1}, {alert: C, expr: c > 1}]}]")
	from := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	to := from.Add(8 * time.Hour)
	run := func(answer func(n int64, w http.ResponseWriter, r *http.Request) bool) (n int64, said []string, tested []*simulate.Tested, past simulate.Past, err error) {
		var asked atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			w.Header().Set("Content-Type", "application/json")
			if answer(asked.Add(1), w, r) {
				return
			}
			var values []string
			start, _ := strconv.ParseFloat(r.Form.Get("start"), 64)
			end, _ := strconv.ParseFloat(r.Form.Get("end"), 64)
			step, _ := strconv.ParseFloat(r.Form.Get("step"), 64)
			for at := start; at <= end; at += step {
				values = append(values, fmt.Sprintf(`[%f,"2"]`, at))
			}
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(values, ","))
		}))
		defer web.Close()
		past, err = simulate.OpenServer(t.Context(), simulate.Hurried(simulate.Server{
			URL: web.URL, PerSecond: 1e4, Cache: t.TempDir(), Say: func(s string) { said = append(said, s) },
		}, "http://the.server"))
		if err == nil {
			tested, err = set.Backtest(t.Context(), past, from, to, nil)
		}
		return asked.Load(), said, tested, past, err
	}
	whole := func(t *testing.T, tested []*simulate.Tested) {
		t.Helper()
		for _, x := range tested {
			if len(x.Spans) != 1 || !x.Spans[0].From.Equal(from) || !x.Spans[0].To.Equal(to) || x.Failure != "" {
				t.Errorf("%s: %+v %s", x.Alert, x.Spans, x.Failure)
			}
		}
	}
	fail := func(w http.ResponseWriter, code int, text string) bool {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
		return true
	}

	t.Run("429", func(t *testing.T) {
		_, said, tested, _, err := run(func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "1")
			return n == 2 && fail(w, http.StatusTooManyRequests, `{"status":"error","errorType":"too_many_requests","error":"slow down"}`)
		})
		if err != nil || !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "trying again in 1s") }) {
			t.Errorf("%v, %q", err, said)
		}
		whole(t, tested)
	})
	t.Run("429 for a day", func(t *testing.T) {
		asked, _, _, _, err := run(func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", time.Now().Add(24*time.Hour).UTC().Format(http.TimeFormat))
			return n > 1 && fail(w, http.StatusTooManyRequests, "no")
		})
		if err == nil || !strings.Contains(err.Error(), "wants to be left alone for ") || asked > 5 {
			t.Errorf("%v after %d requests", err, asked)
		}
	})
	t.Run("422", func(t *testing.T) {
		asked, said, tested, _, err := run(func(_ int64, w http.ResponseWriter, r *http.Request) bool {
			start, _ := strconv.ParseFloat(r.Form.Get("start"), 64)
			end, _ := strconv.ParseFloat(r.Form.Get("end"), 64)
			return end-start > 2*3600 && fail(w, http.StatusUnprocessableEntity, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`)
		})
		if err != nil || asked > 1+3*(2+8) || !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "at a time") }) {
			t.Errorf("%d requests, %v, %q", asked, err, said)
		}
		whole(t, tested)
	})
	t.Run("422 of any length, of one alert", func(t *testing.T) {
		_, _, tested, _, err := run(func(_ int64, w http.ResponseWriter, r *http.Request) bool {
			return r.Form.Get("query") == "b > 1" && fail(w, http.StatusUnprocessableEntity, `{"status":"error","errorType":"execution","error":"multiple matches for labels"}`)
		})
		if err != nil || len(tested) != 3 || !strings.Contains(tested[1].Failure, "refuses b > 1: multiple matches for labels") {
			t.Fatalf("%v, %v", told(tested), err)
		}
		whole(t, []*simulate.Tested{tested[0], tested[2]})
	})
	t.Run("partial", func(t *testing.T) {
		_, said, tested, past, err := run(func(_ int64, w http.ResponseWriter, r *http.Request) bool {
			return r.Form.Get("query") == "b > 1" && fail(w, http.StatusOK, `{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["partial response: store x unreachable"],"infos":["i"]}`)
		})
		if err != nil || !slices.Equal(past.Warnings(), []string{"partial response: store x unreachable"}) {
			t.Errorf("%v, %q", err, past.Warnings())
		}
		for _, want := range []string{"warning: partial response: store x unreachable", "info: i"} {
			if n := strings.Count(strings.Join(said, "\n"), want); n != 1 {
				t.Errorf("%q is said %d times: %q", want, n, said)
			}
		}
		whole(t, []*simulate.Tested{tested[0], tested[2]})
	})
}
