package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	recorders "github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
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
	elsewhere
}

// elsewhere are the plugins that run as programs of their own, in any language. They tell of their metrics as a fragment
// of the catalog, and of their values over the administration.
type elsewhere struct {
	writing   sync.RWMutex
	fragments map[string]*catalog.Catalog
	writers   map[string]*instrument.Writer
}

// newPlugins loads every plugin that there is.
func newPlugins(s *Server) (*plugins, error) {
	p := &plugins{registry: s.recorder.Registry(), recorder: s.recorder.Plugins, loaded: map[string]plugin{}}
	p.fragments, p.writers = map[string]*catalog.Catalog{}, map[string]*instrument.Writer{}
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

// change loads or unloads a plugin, as the request asks. One that runs elsewhere sends its fragment to be loaded.
func (p *plugins) change(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	fragment, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostOfFragment))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	case r.Method == http.MethodDelete && p.leave(name):
	case r.Method == http.MethodDelete:
		err = p.unload(name)
	case len(fragment) > 0:
		err = p.join(name, fragment)
	default:
		err = p.load(name)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// mostOfFragment is the size of a fragment, and of the values that a plugin sends at once.
const mostOfFragment = 1 << 20

// join loads the fragment of a plugin that runs elsewhere. Its metrics begin as those of MockForge's plugins do.
func (p *plugins) join(name string, data []byte) error {
	f, err := catalog.ParseFragment(name, data)
	if err != nil {
		return err
	}
	if want := metrics.PluginPrefix + name + "_"; f.Spec.Prefix != want {
		return fmt.Errorf("the prefix of the plugin %s is %q, and has to be %s", name, f.Spec.Prefix, want)
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := p.registry.Load(f); err != nil {
		return err
	}
	writer, err := instrument.NewWriter(p.registry, f)
	if err != nil {
		return err
	}
	p.fragments[name], p.writers[name] = f, writer
	return nil
}

// leave unloads the fragment of a plugin that runs elsewhere. It returns false where there is none of that name.
func (p *plugins) leave(name string) bool {
	p.writing.Lock()
	defer p.writing.Unlock()
	f := p.fragments[name]
	if f != nil {
		p.registry.Unload(f)
		delete(p.fragments, name)
		delete(p.writers, name)
	}
	return f != nil
}

// written is a value that a plugin sends: what a counter grows by, what a gauge is, what a histogram has observed.
type written struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
}

// write takes values of a plugin that runs elsewhere. It takes those that are right, and tells of the others.
func (p *plugins) write(w http.ResponseWriter, r *http.Request) {
	p.writing.RLock()
	writer := p.writers[r.PathValue("name")]
	p.writing.RUnlock()
	if writer == nil {
		http.Error(w, "no plugin of that name has sent a fragment", http.StatusNotFound)
		return
	}
	var values []written
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostOfFragment)).Decode(&values); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var errs []error
	for _, v := range values {
		errs = append(errs, writer.Write(v.Metric, v.Labels, v.Value))
	}
	if err := errors.Join(errs...); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
