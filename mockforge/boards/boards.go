// Package boards has MockForge's dashboards.
package boards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
)

// The uids of the dashboards.
const (
	OverviewUID      = "mockforge-overview"
	ComprehensiveUID = "mockforge-comprehensive"
	AsyncUID         = "mockforge-async-protocols"
	ChaosUID         = "mockforge-chaos"
	WorkspaceUID     = "mockforge-workspace"
	MarketplaceUID   = "mockforge-marketplace"
)

// All are the dashboards, in the order of the documentation.
var All = []*dashboards.Board{Overview, Comprehensive, AsyncProtocols, Chaos, Workspaces, Marketplace}

// alertWindow is the window of panels that an alert or a recording rule shares its expression with, so that
// a threshold is compared with the very line that it is drawn on.
const alertWindow = 5 * time.Minute

// Pickers that several dashboards have.
var (
	job       = dashboards.Values(catalog.Job).Titled("Job")
	instance  = dashboards.Values(catalog.Instance).Titled("Instance")
	protocol  = dashboards.Values(metrics.Protocol).Titled("Protocol")
	workspace = dashboards.Values(metrics.Workspace).Titled("Workspace")
)

// elsewhere are links to the other dashboards.
func elsewhere(here string) []dashboards.Link {
	var out []dashboards.Link
	for _, uid := range []string{OverviewUID, ComprehensiveUID, AsyncUID, ChaosUID, WorkspaceUID, MarketplaceUID} {
		if uid != here {
			out = append(out, dashboards.Link{Dashboard: uid})
		}
	}
	return out
}

// events marks restarts and firing alerts on the graphs.
func events() []dashboards.Annotation {
	return []dashboards.Annotation{
		{
			Title: "Restart", Text: dashboards.By(catalog.Instance), Level: catalog.Neutral,
			On: query.Changes(external.ProcessStartTime).Over(2 * time.Minute).Above(0),
		},
		{
			Title: "Alert", Text: dashboards.By(external.AlertName), Level: catalog.Bad, Hidden: true,
			On: query.Select(external.AlertsActive, external.AlertState.Is(external.Firing), external.AlertName.Matches("MockForge.*")).Present(),
		},
	}
}

// toDetails leads from a panel by protocol to everything that is known of the protocol.
var toDetails = []dashboards.Link{{Title: "Details of this protocol", Dashboard: ComprehensiveUID, Set: []catalog.AnyLabel{metrics.Protocol}}}
