package query_test

import (
	"testing"

	"github.com/obsgen/obsgen/query"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`sum by (b, a) (rate(x{q="1",p="2"}[5m]))`, `sum by (a,b)(rate(x{p="2", q="1"}[300s]))`, true},
		{`a + b`, `b + a`, true}, {`a - b`, `b - a`, false}, {`a * on (y, x) b`, `b * on (x, y) a`, true}, {`a * on (x) group_left () b`, `b * on (x) group_left () a`, false},
		{`(a + b) * c`, `a + b * c`, false}, {`((a) + (b)) * c`, `c * (b + a)`, true}, {`a or b`, `b or a`, false}, {`a and b`, `b and a`, false},
		{`5 < a`, `a > 5`, true}, {`5 < bool a`, `a > bool 5`, false}, {`-(a + b)`, `-a + b`, false}, {`a ^ (b ^ c)`, `(a ^ b) ^ c`, false},
		{`(a - b) - c`, `a - (b - c)`, false}, {`x{a="1"}`, `x{a=~"1"}`, false}, {`(a / b)[1h:5m]`, `a / b[1h:5m]`, false},
	} {
		a, err := query.ParseText(c.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := query.ParseText(c.b)
		if err != nil {
			continue // it is not the same, it is nothing
		}
		before := a.String()
		if same := query.Canonical(a) == query.Canonical(b); same != c.same {
			t.Errorf("%s, %s: %v\n%s\n%s", c.a, c.b, same, query.Canonical(a), query.Canonical(b))
		}
		if a.String() != before {
			t.Errorf("%s was changed", c.a)
		}
	}
}
