package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/obsgen/obsgen/instrument"
	recorders "github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/mockforged/pseudonymize"
)

// plugin changes the answers of mocks.
type plugin interface {
	Transform(ctx context.Context, body []byte) ([]byte, error)
	Unload()
}

// known are the plugins that can be loaded.
var known = map[string]func(*instrument.Registry) (plugin, error){
	pseudonymize.Name: func(r *instrument.Registry) (plugin, error) { return pseudonymize.Load(r) },
}

// plugins are the plugins that are loaded.
type plugins struct {
	registry *instrument.Registry
	recorder *recorders.Plugins
	mu       sync.RWMutex
	loaded   map[string]plugin
}

// newPlugins loads every plugin that there is.
func newPlugins(s *Server) (*plugins, error) {
	p := &plugins{registry: s.recorder.Registry(), recorder: s.recorder.Plugins, loaded: map[string]plugin{}}
	for name := range known {
		if err := p.load(name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plugins) load(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	start, ok := known[name]
	switch {
	case !ok:
		return fmt.Errorf("there is no plugin %q", name)
	case p.loaded[name] != nil:
		return fmt.Errorf("the plugin %s is loaded already", name)
	}
	loaded, err := start(p.registry)
	if err != nil {
		return err
	}
	p.loaded[name] = loaded
	return nil
}

func (p *plugins) unload(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded[name] == nil {
		return fmt.Errorf("the plugin %q is not loaded", name)
	}
	p.loaded[name].Unload()
	delete(p.loaded, name)
	return nil
}

// transform returns an answer as the plugins leave it. One that fails leaves it as it was.
func (p *plugins) transform(ctx context.Context, body []byte) []byte {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for name, plugin := range p.loaded {
		body = p.run(ctx, name, plugin, body)
	}
	return body
}

func (p *plugins) run(ctx context.Context, name string, plugin plugin, body []byte) (out []byte) {
	start := time.Now()
	failure := "panic"
	out = body
	defer func() {
		if failure == "panic" {
			_ = recover() // a plugin's fault is not the server's
		}
		p.recorder.Run(name, failure, time.Since(start))
	}()
	changed, err := plugin.Transform(ctx, body)
	switch {
	case err == nil:
		failure, out = "", changed
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		failure = "timeout"
	case errors.Is(err, pseudonymize.ErrNotJSON):
		failure = "not_json"
	default:
		failure = "failed"
	}
	return out
}

// change loads or unloads a plugin, as the request asks.
func (p *plugins) change(w http.ResponseWriter, r *http.Request) {
	f := p.load
	if r.Method == http.MethodDelete {
		f = p.unload
	}
	if err := f(r.PathValue("name")); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
