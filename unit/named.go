package unit

import (
	"maps"
	"slices"
)

// named are the units that have a name of their own, as files write them.
var named = map[string]Unit{
	"one": One, "seconds": Seconds, "milliseconds": Milliseconds, "microseconds": Microseconds, "nanoseconds": Nanoseconds, "minutes": Minutes,
	"hours": Hours, "days": Days, "bytes": Bytes, "kibibytes": Kibibytes, "mebibytes": Mebibytes, "gibibytes": Gibibytes, "bits": Bits,
	"celsius": Celsius, "joules": Joules, "ratio": Ratio, "percent": Percent, "timestamp": Timestamp, "state": State,
}

// Named returns the unit that a file calls by a name: seconds, bytes, ratio and others that Names lists; any other word is
// what is counted, in the plural. The empty name is the unknown unit.
func Named(name string) Unit {
	if name == "" {
		return Unknown
	}
	if u, ok := named[name]; ok {
		return u
	}
	return Count(name)
}

// Name returns the name by which Named finds the unit; ok is false for one that has none, such as that of a rate.
func (u Unit) Name() (name string, ok bool) {
	if u == Unknown {
		return "", true
	}
	for name, v := range named {
		if v == u {
			return name, true
		}
	}
	return u.noun, u.noun != "" && u == Count(u.noun)
}

// Names returns the names of the units that count nothing, sorted.
func Names() []string { return slices.Sorted(maps.Keys(named)) }
