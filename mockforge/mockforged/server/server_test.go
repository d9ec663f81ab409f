package server_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/mockforge/mockforged/load"
	"github.com/obsgen/obsgen/mockforge/mockforged/pseudonymize"
	"github.com/obsgen/obsgen/mockforge/mockforged/server"
)

// anywhere is a server on free ports of this machine.
func anywhere() server.Config {
	const free = "127.0.0.1:0"
	return server.Config{HTTP: free, WebSocket: free, GRPC: free, SMTP: free, MQTT: free, Admin: free, Metrics: free, SystemInterval: time.Second}
}

// start starts a server that the test's end stops, gracefully.
func start(t *testing.T, c server.Config) *server.Server {
	t.Helper()
	s, err := server.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return s
}

// TestLoad drives a server as the program's --load does, in a hurry, scrapes it meanwhile, and compares what it exposes in
// the end with the catalog.
func TestLoad(t *testing.T) {
	s := start(t, anywhere())
	ctx, stop := context.WithCancel(t.Context())
	driven := make(chan error, 1)
	go func() {
		driven <- load.Run(ctx, s.Addresses, load.Options{
			Day: time.Minute, Rate: 120, Seed: 1,
			Incidents: []load.Incident{{At: 2 * time.Second, For: 2 * time.Second, Mode: "degraded"}, {At: 5 * time.Second, For: 4 * time.Second, Mode: "chaos"}},
		})
	}()
	registry := s.Recorder().Registry()
	var before map[string]float64
	deadline := time.Now().Add(60 * time.Second)
	for begin := time.Now(); time.Since(begin) < 11*time.Second || len(registry.Unwritten()) > 0; {
		if time.Now().After(deadline) {
			var names []string
			for _, m := range registry.Unwritten() {
				names = append(names, m.Name)
			}
			t.Errorf("after a minute nothing wrote %s", strings.Join(names, ", "))
			break
		}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		now := counted(t, families)
		for series, v := range before {
			if now[series] < v {
				t.Fatalf("%s went from %v to %v", series, v, now[series])
			}
		}
		before = now
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-driven; err != nil {
		t.Error(err)
	}
	if len(before) < 200 {
		t.Errorf("only %d series count anything", len(before))
	}
	conform.Handler(t, s.Recorder().Handler(), metrics.Catalog, pseudonymize.Fragment)
}

// counted returns the series that only grow, and looks whether each histogram agrees with itself.
func counted(t *testing.T, families []*dto.MetricFamily) map[string]float64 {
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var b strings.Builder
			b.WriteString(f.GetName())
			for _, l := range m.GetLabel() {
				b.WriteString("|" + l.GetName() + "=" + l.GetValue())
			}
			series := b.String()
			if m.Counter != nil {
				out[series] = m.GetCounter().GetValue()
			}
			if h := m.Histogram; h != nil {
				out[series] = float64(h.GetSampleCount())
				last := uint64(0)
				for _, b := range h.GetBucket() {
					if b.GetCumulativeCount() < last {
						t.Fatalf("%s: the bucket of %v has fewer than the one before", series, b.GetUpperBound())
					}
					last = b.GetCumulativeCount()
				}
				if last > h.GetSampleCount() {
					t.Fatalf("%s: %d in its buckets, and a count of %d", series, last, h.GetSampleCount())
				}
				if h.GetSchema() == 0 && h.GetZeroThreshold() == 0 && h.GetSampleCount() > 0 && h.GetSampleSum() <= 0 {
					t.Fatalf("%s: a sum of %v over %d", series, h.GetSampleSum(), h.GetSampleCount())
				}
				if n := native(h); h.Schema != nil && n != h.GetSampleCount() {
					t.Fatalf("%s: %d in its native buckets, and a count of %d", series, n, h.GetSampleCount())
				}
			}
		}
	}
	return out
}

// native returns how many observations the native buckets of a histogram have.
func native(h *dto.Histogram) uint64 {
	all := h.GetZeroCount()
	for _, deltas := range [][]int64{h.GetPositiveDelta(), h.GetNegativeDelta()} {
		n := int64(0)
		for _, d := range deltas {
			n += d
			all += uint64(n)
		}
	}
	return all
}

// ask sends a request and returns its answer.
func ask(t *testing.T, verb, url string, body ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, "http://"+url, strings.NewReader(strings.Join(body, "")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestPluginComesAndGoes unloads the plugin of a running server and loads it again: its metrics go and come with it.
func TestPluginComesAndGoes(t *testing.T) {
	s := start(t, anywhere())
	exposed := func() bool {
		_, text := ask(t, http.MethodGet, s.Addresses.Metrics+"/metrics")
		return strings.Contains(text, "# HELP "+pseudonymize.Fragment.Spec.Prefix)
	}
	at := s.Addresses.Admin + "/plugins/" + pseudonymize.Name
	for _, step := range []struct {
		verb, url string
		status    int
		exposed   bool
	}{
		{http.MethodGet, s.Addresses.Metrics + "/health", http.StatusOK, true},
		{http.MethodPut, at, http.StatusConflict, true},
		{http.MethodDelete, at, http.StatusNoContent, false},
		{http.MethodDelete, at, http.StatusConflict, false},
		{http.MethodGet, s.Addresses.HTTP + "/api/users", http.StatusOK, false},
		{http.MethodPut, at, http.StatusNoContent, true},
		{http.MethodPut, s.Addresses.Admin + "/plugins/unknown", http.StatusConflict, true},
	} {
		if status, text := ask(t, step.verb, step.url); status != step.status {
			t.Fatalf("%s %s: %d %s", step.verb, step.url, status, text)
		}
		if exposed() != step.exposed {
			t.Fatalf("after %s %s: exposed is %v", step.verb, step.url, !step.exposed)
		}
	}
}

// TestPluginElsewhere plays a plugin that is a program of its own: it brings a fragment, sends values, and leaves.
func TestPluginElsewhere(t *testing.T) {
	s := start(t, anywhere())
	at := s.Addresses.Admin + "/plugins/resize"
	prefix := metrics.PluginPrefix + "resize_"
	fragment := func(prefix string) string {
		return `{"name": "resize", "prefix": "` + prefix + `", "title": "Resize", "help": "Resizes pictures.", "owner": "pictures", "metrics": [
			{"name": "` + prefix + `pictures_total", "type": "counter", "help": "Pictures.", "labels": [{"name": "to", "help": "Format.", "values": ["png", "jpeg"]}]}]}`
	}
	value := func(metric, to string) string {
		return `[{"metric": "` + prefix + metric + `", "labels": {"to": "` + to + `"}, "value": 2}]`
	}
	for _, step := range []struct {
		verb, url, body string
		status          int
		want            string
	}{
		{http.MethodPost, at + "/values", value("pictures_total", "png"), http.StatusNotFound, "has sent a fragment"},
		{http.MethodPut, at, "{", http.StatusConflict, "resize"},
		{http.MethodPut, at, fragment("resize_"), http.StatusConflict, "has to be " + prefix},
		{http.MethodPut, at, fragment(prefix), http.StatusNoContent, ""},
		{http.MethodPut, at, fragment(prefix), http.StatusConflict, "is within that of resize"},
		{http.MethodPost, at + "/values", value("pictures_total", "png"), http.StatusNoContent, ""},
		{http.MethodPost, at + "/values", value("pictures_total", "gif"), http.StatusUnprocessableEntity, "only png, jpeg"},
		{http.MethodPost, at + "/values", value("frames_total", "png"), http.StatusUnprocessableEntity, "has no metric"},
		{http.MethodPost, at + "/values", "[", http.StatusBadRequest, "EOF"},
		{http.MethodGet, s.Addresses.Metrics + "/metrics", "", http.StatusOK, prefix + `pictures_total{to="png"} 2`},
		{http.MethodDelete, at, "", http.StatusNoContent, ""},
		{http.MethodDelete, at, "", http.StatusConflict, "is not loaded"},
	} {
		if status, text := ask(t, step.verb, step.url, step.body); status != step.status || !strings.Contains(text, step.want) {
			t.Fatalf("%s %s %s: %d %s", step.verb, step.url, step.body, status, text)
		}
	}
	if _, text := ask(t, http.MethodGet, s.Addresses.Metrics+"/metrics"); strings.Contains(text, prefix) {
		t.Error("its metrics are exposed still")
	}
}

// TestModes sets the scenario mode of a running server.
func TestModes(t *testing.T) {
	s := start(t, anywhere())
	if status, text := ask(t, http.MethodPut, s.Addresses.Admin+"/mode/error"); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, text)
	}
	if _, mode := ask(t, http.MethodGet, s.Addresses.Admin+"/mode"); strings.TrimSpace(mode) != "error" {
		t.Errorf("the mode is %s", mode)
	}
	if status, _ := ask(t, http.MethodPut, s.Addresses.Admin+"/mode/nonsense"); status != http.StatusNotFound {
		t.Errorf("a mode that there is not: %d", status)
	}
}

// TestStopsWhatGoesOn stops a server in the middle of a slow answer and of a connection that would last for ever.
func TestStopsWhatGoesOn(t *testing.T) {
	s, err := server.Start(anywhere())
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		status, _ := ask(t, http.MethodGet, s.Addresses.HTTP+"/api/reports/2026-01")
		answered <- status
	}()
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the answer that was begun: %d", status)
	}
	if conn, err := net.Dial("tcp", s.Addresses.HTTP); err == nil {
		_ = conn.Close()
		t.Error("it listens still")
	}
}

// TestStartRefuses looks at what a start that fails says, and whether it leaves anything behind.
func TestStartRefuses(t *testing.T) {
	c := anywhere()
	c.Definition = []byte("mocks: [{route: nonsense}]")
	if _, err := server.Start(c); err == nil || !strings.Contains(err.Error(), "GET /api/users/{id}") {
		t.Errorf("a faulty definition: %v", err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c = anywhere()
	c.HTTP, c.Metrics = free.Addr().String(), taken.Addr().String()
	_ = free.Close()
	if _, err := server.Start(c); err == nil || !strings.Contains(err.Error(), "listening for metrics") {
		t.Errorf("a port that is taken: %v", err)
	}
	again, err := net.Listen("tcp", c.HTTP)
	if err != nil {
		t.Fatalf("the start that failed keeps its port: %v", err)
	}
	_ = again.Close()
}
