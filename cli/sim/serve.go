package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/simulate"
)

func newServe(env *Env) *cobra.Command {
	var f cli.ServeFlags
	cmd := cli.ServeCommand(&f, func(cmd *cobra.Command, _ []string) error { return serve(cmd, env, &f) })
	cmd.Flags().StringVar(&f.Handed, "project", "", "what obsgen says of the project")
	return cmd
}

func serve(cmd *cobra.Command, env *Env, f *cli.ServeFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	handed, err := read(f.Handed)
	if err != nil {
		return err
	}
	set, _, err := readRules(f.Rules, handed, true)
	if err != nil {
		return err
	}
	o := simulate.ServeOptions{Say: func(text string) { fmt.Fprintln(env.Stderr, text) }}
	if o.History, err = history(f.History); err != nil {
		return err
	}
	listener, hosts, err := listen(ctx, f.Listen, f.Hosts)
	if err != nil {
		return err
	}
	var serving *simulate.Serving
	what := ""
	switch {
	case f.TSDB != "":
		o.Record = true
		if !cmd.Flags().Changed("history") {
			o.History = 48 * time.Hour
		}
		serving, err = set.ServeTSDB(ctx, &handed.Scenarios, f.TSDB, o)
		what = "the samples of " + f.TSDB
	case f.Scrape != "":
		serving, err = set.ServeScrape(ctx, &handed.Scenarios, f.Scrape, o)
		what = "what it scrapes from " + client.Redacted(f.Scrape)
	default:
		if err := hasScenario(handed, f.Scenario); err != nil {
			return errors.Join(err, listener.Close())
		}
		serving, err = set.ServeScenario(ctx, &handed.Scenarios, f.Scenario, o)
		what = "the scenario " + f.Scenario
	}
	if err != nil {
		return errors.Join(cli.Misuse("%v", err), listener.Close())
	}
	fmt.Fprintf(env.Stdout, "http://%s serves %s\n", listener.Addr(), what)
	return serveHTTP(ctx, listener, serving.Handler(hosts), serving.Run)
}

// listen listens at an address, and returns the names by which it may be called; nil: by any, where others can reach it and
// none was said.
func listen(ctx context.Context, address string, more []string) (net.Listener, []string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, nil, cli.Misuse("--listen: %v", err)
	}
	hosts := append([]string{"localhost", "127.0.0.1", "::1"}, more...)
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host != "" && host != "localhost" && (ip == nil || !ip.IsLoopback() && !ip.IsUnspecified()) {
		hosts = append(hosts, host)
	}
	return l, hosts, nil
}

// serveHTTP serves until the context ends, and runs beside it what feeds the server.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	fed := make(chan error, 1)
	go func() {
		err := run(ctx)
		fed <- err
		wait, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer done()
		_ = server.Shutdown(wait) // what is under way after that is cut off
	}()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	cancel()
	return errors.Join(err, <-fed)
}
