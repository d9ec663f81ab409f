package grafana

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"

	"github.com/obsgen/obsgen/plan"
)

// tableOf joins the queries by their labels: columns of labels first, then one of values for each query.
func tableOf(p *plan.Panel) (cog.Builder[dashboard.Panel], error) {
	b := asking(table.NewPanelBuilder(), p).NoValue(noValue).ColorScheme(valueColor(p)).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps([]dashboard.Threshold{{Color: blue}})).
		ShowHeader(true).CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{"sum"})).
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: organized(p)})
	for _, label := range p.Labels {
		if links := columnLinks(p, label); len(links) > 0 {
			b.OverrideByName(label, []dashboard.DynamicConfigValue{{Id: "links", Value: links}})
		}
	}
	for i, t := range p.Targets {
		s := scaleOf(t.Expr.Type.Unit)
		properties := []dashboard.DynamicConfigValue{{Id: "unit", Value: s.id}}
		if i == 0 {
			b.SortBy([]cog.Builder[common.TableSortByFieldState]{
				common.NewTableSortByFieldStateBuilder().DisplayName(heading(p, t)).Desc(true),
			})
			coloring, err := coloring(p, s)
			if err != nil {
				return nil, err
			}
			properties = append(properties, coloring...)
		}
		b.OverrideByName(heading(p, t), properties)
	}
	return b, nil
}

// valueField is what Grafana calls a query's values: their ref id is added where there are several queries.
func valueField(p *plan.Panel, t plan.Target) string {
	if len(p.Targets) == 1 {
		return "Value"
	}
	return "Value #" + t.RefID
}

// heading returns the title of a column of values.
func heading(p *plan.Panel, t plan.Target) string {
	if t.Legend != "" {
		return t.Legend
	}
	return valueField(p, t)
}

// organized hides what no reader asks for and puts the columns in order.
func organized(p *plan.Panel) map[string]any {
	index, rename := map[string]int{}, map[string]string{}
	for i, label := range p.Labels {
		index[label] = i
	}
	for i, t := range p.Targets {
		index[valueField(p, t)] = len(p.Labels) + i
		rename[valueField(p, t)] = heading(p, t)
	}
	exclude := map[string]bool{"Time": true, "__name__": true}
	for _, label := range p.Hidden {
		exclude[label] = true
	}
	return map[string]any{
		"excludeByName": exclude,
		"indexByName":   index,
		"renameByName":  rename,
	}
}

// coloring colours the cells of the first column of values.
func coloring(p *plan.Panel, s scale) ([]dashboard.DynamicConfigValue, error) {
	if len(p.Thresholds) == 0 && len(p.States) == 0 {
		return nil, nil
	}
	out := []dashboard.DynamicConfigValue{{
		Id:    "custom.cellOptions",
		Value: common.TableColoredBackgroundCellOptions{Type: common.TableCellDisplayModeColorBackground, Mode: cog.ToPtr(common.TableCellBackgroundDisplayModeBasic)},
	}}
	if len(p.States) > 0 {
		out = append(out, dashboard.DynamicConfigValue{Id: "mappings", Value: mappings(p.States)})
	}
	if len(p.Thresholds) > 0 {
		steps, err := thresholds(p, s, green).Build()
		if err != nil {
			return nil, err
		}
		out = append(out, dashboard.DynamicConfigValue{Id: "thresholds", Value: steps})
	}
	return out, nil
}

// columnLinks returns the links that open at the cells of a label, the first that they hand on. In a table labels
// are cells of the line, not labels of a series.
func columnLinks(p *plan.Panel, label string) []dashboard.DashboardLink {
	var out []dashboard.DashboardLink
	for _, l := range p.Links {
		if ofSeries(l) && l.Set[0] == label {
			out = append(out, linkTo(l, func(label string) string { return "${__data.fields." + label + ":percentencode}" }))
		}
	}
	return out
}
