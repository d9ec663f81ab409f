package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
)

// ProveFlags are the flags of the command that proves alerts, which obsgen and the program that it starts for it share.
type ProveFlags struct {
	Rules []string
	Write string
	JSON  bool
	// Matrix asks for what each alert does in each situation.
	Matrix bool
	// Mutants asks for which wrong changes of the rules no proof would notice.
	Mutants bool
	// Save is for obsgen alone: keep the proofs beside obsgen.yaml.
	Save bool
	// Handed is the file in which obsgen tells the other program of the project: a Handed as JSON.
	Handed string
	// Tests is the file to which the other program writes the tests, as JSON: by the key of each alert.
	Tests string
}

// Handed is what obsgen tells the other program of a project, beside its rules.
type Handed struct {
	// Series are those that there are; nil: any.
	Series    Series        `json:"series"`
	Scenarios scenario.Data `json:"scenarios"`
	// Expects are the situations in which each alert of the project is meant to fire; nil where the rules are others'.
	Expects map[string][]rules.Situation `json:"expects,omitempty"`
	// NoProof are the reasons of alerts that cannot be proved.
	NoProof map[string]string `json:"noProof,omitempty"`
	// Features are the flags of the server, nil where they are not known.
	Features query.Features `json:"features"`
	// Sites say where a project declares its rules, by proofs.SiteKey.
	Sites map[string]string `json:"sites,omitempty"`
}

// HandedTest is a test of an alert, which the other program hands back.
type HandedTest struct {
	proofs.Key
	Test string
}

// Series are the series that services expose, by name.
type Series map[string]Exposed

// Exposed is what is known of one of them.
type Exposed struct {
	// Labels have their values where these are closed, null where they are open.
	Labels map[string][]string `json:"labels"`
	// PartOf is the series of the counter that counts every event that this one counts, too.
	PartOf string `json:"partOf,omitempty"`
}

// ProveCommand returns the command.
func ProveCommand(f *ProveFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "prove [ALERT…]",
		Short: "Find data that make each alert fire, stay quiet and resolve",
		Long: `Prove looks for data on which an alert stays quiet, for the smallest change of them that makes it fire, and changes them back.
It runs all that in Prometheus's own engine and manager of rules, and says for each alert how long after the change it fires, how
long after the end it resolves, and what changed. Without names it proves all alerts: of the project, or of the files of --rules,
which are held against the project's metrics.

An alert fails if no data makes it fire, if it fires on all data or in a scenario in which no alert may fire (the first one, which
is the baseline, and those that name no alert), if it does not resolve, if it flaps while the fault persists, or if the engine cannot
evaluate it. One that asks for nothing but series, such as an info metric, passes, and the table says so. Alert.NoProof gives the reason for an alert
that no data of the search can prove, such as a comparison with last week: it is shown and does not fail, unless it is proved all the
same. The search is wide but has an end: of an alert
that it finds nothing for it says which part never had a result. Proofs are kept in the user's cache, and made anew where
what they depend on has changed. --save keeps them with the project, of which build then writes tests in promtool's format.`,
		Example: "  obsgen prove\n  obsgen prove MockForgeHighErrorRate --json",
		RunE:    run,
	}
	cmd.Flags().StringArrayVar(&f.Rules, "rules", nil, "prove the alerts of this file, or of all below this folder, in place of the project's")
	cmd.Flags().StringVar(&f.Write, "write", "", "write each proof as a test to this folder; it names the rules of --rules, and its name that of their file where alerts of several files have one name")
	cmd.Flags().BoolVar(&f.Matrix, "matrix", false, "print whether each alert fires when the service restarts, a scrape is missed, and so on, and fail where that is not what it expects")
	cmd.Flags().BoolVar(&f.Mutants, "mutants", false, "print which changes of the rules that make them wrong no proof's test would notice")
	cmd.Flags().BoolVar(&f.JSON, "json", false, "print the proofs as one array of objects")
	return cmd
}

func newProve(env *Env) *cobra.Command {
	var f ProveFlags
	var metrics string
	cmd := ProveCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, metrics, args) })
	cmd.Flags().StringVar(&metrics, "catalog", "", "none: any series may be there, whatever the project declares")
	cmd.Flags().BoolVar(&f.Save, "save", false, "keep the proofs of all profiles in "+proofs.FileName+", of which build writes tests")
	return cmd
}

// run tells the other program of the rules and the metrics.
func (f *ProveFlags) run(cmd *cobra.Command, env *Env, metrics string, names []string) (err error) {
	switch {
	case metrics != "" && metrics != "none":
		return misuse("--catalog is %q; it can only be none", metrics)
	case f.Write != "" && len(f.Rules) == 0:
		return misuse("--write needs --rules: the tests name the files of the rules, such as out/prometheus/rules")
	case f.Save && (len(f.Rules) > 0 || len(names) > 0 || metrics != ""):
		return misuse("--save keeps the proofs of all alerts of the project, and takes no names, rules or catalog")
	}
	if f.Save {
		return f.save(cmd, env)
	}
	p, err := env.plan("")
	if err != nil {
		return err
	}
	h := handedOf(p, len(f.Rules) == 0)
	if metrics == "none" { // nothing is said of the project, but its rules
		h = Handed{Features: h.Features, Sites: h.Sites}
	}
	handed, done, err := handOver(p, h, f.Rules)
	if err != nil {
		return err
	}
	defer done(&err)
	return env.simulate(cmd.Context(), slices.Concat([]string{"prove"}, handed, given(cmd, ownFlags...), []string{"--"}, names))
}

// ownFlags are those that the other program does not know.
var ownFlags = []string{"catalog", "save"}

// save proves the alerts of all profiles and keeps their tests.
func (f *ProveFlags) save(cmd *cobra.Command, env *Env) (err error) {
	plans, _, err := env.plans(profileFlag{})
	if err != nil {
		return err
	}
	kept := map[string]proofs.Proof{}
	var failed error
	for _, p := range plans {
		forms, err := formsOf(p)
		if err != nil {
			return err
		}
		tests, err := f.prove(cmd, env, p)
		var exit *ExitError
		switch {
		case errors.As(err, &exit) && exit.Code == ExitFindings:
			failed = err
		case err != nil:
			return err
		}
		for key, form := range forms {
			if text, ok := tests[key]; ok {
				kept[form.Digest] = proofs.Proof{Alert: form.Alert, Digest: form.Digest, Test: text}
			}
		}
	}
	data, err := proofs.Encode(kept)
	if err != nil {
		return err
	}
	if err := file.Write(filepath.Join(env.Dir, proofs.FileName), data, 0o644); err != nil {
		return misuse("%v", err)
	}
	fmt.Fprintf(env.Stderr, "%s: %s\n", proofs.FileName, diag.Counted(len(kept), "proof"))
	return failed
}

// prove has the other program prove a plan's alerts, and returns the tests.
func (f *ProveFlags) prove(cmd *cobra.Command, env *Env, p *plan.Plan) (tests map[proofs.Key]string, err error) {
	dir, done, err := scratch()
	if err != nil {
		return nil, err
	}
	defer done(&err)
	rules, err := handRules(dir, p)
	if err != nil {
		return nil, err
	}
	at, err := hand(dir, handedOf(p, true))
	if err != nil {
		return nil, err
	}
	back := filepath.Join(dir, "tests.json")
	err = env.simulate(cmd.Context(), append([]string{"prove", "--rules=" + rules, "--project=" + at, "--tests=" + back}, given(cmd, ownFlags...)...))
	data, e := file.Read(back)
	if e != nil {
		if err == nil {
			err = misuse("%v", e)
		}
		return nil, err
	}
	var list []HandedTest
	if e := json.Unmarshal(data, &list); e != nil {
		return nil, misuse("%v", e)
	}
	tests = map[proofs.Key]string{}
	for _, t := range list {
		t.File = filepath.Base(t.File)
		tests[t.Key] = t.Test
	}
	return tests, err
}

// seriesOf returns the series of a catalog's metrics.
func seriesOf(c *catalog.Catalog) Series {
	out := Series{}
	for _, m := range c.Metrics() {
		ls, part := map[string][]string{}, ""
		for _, l := range m.Labels {
			ls[l.Name] = nil
			if l.Closed() {
				ls[l.Name] = l.Values
			}
		}
		if m.PartOf != nil {
			part = m.PartOf.Series().Name()
		}
		for _, s := range m.AllSeries() {
			out[s.Name()] = Exposed{ls, part}
		}
	}
	return out
}

// SkipsFolder reports whether a folder of this name is left alone where files are searched for below another.
func SkipsFolder(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata"
}

// RuleFiles returns a file, or the YAML files below a folder that keep says yes to.
func RuleFiles(at string, keep func(data []byte) bool) ([]string, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{at}, nil
	}
	var out []string
	err = filepath.WalkDir(at, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if path != at && SkipsFolder(e.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" || !file.IsRegular(path, e) {
			return nil
		}
		data, err := file.Read(path)
		if err == nil && keep(data) {
			out = append(out, path)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}
