package validate

import (
	"strings"

	"github.com/obsgen/obsgen/unit"
)

// scaled returns a unit of another size.
func scaled(u unit.Unit, factor float64) unit.Unit {
	out, _ := u.Scaled(factor)
	return out
}

// shown are Grafana's units of which it is known what they are; values of another dimension or scale are shown wrong.
var shown = map[string]unit.Unit{
	"s": unit.Seconds, "ms": unit.Milliseconds, "µs": scaled(unit.Seconds, 1e-6), "ns": scaled(unit.Seconds, 1e-9), "m": scaled(unit.Seconds, 60), "h": scaled(unit.Seconds, 3600), "d": scaled(unit.Seconds, 86400),
	"dtdurations": unit.Seconds, "dtdurationms": unit.Milliseconds, "dthms": unit.Seconds, "clocks": unit.Seconds, "clockms": unit.Milliseconds,
	"bytes": unit.Bytes, "decbytes": unit.Bytes,
	"kbytes": scaled(unit.Bytes, 1<<10), "mbytes": scaled(unit.Bytes, 1<<20), "gbytes": scaled(unit.Bytes, 1<<30), "tbytes": scaled(unit.Bytes, 1<<40),
	"deckbytes": scaled(unit.Bytes, 1e3), "decmbytes": scaled(unit.Bytes, 1e6), "decgbytes": scaled(unit.Bytes, 1e9), "dectbytes": scaled(unit.Bytes, 1e12),
	"Bps": unit.PerSecond(unit.Bytes), "binBps": unit.PerSecond(unit.Bytes),
	"KBs": unit.PerSecond(scaled(unit.Bytes, 1e3)), "KiBs": unit.PerSecond(scaled(unit.Bytes, 1<<10)), "MBs": unit.PerSecond(scaled(unit.Bytes, 1e6)), "MiBs": unit.PerSecond(scaled(unit.Bytes, 1<<20)),
	"percent": unit.Percent, "percentunit": unit.Ratio,
	"celsius": unit.Celsius,
}

// rates are Grafana's units of a number per second.
var rates = words("reqps ops rps wps iops cps eps mps recps rowsps pps")

// perMinute are those of a number per minute.
var perMinute = words("opm rpm wpm cpm epm mpm recpm rowspm")

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// misshown says how a panel's unit does not fit what it shows, "" where it does or nobody knows.
func misshown(u unit.Unit, id string) (why, mend string) {
	if !u.IsKnown() || u.IsLiteral() || u.IsState() || id == "" {
		return "", ""
	}
	if u.IsPoint() {
		if _, ok := shown[id]; ok && id != "celsius" {
			return "a point in time is shown as " + id, "show dateTimeAsIso of the value times 1000, or time() minus it"
		}
		return "", ""
	}
	per := u.SameDimension(unit.PerSecond(unit.Count("x")))
	switch {
	case rates[id]:
		if u.IsShare() || u.IsDuration() || u.IsBytes() {
			return "the values are in " + u.String() + ", and shown per second as " + id, "use the unit of the values"
		}
		return "", ""
	case perMinute[id] && per:
		return "the values are per second, and shown per minute as " + id, "multiply by 60, or use ops"
	}
	want, ok := shown[id]
	if !ok {
		return "", ""
	}
	proper, _ := u.GrafanaID()
	if proper == "" {
		proper = "none"
	}
	switch {
	case u.IsShare() && want.IsShare() && u.Scale() != want.Scale():
		if u.Scale() == 1 {
			return "a ratio from 0 to 1 is shown as percent: 0.07 reads 0.07%", "use percentunit"
		}
		return "a percentage is shown as percentunit: 7 reads 700%", "use percent"
	case u.SameDimension(want) && u.IsShare() == want.IsShare():
		if r := u.Scale() / want.Scale(); r < 0.9999999 || r > 1.0000001 {
			return "the values are in " + u.String() + ", and shown as " + id, "use " + proper + ", or another factor in the query"
		}
		return "", ""
	case u.IsShare() != want.IsShare() && (u.IsDuration() || u.IsBytes() || want.IsDuration() || want.IsBytes()),
		!u.IsShare() && !want.IsShare():
		return "the values are in " + u.String() + ", and shown as " + id, "use " + proper
	}
	return "", ""
}

// grafanaUnits are beginnings of units that people make up themselves.
var ownUnits = []string{"suffix:", "prefix:", "time:", "si:", "count:", "currency:", "bool:", "short:"}

// knownUnit reports whether Grafana has a unit, or lets people make it up.
func knownUnit(id string) bool {
	if unit.IsGrafanaID(id) || strings.Contains(id, "$") {
		return true
	}
	for _, p := range ownUnits {
		if strings.HasPrefix(id, p) {
			return true
		}
	}
	return false
}
