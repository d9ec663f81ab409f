package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type (
	itemType          struct{}
	marketplaceStatus struct{}
	errorCode         struct{}
)

// What the marketplace trades in, and how an operation on it ended.
var (
	PluginItem   = catalog.V[itemType]("plugin")
	TemplateItem = catalog.V[itemType]("template")
	ScenarioItem = catalog.V[itemType]("scenario")

	MarketplaceSuccess = catalog.V[marketplaceStatus]("success")
	MarketplaceError   = catalog.V[marketplaceStatus]("error")

	ItemType          = catalog.OneOf("type", "What was published, downloaded or searched.", PluginItem, TemplateItem, ScenarioItem)
	MarketplaceStatus = catalog.OneOf("status", "How the operation ended.", MarketplaceSuccess, MarketplaceError)
)

// Why an operation of the marketplace failed.
var (
	CodeNotFound              = catalog.V[errorCode]("not_found")
	CodeInvalidVersion        = catalog.V[errorCode]("invalid_version")
	CodeAlreadyExists         = catalog.V[errorCode]("already_exists")
	CodeConflict              = catalog.V[errorCode]("conflict")
	CodeAuthRequired          = catalog.V[errorCode]("auth_required")
	CodePermissionDenied      = catalog.V[errorCode]("permission_denied")
	CodeInsufficientScope     = catalog.V[errorCode]("insufficient_scope")
	CodeOrganizationNotFound  = catalog.V[errorCode]("organization_not_found")
	CodeInvalidRequest        = catalog.V[errorCode]("invalid_request")
	CodeValidationFailed      = catalog.V[errorCode]("validation_failed")
	CodeRateLimitExceeded     = catalog.V[errorCode]("rate_limit_exceeded")
	CodeUsageLimitExceeded    = catalog.V[errorCode]("usage_limit_exceeded")
	CodeResourceLimitExceeded = catalog.V[errorCode]("resource_limit_exceeded")
	CodePaymentRequired       = catalog.V[errorCode]("payment_required")
	CodeDatabaseError         = catalog.V[errorCode]("database_error")
	CodeStorageError          = catalog.V[errorCode]("storage_error")
	CodeInternalError         = catalog.V[errorCode]("internal_error")

	ErrorCode = catalog.OneOf("error_code", "Why the operation failed.",
		CodeNotFound, CodeInvalidVersion, CodeAlreadyExists, CodeConflict, CodeAuthRequired,
		CodePermissionDenied, CodeInsufficientScope, CodeOrganizationNotFound, CodeInvalidRequest, CodeValidationFailed,
		CodeRateLimitExceeded, CodeUsageLimitExceeded, CodeResourceLimitExceeded, CodePaymentRequired, CodeDatabaseError,
		CodeStorageError, CodeInternalError)
)

// Label sets of the marketplace metrics.
var (
	PerMarketplaceOperation = catalog.By2(ItemType, MarketplaceStatus)
	PerItemType             = catalog.By1(ItemType)
	PerMarketplaceError     = catalog.By2(ItemType, ErrorCode)
)

// Types of the label sets, for the code that writes the metrics.
type (
	MarketplaceOperationLabels = catalog.Labels2[itemType, marketplaceStatus]
	ItemTypeLabels             = catalog.Labels1[itemType]
	MarketplaceErrorLabels     = catalog.Labels2[itemType, errorCode]
)

// Marketplace is written by the registry server, a process of its own with its own scrape target.
var Marketplace = catalog.NewGroup("Marketplace", catalog.GroupSpec{
	Help:  "What people publish, download and search in the registry server.",
	Owner: CloudTeam,
})

// Metrics of Marketplace.
var (
	MarketplacePublishTotal = catalog.NewCounter(Marketplace, "mockforge_marketplace_publish_total", PerMarketplaceOperation, catalog.Spec{
		Help: "Publications finished.",
		Unit: unit.Operations,
	})
	MarketplacePublishDuration = catalog.NewHistogram(Marketplace, "mockforge_marketplace_publish_duration_seconds", PerItemType, catalog.Spec{
		Help:    "Time that a publication took.",
		Unit:    unit.Seconds,
		Buckets: []float64{.1, .5, 1, 2, 5, 10, 30},
	})
	MarketplaceDownloadTotal = catalog.NewCounter(Marketplace, "mockforge_marketplace_download_total", PerMarketplaceOperation, catalog.Spec{
		Help: "Downloads finished.",
		Unit: unit.Operations,
	})
	MarketplaceDownloadDuration = catalog.NewHistogram(Marketplace, "mockforge_marketplace_download_duration_seconds", PerItemType, catalog.Spec{
		Help:    "Time that a download took.",
		Unit:    unit.Seconds,
		Buckets: []float64{.01, .05, .1, .5, 1, 2, 5},
	})
	MarketplaceSearchTotal = catalog.NewCounter(Marketplace, "mockforge_marketplace_search_total", PerMarketplaceOperation, catalog.Spec{
		Help: "Searches finished.",
		Unit: unit.Operations,
	})
	MarketplaceSearchDuration = catalog.NewHistogram(Marketplace, "mockforge_marketplace_search_duration_seconds", PerItemType, catalog.Spec{
		Help:    "Time that a search took.",
		Unit:    unit.Seconds,
		Buckets: []float64{.01, .05, .1, .25, .5, 1, 2},
	})
	MarketplaceErrorsTotal = catalog.NewCounter(Marketplace, "mockforge_marketplace_errors_total", PerMarketplaceError, catalog.Spec{
		Help:        "Operations failed, of every kind together, by reason.",
		Unit:        unit.Errors,
		Initialised: true,
	})
	MarketplaceItems = catalog.NewGauge(Marketplace, "mockforge_marketplace_items_total", PerItemType, catalog.Spec{
		Help:   "Items on offer." + unwritten,
		Unit:   unit.Count("items"),
		Range:  catalog.AtLeast(0),
		Naming: "the server has had this name since its first release with the metric; the number falls when an item is withdrawn",
	})
)
