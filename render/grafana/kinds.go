package grafana

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/histogram"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/text"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/plan"
)

// kind returns the panel with the options of its kind.
func kind(p *plan.Panel) (cog.Builder[dashboard.Panel], error) {
	switch p.Kind {
	case dashboards.KindTimeSeries:
		return timeSeries(p), nil
	case dashboards.KindStat:
		return bigNumber(p), nil
	case dashboards.KindGauge:
		return dial(p), nil
	case dashboards.KindBarGauge:
		return bars(p), nil
	case dashboards.KindTable:
		return tableOf(p)
	case dashboards.KindPie:
		return pie(p), nil
	case dashboards.KindHeatmap:
		return buckets(p), nil
	case dashboards.KindStateTimeline:
		return states(p), nil
	case dashboards.KindHistogram:
		return distribution(p), nil
	case dashboards.KindText:
		return head(text.NewPanelBuilder(), p).Mode(text.TextModeMarkdown).Content(p.Markdown), nil
	default:
		return nil, fmt.Errorf("its kind %q is none of Grafana's", p.Kind)
	}
}

func timeSeries(p *plan.Panel) *timeseries.PanelBuilder {
	fill, stacking := 10.0, common.StackingModeNone
	if p.Stack {
		fill, stacking = 40, common.StackingModeNormal
	}
	b := showing(timeseries.NewPanelBuilder(), p).ColorScheme(seriesColor()).
		DrawStyle(common.GraphDrawStyleLine).LineInterpolation(common.LineInterpolationLinear).LineWidth(1).
		FillOpacity(fill).Stacking(common.NewStackingConfigBuilder().Mode(stacking)).
		ShowPoints(common.VisibilityModeAuto).SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(false)}).
		Legend(legend(p)).Tooltip(tooltip())
	if p.LogScale {
		b.ScaleDistribution(common.NewScaleDistributionConfigBuilder().Type(common.ScaleDistributionLog).Log(10))
	}
	if len(p.Thresholds) > 0 {
		// Behind a transparent step Grafana draws the line of a lower limit in the colour below it.
		style := common.GraphThresholdsStyleModeLine
		if fromAlert(p) {
			style = common.GraphThresholdsStyleModeDashed
		}
		b.Thresholds(thresholds(p, scaleOf(p.Unit), transparent)).
			ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(style))
	}
	for _, t := range p.Targets {
		if t.Down {
			b.OverrideByQuery(t.RefID, []dashboard.DynamicConfigValue{{Id: "custom.transform", Value: common.GraphTransformNegativeY}})
		}
	}
	return b
}

// legend names the series. That of one series whose name is the panel's title would say nothing new.
func legend(p *plan.Panel) *common.VizLegendOptionsBuilder {
	b := common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom).ShowLegend(true)
	switch {
	case hasLabels(p) && p.Grid.H >= 8:
		return b.DisplayMode(common.LegendDisplayModeTable).Calcs([]string{"mean", "max", "lastNotNull"}).
			SortBy("Last *").SortDesc(true)
	case manySeries(p):
		return b.Calcs([]string{"mean", "max", "lastNotNull"})
	default:
		return b.ShowLegend(len(p.Targets) == 1 && p.Targets[0].Legend != p.Title && p.Targets[0].Legend != "")
	}
}

// tooltip shows all series at the pointer, the largest first.
func tooltip() *common.VizTooltipOptionsBuilder {
	return common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)
}

// reduced is how a series becomes one number.
func reduced(p *plan.Panel) *common.ReduceDataOptionsBuilder {
	calc := p.Reduce
	if calc == "" {
		calc = dashboards.Newest
	}
	return common.NewReduceDataOptionsBuilder().Calcs([]string{string(calc)}).Values(false)
}

func bigNumber(p *plan.Panel) *stat.PanelBuilder {
	graph, colored := common.BigValueGraphModeArea, common.BigValueColorModeValue
	if p.NoGraph || len(p.States) > 0 {
		graph = common.BigValueGraphModeNone
	}
	if len(p.States) > 0 {
		colored = common.BigValueColorModeBackground // a state is a lamp
	}
	return number(stat.NewPanelBuilder(), p).ColorScheme(valueColor(p)).ReduceOptions(reduced(p)).
		GraphMode(graph).ColorMode(colored).TextMode(common.BigValueTextModeAuto).JustifyMode(common.BigValueJustifyModeAuto).
		Orientation(common.VizOrientationAuto).WideLayout(true)
}

func dial(p *plan.Panel) *gauge.PanelBuilder {
	return number(gauge.NewPanelBuilder(), p).ColorScheme(valueColor(p)).ReduceOptions(reduced(p)).
		ShowThresholdMarkers(true).ShowThresholdLabels(false).Orientation(common.VizOrientationAuto)
}

func bars(p *plan.Panel) *bargauge.PanelBuilder {
	return number(bargauge.NewPanelBuilder(), p).ColorScheme(valueColor(p)).ReduceOptions(reduced(p)).
		DisplayMode(common.BarGaugeDisplayModeGradient).ValueMode(common.BarGaugeValueModeColor).ShowUnfilled(true).
		Orientation(common.VizOrientationHorizontal).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(false))
}

func pie(p *plan.Panel) *piechart.PanelBuilder {
	form := piechart.PieChartTypePie
	if p.Donut {
		form = piechart.PieChartTypeDonut
	}
	return showing(piechart.NewPanelBuilder(), p).ColorScheme(seriesColor()).ReduceOptions(reduced(p)).
		PieType(form).Orientation(common.VizOrientationAuto).DisplayLabels([]piechart.PieChartLabels{piechart.PieChartLabelsPercent}).
		Legend(piechart.NewPieChartLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeTable).
			Placement(common.LegendPlacementRight).ShowLegend(true).
			Values([]piechart.PieChartLegendValues{piechart.PieChartLegendValuesValue, piechart.PieChartLegendValuesPercent})).
		Tooltip(tooltip())
}

// buckets is a heatmap: the unit is that of the observations, on the axis; a cell counts them.
func buckets(p *plan.Panel) *heatmap.PanelBuilder {
	heat := heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").
		Fill("dark-orange").Scale(heatmap.HeatmapColorScaleExponential).Exponent(0.5).Steps(64)
	b := asking(heatmap.NewPanelBuilder(), p).Calculate(false).CellGap(1).ShowValue(common.VisibilityModeNever).
		Color(heat).
		FilterValues(heatmap.NewFilterValueRangeBuilder().Le(1e-9)). // empty cells stay empty
		RowsFrame(heatmap.NewRowsHeatmapOptionsBuilder().Layout(common.HeatmapCellLayoutAuto)).
		YAxis(heatmap.NewYAxisConfigBuilder().Unit(scaleOf(p.Unit).id).AxisPlacement(common.AxisPlacementLeft)).
		ShowLegend().
		Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle).YHistogram(true).ShowColorScale(true))
	if len(p.Targets) > 0 {
		if id, ok := p.Targets[0].Expr.Type.Unit.GrafanaID(); ok {
			b.CellValues(heatmap.NewCellValuesBuilder().Unit(id))
		}
	}
	return b
}

func states(p *plan.Panel) *statetimeline.PanelBuilder {
	color := valueColor(p)
	if len(p.States) > 0 {
		// Where the colours are those of thresholds, Grafana names the bands by these and drops the states' names.
		color = dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdFixed).FixedColor(blue)
	}
	return showing(statetimeline.NewPanelBuilder(), p).ColorScheme(color).MergeValues(true).RowHeight(0.9).
		ShowValue(common.VisibilityModeAuto).AlignValue(common.TimelineValueAlignmentLeft).FillOpacity(70).LineWidth(0).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderNone))
}

func distribution(p *plan.Panel) *histogram.PanelBuilder {
	return showing(histogram.NewPanelBuilder(), p).ColorScheme(seriesColor()).FillOpacity(60).LineWidth(1).Combine(false).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(manySeries(p))).
		Tooltip(tooltip())
}
