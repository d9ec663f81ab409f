package exposition_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/source/exposition"
)

func TestKinds(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"text": {`# HELP app_requests_total Requests.
# TYPE app_requests_total counter
app_requests_total{method="GET",job="x"} 1
app_requests_total{method="PUT",code="200"} 1
# TYPE app_open gauge
app_open 3
# TYPE app_duration_seconds histogram
app_duration_seconds_bucket{le="0.5"} 1
app_duration_seconds_bucket{le="1"} 1
app_duration_seconds_bucket{le="+Inf"} 1
app_duration_seconds_sum 1
app_duration_seconds_count 1
# TYPE app_size_bytes summary
app_size_bytes{quantile="0.5"} 1
app_size_bytes_sum 1
app_size_bytes_count 1
app_untyped 1
`, `counter app_requests_total [code method] ?
gauge app_open [] ?
gauge app_size_bytes [quantile] B
untyped app_untyped [] ?
histogram app_duration_seconds [] s 0.5 1
counter app_size_bytes_count [] observations
counter app_size_bytes_sum [] B
`},
		"OpenMetrics": {`# TYPE app_requests counter
# HELP app_requests Requests.
app_requests_total{method="GET"} 1 # {trace="a"} 1
app_requests_created{method="GET"} 1
# TYPE app_build info
app_build_info{version="1"} 1
# TYPE app_temperature_celsius gauge
# UNIT app_temperature_celsius celsius
app_temperature_celsius 3
# EOF
`, `counter app_requests_total [method] ?
gauge app_build_info [version] ?
gauge app_temperature_celsius [] °C
`},
		"metadata": {`{"status":"success","data":{"app_requests_total":[{"type":"counter","help":"R.","unit":""}],"app_open":[{"type":"gauge","help":"O.","unit":""}]}}`,
			"counter app_requests_total [] ?\ngauge app_open [] ?\n"},
		"metadata of targets that disagree": {`{"status":"success","data":{"app_open":[{"type":"gauge"},{"type":"counter"}],"app_x":[{"type":"unknown"}]}}`, "untyped app_open [] ?\nuntyped app_x [] ?\n"},
		"metadata of targets":               {`{"status":"success","data":[{"target":{},"metric":"app_open","type":"gauge","help":"O.","unit":""}]}`, "gauge app_open [] ?\n"},
	} {
		g, err := exposition.Read(name, []byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lines := map[string]bool{}
		for _, m := range g.Metrics() {
			var ls []string
			for _, l := range m.Labels {
				ls = append(ls, l.Name)
			}
			line := fmt.Sprintf("%s %s %v %s", m.Kind, m.Name, ls, m.Unit)
			for _, b := range m.Buckets {
				line += fmt.Sprintf(" %v", b)
			}
			lines[line] = true
		}
		want := map[string]bool{}
		for line := range strings.Lines(c.want) {
			want[strings.TrimSuffix(line, "\n")] = true
		}
		if d := cmp.Diff(want, lines); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "it holds no metric",
		"what is this\n":   "x.prom: ",
		`{"a": 1}`:         "not that of Prometheus's metadata API",
		"{":                "not that of Prometheus's metadata API",
		"app_open{a=\"} 1": "x.prom: ",
	} {
		if _, err := exposition.Read("x.prom", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

var typeLine = regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`)

// TestCorpus reads what public servers expose, and finds every metric that has a type.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(optional.Corpus(t, "expositions") + "/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no expositions", err)
	}
	for _, file := range files {
		if filepath.Ext(file) == ".json" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := exposition.Read(filepath.Base(file), data)
		if err != nil {
			// textfile-inconsistent and the like are there because they are wrong.
			if !strings.Contains(file, "textfile") && !strings.Contains(file, "expfmt") {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		names := map[string]bool{}
		for _, m := range g.Metrics() {
			names[m.Name] = true
		}
		missing := 0
		for _, m := range typeLine.FindAllSubmatch(data, -1) {
			n := string(m[1])
			if !names[n] && !names[n+"_total"] && !names[n+"_info"] && bytes.Contains(data, []byte("\n"+n)) {
				missing++
				t.Logf("%s: %s is not among the metrics", filepath.Base(file), n)
			}
		}
		if missing > 0 {
			t.Errorf("%s: %d metrics are missing", file, missing)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("# TYPE a counter\na_total{b=\"c\"} 1\n# EOF\n"))
	f.Add([]byte(`{"data":{"a":[{"type":"gauge"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := exposition.Read("x", data); err == nil && len(g.Metrics()) == 0 {
			t.Error("a group without metrics")
		}
	})
}
