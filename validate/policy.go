package validate

import (
	"regexp"
	"time"

	"github.com/obsgen/obsgen/unit"
)

// Server is what is known of the Prometheus that runs the rules and answers the panels. What is zero is not known, and
// checks that need it are silent.
type Server struct {
	// Version is the oldest that has to run the queries: {3, 5} for 3.5.
	Version [2]int
	// Features are the feature flags that are on. nil: not known, so that no function is missed.
	Features []string
	// EvaluationInterval is that of groups without one.
	EvaluationInterval time.Duration
	// Retention is how long samples are kept.
	Retention time.Duration
	// Lookback is how old a sample may be that an instant selector finds; Prometheus's default is 5 minutes.
	Lookback time.Duration
	// ExternalLabels are the names of the labels that Prometheus adds to what it sends. nil: not known.
	ExternalLabels []string
}

// before reports whether the server is known to be older than a version.
func (s Server) before(major, minor int) bool {
	v := s.Version
	return v != [2]int{} && (v[0] < major || v[0] == major && v[1] < minor)
}

// Bounds are a least and a greatest duration; a zero side is open.
type Bounds struct{ Min, Max time.Duration }

// outside reports whether a duration lies outside of the bounds.
func (b Bounds) outside(d time.Duration) bool {
	return b.Min > 0 && d < b.Min || b.Max > 0 && d > b.Max
}

// Policy is what a team asks of its rules and dashboards beyond their being right. What is zero is not asked.
type Policy struct {
	// Annotations and Labels are those that every alert must have, with the pattern that the value matches whole.
	Annotations, Labels map[string]*regexp.Regexp
	// RejectedLabels and RejectedAnnotations are values that no rule may have, by name.
	RejectedLabels, RejectedAnnotations map[string]*regexp.Regexp
	// AlertName and RecordName match the names of rules whole.
	AlertName, RecordName *regexp.Regexp
	// For and KeepFiringFor bound an alert's waits, Interval the evaluation of a group.
	For, KeepFiringFor, Interval Bounds
	// MaxRules bounds the rules of a group, MaxWindow the window of a selector.
	MaxRules  int
	MaxWindow time.Duration
	// RequiredMatchers are labels by which every selector must select; KeptLabels those that no aggregation may drop.
	RequiredMatchers, KeptLabels []string
	// DeniedLabels are labels that no query may name, SensitiveLabels those that it may not group by.
	DeniedLabels, SensitiveLabels []string
	// DeniedMetrics match the names of metrics that no query may read.
	DeniedMetrics *regexp.Regexp
	// MetricPrefix begins every metric of an exposition.
	MetricPrefix string
	// MaxSeries bounds the series of one query, as the catalog bounds its labels; MaxMetricSeries those of one metric.
	MaxSeries, MaxMetricSeries int
	// MaxDashboardSamples bounds the samples that one refresh of a dashboard reads.
	MaxDashboardSamples int
}

// String returns the bounds for people: "1m to 1h", "at most 1h", "at least 1m".
func (b Bounds) String() string {
	switch {
	case b.Min > 0 && b.Max > 0:
		return unit.Duration(b.Min) + " to " + unit.Duration(b.Max)
	case b.Max > 0:
		return "at most " + unit.Duration(b.Max)
	}
	return "at least " + unit.Duration(b.Min)
}
