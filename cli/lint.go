package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/source/exposition"
	"github.com/obsgen/obsgen/validate"
	"github.com/obsgen/obsgen/validate/report"
)

type lintFlags struct {
	json     bool
	fix      bool
	format   string
	baseline string
	record   string
	drop     string
	catalogs []string
	severity string
	profiles profileFlag
}

func (f *lintFlags) bind(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.json, "json", false, "write one array of findings")
	cmd.Flags().BoolVar(&f.fix, "fix", false, "change what is certain to be better, such as =~ for what is no regular expression, in the files")
	cmd.Flags().StringVar(&f.format, "format", "text", "how findings are written: text, "+strings.Join(report.Formats(), ", "))
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "leave out the findings of this `FILE`, which --write-baseline made")
	cmd.Flags().StringVar(&f.record, "write-baseline", "", "write all findings to this `FILE` as known ones")
	cmd.Flags().StringVar(&f.drop, "drop-list", "", "write the metrics that nothing in the files reads to this `FILE`, as metric_relabel_configs that drop them")
	cmd.Flags().StringArrayVar(&f.catalogs, "catalog", nil, "check files against the metrics of a `FILE`: an exposition or metadata; none for no metrics")
	cmd.Flags().StringVar(&f.severity, "severity", "warning", "least severity that is reported: info, warning or error")
	f.profiles.bind(cmd)
}

func newLint(env *Env) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [FILE|FOLDER]...",
		Short: "Say what is wrong with the project's declarations, or with files that others wrote",
		Long: `Without arguments lint checks every declaration: metrics, queries, dashboards, rules and what they read of
each other, for every profile, and then the files that are made of them. Each finding names the Go line that
declares the fault and how to mend it.

With files and folders it checks those against the project's metrics: Prometheus rule files, PrometheusRule
manifests, Grafana dashboards of every generation, also within a ConfigMap or a chart's values, and Grafana's
own alert rules; and what a service exposes on /metrics. What a file is, its content says. obsgen explain CHECK
tells about a check.

It exits 1 where there is an error or a warning, which a named file is in which nothing can be checked, and 2 where
nothing at all was checked.`,
		Example: "  obsgen lint\n  obsgen lint --json --profile production\n  obsgen lint --catalog none .",
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(env, args) },
	}
	f.bind(cmd)
	return cmd
}

func (f *lintFlags) run(env *Env, args []string) error {
	least, ok := severities[f.severity]
	if !ok {
		return misuse("there is no severity %s; there are info, warning and error", f.severity)
	}
	if f.json {
		f.format = "json"
	}
	if f.format != "text" && !slices.Contains(report.Formats(), f.format) {
		return misuse("there is no format %s%s; there are text, %s", f.format, DidYouMean(f.format, report.Formats()), strings.Join(report.Formats(), ", "))
	}
	if len(f.catalogs) > 0 && len(args) == 0 {
		return misuse("--catalog is for files: obsgen lint --catalog FILE FILE...")
	}
	plans, config, err := env.plans(f.profiles)
	if err != nil {
		return err
	}
	options, err := env.lintOptions(config)
	if err != nil {
		return err
	}
	var set *validate.Set
	var found []diag.Finding
	var summary string
	var unchecked []string
	if len(args) > 0 {
		if options.Catalog, err = f.metrics(env); err != nil {
			return err
		}
		files, err := lintFiles(env, args, options)
		if err != nil {
			return err
		}
		set, found, summary, unchecked = files.set, files.found, files.summary, files.unchecked
		if files.checked == 0 && len(found) == 0 {
			return misuse("nothing in %s was checked: %s", strings.Join(args, ", "), cmp.Or(strings.Join(unchecked, ", "), "there is no file that may have rules, a dashboard or an exposition"))
		}
	} else if found, summary, err = lintProject(plans, options); err != nil {
		return err
	}
	if f.fix {
		if len(args) == 0 {
			return misuse("--fix is for files that others wrote: obsgen lint --fix FILE...")
		}
		if found, err = fix(env, found); err != nil {
			return err
		}
	}
	if f.drop != "" {
		if err := f.writeDropList(env, set); err != nil {
			return err
		}
	}
	shown, hidden := atLeast(found, least)
	if set != nil {
		unchecked = append(unchecked, leftAlone(set)...)
	}
	if len(unchecked) > 0 {
		hidden += "; not checked: " + strings.Join(unchecked, ", ")
	}
	if f.record != "" {
		if err := report.WriteBaseline(absolute(env.Dir, f.record), shown); err != nil {
			return misuse("%v", err)
		}
		fmt.Fprintf(env.Stderr, "%s: %d findings, known from now on\n", f.record, len(shown))
		return nil
	}
	if f.baseline != "" {
		known, err := report.ReadBaseline(absolute(env.Dir, f.baseline))
		if err != nil {
			return misuse("%v", err)
		}
		old, gone := 0, 0
		shown, old, gone = known.Filter(shown)
		hidden += fmt.Sprintf("; %d known ones", old)
		if gone > 0 {
			hidden += fmt.Sprintf("; %d of the baseline are gone: write it anew", gone)
		}
	}
	if f.format == "text" {
		err = writeText(env, env.Stdout, shown)
	} else {
		err = report.Write(env.Stdout, f.format, shown, report.Tool{Name: "obsgen", Version: version(), URL: "https://github.com/obsgen/obsgen", Docs: env.docs()})
	}
	if err != nil {
		return err
	}
	if worst, any := diag.Worst(shown); any && worst >= diag.Warning {
		return &ExitError{Code: ExitFindings, Message: countOf(shown) + hidden}
	}
	if f.format == "text" {
		fmt.Fprintln(env.Stderr, summary+hidden)
	}
	return nil
}

// metrics returns the catalog that files are checked against: the project's, or that of other files.
func (f *lintFlags) metrics(env *Env) (*catalog.Catalog, error) {
	if len(f.catalogs) == 0 {
		return env.Project.Catalog, nil
	}
	var groups []*catalog.Group
	for _, name := range f.catalogs {
		if name == "none" {
			continue
		}
		data, err := file.ReadUpTo(absolute(env.Dir, name), conform.Largest)
		if err != nil {
			return nil, misuse("%v", err)
		}
		g, err := exposition.Read(filepath.ToSlash(name), data)
		if err != nil {
			return nil, misuse("%v", err)
		}
		groups = append(groups, g)
	}
	if len(groups) == 0 {
		return nil, nil
	}
	return catalog.New("files", catalog.CatalogSpec{Groups: append(groups, external.Scrape, external.Alerts)}), nil
}

var severities = map[string]diag.Severity{"info": diag.Info, "warning": diag.Warning, "error": diag.Error}

// atLeast returns the findings of a severity or above, and says how many there are below.
func atLeast(fs []diag.Finding, least diag.Severity) (shown []diag.Finding, hidden string) {
	below := 0
	for _, f := range fs {
		if f.Severity >= least {
			shown = append(shown, f)
		} else {
			below++
		}
	}
	if below > 0 {
		hidden = fmt.Sprintf("; %d more with --severity info", below)
	}
	return shown, hidden
}

// writeDropList writes what Prometheus needs to drop the metrics that no file reads at the scrape.
func (f *lintFlags) writeDropList(env *Env, set *validate.Set) error {
	if set == nil || set.Catalog == nil {
		return misuse("--drop-list is for files with a catalog: obsgen lint --catalog FILE --drop-list FILE FILE...")
	}
	var patterns []string
	for _, m := range set.Unread() {
		pattern := regexp.QuoteMeta(m.Name)
		if m.Kind == catalog.KindHistogram && m.Classic() {
			pattern += "(?:_bucket|_sum|_count)"
			if m.IsNative() {
				pattern = regexp.QuoteMeta(m.Name) + "(?:_bucket|_sum|_count)?"
			}
		}
		patterns = append(patterns, pattern)
	}
	slices.Sort(patterns)
	var b strings.Builder
	b.WriteString("# Metrics that no rule and no dashboard of the checked files reads. Put this into the scrape_config of their job.\nmetric_relabel_configs:\n")
	if len(patterns) == 0 {
		b.Reset()
		b.WriteString("# Every metric is read.\nmetric_relabel_configs: []\n")
	}
	for _, p := range patterns {
		fmt.Fprintf(&b, "  - {source_labels: [__name__], regex: %s, action: drop}\n", strconv.Quote(p))
	}
	if err := file.Write(absolute(env.Dir, f.drop), []byte(b.String()), 0o644); err != nil {
		return misuse("%v", err)
	}
	fmt.Fprintf(env.Stderr, "%s: %d metrics that nothing reads\n", f.drop, len(patterns))
	return nil
}

// lintOptions reads what obsgen.yaml says of checks.
func (env *Env) lintOptions(config project.Config) (validate.Options, error) {
	c := config.Lint
	levels, err := env.levels(config)
	if err != nil {
		return validate.Options{}, err
	}
	o := validate.Options{Checks: env.checks(), Off: levels.off, Severities: levels.severities}
	o.ScrapeInterval = span(c.ScrapeInterval)
	o.Server = validate.Server{
		Features: c.Features, EvaluationInterval: span(c.EvaluationInterval), Retention: span(c.Retention), Lookback: span(c.Lookback), ExternalLabels: c.ExternalLabels,
	}
	if c.Prometheus != "" {
		if _, err := fmt.Sscanf(strings.TrimPrefix(c.Prometheus, "v"), "%d.%d", &o.Server.Version[0], &o.Server.Version[1]); err != nil {
			return o, misuse("%s: lint.prometheus: %q is no version such as 3.5", config.At("lint", "prometheus"), c.Prometheus)
		}
	}
	o.Policy, err = lintPolicy(config)
	return o, err
}

// span returns a duration of the configuration, 0 where it is left out.
func span(d *model.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return time.Duration(*d)
}

// lintPolicy reads what obsgen.yaml asks beyond what is right.
func lintPolicy(config project.Config) (validate.Policy, error) {
	c := config.Lint.Policy
	p := validate.Policy{
		For: validate.Bounds{Min: span(c.For.Min), Max: span(c.For.Max)}, KeepFiringFor: validate.Bounds{Min: span(c.KeepFiringFor.Min), Max: span(c.KeepFiringFor.Max)},
		Interval: validate.Bounds{Min: span(c.Interval.Min), Max: span(c.Interval.Max)}, MaxRules: c.MaxRules, MaxWindow: span(c.MaxWindow),
		RequiredMatchers: c.RequiredMatchers, KeptLabels: c.KeptLabels, DeniedLabels: c.DeniedLabels, SensitiveLabels: c.SensitiveLabels,
		MetricPrefix: c.MetricPrefix, MaxSeries: c.MaxSeries, MaxMetricSeries: c.MaxMetricSeries, MaxDashboardSamples: c.MaxDashboardSamples,
	}
	pattern := func(text string, key ...string) (*regexp.Regexp, error) {
		if text == "" {
			return nil, nil
		}
		re, err := regexp.Compile("^(?:" + text + ")$")
		if err != nil {
			path := append([]string{"lint", "policy"}, key...)
			return nil, misuse("%s: %s: %v", config.At(path...), strings.Join(path, "."), err)
		}
		return re, nil
	}
	var err error
	for _, x := range []struct {
		key, text string
		to        **regexp.Regexp
	}{{"alertName", c.AlertName, &p.AlertName}, {"recordName", c.RecordName, &p.RecordName}, {"deniedMetrics", c.DeniedMetrics, &p.DeniedMetrics}} {
		if *x.to, err = pattern(x.text, x.key); err != nil {
			return p, err
		}
	}
	for _, x := range []struct {
		key  string
		from map[string]string
		to   *map[string]*regexp.Regexp
	}{
		{"annotations", c.Annotations, &p.Annotations}, {"labels", c.Labels, &p.Labels},
		{"rejectedLabels", c.RejectedLabels, &p.RejectedLabels}, {"rejectedAnnotations", c.RejectedAnnotations, &p.RejectedAnnotations},
	} {
		*x.to = map[string]*regexp.Regexp{}
		for _, name := range slices.Sorted(maps.Keys(x.from)) {
			if (*x.to)[name], err = pattern(x.from[name], x.key, name); err != nil {
				return p, err
			}
			if (*x.to)[name] == nil {
				(*x.to)[name] = regexp.MustCompile("")
			}
		}
	}
	return p, nil
}

// lintProject checks declarations and, where they have no error, the files that are made of them.
func lintProject(plans []*plan.Plan, o validate.Options) ([]diag.Finding, string, error) {
	found := findings(plans)
	if worst, any := diag.Worst(found); !any || worst < diag.Error {
		made, err := lintMade(plans, o)
		if err != nil {
			return nil, "", err
		}
		found = append(found, made...)
		diag.Sort(found)
	}
	panels, records, alerts := 0, 0, 0
	for _, b := range plans[0].Boards {
		panels += len(b.Panels())
	}
	for _, g := range plans[0].Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				alerts++
			} else {
				records++
			}
		}
	}
	return found, fmt.Sprintf("%d metrics, %d dashboards with %d panels, %d recording rules, %d alerts: no fault in %d profiles",
		len(plans[0].Catalog.Own()), len(plans[0].Boards), panels, records, alerts, len(plans)), nil
}

// lintMade checks the files of each profile by themselves.
func lintMade(plans []*plan.Plan, o validate.Options) ([]diag.Finding, error) {
	var found []diag.Finding
	for _, p := range plans {
		files, err := renderOnly(p, project.Grafana, project.Prometheus) // what the other outputs wrap
		if err != nil {
			return nil, err
		}
		var docs []*source.Document
		for _, f := range files {
			if ext := path.Ext(f.Path); ext == ".json" || ext == ".yaml" {
				docs = append(docs, source.Read("out/"+f.Path, f.Data))
			}
		}
		o.Catalog, o.ScrapeInterval, o.OwnTargets = p.Catalog, p.Profile.ScrapeInterval, true
		o.Server.EvaluationInterval, o.Server.Retention = p.Profile.EvaluationInterval, p.Profile.Retention
		found = append(found, validate.NewSet(docs, o).Run()...)
	}
	return diag.Unique(found), nil
}

// several returns a number of things: 1 query, 2 queries.
func several(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, ok := strings.CutSuffix(thing, "y"); ok {
		thing = stem + "ie"
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// lintedFiles is what was found in files.
type lintedFiles struct {
	set       *validate.Set
	found     []diag.Finding
	checked   int      // files
	summary   string   // of a run without a finding
	unchecked []string // how many files were not checked, and why
}

// lintFiles checks files that others wrote.
func lintFiles(env *Env, args []string, o validate.Options) (*lintedFiles, error) {
	names, err := filesOf(env.Dir, args)
	if err != nil {
		return nil, err
	}
	docs := make([]*source.Document, len(names))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		work.Go(func() error {
			data, err := file.Read(absolute(env.Dir, name))
			if errors.Is(err, file.ErrTooLarge) {
				docs[i] = source.TooLarge(filepath.ToSlash(name))
				return nil
			}
			if err != nil {
				return misuse("%v", err)
			}
			docs[i] = source.Read(filepath.ToSlash(name), data)
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	rules, boards, of, others := 0, 0, 0, 0
	templates := map[string]int{} // by their language
	for i, d := range docs {
		named := slices.ContainsFunc(args, func(a string) bool { return filepath.Clean(a) == filepath.Clean(names[i]) })
		if d.Skipped != "" && !named {
			fmt.Fprintf(env.Stderr, "%s: left alone: %s\n", d.File.Path, d.Skipped)
		}
		switch {
		case d.Template != "":
			templates[d.Template]++
		case d.IsEmpty():
			others++
		default:
			of++
		}
		if named && (d.IsEmpty() || d.Skipped != "") {
			d.Findings = append(d.Findings, unrecognized(d))
		}
		boards += len(d.Dashboards)
		for _, g := range d.Groups {
			rules += len(g.Rules)
		}
	}
	set := validate.NewSet(docs, o)
	return &lintedFiles{
		set: set, found: set.Run(), checked: of, unchecked: notChecked(templates, others),
		summary: fmt.Sprintf("%s with %s and %s, %s: no fault", several(of, "file"), several(rules, "rule"), several(boards, "dashboard"), several(len(set.Queries), "query")),
	}, nil
}

// unrecognized is the finding of a file that was named and holds nothing that is checked.
func unrecognized(d *source.Document) diag.Finding {
	f := diag.Finding{ID: "syntax/unrecognized", Severity: diag.Warning, At: diag.Position{File: d.File.Path, Line: 1, Col: 1}, Message: "nothing in the file is checked", Mend: "name files of Prometheus rules, Grafana dashboards or expositions", Why: cmp.Or(d.Skipped, "it holds no rules, no dashboard and no exposition")}
	switch d.Template {
	case "":
	case "Helm":
		f.Mend = "lint the output of helm template"
	default:
		f.Mend = "lint what is rendered from it"
	}
	return f
}

// notChecked says how many files were not checked, and why.
func notChecked(templates map[string]int, others int) (out []string) {
	for _, language := range slices.Sorted(maps.Keys(templates)) {
		out = append(out, several(templates[language], language+" template"))
	}
	if others > 0 {
		out = append(out, several(others, "file")+" without rules, dashboards or an exposition")
	}
	return out
}

// leftAlone says how many expressions were not checked, and why.
func leftAlone(set *validate.Set) (out []string) {
	left := set.Left()
	for _, why := range slices.Sorted(maps.Keys(left)) {
		out = append(out, several(left[why], "expression")+" "+why)
	}
	return out
}

func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// fix applies the edits of findings and returns the findings that are left. Files are replaced whole.
func fix(env *Env, found []diag.Finding) ([]diag.Finding, error) {
	edits := map[string][]diag.Edit{}
	var left []diag.Finding
	for _, f := range found {
		if len(f.Edits) == 0 {
			left = append(left, f)
			continue
		}
		for _, e := range f.Edits {
			edits[e.At.File] = append(edits[e.At.File], e)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		at := absolute(env.Dir, name)
		data, err := file.Read(at)
		if err != nil {
			return nil, misuse("%v", err)
		}
		changed, n := source.Apply(data, edits[name])
		if err := file.Write(at, changed, 0o644); err != nil {
			return nil, misuse("%v", err)
		}
		fmt.Fprintf(env.Stderr, "%s: %d changes\n", name, n)
	}
	return left, nil
}

// filesOf lists files, and below folders those that may be of a kind that is checked.
func filesOf(dir string, args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		err := filepath.WalkDir(absolute(dir, arg), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return misuse("%v", err)
			}
			name := p
			if rel, err := filepath.Rel(dir, p); err == nil && !filepath.IsAbs(arg) {
				name = rel
			}
			if d.IsDir() {
				if base := d.Name(); p != absolute(dir, arg) && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "vendor") {
					return filepath.SkipDir
				}
				return nil
			}
			switch ext := filepath.Ext(p); {
			case p != absolute(dir, arg) && !file.IsRegular(p, d): // who names a pipe is told what is wrong with it
			case p == absolute(dir, arg), ext == ".yaml", ext == ".yml", ext == ".json", ext == ".rules", ext == ".prom", ext == ".om":
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// writeJSON writes one array, [] where there is nothing.
func writeJSON[T any](env *Env, items []T) error {
	if items == nil {
		items = []T{}
	}
	return WriteJSON(env.Stdout, items)
}

// WriteJSON writes a value as all commands do: indented, and with < and & as they are.
func WriteJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
