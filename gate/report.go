package gate

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/obsgen/obsgen/unit"
)

// Result is what was found.
type Result struct {
	Title    string
	Outcomes []Outcome
	Numbers  []Number
	// From and To are the time that was looked at; zero for two scrapes, between which Elapsed passed.
	From, To time.Time
	Elapsed  time.Duration
	// Warnings are what Prometheus said of its answers.
	Warnings []string
}

func (r Result) count(s State) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.State == s {
			n++
		}
	}
	return n
}

// unmeasured says which of the checks tell nothing, as a sentence; "" where all do.
func (r Result) unmeasured() string {
	var parts []string
	if n := r.count(NoData); n > 0 {
		parts = append(parts, fmt.Sprintf("%d had no data", n))
	}
	if n := r.count(Skipped); n > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be measured like this", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return " Beside them, " + strings.Join(parts, " and ") + "."
}

// Failed returns the checks that fail: those that exceeded their threshold, and with strict those that touched it.
func (r Result) Failed(strict bool) []Outcome {
	var out []Outcome
	for _, o := range r.Outcomes {
		if o.State == Exceeded || strict && o.State == Touched {
			out = append(out, o)
		}
	}
	return out
}

// Empty reports whether nothing of the service was measured at all.
func (r Result) Empty() bool {
	return !slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Own && o.Value != nil && len(o.Points) > 0 })
}

// order has what is worst first.
func (r Result) order() []Outcome {
	rank := map[State]int{Exceeded: 0, Touched: 1, Good: 2, NoData: 3, Skipped: 4}
	return slices.SortedStableFunc(slices.Values(r.Outcomes), func(a, b Outcome) int { return cmp.Compare(rank[a.State], rank[b.State]) })
}

func (o Outcome) worstText() string {
	if math.IsNaN(o.Worst) || o.Value == nil {
		return "-"
	}
	return value(o.Unit, o.Worst)
}

func (o Outcome) threshold() string {
	if o.Value == nil {
		return "-"
	}
	return o.Op.String() + " " + o.Unit.Format(o.Threshold)
}

// leading is the number that a value's text begins with.
var leading = regexp.MustCompile(`^-?[0-9][0-9,]*\.[0-9]+`)

// value returns a value as prose writes it, with three digits.
func value(u unit.Unit, v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return fmt.Sprint(v)
	}
	text := u.Format(v)
	n := leading.FindString(text)
	shown, err := strconv.ParseFloat(strings.ReplaceAll(n, ",", ""), 64)
	if n == "" || err != nil || shown == 0 {
		return text
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(shown)))))
	short := strconv.FormatFloat(shown, 'f', digits, 64)
	if strings.Contains(short, ".") {
		short = strings.TrimRight(strings.TrimRight(short, "0"), ".")
	}
	return short + text[len(n):]
}

func (o Outcome) held() string {
	if o.Held == 0 {
		return "-"
	}
	return unit.Duration(o.Held.Round(time.Second))
}

// Table writes the checks for a terminal.
func (r Result) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "STATE\tCHECK\tWORST\tTHRESHOLD\tHELD\tOF")
	for _, o := range r.order() {
		of := o.Labels
		if o.Why != "" {
			of = o.Why
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", o.State, o.Name, o.worstText(), o.threshold(), o.held(), of)
	}
	return t.Flush()
}

// Chart is a picture that a report shows.
type Chart struct {
	Name string
	SVG  []byte
}

// Report returns a report in Markdown, and the pictures that it shows, which stand in the folder of that name beside it.
func (r Result) Report(folder string, strict bool) (markdown []byte, charts []Chart) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: how it did under load\n\n", r.Title)
	if r.From.IsZero() {
		fmt.Fprintf(&b, "Between two scrapes, %s apart.\n\n", unit.Prose(r.Elapsed))
	} else {
		fmt.Fprintf(&b, "From %s to %s.\n\n", r.From.UTC().Format("2006-01-02 15:04:05"), r.To.UTC().Format("2006-01-02 15:04:05 MST"))
	}
	failed := r.Failed(strict)
	switch {
	case r.Empty():
		b.WriteString("**Nothing was measured.**\n")
	case len(failed) == 0:
		fmt.Fprintf(&b, "**Good: none of %d thresholds was exceeded.**%s\n", len(r.Outcomes)-r.count(NoData)-r.count(Skipped), r.unmeasured())
	default:
		fmt.Fprintf(&b, "**%d of %d thresholds were exceeded.**%s\n", len(failed), len(r.Outcomes)-r.count(NoData)-r.count(Skipped), r.unmeasured())
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "\nPrometheus warned: %s\n", cell(w))
	}
	b.WriteString("\n## Thresholds\n\n| | check | worst | threshold | held | over time |\n|---|---|---:|---:|---:|---|\n")
	for _, o := range r.order() {
		chart := ""
		if len(o.Points) > 1 {
			c := Chart{strings.ToLower(o.Name) + ".svg", draw(o.Points, o.Value != nil, o.Threshold)}
			charts = append(charts, c)
			chart = fmt.Sprintf("![%s](%s/%s)", o.Name, folder, c.Name)
		}
		what := "**" + o.Name + "**"
		if o.Labels != "" {
			what += "<br>" + cell(o.Labels)
		}
		if o.Why != "" {
			what += "<br>" + cell(o.Why)
		}
		mark := string(o.State)
		if o.State == Exceeded {
			mark = "**" + mark + "**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", mark, what, cell(o.worstText()), cell(o.threshold()), o.held(), chart)
	}
	if len(r.Numbers) > 0 {
		b.WriteString("\n## Numbers\n\n| | mean | largest | over time |\n|---|---:|---:|---|\n")
		for i, n := range r.Numbers {
			chart := ""
			if len(n.Points) > 1 {
				c := Chart{fmt.Sprintf("number-%d.svg", i+1), draw(n.Points, false, 0)}
				charts = append(charts, c)
				chart = fmt.Sprintf("![%s](%s/%s)", n.Title, folder, c.Name)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(n.Title), cell(value(n.Unit, n.Mean)), cell(value(n.Unit, n.Max)), chart)
		}
	}
	return []byte(b.String()), charts
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}

// The size of a picture, and what is left free at its edges.
const (
	width, height = 240.0, 48.0
	edge          = 3.0
)

// draw returns a line over time, and the threshold as a broken line.
func draw(points []Point, hasThreshold bool, threshold float64) []byte {
	lo, hi := math.Inf(1), math.Inf(-1)
	see := func(v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	see(0)
	for _, p := range points {
		see(p.Value)
	}
	if hasThreshold {
		see(threshold)
	}
	if hi <= lo {
		hi = lo + 1
	}
	first, last := points[0].At, points[len(points)-1].At
	span := max(last.Sub(first).Seconds(), 1)
	y := func(v float64) float64 { return height - edge - (v-lo)/(hi-lo)*(height-2*edge) }
	var line strings.Builder
	pen := "M"
	for _, p := range points {
		if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&line, "%s%.1f %.1f", pen, edge+p.At.Sub(first).Seconds()/span*(width-2*edge), y(p.Value))
		pen = "L"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`, width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="3" fill="#f4f5f5"/>`, width, height)
	if hasThreshold {
		fmt.Fprintf(&b, `<path d="M0 %.1fH%.0f" stroke="#e02f44" stroke-dasharray="4 3" fill="none"/>`, y(threshold), width)
	}
	fmt.Fprintf(&b, `<path d="%s" stroke="#3274d9" stroke-width="1.5" stroke-linejoin="round" fill="none"/></svg>`, html.EscapeString(line.String()))
	b.WriteString("\n")
	return []byte(b.String())
}
