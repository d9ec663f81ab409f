package expand

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"text/template/parse"

	"github.com/obsgen/obsgen/diag"
)

// builtins are the functions that all templates of Go have, with the least number of their arguments and the most, -1
// for no limit.
var builtins = map[string][2]int{
	"and": {1, -1}, "or": {1, -1}, "not": {1, 1}, "len": {1, 1}, "index": {1, -1}, "slice": {1, -1}, "call": {1, -1},
	"eq": {1, -1}, "ne": {2, 2}, "lt": {2, 2}, "le": {2, 2}, "gt": {2, 2}, "ge": {2, 2},
	"print": {0, -1}, "printf": {1, -1}, "println": {0, -1}, "html": {0, -1}, "js": {0, -1}, "urlquery": {0, -1},
}

func (s *expansion) builtin(dot val, n *parse.IdentifierNode, args []parse.Node, final *val) val {
	if len(args) > 0 {
		args = args[1:]
	}
	count := len(args)
	if final != nil {
		count++
	}
	limits := builtins[n.Ident]
	if count < limits[0] || limits[1] >= 0 && count > limits[1] {
		return s.fault(n, "give it as many as it takes", "%s takes %s and is given %d", n.Ident, diag.Counted(limits[0], "argument"), count)
	}
	if n.Ident == "and" || n.Ident == "or" {
		return s.shortCircuit(dot, n.Ident == "or", args, final)
	}
	parameter := func(i int) reflect.Type {
		if n.Ident == "printf" && i == 0 {
			return reflect.TypeFor[string]()
		}
		return nil
	}
	var given []val
	for i, a := range args {
		if given = append(given, s.argument(dot, parameter(i), a)); s.dead {
			return anything
		}
	}
	if final != nil {
		if given = append(given, s.assign(n, *final, parameter(count-1))); s.dead {
			return anything
		}
	}
	for i, g := range given {
		if kindOf(g) == reflect.Interface && n.Ident != "len" {
			given[i] = val{}
		}
	}
	switch n.Ident {
	case "not":
		if truth, ok := given[0].truth(); ok {
			return constant(!truth)
		}
		return of[bool]()
	case "len":
		return s.length(n, given[0])
	case "index":
		return s.index(n, given[0], given[1:])
	case "slice":
		return s.slice(n, given[0], given[1:])
	case "call":
		if given[0].any {
			return anything
		}
		return s.fault(n, "call it by its name", "call takes a function, and rules have none as a value")
	case "eq":
		return s.equal(n, given[0], given[1:])
	case "ne":
		return s.equal(n, given[0], given[1:]).not()
	case "lt", "ge":
		v := s.less(n, given[0], given[1], false)
		if n.Ident == "ge" {
			return v.not()
		}
		return v
	case "le", "gt":
		v := s.less(n, given[0], given[1], true)
		if n.Ident == "gt" {
			return v.not()
		}
		return v
	}
	return printed(n.Ident, given)
}

// printed returns what a function prints, where all of it is known.
func printed(name string, given []val) val {
	var known []any
	for _, g := range given {
		if !g.isSet {
			return of[string]()
		}
		known = append(known, g.known)
	}
	switch name {
	case "print":
		return constant(fmt.Sprint(known...))
	case "println":
		return constant(fmt.Sprintln(known...))
	case "printf":
		return constant(fmt.Sprintf(known[0].(string), known[1:]...))
	}
	return of[string]()
}

func (v val) not() val {
	if b, ok := v.known.(bool); ok {
		return constant(!b)
	}
	return v
}

// shortCircuit is and, or: arguments behind the one that decides are not evaluated.
func (s *expansion) shortCircuit(dot val, or bool, args []parse.Node, final *val) val {
	if len(args) == 0 {
		return *final
	}
	v := s.argument(dot, nil, args[0])
	if s.dead || len(args) == 1 && final == nil {
		return v
	}
	if kindOf(v) == reflect.Interface {
		v = val{}
	}
	truth, ok := v.truth()
	switch {
	case ok && truth == or:
		return v
	case ok:
		return s.shortCircuit(dot, or, args[1:], final)
	}
	out := v
	s.either(func() {}, func() {
		if rest := s.shortCircuit(dot, or, args[1:], final); !s.dead {
			if out = rest; !s.single {
				out = join(v, rest)
			}
		}
	})
	return out
}

// pointed returns what a pointer points at.
func pointed(v val) val {
	if kindOf(v) == reflect.Pointer {
		return val{typ: v.typ.Elem(), mixed: v.mixed}
	}
	return v
}

func (s *expansion) length(n parse.Node, v val) val {
	v = pointed(v)
	switch kindOf(v) {
	case reflect.Map, reflect.Slice, reflect.String:
		if text, ok := v.known.(string); ok {
			return constant(len(text))
		}
		if v.fields != nil {
			return constant(len(v.fields))
		}
		return of[int]()
	}
	if v.any {
		return of[int]()
	}
	return s.fault(n, "give it a string, labels or the result of a query", "len of %s", describe(v))
}

// position checks an index of a string or a list, most is its largest value, -1 where that is not known.
func (s *expansion) position(n parse.Node, v val, most int) (int, bool) {
	switch {
	case v.any:
		return 0, false
	case !isInt(kindOf(v)):
		s.fault(n, "use an integer", "%s is no index of a string or a list", describe(v))
		return 0, false
	case !v.isSet:
		return 0, false
	}
	x := reflect.ValueOf(v.known)
	i := 0
	if x.CanInt() {
		i = int(x.Int())
	} else {
		i = int(min(x.Uint(), math.MaxInt))
	}
	if i < 0 || most >= 0 && i > most {
		s.fault(n, "use one that there is", "the index %d is out of range", i)
	}
	return i, true
}

func (s *expansion) index(n parse.Node, v val, indexes []val) val {
	if v.isNone() {
		return s.fault(n, "give it labels or the result of a query", "index of nothing")
	}
	for _, i := range indexes {
		v = pointed(v)
		switch k := kindOf(v); {
		case v.any:
			return anything
		case k == reflect.Interface:
			return s.fault(n, "leave it out", "index of a value that is not there")
		case k == reflect.String:
			most := -1
			text, known := v.known.(string)
			if known {
				most = len(text) - 1
				if most < 0 {
					return s.fault(n, "use a text", "index of an empty string")
				}
			}
			at, ok := s.position(n, i, most)
			if v = of[uint8](); known && ok && !s.dead {
				v = constant(text[at])
			}
		case k == reflect.Slice:
			s.position(n, i, -1)
			v = val{typ: v.typ.Elem(), mixed: v.mixed}
		case k == reflect.Map:
			key, known := i.known.(string)
			switch {
			case i.any:
			case i.typ != reflect.TypeFor[string]():
				return s.fault(n, "use a string in quotes", "%s is no key of %s", describe(i), describe(v))
			}
			if v.fields != nil && !known {
				v = anything
			} else {
				v = v.element(key)
			}
		default:
			return s.fault(n, "give it labels or the result of a query", "%s has no elements", describe(v))
		}
		if s.dead {
			return anything
		}
	}
	return v
}

func (s *expansion) slice(n parse.Node, v val, indexes []val) val {
	v = pointed(v)
	k := kindOf(v)
	switch {
	case v.any:
		return anything
	case len(indexes) > 3 || k == reflect.String && len(indexes) == 3:
		return s.fault(n, "give it two", "slice takes at most two indexes of a string")
	case k != reflect.String && k != reflect.Slice:
		return s.fault(n, "give it a string or the result of a query", "%s cannot be sliced", describe(v))
	}
	most, last := -1, 0
	text, known := v.known.(string)
	if known {
		most = len(text)
	}
	all := true
	var at []int
	for _, i := range indexes {
		x, ok := s.position(n, i, most)
		if s.dead {
			return anything
		}
		if ok && x < last {
			return s.fault(n, "swap them", "slice ends before it begins: %d > %d", last, x)
		}
		if ok {
			last = x
		}
		all = all && ok
		at = append(at, x)
	}
	if known && all {
		switch len(at) {
		case 1:
			text = text[at[0]:]
		case 2:
			text = text[at[0]:at[1]]
		}
		return val{typ: v.typ, known: text, isSet: true}
	}
	return val{typ: v.typ, mixed: v.mixed}
}

// comparable kinds of values.
const (
	noBasic = iota
	aBool
	aComplex
	anInt
	aFloat
	aString
	aUint
)

func basic(v val) int {
	switch k := kindOf(v); {
	case k == reflect.Bool:
		return aBool
	case k >= reflect.Int && k <= reflect.Int64:
		return anInt
	case k >= reflect.Uint && k <= reflect.Uintptr:
		return aUint
	case k == reflect.Float32 || k == reflect.Float64:
		return aFloat
	case k == reflect.Complex128:
		return aComplex
	case k == reflect.String:
		return aString
	}
	return noBasic
}

// incompatible reports two values that cannot be compared.
func (s *expansion) incompatible(n parse.Node, a, b val) val {
	mend := "compare what has one type"
	switch x, y := basic(a), basic(b); {
	case x == aFloat && y == anInt || x == anInt && y == aFloat:
		mend = "write the number with a point: 1.0"
	case x == aString || y == aString:
		mend = "compare with a text in quotes"
	}
	return s.fault(n, mend, "%s compares %s with %s", n, describe(a), describe(b))
}

func (s *expansion) equal(n parse.Node, a val, others []val) val {
	if len(others) == 0 {
		return s.fault(n, "give it two", "eq has nothing to compare with")
	}
	all := true
	for _, b := range others {
		if a.any || b.any {
			all = false
			continue
		}
		x, y := basic(a), basic(b)
		switch {
		case x != y && (x == anInt && y == aUint || x == aUint && y == anInt):
			all = false
		case x != y && !a.isNone() && !b.isNone():
			return s.incompatible(n, a, b)
		case x != y || a.isNone() || b.isNone(): // nothing, and something: a pointer and a map are never nil here
			if a.isNone() && b.isNone() {
				return constant(true)
			}
		case x == noBasic && (kindOf(a) != kindOf(b) || !b.typ.Comparable()):
			return s.incompatible(n, a, b)
		case a.isSet && b.isSet:
			if reflect.ValueOf(a.known).Convert(b.typ).Interface() == b.known {
				return constant(true)
			}
		default:
			all = false
		}
	}
	if all {
		return constant(false)
	}
	return of[bool]()
}

func (s *expansion) less(n parse.Node, a, b val, orEqual bool) val {
	for _, v := range []val{a, b} {
		if x := basic(v); !v.any && (x == noBasic) {
			return s.fault(n, "compare numbers or strings", "%s compares %s", n, describe(v))
		}
	}
	if a.any || b.any {
		return of[bool]()
	}
	x, y := basic(a), basic(b)
	switch {
	case x != y && (x == anInt && y == aUint || x == aUint && y == anInt):
		return of[bool]()
	case x != y:
		return s.incompatible(n, a, b)
	case x == aBool || x == aComplex:
		return s.fault(n, "compare numbers or strings", "%s compares %s", n, describe(a))
	case !a.isSet || !b.isSet:
		return of[bool]()
	}
	p, q := reflect.ValueOf(a.known), reflect.ValueOf(b.known)
	switch x {
	case aFloat: // NaN is neither less nor equal
		return constant(p.Float() < q.Float() || orEqual && p.Float() == q.Float())
	case anInt:
		return constant(ordered(cmp.Compare(p.Int(), q.Int()), orEqual))
	case aUint:
		return constant(ordered(cmp.Compare(p.Uint(), q.Uint()), orEqual))
	}
	return constant(ordered(cmp.Compare(p.String(), q.String()), orEqual))
}

func ordered(c int, orEqual bool) bool { return c < 0 || orEqual && c == 0 }
