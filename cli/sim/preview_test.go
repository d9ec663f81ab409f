package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/cli/sim"
	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/preview"
)

const within = 40 * time.Second

// page is a preview that runs, with its folder and a browser.
type page struct {
	*preview.Browser
	dir, at string
	out     *output
}

func browser(t testing.TB) *preview.Browser {
	t.Helper()
	b, err := preview.OpenBrowser(t.Context(), 1600, 1200)
	if errors.Is(err, preview.ErrNoBrowser) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// show starts the preview of the flagship, with further dashboards, and flags of the second program.
func show(t testing.TB, files []string, flags ...string) *page {
	t.Helper()
	p := &page{Browser: browser(t), dir: t.TempDir(), out: &output{}}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env := &cli.Env{Project: mockforge.Project, Dir: root, Stdout: p.out, Stderr: p.out}
	if code := cli.Run(t.Context(), env, append([]string{"preview", "--emit=" + p.dir, "--"}, files...)); code != cli.ExitGood {
		t.Fatalf("%d: %s", code, p.out)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		done <- sim.Run(ctx, &sim.Env{Stdout: p.out, Stderr: p.out}, append([]string{"preview", "--dir=" + p.dir, "--listen=127.0.0.1:0"}, flags...))
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != cli.ExitGood {
			t.Errorf("it ends with %d: %s", code, p.out)
		}
	})
	p.at = p.out.until(t, `http://127.0.0.1:\d+`)
	return p
}

func (p *page) open(t testing.TB, path, ready string) {
	t.Helper()
	if err := p.Open(p.at + path); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(ready, within); err != nil {
		states, _ := p.Text(`[...document.querySelectorAll("[data-panel]")].map((x) => x.dataset.state + " " + x.getBoundingClientRect().width).join(", ") + document.body.innerText.slice(0, 300)`)
		t.Fatalf("%s: %v\n%s\n%s", path, err, states, p.out)
	}
}

func (p *page) text(t testing.TB, expression string) string {
	t.Helper()
	text, err := p.Text(expression)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// state is what the server says of the project.
func (p *page) state(t testing.TB) (out struct {
	State struct {
		Dashboards []struct{ UID, Title, Folder, File string }
	}
}) {
	t.Helper()
	r, err := http.Get(p.at + "/state")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if err := json.NewDecoder(r.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// quiet wants that the page wrote no error to its console, and asked nobody else for anything.
func (p *page) quiet(t *testing.T, what string) {
	t.Helper()
	if found := p.Errors(); len(found) > 0 {
		t.Errorf("%s: the page says %q", what, found)
	}
	if others := p.text(t, `performance.getEntriesByType("resource").map((r) => r.name).filter((n) => n && !n.startsWith(location.origin) && !n.startsWith("data:")).join(" ")`); others != "" {
		t.Errorf("%s: the page asks for %s", what, others)
	}
}

// TestDashboardsInBrowser draws every dashboard of the flagship with all of its rows, in the usual state of things: no panel has no
// data or an error, and what a stat shows is what Grafana's formatter makes of the engine's value.
func TestDashboardsInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=healthy")
	// The clock stands, so that one can ask again what the page asked.
	if r, err := http.Post(p.at+"/clock?speed=0", "", nil); err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(err, r)
	}
	panels, stats := 0, 0
	for _, d := range p.state(t).State.Dashboards {
		p.open(t, "/d/"+d.UID, preview.Drawn)
		if err := p.Do(`document.querySelectorAll("h2 button[aria-expanded=false]").forEach((b) => b.click())`); err != nil {
			t.Fatal(err)
		}
		if err := p.Until(`document.querySelectorAll("h2 button[aria-expanded=false]").length === 0 && `+preview.Drawn, within); err != nil {
			t.Fatalf("%s: %v", d.UID, err)
		}
		troubles, err := p.Troubles()
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range troubles {
			t.Errorf("%s: %s", d.Title, what)
		}
		n, err := strconv.Atoi(p.text(t, `document.querySelectorAll("[data-panel]").length`))
		if err != nil {
			t.Fatal(err)
		}
		panels += n
		// What is read by programs is what people see.
		if other := p.text(t, `[...document.querySelectorAll("[data-type=stat] [data-text]")].filter((d) => { const c = d.cloneNode(true); c.querySelector(".sr").remove(); return !c.textContent.replace(/\s/g, "").includes(d.dataset.text.replace(/\s/g, "")) }).map((d) => d.dataset.text + " / " + d.textContent).join("; ")`); other != "" {
			t.Errorf("%s: stats show other than they say: %s", d.Title, other)
		}
		if err := p.Do(`window.boards = undefined; fetch("/state").then((r) => r.json()).then((s) => { window.boards = s.state.dashboards })`); err != nil {
			t.Fatal(err)
		}
		if err := p.Until(`window.boards`, within); err != nil {
			t.Fatal(err)
		}
		stats += p.compareStats(t, d.UID)
		p.quiet(t, d.Title)
	}
	if panels < 233 {
		t.Errorf("%d panels were drawn", panels)
	}
	if stats < 40 {
		t.Errorf("of %d stats the text was compared", stats)
	}
}

// stat is what the page says of a panel with single values.
type stat struct {
	Title string
	Asked []struct {
		Expr             string
		Start, End, Step int64
		Instant          bool
	}
	Config json.RawMessage
	Calc   string
	Shown  []string
}

// compareStats asks Prometheus's API what the stats of a page asked, takes of each series the value that the stat shows, and has
// Grafana's formatter write it: that must be what is shown. It returns how many stats it compared.
func (p *page) compareStats(t *testing.T, uid string) int {
	t.Helper()
	text := p.text(t, `(() => {
		const board = window.boards.find((d) => d.uid === `+strconv.Quote(uid)+`).json, all = board.panels.flatMap((x) => [x, ...(x.panels ?? [])]);
		return JSON.stringify([...document.querySelectorAll("[data-type=stat]")].flatMap((s) => {
			const x = all.find((x) => String(x.id) === s.dataset.panel);
			if ((x.transformations ?? []).length + (x.fieldConfig.overrides ?? []).length > 0) return [];
			return [{title: x.title, asked: JSON.parse(s.dataset.asked), config: x.fieldConfig.defaults, calc: x.options.reduceOptions.calcs[0], shown: [...s.querySelectorAll("[data-text]")].map((d) => d.dataset.text)}];
		}));
	})()`)
	var stats []stat
	if err := json.Unmarshal([]byte(text), &stats); err != nil {
		t.Fatal(err)
	}
	for _, s := range stats {
		var want []string
		for _, q := range s.Asked {
			form := url.Values{"query": {q.Expr}, "start": {fmt.Sprint(q.Start)}, "end": {fmt.Sprint(q.End)}, "step": {fmt.Sprint(q.Step)}}
			path := "/api/v1/query_range"
			if q.Instant {
				path, form = "/api/v1/query", url.Values{"query": {q.Expr}, "time": {fmt.Sprint(q.End)}}
			}
			r, err := http.PostForm(p.at+path, form)
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				Data struct {
					Result []struct {
						Value  [2]any
						Values [][2]any
					}
				}
			}
			err = json.NewDecoder(r.Body).Decode(&answer)
			_ = r.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, series := range answer.Data.Result {
				if q.Instant {
					series.Values = [][2]any{series.Value}
				}
				var values []float64
				for _, v := range series.Values {
					x, err := strconv.ParseFloat(fmt.Sprint(v[1]), 64)
					if err != nil {
						t.Fatal(err)
					}
					if !math.IsNaN(x) {
						values = append(values, x)
					}
				}
				if len(values) == 0 {
					continue
				}
				v := values[len(values)-1]
				switch s.Calc {
				case "max":
					v = slices.Max(values)
				case "lastNotNull", "last":
				default:
					t.Fatalf("%s shows %s of its values, which this test does not know", s.Title, s.Calc)
				}
				want = append(want, p.text(t, fmt.Sprintf("window.textOf(%s, %v)", s.Config, v)))
			}
		}
		slices.Sort(want)
		slices.Sort(s.Shown)
		if len(want) > 0 && !slices.Equal(want, s.Shown) {
			t.Errorf("%s: %s shows %q, and the engine's values are %q", uid, s.Title, s.Shown, want)
		}
	}
	return len(stats)
}

// TestErrorsInBrowser opens the page in the midst of errors: alerts fire and are listed, what is bad is red, and another scenario or
// another time of it can be chosen.
func TestErrorsInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=error-burst", "--at=25m")
	p.open(t, "/alerts", `document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=firing]")`)
	for alert, want := range map[string]string{"MockForgeCriticalErrorRate": "firing", "MockForgeErrorBudgetFastBurn": "firing", "MockForgeDown": "quiet"} {
		if got := p.text(t, `document.querySelector("[data-alert=`+alert+`]").dataset.state`); got != want {
			t.Errorf("%s is %s, and %s is wanted", alert, got, want)
		}
	}
	if err := p.Until(`document.querySelector("[data-alert=MockForgeHighErrorRate] rect.firing")`, within); err != nil {
		t.Error(err)
	}
	p.open(t, "/alerts/MockForgeHighErrorRate", preview.Drawn+` && document.querySelector(".card.firing")`)
	if got := p.text(t, `document.querySelector("main").innerText`); !strings.Contains(got, "Diagnosis") || !strings.Contains(got, "amtool silence add") || !strings.Contains(got, "of requests fail") && !strings.Contains(got, "fail") {
		t.Errorf("the alert's page says %s", got)
	}
	p.open(t, "/d/mockforge-overview", preview.Drawn)
	red := p.text(t, `getComputedStyle([...document.querySelectorAll("section[aria-label='Availability in 30 days'] span")].find((s) => s.textContent.match(/\d/) && !s.closest(".sr"))).color`)
	var r, g, b int
	if _, err := fmt.Sscanf(red, "rgb(%d, %d, %d)", &r, &g, &b); err != nil || r < 200 || g > 100 {
		t.Errorf("what is bad has the colour %s", red)
	}
	p.quiet(t, "errors")
	if err := errors.Join(p.Do(`fetch("/scenario?name=healthy", {method: "POST"}).then(() => { window.chosen = true })`), p.Until(`window.chosen`, within)); err != nil {
		t.Fatal(err)
	}
	p.open(t, "/alerts", `document.querySelector("[data-scenario]")?.value === "healthy" && document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=quiet]")`)
}

// TestFolderInBrowser shows the data folder of a server that had none of the rules: at its last sample, with what the rules would
// have recorded and how the alerts would stand.
func TestFolderInBrowser(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if out, err := exec.CommandContext(t.Context(), "obsgen", "scenario", "error-burst", "--write", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := show(t, nil, "--tsdb="+dir)
	p.open(t, "/d/mockforge-overview", preview.Drawn)
	if found, err := p.Troubles(); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	if got := p.text(t, `document.querySelector("section[aria-label='Failing now'] [data-text]").dataset.text`); !strings.HasSuffix(got, "%") {
		t.Errorf("what is recorded is %s", got)
	}
	p.open(t, "/alerts", `document.querySelector("[data-alert=MockForgeErrorBudgetExhausted][data-state=firing] rect.firing") && document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=quiet] rect.firing")`)
	if got := p.text(t, `document.querySelectorAll("[data-scenario], [data-pause]").length`); got != "0" {
		t.Error("what is over has a clock")
	}
}

// TestScrapeInBrowser shows a target that does not answer, and says so.
func TestScrapeInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scrape=127.0.0.1:1")
	p.open(t, "/alerts", `document.querySelector(".notice .trouble")?.textContent.endsWith("connection refused")`)
}

// TestServerInBrowser shows the data of a Prometheus server elsewhere, which then goes and comes again.
func TestServerInBrowser(t *testing.T) {
	t.Parallel()
	other := show(t, nil, "--scenario=error-burst", "--at=25m") // it has Prometheus's API, too
	var gone atomic.Bool
	u, err := url.Parse(other.at)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := show(t, nil, "--prometheus="+server.URL)
	p.open(t, "/alerts", `document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=firing]")`)
	p.open(t, "/d/mockforge-overview", preview.Drawn)
	if found, err := p.Troubles(); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	gone.Store(true)
	p.open(t, "/d/mockforge-overview", preview.Drawn+` && document.querySelector(".notice .trouble")?.textContent.includes("does not answer")`)
	if got := p.text(t, `document.querySelector("[data-state=error] .problem").textContent`); !strings.Contains(got, "does not answer") {
		t.Errorf("a panel says %q", got)
	}
	gone.Store(false)
	if err := p.Until(`!document.querySelector(".notice") && document.querySelectorAll("[data-state=error]").length === 0`, within); err != nil {
		t.Errorf("it does not come again: %v", err)
	}
}

// TestClockInBrowser stops the scenario's clock, steps through it and has it go faster: what had not begun begins.
func TestClockInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=error-burst", "--at=10m")
	p.open(t, "/alerts", `document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=quiet]")`)
	key := func(k string) {
		t.Helper()
		if err := p.Do(`dispatchEvent(new KeyboardEvent("keydown", {key: "` + k + `"}))`); err != nil {
			t.Fatal(err)
		}
	}
	into := `parseInt(document.querySelector(".at").textContent)`
	key("p")
	if err := p.Until(`document.querySelector("[data-pause]").getAttribute("aria-label") === "Go on"`, within); err != nil {
		t.Fatal(err)
	}
	for range 15 {
		key(".")
	}
	if err := p.Until(into+` === 25 && document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=firing]")`, within); err != nil {
		t.Errorf("%v: %s", err, p.text(t, into+` + document.querySelector("[data-alert=MockForgeHighErrorRate]").dataset.state`))
	}
	if err := p.Do(`fetch("/clock?speed=300", {method: "POST"})`); err != nil {
		t.Fatal(err)
	}
	// 5 minutes of it go by in a second.
	if err := p.Until(into+` > 45 && document.querySelector("[data-alert=MockForgeHighErrorRate][data-state=quiet]") && document.querySelector("[data-alert=MockForgeHighErrorRate] rect.firing")`, within); err != nil {
		t.Error(err)
	}
}

// TestChangesInBrowser changes the project while the page is open, breaks it, and mends it.
func TestChangesInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=healthy")
	p.open(t, "/d/mockforge-overview?var-job=mockforge", preview.Drawn)
	put := func(number int, change func(string) string) {
		from, to := filepath.Join(p.dir, "1"), filepath.Join(p.dir, strconv.Itoa(number))
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, cli.StateFile)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(path, []byte(change(string(data))), 0o600), os.WriteFile(filepath.Join(p.dir, cli.TroubleFile), nil, 0o600), os.WriteFile(filepath.Join(p.dir, cli.CurrentFile), []byte(strconv.Itoa(number)), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put(2, func(s string) string {
		return strings.ReplaceAll(s, `"title":"Request rate"`, `"title":"Rate of requests"`)
	})
	if err := p.Until(`document.querySelector("section[aria-label='Rate of requests'][data-state=drawn]")`, within); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, cli.TroubleFile), []byte("boards.go:3:1: syntax error"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.querySelector(".notice .trouble")?.textContent.includes("boards.go:3:1")`, within); err != nil {
		t.Error(err)
	}
	if got := p.text(t, `document.querySelectorAll("[data-state=drawn]").length > 10`); got != "true" {
		t.Error("what was shown is gone")
	}
	put(3, func(s string) string { return "{" })
	if err := p.Until(`document.querySelector(".notice .trouble")?.textContent.includes("JSON")`, within); err != nil {
		t.Error(err)
	}
	put(4, func(s string) string { return s })
	if err := p.Until(`!document.querySelector(".notice") && document.querySelector("section[aria-label='Request rate']")`, within); err != nil {
		t.Error(err)
	}
}

// TestVariablesInBrowser chooses a value of a variable, a time and a panel, all of which stand in the address.
func TestVariablesInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=healthy")
	p.open(t, "/d/mockforge-comprehensive", preview.Drawn)
	series := `document.querySelector("section[aria-label='Requests by protocol']").innerText`
	if got := p.text(t, series); !strings.Contains(got, "http") || !strings.Contains(got, "graphql") {
		t.Errorf("of all protocols it shows %s", got)
	}
	if err := p.Do(`document.querySelector("button[data-variable=protocol]").click()`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.querySelector(".menu")`, within); err != nil {
		t.Fatal(err)
	}
	if err := p.Do(`[...document.querySelectorAll(".menu label")].find((l) => l.textContent.trim() === "grpc").querySelector("input").click()`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`location.search.includes("var-protocol=grpc") && !`+series+`.includes("graphql") && `+series+`.includes("grpc")`, within); err != nil {
		t.Errorf("%v: %s", err, p.text(t, series))
	}
	p.open(t, "/d/mockforge-comprehensive?var-protocol=http&from=now-15m&to=now", preview.Drawn)
	if got := p.text(t, `document.querySelector("[data-time]").value + " " + document.querySelector("button[data-variable=protocol]").textContent`); got != "15m http" {
		t.Errorf("the address says 15m and http, and the page %s", got)
	}
	// Two moments.
	if err := p.Do(`const s = document.querySelector("[data-time]"); Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, "own"); s.dispatchEvent(new Event("change", {bubbles: true}))`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.querySelectorAll("[role=dialog] input[type=datetime-local]").length === 2`, within); err != nil {
		t.Fatal(err)
	}
	if err := p.Do(`document.querySelector(".range button").click()`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`/from=\d+&to=\d+/.test(location.search) && !document.querySelector(".range") && `+preview.Drawn, within); err != nil {
		t.Errorf("%v: %s", err, p.text(t, `location.search`))
	}
	// Keys: search, and go to the alerts.
	if err := p.Do(`dispatchEvent(new KeyboardEvent("keydown", {key: "/"}))`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.querySelector("[role=dialog][aria-label=Search] input")`, within); err != nil {
		t.Error(err)
	}
	if err := p.Do(`for (const key of ["Escape", "g", "a"]) dispatchEvent(new KeyboardEvent("keydown", {key}))`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`location.pathname === "/alerts" && document.querySelector("h1").textContent.startsWith("Alerts")`, within); err != nil {
		t.Error(err)
	}
	p.open(t, "/rules", `document.querySelector(".graph")`)
	p.open(t, "/metrics?find=smtp", `document.querySelector("h1").textContent.startsWith("Metrics")`)
	p.quiet(t, "pages")
	if got := p.text(t, `document.querySelectorAll("tbody tr").length`); got != "6" {
		t.Errorf("%s metrics speak of SMTP", got)
	}
}

// TestCorpusInBrowser shows dashboards that others wrote, of metrics that are not here for the most part: what there is is drawn, and
// none of them brings the page into trouble.
func TestCorpusInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, []string{optional.Corpus(t, "dashboards")}, "--scenario=healthy")
	seen := map[string]int{} // of a file with many a few are enough
	for _, d := range p.state(t).State.Dashboards {
		if seen[d.File]++; d.File == "" || seen[d.File] > 2 {
			continue
		}
		p.open(t, "/d/"+d.UID, `document.querySelector("[data-panel], .row h2")`)
		if err := p.Until(`document.querySelectorAll("[data-state=loading]").length === 0`, within); err != nil {
			t.Errorf("%s: %v", d.File, err)
		}
		if got := p.text(t, `[...document.querySelectorAll(".problem")].map((x) => x.textContent).filter((s) => s.startsWith("This panel cannot be drawn") || s.startsWith("TypeError")).join("; ")`); got != "" {
			t.Errorf("%s: %s", d.File, got)
		}
		for _, said := range p.Errors() {
			if !strings.HasPrefix(said, "Failed to load resource") && !strings.Contains(said, "Content Security Policy") { // a query that does not parse, a picture from elsewhere
				t.Errorf("%s: the page says %s", d.File, said)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("%d files are shown", len(seen))
	}
}

// TestFormsInBrowser shows dashboards in the forms that Grafana had and has, with what their panels link to.
func TestFormsInBrowser(t *testing.T) {
	t.Parallel()
	boards, err := filepath.Abs("testdata/boards")
	if err != nil {
		t.Fatal(err)
	}
	p := show(t, []string{boards}, "--scenario=crash-loop")
	is := func(what, expression, want string) {
		t.Helper()
		if got := p.text(t, expression); got != want {
			t.Errorf("%s: %s, and %s is wanted", what, got, want)
		}
	}
	point := func(selector string, right, down float64, click bool) {
		t.Helper()
		if err := p.Point(selector, right, down, click); err != nil {
			t.Fatal(err)
		}
	}
	p.open(t, "/d/of-long-ago", preview.Drawn)
	is("panels of a row that is open", `[...document.querySelectorAll("[data-panel]")].map((x) => x.dataset.type).join()`, "stat,timeseries")
	is("the unit of a singlestat", `/^[\d.]+ req\/s$/.test(document.querySelector("[data-type=stat] [data-text]").dataset.text)`, "true")
	is("a graph's axes", `document.querySelectorAll("[data-type=timeseries] .u-axis").length`, "3")
	point(".row:last-child h2 button", 0.5, 0.5, true)
	if err := p.Until(`document.querySelector("[data-type=text] strong")`, within); err != nil {
		t.Error(err)
	}
	is("a text", `document.querySelector("[data-type=text] .text").innerText.trim().replace(/\s+/g, " ")`, "Bold of All")
	is("a text's script", `String(window.bad) + document.querySelectorAll("[onerror]").length`, "undefined0")

	p.open(t, "/d/of-elements", preview.Drawn)
	is("panels of elements", `[...document.querySelectorAll("[data-panel]")].map((x) => x.dataset.panel + x.getAttribute("aria-label") + x.dataset.state).join()`, "7Rate of httpdrawn,8Updrawn")
	is("the variable", `document.querySelector("[data-variable=protocol]").value`, "http")
	point("[data-panel='7'] .panel-tools button", 0.5, 0.5, true)
	if err := p.Until(`document.querySelector(".explain details pre")?.textContent.includes("protocol")`, within); err != nil {
		t.Errorf("its query is not explained: %v", err)
	}

	p.open(t, "/d/repeats", preview.Drawn)
	is("panels that repeat", `[...document.querySelectorAll("[data-panel]")].map((x) => x.getAttribute("aria-label") + " " + x.dataset.state).join("; ")`, "Quantile 0.5 drawn; Quantile 0.9 drawn; Quantile 0.95 drawn; Quantile 0.99 drawn; Quantile 0.999 drawn; Below drawn; Rate of graphql drawn; Rate of grpc drawn; Rate of http drawn")
	is("three beside each other, and what follows below them", `(() => { const at = (n) => document.querySelector("section[aria-label='" + n + "']").getBoundingClientRect(); return [at("Quantile 0.5").top === at("Quantile 0.95").top, at("Quantile 0.99").top >= at("Quantile 0.5").bottom, at("Below").top >= at("Quantile 0.999").bottom].join() })()`, "true,true,true")
	is("rows that repeat", `[...document.querySelectorAll(".row h2")].map((x) => x.textContent.slice(2)).join("; ")`, "Protocol graphql; Protocol grpc; Protocol http; Closed")

	p.open(t, "/d/bars", preview.Drawn)
	is("bars", `[...document.querySelectorAll("[data-type=barchart] .drawn")].map((x) => x.getAttribute("aria-label").replace(/[\d.]+ req\/s/g, "N")).join(" / ")`, "graphql: N; grpc: N; http: N / http: N, N; grpc: N, N; graphql: N, N")

	p.open(t, "/d/with-links", preview.Drawn)
	is("what cannot be drawn", `[...document.querySelectorAll(".nodata")].map((x) => x.textContent).join("; ")`, "It asks loki: only Prometheus answers here; No alert is active; Panels of the type nodeGraph are not drawn here")
	is("a value's link", `new URL(document.querySelector("a.linked").href).search.replace(/\d{10,}/g, "N")`, "?var-job=mockforge&from=N&to=N")
	point("[data-panel='2'] .u-over", 0.5, 0.5, true)
	if err := p.Until(`[...document.querySelectorAll(".tip.kept .tip-link")].some((a) => a.textContent === "Only grpc" && a.getAttribute("href") === "/d/mockforge-comprehensive?var-protocol=grpc")`, within); err != nil {
		t.Errorf("a click does not show the links of the series: %v", err)
	}
	if err := p.Do(`[...document.querySelectorAll(".tip.kept .tip-link")].find((a) => a.textContent === "Only grpc").click()`); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`location.pathname === "/d/mockforge-comprehensive" && document.querySelector("button[data-variable=protocol]")?.textContent === "grpc"`, within); err != nil {
		t.Errorf("a link is not followed: %v", err)
	}
	p.quiet(t, "forms")
	// The event that an annotation marks is told where the pointer is.
	p.open(t, "/d/with-links", preview.Drawn)
	found := false
	for i := 0; i <= 200 && !found; i++ {
		point("[data-panel='2'] .u-over", float64(i)/200, 0.9, false)
		found = p.text(t, `document.querySelector(".tip .mark")?.innerText`) == "Started\nlocalhost:9090 began anew"
	}
	if !found {
		t.Error("nowhere on the graph is there an event")
	}
}

// TestPageIsGuarded asks as pages of others would.
func TestPageIsGuarded(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=healthy")
	for _, c := range []struct {
		method, path string
		change       func(*http.Request)
		want         int
	}{
		{"GET", "/", func(*http.Request) {}, 200},
		{"GET", "/", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"GET", "/state", func(r *http.Request) { r.Host = "evil.example:80" }, 421},
		{"POST", "/scenario?name=healthy", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"POST", "/scenario?name=nowhere", func(*http.Request) {}, 400},
		{"POST", "/scenario?name=healthy&at=soon", func(*http.Request) {}, 400},
		{"POST", "/clock?speed=10", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"POST", "/clock?speed=fast", func(*http.Request) {}, 400},
		{"POST", "/clock?speed=-1", func(*http.Request) {}, 400},
		{"POST", "/clock?step=-60", func(*http.Request) {}, 400},
		{"POST", "/clock?step=60&speed=1", func(*http.Request) {}, 200},
		{"GET", "/scenario?name=healthy", func(*http.Request) {}, 200}, // the page, which changes nothing
		{"POST", "/query", func(*http.Request) {}, 400},
		{"POST", "/query", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"POST", "/api/v1/query?query=up", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"GET", "/d/anything", func(*http.Request) {}, 200},
		{"GET", "/api/v1/query?query=up", func(*http.Request) {}, 200},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, p.at+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.change(r)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s %s: %s, and %d is wanted", c.method, c.path, answer.Status, c.want)
		}
		if c.path == "/" && c.want == 200 && !strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Error("the page may load from elsewhere")
		}
	}
	// A day of the scenario takes long, and whoever chooses another meanwhile does not wait for it.
	moved := make(chan int, 1)
	post := func(path string) int {
		r, err := http.Post(p.at+path, "", nil)
		if err != nil {
			t.Error(err)
			return 0
		}
		_ = r.Body.Close()
		return r.StatusCode
	}
	go func() { moved <- post("/clock?step=86400") }()
	p.open(t, "/alerts", `parseInt(document.querySelector(".at")?.textContent) > 70`)
	if got := post("/scenario?name=error-burst"); got != http.StatusOK {
		t.Errorf("another scenario: %d", got)
	}
	if got := <-moved; got != http.StatusBadRequest {
		t.Errorf("the clock of the scenario before was moved by a day: %d", got)
	}
}

// TestSnapshot takes a picture of a panel and of a page.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	browser(t).Close()
	dir, out := t.TempDir(), &output{}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env := &cli.Env{Project: mockforge.Project, Dir: root, Stdout: out, Stderr: out}
	if code := cli.Run(t.Context(), env, []string{"preview", "--emit=" + dir}); code != cli.ExitGood {
		t.Fatal(out)
	}
	pictures := filepath.Join(dir, "pictures")
	run := func(args ...string) int {
		return sim.Run(t.Context(), &sim.Env{Stdout: out, Stderr: out}, append([]string{"snapshot", "--dir=" + dir, "--out=" + pictures, "--height=700", "--width=1200"}, args...))
	}
	if code := run("--panel=Request rate", "mockforge-overview"); code != cli.ExitGood {
		t.Fatal(out)
	}
	if code := run("--light", "alerts"); code != cli.ExitGood {
		t.Fatal(out)
	}
	for name, width := range map[string]int{"mockforge-overview-request-rate.png": 150, "alerts.png": 1200} {
		data, err := os.ReadFile(filepath.Join(pictures, name))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		colours := map[any]bool{}
		for x := range picture.Bounds().Dx() {
			for y := 0; y < picture.Bounds().Dy(); y += 3 {
				colours[picture.At(x, y)] = true
			}
		}
		if picture.Bounds().Dx() < width || len(colours) < 20 {
			t.Errorf("%s is %s, in %d colours", name, picture.Bounds(), len(colours))
		}
	}
	// Beside those from before: the same project gives the same picture, and another scenario another.
	again := filepath.Join(dir, "again")
	diff := func(args ...string) string {
		var said output
		if code := sim.Run(t.Context(), &sim.Env{Stdout: &said, Stderr: &said}, append([]string{"snapshot", "--dir=" + dir, "--out=" + again, "--height=700", "--width=1200", "--diff=" + pictures}, args...)); code != cli.ExitGood {
			t.Error(said.String())
		}
		return said.String()
	}
	if got := diff("--light", "alerts"); got != "alerts: as before\n" {
		t.Errorf("the second time: %s", got)
	}
	if got := diff("--light", "--scenario=error-burst", "--at=25m", "alerts", "rules"); !strings.Contains(got, "of it differs: ") || !strings.Contains(got, "rules: it is new") {
		t.Errorf("another scenario: %s", got)
	}
	if _, err := os.Stat(filepath.Join(again, "alerts-diff.png")); err != nil {
		t.Error(err)
	}
	if code := run("--panel=Nothing", "mockforge-overview"); code != cli.ExitMisuse || !strings.Contains(out.String(), `there is no panel "Nothing"`) {
		t.Errorf("%d: %s", code, out)
	}
}

// TestTimelinePicture writes when alerts fire in a scenario, for which there need be no browser.
func TestTimelinePicture(t *testing.T) {
	t.Setenv("CHROME", filepath.Join(t.TempDir(), "none"))
	dir, out := t.TempDir(), &output{}
	env := &cli.Env{Project: mockforge.Project, Dir: dir, Stdout: out, Stderr: out}
	if code := cli.Run(t.Context(), env, []string{"preview", "--emit=" + dir}); code != cli.ExitGood {
		t.Fatal(out)
	}
	run := func(args ...string) string {
		t.Helper()
		var said output
		if code := sim.Run(t.Context(), &sim.Env{Stdout: &said, Stderr: &said}, append([]string{"snapshot", "--dir=" + dir, "--scenario=error-burst", "--out=" + filepath.Join(dir, "pictures"), "timeline"}, args...)); code != cli.ExitGood {
			t.Fatal(said.String())
		}
		return said.String()
	}
	run()
	data, err := os.ReadFile(filepath.Join(dir, "pictures", "timeline.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data); !strings.Contains(text, "MockForgeHighErrorRate") || strings.Contains(text, "MockForgeDown") || !strings.Contains(text, "of which 5 of 31 fire") {
		t.Errorf("the picture is\n%s", text)
	}
	pictures := filepath.Join(dir, "pictures")
	if got := run("--diff=" + pictures); got != "timeline: as before\n" {
		t.Errorf("beside itself: %s", got)
	}
	if got := run("--diff="+pictures, "--at=25m"); !strings.HasPrefix(got, "timeline: it differs") {
		t.Errorf("beside that of another moment: %s", got)
	}
}

// TestKeptPictures keeps small pictures of dashboards: only those that have changed are taken anew, those of former forms go, and build
// puts them into the docs.
func TestKeptPictures(t *testing.T) {
	t.Parallel()
	browser(t).Close()
	dir, out := t.TempDir(), &output{}
	p := *mockforge.Project
	p.Boards, p.Groups, p.Fragments, p.FragmentPanels = p.Boards[:1], nil, nil, nil
	p.Profiles = p.Profiles[:1]
	if err := os.WriteFile(filepath.Join(dir, "obsgen.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		out = &output{}
		if code := cli.Run(t.Context(), &cli.Env{Project: &p, Dir: dir, Stdout: out, Stderr: out}, args); code != want {
			t.Fatalf("%v: %d: %s", args, code, out)
		}
		return out.String()
	}
	if got := run(cli.ExitGood, "snapshot", "--save"); got != "pictures: 1 picture, 1 taken\n" {
		t.Errorf("at first: %s", got)
	}
	if got := run(cli.ExitGood, "snapshot", "--save"); got != "pictures: 1 picture, 0 taken\n" {
		t.Errorf("again: %s", got)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "pictures", "*.png"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	run(cli.ExitMisuse, "snapshot", "--save", "--light")
	// Of a former form, it is in no page.
	old := filepath.Join(dir, "pictures", p.Boards[0].UID+".0123456789ab.png")
	if err := os.Rename(kept[0], old); err != nil {
		t.Fatal(err)
	}
	if got := run(cli.ExitFindings, "build"); !strings.Contains(got, "no picture of what has none of its present form: "+p.Boards[0].UID) && !strings.Contains(got, "nothing written") {
		t.Errorf("of a former form: %s", got)
	}
	if got := run(cli.ExitGood, "snapshot", "--save"); got != "pictures: 1 picture, 1 taken\n" {
		t.Errorf("of another form: %s", got)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("that of a former form is still there")
	}
}
