package unit_test

import (
	"math"
	"testing"
	"time"

	"github.com/obsgen/obsgen/unit"
)

func TestAlgebra(t *testing.T) {
	reqps, errps := unit.PerSecond(unit.Requests), unit.PerSecond(unit.Errors)
	sum := func(a, b unit.Unit) unit.Unit {
		u, ok := unit.Add(a, b)
		if !ok {
			return unit.Count("MISFIT")
		}
		return u
	}
	sub := func(a, b unit.Unit) unit.Unit {
		u, _ := unit.Sub(a, b)
		return u
	}
	for _, c := range []struct {
		name string
		got  unit.Unit
		want string
	}{
		{"rate of requests", reqps, "requests/s"},
		{"rate of bytes", unit.PerSecond(unit.Bytes), "B/s"},
		{"rate of seconds is a share", unit.PerSecond(unit.Seconds), "ratio"},
		{"rate of a gauge code is nothing", unit.PerSecond(unit.State), "?"},
		{"share of errors", unit.Div(errps, reqps), "ratio"},
		{"the same over the same", unit.Div(reqps, reqps), "ratio"},
		{"bytes of bytes", unit.Div(unit.Bytes, unit.Bytes), "ratio"},
		{"mean of a histogram", unit.Div(unit.PerSecond(unit.Seconds), unit.PerSecond(unit.Count("observations"))), "s"},
		{"rate times a window", unit.Mul(reqps, unit.Seconds), "requests"},
		{"half of it", unit.Mul(reqps, unit.Literal), "requests/s"},
		{"share of a rate", unit.Mul(unit.Ratio, reqps), "requests/s"},
		{"sum of like", sum(reqps, reqps), "requests/s"},
		{"sum of two nouns", sum(reqps, errps), "1/s"},
		{"sum with a number", sum(unit.Literal, unit.Seconds), "s"},
		{"sum of seconds and bytes", sum(unit.Seconds, unit.Bytes), "MISFIT"},
		{"sum of s and ms", sum(unit.Seconds, unit.Milliseconds), "MISFIT"},
		{"unknown silences", sum(unit.Unknown, unit.Bytes), "?"},
		{"now minus start", sub(unit.Timestamp, unit.Timestamp), "s"},
		{"now minus a minute", sub(unit.Timestamp, unit.Seconds), "unix time"},
		{"variance", unit.Square(unit.Seconds), "s^2"},
		{"common of equal", unit.Common(unit.Seconds, unit.Seconds), "s"},
		{"common of unlike", unit.Common(unit.Seconds, unit.Bytes), "?"},
		{"doubling a state", unit.Mul(unit.State, unit.Literal), "1"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestScaled(t *testing.T) {
	for _, c := range []struct {
		in     unit.Unit
		factor float64
		want   string
		ok     bool
	}{
		{unit.Ratio, 100, "%", true},
		{unit.Percent, 0.01, "ratio", true},
		{unit.Seconds, 1000, "ms", true},
		{unit.Seconds, 1.0 / 3600, "h", true},
		{unit.Bytes, 1.0 / (1 << 20), "MiB", true},
		{unit.Bytes, 8, "bit", true},
		{unit.PerSecond(unit.Requests), 60, "requests/min", true},
		{unit.Ratio, 2, "ratio", false},
		{unit.Requests, 100, "requests", false},
		{unit.Timestamp, 1000, "unix time in ms", true},
		{unit.Celsius, 1000, "°C", false},
		{unit.Seconds, 0, "s", false},
	} {
		got, ok := c.in.Scaled(c.factor)
		if got.String() != c.want || ok != c.ok {
			t.Errorf("%v scaled by %v: %v %v, want %s %v", c.in, c.factor, got, ok, c.want, c.ok)
		}
	}
}

func TestGrafanaID(t *testing.T) {
	perMinute, _ := unit.PerSecond(unit.Requests).Scaled(60)
	for _, c := range []struct {
		in   unit.Unit
		want string
		ok   bool
	}{
		{unit.Ratio, "percentunit", true}, {unit.Percent, "percent", true}, {unit.Seconds, "s", true},
		{unit.Milliseconds, "ms", true}, {unit.Minutes, "m", true}, {unit.Bytes, "bytes", true},
		{unit.Mebibytes, "mbytes", true}, {unit.PerSecond(unit.Bytes), "binBps", true},
		{unit.PerSecond(unit.Requests), "reqps", true}, {perMinute, "reqpm", true},
		{unit.PerSecond(unit.Messages), "mps", true}, {unit.PerSecond(unit.Errors), "cps", true},
		{unit.Requests, "short", true}, {unit.One, "short", true}, {unit.State, "none", true},
		{unit.Timestamp, "dateTimeFromNow", true}, {unit.PerSecond(unit.Seconds), "percentunit", true},
		{unit.Unknown, "short", false}, {unit.Square(unit.Seconds), "short", false},
	} {
		if id, ok := c.in.GrafanaID(); id != c.want || ok != c.ok {
			t.Errorf("%v: %s %v, want %s %v", c.in, id, ok, c.want, c.ok)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		u    unit.Unit
		v    float64
		want string
	}{
		{unit.Ratio, 0.05, "5%"}, {unit.Ratio, 0.999, "99.9%"}, {unit.Percent, 80, "80%"},
		{unit.Seconds, 0.5, "500 ms"}, {unit.Seconds, 1, "1 s"}, {unit.Seconds, 90, "90 s"},
		{unit.Seconds, 300, "5 min"}, {unit.Seconds, 86400, "1 d"}, {unit.Seconds, 0, "0 s"},
		{unit.Milliseconds, 250, "250 ms"}, {unit.Bytes, 1 << 30, "1 GiB"}, {unit.Bytes, 900, "900 B"},
		{unit.Connections, 1000, "1,000 connections"}, {unit.Connections, 1234567, "1,234,567 connections"},
		{unit.PerSecond(unit.Errors), 0.1, "0.1 errors/s"}, {unit.One, -1500.5, "-1,500.5"},
		{unit.Literal, 3, "3"}, {unit.One, 1e-7, "1e-07"}, {unit.One, math.Inf(1), "+Inf"},
	} {
		if got := c.u.Format(c.v); got != c.want {
			t.Errorf("%v of %v: %q, want %q", c.v, c.u, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		d           time.Duration
		want, prose string
	}{
		{5 * time.Minute, "5m", "5 minutes"}, {90 * time.Minute, "1h30m", "90 minutes"},
		{time.Hour, "1h", "1 hour"}, {30 * 24 * time.Hour, "30d", "30 days"}, {500 * time.Millisecond, "500ms", "500ms"},
		{90 * time.Second, "1m30s", "90 seconds"}, {0, "0s", "0s"}, {-time.Minute, "-1m", "-1m"},
	} {
		if got := unit.Duration(c.d); got != c.want {
			t.Errorf("%v: %s, want %s", c.d, got, c.want)
		}
		if got := unit.Prose(c.d); got != c.prose {
			t.Errorf("%v: %s, want %s", c.d, got, c.prose)
		}
	}
}
