// Package rules declares recording and alerting rules over typed queries. The name of a recording rule,
// the window of its rates, the format of an alert's values and the links to its panel and runbook are
// derived when the project is planned.
package rules

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// RuleGroup is a declared group of rules, which Prometheus evaluates together and in order.
type RuleGroup struct {
	Name string
	Group
	Site diag.Site
}

// Group is the data sheet of a group. Its rules are ordered by what they read of each other.
type Group struct {
	// Help says what the rules are about: "Rates and latencies of requests."
	Help string
	// Owner is the team that answers for the rules: "mockforge-core".
	Owner string
	// Interval is how often the rules are evaluated; 0: the profile's evaluation interval.
	Interval time.Duration
	// Window is the window of rates that set none; 0: 5 minutes. A profile whose targets are scraped so
	// seldom that fewer than four samples fall into it gets a longer one.
	Window time.Duration
	// Limit is the largest number of series or alerts that one rule may give; 0: any number.
	Limit int
	// Offset delays the evaluation, for data that arrives late.
	Offset time.Duration
	// Keep are target labels that aggregations of the rules keep, besides those they name, so that the
	// series of several jobs or instances stay apart: catalog.Job.
	Keep []catalog.AnyLabel
	// Labels are added to every rule of the group.
	Labels map[string]string

	Records []*RecordingRule
	Alerts  []*AlertingRule
}

// NewGroup declares a group. The name is unique in the project: "mockforge_requests".
//
//go:noinline
func NewGroup(name string, g Group) *RuleGroup {
	out := &RuleGroup{Name: name, Group: g, Site: diag.Here(0)}
	return diag.Declare(name, out, out.Site)
}

// RecordingRule is a declared recording rule.
type RecordingRule struct {
	Recording
	Site diag.Site
}

// Recording is the data sheet of a recording rule. Panels and alerts never name the recorded series: they
// are rewritten to read it where their expression contains this one.
type Recording struct {
	Expr query.Vector
	// Why says what the recording saves or fixes: "Both ratio alerts and four panels read it every 15 s."
	Why string
	// Measure is the middle part of the name where the metrics say too little, since matchers make the
	// difference: "mockforge_server_errors_per_requests". Empty: derived.
	Measure string
	// Labels are added to the recorded series.
	Labels map[string]string
}

// NewRecording declares a recording rule. Its name follows from the expression, as
// https://prometheus.io/docs/practices/rules/ has it: level:metric:operations.
//
//go:noinline
func NewRecording(r Recording) *RecordingRule {
	out := &RecordingRule{Recording: r, Site: diag.Here(0)}
	return diag.Declare("", out, out.Site)
}

// The labels that every alert has beside those of its expression.
const (
	SeverityLabel = "severity"
	OwnerLabel    = "owner"
)

// Severity says who is told, and becomes the label severity.
type Severity string

// The severities.
const (
	// Page wakes somebody: users are hurt now.
	Page Severity = "critical"
	// Ticket is looked at in working hours.
	Ticket Severity = "warning"
	// Notice is for the record.
	Notice Severity = "info"
)

// AlertingRule is a declared alerting rule.
type AlertingRule struct {
	Name string
	Alert
	Site diag.Site
}

// Alert is the data sheet of an alert.
type Alert struct {
	// When is the condition: measures.ErrorRatio.Above(0.05).
	When query.Condition
	// For is how long the condition must hold before the alert fires.
	For time.Duration
	// KeepFiringFor is how long it goes on firing after the condition ended, against flapping.
	KeepFiringFor time.Duration
	Severity      Severity
	// Summary is one line: Textf("%v of %s requests fail", Value, metrics.Protocol).
	Summary Text
	// Description adds what the summary has no room for; empty: the summary, the threshold and how long.
	Description Text
	// Means says what users suffer: "Clients get errors instead of mocks."
	Means string
	// Do are the steps of the runbook, in order; each is a sentence.
	Do []string
	// Mitigate are the steps that end the harm before the cause is known.
	Mitigate []string
	// Panel is the panel to look at: the threshold is drawn on it and the two link to each other.
	Panel *dashboards.Panel
	// NoPanel is the reason why there is none.
	NoPanel diag.Waiver
	// NoProof is the reason why obsgen prove cannot show that the alert fires and resolves: "compares with last week". An alert that
	// fires on all data, or in the usual state of things, fails all the same.
	NoProof diag.Waiver
	// Owner is the team that is told; empty: the group's.
	Owner string
	// Expects are the situations in which the alert is meant to fire; it is meant to sleep through all others. They are held
	// against what it does by obsgen prove --matrix.
	Expects []Situation
	// Labels are added to the alert, besides severity and owner.
	Labels map[string]string
}

// Situation is something that befalls every service now and then.
type Situation string

// The situations, each of which comes after a quiet time.
const (
	// Restart is that the process starts anew: its counters begin at 0 again.
	Restart Situation = "restart"
	// MissedScrape is that one scrape gets nothing.
	MissedScrape Situation = "missed scrape"
	// NoTraffic is that counters stand still.
	NoTraffic Situation = "no traffic"
	// OneEvent is that each counter grows by 1 more than usually, once.
	OneEvent Situation = "one event"
	// LateStart is that there were no series at all before.
	LateStart Situation = "late start"
	// ScaleOut is that a second instance comes.
	ScaleOut Situation = "scale out"
	// PartialOutage is that one of two instances is not reached any more.
	PartialOutage Situation = "partial outage"
	// AllGone is that there are no series at all any more.
	AllGone Situation = "all gone"
)

// NewAlert declares an alert. The name is unique in the project and in CamelCase: "MockForgeHighErrorRatio".
//
//go:noinline
func NewAlert(name string, a Alert) *AlertingRule {
	out := &AlertingRule{Name: name, Alert: a, Site: diag.Here(0)}
	return diag.Declare(name, out, out.Site)
}
