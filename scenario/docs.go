package scenario

import "github.com/obsgen/obsgen/diag"

// Docs document the findings of Check.
var Docs = []diag.Doc{{
	ID: "scenario/model", Severity: diag.Error, Title: "A scenario that cannot be played", Source: "https://github.com/obsgen/obsgen/blob/main/docs/simulation.md",
	Essential: "there are no data to make of it",
	Why:       "A model says something that its metric cannot do, such as a rate of a gauge or a label that the metric lacks; or a name, a phase or an alert of the scenario does not fit the project.",
}}
