package alerts

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

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
	Expects:  []rules.Situation{rules.PartialOutage},
})

// InstancesLow counts those that answer; where all are down it is 0, at which the hand-written alert fell silent.
var InstancesLow = rules.NewAlert("MockForgeInstancesLow", rules.Alert{
	When:     measures.Instances.Below(2),
	For:      5 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("Only %v instances of MockForge answer", rules.Value),
	Means:    "The next failure, or the next deployment, leaves nobody to serve mocks.",
	Do: []string{
		"See in the panel which instance is gone, and since when.",
		"Look whether Kubernetes could place the pods, and why not.",
		"Compare with the number of replicas that is meant.",
	},
	Panel: boards.Instances,
})

// TargetAbsent fires where Prometheus has no target at all, so that nothing else could fire.
var TargetAbsent = rules.NewAlert("MockForgeTargetAbsent", rules.Alert{
	When:     query.Absent(external.Up).Present(),
	For:      5 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("Prometheus has no target of MockForge"),
	Means:    "Nobody knows whether the server works: no other alert of this file can fire.",
	Do: []string{
		"Look at Prometheus's page of targets for the job.",
		"Compare the job's name with that of the scrape configuration.",
		"Look whether service discovery still finds the server: labels, namespace, port.",
	},
	Panel:   boards.Targets,
	Expects: []rules.Situation{rules.AllGone},
})

// Restarting tells a crash loop, during which each scrape may well succeed.
var Restarting = rules.NewAlert("MockForgeRestarting", rules.Alert{
	When:          measures.Restarts.Above(2),
	KeepFiringFor: 10 * time.Minute,
	Severity:      rules.Ticket,
	Summary:       rules.Textf("MockForge at %s started again and again within %v", catalog.Instance, rules.Window),
	Means:         "Requests in flight and open connections are lost at every start.",
	Do: []string{
		"Read the end of the log before the start.",
		"Look whether the container was ended for want of memory.",
		"Look whether the liveness probe is stricter than the server is fast.",
	},
	Mitigate: []string{"Roll back to the version before."},
	Panel:    boards.Restarts,
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

// HighProcessCPU is about the process; the two above are about its host.
var HighProcessCPU = rules.NewAlert("MockForgeHighProcessCPU", rules.Alert{
	When:     measures.ProcessCPU.Above(0.8),
	For:      10 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("The server takes %v of a processor", rules.Value),
	Means:    "Under a limit of one processor the server is throttled: latency rises without any error.",
	Do:       cpuSteps,
	Panel:    boards.ProcessCPU,
})

// FileDescriptorsLow says that connections will soon be refused.
var FileDescriptorsLow = rules.NewAlert("MockForgeFileDescriptorsLow", rules.Alert{
	When:     measures.OpenFiles.Above(0.9),
	For:      5 * time.Minute,
	Severity: rules.Page,
	Summary:  rules.Textf("%v of the file descriptors are open", rules.Value),
	Means:    "At the limit the server accepts no connection any more.",
	Do: []string{
		"See which protocol's connections grow.",
		"Look for clients that open connections and never close them.",
		"Compare with the limit of the container's files.",
	},
	Mitigate: []string{"Restart the server, which closes the connections.", "Raise the limit."},
	Panel:    boards.FileDescriptors,
})
