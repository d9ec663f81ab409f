package cli

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
)

// PastFlags say where samples are, for the commands that read them.
type PastFlags struct {
	Prometheus, TSDB, Scenario string
	// History is how much usual data come before a scenario.
	History string
	Headers []string
	Rate    float64
	Timeout time.Duration
}

func (f *PastFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Prometheus, "prometheus", "", "the address of a Prometheus server, or of one with its API")
	cmd.Flags().StringVar(&f.TSDB, "tsdb", "", "the data folder of a Prometheus server, or a copy of it, which is only read")
	cmd.Flags().StringVar(&f.Scenario, "scenario", "", "a scenario of the project")
	cmd.Flags().StringVar(&f.History, "history", "", "how much usual data come before the scenario (default what it says)")
}

// check returns an error where there is not one source.
func (f *PastFlags) check() error {
	if said(f.Prometheus, f.TSDB, f.Scenario) != 1 {
		return misuse("say where the samples are, with one of --prometheus URL, --tsdb FOLDER and --scenario NAME")
	}
	if f.History != "" {
		if f.Scenario == "" {
			return misuse("--history is for a scenario; of a server it is --last or --from")
		}
		if _, err := model.ParseDuration(f.History); err != nil {
			return misuse("--history: %v", err)
		}
	}
	return nil
}

// BacktestFlags are the flags of the command that tries alerts on the past.
type BacktestFlags struct {
	PastFlags
	Rules, Against []string
	From, To, Last string
	JSON           bool
	SVG            string
	Fresh          bool
	// Strict fails where the server warned of its answers.
	Strict bool
	// Handed is the file in which obsgen tells the other program of the project.
	Handed string
}

// BacktestCommand returns the command, which both programs have.
func BacktestCommand(f *BacktestFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backtest [ALERT…]",
		Short: "Say when alerts would have fired in the past",
		Long: `Backtest evaluates alerts, those of the project or of --rules, on samples of the past: of a Prometheus server, which it asks piece
by piece and not too fast, of the data folder of one, which it only reads, or of a scenario. It says how often each would have
fired, how often that is a week, and for how long. With --against it compares with another version of the rules.

What recording rules record is worked out from the same samples, so that a rule can be tried that no server has yet. What a server
has answered about the past is kept in the user's cache: a run that was broken off goes on where it was.`,
		Example: "  obsgen backtest --prometheus http://localhost:9090 --last 14d MockForgeHighErrorRate\n  obsgen backtest --scenario error-burst --svg timeline.svg",
		RunE:    run,
	}
	f.bind(cmd)
	cmd.Flags().StringArrayVar(&f.Headers, "header", nil, "a header of each request to the server, such as 'Authorization: Bearer …'")
	cmd.Flags().Float64Var(&f.Rate, "rate", 5, "how many requests a second the server gets at most")
	cmd.Flags().DurationVar(&f.Timeout, "timeout", 2*time.Minute, "how long one request may take")
	cmd.Flags().StringArrayVar(&f.Rules, "rules", nil, "try the alerts of this file, or of all below this folder, in place of the project's")
	cmd.Flags().StringArrayVar(&f.Against, "against", nil, "compare with the rules of this file or folder, such as those that run now")
	cmd.Flags().StringVar(&f.Last, "last", "", "how long ago it begins: 14d (default 7d; of a folder or scenario, all that there is)")
	cmd.Flags().StringVar(&f.From, "from", "", "when it begins, as 2026-01-31 or 2026-01-31T12:00:00Z")
	cmd.Flags().StringVar(&f.To, "to", "", "when it ends (default now, or the last sample); a scenario then ends at that time")
	cmd.Flags().BoolVar(&f.JSON, "json", false, "print one array of objects")
	cmd.Flags().StringVar(&f.SVG, "svg", "", "write a picture of when alerts fired to this file")
	cmd.Flags().BoolVar(&f.Fresh, "fresh", false, "ask the server again for what is in the cache")
	cmd.Flags().BoolVar(&f.Strict, "strict", false, "fail where the server warns that an answer is partial")
	return cmd
}

func newBacktest(env *Env) *cobra.Command {
	var f BacktestFlags
	return BacktestCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) })
}

func (f *BacktestFlags) run(cmd *cobra.Command, env *Env, names []string) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.From != "" && f.Last != "" {
		return misuse("--from and --last both say when it begins")
	}
	p, err := env.plan("")
	if err != nil {
		return err
	}
	handed, done, err := handOver(p, handedOf(p, len(f.Rules) == 0), f.Rules)
	if err != nil {
		return err
	}
	defer done(&err)
	line := slices.Concat([]string{"backtest"}, handed, given(cmd), []string{"--"}, names)
	return env.simulate(cmd.Context(), line)
}
