package cli

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
	"github.com/obsgen/obsgen/validate"
)

func newExplain(env *Env) *cobra.Command {
	var profiles profileFlag
	cmd := &cobra.Command{
		Use:   "explain EXPR|CHECK",
		Short: "Explain a PromQL expression, or a check of obsgen lint",
		Long: `Explain prints an expression as a tree: what each part is, which labels its series have, in which unit and
range its values are, and what is wrong with it, over the project's metrics and recorded series. With the id of a
check it tells what the check finds and how to mend it; without arguments it lists the checks.`,
		Example: "  obsgen explain 'sum by (job) (up) == 0'\n  obsgen explain hist/no-le\n  obsgen explain",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listChecks(env)
			}
			if d, unknown := env.doc(args[0]); unknown == "" {
				explainDoc(env.Stdout, d)
				return nil
			} else if checkID.MatchString(args[0]) {
				return misuse("%s", unknown)
			}
			plans, _, err := env.plans(profiles)
			if err != nil {
				return err
			}
			return explainExpression(env, args[0], plans[0].Env, plans[0].Catalog, plans[0].Profile.ScrapeInterval)
		},
	}
	profiles.bind(cmd)
	return cmd
}

// checkID is the form of a check's id; a quotient of two metrics is written with blanks.
var checkID = regexp.MustCompile(`^[a-z]+/[a-z-]+$`)

func listChecks(env *Env) error {
	w := newTable(env.Stdout)
	fmt.Fprintln(w, "CHECK\tSEVERITY\tFINDS")
	for _, d := range env.docs() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.ID, d.Level(), d.Title)
	}
	return w.Flush()
}

func explainDoc(w io.Writer, d diag.Doc) {
	fmt.Fprintf(w, "%s (%s): %s\n\n%s\n", d.ID, d.Level(), d.Title, wrapped(d.Why, 100))
	indented := func(s string) string {
		return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
	}
	if d.Example.Wrong != "" {
		fmt.Fprintf(w, "\nWrong:\n%s\n\nRight:\n%s\n", indented(d.Example.Wrong), indented(d.Example.Right))
	}
	if d.Essential != "" {
		fmt.Fprintf(w, "\n%s\n", wrapped("It can be neither switched off nor lowered: "+d.Essential+".", 100))
	}
	fmt.Fprintf(w, "\nSee %s\n", d.Source)
	if d.Declared != nil {
		fmt.Fprint(w, "\nIn Go: ")
		explainDoc(w, *d.Declared)
	}
}

// wrapped breaks a paragraph into lines.
func wrapped(s string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(s) {
		switch n := len([]rune(word)); {
		case i == 0:
			at = n
		case at+1+n > width:
			b.WriteByte('\n')
			at = n
		default:
			b.WriteByte(' ')
			at += 1 + n
		}
		b.WriteString(word)
	}
	return b.String()
}

func explainExpression(env *Env, text string, types *infer.Env, c *catalog.Catalog, every time.Duration) error {
	e, err := query.ParseText(text)
	if err != nil {
		return misuse("%v", err)
	}
	table := infer.Infer(e, types)
	x := explainer{w: env.Stdout, table: table}
	x.node(e, "", "")
	if n, ok := table.Samples(every); ok && n > 1 {
		fmt.Fprintf(env.Stdout, "\nOne evaluation reads at most %s of a target that is scraped every %s.\n", strconv.FormatFloat(n, 'f', 0, 64)+" samples", unit.Duration(every))
	}
	found := x.found()
	for _, f := range validate.Expression(text, types, validate.Options{Catalog: c, ScrapeInterval: every}) {
		found = append(found, f)
		fmt.Fprintf(env.Stdout, "\n%s %s: %s\n", f.Severity, f.ID, f.Message)
		if f.Why != "" {
			fmt.Fprintf(env.Stdout, "  %s\n", f.Why)
		}
		fmt.Fprintf(env.Stdout, "  mend: %s\n", f.Mend)
	}
	if worst, any := diag.Worst(found); any && worst >= diag.Warning {
		return &ExitError{Code: ExitFindings, Message: countOf(found)}
	}
	return nil
}

// explainer prints a tree of types.
type explainer struct {
	w     io.Writer
	table *infer.Table
}

func (x explainer) found() []diag.Finding {
	var out []diag.Finding
	for _, f := range x.table.Faults() {
		out = append(out, diag.Finding{ID: f.ID, Severity: f.Severity, Message: f.Message})
	}
	return out
}

// node prints a node and what lies below it; lead is what stands before its own lines, below before those of its parts.
func (x explainer) node(e parser.Expr, lead, below string) {
	if p, ok := e.(*parser.ParenExpr); ok {
		x.node(p.Expr, lead, below)
		return
	}
	parts := partsOf(e)
	bar := "  "
	if len(parts) > 0 {
		bar = "│ "
	}
	fmt.Fprintf(x.w, "%s%s\n", lead, head(e))
	for _, line := range x.facts(e) {
		fmt.Fprintf(x.w, "%s%s  %s\n", below, bar, line)
	}
	for i, p := range parts {
		if i == len(parts)-1 {
			x.node(p, below+"└ ", below+"  ")
		} else {
			x.node(p, below+"├ ", below+"│ ")
		}
	}
}

// partsOf returns the expressions that a node is made of, without what its head shows.
func partsOf(e parser.Expr) []parser.Expr {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		if n.Param != nil {
			if _, literal := n.Param.(*parser.NumberLiteral); !literal && n.Param.Type() == parser.ValueTypeScalar {
				return []parser.Expr{n.Param, n.Expr}
			}
		}
		return []parser.Expr{n.Expr}
	case *parser.BinaryExpr:
		return []parser.Expr{n.LHS, n.RHS}
	case *parser.Call:
		var out []parser.Expr
		for _, a := range n.Args {
			switch a.(type) {
			case *parser.NumberLiteral, *parser.StringLiteral:
			default:
				out = append(out, a)
			}
		}
		return out
	case *parser.SubqueryExpr:
		return []parser.Expr{n.Expr}
	case *parser.UnaryExpr:
		return []parser.Expr{n.Expr}
	case *parser.StepInvariantExpr:
		return []parser.Expr{n.Expr}
	}
	return nil
}

// head shows a node with … in the place of its parts.
func head(e parser.Expr) string {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		c := *n
		c.Expr = dots
		if n.Param != nil && len(partsOf(e)) == 2 {
			c.Param = dots
		}
		return shown(&c)
	case *parser.BinaryExpr:
		c := *n
		c.LHS, c.RHS = dots, dots
		return shown(&c)
	case *parser.Call:
		c := *n
		c.Args = nil
		for _, a := range n.Args {
			switch a.(type) {
			case *parser.NumberLiteral, *parser.StringLiteral:
				c.Args = append(c.Args, a)
			default:
				c.Args = append(c.Args, dots)
			}
		}
		return shown(&c)
	case *parser.SubqueryExpr:
		c := *n
		c.Expr = dots
		return shown(&c)
	case *parser.UnaryExpr:
		return n.Op.String()
	}
	return e.String()
}

// dots is a part that is not shown here.
var dots = &parser.VectorSelector{Name: "obsgen_part_below"}

func shown(e parser.Expr) string { return strings.ReplaceAll(e.String(), dots.Name, "…") }

// facts are what is known of a node, and what is wrong with it.
func (x explainer) facts(e parser.Expr) []string {
	var out []string
	t := x.table.Of(e)
	what := ""
	if c, ok := e.(*parser.Call); ok {
		what = infer.Says(c.Func.Name)
	}
	if what != "" {
		out = append(out, what)
	}
	switch e.(type) {
	case *parser.NumberLiteral, *parser.StringLiteral:
	default:
		out = append(out, values(t), series(t))
	}
	if m := t.Metric; m != nil {
		if _, ok := e.(*parser.VectorSelector); ok && m.Help != "" {
			out = append(out, m.Help)
		}
	}
	for _, f := range x.table.Faults() {
		if f.Node != e {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s: %s", f.Severity, f.ID, f.Message))
		if f.Why != "" {
			out = append(out, "  "+f.Why)
		}
		out = append(out, "  mend: "+f.Mend)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// values says what the numbers are: their unit, their range and what kind they are.
func values(t infer.Type) string {
	if t.Native == infer.Must {
		return "native histograms of " + t.Observed.String()
	}
	var parts []string
	if t.Unit.IsKnown() && t.Unit.String() != "1" && !t.Unit.IsShare() && !t.Unit.IsState() {
		parts = append(parts, "in "+t.Unit.String())
	}
	if t.Observed.IsKnown() && t.Observed != t.Unit {
		parts = append(parts, "about "+t.Observed.String())
	}
	parts = append(parts, between(t))
	if k := t.Kind.String(); k != "" {
		parts = append(parts, k)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return "values: any number"
	}
	return "values: " + strings.Join(parts, ", ")
}

// between says what values can be.
func between(t infer.Type) string {
	r := t.Range
	number := func(x float64) string {
		if t.Unit.IsKnown() && !t.Unit.IsState() && !t.Unit.IsPoint() {
			return t.Unit.Format(x)
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	out := ""
	if x, ok := r.Exactly(); ok {
		return "always " + number(x)
	}
	switch lo, hi := !math.IsInf(r.Lo, 0), !math.IsInf(r.Hi, 0); {
	case lo && hi:
		out = "from " + number(r.Lo) + " to " + number(r.Hi)
		if r.OpenLo {
			out = "above " + number(r.Lo) + " up to " + number(r.Hi)
		}
	case lo && r.OpenLo:
		out = "above " + number(r.Lo)
	case lo:
		out = number(r.Lo) + " or more"
	case hi && r.OpenHi:
		out = "below " + number(r.Hi)
	case hi:
		out = "at most " + number(r.Hi)
	default:
		return "" // any number
	}
	if r.NaN {
		out += " or NaN"
	}
	return out
}

// series says how many there can be and what tells them apart.
func series(t infer.Type) string {
	if t.Value == parser.ValueTypeScalar {
		return ""
	}
	if t.Empty == infer.Must {
		return "series: none, whatever the data"
	}
	var certain, perhaps []string
	for _, name := range t.Labels.Names() {
		if name == model.MetricNameLabel {
			continue
		}
		text := name
		if vs, closed := t.Labels.Values(name).Set(); closed && len(vs) > 0 && len(vs) <= 6 {
			text += " (" + strings.Join(vs, ", ") + ")"
		}
		if t.Labels.Certain(name) {
			certain = append(certain, text)
		} else {
			perhaps = append(perhaps, text)
		}
	}
	out := "series: one without labels"
	if len(certain) > 0 {
		out = "series: one for each " + strings.Join(certain, ", ")
	} else if !t.Labels.Closed() {
		out = "series: nothing is known of their labels"
	}
	if len(perhaps) > 0 {
		out += ", some with " + strings.Join(perhaps, ", ")
	}
	if n, ok := t.Labels.Bound(); ok && n > 1 {
		out += fmt.Sprintf("; at most %d of a target", n)
	}
	return out
}
