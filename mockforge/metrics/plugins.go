package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type (
	pluginName      struct{}
	pluginStatus    struct{}
	pluginErrorType struct{}
)

// Labels of a plugin run.
var (
	PluginSuccess = catalog.V[pluginStatus]("success")
	PluginFailure = catalog.V[pluginStatus]("failure")

	PluginName      = catalog.AtMost[pluginName](50, "plugin_name", "Name of the plugin.")
	PluginStatus    = catalog.OneOf("status", "How the run ended.", PluginSuccess, PluginFailure)
	PluginErrorType = catalog.AtMost[pluginErrorType](10, "error_type", "Kind of failure, such as timeout.")
)

// Label sets of the plugin metrics.
var (
	PerPluginRun   = catalog.By2(PluginName, PluginStatus)
	PerPlugin      = catalog.By1(PluginName)
	PerPluginError = catalog.By2(PluginName, PluginErrorType)
)

// Types of the label sets, for the code that writes the metrics.
type (
	PluginRunLabels   = catalog.Labels2[pluginName, pluginStatus]
	PluginLabels      = catalog.Labels1[pluginName]
	PluginErrorLabels = catalog.Labels2[pluginName, pluginErrorType]
)

// Plugins covers the plugins that users load into the server.
var Plugins = catalog.NewGroup("Plugins", catalog.GroupSpec{
	Help:  "Runs of plugins, and how they went.",
	Owner: PluginsTeam,
})

// Metrics of Plugins.
var (
	PluginExecutionsTotal = catalog.NewCounter(Plugins, "mockforge_plugin_executions_total", PerPluginRun, catalog.Spec{
		Help: "Plugin runs finished." + unwritten,
		Unit: unit.Count("executions"),
	})
	PluginExecutionDuration = catalog.NewHistogram(Plugins, "mockforge_plugin_execution_duration_seconds", PerPlugin, catalog.Spec{
		Help:    "Time that a plugin run took." + unwritten,
		Unit:    unit.Seconds,
		Buckets: runBuckets,
	})
	PluginErrorsTotal = catalog.NewCounter(Plugins, "mockforge_plugin_errors_total", PerPluginError, catalog.Spec{
		Help:   "Plugin runs failed, by kind." + unwritten,
		Unit:   unit.Errors,
		PartOf: PluginExecutionsTotal,
	})
)
