package simulate_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
)

// told writes what alerts did, a line for each span.
func told(tested []*simulate.Tested) []string {
	var out []string
	for _, t := range tested {
		for _, s := range t.Spans {
			out = append(out, fmt.Sprintf("%s%s %s %s %s", t.Alert, s.Labels, s.Since.Format(time.TimeOnly), s.From.Format(time.TimeOnly), s.To.Format(time.TimeOnly)))
		}
	}
	return out
}

// folderOf writes a scenario that begins at a time into a folder.
func folderOf(t *testing.T, d *scenario.Data, name string, begin time.Time) (dir string, from, to time.Time) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	g, err := simulate.NewGenerator(d, name, begin, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.WriteBlocks(t.Context(), dir, time.Hour); err != nil {
		t.Fatal(err)
	}
	return dir, begin.Add(-30 * time.Minute), begin.Add(time.Hour)
}

// TestPasts tries the flagship's alerts on the same hour and a half in memory, in a folder and on a server that has these
// samples and no rules: they do the same, and what the manager of rules has them do.
func TestPasts(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	set := read(t, flagship)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "error-burst", begin)

	memory, err := simulate.OpenScenario(&data, "error-burst", to, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	// A block reaches from its first sample to its last, so that nobody counts hours without samples.
	if first, last, known := folder.Bounds(); !known || first.Before(from) || first.After(from.Add(time.Minute)) || last.After(to.Add(time.Minute)) || last.Before(to.Add(-time.Minute)) {
		t.Errorf("the samples from %s to %s are said to reach from %s to %s", from, to, first, last)
	}
	serving, err := set.ServeTSDB(t.Context(), &data, dir, simulate.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Close() })
	web := httptest.NewServer(serving.Handler(nil))
	t.Cleanup(web.Close)
	server, err := simulate.OpenServer(t.Context(), simulate.Server{URL: web.URL, PerSecond: 1e4, Piece: 20 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, past := range []simulate.Past{memory, folder, server} {
		tested, err := set.Backtest(t.Context(), past, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = told(tested)
		}
		if got := told(tested); !slices.Equal(got, first) {
			t.Errorf("%T:\n%s\nand in memory:\n%s", past, strings.Join(got, "\n"), strings.Join(first, "\n"))
		}
		if err := past.Close(); err != nil {
			t.Error(err)
		}
	}
	played, err := set.Play(t.Context(), &data, "error-burst")
	if err != nil {
		t.Fatal(err)
	}
	var fired []string
	for _, h := range played.Alerts {
		for _, s := range h.Spans {
			fired = append(fired, fmt.Sprintf("%s %s %s", h.Alert, begin.Add(s.From).Format(time.TimeOnly), begin.Add(s.To).Format(time.TimeOnly)))
		}
	}
	var here []string
	for _, line := range first {
		f := strings.Fields(regexp.MustCompile(`\{.*\}`).ReplaceAllString(line, ""))
		here = append(here, fmt.Sprintf("%s %s %s", f[0], f[2], f[3]))
	}
	if !slices.Equal(fired, here) || len(fired) < 4 {
		t.Errorf("the manager:\n%s\nhere:\n%s", strings.Join(fired, "\n"), strings.Join(here, "\n"))
	}
}

// TestNoise counts spans of different labels that overlap once.
func TestNoise(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 1, 1, 0, m, 0, 0, time.UTC) }
	b := &simulate.Tested{From: at(0), To: at(7 * 24 * 60), Spans: []simulate.Fired{
		{From: at(10), To: at(20)}, {From: at(15), To: at(40)}, {From: at(16), To: at(18)}, {From: at(100), To: at(110)}, {From: at(200), To: at(201)},
	}}
	if got, want := b.Noise(), (simulate.Noise{3, 3, time.Minute, 10 * time.Minute, 30 * time.Minute, 41. / (7 * 24 * 60)}); got != want {
		t.Errorf("%+v, and %+v is wanted", got, want)
	}
}

// hash is over all that a folder holds.
func hash(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, path)
		if e.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		sum.Write(data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// TestFoldersAreOnlyRead opens good folders and broken ones. Each error names the folder, and nothing in it is changed.
func TestFoldersAreOnlyRead(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	set := read(t, flagship)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	spoil := func(name string, f func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			found, err := filepath.Glob(filepath.Join(dir, "*", name))
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			old, err := os.ReadFile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(found[0], f(old), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, string)
		want  string // "": it is read
	}{
		{"good", func(*testing.T, string) {}, ""},
		{"meta is no JSON", spoil("meta.json", func([]byte) []byte { return []byte("{") }), "meta.json"},
		{"index is cut", spoil("index", func(b []byte) []byte { return b[:len(b)/2] }), "index"},
		{"index is empty", spoil("index", func([]byte) []byte { return nil }), "index"},
		{"chunks are garbage", spoil("chunks/000001", func(b []byte) []byte {
			for i := 100; i < len(b); i++ {
				b[i] ^= 0x5a
			}
			return b
		}), "checksum"},
		{"chunks are cut", spoil("chunks/000001", func(b []byte) []byte { return b[:len(b)/3] }), "chunk"},
		{"nothing", func(t *testing.T, dir string) {
			t.Helper()
			if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, "neither blocks nor a write-ahead log"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, from, to := folderOf(t, &data, "healthy", begin)
			c.spoil(t, dir)
			before := hash(t, dir)
			past, err := simulate.OpenTSDB(dir, nil)
			if err == nil {
				var tested []*simulate.Tested
				tested, err = set.Backtest(t.Context(), past, from, to, nil)
				for _, x := range tested {
					if x.Failure != "" { // the alerts that do not read the spoilt samples are told all the same
						err = errors.Join(err, errors.New(x.Failure))
					}
				}
				if e := past.Close(); e != nil {
					t.Error(e)
				}
			}
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir)):
				t.Errorf("it says %v, and %q is wanted with the folder", err, c.want)
			}
			if hash(t, dir) != before {
				t.Error("the folder was changed")
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulate.OpenTSDB(file, nil); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Error(err)
	}
	if _, err := simulate.OpenTSDB(file+"x", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestRunningServersFolder reads the folder of a server that runs: its log and its head, here and on another file system than that
// of temporary files.
func TestRunningServersFolder(t *testing.T) {
	t.Parallel()
	places := []string{t.TempDir()}
	if shm, err := os.MkdirTemp("/dev/shm", "obsgen"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(shm) })
		places = append(places, shm)
	}
	for _, dir := range places {
		options := tsdb.DefaultOptions()
		options.WALSegmentSize = 32 * 1024
		db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, options, nil)
		if err != nil {
			t.Fatal(err)
		}
		db.DisableCompactions() // they would change the folder, too
		begin := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
		for i := range 2000 { // enough for chunks of the head to be written
			app := db.AppenderV2(t.Context())
			for _, job := range []string{"a", "b"} {
				ls := labels.FromStrings("__name__", "up", "job", job)
				if _, err := app.Append(0, ls, 0, begin.Add(time.Duration(i)*15*time.Second).UnixMilli(), float64(i%2), nil, nil, storage.AppendV2Options{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := app.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		before := hash(t, dir)
		past, err := simulate.OpenTSDB(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		from, to, known := past.Bounds()
		if !known || !from.Equal(begin) || !to.Equal(begin.Add(1999*15*time.Second)) {
			t.Errorf("%s: it is said to reach from %s to %s", dir, from, to)
		}
		expr, err := parser.NewParser(parser.Options{}).ParseExpr("sum(up)")
		if err != nil {
			t.Fatal(err)
		}
		m, err := past.Matrix(t.Context(), expr, from, to, 15*time.Second)
		if err != nil || len(m) != 1 || len(m[0].Floats) != 2000 {
			t.Errorf("%s: %v, %d series", dir, err, len(m))
		}
		if err := past.Close(); err != nil {
			t.Error(err)
		}
		if hash(t, dir) != before {
			t.Errorf("%s was changed", dir)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// fault answers for a server where it is not nil.
type fault func(n int64, w http.ResponseWriter, r *http.Request) (answered bool)

// TestFaultsOfServers has servers that are gone, slow, overloaded for a while and for good, and that refuse.
func TestFaultsOfServers(t *testing.T) {
	t.Parallel()
	data := flagshipData(t)
	set := read(t, flagship)
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	dir, from, to := folderOf(t, &data, "error-burst", begin)
	serving, err := set.ServeTSDB(t.Context(), &data, dir, simulate.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Close() })
	real := serving.Handler(nil)
	overloaded := func(w http.ResponseWriter) bool {
		http.Error(w, "too busy", http.StatusServiceUnavailable)
		return true
	}
	cache := t.TempDir()
	run := func(t *testing.T, f fault) (asked int64, said []string, spans []string, err error) {
		t.Helper()
		var n atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if k := n.Add(1); f == nil || !f(k, w, r) {
				real.ServeHTTP(w, r)
			}
		}))
		defer web.Close()
		past, err := simulate.OpenServer(t.Context(), simulate.Hurried(simulate.Server{
			URL: web.URL, PerSecond: 1e4, Piece: 15 * time.Minute, Timeout: 2 * time.Second, Cache: cache, Say: func(s string) { said = append(said, s) },
		}, "http://the.server"))
		if err != nil {
			return n.Load(), said, nil, err
		}
		tested, err := set.Backtest(t.Context(), past, from, to, func(name string) bool { return name == "MockForgeHighErrorRate" })
		return n.Load(), said, told(tested[:min(len(tested), map[bool]int{true: 0, false: 1}[err != nil])]), err
	}
	// It breaks off in the middle, and the same command goes on from there.
	_, said, _, err := run(t, func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n > 4 && overloaded(w) })
	if err == nil || !strings.Contains(err.Error(), "5 times in a row") || !strings.Contains(err.Error(), "goes on from there") || !strings.Contains(err.Error(), "503") {
		t.Errorf("overloaded for good, it says %v", err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "trying again") {
		t.Errorf("it told %q", said)
	}
	asked, _, spans, err := run(t, nil)
	if err != nil || asked != 1+7-3 || len(spans) != 1 {
		t.Errorf("the second time %d requests were made for %v: %v", asked, spans, err)
	}
	if asked, _, again, err := run(t, nil); err != nil || asked != 1 || !slices.Equal(spans, again) {
		t.Errorf("the third time %d requests were made for %v: %v", asked, again, err)
	}
	cache = t.TempDir()
	// Overloaded for a while, as twice in a row.
	if _, said, got, err := run(t, func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n%3 != 0 && overloaded(w) }); err != nil || !slices.Equal(got, spans) || len(said) == 0 {
		t.Errorf("overloaded for a while: %v, %v, %v", got, said, err)
	}
	for _, c := range []struct {
		name string
		f    fault
		want string
	}{
		{"slow", func(_ int64, _ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-r.Context().Done():
			case <-time.After(4 * time.Second):
			}
			return true
		}, "no answer within 2s"},
		{"refuses", func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"status":"error","errorType":"bad_data","error":"no such function"}`)
			return true
		}, "refuses 1: no such function"},
		{"is something else", func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, "<html>hello</html>")
			return true
		}, "cannot be asked"},
		{"asks who you are", func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return true
		}, "401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, _, err := run(t, c.f); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, and %q is wanted", err, c.want)
			}
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if _, err := simulate.OpenServer(t.Context(), simulate.Hurried(simulate.Server{URL: gone.URL, PerSecond: 1e4}, "")); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("unreachable: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := simulate.OpenServer(stopped, simulate.Server{URL: gone.URL}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// TestTimeline looks whether the picture is XML and says in words what it shows.
func TestTimeline(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 1, 1, 0, m, 0, 0, time.UTC) }
	for _, to := range []time.Time{at(60), at(60 * 30), at(60 * 24 * 30), at(60 * 24 * 400)} {
		var b bytes.Buffer
		rows := []simulate.Row{
			{Name: "A<B", Severity: "critical", Spans: []simulate.Fired{{Labels: labels.FromStrings("a", `"&`), Since: at(5), From: at(10), To: at(20)}}},
			{Name: strings.Repeat("Long", 20), Note: "(before)"},
		}
		if err := simulate.Timeline(&b, "T & U", rows, at(0), to); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for in := xml.NewDecoder(&b); ; {
			if _, err := in.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
		}
		if !strings.Contains(text, "A&lt;B fired from 2026-01-01 00:10:00 for 10m0s with {a=") || strings.Count(text, "<line") < 3 || strings.Count(text, "<line") > 14 {
			t.Error(text)
		}
	}
}

// TestRealServer starts the real Prometheus on a folder that was written, asks it, and reads its folder while it runs: the alerts
// do the same as on the folder alone.
func TestRealServer(t *testing.T) {
	t.Parallel()
	program := toolchain.Prometheus(t)
	data := flagshipData(t)
	set := read(t, flagship)
	begin := time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)
	dir, from, to := folderOf(t, &data, "plugin-failing", begin)
	folder, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := set.Backtest(t.Context(), folder, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {scrape_interval: 1s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, program, "--config.file="+config, "--storage.tsdb.path="+dir, "--web.listen-address="+at, "--log.level=error")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		_ = cmd.Wait()
	}()
	for i := 0; ; i++ {
		if r, err := http.Get("http://" + at + "/-/ready"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		if i > 300 {
			t.Fatalf("it is not ready: %s", log.String())
		}
		time.Sleep(100 * time.Millisecond)
	}
	server, err := simulate.OpenServer(t.Context(), simulate.Server{URL: "http://" + at, PerSecond: 1e4})
	if err != nil {
		t.Fatal(err)
	}
	running, err := simulate.OpenTSDB(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, past := range []simulate.Past{server, running} {
		got, err := set.Backtest(t.Context(), past, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := told(got), told(want); !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%T:\n%s\nthe folder alone:\n%s", past, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		if err := past.Close(); err != nil {
			t.Error(err)
		}
	}
}
