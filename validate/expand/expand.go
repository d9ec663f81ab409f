// Package expand says where the expansion of a template of a rule fails, without expanding it: it follows the tree of the
// template with what is known of the values.
//
// There is no promise of compatibility before 1.0.
package expand

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/helpers/templates"
	"github.com/prometheus/common/model"

	"github.com/obsgen/obsgen/diag"
)

// An expansion follows a template of a rule as Prometheus's executor would, for all labels and values at once: of most
// values only the type is known, and where a condition is not known both branches are followed. It reports what ends the
// execution. The executor itself is not called: a program that can reach it grows by a quarter.
type expansion struct {
	trees    map[string]*parse.Tree
	vars     []variable
	faults   []Fault
	dead     bool // no execution comes to this place
	branches int  // conditions around this place that are not known
	depth    int  // of templates that call templates
	steps    int
	exits    [][]variable // the variables at break and continue of the loop around this place

	// A template is followed once for each way that conditions can choose, or, where these are too many, once for all:
	// then what is known of a variable after a condition is what holds on each way.
	single  bool
	choices []choice // of the way that is followed
	chosen  int      // how many of them are made
	jump    parse.NodeType
}

// choice is which of some paths is taken.
type choice struct{ path, of int }

type variable struct {
	name string
	val  val
}

// Fault is a place at which the execution of a template ends.
type Fault struct {
	Node          parse.Node
	Message, Mend string
}

// val is what is known of a value. The zero val is no value: untyped nil.
type val struct {
	typ    reflect.Type   // nil of no value, and where unknown is set
	known  any            // the value itself, of scalars; nil where only its type is known
	isSet  bool           // known is the value
	mixed  bool           // a number that may as well be a native histogram
	any    bool           // not even the type is known
	fields map[string]val // of what args makes
}

var anything = val{any: true}

func of[T any]() val       { return val{typ: reflect.TypeFor[T]()} }
func constant(x any) val   { return val{typ: reflect.TypeOf(x), known: x, isSet: true} }
func (v val) isNone() bool { return v.typ == nil && !v.any }

// The types that templates of rules meet, as Prometheus has them.
type (
	alertData struct {
		Labels, ExternalLabels map[string]string
		ExternalURL            string
		Value                  float64
	}
	resultSample struct {
		Labels map[string]string
		Value  float64
	}
	queryResult []*resultSample
	htmlText    string
)

// templateFunctions are the functions that Prometheus adds to those of Go's templates. Those that are nil here are known
// by their types; the others are called where their arguments are known.
var templateFunctions = map[string]any{
	"query":       (func(string) (queryResult, error))(nil),
	"first":       (func(queryResult) (*resultSample, error))(nil),
	"label":       (func(string, *resultSample) string)(nil),
	"value":       (func(*resultSample) float64)(nil),
	"strvalue":    (func(*resultSample) string)(nil),
	"sortByLabel": (func(string, queryResult) queryResult)(nil),
	"args":        (func(...any) map[string]any)(nil),
	"reReplaceAll": func(pattern, replacement, text string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	},
	"match":              regexp.MatchString,
	"safeHtml":           func(s string) htmlText { return htmlText(s) },
	"title":              (func(string) string)(nil),
	"toUpper":            strings.ToUpper,
	"toLower":            strings.ToLower,
	"graphLink":          (func(string) string)(nil),
	"tableLink":          (func(string) string)(nil),
	"stripPort":          (func(string) string)(nil),
	"stripDomain":        (func(string) string)(nil),
	"humanize":           humanized,
	"humanize1024":       humanized,
	"humanizePercentage": humanized,
	"humanizeDuration":   templates.HumanizeDuration,
	"humanizeTimestamp":  templates.HumanizeTimestamp,
	"toTime": func(i any) (*time.Time, error) {
		f, err := templates.ConvertToFloat(i)
		if err != nil {
			return nil, err
		}
		return templates.FloatToTime(f)
	},
	"toDuration": func(i any) (*time.Duration, error) {
		_, err := templates.ConvertToFloat(i)
		return nil, err
	},
	"now":         (func() float64)(nil),
	"pathPrefix":  (func() string)(nil),
	"externalURL": (func() string)(nil),
	"parseDuration": func(s string) (float64, error) {
		d, err := model.ParseDurationAllowNegative(s)
		return time.Duration(d).Seconds(), err
	},
	"urlQueryEscape": url.QueryEscape,
}

// humanized fails as the functions do that print a number; what they print is of no interest.
func humanized(i any) (string, error) {
	_, err := templates.ConvertToFloat(i)
	return "", err
}

// converted are the types of which those functions take a number.
var converted = []reflect.Type{
	reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[uint](),
	reflect.TypeFor[int64](), reflect.TypeFor[uint64](), reflect.TypeFor[time.Duration](),
}

// templateMethods are the methods of the types that functions return.
var templateMethods = map[reflect.Type]map[string]any{
	reflect.TypeFor[time.Time](): {
		"Add": time.Time.Add, "AddDate": time.Time.AddDate, "After": time.Time.After, "AppendBinary": time.Time.AppendBinary, "AppendFormat": time.Time.AppendFormat,
		"AppendText": time.Time.AppendText, "Before": time.Time.Before, "Clock": time.Time.Clock, "Compare": time.Time.Compare, "Date": time.Time.Date, "Day": time.Time.Day,
		"Equal": time.Time.Equal, "Format": time.Time.Format, "GoString": time.Time.GoString, "GobEncode": time.Time.GobEncode, "Hour": time.Time.Hour, "ISOWeek": time.Time.ISOWeek,
		"In": time.Time.In, "IsDST": time.Time.IsDST, "IsZero": time.Time.IsZero, "Local": time.Time.Local, "Location": time.Time.Location, "MarshalBinary": time.Time.MarshalBinary,
		"MarshalJSON": time.Time.MarshalJSON, "MarshalText": time.Time.MarshalText, "Minute": time.Time.Minute, "Month": time.Time.Month, "Nanosecond": time.Time.Nanosecond,
		"Round": time.Time.Round, "Second": time.Time.Second, "String": time.Time.String, "Sub": time.Time.Sub, "Truncate": time.Time.Truncate, "UTC": time.Time.UTC,
		"Unix": time.Time.Unix, "UnixMicro": time.Time.UnixMicro, "UnixMilli": time.Time.UnixMilli, "UnixNano": time.Time.UnixNano, "Weekday": time.Time.Weekday,
		"Year": time.Time.Year, "YearDay": time.Time.YearDay, "Zone": time.Time.Zone, "ZoneBounds": time.Time.ZoneBounds,
	},
	reflect.TypeFor[time.Duration](): {
		"Abs": time.Duration.Abs, "Hours": time.Duration.Hours, "Microseconds": time.Duration.Microseconds, "Milliseconds": time.Duration.Milliseconds, "Minutes": time.Duration.Minutes,
		"Nanoseconds": time.Duration.Nanoseconds, "Round": time.Duration.Round, "Seconds": time.Duration.Seconds, "String": time.Duration.String, "Truncate": time.Duration.Truncate,
	},
	reflect.TypeFor[time.Month]():     {"String": time.Month.String},
	reflect.TypeFor[time.Weekday]():   {"String": time.Weekday.String},
	reflect.TypeFor[*time.Location](): {"String": (*time.Location).String},
}

// Functions are the names of all functions of templates of rules, as the parser wants them.
var Functions = func() map[string]any {
	out := map[string]any{}
	for name := range templateFunctions {
		out[name] = struct{}{}
	}
	for name := range builtins {
		out[name] = struct{}{}
	}
	return out
}()

// Faults returns where the execution of a template can end, root is its name among the trees. Its value is a number, or
// may as well be a native histogram.
func Faults(trees map[string]*parse.Tree, root string, histogram bool) []Fault {
	data := of[alertData]()
	data.mixed = histogram
	var out []Fault
	follow := func(s *expansion) {
		s.trees, s.vars = trees, []variable{{"$", data}}
		if t := trees[root]; t != nil {
			s.list(data, t.Root)
		}
		for _, f := range s.faults {
			if !slices.ContainsFunc(out, func(o Fault) bool { return o.Node == f.Node }) {
				out = append(out, f)
			}
		}
	}
	const most = 300
	var way []choice
	for range most {
		s := &expansion{single: true, choices: way}
		follow(s)
		// The next way differs in the last choice that has a path left.
		way = s.choices[:s.chosen]
		for len(way) > 0 && way[len(way)-1].path+1 == way[len(way)-1].of {
			way = way[:len(way)-1]
		}
		if len(way) == 0 {
			return out
		}
		way[len(way)-1].path++
	}
	follow(&expansion{})
	return out
}

// choose returns which of some paths this way takes.
func (s *expansion) choose(paths int) int {
	s.branches++
	if s.chosen == len(s.choices) {
		s.choices = append(s.choices, choice{0, paths})
	}
	s.chosen++
	return s.choices[s.chosen-1].path
}

// fault notes why the execution ends here.
func (s *expansion) fault(n parse.Node, mend, format string, args ...any) val {
	if !s.dead {
		s.faults = append(s.faults, Fault{n, fmt.Sprintf(format, args...), mend})
	}
	s.dead = true
	return anything
}

// either follows paths of which one is taken, and goes on with what is true after all of them.
func (s *expansion) either(paths ...func()) {
	if s.single {
		paths[s.choose(len(paths))]()
		return
	}
	before := s.vars
	s.branches++
	var ends [][]variable
	for _, path := range paths {
		s.vars, s.dead = slices.Clone(before), false
		if path(); !s.dead {
			ends = append(ends, s.vars)
		}
	}
	s.branches--
	s.vars, s.dead = joined(before, ends), len(ends) == 0
}

// joined returns what is known of variables after each of several ends.
func joined(before []variable, ends [][]variable) []variable {
	if len(ends) == 0 {
		return before
	}
	out := slices.Clone(ends[0][:len(before)])
	for _, end := range ends[1:] {
		for i := range out {
			out[i].val = join(out[i].val, end[i].val)
		}
	}
	return out
}

// join returns what is known of a value that is one of two.
func join(a, b val) val {
	switch {
	case a.any || b.any || a.typ != b.typ:
		return anything
	case a.fields != nil || b.fields != nil:
		return anything
	case a.isSet && b.isSet && a.known == b.known:
		return a
	}
	return val{typ: a.typ, mixed: a.mixed || b.mixed}
}

func (s *expansion) list(dot val, l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		const most = 100_000
		if s.steps++; s.steps > most {
			s.dead = true // it has too many ways to be followed
		}
		if s.dead {
			return
		}
		s.node(dot, n)
	}
}

func (s *expansion) node(dot val, n parse.Node) {
	switch n := n.(type) {
	case *parse.ActionNode:
		s.pipeline(dot, n.Pipe)
	case *parse.IfNode:
		s.conditional(dot, n.Pipe, n.List, n.ElseList, false)
	case *parse.WithNode:
		s.conditional(dot, n.Pipe, n.List, n.ElseList, true)
	case *parse.RangeNode:
		s.loop(dot, n)
	case *parse.BreakNode, *parse.ContinueNode:
		s.exits = append(s.exits, slices.Clone(s.vars))
		s.dead, s.jump = true, n.Type()
	case *parse.TemplateNode:
		s.template(dot, n)
	}
}

// truth returns whether a value counts as true, ok is false where that depends on it.
func (v val) truth() (truth, ok bool) {
	switch {
	case v.any || v.fields != nil:
		return len(v.fields) > 0, v.fields != nil
	case v.isNone():
		return false, true
	case v.isSet:
		return !reflect.ValueOf(v.known).IsZero(), true
	}
	k := v.typ.Kind()
	return k == reflect.Struct || k == reflect.Pointer, k == reflect.Struct || k == reflect.Pointer || k == reflect.Interface
}

func (s *expansion) conditional(dot val, pipe *parse.PipeNode, list, elseList *parse.ListNode, with bool) {
	mark := len(s.vars)
	v := s.pipeline(dot, pipe)
	inner := dot
	if with {
		inner = v
	}
	then := func() { s.list(inner, list) }
	otherwise := func() { s.list(dot, elseList) }
	switch truth, ok := v.truth(); {
	case s.dead:
	case !ok:
		s.either(then, otherwise)
	case truth:
		then()
	default:
		otherwise()
	}
	s.vars = s.vars[:mark]
}

func (s *expansion) loop(dot val, r *parse.RangeNode) {
	mark := len(s.vars)
	v := s.pipeline(dot, r.Pipe)
	if s.dead {
		return
	}
	if v.typ != nil && v.typ.Kind() == reflect.Pointer {
		v = val{typ: v.typ.Elem()}
	}
	index, elem, never, ever := anything, anything, true, true // whether it may run not at all, or at least once
	switch k := kindOf(v); {
	case v.any:
	case v.isNone(), k == reflect.Interface:
		ever = false
	case isInt(k):
		if len(r.Pipe.Decl) > 1 {
			s.fault(r.Pipe, "use one variable", "a range over an integer has one variable")
			return
		}
		index, elem = val{}, val{typ: v.typ}
		if v.isSet {
			ever = reflect.ValueOf(v.known).Kind() == reflect.Uint8 || reflect.ValueOf(v.known).Int() > 0
			never = !ever
		}
	case k == reflect.Slice:
		index, elem = of[int](), val{typ: v.typ.Elem(), mixed: v.mixed}
	case k == reflect.Map && v.fields != nil:
		index = of[string]()
		never, ever = len(v.fields) == 0, len(v.fields) > 0
	case k == reflect.Map:
		index, elem = of[string](), val{typ: v.typ.Elem()}
		if elem.typ.Kind() == reflect.Interface {
			elem = anything
		}
	default:
		s.fault(r.Pipe, "range over a query's result or over labels", "range cannot iterate over %s", describe(v))
		return
	}
	inside := len(s.vars)
	iteration := func() {
		for i, d := range r.Pipe.Decl {
			x := elem
			if len(r.Pipe.Decl) > 1 && i == 0 {
				x = index
			}
			if r.Pipe.IsAssign {
				s.set(d.Ident[0], x)
			} else {
				s.vars[inside-len(r.Pipe.Decl)+i].val = x
			}
		}
		s.list(elem, r.List)
		s.vars = s.vars[:min(inside, len(s.vars))]
	}
	body := func() {
		if s.single {
			for range 1 + s.choose(2) {
				iteration()
				jump := s.jump
				if s.jump = 0; jump != 0 {
					s.dead = false
				}
				if s.dead || jump == parse.NodeBreak {
					return
				}
			}
			return
		}
		outer := s.exits
		const passes = 5 // after which what a variable is has settled
		for pass := range passes {
			before := slices.Clone(s.vars)
			s.exits = nil
			iteration()
			ends := s.exits
			if !s.dead {
				ends = append(ends, s.vars)
			}
			for i := range ends {
				ends[i] = ends[i][:inside]
			}
			if s.dead = len(ends) == 0; s.dead {
				break
			}
			after := joined(before, ends)
			s.vars = joined(before, [][]variable{before, after})
			if pass == 0 {
				s.vars = joined(before, [][]variable{after, before})
			}
			if slices.EqualFunc(s.vars, before, func(a, b variable) bool { return same(a.val, b.val) }) {
				break
			}
		}
		s.exits = outer
	}
	switch {
	case !ever:
		s.list(dot, r.ElseList)
	case !never:
		body()
	default:
		s.either(func() { s.list(dot, r.ElseList) }, body)
	}
	s.vars = s.vars[:mark]
}

func same(a, b val) bool {
	return a.typ == b.typ && a.any == b.any && a.isSet == b.isSet && a.known == b.known && a.mixed == b.mixed && (a.fields == nil) == (b.fields == nil)
}

func (s *expansion) template(dot val, n *parse.TemplateNode) {
	tree := s.trees[n.Name]
	if tree == nil {
		s.fault(n, "define it, or write its text here", "the template %q is not defined", n.Name)
		return
	}
	const deepest = 100
	if s.depth > deepest {
		if s.branches == 0 {
			s.fault(n, "let it end", "the template %q calls itself for ever", n.Name)
		}
		s.dead = true
		return
	}
	v := val{}
	if n.Pipe != nil {
		if v = s.pipeline(dot, n.Pipe); s.dead {
			return
		}
	}
	vars := s.vars
	s.depth++
	s.vars = []variable{{"$", v}}
	s.list(v, tree.Root)
	s.depth--
	s.vars = vars
}

func (s *expansion) set(name string, v val) {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.vars[i].name == name {
			s.vars[i].val = v
			return
		}
	}
}

func (s *expansion) variable(name string) val {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.vars[i].name == name {
			return s.vars[i].val
		}
	}
	return anything
}

func (s *expansion) pipeline(dot val, p *parse.PipeNode) val {
	var v val
	for i, c := range p.Cmds {
		var final *val
		if i > 0 {
			before := v
			final = &before
		}
		v = s.command(dot, c, final)
		if kindOf(v) == reflect.Interface { // of which only nil is left
			v = val{}
		}
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			s.set(d.Ident[0], v)
		} else {
			s.vars = append(s.vars, variable{d.Ident[0], v})
		}
	}
	return v
}

func (s *expansion) command(dot val, c *parse.CommandNode, final *val) val {
	switch n := c.Args[0].(type) {
	case *parse.FieldNode:
		return s.chain(dot, dot, n, n.Ident, c.Args, final)
	case *parse.ChainNode:
		return s.chain(dot, s.argument(dot, nil, n.Node), n, n.Field, c.Args, final)
	case *parse.IdentifierNode:
		return s.function(dot, n, c.Args, final)
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return s.chain(dot, s.variable(n.Ident[0]), n, n.Ident[1:], c.Args, final)
		}
	}
	if len(c.Args) > 1 || final != nil {
		return s.fault(c.Args[0], "drop the argument", "%s takes no argument: it is not a function", c.Args[0])
	}
	if _, ok := c.Args[0].(*parse.NilNode); ok {
		return s.fault(c.Args[0], "drop it", "nil is not a command")
	}
	return s.argument(dot, nil, c.Args[0])
}

// argument evaluates an argument for a parameter of a type, nil for one that takes everything as it is.
func (s *expansion) argument(dot val, typ reflect.Type, n parse.Node) val {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.assign(n, dot, typ)
	case *parse.NilNode:
		if !nillable(typ) {
			return s.fault(n, "give it a value", "nil cannot be %s", describeType(typ))
		}
		return val{}
	case *parse.FieldNode:
		return s.assign(n, s.chain(dot, dot, n, n.Ident, nil, nil), typ)
	case *parse.VariableNode:
		if len(n.Ident) == 1 {
			return s.assign(n, s.variable(n.Ident[0]), typ)
		}
		return s.assign(n, s.chain(dot, s.variable(n.Ident[0]), n, n.Ident[1:], nil, nil), typ)
	case *parse.PipeNode:
		return s.assign(n, s.pipeline(dot, n), typ)
	case *parse.IdentifierNode:
		return s.assign(n, s.function(dot, n, nil, nil), typ)
	case *parse.ChainNode:
		return s.assign(n, s.chain(dot, s.argument(dot, nil, n.Node), n, n.Field, nil, nil), typ)
	}
	return s.literal(typ, n)
}

// literal evaluates a literal.
func (s *expansion) literal(typ reflect.Type, n parse.Node) val {
	k := reflect.Interface
	if typ != nil {
		k = typ.Kind()
	}
	number, _ := n.(*parse.NumberNode)
	switch x := n.(type) {
	case *parse.BoolNode:
		if k == reflect.Bool || k == reflect.Interface {
			return constant(x.True)
		}
	case *parse.StringNode:
		if k == reflect.String || k == reflect.Interface {
			return constant(x.Text)
		}
	}
	switch {
	case number == nil:
	case k == reflect.Interface:
		return s.number(number)
	case isInt(k) && number.IsInt:
		return val{typ: typ}
	case k == reflect.Float64 && number.IsFloat:
		return constant(number.Float64)
	}
	return s.fault(n, "give it "+describeType(typ), "%s is not %s", n, describeType(typ))
}

// number returns a number of the type that it is written as.
func (s *expansion) number(n *parse.NumberNode) val {
	isHex := len(n.Text) > 2 && n.Text[0] == '0' && (n.Text[1] == 'x' || n.Text[1] == 'X') && !strings.ContainsAny(n.Text, "pP")
	switch {
	case n.IsComplex:
		return constant(n.Complex128)
	case n.IsFloat && !isHex && n.Text[0] != '\'' && strings.ContainsAny(n.Text, ".eEpP"):
		return constant(n.Float64)
	case n.IsInt:
		return constant(int(n.Int64))
	case n.IsUint:
		return s.fault(n, "write a smaller one", "%s is too large for an integer", n.Text)
	}
	return val{}
}

// nillable reports whether nil can be of a type.
func nillable(typ reflect.Type) bool {
	if typ == nil {
		return true
	}
	k := typ.Kind()
	return k == reflect.Interface || k == reflect.Map || k == reflect.Pointer || k == reflect.Slice
}

// assign gives a value to a parameter.
func (s *expansion) assign(n parse.Node, v val, typ reflect.Type) val {
	switch {
	case typ == nil || s.dead:
		return v
	case v.any:
		if typ.Kind() != reflect.Interface {
			return val{typ: typ}
		}
		return v
	case v.isNone():
		if !nillable(typ) {
			return s.fault(n, "give it "+describeType(typ), "there is no value where %s is wanted", describeType(typ))
		}
		return v
	case v.typ.AssignableTo(typ):
		return v
	case v.typ.Kind() == reflect.Pointer && v.typ.Elem().AssignableTo(typ):
		return val{typ: v.typ.Elem()}
	}
	return s.fault(n, "give it "+describeType(typ), "%s is %s, where %s is wanted", n, describe(v), describeType(typ))
}

func (s *expansion) chain(dot, receiver val, n parse.Node, fields []string, args []parse.Node, final *val) val {
	for i, f := range fields {
		if s.dead {
			return anything
		}
		if i < len(fields)-1 {
			receiver = s.field(dot, receiver, n, f, nil, nil)
		} else {
			receiver = s.field(dot, receiver, n, f, args, final)
		}
	}
	return receiver
}

// histogramFields are those of a native histogram that a text may print.
var histogramFields = words("Count Sum Schema ZeroThreshold ZeroCount PositiveBuckets NegativeBuckets PositiveSpans NegativeSpans CustomValues CounterResetHint String Size")

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

func (s *expansion) field(dot, v val, n parse.Node, name string, args []parse.Node, final *val) val {
	switch {
	case v.any:
		return anything
	case v.isNone():
		return val{}
	case v.typ.Kind() == reflect.Interface:
		return s.fault(n, "leave it out", "%s reads %s of a value that is not there", n, name)
	}
	t := v.typ
	if _, ok := templateMethods[t]; !ok && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if m, ok := templateMethods[t][name]; ok {
		return s.call(dot, n, name, reflect.TypeOf(m), 1, nil, args, final)
	}
	hasArgs := len(args) > 1 || final != nil
	switch {
	case t == reflect.TypeFor[float64]() && v.mixed && histogramFields[name]:
		return anything
	case t == reflect.TypeFor[alertData](), t == reflect.TypeFor[resultSample]():
		if f, ok := structFields(t)[name]; ok {
			if hasArgs {
				return s.fault(n, "drop the argument", "%s takes no argument: it is not a function", name)
			}
			return val{typ: f, mixed: name == "Value" && v.mixed}
		}
	case t.Kind() == reflect.Map:
		if hasArgs {
			return s.fault(n, "drop the argument", "%s takes no argument: it is not a function", name)
		}
		return v.element(name)
	}
	return s.fault(n, mendOfField(v, n, name), "%s fails: %s has no field %s", n, describe(v), name)
}

// element returns the element of a map with a key.
func (v val) element(key string) val {
	if v.fields != nil {
		if x, ok := v.fields[key]; ok {
			return x
		}
		return of[any]()
	}
	if v.typ.Elem().Kind() == reflect.Interface {
		return anything
	}
	return val{typ: v.typ.Elem()}
}

// structFields are the fields of a struct of Prometheus's.
func structFields(t reflect.Type) map[string]reflect.Type {
	labels, text, number := reflect.TypeFor[map[string]string](), reflect.TypeFor[string](), reflect.TypeFor[float64]()
	if t == reflect.TypeFor[resultSample]() {
		return map[string]reflect.Type{"Labels": labels, "Value": number}
	}
	return map[string]reflect.Type{"Labels": labels, "ExternalLabels": labels, "ExternalURL": text, "Value": number}
}

func (s *expansion) function(dot val, n *parse.IdentifierNode, args []parse.Node, final *val) val {
	if f, ok := templateFunctions[n.Ident]; ok {
		return s.call(dot, n, n.Ident, reflect.TypeOf(f), 0, f, args, final)
	}
	return s.builtin(dot, n, args, final)
}

var errorType = reflect.TypeFor[error]()

// call calls a function, or a method whose receiver is its first parameter.
func (s *expansion) call(dot val, n parse.Node, name string, t reflect.Type, receivers int, f any, args []parse.Node, final *val) val {
	if len(args) > 0 {
		args = args[1:]
	}
	count, wanted := len(args), t.NumIn()-receivers
	if final != nil {
		count++
	}
	if !t.IsVariadic() && count != wanted {
		mend := "give it as many as it takes"
		if name == "value" && count == 0 {
			mend = "write $value"
		}
		return s.fault(n, mend, "%s takes %s and is given %d", name, diag.Counted(wanted, "argument"), count)
	}
	if t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != errorType {
		return s.fault(n, "use another method", "%s returns several values", name)
	}
	parameter := func(i int) reflect.Type {
		if t.IsVariadic() {
			return t.In(t.NumIn() - 1).Elem()
		}
		return t.In(i + receivers)
	}
	var given []val
	for i, a := range args {
		given = append(given, s.argument(dot, parameter(i), a))
		if s.dead {
			return anything
		}
	}
	if final != nil {
		if given = append(given, s.assign(n, *final, parameter(count-1))); s.dead {
			return anything
		}
	}
	return s.result(n, name, t, f, given)
}

// result returns what a function returns, as far as that can be known.
func (s *expansion) result(n parse.Node, name string, t reflect.Type, f any, given []val) val {
	out := val{typ: t.Out(0)}
	switch name {
	case "first", "value", "label", "strvalue":
		if given[len(given)-1].isNone() {
			return s.fault(n, "give it the result of a query", "%s is given nothing", name)
		}
	}
	switch name {
	case "query", "sortByLabel", "first", "value":
		out.mixed = name != "value" || len(given) > 0
		return out
	case "args":
		out.fields = map[string]val{}
		for i, g := range given {
			out.fields[fmt.Sprintf("arg%d", i)] = g
		}
		return out
	}
	if f == nil || reflect.ValueOf(f).IsNil() {
		return out
	}
	if x := reflect.TypeOf(f); x.NumIn() == 1 && x.In(0).Kind() == reflect.Interface {
		if g := given[0]; !g.any && !slices.Contains(converted, g.typ) {
			return s.fault(n, "give it a number", "%s takes a number, not %s", name, describe(g))
		}
	}
	var in []reflect.Value
	known := true
	for i, g := range given {
		if !g.isSet {
			if known = false; i == 0 || name != "match" && name != "reReplaceAll" {
				return out // what it is given is not known; of a pattern alone its syntax is
			}
			g = constant("")
		}
		in = append(in, reflect.ValueOf(g.known))
	}
	var returned []reflect.Value
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v", r)
			}
		}()
		returned = reflect.ValueOf(f).Call(in)
		if len(returned) == 2 && !returned[1].IsNil() {
			err = returned[1].Interface().(error)
		}
		return err
	}()
	switch {
	case err != nil:
		return s.fault(n, "give it what it can read", "%s fails: %v", name, err)
	case known && name != "toTime" && name != "toDuration" && !strings.HasPrefix(name, "humanize"):
		return constant(returned[0].Interface())
	}
	return out
}

func kindOf(v val) reflect.Kind {
	if v.typ == nil {
		return reflect.Invalid
	}
	return v.typ.Kind()
}

func isInt(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uintptr }

// describe says what a value is.
func describe(v val) string {
	if v.typ == reflect.TypeFor[alertData]() {
		return "the data of a rule"
	}
	if v.any || v.isNone() {
		return "nothing"
	}
	return describeType(v.typ)
}

func describeType(t reflect.Type) string {
	switch t {
	case nil:
		return "a value"
	case reflect.TypeFor[float64]():
		return "a floating-point number"
	case reflect.TypeFor[map[string]string]():
		return "a map of labels"
	case reflect.TypeFor[queryResult]():
		return "the result of a query"
	case reflect.TypeFor[*resultSample](), reflect.TypeFor[resultSample]():
		return "a sample"
	case reflect.TypeFor[htmlText]():
		return "HTML"
	case reflect.TypeFor[*time.Time](), reflect.TypeFor[time.Time]():
		return "a time"
	case reflect.TypeFor[*time.Duration](), reflect.TypeFor[time.Duration]():
		return "a duration"
	case reflect.TypeFor[map[string]any]():
		return "a map of arguments"
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return "a string"
	case k == reflect.Bool:
		return "a boolean"
	case isInt(k):
		return "an integer"
	}
	return t.String()
}

// mendOfField says what to write in the place of a field that a value does not have.
func mendOfField(v val, n parse.Node, name string) string {
	alertmanager := words("Alerts Receiver Status GroupLabels CommonLabels CommonAnnotations Annotations StartsAt EndsAt GeneratorURL Fingerprint")
	switch t := v.typ; {
	case t == reflect.TypeFor[alertData]() && alertmanager[name]:
		return "that is Alertmanager's: a rule has $labels, $value, $externalLabels and $externalURL"
	case t == reflect.TypeFor[alertData]():
		for _, known := range slices.Sorted(maps.Keys(structFields(t))) {
			if strings.EqualFold(known, name) {
				return "write ." + known
			}
		}
		return "write $labels." + name
	case t.Kind() == reflect.String && strings.Contains(n.String(), "abels."):
		return `a label with a dot in its name is read by {{ index $labels "a.b" }}`
	}
	return "leave it out"
}
