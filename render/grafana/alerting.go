package grafana

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/unit"
)

// The provisioning of alerting rules: see
// https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/.
type alertFile struct {
	APIVersion int          `json:"apiVersion"`
	Groups     []alertGroup `json:"groups"`
}

type alertGroup struct {
	OrgID    int         `json:"orgId"`
	Name     string      `json:"name"`
	Folder   string      `json:"folder"`
	Interval string      `json:"interval"`
	Rules    []alertRule `json:"rules"`
}

type alertRule struct {
	UID           string            `json:"uid"`
	Title         string            `json:"title"`
	Condition     string            `json:"condition"`
	Data          []alertQuery      `json:"data"`
	NoDataState   string            `json:"noDataState"`
	ExecErrState  string            `json:"execErrState"`
	For           string            `json:"for"`
	KeepFiringFor string            `json:"keepFiringFor,omitempty"`
	Annotations   map[string]string `json:"annotations"`
	Labels        map[string]string `json:"labels"`
	IsPaused      bool              `json:"isPaused"`
}

type alertQuery struct {
	RefID             string         `json:"refId"`
	RelativeTimeRange *timeRange     `json:"relativeTimeRange,omitempty"`
	DatasourceUID     string         `json:"datasourceUid"`
	Model             map[string]any `json:"model"`
}

type timeRange struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// The names of an alert's query and of the condition on it.
const (
	valueRef     = "A"
	conditionRef = "C"
)

// Alerting returns grafana/provisioning/alerting/<group>.yaml: the alerting rules as Grafana evaluates them itself, in the
// place of Prometheus's. They read no recorded series, since nothing records them there. Who is told, by contact points and
// notification policies, is left to Grafana.
func Alerting(p *plan.Plan) ([]tree.File, error) {
	var files []tree.File
	for _, g := range p.Groups {
		group := alertGroup{OrgID: 1, Name: g.Name, Folder: p.Title, Interval: unit.Duration(g.Interval)}
		for _, r := range g.Rules {
			if r.Alert != nil {
				group.Rules = append(group.Rules, managed(p, r))
			}
		}
		if len(group.Rules) == 0 {
			continue
		}
		data, err := tree.YAML(alertFile{APIVersion: 1, Groups: []alertGroup{group}})
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", g.Name, err)
		}
		files = append(files, tree.File{Path: "grafana/provisioning/alerting/" + g.Name + ".yaml", Data: append([]byte(firstLine), data...)})
	}
	return files, nil
}

func managed(p *plan.Plan, r *plan.Rule) alertRule {
	a := r.Alert
	expr, condition := split(r.Source)
	out := alertRule{
		UID: alertUID(a.Name), Title: a.Name, Condition: conditionRef, Labels: maps.Clone(r.Labels), For: "0s",
		// As in Prometheus: nothing there is nothing wrong, and what cannot be evaluated changes nothing.
		NoDataState: "OK", ExecErrState: "KeepLast",
		Data: []alertQuery{
			{
				RefID: valueRef, DatasourceUID: dataSourceUID(p), RelativeTimeRange: &timeRange{From: 600},
				Model: map[string]any{"refId": valueRef, "expr": expr, "instant": true, "range": false, "editorMode": "code"},
			},
			{RefID: conditionRef, DatasourceUID: "__expr__", Model: condition},
		},
		Annotations: map[string]string{"summary": managedText(a.Summary), "description": managedText(a.Description)},
	}
	if a.For > 0 {
		out.For = unit.Duration(a.For)
	}
	if a.KeepFiringFor > 0 {
		out.KeepFiringFor = unit.Duration(a.KeepFiringFor)
	}
	if a.RunbookURL != "" {
		out.Annotations["runbook_url"] = a.RunbookURL
	}
	if a.Panel != nil {
		out.Annotations["__dashboardUid__"], out.Annotations["__panelId__"] = a.Board.UID, strconv.Itoa(a.Panel.ID)
	}
	return out
}

// split returns what an alert asks Prometheus for, and the condition on that. A comparison with a number is Grafana's to
// make, so that its pages show the value beside the threshold; of any other condition each series that comes back is one.
func split(e plan.Expr) (expr string, condition map[string]any) {
	condition = map[string]any{"refId": conditionRef, "expression": valueRef, "datasource": map[string]any{"type": "__expr__", "uid": "__expr__"}}
	c, ok := e.Tree.(*parser.BinaryExpr)
	if ok && c.Op.IsComparisonOperator() && !c.ReturnBool {
		if bound, ok := c.RHS.(*parser.NumberLiteral); ok {
			of := e
			of.Tree = c.LHS
			if p, ok := c.LHS.(*parser.ParenExpr); ok {
				of.Tree = p.Expr
			}
			if kind := map[parser.ItemType]string{parser.GTR: "gt", parser.LSS: "lt"}[c.Op]; kind != "" {
				condition["type"] = "threshold"
				condition["conditions"] = []any{map[string]any{"evaluator": map[string]any{"type": kind, "params": []float64{bound.Val}}}}
				return query.Text(of.Tree, plan.RateInterval, true), condition
			}
			condition["type"] = "math"
			condition["expression"] = fmt.Sprintf("$%s %s %s", valueRef, c.Op, strconv.FormatFloat(bound.Val, 'f', -1, 64))
			return query.Text(of.Tree, plan.RateInterval, true), condition
		}
	}
	condition["type"] = "math"
	condition["expression"] = fmt.Sprintf("is_number($%[1]s) || is_nan($%[1]s) || is_inf($%[1]s)", valueRef)
	return query.Text(e.Tree, plan.RateInterval, true), condition
}

// managedText returns a text with the value as Grafana's templates know it: theirs is a description of all values.
func managedText(s string) string {
	return strings.ReplaceAll(s, "$value ", "$values."+valueRef+".Value ")
}

// alertUID returns the uid of an alert: at most 40 characters, and the same as long as its name is.
func alertUID(name string) string {
	s := slug(name)
	if len(s) > 40 {
		sum := sha256.Sum256([]byte(name))
		s = s[:31] + "-" + hex.EncodeToString(sum[:4])
	}
	return s
}
