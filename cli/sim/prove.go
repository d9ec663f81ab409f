package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/simulate"
)

func newProve(env *Env) *cobra.Command {
	var f cli.ProveFlags
	cmd := cli.ProveCommand(&f, func(cmd *cobra.Command, args []string) error { return prove(cmd, env, &f, args) })
	cmd.Flags().StringVar(&f.Handed, "project", "", "what obsgen says of the project")
	cmd.Flags().StringVar(&f.Tests, "tests", "", "where obsgen wants the tests")
	return cmd
}

// groups says that a file may be one of rules.
var groups = regexp.MustCompile(`(?m)^["']?groups["']?\s*:`)

func prove(cmd *cobra.Command, env *Env, f *cli.ProveFlags, names []string) error {
	handed, err := read(f.Handed)
	if err != nil {
		return err
	}
	set, paths, err := readRules(f.Rules, handed, false)
	if err != nil {
		return err
	}
	set.Matrix = f.Matrix
	if handed.Series != nil {
		set.Metric = func(name string) (simulate.Metric, bool) {
			m, ok := handed.Series[name]
			return simulate.Metric(m), ok
		}
	}
	cache, err := newCache(paths, f, handed)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	match, err := matching(names, set.Alerts())
	if err != nil {
		return err
	}
	if len(handed.Scenarios.Scenarios) > 0 && (f.Mutants || !cache.all(match)) {
		if set.Usual, err = simulate.NewUsual(&handed.Scenarios, handed.Features); err != nil {
			return cli.Misuse("%v", err)
		}
	}
	proved, err := set.Prove(cmd.Context(), match, cache.get)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	cache.put(proved)
	if len(proved) == 0 {
		return cli.Misuse("the rules have no alert")
	}
	if f.Write != "" {
		var files []tree.File
		names := fileNames(proved)
		for i, p := range proved {
			if p.Witness == nil {
				continue
			}
			data, err := p.Witness.Encode(f.Write)
			if err != nil {
				return err
			}
			files = append(files, tree.File{Path: names[i], Data: data})
		}
		report, err := tree.Write(f.Write, files, tree.Options{Project: "obsgen prove"})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stderr, "%s: %d tests, %d written, %d removed\n", f.Write, len(files), len(report.Written), len(report.Removed))
	}
	if f.Mutants {
		return mutants(cmd.Context(), env, f, set, proved)
	}
	if f.Tests != "" {
		if err := handBack(f, proved); err != nil {
			return err
		}
	}
	if err := writeProofs(env, f, handed, proved); err != nil {
		return err
	}
	bad := 0
	for _, p := range proved {
		if !p.Good() && noProof(handed, p) == "" {
			bad++
		}
	}
	if needless := needless(handed, proved); len(needless) > 0 {
		return &cli.ExitError{Code: cli.ExitFindings, Message: strings.Join(needless, "\n")}
	}
	if surprises := surprises(handed, proved); len(surprises) > 0 {
		return &cli.ExitError{Code: cli.ExitFindings, Message: strings.Join(surprises, "\n")}
	}
	if bad > 0 {
		return &cli.ExitError{Code: cli.ExitFindings, Message: fmt.Sprintf("%d of %s not proved", bad, diag.Counted(len(proved), "alert"))}
	}
	return nil
}

// noProof returns the reason why an alert that no data proved is none the worse for it, "" where it is.
func noProof(handed cli.Handed, p *simulate.Proof) string {
	if p.Good() || p.Failure != "" || p.Condition == simulate.Unconditional || !p.Quiet || p.Healthy > 0 {
		return ""
	}
	return handed.NoProof[p.Alert]
}

// needless are the alerts with such a reason that were proved, as sentences.
func needless(handed cli.Handed, proved []*simulate.Proof) []string {
	var out []string
	for _, p := range proved {
		if reason := handed.NoProof[p.Alert]; reason != "" && p.Good() {
			out = append(out, fmt.Sprintf("%s: it is proved, and Alert.NoProof says that it cannot be (%s): delete NoProof", p.Alert, reason))
		}
	}
	return out
}

// unexpected reports whether an alert does in a situation what it is not meant to.
func unexpected(handed cli.Handed, p *simulate.Proof, i int) bool {
	expects, ok := handed.Expects[p.Alert]
	return ok && i < len(p.Matrix) && p.Matrix[i] != slices.Contains(expects, simulate.Situations[i].Name)
}

// surprises are what alerts do in situations and are not meant to, as sentences.
func surprises(handed cli.Handed, proved []*simulate.Proof) []string {
	var out []string
	for _, p := range proved {
		for i, fires := range p.Matrix {
			if !unexpected(handed, p, i) {
				continue
			}
			what := "is quiet, and Expects names it"
			if fires {
				what = "fires, and Expects does not name it"
			}
			out = append(out, fmt.Sprintf("%s: in the situation %q it %s", p.Alert, simulate.Situations[i].Name, what))
		}
	}
	return out
}

// read reads what obsgen says of the project; without a file it says nothing.
func read(path string) (out cli.Handed, err error) {
	if path == "" {
		return out, nil
	}
	data, err := file.Read(path)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		return out, cli.Misuse("--project: %v", err)
	}
	return out, nil
}

// mutant is a change of a rule for machines.
type mutant struct {
	Alert   string `json:"alert"`
	Rule    string `json:"rule"`
	Change  string `json:"change"`
	Expr    string `json:"expr"`
	Noticed bool   `json:"noticed"`
}

// mutants says which changes of the rules no proof would notice.
func mutants(ctx context.Context, env *Env, f *cli.ProveFlags, set *simulate.RuleSet, proved []*simulate.Proof) error {
	all, err := set.Mutants(ctx, proved)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	if f.JSON {
		out := []mutant{}
		for _, m := range all {
			out = append(out, mutant{m.Alert, m.Rule, m.What, m.Expr, m.Noticed})
		}
		return cli.WriteJSON(env.Stdout, out)
	}
	noticed := 0
	for _, m := range all {
		if m.Noticed {
			noticed++
			continue
		}
		fmt.Fprintf(env.Stdout, "%s: %s is not noticed: %s\n", m.Rule, m.What, m.Expr)
	}
	fmt.Fprintf(env.Stdout, "%d of %d changes are noticed\n", noticed, len(all))
	return nil
}

// handBack writes the tests for obsgen, as they stand in a folder beside the rules.
func handBack(f *cli.ProveFlags, list []*simulate.Proof) error {
	out := []cli.HandedTest{}
	for _, p := range list {
		if p.Witness == nil || !p.Good() {
			continue
		}
		data, err := p.Witness.Encode(filepath.Join(filepath.Dir(f.Tests), "tests"))
		if err != nil {
			return err
		}
		out = append(out, cli.HandedTest{Key: proofs.Key{File: p.File, Group: p.Group, Rule: p.Rule}, Test: string(data)})
	}
	data, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return os.WriteFile(f.Tests, data, 0o600)
}

// fileNames are the names of the files of proofs. Where alerts of several files have one name, but for its case, the name carries
// that of the rule file; those of one file are numbered.
func fileNames(list []*simulate.Proof) []string {
	out := make([]string, len(list))
	base := func(p *simulate.Proof) string {
		name := filepath.Base(p.File)
		return strings.TrimSuffix(name, filepath.Ext(name)) + "_"
	}
	for i, p := range list {
		files := map[string]bool{}
		for _, o := range list {
			if strings.EqualFold(o.Alert, p.Alert) {
				files[o.File] = true
			}
		}
		out[i] = strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:`, r) {
				return '_'
			}
			return r
		}, p.Alert)
		if len(files) > 1 {
			out[i] = base(p) + out[i]
		}
	}
	of, n := map[string]int{}, map[string]int{}
	for _, name := range out {
		of[strings.ToLower(name)]++
	}
	for i, name := range out {
		key := strings.ToLower(name)
		if of[key] > 1 {
			n[key]++
			out[i] += fmt.Sprintf("_%d", n[key])
		}
		out[i] += "_test.yaml"
	}
	return out
}

// proof is a proof for machines.
type proof struct {
	Alert string `json:"alert"`
	Group string `json:"group"`
	Good  bool   `json:"good"`
	// Error is what the engine said where it could not evaluate the alert.
	Error string `json:"error,omitempty"`
	// Condition is "none" where it fires on all samples, and "presence" where it asks for nothing but series.
	Condition simulate.Condition `json:"condition,omitempty"`
	Fires     bool               `json:"fires"`
	Quiet     bool               `json:"quiet"`
	Resolves  bool               `json:"resolves"`
	After     string             `json:"firesAfter,omitempty"`
	Resolved  string             `json:"resolvesAfter,omitempty"`
	Absent    bool               `json:"firesWithoutData"`
	Changes   []string           `json:"changes,omitempty"`
	Edge      string             `json:"edge,omitempty"`
	Reason    string             `json:"reason,omitempty"`
	// Healthy is for which part of the time it fires in a scenario in which no alert may, and HealthyIn that scenario.
	Healthy   float64 `json:"firesInUsualState"`
	HealthyIn string  `json:"usualState,omitempty"`
	Flaps     bool    `json:"flaps,omitempty"`
	Tried     int     `json:"tried"`
	// NoProof is the reason that the project gives for it not being proved.
	NoProof string `json:"noProof,omitempty"`
	// Matrix has the situations in which it fires.
	Matrix map[string]bool `json:"matrix,omitempty"`
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

func short(d time.Duration) string { return model.Duration(d).String() }

func writeProofs(env *Env, f *cli.ProveFlags, handed cli.Handed, proofs []*simulate.Proof) error {
	if f.JSON {
		out := []proof{}
		for _, p := range proofs {
			x := proof{
				Alert: p.Alert, Group: p.Group, Good: p.Good(), Fires: p.Fires, Quiet: p.Quiet, Resolves: p.Resolves, Absent: p.Absent, Changes: p.Changes,
				Edge: p.Edge, Reason: p.Reason, Tried: p.Tried, Error: p.Failure, Condition: p.Condition, Healthy: p.Healthy, HealthyIn: p.HealthyIn, Flaps: p.Flaps, NoProof: noProof(handed, p),
			}
			for i, fires := range p.Matrix {
				if x.Matrix == nil {
					x.Matrix = map[string]bool{}
				}
				x.Matrix[string(simulate.Situations[i].Name)] = fires
			}
			if p.Witness != nil {
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
			fmt.Fprint(w, "\t"+strings.ToUpper(string(s.Name)))
		}
		fmt.Fprintln(w)
		for _, p := range proofs {
			fmt.Fprint(w, p.Alert)
			for i, fires := range p.Matrix {
				fmt.Fprint(w, map[bool]string{true: "\tfires", false: "\tquiet"}[fires])
				if unexpected(handed, p, i) {
					fmt.Fprint(w, "!")
				}
			}
			if p.Failure != "" {
				fmt.Fprint(w, strings.Repeat("\terror", len(simulate.Situations)))
			}
			fmt.Fprintln(w)
		}
		return w.Flush()
	}
	fmt.Fprintln(w, "ALERT\tFIRES\tRESOLVES\tWITHOUT DATA\tWHAT MAKES IT FIRE")
	for _, p := range proofs {
		fires, resolves, why := "after "+short(p.After), "after "+short(p.Resolved), strings.Join(p.Changes, "; ")
		switch {
		case p.Failure != "":
			fires, resolves, why = "error", "", p.Failure
		case p.Condition == simulate.Unconditional:
			fires, resolves, why = "on all data", "no", p.Reason
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
		if p.Condition == simulate.OnPresence && p.Fires {
			why += "; " + p.Reason
		}
		if p.Edge != "" {
			why += "; it fires " + p.Edge
		}
		switch {
		case p.Healthy >= 0.95:
			fires, why = "always", fmt.Sprintf("nothing has to: in the scenario %s it fires %s of the time, with %s", p.HealthyIn, percent(p.Healthy), p.HealthyWith)
		case p.Healthy > 0:
			why = fmt.Sprintf("in the scenario %s it fires %s of the time, with %s; %s", p.HealthyIn, percent(p.Healthy), p.HealthyWith, why)
		case p.Flaps:
			why += "; it then flaps: it ends and fires again"
		case p.Ends:
			why += "; it ends by itself"
		}
		if reason := noProof(handed, p); reason != "" {
			fires, resolves, why = "not proved", "", reason
		}
		absent := "quiet"
		if p.Absent {
			absent = "fires"
		} else if p.Failure != "" {
			absent = ""
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Alert, fires, resolves, absent, why)
	}
	return w.Flush()
}
