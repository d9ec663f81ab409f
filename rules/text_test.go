package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

func TestTextf(t *testing.T) {
	textf := rules.Textf // under another name go vet does not see what is wrong with it
	lit := func(s string) rules.Part { return rules.Part{Literal: s} }
	value := rules.Part{Placeholder: rules.Value}
	for _, c := range []struct {
		format string
		args   []any
		parts  []rules.Part
		wrong  string
	}{
		{"up", nil, []rules.Part{lit("up")}, ""},
		{"", nil, nil, ""},
		{"%v of %s, 100%%", []any{rules.Value, catalog.Job}, []rules.Part{value, lit(" of "), {Label: catalog.Job.LabelDef}, lit(", 100%")}, ""},
		{"%%v", nil, []rules.Part{lit("%v")}, ""},
		{"above %s in %v", []any{rules.Quantity{Number: .999, Unit: unit.Ratio}, "an hour"}, []rules.Part{lit("above 99.9% in an hour")}, ""},
		{"%s fails", []any{"100%!"}, []rules.Part{lit("100%! fails")}, ""},
		{"%d of %s", []any{rules.Value, catalog.Job}, nil, `"%d of %s" has %d, and only %v and %s are known, or %% for a percent sign`},
		{"%q", []any{rules.Value}, nil, `"%q" has %q, and only %v and %s are known, or %% for a percent sign`},
		{"%5s", []any{rules.Value}, nil, `"%5s" has %5s, and only %v and %s are known, or %% for a percent sign`},
		{"%.2f", []any{1.5}, nil, `"%.2f" has %.2f, and only %v and %s are known, or %% for a percent sign`},
		{"%+v", []any{1.5}, nil, `"%+v" has %+v, and only %v and %s are known, or %% for a percent sign`},
		{"%[1]s", []any{"a"}, nil, `"%[1]s" has %[1]s, and only %v and %s are known, or %% for a percent sign`},
		{"5 % of it", nil, nil, `"5 % of it" has % o, and only %v and %s are known, or %% for a percent sign`},
		{"%é", nil, nil, `"%é" has %é, and only %v and %s are known, or %% for a percent sign`},
		{"5%", nil, nil, `"5%" ends in a % by itself; write %% for a percent sign`},
		{"%v of %v", []any{rules.Value}, nil, `"%v of %v" takes 2 arguments and gets 1`},
		{"%v", nil, nil, `"%v" takes 1 argument and gets 0`},
		{"none", []any{rules.Value}, nil, `"none" takes 0 arguments and gets 1`},
	} {
		got := textf(c.format, c.args...)
		if got.Wrong != c.wrong {
			t.Errorf("%q: wrong is %q, want %q", c.format, got.Wrong, c.wrong)
		}
		if c.wrong != "" {
			continue
		}
		if d := cmp.Diff(c.parts, got.Parts, cmpopts.IgnoreUnexported(diag.Site{}), cmp.Comparer(func(a, b *catalog.LabelDef) bool { return a == b })); d != "" {
			t.Errorf("%q: %s", c.format, d)
		}
	}
}
