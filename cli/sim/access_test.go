package sim_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/preview"
)

// TestAccessible has axe-core look at each page, dark and light: names, roles, contrast. That what scrolls within Grafana's table
// cannot be reached is not so: browsers let keys reach it, and axe does not ask them.
func TestAccessible(t *testing.T) {
	t.Parallel()
	path := cmp.Or(os.Getenv("OBSGEN_AXE"), filepath.FromSlash("../../preview/web/node_modules/axe-core/axe.min.js"))
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("axe-core is not here, which npm ci in preview/web installs: %v", err)
	}
	p := show(t, nil, "--scenario=error-burst", "--at=25m")
	pages := map[string]string{
		"/alerts": `document.querySelector("rect.firing")`, "/alerts/MockForgeHighErrorRate": preview.Drawn, "/rules": `document.querySelector(".graph")`, "/metrics": `document.querySelector("tbody tr")`,
		"/d/mockforge-overview?viewPanel=none": `document.querySelector(".alone a")`, "/nowhere": `document.querySelector("h1")`,
	}
	for _, d := range p.state(t).State.Dashboards {
		pages["/d/"+d.UID] = preview.Drawn
	}
	for page, ready := range pages {
		for _, theme := range []string{"dark", "light"} {
			at := page + "?"
			if strings.Contains(page, "?") {
				at = page + "&"
			}
			p.open(t, at+"theme="+theme, ready)
			if err := p.Do(string(axe)); err != nil {
				t.Fatal(err)
			}
			if err := p.Do(`window.found = undefined; axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]}).then((r) => { window.found = r.violations.flatMap((v) => v.nodes.filter((n) => v.id !== "scrollable-region-focusable" || !n.target.join().includes(".scrollbar-view")).map((n) => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))).join("\n") || "none" }, (e) => { window.found = String(e) })`); err != nil {
				t.Fatal(err)
			}
			if err := p.Until(`window.found`, within); err != nil {
				t.Fatal(err)
			}
			if found := p.text(t, `window.found`); found != "none" {
				t.Errorf("%s, %s:\n%s", page, theme, found)
			}
		}
	}
}

// TestKeysInBrowser goes through the page by keys alone: to the bar, to a row, which it opens, and to a panel, of which it asks what
// it shows; what has the focus is seen.
func TestKeysInBrowser(t *testing.T) {
	t.Parallel()
	p := show(t, nil, "--scenario=healthy")
	p.open(t, "/d/mockforge-comprehensive", preview.Drawn)
	keys := func(k string) {
		t.Helper()
		if err := p.Keys(k); err != nil {
			t.Fatal(err)
		}
	}
	// to presses Tab until the focus is on what a selector finds.
	to := func(selector string) {
		t.Helper()
		for range 300 {
			keys("\t")
			if p.text(t, fmt.Sprintf("document.activeElement.matches(%q)", selector)) == "true" {
				if got := p.text(t, `getComputedStyle(document.activeElement).outlineStyle`); got == "none" {
					t.Errorf("%s has the focus, and one does not see it", selector)
				}
				return
			}
		}
		t.Fatalf("Tab does not get to %s", selector)
	}
	for _, selector := range []string{"[data-dashboard]", "nav a[href='/alerts']", "[data-scenario]", "[data-pause]", "[data-at]", "[data-time]", "[data-variable=protocol]"} {
		to(selector)
	}
	keys("\r")
	if err := p.Until(`document.querySelector(".menu input")`, within); err != nil {
		t.Errorf("Enter does not open the menu of values: %v", err)
	}
	to(".menu input")
	keys(" ")
	if err := p.Until(`location.search.includes("var-protocol=")`, within); err != nil {
		t.Errorf("the space bar chooses no value: %v", err)
	}
	keys("\u001b")
	if err := p.Until(`!document.querySelector(".menu")`, within); err != nil {
		t.Errorf("Escape does not close the menu: %v", err)
	}
	to("h2 button[aria-expanded=true]")
	keys("\r")
	if err := p.Until(`document.activeElement.getAttribute("aria-expanded") === "false"`, within); err != nil {
		t.Errorf("Enter does not close the row: %v", err)
	}
	to(".panel-tools button")
	keys("\r")
	if err := p.Until(`document.querySelector(".explain")`, within); err != nil {
		t.Errorf("Enter does not say what the panel shows: %v", err)
	}
	keys("\u001b")
	if err := p.Until(`!document.querySelector(".explain")`, within); err != nil {
		t.Errorf("Escape does not close what it says: %v", err)
	}
	to("[data-type=timeseries] .panel-body button") // a series in the legend
	shown := p.text(t, `document.activeElement.textContent`)
	keys("\r")
	if err := p.Until(`[...document.querySelectorAll("[data-type=timeseries] .panel-body button")].some((b) => getComputedStyle(b).color !== getComputedStyle(document.activeElement).color)`, within); err != nil {
		t.Errorf("Enter on %s hides no other series: %v", shown, err)
	}
}
