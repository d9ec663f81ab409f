package conform_test

import (
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/unit"
)

type (
	method struct{}
	status struct{}
)

var (
	GET    = catalog.V[method]("GET")
	Method = catalog.OneOf("method", "Verb.", GET, catalog.V[method]("PUT"))
	Status = catalog.Pattern[status](`[1-5]\d\d`, 3, "status", "Status.")

	PerAnswer = catalog.By2(Method, Status)

	group    = catalog.NewGroup("App", catalog.GroupSpec{Help: "An app.", Owner: "core"})
	Answers  = catalog.NewCounter(group, "app_answers_total", PerAnswer, catalog.Spec{Help: "Answers.", Unit: unit.Count("answers")})
	Sent     = catalog.NewCounter(group, "app_sent_bytes_total", catalog.None{}, catalog.Spec{Help: "Bytes sent.", Unit: unit.Bytes})
	Open     = catalog.NewGauge(group, "app_open", catalog.None{}, catalog.Spec{Help: "Open.", Unit: unit.Connections})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", catalog.None{}, catalog.Spec{Help: "Duration.", Unit: unit.Seconds, Buckets: []float64{.1, 1}})
	Native   = catalog.NewHistogram(group, "app_size_bytes", catalog.None{}, catalog.Spec{Help: "Size.", Unit: unit.Bytes, Native: 1.1})
	_        = catalog.NewCounter(group, "app_idle_total", catalog.None{}, catalog.Spec{Help: "Idle.", Unwritten: "nobody"})

	app = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group}})
)

const right = `# HELP app_answers_total Answers.
# TYPE app_answers_total counter
app_answers_total{method="GET",status="200"} 5
# HELP app_sent_bytes_total Bytes sent.
# TYPE app_sent_bytes_total counter
app_sent_bytes_total 5
# HELP app_open Open.
# TYPE app_open gauge
app_open 0
# HELP app_duration_seconds Duration.
# TYPE app_duration_seconds histogram
app_duration_seconds_bucket{le="0.1"} 1
app_duration_seconds_bucket{le="1"} 1
app_duration_seconds_bucket{le="+Inf"} 1
app_duration_seconds_sum 0.05
app_duration_seconds_count 1
# HELP app_size_bytes Size.
# TYPE app_size_bytes histogram
app_size_bytes_sum 5
app_size_bytes_count 1
# HELP go_goroutines Go.
# TYPE go_goroutines gauge
go_goroutines 5
`

func check(t *testing.T, text string) []string {
	t.Helper()
	found, err := conform.Check("metrics", []byte(text), app)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		if f.Message == "" || f.Mend == "" || f.Why == "" || f.At.File == "" {
			t.Errorf("%+v", f)
		}
		out = append(out, f.At.String()+" "+f.ID+" "+f.Message)
	}
	return out
}

func TestCheck(t *testing.T) {
	if got := check(t, right); len(got) > 0 {
		t.Errorf("what is right has %q", got)
	}
	for _, c := range []struct{ old, new, want string }{
		{"# TYPE app_open gauge", "# TYPE app_open counter", "metrics:7:1 expose/type app_open is exposed as a counter"},
		{"# TYPE app_open gauge\n", "", "metrics:7:1 expose/type app_open is exposed without its type"},
		{"# HELP app_open Open.", "# HELP app_open Closed.", "metrics:7:1 expose/help the help text of app_open is another one"},
		{"app_sent_bytes_total 5", "app_sent_bytes_total 0", "metrics:4:1 expose/never-written nothing has written app_sent_bytes_total since the start"},
		{`status="200"`, `status="teapot"`, `metrics:1:1 expose/value app_answers_total has status="teapot"`},
		{`method="GET"`, `method="BREW"`, `metrics:1:1 expose/value app_answers_total has method="BREW"`},
		{`method="GET",`, `method="GET",path="/",`, "metrics:1:1 expose/label app_answers_total has the label path, which the catalog does not have"},
		{`method="GET",`, ``, "metrics:1:1 expose/label a series of app_answers_total has no label method"},
		{`le="0.1"`, `le="0.2"`, "metrics:10:1 expose/buckets app_duration_seconds has the buckets [0.2 1]"},
		{"# HELP app_sent_bytes_total Bytes sent.\n# TYPE app_sent_bytes_total counter\napp_sent_bytes_total 5\n", "", "metrics expose/missing app_sent_bytes_total is not exposed"},
		{"# HELP app_open Open.\n# TYPE app_open gauge\napp_open 0\n", "", "metrics expose/missing app_open is not exposed"},
		{"go_goroutines 5\n", "go_goroutines 5\n# TYPE app_sentbytes_total counter\napp_sentbytes_total 5\n", "metrics:24:1 expose/unknown the catalog has no app_sentbytes_total"},
		// What must not be told: values that stand for those beyond a bound, and labels of the target.
		{`status="200"`, `status="other"`, ""},
		{`method="GET",`, `method="GET",job="a",instance="b",`, ""},
		{"go_goroutines", "other_thing", ""},
	} {
		if !strings.Contains(right, c.old) {
			t.Fatalf("no %q", c.old)
		}
		got := check(t, strings.Replace(right, c.old, c.new, 1))
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0] != c.want) {
			t.Errorf("%q instead of %q: %q, want %q", c.new, c.old, got, c.want)
		}
	}
	many := "# HELP app_answers_total Answers.\n# TYPE app_answers_total counter\n"
	for _, s := range []string{"200", "201", "202", "203", "204", "205", "206"} {
		many += `app_answers_total{method="GET",status="` + s + "\"} 1\n" + `app_answers_total{method="PUT",status="` + s + "\"} 1\n"
	}
	if got := strings.Join(check(t, many), "\n"); !strings.Contains(got, "expose/cardinality app_answers_total has 14 sets of labels") {
		t.Error(got)
	}
}

func TestOpenMetrics(t *testing.T) {
	text := "# TYPE app_sent_bytes counter\n# UNIT app_sent_bytes bytes\n# HELP app_sent_bytes Bytes sent.\napp_sent_bytes_total 5.0\napp_sent_bytes_created 1.7e9\n" +
		"# TYPE app_open gauge\n# UNIT app_open open\n# HELP app_open Open.\napp_open 1\n# EOF\n"
	got := strings.Join(check(t, text), "\n")
	if strings.Contains(got, "app_sent_bytes") {
		t.Error(got)
	}
	if _, err := conform.Check("x", []byte("app_open{ 1\n"), app); err == nil || !strings.HasPrefix(err.Error(), "x: ") {
		t.Errorf("error %v", err)
	}
}

// TestOwnRegistry checks what the package instrument exposes.
func TestOwnRegistry(t *testing.T) {
	r, err := instrument.New(app)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"200", "404", "500", "503", "teapot"} {
		instrument.NewCounter(r, Answers).With(PerAnswer.Of(GET, Status.Value(s))).Inc()
	}
	instrument.OnlyCounter(r, Sent).Inc()
	instrument.OnlyGauge(r, Open).Set(1)
	instrument.OnlyHistogram(r, Duration).Observe(1)
	instrument.OnlyHistogram(r, Native).Observe(1)
	conform.Handler(t, r.Handler(), app)
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(right))
	f.Add([]byte("# TYPE app_open gauge\napp_open 1\n# EOF\n"))
	f.Add([]byte("{\"app.open\"} 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := conform.Check("x", data, app)
		if err != nil && len(found) > 0 {
			t.Error("findings beside an error")
		}
	})
}
