// Package sim is the command line of obsgen-sim: the commands that need Prometheus's own engine of rules. Users type obsgen,
// which starts this program; cli has what both share.
package sim

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
)

// Env is what a command sees of the world.
type Env struct{ Stdout, Stderr io.Writer }

// Main runs the command that the process was started with and returns its exit code.
func Main() int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx := context.Background()
	if os.Getenv(cli.ParentEnv) != "" {
		ctx = untilEnd(ctx, os.Stdin)
	}
	return Run(ctx, &Env{Stdout: os.Stdout, Stderr: os.Stderr}, os.Args[1:])
}

// untilEnd returns a context that ends with what a reader gives. What goes on a while after that is ended as well.
func untilEnd(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, r) // however it ends, nobody is there any more
		cancel()
		time.Sleep(5 * time.Second)
		os.Exit(cli.ExitMisuse)
	}()
	return ctx
}

// Run runs a command line and returns its exit code.
func Run(ctx context.Context, env *Env, args []string) int {
	root := &cobra.Command{
		Use: "obsgen-sim", Short: "The part of obsgen that runs rules", SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(newBacktest(env), newPreview(env), newProve(env), newScenario(env), newServe(env), newSnapshot(env), newTest(env))
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	return cli.Exit(env.Stderr, root.ExecuteContext(ctx))
}
