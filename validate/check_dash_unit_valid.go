package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var dashUnitValid = &Check{
	ID: "dash/unit-valid", Severity: diag.Warning, Title: "A unit that is near to one of Grafana's",
	Why:     "Grafana takes any text for a unit and writes it behind the bare number. The unit that is meant would scale it: 1500 ms reads 1.50 s.",
	Source:  grafana + "panels-visualizations/configure-standard-options/#unit",
	Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "seconds"}}, "targets": [{"expr": "app_uptime_seconds"}]}`, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "s"}}, "targets": [{"expr": "app_uptime_seconds"}]}`},
	Panel: func(p *Panel, report Report) {
		if id := p.Unit.Value; id != "" && !knownUnit(id) {
			if meant := meantUnit(id); meant != "" {
				report.at(p.Unit.At(), fmt.Sprintf("panel %q: Grafana has no unit %s and shows the number as it is, with that text behind it", p.Label(), id), "use "+meant+"; suffix:"+id+" if the text is meant")
			}
		}
	},
}

// unitWords are what people write for units of Grafana's by another name, in lower case.
var unitWords = map[string]string{
	"%": "percent", "percentage": "percent", "percents": "percent", "pct": "percent", "ratio": "percentunit", "misc": "none", "time_series": "none", "timeseries": "none", "number": "none",
	"second": "s", "seconds": "s", "sec": "s", "secs": "s", "millisecond": "ms", "milliseconds": "ms", "msec": "ms", "msecs": "ms", "millis": "ms", "microsecond": "µs", "microseconds": "µs", "us": "µs", "μs": "µs", "usec": "µs",
	"nanosecond": "ns", "nanoseconds": "ns", "nsec": "ns", "minute": "m", "minutes": "m", "hour": "h", "hours": "h", "day": "d", "days": "d",
	"byte": "bytes", "bit": "bits",
}

// ownWords are texts that read like one of Grafana's ids in other letters and mean something else: its rpm are reads
// per minute, those of a fan are turns.
var ownWords = words("rpm")

// meantUnit returns the unit of Grafana's that somebody meant by a text, "" where the text can be meant as it is.
func meantUnit(text string) string {
	low := strings.ToLower(strings.TrimSpace(text))
	if meant := unitWords[low]; meant != "" {
		return meant
	}
	if thing, per, ok := strings.Cut(low, "/"); ok && (per == "s" || unitWords[per] == "s") {
		return map[string]string{"byte": "Bps", "bytes": "Bps", "bit": "bps", "bits": "bps"}[strings.TrimSpace(thing)]
	}
	const shortest = 3 // M and Mb can be anything
	if len(low) < shortest || ownWords[low] {
		return ""
	}
	return strings.Join(unit.GrafanaIDsLike(low), " or ")
}
