package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
)

var (
	quoted   = regexp.MustCompile("(?s)<!-- (\\S+) -->\n```go\n(.*?)```")
	commands = regexp.MustCompile("(?m)^\\| `obsgen ([^`]+)` \\|")
	yamls    = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	// fragments are the files of plugins.
	fragments = regexp.MustCompile("(?s)```json\n(.*?)```")
	links     = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
)

// TestReadme holds the README against the repository: what it quotes is there, its commands work, its configuration is
// read, its links lead somewhere.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)

	guide, err := os.ReadFile("../docs/instrumentation.md")
	if err != nil {
		t.Fatal(err)
	}
	simulation, err := os.ReadFile("../docs/simulation.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := quoted.FindAllStringSubmatch(readme+string(guide)+string(simulation), -1)
	for _, m := range blocks {
		source, err := os.ReadFile(filepath.Join("..", m[1]))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(source), m[2]) {
			t.Errorf("%s does not have\n%s", m[1], m[2])
		}
	}
	t.Setenv("OBSGEN_SIM", filepath.Join(t.TempDir(), "none")) // cli/sim has its tests
	lines := commands.FindAllStringSubmatch(readme, -1)
	for _, m := range lines {
		want := cli.ExitGood
		if strings.Contains(m[1], "://localhost") || slices.Contains([]string{"backtest", "diff", "preview", "prove", "scenario", "serve", "snapshot", "test"}, strings.Fields(m[1])[0]) { // no service runs here, and this is no repository
			want = cli.ExitMisuse
		}
		if code, _, stderr := run(t, strings.Fields(m[1])...); code != want {
			t.Errorf("obsgen %s exits %d: %s", m[1], code, stderr)
		}
	}
	deployment, err := os.ReadFile("../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	configs := yamls.FindAllStringSubmatch(readme+string(deployment), -1)
	for _, m := range configs {
		config, err := project.ParseConfig("README.md", []byte(m[1]))
		if err != nil {
			t.Error(err)
			continue
		}
		profiles, err := mockforge.Project.Environments(config)
		if err != nil {
			t.Error(err)
		}
		for _, p := range profiles {
			for _, f := range plan.New(mockforge.Project, p).Findings {
				t.Errorf("profile %s: %s", p.Name, f)
			}
		}
	}
	if len(blocks) < 5 || len(lines) < 4 || len(configs) == 0 {
		t.Errorf("the README has %d quotations, %d commands, %d configurations", len(blocks), len(lines), len(configs))
	}
	if m := fragments.FindSubmatch(guide); m == nil {
		t.Error("the guide has no fragment")
	} else if _, err := catalog.ParseFragment("instrumentation.md", m[1]); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "docs/instrumentation.md", "docs/deployment.md", "docs/ci.md", "docs/simulation.md", "docs/preview.md"} {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range links.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s leads to %v", name, err)
			}
		}
	}
}
