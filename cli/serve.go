package cli

import (
	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
)

// ServeFlags are the flags of the command that serves samples as Prometheus does.
type ServeFlags struct {
	Scenario, TSDB, Scrape string
	History, Listen        string
	Hosts                  []string
	Rules                  []string
	// Handed is the file in which obsgen tells the other program of the project.
	Handed string
}

// ServeCommand returns the command, which both programs have.
func ServeCommand(f *ServeFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve samples and rules as a Prometheus server does",
		Long: `Serve is a Prometheus server without one: its own HTTP API, with which Grafana works as a data source, over a scenario of the
project that goes on in real time, over what a target exposes, which it scrapes, or over the data folder of a server, which it only
reads. It evaluates the project's rules, or those of --rules.

It listens on this machine alone unless --listen says otherwise, and answers to the names by which this machine calls itself, and to
those of --host.`,
		Example: "  obsgen serve --scenario error-burst --listen localhost:9099\n  obsgen serve --scrape http://localhost:8080/metrics",
		Args:    cobra.NoArgs,
		RunE:    run,
	}
	cmd.Flags().StringVar(&f.Scenario, "scenario", "", "a scenario of the project (default its first)")
	cmd.Flags().StringVar(&f.TSDB, "tsdb", "", "the data folder of a Prometheus server, or a copy of it")
	cmd.Flags().StringVar(&f.Scrape, "scrape", "", "the address of a target's metrics")
	cmd.Flags().StringVar(&f.History, "history", "1h", "how much of a scenario lies in the past when the server starts; of a folder, for how long before its end rules are evaluated (default 2d)")
	cmd.Flags().StringVar(&f.Listen, "listen", "127.0.0.1:9099", "where to listen; port 0 takes a free one")
	cmd.Flags().StringSliceVar(&f.Hosts, "host", nil, "names by which the server may be called, beside those of this machine")
	cmd.Flags().StringArrayVar(&f.Rules, "rules", nil, "evaluate the rules of this file, or of all below this folder, in place of the project's")
	return cmd
}

func newServe(env *Env) *cobra.Command {
	var f ServeFlags
	return ServeCommand(&f, func(cmd *cobra.Command, _ []string) error { return f.run(cmd, env) })
}

func (f *ServeFlags) run(cmd *cobra.Command, env *Env) (err error) {
	n := said(f.Scenario, f.TSDB, f.Scrape)
	if n > 1 {
		return misuse("samples come from one of --scenario, --tsdb and --scrape")
	}
	if _, err := model.ParseDuration(f.History); err != nil {
		return misuse("--history: %v", err)
	}
	p, err := env.plan("")
	if err != nil {
		return err
	}
	line := append([]string{"serve"}, given(cmd)...)
	if n == 0 {
		if len(p.Scenarios) == 0 {
			return misuse("the project declares no scenarios; say where the samples are, with --tsdb FOLDER or --scrape URL")
		}
		line = append(line, "--scenario="+p.Scenarios[0].Name)
	}
	handed, done, err := handOver(p, handedOf(p, len(f.Rules) == 0), f.Rules)
	if err != nil {
		return err
	}
	defer done(&err)
	return env.simulate(cmd.Context(), append(line, handed...))
}
