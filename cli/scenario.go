package cli

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
)

// ScenarioFlags are the flags of the command that plays scenarios.
type ScenarioFlags struct {
	JSON    bool
	Write   string
	History string
	Profile string
	Rules   []string
	// Handed is the file in which obsgen tells the other program of the project.
	Handed string
}

// ScenarioCommand returns the command, which both programs have.
func ScenarioCommand(f *ScenarioFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenario [NAME…]",
		Short: "Play scenarios, and hold what the alerts do against what they say",
		Long: `Scenario plays what befalls the service, as the project declares it: it makes the samples of every metric of the catalog, runs the
rules on them in Prometheus's own manager of rules, and says which alerts fired, and when. It fails where an alert was quiet that a
scenario says must fire, or fired that must not. Without names it plays all.

--write puts the samples of one scenario into a folder instead, as the data of a Prometheus server, which can be started on it.`,
		Example: "  obsgen scenario\n  obsgen scenario healthy --write data --history 30d",
		RunE:    run,
	}
	cmd.Flags().BoolVar(&f.JSON, "json", false, "print one array of objects")
	cmd.Flags().StringVar(&f.Write, "write", "", "write the samples of the scenario to this folder, which must be empty")
	cmd.Flags().StringVar(&f.History, "history", "", "with --write, how much usual data come before the scenario (default what it says)")
	return cmd
}

func newScenario(env *Env) *cobra.Command {
	var f ScenarioFlags
	cmd := ScenarioCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) })
	cmd.Flags().StringVar(&f.Profile, "profile", "", "the profile whose targets and rules they are played with (default the first)")
	return cmd
}

func (f *ScenarioFlags) run(cmd *cobra.Command, env *Env, names []string) (err error) {
	if f.Write != "" && len(names) != 1 {
		return misuse("--write is for one scenario; name it")
	}
	if f.History != "" {
		if f.Write == "" {
			return misuse("--history is for --write")
		}
		if _, err := model.ParseDuration(f.History); err != nil {
			return misuse("--history: %v", err)
		}
	}
	p, err := env.plan(f.Profile)
	if err != nil {
		return err
	}
	handed, done, err := handOver(p, handedOf(p, true), nil)
	if err != nil {
		return err
	}
	defer done(&err)
	return env.simulate(cmd.Context(), slices.Concat([]string{"scenario"}, handed, given(cmd, "profile"), []string{"--"}, names))
}
