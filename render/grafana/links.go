package grafana

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/obsgen/obsgen/plan"
)

// newLink returns a link. The SDK's builder would move it into the menu of controls.
func newLink(title, url string) dashboard.DashboardLink {
	return dashboard.DashboardLink{Title: title, Type: dashboard.DashboardLinkTypeLink, Url: &url, Tags: []string{}}
}

// boardLink stands above the panels.
func boardLink(l plan.Link) dashboard.DashboardLink {
	if l.Board == nil {
		x := newLink(l.Title, l.URL)
		x.Icon, x.TargetBlank = "external link", true
		return x
	}
	url := "/d/" + l.Board.UID
	if l.Panel != nil {
		url += "?" + viewPanel(l.Panel)
	}
	x := newLink(l.Title, url)
	x.Icon, x.KeepTime, x.IncludeVars = "dashboard", true, true
	return x
}

// panelLinks stand in a panel's heading: where to go on, and what to do if one of its alerts fires.
func panelLinks(p *plan.Panel) []dashboard.DashboardLink {
	var out []dashboard.DashboardLink
	for _, l := range p.Links {
		if !ofSeries(l) {
			out = append(out, linkTo(l, nil))
		}
	}
	for _, r := range p.Alerts {
		if r.Alert != nil && r.Alert.RunbookURL != "" {
			out = append(out, linkTo(plan.Link{Title: "Alert: " + r.Alert.Name, URL: r.Alert.RunbookURL}, nil))
		}
	}
	return out
}

// dataLinks open at a series that was clicked, and hand on its labels.
func dataLinks(p *plan.Panel) []dashboard.DashboardLink {
	var out []dashboard.DashboardLink
	for _, l := range p.Links {
		if ofSeries(l) {
			out = append(out, linkTo(l, func(label string) string { return "${__field.labels." + label + ":percentencode}" }))
		}
	}
	return out
}

func ofSeries(l plan.Link) bool { return l.Board != nil && len(l.Set) > 0 }

// linkTo returns a link with the reader's time range, data source and choices; value is where the value of a
// label is found.
func linkTo(l plan.Link, value func(label string) string) dashboard.DashboardLink {
	if l.Board == nil {
		x := newLink(l.Title, l.URL)
		x.TargetBlank = true
		return x
	}
	query := []string{"${__url_time_range}", "${" + dataSourceVariable + ":queryparam}"}
	for _, v := range l.Carry {
		query = append(query, "${"+v+":queryparam}")
	}
	for _, label := range l.Set {
		query = append(query, "var-"+label+"="+value(label))
	}
	if l.Panel != nil {
		query = append(query, viewPanel(l.Panel))
	}
	return newLink(l.Title, "/d/"+l.Board.UID+"?"+strings.Join(query, "&"))
}

// builders wraps links for the SDK.
func builders(links []dashboard.DashboardLink) []cog.Builder[dashboard.DashboardLink] {
	out := make([]cog.Builder[dashboard.DashboardLink], len(links))
	for i, l := range links {
		out[i] = done[dashboard.DashboardLink]{l}
	}
	return out
}

// viewPanel opens one panel alone. The bare number is understood from Grafana 10 to 13; panel-<id>, which
// Grafana itself writes since 11, is not known to 10.
func viewPanel(p *plan.Panel) string { return "viewPanel=" + strconv.Itoa(p.ID) }
