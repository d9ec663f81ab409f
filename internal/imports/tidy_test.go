package imports

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTestsStayLight asserts that no test beside what a service imports needs Prometheus: go mod tidy downloads what the
// tests of an imported package import, see docs/adr/0001-one-module.md.
func TestTestsStayLight(t *testing.T) {
	for _, pkg := range []string{"diag", "unit", "catalog", "instrument", "instrument/paths", "instrument/system", "instrument/nethttp"} {
		out, err := exec.Command("go", "list", "-f", `{{join .TestImports "\n"}}{{"\n"}}{{join .XTestImports "\n"}}`, "../../"+pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for imported := range strings.FieldsSeq(string(out)) {
			if strings.HasPrefix(imported, "github.com/prometheus/prometheus/") {
				t.Errorf("a test of %s imports %s", pkg, imported)
			}
		}
	}
}
