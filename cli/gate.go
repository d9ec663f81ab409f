package cli

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/gate"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/rules"
)

type gateFlags struct {
	prometheus string
	headers    []string
	since      string
	start, end string
	step       string
	scrapes    []string
	elapsed    string
	severities []string
	skip       []string
	profile    string
	dashboard  string
	report     string
	strict     bool
	json       bool
}

func newGate(env *Env) *cobra.Command {
	var f gateFlags
	cmd := &cobra.Command{
		Use:   "gate",
		Short: "Hold a load test against the project's thresholds",
		Long: `Gate asks a Prometheus how the service did while a load ran, or works it out from two scrapes, and holds that against the
condition of each alert. It exits 1 where an alert would have fired: where its condition held for as long as it waits.
With --strict it is enough that the condition held at all. It reads no recorded series, so Prometheus needs no rules. An alert that
looks back further than the load lasted is skipped, and one of whose metrics nothing is left at the end has no data.

--report writes a report in Markdown with small pictures, beside which they stand in a folder.`,
		Example: "  obsgen gate --prometheus http://localhost:9091 --since 10m --report report.md\n  obsgen gate --prometheus http://localhost:9091 --start 2026-11-25T10:00:00Z --end 2026-11-25T10:30:00Z",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) },
	}
	cmd.Flags().StringVar(&f.prometheus, "prometheus", "", "address of the Prometheus that scraped the service")
	cmd.Flags().StringArrayVar(&f.headers, "header", nil, "a header of each request to it: 'Authorization: Bearer …'; $NAME is taken from the environment")
	cmd.Flags().StringVar(&f.since, "since", "10m", "look at the time since so long ago")
	cmd.Flags().StringVar(&f.start, "start", "", "look at the time from here on, in place of --since: 2026-11-25T10:00:00Z")
	cmd.Flags().StringVar(&f.end, "end", "", "until here; now where it is not set")
	cmd.Flags().StringVar(&f.step, "step", "15s", "time between two values")
	cmd.Flags().StringSliceVar(&f.scrapes, "scrapes", nil, "in place of a Prometheus: BEFORE,AFTER, files of two scrapes")
	cmd.Flags().StringVar(&f.elapsed, "elapsed", "", "the time between the two scrapes")
	cmd.Flags().StringSliceVar(&f.severities, "severity", []string{string(rules.Page), string(rules.Ticket)}, "severities of the alerts whose conditions count")
	cmd.Flags().StringSliceVar(&f.skip, "skip", nil, "alerts whose conditions do not count, such as those of a machine that others use too")
	cmd.Flags().StringVar(&f.profile, "profile", "", "the environment whose thresholds count (default the first)")
	cmd.Flags().StringVar(&f.dashboard, "dashboard", "", "uid of the dashboard whose numbers the report has (default the first)")
	cmd.Flags().StringVar(&f.report, "report", "", "write a report in Markdown to this file")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "fail where a condition held at all, or where Prometheus warned that an answer is partial")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the checks as one array of objects")
	return cmd
}

func (f *gateFlags) run(ctx context.Context, env *Env) error {
	p, err := env.plan(f.profile)
	if err != nil {
		return err
	}
	var severities []rules.Severity
	for _, s := range f.severities {
		switch s := rules.Severity(s); s {
		case rules.Page, rules.Ticket, rules.Notice:
			severities = append(severities, s)
		default:
			return misuse("there is no severity %s; there are %s, %s and %s", s, rules.Page, rules.Ticket, rules.Notice)
		}
	}
	board, err := f.board(p)
	if err != nil {
		return err
	}
	checks := gate.Checks(p, severities)
	for _, name := range f.skip {
		i := slices.IndexFunc(checks, func(c gate.Check) bool { return c.Name == name })
		if i < 0 {
			var names []string
			for _, c := range checks {
				names = append(names, c.Name)
			}
			return misuse("--skip: no alert of these severities is %s%s", name, DidYouMean(name, names))
		}
		checks = slices.Delete(checks, i, i+1)
	}
	result := gate.Result{Title: p.Title}
	measured, err := f.measured(env, p, &result)
	if err != nil {
		return err
	}
	if result.Outcomes, err = gate.Run(ctx, measured, checks); err != nil {
		return misuse("asking what was measured: %v", err)
	}
	result.Warnings = measured.Warnings()
	for _, w := range result.Warnings {
		fmt.Fprintf(env.Stderr, "obsgen: Prometheus warned: %s\n", w)
	}
	if f.report != "" {
		if board != nil {
			if result.Numbers, err = gate.Numbers(ctx, measured, p, board); err != nil {
				return misuse("asking what was measured: %v", err)
			}
		}
		if err := f.write(env, result); err != nil {
			return err
		}
	}
	if f.json {
		err = f.encode(env, result)
	} else {
		err = result.Table(env.Stdout)
	}
	if err != nil {
		return err
	}
	failed := result.Failed(f.strict)
	switch {
	case result.Empty():
		return &ExitError{Code: ExitFindings, Message: "nothing was measured: no query has any data; is it the right Prometheus, time and job (" + p.Profile.Job + ")?"}
	case len(failed) > 0:
		var names []string
		for _, o := range failed {
			names = append(names, o.Name)
		}
		return &ExitError{Code: ExitFindings, Message: fmt.Sprintf("%s: %s", several(len(failed), "threshold")+" exceeded", strings.Join(names, ", "))}
	case f.strict && len(result.Warnings) > 0:
		return &ExitError{Code: ExitFindings, Message: "the answers may be a part of the samples: " + strings.Join(result.Warnings, "; ")}
	}
	return nil
}

// board returns the dashboard whose numbers the report has.
func (f *gateFlags) board(p *plan.Plan) (*plan.Board, error) {
	var uids []string
	for _, b := range p.Boards {
		if f.dashboard == "" || b.UID == f.dashboard {
			return b, nil
		}
		uids = append(uids, b.UID)
	}
	if f.dashboard != "" {
		return nil, misuse("there is no dashboard %s%s", f.dashboard, DidYouMean(f.dashboard, uids))
	}
	return nil, nil
}

// measured returns what the flags say is to be asked.
func (f *gateFlags) measured(env *Env, p *plan.Plan, result *gate.Result) (gate.Measured, error) {
	length := func(name, text string) (time.Duration, error) {
		d, err := model.ParseDuration(text)
		if err != nil || d <= 0 {
			return 0, misuse("--%s is a duration such as 10m, and not %q", name, text)
		}
		return time.Duration(d), nil
	}
	switch {
	case f.prometheus != "" && f.scrapes != nil:
		return nil, misuse("--prometheus and --scrapes are two ways to ask: name one")
	case f.scrapes != nil:
		if len(f.scrapes) != 2 {
			return nil, misuse("--scrapes takes two files: BEFORE,AFTER")
		}
		elapsed, err := length("elapsed", f.elapsed)
		if err != nil {
			return nil, err
		}
		var data [2][]byte
		for i, name := range f.scrapes {
			if data[i], err = file.ReadUpTo(env.path(name), conform.Largest); err != nil {
				return nil, misuse("%v", err)
			}
		}
		s, err := gate.NewScrapes(data[0], data[1], elapsed, p.Profile.Job)
		if err != nil {
			return nil, misuse("%v", err)
		}
		result.Elapsed = elapsed
		return s, nil
	case f.prometheus == "":
		return nil, misuse("say what was measured: --prometheus ADDRESS, or --scrapes BEFORE,AFTER")
	}
	since, err := length("since", f.since)
	if err != nil {
		return nil, err
	}
	step, err := length("step", f.step)
	if err != nil {
		return nil, err
	}
	moment := func(name, text string, usual time.Time) (time.Time, error) {
		if text == "" {
			return usual, nil
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return at, misuse("--%s is a time such as 2026-11-25T10:00:00Z, and not %q", name, text)
		}
		return at, nil
	}
	end, err := moment("end", f.end, time.Now())
	if err != nil {
		return nil, err
	}
	start, err := moment("start", f.start, end.Add(-since))
	if err != nil {
		return nil, err
	}
	header, err := headers(f.headers)
	if err != nil {
		return nil, err
	}
	s, err := gate.NewServer(f.prometheus, header, start, end, step)
	if err != nil {
		return nil, misuse("%v", err)
	}
	result.From, result.To = start, end
	return s, nil
}

// write writes the report and its pictures.
func (f *gateFlags) write(env *Env, r gate.Result) error {
	path := env.path(f.report)
	folder := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + "-charts"
	text, charts := r.Report(folder, f.strict)
	if len(charts) > 0 {
		if err := os.MkdirAll(filepath.Join(filepath.Dir(path), folder), 0o755); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	for _, c := range charts {
		if err := file.Write(filepath.Join(filepath.Dir(path), folder, c.Name), c.SVG, 0o644); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	if err := file.Write(path, text, 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// gated is a check as --json prints it. Numbers that JSON has not are left out.
type gated struct {
	Check     string   `json:"check"`
	Severity  string   `json:"severity"`
	State     string   `json:"state"`
	Worst     *float64 `json:"worst,omitempty"`
	Op        string   `json:"op,omitempty"`
	Threshold *float64 `json:"threshold,omitempty"`
	Held      float64  `json:"heldSeconds"`
	Labels    string   `json:"labels,omitempty"`
	Why       string   `json:"why,omitempty"`
}

func (f *gateFlags) encode(env *Env, r gate.Result) error {
	out := []gated{}
	for _, o := range r.Outcomes {
		g := gated{Check: o.Name, Severity: string(o.Severity), State: string(o.State), Held: o.Held.Seconds(), Labels: o.Labels, Why: o.Why}
		if o.Value != nil {
			g.Op, g.Threshold = o.Op.String(), &o.Threshold
			if !math.IsNaN(o.Worst) && !math.IsInf(o.Worst, 0) {
				g.Worst = &o.Worst
			}
		}
		out = append(out, g)
	}
	return writeJSON(env, out)
}
