package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
)

// dashboardChecks look at dashboards and panels.
var dashboardChecks = []*Check{
	{
		ID: "unit/panel", Severity: diag.Error, Title: "A panel in another unit than its values",
		Why:    "Grafana does not convert: a ratio shown as percent is a hundred times too small, milliseconds shown as seconds are a thousand times too large, and nobody notices.",
		Source: grafana + "panels-visualizations/configure-standard-options/#unit",
		Example: Example{PanelOf, `{"title": "Errors", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "percent"}}, "targets": [{"expr": "sum(rate(app_errors_total[$__rate_interval])) / sum(rate(app_requests_total[$__rate_interval]))"}]}`,
			`{"title": "Errors", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "percentunit"}}, "targets": [{"expr": "sum(rate(app_errors_total[$__rate_interval])) / sum(rate(app_requests_total[$__rate_interval]))"}]}`},
		Panel: func(p *Panel, report Report) {
			if p.Unit.Value == "" || p.Overrides || p.Transformed || p.Type.Value == "heatmap" || p.Type.Value == "table" || p.Type.Value == "table-old" {
				return
			}
			for _, q := range p.Queries {
				if q.Table == nil || aboutBuckets(q, q.Expr) && q.Root().Kind == infer.BucketRate {
					continue
				}
				if why, mend := misshown(q.Root().Unit, p.Unit.Value); why != "" {
					report(diag.Finding{At: p.Unit.At(), Message: fmt.Sprintf("panel %q: %s", p.Label(), why), Why: "by " + short(q.Expr), Mend: mend,
						Related: []diag.Related{{At: q.Position(q.Expr), Message: "its query"}}})
					return
				}
			}
		},
	},
	{
		ID: "dash/unit-valid", Severity: diag.Warning, Title: "A unit that Grafana does not have",
		Why:     "Grafana shows the bare number and the unknown unit's name behind it.",
		Source:  grafana + "panels-visualizations/configure-standard-options/#unit",
		Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "seconds"}}, "targets": [{"expr": "app_uptime_seconds"}]}`, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "s"}}, "targets": [{"expr": "app_uptime_seconds"}]}`},
		Panel: func(p *Panel, report Report) {
			if id := p.Unit.Value; id != "" && !knownUnit(id) {
				report.at(p.Unit.At(), fmt.Sprintf("panel %q: Grafana has no unit %s", p.Label(), id), "use one of its ids, or suffix:"+id)
			}
		},
	},
	{
		ID: "unit/panel-threshold", Severity: diag.Error, Title: "Thresholds in another scale than the values",
		Why:    "On a panel of a ratio, which runs from 0 to 1, a threshold of 80 is never reached: the colour never changes.",
		Source: grafana + "panels-visualizations/configure-thresholds/",
		Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 80}]}}}, "targets": [{"expr": "app_fill_ratio"}]}`,
			`{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 0.8}]}}}, "targets": [{"expr": "app_fill_ratio"}]}`},
		Panel: func(p *Panel, report Report) {
			if p.Percentage || p.Overrides || len(p.Queries) == 0 || len(p.Thresholds) == 0 {
				return
			}
			for _, q := range p.Queries {
				t := q.Root()
				if q.Table == nil || !t.Unit.IsShare() || t.Unit.Scale() != 1 || !t.Range.IsBounded() || t.Range.Hi > 1 {
					return
				}
			}
			for _, n := range p.Thresholds {
				if n.Value > 1 && n.Value != 80 && n.Value != 100 || n.Value > 1 && len(p.Thresholds) > 0 && p.Unit.Value == "percentunit" {
					report.at(n.At.At(), fmt.Sprintf("panel %q: a ratio never reaches %v", p.Label(), n.Value), fmt.Sprintf("write %v", n.Value/100))
					return
				}
			}
		},
	},
	{
		ID: "dash/mixed-units", Severity: diag.Warning, Title: "Two units on one axis",
		Why:     "Lines of bytes and of seconds on one axis cannot be compared, and one of them lies flat.",
		Source:  grafana + "panels-visualizations/configure-overrides/",
		Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "app_memory_bytes"}, {"expr": "app_uptime_seconds"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "app_memory_bytes"}, {"expr": "app_limit_bytes"}]}`},
		Panel: func(p *Panel, report Report) {
			if p.Overrides || p.Transformed || p.Type.Value != "timeseries" && p.Type.Value != "graph" {
				return
			}
			var first *Query
			for _, q := range p.Queries {
				u := q.Root().Unit
				if q.Table == nil || q.Target.Hidden || !u.IsKnown() || u.IsLiteral() || u.IsState() {
					continue
				}
				if first == nil {
					first = q
					continue
				}
				if a := first.Root().Unit; !a.SameDimension(u) && (a.IsBytes() || a.IsDuration() || u.IsBytes() || u.IsDuration()) {
					report(diag.Finding{At: q.Position(q.Expr), Message: fmt.Sprintf("panel %q shows %s and %s on one axis", p.Label(), a, u), Mend: "give one of them an axis of its own, or a panel",
						Related: []diag.Related{{At: first.Position(first.Expr), Message: "in " + a.String()}}})
					return
				}
			}
		},
	},
	{
		ID: "label/legend", Severity: diag.Warning, Title: "A legend with a label that the lines do not have",
		Why:     "The placeholder prints nothing, or its own name, and all lines have one name.",
		Source:  grafana + "datasources/prometheus/query-editor/#legend",
		Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "sum by (job) (up)", "legendFormat": "{{instance}}"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "sum by (job) (up)", "legendFormat": "{{job}}"}]}`},
		Query: func(q *Query, report Report) {
			if q.Target == nil || q.Target.Legend.Value == "" || q.Panel == nil {
				return
			}
			for _, m := range legendLabel.FindAllStringSubmatchIndex(q.Target.Legend.Value, -1) {
				name := q.Target.Legend.Value[m[2]:m[3]]
				root := q.Root()
				if root.Labels.Has(name) || name == "__name__" || q.hasVariable(uint8(source.AsName)) && replacedLabel(root) {
					continue
				}
				has := "they have no labels"
				if names := visible(root); len(names) > 0 {
					has = "they have " + strings.Join(names, ", ")
				}
				report.because(q.Target.Legend.Position(m[2], m[3]), fmt.Sprintf("the lines of panel %q have no label %s", q.Panel.Label(), name), has, "name a label that the query keeps")
			}
		},
	},
	{
		ID: "dash/var-undefined", Severity: diag.Error, Title: "A variable that the dashboard does not have",
		Why:    "Grafana sends the text as it stands: the query selects nothing.",
		Source: grafana + "dashboards/variables/",
		Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$jop\"}"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`,
			`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`},
		Dashboard: func(d *Dashboard, report Report) {
			if slices.ContainsFunc(d.Dashboard.Panels, func(p *source.Panel) bool { return p.Library }) && len(d.Variables) == 0 {
				return
			}
			seen := map[string]bool{}
			for _, p := range d.Panels {
				for _, q := range p.Queries {
					for _, v := range q.Variables {
						if builtIn(v.Name) || d.Variable(v.Name) != nil || groupNumber(v.Name) || p.Repeat.Value == v.Name {
							continue
						}
						if key := p.Label() + v.Name; !seen[key] {
							seen[key] = true
							mend := "define it, or drop it"
							var names []string
							for _, x := range d.Variables {
								names = append(names, x.Name.Value)
							}
							if near := diag.Nearest(v.Name, names); near != "" {
								mend = "did you mean $" + near + "?"
							}
							report(diag.Finding{At: q.VariablePosition(v), Subject: p.Label(), Message: "the dashboard has no variable " + v.Name, Mend: mend})
						}
					}
				}
			}
		},
	},
	{
		ID: "dash/var-unused", Severity: diag.Info, Title: "A variable that nothing uses",
		Why:    "Whoever picks a value expects the panels to change.",
		Source: grafana + "dashboards/variables/",
		Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`,
			`{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`},
		Dashboard: func(d *Dashboard, report Report) {
			used := map[string]bool{}
			note := func(text string) {
				for _, n := range source.References(text) {
					used[n] = true
				}
			}
			for _, t := range d.Texts {
				note(t.Value)
				used[t.Value] = true // a repeat is the bare name
			}
			for _, p := range d.Panels {
				for _, q := range p.Queries {
					note(q.Text.Value)
					note(q.Target.Legend.Value)
				}
			}
			for _, a := range d.Annotations {
				note(a.Text.Value)
			}
			for _, v := range d.Variables {
				note(v.Query.Value)
				if v.DataSource != nil {
					note(v.DataSource.UID.Value)
				}
			}
			raw := string(d.File.Data)
			for _, v := range d.Variables {
				n := v.Name.Value
				if n == "" || used[n] || v.Type.Value == "adhoc" || v.Type.Value == "datasource" && len(d.Variables) > 0 && strings.Contains(raw, "{"+n+"}") || strings.Contains(raw, "$"+n) || strings.Contains(raw, "${"+n) || strings.Contains(raw, "[["+n) {
					continue
				}
				if v.Type.Value == "adhoc" {
					continue
				}
				report.at(v.Name.At(), "nothing uses the variable "+n, "use it, or delete it")
			}
		},
	},
	{
		ID: "dash/var-multi-eq", Severity: diag.Error, Title: "A choice of several compared with =",
		Why:    "Several chosen values, and All, become a regular expression, which = compares as plain text: the panel is empty.",
		Source: grafana + "dashboards/variables/variable-syntax/",
		Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`,
			`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`},
		Dashboard: func(d *Dashboard, report Report) {
			for _, p := range d.Panels {
				for _, q := range p.Queries {
					for _, m := range equalVariable.FindAllStringSubmatchIndex(q.Text.Value, -1) {
						names := source.References(q.Text.Value[m[2]:m[3]])
						if len(names) != 1 {
							continue
						}
						v := d.Variable(names[0])
						if v != nil && v.Multi && p.Repeat.Value != names[0] && !d.repeats(names[0]) {
							report(diag.Finding{At: q.Text.Position(m[0], m[1]), Subject: p.Label(), Message: fmt.Sprintf("several values of $%s can be chosen, which = takes for one", names[0]), Mend: "use =~",
								Edits: []diag.Edit{{At: q.Text.Position(m[0]+1+strings.IndexByte(q.Text.Value[m[0]+1:m[1]], '='), m[0]+2+strings.IndexByte(q.Text.Value[m[0]+1:m[1]], '=')), New: "=~"}}})
						}
					}
				}
			}
		},
	},
	{
		ID: "panel/states", Severity: diag.Warning, Title: "States without a text",
		Why:    "The panel names some of the metric's states and shows the others as bare numbers, or under a name that means something else.",
		Source: grafana + "panels-visualizations/configure-value-mappings/",
		Example: Example{PanelOf, `{"title": "Mode", "type": "stat", "fieldConfig": {"defaults": {"mappings": [{"type": "value", "options": {"0": {"text": "off"}, "1": {"text": "on"}}}]}}, "targets": [{"expr": "app_mode"}]}`,
			`{"title": "Mode", "type": "stat", "fieldConfig": {"defaults": {"mappings": [{"type": "value", "options": {"0": {"text": "healthy"}, "1": {"text": "degraded"}, "2": {"text": "chaos"}}}]}}, "targets": [{"expr": "app_mode"}]}`},
		Panel: func(p *Panel, report Report) {
			if len(p.Mappings) == 0 || p.Overrides {
				return
			}
			for _, q := range p.Queries {
				t := q.Root()
				if t.Metric == nil || !t.Unit.IsState() || len(t.Metric.States) == 0 {
					continue
				}
				var missing []string
				for _, s := range t.Metric.States {
					if !slices.ContainsFunc(p.Mappings, func(n source.Number) bool { return n.Value == s.Value }) {
						missing = append(missing, fmt.Sprintf("%v (%s)", s.Value, s.Name))
					}
				}
				if len(missing) > 0 {
					report.because(p.Mappings[0].At.At(), fmt.Sprintf("panel %q has no text for %s", p.Label(), strings.Join(missing, ", ")), "they are states of "+t.Metric.Name, "map every state")
				}
			}
		},
	},
	{
		ID: "window/rate-interval", Severity: diag.Info, Title: "A fixed window in a graph",
		Why:     "Zoomed out, a graph asks for one point in minutes or hours, and a rate over five minutes leaves out what happened between them. $__rate_interval follows the zoom.",
		Source:  grafana + "datasources/prometheus/template-variables/#use-__rate_interval",
		Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[5m])"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[$__rate_interval])"}]}`},
		Query: func(q *Query, report Report) {
			if q.Panel == nil || q.Target.Instant || q.Panel.Type.Value != "timeseries" && q.Panel.Type.Value != "graph" {
				return
			}
			eachWindow(q, func(w windowed) {
				if needsTwo[w.fn] && strings.HasSuffix(w.fn, "rate") && !q.VariableWindow(w.matrix) && !q.Set.ruled(w) {
					report.at(q.Position(w.matrix), "the window is fixed, and does not follow the zoom", "use [$__rate_interval]")
				}
			})
		},
	},
	{
		ID: "dash/no-target", Severity: diag.Warning, Title: "A panel without a query",
		Why:     "The panel shows nothing.",
		Source:  grafana + "panels-visualizations/",
		Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": []}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "up"}]}`},
		Panel: func(p *Panel, report Report) {
			if p.AllTargets == 0 && !p.Library && slices.Contains([]string{"timeseries", "graph", "stat", "singlestat", "gauge", "bargauge", "piechart", "heatmap", "histogram", "state-timeline"}, p.Type.Value) {
				report.at(p.At().At(), fmt.Sprintf("panel %q has no query", p.Label()), "give it one, or delete it")
			}
		},
	},
	{
		ID: "dash/uid", Severity: diag.Warning, Title: "A dashboard without a uid",
		Why:     "Grafana gives it another uid at every import: links to it break, and provisioning makes a second copy.",
		Source:  grafana + "dashboards/build-dashboards/view-dashboard-json-model/",
		Example: Example{WholeBoard, `{"title": "A", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`},
		Dashboard: func(d *Dashboard, report Report) {
			if d.UID.Value == "" {
				report.at(d.At().At(), fmt.Sprintf("dashboard %q has no uid", d.Title.Value), "give it one, of at most 40 letters, digits, - and _")
			}
		},
	},
	{
		ID: "dash/retired-panel", Severity: diag.Warning, Title: "A panel of a kind that Grafana has retired",
		Why:     "Grafana 12 no longer has the kinds graph, singlestat and table-old: it migrates them when it can, and shows an error when it cannot.",
		Source:  grafana + "developers/angular_deprecation/",
		Example: Example{PanelOf, `{"title": "A", "type": "graph", "targets": [{"expr": "up"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "up"}]}`},
		Panel: func(p *Panel, report Report) {
			if instead := map[string]string{"graph": "timeseries", "singlestat": "stat", "table-old": "table"}[p.Type.Value]; instead != "" {
				report.at(p.Type.At(), fmt.Sprintf("panel %q is of the kind %s, which Grafana has retired", p.Label(), p.Type.Value), "use "+instead)
			}
		},
	},
	{
		ID: "range/panel-axis", Severity: diag.Warning, Title: "An axis that the values do not fit",
		Why:     "A ratio on an axis to 100 lies flat at the bottom; a percentage on an axis to 1 is cut off at the top.",
		Source:  grafana + "panels-visualizations/configure-standard-options/#max",
		Example: Example{PanelOf, `{"title": "A", "type": "gauge", "fieldConfig": {"defaults": {"min": 0, "max": 100}}, "targets": [{"expr": "app_fill_ratio"}]}`, `{"title": "A", "type": "gauge", "fieldConfig": {"defaults": {"min": 0, "max": 1}}, "targets": [{"expr": "app_fill_ratio"}]}`},
		Panel: func(p *Panel, report Report) {
			if p.Max == nil || p.Overrides {
				return
			}
			for _, q := range p.Queries {
				t := q.Root()
				if q.Table == nil || !t.Unit.IsShare() || !t.Range.IsBounded() {
					return
				}
				if t.Range.Hi == 1 && p.Max.Value == 100 {
					report.at(p.Max.At.At(), fmt.Sprintf("panel %q shows a ratio on an axis to 100", p.Label()), "let the axis end at 1, with the unit percentunit")
					return
				}
				if t.Range.Hi == 100 && p.Max.Value == 1 {
					report.at(p.Max.At.At(), fmt.Sprintf("panel %q shows a percentage on an axis to 1", p.Label()), "let the axis end at 100")
					return
				}
			}
		},
	},
	{
		ID: "dash/empty-share", Severity: diag.Info, Title: "A share that is empty until the first failure",
		Why:     "A counter of errors has no series until the first error. Until then, and after every restart, the panel says No data in the place of 0%.",
		Source:  practices + "instrumentation/#avoid-missing-metrics",
		Example: Example{PanelOf, `{"title": "A", "type": "stat", "targets": [{"expr": "sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))"}]}`, `{"title": "A", "type": "stat", "targets": [{"expr": "(sum(rate(app_errors_total[5m])) or vector(0)) / sum(rate(app_requests_total[5m]))"}]}`},
		Query: func(q *Query, report Report) {
			if q.Panel == nil || !slices.Contains([]string{"stat", "gauge", "singlestat", "bargauge"}, q.Panel.Type.Value) {
				return
			}
			if part, ok := bareShare(q); ok {
				report.at(q.Position(part), short(part)+" has no series until something fails: the panel says No data instead of 0", "write ("+short(part)+" or vector(0))")
			}
		},
	},
}

// repeats reports whether a row repeats by a variable, so that its panels see one value at a time.
func (d *Dashboard) repeats(name string) bool {
	return slices.ContainsFunc(d.Texts, func(t source.Text) bool { return t.Value == name })
}

func replacedLabel(t infer.Type) bool {
	return slices.ContainsFunc(t.Labels.Names(), replaced.MatchString)
}

var (
	legendLabel   = regexp.MustCompile(`\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}`)
	equalVariable = regexp.MustCompile(`[^!=<>~]=\s*"((?:\$\w+|\$\{\w+\}|\[\[\w+\]\]))"`)
)

// builtIn reports whether Grafana itself has a variable.
func builtIn(name string) bool {
	return strings.HasPrefix(name, "__") || slices.Contains([]string{"timeFilter", "interval", "rate_interval", "range", "org", "user", "dashboard"}, name) && strings.HasPrefix(name, "__") || name == "timeFilter"
}

// groupNumber reports whether a name is that of a group of a regular expression: $1.
func groupNumber(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}
