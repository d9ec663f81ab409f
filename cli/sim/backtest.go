package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/simulate"
)

func newBacktest(env *Env) *cobra.Command {
	var f cli.BacktestFlags
	cmd := cli.BacktestCommand(&f, func(cmd *cobra.Command, args []string) error { return backtest(cmd.Context(), env, &f, args) })
	cmd.Flags().StringVar(&f.Handed, "project", "", "what obsgen says of the project")
	return cmd
}

// readRules reads the rules of files and of all files below folders, for the server that was handed over; none says that there need
// be none.
func readRules(places []string, handed cli.Handed, none bool) (*simulate.RuleSet, []string, error) {
	var paths []string
	for _, at := range places {
		found, err := cli.RuleFiles(at, groups.Match)
		if err != nil {
			return nil, nil, cli.Misuse("%v", err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 && !none {
		return nil, nil, cli.Misuse("there are no files of rules in %s", strings.Join(places, ", "))
	}
	set, err := simulate.ReadRules(paths, simulate.Options{Features: handed.Features, Sites: handed.Sites})
	if err != nil {
		return nil, nil, cli.Misuse("%v", err)
	}
	return set, paths, nil
}

// matching returns which alerts are meant by names, all where there are none.
func matching(names, known []string) (func(string) bool, error) {
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, cli.Misuse("there is no alert %s%s", name, cli.DidYouMean(name, known))
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return func(name string) bool { return slices.Contains(names, name) }, nil
}

// open opens where the samples are; end is when a scenario ends.
func open(ctx context.Context, env *Env, f *cli.PastFlags, handed cli.Handed, fresh bool, end time.Time) (simulate.Past, error) {
	switch {
	case f.TSDB != "":
		return simulate.OpenTSDB(f.TSDB, handed.Features)
	case f.Scenario != "":
		before, err := history(f.History)
		if err != nil {
			return nil, err
		}
		if err := hasScenario(handed, f.Scenario); err != nil {
			return nil, err
		}
		return simulate.OpenScenario(&handed.Scenarios, f.Scenario, end, before, handed.Features)
	}
	s := simulate.Server{URL: address(f.Prometheus), Header: http.Header{}, PerSecond: f.Rate, Timeout: f.Timeout, Say: func(text string) { fmt.Fprintln(env.Stderr, text) }}
	for _, h := range f.Headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, cli.Misuse("--header is a name, a colon and a value, and one has no colon") // it may be a secret
		}
		s.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if dir, err := os.UserCacheDir(); err == nil && !fresh {
		s.Cache = filepath.Join(dir, "obsgen", "backtest")
	}
	return simulate.OpenServer(ctx, s)
}

// history reads how much usual data there are; what is not said is 0.
func history(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, cli.Misuse("--history: %v", err)
	}
	return time.Duration(d), nil
}

// address returns that of a server, which may be written without http://.
func address(text string) string {
	if !strings.Contains(text, "://") {
		return "http://" + text
	}
	return text
}

func hasScenario(handed cli.Handed, name string) error {
	var known []string
	for _, s := range handed.Scenarios.Scenarios {
		known = append(known, s.Name)
	}
	if slices.Contains(known, name) {
		return nil
	}
	if len(known) == 0 {
		return cli.Misuse("the project declares no scenarios")
	}
	return cli.Misuse("there is no scenario %s%s; there are %s", name, cli.DidYouMean(name, known), strings.Join(known, ", "))
}

// moment reads a time of a flag.
func moment(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, cli.Misuse("--%s is %q, and a time is written as 2026-01-31 or 2026-01-31T12:00:00Z", flag, text)
}

// times returns from when to when it is.
func times(f *cli.BacktestFlags, past simulate.Past, now time.Time) (from, to time.Time, err error) {
	first, last, known := past.Bounds()
	if !known {
		first, last = now.Add(-7*24*time.Hour), now
	}
	from, to = first, last
	if f.To != "" {
		if to, err = moment("to", f.To); err != nil {
			return
		}
		if !known {
			from = to.Add(-7 * 24 * time.Hour)
		}
	}
	switch {
	case f.From != "":
		if from, err = moment("from", f.From); err != nil {
			return
		}
	case f.Last != "":
		d, e := model.ParseDuration(f.Last)
		if e != nil {
			return from, to, cli.Misuse("--last: %v", e)
		}
		from = to.Add(-time.Duration(d))
	}
	if known && from.Before(first) {
		from = first
	}
	if known && to.After(last) {
		to = last
	}
	if !from.Before(to) {
		return from, to, cli.Misuse("there is no time between %s and %s%s", from.Format(time.RFC3339), to.Format(time.RFC3339),
			map[bool]string{true: fmt.Sprintf("; %s has samples from %s to %s", past, first.Format(time.RFC3339), last.Format(time.RFC3339))}[known])
	}
	return from.UTC(), to.UTC(), nil
}

// compared is an alert in both versions; one of them may be nil.
type compared struct{ now, before *simulate.Tested }

func backtest(ctx context.Context, env *Env, f *cli.BacktestFlags, names []string) error {
	handed, err := read(f.Handed)
	if err != nil {
		return err
	}
	set, _, err := readRules(f.Rules, handed, false)
	if err != nil {
		return err
	}
	match, err := matching(names, set.Alerts())
	if err != nil {
		return err
	}
	now := time.Now()
	end := now.Truncate(time.Minute)
	if f.Scenario != "" && f.To != "" { // it can be at any time
		if end, err = moment("to", f.To); err != nil {
			return err
		}
	}
	past, err := open(ctx, env, &f.PastFlags, handed, f.Fresh, end)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	defer func() { _ = past.Close() }() // it was only read
	from, to, err := times(f, past, now)
	if err != nil {
		return err
	}
	tested, err := set.Backtest(ctx, past, from, to, match)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	var rows []compared
	for _, t := range tested {
		rows = append(rows, compared{now: t})
	}
	if len(f.Against) > 0 {
		old, _, err := readRules(f.Against, handed, false)
		if err != nil {
			return err
		}
		simulate.Forget(past)
		before, err := old.Backtest(ctx, past, from, to, match)
		if err != nil {
			return cli.Misuse("--against: %v", err)
		}
		rows = pair(rows, before)
	}
	if f.SVG != "" {
		if err := drawTimeline(f, past, rows, from, to); err != nil {
			return cli.Misuse("%v", err)
		}
	}
	if f.JSON {
		err = cli.WriteJSON(env.Stdout, backtestJSON(rows, from, to))
	} else {
		err = writeBacktest(env, f, rows, past, from, to)
	}
	if err != nil {
		return err
	}
	failed, all, why := 0, 0, ""
	for _, r := range rows {
		for _, t := range []*simulate.Tested{r.now, r.before} {
			if t != nil {
				all++
				if t.Failure != "" {
					failed++
					why = t.Failure
				}
			}
		}
	}
	switch {
	case failed > 0 && failed == all: // it is hardly the alerts
		return cli.Misuse("no alert could be evaluated: %s", why)
	case failed > 0:
		return &cli.ExitError{Code: cli.ExitFindings, Message: fmt.Sprintf("%d of %s could not be evaluated", failed, diag.Counted(all, "alert"))}
	case f.Strict && len(past.Warnings()) > 0:
		return &cli.ExitError{Code: cli.ExitFindings, Message: "the answers may be a part of the samples: " + strings.Join(past.Warnings(), "; ")}
	}
	return nil
}

// pair puts the alerts of another version beside those of the same name.
func pair(rows []compared, before []*simulate.Tested) []compared {
	taken := map[int]bool{}
	for _, b := range before {
		i := slices.IndexFunc(rows, func(r compared) bool { return r.now != nil && r.before == nil && r.now.Alert == b.Alert })
		if i < 0 || taken[i] {
			rows = append(rows, compared{before: b})
			continue
		}
		rows[i].before, taken[i] = b, true
	}
	return rows
}

func (c compared) name() string {
	if c.now != nil {
		return c.now.Alert
	}
	return c.before.Alert
}

func drawTimeline(f *cli.BacktestFlags, past simulate.Past, rows []compared, from, to time.Time) error {
	var lines []simulate.Row
	for _, r := range rows {
		add := func(t *simulate.Tested, note string) {
			if t != nil {
				lines = append(lines, simulate.Row{Name: t.Alert, Note: note, Severity: t.Severity, Spans: t.Spans})
			}
		}
		if len(f.Against) > 0 {
			add(r.now, "")
			add(r.before, "(before)")
		} else {
			add(r.now, "")
		}
	}
	var b bytes.Buffer
	if err := simulate.Timeline(&b, "When alerts would have fired: "+past.String(), lines, from, to); err != nil {
		return err
	}
	return file.Write(f.SVG, b.Bytes(), 0o644)
}

// tested is an alert's past for machines.
type tested struct {
	Alert         string  `json:"alert"`
	Group         string  `json:"group"`
	Error         string  `json:"error,omitempty"` // what the engine or the server said where it could not be evaluated
	From          string  `json:"from"`
	To            string  `json:"to"`
	Fired         int     `json:"fired"`
	PerWeek       float64 `json:"perWeek"`
	Shortest      string  `json:"shortest,omitempty"`
	Median        string  `json:"median,omitempty"`
	Longest       string  `json:"longest,omitempty"`
	ShareOfTime   float64 `json:"shareOfTime"`
	Note          string  `json:"note,omitempty"`
	Spans         []span  `json:"spans"`
	Before        *tested `json:"before,omitempty"`
	OnlyInAgainst bool    `json:"onlyInAgainst,omitempty"`
}

type span struct {
	Labels  map[string]string `json:"labels"`
	Pending string            `json:"pending"`
	From    string            `json:"from"`
	To      string            `json:"to"`
	Open    bool              `json:"open,omitempty"`
	Value   float64           `json:"value"`
}

func backtestJSON(rows []compared, from, to time.Time) []tested {
	one := func(t *simulate.Tested) tested {
		n := t.Noise()
		x := tested{
			Alert: t.Alert, Group: t.Group, From: from.Format(time.RFC3339), To: to.Format(time.RFC3339), Fired: n.Times, PerWeek: n.PerWeek, Error: t.Failure, Note: t.Note, ShareOfTime: n.Firing, Spans: []span{},
		}
		if n.Times > 0 {
			x.Shortest, x.Median, x.Longest = short(n.Shortest), short(n.Median), short(n.Longest)
		}
		for _, s := range t.Spans {
			x.Spans = append(x.Spans, span{s.Labels.Map(), s.Since.Format(time.RFC3339), s.From.Format(time.RFC3339), s.To.Format(time.RFC3339), s.Open, s.Value})
		}
		return x
	}
	out := []tested{}
	for _, r := range rows {
		switch {
		case r.now == nil:
			x := one(r.before)
			x.OnlyInAgainst = true
			out = append(out, x)
		case r.before != nil:
			x, b := one(r.now), one(r.before)
			x.Before = &b
			out = append(out, x)
		default:
			out = append(out, one(r.now))
		}
	}
	return out
}

func writeBacktest(env *Env, f *cli.BacktestFlags, rows []compared, past simulate.Past, from, to time.Time) error {
	fmt.Fprintf(env.Stdout, "%s, from %s to %s\n\n", past, from.Format("2006-01-02 15:04"), to.Format("2006-01-02 15:04"))
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	against := len(f.Against) > 0
	columns := []string{"FIRED", "A WEEK", "SHORTEST", "MEDIAN", "LONGEST", "OF THE TIME"}
	fmt.Fprint(w, "ALERT")
	for _, c := range columns {
		fmt.Fprint(w, "\t"+c)
		if against && (c == "FIRED" || c == "MEDIAN" || c == "OF THE TIME") {
			fmt.Fprint(w, "\tBEFORE")
		}
	}
	fmt.Fprintln(w)
	var more []string
	cells := func(t *simulate.Tested) []string {
		if t == nil {
			return []string{"-", "-", "-", "-", "-", "-"}
		}
		if t.Failure != "" {
			more = append(more, t.Alert+": "+t.Failure)
			return []string{"error", "", "", "", "", ""}
		}
		if t.Note != "" {
			more = append(more, t.Alert+": "+t.Note)
		}
		n := t.Noise()
		if n.Times == 0 {
			return []string{"0", "", "", "", "", "0%"}
		}
		fired, week := fmt.Sprint(n.Times), ""
		if t.To.Sub(t.From) >= 24*time.Hour { // of less it would be a guess
			week = fmt.Sprintf("%.3g", n.PerWeek)
		}
		if last := t.Times()[n.Times-1]; last.Open {
			fired += ", and still does"
		}
		return []string{fired, week, short(n.Shortest), short(n.Median), short(n.Longest), fmt.Sprintf("%.3g%%", 100*n.Firing)}
	}
	for _, r := range rows {
		fmt.Fprint(w, r.name())
		now, before := cells(r.now), cells(r.before)
		for i, c := range columns {
			fmt.Fprint(w, "\t"+now[i])
			if against && (c == "FIRED" || c == "MEDIAN" || c == "OF THE TIME") {
				fmt.Fprint(w, "\t"+before[i])
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, text := range more {
		fmt.Fprintln(env.Stdout, text)
	}
	return nil
}
