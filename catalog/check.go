package catalog

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// Check returns every fault of the catalog's declarations, in the order of the source. The rules are
// those of https://prometheus.io/docs/practices/naming/ and of the exposition format.
func (c *Catalog) Check() []diag.Finding {
	k := &checker{catalog: c, byName: map[string]*Metric{}, labels: map[*LabelDef]bool{}}
	for i, g := range c.Spec.Groups {
		if g == nil {
			k.report(c.Site, diag.Error, "metric/group", c.Name, fmt.Sprintf("group %d of the catalog %s is nil", i+1, c.Name),
				"declare it with NewGroup, or leave it out")
		}
	}
	for _, m := range c.Metrics() {
		k.metric(m)
	}
	for _, g := range c.groups {
		k.owner(g)
	}
	k.clashes()
	diag.Sort(k.found)
	return k.found
}

type checker struct {
	catalog *Catalog
	byName  map[string]*Metric
	labels  map[*LabelDef]bool // those already reported on
	found   []diag.Finding
}

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	camelCase  = regexp.MustCompile(`[a-z][A-Z]`)
)

func (k *checker) report(site diag.Site, severity diag.Severity, id, subject, message, mend string) *diag.Finding {
	k.found = append(k.found, diag.Finding{
		ID: id, Severity: severity, At: site.Position(), Subject: subject, Message: message, Mend: mend,
	})
	return &k.found[len(k.found)-1]
}

func (k *checker) metric(m *Metric) {
	report := func(id, message, mend string) {
		k.report(m.Site, diag.Error, id, m.Name, message, mend)
	}
	if first, ok := k.byName[m.Name]; ok {
		f := k.report(m.Site, diag.Error, "metric/duplicate", m.Name, m.Name+" is declared twice", "delete one declaration or rename it")
		f.Related = []diag.Related{{At: first.Site.Position(), Message: "first declared here"}}
	} else {
		k.byName[m.Name] = m
	}
	if !metricName.MatchString(m.Name) {
		report("metric/name", fmt.Sprintf("%q is no metric name", m.Name), "use letters, digits and underscores, and begin with a letter")
		return // the other rules would only repeat it
	}
	k.labelsOf(m)
	k.values(m)
	if m.Group.External {
		return // its names are not ours to judge
	}
	switch {
	case strings.TrimSpace(m.Help) == "":
		report("metric/help", m.Name+" has no help text", "say what it measures in Spec.Help")
	case !utf8.ValidString(m.Help):
		report("metric/help", fmt.Sprintf("the help text of %s is not valid UTF-8: %q", m.Name, m.Help), "save the source file as UTF-8")
	}
	naming := k.naming(m)
	if m.Naming == "" {
		k.found = append(k.found, naming...)
	} else if len(naming) == 0 {
		k.report(m.Site, diag.Warning, "metric/stale-waiver", m.Name,
			m.Name+" is excused from the naming conventions, which it keeps", "delete Spec.Naming")
	}
}

// owner reports a group whose own metrics name no owner and have none from it.
func (k *checker) owner(g *Group) {
	without := slices.DeleteFunc(g.Metrics(), func(m *Metric) bool { return m.OwnedBy() != "" })
	if g.External || len(without) == 0 {
		return
	}
	message := fmt.Sprintf("the group %s has no owner", g.Title)
	if n := len(without); n < len(g.metrics) {
		message = fmt.Sprintf("%s of the group %s have no owner, and the group has none", diag.Counted(n, "metric"), g.Title)
		if n == 1 {
			message = fmt.Sprintf("%s has no owner, and its group %s has none", without[0].Name, g.Title)
		}
	}
	k.report(g.Site, diag.Error, "metric/owner", g.Title, message, "set GroupSpec.Owner")
}

func (k *checker) labelsOf(m *Metric) {
	seen := map[string]bool{}
	for _, l := range m.Labels {
		report := func(id, message, mend string) {
			f := k.report(m.Site, diag.Error, id, m.Name, message, mend)
			f.Related = []diag.Related{{At: l.Site.Position(), Message: "the label is declared here"}}
		}
		switch {
		case !labelName.MatchString(l.Name):
			report("metric/label-name", fmt.Sprintf("label %q of %s is no label name", l.Name, m.Name), "use letters, digits and underscores")
		case strings.HasPrefix(l.Name, "__"), l.Name == Job.Name, l.Name == Instance.Name, l.Name == "le", l.Name == "quantile":
			if !m.Group.External {
				report("metric/reserved-label", fmt.Sprintf("label %s of %s is Prometheus's own", l.Name, m.Name), "rename the label")
			}
		}
		if seen[l.Name] {
			report("metric/duplicate-label", fmt.Sprintf("%s has the label %s twice", m.Name, l.Name), "delete one of them")
		}
		seen[l.Name] = true
		if !k.labels[l] {
			k.labels[l] = true
			k.label(l)
		}
	}
}

func (k *checker) label(l *LabelDef) {
	report := func(message, mend string) {
		k.report(l.Site, diag.Error, "metric/label-values", l.Name, message, mend)
	}
	if l.Max < 1 {
		report("label "+l.Name+" can have no value", "give it values, or an upper bound of 1 or more")
	}
	if l.Closed() {
		sorted := slices.Sorted(slices.Values(l.Values))
		for i := 1; i < len(sorted); i++ {
			if sorted[i] == sorted[i-1] {
				report(fmt.Sprintf("label %s has the value %q twice", l.Name, sorted[i]), "delete one of them")
			}
		}
		for _, v := range l.Values {
			if !utf8.ValidString(v) {
				report(fmt.Sprintf("label %s has the value %q, which is not valid UTF-8: no scrape can carry it", l.Name, v), "save the source file as UTF-8")
			}
		}
	}
	if _, err := wholeRegexp(l.Pattern); err != nil {
		report("label "+l.Name+" has a pattern that does not compile: "+err.Error(), "mend the regular expression")
	}
}

// values checks buckets, range and states.
func (k *checker) values(m *Metric) {
	report := func(id, message, mend string) { k.report(m.Site, diag.Error, id, m.Name, message, mend) }
	for i, b := range m.Buckets {
		switch {
		case math.IsNaN(b), math.IsInf(b, 0):
			report("metric/buckets", fmt.Sprintf("bucket %d of %s is %v", i+1, m.Name, b), "leave it out; +Inf is added")
		case i > 0 && b <= m.Buckets[i-1]:
			report("metric/buckets", fmt.Sprintf("buckets of %s are not ascending: %v after %v", m.Name, b, m.Buckets[i-1]), "sort them and drop repetitions")
		}
	}
	histogram := m.Kind == KindHistogram
	switch {
	case histogram && len(m.Buckets) == 0 && m.Native == 0:
		report("metric/buckets", m.Name+" is a histogram without buckets", "set Spec.Buckets, Spec.Native or both")
	case !histogram && (len(m.Buckets) > 0 || m.Native != 0):
		report("metric/buckets", fmt.Sprintf("%s is a %s and has buckets", m.Name, m.Kind), "declare it with NewHistogram or drop them")
	case m.Native != 0 && !(m.Native > 1 && m.Native <= math.MaxFloat64):
		report("metric/buckets", fmt.Sprintf("the buckets of %s grow by %v, which is no factor above 1", m.Name, m.Native), "use a factor such as 1.1")
	}
	if m.Range.Min > m.Range.Max || math.IsNaN(m.Range.Min) || math.IsNaN(m.Range.Max) {
		report("metric/range", fmt.Sprintf("%s ranges from %v to %v", m.Name, m.Range.Min, m.Range.Max), "put the lower end first")
	}
	seen := map[float64]bool{}
	for _, s := range m.States {
		switch {
		case m.Kind != KindGauge:
			report("metric/states", fmt.Sprintf("%s is a %s: its values have no meanings", m.Name, m.Kind), "declare a gauge or drop Spec.States")
		case seen[s.Value]:
			report("metric/states", fmt.Sprintf("%s gives the value %v two meanings", m.Name, s.Value), "keep one of them")
		case !m.Range.IsZero() && (s.Value < m.Range.Min || s.Value > m.Range.Max):
			report("metric/states", fmt.Sprintf("%s names the value %v, outside its range", m.Name, s.Value), "widen Spec.Range")
		}
		seen[s.Value] = true
	}
	if m.Initialised {
		for _, l := range m.Labels {
			if l != nil && !l.Closed() {
				report("metric/initialised", fmt.Sprintf("%s cannot begin at 0: the values of its label %s are not known beforehand", m.Name, l.Name), "close the label with catalog.OneOf, or drop Spec.Initialised")
				break
			}
		}
	}
	if m.PartOf != nil && m.PartOf.Series().Metric == m {
		report("metric/part-of", m.Name+" is declared a part of itself", "name the counter of the whole")
	}
}

// suffixes that name a unit other than the base one, and what to use instead.
var nonBase = map[string]string{
	"milliseconds": "seconds", "ms": "seconds", "microseconds": "seconds", "us": "seconds",
	"nanoseconds": "seconds", "ns": "seconds", "minutes": "seconds", "hours": "seconds", "days": "seconds",
	"kilobytes": "bytes", "kb": "bytes", "megabytes": "bytes", "mb": "bytes", "gigabytes": "bytes", "gb": "bytes",
	"kibibytes": "bytes", "mebibytes": "bytes", "gibibytes": "bytes", "bits": "bytes",
	"percent": "ratio", "percentage": "ratio", "pct": "ratio", "fahrenheit": "celsius",
}

// units that a suffix promises.
var promised = map[string]unit.Unit{
	"seconds": unit.Seconds, "bytes": unit.Bytes, "ratio": unit.Ratio, "celsius": unit.Celsius, "joules": unit.Joules,
}

// naming returns the departures of a name from the conventions; Spec.Naming waives all of them.
func (k *checker) naming(m *Metric) []diag.Finding {
	var out []diag.Finding
	add := func(id, message, mend string) {
		out = append(out, diag.Finding{
			ID: id, Severity: diag.Error, At: m.Site.Position(), Subject: m.Name, Message: message,
			Mend: mend + ", or give the reason in Spec.Naming",
		})
	}
	if p := k.catalog.Spec.Prefix; !strings.HasPrefix(m.Name, p) {
		add("metric/prefix", m.Name+" does not begin with "+p, "rename it")
	}
	if strings.Contains(m.Name, ":") {
		add("metric/colon", m.Name+" has a colon, which is for recorded series", "use underscores")
	}
	if camelCase.MatchString(m.Name) || m.Name != strings.ToLower(m.Name) {
		add("metric/case", m.Name+" is not in snake_case", "rename it")
	}
	words := strings.Split(m.Name, "_")
	total := words[len(words)-1] == "total"
	switch {
	case m.Kind == KindCounter && !total:
		add("metric/counter-total", "counter "+m.Name+" does not end in _total", "call it "+m.Name+"_total")
	case m.Kind != KindCounter && total:
		add("metric/total-not-counter", fmt.Sprintf("%s %s ends in _total, which says counter", m.Kind, m.Name),
			"call it "+strings.TrimSuffix(m.Name, "_total"))
	}
	if last := words[len(words)-1]; last == "bucket" || last == "sum" || last == "count" || last == "info" && m.Kind != KindGauge {
		add("metric/reserved-suffix", fmt.Sprintf("%s ends in _%s, which Prometheus gives to parts of other metrics", m.Name, last), "rename it")
	}
	for _, w := range words[:len(words)-1] {
		if w == string(m.Kind) {
			add("metric/type-in-name", m.Name+" carries its type in its name", "leave the type out")
		}
	}
	if words[len(words)-1] == string(m.Kind) {
		add("metric/type-in-name", m.Name+" carries its type in its name", "leave the type out")
	}
	tail := words
	if total {
		tail = words[:len(words)-1]
	}
	if len(tail) > 0 {
		last := strings.ToLower(tail[len(tail)-1])
		if instead, ok := nonBase[last]; ok {
			add("metric/base-unit", fmt.Sprintf("%s is in %s, not in the base unit", m.Name, last), "measure in "+instead)
		} else if want, ok := promised[last]; ok && m.Unit.IsKnown() && !m.Unit.Fits(want) && !(m.Unit == unit.Timestamp && want == unit.Seconds) {
			add("metric/unit-suffix", fmt.Sprintf("%s is named for %s and declared in %s", m.Name, last, m.Unit), "make the two agree")
		}
	}
	return out
}

// clashes finds names that another metric's _bucket, _sum or _count takes.
func (k *checker) clashes() {
	names := make([]string, 0, len(k.byName))
	for n := range k.byName {
		names = append(names, n)
	}
	slices.SortFunc(names, cmp.Compare)
	for _, n := range names {
		m := k.byName[n]
		for _, s := range m.AllSeries() {
			other, ok := k.byName[s.Name()]
			if !ok || other == m {
				continue
			}
			f := k.report(other.Site, diag.Error, "metric/suffix-clash", other.Name,
				fmt.Sprintf("%s is also a series of the histogram %s", other.Name, m.Name), "rename one of them")
			f.Related = []diag.Related{{At: m.Site.Position(), Message: "the histogram is declared here"}}
		}
	}
}
