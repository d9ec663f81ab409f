package server

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"text/template"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// usual is what the server serves where its configuration has no definition.
//
//go:embed mocks.yaml
var usual []byte

// duration is a time.Duration as definitions write it: 250ms.
type duration time.Duration

// UnmarshalJSON reads it.
func (d *duration) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s is no duration such as 250ms", data)
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no duration such as 250ms", s)
	}
	*d = duration(v)
	return nil
}

// definition is what a server mocks, as its YAML has it.
type definition struct {
	Mocks          []*mock                `json:"mocks"`
	Calls          []*call                `json:"calls"`
	Bulkheads      map[string]int         `json:"bulkheads"`
	Circuits       map[string]circuitSpec `json:"circuits"`
	Workspaces     []string               `json:"workspaces"`
	Market         map[string][]string    `json:"market"`
	Modes          map[string]*faults     `json:"modes"`
	Orchestrations []orchestration        `json:"orchestrations"`
}

// timing is how long an answer takes.
type timing struct {
	Latency duration `json:"latency"`
	// Spread is the standard deviation of the latency's logarithm; 0 is the usual 0.4.
	Spread float64 `json:"spread"`
}

// draw returns the time of one answer: latencies of servers are close to log-normal.
func (t timing) draw() time.Duration {
	spread := t.Spread
	if spread == 0 {
		spread = 0.4
	}
	return time.Duration(float64(t.Latency) * math.Exp(spread*rand.NormFloat64()))
}

// mock is a route of HTTP.
type mock struct {
	timing
	Route    string `json:"route"` // a pattern of net/http
	Status   int    `json:"status"`
	Failures []struct {
		Status int     `json:"status"`
		Share  float64 `json:"share"`
	} `json:"failures"`
	Body string `json:"body"`
	// Contract has the JSON type of each field of the answer, of which Budget may be missing or of another type. Departs is
	// the share of answers in which a field is.
	Contract map[string]string `json:"contract"`
	Budget   int               `json:"budget"`
	Departs  float64           `json:"departs"`
	Circuit  string            `json:"circuit"`
	Bulkhead string            `json:"bulkhead"`
	Limit    float64           `json:"limit"` // requests per second

	verb, path string
	text       *template.Template
}

// call is a method of gRPC.
type call struct {
	timing
	Method   string `json:"method"`
	Failures []struct {
		Code  codes.Code `json:"code"`
		Share float64    `json:"share"`
	} `json:"failures"`
	Messages int            `json:"messages"` // of the answer; 0 is 1
	Answer   map[string]any `json:"answer"`
}

// circuitSpec is when a circuit breaker opens.
type circuitSpec struct {
	Failures uint32   `json:"failures"` // one after the other
	Open     duration `json:"open"`
}

// faults is what a mode does to requests.
type faults struct {
	Slowdown float64            `json:"slowdown"` // of every answer; 0 is 1
	Faults   map[string]float64 `json:"faults"`
	Latency  struct {
		Share  float64  `json:"share"`
		By     duration `json:"by"`
		Jitter duration `json:"jitter"`
	} `json:"latency"`
	Bandwidth   float64 `json:"bandwidth"` // bytes per second of a throttled body
	Connections int64   `json:"connections"`
}

// orchestration is a list of modes, one after the other.
type orchestration struct {
	Name  string `json:"name"`
	Steps []struct {
		Name    string   `json:"name"`
		Mode    string   `json:"mode"`
		Lasts   duration `json:"lasts"`
		Failing float64  `json:"failing"` // the share of requests that may fail
	} `json:"steps"`
}

// modes are the names of the modes, as the metric's states have them.
var modes = func() map[string]instrument.Mode {
	out := map[string]instrument.Mode{}
	for _, s := range metrics.ActiveScenarioMode.States {
		out[s.Name] = instrument.Mode(s.Value)
	}
	return out
}()

// injected are the faults that a mode may name.
var injected = func() map[string]metrics.FaultValue {
	out := map[string]metrics.FaultValue{}
	for _, v := range []metrics.FaultValue{
		metrics.FaultHTTPError, metrics.FaultConnectionError, metrics.FaultTimeout, metrics.FaultPacketLoss, metrics.FaultBandwidthThrottle,
		metrics.FaultPartialResponse, metrics.FaultPayloadCorruption, metrics.FaultTCPReset, metrics.FaultTCPClose,
	} {
		out[v.String()] = v
	}
	return out
}()

// itemTypes are what the marketplace trades in.
var itemTypes = func() map[string]metrics.ItemTypeValue {
	out := map[string]metrics.ItemTypeValue{}
	for _, v := range []metrics.ItemTypeValue{metrics.PluginItem, metrics.TemplateItem, metrics.ScenarioItem} {
		out[v.String()] = v
	}
	return out
}()

// define reads a definition, and returns all its faults at once.
func define(data []byte) (*definition, error) {
	d := &definition{}
	if err := yaml.UnmarshalStrict(data, d); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("definition: "+format, args...)) }
	share := func(what string, v float64) {
		if v < 0 || v > 1 {
			wrong("%s is %v, and a share is between 0 and 1", what, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Bulkheads)) {
		if n := d.Bulkheads[name]; n < 1 || n > 1<<20 {
			wrong("bulkhead %s lets %d in, and one lets in from 1 to %d", name, n, 1<<20)
		}
	}
	seen := map[string]bool{}
	routes := http.NewServeMux()
	for _, m := range d.Mocks {
		if m == nil {
			wrong("a mock is empty")
			continue
		}
		verb, path, ok := strings.Cut(m.Route, " ")
		if !ok || !strings.HasPrefix(path, "/") || seen[m.Route] {
			wrong("the route %q is not a new one such as GET /api/users/{id}", m.Route)
			continue
		}
		seen[m.Route] = true
		m.verb, m.path = verb, path
		if err := registers(routes, m.Route); err != nil {
			wrong("the route %q: %w", m.Route, err)
		}
		switch {
		case m.Status == 0:
			m.Status = http.StatusOK
		case m.Status < 200 || m.Status > 599:
			wrong("%s: %d is no status of an answer", m.Route, m.Status)
		}
		total := 0.0
		for _, f := range m.Failures {
			share(m.Route+": the share of "+fmt.Sprint(f.Status), f.Share)
			total += f.Share
			if f.Status < 400 || f.Status > 599 {
				wrong("%s: %d is no status of a failure", m.Route, f.Status)
			}
		}
		share(m.Route+": the sum of its failures", total)
		share(m.Route+": departs", m.Departs)
		if _, ok := d.Circuits[m.Circuit]; m.Circuit != "" && !ok {
			wrong("%s: there is no circuit %s", m.Route, m.Circuit)
		}
		if _, ok := d.Bulkheads[m.Bulkhead]; m.Bulkhead != "" && !ok {
			wrong("%s: there is no bulkhead %s", m.Route, m.Bulkhead)
		}
		text, err := template.New(m.Route).Funcs(fakes).Option("missingkey=zero").Parse(m.Body)
		if err != nil {
			wrong("%s: its body: %w", m.Route, err)
		}
		m.text = text
	}
	for _, c := range d.Calls {
		if c == nil {
			wrong("a call is empty")
			continue
		}
		if _, err := structpb.NewStruct(c.Answer); err != nil {
			wrong("%s: its answer: %w", c.Method, err)
		}
		if !strings.HasPrefix(c.Method, "/") || strings.Count(c.Method, "/") != 2 {
			wrong("the method %q is not like /package.Service/Method", c.Method)
		}
		for _, f := range c.Failures {
			share(c.Method+": the share of "+f.Code.String(), f.Share)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Modes)) {
		if _, ok := modes[name]; !ok {
			wrong("there is no mode %s; modes are %s", name, strings.Join(slices.Sorted(maps.Keys(modes)), ", "))
		}
		if d.Modes[name] == nil {
			wrong("mode %s is empty; one that does nothing is {}", name)
			continue
		}
		for _, fault := range slices.Sorted(maps.Keys(d.Modes[name].Faults)) {
			if _, ok := injected[fault]; !ok {
				wrong("mode %s: there is no fault %s; faults are %s", name, fault, strings.Join(slices.Sorted(maps.Keys(injected)), ", "))
			}
			share("mode "+name+": "+fault, d.Modes[name].Faults[fault])
		}
	}
	for _, o := range d.Orchestrations {
		for _, s := range o.Steps {
			if _, ok := modes[s.Mode]; !ok {
				wrong("orchestration %s, step %s: there is no mode %s", o.Name, s.Name, s.Mode)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Market)) {
		if _, ok := itemTypes[kind]; !ok {
			wrong("the market has no %s; it trades in %s", kind, strings.Join(slices.Sorted(maps.Keys(itemTypes)), ", "))
		}
	}
	return d, errors.Join(errs...)
}

// registers adds a route to a router, to see whether it can be added.
func registers(mux *http.ServeMux, route string) (err error) {
	defer func() {
		if p := recover(); p != nil { // that is how net/http tells of it
			err = fmt.Errorf("%v", p)
		}
	}()
	mux.Handle(route, http.NotFoundHandler())
	return nil
}
