package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diag"
)

type lintFlags struct {
	json     bool
	profiles profileFlag
}

func (f *lintFlags) bind(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.json, "json", false, "write one array of findings")
	f.profiles.bind(cmd)
}

func newLint(env *Env) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Say what is wrong with the project's declarations",
		Long: `Lint checks every declaration: metrics, queries, dashboards, rules and what they read of each other,
for every profile. Each finding names the Go line that declares the fault and how to mend it.

It exits 1 where there is an error or a warning.`,
		Example: "  obsgen lint\n  obsgen lint --json --profile production",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(env) },
	}
	f.bind(cmd)
	return cmd
}

func (f *lintFlags) run(env *Env) error {
	plans, _, err := env.plans(f.profiles)
	if err != nil {
		return err
	}
	found := findings(plans)
	if f.json {
		if err := writeJSON(env, found); err != nil {
			return err
		}
	} else if err := writeText(env, env.Stdout, found); err != nil {
		return err
	}
	if worst, any := diag.Worst(found); any && worst >= diag.Warning {
		return &ExitError{Code: ExitFindings, Message: countOf(found)}
	}
	if !f.json {
		boards, panels, records, alerts := 0, 0, 0, 0
		for _, b := range plans[0].Boards {
			boards++
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
		fmt.Fprintf(env.Stderr, "%d metrics, %d dashboards with %d panels, %d recording rules, %d alerts: no fault in %d profiles\n",
			len(plans[0].Catalog.Own()), boards, panels, records, alerts, len(plans))
	}
	return nil
}

// writeJSON writes one array, [] where there is nothing.
func writeJSON[T any](env *Env, items []T) error {
	if items == nil {
		items = []T{}
	}
	enc := json.NewEncoder(env.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(items)
}
