package sim_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/obsgen/obsgen/preview"
)

// BenchmarkPage loads the largest dashboard with all of its rows open in a real browser, and then leaves it alone while it draws
// itself anew each ten seconds. It says how long after the begin of the load the first panel was drawn (first-ms), and the last
// (all-ms), how many frames a second there are while it is left alone (fps), the longest of them (longest-ms), and by how much of
// the page things moved while it was loaded, but for the half second in which rows open, as after a click (shift).
func BenchmarkPage(b *testing.B) {
	p := show(b, nil, "--scenario=healthy")
	sum := map[string]float64{}
	number := func(name, expression string) {
		b.Helper()
		v, err := strconv.ParseFloat(p.text(b, expression), 64)
		if err != nil {
			b.Fatal(err)
		}
		sum[name] += v
	}
	for b.Loop() {
		if err := p.Open("about:blank"); err != nil {
			b.Fatal(err)
		}
		if err := p.Open(p.at + "/d/mockforge-comprehensive"); err != nil {
			b.Fatal(err)
		}
		if err := p.Do(`window.shift = 0; window.opened = Infinity; new PerformanceObserver((l) => l.getEntries().forEach((e) => { if (e.startTime < opened || e.startTime > opened + 500) shift += e.value })).observe({type: "layout-shift", buffered: true})`); err != nil {
			b.Fatal(err)
		}
		if err := p.Until(`document.querySelector("h2 button[aria-expanded=false]")`, within); err != nil {
			b.Fatal(err)
		}
		if err := p.Do(`opened = performance.now(); document.querySelectorAll("h2 button[aria-expanded=false]").forEach((b) => b.click())`); err != nil {
			b.Fatal(err)
		}
		if err := p.Until(`document.querySelectorAll("[data-panel]").length >= 55 && `+preview.Drawn, within); err != nil {
			b.Fatal(err)
		}
		marks := `performance.getEntriesByName("drawn").map((m) => m.startTime)`
		number("panels", `document.querySelectorAll("[data-panel]").length`)
		number("first-ms", `Math.min(...`+marks+`)`)
		number("all-ms", `Math.max(...`+marks+`)`)
		number("shift", `shift`)
		if err := p.Do(`window.frames_ = []; const f = (t) => { frames_.push(t); requestAnimationFrame(f) }; requestAnimationFrame(f)`); err != nil {
			b.Fatal(err)
		}
		time.Sleep(21 * time.Second) // two refreshes
		number("fps", `1000 * (frames_.length - 1) / (frames_[frames_.length - 1] - frames_[0])`)
		number("longest-ms", `Math.max(...frames_.slice(1).map((t, i) => t - frames_[i]))`)
	}
	for name, v := range sum {
		b.ReportMetric(v/float64(b.N), name)
	}
}
