// Package alerts has MockForge's alerting rules and the recording rules that they read.
package alerts

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// Groups are all groups of rules.
var Groups = []*rules.RuleGroup{recorded, requests, protocols, process}

// recorded keeps instances apart, so that dashboards with a picker of instances can read its series; alerts
// sum over them.
var recorded = rules.NewGroup("mockforge_recorded", rules.Group{
	Help:    "Rates that alerts and panels read.",
	Owner:   metrics.CoreTeam,
	Keep:    []catalog.AnyLabel{catalog.Job, catalog.Instance},
	Records: []*rules.RecordingRule{RequestRate, ErrorRate, LatencyBuckets, PluginRate},
})

var requests = rules.NewGroup("mockforge_requests", rules.Group{
	Help:   "Errors, latency and traffic of the request/response protocols.",
	Owner:  metrics.CoreTeam,
	Keep:   []catalog.AnyLabel{catalog.Job},
	Alerts: []*rules.AlertingRule{HighErrorRate, CriticalErrorRate, HighLatency, VeryHighLatency, HighRequestsInFlight, NoRequestsReceived, SlowEndpoint},
})

var protocols = rules.NewGroup("mockforge_protocols", rules.Group{
	Help:   "WebSocket, SMTP and plugins.",
	Owner:  metrics.ProtocolsTeam,
	Keep:   []catalog.AnyLabel{catalog.Job},
	Alerts: []*rules.AlertingRule{HighWebSocketErrorRate, HighSMTPErrorRate, PluginExecutionErrors},
})

var process = rules.NewGroup("mockforge_process", rules.Group{
	Help:   "Whether the server is there, and what it takes.",
	Owner:  metrics.CoreTeam,
	Keep:   []catalog.AnyLabel{catalog.Job},
	Alerts: []*rules.AlertingRule{Down, HighMemoryUsage, CriticalMemoryUsage, HighCPUUsage, CriticalCPUUsage},
})

var errorSteps = []string{
	"See which protocol fails, and whether one method or all of them do.",
	"Read the server's log for the first error after the rise.",
	"Compare with the last change of the mock definitions and of the server's version.",
}

// HighErrorRate is the hand-written alert of that name, whose two sides could never join.
var HighErrorRate = rules.NewAlert("MockForgeHighErrorRate", rules.Alert{
	When:          measures.ErrorRatio.Above(0.05),
	For:           2 * time.Minute,
	KeepFiringFor: 5 * time.Minute,
	Severity:      rules.Ticket,
	Summary:       rules.Textf("%v of %s requests fail", rules.Value, metrics.Protocol),
	Means:         "Clients get errors instead of mocks; their test suites fail for the wrong reason.",
	Do:            errorSteps,
	Panel:         boards.ErrorRatio,
})

// CriticalErrorRate is the same at a share at which mocks are of no use.
var CriticalErrorRate = rules.NewAlert("MockForgeCriticalErrorRate", rules.Alert{
	When:          measures.ErrorRatio.Above(0.1),
	For:           time.Minute,
	KeepFiringFor: 5 * time.Minute,
	Severity:      rules.Page,
	Summary:       rules.Textf("%v of %s requests fail", rules.Value, metrics.Protocol),
	Means:         "So many requests fail that whoever tests against the mocks is blocked.",
	Do:            errorSteps,
	Mitigate:      []string{"Roll back the last change of the mock definitions.", "Restart one replica and see whether it recovers."},
	Panel:         boards.ErrorRatio,
})

var latencySteps = []string{
	"See which protocol is slow, and whether its median rose as well or only the tail.",
	"Look whether chaos latency is injected: then the delay is meant.",
	"Compare with the host's CPU and the number of requests in flight.",
}

// HighLatency takes one quantile for a protocol, not one for each series.
var HighLatency = rules.NewAlert("MockForgeHighLatency", rules.Alert{
	When:     measures.LatencyP99.Above(1),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("One %s request in a hundred takes more than %v", metrics.Protocol, rules.Value),
	Means:    "Tests against the mocks slow down and begin to time out.",
	Do:       latencySteps,
	Panel:    boards.LatencyP99,
})

// VeryHighLatency is the same at a latency at which clients give up.
var VeryHighLatency = rules.NewAlert("MockForgeVeryHighLatency", rules.Alert{
	When:     measures.LatencyP99.Above(5),
	For:      2 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("One %s request in a hundred takes more than %v", metrics.Protocol, rules.Value),
	Means:    "Clients with ordinary timeouts give up before the mock answers.",
	Do:       latencySteps,
	Panel:    boards.LatencyP99,
})

// HighRequestsInFlight is HighActiveConnections of the hand-written rules, which counted requests.
var HighRequestsInFlight = rules.NewAlert("MockForgeHighRequestsInFlight", rules.Alert{
	When:     measures.InFlight.Above(1000),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%v are being served over %s at once", rules.Value, metrics.Protocol),
	Means:    "Requests queue up: they arrive faster than they are answered.",
	Do: []string{
		"See whether the request rate rose or the latency did.",
		"Look for one client that opens many requests at a time.",
		"Look whether injected latency holds requests back.",
	},
	Panel: boards.InFlight,
})

// NoRequestsReceived looks at all requests together; the hand-written one fired for each idle status code.
var NoRequestsReceived = rules.NewAlert("MockForgeNoRequestsReceived", rules.Alert{
	When:     measures.TotalRequestRate.Equals(0),
	For:      5 * time.Minute,
	Severity: rules.Notice,
	Summary:  rules.Textf("No request for %v", rules.For),
	Means:    "Nobody uses the mocks, or nobody reaches them.",
	Do: []string{
		"Send a request from the network of the clients.",
		"Look at the load balancer or the Kubernetes Service in front of the server.",
		"Ask whether the clients were meant to stop.",
	},
	Panel: boards.Traffic,
})

// SlowEndpoint takes the mean of a window; the hand-written one read a moving average that never decays.
var SlowEndpoint = rules.NewAlert("MockForgeSlowEndpoint", rules.Alert{
	When:     measures.MeanLatencyByPath.Above(2),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%s %s takes %v on average", metrics.HTTPMethod, metrics.Path, rules.Value),
	Means:    "Clients of this one endpoint wait.",
	Do: []string{
		"Look at the mock definition of the path: large bodies, templates and scripts take time.",
		"Look whether a chaos rule delays it.",
		"Compare with the endpoint's latency before the last change.",
	},
	Panel: boards.SlowPaths,
})

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

// Down is the hand-written MockForgeDown.
var Down = rules.NewAlert("MockForgeDown", rules.Alert{
	When:        query.Select(external.Up).Equals(0),
	For:         time.Minute,
	Severity:    rules.Page,
	Summary:     rules.Textf("MockForge at %s does not answer", catalog.Instance),
	Description: rules.Textf("Prometheus could not scrape %s for %v.", catalog.Instance, rules.For),
	Means:       "The server is down or cannot be reached: nobody gets a mock from it.",
	Do: []string{
		"Look whether the process runs and why it ended.",
		"Request /metrics from the host of Prometheus.",
		"Look for the metrics port in the configuration: the exporter has a port of its own.",
	},
	Mitigate: []string{"Restart the server."},
	Panel:    boards.Targets,
})

// memoryBudget is what the server's container may take.
const memoryBudget = 1 << 30

var memorySteps = []string{
	"See whether the memory grows steadily or rose at once.",
	"Compare with open connections and requests in flight.",
	"Look for large recorded bodies and fixtures.",
}

// HighMemoryUsage reads the process; the hand-written one compared the host's memory in GiB with 0.8.
var HighMemoryUsage = rules.NewAlert("MockForgeHighMemoryUsage", rules.Alert{
	When:     measures.ProcessMemory.Above(0.8 * memoryBudget),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("The server takes %v of memory", rules.Value),
	Means:    "The server is on the way to being ended for want of memory.",
	Do:       memorySteps,
	Panel:    boards.Memory,
})

// CriticalMemoryUsage is the same shortly before the end.
var CriticalMemoryUsage = rules.NewAlert("MockForgeCriticalMemoryUsage", rules.Alert{
	When:     measures.ProcessMemory.Above(0.9 * memoryBudget),
	For:      2 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("The server takes %v of memory", rules.Value),
	Means:    "The server is about to be ended for want of memory; requests in flight will be lost.",
	Do:       memorySteps,
	Mitigate: []string{"Restart the server at a quiet moment.", "Raise the limit of the container."},
	Panel:    boards.Memory,
})

var cpuSteps = []string{
	"See which process of the host is busy: the number is the host's.",
	"Compare with the request rate.",
	"Look for plugins and templates that compute much.",
}

// HighCPUUsage prints a percentage as such; the hand-written one printed it a hundredfold.
var HighCPUUsage = rules.NewAlert("MockForgeHighCPUUsage", rules.Alert{
	When:     measures.HostCPU.Above(80),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("The host's CPU is %v busy", rules.Value),
	Means:    "Responses slow down with what else the host runs.",
	Do:       cpuSteps,
	Panel:    boards.CPU,
})

// CriticalCPUUsage is the same with nothing left.
var CriticalCPUUsage = rules.NewAlert("MockForgeCriticalCPUUsage", rules.Alert{
	When:     measures.HostCPU.Above(95),
	For:      2 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("The host's CPU is %v busy", rules.Value),
	Means:    "The host has no CPU left: requests wait and time out.",
	Do:       cpuSteps,
	Mitigate: []string{"Move other work off the host, or add a replica."},
	Panel:    boards.CPU,
})
