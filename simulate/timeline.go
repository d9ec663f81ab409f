package simulate

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// Row is a line of a timeline: an alert, and when it fired.
type Row struct {
	Name, Note string
	Severity   string
	Spans      []Fired
}

// The look of a timeline. Its colours stand out against white and against black, and each span says in words what it is.
const (
	rowHeight   = 26
	nameWidth   = 330
	chartWidth  = 840
	chartMargin = 20
)

var severityColours = map[string]string{"critical": "#e02f44", "warning": "#d9730d", "info": "#3274d9"}

// Timeline writes a picture of when alerts fired, as SVG: a row for each, and the time from left to right.
func Timeline(w io.Writer, title string, rows []Row, from, to time.Time) error {
	height := 70 + rowHeight*len(rows) + 30
	width := nameWidth + chartWidth + 2*chartMargin
	whole := float64(to.Sub(from))
	x := func(t time.Time) float64 {
		return nameWidth + chartMargin + chartWidth*min(1, max(0, float64(t.Sub(from))/whole))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="13" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	b.WriteString(`<style>text{fill:#24292f}.q{fill:#57606a}.g{stroke:#d0d7de}.z{fill:#f6f8fa}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.q{fill:#9198a1}.g{stroke:#3d444d}.z{fill:#151b23}.b{fill:#0d1117}}</style>` + "\n")
	fmt.Fprintf(&b, `<rect class="b" width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="26" font-size="16" font-weight="600">%s</text>`+"\n", chartMargin, html.EscapeString(title))
	fmt.Fprintf(&b, `<text class="q" x="%d" y="46">%s to %s UTC</text>`+"\n", chartMargin, from.UTC().Format("2006-01-02 15:04"), to.UTC().Format("2006-01-02 15:04"))
	top := 62
	bottom := top + rowHeight*len(rows)
	for i, r := range rows {
		y := top + i*rowHeight
		if i%2 == 0 {
			fmt.Fprintf(&b, `<rect class="z" x="0" y="%d" width="%d" height="%d" fill="#f6f8fa"/>`+"\n", y, width, rowHeight)
		}
		name := r.Name
		if len(name) > 42 {
			name = name[:41] + "…"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s <tspan class="q">%s</tspan></text>`+"\n", chartMargin, y+17, html.EscapeString(name), html.EscapeString(r.Note))
	}
	step, layout := tick(to.Sub(from))
	for at := from.Truncate(step); !at.After(to); at = at.Add(step) {
		if at.Before(from) {
			continue
		}
		fmt.Fprintf(&b, `<line class="g" x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#d0d7de"/>`+"\n", x(at), x(at), top, bottom+4)
		fmt.Fprintf(&b, `<text class="q" x="%.1f" y="%d" text-anchor="middle" font-size="11">%s</text>`+"\n", x(at), bottom+18, at.UTC().Format(layout))
	}
	for i, r := range rows {
		y := top + i*rowHeight
		colour := severityColours[r.Severity]
		if colour == "" {
			colour = severityColours["warning"]
		}
		for _, s := range r.Spans {
			what := fmt.Sprintf("%s fired from %s for %s", r.Name, s.From.UTC().Format("2006-01-02 15:04:05"), s.To.Sub(s.From).Round(time.Second))
			if s.Labels.Len() > 0 {
				what += " with " + s.Labels.String()
			}
			if s.Since.Before(s.From) { // the condition held already
				fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" opacity="0.3"/>`+"\n", x(s.Since), y+10, x(s.From)-x(s.Since), rowHeight-20, colour)
			}
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" rx="2" fill="%s"><title>%s</title></rect>`+"\n",
				x(s.From), y+6, max(2, x(s.To)-x(s.From)), rowHeight-12, colour, html.EscapeString(what))
		}
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// tick returns how far apart the marks of the time axis are, and how they are written.
func tick(whole time.Duration) (time.Duration, string) {
	const day = 24 * time.Hour
	for _, t := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if whole/t <= 10 {
			return t, map[bool]string{true: "01-02 15:04", false: "15:04"}[whole > day]
		}
	}
	for _, t := range []time.Duration{day, 2 * day, 7 * day, 14 * day} {
		if whole/t <= 12 {
			return t, "01-02"
		}
	}
	return max(28*day, (whole / 12).Truncate(day)), "2006-01-02"
}
