package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

// legends names the series of every query: by the labels of the result where nothing was said, and the
// panel's title where it has none. It reports placeholders of labels that the result lacks.
func (b *builder) legends() {
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			if p.Kind == dashboards.KindTable {
				b.tableLabels(p, board.decl.Keep)
				continue
			}
			for i := range p.Targets {
				t := &p.Targets[i]
				switch {
				case t.Buckets:
					t.Legend = "{{le}}"
				case t.Legend == "":
					t.Legend = usualLegend(t.Source.Type, p.Title)
				default:
					b.placeholders(p.Site, p.Title, t.Legend, t.Source.Type)
				}
			}
		}
		for _, a := range board.Annotations {
			b.placeholders(board.Site, board.UID, a.Text, a.Expr.Type)
		}
	}
}

// usualLegend names series by the labels in which they can differ.
func usualLegend(t infer.Type, title string) string {
	var parts []string
	names := t.Labels.Names()
	for _, l := range names {
		if l != catalog.Job.Name && (l != catalog.Instance.Name || len(names) <= 2) {
			parts = append(parts, "{{"+l+"}}")
		}
	}
	if len(parts) == 0 {
		return title
	}
	return strings.Join(parts, " ")
}

var legendLabel = regexp.MustCompile(`\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}`)

func (b *builder) placeholders(site diag.Site, subject, text string, t infer.Type) {
	for _, m := range legendLabel.FindAllStringSubmatch(text, -1) {
		if !t.Labels.Has(m[1]) {
			b.report(site, diag.Error, "legend/label", subject,
				fmt.Sprintf("the legend %q of %q names %s, which the result has not; it has %s", text, subject, m[1], labelList(t)), "name labels that the query keeps")
		}
	}
}

func labelList(t infer.Type) string {
	names := t.Labels.Names()
	if len(names) == 0 {
		return "no labels"
	}
	return strings.Join(names, ", ")
}

// tableLabels finds the columns of labels of a table, whose queries must agree in them.
func (b *builder) tableLabels(p *Panel, keep []catalog.AnyLabel) {
	for i, t := range p.Targets {
		names := t.Source.Type.Labels.Names()
		if i == 0 {
			for _, l := range inGroupingOrder(t.Source.Tree, names) {
				if slices.ContainsFunc(keep, func(k catalog.AnyLabel) bool { return k.Def().Name == l }) {
					p.Hidden = append(p.Hidden, l)
				} else {
					p.Labels = append(p.Labels, l)
				}
			}
			continue
		}
		if !slices.Equal(slices.Sorted(slices.Values(slices.Concat(p.Labels, p.Hidden))), names) {
			b.report(p.Site, diag.Error, "table/labels", p.Title,
				fmt.Sprintf("column %q of table %q has the labels %s, the first has %s", t.Legend, p.Title, labelList(t.Source.Type), strings.Join(p.Labels, ", ")),
				"group all columns by the same labels")
		}
	}
}

// inGroupingOrder orders labels as the outermost aggregation lists them.
func inGroupingOrder(e parser.Expr, names []string) []string {
	var out []string
	for _, l := range levelLabels(e) {
		if slices.Contains(names, l) && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	for _, l := range names {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// describePanels joins what a panel shows, what is bad, and which alerts watch it.
func (b *builder) describePanels() {
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			parts := []string{p.Shows, p.BadWhen}
			for _, r := range p.Alerts {
				parts = append(parts, "Alert: "+r.Alert.Name+".")
			}
			parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
			p.Description = strings.Join(parts, "\n\n")
		}
	}
}
