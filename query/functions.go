package query

import (
	"fmt"
	"regexp"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// apply calls a function of one vector and further numbers.
func (v Vector) apply(fn string, numbers ...float64) Vector {
	args := []parser.Expr{v.get().expr}
	for _, x := range numbers {
		args = append(args, number(x))
	}
	if v.get().expr == nil {
		n := step(2, nil, names{open: true}, v.node)
		n.fault("query/empty", fn+" has no operand", "give it one")
		return Vector{n}
	}
	return Vector{step(2, call(fn, args...), v.get().names, v.node)}
}

// Abs returns the values without sign.
//
//go:noinline
func (v Vector) Abs() Vector { return v.apply("abs") }

// Ceil returns the values rounded up.
//
//go:noinline
func (v Vector) Ceil() Vector { return v.apply("ceil") }

// Floor returns the values rounded down.
//
//go:noinline
func (v Vector) Floor() Vector { return v.apply("floor") }

// Round returns the values rounded to multiples of to.
//
//go:noinline
func (v Vector) Round(to float64) Vector { return v.apply("round", to) }

// Clamp returns the values kept between min and max.
func (v Vector) Clamp(min, max float64) Vector {
	out := v.apply("clamp", min, max)
	if min > max {
		out.fault("query/clamp", fmt.Sprintf("clamp between %v and %v is empty", min, max), "put the lower bound first")
	}
	return out
}

// ClampMin returns the values, min where they are below it.
//
//go:noinline
func (v Vector) ClampMin(min float64) Vector { return v.apply("clamp_min", min) }

// ClampMax returns the values, max where they are above it.
//
//go:noinline
func (v Vector) ClampMax(max float64) Vector { return v.apply("clamp_max", max) }

// Sqrt returns the square roots.
//
//go:noinline
func (v Vector) Sqrt() Vector { return v.apply("sqrt") }

// Exp returns e to the power of the values.
//
//go:noinline
func (v Vector) Exp() Vector { return v.apply("exp") }

// Ln returns the natural logarithms.
//
//go:noinline
func (v Vector) Ln() Vector { return v.apply("ln") }

// Log2 returns the binary logarithms.
//
//go:noinline
func (v Vector) Log2() Vector { return v.apply("log2") }

// Log10 returns the decimal logarithms.
//
//go:noinline
func (v Vector) Log10() Vector { return v.apply("log10") }

// Sgn returns -1, 0 or 1 by the values' sign.
//
//go:noinline
func (v Vector) Sgn() Vector { return v.apply("sgn") }

// Sort orders an instant query's result by value, smallest first.
//
//go:noinline
func (v Vector) Sort() Vector { return v.apply("sort") }

// SortDesc orders an instant query's result by value, largest first.
//
//go:noinline
func (v Vector) SortDesc() Vector { return v.apply("sort_desc") }

// SampleTime returns the time of each sample instead of its value, in seconds since 1970.
//
//go:noinline
func (v Vector) SampleTime() Vector { return v.apply("timestamp") }

// Relabelled returns the vector with the label target set to replacement, in which $1 stands for a group
// of re, for series whose label source matches re whole.
func (v Vector) Relabelled(target, replacement string, source catalog.AnyLabel, re string) Vector {
	str := func(s string) parser.Expr { return &parser.StringLiteral{Val: s} }
	n := step(1, call("label_replace", v.get().expr, str(target), str(replacement), str(source.Def().Name), str(re)),
		v.get().names.with(target), v.node)
	if !model.UTF8Validation.IsValidLabelName(target) {
		n.fault("query/label", fmt.Sprintf("%q is no label name", target), "use letters, digits and underscores")
	}
	if _, err := regexp.Compile("^(?s:" + re + ")$"); err != nil {
		n.fault("query/matcher", err.Error(), "write a regular expression that RE2 compiles")
	}
	return Vector{n}
}

// Subquery evaluates the expression every step over a window.
func (v Vector) Subquery(window, resolution time.Duration) Range {
	e := v.get().expr
	switch e.(type) {
	case *parser.BinaryExpr, *parser.UnaryExpr:
		e = &parser.ParenExpr{Expr: e}
	}
	n := step(1, &parser.SubqueryExpr{Expr: e, Range: window, Step: resolution}, v.get().names, v.node)
	if window <= 0 || resolution < 0 || resolution > window {
		n.fault("query/window", fmt.Sprintf("a subquery over %s every %s", unit.Duration(window), unit.Duration(resolution)),
			"use a positive window of at least one step")
	}
	return Range{n}
}

func (r Range) apply(fn string, before ...float64) Vector {
	var args []parser.Expr
	for _, x := range before {
		args = append(args, number(x))
	}
	return Vector{step(2, call(fn, append(args, r.get().expr)...), r.get().names, r.node)}
}

// AvgOverTime returns the mean of each series' samples in the window.
//
//go:noinline
func (r Range) AvgOverTime() Vector { return r.apply("avg_over_time") }

// MaxOverTime returns the largest sample in the window.
//
//go:noinline
func (r Range) MaxOverTime() Vector { return r.apply("max_over_time") }

// MinOverTime returns the smallest sample in the window.
//
//go:noinline
func (r Range) MinOverTime() Vector { return r.apply("min_over_time") }

// SumOverTime returns the sum of the samples in the window.
//
//go:noinline
func (r Range) SumOverTime() Vector { return r.apply("sum_over_time") }

// CountOverTime returns the number of samples in the window.
//
//go:noinline
func (r Range) CountOverTime() Vector { return r.apply("count_over_time") }

// LastOverTime returns the newest sample in the window.
//
//go:noinline
func (r Range) LastOverTime() Vector { return r.apply("last_over_time") }

// PresentOverTime returns 1 for series with any sample in the window.
//
//go:noinline
func (r Range) PresentOverTime() Vector { return r.apply("present_over_time") }

// StddevOverTime returns the standard deviation of the samples in the window.
//
//go:noinline
func (r Range) StddevOverTime() Vector { return r.apply("stddev_over_time") }

// StdvarOverTime returns the variance of the samples in the window.
//
//go:noinline
func (r Range) StdvarOverTime() Vector { return r.apply("stdvar_over_time") }

// QuantileOverTime returns the φ-quantile of the samples in the window.
func (r Range) QuantileOverTime(φ float64) Vector {
	v := r.apply("quantile_over_time", φ)
	if isBad(φ) {
		v.fault("query/quantile", fmt.Sprintf("a quantile of %v", φ), "use a number from 0 to 1")
	}
	return v
}

// Over fixes the window where it is still open.
func (r Range) Over(window time.Duration) Range {
	n := step(1, SetWindow(r.get().expr, window), r.get().names, r.node)
	if window <= 0 {
		n.fault("query/window", fmt.Sprintf("a window of %v holds no sample", window), "use a positive duration")
	}
	return Range{n}
}
