package grafana

import (
	"math"
	"slices"
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
)

// Colours by Grafana's names, which suit its light and its dark theme.
const (
	green       = "green"
	orange      = "orange"
	red         = "red"
	blue        = "blue"
	transparent = "transparent"
)

var colors = map[catalog.Level]string{catalog.Neutral: blue, catalog.Good: green, catalog.Caution: orange, catalog.Bad: red}

// thresholds returns the colour of every value; rest is that of values which no threshold speaks of. Without
// thresholds all are blue, since Grafana's own are red from 80.
func thresholds(p *plan.Panel, s scale, rest string) *dashboard.ThresholdsConfigBuilder {
	b := dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute)
	if len(p.Thresholds) == 0 {
		return b.Steps([]dashboard.Threshold{{Color: blue}})
	}
	if rest == green && slices.ContainsFunc(p.Thresholds, func(t plan.Threshold) bool { return t.Level == catalog.Good }) {
		rest = blue // somebody says what is good, so the rest is not
	}
	steps := []dashboard.Threshold{{Color: colorAt(p.Thresholds, math.Inf(-1), rest)}}
	for _, at := range bounds(p.Thresholds) {
		color := colorAt(p.Thresholds, at, rest)
		// A graph draws a line at each step, so there steps of one colour stay apart.
		if rest == transparent || color != steps[len(steps)-1].Color {
			steps = append(steps, dashboard.Threshold{Value: cog.ToPtr(at * s.factor), Color: color})
		}
	}
	return b.Steps(steps)
}

// bounds returns where the colour can change, ascending.
func bounds(ts []plan.Threshold) []float64 {
	var out []float64
	for _, t := range ts {
		out = append(out, t.At)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// colorAt returns the colour of a value: that of the worst alert that holds there, or of the nearest
// declared threshold on either side if that is worse.
func colorAt(ts []plan.Threshold, v float64, rest string) string {
	worst, found := catalog.Neutral, false
	consider := func(t *plan.Threshold) {
		if t != nil {
			worst, found = max(worst, t.Level), true
		}
	}
	var up, down *plan.Threshold
	for i := range ts {
		t := &ts[i]
		switch holds := t.At <= v != t.Below; {
		case !holds:
		case t.Alert != nil:
			consider(t)
		case t.Below && (down == nil || t.At < down.At):
			down = t
		case !t.Below && (up == nil || t.At >= up.At):
			up = t
		}
	}
	consider(up)
	consider(down)
	if !found {
		return rest
	}
	return colors[worst]
}

// fromAlert reports whether an alert brought one of a panel's thresholds.
func fromAlert(p *plan.Panel) bool {
	return slices.ContainsFunc(p.Thresholds, func(t plan.Threshold) bool { return t.Alert != nil })
}

// mappings show the names of states in the place of their values.
func mappings(states []catalog.State) []dashboard.ValueMapping {
	m := dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: map[string]dashboard.ValueMappingResult{}}
	for i, s := range states {
		m.Options[strconv.FormatFloat(s.Value, 'f', -1, 64)] = dashboard.ValueMappingResult{
			Text: cog.ToPtr(s.Name), Color: cog.ToPtr(colors[s.Level]), Index: cog.ToPtr(int32(i)),
		}
	}
	return []dashboard.ValueMapping{{ValueMap: &m}}
}

// valueColor colours single values by their thresholds, or blue where there are none.
func valueColor(p *plan.Panel) *dashboard.FieldColorBuilder {
	if len(p.Thresholds) > 0 {
		return dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)
	}
	return dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdFixed).FixedColor(blue)
}

// seriesColor gives each series a colour of its own.
func seriesColor() *dashboard.FieldColorBuilder {
	return dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)
}
