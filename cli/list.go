package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/unit"
)

type listFlags struct {
	json      bool
	dashboard string
	unwritten string
	profiles  profileFlag

	only map[*catalog.Metric]bool // the metrics to be listed; nil: all
}

// lists are what can be listed, each with the rows it gives for a plan.
var lists = map[string]func(*plan.Plan, listFlags) (table, error){
	"metrics":    listMetrics,
	"dashboards": listDashboards,
	"panels":     listPanels,
	"rules":      listRules,
	"alerts":     listAlerts,
}

// table is a listing in both of its forms: objects for machines, some of their fields as columns.
type table struct {
	heads   []string
	rows    [][]string
	objects []any
}

func (t *table) add(object any, cells ...string) {
	t.objects = append(t.objects, object)
	t.rows = append(t.rows, cells)
}

func newList(env *Env) *cobra.Command {
	var f listFlags
	kinds := slices.Sorted(maps.Keys(lists))
	cmd := &cobra.Command{
		Use:       "list " + strings.Join(kinds, "|"),
		Short:     "List metrics, dashboards, panels, recording rules or alerts",
		Long:      "List prints what the project declares, resolved for one profile: a table, or with --json one array of objects.",
		Example:   "  obsgen list alerts\n  obsgen list panels --dashboard mockforge-overview --json",
		ValidArgs: kinds,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("list takes one of %s", strings.Join(kinds, ", "))
			}
			return f.run(env, args[0], kinds)
		},
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "write one array of objects")
	cmd.Flags().StringVar(&f.dashboard, "dashboard", "", "only panels of the dashboard with this uid")
	cmd.Flags().StringVar(&f.unwritten, "unwritten", "", "only metrics that no Go code of this `FOLDER` writes")
	f.profiles.bind(cmd)
	return cmd
}

func (f *listFlags) run(env *Env, kind string, kinds []string) error {
	list, ok := lists[kind]
	if !ok {
		return misuse("there is no list of %s%s; there are %s", kind, DidYouMean(kind, kinds), strings.Join(kinds, ", "))
	}
	if f.dashboard != "" && kind != "panels" {
		return misuse("--dashboard is for obsgen list panels")
	}
	plans, _, err := env.plans(f.profiles)
	if err != nil {
		return err
	}
	if f.unwritten != "" {
		if kind != "metrics" {
			return misuse("--unwritten is for obsgen list metrics")
		}
		if f.only, err = unwritten(env, plans[0].Catalog, f.unwritten); err != nil {
			return err
		}
	}
	t, err := list(plans[0], *f)
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(env, t.objects)
	}
	w := newTable(env.Stdout)
	fmt.Fprintln(w, strings.Join(t.heads, "\t"))
	for _, r := range t.rows {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(r, "\t"), "\t"))
	}
	return w.Flush()
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 4, 2, ' ', 0) }

type listedMetric struct {
	Name            string   `json:"name"`
	Type            string   `json:"type"`
	Unit            string   `json:"unit"`
	Labels          []string `json:"labels"`
	Group           string   `json:"group"`
	Owner           string   `json:"owner"`
	Help            string   `json:"help"`
	External        bool     `json:"external"`
	SeriesPerTarget int      `json:"seriesPerTarget"`
	Readers         int      `json:"readers"`
	Since           string   `json:"since,omitempty"`
	Deprecated      string   `json:"deprecated,omitempty"`
}

func listMetrics(p *plan.Plan, f listFlags) (table, error) {
	t := table{heads: []string{"METRIC", "TYPE", "UNIT", "LABELS", "SERIES", "READERS"}}
	for _, m := range p.Catalog.Metrics() {
		if f.only != nil && !f.only[m] {
			continue
		}
		x := listedMetric{
			Name: m.Name, Type: string(m.Kind), Unit: m.Unit.String(), Labels: []string{}, Group: m.Group.Title, Owner: m.OwnedBy(), Help: m.Help,
			External: m.Group.External, SeriesPerTarget: m.SeriesPerTarget(), Readers: len(p.Readers[m]), Since: m.Since, Deprecated: m.Deprecated,
		}
		for _, l := range m.Labels {
			x.Labels = append(x.Labels, l.Name)
		}
		t.add(x, x.Name, x.Type, x.Unit, strings.Join(x.Labels, ","), fmt.Sprint(x.SeriesPerTarget), fmt.Sprint(x.Readers))
	}
	return t, nil
}

type listedDashboard struct {
	UID     string   `json:"uid"`
	Title   string   `json:"title"`
	Folder  string   `json:"folder"`
	Owner   string   `json:"owner"`
	Purpose string   `json:"purpose"`
	Panels  int      `json:"panels"`
	Rows    int      `json:"rows"`
	Refresh string   `json:"refresh,omitempty"`
	Tags    []string `json:"tags"`
}

func listDashboards(p *plan.Plan, _ listFlags) (table, error) {
	t := table{heads: []string{"UID", "TITLE", "PANELS", "ROWS", "REFRESH"}}
	for _, b := range p.Boards {
		x := listedDashboard{
			UID: b.UID, Title: b.Title, Folder: b.Folder, Owner: b.Owner, Purpose: b.Purpose, Panels: len(b.Panels()), Tags: append([]string{}, b.Tags...),
		}
		for _, r := range b.Rows {
			if r.Title != "" {
				x.Rows++
			}
		}
		if b.Refresh > 0 {
			x.Refresh = unit.Duration(b.Refresh)
		}
		t.add(x, x.UID, x.Title, fmt.Sprint(x.Panels), fmt.Sprint(x.Rows), x.Refresh)
	}
	return t, nil
}

type listedPanel struct {
	Dashboard   string   `json:"dashboard"`
	Row         string   `json:"row,omitempty"`
	ID          int      `json:"id"`
	Title       string   `json:"title"`
	Kind        string   `json:"kind"`
	Unit        string   `json:"unit,omitempty"`
	Queries     []string `json:"queries"`
	Description string   `json:"description,omitempty"`
	Alerts      []string `json:"alerts"`
}

func listPanels(p *plan.Plan, f listFlags) (table, error) {
	t := table{heads: []string{"DASHBOARD", "ROW", "ID", "PANEL", "KIND", "UNIT"}}
	var uids []string
	for _, b := range p.Boards {
		uids = append(uids, b.UID)
	}
	if f.dashboard != "" && !slices.Contains(uids, f.dashboard) {
		return t, misuse("there is no dashboard %s%s; there are %s", f.dashboard, DidYouMean(f.dashboard, uids), strings.Join(uids, ", "))
	}
	for _, b := range p.Boards {
		if f.dashboard != "" && b.UID != f.dashboard {
			continue
		}
		for _, r := range b.Rows {
			for _, panel := range r.Panels {
				x := listedPanel{
					Dashboard: b.UID, Row: r.Title, ID: panel.ID, Title: panel.Title, Kind: string(panel.Kind), Description: panel.Description,
					Queries: []string{}, Alerts: []string{},
				}
				if len(panel.Targets) > 0 {
					x.Unit = panel.Unit.String()
				}
				for _, target := range panel.Targets {
					x.Queries = append(x.Queries, target.Expr.Text())
				}
				for _, a := range panel.Alerts {
					x.Alerts = append(x.Alerts, a.Alert.Name)
				}
				t.add(x, x.Dashboard, x.Row, fmt.Sprint(x.ID), x.Title, x.Kind, x.Unit)
			}
		}
	}
	return t, nil
}

type listedRule struct {
	Name     string   `json:"name"`
	Expr     string   `json:"expr"`
	Group    string   `json:"group"`
	Interval string   `json:"interval"`
	Unit     string   `json:"unit"`
	Labels   []string `json:"labels"`
	Owner    string   `json:"owner"`
	Why      string   `json:"why"`
	Readers  int      `json:"readers"`
}

func listRules(p *plan.Plan, _ listFlags) (table, error) {
	t := table{heads: []string{"RECORDING RULE", "GROUP", "INTERVAL", "UNIT", "READERS"}}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				continue
			}
			x := listedRule{
				Name: r.Record, Expr: r.Expr.Text(), Group: g.Name, Interval: unit.Duration(g.Interval), Unit: r.Expr.Type.Unit.String(),
				Labels: append([]string{}, r.Expr.Type.Labels.Names()...), Owner: r.Owner, Why: r.Why, Readers: len(r.Readers),
			}
			t.add(x, x.Name, x.Group, x.Interval, x.Unit, fmt.Sprint(x.Readers))
		}
	}
	return t, nil
}

type listedAlert struct {
	Name      string   `json:"name"`
	Severity  string   `json:"severity"`
	Expr      string   `json:"expr"`
	For       string   `json:"for"`
	Group     string   `json:"group"`
	Owner     string   `json:"owner"`
	Summary   string   `json:"summary"`
	Means     string   `json:"means"`
	Labels    []string `json:"labels"`
	Runbook   string   `json:"runbook,omitempty"`
	Dashboard string   `json:"dashboard,omitempty"`
	Panel     string   `json:"panel,omitempty"`
	NoPanel   string   `json:"noPanel,omitempty"`
}

func listAlerts(p *plan.Plan, _ listFlags) (table, error) {
	t := table{heads: []string{"ALERT", "SEVERITY", "FOR", "SUMMARY"}}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			if r.Alert == nil {
				continue
			}
			a := r.Alert
			x := listedAlert{
				Name: a.Name, Severity: string(a.Severity), Expr: r.Expr.Text(), For: unit.Duration(a.For), Group: g.Name, Owner: r.Owner,
				Summary: a.SummaryText, Means: a.Means, Labels: append([]string{}, r.Expr.Type.Labels.Names()...), Runbook: a.RunbookURL, NoPanel: a.NoPanel,
			}
			if a.Panel != nil {
				x.Dashboard, x.Panel = a.Board.UID, a.Panel.Title
			}
			t.add(x, x.Name, x.Severity, x.For, x.Summary)
		}
	}
	return t, nil
}
