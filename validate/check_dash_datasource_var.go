package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashDatasourceVar = &Check{
	ID: "dash/datasource-var", Severity: diag.Info, Title: "A dashboard tied to one data source",
	Why:       "The data source is named by its uid, which another Grafana does not have: imported there the dashboard is empty. A variable of the kind datasource lets everybody choose.",
	Source:    grafana + "dashboards/variables/add-template-variables/#add-a-data-source-variable",
	OnRequest: true,
	Example:   Example{PanelOf, `{"title": "P", "type": "stat", "datasource": {"type": "prometheus", "uid": "a1b2"}, "targets": [{"expr": "up"}]}`, `{"title": "P", "type": "stat", "datasource": {"type": "prometheus", "uid": "${datasource}"}, "targets": [{"expr": "up"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.DataSource == nil || p.DataSource.UID.Value == "" || len(source.References(p.DataSource.UID.Value)) > 0 || strings.HasPrefix(p.DataSource.UID.Value, "-- ") || len(p.Queries) == 0 {
			return
		}
		report.at(p.DataSource.UID.At(), fmt.Sprintf("panel %q reads the data source %s and no other", p.Label(), p.DataSource.UID.Value), "use a variable: ${datasource}")
	},
}
