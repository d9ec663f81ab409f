package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/obsgen/obsgen/query"
)

// TestCommand returns the command that runs the unit tests of rules, which obsgen and the program that it starts for it share.
func TestCommand(run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{
		Use:   "test [FILE|FOLDER…]",
		Short: "Run the unit tests of rules",
		Long: `Test runs files of unit tests of rules, in the format of promtool and with its verdicts, in Prometheus's own engine:
those that are named, or all below the folders, or the working directory. It names the line of each expectation that is not met,
and shows what is different. Groups of tests run side by side.`,
		Example: "  obsgen test --coverage monitoring\n  obsgen test --run 'error rate' --junit report.xml rules_test.yaml",
		RunE:    run,
	}
}

// TestFlags adds the flags of TestCommand.
func TestFlags(cmd *cobra.Command, run *[]string, junit *string, parallel *int, coverage, unknown, watch *bool, features *[]string) {
	cmd.Flags().StringArrayVar(run, "run", nil, "only groups whose names match this regular expression")
	cmd.Flags().StringVar(junit, "junit", "", "write a report in the format of JUnit to this file")
	cmd.Flags().IntVar(parallel, "parallel", 0, "how many groups run at a time (default the number of processors)")
	cmd.Flags().BoolVar(coverage, "coverage", false, "say which alerting rules no test makes fire")
	cmd.Flags().BoolVar(unknown, "ignore-unknown-fields", false, "take rule files with fields that Prometheus does not know")
	cmd.Flags().BoolVar(watch, "watch", false, "go on, and run the tests again whose files or rules change")
	cmd.Flags().StringSliceVar(features, "enable-feature", nil, "features of Prometheus that the rules need, as its flag names them, beside those of lint.features in obsgen.yaml")
}

func newTest(env *Env) *cobra.Command {
	features := new([]string)
	cmd := TestCommand(func(cmd *cobra.Command, args []string) error {
		config, err := env.configure()
		if err != nil {
			return err
		}
		for _, name := range config.Lint.Features {
			if slices.Contains(query.AllFeatures, name) && !slices.Contains(*features, name) {
				if err := cmd.Flags().Set("enable-feature", name); err != nil {
					return err
				}
			}
		}
		return env.handOver(cmd, args)
	})
	TestFlags(cmd, new([]string), new(string), new(int), new(bool), new(bool), new(bool), features)
	return cmd
}

// simulator is the program that runs rules: see the design's "Two programs that look like one".
const (
	simulator        = "obsgen-sim"
	simulatorPackage = "github.com/obsgen/obsgen/cmd/" + simulator
)

// handOver runs a command in the program that links Prometheus's engine of rules, and ends as that does.
func (env *Env) handOver(cmd *cobra.Command, args []string) error {
	line := append([]string{cmd.Name()}, given(cmd)...)
	return env.simulate(cmd.Context(), append(append(line, "--"), args...))
}

// given are the flags of a command line that were given, but for those that only this program knows.
func given(cmd *cobra.Command, own ...string) []string {
	var out []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(own, f.Name) {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				out = append(out, "--"+f.Name+"="+v)
			}
			return
		}
		out = append(out, "--"+f.Name+"="+f.Value.String())
	})
	return out
}

// said is how many of the values are.
func said(values ...string) int {
	n := 0
	for _, v := range values {
		if v != "" {
			n++
		}
	}
	return n
}

// ParentEnv names the variable of the environment by which obsgen tells the other program that its standard input ends with
// obsgen. A kill that cannot be caught leaves obsgen no time to end the other program, and closes that pipe on every system.
const ParentEnv = "OBSGEN_PARENT_ON_STDIN"

// simulate runs a command line of the other program.
func (env *Env) simulate(ctx context.Context, line []string) error {
	program, err := env.simulator(ctx)
	if err != nil {
		return err
	}
	// Who ends this program ends the other, and what is handed to it is cleared away.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	sub := exec.CommandContext(ctx, program, line...)
	sub.Dir, sub.Stdout, sub.Stderr, sub.Env = env.Dir, env.Stdout, env.Stderr, append(os.Environ(), ParentEnv+"=1")
	if _, err := sub.StdinPipe(); err != nil { // nothing is ever written to it
		return misuse("running %s: %v", simulator, err)
	}
	sub.Cancel = func() error {
		if err := sub.Process.Signal(os.Interrupt); err != nil {
			return sub.Process.Kill() // not all systems have that signal
		}
		return nil
	}
	sub.WaitDelay = 5 * time.Second
	err = sub.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil && sub.ProcessState != nil && sub.ProcessState.Success():
		return nil // a server that was ended
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return &ExitError{Code: exit.ExitCode()} // it has said why
	case err != nil && sub.ProcessState == nil:
		return misuse("cannot start %s: %v; it must be %s for this machine: replace it by go install %s@latest, or remove it", program, errors.Unwrap(err), simulator, simulatorPackage)
	case err != nil:
		return misuse("running %s: %v", program, err)
	}
	return nil
}

// simulator returns the path of the program: that of OBSGEN_SIM, the one beside this one, the one on PATH, or one that is
// built, once for each version, where this module's source is at hand.
func (env *Env) simulator(ctx context.Context) (string, error) {
	if p := os.Getenv("OBSGEN_SIM"); p != "" {
		return p, nil
	}
	name := simulator
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isFile(beside) {
			return beside, nil
		}
	}
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", misuse("there is no %s beside obsgen or on PATH, and no folder to build it in: %v", simulator, err)
	}
	of := strings.Fields(version())
	at := filepath.Join(cache, "obsgen", strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, of[0]), "-"), name)
	// Of these there is more than one state, and the go command knows best whether it is stale.
	devel := !strings.HasPrefix(of[0], "v") || strings.HasSuffix(of[0], "+dirty") || of[0] == "v0.0.0"
	if !devel && isFile(at) {
		return at, nil
	}
	if !isFile(at) {
		fmt.Fprintf(env.Stderr, "obsgen: building %s, once: it links Prometheus\n", simulator)
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", at, simulatorPackage)
	build.Dir = env.Dir
	out, err := build.CombinedOutput()
	if err != nil && !devel { // a project's go.sum knows nothing of what only the other program links
		install := exec.CommandContext(ctx, "go", "install", simulatorPackage+"@"+of[0])
		install.Dir = filepath.Dir(cache)
		install.Env = append(os.Environ(), "GOBIN="+filepath.Dir(at))
		out, err = install.CombinedOutput()
	}
	if err != nil {
		return "", misuse("there is no %s beside obsgen or on PATH, and it cannot be built here: %v\n%s\ninstall it with go install %s@latest", simulator, err, strings.TrimSpace(string(out)), simulatorPackage)
	}
	return at, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
