package sim

import (
	"context"
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/simulate"
)

func newScenario(env *Env) *cobra.Command {
	var f cli.ScenarioFlags
	cmd := cli.ScenarioCommand(&f, func(cmd *cobra.Command, args []string) error { return playScenarios(cmd.Context(), env, &f, args) })
	cmd.Flags().StringVar(&f.Handed, "project", "", "what obsgen says of the project")
	cmd.Flags().StringArrayVar(&f.Rules, "rules", nil, "the rules of the project")
	return cmd
}

func playScenarios(ctx context.Context, env *Env, f *cli.ScenarioFlags, names []string) error {
	handed, err := read(f.Handed)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := hasScenario(handed, name); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		for _, s := range handed.Scenarios.Scenarios {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return cli.Misuse("the project declares no scenarios")
	}
	if f.Write != "" {
		return writeScenario(ctx, env, f, handed, names[0])
	}
	set, _, err := readRules(f.Rules, handed, true)
	if err != nil {
		return err
	}
	plays := make([]*simulate.Play, len(names))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		work.Go(func() error {
			var err error
			plays[i], err = set.Play(ctx, &handed.Scenarios, name)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return cli.Misuse("%v", err)
	}
	if f.JSON {
		err = cli.WriteJSON(env.Stdout, playedJSON(plays))
	} else {
		err = writePlays(env, plays)
	}
	if err != nil {
		return err
	}
	bad := 0
	for _, p := range plays {
		for _, why := range p.Failures() {
			fmt.Fprintf(env.Stderr, "obsgen: scenario %s: %s\n", p.Scenario.Name, why)
			bad++
		}
	}
	if bad > 0 {
		return &cli.ExitError{Code: cli.ExitFindings, Message: diag.Counted(bad, "alert") + " did other than the scenarios say"}
	}
	return nil
}

func writeScenario(ctx context.Context, env *Env, f *cli.ScenarioFlags, handed cli.Handed, name string) error {
	before, err := history(f.History)
	if err != nil {
		return err
	}
	var lasts time.Duration
	for _, s := range handed.Scenarios.Scenarios {
		if s.Name == name {
			lasts = time.Duration(s.Lasts)
		}
	}
	begun := time.Now()
	// It ends now, so that a server that is started on it has it in sight and within its retention.
	g, err := simulate.NewGenerator(&handed.Scenarios, name, begun.Add(-lasts).Truncate(time.Minute), before, 1)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	w, err := g.WriteBlocks(ctx, f.Write, lasts)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	fmt.Fprintf(env.Stdout, "%s: %d samples of %d series in %s, from %s to %s\n", f.Write, w.Samples, w.Series, diag.Counted(w.Blocks, "block"),
		w.From.UTC().Format(time.RFC3339), w.To.UTC().Format(time.RFC3339))
	return nil
}

// play is a played scenario for machines.
type play struct {
	Scenario string   `json:"scenario"`
	Help     string   `json:"help"`
	Good     bool     `json:"good"`
	Failures []string `json:"failures,omitempty"`
	Alerts   []fired  `json:"alerts"`
}

// fired is an alert that fired: when, after the scenario's begin.
type fired struct {
	Alert  string            `json:"alert"`
	Labels map[string]string `json:"labels"`
	From   string            `json:"from"`
	To     string            `json:"to"`
	Open   bool              `json:"open,omitempty"`
}

func playedJSON(plays []*simulate.Play) []play {
	out := []play{}
	for _, p := range plays {
		x := play{Scenario: p.Scenario.Name, Help: p.Scenario.Help, Failures: p.Failures(), Alerts: []fired{}}
		x.Good = len(x.Failures) == 0
		for _, h := range p.Alerts {
			for _, s := range h.Spans {
				x.Alerts = append(x.Alerts, fired{h.Alert, s.Labels.Map(), short(s.From), short(s.To), s.Open})
			}
		}
		out = append(out, x)
	}
	return out
}

func writePlays(env *Env, plays []*simulate.Play) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SCENARIO\tALERT\tFIRES AFTER\tFOR\tTIMES")
	for _, p := range plays {
		name, any := p.Scenario.Name, false
		for _, h := range p.Alerts {
			if !h.Fired() {
				continue
			}
			first := h.Spans[0]
			lasts := short(first.To - first.From)
			if first.Open {
				lasts += ", to the end"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", name, h.Alert, short(first.From), lasts, len(h.Spans))
			name, any = "", true
		}
		if !any {
			fmt.Fprintf(w, "%s\tnone fires\n", name)
		}
	}
	return w.Flush()
}
