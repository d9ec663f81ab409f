package query

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// Features are the feature flags of a Prometheus server, as its --enable-feature names them. nil says that nobody knows which are
// on: whatever a server of the pinned version can be made to take is then taken.
type Features []string

// The flags that change which PromQL a server takes, or what it gives.
const (
	ExperimentalFunctions  = "promql-experimental-functions"
	FillModifiers          = "promql-binop-fill-modifiers"
	UnquotedNames          = "promql-unquoted-utf8-names"
	DelayedNameRemoval     = "promql-delayed-name-removal"
	ExtendedRangeSelectors = "promql-extended-range-selectors" // always on in the pinned version, as is the next
	DurationExpressions    = "promql-duration-expr"
)

// AllFeatures are these flags.
var AllFeatures = []string{ExperimentalFunctions, FillModifiers, UnquotedNames, DelayedNameRemoval, ExtendedRangeSelectors, DurationExpressions}

// Has reports whether a flag is known to be on.
func (f Features) Has(flag string) bool { return slices.Contains(f, flag) }

// Parser returns the parser of a server with these flags.
func (f Features) Parser() parser.Parser {
	return parser.NewParser(parser.Options{
		EnableExperimentalFunctions: f == nil || f.Has(ExperimentalFunctions),
		EnableBinopFillModifiers:    f == nil || f.Has(FillModifiers),
		EnableUnquotedUTF8Names:     f.Has(UnquotedNames), // no server has it on that nobody told
	})
}
