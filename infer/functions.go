package infer

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// function is what is known of a PromQL function: which argument its series come from, and what becomes
// of their kind, unit, range, name and native histograms. A zero field means that the argument's is kept.
type function struct {
	says string // what the result is, for a person
	// series is the argument, counted from 1, whose series the result has; 0: whole says it all.
	series int
	wants  wants
	kind   func(Type) Kind
	unit   func(Type) unit.Unit
	values func(*call) Range
	// keepsName says that the metric's name stays.
	keepsName bool
	native    native
	// whole infers the call alone.
	whole func(*inferrer, *call) Type
}

// wants is what a function's series must be for the result to have a meaning.
type wants uint8

const (
	anySeries wants = iota
	counters
	gauges
)

// native is what becomes of native histograms.
type native uint8

const (
	ignored   native = iota // left out of the result
	kept                    // they are the result's samples
	asNumbers               // a number is made of each
)

// call is one call of a function with what is known of its arguments.
type call struct {
	node *parser.Call
	args []Type
	t    Type // of the argument that the series come from
}

// arg returns the type of an argument, counted from 1; ok is false where it is not given.
func (c *call) arg(i int) (Type, bool) {
	if i < 1 || i > len(c.args) {
		return anything(parser.ValueTypeNone), false
	}
	return c.args[i-1], true
}

// limit returns the range of a scalar argument, or of usual where it is not given.
func (c *call) limit(i int, usual Range) Range {
	if t, ok := c.arg(i); ok {
		return t.Range
	}
	return usual
}

// constant returns the string that an argument is.
func (c *call) constant(i int) (string, bool) {
	if i < 1 || i > len(c.node.Args) {
		return "", false
	}
	if s, ok := unparen(c.node.Args[i-1]).(*parser.StringLiteral); ok {
		return s.Val, true
	}
	return "", false
}

func always(k Kind) func(Type) Kind             { return func(Type) Kind { return k } }
func measured(u unit.Unit) func(Type) unit.Unit { return func(Type) unit.Unit { return u } }
func amountOf(t Type) unit.Unit                 { return amount(t.Unit) }
func varianceOf(t Type) unit.Unit               { return unit.Square(amount(t.Unit)) }
func perSecond(t Type) unit.Unit                { return unit.PerSecond(t.Unit) }
func slopeOf(t Type) unit.Unit                  { return slope(t.Unit) }
func is(r Range) func(*call) Range              { return func(*call) Range { return r } }
func scalarOf(k Kind, u unit.Unit, r Range) function {
	return function{whole: func(*inferrer, *call) Type { return scalar(k, u, r) }}
}

// as gives a function its description.
func (f function) as(says string) function {
	f.says = says
	return f
}

// growth is the kind of what rate and its like make of a counter.
func growth(numbers Kind) func(Type) Kind {
	return func(t Type) Kind {
		switch t.Kind {
		case Bucket:
			return BucketRate
		case Native:
			return NativeRate
		}
		return numbers
	}
}

// unlessCounter is the kind of an aggregate over time.
func unlessCounter(k Kind) func(Type) Kind {
	return func(t Type) Kind { return aggregateKind(t.Kind, k) }
}

// functions has every function of parser.Functions.
var functions = map[string]function{
	// growth of counters
	"rate":     {says: "growth per second, averaged over the window", series: 1, wants: counters, kind: growth(Rate), unit: perSecond, values: growing, native: kept},
	"irate":    {says: "growth per second between the last two samples", series: 1, wants: counters, kind: growth(Rate), unit: perSecond, values: growing, native: kept},
	"increase": {says: "growth over the window", series: 1, wants: counters, kind: growth(Increase), values: growing, native: kept},
	"resets":   {says: "how often a counter fell", series: 1, kind: always(Counted), unit: measured(unit.One), values: is(integers(0, inf)), native: asNumbers},
	"changes":  {says: "how often the value changed", series: 1, kind: always(Counted), unit: measured(unit.One), values: is(integers(0, inf)), native: asNumbers},

	// changes of gauges
	"delta":                        {says: "difference between the window's ends", series: 1, wants: gauges, kind: always(Delta), unit: amountOf, values: differing(extrapolation), native: kept},
	"idelta":                       {says: "difference between the last two samples", series: 1, wants: gauges, kind: always(Delta), unit: amountOf, values: differing(1), native: kept},
	"deriv":                        {says: "slope per second by linear regression", series: 1, wants: gauges, kind: always(Delta), unit: slopeOf, values: unbounded},
	"predict_linear":               {says: "value in so many seconds, by linear regression", series: 1, kind: always(Gauge), values: extrapolated},
	"double_exponential_smoothing": {says: "smoothed value", series: 1, kind: always(Gauge), values: extrapolated},

	// aggregates over time
	"avg_over_time":         {says: "average of the samples", series: 1, kind: unlessCounter(Mean), values: fractions, native: kept},
	"sum_over_time":         {says: "sum of the samples", series: 1, kind: sumOverTime, unit: additive, values: summed, native: kept},
	"min_over_time":         {says: "lowest sample", series: 1, kind: unlessCounter(Extremum)},
	"max_over_time":         {says: "highest sample", series: 1, kind: unlessCounter(Extremum)},
	"last_over_time":        {says: "newest sample", series: 1, keepsName: true, native: kept},
	"first_over_time":       {says: "oldest sample", series: 1, keepsName: true, native: kept},
	"count_over_time":       {says: "number of samples", series: 1, kind: always(Counted), unit: measured(unit.One), values: is(integers(1, inf)), native: asNumbers},
	"present_over_time":     {says: "1 where there is a sample", series: 1, kind: always(Constant), unit: measured(unit.One), values: is(exactly(1)), native: asNumbers},
	"quantile_over_time":    {says: "quantile of the samples", series: 2, kind: unlessCounter(Quantile), values: func(c *call) Range { return quantileRange(c.limit(1, Anything), c.t.Range) }},
	"stddev_over_time":      {says: "standard deviation of the samples", series: 1, kind: always(Unknown), unit: amountOf, values: func(c *call) Range { return deviation(c.t.Range) }},
	"stdvar_over_time":      {says: "variance of the samples", series: 1, kind: always(Unknown), unit: varianceOf, values: func(c *call) Range { return deviation(c.t.Range).pow(exactly(2)) }},
	"mad_over_time":         {says: "median distance of the samples from their median", series: 1, kind: always(Unknown), unit: amountOf, values: spread},
	"integral":              {says: "area under the samples", series: 1, kind: always(Unknown), unit: func(t Type) unit.Unit { return unit.Mul(t.Unit, unit.Seconds) }, values: area},
	"ts_of_min_over_time":   {says: "time of the lowest sample", series: 1, kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite)},
	"ts_of_max_over_time":   {says: "time of the highest sample", series: 1, kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite)},
	"ts_of_last_over_time":  {says: "time of the newest sample", series: 1, kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite), native: asNumbers},
	"ts_of_first_over_time": {says: "time of the oldest sample", series: 1, kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite), native: asNumbers},

	// whether series are there
	"absent":           {says: "1 where there is no series", whole: (*inferrer).absent},
	"absent_over_time": {says: "1 where the window has no sample", whole: (*inferrer).absent},

	// rounding and limits
	"abs":       {says: "absolute value", series: 1, kind: numeric, values: func(c *call) Range { return c.t.Range.abs() }},
	"ceil":      {says: "rounded up", series: 1, kind: numeric, values: rounded(math.Ceil)},
	"floor":     {says: "rounded down", series: 1, kind: numeric, values: rounded(math.Floor)},
	"round":     {says: "rounded to the nearest multiple", series: 1, kind: numeric, values: nearestMultiple},
	"clamp":     {says: "kept between two limits", series: 1, whole: (*inferrer).clamp},
	"clamp_min": {says: "not below a limit", series: 1, kind: numeric, values: func(c *call) Range { return c.t.Range.most(c.limit(2, Anything)) }},
	"clamp_max": {says: "not above a limit", series: 1, kind: numeric, values: func(c *call) Range { return c.t.Range.least(c.limit(2, Anything)) }},
	"sgn":       {says: "sign: -1, 0 or 1", series: 1, kind: always(Unknown), unit: measured(unit.One), values: sign},

	// mathematics
	"sqrt":  {says: "square root", series: 1, kind: always(Unknown), unit: pure(unit.Unknown), values: image(math.Sqrt, Range{Lo: 0, Hi: inf}, true)},
	"exp":   {says: "e to the power", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Exp, anyNumber, false)},
	"ln":    {says: "natural logarithm", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Log, Range{Lo: 0, Hi: inf}, true)},
	"log2":  {says: "binary logarithm", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Log2, Range{Lo: 0, Hi: inf}, true)},
	"log10": {says: "decimal logarithm", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Log10, Range{Lo: 0, Hi: inf}, true)},
	"sin":   {says: "sine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: wave},
	"cos":   {says: "cosine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: wave},
	"tan":   {says: "tangent", series: 1, kind: always(Unknown), unit: measured(unit.One), values: func(c *call) Range { return finite.orNaN(c.t.Range.NaN || c.t.Range.mayBeInf()) }},
	"asin":  {says: "arcsine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Asin, between(-1, 1), true)},
	"acos":  {says: "arccosine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: func(c *call) Range { return falling(math.Acos, between(-1, 1), c.t.Range) }},
	"atan":  {says: "arctangent", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Atan, anyNumber, false)},
	"sinh":  {says: "hyperbolic sine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Sinh, anyNumber, false)},
	"cosh":  {says: "hyperbolic cosine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: func(c *call) Range { return monotone(math.Cosh, anyNumber, c.t.Range.abs(), false) }},
	"tanh":  {says: "hyperbolic tangent", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Tanh, anyNumber, false)},
	"asinh": {says: "inverse hyperbolic sine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Asinh, anyNumber, true)},
	"acosh": {says: "inverse hyperbolic cosine", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Acosh, Range{Lo: 1, Hi: inf}, true)},
	"atanh": {says: "inverse hyperbolic tangent", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(math.Atanh, between(-1, 1), true)},
	"deg":   {says: "radians as degrees", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(func(v float64) float64 { return v * 180 / math.Pi }, anyNumber, true)},
	"rad":   {says: "degrees as radians", series: 1, kind: always(Unknown), unit: measured(unit.One), values: image(func(v float64) float64 { return v * math.Pi / 180 }, anyNumber, true)},
	"pi":    scalarOf(Constant, unit.Literal, exactly(math.Pi)).as("3.14159…"),

	// time
	"time":            scalarOf(Gauge, unit.Timestamp, finite).as("time of the evaluation"),
	"start":           scalarOf(Gauge, unit.Timestamp, finite).as("start of the query's range"),
	"end":             scalarOf(Gauge, unit.Timestamp, finite).as("end of the query's range"),
	"step":            scalarOf(Gauge, unit.Seconds, atLeast(0)).as("step of the query"),
	"range":           scalarOf(Gauge, unit.Seconds, atLeast(0)).as("length of the query's range"),
	"timestamp":       {says: "time of the sample", series: 1, kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite), native: asNumbers},
	"start_timestamp": {says: "time at which the counter began", whole: (*inferrer).startTimestamp},
	"minute":          calendar(0, 59).as("minute of the hour"),
	"hour":            calendar(0, 23).as("hour of the day, in UTC"),
	"day_of_week":     calendar(0, 6).as("day of the week, Sunday is 0"),
	"day_of_month":    calendar(1, 31).as("day of the month"),
	"day_of_year":     calendar(1, 366).as("day of the year"),
	"days_in_month":   calendar(28, 31).as("number of days in the month"),
	"month":           calendar(1, 12).as("month of the year"),
	"year":            calendar(-inf, inf).as("year"),

	// between vectors and scalars
	"scalar": {says: "the one series' value, NaN where there is not one series", whole: (*inferrer).scalarOf},
	"vector": {says: "the scalar as a vector without labels", whole: (*inferrer).vectorOf},
	"min_of": {says: "the lower of two scalars", whole: extremeOf(Range.least)},
	"max_of": {says: "the higher of two scalars", whole: extremeOf(Range.most)},

	// order and labels
	"sort":               {says: "ordered by value", series: 1, keepsName: true},
	"sort_desc":          {says: "ordered by value, highest first", series: 1, keepsName: true},
	"sort_by_label":      {says: "ordered by labels", series: 1, keepsName: true, native: kept},
	"sort_by_label_desc": {says: "ordered by labels, last first", series: 1, keepsName: true, native: kept},
	"label_replace":      {says: "with a label made of another", whole: (*inferrer).labelReplace},
	"label_join":         {says: "with a label joined of others", whole: (*inferrer).labelJoin},
	"info":               {says: "with the labels of the target's info metric", whole: (*inferrer).info},

	// histograms
	"histogram_quantile":  {says: "quantile of the observations", whole: (*inferrer).histogramQuantile},
	"histogram_quantiles": {says: "quantiles of the observations, by a label", whole: (*inferrer).histogramQuantiles},
	"histogram_fraction":  {says: "share of the observations between two bounds", whole: (*inferrer).histogramFraction},
	"histogram_count":     ofNative(countKind, func(t Type) unit.Unit { return t.Unit }, counting).as("number of observations"),
	"histogram_sum":       ofNative(countKind, summedObservations, summing).as("sum of the observations"),
	"histogram_avg":       ofNative(always(Mean), observedUnit, averaging).as("mean of the observations"),
	"histogram_stddev":    ofNative(always(Unknown), observedUnit, spreading).as("estimated standard deviation of the observations"),
	"histogram_stdvar":    ofNative(always(Unknown), func(t Type) unit.Unit { return unit.Square(t.Observed) }, spreading).as("estimated variance of the observations"),
}

// call returns the type of a function's result.
func (in *inferrer) call(n *parser.Call) Type {
	c := &call{node: n}
	for _, a := range n.Args {
		c.args = append(c.args, in.expr(a))
	}
	if n.Func == nil {
		return anything(parser.ValueTypeVector)
	}
	f, ok := functions[n.Func.Name]
	if !ok {
		return anything(n.Func.ReturnType)
	}
	if f.series > len(c.args) {
		return anything(n.Func.ReturnType) // too few arguments: the parser says so
	}
	if f.series > 0 {
		c.t = c.args[f.series-1]
		if bad, found := in.misused(f, c); found {
			return bad
		}
	}
	if f.whole != nil {
		return f.whole(in, c)
	}
	return in.applied(f, c)
}

// misused reports, and records, a function over series of which its result has no meaning.
func (in *inferrer) misused(f function, c *call) (Type, bool) {
	if c.t.Empty == Must {
		return c.t, false
	}
	arg := c.node.Args[f.series-1]
	switch {
	case f.wants == counters && c.t.Kind == Cumulative:
		return in.faulty(rateOfAggregate(c.node, arg)), true
	case f.wants == counters && (c.t.Kind == Rate || c.t.Kind == BucketRate || c.t.Kind == NativeRate || c.t.Kind == Increase):
		return in.faulty(rateOfGauge(c.node, arg, c.t)), true
	case f.wants == counters && (c.t.Kind == Gauge || c.t.Kind == Delta || c.t.Kind == Ratio || c.t.Kind == Quantile || c.t.Kind == Mean || c.t.Kind == Bool):
		return in.faulty(rateOfGauge(c.node, arg, c.t)), true
	case f.wants == gauges && c.t.Kind.CountsUp():
		return in.faulty(deltaOfCounter(c.node, arg, c.t)), true
	case f.native == ignored && f.whole == nil && c.t.Native == Must:
		out := in.faulty(nativeIgnored(c.node, c.node.Func.Name+"()"))
		out.Empty = Must
		return out, true
	}
	return Type{}, false
}

// applied returns the type of a function by its row of the table.
func (in *inferrer) applied(f function, c *call) Type {
	t := c.t
	overTime := t.Value == parser.ValueTypeMatrix
	t.Value, t.form = parser.ValueTypeVector, nil
	if f.kind != nil {
		t.Kind = f.kind(c.t)
	}
	if f.unit != nil {
		t.Unit = f.unit(c.t)
	}
	if f.values != nil {
		t.Range = f.values(c)
	}
	if !f.keepsName {
		t.Labels = t.Labels.drop(metricName)
	}
	t.counts = t.counts && t.Kind != Delta
	switch f.native {
	case ignored:
		if t.Native == Maybe && t.Empty == Never {
			t.Empty = Maybe
		}
		t.Native = Never
	case asNumbers:
		t.Native = Never
	}
	if overTime && t.Empty == Never {
		t.Empty = Maybe // the window may hold too few samples
	}
	if overTime && len(c.args) == 1 {
		t.form = c.t.form.applied(c.node.Func.Name)
	}
	switch t.Kind {
	case Counter, Rate, Increase, Bucket, BucketRate, Native, NativeRate, Cumulative:
	default:
		t.Observed = unit.Unknown
	}
	return t
}

func calendar(lo, hi float64) function {
	return function{whole: func(_ *inferrer, c *call) Type {
		t, given := c.arg(1)
		if !given {
			t = Type{Labels: Labels{closed: true}, Empty: Never}
		}
		t.Labels = t.Labels.drop(metricName)
		t = t.number(Gauge, unit.One, integers(lo, hi))
		t.Metric = nil
		return t
	}}
}

// Says returns what a PromQL function does, in a few words; "" for one that Prometheus does not have.
func Says(function string) string { return functions[function].says }
