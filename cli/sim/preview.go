package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/preview"
	"github.com/obsgen/obsgen/simulate"
)

func newPreview(env *Env) *cobra.Command {
	var f cli.PreviewFlags
	cmd := cli.PreviewCommand(&f, func(cmd *cobra.Command, _ []string) error { return runPreview(cmd.Context(), env, &f) })
	cmd.Flags().StringVar(&f.Dir, "dir", "", "where obsgen puts what is shown")
	return cmd
}

// shown is a state of the project, as obsgen puts it into the folder.
type shown struct {
	state   []byte
	handed  cli.Handed
	rules   *simulate.RuleSet
	content []byte // of what data depend on: rules and metrics
}

// readShown reads the state of a number. Of rules and metrics that are as before, nil for none, it takes those.
func readShown(dir, number string, before *shown) (*shown, error) {
	at := filepath.Join(dir, number)
	out := &shown{}
	var err error
	if out.state, err = file.Read(filepath.Join(at, cli.StateFile)); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(at, cli.RulesFolder, "*")) // in their order
	if err != nil {
		return nil, err
	}
	for _, p := range append(paths, filepath.Join(at, cli.ProjectFile)) {
		data, err := file.Read(p)
		if err != nil {
			return nil, err
		}
		out.content = append(out.content, data...)
	}
	if before != nil && bytes.Equal(before.content, out.content) {
		out.handed, out.rules = before.handed, before.rules
		return out, nil
	}
	if out.handed, err = read(filepath.Join(at, cli.ProjectFile)); err != nil {
		return nil, err
	}
	out.rules, _, err = readRules([]string{filepath.Join(at, cli.RulesFolder)}, out.handed, true)
	return out, err
}

func runPreview(ctx context.Context, env *Env, f *cli.PreviewFlags) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	number, err := file.Read(filepath.Join(f.Dir, cli.CurrentFile))
	if err != nil {
		return cli.Misuse("--dir: %v", err)
	}
	now, err := readShown(f.Dir, string(number), nil)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	before, err := history(f.History)
	if err != nil {
		return err
	}
	scenario := f.Scenario
	if f.Prometheus+f.TSDB+f.Scrape == "" {
		if scenario == "" {
			if len(now.handed.Scenarios.Scenarios) == 0 {
				return cli.Misuse("the project declares no scenarios; say where the samples are, with --prometheus, --tsdb or --scrape")
			}
			scenario = now.handed.Scenarios.Scenarios[0].Name
		}
		if err := hasScenario(now.handed, scenario); err != nil {
			return err
		}
	}
	listener, hosts, err := listen(ctx, f.Listen, f.Hosts)
	if err != nil {
		return err
	}
	o := simulate.ServeOptions{History: before, Say: func(text string) { fmt.Fprintln(env.Stderr, text) }}
	var shows atomic.Pointer[shown] // also asked when a page chooses another scenario
	shows.Store(now)
	server := preview.New(f.At, nil, func(ctx context.Context, name string, at time.Duration, clock *simulate.Clock) (preview.Feed, error) {
		o, now := o, shows.Load()
		o.At, o.Now, o.CatchUp, o.Record = at, clock.Now, true, true
		switch {
		case f.Prometheus != "":
			return toServer(f.Prometheus)
		case f.TSDB != "":
			return now.rules.ServeTSDB(ctx, &now.handed.Scenarios, f.TSDB, o)
		case f.Scrape != "":
			return now.rules.ServeScrape(ctx, &now.handed.Scenarios, f.Scrape, o)
		}
		return now.rules.ServeScenario(ctx, &now.handed.Scenarios, name, o)
	})
	if err := server.Show(ctx, now.state, scenario, true); err != nil {
		return errors.Join(cli.Misuse("%v", err), listener.Close())
	}
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(env.Stdout, "%s\n", address)
	if f.Open {
		openBrowser(ctx, env, address)
	}
	return serveHTTP(ctx, listener, server.Handler(hosts), func(ctx context.Context) error {
		defer server.Close()
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		trouble, seen := "", string(number)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			if text, err := file.Read(filepath.Join(f.Dir, cli.TroubleFile)); err == nil && string(text) != trouble {
				if trouble = string(text); trouble != "" {
					server.Trouble(trouble)
				}
			}
			number, err := file.Read(filepath.Join(f.Dir, cli.CurrentFile))
			if err != nil || string(number) == seen {
				continue
			}
			seen = string(number)
			before := shows.Load()
			next, err := readShown(f.Dir, seen, before)
			if err == nil {
				shows.Store(next)
				if err = server.Show(ctx, next.state, scenario, !bytes.Equal(before.content, next.content)); err != nil {
					shows.Store(before)
				}
			}
			if err != nil {
				server.Trouble(err.Error())
			}
		}
	})
}

// remote is a Prometheus server elsewhere.
type remote struct{ proxy *httputil.ReverseProxy }

func toServer(at string) (preview.Feed, error) {
	u, err := client.Address(address(at), "http://localhost:9090")
	if err != nil {
		return nil, err
	}
	return &remote{&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.Header.Del("Cookie")
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, fmt.Sprintf("%s does not answer: %v", u.Redacted(), err), http.StatusBadGateway)
	}, ErrorLog: log.New(io.Discard, "", 0)}}, nil
}

func (r *remote) Handler([]string) http.Handler { return r.proxy }

// Run has nothing to do.
func (r *remote) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// openBrowser opens an address, as this system does that.
func openBrowser(ctx context.Context, env *Env, address string) {
	line := []string{"xdg-open", address}
	switch runtime.GOOS {
	case "darwin":
		line[0] = "open"
	case "windows":
		line = []string{"rundll32", "url.dll,FileProtocolHandler", address}
	}
	if err := exec.CommandContext(ctx, line[0], line[1:]...).Start(); err != nil {
		fmt.Fprintf(env.Stderr, "obsgen: no browser could be opened: %v\n", err)
	}
}
