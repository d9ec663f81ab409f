package grafana

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/plan"
)

// dataSourceVariable is the picker that every dashboard has, so that one file serves several Prometheuses.
const dataSourceVariable = "datasource"

// dataSource is what all queries name.
func dataSource() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${" + dataSourceVariable + "}")}
}

// dataSourceUID returns the uid of the provisioned data source, which is its name, too.
func dataSourceUID(p *plan.Plan) string {
	if uid := p.Profile.DataSource; uid != "" {
		return uid
	}
	return "prometheus"
}

// variables returns the pickers of a dashboard.
func variables(p *plan.Plan, b *plan.Board) ([]cog.Builder[dashboard.VariableModel], error) {
	builders := []cog.Builder[dashboard.VariableModel]{
		dashboard.NewDatasourceVariableBuilder(dataSourceVariable).Label("Data source").Type("prometheus").
			Current(option(dataSourceUID(p), true)).Multi(false).IncludeAll(false),
	}
	for i, v := range b.Variables {
		switch v.Kind {
		case dashboards.LabelValues:
			builders = append(builders, labelValues(p, v, b.Variables[:i]))
		case dashboards.CustomList:
			builders = append(builders, customList(v))
		case dashboards.Intervals:
			builders = append(builders, intervals(v))
		case dashboards.Filters:
			builders = append(builders, dashboard.NewAdHocVariableBuilder(v.Name).Label(v.Title).Datasource(dataSource()))
		default:
			return nil, fmt.Errorf("variable %s is of kind %q, which Grafana has not", v.Name, v.Kind)
		}
	}
	for i, b := range builders {
		v, err := b.Build()
		if err != nil {
			return nil, err
		}
		builders[i] = done[dashboard.VariableModel]{tidied(v)}
	}
	return builders, nil
}

// tidied removes what the SDK gives to all kinds and only one has, and adds what it leaves out.
func tidied(v dashboard.VariableModel) dashboard.VariableModel {
	v.SkipUrlSync = nil
	switch v.Type {
	case dashboard.VariableTypeInterval:
		v.Refresh = cog.ToPtr(dashboard.VariableRefreshOnTimeRangeChanged)
		v.Multi, v.IncludeAll = nil, nil
		return v
	case dashboard.VariableTypeAdhoc:
		v.Multi, v.IncludeAll = nil, nil
	case dashboard.VariableTypeDatasource:
		v.Refresh = cog.ToPtr(dashboard.VariableRefreshOnDashboardLoad)
	}
	v.Auto, v.AutoMin, v.AutoCount = nil, nil, nil
	return v
}

// labelValues offers the values of a label, among the series that the pickers before it leave.
func labelValues(p *plan.Plan, v plan.Variable, before []plan.Variable) *dashboard.QueryVariableBuilder {
	query := fmt.Sprintf("label_values(%s%s, %s)", v.From, chain(p, v, before), v.Label)
	b := dashboard.NewQueryVariableBuilder(v.Name).Label(v.Title).Datasource(dataSource()).Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{
			"qryType": 1, // label values
			"query":   query,
			"refId":   "PrometheusVariableQueryEditor-VariableQuery",
		}}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(!v.Single).IncludeAll(!v.Single)
	if !v.Single {
		// Not .+ and not the list of all values: a series without the label is one of all.
		b.AllValue(".*").Current(all())
	} else if v.Label == catalog.Job.Name && p.Profile.Job != "" {
		b.Current(option(p.Profile.Job, true))
	}
	return b
}

// chain returns the matchers by which the pickers before a picker narrow what it offers. They must be on every
// series that is searched: a choice in them would leave nothing otherwise.
func chain(p *plan.Plan, v plan.Variable, before []plan.Variable) string {
	has := func(label string) bool {
		if v.Label == catalog.Instance.Name && label == catalog.Job.Name {
			return true // every target has both
		}
		if p.Env == nil {
			return false
		}
		t, ok := p.Env.Lookup(v.From)
		return ok && t.Labels.Certain(label)
	}
	var matchers []string
	for _, w := range before {
		if w.Kind == dashboards.LabelValues && w.Label != v.Label && has(w.Label) {
			op := "=~"
			if w.Single {
				op = "="
			}
			matchers = append(matchers, fmt.Sprintf(`%s%s"$%s"`, w.Label, op, w.Name))
		}
	}
	if len(matchers) == 0 {
		return ""
	}
	return "{" + strings.Join(matchers, ", ") + "}"
}

func customList(v plan.Variable) *dashboard.CustomVariableBuilder {
	escaped := make([]string, len(v.Options))
	var options []dashboard.VariableOption
	if !v.Single {
		options = append(options, all())
	}
	for i, o := range v.Options {
		escaped[i] = strings.ReplaceAll(o, ",", `\,`)
		options = append(options, option(o, v.Single && i == 0))
	}
	b := dashboard.NewCustomVariableBuilder(v.Name).Label(v.Title).Values(queryText(strings.Join(escaped, ","))).
		Options(options).Multi(!v.Single).IncludeAll(!v.Single)
	if len(options) > 0 {
		b.Current(options[0])
	}
	return b
}

// intervals offers durations, of which Grafana insists that one is chosen.
func intervals(v plan.Variable) *dashboard.IntervalVariableBuilder {
	b := dashboard.NewIntervalVariableBuilder(v.Name).Label(v.Title).Values(queryText(strings.Join(v.Options, ","))).Auto(false)
	options := make([]dashboard.VariableOption, len(v.Options))
	for i, o := range v.Options {
		options[i] = option(o, i == 0)
	}
	if len(options) > 0 {
		b.Options(options).Current(options[0])
	}
	return b
}

func queryText(s string) dashboard.StringOrMap { return dashboard.StringOrMap{String: &s} }

// option returns a choice, which is shown as it is used.
func option(value string, selected bool) dashboard.VariableOption {
	x := dashboard.StringOrArrayOfString{String: &value}
	return dashboard.VariableOption{Selected: &selected, Text: x, Value: x}
}

// all is the choice of all values.
func all() dashboard.VariableOption {
	return dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
}
