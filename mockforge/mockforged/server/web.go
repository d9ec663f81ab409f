package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graph-gophers/graphql-go"

	"github.com/obsgen/obsgen/instrument/nethttp"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// web answers what comes over HTTP: the mocks, those of each workspace, the marketplace, and GraphQL.
func (s *Server) web() http.Handler {
	mocks := http.NewServeMux()
	for _, m := range s.config.Mocks {
		mocks.Handle(m.Route, s.answer(m))
	}
	root := http.NewServeMux()
	root.Handle("/", s.chaos.around(mocks))
	root.Handle("/workspaces/{workspace}/", s.workspace(mocks))
	s.market.routes(root)
	inner := nethttp.Middleware(root, s.objectives.web)
	all := http.NewServeMux()
	all.Handle("/", s.recorder.Requests.Middleware(inner))
	all.Handle("POST /graphql", s.graphQL())
	return all
}

// answer returns the handler of a mock.
func (s *Server) answer(m *mock) http.Handler {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received, _ := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 1<<20))
		if !s.chaos.wait(r.Context(), m.draw()) {
			return // the client is gone
		}
		p := rand.Float64()
		for _, f := range m.Failures {
			if p -= f.Share; p < 0 {
				http.Error(w, `{"error":"`+http.StatusText(f.Status)+`"}`, f.Status)
				return
			}
		}
		var body bytes.Buffer
		if err := m.text.Execute(&body, asked(r, m.path)); err != nil {
			s.log.Error("making a body", "route", m.Route, "error", err)
			http.Error(w, `{"error":"the mock's body"}`, http.StatusInternalServerError)
			return
		}
		out := body.Bytes()
		if len(m.Contract) > 0 {
			out = s.departs(r.Context(), m, out)
		}
		out = s.plugins.transform(r.Context(), out)
		s.capture.record(exchange{r.Method, r.URL.Path, m.Status, received, len(out)})
		if m.Status == http.StatusNoContent {
			w.WriteHeader(m.Status)
			return
		}
		if json.Valid(out) {
			w.Header().Set("Content-Type", "application/json")
		} else {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		w.WriteHeader(m.Status)
		_, _ = w.Write(out) // the client may be gone
	})
	return s.chaos.protect(m, h)
}

// departs lets an answer depart from its contract now and then, and records how far it does.
func (s *Server) departs(ctx context.Context, m *mock, body []byte) []byte {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return body
	}
	if rand.Float64() < m.Departs {
		field := pick(slices.Sorted(maps.Keys(m.Contract)))
		switch rand.IntN(4) {
		case 0:
			delete(answer, field)
		case 1:
			answer[field] = []any{answer[field]}
		case 2:
			answer[field] = nil
		default:
			answer["added"] = true
		}
		body, _ = json.Marshal(answer) // it was JSON before
	}
	breaking, may, added := 0, 0, 0
	for field, want := range m.Contract {
		got, ok := answer[field]
		switch {
		case !ok || ok && got != nil && kindOf(got) != want:
			breaking++
		case got == nil:
			may++
		}
	}
	for field := range answer {
		if _, ok := m.Contract[field]; !ok {
			added++
		}
	}
	workspace, ok := ctx.Value(workspaceKey{}).(string)
	if !ok {
		workspace = "default"
	}
	s.recorder.Drift.Evaluated(workspace, m.path, m.verb, breaking+may+added, breaking, may, breaking > m.Budget)
	return body
}

// kindOf returns the JSON type of a value.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}

// workspaceKey is the key of the workspace that a request belongs to.
type workspaceKey struct{}

// workspace answers the requests of the single workspaces, with the same mocks.
func (s *Server) workspace(mocks *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("workspace")
		if !slices.Contains(s.config.Workspaces, id) {
			http.Error(w, `{"error":"there is no such workspace"}`, http.StatusNotFound)
			return
		}
		inner := r.Clone(context.WithValue(r.Context(), workspaceKey{}, id))
		inner.URL.Path = strings.TrimPrefix(r.URL.Path, "/workspaces/"+id)
		inner.URL.RawPath = ""
		observed := nethttp.Middleware(mocks, func(*http.Request) func(nethttp.Request) {
			return func(q nethttp.Request) {
				s.recorder.Workspaces.Request(id, r.Method, q.Status, q.Took)
				switch {
				case q.Status >= 500:
					s.recorder.Workspaces.Failed(id, metrics.ServerError.String())
				case q.Status >= 400:
					s.recorder.Workspaces.Failed(id, metrics.ClientError.String())
				}
				_, path, _ := strings.Cut(q.Pattern, " ")
				nethttp.SetPattern(r.Context(), "/workspaces/{workspace}"+path)
			}
		})
		observed.ServeHTTP(w, inner)
	})
}

const schema = `
schema { query: Query }
type Query { user(id: ID!): User!  products(first: Int = 3): [Product!]!  broken: String! }
type User { id: ID!  name: String!  email: String! }
type Product { sku: String!  price: Int!  name: String! }
`

type resolver struct{ s *Server }

type user struct {
	ID          graphql.ID
	Name, Email string
}

type product struct {
	SKU, Name string
	Price     int32
}

// User answers the query of that name.
func (r *resolver) User(args struct{ ID graphql.ID }) *user {
	return &user{args.ID, person(), strings.ToLower(strings.ReplaceAll(person(), " ", ".")) + "@example.com"}
}

// Products answers the query of that name.
func (r *resolver) Products(args struct{ First int32 }) []*product {
	out := make([]*product, min(max(args.First, 0), 100))
	for i := range out {
		out[i] = &product{strings.ToUpper(random(4)), pick(words), rand.Int32N(400)}
	}
	return out
}

// Broken fails, for clients to see how that looks.
func (r *resolver) Broken() (string, error) { return "", fmt.Errorf("this field always fails") }

// graphQL answers operations over GraphQL.
func (s *Server) graphQL() http.Handler {
	parsed := graphql.MustParseSchema(schema, &resolver{s}, graphql.UseFieldResolvers(), graphql.MaxDepth(8))
	slow := timing{Latency: duration(14 * time.Millisecond), Spread: 0.6}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end, start := s.recorder.Requests.Begin(true), time.Now()
		status, failed := http.StatusOK, true
		defer func() {
			end()
			took := time.Since(start)
			s.recorder.Requests.GraphQL(r.Context(), status, failed, took)
			s.objectives.observe(graphQLProtocol, failed && status != http.StatusBadRequest, took)
		}()
		var q struct {
			Query         string         `json:"query"`
			OperationName string         `json:"operationName"`
			Variables     map[string]any `json:"variables"`
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q); err != nil {
			status = http.StatusBadRequest
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"errors":[{"message":"the request is no JSON"}]}`))
			return
		}
		s.chaos.wait(r.Context(), slow.draw())
		if s.chaos.draws(metrics.FaultHTTPError) {
			s.recorder.Chaos.Fault(metrics.FaultHTTPError, "/graphql")
			status = http.StatusInternalServerError
			http.Error(w, `{"errors":[{"message":"injected"}]}`, status)
			return
		}
		answer := parsed.Exec(r.Context(), q.Query, q.OperationName, q.Variables)
		failed = len(answer.Errors) > 0
		if failed && answer.Data == nil {
			status = http.StatusBadRequest
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the client may be gone
	})
}
