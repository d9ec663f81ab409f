package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// market is where plugins, templates and scenarios are published, searched and downloaded.
type market struct {
	recorder *instrument.Marketplace
	mu       sync.Mutex
	items    map[string]map[string]string // by type and name: the version
}

func newMarket(r *instrument.Marketplace, stock map[string][]string) *market {
	m := &market{recorder: r, items: map[string]map[string]string{}}
	for kind, value := range itemTypes {
		m.items[kind] = map[string]string{}
		for _, name := range stock[kind] {
			m.items[kind][name] = "1.0.0"
		}
		r.Items(value, len(m.items[kind]))
	}
	return m
}

// refusal is why an operation failed.
type refusal struct {
	code   metrics.ErrorCodeValue
	status int
}

func (r *refusal) Error() string { return r.code.String() }

var (
	errNotFound   = &refusal{metrics.CodeNotFound, http.StatusNotFound}
	errNoVersion  = &refusal{metrics.CodeInvalidVersion, http.StatusUnprocessableEntity}
	errExists     = &refusal{metrics.CodeAlreadyExists, http.StatusConflict}
	errNoToken    = &refusal{metrics.CodeAuthRequired, http.StatusUnauthorized}
	errBadRequest = &refusal{metrics.CodeInvalidRequest, http.StatusBadRequest}
)

var version = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// routes adds the marketplace's routes to a router.
func (m *market) routes(mux *http.ServeMux) {
	operation := func(took time.Duration, done func(metrics.ItemTypeValue, bool, time.Duration), f func(kind string, r *http.Request) (any, *refusal)) http.HandlerFunc {
		pace := timing{Latency: duration(took), Spread: 0.5}
		return func(w http.ResponseWriter, r *http.Request) {
			kind := strings.TrimSuffix(r.PathValue("kind"), "s")
			item, ok := itemTypes[kind]
			if !ok {
				http.Error(w, "there is no such kind of item", http.StatusNotFound)
				return
			}
			start := time.Now()
			Sleep(r.Context(), pace.draw())
			answer, refused := f(kind, r)
			done(item, refused == nil, time.Since(start))
			if refused != nil {
				m.recorder.Failed(item, refused.code)
				http.Error(w, fmt.Sprintf(`{"error":%q}`, refused), refused.status)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer) // the client may be gone
		}
	}
	mux.Handle("POST /marketplace/{kind}", operation(180*time.Millisecond, m.recorder.Published, m.publish))
	mux.Handle("GET /marketplace/{kind}/{name}", operation(35*time.Millisecond, m.recorder.Downloaded, m.download))
	mux.Handle("GET /marketplace/{kind}", operation(20*time.Millisecond, m.recorder.Searched, m.search))
}

func (m *market) publish(kind string, r *http.Request) (any, *refusal) {
	var item struct{ Name, Version string }
	switch err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16)).Decode(&item); {
	case r.Header.Get("Authorization") == "":
		return nil, errNoToken
	case err != nil || item.Name == "":
		return nil, errBadRequest
	case !version.MatchString(item.Version):
		return nil, errNoVersion
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.items[kind][item.Name] == item.Version {
		return nil, errExists
	}
	for name := range m.items[kind] { // what is there for long makes room
		if len(m.items[kind]) >= 200 {
			delete(m.items[kind], name)
		}
	}
	m.items[kind][item.Name] = item.Version
	m.recorder.Items(itemTypes[kind], len(m.items[kind]))
	return item, nil
}

func (m *market) download(kind string, r *http.Request) (any, *refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := r.PathValue("name")
	v, ok := m.items[kind][name]
	if !ok {
		return nil, errNotFound
	}
	return map[string]string{"name": name, "version": v, "content": strings.Repeat(random(16), 16)}, nil
}

func (m *market) search(kind string, r *http.Request) (any, *refusal) {
	q := r.URL.Query().Get("q")
	if len(q) > 100 {
		return nil, errBadRequest
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := []string{}
	for name := range m.items[kind] {
		if strings.Contains(name, q) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}
