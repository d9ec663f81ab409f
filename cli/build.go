package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/diff"
	"github.com/obsgen/obsgen/picture"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/render/alertmanager"
	"github.com/obsgen/obsgen/render/compose"
	"github.com/obsgen/obsgen/render/docs"
	"github.com/obsgen/obsgen/render/grafana"
	"github.com/obsgen/obsgen/render/perses"
	"github.com/obsgen/obsgen/render/prometheus"
	"github.com/obsgen/obsgen/render/tree"
)

type buildFlags struct {
	out      string
	check    bool
	force    bool
	only     []string
	profiles profileFlag
}

func (f *buildFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write (default out, or what obsgen.yaml says)")
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; exit 1 if the folder is not what build would write")
	cmd.Flags().StringSliceVar(&f.only, "only", nil, "write only files below these paths of the folder, such as prometheus/rules")
	cmd.Flags().BoolVar(&f.force, "force", false, "overwrite files that obsgen does not own, that were edited by hand, or that are the output of another project")
	f.profiles.bind(cmd)
}

func newBuild(env *Env) *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Write dashboards and rules",
		Long: `Build writes what reads the project's metrics, as the outputs of each profile say: dashboards and rules,
runbooks and references, routes of alerts, manifests. Usual are grafana, prometheus and docs; obsgen.yaml adds others.

Files are written whole or not at all. MANIFEST in the folder names the project and lists the files that obsgen owns; others are
never touched, and an owned file that was edited by hand is not overwritten without --force.

Where the project keeps proofs of its alerts (obsgen prove --save), a test of each is written beside the rules, in promtool's
format.

The first profile is written into the folder itself, every other into profiles/NAME below it.`,
		Example: "  obsgen build\n  obsgen build --check\n  obsgen build --only prometheus/rules --out /etc/observability",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(env) },
	}
	f.bind(cmd)
	return cmd
}

func (f *buildFlags) run(env *Env) error {
	plans, config, err := env.plans(f.profiles)
	if err != nil {
		return err
	}
	found := findings(plans)
	if worst, any := diag.Worst(found); any {
		if err := writeText(env, env.Stderr, found); err != nil {
			return err
		}
		if worst == diag.Error {
			return &ExitError{Code: ExitFindings, Message: fmt.Sprintf("nothing written: %s", countOf(found))}
		}
	}
	unseen, err := Illustrate(env.Dir, plans)
	if err != nil {
		return misuse("%v", err)
	}
	if len(unseen) > 0 {
		fmt.Fprintf(env.Stderr, "obsgen: the docs have no picture of what has none of its present form: %s; run obsgen snapshot --save\n", strings.Join(unseen, ", "))
	}
	files, err := Render(plans)
	if err != nil {
		return err
	}
	tests, unproved, err := Tests(env.Dir, plans)
	if err != nil {
		return misuse("%v", err)
	}
	if len(unproved) > 0 {
		fmt.Fprintf(env.Stderr, "obsgen: no test is written of what is not proved in its present form: %s; run obsgen prove --save\n", strings.Join(unproved, ", "))
	}
	files = append(files, tests...)
	dir := f.out
	if dir == "" {
		dir = config.Out
	}
	if dir == "" {
		dir = "out"
	}
	shown := dir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.Dir, dir)
	}
	if f.check {
		return f.runCheck(env, plans[0].Name, dir, shown, files, unproved)
	}
	report, err := tree.Write(dir, files, tree.Options{Project: plans[0].Name, Force: f.force, Only: f.only})
	if err != nil {
		return err
	}
	for _, p := range report.Removed {
		fmt.Fprintf(env.Stderr, "removed %s\n", path.Join(filepath.ToSlash(shown), p))
	}
	fmt.Fprintf(env.Stdout, "%s: %d files, %d written, %d removed, %d unchanged\n", shown, len(report.Written)+len(report.Unchanged),
		len(report.Written), len(report.Removed), len(report.Unchanged))
	return nil
}

func (f *buildFlags) runCheck(env *Env, project, dir, shown string, files []tree.File, unproved []string) error {
	report, err := tree.Check(dir, project, files)
	if err != nil {
		return err
	}
	if len(report.Stale) == 0 && len(unproved) > 0 {
		return &ExitError{Code: ExitFindings, Message: fmt.Sprintf("%s is not up to date; run obsgen prove --save, and obsgen build", proofs.FileName)}
	}
	if len(report.Stale) == 0 {
		fmt.Fprintf(env.Stdout, "%s: %d files, all as build would write them\n", shown, len(report.Unchanged))
		return nil
	}
	for _, s := range report.Stale {
		fmt.Fprintf(env.Stdout, "%s: %s\n", path.Join(filepath.ToSlash(shown), s.Path), s.Why)
	}
	return &ExitError{Code: ExitFindings, Message: fmt.Sprintf("%s is stale in %d files; run obsgen build", shown, len(report.Stale))}
}

// backend writes a plan for one reader.
type backend struct {
	output string
	render func(*plan.Plan) ([]tree.File, error)
}

// backends are all, by the name of the output.
var backends = append([]backend{
	{project.Grafana, grafana.Render},
	{project.GrafanaAlerting, grafana.Alerting},
	{project.Prometheus, prometheus.Render},
	{project.Docs, docs.Render},
	{project.Alertmanager, alertmanager.Render},
	{project.Compose, compose.Render},
	{project.Perses, perses.Render},
}, manifests...)

// renderOnly returns the files of some outputs of a plan.
func renderOnly(p *plan.Plan, outputs ...string) ([]tree.File, error) {
	var files []tree.File
	for _, b := range backends {
		if slices.Contains(outputs, b.output) {
			rendered, err := b.render(p)
			if err != nil {
				return nil, err
			}
			files = append(files, rendered...)
		}
	}
	return files, nil
}

// Render returns the whole tree of the plans: the first plan's files at the root, the others' below
// profiles/NAME.
func Render(plans []*plan.Plan) ([]tree.File, error) {
	perPlan := make([][]tree.File, len(plans))
	var work errgroup.Group
	for i, p := range plans {
		work.Go(func() error {
			files, err := renderOnly(p, p.Profile.Writes()...)
			if err != nil {
				return fmt.Errorf("profile %s: %w", p.Profile.Name, err)
			}
			if i == 0 {
				data, err := json.MarshalIndent(diff.Describe(p.Catalog), "", "  ")
				if err != nil {
					return fmt.Errorf("%s: %w", diff.CatalogFile, err)
				}
				files = append(files, tree.File{Path: diff.CatalogFile, Data: append(data, '\n')})
			}
			perPlan[i] = placed(i, p, files)
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	var out []tree.File
	for _, files := range perPlan {
		out = append(out, files...)
	}
	return out, nil
}

// placed puts the files of the plan of a number where they stand in the whole tree: those of the first at the root.
func placed(i int, p *plan.Plan, files []tree.File) []tree.File {
	if i > 0 {
		for j := range files {
			files[j].Path = path.Join("profiles", p.Profile.Name, files[j].Path)
		}
	}
	return files
}

// Tests returns the tests of the proofs that a project keeps in its folder, for each plan with rules, laid out as by Render; and
// the alerts that are not proved in their present form. A project that keeps no proofs has none of either.
func Tests(dir string, plans []*plan.Plan) (out []tree.File, missing []string, err error) {
	kept, any, err := proofs.Read(dir)
	if err != nil {
		return nil, nil, err
	}
	if !any {
		return nil, nil, nil
	}
	for i, p := range plans {
		if !slices.Contains(p.Profile.Writes(), project.Prometheus) {
			continue
		}
		files, without, err := testsOf(p, kept)
		if err != nil {
			return nil, nil, err
		}
		missing = append(missing, without...)
		out = append(out, placed(i, p, files)...)
	}
	slices.Sort(missing)
	return out, slices.Compact(missing), nil
}

// Illustrate puts the pictures that a project keeps in its folder into the plans, and returns the dashboards of which it has none of
// their present form. A project that keeps no pictures has none of either.
func Illustrate(dir string, plans []*plan.Plan) (missing []string, err error) {
	kept, any, err := picture.Read(dir)
	if err != nil || !any {
		return nil, err
	}
	for _, p := range plans {
		if !slices.Contains(p.Profile.Writes(), project.Docs) {
			continue
		}
		names, err := pictureNames(p)
		if err != nil {
			return nil, err
		}
		p.Pictures = map[string][]byte{}
		for uid, name := range names {
			if data, ok := kept[name]; ok {
				p.Pictures[uid] = data
			} else {
				missing = append(missing, uid)
			}
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing), nil
}

// pictureNames returns the file of the picture of each dashboard of a plan in its present form, by uid.
func pictureNames(p *plan.Plan) (map[string]string, error) {
	boards, err := dashboardsOf(p)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, b := range boards {
		digest, err := picture.Digest(b.JSON)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.UID, err)
		}
		out[b.UID] = picture.Name(b.UID, digest)
	}
	return out, nil
}

// writeText writes findings for a person.
func writeText(env *Env, w io.Writer, found []diag.Finding) error {
	text := &diag.Text{Root: env.moduleRoot(), Colour: env.Colour}
	for _, f := range found {
		if err := text.Write(w, f); err != nil {
			return err
		}
	}
	return nil
}

// countOf says how many findings of which severity there are.
func countOf(found []diag.Finding) string {
	var n [3]int
	for _, f := range found {
		n[f.Severity]++
	}
	plural := func(n int, what string) string {
		if n == 1 {
			return "1 " + what
		}
		return fmt.Sprintf("%d %ss", n, what)
	}
	return plural(n[diag.Error], "error") + ", " + plural(n[diag.Warning], "warning")
}
