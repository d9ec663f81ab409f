package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/picture"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
)

// SnapshotFlags are the flags of the command that takes pictures.
type SnapshotFlags struct {
	Out           string
	Scenario      string
	At            time.Duration
	Width, Height int
	Light         bool
	Panels        []string
	Diff          string
	Scale         float64
	Save          bool
	// Dir is where obsgen puts what the other program shows.
	Dir string
}

// SnapshotCommand returns the command, which both programs have.
func SnapshotCommand(f *SnapshotFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot [PAGE…]",
		Short: "Take pictures of dashboards, panels and pages",
		Long: `Snapshot draws what preview shows and takes pictures of it, for documents and pull requests: of the dashboards with these uids, of
pages such as alerts or alerts/NAME, or of all dashboards; of timeline, when alerts fire in the scenario, as SVG. With --save it keeps small ones of dashboards that have changed, for the docs.
It needs a Chromium or Chrome, which it looks for on PATH or in CHROME.`,
		Example: "  obsgen snapshot --out pictures mockforge-overview alerts\n  obsgen snapshot --panel 'Request rate' --scenario error-burst --at 25m mockforge-overview",
		RunE:    run,
	}
	cmd.Flags().StringVar(&f.Out, "out", "snapshots", "folder for the pictures")
	cmd.Flags().StringVar(&f.Scenario, "scenario", "", "a scenario of the project (default its first)")
	cmd.Flags().DurationVar(&f.At, "at", 0, "how far into the scenario it is (default at its end)")
	cmd.Flags().IntVar(&f.Width, "width", 1600, "width of the page")
	cmd.Flags().IntVar(&f.Height, "height", 0, "height of the pictures (default the whole page)")
	cmd.Flags().BoolVar(&f.Light, "light", false, "light, not dark")
	cmd.Flags().StringArrayVar(&f.Panels, "panel", nil, "only the panel with this title")
	cmd.Flags().StringVar(&f.Diff, "diff", "", "set each picture beside that of the same name in this folder, from before, and say which differ")
	cmd.Flags().Float64Var(&f.Scale, "scale", 1, "how large the pictures are: 0.5 is half as wide and high")
	return cmd
}

func newSnapshot(env *Env) *cobra.Command {
	var f SnapshotFlags
	cmd := SnapshotCommand(&f, func(cmd *cobra.Command, args []string) error {
		if f.Save {
			return f.save(cmd, env, args)
		}
		return f.run(cmd, env, args)
	})
	cmd.Flags().BoolVar(&f.Save, "save", false, "keep small pictures of the dashboards of all profiles in the folder "+picture.FolderName+", which build puts into the docs; only of those that have changed")
	return cmd
}

// Small pictures, for docs: what is at the top of a dashboard.
var small = []string{"--width=1400", "--height=900", "--scale=0.5", "--light"}

// save takes the pictures of dashboards of which none is kept in their present form, and removes those of former ones.
func (f *SnapshotFlags) save(cmd *cobra.Command, env *Env, pages []string) (err error) {
	if others := given(cmd, "save"); len(others) > 0 || len(pages) > 0 {
		return misuse("--save takes pictures of all dashboards of the project, as the docs need them, and goes with nothing else")
	}
	plans, _, err := env.plans(profileFlag{})
	if err != nil {
		return err
	}
	kept, _, err := picture.Read(env.Dir)
	if err != nil {
		return misuse("%v", err)
	}
	at := filepath.Join(env.Dir, picture.FolderName)
	if err := os.MkdirAll(at, 0o755); err != nil {
		return misuse("%v", err)
	}
	wanted, taken := map[string]bool{}, 0
	for _, p := range plans {
		if !slices.Contains(p.Profile.Writes(), project.Docs) {
			continue
		}
		names, err := pictureNames(p)
		if err != nil {
			return err
		}
		var missing []string
		for uid, name := range names {
			if kept[name] == nil && !wanted[name] {
				missing = append(missing, uid)
			}
			wanted[name] = true
		}
		slices.Sort(missing)
		if len(missing) == 0 {
			continue
		}
		pictures, err := f.take(cmd, env, p, missing)
		if err != nil {
			return err
		}
		for uid, data := range pictures {
			if err := file.Write(filepath.Join(at, names[uid]), data, 0o644); err != nil {
				return misuse("%v", err)
			}
			taken++
		}
	}
	for name := range kept {
		if wanted[name] {
			continue
		}
		if err := os.Remove(filepath.Join(at, name)); err != nil {
			return misuse("%v", err)
		}
	}
	fmt.Fprintf(env.Stderr, "%s: %s, %d taken\n", picture.FolderName, diag.Counted(len(wanted), "picture"), taken)
	return nil
}

// take has the other program take small pictures of dashboards of a plan, and returns them by uid.
func (f *SnapshotFlags) take(cmd *cobra.Command, env *Env, p *plan.Plan, uids []string) (_ map[string][]byte, err error) {
	dir, done, err := scratch()
	if err != nil {
		return nil, err
	}
	defer done(&err)
	if err := (&PreviewFlags{}).showPlan(env, p, dir, nil); err != nil {
		return nil, err
	}
	to := filepath.Join(dir, "pictures")
	quiet := *env
	quiet.Stdout = io.Discard // it names the files, which are moved
	if err := quiet.simulate(cmd.Context(), slices.Concat([]string{"snapshot", "--dir=" + dir, "--out=" + to}, small, []string{"--"}, uids)); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, uid := range uids {
		if out[uid], err = file.Read(filepath.Join(to, uid+".png")); err != nil {
			return nil, misuse("%v", err)
		}
	}
	return out, nil
}

func (f *SnapshotFlags) run(cmd *cobra.Command, env *Env, pages []string) (err error) {
	dir, done, err := scratch()
	if err != nil {
		return err
	}
	defer done(&err)
	if err := (&PreviewFlags{}).show(env, dir, nil); err != nil {
		return err
	}
	return env.simulate(cmd.Context(), slices.Concat([]string{"snapshot", "--dir=" + dir}, given(cmd), []string{"--"}, pages))
}
