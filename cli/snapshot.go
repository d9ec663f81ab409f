package cli

import (
	"slices"
	"time"

	"github.com/spf13/cobra"
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
	// Dir is where obsgen puts what the other program shows.
	Dir string
}

// SnapshotCommand returns the command, which both programs have.
func SnapshotCommand(f *SnapshotFlags, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot [PAGE…]",
		Short: "Take pictures of dashboards, panels and pages",
		Long: `Snapshot draws what preview shows and takes pictures of it, for documents and pull requests: of the dashboards with these uids, of
pages such as alerts or alerts/NAME, or of all dashboards. It needs a Chromium or Chrome, which it looks for on PATH or in CHROME.`,
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
	return cmd
}

func newSnapshot(env *Env) *cobra.Command {
	var f SnapshotFlags
	return SnapshotCommand(&f, func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) })
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
