// Command instrumented is a small service that is written with its catalog, and the program that is obsgen for it:
//
//	go run ./examples/instrumented           # serves at http://localhost:8080, metrics at /metrics
//	go run ./examples/instrumented obsgen check-exposition http://localhost:8080/metrics
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/nethttp"
	"github.com/obsgen/obsgen/instrument/paths"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/unit"
)

type (
	class struct{}
	route struct{}
)

// The labels: one with a closed set of values, and one that the world outside fills, up to a bound.
var (
	Good    = catalog.V[class]("2xx")
	Refused = catalog.V[class]("4xx")
	Broken  = catalog.V[class]("5xx")
	Class   = catalog.OneOf("class", "Class of the answer's status.", Good, Refused, Broken)
	Route   = catalog.AtMost[route](50, "route", "Template of the path that was asked for.")

	PerRoute = catalog.By2(Class, Route)
	ByRoute  = catalog.By1(Route)
)

// Shop is the group of the metrics.
var Shop = catalog.NewGroup("Shop", catalog.GroupSpec{Help: "What customers ask for.", Owner: "shop"})

// The metrics.
var (
	RequestsTotal = catalog.NewCounter(Shop, "shop_requests_total", PerRoute, catalog.Spec{
		Help: "Requests answered.",
		Unit: unit.Requests,
	})
	Duration = catalog.NewHistogram(Shop, "shop_request_duration_seconds", ByRoute, catalog.Spec{
		Help:    "Time that answering a request took.",
		Unit:    unit.Seconds,
		Buckets: []float64{.005, .025, .1, .5, 2.5},
	})
	Stock = catalog.NewGauge(Shop, "shop_stock", catalog.None{}, catalog.Spec{
		Help:  "Things that can be sold.",
		Unit:  unit.Count("things"),
		Range: catalog.AtLeast(0),
	})
)

// Catalog is all of them.
var Catalog = catalog.New("shop", catalog.CatalogSpec{Prefix: "shop_", Groups: []*catalog.Group{Shop}})

// shop is the service.
func shop() (http.Handler, error) {
	registry, err := instrument.New(Catalog)
	if err != nil {
		return nil, err
	}
	requests := instrument.NewCounter(registry, RequestsTotal)
	duration := instrument.NewHistogram(registry, Duration)
	stock := instrument.OnlyGauge(registry, Stock)
	if err := registry.Err(); err != nil { // a metric that the catalog does not have
		return nil, err
	}
	stock.Set(12)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {
		if id, err := strconv.Atoi(r.PathValue("id")); err != nil || id > 12 {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintln(w, "a thing") // the client may be gone
	})
	mux.Handle("GET /metrics", registry.Handler())

	routes := paths.Normalizer{Most: Route.Max}
	return nethttp.Middleware(mux, func(*http.Request) func(nethttp.Request) {
		return func(r nethttp.Request) {
			at := Route.Value(routes.Template(r.Pattern, r.URL.Path))
			outcome := Good
			switch {
			case r.Status >= 500:
				outcome = Broken
			case r.Status >= 400:
				outcome = Refused
			}
			requests.With(PerRoute.Of(outcome, at)).Inc()
			duration.With(ByRoute.Of(at)).Observe(r.Took.Seconds())
		}
	}), nil
}

// Project is what obsgen's commands take.
var Project = project.New("shop", project.Spec{Title: "Shop", Owner: "shop", Catalog: Catalog, Profiles: []project.Profile{project.Usual("shop")}})

func main() {
	if len(os.Args) > 1 && os.Args[1] == "obsgen" {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		os.Exit(cli.Main(Project))
	}
	h, err := shop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	server := &http.Server{Addr: "localhost:8080", Handler: h, ReadHeaderTimeout: 10 * time.Second}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
