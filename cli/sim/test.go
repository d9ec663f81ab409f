package sim

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/simulate"
)

type testFlags struct {
	run      []string
	junit    string
	parallel int
	coverage bool
	unknown  bool
	watch    bool
	features []string
}

func newTest(env *Env) *cobra.Command {
	var f testFlags
	cmd := cli.TestCommand(func(cmd *cobra.Command, args []string) error { return f.execute(cmd, env, args) })
	cli.TestFlags(cmd, &f.run, &f.junit, &f.parallel, &f.coverage, &f.unknown, &f.watch, &f.features)
	return cmd
}

func (f *testFlags) execute(cmd *cobra.Command, env *Env, args []string) error {
	o := simulate.Options{IgnoreUnknownFields: f.unknown, Features: append(query.Features{}, f.features...)}
	for _, name := range f.features {
		if !slices.Contains(query.AllFeatures, name) { // promtool goes on, too
			fmt.Fprintf(env.Stderr, "obsgen: --enable-feature: no rule needs %q; features of PromQL are %s\n", name, strings.Join(query.AllFeatures, ", "))
		}
	}
	var run *regexp.Regexp
	if len(f.run) > 0 {
		var err error
		if run, err = regexp.Compile(strings.Join(f.run, "|")); err != nil {
			return cli.Misuse("--run: %v", err)
		}
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	paths, err := allTestFiles(args)
	if err != nil {
		return err
	}
	if f.parallel < 0 {
		return cli.Misuse("--parallel is %d, which is no number of groups", f.parallel)
	}
	if f.parallel == 0 {
		f.parallel = runtime.GOMAXPROCS(0)
	}
	if f.watch {
		return f.follow(cmd.Context(), env, args, paths, run, o)
	}
	return f.once(cmd.Context(), env, paths, run, o)
}

// once runs the tests of some files.
func (f *testFlags) once(ctx context.Context, env *Env, paths []string, run *regexp.Regexp, o simulate.Options) error {
	reports := simulate.RunFiles(ctx, paths, run, f.parallel, o)
	if f.junit != "" {
		var b bytes.Buffer
		if err := simulate.JUnit(&b, reports); err != nil {
			return err
		}
		if err := file.Write(f.junit, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	if err := simulate.Text(env.Stdout, reports); err != nil {
		return err
	}
	groups, failed := 0, 0
	for _, r := range reports {
		if r.Err != nil {
			groups, failed = groups+1, failed+1
		}
		for _, o := range r.Outcomes {
			groups++
			if len(o.Failures) > 0 {
				failed++
			}
		}
	}
	if f.coverage {
		c := simulate.Cover(reports)
		fired := 0
		for _, id := range c.Rules {
			if c.Fired[id] {
				fired++
				continue
			}
			fmt.Fprintf(env.Stdout, "%s: no test makes %s of group %s fire\n", id.File, id.Alert, id.Group)
		}
		fmt.Fprintf(env.Stdout, "%d of %d alerting rules are made to fire\n", fired, len(c.Rules))
	}
	switch {
	case failed > 0:
		return &cli.ExitError{Code: cli.ExitFindings, Message: fmt.Sprintf("%d of %d groups of tests in %s failed", failed, groups, diag.Counted(len(paths), "file"))}
	case groups == 0 && run != nil:
		return cli.Misuse("no group of tests matches %s", run)
	}
	fmt.Fprintf(env.Stdout, "%s in %s passed\n", diag.Counted(groups, "group of tests"), diag.Counted(len(paths), "file"))
	return nil
}

// allTestFiles returns the files that are named, and those below the folders. It returns an error where there are none.
func allTestFiles(args []string) ([]string, error) {
	var paths []string
	for _, arg := range args {
		found, err := testFiles(arg)
		if err != nil {
			return nil, cli.Misuse("%v", err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		return nil, cli.Misuse("there are no files of rule tests in %s", strings.Join(args, ", "))
	}
	return paths, nil
}

// both says that a file has what every file of rule tests has.
var both = regexp.MustCompile(`(?m)^["']?(tests|rule_files)["']?\s*:`)

// testFiles returns a file, or the files of rule tests below a folder.
func testFiles(arg string) ([]string, error) {
	return cli.RuleFiles(arg, func(data []byte) bool {
		keys := map[string]bool{}
		for _, m := range both.FindAllSubmatch(data, -1) {
			keys[string(m[1])] = true
		}
		return len(keys) == 2
	})
}
