package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
	"github.com/obsgen/obsgen/validate"
)

type protocol struct{}

// A project with faults in a metric, a panel and an alert.
var (
	faultyProtocol = catalog.OneOf("protocol", "Protocol.", catalog.V[protocol]("http"))
	faultyGroup    = catalog.NewGroup("Requests", catalog.GroupSpec{Help: "Requests.", Owner: "core"})
	faultyCounter  = catalog.NewCounter(faultyGroup, "app_requests", catalog.By1(faultyProtocol), catalog.Spec{Help: "Requests.", Unit: unit.Requests})
	faultyGauge    = catalog.NewGauge(faultyGroup, "app_open", catalog.None{}, catalog.Spec{Help: "Open.", Unit: unit.Connections, Range: catalog.AtLeast(0)})
	faultyPanel    = dashboards.NewGauge("Requests", dashboards.Gauge{
		Shows: "s", BadWhen: "b", Query: query.Rate(faultyCounter).Sum(),
	})
	faultyAlert = rules.NewAlert("AppNegative", rules.Alert{
		When: query.Select(faultyGauge, faultyProtocol.Matches("h.*")).Below(-1), Severity: rules.Page, Summary: rules.Textf("%v", rules.Value), Means: "m", Do: []string{"d"},
		NoPanel: "a test",
	})
	faulty = project.New("faulty", project.Spec{
		Title: "Faulty", Owner: "core", Catalog: catalog.New("faulty", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{faultyGroup}}),
		Boards: []*dashboards.Board{dashboards.New("faulty", dashboards.Dashboard{Title: "Faulty", Purpose: "p", Rows: []dashboards.Row{{Panels: []*dashboards.Panel{faultyPanel}}}})},
		Groups: []*rules.RuleGroup{rules.NewGroup("faulty", rules.Group{Help: "h", Alerts: []*rules.AlertingRule{faultyAlert}})},
	})
)

// bare declares a project without any prose and owners, and what it lists nowhere.
func bare() *project.Project {
	letters := catalog.NewGroup("Letters", catalog.GroupSpec{})
	sent := catalog.NewCounter(letters, "post_letters_total", catalog.None{}, catalog.Spec{Unit: unit.Events})
	catalog.NewCounter(letters, "post_stamps_total", catalog.None{}, catalog.Spec{Unit: unit.Events})
	rate := query.Rate(sent).Sum()
	alerts := rules.NewGroup("post", rules.Group{
		Records: []*rules.RecordingRule{rules.NewRecording(rules.Recording{Expr: rate})},
		Alerts:  []*rules.AlertingRule{rules.NewAlert("letters_stop", rules.Alert{When: rate.Below(1), For: time.Minute, Severity: "sev1"})},
	})
	board := dashboards.New("post", dashboards.Dashboard{Title: "Post", Rows: []dashboards.Row{{Panels: []*dashboards.Panel{
		dashboards.NewTimeSeries("Sent", dashboards.TimeSeries{Query: rate, Window: 5 * time.Minute}),
	}}}})

	forgotten := catalog.NewGroup("Parcels", catalog.GroupSpec{Owner: "post"})
	catalog.NewCounter(forgotten, "post_parcels_total", catalog.None{}, catalog.Spec{Help: "h", Unit: unit.Events})
	rules.NewAlert("Forgotten", rules.Alert{When: rate.Above(1)})
	rules.NewGroup("none", rules.Group{Alerts: []*rules.AlertingRule{rules.NewAlert("InForgottenGroup", rules.Alert{When: rate.Above(1)})}})
	rules.NewRecording(rules.Recording{Expr: query.Increase(sent).Sum()})
	return project.New("post", project.Spec{
		Title: "Post", Catalog: catalog.New("post", catalog.CatalogSpec{Prefix: "post_", Groups: []*catalog.Group{letters}}),
		Boards: []*dashboards.Board{board}, Groups: []*rules.RuleGroup{alerts},
	})
}

// owner is a check of a project's own.
var owner = &validate.Check{
	ID: "own/owner", Severity: diag.Error, Title: "An alert without an owner", Why: "Nobody is told.", Source: "https://example.org/alerts",
	Rule: func(r *validate.Rule, report validate.Report) {
		if _, ok := r.Label("owner"); !ok && r.IsAlert() {
			report(diag.Finding{At: r.Alert.At(), Message: "the alert " + r.Alert.Value + " has no owner", Mend: "give it the label owner"})
		}
	},
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"obsgen": func() { os.Exit(cli.Main(mockforge.Project)) },
		"faulty": func() { os.Exit(cli.Main(faulty)) },
		"bare":   func() { os.Exit(cli.Main(bare())) },
		"strict": func() { os.Exit(cli.Main(mockforge.Project, owner)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: os.Getenv("OBSGEN_UPDATE") != ""})
}

// run carries out a command line of the flagship in a folder of its own.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	env := &cli.Env{Project: mockforge.Project, Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}
	code = cli.Run(context.Background(), env, args)
	return code, out.String(), err.String()
}

// TestHelpIsTrue runs the examples of every command's help.
func TestHelpIsTrue(t *testing.T) {
	t.Setenv("OBSGEN_SIM", filepath.Join(t.TempDir(), "none"))
	_, help, _ := run(t, "help")
	commands := 0
	for line := range strings.Lines(help) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.HasPrefix(line, "  ") || strings.HasPrefix(name, "-") || name == "obsgen" || name == "help" || name == "completion" {
			continue
		}
		commands++
		code, text, _ := run(t, name, "--help")
		if code != cli.ExitGood {
			t.Errorf("obsgen %s --help exits %d", name, code)
		}
		_, examples, ok := strings.Cut(text, "Examples:\n")
		if !ok {
			t.Errorf("the help of %s has no example", name)
			continue
		}
		examples, _, _ = strings.Cut(examples, "\n\n")
		for example := range strings.Lines(examples) {
			args := shellWords(example)
			if len(args) < 2 || args[0] != "obsgen" {
				t.Errorf("the example of %s is %q", name, example)
				continue
			}
			code, _, stderr := run(t, args[1:]...)
			// In an empty folder build --check finds everything missing.
			// Nothing can be linted there, no service runs, nor is this a repository; what runs rules is another program, tested in cli/sim.
			want := map[bool]int{true: cli.ExitFindings}[strings.Contains(example, "--check")]
			if strings.Contains(example, "://localhost") || strings.HasSuffix(strings.TrimSpace(example), "lint --catalog none .") || slices.Contains([]string{"backtest", "diff", "preview", "prove", "scenario", "serve", "snapshot", "test"}, args[1]) {
				want = cli.ExitMisuse
			}
			if code != want {
				t.Errorf("%s exits %d: %s", strings.TrimSpace(example), code, stderr)
			}
		}
	}
	if commands < 4 {
		t.Errorf("help lists %d commands:\n%s", commands, help)
	}
}

// shellWords splits a line as a shell does, with single quotes.
func shellWords(line string) []string {
	var out []string
	for i, part := range strings.Split(strings.TrimSpace(line), "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

func TestCompletions(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, script, stderr := run(t, "completion", shell)
		if code != cli.ExitGood || !strings.Contains(script, "obsgen") || stderr != "" {
			t.Errorf("completion %s exits %d with %d bytes and %q", shell, code, len(script), stderr)
		}
	}
	if _, words, _ := run(t, "__complete", "list", ""); !strings.Contains(words, "alerts\n") || !strings.Contains(words, "panels\n") {
		t.Errorf("after list comes %q", words)
	}
}

// TestNamedAndNotChecked wants a finding for a file that is named and cannot be checked, and none of the rules of one in UTF-16.
func TestNamedAndNotChecked(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	utf16 := []byte{0xff, 0xfe}
	for _, b := range []byte("groups: [{name: g, rules: [{alert: A, expr: up == 0, for: 5m}]}]\n") {
		utf16 = append(utf16, b, 0)
	}
	large := write("large.yaml", nil)
	if err := os.Truncate(large, 64<<20+1); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		file string
		code int
		says string
	}{
		{write("nul.yaml", []byte("a\x00b\n")), cli.ExitFindings, "it is not text"},
		{large, cli.ExitFindings, "it is larger than 64 MB"},
		{write("empty.yaml", nil), cli.ExitFindings, "it holds no rules"},
		{write("utf16.yaml", utf16), cli.ExitGood, "1 file with 1 rule"},
	} {
		code, stdout, stderr := run(t, "lint", "--catalog", "none", x.file)
		if code != x.code || !strings.Contains(stdout+stderr, x.says) {
			t.Errorf("lint %s exits %d: %s%s", x.file, code, stdout, stderr)
		}
	}
}
