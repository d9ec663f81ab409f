// Package server is a mock server of many protocols that is small and real: what it answers is made up, and how it is
// observed is not. It writes every metric of MockForge's catalog, through the recorders of mockforge/instrument.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	mqtt "github.com/mochi-mqtt/server/v2"
	"google.golang.org/grpc"

	"github.com/obsgen/obsgen/instrument"
	recorders "github.com/obsgen/obsgen/mockforge/instrument"
)

// Config is where a server listens and what it mocks. An address is a host and a port, the port 0 being any that is free;
// "" is MockForge's port.
type Config struct {
	// Host is where addresses without a host listen. Empty is 127.0.0.1: neither the mocks nor the administration ask who calls.
	Host string

	HTTP, WebSocket, GRPC, SMTP, MQTT, Admin, Metrics string
	// Definition is the YAML of what is mocked; nil is the one that the program carries.
	Definition []byte
	// SystemInterval is how often the host and the process are measured; 0 is 15 s.
	SystemInterval time.Duration
	Log            *slog.Logger
	// Options are further ones of the registry.
	Options []instrument.Option
}

// Addresses are where a server listens.
type Addresses struct{ HTTP, WebSocket, GRPC, SMTP, MQTT, Admin, Metrics string }

// Reachable returns the addresses as a client on the same machine can use them, also where the server listens on all
// interfaces.
func (a Addresses) Reachable() Addresses {
	for _, at := range []*string{&a.HTTP, &a.WebSocket, &a.GRPC, &a.SMTP, &a.MQTT, &a.Admin, &a.Metrics} {
		host, port, err := net.SplitHostPort(*at)
		if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
			*at = net.JoinHostPort("localhost", port)
		}
	}
	return a
}

// Server is a running server.
type Server struct {
	Addresses Addresses

	config   *definition
	recorder *recorders.Recorder
	log      *slog.Logger

	chaos      *chaos
	objectives *objectives
	capture    *capture
	plugins    *plugins
	market     *market
	kafka      *kafka
	amqp       *amqp
	broker     *mqtt.Server
	topics     *mqttHook
	mail       *mailbox

	ctx    context.Context // of what runs beside the requests
	cancel context.CancelFunc
	wg     sync.WaitGroup
	stops  []func(context.Context) error // in the order of stopping
	failed chan error
}

// Start starts a server. It returns an error where an address cannot be listened on or the definition is faulty; then
// nothing is left running.
func Start(c Config) (_ *Server, err error) {
	if c.Definition == nil {
		c.Definition = usual
	}
	s := &Server{log: c.Log, failed: make(chan error, 8)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.config, err = define(c.Definition); err != nil {
		return nil, err
	}
	if s.recorder, err = recorders.New(c.Options...); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var listeners []net.Listener
	defer func() {
		if err != nil {
			s.cancel()
			for _, l := range listeners {
				_ = l.Close()
			}
			s.wg.Wait()
		}
	}()
	listen := func(name, address, port string, at *string) net.Listener {
		if err != nil {
			return nil
		}
		if address == "" {
			address = ":" + port
		}
		if host, port, e := net.SplitHostPort(address); e == nil && host == "" {
			address = net.JoinHostPort(cmp.Or(c.Host, "127.0.0.1"), port)
		}
		l, e := net.Listen("tcp", address)
		if e != nil {
			err = fmt.Errorf("listening for %s: %w", name, e)
			return nil
		}
		*at = l.Addr().String()
		listeners = append(listeners, l)
		return l
	}
	web := listen("HTTP", c.HTTP, "3000", &s.Addresses.HTTP)
	sockets := listen("WebSocket", c.WebSocket, "3001", &s.Addresses.WebSocket)
	calls := listen("gRPC", c.GRPC, "50051", &s.Addresses.GRPC)
	post := listen("SMTP", c.SMTP, "1025", &s.Addresses.SMTP)
	messages := listen("MQTT", c.MQTT, "1883", &s.Addresses.MQTT)
	admin := listen("the administration", c.Admin, "9080", &s.Addresses.Admin)
	exposed := listen("metrics", c.Metrics, "9090", &s.Addresses.Metrics)
	if err != nil {
		return nil, err
	}

	if s.plugins, err = newPlugins(s); err != nil {
		return nil, err
	}
	s.chaos = newChaos(s)
	s.objectives = newObjectives(s.recorder.SLO)
	s.capture = newCapture(s.recorder.Capture, "http://"+s.Addresses.Reachable().Admin+"/captures")
	s.market = newMarket(s.recorder.Marketplace, s.config.Market)
	s.kafka, s.amqp = newKafka(s.recorder.Kafka), newAMQP(s.recorder.AMQP)
	s.mail = &mailbox{most: 1000}
	if s.broker, err = s.startMQTT(messages); err != nil {
		return nil, err
	}
	for _, w := range s.config.Workspaces {
		s.recorder.Workspaces.Routes(w, len(s.config.Mocks))
	}

	s.serve("HTTP", s.chaos.listener(web), s.web())
	s.serve("WebSocket", sockets, s.sockets())
	s.serveGRPC(calls)
	s.serveSMTP(post)
	s.stops = append(s.stops, func(context.Context) error { return s.broker.Close() })
	s.serve("admin", admin, s.admin())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.recorder.Handler())
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	s.serve("metrics", exposed, mux)

	if c.SystemInterval == 0 {
		c.SystemInterval = 15 * time.Second
	}
	if err = s.recorder.System(s.ctx, c.SystemInterval); err != nil {
		s.Stop(context.Background())
		return nil, err
	}
	s.beside(func() { s.capture.run(s.ctx) })
	s.beside(func() { s.every(time.Second, s.chaos.measure) })
	s.beside(func() { s.every(time.Second, s.objectives.measure) })
	s.beside(func() { s.every(time.Second, s.holdings) })
	return s, nil
}

// beside runs what goes on beside the requests until the server stops.
func (s *Server) beside(f func()) { s.wg.Go(f) }

// every calls f at once and at each interval until the server stops.
func (s *Server) every(interval time.Duration, f func()) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		f()
		select {
		case <-s.ctx.Done():
			return
		case <-t.C:
		}
	}
}

// serve answers requests over HTTP until the server stops.
func (s *Server) serve(name string, l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.beside(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serving %s: %w", name, err)
		}
	})
	s.stops = append(s.stops, func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if err != nil {
			_ = server.Close()
		}
		return err
	})
}

// serveGRPC answers calls until the server stops.
func (s *Server) serveGRPC(l net.Listener) {
	server := s.calls()
	s.beside(func() {
		if err := server.Serve(l); err != nil {
			s.failed <- fmt.Errorf("serving gRPC: %w", err)
		}
	})
	s.stops = append(s.stops, func(ctx context.Context) error { return graceful(ctx, server) })
}

func graceful(ctx context.Context, server *grpc.Server) error {
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		server.Stop()
		<-done
		return ctx.Err()
	}
}

// serveSMTP takes mail until the server stops.
func (s *Server) serveSMTP(l net.Listener) {
	server := s.smtp()
	s.beside(func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			s.failed <- fmt.Errorf("serving SMTP: %w", err)
		}
	})
	s.stops = append(s.stops, func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if err != nil {
			_ = server.Close()
		}
		return err
	})
}

// Failed tells of a part that stopped by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Recorder returns what the server writes its metrics with.
func (s *Server) Recorder() *recorders.Recorder { return s.recorder }

// Stop stops the server: it takes nothing new, lets what it began come to its end until ctx is done, and then cuts what is
// left. It returns what had to be cut.
func (s *Server) Stop(ctx context.Context) error {
	s.chaos.calm()
	s.cancel() // ends what would go on for ever, such as WebSocket connections
	var mu sync.Mutex
	var errs []error
	var stopping sync.WaitGroup
	for _, stop := range s.stops {
		stopping.Go(func() {
			if err := stop(ctx); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	stopping.Wait()
	s.wg.Wait()
	return errors.Join(errs...)
}
