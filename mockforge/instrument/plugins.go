package instrument

import (
	"time"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// Plugins records the runs of plugins.
type Plugins struct {
	runs     instrument.Counter[metrics.PluginRunLabels]
	duration instrument.Histogram[metrics.PluginLabels]
	errors   instrument.Counter[metrics.PluginErrorLabels]
}

func newPlugins(r *instrument.Registry) *Plugins {
	return &Plugins{
		runs: instrument.NewCounter(r, metrics.PluginExecutionsTotal), duration: instrument.NewHistogram(r, metrics.PluginExecutionDuration),
		errors: instrument.NewCounter(r, metrics.PluginErrorsTotal),
	}
}

// Run records a run of a plugin; failure is the kind of its failure, "" for none.
func (p *Plugins) Run(name, failure string, took time.Duration) {
	plugin := metrics.PluginName.Value(name)
	p.duration.With(metrics.PerPlugin.Of(plugin)).Observe(took.Seconds())
	if failure == "" {
		p.runs.With(metrics.PerPluginRun.Of(plugin, metrics.PluginSuccess)).Inc()
		return
	}
	p.runs.With(metrics.PerPluginRun.Of(plugin, metrics.PluginFailure)).Inc()
	p.errors.With(metrics.PerPluginError.Of(plugin, metrics.PluginErrorType.Value(failure))).Inc()
}
