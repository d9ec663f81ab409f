package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/obsgen/obsgen/instrument/nethttp"
)

// seen collects requests.
type seen struct {
	mu   sync.Mutex
	all  []nethttp.Request
	open int
}

func (s *seen) observe(*http.Request) func(nethttp.Request) {
	s.mu.Lock()
	s.open++
	s.mu.Unlock()
	return func(r nethttp.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		s.all = append(s.all, r)
	}
}

func (s *seen) last(t *testing.T, n int) nethttp.Request {
	t.Helper()
	for range 100 {
		s.mu.Lock()
		if len(s.all) == n && s.open == 0 {
			defer s.mu.Unlock()
			return s.all[n-1]
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%d requests were seen, want %d", len(s.all), n)
	return nethttp.Request{}
}

func TestMiddleware(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 100_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "user %s", r.PathValue("id")) })
	mux.HandleFunc("/teapot", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202); panic(http.ErrAbortHandler) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(file)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		if _, ok := w.(io.ReaderFrom); !ok {
			t.Error("the answer cannot read from a file any more")
		}
		_, _ = io.Copy(w, f)
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "b")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\nhello")
		_ = rw.Flush()
	})
	mux.HandleFunc("/other-router", func(w http.ResponseWriter, r *http.Request) { nethttp.SetPattern(r.Context(), "/x/:id") })
	var s seen
	server := httptest.NewServer(nethttp.Middleware(mux, s.observe))
	defer server.Close()
	server.Config.ErrorLog = nil

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // which would ask once more where the connection is cut
	n := 0
	get := func(path string) (string, nethttp.Request) {
		t.Helper()
		n++
		body := ""
		if r, err := client.Get(server.URL + path); err == nil {
			b, _ := io.ReadAll(r.Body)
			r.Body.Close()
			body = string(b)
		}
		return body, s.last(t, n)
	}
	for _, c := range []struct {
		path, pattern string
		status        int
		written       int64
		panicked      bool
	}{
		{"/users/5", "GET /users/{id}", 200, 6, false},
		{"/teapot", "/teapot", 418, 0, false},
		{"/nowhere", "", 404, 19, false},
		{"/panic", "/panic", 500, 0, true},
		{"/late", "/late", 202, 0, true},
		{"/file", "/file", 200, 100_000, false},
		{"/flush", "/flush", 200, 2, false},
		{"/other-router", "/x/:id", 200, 0, false},
	} {
		_, r := get(c.path)
		if r.Pattern != c.pattern || r.Status != c.status || r.Written != c.written || r.Panicked != c.panicked || r.Took <= 0 || r.Hijacked {
			t.Errorf("%s: %q %d %d panicked %v hijacked %v", c.path, r.Pattern, r.Status, r.Written, r.Panicked, r.Hijacked)
		}
	}
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n")
	n++
	if r := s.last(t, n); !r.Hijacked {
		t.Errorf("%+v", r)
	}
	if line, _ := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "101") {
		t.Errorf("the hijacked connection says %q", line)
	}
}

// TestHTTP2 wants push and flush over HTTP/2, whose answers have other abilities.
func TestHTTP2(t *testing.T) {
	var s seen
	server := httptest.NewUnstartedServer(nethttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := w.(http.Pusher); !ok {
			t.Error("the answer cannot push any more")
		}
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, r.Proto)
	}), s.observe))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	r, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); string(b) != "HTTP/2.0" {
		t.Errorf("%s", b)
	}
	if got := s.last(t, 1); got.Status != 200 || got.Written != 8 {
		t.Errorf("%+v", got)
	}
}

func TestWithPattern(t *testing.T) {
	var s seen
	h := nethttp.Middleware(http.NotFoundHandler(), s.observe, nethttp.WithPattern(func(*http.Request) string { return "/p" }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/x", nil))
	if r := s.last(t, 1); r.Pattern != "/p" || r.Status != 404 {
		t.Errorf("%+v", r)
	}
}
