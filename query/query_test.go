package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

type (
	protocol struct{}
	status   struct{}
	other    struct{}
)

var (
	http     = catalog.V[protocol]("http")
	grpc     = catalog.V[protocol]("grpc")
	Protocol = catalog.OneOf("protocol", "Protocol.", http, grpc)
	Status   = catalog.Pattern[status](`[1-5]\d\d`, 40, "status", "Status.")
	Other    = catalog.AtMost[other](5, "other", "Label of another metric.")

	group    = catalog.NewGroup("Requests", catalog.GroupSpec{Help: "Requests.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", catalog.By2(Protocol, Status), catalog.Spec{Help: "R.", Unit: unit.Requests})
	Errors   = catalog.NewCounter(group, "app_errors_total", catalog.By1(Protocol), catalog.Spec{Help: "E.", Unit: unit.Errors, PartOf: Requests})
	Jobs     = catalog.NewCounter(group, "app_jobs_total", catalog.By1(Protocol), catalog.Spec{Help: "J.", Unit: unit.Count("jobs")})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", catalog.By1(Protocol), catalog.Spec{Help: "D.", Unit: unit.Seconds, Buckets: []float64{.5, 1, 5}})
	Native   = catalog.NewHistogram(group, "app_native_seconds", catalog.By1(Protocol), catalog.Spec{Help: "N.", Unit: unit.Seconds, Native: 1.1})
	Open     = catalog.NewGauge(group, "app_open", catalog.By1(Protocol), catalog.Spec{Help: "O.", Unit: unit.Connections})
)

var (
	all    = query.Rate(Requests).Sum(Protocol)
	failed = query.Rate(Requests, Status.Matches("5..")).Sum(Protocol)

	// unplaced is at fault in a package variable, where the compiler may lose the line of a call that it inlines.
	unplaced = query.Select(Requests, Other.Matches("x")).Abs().Sum()
)

func over30d(v query.Vector) query.Vector {
	return v.Subquery(30*24*time.Hour, 5*time.Minute).SumOverTime()
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		got  query.Vector
		want string
	}{
		{query.Rate(Requests, Status.Matches("5..")), `rate(app_requests_total{status=~"5.."}[5m])`},
		{all, `sum by (protocol) (rate(app_requests_total[5m]))`},
		{query.Quantile(0.95, Duration, Protocol), `histogram_quantile(0.95, sum by (le, protocol) (rate(app_duration_seconds_bucket[5m])))`},
		{query.Quantile(0.95, Native), `histogram_quantile(0.95, sum(rate(app_native_seconds[5m])))`},
		{query.Rate(Native.Count()), `histogram_count(rate(app_native_seconds[5m]))`},
		{query.Mean(Duration), `sum(rate(app_duration_seconds_sum[5m])) / sum(rate(app_duration_seconds_count[5m]))`},
		{query.Fraction(Duration, 1), `sum(rate(app_duration_seconds_bucket{le=~"1(\\.0)?"}[5m])) / sum(rate(app_duration_seconds_count[5m]))`},
		{query.Fraction(Duration, .5), `sum(rate(app_duration_seconds_bucket{le="0.5"}[5m])) / sum(rate(app_duration_seconds_count[5m]))`},
		{query.Select(Open).Add(query.Number(1)).Mul(query.Number(2)), `(app_open + 1) * 2`},
		{query.Select(Open).Sub(query.Select(Open).Sub(query.Number(1))), `app_open - (app_open - 1)`},
		{query.Select(Open).Pow(query.Number(2)).Pow(query.Number(3)), `(app_open ^ 2) ^ 3`},
		{query.Select(Open).Complement(), `1 - app_open`},
		{query.Select(Open).Without(Protocol).Max(), `max without (protocol) (app_open)`},
		{all.TopK(3), `topk(3, sum by (protocol) (rate(app_requests_total[5m])))`},
		{all.Div(query.Select(Open).Sum(Protocol), query.On(Protocol).GroupLeft()), `sum by (protocol) (rate(app_requests_total[5m])) / on (protocol) group_left () sum by (protocol) (app_open)`},
		{all.Offset(time.Hour), `sum by (protocol) (rate(app_requests_total[5m] offset 1h))`},
		{query.Window(Open).Over(time.Hour).MaxOverTime(), `max_over_time(app_open[1h])`},
		{query.Select(Open).Add(query.Number(1)).Subquery(time.Hour, time.Minute).AvgOverTime(), `avg_over_time((app_open + 1)[1h:1m])`},
		{query.Absent(Open, Protocol.Is(http)), `absent(app_open{protocol="http"})`},
		{query.Time().Sub(query.Select(Open)), `time() - app_open`},
		{all.Above(5).Vector, `sum by (protocol) (rate(app_requests_total[5m])) > 5`},
		{all.Above(5).Bool(), `sum by (protocol) (rate(app_requests_total[5m])) > bool 5`},
		{query.Ratio(failed, all, query.Quiet), `(sum by (protocol) (rate(app_requests_total{status=~"5.."}[5m])) or sum by (protocol) (rate(app_requests_total[5m])) * 0) / (sum by (protocol) (rate(app_requests_total[5m])) > 0)`},
		{query.Ratio(over30d(failed), over30d(all), query.Quiet), `(sum_over_time(sum by (protocol) (rate(app_requests_total{status=~"5.."}[5m]))[30d:5m]) or sum_over_time(sum by (protocol) (rate(app_requests_total[5m]))[30d:5m]) * 0) / (sum_over_time(sum by (protocol) (rate(app_requests_total[5m]))[30d:5m]) > 0)`},
		{all.Above(5).Where(Protocol.Is(http)).Value(), `sum by (protocol) (rate(app_requests_total{protocol="http"}[5m]))`},
		{all.Above(5).Where(Protocol.Is(http)).Vector, `sum by (protocol) (rate(app_requests_total{protocol="http"}[5m])) > 5`},
		{all.Above(5).Offset(time.Hour).Vector, `sum by (protocol) (rate(app_requests_total[5m] offset 1h)) > 5`},
		{all.Above(5).Over(time.Hour).Value(), `sum by (protocol) (rate(app_requests_total[1h]))`},
		{query.Parse(`sum(rate($1[$window]))`, Requests), `sum(rate(app_requests_total[5m]))`},
	} {
		for _, f := range c.got.Findings() {
			t.Errorf("%s: %s", c.want, f)
		}
		fixed := query.SetWindow(c.got.Expr(), 5*time.Minute)
		if d := cmp.Diff(c.want, fixed.String()); d != "" {
			t.Error(d)
		}
		back, err := query.ParseText(fixed.String())
		if err != nil {
			t.Errorf("%s: %v", fixed, err)
			continue
		}
		if back.String() != fixed.String() {
			t.Errorf("%s is parsed back as %s", fixed, back)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		got  query.Vector
		want string // part of the one message; "" for none
	}{
		{query.Rate(Requests, Protocol.Is(http)), ""},
		{query.Rate(Requests, Other.Matches("x")), "app_requests_total has no label other"},
		{query.Rate(Requests, Protocol.Matches("ftp")), "no value of protocol passes"},
		{query.Rate(Requests, Status.Matches("(")), "does not compile"},
		{all.Sum(Status), "the operand has {protocol}"},
		{query.Quantile(95, Duration), "a quantile of 95"},
		{query.Fraction(Duration, 2), "2 is no bucket of app_duration_seconds"},
		{all.TopK(0), "is empty"},
		{all.Over(0), "holds no sample"},
		{query.Ratio(failed, all, 0), "does not say what no traffic means"},
		{query.Ratio(query.Rate(Errors).Sum(Protocol), all, query.Zero), ""},
		{query.Ratio(query.Rate(Jobs).Sum(Protocol), all, query.Zero), "app_jobs_total is not declared PartOf app_requests_total"},
		{query.Ratio(all, failed, query.Zero), "the whole has the matcher"},
		{query.Ratio(failed, query.Rate(Requests).Sum(), query.Zero), "grouped by (protocol) and ()"},
		{query.Ratio(failed.Over(time.Hour), all, query.Zero), "different windows"},
		{query.Ratio(over30d(failed), all, query.Zero), "different windows"},
		{query.Ratio(failed.Subquery(time.Hour, time.Minute).AvgOverTime(), all.Subquery(time.Hour, time.Minute).AvgOverTime(), query.Zero), "divides averages over a window"},
		{all.Where(Other.Matches("x")), "app_requests_total has no label other; it has {instance, job, protocol, status}"},
		{all.Above(1).Where(Other.Matches("x")).Vector, "app_requests_total has no label other"},
		{all.Where(Status.Matches("(")), "does not compile"},
		{unplaced, "app_requests_total has no label other"},
		{query.Parse(`sum(`, Requests), "parse error"},
		{query.Parse(`sum($2)`, Requests), "$2 stands for no metric"},
		{all.Add(query.Select(Open), query.On(Status)), "on(status)"},
	} {
		var got []string
		for _, f := range c.got.Findings() {
			got = append(got, f.Message)
			if !strings.HasPrefix(f.At.String(), "query/query_test.go:") {
				t.Errorf("%s: at %s", f.Message, f.At)
			}
		}
		if text := strings.Join(got, "\n"); c.want == "" && text != "" || !strings.Contains(text, c.want) {
			t.Errorf("got %q, want %q", text, c.want)
		}
	}
}

// TestFixes wants a fix that can be typed where lint gives a matching that the builder does not take, and for a misspelt value.
func TestFixes(t *testing.T) {
	for _, c := range []struct {
		got  query.Vector
		want string
	}{
		{all.Sum().Mul(query.Select(Open), query.On(catalog.Job)), "name job in the aggregation on the left, such as .Sum(catalog.Job)"},
		{query.Select(Open).Mul(all.Sum(), query.On(catalog.Job)), "name job in the aggregation on the right, such as .Sum(catalog.Job)"},
		{all.Sum(Protocol).Mul(all.Sum(Protocol), query.On(Status)), "on the left and on the right, such as .Sum(the variable of status)"},
		{all.Add(query.Number(1), query.On(Protocol)), "leave the matching out"},
		{query.Rate(Requests, Protocol.Matches("htpp")), `did you mean protocol=~"http"?`},
		{query.Rate(Requests, Protocol.Matches("amqp")), "match a value that the label can have"},
		{all.Sum(Protocol).Mul(all.Sum(Protocol), query.On(Protocol)), ""},
	} {
		fix := ""
		for _, f := range c.got.Findings() {
			fix += f.Mend
		}
		if c.want == "" && fix != "" || !strings.Contains(fix, c.want) {
			t.Errorf("%s: the fix is %q, want %q", c.got, fix, c.want)
		}
	}
}

func TestOpenWindow(t *testing.T) {
	e := query.Rate(Requests, Status.Matches("[0s]")).Expr()
	got := query.Text(e, "$__rate_interval", false)
	want := `rate(app_requests_total{status=~"[0s]"}[$__rate_interval])`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	back, err := query.ParseOpen(got, "$__rate_interval")
	if err != nil || !query.HasOpenWindow(back) || back.String() != e.String() {
		t.Errorf("parsed back as %v, %v", back, err)
	}
}

func TestZeroValues(t *testing.T) {
	var v query.Vector
	var c query.Condition
	if v.Expr() != nil || v.String() != "" || c.Value().Expr() != nil || !v.IsZero() {
		t.Error("the zero values hold something")
	}
	if got := v.Sum(Protocol).Add(query.Number(1)).Findings(); len(got) == 0 {
		t.Error("a sum of nothing is no fault")
	}
}

func FuzzParseOpen(f *testing.F) {
	f.Add("sum by (a) (rate(x[$w])) / $w")
	f.Add(`{a="[$w]"}`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := query.ParseOpen(text, "$w")
		if err == nil {
			query.SetWindow(e, time.Minute)
			_ = query.Text(e, "$w", true)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		query.Ratio(query.Rate(Requests, Status.Matches("5..")).Sum(Protocol), query.Rate(Requests).Sum(Protocol), query.Quiet)
	}
}
