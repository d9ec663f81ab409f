package validate

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/scenario"
)

// Example shows a fault and its fix. Both are PromQL, an alerting rule's fields, a rule file or a dashboard, as Of says.
type Example struct {
	Of    Kind
	Wrong string
	Right string
}

// Kind is what an example is written in.
type Kind = diag.Form

// The kinds of examples.
const (
	PromQL     = diag.PromQL
	Alert      = diag.Alert
	RuleFile   = diag.RuleFile
	WholeBoard = diag.WholeBoard
	PanelOf    = diag.PanelOf
	Exposed    = diag.Exposed
)

// Docs document every finding of obsgen lint, sorted by id: those of All, and those of declarations in Go.
func Docs() []diag.Doc {
	var of []diag.Doc
	for _, c := range checks {
		of = append(of, c.Doc())
	}
	return diag.Merge(of, catalog.Docs, query.Docs, plan.Docs, scenario.Docs)
}

// Doc returns the documentation of the check.
func (c *Check) Doc() diag.Doc {
	return diag.Doc{ID: c.ID, Severity: c.Severity, OnRequest: c.OnRequest, Title: c.Title, Why: c.Why, Source: c.Source, Example: diag.Example(c.Example)}
}
