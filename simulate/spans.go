package simulate

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// Fired is a time for which an alert fired.
type Fired struct {
	Labels labels.Labels // of the expression's series, without its name
	// Since is when the condition began to hold; From is when the alert began to fire, To when it ended.
	Since, From, To time.Time
	// Open says that it fired still at the end.
	Open bool
	// Value is the largest or, of values below 0, smallest that the expression had meanwhile.
	Value float64
}

// Spans returns for which times an alert fires of which every evaluation's result is known: as Prometheus's manager of rules
// does it, with `for` and `keep_firing_for`. The evaluations are so far apart and end at the end; a series that is not in one of
// them is at an end there. Sorted by their begin.
func Spans(m promql.Matrix, hold, keep, every time.Duration, end time.Time) []Fired {
	var out []Fired
	last := end.UnixMilli()
	step := every.Milliseconds()
	for _, s := range m {
		ls := withoutName(s.Metric)
		var points []int64
		values := map[int64]float64{}
		for _, p := range s.Floats {
			points = append(points, p.T)
			values[p.T] = p.F
		}
		for _, p := range s.Histograms {
			points = append(points, p.T)
		}
		slices.Sort(points)
		var open *Fired
		var since, seen int64 // of the condition: when it began, when it last held
		begun := false
		finish := func(at int64, still bool) {
			if open != nil {
				open.To, open.Open = time.UnixMilli(at).UTC(), still
				out = append(out, *open)
				open = nil
			}
			begun = false
		}
		// gap is called for the evaluations after one point and before the next, at which the condition does not hold.
		gap := func(from, to int64) {
			for at := from; at < to && at <= last; at += step {
				switch {
				case open == nil:
					begun = false
				case at-(seen+step) < keep.Milliseconds(): // it goes on for a while
				default:
					finish(at, false)
					return
				}
			}
		}
		for i, t := range points {
			if i > 0 && t-seen > step {
				gap(seen+step, t)
			}
			if !begun {
				begun, since = true, t
			}
			seen = t
			if open == nil && t-since >= hold.Milliseconds() {
				open = &Fired{Labels: ls, Since: time.UnixMilli(since).UTC(), From: time.UnixMilli(t).UTC(), Value: values[t]}
			}
			if v, ok := values[t]; ok && open != nil {
				open.see(v)
			}
		}
		if len(points) > 0 {
			gap(seen+step, last+1)
			finish(last, true)
		}
	}
	sortFired(out)
	return out
}

// see takes a value that the expression has meanwhile.
func (f *Fired) see(v float64) {
	if v > f.Value && v > 0 || v < f.Value && v < 0 {
		f.Value = v
	}
}

func sortFired(list []Fired) {
	slices.SortFunc(list, func(a, b Fired) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return labels.Compare(a.Labels, b.Labels)
	})
}
