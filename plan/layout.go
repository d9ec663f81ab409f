package plan

import (
	"fmt"
	"hash/fnv"

	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
)

// columns is the width of Grafana's grid.
const columns = 24

// usual sizes of the panel kinds, in grid units.
var usual = map[dashboards.Kind]Grid{
	dashboards.KindStat:          {W: 4, H: 4},
	dashboards.KindGauge:         {W: 4, H: 5},
	dashboards.KindTimeSeries:    {W: 12, H: 8},
	dashboards.KindBarGauge:      {W: 8, H: 8},
	dashboards.KindTable:         {W: 12, H: 8},
	dashboards.KindPie:           {W: 8, H: 8},
	dashboards.KindHeatmap:       {W: 12, H: 8},
	dashboards.KindStateTimeline: {W: 12, H: 6},
	dashboards.KindHistogram:     {W: 12, H: 8},
	dashboards.KindText:          {W: 24, H: 3},
}

// ids gives panels and rows numbers that follow from their titles alone, so that a panel keeps its links
// and its place in a diff whatever is added beside it.
func (b *builder) ids() {
	for _, board := range b.plan.Boards {
		taken := map[int]bool{}
		next := func(kind, title string) int {
			for try := 0; ; try++ {
				id := stableID(fmt.Sprintf("%s/%s/%d", kind, title, try))
				if !taken[id] {
					taken[id] = true
					return id
				}
			}
		}
		for _, p := range board.Panels() {
			p.ID = next("panel", p.Title)
		}
		for i := range board.Rows {
			if r := &board.Rows[i]; r.Title != "" {
				r.ID = next("row", r.Title)
			}
		}
	}
}

// stableID maps a name to 1…2²³: small enough to read in an address, large enough that names of one
// dashboard hardly ever meet.
func stableID(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32()>>9) + 1
}

// layout puts panels on the grid: rows below each other, panels from left to right in lines. Panels whose
// width is not fixed are stretched to fill their line, and those of one line are equally high.
func (b *builder) layout() {
	for _, board := range b.plan.Boards {
		y := 0
		for i := range board.Rows {
			row := &board.Rows[i]
			if row.Title != "" {
				row.Y = y
				y++
			}
			below := b.lines(row.Panels, y)
			// The panels of a collapsed row take no room; Grafana moves what follows when it opens.
			if !row.Collapsed {
				y = below
			}
		}
	}
}

// lines lays panels out from a grid row downwards and returns the row below them.
func (b *builder) lines(ps []*Panel, y int) int {
	for start := 0; start < len(ps); {
		end, width := start, 0
		for end < len(ps) {
			w := b.width(ps[end])
			if width+w > columns {
				break
			}
			width += w
			end++
		}
		y += b.line(ps[start:end], width, y)
		start = end
	}
	return y
}

func (b *builder) width(p *Panel) int {
	w := p.decl.Width
	if w == 0 {
		w = usual[p.Kind].W
	}
	if w < 1 || w > columns {
		b.report(p.Site, diag.Error, "panel/size", p.Title, fmt.Sprintf("panel %q is %d columns wide; the grid has %d", p.Title, w, columns), "use 1 to 24, or 0 for as much as there is room")
		return columns
	}
	return w
}

// line places panels side by side, shares out the columns that are left, and returns the line's height.
func (b *builder) line(ps []*Panel, width, y int) int {
	height, flexible := 1, 0
	for _, p := range ps {
		h := p.decl.Height
		if h == 0 {
			h = usual[p.Kind].H
		}
		height = max(height, h)
		if p.decl.Width == 0 {
			flexible++
		}
	}
	left, x := columns-width, 0
	for _, p := range ps {
		w := b.width(p)
		if p.decl.Width == 0 {
			share := left / flexible
			if left%flexible > 0 {
				share++
			}
			w += share
			left -= share
			flexible--
		}
		h := p.decl.Height
		if h == 0 {
			h = height
		}
		p.Grid = Grid{X: x, Y: y, W: w, H: h}
		x += w
	}
	return height
}
