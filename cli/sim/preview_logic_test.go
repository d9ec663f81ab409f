package sim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

// source is a Prometheus server that answers each query with one series for each name in it, all of the values 1, but for those that it
// holds back or that are wrong.
type source struct {
	*httptest.Server
	gone atomic.Bool

	mu    sync.Mutex
	asked []asked
	held  map[string]chan struct{}
	wrong map[string]bool
}

type asked struct {
	expr             string
	start, end, step float64
}

func newSource(t *testing.T) *source {
	s := &source{held: map[string]chan struct{}{}, wrong: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.gone.Load() {
		panic(http.ErrAbortHandler)
	}
	number := func(name string) float64 {
		x, err := strconv.ParseFloat(r.FormValue(name), 64)
		if err != nil {
			return 0
		}
		return x
	}
	data := any(map[string]any{})
	expr := r.FormValue("query")
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/v1/label/"):
		data = []string{"a", "b", "c"}
	case path == "/api/v1/alerts":
		data = map[string]any{"alerts": []string{}}
	case path == "/api/v1/targets":
		data = map[string]any{"activeTargets": []string{}}
	case path == "/api/v1/status/config":
		data = map[string]any{"yaml": "scrape_interval: 15s"}
	case path == "/api/v1/query", path == "/api/v1/query_range":
		q := asked{expr, number("start"), number("end") + number("time"), number("step")}
		s.mu.Lock()
		s.asked = append(s.asked, q)
		held, wrong := s.held[expr], s.wrong[expr]
		s.mu.Unlock()
		if held != nil {
			select {
			case <-held:
			case <-r.Context().Done():
			}
		}
		if wrong {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"status":"error","error":"%s is wrong"}`, expr)
			return
		}
		metric, kind := map[string]string{"__name__": "m", "of": expr}, "matrix"
		series := map[string]any{"metric": metric}
		if q.step > 0 {
			values := [][2]any{}
			for at := q.start; at <= q.end && len(values) < 2000; at += q.step {
				values = append(values, [2]any{at, "1"})
			}
			series["values"] = values
		} else {
			kind, series["value"] = "vector", [2]any{q.end, "1"}
		}
		data = map[string]any{"resultType": kind, "result": []any{series}}
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data}); err != nil {
		return // whoever asked is gone
	}
}

// hold has answers to a query wait until they are let go.
func (s *source) hold(expr string) (letGo func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{})
	s.held[expr] = c
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.held, expr)
		close(c)
	}
}

func (s *source) spoil(expr string, wrong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong[expr] = wrong
}

// of returns how a query was asked.
func (s *source) of(expr string) (out []asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.asked {
		if q.expr == expr {
			out = append(out, q)
		}
	}
	return out
}

// until waits until a query was asked so many times.
func (s *source) until(t *testing.T, expr string, times int) {
	t.Helper()
	for end := time.Now().Add(within); len(s.of(expr)) < times; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is asked %d times, and %d are wanted", expr, len(s.of(expr)), times)
		}
	}
}

// graph is a panel of the queries given.
func graph(id int, title string, more string, exprs ...string) string {
	var targets []string
	for i, e := range exprs {
		targets = append(targets, fmt.Sprintf(`{"refId":"%c","expr":%q}`, 'A'+i, e))
	}
	return fmt.Sprintf(`{"id":%d,"title":%q,"type":"timeseries","gridPos":{"x":%d,"y":%d,"w":12,"h":8},"targets":[%s]%s}`, id, title, id%2*12, id/2*8, strings.Join(targets, ","), more)
}

// boards shows dashboards of others, each by its name and what is in it but for title and uid, over a source.
func boards(t *testing.T, s *source, all map[string]string) *page {
	t.Helper()
	dir := t.TempDir()
	for uid, text := range all {
		if err := os.WriteFile(filepath.Join(dir, uid+".json"), fmt.Appendf(nil, `{"uid":%q,"title":%q,%s}`, uid, uid, text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return show(t, []string{dir}, "--prometheus="+s.URL)
}

func (p *page) must(t *testing.T, steps ...error) {
	t.Helper()
	if err := errors.Join(steps...); err != nil {
		text, _ := p.Text(`location.href + "\n" + document.querySelector("main")?.innerText.slice(0, 500)`)
		t.Fatalf("%v\n%s", err, text)
	}
}

// TestZoomInBrowser drags over a graph of several that share their cursor: that is one step of the history.
func TestZoomInBrowser(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	p := boards(t, s, map[string]string{"zoom": `"panels":[` + strings.Join([]string{graph(1, "one", "", "one"), graph(2, "two", "", "two"), graph(3, "three", "", "three")}, ",") + `]`})
	plots := `[...document.querySelectorAll(".u-over")]`
	p.open(t, "/d/zoom?from=now-1h&to=now", plots+`.length === 3 && document.querySelectorAll("[data-state=drawn]").length === 3`)
	p.must(t, p.Do(`window.before = history.length; window.one = `+plots+`[1]; const b = one.getBoundingClientRect();
		const mouse = (type, on, x) => on.dispatchEvent(new MouseEvent(type, {bubbles: true, button: 0, movementX: 9, clientX: b.left + b.width * x, clientY: b.top + 20}));
		mouse("mousemove", one, 0.2); mouse("mousedown", one, 0.2); mouse("mousemove", one, 0.6); mouse("mousemove", one, 0.7); mouse("mouseup", document, 0.7)`),
		p.Until(`/from=\d+&to=\d+/.test(location.search) && document.querySelectorAll("[data-state=drawn]").length === 3`, within))
	if got := p.text(t, `history.length - before`); got != "1" {
		t.Errorf("there are %s entries more", got)
	}
	if got := p.text(t, `(() => { const q = new URLSearchParams(location.search), m = (q.get("to") - q.get("from")) / 60e3; return m > 25 && m < 35 })()`); got != "true" {
		t.Errorf("half of an hour is %s", p.text(t, `location.search`))
	}
	p.must(t, p.Do(`history.back()`), p.Until(`location.search === "?from=now-1h&to=now"`, within))
	// What is chosen again is no step at all.
	p.must(t, p.Do(`window.before = history.length; const s = document.querySelector("[data-time]"); Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, "1h"); s.dispatchEvent(new Event("change", {bubbles: true}))`))
	if got := p.text(t, `history.length - before`); got != "0" {
		t.Errorf("there are %s entries more for the same time", got)
	}
	p.quiet(t, "zoom")
}

// TestRefreshInBrowser opens dashboards that say how often they are drawn anew, and holds back answers: those are waited for, and what is
// shown stays meanwhile.
func TestRefreshInBrowser(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	// What is asked for a moment is another question each second.
	all := map[string]string{"slow": `"refresh":"","panels":[` + strings.ReplaceAll(graph(1, "slow", "", "slow")+","+graph(2, "fast", "", "fast"), `"expr"`, `"instant":true,"expr"`) + `]`}
	for uid, said := range map[string]string{"none": "", "empty": `"refresh":"",`, "false": `"refresh":false,`, "minute": `"refresh":"1m",`, "odd": `"refresh":"90s",`, "auto": `"refresh":"auto",`, "bad": `"refresh":"soon",`, "own": `"refresh":"","timepicker":{"refresh_intervals":["7s","2m"]},`} {
		all["is-"+uid] = said + `"panels":[` + graph(1, "x", "", "x") + `]`
	}
	p := boards(t, s, all)
	for uid, want := range map[string]string{"none": "off", "empty": "off", "false": "off", "minute": "1m", "odd": "90s", "auto": "auto", "bad": "off", "minute?refresh=5s": "5s", "empty?refresh=10s": "10s", "minute?refresh=off": "off"} {
		p.open(t, "/d/is-"+uid, `document.querySelector("[data-state=drawn]")`)
		if got := p.text(t, `document.querySelector("[data-refresh]").value`); got != want {
			t.Errorf("%s is drawn anew %s, and %s is wanted", uid, got, want)
		}
	}
	p.open(t, "/d/is-own", `document.querySelector("[data-state=drawn]")`)
	if got := p.text(t, `[...document.querySelectorAll("[data-refresh] option")].map((o) => o.value).join()`); got != "off,7s,2m" {
		t.Errorf("one can choose %s", got)
	}
	p.open(t, "/alerts", `document.querySelector("[data-refresh]")?.value === "10s"`)

	// A round begins when all is answered, and of those that were due in between it is one.
	rounds := p.text(t, `(() => {
		window.log = [];
		const r = new Rounds(), answers = [];
		const ask = () => r.during(new Promise((done) => answers.push(done)));
		const begin = (n) => r.begin(() => { log.push(n); });
		begin(1); ask(); ask(); begin(2); begin(3); log.push("wait"); answers[0]();
		setTimeout(() => { log.push("one"); answers[1](); setTimeout(() => { begin(4); log.push("end"); }); });
		return "";
	})()`)
	p.must(t, p.Until(`log.includes("end")`, within))
	if got := rounds + p.text(t, `log.join()`); got != "1,wait,one,3,4,end" {
		t.Errorf("rounds begin %s", got)
	}
	p.must(t, p.Do(`window.log = [];
		const answers = [], turns = new Turns((at, wanted) => { log.push(at); return new Promise((done) => answers.push(done)).then(() => log.push(at + (wanted() ? "!" : "?"))); }, (busy) => log.push(busy));
		turns.ask(1); turns.ask(2); turns.ask(3); answers[0]();
		setTimeout(() => { turns.ask(4); turns.end(); answers[1](); setTimeout(() => log.push("end")); })`), p.Until(`log.includes("end")`, within))
	if got := p.text(t, `log.join()`); got != "true,1,1!,true,3,false,3?,end" {
		t.Errorf("turns are %s", got)
	}

	letGo := s.hold("slow")
	p.open(t, "/d/slow", `document.querySelector("[data-panel='2'][data-state=drawn]")`)
	s.until(t, "slow", 1)
	again := `document.querySelector("[data-again]").click()`
	until := func(expr string, times int) { // the time goes on
		t.Helper()
		for len(s.of(expr)) < times {
			p.must(t, p.Do(again), p.Until(`document.querySelector("[data-panel='2'][aria-busy=false]")`, within))
		}
	}
	until("fast", 4)
	if got := p.text(t, `(() => { const x = document.querySelector("[data-panel='1']"); return x.dataset.state + " " + x.ariaBusy + " " + x.querySelectorAll(".loading").length + " " + document.querySelectorAll("[data-panel='2'] .loading").length })()`); got != "loading true 1 0" {
		t.Errorf("while it waits the panel is %s", got)
	}
	if n := len(s.of("slow")); n != 1 {
		t.Errorf("before it was answered it was asked %d times", n)
	}
	letGo()
	p.must(t, p.Until(`document.querySelector("[data-panel='1'][data-state=drawn][aria-busy=false] canvas")`, within))
	if n := len(s.of("slow")); n != 2 { // once more, for the last moment
		t.Errorf("it was asked %d times", n)
	}
	// While it is asked again, what it showed stays.
	letGo = s.hold("slow")
	until("slow", 3)
	p.must(t, p.Until(`document.querySelector("[data-panel='1'][aria-busy=true]")`, within))
	if got := p.text(t, `(() => { const x = document.querySelector("[data-panel='1']"); return x.dataset.state + " " + x.querySelectorAll("canvas, .loading").length })()`); got != "drawn 2" {
		t.Errorf("while it is asked again it is %s", got)
	}
	letGo()
	p.must(t, p.Until(`document.querySelector("[data-panel='1'][aria-busy=false]")`, within))
	// Another question drops what is under way: its answer is not shown.
	letGo = s.hold("slow")
	until("slow", 4)
	p.must(t, p.Do(`const s = document.querySelector("[data-time]"); Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, "5m"); s.dispatchEvent(new Event("change", {bubbles: true}))`))
	s.until(t, "slow", 5)
	letGo()
	p.must(t, p.Until(`location.search.includes("from=now-5m") && document.querySelector("[data-panel='1'][aria-busy=false][data-state=drawn]")`, within))
	p.quiet(t, "slow")
}

// TestTimeRangesInBrowser reads ranges as Grafana does, and asks for what they say, from a dashboard and from the address.
func TestTimeRangesInBrowser(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	all, utc := map[string]string{}, `"timezone":"utc",`
	put := func(uid, zone, from, to string) {
		all[uid] = fmt.Sprintf(`%s"time":{"from":%q,"to":%q},"panels":[%s]`, zone, from, to, graph(1, uid, "", uid))
	}
	put("today", utc, "now/d", "now/d")
	put("yesterday", utc, "now-1d/d", "now-1d/d")
	put("iso", "", "2026-10-01T09:00:00.000Z", "2026-10-01T12:00:00.000Z")
	put("file", "", "2026-10-01T09:00:00.000Z", "2026-10-01T12:00:00.000Z")
	put("sums", "", "now-1h-30m", "now")
	put("month", utc, "now-1M", "now")
	put("before", "", "now-2h", "now-1h")
	put("zone", `"timezone":"Asia/Tokyo",`, "now-1d/d", "now-1d/d")
	put("bad", "", "yesterday", "tomorrow")
	all["last"] = `"panels":[` + graph(1, "last", "", "last") + `]`
	all["delay"] = `"time":{"from":"now-1h","to":"now"},"timepicker":{"nowDelay":"10m"},"panels":[` + graph(1, "delay", "", "delay") + `]`
	all["second"] = `"elements":{"p":{"kind":"Panel","spec":{"id":1,"title":"second","vizConfig":{"kind":"timeseries","spec":{}},"data":{"kind":"QueryGroup","spec":{"queries":[{"kind":"PanelQuery","spec":{"refId":"A","query":{"kind":"prometheus","spec":{"expr":"second"}}}}]}}}}},
		"layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":12,"height":8,"element":{"name":"p"}}}]}},"timeSettings":{"from":"now-1d/d","to":"now-1d/d","timezone":"utc"}`
	p := boards(t, s, all)
	midnight := func(zone string, days int) time.Time {
		l, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().In(l)
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, l)
	}
	iso := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for path, want := range map[string]struct {
		from, to time.Time
		says     string
	}{
		"today":                                 {midnight("UTC", 0), midnight("UTC", 1), "Today"},
		"yesterday":                             {midnight("UTC", -1), midnight("UTC", 0), "Yesterday"},
		"iso":                                   {iso("2026-10-01T09:00:00Z"), iso("2026-10-01T12:00:00Z"), iso("2026-10-01T09:00:00Z").Local().Format(time.DateTime) + " to " + iso("2026-10-01T12:00:00Z").Local().Format(time.DateTime)},
		"sums":                                  {ago(90 * time.Minute), now, "now-1h-30m to now"},
		"month":                                 {now.UTC().AddDate(0, -1, 0), now, "last 1M"},
		"before":                                {ago(2 * time.Hour), ago(time.Hour), "now-2h to now-1h"},
		"zone":                                  {midnight("Asia/Tokyo", -1), midnight("Asia/Tokyo", 0), "Yesterday"},
		"bad":                                   {ago(6 * time.Hour), now, "last 6h"},
		"last":                                  {ago(6 * time.Hour), now, "last 6h"},
		"delay":                                 {ago(time.Hour), ago(10 * time.Minute), ""},
		"second":                                {midnight("UTC", -1), midnight("UTC", 0), "Yesterday"},
		"last?from=now/d&to=now/d&timezone=utc": {midnight("UTC", 0), midnight("UTC", 1), "Today"},
		"last?from=now-1d/d&to=now-1d/d&timezone=utc":     {midnight("UTC", -1), midnight("UTC", 0), "Yesterday"},
		"last?from=1790845200000&to=1790856000000":        {time.Unix(1790845200, 0), time.Unix(1790856000, 0), ""},
		"iso?from=2026-10-02T09:00:00.000Z&to=2026-10-03": {iso("2026-10-02T09:00:00Z"), iso("2026-10-03T00:00:00Z"), ""},
		"iso?from=20261004T090000&to=20261005":            {iso("2026-10-04T09:00:00Z"), iso("2026-10-05T00:00:00Z"), ""},
		"last?from=now-1h-30m&to=now":                     {ago(90 * time.Minute), now, ""},
		"last?from=now-1M&to=now&timezone=utc":            {now.UTC().AddDate(0, -1, 0), now, "last 1M"},
		"last?from=now-2h&to=now-1h":                      {ago(2 * time.Hour), ago(time.Hour), "now-2h to now-1h"},
		"file?from=soon&to=":                              {iso("2026-10-01T09:00:00Z"), iso("2026-10-01T12:00:00Z"), ""},
	} {
		uid, _, _ := strings.Cut(path, "?")
		before := len(s.of(uid))
		p.open(t, "/d/"+path, `document.querySelector("[data-state=drawn]")`)
		q := s.of(uid)
		if len(q) == before {
			t.Fatalf("%s asks for nothing", path)
		}
		got := q[len(q)-1]
		near := func(x float64, at time.Time) bool {
			d := x - float64(at.UnixMilli())/1000
			return max(d, -d) <= got.step+60 // both are rounded to a step, and the test takes a moment
		}
		if !near(got.start, want.from) || !near(got.end, want.to) {
			t.Errorf("%s asks from %s to %s, and from %s to %s is wanted", path, time.Unix(int64(got.start), 0).UTC(), time.Unix(int64(got.end), 0).UTC(), want.from.UTC(), want.to.UTC())
		}
		if said := p.text(t, `document.querySelector("[data-time]").selectedOptions[0].text`); want.says != "" && said != want.says || strings.Contains(said, "Invalid") {
			t.Errorf("%s: the time is called %q", path, said)
		}
	}
	p.quiet(t, "ranges")
	if got := p.text(t, `[...document.querySelectorAll(".u-axis")].length > 0`); got != "true" {
		t.Error("there is no axis")
	}

	// The arithmetic for itself, at a moment that does not go on.
	const tuesday = "2026-12-01T12:00:30.000Z"
	p.ranges(t, []written{
		{"now", "utc", tuesday, "", tuesday, tuesday},
		{"now-90m+30m", "utc", tuesday, "", "2026-12-01T11:00:30.000Z", "2026-12-01T11:00:30.000Z"},
		{"now-1M", "utc", "2026-03-31T08:00:00.000Z", "", "2026-02-28T08:00:00.000Z", "2026-02-28T08:00:00.000Z"},
		{"now/w", "utc", tuesday, "monday", "2026-11-30T00:00:00.000Z", "2026-12-06T23:59:59.999Z"},
		{"now/w", "utc", tuesday, "sunday", "2026-11-29T00:00:00.000Z", "2026-12-05T23:59:59.999Z"},
		{"now-1d", "Europe/Berlin", "2026-03-29T12:00:00.000Z", "", "2026-03-28T13:00:00.000Z", "2026-03-28T13:00:00.000Z"}, // an hour is missing between
		{"now/d", "Europe/Berlin", tuesday, "", "2026-11-30T23:00:00.000Z", "2026-12-01T22:59:59.999Z"},
		{"now/fy", "utc", tuesday, "", "2026-04-01T00:00:00.000Z", "2027-03-31T23:59:59.999Z"},
		{"2026-12-01T09:00:00+02:00", "utc", tuesday, "", "2026-12-01T07:00:00.000Z", "2026-12-01T07:00:00.000Z"},
		{"2026-12-01 09:00:00", "Asia/Tokyo", tuesday, "", "2026-12-01T09:00:00.000Z", "2026-12-01T09:00:00.000Z"},
		{"1796115600000", "utc", tuesday, "", "2026-12-01T09:00:00.000Z", "2026-12-01T09:00:00.000Z"},
		{"20261201", "utc", tuesday, "", "2026-12-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"},
		{"99999999999999999999", "utc", tuesday, "", "", ""}, {"now/2d", "utc", tuesday, "", "", ""}, {"now-5x", "utc", tuesday, "", "", ""}, {"nowhere", "utc", tuesday, "", "", ""}, {"", "utc", tuesday, "", "", ""}, {"-1", "utc", tuesday, "", "", ""},
	})
	if got := p.text(t, `["", "browser", "utc", "Mars/Olympus", "Europe/Berlin"].map((zone) => rangeOf([], 0, {timezone: zone}).zone).join()`); got != "browser,browser,utc,browser,Europe/Berlin" {
		t.Errorf("time zones are %s", got)
	}
}

// written is a time as it is written, and what it is at the beginning and at the end of a range, "" where it is none.
type written struct{ Expression, Timezone, Now, WeekStart, AsFrom, AsTo string }

// ranges has the page read times, in fiscal years from April on.
func (p *page) ranges(t *testing.T, cases []written) {
	t.Helper()
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	text := p.text(t, fmt.Sprintf(`JSON.stringify(%s.map((c) => {
		const none = Date.parse("1999-01-01"), now = Date.parse(c.Now), r = rangeOf([{from: c.Expression, to: c.Expression}, {from: String(none), to: String(none)}], now, {timezone: c.Timezone, weekStart: c.WeekStart, fiscalYearStartMonth: 3});
		return [r.from, r.to].map((x) => x === none ? "" : new Date(x).toISOString());
	}))`, in))
	var out [][2]string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if want := [2]string{c.AsFrom, c.AsTo}; out[i] != want {
			t.Errorf("%s in %s is from %s to %s, and %s is wanted", c.Expression, c.Timezone, out[i][0], out[i][1], want)
		}
	}
}

// TestTimeRangesOfCorpusInBrowser reads times that were tried with Grafana's packages.
func TestTimeRangesOfCorpusInBrowser(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(optional.Corpus(t), "..", "grafana-cases", "time.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the cases are absent beside the corpus: grafana-cases/time.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	var tried struct {
		Cases []struct {
			Input    struct{ Expression, Timezone, Now, WeekStart string }
			Expected struct{ AsFrom, AsTo string }
		}
	}
	if err := json.Unmarshal(data, &tried); err != nil {
		t.Fatal(err)
	}
	var cases []written
	for _, c := range tried.Cases {
		cases = append(cases, written{c.Input.Expression, c.Input.Timezone, c.Input.Now, c.Input.WeekStart, c.Expected.AsFrom, c.Expected.AsTo})
	}
	p := boards(t, newSource(t), map[string]string{"empty": `"panels":[]`})
	p.open(t, "/metrics", `window.rangeOf && document.querySelector("h1")`)
	p.ranges(t, cases)
}

// TestLastPictureInBrowser takes the server away, and has one query of several fail: what there is stays, and its corner says what is missing.
func TestLastPictureInBrowser(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	s.spoil("broken", true)
	job := `"templating":{"list":[{"type":"query","name":"job","query":"label_values(job)","refresh":2},{"type":"query","name":"other","query":"label_values(other)","refresh":1}]}`
	p := boards(t, s, map[string]string{"last": `"refresh":"",` + job + `,"panels":[` + strings.Join([]string{graph(1, "one", "", "one"), graph(2, "half", "", "half", "broken"), graph(3, "none", "", "broken"), graph(4, "of $job", "", "up{job=\"$job\"}")}, ",") + `]`})
	state := `[...document.querySelectorAll("[data-panel]")].map((x) => x.dataset.state + ":" + x.querySelectorAll("canvas").length + ":" + x.querySelectorAll(".corner").length + ":" + x.querySelectorAll(".problem").length).join(" ")`
	const whole = "drawn:1:0:0 error:1:1:0 error:0:0:1 drawn:1:0:0"
	is := func(what, want string) {
		t.Helper()
		if err := p.Until(state+` === `+strconv.Quote(want), within); err != nil {
			t.Errorf("%s: %s, and %s is wanted", what, p.text(t, state), want)
		}
	}
	p.open(t, "/d/last?var-job=b", `document.querySelector("[data-panel='4'][data-state=drawn]")`)
	is("with one wrong query", whole)
	if got := p.text(t, `document.querySelector("[data-panel='2'] .corner").getAttribute("title") + " | " + document.querySelector("[data-panel='3'] .problem").textContent`); !strings.HasPrefix(got, "B: broken is wrong\nWhat is shown ends at ") || !strings.HasSuffix(got, " | broken is wrong") {
		t.Errorf("it says %s", got)
	}
	// The server does not answer any more.
	s.gone.Store(true)
	again := `document.querySelector("[data-again]").click()`
	asking := func(what string) string { return "(" + again + ", " + what + ")" } // what was answered for the same step is not asked again
	p.must(t, p.Until(asking(`document.querySelector("[data-panel='1'] .corner") && document.querySelector("[data-panel='4'] .corner")`), within))
	is("without a server", "error:1:1:0 error:1:1:0 error:0:0:1 error:1:1:0")
	if got := p.text(t, `document.querySelector("[data-variable=job]").value + document.querySelectorAll("[data-variable=job] option").length + " " + document.querySelector("[data-panel='4'] h3").textContent + " " + location.search`); got != "b3 of b ?var-job=b" {
		t.Errorf("the variable is %s", got)
	}
	if got := p.text(t, `document.querySelector("[data-panel='1'] .corner").title`); !strings.Contains(got, "does not answer") {
		t.Errorf("its corner says %s", got)
	}
	picture, err := p.Picture(false, 1)
	p.must(t, err)
	keep(t, "last-picture", picture)
	s.gone.Store(false)
	p.must(t, p.Until(asking(state+` === `+strconv.Quote(whole)), within))
	// The preview itself does not answer.
	p.must(t, p.Do(`window.real = fetch; window.fetch = () => Promise.reject(new TypeError("Failed to fetch"))`), p.Do(again))
	is("without the preview", "error:1:1:0 error:1:1:0 error:0:0:1 error:1:1:0")
	if got := p.text(t, `document.querySelector("[data-variable=job]").value + document.querySelectorAll("[data-variable=job] option").length + " " + document.querySelector("[data-panel='1'] .corner").title`); !strings.HasPrefix(got, "b3 Failed to fetch") {
		t.Errorf("without the preview it says %s", got)
	}
	p.must(t, p.Do(`window.fetch = real`), p.Do(again))
	is("with it again", whole)
	// What is another question has no last picture.
	s.spoil(`up{job="c"}`, true)
	p.must(t, p.Do(`const s = document.querySelector("[data-variable=job]"); Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, "c"); s.dispatchEvent(new Event("change", {bubbles: true}))`))
	is("with another value", "drawn:1:0:0 error:1:1:0 error:0:0:1 error:0:0:1")
}

// TestBatchInBrowser asks for something that is longer than a request may be, together with something that is not.
func TestBatchInBrowser(t *testing.T) {
	t.Parallel()
	p := boards(t, newSource(t), map[string]string{"batch": `"panels":[` + graph(1, "small", "", "small") + "," + graph(2, "huge", "", strings.Repeat("x", 1<<20)) + `]`})
	p.open(t, "/d/batch", `document.querySelector("[data-panel='1'][data-state=drawn]") && document.querySelector("[data-panel='2'][data-state=error]")`)
	if got := p.text(t, `document.querySelector("[data-panel='2'] .problem").textContent`); !strings.Contains(got, "request body too large") {
		t.Errorf("what is too long says %s", got)
	}
}

// TestAxesInBrowser has an axis with a label, which is written beside it alone, and a table that is sorted, with its arrow.
func TestAxesInBrowser(t *testing.T) {
	t.Parallel()
	p := boards(t, newSource(t), map[string]string{"axes": `"panels":[` + strings.Join([]string{
		graph(2, "with", `,"fieldConfig":{"defaults":{"custom":{"axisLabel":"CPU %"}}}`, "one"), graph(3, "without", "", "one"),
		strings.NewReplacer(`"timeseries"`, `"table"`, `"expr"`, `"format":"table","instant":true,"expr"`).Replace(graph(4, "table", `,"options":{"sortBy":[{"displayName":"of","desc":true}]}`, "one")),
	}, ",") + `]`})
	p.open(t, "/d/axes", `document.querySelectorAll("[data-state=drawn]").length === 3 && document.querySelectorAll(".u-over").length === 2`)
	if got := p.text(t, `(() => { const [a, b] = [...document.querySelectorAll(".u-over")]; return a.clientHeight === b.clientHeight && a.clientWidth < b.clientWidth })()`); got != "true" {
		t.Errorf("a label beside the axis takes %s", p.text(t, `[...document.querySelectorAll(".u-over")].map((x) => x.clientWidth + " x " + x.clientHeight).join(", ")`))
	}
	p.must(t, p.Until(`document.querySelector("[data-panel='4'] [role=columnheader] svg path, [data-panel='4'] th svg path")`, within))
	p.quiet(t, "axes")
}

// keep writes a picture to look at, where one asks for that.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if dir := os.Getenv("OBSGEN_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// TestAddressInBrowser opens panels that are repeated, and values that are not there.
func TestAddressInBrowser(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	list := func(more string) string {
		return `"templating":{"list":[{"type":"query","name":"pod","query":"label_values(pod)","multi":true,"includeAll":true},{"type":"query","name":"node","query":"label_values(node)"},{"type":"custom","name":"mode","query":"fast,slow"},{"type":"textbox","name":"free","query":"x"}` + more + `]}`
	}
	p := boards(t, s, map[string]string{
		"clones": list("") + `,"panels":[` + graph(1, "of $pod", `,"repeat":"pod"`, `up{pod="$pod"}`) + "," + graph(2, "plain", "", "plain") + `]`,
		"rows":   list("") + `,"panels":[{"id":9,"type":"row","title":"row $pod","repeat":"pod","gridPos":{"x":0,"y":0,"w":24,"h":1}},` + graph(2, "in $pod", "", `in{pod="$pod"}`) + `]`,
		"result": list(`,{"type":"query","name":"found","query":"query_result(instances)","regex":"/of=\"(.*)\"} 1 \\d{13}$/"}`) + `,"panels":[` + graph(1, "found $found", "", "plain") + `]`,
	})
	all := `[...document.querySelectorAll("[data-panel] h3")].map((x) => x.textContent).join()`
	for _, c := range []struct{ path, titles string }{
		{"/d/clones", "of a,of b,of c,plain"},
		{"/d/clones?viewPanel=1", "of a"}, {"/d/clones?viewPanel=panel-1", "of a"}, {"/d/clones?viewPanel=1-clone-2", "of c"}, {"/d/clones?viewPanel=panel-1-clone-1", "of b"}, {"/d/clones?viewPanel=2", "plain"},
		{"/d/rows?viewPanel=2-clone-1", "in b"}, {"/d/rows?viewPanel=2-clone-9", ""}, {"/d/result?viewPanel=1", "found instances"},
	} {
		p.open(t, c.path, `document.querySelector("[data-state=drawn], .nodata a")`)
		if got := p.text(t, all); got != c.titles {
			t.Errorf("%s shows %s, and %s is wanted", c.path, got, c.titles)
		}
	}
	if q := s.of("instances"); len(q) == 0 || q[0].end != float64(int64(q[0].end)) {
		t.Errorf("what a variable wants of a query is asked as %v", q)
	}
	for _, c := range []struct{ board, title, query string }{{"clones", "of c", `up{pod="c"}`}, {"rows", "in b", `in{pod="b"}`}} {
		p.open(t, "/d/"+c.board, `document.querySelectorAll("[data-panel]").length > 2 && [...document.querySelectorAll("[data-panel]")].every((x) => x.dataset.state === "drawn")`)
		before := len(s.of(c.query))
		p.must(t, p.Do(`document.querySelector("section[aria-label='`+c.title+`'] [title='Alone on the page']").click()`), p.Until(all+` === `+strconv.Quote(c.title)+` && document.querySelector(".alone [data-state=drawn]")`, within))
		address := p.text(t, `location.pathname + location.search`)
		if !strings.Contains(address, "-clone-") || before == 0 {
			t.Errorf("the address is %s, and it was asked %d times", address, before)
		}
		p.open(t, address, `document.querySelector(".alone [data-state=drawn]")`)
		if got := p.text(t, all); got != c.title {
			t.Errorf("%s shows %s", address, got)
		}
	}
	for path, want := range map[string]string{
		"?var-pod=a":                           "?var-pod=a",
		"?var-pod=not-there":                   "?var-pod=%24__all",
		"?var-pod=All":                         "?var-pod=%24__all",
		"?var-pod=b&var-pod=gone":              "?var-pod=b",
		"?var-node=gone&from=now-5m&to=now":    "?from=now-5m&to=now&var-node=a",
		"?var-node=c&var-mode=slow":            "?var-node=c&var-mode=slow",
		"?var-mode=none":                       "?var-mode=fast",
		"?var-free=anything&var-node=%24__all": "?var-free=anything&var-node=a",
	} {
		p.open(t, "/d/clones"+path, `document.querySelector("[data-state=drawn]") && location.search === `+strconv.Quote(want))
		before := p.text(t, `history.length`)
		if got := p.text(t, `new URLSearchParams(location.search).getAll("var-pod").join().replace("$__all", "All").replace(/^$/, "All") + "=" + document.querySelector("button[data-variable=pod]").textContent`); strings.Split(got, "=")[0] != strings.Split(got, "=")[1] {
			t.Errorf("%s: the address and the page say %s", path, got)
		}
		if after := p.text(t, `history.length`); before != after {
			t.Errorf("%s: the history grows", path)
		}
	}
	p.quiet(t, "addresses")
}
