package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/file"
)

type expositionFlags struct {
	json     bool
	severity string
	timeout  time.Duration
}

func newCheckExposition(env *Env) *cobra.Command {
	var f expositionFlags
	cmd := &cobra.Command{
		Use:   "check-exposition URL|FILE",
		Short: "Compare what a service exposes with the project's metrics",
		Long: `Check-exposition reads /metrics of a running service, or a file of it (- is the standard input), in the
Prometheus text format or in OpenMetrics, and compares it with the project's metrics: which are missing, which nobody
declared, which have another type, other labels or values, another unit or other buckets. With --severity info it tells
as well which were never written since the start, and whose help text is another one. It does not matter in which
language the service is written.

It exits 1 where there is an error or a warning.`,
		Example: "  obsgen check-exposition http://localhost:9090/metrics",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0]) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "write one array of findings")
	cmd.Flags().StringVar(&f.severity, "severity", "warning", "least severity that is reported: info, warning or error")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "how long to wait for a URL")
	return cmd
}

func (f *expositionFlags) run(ctx context.Context, env *Env, from string) error {
	least, ok := severities[f.severity]
	if !ok {
		return misuse("there is no severity %s; there are info, warning and error", f.severity)
	}
	shown := from
	if isAddress(from) {
		shown = client.Redacted(from)
	}
	data, err := f.read(ctx, env, from, shown)
	if err != nil {
		return misuse("%v", err)
	}
	config, err := env.configure()
	if err != nil {
		return err
	}
	levels, err := env.levels(config)
	if err != nil {
		return err
	}
	found, err := conform.Check(shown, data, env.Project.Catalog, env.Project.Loaded...)
	if err != nil {
		return misuse("%v", err)
	}
	found, hidden := atLeast(levels.declared(found), least)
	if f.json {
		if found == nil {
			found = []diag.Finding{}
		}
		enc := json.NewEncoder(env.Stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(found)
	} else {
		err = writeText(env, env.Stdout, found)
	}
	if err != nil {
		return err
	}
	if worst, any := diag.Worst(found); any && worst >= diag.Warning {
		return &ExitError{Code: ExitFindings, Message: countOf(found) + hidden}
	}
	if !f.json {
		fmt.Fprintf(env.Stderr, "%s: as the catalog of %d metrics has it%s\n", shown, len(env.Project.Catalog.Own()), hidden)
	}
	return nil
}

func isAddress(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}

func (f *expositionFlags) read(ctx context.Context, env *Env, from, shown string) ([]byte, error) {
	if from == "-" {
		return file.All(env.Stdin, "the exposition", conform.Largest)
	}
	if !isAddress(from) {
		return file.ReadUpTo(absolute(env.Dir, from), conform.Largest)
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	at, err := client.Address(from, "http://localhost:9090/metrics")
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", conform.Accept)
	resp, err := client.New(nil, 0).Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s does not answer within %s; is the service up, and its port the right one?", shown, f.timeout)
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s; is it the address of the metrics?", shown, diag.Printable(resp.Status))
	}
	return file.All(resp.Body, "the exposition", conform.Largest)
}
