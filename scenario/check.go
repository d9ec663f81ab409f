package scenario

import (
	"fmt"
	"iter"
	"regexp"
	"slices"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/rules"
)

var goodName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check returns what is wrong with scenarios: with their names, and with what they say of the metrics of a catalog and of alerts.
func Check(scenarios []*Scenario, c *catalog.Catalog, alerts []*rules.AlertingRule) []diag.Finding {
	var out []diag.Finding
	seen := map[string]bool{}
	report := func(s *Scenario, at diag.Site, why, mend string, args ...any) {
		out = append(out, diag.Finding{
			ID: "scenario/model", Severity: diag.Error, At: at.Position(), Subject: "scenario " + s.Name, Message: fmt.Sprintf(why, args...), Mend: mend,
		})
	}
	own := map[*catalog.Metric]bool{}
	for _, m := range c.Metrics() {
		own[m] = true
	}
	for _, s := range scenarios {
		if !goodName.MatchString(s.Name) {
			report(s, s.Site, "the name %q is not made of small letters, digits and hyphens", "call it as a command can: error-burst", s.Name)
		}
		if seen[s.Name] {
			report(s, s.Site, "two scenarios are called %s", "give it another name", s.Name)
		}
		seen[s.Name] = true
		for _, a := range slices.Concat(s.Fires, s.May) {
			if !slices.Contains(alerts, a) {
				report(s, s.Site, "the alert %s is in no group of the project", "add it to a group", a.Name)
			}
		}
		for m := range s.models() {
			if !own[m.metric] {
				report(s, m.site, "the metric %s is not in the catalog", "add its group to the catalog", m.metric.Name)
				continue
			}
			for _, why := range m.faults() {
				report(s, m.site, "the model of %s %s", "", m.metric.Name, why)
			}
		}
		lasts := s.whole().Lasts
		for i, p := range s.Phases {
			switch {
			case p.From < 0 || p.For < 0 || p.Every < 0 || p.Instances < 0:
				report(s, s.Site, "phase %d has a negative length or number", "", i+1)
			case p.From >= lasts:
				report(s, s.Site, "phase %d begins at %s, and the scenario is over after %s", "set Lasts", i+1, p.From, lasts)
			case p.Every > 0 && !p.Restarts:
				report(s, s.Site, "phase %d has Every without Restarts", "say that it restarts", i+1)
			case p.Reach != Reached && p.Reach != Down && p.Reach != Gone:
				report(s, s.Site, "phase %d has the reach %q", "use Down or Gone", i+1, p.Reach)
			}
		}
	}
	return out
}

// models goes over all that the scenario itself says.
func (s *Scenario) models() iter.Seq[Model] {
	return func(yield func(Model) bool) {
		for _, m := range s.Usual {
			if !yield(m) {
				return
			}
		}
		for _, p := range s.Phases {
			for _, m := range p.Models {
				if !yield(m) {
					return
				}
			}
		}
	}
}

// faults returns what does not fit the model's metric, as ends of sentences.
func (m Model) faults() []string {
	var out []string
	d := m.said
	for _, w := range d.Where {
		if l := m.metric.Label(w.Label); l == nil {
			out = append(out, "asks for the label "+w.Label+", which the metric has not")
		} else if fault := (catalog.Matcher{Label: l, Op: catalog.MatchOp(w.Op), Text: w.Text}).Fault(); fault != "" {
			out = append(out, "asks for "+w.Label+w.Op+`"`+w.Text+`": `+fault)
		}
	}
	kind := m.metric.Kind
	only := func(said bool, what string, kinds ...catalog.Kind) {
		if said && !slices.Contains(kinds, kind) {
			out = append(out, "has "+what+", which a "+string(kind)+" has not")
		}
	}
	only(d.Rate != nil, "a rate", catalog.KindCounter, catalog.KindHistogram)
	only(m.with != nil, "events with those of another", catalog.KindCounter, catalog.KindHistogram)
	only(d.Weight != nil, "a weight", catalog.KindCounter, catalog.KindHistogram)
	only(d.Begun, "a begin at 0", catalog.KindCounter, catalog.KindHistogram)
	only(d.Share != nil, "a share", catalog.KindCounter, catalog.KindHistogram)
	only(d.Age != nil, "an age", catalog.KindGauge)
	if d.Age != nil && kind == catalog.KindGauge && m.metric.Unit.IsKnown() && !m.metric.Unit.IsPoint() {
		out = append(out, "has an age, and its metric is in "+m.metric.Unit.String()+": an age is of a moment, in unit.Timestamp")
	}
	if d.Age != nil && d.Level != nil {
		out = append(out, "has an age and a level, and a gauge has one value")
	}
	only(d.Level != nil || d.Slope != nil || d.Noise != nil, "a level", catalog.KindGauge)
	only(d.Median != nil || d.Spread != nil, "a distribution", catalog.KindHistogram)
	if d.Share != nil && m.metric.PartOf == nil {
		out = append(out, "has a share, and the metric is no part of another")
	}
	if m.with != nil && m.metric.PartOf != nil {
		out = append(out, "has the events of another, and the metric is part of one")
	}
	for _, v := range []struct {
		of         *float64
		what       string
		least, max float64
	}{{d.Rate, "rate", 0, 1e9}, {d.Share, "share", 0, 1}, {d.Weight, "weight", 0, 1e9}, {d.Times, "factor", 0, 1e9}, {d.Spread, "spread", 1, 1e3}, {d.Median, "median", 1e-12, 1e15}} {
		if v.of != nil && !(*v.of >= v.least && *v.of <= v.max) {
			out = append(out, fmt.Sprintf("has the %s %v, which is not between %v and %v", v.what, *v.of, v.least, v.max))
		}
	}
	if r := m.metric.Range; d.Level != nil && !r.IsZero() && (*d.Level < r.Min || *d.Level > r.Max) {
		out = append(out, fmt.Sprintf("has the level %v, and the metric's range is %v to %v", *d.Level, r.Min, r.Max))
	}
	return out
}
