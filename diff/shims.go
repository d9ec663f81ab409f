package diff

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/catalog"
)

// Expires begins the comment by which a file says until which day it may stay; lint says when that is over.
const Expires = "obsgen:expires"

// Shims returns rules that keep the old names of renamed metrics for a while, and how to do the same when scraping. until is
// the day after which lint asks for their removal: 2027-01-31. It returns "" where nothing was renamed.
func (r Result) Shims(until string) string {
	if len(r.Renames) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# The old names of metrics that were renamed, for what still reads them. Written by obsgen diff.\n# %s %s\n", Expires, until)
	b.WriteString("groups:\n  - name: renamed\n    rules:\n")
	for _, n := range r.Renames {
		for _, s := range pairsOf(n) {
			fmt.Fprintf(&b, "      - record: %s\n        expr: %s\n", s[0], s[1])
		}
	}
	b.WriteString("\n# Or, without rules, in the job's scrape configuration: the series then have the old name alone.\n# metric_relabel_configs:\n")
	for _, n := range r.Renames {
		suffix := ""
		if n.Type == catalog.KindHistogram {
			suffix = "(_bucket|_sum|_count)"
		}
		fmt.Fprintf(&b, "#   - source_labels: [__name__]\n#     regex: %s%s\n#     target_label: __name__\n#     replacement: %s%s\n", n.New, suffix, n.Old, map[bool]string{true: "$1"}[suffix != ""])
	}
	return b.String()
}

// pairsOf returns the old and new names of a metric's series.
func pairsOf(r Rename) [][2]string {
	old, now := Metric{Name: r.Old, Type: r.Type}, Metric{Name: r.New, Type: r.Type}
	var out [][2]string
	for i, name := range old.series() {
		out = append(out, [2]string{name, now.series()[i]})
	}
	return out
}
