package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

var severityLevel = map[rules.Severity]catalog.Level{
	rules.Page: catalog.Bad, rules.Ticket: catalog.Caution, rules.Notice: catalog.Neutral,
}

// drawAlerts draws the threshold of every alert on its panel and links the two.
func (b *builder) drawAlerts() {
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			for _, l := range p.decl.Levels {
				p.Thresholds = append(p.Thresholds, Threshold{At: l.At, Level: l.Level, Below: l.Below})
			}
		}
	}
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.Alert == nil || r.warn.Panel == nil {
				continue
			}
			at, ok := b.panels[r.warn.Panel]
			if !ok {
				b.report(r.Site, diag.Error, "alert/panel", r.Alert.Name,
					fmt.Sprintf("the panel %q of alert %s is on no dashboard", r.warn.Panel.Title, r.Alert.Name), "put it on one")
				continue
			}
			r.Alert.Board, r.Alert.Panel = at.board, at.panel
			at.panel.Alerts = append(at.panel.Alerts, r)
			b.drawThreshold(r, at.panel)
		}
	}
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			slices.SortStableFunc(p.Thresholds, func(x, y Threshold) int {
				switch {
				case x.At < y.At:
					return -1
				case x.At > y.At:
					return 1
				}
				return int(x.Level) - int(y.Level)
			})
		}
	}
}

func (b *builder) drawThreshold(r *Rule, p *Panel) {
	if !r.Alert.HasThreshold || len(p.Targets) == 0 {
		return
	}
	mine, its := r.Alert.Value.Type.Unit, p.Unit
	if !mine.Fits(its) {
		b.report(r.Site, diag.Error, "alert/panel-unit", r.Alert.Name,
			fmt.Sprintf("alert %s compares %s, its panel %q shows %s", r.Alert.Name, mine, p.Title, its), "link the panel that shows what the alert compares")
		return
	}
	t := Threshold{At: r.Alert.Threshold, Level: severityLevel[r.Alert.Severity], Alert: r}
	switch r.Alert.Op {
	case query.Greater, query.GreaterEqual:
	case query.Less, query.LessEqual:
		t.Below = true
	default:
		return // an equality has no side to colour
	}
	p.Thresholds = append(p.Thresholds, t)
}

// texts fills the annotations of alerts: values in their unit, labels, and the numbers that are written
// elsewhere.
func (b *builder) texts() {
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.Alert == nil {
				continue
			}
			a := r.Alert
			a.Summary, a.SummaryText, a.summary = b.text(r, r.warn.Summary)
			description := r.warn.Description
			if description.IsZero() {
				description = usualDescription(r)
			}
			a.Description, a.DescriptionText, a.description = b.text(r, description)
			if base := b.plan.Profile.RunbookURL; base != "" {
				a.RunbookURL = strings.TrimSuffix(base, "/") + "/alerts/" + a.Name + ".md"
			}
		}
	}
}

// usualDescription says in which way and for how long the value is out of bounds.
func usualDescription(r *Rule) rules.Text {
	if !r.Alert.HasThreshold {
		return r.warn.Summary
	}
	word := map[query.Comparison]string{
		query.Greater: "above", query.GreaterEqual: "at or above", query.Less: "below", query.LessEqual: "at or below",
		query.EqualTo: "equal to", query.NotEqualTo: "different from",
	}[r.Alert.Op]
	if r.Alert.For == 0 {
		return rules.Textf("The value is %v, "+word+" %v.", rules.Value, rules.Threshold)
	}
	return rules.Textf("The value is %v; it has been "+word+" %v for %v.", rules.Value, rules.Threshold, rules.For)
}

// thresholdSlot stands in a text for the threshold.
const thresholdSlot = "\x00"

// TextsWith returns the annotations of an alert whose threshold is another one, which text says.
func (a *Alert) TextsWith(text string) (summary, description string) {
	return strings.ReplaceAll(a.summary, thresholdSlot, text), strings.ReplaceAll(a.description, thresholdSlot, text)
}

// With returns the rule's expression with another threshold. It is the same where the alert has none.
func (r *Rule) With(threshold float64) Expr {
	e := r.Expr
	if r.Alert != nil && r.Alert.HasThreshold {
		e.Tree = replaceThreshold(e.Tree, r.Alert, threshold)
	}
	return e
}

// text returns a text with Prometheus's templates in it, once more for people, with names in their place, and the first
// with a slot in the place of the threshold.
func (b *builder) text(r *Rule, t rules.Text) (template, prose, slotted string) {
	if t.Wrong != "" {
		b.report(t.Site, diag.Error, "template/format", r.Alert.Name, "text of "+r.Alert.Name+": "+t.Wrong, "use %v and %s only, with one argument for each")
		return "", "", ""
	}
	var tb, pb, sb strings.Builder
	for _, p := range t.Parts {
		before := tb.Len()
		switch {
		case p.Label != nil:
			if !r.Source.Type.Labels.Has(p.Label.Name) {
				b.report(t.Site, diag.Error, "template/label", r.Alert.Name,
					fmt.Sprintf("text of %s names the label %s, which the condition does not keep; it keeps %s", r.Alert.Name, p.Label.Name, labelList(r.Source.Type)),
					"keep the label in the condition, or leave it out")
			}
			tb.WriteString("{{ $labels." + p.Label.Name + " }}")
			pb.WriteString("<" + p.Label.Name + ">")
		case p.Placeholder == rules.Value:
			tb.WriteString(r.Alert.Value.Type.Unit.Template())
			pb.WriteString("<value>")
		case p.Placeholder != 0:
			s := b.quantity(r, p.Placeholder, t.Site)
			tb.WriteString(s)
			pb.WriteString(s)
		default:
			if strings.Contains(p.Literal, "{{") {
				b.report(t.Site, diag.Error, "template/literal", r.Alert.Name, "text of "+r.Alert.Name+" has a template of its own: "+p.Literal, "use rules.Value or a label")
			}
			tb.WriteString(p.Literal)
			pb.WriteString(p.Literal)
		}
		if p.Placeholder == rules.Threshold {
			sb.WriteString(thresholdSlot)
		} else {
			sb.WriteString(tb.String()[before:])
		}
	}
	return tb.String(), pb.String(), sb.String()
}

func (b *builder) quantity(r *Rule, p rules.Placeholder, site diag.Site) string {
	switch p {
	case rules.Threshold:
		if !r.Alert.HasThreshold {
			b.report(site, diag.Error, "template/threshold", r.Alert.Name,
				"text of "+r.Alert.Name+" prints a threshold, and its condition is not a comparison with one number", "leave it out")
		}
		return r.Alert.Value.Type.Unit.Format(r.Alert.Threshold)
	case rules.For:
		if r.Alert.For == 0 {
			b.report(site, diag.Error, "template/for", r.Alert.Name, "text of "+r.Alert.Name+" says how long, and the alert has no For", "set Alert.For or leave it out")
		}
		return unit.Prose(r.Alert.For)
	default:
		ws := windowsOf(r.Source.Tree)
		if len(ws) == 0 {
			b.report(site, diag.Error, "template/window", r.Alert.Name, "text of "+r.Alert.Name+" prints a window, and its condition has none", "leave it out")
		}
		parts := make([]string, len(ws))
		for i, w := range ws {
			parts[i] = unit.Prose(w)
		}
		return strings.Join(parts, " and ")
	}
}

// windowsOf returns the windows of an expression, longest first.
func windowsOf(e parser.Expr) []time.Duration {
	var out []time.Duration
	query.Walk(e, func(n parser.Expr) {
		switch m := n.(type) {
		case *parser.MatrixSelector:
			out = append(out, m.Range)
		case *parser.SubqueryExpr:
			out = append(out, m.Range)
		}
	})
	slices.Sort(out)
	out = slices.Compact(out)
	slices.Reverse(out)
	return out
}
