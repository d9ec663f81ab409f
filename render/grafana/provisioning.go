package grafana

import (
	"fmt"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
)

// mounted is where Grafana finds grafana/dashboards, by the convention of its container image.
const mounted = "/var/lib/grafana/dashboards"

const firstLine = "# Written by obsgen build. Change the project's declarations instead.\n"

type dashboardProviders struct {
	APIVersion int        `json:"apiVersion"`
	Providers  []provider `json:"providers"`
}

type provider struct {
	Name                  string          `json:"name"`
	Type                  string          `json:"type"`
	Folder                string          `json:"folder"`
	DisableDeletion       bool            `json:"disableDeletion"`
	Editable              bool            `json:"editable"`
	AllowUIUpdates        bool            `json:"allowUiUpdates"`
	UpdateIntervalSeconds int             `json:"updateIntervalSeconds"`
	Options               providerOptions `json:"options"`
}

type providerOptions struct {
	Path string `json:"path"`
}

type dataSources struct {
	APIVersion  int              `json:"apiVersion"`
	DataSources []dataSourceFile `json:"datasources"`
}

type dataSourceFile struct {
	Name     string         `json:"name"`
	UID      string         `json:"uid"`
	Type     string         `json:"type"`
	Access   string         `json:"access"`
	URL      string         `json:"url"`
	Editable bool           `json:"editable"`
	JSONData dataSourceData `json:"jsonData"`
}

type dataSourceData struct {
	HTTPMethod     string `json:"httpMethod"`
	PrometheusType string `json:"prometheusType"`
	TimeInterval   string `json:"timeInterval,omitempty"`
}

// provision returns the provisioning of folders and data source. Each folder has a provider of its own: that
// alone gives it the title it was declared with, where Grafana would take a directory's name as it is.
func provision(p *plan.Plan, folders []string) ([]tree.File, error) {
	boards := dashboardProviders{APIVersion: 1, Providers: []provider{}}
	for _, title := range folders {
		boards.Providers = append(boards.Providers, provider{
			Name: p.Name + "/" + slug(title), Type: "file", Folder: title, UpdateIntervalSeconds: 30,
			Options: providerOptions{Path: mounted + "/" + slug(title)},
		})
	}
	uid := dataSourceUID(p)
	data := dataSourceData{HTTPMethod: "POST", PrometheusType: "Prometheus"}
	if i := p.Profile.ScrapeInterval; i > 0 {
		data.TimeInterval = span(i) // $__rate_interval is at least four of these
	}
	sources := dataSources{APIVersion: 1, DataSources: []dataSourceFile{{
		Name: uid, UID: uid, Type: "prometheus", Access: "proxy", URL: p.Profile.PrometheusURL, JSONData: data,
	}}}
	var files []tree.File
	for _, f := range []struct {
		path    string
		content any
	}{
		{"grafana/provisioning/dashboards/obsgen.yaml", boards},
		{"grafana/provisioning/datasources/obsgen.yaml", sources},
	} {
		data, err := tree.YAML(f.content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		files = append(files, tree.File{Path: f.path, Data: append([]byte(firstLine), data...)})
	}
	return files, nil
}
