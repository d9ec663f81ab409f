package alerts

import (
	"github.com/obsgen/obsgen/mockforge/measures"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// Rates that the alerts below read.
var (
	RequestRate = rules.NewRecording(rules.Recording{
		Expr: measures.RequestRate,
		Why:  "The whole of every share of requests.",
	})
	ErrorRate = rules.NewRecording(rules.Recording{
		Expr:    measures.ErrorRate,
		Measure: "mockforge_server_errors",
		Why:     "The part of the error ratio that is the server's own.",
	})
	LatencyBuckets = rules.NewRecording(rules.Recording{
		Expr: query.Buckets(metrics.RequestDuration, metrics.Protocol),
		Why:  "Both latency alerts take a quantile of it.",
	})
	PluginRate = rules.NewRecording(rules.Recording{
		Expr: measures.PluginRate,
		Why:  "The whole of the share of plugin runs that fail.",
	})
)
