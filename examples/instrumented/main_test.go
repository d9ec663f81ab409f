package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/instrument/conform"
)

// TestExposition uses the service, and compares what it exposes with its catalog: the whole test that a service needs.
func TestExposition(t *testing.T) {
	h, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/things/1", "/things/99", "/nowhere/9f86d081884c", "/%ff%fe"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	conform.Handler(t, h, Catalog)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`shop_requests_total{class="2xx",route="/things/:id"} 1`, `{class="4xx",route="/nowhere/:id"} 1`, `{class="4xx",route="/�"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, w.Body)
		}
	}
}
