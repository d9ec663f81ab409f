package simulate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Condition is what an alert's firing depends on.
type Condition string

// The conditions.
const (
	// OnValues is the usual one: with other values of the same series the alert is quiet.
	OnValues Condition = ""
	// OnPresence says that the alert asks for nothing but series that its matchers select, or that an info metric has.
	OnPresence Condition = "presence"
	// Unconditional says that the alert fires whenever there are samples, whatever their values.
	Unconditional Condition = "none"
)

// signed is in names of what can be below 0.
var signed = regexp.MustCompile(`(?i)celsius|fahrenheit|temperature|dbm|decibel|offset|drift|skew|delta|diff|change|balance|latitude|longitude|altitude|remaining|until|expir`)

// real reports whether ways are a state of a service that runs: its series are there, and what counts things is not below 0.
// What usually is not there need not be.
func (p *prover) real(ways []int) bool {
	for i, s := range p.sources {
		shape := s.shapes[ways[i]]
		if shape.text == gone.text && s.shapes[0].text != gone.text || shape.below && !p.negative && !signed.MatchString(s.name) {
			return false
		}
	}
	return true
}

// negatives reports whether any of the expressions compares with a number below 0.
func negatives(exprs []parser.Expr) bool {
	found := false
	for _, e := range exprs {
		parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
			switch x := n.(type) {
			case *parser.NumberLiteral:
				found = found || x.Val < 0
			case *parser.UnaryExpr:
				found = found || x.Op == parser.SUB
			}
			return nil
		})
	}
	return found
}

// infoName is of metrics the value of which is always 1, and says nothing.
var infoName = regexp.MustCompile(`_info$|^ALERTS$`)

// condition says what the alert depends on where it is quiet only without samples, and the selectors that it then asks for.
func (p *prover) condition() (Condition, string) {
	asks, compares := []string{}, false
	plain := true
	for _, r := range p.rules() {
		parser.Inspect(r.expr, func(n parser.Node, _ []parser.Node) error {
			switch x := n.(type) {
			case *parser.BinaryExpr:
				compares = compares || x.Op.IsComparisonOperator()
			case *parser.VectorSelector:
				sel, _ := selected(x, nil)
				if len(p.set.records[sel.name]) > 0 {
					break
				}
				asks = append(asks, x.String())
				matched := false
				for _, m := range sel.matchers {
					matched = matched || m.Name != "job" && m.Name != "instance" && (m.Type != labels.MatchRegexp || !m.Matches(""))
				}
				plain = plain && !matched && !infoName.MatchString(sel.name)
			}
			return nil
		})
	}
	what := strings.Join(compacted(asks), ", ")
	if compares || plain {
		return Unconditional, fmt.Sprintf("it has no condition: it fires whenever %s has samples, whatever their values; compare with a threshold that values can be on both sides of", what)
	}
	return OnPresence, fmt.Sprintf("it fires as long as there are series of %s, whatever their values", what)
}
