package cli

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/project"
)

// ProveFlags are the flags of the command that proves alerts, which obsgen and the program that it starts for it share.
type ProveFlags struct {
	Rules []string
	Write string
	JSON  bool
	// Matrix asks for what each alert does in each situation.
	Matrix bool
	// Metrics is the file in which obsgen tells the other program of the metrics: a Series as JSON.
	Metrics string
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

An alert fails that no data made fire, that fired on all data, or that did not resolve. The search is wide but has an end: of an alert
that it finds nothing for it says which part never had a result. --write writes each proof as a test in promtool's format.`,
		Example: "  obsgen prove\n  obsgen prove MockForgeHighErrorRate --json",
		RunE:    run,
	}
	cmd.Flags().StringArrayVar(&f.Rules, "rules", nil, "prove the alerts of this file, or of all below this folder, in place of the project's")
	cmd.Flags().StringVar(&f.Write, "write", "", "write each proof as a test to this folder; the rules it names are those of --rules")
	cmd.Flags().BoolVar(&f.Matrix, "matrix", false, "print whether each alert fires when the service restarts, a scrape is missed, and so on")
	cmd.Flags().BoolVar(&f.JSON, "json", false, "print the proofs as one array of objects")
	return cmd
}

func newProve(env *Env) *cobra.Command {
	var f ProveFlags
	var metrics string
	cmd := ProveCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, metrics, args) })
	cmd.Flags().StringVar(&metrics, "catalog", "", "none: any series may be there, whatever the project declares")
	return cmd
}

// run tells the other program of the rules and the metrics.
func (f *ProveFlags) run(ctx context.Context, env *Env, metrics string, names []string) (err error) {
	if metrics != "" && metrics != "none" {
		return misuse("--catalog is %q; it can only be none", metrics)
	}
	if f.Write != "" && len(f.Rules) == 0 {
		return misuse("--write needs --rules: the tests name the files of the rules, such as out/prometheus/rules")
	}
	p, err := env.plan("")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "obsgen-prove")
	if err != nil {
		return misuse("%v", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil && e != nil {
			err = misuse("%v", e)
		}
	}()
	line := []string{"prove"}
	if len(f.Rules) == 0 {
		files, err := renderOnly(p, project.Prometheus)
		if err != nil {
			return err
		}
		for _, file := range files {
			if !strings.Contains(file.Path, "/rules/") {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file.Path)), file.Data, 0o600); err != nil {
				return misuse("%v", err)
			}
		}
		line = append(line, "--rules="+dir)
	}
	for _, r := range f.Rules {
		line = append(line, "--rules="+r)
	}
	if metrics == "" {
		data, err := json.Marshal(seriesOf(p.Catalog))
		if err != nil {
			return err
		}
		at := filepath.Join(dir, "metrics.json")
		if err := os.WriteFile(at, data, 0o600); err != nil {
			return misuse("%v", err)
		}
		line = append(line, "--metrics="+at)
	}
	if f.Write != "" {
		line = append(line, "--write="+f.Write)
	}
	if f.Matrix {
		line = append(line, "--matrix")
	}
	if f.JSON {
		line = append(line, "--json")
	}
	return env.simulate(ctx, append(append(line, "--"), names...))
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
			if name := e.Name(); path != at && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && keep(data) {
			out = append(out, path)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}
