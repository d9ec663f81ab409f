package sim

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/simulate"
)

func newProve(env *Env) *cobra.Command {
	var f cli.ProveFlags
	cmd := cli.ProveCommand(&f, func(cmd *cobra.Command, args []string) error { return prove(cmd, env, &f, args) })
	cmd.Flags().StringVar(&f.Metrics, "metrics", "", "what obsgen knows of the series")
	return cmd
}

// groups says that a file may be one of rules.
var groups = regexp.MustCompile(`(?m)^["']?groups["']?\s*:`)

func prove(cmd *cobra.Command, env *Env, f *cli.ProveFlags, names []string) error {
	var paths []string
	for _, at := range f.Rules {
		found, err := cli.RuleFiles(at, groups.Match)
		if err != nil {
			return cli.Misuse("%v", err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		return cli.Misuse("there are no files of rules in %s", strings.Join(f.Rules, ", "))
	}
	set, err := simulate.ReadRules(paths, simulate.Options{})
	if err != nil {
		return cli.Misuse("%v", err)
	}
	set.Matrix = f.Matrix
	if f.Metrics != "" {
		var series cli.Series
		data, err := os.ReadFile(f.Metrics)
		if err == nil {
			err = json.Unmarshal(data, &series)
		}
		if err != nil {
			return cli.Misuse("--metrics: %v", err)
		}
		set.Metric = func(name string) (simulate.Metric, bool) {
			m, ok := series[name]
			return simulate.Metric(m), ok
		}
	}
	known := set.Alerts()
	for _, name := range names {
		if !slices.Contains(known, name) {
			return cli.Misuse("there is no alert %s%s", name, cli.DidYouMean(name, known))
		}
	}
	var match func(string) bool
	if len(names) > 0 {
		match = func(name string) bool { return slices.Contains(names, name) }
	}
	proofs, err := set.Prove(cmd.Context(), match)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	if len(proofs) == 0 {
		return cli.Misuse("the rules have no alert")
	}
	if f.Write != "" {
		var files []tree.File
		for _, p := range proofs {
			if p.Witness == nil {
				continue
			}
			data, err := p.Witness.Encode(f.Write)
			if err != nil {
				return err
			}
			files = append(files, tree.File{Path: fileName(p, proofs), Data: data})
		}
		report, err := tree.Write(f.Write, files, tree.Options{})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stderr, "%s: %d tests, %d written, %d removed\n", f.Write, len(files), len(report.Written), len(report.Removed))
	}
	if err := writeProofs(env, f, proofs); err != nil {
		return err
	}
	bad := 0
	for _, p := range proofs {
		if !p.Good() {
			bad++
		}
	}
	if bad > 0 {
		return &cli.ExitError{Code: cli.ExitFindings, Message: fmt.Sprintf("%d of %s not proved", bad, diag.Counted(len(proofs), "alert"))}
	}
	return nil
}

// fileName is the name of the file of a proof; alerts of one name are told apart by their groups and numbers.
func fileName(p *simulate.Proof, all []*simulate.Proof) string {
	n, of := 0, 0
	for _, o := range all {
		if o.Alert == p.Alert {
			of++
			if o == p {
				n = of
			}
		}
	}
	if of == 1 {
		return p.Alert + "_test.yaml"
	}
	return fmt.Sprintf("%s_%d_test.yaml", p.Alert, n)
}

// proof is a proof for machines.
type proof struct {
	Alert    string   `json:"alert"`
	Group    string   `json:"group"`
	Good     bool     `json:"good"`
	Fires    bool     `json:"fires"`
	Quiet    bool     `json:"quiet"`
	Resolves bool     `json:"resolves"`
	After    string   `json:"firesAfter,omitempty"`
	Resolved string   `json:"resolvesAfter,omitempty"`
	Absent   bool     `json:"firesWithoutData"`
	Changes  []string `json:"changes,omitempty"`
	Edge     string   `json:"edge,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Tried    int      `json:"tried"`
	// Matrix has the situations in which it fires.
	Matrix map[string]bool `json:"matrix,omitempty"`
}

func short(d time.Duration) string { return model.Duration(d).String() }

func writeProofs(env *Env, f *cli.ProveFlags, proofs []*simulate.Proof) error {
	if f.JSON {
		out := []proof{}
		for _, p := range proofs {
			x := proof{
				Alert: p.Alert, Group: p.Group, Good: p.Good(), Fires: p.Fires, Quiet: p.Quiet, Resolves: p.Resolves, Absent: p.Absent, Changes: p.Changes,
				Edge: p.Edge, Reason: p.Reason, Tried: p.Tried,
			}
			for i, fires := range p.Matrix {
				if x.Matrix == nil {
					x.Matrix = map[string]bool{}
				}
				x.Matrix[simulate.Situations[i].Name] = fires
			}
			if p.Fires {
				x.After = short(p.After)
			}
			if p.Resolves {
				x.Resolved = short(p.Resolved)
			}
			out = append(out, x)
		}
		return cli.WriteJSON(env.Stdout, out)
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	if f.Matrix {
		fmt.Fprint(w, "ALERT")
		for _, s := range simulate.Situations {
			fmt.Fprint(w, "\t"+strings.ToUpper(s.Name))
		}
		fmt.Fprintln(w)
		for _, p := range proofs {
			fmt.Fprint(w, p.Alert)
			for _, fires := range p.Matrix {
				fmt.Fprint(w, map[bool]string{true: "\tfires", false: "\tquiet"}[fires])
			}
			fmt.Fprintln(w)
		}
		return w.Flush()
	}
	fmt.Fprintln(w, "ALERT\tFIRES\tRESOLVES\tWITHOUT DATA\tWHAT MAKES IT FIRE")
	for _, p := range proofs {
		fires, resolves, why := "after "+short(p.After), "after "+short(p.Resolved), strings.Join(p.Changes, "; ")
		switch {
		case !p.Quiet:
			fires, resolves, why = "always", "no", "nothing has to: it fired on all data"
		case !p.Fires:
			fires, resolves, why = "no", "", p.Reason
		case p.Long > 0:
			resolves = "later"
			why += fmt.Sprintf("; it looks back %s, so its end was not waited for", short(p.Long))
		case !p.Resolves:
			resolves = "no"
		}
		if p.Edge != "" {
			why += "; it fires " + p.Edge
		}
		absent := "quiet"
		if p.Absent {
			absent = "fires"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Alert, fires, resolves, absent, why)
	}
	return w.Flush()
}
