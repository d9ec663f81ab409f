package alerts

import (
	"time"

	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/rules"
)

// HighWebSocketErrorRate is the hand-written alert of that name, over all instances.
var HighWebSocketErrorRate = rules.NewAlert("MockForgeHighWebSocketErrorRate", rules.Alert{
	When:     measures.WSErrorRate.Above(0.1),
	For:      2 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("WebSocket connections fail: %v", rules.Value),
	Means:    "WebSocket clients lose their connection and miss messages.",
	Do: []string{
		"Read the server's log for the reason of the closings.",
		"See whether clients close by themselves or the proxy in front does.",
		"Compare the connection's mean duration with idle timeouts on the way.",
	},
	Panel: boards.WSErrors,
})

// HighSMTPErrorRate is the hand-written alert of that name.
var HighSMTPErrorRate = rules.NewAlert("MockForgeHighSMTPErrorRate", rules.Alert{
	When:     measures.SMTPErrorRate.Above(0.1),
	For:      2 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("SMTP fails with %s: %v", metrics.SMTPErrorType, rules.Value),
	Means:    "Mail that tests send is rejected or lost.",
	Do: []string{
		"Send a message by hand and read the answer.",
		"Read the server's log for the kind of error that the alert names.",
		"Compare how many messages are received and how many stored.",
	},
	Panel: boards.SMTPErrors,
})

// PluginExecutionErrors divides sums by plugin; the two sides of the hand-written one could never join.
var PluginExecutionErrors = rules.NewAlert("MockForgePluginExecutionErrors", rules.Alert{
	When:     measures.PluginErrorRatio.Above(0.05),
	For:      2 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%v of the runs of plugin %s fail", rules.Value, metrics.PluginName),
	Means:    "Responses that the plugin makes are missing or fall back to the default.",
	Do: []string{
		"Read the plugin's log.",
		"Run the plugin by itself on a recorded request.",
		"Roll the plugin back to the version before.",
	},
	Panel: boards.PluginErrors,
})

// MarketplaceErrors counts only what is the registry server's own fault; the alert that Grafana managed fired at every
// item that somebody did not find.
var MarketplaceErrors = rules.NewAlert("MockForgeMarketplaceErrors", rules.Alert{
	When:     measures.MarketplaceErrorRate.Where(metrics.ErrorCode.In(metrics.CodeDatabaseError, metrics.CodeStorageError, metrics.CodeInternalError)).Above(0),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Owner:    metrics.CloudTeam,
	Summary:  rules.Textf("The marketplace fails with %s: %v", metrics.ErrorCode, rules.Value),
	Means:    "People cannot publish, download or find items.",
	Do: []string{
		"Read the registry server's log for the first error after the rise.",
		"Look whether its database and its store answer.",
		"See which type of item is concerned.",
	},
	Panel: boards.MarketplaceErrors,
})

// CaptureDropping says that recordings have gaps.
var CaptureDropping = rules.NewAlert("MockForgeCaptureDropping", rules.Alert{
	When:     measures.CaptureDropRate.Above(0),
	For:      10 * time.Minute,
	Severity: rules.Ticket,
	Owner:    metrics.CloudTeam,
	Summary:  rules.Textf("Captured exchanges are dropped because of %s: %v", metrics.DropReason, rules.Value),
	Means:    "Recordings in the cloud have gaps, and mocks made from them lack answers.",
	Do: []string{
		"buffer_full: see whether the request rate rose, and enlarge the buffer.",
		"exhausted and permanent: look whether the cloud answers, and with what.",
		"closed: the forwarder ended while requests still came in.",
	},
	Panel: boards.CaptureDrops,
})
