package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowLookback = &Check{
	ID: "window/lookback", Severity: diag.Warning, Title: "A scrape less often than Prometheus looks back",
	Why:    "A selector finds samples of the last five minutes: a target that is scraped less often is absent in between, and every alert on it flaps.",
	Source: promDocs + "basics/#staleness",
	Set: func(s *Set, report Report) {
		lookback := s.lookback()
		if s.ScrapeInterval >= lookback && len(s.Documents) > 0 {
			report.because(diag.Position{File: s.Documents[0].File.Path, Line: 1, Col: 1}, "targets are scraped every "+unit.Duration(s.ScrapeInterval)+", and their series are absent in between", "a selector looks back "+unit.Duration(lookback), "scrape at least every "+unit.Duration(lookback/2))
		}
	},
}
