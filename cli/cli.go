// Package cli is obsgen's command line: one file for each command. cli.Main is all that a project's own
// main needs.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/validate"
)

// Exit codes of every command.
const (
	ExitGood     = 0 // nothing to report
	ExitFindings = 1 // the project or its files have faults
	ExitMisuse   = 2 // the command could not be carried out
)

// Main runs the command that the process was started with and returns its exit code. checks are the project's own, which
// obsgen lint runs beside those that it has.
func Main(p *project.Project, checks ...*validate.Check) int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a short run: a third of its time would go into collecting what little it has
	}
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "obsgen:", err)
		return ExitMisuse
	}
	env := &Env{
		Project: p, Checks: checks, declared: diag.Declarations(), Dir: dir, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Colour: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "",
	}
	return Run(context.Background(), env, os.Args[1:])
}

// Env is what a command sees of the world.
type Env struct {
	Project        *project.Project
	Checks         []*validate.Check // besides validate.All
	Dir            string            // working directory
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Colour         bool

	whole    bool               // Project has the fragments of obsgen.yaml
	declared []diag.Declaration // by the program, before it runs a command
}

// Run carries out one command line and returns its exit code.
func Run(ctx context.Context, env *Env, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(env.Stderr, "obsgen: this is a bug of obsgen %s, please report it:\n%v\n%s", version(), r, debug.Stack())
			code = ExitMisuse
		}
	}()
	root := newRoot(env)
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	return Exit(env.Stderr, root.ExecuteContext(ctx))
}

// Exit tells of the error that a command ended with, and returns the exit code.
func Exit(stderr io.Writer, err error) int {
	var exit *ExitError
	switch {
	case err == nil:
		return ExitGood
	case errors.As(err, &exit):
		if exit.Message != "" {
			fmt.Fprintln(stderr, "obsgen:", harmless(exit.Message))
		}
		return exit.Code
	default:
		fmt.Fprintln(stderr, "obsgen:", harmless(strings.TrimSpace(err.Error())))
		return ExitMisuse
	}
}

// harmless returns an error as it is printed, whatever it quotes: with its own lines, and without passwords and what a terminal obeys.
func harmless(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, diag.Printable(strings.ReplaceAll(line, "\t", "    ")))
	}
	return client.WithoutPasswords(strings.Join(lines, "\n"))
}

// ExitError ends a command with a code.
type ExitError struct {
	Code    int
	Message string
}

// Error returns the message.
func (e *ExitError) Error() string { return e.Message }

// Misuse returns the error of a command line that cannot be carried out.
func Misuse(format string, args ...any) error { return misuse(format, args...) }

// misuse is a command line that cannot be carried out.
func misuse(format string, args ...any) error {
	return &ExitError{Code: ExitMisuse, Message: fmt.Sprintf(format, args...)}
}

func newRoot(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "obsgen",
		Short: "Observability as code: one catalog in, dashboards, rules and docs out",
		Long: `obsgen turns a catalog of metrics, declared once in Go, into everything that reads them: Grafana
dashboards, Prometheus recording and alerting rules, runbooks and reference docs.

Exit codes: 0 good, 1 findings, 2 misuse or unreadable input.`,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		Args:                       cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return misuse("there is no command %s%s; see obsgen help", args[0], DidYouMean(args[0], names))
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misuse("%v; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(newBacktest(env), newBuild(env), newCheckExposition(env), newDeploy(env), newDiff(env), newExplain(env), newGate(env), newLint(env), newList(env), newPreview(env), newProve(env), newScenario(env), newServe(env), newSnapshot(env), newTest(env), newVersion(env))
	root.SetOut(env.Stdout) // completion remembers it from here on
	root.InitDefaultCompletionCmd()
	return root
}

// checks returns all checks that lint runs.
func (env *Env) checks() []*validate.Check { return append(validate.All(), env.Checks...) }

// DidYouMean suggests the candidate nearest to a misspelt name.
func DidYouMean(name string, candidates []string) string {
	if near := diag.Nearest(name, candidates); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return ""
}

// profileFlag selects environments.
type profileFlag struct{ names []string }

func (f *profileFlag) bind(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.names, "profile", nil, "only these profiles (default all)")
}

// configure reads obsgen.yaml, and makes the fragments that it names a part of the project.
func (env *Env) configure() (project.Config, error) {
	config, err := project.ReadConfig(env.Dir)
	if err != nil {
		return config, misuse("%v", err)
	}
	if !env.whole {
		fragments, err := project.ReadFragments(env.Dir, config.Fragments)
		if err != nil {
			return config, misuse("%v", err)
		}
		p := *env.Project
		p.Fragments = append(slices.Clone(p.Fragments), fragments...)
		env.Project, env.whole = p.Whole(), true
	}
	return config, nil
}

// plan resolves the project for the profile of a name, or for the first.
func (env *Env) plan(profile string) (*plan.Plan, error) {
	var only profileFlag
	if profile != "" {
		only.names = []string{profile}
	}
	profiles, config, err := env.profiles(only)
	if err != nil {
		return nil, err
	}
	return env.resolve(profiles[0], config)
}

// plans resolves the project for the selected profiles.
func (env *Env) plans(only profileFlag) ([]*plan.Plan, project.Config, error) {
	profiles, config, err := env.profiles(only)
	if err != nil {
		return nil, config, err
	}
	var out []*plan.Plan
	for _, p := range profiles {
		resolved, err := env.resolve(p, config)
		if err != nil {
			return nil, config, err
		}
		out = append(out, resolved)
	}
	return out, config, nil
}

// ownPackage reports whether a package belongs to the program's module: what others declare is theirs to list.
func ownPackage(pkg string) bool {
	info, ok := debug.ReadBuildInfo()
	if pkg == "main" || !ok || info.Main.Path == "" {
		return pkg == "main"
	}
	within := func(module string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }
	return within(info.Main.Path) && !slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { // a module within the module
		return len(m.Path) > len(info.Main.Path) && within(m.Path)
	})
}

// resolve plans the project for a profile; what obsgen.yaml says of findings holds for those of declarations.
func (env *Env) resolve(p project.Profile, config project.Config) (*plan.Plan, error) {
	levels, err := env.levels(config)
	if err != nil {
		return nil, err
	}
	out := plan.New(env.Project, p)
	for _, f := range plan.Unlisted(env.declared, env.Project, ownPackage) {
		if !slices.ContainsFunc(out.Findings, func(o diag.Finding) bool { return o.ID == f.ID && o.At == f.At }) { // by a reader of it
			out.Findings = append(out.Findings, f)
		}
	}
	diag.Sort(out.Findings)
	out.Findings = levels.declared(out.Findings)
	return out, nil
}

// profiles returns the selected profiles, at least one.
func (env *Env) profiles(only profileFlag) ([]project.Profile, project.Config, error) {
	config, err := env.configure()
	if err != nil {
		return nil, config, err
	}
	profiles, err := env.Project.Environments(config)
	if err != nil {
		return nil, config, misuse("%v", err)
	}
	var names []string
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	for _, want := range only.names {
		if !slices.Contains(names, want) {
			return nil, config, misuse("there is no profile %s%s; there are %s", want, DidYouMean(want, names), strings.Join(names, ", "))
		}
	}
	if len(only.names) > 0 {
		profiles = slices.DeleteFunc(slices.Clone(profiles), func(p project.Profile) bool { return !slices.Contains(only.names, p.Name) })
	}
	return profiles, config, nil
}

// findings returns those of all plans, each once.
func findings(plans []*plan.Plan) []diag.Finding {
	var all []diag.Finding
	for _, p := range plans {
		all = append(all, p.Findings...)
	}
	all = diag.Unique(all)
	diag.Sort(all)
	return all
}

// moduleRoot returns the folder that positions are relative to.
func (env *Env) moduleRoot() string {
	for d := env.Dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
		if d == filepath.Dir(d) {
			return env.Dir
		}
	}
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
