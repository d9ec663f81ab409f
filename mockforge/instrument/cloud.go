package instrument

import (
	"time"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// Workspaces records the requests of each workspace.
type Workspaces struct {
	requests instrument.Counter[metrics.WorkspaceRequestLabels]
	duration instrument.Histogram[metrics.WorkspaceCallLabels]
	routes   instrument.Gauge[metrics.WorkspaceLabels]
	errors   instrument.Counter[metrics.WorkspaceErrorLabels]
}

func newWorkspaces(r *instrument.Registry) *Workspaces {
	return &Workspaces{
		requests: instrument.NewCounter(r, metrics.WorkspaceRequestsTotal), duration: instrument.NewHistogram(r, metrics.WorkspaceRequestDuration),
		routes: instrument.NewGauge(r, metrics.WorkspaceActiveRoutes), errors: instrument.NewCounter(r, metrics.WorkspaceErrorsTotal),
	}
}

// Request records a request of a workspace.
func (w *Workspaces) Request(workspace, verb string, status int, took time.Duration) {
	id, method := metrics.Workspace.Value(workspace), metrics.HTTPMethod.Value(verb)
	w.requests.With(metrics.PerWorkspaceRequest.Of(id, method, metrics.HTTPStatus.Value(statusText(status)))).Inc()
	w.duration.With(metrics.PerWorkspaceCall.Of(id, method)).Observe(took.Seconds())
}

// Failed records an error of a workspace.
func (w *Workspaces) Failed(workspace, kind string) {
	w.errors.With(metrics.PerWorkspaceError.Of(metrics.Workspace.Value(workspace), metrics.WorkspaceErrorType.Value(kind))).Inc()
}

// Routes records how many routes a workspace has now.
func (w *Workspaces) Routes(workspace string, n int) {
	w.routes.With(metrics.PerWorkspace.Of(metrics.Workspace.Value(workspace))).Set(float64(n))
}

// Marketplace records the marketplace.
type Marketplace struct {
	published, downloaded, searched       instrument.Counter[metrics.MarketplaceOperationLabels]
	publishTook, downloadTook, searchTook instrument.Histogram[metrics.ItemTypeLabels]
	errors                                instrument.Counter[metrics.MarketplaceErrorLabels]
	items                                 instrument.Gauge[metrics.ItemTypeLabels]
}

func newMarketplace(r *instrument.Registry) *Marketplace {
	return &Marketplace{
		published: instrument.NewCounter(r, metrics.MarketplacePublishTotal), downloaded: instrument.NewCounter(r, metrics.MarketplaceDownloadTotal),
		searched: instrument.NewCounter(r, metrics.MarketplaceSearchTotal), publishTook: instrument.NewHistogram(r, metrics.MarketplacePublishDuration),
		downloadTook: instrument.NewHistogram(r, metrics.MarketplaceDownloadDuration), searchTook: instrument.NewHistogram(r, metrics.MarketplaceSearchDuration),
		errors: instrument.NewCounter(r, metrics.MarketplaceErrorsTotal), items: instrument.NewGauge(r, metrics.MarketplaceItems),
	}
}

// Published records that an item was published, or not.
func (m *Marketplace) Published(item metrics.ItemTypeValue, ok bool, took time.Duration) {
	operation(m.published, m.publishTook, item, ok, took)
}

// Downloaded records that an item was downloaded, or not.
func (m *Marketplace) Downloaded(item metrics.ItemTypeValue, ok bool, took time.Duration) {
	operation(m.downloaded, m.downloadTook, item, ok, took)
}

// Searched records a search for items.
func (m *Marketplace) Searched(item metrics.ItemTypeValue, ok bool, took time.Duration) {
	operation(m.searched, m.searchTook, item, ok, took)
}

func operation(n instrument.Counter[metrics.MarketplaceOperationLabels], d instrument.Histogram[metrics.ItemTypeLabels], item metrics.ItemTypeValue, ok bool, took time.Duration) {
	status := metrics.MarketplaceSuccess
	if !ok {
		status = metrics.MarketplaceError
	}
	n.With(metrics.PerMarketplaceOperation.Of(item, status)).Inc()
	d.With(metrics.PerItemType.Of(item)).Observe(took.Seconds())
}

// Failed records why an operation failed.
func (m *Marketplace) Failed(item metrics.ItemTypeValue, code metrics.ErrorCodeValue) {
	m.errors.With(metrics.PerMarketplaceError.Of(item, code)).Inc()
}

// Items records how many items are on offer now.
func (m *Marketplace) Items(item metrics.ItemTypeValue, n int) {
	m.items.With(metrics.PerItemType.Of(item)).Set(float64(n))
}

// Drift records how far answers depart from their contracts.
type Drift struct {
	percentage, total, breaking, exceeded instrument.Gauge[metrics.DriftLabels]
}

func newDrift(r *instrument.Registry) *Drift {
	return &Drift{
		instrument.NewGauge(r, metrics.DriftPercentage), instrument.NewGauge(r, metrics.DriftTotalChanges),
		instrument.NewGauge(r, metrics.DriftBreakingChanges), instrument.NewGauge(r, metrics.DriftBudgetExceeded),
	}
}

// Evaluated records an evaluation of an endpoint: how many changes there are in all, how many of them break clients, or may,
// and whether that exceeds the endpoint's budget.
func (d *Drift) Evaluated(workspace, endpoint, verb string, total, breaking, mayBreak int, exceeded bool) {
	w, e, v := metrics.Workspace.Value(workspace), metrics.Endpoint.Value(endpoint), metrics.HTTPMethod.Value(verb)
	share := 0.0
	if total > 0 {
		share = 100 * float64(breaking+mayBreak) / float64(total)
	}
	d.percentage.With(metrics.PerDrift.Of(w, e, v)).Set(share)
	d.total.With(metrics.PerDrift.Of(w, e, v)).Set(float64(total))
	d.breaking.With(metrics.PerDrift.Of(w, e, v)).Set(float64(breaking))
	over := 0.0
	if exceeded {
		over = 1
	}
	d.exceeded.With(metrics.PerDrift.Of(w, e, v)).Set(over)
}

// Capture records exchanges that are forwarded to be recorded elsewhere.
type Capture struct {
	sent  *instrument.CounterSeries
	drops instrument.Counter[metrics.DropLabels]
}

func newCapture(r *instrument.Registry) *Capture {
	return &Capture{instrument.OnlyCounter(r, metrics.CaptureForwarderSentTotal), instrument.NewCounter(r, metrics.CaptureForwarderDropsTotal)}
}

// Sent records an exchange that was forwarded.
func (c *Capture) Sent() { c.sent.Inc() }

// Dropped records one that was not.
func (c *Capture) Dropped(why metrics.DropValue) { c.drops.With(metrics.PerDrop.Of(why)).Inc() }

// SLO records the objectives as the server itself sees them.
type SLO struct {
	availability, success, latency, budget instrument.Gauge[metrics.ProtocolLabels]
	compliance                             instrument.Gauge[metrics.SLOLabels]
}

func newSLO(r *instrument.Registry) *SLO {
	return &SLO{
		instrument.NewGauge(r, metrics.ServiceAvailability), instrument.NewGauge(r, metrics.SuccessfulRequestRate),
		instrument.NewGauge(r, metrics.P95LatencySLOCompliance), instrument.NewGauge(r, metrics.ErrorBudgetRemaining), instrument.NewGauge(r, metrics.SLOCompliance),
	}
}

// Window records a window's outcome of a protocol: the share of requests that did not fail, whether 95% of them were fast
// enough, and the objective that the error budget is what is left of.
func (s *SLO) Window(p metrics.ProtocolValue, succeeded float64, fast bool, objective float64) {
	s.availability.With(metrics.PerProtocol.Of(p)).Set(succeeded)
	s.success.With(metrics.PerProtocol.Of(p)).Set(succeeded)
	ok := 0.0
	if fast {
		ok = 1
	}
	s.latency.With(metrics.PerProtocol.Of(p)).Set(ok)
	if objective < 1 {
		s.budget.With(metrics.PerProtocol.Of(p)).Set(min(1, max(0, 1-(1-succeeded)/(1-objective))))
	}
	met := 0.0
	if succeeded >= objective {
		met = 1
	}
	s.compliance.With(metrics.PerSLO.Of(p, metrics.SLOType.Value("availability"))).Set(met)
	s.compliance.With(metrics.PerSLO.Of(p, metrics.SLOType.Value("latency"))).Set(ok)
}
