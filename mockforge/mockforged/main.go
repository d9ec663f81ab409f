// Command mockforged is a small mock server that is observed as MockForge is: it serves made-up answers over HTTP, gRPC,
// GraphQL, WebSocket, SMTP and MQTT, plays scenarios of failure, and exposes every metric of MockForge's catalog.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/obsgen/obsgen/mockforge/mockforged/load"
	"github.com/obsgen/obsgen/mockforge/mockforged/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `mockforged serves mocks of many protocols, and its metrics at /metrics.

  mockforged                 serves until it is interrupted, to this machine alone
  mockforged --load          drives itself with traffic as well, with a day's ups and downs
  mockforged --host 0.0.0.0  serves to other machines too, which nothing asks for a password

`

// run is the program, until ctx is done; it returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mockforged", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	var c server.Config
	var o load.Options
	for _, a := range []struct {
		at                *string
		name, usual, what string
	}{
		{&c.HTTP, "http", ":3000", "HTTP and GraphQL"},
		{&c.WebSocket, "websocket", ":3001", "WebSocket"},
		{&c.GRPC, "grpc", ":50051", "gRPC"},
		{&c.SMTP, "smtp", ":1025", "SMTP"},
		{&c.MQTT, "mqtt", ":1883", "MQTT"},
		{&c.Admin, "admin", ":9080", "the administration"},
		{&c.Metrics, "metrics", ":9090", "/metrics"},
	} {
		flags.StringVar(a.at, a.name, a.usual, "`address` of "+a.what)
	}
	flags.StringVar(&c.Host, "host", "127.0.0.1", "`host` of the addresses that have none, the administration included; 0.0.0.0 listens on all interfaces")
	mocks := flags.String("mocks", "", "YAML `file` of what is mocked, in place of what the program carries")
	drive := flags.Bool("load", false, "drive the server with traffic over the network")
	flags.DurationVar(&o.Day, "day", 10*time.Minute, "with --load: how long a day of it takes")
	flags.Float64Var(&o.Rate, "rate", 40, "with --load: actions per second at the busiest time of the day, outside bursts")
	flags.Uint64Var(&o.Seed, "seed", 1, "with --load: where its random numbers begin")
	flags.BoolVar(&o.Calm, "calm", false, "with --load: without what makes the server fail on purpose")
	lasts := flags.Duration("for", 0, "stop after so long; 0 is never")
	verbose := flags.Bool("verbose", false, "log what goes wrong with single requests")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "mockforged: %q is no flag; see mockforged --help\n", flags.Arg(0))
		return 2
	case o.Day <= 0 || o.Rate <= 0:
		fmt.Fprintln(stderr, "mockforged: --day and --rate are above 0")
		return 2
	}
	if *mocks != "" {
		data, err := os.ReadFile(*mocks)
		if err != nil {
			fmt.Fprintf(stderr, "mockforged: %v\n", err)
			return 2
		}
		c.Definition = data
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	c.Log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if *lasts > 0 {
		ctx, stop = context.WithTimeout(ctx, *lasts)
		defer stop()
	}
	s, err := server.Start(c)
	if err != nil {
		fmt.Fprintf(stderr, "mockforged: %v\n", err)
		return 2
	}
	a := s.Addresses.Reachable()
	fmt.Fprintf(stdout, "HTTP and GraphQL  http://%s\nWebSocket         ws://%s/echo\ngRPC              %s\nSMTP              %s\nMQTT              %s\nadministration    http://%s\nmetrics           http://%s/metrics\n",
		a.HTTP, a.WebSocket, a.GRPC, a.SMTP, a.MQTT, a.Admin, a.Metrics)

	loaded := make(chan error, 1)
	if *drive {
		go func() { loaded <- load.Run(ctx, s.Addresses, o) }()
	} else {
		close(loaded)
	}
	code := 0
	select {
	case <-ctx.Done():
	case err := <-s.Failed():
		fmt.Fprintf(stderr, "mockforged: %v\n", err)
		code = 1
		stop()
	}
	if err := <-loaded; err != nil {
		fmt.Fprintf(stderr, "mockforged: the load: %v\n", err)
		code = 1
	}
	end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Stop(end); err != nil {
		fmt.Fprintf(stderr, "mockforged: stopping: %v\n", err)
		code = 1
	}
	return code
}
