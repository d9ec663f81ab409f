package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of obsgen and of the Prometheus it speaks for",
		Example: "  obsgen version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(env.Stdout, "obsgen %s (%s), PromQL of prometheus %s\n", version(), runtime.Version(), moduleVersion("github.com/prometheus/prometheus"))
			return err
		},
	}
}

// version is that of the module in which obsgen was built.
func version() string { return moduleVersion("github.com/obsgen/obsgen") }

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if info.Main.Path == path {
		if info.Main.Version == "" {
			return "(devel)"
		}
		return info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == path {
			return d.Version
		}
	}
	return "(unknown)"
}
