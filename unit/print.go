package unit

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// GrafanaID returns the id by which Grafana knows the unit, as in its unit picker; ok is false where
// it has none that fits, and then "short" (a bare number) is the honest choice. Times are milliseconds
// to Grafana: the values of a Timestamp must be multiplied by 1000.
func (u Unit) GrafanaID() (id string, ok bool) {
	switch {
	case u.kind == literal:
		return "short", true
	case u.kind == unknown:
		return "short", false
	case u.share && u.exp == [dimensions]int8{}:
		if u.scale == 0.01 {
			return "percent", true
		}
		return "percentunit", u.scale == 1
	case u.state:
		return "none", true
	case u.point && u.exp == exponent(second):
		return "dateTimeFromNow", true
	case u.point && u.exp == exponent(kelvin):
		return "celsius", true
	case u.per:
		return throughputID(u)
	case u.noun != "" && u.exp == [dimensions]int8{}:
		return "short", true
	}
	if id, ok := grafanaIDs[dimScale{u.exp, u.scale}]; ok {
		return id, true
	}
	return "short", false
}

func throughputID(u Unit) (string, bool) {
	short, ok := throughputs[u.noun]
	if !ok {
		short = "c"
	}
	switch {
	case sameScale(u.scale, 1):
		return short + "ps", true
	case sameScale(u.scale, 1.0/60):
		return short + "pm", true
	default:
		return "short", false
	}
}

// throughputs has the prefixes of Grafana's throughput units: reqps, reqpm, mps, …
var throughputs = map[string]string{
	"requests": "req", "messages": "m", "events": "e", "operations": "o", "records": "rec", "rows": "rows",
}

var grafanaIDs = map[dimScale]string{
	{[dimensions]int8{}, 1}:      "short",
	{exponent(second), 1}:        "s",
	{exponent(second), 1e-3}:     "ms",
	{exponent(second), 1e-6}:     "µs",
	{exponent(second), 1e-9}:     "ns",
	{exponent(second), 60}:       "m",
	{exponent(second), 3600}:     "h",
	{exponent(second), 86400}:    "d",
	{exponent(byteDim), 1}:       "bytes",
	{exponent(byteDim), 1 << 10}: "kbytes",
	{exponent(byteDim), 1 << 20}: "mbytes",
	{exponent(byteDim), 1 << 30}: "gbytes",
	{exponent(byteDim), 1e3}:     "deckbytes",
	{exponent(byteDim), 1e6}:     "decmbytes",
	{exponent(byteDim), 1e9}:     "decgbytes",
	{exponent(byteDim), 0.125}:   "bits",
	{perSecond(byteDim), 1}:      "binBps",
	{perSecond(byteDim), 0.125}:  "bps",
	{exponent(joule), 1}:         "joule",
	{perSecond(joule), 1}:        "watt",
}

// Template returns the part of a Prometheus annotation that prints the alert's value in this unit,
// with the functions of https://prometheus.io/docs/prometheus/latest/configuration/template_reference/.
func (u Unit) Template() string {
	switch {
	case u.share && u.scale == 1:
		return `{{ $value | humanizePercentage }}`
	case u.share:
		return `{{ $value | printf "%.1f" }}%`
	case u.point && u.exp == exponent(second):
		return `{{ $value | humanizeTimestamp }}`
	case u.IsDuration() && u.scale == 1:
		return `{{ $value | humanizeDuration }}`
	case u.exp == exponent(byteDim) && u.scale == 1, u.exp == perSecond(byteDim) && u.scale == 1:
		return `{{ $value | humanize1024 }}` + u.String()
	case u.state, u.kind != known:
		return `{{ $value }}`
	}
	suffix := " " + u.String()
	if s := u.String(); s == "1" {
		suffix = ""
	}
	if u.per {
		// humanize would write 0.1 as 100m, which nobody reads right at night.
		return `{{ if lt $value 1.0 }}{{ $value | printf "%.3g" }}{{ else }}{{ $value | humanize }}{{ end }}` + suffix
	}
	return `{{ $value | humanize }}` + suffix
}

// Format returns a value as prose writes it: 0.05 of a ratio is "5%", 0.5 s is "500 ms", 1<<30 B is
// "1 GiB", 1000 connections are "1,000 connections".
func (u Unit) Format(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'g', -1, 64)
	case u.share && u.scale == 1:
		return number(v*100) + "%"
	case u.share:
		return number(v) + "%"
	case u.IsDuration():
		return seconds(v * u.scale)
	case u.IsBytes() && u.scale == 1:
		return data(v) + "B"
	case u.kind == known && u.exp == perSecond(byteDim) && u.scale == 1:
		return data(v) + "B/s"
	case u.state, u.kind != known:
		return number(v)
	}
	if s := u.String(); s != "1" {
		return number(v) + " " + s
	}
	return number(v)
}

func seconds(s float64) string {
	abs := math.Abs(s)
	for _, step := range []struct {
		size float64
		name string
	}{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		// 90 s stays 90 s: a larger unit only where it comes out even
		if q := s / step.size; abs >= step.size && (step.size <= 1 || q == math.Trunc(q)) {
			return number(q) + " " + step.name
		}
	}
	if s == 0 {
		return "0 s"
	}
	return number(s*1e9) + " ns"
}

func data(v float64) string {
	prefix := ""
	for _, p := range []string{"Ki", "Mi", "Gi", "Ti", "Pi"} {
		if math.Abs(v) < 1024 {
			break
		}
		v, prefix = v/1024, p
	}
	return number(v) + " " + prefix
}

// number prints at most 6 significant digits, with commas between thousands.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if digits := strconv.FormatFloat(v, 'g', 6, 64); !strings.ContainsAny(digits, "e") {
		s = digits
	} else if math.Abs(v) < 1 {
		return digits
	}
	whole, frac, found := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if found {
		frac = "." + frac
	}
	return sign + b.String() + frac
}

// Duration returns a duration as Prometheus writes it, exact to the millisecond: 5m, 1h30m, 500ms.
func Duration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	for _, step := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / step.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + step.name)
			d -= n * step.size
		}
	}
	return b.String()
}

// Prose returns a duration as a sentence has it: "5 minutes", "1 hour", "90 seconds".
func Prose(d time.Duration) string {
	for _, step := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= step.size && d%step.size == 0 {
			n := int64(d / step.size)
			if n == 1 {
				return "1 " + step.name
			}
			return strconv.FormatInt(n, 10) + " " + step.name + "s"
		}
	}
	return Duration(d)
}
