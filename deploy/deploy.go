// Package deploy brings dashboards, rules and manifests to the servers that run them, by their APIs: with a plan first, and
// touching only what is its own.
//
// There is no promise of compatibility before 1.0.
package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/file"
)

// What an action does.
const (
	Create    = "create"
	Update    = "update"
	Unchanged = "unchanged"
	Drifted   = "drifted" // someone changed it by hand since it was deployed
	Foreign   = "foreign" // it is there, and was not deployed by obsgen
	Left      = "left"    // obsgen deployed it, and it is declared no more
)

// Action is what is to be done about one object, or would be.
type Action struct {
	What   string
	Object string
	// Details say what is otherwise, and who changed it.
	Details []string
	// apply does it, remove deletes the object; nil where there is nothing to do.
	apply, remove func(context.Context) error
}

// Options are what an application may do beyond what is its own and as it left it.
type Options struct {
	// Overwrite replaces what was changed by hand, Adopt what others deployed, Prune deletes what is declared no more.
	Overwrite, Adopt, Prune bool
}

// Does reports whether an application would touch the object, and why not where it would not.
func (o Options) Does(a Action) (does bool, why string) {
	switch a.What {
	case Create, Update:
		return true, ""
	case Drifted:
		return o.Overwrite, "--overwrite replaces it"
	case Foreign:
		return o.Adopt, "--adopt takes it over"
	case Left:
		return o.Prune, "--prune deletes it"
	}
	return false, ""
}

// Apply carries actions out, as far as the options allow, and tells of each when it is done. It stops at the first error,
// which names the object.
func Apply(ctx context.Context, actions []Action, o Options, done func(Action)) error {
	for _, a := range actions {
		does, _ := o.Does(a)
		f := a.apply
		if a.What == Left {
			f = a.remove
		}
		if !does || f == nil {
			continue
		}
		if err := f(ctx); err != nil {
			return fmt.Errorf("%s: %w", a.Object, err)
		}
		done(a)
	}
	return nil
}

// Server is where requests go.
type Server struct {
	// URL is the server's, with the path that it is below.
	URL    string
	Client *http.Client
}

// NewServer returns the server at an address, to which each request carries the header. It returns an error for an address
// that is none.
func NewServer(address string, header http.Header) (*Server, error) {
	u, err := client.Address(address, "https://grafana.example.org")
	if err != nil {
		return nil, err
	}
	return &Server{strings.TrimSuffix(u.String(), "/"), client.New(header, 30*time.Second)}, nil
}

// errStatus is an answer that is no success.
type errStatus struct {
	code int
	text string
}

func (e *errStatus) Error() string { return fmt.Sprintf("the server says %d: %s", e.code, e.text) }

// status returns the status of an error that is an answer, 0 for any other.
func status(err error) int {
	var e *errStatus
	if errors.As(err, &e) {
		return e.code
	}
	return 0
}

// do sends a request and returns the answer's body. A read that fails on the server's side is tried again.
func (s *Server) do(ctx context.Context, verb, path, kind string, body []byte) ([]byte, error) {
	for try := 0; ; try++ {
		data, err := s.once(ctx, verb, path, kind, body)
		code := status(err)
		again := code == http.StatusTooManyRequests || verb == http.MethodGet && code >= 500
		if err == nil || !again || try == 2 {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(try+1) * 200 * time.Millisecond):
		}
	}
}

func (s *Server) once(ctx context.Context, verb, path, kind string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, verb, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json, application/yaml;q=0.9, */*;q=0.1")
	resp, err := s.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := file.All(resp.Body, "the server's answer", file.Largest)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, &errStatus{resp.StatusCode, diag.Printable(strings.TrimSpace(string(data[:min(len(data), 500)])))}
	}
	return data, nil
}
