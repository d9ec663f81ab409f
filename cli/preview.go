package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/render/docs"
)

// PreviewFlags are the flags of the command that shows the project in a browser.
type PreviewFlags struct {
	Scenario, Prometheus, TSDB, Scrape string
	History, Listen                    string
	At                                 time.Duration
	Open                               bool
	Hosts                              []string
	// Dir is where obsgen puts what the other program shows: see show.
	Dir  string
	emit string
}

// PreviewCommand returns the command, which both programs have.
func PreviewCommand(f *PreviewFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview [DASHBOARD.json|FOLDER…]",
		Short: "Show dashboards, alerts, rules and metrics in a browser, with live data",
		Long: `Preview opens a page on this machine that shows the project as it is now: every dashboard, drawn by Grafana's own components, every
alert with its state and runbook, the rules and the metrics, over a scenario that goes on in real time, a Prometheus server, its data
folder, or a target that it scrapes. Dashboards of others that are named, or in folders, are shown, too.

When a Go file of the project changes, the project is built again and the page shows it; where that fails the page says why, and
keeps what it shows. Nothing leaves this machine: the page is a part of the program.`,
		Example: "  obsgen preview --open\n  obsgen preview --scenario error-burst --listen localhost:8088",
		RunE:    run,
	}
	cmd.Flags().StringVar(&f.Scenario, "scenario", "", "a scenario of the project (default its first)")
	cmd.Flags().StringVar(&f.Prometheus, "prometheus", "", "the address of a Prometheus server")
	cmd.Flags().StringVar(&f.TSDB, "tsdb", "", "the data folder of a Prometheus server, or a copy of it")
	cmd.Flags().StringVar(&f.Scrape, "scrape", "", "the address of a target's metrics")
	cmd.Flags().StringVar(&f.History, "history", "90m", "how much of a scenario lies in the past when the page opens")
	cmd.Flags().DurationVar(&f.At, "at", 0, "how far into the scenario the page opens: 25m (default at its end)")
	cmd.Flags().StringVar(&f.Listen, "listen", "127.0.0.1:0", "where to listen; port 0 takes a free one")
	cmd.Flags().StringSliceVar(&f.Hosts, "host", nil, "names by which the server may be called, beside those of this machine")
	cmd.Flags().BoolVar(&f.Open, "open", false, "open the page in the browser")
	return cmd
}

func newPreview(env *Env) *cobra.Command {
	var f PreviewFlags
	cmd := PreviewCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) })
	cmd.Flags().StringVar(&f.emit, "emit", "", "write what the page shows to this folder, and end")
	if err := cmd.Flags().MarkHidden("emit"); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

// What stands in the folder between both programs: numbered folders with a state of the project each, the file current with the
// number of the newest, and trouble with why a later one could not be made.
const (
	CurrentFile = "current"
	TroubleFile = "trouble"
	StateFile   = "state.json"
	ProjectFile = "project.json"
	RulesFolder = "rules"
)

func (f *PreviewFlags) run(cmd *cobra.Command, env *Env, files []string) (err error) {
	if said(f.Scenario, f.Prometheus, f.TSDB, f.Scrape) > 1 {
		return misuse("samples come from one of --scenario, --prometheus, --tsdb and --scrape")
	}
	if _, err := model.ParseDuration(f.History); err != nil {
		return misuse("--history: %v", err)
	}
	if f.emit != "" {
		return f.show(env, f.emit, files)
	}
	dir, done, err := scratch()
	if err != nil {
		return err
	}
	defer done(&err)
	if err := f.show(env, dir, files); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() { f.watch(ctx, env, dir, files) })
	return env.simulate(ctx, append([]string{"preview", "--dir=" + dir}, given(cmd)...))
}

// show writes the present state of the project into the folder.
func (f *PreviewFlags) show(env *Env, dir string, files []string) error {
	p, err := env.plan("")
	if err != nil {
		return err
	}
	return f.showPlan(env, p, dir, files)
}

func (f *PreviewFlags) showPlan(env *Env, p *plan.Plan, dir string, files []string) error {
	state, err := env.stateOf(p, files)
	if err != nil {
		return err
	}
	data, err := json.Marshal(state)
	if err != nil {
		return err
	}
	n := 0
	if text, err := file.Read(filepath.Join(dir, CurrentFile)); err == nil {
		n, _ = strconv.Atoi(string(text)) // of a file that is none, the count begins anew
	}
	n++
	at := filepath.Join(dir, strconv.Itoa(n))
	if err := os.MkdirAll(at, 0o755); err != nil {
		return misuse("%v", err)
	}
	if _, err := handRules(at, p); err != nil {
		return err
	}
	if _, err := hand(at, handedOf(p, true)); err != nil {
		return err
	}
	err = errors.Join(os.WriteFile(filepath.Join(at, StateFile), data, 0o600), file.Write(filepath.Join(dir, CurrentFile), []byte(strconv.Itoa(n)), 0o600),
		file.Write(filepath.Join(dir, TroubleFile), nil, 0o600))
	if n > 2 {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, strconv.Itoa(n-2))))
	}
	if err != nil {
		return misuse("%v", err)
	}
	return nil
}

// settled is how long nothing must change before the project is built: an editor writes a file in several steps.
const settled = 50 * time.Millisecond

// warm is how long after its begin the project is built once, so that the first change is shown as soon as all others; until then the
// page is drawn for the first time.
const warm = 5 * time.Second

// watch builds the project again when a Go file of it changes, and has it write its state.
func (f *PreviewFlags) watch(ctx context.Context, env *Env, dir string, files []string) {
	say := func(text string) { fmt.Fprintln(env.Stderr, "obsgen: "+text) }
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Path == "" || info.Path == "command-line-arguments" || strings.HasSuffix(info.Path, ".test") {
		say("changes are not shown: this program does not say of which package it was built")
		return
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		say("changes are not shown: " + err.Error())
		return
	}
	defer func() { _ = watcher.Close() }() // it wrote nothing
	root := env.moduleRoot()
	if err := watchGo(watcher, root); err != nil {
		say("not all changes are shown: " + err.Error())
	}
	for _, file := range files {
		_ = watcher.Add(filepath.Dir(env.path(file))) // it was read a moment ago
	}
	again := &builder{pkg: info.Path, root: root, program: filepath.Join(dir, "project"), tags: "obsgen_preview"}
	for _, s := range info.Settings {
		if s.Key == "-tags" && s.Value != "" {
			again.tags += "," + s.Value
		}
	}
	first := time.After(warm)
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-watcher.Errors:
		case <-first:
			_, _ = again.build(ctx) // whatever comes of it: what changes next is built upon it
		case e := <-watcher.Events:
			if e.Op == fsnotify.Chmod {
				continue
			}
			if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
				_ = watchGo(watcher, e.Name) // of a folder that has gone again nothing can change
			}
			again.changed(e.Name)
			if ext := filepath.Ext(e.Name); ext == ".go" || ext == ".json" || ext == ".yaml" || ext == ".mod" {
				quiet.Reset(settled)
			}
		case <-quiet.C:
			if why := f.rebuild(ctx, env, again, dir, files); why != "" && ctx.Err() == nil {
				if err := file.Write(filepath.Join(dir, TroubleFile), []byte(why), 0o600); err != nil {
					say(err.Error())
				}
			}
		}
	}
}

// rebuild builds the program and has it write its state; it returns what went wrong, in the words of the compiler.
func (f *PreviewFlags) rebuild(ctx context.Context, env *Env, b *builder, dir string, files []string) string {
	if out, err := b.build(ctx); err != nil {
		return strings.TrimSpace(string(out) + "\n" + err.Error())
	}
	emit := exec.CommandContext(ctx, b.program, append([]string{"preview", "--emit=" + dir, "--"}, files...)...)
	emit.Dir, emit.Env = env.Dir, append(os.Environ(), short...)
	if out, err := emit.CombinedOutput(); err != nil {
		return strings.TrimSpace(string(out) + "\n" + err.Error())
	}
	return ""
}

// builder builds a program again and again, as soon as can be: what changes is compiled without optimizations, and the rest, which
// the build cache has, is as it was.
type builder struct {
	pkg, root, program, tags string

	packages []listed // of the module
	folders  map[string]bool
}

type listed struct {
	path, dir string
	imports   []string
}

// changed tells it of a file that changed.
func (b *builder) changed(file string) {
	if b.folders == nil {
		b.folders = map[string]bool{}
	}
	dir := filepath.Dir(file)
	b.folders[dir] = true
	if !slices.ContainsFunc(b.packages, func(p listed) bool { return p.dir == dir }) { // it may be a new one
		b.packages = nil
	}
}

// short is for programs that run for a moment: collecting what little they have takes a tenth of their time.
var short = []string{"GOGC=off", "GOMEMLIMIT=1GiB"}

// build returns what the compiler says.
func (b *builder) build(ctx context.Context) ([]byte, error) {
	// Without what debuggers need, and without the outputs for Kubernetes, it links sooner.
	args := []string{"build", "-buildvcs=false", "-ldflags=-w", "-tags=" + b.tags}
	for _, p := range b.affected(ctx) {
		args = append(args, "-gcflags="+p+"=-N -l")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", b.program, b.pkg)...)
	cmd.Dir, cmd.Env = b.root, append(os.Environ(), short...)
	return cmd.CombinedOutput()
}

// affected returns the packages that have changed since the begin and those that import them: these are compiled in any case. What
// cannot be listed is compiled as always.
func (b *builder) affected(ctx context.Context) []string {
	if b.packages == nil {
		cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-f", `{{if and .Module .Module.Main}}{{.ImportPath}}{{"\t"}}{{.Dir}}{{"\t"}}{{join .Imports " "}}{{end}}`, b.pkg)
		cmd.Dir = b.root
		out, err := cmd.Output()
		if err != nil {
			return nil
		}
		for line := range strings.Lines(string(out)) {
			if part := strings.Split(strings.TrimSpace(line), "\t"); len(part) >= 2 {
				b.packages = append(b.packages, listed{part[0], part[1], strings.Fields(strings.Join(part[2:], " "))})
			}
		}
	}
	found := map[string]bool{}
	var out []string
	for _, p := range b.packages { // those that are imported come first
		if b.folders[p.dir] || slices.ContainsFunc(p.imports, func(i string) bool { return found[i] }) {
			found[p.path] = true
			out = append(out, p.path)
		}
	}
	return out
}

// watchGo watches a folder and those below, but for such as hold no code of the project.
func watchGo(w *fsnotify.Watcher, root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		if name := e.Name(); path != root && (SkipsFolder(name) || name == "out" || name == "vendor") {
			return fs.SkipDir
		}
		return w.Add(path)
	})
}

// PreviewState is what the page shows of a project, but for the data.
type PreviewState struct {
	Project    string             `json:"project"`
	Dashboards []PreviewDashboard `json:"dashboards"`
	Alerts     []PreviewAlert     `json:"alerts"`
	Metrics    []PreviewMetric    `json:"metrics"`
	Rules      []PreviewRule      `json:"rules"`
	Scenarios  []PreviewScenario  `json:"scenarios"`
	Findings   []PreviewFinding   `json:"findings"`
	// Explained are the queries of panels as obsgen explain prints them, by the dashboard's uid, the panel's id and the query's letter.
	Explained map[string]string `json:"explained"`
}

// PreviewDashboard is a dashboard as Grafana takes it.
type PreviewDashboard struct {
	UID    string          `json:"uid"`
	Title  string          `json:"title"`
	Folder string          `json:"folder"`
	File   string          `json:"file"` // of others' dashboards
	JSON   json.RawMessage `json:"json"`
}

// PreviewAlert is what is declared of an alert.
type PreviewAlert struct {
	Name      string   `json:"name"`
	Severity  string   `json:"severity"`
	Owner     string   `json:"owner"`
	Means     string   `json:"means"`
	Runbook   string   `json:"runbook"` // as Markdown, with links among the docs
	Value     string   `json:"value"`
	Op        string   `json:"op"`
	Threshold *float64 `json:"threshold"`
	Unit      string   `json:"unit"`
	Dashboard string   `json:"dashboard"`
	Panel     int      `json:"panel"`
	Proof     string   `json:"proof"`
}

// PreviewMetric is what is declared of a metric.
type PreviewMetric struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Unit    string   `json:"unit"`
	Help    string   `json:"help"`
	Group   string   `json:"group"`
	Labels  []string `json:"labels"`
	Series  int      `json:"series"` // at most, for one target
	Readers []string `json:"readers"`
}

// PreviewRule is a rule with what it reads and who reads it.
type PreviewRule struct {
	Name    string   `json:"name"`
	Alert   bool     `json:"alert"`
	Group   string   `json:"group"`
	Expr    string   `json:"expr"`
	Unit    string   `json:"unit"` // as Grafana names it; "" for none
	Metrics []string `json:"metrics"`
	Reads   []string `json:"reads"`
	Readers []string `json:"readers"`
}

// PreviewScenario names a scenario.
type PreviewScenario struct {
	Name    string `json:"name"`
	Help    string `json:"help"`
	Minutes int    `json:"minutes"` // that it lasts
}

// PreviewFinding is a finding of lint; Panel is the title of the panel that it concerns.
type PreviewFinding struct {
	Severity string `json:"severity"`
	ID       string `json:"id"`
	At       string `json:"at"`
	Message  string `json:"message"`
	Mend     string `json:"mend"`
	Panel    string `json:"panel"`
	File     string `json:"file"` // of others' dashboards
}

func (env *Env) stateOf(p *plan.Plan, files []string) (*PreviewState, error) {
	out := &PreviewState{Project: p.Title, Dashboards: []PreviewDashboard{}, Alerts: []PreviewAlert{}, Metrics: []PreviewMetric{}, Rules: []PreviewRule{}, Scenarios: []PreviewScenario{}, Findings: []PreviewFinding{}}
	var err error
	if out.Dashboards, err = dashboardsOf(p); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out.Dashboards, func(a, b PreviewDashboard) int { // in the order in which they are declared
		at := func(d PreviewDashboard) int {
			i := slices.IndexFunc(p.Boards, func(x *plan.Board) bool { return x.UID == d.UID })
			if i < 0 {
				return len(p.Boards)
			}
			return i
		}
		return at(a) - at(b)
	})
	others, explained, err := env.foreign(p, files, out.Dashboards)
	if err != nil {
		return nil, err
	}
	out.Dashboards = append(out.Dashboards, others...)
	kept, _, err := proofs.Read(env.Dir)
	if err != nil {
		return nil, misuse("%v", err)
	}
	forms, err := formsOf(p)
	if err != nil {
		return nil, err
	}
	tests := map[string]string{}
	for _, form := range forms {
		tests[form.Alert] = kept[form.Digest].Test
	}
	written, err := docs.Render(p)
	if err != nil {
		return nil, err
	}
	runbooks := map[string]string{}
	for _, file := range written {
		if name, ok := strings.CutPrefix(file.Path, "docs/alerts/"); ok {
			runbooks[strings.TrimSuffix(name, ".md")] = string(file.Data)
		}
	}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			rule := PreviewRule{Name: r.Name(), Alert: r.Alert != nil, Group: g.Name, Expr: r.Expr.Pretty(), Readers: readerNames(r.Readers)}
			rule.Unit, _ = r.Expr.Type.Unit.GrafanaID()
			for _, m := range r.Metrics {
				rule.Metrics = append(rule.Metrics, m.Name)
			}
			for _, x := range r.Reads {
				rule.Reads = append(rule.Reads, x.Name())
			}
			out.Rules = append(out.Rules, rule)
			if r.Alert == nil {
				continue
			}
			a := PreviewAlert{
				Name: r.Alert.Name, Severity: string(r.Alert.Severity), Owner: r.Owner, Means: r.Alert.Means, Runbook: runbooks[r.Alert.Name], Proof: tests[r.Alert.Name],
			}
			if r.Alert.HasThreshold {
				a.Value, a.Op, a.Threshold = r.Alert.Value.Text(), r.Alert.Op.String(), &r.Alert.Threshold
				a.Unit, _ = r.Alert.Value.Type.Unit.GrafanaID()
			}
			if r.Alert.Board != nil && r.Alert.Panel != nil {
				a.Dashboard, a.Panel = r.Alert.Board.UID, r.Alert.Panel.ID
			}
			out.Alerts = append(out.Alerts, a)
		}
	}
	for _, m := range p.Catalog.Metrics() {
		if m.Group.External && len(p.Readers[m]) == 0 {
			continue
		}
		x := PreviewMetric{Name: m.Name, Type: string(m.Kind), Unit: m.Unit.String(), Help: m.Help, Group: m.Group.Title, Series: m.SeriesPerTarget(), Readers: readerNames(p.Readers[m])}
		for _, l := range m.Labels {
			x.Labels = append(x.Labels, l.Name)
		}
		out.Metrics = append(out.Metrics, x)
	}
	for _, s := range p.ScenarioData().Scenarios {
		out.Scenarios = append(out.Scenarios, PreviewScenario{s.Name, s.Help, int(time.Duration(s.Lasts).Minutes())})
	}
	out.Explained = map[string]string{}
	for _, b := range p.Boards {
		for _, panel := range b.Panels() {
			for _, t := range panel.Targets {
				out.Explained[explainKey(b.UID, panel.ID, t.RefID)] = explainText(t.Expr.Tree, infer.Infer(t.Expr.Tree, p.Env))
			}
		}
	}
	maps.Copy(out.Explained, explained)
	found, err := env.lintShown(p, files)
	if err != nil {
		return nil, err
	}
	for _, found := range found {
		out.Findings = append(out.Findings, PreviewFinding{found.Severity.String(), found.ID, found.At.String(), found.Message, found.Mend, found.Subject, ""})
		if x := &out.Findings[len(out.Findings)-1]; slices.ContainsFunc(others, func(d PreviewDashboard) bool { return d.File == found.At.File }) {
			x.File = found.At.File
		}
	}
	return out, nil
}

// dashboardsOf returns the dashboards of a plan as Grafana takes them, sorted by their files.
func dashboardsOf(p *plan.Plan) ([]PreviewDashboard, error) {
	rendered, err := renderOnly(p, project.Grafana)
	if err != nil {
		return nil, err
	}
	out := []PreviewDashboard{}
	for _, file := range rendered {
		if !strings.HasPrefix(file.Path, "grafana/dashboards/") {
			continue
		}
		d, err := dashboardOf(file.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Path, err)
		}
		d.Folder = filepath.Base(filepath.Dir(file.Path))
		out = append(out, d)
	}
	return out, nil
}

// lintShown returns what lint finds about a plan and about files.
func (env *Env) lintShown(p *plan.Plan, files []string) ([]diag.Finding, error) {
	config, err := env.configure()
	if err != nil {
		return nil, err
	}
	options, err := env.lintOptions(config)
	if err != nil {
		return nil, err
	}
	found, _, err := lintProject([]*plan.Plan{p}, options)
	if err != nil || len(files) == 0 {
		return found, err
	}
	options.Catalog = p.Catalog
	more, err := lintFiles(env, files, options)
	if err != nil {
		return nil, err
	}
	return append(found, more.found...), nil
}

// readerNames are the names of panels and rules, each once.
func readerNames(list []plan.Reader) []string {
	var out []string
	for _, r := range list {
		name := ""
		switch {
		case r.Rule != nil:
			name = r.Rule.Name()
		case r.Panel != nil && r.Board != nil:
			name = r.Board.Title + " / " + r.Panel.Title
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// explainKey is the key of a query in PreviewState.Explained.
func explainKey(uid string, panel int, ref string) string {
	return fmt.Sprintf("%s/%d/%s", uid, panel, ref)
}

// explainText prints a query as obsgen explain does.
func explainText(e parser.Expr, table *infer.Table) string {
	var text strings.Builder
	explainer{w: &text, table: table}.node(e, "", "")
	return text.String()
}
