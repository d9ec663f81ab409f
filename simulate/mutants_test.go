package simulate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/simulate"
)

// mutant is a rule file with one fault in an alert.
type mutant struct{ what, text string }

var (
	comparison = regexp.MustCompile(`(>=|<=|==|>|<)\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*\)?\s*$`)
	window     = regexp.MustCompile(`\[\d+[smhd]\]`)
	matcher    = regexp.MustCompile(`(=~|!~|!=|=)"([^"]*)"`)
)

// mutants returns an expression with its last comparison flipped, its threshold times and divided by 100, its windows shortened to
// one scrape, a matcher broken.
func mutants(expr string) []mutant {
	var out []mutant
	if m := comparison.FindStringSubmatchIndex(expr); m != nil {
		op, value := expr[m[2]:m[3]], expr[m[4]:m[5]]
		flipped := map[string]string{">": "<", "<": ">", ">=": "<", "<=": ">", "==": "!="}[op]
		out = append(out, mutant{"the comparison flipped", expr[:m[2]] + flipped + expr[m[3]:]})
		if value != "0" { // a hundred times 0 is 0
			out = append(out,
				mutant{"the threshold times 100", expr[:m[4]] + "(100 * " + value + ")" + expr[m[5]:]},
				mutant{"the threshold divided by 100", expr[:m[4]] + "(" + value + " / 100)" + expr[m[5]:]})
		}
	}
	if window.MatchString(expr) {
		out = append(out, mutant{"the windows one scrape", window.ReplaceAllString(expr, "[30s]")})
	}
	for _, at := range matcher.FindAllStringIndex(expr, -1) {
		out = append(out, mutant{"a matcher broken", expr[:at[0]] + `="broken"` + expr[at[1]:]})
	}
	return out
}

// TestMutants breaks each alert of the flagship in each way and runs the test that its proof is written as: nearly all are noticed.
func TestMutants(t *testing.T) {
	t.Parallel()
	proofs, err := read(t, flagship).Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, noticed := 0, 0
	for _, p := range proofs {
		source, err := os.ReadFile(p.File)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mutants(p.Expr) {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(m.text); err != nil {
				t.Fatalf("%s: %s: %v", p.Alert, m.what, err)
			}
			path := filepath.Join(t.TempDir(), filepath.Base(p.File))
			if err := os.WriteFile(path, replaced(t, source, p.Alert, m.text), 0o600); err != nil {
				t.Fatal(err)
			}
			file := *p.Witness
			file.Rules = nil
			for _, r := range p.Witness.Rules {
				if r == p.File {
					r = path
				}
				file.Rules = append(file.Rules, r)
			}
			all++
			if o := file.Run(t.Context(), file.Groups[0], simulate.Options{}); len(o.Failures) > 0 {
				noticed++
			} else {
				t.Logf("%s: %s: not noticed\n%s", p.Alert, m.what, strings.Join(strings.Fields(m.text), " "))
			}
		}
	}
	t.Logf("%d of %d mutants are noticed", noticed, all)
	if all < 80 || noticed*100 < all*95 {
		t.Errorf("%d of %d mutants are noticed", noticed, all)
	}
}

// replaced returns a rule file in which an alert has another expression.
func replaced(t *testing.T, source []byte, alert, expr string) []byte {
	t.Helper()
	var file map[string]any
	if err := yaml.Unmarshal(source, &file); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, g := range file["groups"].([]any) {
		for _, r := range g.(map[string]any)["rules"].([]any) {
			if rule := r.(map[string]any); rule["alert"] == alert {
				rule["expr"] = expr
				found++
			}
		}
	}
	out, err := yaml.Marshal(file)
	if err != nil || found != 1 {
		t.Fatal(fmt.Errorf("%d rules: %w", found, err))
	}
	return out
}
