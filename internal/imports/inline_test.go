package imports

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var inlinable = regexp.MustCompile(`^(\S+): can inline (?:\(\*?)?(?:(\w+)\)?\.)?([A-Z]\w*)(?:\[.*\])? `)

// TestConstructorsKeepTheirCallers asks the compiler which declaring functions it would inline. The initializer of a
// package variable loses the line of a call that is inlined into it, and with it the place of every finding.
func TestConstructorsKeepTheirCallers(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m=2", "../../query", "../../catalog", "../../dashboards", "../../rules", "../../project").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		m := inlinable.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		seen++
		// With -m=2 the compiler prints the signature and the body.
		_, signature, _ := strings.Cut(line, "as: ")
		head, body, _ := strings.Cut(signature, " { ")
		result := strings.TrimSpace(head[strings.LastIndex(head, ")")+1:])
		makesQuery := strings.Contains(m[1], "/query/") && slices.Contains([]string{"Vector", "Range", "Condition", "Scalar"}, result) && m[3] != "Value"
		if makesQuery || strings.Contains(body, "diag.Here(") {
			t.Errorf("%s: %s.%s can be inlined; give it //go:noinline", m[1], m[2], m[3])
		}
	}
	if seen == 0 {
		t.Fatalf("the compiler names no function that it can inline:\n%s", out)
	}
}
