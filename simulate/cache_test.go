package simulate_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/simulate"
)

// TestCachedAnswersAreOfOneTenant has two tenants of one server ask the same, each of them twice with another token.
func TestCachedAnswersAreOfOneTenant(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[]}}`))
	}))
	defer web.Close()
	cache, from := filepath.Join(t.TempDir(), "cache"), time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for _, h := range []struct {
		tenant, token string
		asks          int64 // besides once when it is opened
	}{{"a", "1", 1}, {"b", "2", 1}, {"a", "3", 0}, {"b", "4", 0}, {"", "5", 1}, {"", "6", 0}} {
		header := http.Header{"Authorization": {"Bearer " + h.token}}
		if h.tenant != "" {
			header.Set("X-Scope-OrgID", h.tenant)
		}
		past, err := simulate.OpenServer(t.Context(), simulate.Server{URL: web.URL, PerSecond: 1e4, Cache: cache, Header: header})
		if err != nil {
			t.Fatal(err)
		}
		before := asked.Load()
		if _, err := past.Matrix(t.Context(), &parser.NumberLiteral{Val: 1}, from, from.Add(time.Hour), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load() - before; got != h.asks {
			t.Errorf("tenant %q with token %s: %d requests, want %d", h.tenant, h.token, got, h.asks)
		}
	}
	if err := filepath.WalkDir(cache, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v: others can read what the server has", path, info.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
